#include "web/ical.h"

#include <string.h>

#include "base/when.h"

enum { FOLD = 75 };

struct line {
	struct buf *b;
	size_t n; /* octets of this line so far */
};

/* One character: a fold comes before it where it would not fit. */
static void
put_char(struct line *l, const char *p, size_t n)
{
	if (l->n + n > FOLD) {
		buf_z(l->b, "\r\n ");
		l->n = 1;
	}
	buf_add(l->b, p, n);
	l->n += n;
}

static void
put_all(struct line *l, const char *p, size_t n)
{
	for (size_t at = 0, k = 1; at < n; at += k) {
		k = 1;
		while (at + k < n && ((unsigned char)p[at + k] & 0xc0) == 0x80)
			k++;
		put_char(l, p + at, k);
	}
}

static void
put_escaped(struct line *l, struct str s)
{
	for (size_t at = 0, from = 0; at <= s.n; at++) {
		const char *plain = "";

		if (at < s.n && (unsigned char)s.p[at] >= ' ' &&
		    s.p[at] != 0x7f && strchr("\\;,", s.p[at]) == NULL)
			continue;
		put_all(l, s.p + from, at - from);
		from = at + 1;
		if (at == s.n)
			break;
		if (s.p[at] == '\n')
			plain = "\\n";
		else if (s.p[at] == '\t')
			plain = " ";
		else if (s.p[at] == '\\')
			plain = "\\\\";
		else if (s.p[at] == ';')
			plain = "\\;";
		else if (s.p[at] == ',')
			plain = "\\,";
		put_char(l, plain, strlen(plain)); /* both octets together */
	}
}

static struct line
begin(struct buf *b, const char *name)
{
	struct line l = {b, 0};

	put_all(&l, name, strlen(name));
	put_char(&l, ":", 1);
	return l;
}

void
ical_put(struct buf *b, const char *name, struct str value)
{
	struct line l = begin(b, name);

	for (size_t at = 0; at < value.n; at++)
		if ((unsigned char)value.p[at] < ' ')
			value.n = at; /* no value has a second line */
	put_all(&l, value.p, value.n);
	buf_z(b, "\r\n");
}

void
ical_text(struct buf *b, const char *name, struct str value)
{
	struct line l = begin(b, name);

	put_escaped(&l, value);
	buf_z(b, "\r\n");
}

void
ical_time(struct buf *b, const char *name, int64_t us, bool is_day)
{
	char text[WHEN_TEXT];

	when_write(us, text); /* 2026-11-25T09:30:00... */
	buf_z(b, name);
	buf_z(b, is_day ? ";VALUE=DATE:" : ":");
	buf_fmt(b, "%.4s%.2s%.2s", text, text + 5, text + 8);
	if (!is_day)
		buf_fmt(b, "T%.2s%.2s%.2sZ", text + 11, text + 14, text + 17);
	buf_z(b, "\r\n");
}
