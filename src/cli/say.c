#include "cli/say.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/num.h"
#include "base/when.h"

enum { INDENT = 4, ROOM_LEAST = 20, ROOM_MOST = 1000 };

#define BAD_CHARACTER "\xef\xbf\xbd" /* U+FFFD */

static const char *const lang_name[] = {"en", "ja", "zh", "ko"};
static_assert(COUNT(lang_name) == SAY_LANGS, "each language has a name");

const char *
say_lang_name(enum say_lang lang)
{
	return lang_name[lang];
}

bool
say_is_lang(struct str s, enum say_lang *ret)
{
	for (size_t i = 0; i < COUNT(lang_name); i++) {
		if (!str_starts(s, str_of(lang_name[i])) ||
		    (s.n > 2 && s.p[2] != '_' && s.p[2] != '.' &&
			s.p[2] != '-'))
			continue;
		*ret = (enum say_lang)i;
		return true;
	}
	return false;
}

enum say_lang
say_lang(void)
{
	static const char *const name[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	enum say_lang lang = SAY_EN;

	for (size_t i = 0; i < COUNT(name); i++) {
		struct str v = str_of(getenv(name[i]));

		if (v.n == 0)
			continue;
		(void)say_is_lang(v, &lang); /* else English */
		break;
	}
	return lang;
}

struct str
say_title(const struct js *titles, enum say_lang lang)
{
	struct str s = js_str(js_get(titles, lang_name[lang]));
	struct js_each e = {0};

	if (js_type(titles) == JS_TEXT)
		return js_str(titles);
	if (s.n == 0)
		s = js_str(js_get(titles, lang_name[SAY_EN]));
	if (s.n == 0 && js_next(titles, &e))
		s = js_str(e.value);
	return s;
}

/* The code point at s.p[*at], past which *at moves; s is UTF-8. */
static uint32_t
next_point(struct str s, size_t *at)
{
	unsigned char c = (unsigned char)s.p[(*at)++];
	unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	uint32_t point = more == 0 ? c : c & (0x3fU >> more);

	for (; more > 0 && *at < s.n; more--)
		point = point << 6 | ((unsigned char)s.p[(*at)++] & 0x3fU);
	return point;
}

/* Controls, and what turns the direction of writing (UAX 9). */
static bool
is_hostile(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e ||
	       c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x61c;
}

static size_t
width_of(uint32_t point)
{
	int w = is_hostile(point) ? 1 : wcwidth((wchar_t)point);

	return w < 0 ? 1 : (size_t)w;
}

size_t
say_width(struct str s)
{
	size_t w = 0;

	for (size_t at = 0; at < s.n;)
		w += width_of(next_point(s, &at));
	return w;
}

struct str
say_cut(struct str s, size_t columns)
{
	size_t w = 0;

	for (size_t at = 0; at < s.n;) {
		size_t from = at;

		w += width_of(next_point(s, &at));
		if (w > columns)
			return str_sub(s, 0, from);
	}
	return s;
}

void
say_begin(struct say *s, struct arena *a)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	buf_init(&s->b, a);
	s->color = isatty(STDOUT_FILENO) == 1 && (no == NULL || *no == '\0') &&
	           term != NULL && strcmp(term, "dumb") != 0;
}

void
say_fmt(struct say *s, const char *fmt, ...)
{
	char small[2048];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(small))
		s->b.failed = true;
	else
		buf_add(&s->b, small, (size_t)n);
}

static void
clean(struct buf *b, struct str text)
{
	for (size_t at = 0; at < text.n;) {
		size_t from = at;

		if (is_hostile(next_point(text, &at)))
			buf_z(b, BAD_CHARACTER);
		else
			buf_add(b, text.p + from, at - from);
	}
}

struct str
say_clean(struct arena *a, struct str s)
{
	struct buf b;
	struct str out;
	struct err err;

	buf_init(&b, a);
	clean(&b, s);
	return buf_done(&b, &out, &err) != 0 ? STR("") : out;
}

void
say_text(struct say *s, struct str text)
{
	clean(&s->b, text);
}

void
say_block(struct say *s, struct str text, unsigned indent)
{
	for (size_t at = 0; at < text.n;) {
		size_t end = str_find(text, '\n', at);

		buf_fmt(&s->b, "%*s", (int)indent, "");
		clean(&s->b, str_sub(text, at, end));
		buf_char(&s->b, '\n');
		at = end + 1;
	}
}

void
say_style(struct say *s, enum say_style style, struct str text)
{
	static const char *const code[] = {"", "\033[1m", "\033[2m", "\033[32m",
	    "\033[31m"};

	if (s->color && style != SAY_PLAIN)
		buf_z(&s->b, code[style]);
	clean(&s->b, text);
	if (s->color && style != SAY_PLAIN)
		buf_z(&s->b, "\033[0m");
}

