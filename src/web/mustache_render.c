#include "web/mustache_int.h"

#include <string.h>

#include "base/num.h"

/* What a name stands for: a node of the data, or a text that was made of one
 * (then j is NULL and s.p is not); neither where it stands for nothing. */
struct value {
	const struct js *j;
	enum js_type type;
	struct str s;
};

/* The arguments of a parent, and of those around the place that it stands in:
 * a block takes the outermost that names it. */
struct frame {
	const struct mustache *t;
	size_t parent; /* the node */
	const struct frame *outer;
};

struct indent {
	struct str s;
	const struct indent *outer;
};

/* Where rendering is.  Lines lose `dedent` blanks, then gain the indentation,
 * outermost first. */
struct place {
	const struct mustache *t;
	const struct frame *frames;
	const struct indent *indent;
	size_t dedent;
};

struct run {
	const struct mustache_world *w;
	struct arena *a;
	struct buf out;
	struct value *stack;
	size_t n, depth, steps;
	struct err *err;
};

static int render(struct run *r, const struct place *at, size_t from,
    size_t to);

static struct value
value_of(const struct js *j)
{
	return (struct value){.j = j, .type = js_type(j)};
}

static struct value
value_step(struct run *r, struct value v, struct str name)
{
	struct value ret = {0};

	if (v.type == JS_MAP)
		return value_of(js_get_at(v.j, name));
	if (v.type == JS_NONE || v.type == JS_NULL || r->w->format == NULL ||
	    !r->w->format(r->w->ctx, v.j, name, r->a, &ret.s))
		return (struct value){0};
	if (ret.s.p == NULL)
		r->out.failed = true;
	return ret;
}

static struct value
look_up(struct run *r, const struct mustache *t,
    const struct mustache_node *node)
{
	struct value v = {0};

	if (node->is_top && r->n > 0)
		v = r->stack[r->n - 1];
	for (size_t k = r->n; !node->is_top && v.j == NULL && k > 0; k--)
		if (r->stack[k - 1].type == JS_MAP)
			v = value_of(
			    js_get_at(r->stack[k - 1].j, t->part[node->part]));
	for (size_t i = node->is_top ? 0 : 1; i < node->n_part; i++)
		v = value_step(r, v, t->part[node->part + i]);
	return v;
}

static bool
is_falsy(struct value v)
{
	switch (v.type) {
	case JS_NONE:
		return v.s.n == 0;
	case JS_NULL:
		return true;
	case JS_BOOL:
		return !js_bool(v.j);
	case JS_TEXT:
		return js_str(v.j).n == 0;
	case JS_LIST:
		return js_len(v.j) == 0;
	case JS_INT:
	case JS_REAL:
	case JS_MAP:
		return false;
	}
	return true;
}

static void
put_escaped(struct run *r, struct str s)
{
	static const struct {
		unsigned char n;
		char z[7];
	} escape[256] = {
	    ['&'] = {5, "&amp;"},
	    ['<'] = {4, "&lt;"},
	    ['>'] = {4, "&gt;"},
	    ['"'] = {6, "&quot;"},
	    ['\''] = {5, "&#39;"},
	};
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (escape[c].n == 0)
			continue;
		buf_add(&r->out, s.p + from, i - from);
		buf_add(&r->out, escape[c].z, escape[c].n);
		from = i + 1;
	}
	if (from < s.n)
		buf_add(&r->out, s.p + from, s.n - from);
}

/* Numbers as JSON writes them: one form in pages, programs and commands. */
static void
put_number(struct run *r, struct value v)
{
	struct js_make make = {.a = r->a};
	struct err err;
	struct str s;

	if (v.type == JS_INT)
		buf_fmt(&r->out, "%lld", (long long)js_int(v.j));
	else if (js_text(&make, v.j, JS_COMPACT, &s, &err) == 0)
		buf_str(&r->out, s);
	else
		r->out.failed = true; /* the only way to fail is memory */
}

