#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

#undef err_nomem

struct str
str_of(const char *z)
{
	return z == NULL ? STR("") : (struct str){z, strlen(z)};
}

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
str_is(struct str a, const char *z)
{
	return str_eq(a, str_of(z));
}

bool
str_starts(struct str s, struct str head)
{
	return s.n >= head.n && str_eq((struct str){s.p, head.n}, head);
}

bool
str_ends(struct str s, struct str tail)
{
	return s.n >= tail.n && str_eq(str_sub(s, s.n - tail.n, s.n), tail);
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

size_t
str_find(struct str s, char c, size_t from)
{
	while (from < s.n && s.p[from] != c)
		from++;
	return from < s.n ? from : s.n;
}

struct str
str_sub(struct str s, size_t from, size_t to)
{
	to = to > s.n ? s.n : to;
	from = from > to ? to : from;
	return (struct str){from == 0 ? s.p : s.p + from, to - from};
}

struct str
str_copy(struct arena *a, struct str s)
{
	char *p = arena_copy(a, s.p, s.n);

	return p == NULL ? (struct str){NULL, 0} : (struct str){p, s.n};
}

const char *
str_z(struct arena *a, struct str s)
{
	return arena_copy(a, s.p, s.n);
}

struct str
str_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1, 1);
	if (p != NULL)
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p == NULL ? (struct str){NULL, 0} : (struct str){p, (size_t)n};
}

struct span
span_of(struct str s)
{
	return (struct span){(const uint8_t *)s.p, s.n};
}

struct str
span_str(struct span s)
{
	return (struct str){(const char *)s.p, s.n};
}

bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The length of a well-formed sequence at p, 0 where there is none; Unicode
 * 15.0, table 3-7. */
static size_t
utf8_len(const uint8_t *p, size_t n)
{
	uint8_t c = p[0], lo = 0x80, hi = 0xbf;
	size_t len = c < 0x80   ? 1
	             : c < 0xc2 ? 0
	             : c < 0xe0 ? 2
	             : c < 0xf0 ? 3
	             : c < 0xf5 ? 4
	                        : 0;

	if (len == 0 || len > n)
		return 0;
	if (c == 0xe0)
		lo = 0xa0;
	if (c == 0xed)
		hi = 0x9f;
	if (c == 0xf0)
		lo = 0x90;
	if (c == 0xf4)
		hi = 0x8f;
	for (size_t i = 1; i < len; i++, lo = 0x80, hi = 0xbf)
		if (p[i] < lo || p[i] > hi)
			return 0;
	return len;
}

bool
text_is_utf8(struct span s)
{
	size_t i = 0, len;
	uint64_t eight;

	while (i < s.n) {
		/* most text is ASCII: eight bytes at once */
		while (s.n - i >= sizeof(eight)) {
			memcpy(&eight, s.p + i, sizeof(eight));
			if ((eight & UINT64_C(0x8080808080808080)) != 0)
				break;
			i += sizeof(eight);
		}
		if (i == s.n)
			break;
		if ((len = utf8_len(s.p + i, s.n - i)) == 0)
			return false;
		i += len;
	}
	return true;
}

/* Does a sequence that its text cuts off start here? */
static bool
is_cut(const uint8_t *p, size_t n)
{
	size_t want = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (p[0] < 0xc2 || p[0] > 0xf4 || n >= want)
		return false;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return false;
	return true;
}

void
text_clean(char *z)
{
	uint8_t *p = (uint8_t *)z;
	size_t n = strlen(z), i = 0, len;

	while (i < n) {
		len = utf8_len(p + i, n - i);
		if (len == 0 && is_cut(p + i, n - i)) {
			p[i] = '\0';
			return;
		}
		if (len == 0 || p[i] < 0x20 || p[i] == 0x7f)
			p[i] = '?';
		i += len == 0 ? 1 : len;
	}
}

bool
id_eq(const struct id *a, const struct id *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

int
id_cmp(const struct id *a, const struct id *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

bool
text_is_match(struct str pattern, struct str s)
{
	if (pattern.n > 0 && pattern.p[pattern.n - 1] == '*')
		return str_starts(s, str_sub(pattern, 0, pattern.n - 1));
	return str_eq(pattern, s);
}

void
hex_write(const uint8_t *p, size_t n, char *out)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digit[p[i] >> 4];
		out[2 * i + 1] = digit[p[i] & 15];
	}
	out[2 * n] = '\0';
}

struct str
hex_str(struct arena *a, const void *p, size_t n)
{
	char *out = arena_alloc(a, 2 * n + 1, 1);

	if (out == NULL)
		return (struct str){NULL, 0};
	hex_write(p, n, out);
	return (struct str){out, 2 * n};
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	                              : -1;
}

bool
hex_is_parsed(struct str s, uint8_t *out, size_t n)
{
	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = hex_digit(s.p[2 * i]), lo = hex_digit(s.p[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo); /* two digits fit a byte */
	}
	return true;
}

void
buf_init(struct buf *b, struct arena *a)
{
	*b = (struct buf){.a = a};
}

void
buf_room(struct buf *b, size_t n)
{
	size_t want;

	if (b->failed || ckd_add(&want, b->n, n) ||
	    ckd_add(&want, want, (size_t)1) ||
	    arena_grow(b->a, &b->p, &b->cap, want, 1) != 0)
		b->failed = true;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	size_t want;

	if (b->failed || ckd_add(&want, b->n, n) ||
	    ckd_add(&want, want, (size_t)1) ||
	    arena_grow(b->a, &b->p, &b->cap, want, 1) != 0) {
		b->failed = true;
		return;
	}
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void
buf_z(struct buf *b, const char *z)
{
	buf_add(b, z, strlen(z));
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	char small[512];
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
	} else if ((size_t)n < sizeof(small)) {
		buf_add(b, small, (size_t)n);
	} else {
		char *p = arena_alloc(b->a, (size_t)n + 1, 1);
		if (p == NULL) {
			b->failed = true;
		} else {
			(void)vsnprintf(p, (size_t)n + 1, fmt, again);
			buf_add(b, p, (size_t)n);
		}
	}
	va_end(again);
}

void
buf_hex(struct buf *b, const void *p, size_t n)
{
	char two[3];

	for (size_t i = 0; i < n; i++) {
		hex_write((const uint8_t *)p + i, 1, two);
		buf_add(b, two, 2);
	}
}

int
buf_done(struct buf *b, struct str *ret, struct err *err)
{
	if (b->failed)
		return err_nomem(err, "a text");
	*ret = b->p == NULL ? STR("") : (struct str){b->p, b->n};
	return 0;
}

int
err_nomem(struct err *err, const char *what)
{
	return err_set(err, ERR_NOMEM, "no memory for %s", what);
}
