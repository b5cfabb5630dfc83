#include "rules/form.h"

#include <string.h>

#include "base/num.h"
#include "rules/form_int.h"

enum { MANY_MAX = 1000 };

/* A way of looking at one body; a failure of memory is remembered. */
struct look {
	struct arena *a;
	bool is_out;
};
/* Where we are: from the inside outwards, so that no text is made in vain. */
struct spot {
	const struct spot *out;
	bool is_index;
	struct str name;
	size_t i;
};

const struct js *
form_walk(const struct js *v, const struct str *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v = js_get_at(v, name[i]);
	return js_type(v) == JS_NULL ? NULL : v;
}

static void
write_spot(struct buf *b, const struct spot *s)
{
	if (s == NULL)
		return;
	write_spot(b, s->out); /* three deep at most: group, many, field */
	buf_char(b, '/');
	if (s->is_index)
		buf_fmt(b, "%zu", s->i);
	for (size_t i = 0; !s->is_index && i < s->name.n; i++) {
		if (s->name.p[i] == '~') /* RFC 6901 3 */
			buf_z(b, "~0");
		else if (s->name.p[i] == '/')
			buf_z(b, "~1");
		else
			buf_char(b, s->name.p[i]);
	}
}

static bool
bad_at(struct look *w, const struct spot *s, struct str *ret)
{
	struct buf b;
	struct err err;

	buf_init(&b, w->a);
	write_spot(&b, s);
	if (buf_done(&b, ret, &err) != 0)
		w->is_out = true;
	return true;
}

static bool
is_known(const struct rule_form *form, struct str name)
{
	for (size_t i = 0; i < form->n; i++)
		if (str_eq(form->item[i].name, name))
			return true;
	return false;
}

/* The least name that the form does not have. */
static bool
has_unknown(const struct rule_form *form, const struct js *v, struct str *ret)
{
	size_t known = 0;
	bool found = false;

	for (size_t i = 0; i < form->n; i++)
		known += js_get_at(v, form->item[i].name) != NULL;
	if (known == js_len(v))
		return false;
	for (struct js_each e = {0}; js_next(v, &e);) {
		if (is_known(form, e.key) ||
		    (found && str_cmp(e.key, *ret) >= 0))
			continue;
		*ret = e.key;
		found = true;
	}
	return found;
}

static bool is_bad(struct look *w, const struct rule_form *form,
    const struct js *v, const struct spot *at, struct str *ret);

static bool
is_bad_one(struct look *w, const struct rule_field *f, const struct js *v,
    const struct spot *at, struct str *ret)
{
	if (f->type == FIELD_GROUP)
		return is_bad(w, &f->of, v, at, ret);
	return form_fits(f, v, w->a, &w->is_out) ? false : bad_at(w, at, ret);
}

static bool
is_bad_value(struct look *w, const struct rule_field *f, const struct js *v,
    const struct spot *at, struct str *ret)
{
	if (!f->is_many)
		return is_bad_one(w, f, v, at, ret);
	if (js_type(v) != JS_LIST || js_len(v) == 0 || js_len(v) > MANY_MAX)
		return bad_at(w, at, ret);
	for (size_t i = 0; i < js_len(v); i++) {
		struct spot s = {.out = at, .is_index = true, .i = i};

		if (is_bad_one(w, f, js_at(v, i), &s, ret))
			return true;
	}
	return false;
}

static bool
is_bad(struct look *w, const struct rule_form *form, const struct js *v,
    const struct spot *at, struct str *ret)
{
	struct spot s = {.out = at};

	if (js_type(v) != JS_MAP)
		return bad_at(w, at, ret);
	if (has_unknown(form, v, &s.name))
		return bad_at(w, &s, ret);
	for (size_t i = 0; i < form->n; i++) {
		const struct rule_item *item = &form->item[i];
		const struct js *x = js_get_at(v, item->name);

		s.name = item->name;
		if (x == NULL && item->is_optional)
			continue;
		if (x == NULL)
			return bad_at(w, &s, ret);
		if (is_bad_value(w, item->field, x, &s, ret))
			return true;
	}
	return false;
}

int
form_fault(const struct rule_form *form, const struct js *body, struct arena *a,
    bool *ret_bad, struct str *ret_pointer, struct err *err)
{
	struct look w = {.a = a};
	struct str pointer = STR("");
	bool bad = is_bad(&w, form, body, NULL, &pointer);

	if (w.is_out)
		return err_nomem(err, "a form");
	*ret_bad = bad;
	*ret_pointer = pointer;
	return 0;
}

int
form_check(const struct procedure *p, struct str act, const struct js *body,
    struct arena *a, bool *ret_bad, struct str *ret_pointer, struct err *err)
{
	uint16_t i = rule_act_index(p, act);

	if (i == RULE_NONE)
		return err_set(err, ERR_ABSENT,
		    "procedure %.*s has no act '%.*s'", STR_ARG(p->name),
		    STR_ARG(act));
	return form_fault(&p->act[i].form, body, a, ret_bad, ret_pointer, err);
}
