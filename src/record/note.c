#include "record/note.h"

#include <string.h>

#include "base/num.h"
#include "record/encode.h"
#include "record/hash.h"

#define DASH STR("\xe2\x80\x94 ") /* U+2014 and a space */

enum { ID_BYTES = 4, KEY_BYTES = 1 + 32, ID_DIGITS = 8 };

/* The Unicode property White_Space (15.0) of the sequence at p, as the number
 * of its bytes; 0 where it has not this property. */
static size_t
space_len(const uint8_t *p, size_t n)
{
	static const struct {
		uint8_t n, b[2], lo, hi; /* first bytes; range of the last */
	} space[] = {
	    {1, {0}, 0x09, 0x0d},
	    {1, {0}, 0x20, 0x20},
	    {2, {0xc2}, 0x85, 0x85},
	    {2, {0xc2}, 0xa0, 0xa0},
	    {3, {0xe1, 0x9a}, 0x80, 0x80},
	    {3, {0xe2, 0x80}, 0x80, 0x8a},
	    {3, {0xe2, 0x80}, 0xa8, 0xa9},
	    {3, {0xe2, 0x80}, 0xaf, 0xaf},
	    {3, {0xe2, 0x81}, 0x9f, 0x9f},
	    {3, {0xe3, 0x80}, 0x80, 0x80},
	};

	for (size_t i = 0; i < COUNT(space); i++) {
		size_t last = (size_t)space[i].n - 1;

		if (n > last && memcmp(p, space[i].b, last) == 0 &&
		    p[last] >= space[i].lo && p[last] <= space[i].hi)
			return space[i].n;
	}
	return 0;
}

/* Control characters are refused too: no note could carry such a name. */
bool
note_is_name(struct str name)
{
	struct span s = span_of(name);

	if (s.n == 0 || !text_is_utf8(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '+' || s.p[i] < 0x20 ||
		    space_len(s.p + i, s.n - i) > 0)
			return false;
	return true;
}

uint32_t
note_key_id(struct str name, enum note_type type, const struct pubkey *pub)
{
	uint8_t head[2] = {'\n', (uint8_t)type}; /* types are one byte */
	struct id id =
	    hash_parts((struct span[]){span_of(name), {head, sizeof(head)},
			   {pub->b, sizeof(pub->b)}},
		3);

	return num_get32(id.b);
}

struct note_key
note_key_of(struct str name, enum note_type type, const struct pubkey *pub)
{
	return (
	    struct note_key){name, type, note_key_id(name, type, pub), *pub};
}

int
note_key_parse(struct str vkey, struct note_key *ret, struct err *err)
{
	size_t first = str_find(vkey, '+', 0);
	size_t second = str_find(vkey, '+', first + 1);
	struct str name = str_sub(vkey, 0, first);
	struct note_key k = {.name = name};
	uint8_t id[ID_BYTES], raw[KEY_BYTES];

	if (!note_is_name(name) ||
	    !hex_is_parsed(str_sub(vkey, first + 1, second), id, sizeof(id)) ||
	    !encode_is_b64(str_sub(vkey, second + 1, vkey.n), raw, sizeof(raw)))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no verifier key (name+id+key)", STR_ARG(vkey));
	if (raw[0] != NOTE_ED25519 && raw[0] != NOTE_COSIGNATURE)
		return err_set(err, ERR_INPUT,
		    "verifier key '%.*s': type %02x is not known here",
		    STR_ARG(name), raw[0]);
	k.type = raw[0] == NOTE_ED25519 ? NOTE_ED25519 : NOTE_COSIGNATURE;
	memcpy(k.pub.b, raw + 1, sizeof(k.pub.b));
	k.id = note_key_id(name, k.type, &k.pub);
	if (k.id != num_get32(id))
		return err_set(err, ERR_INPUT,
		    "verifier key '%.*s': the id does not fit name and key",
		    STR_ARG(name));
	*ret = k;
	return 0;
}

struct str
note_key_text(struct arena *a, const struct note_key *k)
{
	uint8_t raw[KEY_BYTES] = {(uint8_t)k->type}; /* one byte */
	struct str b64;

	memcpy(raw + 1, k->pub.b, sizeof(k->pub.b));
	b64 = encode_b64(a, (struct span){raw, sizeof(raw)});
	return b64.p == NULL || k->name.n > NOTE_MAX
	           ? (struct str){NULL, 0}
	           : str_fmt(a, "%.*s+%08x+%.*s", (int)k->name.n, k->name.p,
			 (unsigned)k->id, (int)b64.n, b64.p);
}

static int
check_bytes(struct span s, struct err *err)
{
	if (s.n > NOTE_MAX)
		return err_set(err, ERR_INPUT,
		    "note has %zu bytes, the limit is %d", s.n, NOTE_MAX);
	if (!text_is_utf8(s))
		return err_set(err, ERR_INPUT, "note: not UTF-8");
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 && s.p[i] != '\n')
			return err_set(err, ERR_INPUT,
			    "note: control character %02x at byte %zu", s.p[i],
			    i);
	return 0;
}

