#include "record/encode.h"

/*
 * Our own, and not libsodium's: that of 1.0.18 takes each byte from 80 to ff
 * for the alphabet's last character, and is five times slower, which would be
 * felt with each act that comes in.
 *
 * A character's row: which alphabets have it, and its six bits.
 */
enum { STANDARD = 0x40, URL = 0x80, BOTH = STANDARD | URL, BITS = 0x3f };
static const uint8_t row[256] = {
    ['A'] = BOTH | 0,
    ['B'] = BOTH | 1,
    ['C'] = BOTH | 2,
    ['D'] = BOTH | 3,
    ['E'] = BOTH | 4,
    ['F'] = BOTH | 5,
    ['G'] = BOTH | 6,
    ['H'] = BOTH | 7,
    ['I'] = BOTH | 8,
    ['J'] = BOTH | 9,
    ['K'] = BOTH | 10,
    ['L'] = BOTH | 11,
    ['M'] = BOTH | 12,
    ['N'] = BOTH | 13,
    ['O'] = BOTH | 14,
    ['P'] = BOTH | 15,
    ['Q'] = BOTH | 16,
    ['R'] = BOTH | 17,
    ['S'] = BOTH | 18,
    ['T'] = BOTH | 19,
    ['U'] = BOTH | 20,
    ['V'] = BOTH | 21,
    ['W'] = BOTH | 22,
    ['X'] = BOTH | 23,
    ['Y'] = BOTH | 24,
    ['Z'] = BOTH | 25,
    ['a'] = BOTH | 26,
    ['b'] = BOTH | 27,
    ['c'] = BOTH | 28,
    ['d'] = BOTH | 29,
    ['e'] = BOTH | 30,
    ['f'] = BOTH | 31,
    ['g'] = BOTH | 32,
    ['h'] = BOTH | 33,
    ['i'] = BOTH | 34,
    ['j'] = BOTH | 35,
    ['k'] = BOTH | 36,
    ['l'] = BOTH | 37,
    ['m'] = BOTH | 38,
    ['n'] = BOTH | 39,
    ['o'] = BOTH | 40,
    ['p'] = BOTH | 41,
    ['q'] = BOTH | 42,
    ['r'] = BOTH | 43,
    ['s'] = BOTH | 44,
    ['t'] = BOTH | 45,
    ['u'] = BOTH | 46,
    ['v'] = BOTH | 47,
    ['w'] = BOTH | 48,
    ['x'] = BOTH | 49,
    ['y'] = BOTH | 50,
    ['z'] = BOTH | 51,
    ['0'] = BOTH | 52,
    ['1'] = BOTH | 53,
    ['2'] = BOTH | 54,
    ['3'] = BOTH | 55,
    ['4'] = BOTH | 56,
    ['5'] = BOTH | 57,
    ['6'] = BOTH | 58,
    ['7'] = BOTH | 59,
    ['8'] = BOTH | 60,
    ['9'] = BOTH | 61,
    ['+'] = STANDARD | 62,
    ['/'] = STANDARD | 63,
    ['-'] = URL | 62,
    ['_'] = URL | 63,
};
static const char standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct str
write_b64(struct arena *a, struct span s, bool bare)
{
	size_t at = 0, tail = s.n % 3;
	uint32_t v;
	char *p;

	if (s.n > SIZE_MAX / 4 ||
	    (p = arena_alloc(a, s.n / 3 * 4 + 5, 1)) == NULL)
		return (struct str){NULL, 0};
	for (size_t i = 0; i + 3 <= s.n; i += 3) {
		v = (uint32_t)s.p[i] << 16 | (uint32_t)s.p[i + 1] << 8 |
		    s.p[i + 2];
		p[at++] = standard[v >> 18];
		p[at++] = standard[v >> 12 & BITS];
		p[at++] = standard[v >> 6 & BITS];
		p[at++] = standard[v & BITS];
	}
	if (tail > 0) {
		v = (uint32_t)s.p[s.n - tail] << 16;
		if (tail == 2)
			v |= (uint32_t)s.p[s.n - 1] << 8;
		p[at++] = standard[v >> 18];
		p[at++] = standard[v >> 12 & BITS];
		if (tail == 2)
			p[at++] = standard[v >> 6 & BITS];
		for (; !bare && at % 4 != 0; at++)
			p[at] = '=';
	}
	return (struct str){p, at};
}

