#include "record/checkpoint.h"

#include "base/num.h"
#include "record/encode.h"

#define PROOF_HEAD STR("c2sp.org/tlog-proof@v1")

/* Hash lines up to an empty one; *at goes behind it. */
static int
parse_hashes(struct str s, size_t *at, struct log_proof *ret, struct err *err)
{
	size_t end;

	ret->n = 0;
	for (;; *at = end + 1) {
		struct str line;

		end = str_find(s, '\n', *at);
		if (end >= s.n)
			return err_set(err, ERR_INPUT,
			    "no empty line after the proof");
		line = str_sub(s, *at, end);
		if (line.n == 0)
			break;
		if (ret->n == CHECKPOINT_HASHES_MAX)
			return err_set(err, ERR_INPUT,
			    "more than %d hashes in the proof",
			    CHECKPOINT_HASHES_MAX);
		if (!encode_is_b64(line, ret->hash[ret->n].b, 32))
			return err_set(err, ERR_INPUT,
			    "hash %zu of the proof is not base64 of 32 bytes",
			    ret->n + 1);
		ret->n++;
	}
	*at = end + 1;
	return 0;
}

static void
put_hashes(struct buf *b, const struct log_proof *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct str b64 =
		    encode_b64(b->a, (struct span){p->hash[i].b, 32});

		b->failed |= b64.p == NULL;
		buf_str(b, b64);
		buf_char(b, '\n');
	}
	buf_char(b, '\n');
}

/* Take "name number" and its line feed at *at. */
static int
parse_number(struct str s, size_t *at, struct str name, uint64_t *ret,
    struct err *err)
{
	size_t end = str_find(s, '\n', *at);
	struct str line = str_sub(s, *at, end);
	int64_t n;

	if (end >= s.n || !str_starts(line, name))
		return err_set(err, ERR_INPUT, "no line '%.*s'", STR_ARG(name));
	if (num_parse(str_sub(line, name.n, line.n), 0, INT64_MAX, &n, err) !=
	    0)
		return err_in(err, "line '%.*s': ", STR_ARG(name));
	*ret = (uint64_t)n; /* not negative */
	*at = end + 1;
	return 0;
}

int
checkpoint_request_parse(struct span body, struct checkpoint_request *ret,
    struct err *err)
{
	struct checkpoint_request r = {0};
	struct str s = span_str(body);
	size_t at = 0;

	if (body.n > CHECKPOINT_REQUEST_MAX)
		return err_set(err, ERR_INPUT,
		    "request has %zu bytes, the limit is %d", body.n,
		    CHECKPOINT_REQUEST_MAX);
	if (parse_number(s, &at, STR("old "), &r.old, err) != 0 ||
	    parse_hashes(s, &at, &r.proof, err) != 0)
		return err_in(err, "request: ");
	r.note = (struct span){body.p + at, body.n - at};
	*ret = r;
	return 0;
}

struct str
checkpoint_request_text(struct arena *a, const struct checkpoint_request *r)
{
	struct err ignored; /* a failed text is told by its NULL */
	struct str text;
	struct buf b;

	buf_init(&b, a);
	buf_fmt(&b, "old %llu\n", (unsigned long long)r->old);
	put_hashes(&b, &r->proof);
	buf_add(&b, r->note.p, r->note.n);
	return buf_done(&b, &text, &ignored) != 0 ? (struct str){NULL, 0}
	                                          : text;
}

int
checkpoint_offer_parse(struct span body, struct arena *a,
    struct checkpoint_offer *ret, struct err *err)
{
	struct checkpoint_offer o;

	if (checkpoint_request_parse(body, &o.request, err) != 0 ||
	    note_parse(o.request.note, a, &o.note, err) != 0 ||
	    checkpoint_parse(o.note.text, &o.checkpoint, err) != 0)
		return -1;
	*ret = o;
	return 0;
}

static struct checkpoint_answer
refuse(int http, enum err_code code, const char *why)
{
	struct checkpoint_answer answer = {.http = http};

	(void)err_set(&answer.why, code, "%s", why); /* always -1 */
	return answer;
}

/* Each line of a trusted key verifies, and there is one. */
static bool
is_signed(const struct note *n, const struct checkpoint_held *held)
{
	struct err ignored; /* the answer is the same for all */
	bool found = false;

	for (size_t k = 0; k < held->n_keys; k++) {
		bool has = false;

		for (size_t i = 0; i < n->n && !has; i++)
			has = note_is_line_of(&n->line[i], &held->key[k]);
		if (has && note_verify(n, &held->key[k], &ignored) != 0)
			return false;
		found |= has;
	}
	return found;
}

