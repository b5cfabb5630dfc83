#include "record/checkpoint.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "record/encode.h"

enum { PAYLOAD = 8 + 64, HEAD_MAX = 64 };

/* The line at *at without its line feed; *at goes behind it.  False where no
 * line feed follows. */
static bool
is_line(struct str s, size_t *at, struct str *ret)
{
	size_t end = str_find(s, '\n', *at);

	if (end >= s.n)
		return false;
	*ret = str_sub(s, *at, end);
	*at = end + 1;
	return true;
}

int
checkpoint_parse(struct str text, struct checkpoint *ret, struct err *err)
{
	struct checkpoint c = {.text = text};
	struct str origin, size, root, more;
	size_t at = 0;
	int64_t n;

	if (!is_line(text, &at, &origin) || !is_line(text, &at, &size) ||
	    !is_line(text, &at, &root))
		return err_set(err, ERR_INPUT,
		    "checkpoint: fewer than three lines");
	if (origin.n == 0)
		return err_set(err, ERR_INPUT, "checkpoint: no origin");
	if (num_parse(size, 0, INT64_MAX, &n, err) != 0)
		return err_in(err, "checkpoint: size: ");
	if (!encode_is_b64(root, c.root.b, sizeof(c.root.b)))
		return err_set(err, ERR_INPUT,
		    "checkpoint: the root is not base64 of 32 bytes");
	while (at < text.n)
		if (!is_line(text, &at, &more) || more.n == 0)
			return err_set(err, ERR_INPUT,
			    "checkpoint: an extension line is empty or has no "
			    "end");
	c.origin = origin;
	c.size = (uint64_t)n; /* not negative */
	*ret = c;
	return 0;
}

struct str
checkpoint_text(struct arena *a, struct str origin, uint64_t size,
    const struct id *root)
{
	struct str b64 = encode_b64(a, (struct span){root->b, sizeof(root->b)});
	struct err ignored; /* a failed text is told by its NULL */
	struct str text;
	struct buf b;

	buf_init(&b, a);
	b.failed = b64.p == NULL;
	buf_str(&b, origin);
	buf_fmt(&b, "\n%llu\n", (unsigned long long)size);
	buf_str(&b, b64);
	buf_char(&b, '\n');
	return buf_done(&b, &text, &ignored) != 0 ? (struct str){NULL, 0}
	                                          : text;
}

struct str
checkpoint_sign(struct arena *a, struct str origin, uint64_t size,
    const struct id *root, const struct secret *log_key)
{
	struct str text = checkpoint_text(a, origin, size, root), line, all;
	struct err ignored; /* a failed text is told by its NULL */
	struct buf b;

	if (text.p == NULL)
		return text;
	if ((line = note_sign(a, text, origin, log_key)).p == NULL)
		return line;
	buf_init(&b, a);
	buf_str(&b, text);
	buf_char(&b, '\n');
	buf_str(&b, line);
	return buf_done(&b, &all, &ignored) != 0 ? (struct str){NULL, 0} : all;
}

static bool
is_possible(const struct checkpoint *c)
{
	struct id empty = log_empty_root();

	return c->size > 0 || id_eq(&c->root, &empty);
}

int
checkpoint_open(struct span s, const struct note_key *key, struct arena *a,
    struct checkpoint *ret, struct note *ret_note, struct err *err)
{
	struct checkpoint c;
	struct note n;

	if (note_parse(s, a, &n, err) != 0 ||
	    checkpoint_parse(n.text, &c, err) != 0)
		return -1;
	if (!str_eq(c.origin, key->name))
		return err_set(err, ERR_INPUT,
		    "checkpoint: of another origin than '%.*s'",
		    STR_ARG(key->name));
	if (note_verify(&n, key, err) != 0)
		return -1;
	if (!is_possible(&c))
		return err_set(err, ERR_INPUT,
		    "checkpoint: an empty log has another root");
	*ret = c;
	*ret_note = n;
	return 0;
}

/* What a cosignature signs.  On the stack, for a cosignature may not come to
 * count as false because memory is out. */
struct message {
	size_t n;
	char b[HEAD_MAX + NOTE_MAX];
};

static struct span
make_message(struct message *m, struct str text, uint64_t time_s)
{
	int n = snprintf(m->b, HEAD_MAX, "cosignature/v1\ntime %llu\n",
	    (unsigned long long)time_s);

	assert(n > 0 && n < HEAD_MAX && text.n <= NOTE_MAX);
	m->n = (size_t)n; /* positive */
	memcpy(m->b + m->n, text.p, text.n);
	m->n += text.n;
	return (struct span){(const uint8_t *)m->b, m->n};
}

struct cosignature
checkpoint_cosign(struct str text, uint64_t time_s,
    const struct secret *witness_key)
{
	struct message m;

	assert(time_s <= INT64_MAX);
	return (struct cosignature){time_s,
	    key_sign(witness_key, make_message(&m, text, time_s))};
}

bool
checkpoint_is_cosigned(struct str text, const struct note_key *k,
    const struct cosignature *c)
{
	struct message m;

	return k->type == NOTE_COSIGNATURE && text.n > 0 &&
	       text.n <= NOTE_MAX && c->time_s <= INT64_MAX &&
	       key_is_signed(&k->pub, make_message(&m, text, c->time_s),
		   &c->sig);
}

struct str
checkpoint_cosignature_line(struct arena *a, const struct note_key *k,
    const struct cosignature *c)
{
	uint8_t payload[PAYLOAD];

	num_put64(payload, c->time_s);
	memcpy(payload + 8, c->sig.b, sizeof(c->sig.b));
	return note_line_text(a, k->name, k->id,
	    (struct span){payload, sizeof(payload)});
}

int
checkpoint_find_cosignature(const struct note *n, const struct note_key *k,
    bool *ret_found, struct cosignature *ret, struct err *err)
{
	struct cosignature first = {0}, c;
	bool found = false;

	for (size_t i = 0; i < n->n; i++) {
		const struct note_line *line = &n->line[i];

		if (!note_is_line_of(line, k))
			continue;
		if (line->sig.n != PAYLOAD)
			return err_set(err, ERR_DENIED,
			    "cosignature of '%.*s' has %zu bytes, not %d",
			    STR_ARG(k->name), line->sig.n, PAYLOAD);
		c.time_s = num_get64(line->sig.p);
		memcpy(c.sig.b, line->sig.p + 8, sizeof(c.sig.b));
		if (!checkpoint_is_cosigned(n->text, k, &c))
			return err_set(err, ERR_DENIED,
			    "cosignature of '%.*s' does not verify",
			    STR_ARG(k->name));
		if (!found)
			first = c;
		found = true;
	}
	*ret_found = found;
	if (found)
		*ret = first;
	return 0;
}