int
say_end(struct say *s, struct err *err)
{
	struct str out;

	if (buf_done(&s->b, &out, err) != 0)
		return -1;
	if ((out.n > 0 && fwrite(out.p, 1, out.n, stdout) != out.n) ||
	    fflush(stdout) != 0)
		return err_set(err, ERR_IO, "standard output: %s",
		    strerror(errno));
	return 0;
}

void
say_table_begin(struct say_table *t, struct arena *a, size_t columns,
    const struct str *head)
{
	*t = (struct say_table){.a = a, .columns = columns};
	say_table_row(t, head);
}

void
say_table_row(struct say_table *t, const struct str *cell)
{
	if (arena_grow(t->a, &t->cell, &t->cap, t->n + t->columns,
		sizeof(*t->cell)) != 0) {
		t->failed = true;
		return;
	}
	memcpy(t->cell + t->n, cell, t->columns * sizeof(*cell));
	t->n += t->columns;
}

static size_t
column_width(const struct say_table *t, size_t column)
{
	size_t most = 0;

	for (size_t i = column; i < t->n; i += t->columns) {
		size_t w = say_width(t->cell[i]);

		most = w > most ? w : most;
	}
	return most;
}

static bool
is_rest_empty(const struct say_table *t, size_t i)
{
	while (++i % t->columns != 0)
		if (t->cell[i].n > 0)
			return false;
	return true;
}

/* COLUMNS if it is set, else the terminal's, else no limit. */
static size_t
room(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w;
	struct err err;
	int64_t n;

	if (columns != NULL &&
	    num_parse(str_of(columns), ROOM_LEAST, ROOM_MOST, &n, &err) == 0)
		return (size_t)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= ROOM_LEAST)
		return w.ws_col;
	return SIZE_MAX;
}

/* The first column that no longer fits into the line that begins with `c`. */
static size_t
line_end(const struct say_table *t, const size_t *width, size_t c, size_t most)
{
	size_t used = c == 0 ? 0 : INDENT;

	used += width[c];
	for (c++; c < t->columns && used + 2 + width[c] <= most; c++)
		used += 2 + width[c];
	return c;
}

static void
say_row(const struct say_table *t, const size_t *width, size_t at, size_t most,
    struct say *s)
{
	size_t end = line_end(t, width, 0, most);

	for (size_t c = 0; c < t->columns; c++) {
		struct str cell = t->cell[at + c];
		size_t pad = width[c] - say_width(cell);

		say_style(s, at == 0 ? SAY_FAINT : SAY_PLAIN, cell);
		if (c + 1 == t->columns || is_rest_empty(t, at + c))
			break;
		if (c + 1 < end) {
			buf_fmt(&s->b, "%*s", (int)(pad + 2), "");
			continue;
		}
		buf_fmt(&s->b, "\n%*s", INDENT, "");
		end = line_end(t, width, c + 1, most);
	}
	buf_char(&s->b, '\n');
}

void
say_table_end(struct say_table *t, struct say *s)
{
	size_t *width = arena_array(t->a, t->columns, size_t);
	size_t most = room();

	if (t->failed || width == NULL) {
		s->b.failed = true;
		return;
	}
	for (size_t c = 0; c < t->columns; c++)
		width[c] = column_width(t, c);
	for (size_t i = 0; i < t->n; i += t->columns)
		say_row(t, width, i, most, s);
}

struct str
say_time(struct arena *a, const struct js *time)
{
	struct str s = js_str(time);

	if (s.n < 19)
		return STR("-");
	return str_fmt(a, "%.10s %.8s UTC", s.p, s.p + 11);
}

struct str
say_left(struct arena *a, const struct js *due, int64_t left_us)
{
	struct str span;

	if (js_type(due) != JS_TEXT)
		return STR("-");
	span = when_span(a, left_us < 0 ? -left_us : left_us);
	return str_fmt(a, "%.*s %s", STR_ARG(span),
	    left_us < 0 ? "over" : "left");
}

struct str
say_fingerprint(struct arena *a, struct str hex)
{
	struct buf b;
	struct str out;
	struct err err;

	buf_init(&b, a);
	for (size_t i = 0; i < hex.n; i++) {
		if (i > 0 && i % 4 == 0)
			buf_char(&b, ' ');
		buf_char(&b, hex.p[i]);
	}
	return buf_done(&b, &out, &err) != 0 ? STR("") : out;
}

struct str
say_list(struct arena *a, const struct js *list)
{
	struct buf b;
	struct str out;
	struct err err;

	if (js_type(list) == JS_TEXT)
		return js_str(list);
	buf_init(&b, a);
	for (size_t i = 0; i < js_len(list); i++) {
		buf_z(&b, i == 0 ? "" : ", ");
		buf_str(&b, js_str(js_at(list, i)));
	}
	return buf_done(&b, &out, &err) != 0 || out.n == 0 ? STR("-") : out;
}
