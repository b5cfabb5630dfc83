#include "web/mustache.h"

#include <stdlib.h>

#include "base/num.h"
#include "web/mustache_int.h"

enum {
	SCRATCH_MAX = 8 << 20
}; /* 16384 tags of some 112 bytes, grown twofold */

struct build {
	struct mustache *t;
	struct str text;
	struct mustache_tags tags;
	size_t at;                         /* the text before it is in nodes */
	uint32_t nest[MUSTACHE_DEPTH_MAX]; /* open nodes; the scan checked */
	size_t depth;
	struct arena *a;
};

static struct mustache_node *
add(struct build *b, enum mustache_kind kind, uint32_t line, struct err *err)
{
	struct mustache *t = b->t;
	struct mustache_node *node;

	if (arena_grow(b->a, &t->node, &t->cap, t->n + 1, sizeof(*node)) != 0) {
		(void)err_nomem(err, "a template");
		return NULL;
	}
	node = &t->node[t->n++];
	*node = (struct mustache_node){.kind = kind,
	    .line = line,
	    .end = (uint32_t)t->n};
	return node;
}

static bool
is_in_parent(const struct build *b)
{
	return b->depth > 0 &&
	       b->t->node[b->nest[b->depth - 1]].kind == MUSTACHE_PARENT;
}

static bool
is_bol(const struct build *b, size_t at)
{
	return at == 0 || b->text.p[at - 1] == '\n';
}

static int
add_text(struct build *b, size_t from, size_t to, struct err *err)
{
	struct mustache_node *node = add(b, MUSTACHE_TEXT, 0, err);

	if (node == NULL)
		return -1;
	node->text = str_sub(b->text, from, to);
	node->is_bol = is_bol(b, from);
	return 0;
}

/*
 * The text up to `to`, where `next` begins.  A tag that begins a line without
 * making it vanish gets an empty text before it, which is where that line's
 * indentation goes.
 */
static int
add_up_to(struct build *b, size_t to, const struct mustache_tag *next,
    struct err *err)
{
	size_t from = b->at;

	b->at = to;
	if (is_in_parent(b))
		return 0;
	if (from < to && add_text(b, from, to, err) != 0)
		return -1;
	if (next != NULL && !next->is_alone && is_bol(b, to))
		return add_text(b, to, to, err);
	return 0;
}

static int
add_part(struct build *b, struct str part, struct err *err)
{
	struct mustache *t = b->t;

	if (part.n == 0)
		return err_set(err, ERR_INPUT, "a name has an empty part");
	if (arena_grow(b->a, &t->part, &t->part_cap, t->n_part + 1,
		sizeof(*t->part)) != 0)
		return err_nomem(err, "a template");
	t->part[t->n_part++] = part;
	return 0;
}

/* "a.b" is a, then b; "." the item; ".b" the item, then b. */
static int
split_name(struct build *b, struct mustache_node *node, struct err *err)
{
	struct str s = node->text;
	size_t from = 0, to;

	node->part = (uint32_t)b->t->n_part;
	node->is_top = s.p[0] == '.';
	if (s.n == 1 && node->is_top)
		return 0;
	for (from = node->is_top; from <= s.n; from = to + 1) {
		to = str_find(s, '.', from);
		if (add_part(b, str_sub(s, from, to), err) != 0)
			return err_in(err, "\"%.*s\": ", STR_ARG(s));
	}
	node->n_part = (uint32_t)b->t->n_part - node->part;
	return 0;
}

static struct str
blanks_at(struct str text, size_t at)
{
	size_t to = at;

	while (to < text.n && mustache_is_blank(text.p[to]))
		to++;
	return str_sub(text, at, to);
}

/*
 * A block whose content begins on the line below its tag has an indentation of
 * its own, that of the content's first line: it is taken away from what
 * replaces a block elsewhere, and given to what replaces this one.
 */
static void
set_indent(struct build *b, const struct mustache_tag *tag,
    struct mustache_node *node)
{
	node->is_alone = tag->is_alone;
	node->indent = tag->indent;
	if (node->kind == MUSTACHE_BLOCK && tag->is_alone &&
	    is_bol(b, tag->to) && tag->to < b->tags.tag[tag->peer].from) {
		node->indent = blanks_at(b->text, tag->to);
		node->dedent = (uint32_t)node->indent.n;
	}
}

