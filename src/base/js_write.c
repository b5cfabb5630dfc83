#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/js_int.h"

struct writer {
	struct buf b;
	bool pretty;
};

static void
new_line(struct writer *w, int depth)
{
	if (!w->pretty)
		return;
	buf_char(&w->b, '\n');
	for (int i = 0; i < depth; i++)
		buf_char(&w->b, ' ');
}

static void
write_text(struct writer *w, struct str s)
{
	static const char is[] = "\"\\\b\f\n\r\t", escape[] = "\"\\bfnrt";
	size_t from = 0, i;

	buf_char(&w->b, '"');
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];
		const char *e;

		if ((unsigned char)c >= ' ' && c != '"' && c != '\\')
			continue;
		buf_add(&w->b, s.p + from, i - from);
		from = i + 1;
		e = c == '\0' ? NULL : strchr(is, c);
		if (e == NULL) {
			buf_fmt(&w->b, "\\u%04X", (unsigned)c);
			continue;
		}
		buf_char(&w->b, '\\');
		buf_char(&w->b, escape[e - is]);
	}
	if (from < s.n)
		buf_add(&w->b, s.p + from, s.n - from);
	buf_char(&w->b, '"');
}

/*
 * The fewest digits that give the same number back: 0.1, not
 * 0.10000000000000001.  Always with a dot or an exponent, so that it stays what
 * it is.
 */
static void
write_real(struct writer *w, double x)
{
	char text[40], *e, *from;

	for (int digits = 15; digits <= 17; digits++) {
		double back;

		(void)snprintf(text, sizeof(text), "%.*g", digits, x);
		back = strtod(text, NULL);
		if (back <= x && back >= x)
			break;
	}
	if ((e = strchr(text, 'e')) == NULL) {
		buf_z(&w->b, text);
		if (strchr(text, '.') == NULL)
			buf_z(&w->b, ".0");
		return;
	}
	/* "1e+07" and "1e-07" in their shortest forms */
	from = e + 2;
	while (*from == '0')
		from++;
	buf_add(&w->b, text, (size_t)(e - text) + 1);
	if (e[1] == '-')
		buf_char(&w->b, '-');
	buf_z(&w->b, from);
}

static void
write_int(struct writer *w, int64_t v)
{
	char text[24], *p = text + sizeof(text);
	uint64_t n = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	if (v < 0)
		*--p = '-';
	buf_add(&w->b, p, (size_t)(text + sizeof(text) - p));
}

static void write_value(struct writer *w, const struct js *j, int depth);

static void
write_list(struct writer *w, const struct js *j, int depth)
{
	buf_char(&w->b, '[');
	for (size_t i = 0; i < j->n; i++) {
		if (i > 0)
			buf_char(&w->b, ',');
		new_line(w, depth + 1);
		write_value(w, j->item[i], depth + 1);
	}
	if (j->n > 0)
		new_line(w, depth);
	buf_char(&w->b, ']');
}

static void
write_map(struct writer *w, const struct js *j, int depth)
{
	buf_char(&w->b, '{');
	for (size_t i = 0; i < j->n; i++) {
		if (i > 0)
			buf_char(&w->b, ',');
		new_line(w, depth + 1);
		write_text(w, j->member[i].key);
		buf_z(&w->b, w->pretty ? ": " : ":");
		write_value(w, j->member[i].value, depth + 1);
	}
	if (j->n > 0)
		new_line(w, depth);
	buf_char(&w->b, '}');
}

static void
write_value(struct writer *w, const struct js *j, int depth)
{
	/* Nobody makes a list that holds itself; if so, not for ever. */
	if (depth > 2 * JS_DEPTH)
		w->b.failed = true;
	if (w->b.failed)
		return;
	switch (js_type(j)) {
	case JS_NONE:
	case JS_NULL:
		buf_z(&w->b, "null");
		break;
	case JS_BOOL:
		buf_z(&w->b, j->yes ? "true" : "false");
		break;
	case JS_INT:
		write_int(w, j->i);
		break;
	case JS_REAL:
		write_real(w, j->x);
		break;
	case JS_TEXT:
		write_text(w, js_str(j));
		break;
	case JS_LIST:
		write_list(w, j, depth);
		break;
	case JS_MAP:
		write_map(w, j, depth);
		break;
	}
}

int
js_text(struct js_make *m, const struct js *j, enum js_style style,
    struct str *ret, struct err *err)
{
	struct writer w = {.pretty = style == JS_PRETTY};

	if (m->failed || j == NULL)
		return err_nomem(err, "JSON");
	buf_init(&w.b, m->a);
	write_value(&w, j, 0);
	return buf_done(&w.b, ret, err) != 0 ? err_nomem(err, "JSON") : 0;
}
