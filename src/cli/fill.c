#include "cli/fill.h"

#include <string.h>

#include "base/num.h"
#include "cli/fill_int.h"
#include "cli/near.h"

enum { ITEMS_MAX = 10000, DEEP_MAX = 4, GROUPS_MAX = 1000 };

int
fill_add(struct fill *f, struct str s, struct err *err)
{
	size_t eq = str_find(s, '=', 0);

	if (eq == s.n || eq == 0)
		return err_set(err, ERR_INPUT,
		    "'%.*s' is not of the form field=value", STR_ARG(s));
	return fill_keep(f, str_sub(s, 0, eq), str_sub(s, eq + 1, s.n), err);
}

int
fill_keep(struct fill *f, struct str path, struct str value, struct err *err)
{
	if (f->n >= ITEMS_MAX)
		return err_set(err, ERR_INPUT, "more than %d values",
		    ITEMS_MAX);
	if (arena_grow(f->a, &f->item, &f->cap, f->n + 1, sizeof(*f->item)) !=
	    0)
		return err_nomem(err, "a form");
	f->item[f->n++] = (struct fill_item){path, value, false};
	return 0;
}

/* The next item of exactly this path, from *at on; NULL behind the last. */
static struct fill_item *
next_item(struct fill *f, struct str path, size_t *at)
{
	for (; *at < f->n; (*at)++)
		if (str_eq(f->item[*at].path, path))
			return &f->item[(*at)++];
	return NULL;
}

static bool
has_below(const struct fill *f, struct str path)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->item[i].path.n > path.n &&
		    f->item[i].path.p[path.n] == '.' &&
		    str_starts(f->item[i].path, path))
			return true;
	return false;
}

/* "form" of the groups' "of": names with "?" or "??" where optional. */
static struct str
bare(struct str name)
{
	while (name.n > 0 && name.p[name.n - 1] == '?')
		name.n--;
	return name;
}

static int build_field(struct fill *f, struct js_make *m, struct js *in,
    struct str name, struct str path, int deep, struct err *err);

static int
build_group(struct fill *f, struct js_make *m, struct js *in, const char *key,
    const struct js *field, struct str path, int deep, struct err *err)
{
	const struct js *of = js_get(field, "of");
	struct js *j = js_put_map(m, in, key);

	if (deep >= DEEP_MAX)
		return err_set(err, ERR_INPUT, "groups are too deep");
	for (size_t i = 0; i < js_len(of); i++) {
		struct str name = bare(js_str(js_at(of, i)));
		struct str below =
		    str_fmt(f->a, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));

		if (build_field(f, m, j, name, below, deep + 1, err) != 0)
			return -1;
	}
	return 0;
}

static int
build_groups(struct fill *f, struct js_make *m, struct js *in,
    const struct js *field, struct str path, int deep, struct err *err)
{
	struct str below = str_fmt(f->a, "%.*s.1", STR_ARG(path));

	if (!has_below(f, below))
		return build_group(f, m, in, NULL, field, path, deep, err);
	for (int i = 1; i <= GROUPS_MAX && has_below(f, below); i++) {
		if (build_group(f, m, in, NULL, field, below, deep, err) != 0)
			return -1;
		below = str_fmt(f->a, "%.*s.%d", STR_ARG(path), i + 1);
	}
	return 0;
}

static int
build_values(struct fill *f, struct js_make *m, struct js *in, const char *key,
    const struct js *field, struct str path, struct err *err)
{
	bool many = js_bool(js_get(field, "many"));
	bool texts = js_is_str(js_get(field, "type"), "texts");
	struct js *list = many || texts ? js_put_list(m, in, key) : NULL;
	struct fill_item *item;
	size_t at = 0, n = 0;

	while ((item = next_item(f, path, &at)) != NULL) {
		item->used = true;
		if (list == NULL && ++n > 1)
			return err_set(err, ERR_INPUT,
			    "the field '%.*s' takes one value, not several",
			    STR_ARG(path));
		if (fill_value(f, field, item->value, m,
			list != NULL ? list : in, list != NULL ? NULL : key,
			err) != 0)
			return err_in(err, "%.*s: ", STR_ARG(path));
	}
	return 0;
}

static int
build_field(struct fill *f, struct js_make *m, struct js *in, struct str name,
    struct str path, int deep, struct err *err)
{
	const struct js *field = js_get_at(f->fields, name);
	const char *key = str_z(f->a, name);
	size_t at = 0;

	if (key == NULL || path.p == NULL)
		return err_nomem(err, "a form");
	if (next_item(f, path, &at) != NULL)
		return build_values(f, m, in, key, field, path, err);
	if (!has_below(f, path) || !js_is_str(js_get(field, "type"), "group"))
		return 0;
	if (js_bool(js_get(field, "many")))
		return build_groups(f, m, js_put_list(m, in, key), field, path,
		    deep, err);
	return build_group(f, m, in, key, field, path, deep, err);
}

static int
refuse_unused(const struct fill *f, const struct fill_item *item,
    struct err *err)
{
	struct str name = item->path;
	struct near n;
	struct buf b;
	struct str names;

	near_begin(&n, str_sub(name, 0, str_find(name, '.', 0)));
	buf_init(&b, f->a);
	for (size_t i = 0; i < js_len(f->form); i++) {
		struct str has = js_str(js_get(js_at(f->form, i), "name"));

		near_try(&n, has);
		buf_z(&b, i == 0 ? "" : ", ");
		buf_str(&b, has);
	}
	if (buf_done(&b, &names, err) != 0)
		return -1;
	return err_set(err, ERR_INPUT,
	    "there is no field '%.*s'%.*s; the form has: %.*s", STR_ARG(name),
	    STR_ARG(near_hint(&n, f->a)), STR_ARG(names));
}

int
fill_body(struct fill *f, struct js_make *make, struct js **ret,
    struct err *err)
{
	struct js *body = js_map(make);

	for (size_t i = 0; i < js_len(f->form); i++) {
		struct str name = js_str(js_get(js_at(f->form, i), "name"));

		if (build_field(f, make, body, name, name, 0, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < f->n; i++)
		if (!f->item[i].used)
			return refuse_unused(f, &f->item[i], err);
	*ret = body;
	return 0;
}