static int
add_tag(struct build *b, const struct mustache_tag *tag, struct err *err)
{
	struct mustache_node *node;

	if (tag->kind == MUSTACHE_COMMENT || tag->kind == MUSTACHE_DELIMITERS)
		return 0;
	if (tag->kind == MUSTACHE_END) {
		b->t->node[b->nest[--b->depth]].end = (uint32_t)b->t->n;
		return 0;
	}
	if ((node = add(b, tag->kind, tag->line, err)) == NULL)
		return -1;
	node->text = tag->name;
	node->is_dynamic = tag->is_dynamic;
	set_indent(b, tag, node);
	if (tag->peer != 0)
		b->nest[b->depth++] = (uint32_t)b->t->n - 1;
	if (node->is_dynamic || node->kind == MUSTACHE_NAME ||
	    node->kind == MUSTACHE_RAW || node->kind == MUSTACHE_SECTION ||
	    node->kind == MUSTACHE_INVERTED)
		return split_name(b, node, err);
	return 0;
}

static int
build(struct build *b, struct err *err)
{
	for (size_t i = 0; i < b->tags.n; i++) {
		const struct mustache_tag *tag = &b->tags.tag[i];

		if (add_up_to(b, tag->from, tag, err) != 0)
			return -1;
		if (add_tag(b, tag, err) != 0)
			return err_in(err, "line %u: ", tag->line);
		b->at = tag->to;
	}
	return add_up_to(b, b->text.n, NULL, err);
}

int
mustache_compile(struct str name, struct str text,
    const struct mustache_options *o, struct arena *a,
    const struct mustache **ret, struct err *err)
{
	struct build b = {.text = text, .a = a};
	struct arena scratch;
	int rc = -1;

	arena_init(&scratch, SCRATCH_MAX);
	if (text.n > MUSTACHE_MAX) {
		(void)err_set(err, ERR_INPUT, "%zu bytes, the limit is %d",
		    text.n, MUSTACHE_MAX);
		goto out;
	}
	if (!text_is_utf8(span_of(text))) {
		(void)err_set(err, ERR_INPUT, "the text is not UTF-8");
		goto out;
	}
	if ((b.t = arena_new(a, struct mustache)) == NULL) {
		(void)err_nomem(err, "a template");
		goto out;
	}
	b.t->name = name;
	if (mustache_scan(text, o, &scratch, &b.tags, err) != 0 ||
	    build(&b, err) != 0)
		goto out;
	*ret = b.t;
	rc = 0;
out:
	arena_release(&scratch);
	return rc == 0 ? 0 : err_in(err, "template \"%.*s\": ", STR_ARG(name));
}

static int
compare(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool
is_partial(const struct mustache_node *node)
{
	return !node->is_dynamic && (node->kind == MUSTACHE_PARTIAL ||
					node->kind == MUSTACHE_PARENT);
}

static bool
is_name(const struct mustache_node *node)
{
	return node->is_dynamic || node->kind == MUSTACHE_NAME ||
	       node->kind == MUSTACHE_RAW || node->kind == MUSTACHE_SECTION ||
	       node->kind == MUSTACHE_INVERTED;
}

static int
list(const struct mustache *t, bool (*is_of)(const struct mustache_node *),
    struct arena *a, const struct str **ret, size_t *ret_n, struct err *err)
{
	struct str *p = arena_array(a, t->n == 0 ? 1 : t->n, struct str);
	size_t n = 0, once = 0;

	if (p == NULL)
		return err_nomem(err, "the names of a template");
	for (size_t i = 0; i < t->n; i++)
		if (is_of(&t->node[i]))
			p[n++] = t->node[i].text;
	qsort(p, n, sizeof(*p), compare);
	for (size_t i = 0; i < n; i++)
		if (once == 0 || !str_eq(p[once - 1], p[i]))
			p[once++] = p[i];
	*ret = p;
	*ret_n = once;
	return 0;
}

int
mustache_partials(const struct mustache *t, struct arena *a,
    const struct str **ret, size_t *ret_n, struct err *err)
{
	return list(t, is_partial, a, ret, ret_n, err);
}

int
mustache_names(const struct mustache *t, struct arena *a,
    const struct str **ret, size_t *ret_n, struct err *err)
{
	return list(t, is_name, a, ret, ret_n, err);
}