static void
put_value(struct run *r, struct value v, bool is_raw)
{
	struct str s = v.s;

	switch (v.type) {
	case JS_INT:
	case JS_REAL:
		put_number(r, v);
		return;
	case JS_BOOL:
		buf_z(&r->out, js_bool(v.j) ? "true" : "false");
		return;
	case JS_TEXT:
		s = js_str(v.j);
		break;
	case JS_MAP:
		if (r->w->text == NULL || !r->w->text(r->w->ctx, v.j, &s))
			return;
		break;
	case JS_NONE:
	case JS_NULL:
	case JS_LIST:
		break;
	}
	if (is_raw)
		buf_str(&r->out, s);
	else
		put_escaped(r, s);
}

static void
put_indent(struct run *r, const struct indent *indent)
{
	if (indent == NULL)
		return;
	put_indent(r, indent->outer); /* as deep as the rendering, at most */
	buf_str(&r->out, indent->s);
}

static void
put_text(struct run *r, const struct place *at,
    const struct mustache_node *node)
{
	struct str s = node->text;
	bool is_bol = node->is_bol;

	if (at->indent == NULL && at->dedent == 0) {
		buf_str(&r->out, s);
		return;
	}
	do {
		size_t n, skip = 0;

		while (is_bol && skip < at->dedent && skip < s.n &&
		       mustache_is_blank(s.p[skip]))
			skip++;
		if (is_bol)
			put_indent(r, at->indent);
		n = str_find(s, '\n', 0);
		n += n < s.n;
		buf_str(&r->out, str_sub(s, skip, n));
		s = str_sub(s, n, s.n);
		is_bol = true;
	} while (s.n > 0);
}

/* One step of many, one level deeper; the depth is the caller's to restore. */
static int
enter(struct run *r, const struct place *at, const struct mustache_node *node)
{
	if (r->depth == MUSTACHE_DEPTH_MAX)
		return err_set(r->err, ERR_INPUT,
		    "template \"%.*s\": line %u: \"%.*s\" nests deeper than "
		    "%d; does a partial call itself without end?",
		    STR_ARG(at->t->name), node->line, STR_ARG(node->text),
		    MUSTACHE_DEPTH_MAX);
	r->depth++;
	return 0;
}

/* Render the content of a section once, for one item. */
static int
render_item(struct run *r, const struct place *at, size_t i, struct value v)
{
	int rc;

	r->stack[r->n++] = v;
	rc = render(r, at, i + 1, at->t->node[i].end);
	r->n--;
	return rc;
}

static int
render_section(struct run *r, const struct place *at, size_t i)
{
	const struct mustache_node *node = &at->t->node[i];
	struct value v = look_up(r, at->t, node);
	size_t n;
	int rc = 0;

	if (is_falsy(v) != (node->kind == MUSTACHE_INVERTED))
		return 0;
	if (enter(r, at, node) != 0)
		return -1;
	if (node->kind == MUSTACHE_INVERTED || v.type == JS_BOOL) {
		/* `true` says yes and is no item to speak of. */
		rc = render(r, at, i + 1, node->end);
	} else if (v.type != JS_LIST) {
		rc = render_item(r, at, i, v);
	} else {
		n = js_len(v.j);
		r->steps += n;
		for (size_t k = 0; k < n && rc == 0; k++)
			rc = render_item(r, at, i, value_of(js_at(v.j, k)));
	}
	r->depth--;
	return rc;
}

/* A name in the template, or the text that the named value is. */
static const struct mustache *
find_partial(struct run *r, const struct place *at,
    const struct mustache_node *node)
{
	struct str name = node->text;

	if (node->is_dynamic) {
		struct value v = look_up(r, at->t, node);

		name = v.type == JS_TEXT ? js_str(v.j) : v.s;
	}
	return name.n == 0 || r->w->partial == NULL
	           ? NULL
	           : r->w->partial(r->w->ctx, name);
}

/* What a node that stands alone gives its lines to begin with, beyond what is
 * there already. */
static const struct indent *
indent_of(const struct place *at, const struct mustache_node *node,
    struct indent *own)
{
	*own = (struct indent){
	    str_sub(node->indent, at->dedent, node->indent.n), at->indent};
	return own->s.n > 0 ? own : at->indent;
}

