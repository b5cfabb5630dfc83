#include "base/js.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/js_int.h"

/* ---- reading ---- */

enum js_type
js_type(const struct js *j)
{
	return j == NULL ? JS_NONE : (enum js_type)j->type;
}

static int
by_key(const void *a, const void *b, void *map)
{
	const struct js *j = map;
	const uint32_t *x = a, *y = b;

	return str_cmp(j->member[*x].key, j->member[*y].key);
}

bool
js_sort(struct js *map, struct arena *a)
{
	map->order = arena_array(a, map->cap, uint32_t);
	if (map->order == NULL)
		return false;
	for (uint32_t i = 0; i < map->n; i++)
		map->order[i] = i;
	qsort_r(map->order, map->n, sizeof(*map->order), by_key, map);
	return true;
}

size_t
js_order(const struct js *map, struct str key)
{
	size_t lo = 0, hi = map->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (str_cmp(map->member[map->order[mid]].key, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct js_member *
find(const struct js *map, struct str key)
{
	if (js_type(map) != JS_MAP)
		return NULL;
	if (map->order != NULL) {
		size_t i = js_order(map, key);
		struct js_member *m =
		    i == map->n ? NULL : &map->member[map->order[i]];

		return m != NULL && str_eq(m->key, key) ? m : NULL;
	}
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->member[i].key, key))
			return &map->member[i];
	return NULL;
}

const struct js *
js_get(const struct js *map, const char *key)
{
	return js_get_at(map, str_of(key));
}

const struct js *
js_get_at(const struct js *map, struct str key)
{
	const struct js_member *m = find(map, key);

	return m == NULL ? NULL : m->value;
}

size_t
js_len(const struct js *j)
{
	return js_type(j) == JS_LIST || js_type(j) == JS_MAP ? j->n : 0;
}

const struct js *
js_at(const struct js *list, size_t i)
{
	return js_type(list) == JS_LIST && i < list->n ? list->item[i] : NULL;
}

struct str
js_str(const struct js *j)
{
	return js_type(j) == JS_TEXT ? (struct str){j->text, j->n} : STR("");
}

int64_t
js_int(const struct js *j)
{
	return js_type(j) == JS_INT ? j->i : 0;
}

double
js_real(const struct js *j)
{
	return js_type(j) == JS_REAL  ? j->x
	       : js_type(j) == JS_INT ? (double)j->i
	                              : 0;
}

bool
js_bool(const struct js *j)
{
	return js_type(j) == JS_BOOL && j->yes;
}

bool
js_is_str(const struct js *j, const char *z)
{
	return js_type(j) == JS_TEXT && str_is(js_str(j), z);
}

static bool
is_same_list(const struct js *a, const struct js *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!js_is_equal(a->item[i], b->item[i]))
			return false;
	return true;
}

static bool
is_same_map(const struct js *a, const struct js *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!js_is_equal(a->member[i].value,
			js_get_at(b, a->member[i].key)))
			return false;
	return true;
}

bool
js_is_equal(const struct js *a, const struct js *b)
{
	if (a == NULL || b == NULL || a->type != b->type || a->n != b->n)
		return false;
	switch (js_type(a)) {
	case JS_NONE:
	case JS_NULL:
		return true;
	case JS_BOOL:
		return a->yes == b->yes;
	case JS_INT:
		return a->i == b->i;
	case JS_REAL:
		return a->x <= b->x && a->x >= b->x;
	case JS_TEXT:
		return str_eq(js_str(a), js_str(b));
	case JS_LIST:
		return is_same_list(a, b);
	case JS_MAP:
		return is_same_map(a, b);
	}
	return false;
}

bool
js_next(const struct js *map, struct js_each *e)
{
	struct js_member *m = e->at;

	if (js_type(map) != JS_MAP)
		return false;
	m = m == NULL ? map->member : m + 1;
	if (m == map->member + map->n)
		return false;
	e->at = m;
	e->key = m->key;
	e->value = m->value;
	return true;
}

/* ---- making ---- */

/* A value with room for a text behind it. */
static struct js *
new_value(struct js_make *m, enum js_type type, size_t room)
{
	size_t all;
	struct js *j;

	if (m->failed)
		return NULL;
	all = sizeof(*j) + room; /* no text comes near the end of memory */
	if ((j = arena_alloc(m->a, all, 1)) == NULL)
		m->failed = true;
	else
		j->type = (uint8_t)type; /* few */
	return j;
}