/* One signature line, without its line feed. */
static int
parse_line(struct str line, struct arena *a, struct note_line *ret,
    struct err *err)
{
	size_t space = str_find(line, ' ', DASH.n);
	struct str name = str_sub(line, DASH.n, space);
	struct span sig;

	if (!str_starts(line, DASH) || space == line.n || !note_is_name(name))
		return err_set(err, ERR_INPUT, "not of the form dash name b64");
	if (encode_parse_b64(str_sub(line, space + 1, line.n), false, a, &sig,
		err) != 0)
		return -1;
	if (sig.n <= ID_BYTES)
		return err_set(err, ERR_INPUT, "no signature after the key id");
	*ret = (struct note_line){name, num_get32(sig.p),
	    {sig.p + ID_BYTES, sig.n - ID_BYTES}};
	return 0;
}

int
note_parse(struct span s, struct arena *a, struct note *ret, struct err *err)
{
	struct str all = span_str(s);
	struct note n;
	size_t at, end;

	if (check_bytes(s, err) != 0)
		return -1;
	if (s.n < 2 || s.p[s.n - 1] != '\n')
		return err_set(err, ERR_INPUT,
		    "note: the last line has no end");
	for (at = s.n - 2; at > 0; at--) /* the last empty line divides */
		if (s.p[at] == '\n' && s.p[at + 1] == '\n')
			break;
	if (s.p[at] != '\n' || s.p[at + 1] != '\n')
		return err_set(err, ERR_INPUT, "note: no empty line");
	n = (struct note){.text = str_sub(all, 0, at + 1)};
	for (at += 2; at < s.n; at = end + 1) {
		end = str_find(all, '\n', at);
		if (n.n == NOTE_LINES_MAX)
			return err_set(err, ERR_INPUT,
			    "note: more than %d signature lines",
			    NOTE_LINES_MAX);
		if (parse_line(str_sub(all, at, end), a, &n.line[n.n], err) !=
		    0)
			return err_in(err,
			    "note: signature line %zu: ", n.n + 1);
		n.n++;
	}
	if (n.n == 0)
		return err_set(err, ERR_INPUT, "note: no signature line");
	*ret = n;
	return 0;
}

bool
note_is_line_of(const struct note_line *line, const struct note_key *k)
{
	return line->id == k->id && str_eq(line->name, k->name);
}

int
note_verify(const struct note *n, const struct note_key *k, struct err *err)
{
	size_t good = 0;

	for (size_t i = 0; i < n->n; i++) {
		const struct note_line *line = &n->line[i];
		struct sig sig;

		if (k->type != NOTE_ED25519 || !note_is_line_of(line, k))
			continue;
		if (line->sig.n != sizeof(sig.b))
			return err_set(err, ERR_DENIED,
			    "note: a signature of '%.*s' has %zu bytes",
			    STR_ARG(k->name), line->sig.n);
		memcpy(sig.b, line->sig.p, sizeof(sig.b));
		if (!key_is_signed(&k->pub, span_of(n->text), &sig))
			return err_set(err, ERR_DENIED,
			    "note: a signature of '%.*s' does not verify",
			    STR_ARG(k->name));
		good++;
	}
	if (good == 0)
		return err_set(err, ERR_DENIED, "note: not signed by '%.*s'",
		    STR_ARG(k->name));
	return 0;
}

struct str
note_line_text(struct arena *a, struct str name, uint32_t id, struct span sig)
{
	struct err ignored; /* a failed text is told by its NULL */
	uint8_t head[ID_BYTES];
	struct str b64, text;
	struct buf raw, b;

	num_put32(head, id);
	buf_init(&raw, a);
	buf_add(&raw, head, sizeof(head));
	buf_add(&raw, sig.p, sig.n);
	if (buf_done(&raw, &text, &ignored) != 0)
		return (struct str){NULL, 0};
	if ((b64 = encode_b64(a, span_of(text))).p == NULL)
		return (struct str){NULL, 0};
	buf_init(&b, a);
	buf_str(&b, DASH);
	buf_str(&b, name);
	buf_char(&b, ' ');
	buf_str(&b, b64);
	buf_char(&b, '\n');
	return buf_done(&b, &text, &ignored) != 0 ? (struct str){NULL, 0}
	                                          : text;
}

struct str
note_sign(struct arena *a, struct str text, struct str name,
    const struct secret *seed)
{
	struct pubkey pub = key_pub(seed);
	struct sig sig = key_sign(seed, span_of(text));

	return note_line_text(a, name, note_key_id(name, NOTE_ED25519, &pub),
	    (struct span){sig.b, sizeof(sig.b)});
}