struct str
encode_b64(struct arena *a, struct span s)
{
	return write_b64(a, s, false);
}

struct str
encode_b64_bare(struct arena *a, struct span s)
{
	return write_b64(a, s, true);
}

/* Without its padding; false where the length cannot be. */
static bool
is_trimmed(struct str *s, bool bare)
{
	if (bare)
		return s->n % 4 != 1;
	if (s->n % 4 != 0)
		return false;
	if (s->n > 0 && s->p[s->n - 1] == '=')
		s->n--;
	if (s->n % 4 == 3 && s->p[s->n - 1] == '=')
		s->n--;
	return true;
}

static size_t
decoded_size(struct str trimmed)
{
	return trimmed.n / 4 * 3 + trimmed.n % 4 * 3 / 4;
}

static uint32_t
bits(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++)
		v = v << 6 | (i < n ? row[p[i]] & (uint32_t)BITS : 0);
	return v;
}

/* Into decoded_size() bytes.  `whole` is what all characters have in common: of
 * two allowed alphabets one at least has to hold them all. */
static bool
is_decoded(struct str trimmed, unsigned alphabets, uint8_t *out)
{
	const uint8_t *p = (const uint8_t *)trimmed.p;
	size_t quads = trimmed.n / 4, tail = trimmed.n % 4;
	unsigned whole = alphabets;
	uint32_t v;

	for (size_t i = 0; i < trimmed.n; i++)
		whole &= row[p[i]];
	for (size_t i = 0; i < quads; i++, p += 4) {
		v = bits(p, 4);
		*out++ = (uint8_t)(v >> 16);
		*out++ = (uint8_t)(v >> 8);
		*out++ = (uint8_t)v;
	}
	v = tail == 0 ? 0 : bits(p, tail);
	if ((v & (tail == 3 ? 0xffU : 0xffffU)) != 0)
		return false; /* unused bits */
	if (tail > 0)
		*out++ = (uint8_t)(v >> 16);
	if (tail == 3)
		*out = (uint8_t)(v >> 8);
	return (whole & BOTH) != 0;
}

static int
read_b64(struct str s, unsigned alphabets, bool bare, struct arena *a,
    struct span *ret, struct err *err)
{
	struct str trimmed = s;
	uint8_t *p;
	size_t n;

	if (!is_trimmed(&trimmed, bare))
		return err_set(err, ERR_INPUT,
		    "%zu characters cannot be base64", s.n);
	n = decoded_size(trimmed);
	if ((p = arena_alloc(a, n, 1)) == NULL)
		return err_nomem(err, "base64");
	if (!is_decoded(trimmed, alphabets, p))
		return err_set(err, ERR_INPUT,
		    "%zu characters are not base64 in its one form", s.n);
	*ret = (struct span){p, n};
	return 0;
}

int
encode_parse_b64(struct str s, bool bare, struct arena *a, struct span *ret,
    struct err *err)
{
	return read_b64(s, STANDARD, bare, a, ret, err);
}

static bool
is_exactly(struct str s, bool bare, uint8_t *out, size_t n)
{
	return is_trimmed(&s, bare) && decoded_size(s) == n &&
	       is_decoded(s, STANDARD, out);
}

bool
encode_is_b64(struct str s, uint8_t *out, size_t n)
{
	return is_exactly(s, false, out, n);
}

bool
encode_is_b64_bare(struct str s, uint8_t *out, size_t n)
{
	return is_exactly(s, true, out, n);
}

int
encode_parse_b64_any(struct str s, struct arena *a, struct span *ret,
    struct err *err)
{
	return read_b64(s, BOTH, false, a, ret, err);
}