static bool
grow(struct js_make *m, struct js *in, size_t size)
{
	size_t cap = in->cap;

	if (in->n < in->cap)
		return true;
	if (cap > UINT32_MAX / 4 ||
	    arena_grow(m->a, &in->item, &cap, (size_t)in->n + 1, size) != 0)
		return false;
	in->cap = (uint32_t)cap; /* at most twice what it was, or 8 */
	return in->order == NULL || js_sort(in, m->a);
}

/* A member that is new to its map. */
static bool
add_member(struct js_make *m, struct js *in, const char *key,
    const struct js *v)
{
	struct js_member x = {str_copy(m->a, str_of(key)), v};
	size_t at;

	if (x.key.p == NULL || !grow(m, in, sizeof(x)))
		return false;
	in->member[in->n] = x;
	if (in->order != NULL) {
		at = js_order(in, x.key);
		memmove(&in->order[at + 1], &in->order[at],
		    (in->n - at) * sizeof(*in->order));
		in->order[at] = in->n;
	}
	in->n++;
	return in->n != JS_FEW + 1 || js_sort(in, m->a);
}

static bool
add(struct js_make *m, struct js *in, const char *key, const struct js *v)
{
	struct js_member *old;

	if (key == NULL) {
		if (js_type(in) != JS_LIST || !grow(m, in, sizeof(v)))
			return false;
		in->item[in->n++] = v;
		return true;
	}
	if (js_type(in) != JS_MAP)
		return false;
	if ((old = find(in, str_of(key))) == NULL)
		return add_member(m, in, key, v);
	old->value = v;
	return true;
}

static struct js *
place(struct js_make *m, struct js *in, const char *key, struct js *v)
{
	if (v == NULL || m->failed || in == NULL || !add(m, in, key, v)) {
		m->failed = true;
		return NULL;
	}
	return v;
}

struct js *
js_map(struct js_make *m)
{
	return new_value(m, JS_MAP, 0);
}

struct js *
js_list(struct js_make *m)
{
	return new_value(m, JS_LIST, 0);
}

struct js *
js_put_map(struct js_make *m, struct js *in, const char *key)
{
	return place(m, in, key, js_map(m));
}

struct js *
js_put_list(struct js_make *m, struct js *in, const char *key)
{
	return place(m, in, key, js_list(m));
}

void
js_put_str(struct js_make *m, struct js *in, const char *key, struct str v)
{
	struct js *j = NULL;

	if (v.p == NULL)
		v = STR("");
	/* What cannot be JSON makes none. */
	if (v.n < UINT32_MAX && text_is_utf8(span_of(v)))
		j = new_value(m, JS_TEXT, v.n + 1);
	if (j != NULL) {
		char *text = (char *)(j + 1);

		if (v.n > 0)
			memcpy(text, v.p, v.n);
		j->text = text;
		j->n = (uint32_t)v.n;
	}
	(void)place(m, in, key, j);
}

void
js_put_z(struct js_make *m, struct js *in, const char *key, const char *v)
{
	if (v == NULL)
		js_put_null(m, in, key);
	else
		js_put_str(m, in, key, str_of(v));
}

void
js_put_int(struct js_make *m, struct js *in, const char *key, int64_t v)
{
	struct js *j = new_value(m, JS_INT, 0);

	if (j != NULL)
		j->i = v;
	(void)place(m, in, key, j);
}

void
js_put_real(struct js_make *m, struct js *in, const char *key, double v)
{
	struct js *j = isfinite(v) ? new_value(m, JS_REAL, 0) : NULL;

	if (j != NULL)
		j->x = v;
	(void)place(m, in, key, j);
}

void
js_put_bool(struct js_make *m, struct js *in, const char *key, bool v)
{
	struct js *j = new_value(m, JS_BOOL, 0);

	if (j != NULL)
		j->yes = v;
	(void)place(m, in, key, j);
}

void
js_put_null(struct js_make *m, struct js *in, const char *key)
{
	(void)place(m, in, key, new_value(m, JS_NULL, 0));
}

void
js_put_hex(struct js_make *m, struct js *in, const char *key, const void *p,
    size_t n)
{
	struct js *j = new_value(m, JS_TEXT, 2 * n + 1);

	if (j != NULL) {
		char *text = (char *)(j + 1);

		hex_write(p, n, text);
		j->text = text;
		j->n = (uint32_t)(2 * n); /* keys, hashes */
	}
	(void)place(m, in, key, j);
}

void
js_put(struct js_make *m, struct js *in, const char *key, const struct js *v)
{
	if (v == NULL)
		js_put_null(m, in, key);
	else if (m->failed || in == NULL || !add(m, in, key, v))
		m->failed = true;
}