static int
render_partial(struct run *r, const struct place *at, size_t i)
{
	const struct mustache_node *node = &at->t->node[i];
	struct frame frame = {at->t, i, at->frames};
	struct indent own;
	struct place in = {.t = find_partial(r, at, node)};
	int rc;

	if (in.t == NULL)
		return 0;
	in.frames = node->kind == MUSTACHE_PARENT ? &frame : at->frames;
	/* Within a line, its indentation is not the partial's. */
	in.indent = node->is_alone ? indent_of(at, node, &own) : NULL;
	if (enter(r, at, node) != 0)
		return -1;
	rc = render(r, &in, 0, in.t->n);
	r->depth--;
	return rc;
}

/* The outermost argument of this name; NULL where the default stands. */
static const struct frame *
find_argument(const struct frame *frames, struct str name, size_t *ret)
{
	const struct frame *found = NULL;

	for (const struct frame *f = frames; f != NULL; f = f->outer) {
		const struct mustache_node *node = f->t->node;
		size_t end = node[f->parent].end;

		for (size_t i = f->parent + 1; i < end; i = node[i].end)
			if (str_eq(node[i].text, name)) {
				found = f;
				*ret = i;
				break;
			}
	}
	return found;
}

static int
render_block(struct run *r, const struct place *at, size_t i)
{
	const struct mustache_node *node = &at->t->node[i], *with;
	const struct frame *f = find_argument(at->frames, node->text, &i);
	struct indent own;
	struct place in;
	int rc;

	if (enter(r, at, node) != 0)
		return -1;
	if (f == NULL) {
		rc = render(r, at, i + 1, node->end);
	} else {
		/* The argument was written where f's outer arguments hold, so
		 * that a block in it never finds that argument itself. */
		with = &f->t->node[i];
		in = (struct place){.t = f->t,
		    .frames = f->outer,
		    .indent = indent_of(at, node, &own),
		    .dedent = with->dedent};
		if (node->is_alone && !with->is_alone)
			put_indent(r, in.indent);
		rc = render(r, &in, i + 1, with->end);
	}
	r->depth--;
	return rc;
}

static int
render_node(struct run *r, const struct place *at, size_t i)
{
	const struct mustache_node *node = &at->t->node[i];

	switch (node->kind) {
	case MUSTACHE_TEXT:
		put_text(r, at, node);
		return 0;
	case MUSTACHE_NAME:
	case MUSTACHE_RAW:
		put_value(r, look_up(r, at->t, node),
		    node->kind == MUSTACHE_RAW);
		return 0;
	case MUSTACHE_SECTION:
	case MUSTACHE_INVERTED:
		return render_section(r, at, i);
	case MUSTACHE_PARTIAL:
	case MUSTACHE_PARENT:
		return render_partial(r, at, i);
	case MUSTACHE_BLOCK:
		return render_block(r, at, i);
	case MUSTACHE_END:
	case MUSTACHE_COMMENT:
	case MUSTACHE_DELIMITERS:
		break;
	}
	return 0;
}

static int
render(struct run *r, const struct place *at, size_t from, size_t to)
{
	const struct mustache_node *node = at->t->node;

	for (size_t i = from; i < to; i = node[i].end) {
		if (++r->steps > MUSTACHE_STEPS_MAX)
			return err_set(r->err, ERR_INPUT,
			    "template \"%.*s\": line %u: the page takes more "
			    "than %d steps",
			    STR_ARG(at->t->name), node[i].line,
			    MUSTACHE_STEPS_MAX);
		if (render_node(r, at, i) != 0)
			return -1;
		if (r->out.failed)
			return err_nomem(r->err, "a page");
	}
	return 0;
}

int
mustache_render(const struct mustache *t, const struct mustache_world *w,
    const struct js *const *context, size_t n_context, struct arena *a,
    struct str *ret, struct err *err)
{
	static const size_t guess = 65536; /* most pages, without growing */
	struct run r = {.w = w, .a = a, .err = err};
	struct place at = {.t = t};
	size_t room;

	if (ckd_add(&room, n_context, (size_t)MUSTACHE_DEPTH_MAX) ||
	    (r.stack = arena_array(a, room, struct value)) == NULL)
		return err_nomem(err, "a page");
	for (size_t i = 0; i < n_context; i++)
		r.stack[r.n++] = value_of(context[i]);
	buf_init(&r.out, a);
	buf_room(&r.out, guess);
	if (render(&r, &at, 0, t->n) != 0)
		return -1;
	return buf_done(&r.out, ret, err);
}
