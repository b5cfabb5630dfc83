#include "web/mustache_int.h"

#include <string.h>

#include "base/num.h"

struct scan {
	struct str text, open, close;
	size_t at, line_at; /* `line` counts the line ends before line_at */
	uint32_t line;
	bool is_raw;
	struct mustache_tags tags;
	size_t nest[MUSTACHE_DEPTH_MAX]; /* what is open, by index */
	size_t depth;
	struct arena *a;
};

static bool
is_space(char c)
{
	return mustache_is_blank(c) || c == '\r' || c == '\n';
}

static struct str
trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool
has_space(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_space(s.p[i]))
			return true;
	return false;
}

/* Where `what` stands at or after `from`; text.n where it does not. */
static size_t
find(struct str text, struct str what, size_t from)
{
	size_t i = from;

	while ((i = str_find(text, what.p[0], i)) < text.n) {
		if (str_starts(str_sub(text, i, text.n), what))
			return i;
		i++;
	}
	return text.n;
}

static uint32_t
line_of(struct scan *s, size_t at)
{
	for (; s->line_at < at; s->line_at++)
		s->line += s->text.p[s->line_at] == '\n';
	return s->line + 1;
}

/* {{=a b=}}: the tags after it begin with a and end with b. */
static int
set_delimiters(struct scan *s, struct str inner, struct err *err)
{
	struct str in = trim(inner), open = in, close;

	for (size_t i = 0; i < in.n && !is_space(in.p[i]); i++)
		open.n = i + 1;
	if (in.n == 0)
		open.n = 0;
	close = trim(str_sub(in, open.n, in.n));
	if (open.n == 0 || close.n == 0 || has_space(close) ||
	    str_find(in, '=', 0) < in.n || open.n > MUSTACHE_DELIMITER_MAX ||
	    close.n > MUSTACHE_DELIMITER_MAX)
		return err_set(err, ERR_INPUT,
		    "delimiters are set as {{=<%% %%>=}}: two of at most %d "
		    "bytes, without \"=\" and with a space between them",
		    MUSTACHE_DELIMITER_MAX);
	s->open = open;
	s->close = close;
	return 0;
}

static int
check_name(const struct mustache_tag *t, struct err *err)
{
	if (t->name.n == 0)
		return err_set(err, ERR_INPUT, "a tag has no name");
	if (has_space(t->name))
		return err_set(err, ERR_INPUT,
		    "the name \"%.*s\" has a space; is the tag before it "
		    "closed?",
		    STR_ARG(t->name));
	return 0;
}

/* {{/x}} closes what was opened last, and that must be x. */
static int
close_last(struct scan *s, struct mustache_tag *t, struct err *err)
{
	struct mustache_tag *open;

	if (s->depth == 0)
		return err_set(err, ERR_INPUT,
		    "{{/%.*s}} closes what nothing opened", STR_ARG(t->name));
	open = &s->tags.tag[s->nest[--s->depth]];
	if (!str_eq(open->name, t->name) || open->is_dynamic != t->is_dynamic)
		return err_set(err, ERR_INPUT,
		    "{{/%.*s}} stands where \"%.*s\" of line %u is to be "
		    "closed",
		    STR_ARG(t->name), STR_ARG(open->name), open->line);
	t->peer = s->nest[s->depth];
	open->peer = s->tags.n;
	return 0;
}

/* Nesting: what opens, what closes, and what a parent may hold. */
static int
nest(struct scan *s, struct mustache_tag *t, struct err *err)
{
	bool in_parent =
	    s->depth > 0 &&
	    s->tags.tag[s->nest[s->depth - 1]].kind == MUSTACHE_PARENT;

	if (t->kind == MUSTACHE_COMMENT || t->kind == MUSTACHE_DELIMITERS)
		return 0;
	if (check_name(t, err) != 0)
		return -1;
	if (t->kind == MUSTACHE_END)
		return close_last(s, t, err);
	if (in_parent && t->kind != MUSTACHE_BLOCK)
		return err_set(err, ERR_INPUT,
		    "\"%.*s\" stands inside a parent but in none of its "
		    "blocks, where nothing is printed",
		    STR_ARG(t->name));
	if (t->kind != MUSTACHE_SECTION && t->kind != MUSTACHE_INVERTED &&
	    t->kind != MUSTACHE_PARENT && t->kind != MUSTACHE_BLOCK)
		return 0;
	if (s->depth == COUNT(s->nest))
		return err_set(err, ERR_INPUT, "\"%.*s\" nests deeper than %d",
		    STR_ARG(t->name), MUSTACHE_DEPTH_MAX);
	s->nest[s->depth++] = s->tags.n;
	return 0;
}

