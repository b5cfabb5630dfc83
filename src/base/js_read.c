/*
 * The parser: one pass, no allocation but from the arena.  The text is copied
 * once and texts are decoded where they stand, for decoding never makes them
 * longer; their closing quote becomes the NUL behind them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/js_int.h"
#include "base/num.h"

enum { BLOCK = 16, PENDING = 64 };

struct reader {
	struct arena *a;
	char *p, *text;
	const char *why; /* what is wrong at p; NULL: memory is out */
	bool has_nul;    /* an escape made one in this text */
	struct js *spare;
	size_t n_spare;
	/* Members of what is not closed yet, the innermost last. */
	struct js_member *pending, first[PENDING];
	size_t n, cap;
};

static struct js *read_value(struct reader *r, int depth);

static struct js *
wrong(struct reader *r, char *at, const char *why)
{
	r->p = at;
	r->why = why;
	return NULL;
}

static struct js *
value(struct reader *r, enum js_type type)
{
	struct js *j;

	if (r->n_spare == 0) {
		r->spare = arena_array(r->a, BLOCK, struct js);
		r->n_spare = r->spare == NULL ? 0 : BLOCK;
	}
	if (r->n_spare == 0)
		return NULL;
	j = &r->spare[--r->n_spare];
	j->type = (uint8_t)type; /* few */
	return j;
}

static void
skip_space(struct reader *r)
{
	while (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t')
		r->p++;
}

static bool
keep(struct reader *r, struct str key, const struct js *j)
{
	struct js_member *more;

	if (r->n == r->cap) {
		more = arena_array(r->a, r->cap * 2, struct js_member);
		if (more == NULL)
			return false;
		memcpy(more, r->pending, r->n * sizeof(*more));
		r->pending = more;
		r->cap *= 2;
	}
	r->pending[r->n++] = (struct js_member){key, j};
	return true;
}

/* ---- texts ---- */

static bool
is_hex4(const char *p, uint32_t *ret)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		char c = p[i];
		uint32_t d = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
		             : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
		             : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
		                                    : 16;
		if (d == 16)
			return false;
		v = v << 4 | d;
	}
	*ret = v;
	return true;
}

static char *
put_utf8(char *to, uint32_t c)
{
	uint8_t b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	b[0] = (uint8_t)(n == 1   ? c
			 : n == 2 ? 0xc0 | c >> 6
			 : n == 3 ? 0xe0 | c >> 12
				  : 0xf0 | c >> 18);
	for (size_t i = 1; i < n; i++)
		b[i] = (uint8_t)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
	memcpy(to, b, n);
	return to + n;
}

