#include <string.h>

#include "record/age_int.h"
#include "record/encode.h"

struct reader {
	struct span s; /* what may be header */
	size_t at;
	size_t stanzas; /* of all types */
	bool scrypt;
};

/* The line at the reader, without its LF; ERR_INPUT where no LF is left. */
static int
next_line(struct reader *r, struct str *ret, struct err *err)
{
	struct str rest = str_sub(span_str(r->s), r->at, r->s.n);
	size_t n = str_find(rest, '\n', 0);

	if (n == rest.n)
		return err_set(err, ERR_INPUT,
		    "the header is cut, or has more than %d bytes",
		    AGE_HEADER_MAX);
	*ret = str_sub(rest, 0, n);
	r->at += n + 1;
	return 0;
}

/* Base64 without padding, of at most a full line. */
static bool
is_b64(struct str s, uint8_t out[AGE_LINE_BYTES], size_t *n)
{
	*n = s.n * 3 / 4;
	return s.n <= AGE_LINE && encode_is_b64_bare(s, out, *n);
}

/* Arguments are one or more visible characters, with single spaces between. */
static bool
is_arguments(struct str s, struct str *first, struct str *second, size_t *count)
{
	size_t from = 0, to;

	*count = 0;
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] < 0x20 || (uint8_t)s.p[i] > 0x7e)
			return false;
	do {
		if ((to = str_find(s, ' ', from)) == from)
			return false;
		if (*count == 0)
			*first = str_sub(s, from, to);
		else if (*count == 1)
			*second = str_sub(s, from, to);
		(*count)++;
		from = to + 1;
	} while (to < s.n);
	return true;
}

/* Its length, and its first bytes: a file key's wrapping needs one line. */
static int
parse_body(struct reader *r, uint8_t head[AGE_LINE_BYTES], size_t *ret_size,
    struct err *err)
{
	uint8_t b[AGE_LINE_BYTES];
	struct str line;
	size_t n, size = 0;

	do {
		if (next_line(r, &line, err) != 0)
			return -1;
		if (!is_b64(line, b, &n))
			return err_set(err, ERR_INPUT,
			    "its body has a line that is not base64 of at most "
			    "%d characters without padding",
			    AGE_LINE);
		if (size == 0 && n > 0)
			memcpy(head, b, n);
		size += n;
	} while (line.n == AGE_LINE);
	*ret_size = size;
	return 0;
}

static int
parse_stanza(struct reader *r, struct str line, struct age_header *h,
    struct err *err)
{
	uint8_t body[AGE_LINE_BYTES];
	struct str type = STR(""), share = STR("");
	size_t n, size;

	if (++r->stanzas > AGE_STANZAS_MAX)
		return err_set(err, ERR_INPUT, "there are more than %d stanzas",
		    AGE_STANZAS_MAX);
	if (!is_arguments(str_sub(line, 3, line.n), &type, &share, &n))
		return err_set(err, ERR_INPUT,
		    "it needs visible arguments with single spaces between");
	if (parse_body(r, body, &size, err) != 0)
		return -1;
	if (str_is(type, "scrypt"))
		r->scrypt = true;
	if (!str_is(type, "X25519"))
		return 0;
	if (n != 2 || !encode_is_b64_bare(share, h->stanza[h->n].share, 32) ||
	    size != AGE_BODY)
		return err_set(err, ERR_INPUT,
		    "X25519 has one share of 32 bytes, and a body of %d",
		    AGE_BODY);
	memcpy(h->stanza[h->n++].body, body, AGE_BODY);
	return 0;
}

/* "--- " and the MAC; the signed part ends before the space. */
static int
parse_mac(const struct reader *r, struct str line, struct age_header *h,
    struct err *err)
{
	if (!str_starts(line, STR("--- ")) ||
	    !encode_is_b64_bare(str_sub(line, 4, line.n), h->mac, 32))
		return err_set(err, ERR_INPUT,
		    "the header of a sealed file needs stanzas, then a MAC of "
		    "%d characters",
		    AGE_B64_32);
	if (r->stanzas == 0)
		return err_set(err, ERR_INPUT,
		    "a sealed file has no stanza, so nobody can open it");
	if (r->scrypt && r->stanzas > 1)
		return err_set(err, ERR_INPUT,
		    "a sealed file has an scrypt stanza beside others");
	h->signed_part = (struct span){r->s.p, r->at - line.n - 1 + 3};
	h->size = r->at;
	return 0;
}

int
age_header_parse(struct span s, struct age_header *ret, struct err *err)
{
	struct reader r = {.s = s};
	struct str line;

	if (r.s.n > AGE_HEADER_MAX)
		r.s.n = AGE_HEADER_MAX;
	ret->n = 0;
	if (next_line(&r, &line, err) != 0 || !str_eq(line, AGE_VERSION))
		return err_set(err, ERR_INPUT,
		    "a sealed file begins with the line %s", AGE_VERSION.p);
	for (;;) {
		if (next_line(&r, &line, err) != 0)
			return err_in(err, "a sealed file: ");
		if (!str_starts(line, STR("-> ")))
			return parse_mac(&r, line, ret, err);
		if (parse_stanza(&r, line, ret, err) != 0)
			return err_in(err,
			    "stanza %zu of a sealed file: ", r.stanzas);
	}
}