static enum mustache_kind
kind_of(char c)
{
	static const struct {
		char c;
		enum mustache_kind kind;
	} row[] = {
	    {'#', MUSTACHE_SECTION},
	    {'^', MUSTACHE_INVERTED},
	    {'>', MUSTACHE_PARTIAL},
	    {'<', MUSTACHE_PARENT},
	    {'$', MUSTACHE_BLOCK},
	    {'/', MUSTACHE_END},
	    {'!', MUSTACHE_COMMENT},
	    {'=', MUSTACHE_DELIMITERS},
	    {'{', MUSTACHE_RAW},
	    {'&', MUSTACHE_RAW},
	};

	for (size_t i = 0; i < COUNT(row); i++)
		if (row[i].c == c)
			return row[i].kind;
	return MUSTACHE_NAME;
}

/* The end of a tag whose content begins at `from`; `tail` is what must stand
 * before the delimiter ("=" or "}"), or 0. */
static int
find_end(struct scan *s, size_t from, char tail, struct str *ret,
    struct err *err)
{
	size_t i = find(s->text, s->close, from);

	while (tail != '\0' && i < s->text.n &&
	       (i == from || s->text.p[i - 1] != tail))
		i = find(s->text, s->close, i + 1);
	if (i >= s->text.n)
		return err_set(err, ERR_INPUT, "the tag has no end \"%.*s\"",
		    STR_ARG(s->close));
	*ret = str_sub(s->text, from, tail == '\0' ? i : i - 1);
	s->at = i + s->close.n;
	return 0;
}

static int
scan_tag(struct scan *s, struct mustache_tag *t, struct err *err)
{
	size_t at = t->start + s->open.n;
	char c = at < s->text.n ? s->text.p[at] : '\0';
	char tail = c == '=' ? '=' : c == '{' ? '}' : '\0';
	struct str inner;

	t->kind = kind_of(c);
	if (t->kind == MUSTACHE_RAW && !s->is_raw)
		return err_set(err, ERR_INPUT,
		    "the raw form %.*s%c is refused, for it prints data "
		    "unescaped; write %.*sname%.*s",
		    STR_ARG(s->open), c, STR_ARG(s->open), STR_ARG(s->close));
	if (t->kind != MUSTACHE_NAME)
		at++;
	if (find_end(s, at, tail, &inner, err) != 0)
		return -1;
	t->end = s->at;
	if (t->kind == MUSTACHE_DELIMITERS)
		return set_delimiters(s, inner, err);
	t->name = trim(inner);
	if ((t->kind == MUSTACHE_PARTIAL || t->kind == MUSTACHE_PARENT ||
		t->kind == MUSTACHE_END) &&
	    str_starts(t->name, STR("*"))) {
		t->is_dynamic = true;
		t->name = trim(str_sub(t->name, 1, t->name.n));
	}
	return nest(s, t, err);
}

