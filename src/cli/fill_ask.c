/* A form at the terminal. */
#include "base/num.h"
#include "cli/fill_int.h"
#include "cli/prompt.h"

enum { ASK_GROUPS_MAX = 100 };

struct question {
	struct fill *f;
	const struct js *field;
	struct str name, path;
	bool optional;
};

static const char *
words_of(const struct question *q, bool more)
{
	struct fill *f = q->f;
	struct str title =
	    say_clean(f->a, say_title(js_get(q->field, "title"), f->lang));
	struct str help =
	    say_clean(f->a, say_title(js_get(q->field, "help"), f->lang));
	struct str hint = say_clean(f->a, fill_hint(q->field, f->a));

	if (more)
		return str_fmt(f->a,
		    "%.*s, one more (empty: no): ", STR_ARG(title))
		    .p;
	return str_fmt(f->a, "%.*s%s%.*s\n  %.*s%s: ", STR_ARG(title),
	    help.n > 0 ? " - " : "", STR_ARG(help), STR_ARG(hint),
	    q->optional ? " (optional)" : "")
	    .p;
}

/* Try the value alone, so that a slip is asked for again at once. */
static bool
is_good(const struct question *q, struct str value)
{
	struct js_make m = {.a = q->f->a};
	struct err err;

	if (fill_value(q->f, q->field, value, &m, js_list(&m), NULL, &err) == 0)
		return true;
	(void)fprintf(stderr, "  %s.\n", err.text);
	return false;
}

/* One value; *ret empty where none is given. */
static int
ask_value(const struct question *q, bool more, struct str *ret, struct err *err)
{
	const char *words = words_of(q, more);
	bool ended;

	if (words == NULL)
		return err_nomem(err, "a form");
	for (;;) {
		if (prompt_line(words, q->f->a, ret, &ended, err) != 0)
			return -1;
		if (ended)
			return err_set(err, ERR_INPUT,
			    "the input ended before the form was filled in");
		if (ret->n == 0 && (q->optional || more))
			return 0;
		if (ret->n > 0 && is_good(q, *ret))
			return 0;
	}
}

static int
ask_values(const struct question *q, struct err *err)
{
	bool texts = js_is_str(js_get(q->field, "type"), "texts");
	bool many = texts || js_bool(js_get(q->field, "many"));
	bool more = false;
	struct str v;

	do {
		if (ask_value(q, more, &v, err) != 0)
			return -1;
		if (v.n > 0 && fill_keep(q->f, q->path, v, err) != 0)
			return -1;
		more = true;
	} while (many && v.n > 0);
	return 0;
}

static int ask_field(struct fill *f, struct str name, bool optional,
    struct str path, struct err *err);

static int
ask_members(const struct question *q, struct str path, struct err *err)
{
	const struct js *of = js_get(q->field, "of");

	for (size_t i = 0; i < js_len(of); i++) {
		struct str name = js_str(js_at(of, i));
		bool optional = str_ends(name, STR("?"));
		struct str below;

		while (str_ends(name, STR("?")))
			name.n--;
		below =
		    str_fmt(q->f->a, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));
		if (ask_field(q->f, name, optional, below, err) != 0)
			return -1;
	}
	return 0;
}

static int
ask_group(const struct question *q, struct err *err)
{
	struct str title = say_clean(q->f->a,
	    say_title(js_get(q->field, "title"), q->f->lang));
	bool many = js_bool(js_get(q->field, "many")), go = !q->optional;

	for (int i = 1; i <= ASK_GROUPS_MAX; i++) {
		const char *words = str_fmt(q->f->a, "%.*s: add %s? [y/N] ",
		    STR_ARG(title), i == 1 ? "it" : "one more")
		                        .p;
		struct str path =
		    !many ? q->path
			  : str_fmt(q->f->a, "%.*s.%d", STR_ARG(q->path), i);

		if (words == NULL || path.p == NULL)
			return err_nomem(err, "a form");
		if (!go && prompt_yes(words, &go, err) != 0)
			return -1;
		if (!go)
			return 0;
		if (ask_members(q, path, err) != 0)
			return -1;
		if (!many)
			return 0;
		go = false;
	}
	return 0;
}

static int
ask_field(struct fill *f, struct str name, bool optional, struct str path,
    struct err *err)
{
	const struct question q = {f, js_get_at(f->fields, name), name, path,
	    optional};

	if (path.p == NULL)
		return err_nomem(err, "a form");
	return js_is_str(js_get(q.field, "type"), "group")
	           ? ask_group(&q, err)
	           : ask_values(&q, err);
}

int
fill_ask(struct fill *f, struct err *err)
{
	for (size_t i = 0; i < js_len(f->form); i++) {
		const struct js *j = js_at(f->form, i);
		struct str name = js_str(js_get(j, "name"));

		if (ask_field(f, name, js_bool(js_get(j, "optional")), name,
			err) != 0)
			return -1;
	}
	return 0;
}