/* "\uXXXX" at *p, with its second half where it is one of two. */
static bool
is_unicode(struct reader *r, const char **p, uint32_t *ret)
{
	uint32_t low;

	if (!is_hex4(*p + 2, ret))
		return false;
	*p += 6;
	r->has_nul = r->has_nul || *ret == 0;
	if (*ret < 0xd800 || *ret > 0xdfff)
		return true;
	if (*ret > 0xdbff || (*p)[0] != '\\' || (*p)[1] != 'u' ||
	    !is_hex4(*p + 2, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*p += 6;
	*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* What follows the first escape, decoded to where that stood. */
static char *
unescape(struct reader *r, char *from)
{
	static const char escape[] = "\"\\/bfnrt", is[] = "\"\\/\b\f\n\r\t";
	const char *p = from, *e;
	char *to = from;
	uint32_t c;

	while (*p != '"') {
		if ((unsigned char)*p < ' ') {
			(void)wrong(r, r->text + (p - r->text),
			    "a text holds a bare control character or does "
			    "not end");
			return NULL;
		}
		if (*p != '\\') {
			*to++ = *p++;
		} else if (p[1] == 'u') {
			if (!is_unicode(r, &p, &c)) {
				(void)wrong(r, r->text + (p - r->text),
				    "this \\u is no character");
				return NULL;
			}
			to = put_utf8(to, c);
		} else {
			e = p[1] == '\0' ? NULL : strchr(escape, p[1]);
			if (e == NULL) {
				(void)wrong(r, r->text + (p - r->text),
				    "this escape is none of JSON");
				return NULL;
			}
			*to++ = is[e - escape];
			p += 2;
		}
	}
	r->p = r->text + (p - r->text) + 1;
	return to;
}

/* A text, p at its opening quote. */
static bool
read_text(struct reader *r, struct str *ret)
{
	char *begin = r->p + 1, *p = begin;

	r->has_nul = false;
	while ((unsigned char)*p >= ' ' && *p != '"' && *p != '\\')
		p++;
	if (*p == '"')
		r->p = p + 1;
	else if ((p = unescape(r, p)) == NULL)
		return false;
	*p = '\0';
	*ret = (struct str){begin, (size_t)(p - begin)};
	return true;
}

/* ---- numbers ---- */

static struct js *
read_real(struct reader *r, char *begin)
{
	struct js *j;
	char *p = r->p;
	double x;

	if (*p == '.') {
		p++;
		if (*p < '0' || *p > '9')
			return wrong(r, p, "a digit was expected");
		while (*p >= '0' && *p <= '9')
			p++;
	}
	if (*p == 'e' || *p == 'E') {
		p += p[1] == '+' || p[1] == '-' ? 2 : 1;
		if (*p < '0' || *p > '9')
			return wrong(r, p, "a digit was expected");
		while (*p >= '0' && *p <= '9')
			p++;
	}
	x = strtod(begin, NULL); /* its form was looked at */
	if (!isfinite(x))
		return wrong(r, begin, "this number is beyond all bounds");
	if ((j = value(r, JS_REAL)) == NULL)
		return NULL;
	j->x = x;
	r->p = p;
	return j;
}

static struct js *
read_number(struct reader *r)
{
	char *begin = r->p, *digits = *begin == '-' ? begin + 1 : begin;
	bool over = false;
	int64_t v = 0;
	struct js *j;

	r->p = digits;
	if (*digits < '0' || *digits > '9')
		return wrong(r, digits, "a digit was expected");
	/* downwards, for there is one number more below zero */
	for (; *r->p >= '0' && *r->p <= '9'; r->p++)
		over = over || ckd_mul(&v, v, (int64_t)10) ||
		       ckd_sub(&v, v, (int64_t)(*r->p - '0'));
	if (*digits == '0' && r->p > digits + 1)
		return wrong(r, begin, "a number begins with 0");
	if (*r->p == '.' || *r->p == 'e' || *r->p == 'E')
		return read_real(r, begin);
	if (over || (*begin != '-' && v == INT64_MIN))
		return wrong(r, begin, "this number is beyond 64 bits");
	if ((j = value(r, JS_INT)) == NULL)
		return NULL;
	j->i = *begin == '-' ? v : -v;
	return j;
}

/* ---- values ---- */

static struct js *
read_word(struct reader *r, const char *word, enum js_type type)
{
	struct js *j;
	size_t n = strlen(word);

	if (strncmp(r->p, word, n) != 0)
		return wrong(r, r->p, "a value was expected");
	if ((j = value(r, type)) == NULL)
		return NULL;
	j->yes = *r->p == 't';
	r->p += n;
	return j;
}

static struct js *
read_string(struct reader *r)
{
	struct str s;
	struct js *j;

	if (!read_text(r, &s) || (j = value(r, JS_TEXT)) == NULL)
		return NULL;
	j->text = s.p;
	j->n = (uint32_t)s.n; /* js_parse() takes no more */
	return j;
}

static struct js *
read_list(struct reader *r, int depth)
{
	struct js *j = value(r, JS_LIST), *item;
	size_t base = r->n;

	if (j == NULL)
		return NULL;
	r->p++;
	skip_space(r);
	for (bool more = *r->p != ']'; more; r->p += more) {
		if ((item = read_value(r, depth + 1)) == NULL ||
		    !keep(r, (struct str){NULL, 0}, item))
			return NULL;
		skip_space(r);
		if (*r->p != ',' && *r->p != ']')
			return wrong(r, r->p, "',' or ']' was expected");
		more = *r->p == ',';
	}
	r->p++;
	j->n = j->cap = (uint32_t)(r->n - base); /* at most one a byte */
	j->item = arena_array(r->a, j->n, const struct js *);
	if (j->item == NULL)
		return NULL;
	for (size_t i = 0; i < j->n; i++)
		j->item[i] = r->pending[base + i].value;
	r->n = base;
	return j;
}

static bool
read_key(struct reader *r, struct str *ret)
{
	char *begin;

	skip_space(r);
	begin = r->p;
	if (*begin != '"') {
		(void)wrong(r, begin, "a key in quotes was expected");
		return false;
	}
	if (!read_text(r, ret))
		return false;
	if (r->has_nul) {
		(void)wrong(r, begin, "a key holds a NUL");
		return false;
	}
	skip_space(r);
	if (*r->p != ':') {
		(void)wrong(r, r->p, "':' was expected");
		return false;
	}
	r->p++;
	return true;
}

/* The second of two members with one key; NULL: no key stands twice. */
static const char *
doubled(const struct js *map)
{
	const struct js_member *m = map->member;

	for (size_t i = 1; map->order != NULL && i < map->n; i++) {
		const struct js_member *x = &m[map->order[i - 1]];
		const struct js_member *y = &m[map->order[i]];

		if (str_eq(x->key, y->key))
			return x->key.p > y->key.p ? x->key.p : y->key.p;
	}
	for (size_t i = 1; map->order == NULL && i < map->n; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(m[i].key, m[k].key))
				return m[i].key.p;
	return NULL;
}

static struct js *
read_map(struct reader *r, int depth)
{
	struct js *j = value(r, JS_MAP), *v;
	size_t base = r->n;
	const char *twice;
	struct str key;

	if (j == NULL)
		return NULL;
	r->p++;
	skip_space(r);
	for (bool more = *r->p != '}'; more; r->p += more) {
		if (!read_key(r, &key) ||
		    (v = read_value(r, depth + 1)) == NULL || !keep(r, key, v))
			return NULL;
		skip_space(r);
		if (*r->p != ',' && *r->p != '}')
			return wrong(r, r->p, "',' or '}' was expected");
		more = *r->p == ',';
	}
	r->p++;
	j->n = j->cap = (uint32_t)(r->n - base); /* at most one a byte */
	j->member = arena_array(r->a, j->n, struct js_member);
	if (j->member == NULL)
		return NULL;
	if (j->n > 0)
		memcpy(j->member, &r->pending[base], j->n * sizeof(*j->member));
	r->n = base;
	if (j->n > JS_FEW && !js_sort(j, r->a))
		return NULL;
	if ((twice = doubled(j)) != NULL)
		return wrong(r, r->text + (twice - r->text),
		    "this key stands twice");
	return j;
}

static struct js *
read_value(struct reader *r, int depth)
{
	if (depth > JS_DEPTH)
		return wrong(r, r->p, "it is nested too deep");
	skip_space(r);
	switch (*r->p) {
	case '{':
		return read_map(r, depth);
	case '[':
		return read_list(r, depth);
	case '"':
		return read_string(r);
	case 't':
		return read_word(r, "true", JS_BOOL);
	case 'f':
		return read_word(r, "false", JS_BOOL);
	case 'n':
		return read_word(r, "null", JS_NULL);
	default:
		if (*r->p == '-' || (*r->p >= '0' && *r->p <= '9'))
			return read_number(r);
		return wrong(r, r->p, "a value was expected");
	}
}

/* Columns are characters, as an editor counts them. */
static int
fault(const struct reader *r, struct span s, struct err *err)
{
	size_t line = 1, column = 1, at = (size_t)(r->p - r->text);

	if (r->why == NULL)
		return err_nomem(err, "JSON");
	for (size_t i = 0; i < at && i < s.n; i++) {
		column += (s.p[i] & 0xc0) != 0x80;
		if (s.p[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return err_set(err, ERR_INPUT, "JSON, line %zu, column %zu: %s", line,
	    column, at >= s.n ? "it ends too early" : r->why);
}

int
js_parse(struct span s, struct arena *a, const struct js **ret, struct err *err)
{
	struct reader r = {.a = a, .cap = PENDING};
	struct js *j;

	if (s.n >= UINT32_MAX)
		return err_set(err, ERR_INPUT, "JSON is longer than 4 GiB");
	if (!text_is_utf8(s))
		return err_set(err, ERR_INPUT, "JSON is not UTF-8");
	if ((r.text = arena_copy(a, s.p, s.n)) == NULL)
		return err_nomem(err, "JSON");
	r.p = r.text;
	r.pending = r.first;
	j = read_value(&r, 0);
	if (j == NULL)
		return fault(&r, s, err);
	skip_space(&r);
	if (r.p != r.text + s.n) {
		(void)wrong(&r, r.p, "something stands behind the value");
		return fault(&r, s, err);
	}
	*ret = j;
	return 0;
}