static int
scan_tags(struct scan *s, struct err *err)
{
	struct mustache_tags *tags = &s->tags;
	struct mustache_tag *t;
	size_t start;

	while ((start = find(s->text, s->open, s->at)) < s->text.n) {
		if (tags->n == MUSTACHE_TAGS_MAX)
			return err_set(err, ERR_INPUT,
			    "line %u: more than %d tags", line_of(s, start),
			    MUSTACHE_TAGS_MAX);
		if (arena_grow(s->a, &tags->tag, &tags->cap, tags->n + 1,
			sizeof(*t)) != 0)
			return err_nomem(err, "the tags of a template");
		t = &tags->tag[tags->n];
		*t = (struct mustache_tag){.start = start,
		    .line = line_of(s, start)};
		if (scan_tag(s, t, err) != 0)
			return err_in(err, "line %u: ", t->line);
		t->from = t->start;
		t->to = t->end;
		tags->n++;
	}
	if (s->depth == 0)
		return 0;
	t = &tags->tag[s->nest[s->depth - 1]];
	return err_set(err, ERR_INPUT, "line %u: \"%.*s\" is never closed",
	    t->line, STR_ARG(t->name));
}

/* Of an end: what it ends. */
static enum mustache_kind
opener(const struct mustache_tags *tags, size_t i)
{
	const struct mustache_tag *t = &tags->tag[i];

	return t->kind == MUSTACHE_END ? tags->tag[t->peer].kind : t->kind;
}

static bool
is_between_blank(struct str text, size_t from, size_t to)
{
	while (from < to && mustache_is_blank(text.p[from]))
		from++;
	return from == to;
}

/*
 * May the tags i to j make a line vanish that holds them alone?  One tag may
 * unless it prints; several only where they are parents and blocks, which the
 * suite lets share a line.
 */
static bool
may_vanish(struct str text, const struct mustache_tags *tags, size_t i,
    size_t j)
{
	if (i == j)
		return tags->tag[i].kind != MUSTACHE_NAME &&
		       tags->tag[i].kind != MUSTACHE_RAW;
	for (size_t k = i; k <= j; k++) {
		enum mustache_kind kind = opener(tags, k);

		if (kind != MUSTACHE_PARENT && kind != MUSTACHE_BLOCK)
			return false;
		if (k < j && !is_between_blank(text, tags->tag[k].end,
				 tags->tag[k + 1].start))
			return false;
	}
	return true;
}

/* The tags i to j stand on one line: does it vanish? */
static void
settle_line(struct str text, struct mustache_tags *tags, size_t i, size_t j)
{
	struct mustache_tag *first = &tags->tag[i], *last = &tags->tag[j];
	size_t from = first->start, to = last->end;

	while (from > 0 && mustache_is_blank(text.p[from - 1]))
		from--;
	while (to < text.n && mustache_is_blank(text.p[to]))
		to++;
	if (to + 1 < text.n && text.p[to] == '\r' && text.p[to + 1] == '\n')
		to++;
	if ((from > 0 && text.p[from - 1] != '\n') ||
	    (to < text.n && text.p[to] != '\n') ||
	    !may_vanish(text, tags, i, j))
		return;
	to += to < text.n;
	/* A block that ends on its own line leaves the line end: what replaces
	 * it ends like the word that could stand here. */
	if (last->kind == MUSTACHE_END && last->peer >= i &&
	    opener(tags, j) == MUSTACHE_BLOCK)
		to = last->end;
	first->indent = str_sub(text, from, first->start);
	for (size_t k = i; k <= j; k++) {
		tags->tag[k].is_alone = true;
		if (k < j)
			tags->tag[k].to = tags->tag[k + 1].start;
	}
	first->from = from;
	last->to = to;
}

int
mustache_scan(struct str text, const struct mustache_options *o,
    struct arena *a, struct mustache_tags *ret, struct err *err)
{
	struct scan s = {.text = text,
	    .open = STR("{{"),
	    .close = STR("}}"),
	    .is_raw = o != NULL && o->raw,
	    .a = a};
	const struct mustache_tag *tag;

	if (scan_tags(&s, err) != 0)
		return -1;
	tag = s.tags.tag;
	for (size_t i = 0, j; i < s.tags.n; i = j + 1) {
		for (j = i; j + 1 < s.tags.n; j++)
			if (str_find(str_sub(text, 0, tag[j + 1].start), '\n',
				tag[j].end) < tag[j + 1].start)
				break;
		settle_line(text, &s.tags, i, j);
	}
	*ret = s.tags;
	return 0;
}
