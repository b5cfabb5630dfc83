#include "base/uri.h"

#include <string.h>

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~", c) != NULL);
}

void
uri_encode(struct buf *b, struct str s, const char *keep)
{
	static const char digit[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		unsigned char byte = (unsigned char)c;

		if (is_unreserved(c) ||
		    (keep != NULL && c != '\0' && strchr(keep, c) != NULL)) {
			buf_char(b, c);
			continue;
		}
		buf_char(b, '%');
		buf_char(b, digit[byte >> 4]);
		buf_char(b, digit[byte & 15]);
	}
}

static int
hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

struct str
uri_decode(struct arena *a, struct str s)
{
	struct buf b;
	struct str out;
	struct err err;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++) {
		int hi = -1, lo = -1;

		if (s.p[i] == '%' && i + 2 < s.n) {
			hi = hex_value(s.p[i + 1]);
			lo = hex_value(s.p[i + 2]);
		}
		if (hi >= 0 && lo >= 0) {
			buf_char(&b, (char)(hi << 4 | lo)); /* a byte */
			i += 2;
		} else {
			buf_char(&b, s.p[i] == '+' ? ' ' : s.p[i]);
		}
	}
	if (buf_done(&b, &out, &err) != 0 || !text_is_utf8(span_of(out)))
		return (struct str){NULL, 0};
	return out.p == NULL ? STR("") : out;
}