/* The tree's part, after signature and sizes were found good. */
static struct checkpoint_answer
answer_tree(const struct checkpoint_offer *offer,
    const struct checkpoint_held *held)
{
	const struct checkpoint_request *r = &offer->request;
	const struct checkpoint *c = &offer->checkpoint;
	struct id empty = log_empty_root();
	const struct id *from = held->size == 0 ? &empty : &held->root;
	struct checkpoint_answer answer;

	if (c->size == 0 && !id_eq(&c->root, &empty))
		return refuse(422, ERR_INPUT, "an empty log has another root");
	if (r->old == 0 && r->proof.n > 0)
		return refuse(422, ERR_INPUT,
		    "a proof from size 0 has no hashes");
	if (r->old == c->size && !id_eq(&c->root, from)) {
		answer = refuse(422, ERR_CONFLICT,
		    "another root of the same size was cosigned: a fork");
		answer.is_fork = true;
		return answer;
	}
	if (!log_is_consistent(r->old, c->size, from, &c->root, &r->proof))
		return refuse(422, ERR_INPUT,
		    "the consistency proof does not verify");
	return (struct checkpoint_answer){.http = 200};
}

struct checkpoint_answer
checkpoint_answer_to(const struct checkpoint_offer *offer,
    const struct checkpoint_held *held)
{
	const struct checkpoint *c = &offer->checkpoint;

	if (held == NULL)
		return refuse(404, ERR_ABSENT, "this log is not known here");
	if (!is_signed(&offer->note, held))
		return refuse(403, ERR_DENIED,
		    "not signed by the key of this log");
	if (offer->request.old > c->size)
		return refuse(400, ERR_INPUT,
		    "the old size is above the checkpoint's");
	if (offer->request.old != held->size)
		return refuse(409, ERR_CONFLICT,
		    "the old size is not what was cosigned last");
	return answer_tree(offer, held);
}

int
checkpoint_proof_parse(struct span s, struct arena *a,
    struct checkpoint_proof *ret, struct err *err)
{
	struct checkpoint_proof p = {0};
	struct str text = span_str(s), head = STR("extra ");
	size_t at = str_find(text, '\n', 0) + 1, end;

	if (s.n > CHECKPOINT_PROOF_MAX)
		return err_set(err, ERR_INPUT,
		    "proof has %zu bytes, the limit is %d", s.n,
		    CHECKPOINT_PROOF_MAX);
	if (at > s.n || !str_eq(str_sub(text, 0, at - 1), PROOF_HEAD))
		return err_set(err, ERR_INPUT, "not a tlog proof");
	if (str_starts(str_sub(text, at, text.n), head)) {
		end = str_find(text, '\n', at);
		if (encode_parse_b64(str_sub(text, at + head.n, end), false, a,
			&p.extra, err) != 0)
			return err_in(err, "tlog proof: extra: ");
		if (p.extra.n == 0 || end >= text.n)
			return err_set(err, ERR_INPUT,
			    "tlog proof: the line 'extra' is empty");
		at = end + 1;
	}
	if (parse_number(text, &at, STR("index "), &p.index, err) != 0 ||
	    parse_hashes(text, &at, &p.proof, err) != 0)
		return err_in(err, "tlog proof: ");
	p.note = (struct span){s.p + at, s.n - at};
	*ret = p;
	return 0;
}

struct str
checkpoint_proof_text(struct arena *a, const struct checkpoint_proof *p)
{
	struct err ignored; /* a failed text is told by its NULL */
	struct str text, extra;
	struct buf b;

	buf_init(&b, a);
	buf_str(&b, PROOF_HEAD);
	buf_char(&b, '\n');
	if (p->extra.n > 0) {
		extra = encode_b64(a, p->extra);
		b.failed |= extra.p == NULL;
		buf_z(&b, "extra ");
		buf_str(&b, extra);
		buf_char(&b, '\n');
	}
	buf_fmt(&b, "index %llu\n", (unsigned long long)p->index);
	put_hashes(&b, &p->proof);
	buf_add(&b, p->note.p, p->note.n);
	return buf_done(&b, &text, &ignored) != 0 ? (struct str){NULL, 0}
	                                          : text;
}
