#include "base/js.h"

#include <jansson.h>
#include <string.h>

/* struct js is jansson's json_t under our name; these are the only casts. */
static json_t *
inner(const struct js *j)
{
	union {
		const struct js *ours;
		json_t *theirs;
	} u = {.ours = j}; /* drops const: jansson's readers lack it */
	return u.theirs;
}

static struct js *
outer(json_t *j)
{
	return (struct js *)j;
}

static void
drop(void *p)
{
	json_decref(p);
}

int
js_parse(struct span s, struct arena *a, const struct js **ret, struct err *err)
{
	json_error_t e;
	json_t *j;

	if (!text_is_utf8(s))
		return err_set(err, ERR_INPUT, "JSON is not UTF-8");
	/* No NUL is JSON, but jansson takes one behind a number or a word. */
	if (s.n > 0 && memchr(s.p, 0, s.n) != NULL)
		return err_set(err, ERR_INPUT, "JSON holds a NUL");
	j = json_loadb((const char *)s.p, s.n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	if (j == NULL)
		return err_set(err, ERR_INPUT, "JSON, line %d, column %d: %s",
		    e.line, e.column, e.text);
	if (arena_defer(a, drop, j) != 0)
		return err_nomem(err, "JSON");
	*ret = outer(j);
	return 0;
}

enum js_type
js_type(const struct js *j)
{
	if (j == NULL)
		return JS_NONE;
	switch (json_typeof(inner(j))) {
	case JSON_OBJECT:
		return JS_MAP;
	case JSON_ARRAY:
		return JS_LIST;
	case JSON_STRING:
		return JS_TEXT;
	case JSON_INTEGER:
		return JS_INT;
	case JSON_REAL:
		return JS_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return JS_BOOL;
	case JSON_NULL:
		return JS_NULL;
	}
	return JS_NONE;
}

const struct js *
js_get(const struct js *map, const char *key)
{
	return outer(json_object_get(inner(map), key));
}

const struct js *
js_get_at(const struct js *map, struct str key)
{
	return key.n == 0 ? js_get(map, "")
	                  : outer(json_object_getn(inner(map), key.p, key.n));
}

size_t
js_len(const struct js *j)
{
	return js_type(j) == JS_LIST  ? json_array_size(inner(j))
	       : js_type(j) == JS_MAP ? json_object_size(inner(j))
	                              : 0;
}

const struct js *
js_at(const struct js *list, size_t i)
{
	return outer(json_array_get(inner(list), i));
}

struct str
js_str(const struct js *j)
{
	if (js_type(j) != JS_TEXT)
		return STR("");
	return (struct str){json_string_value(inner(j)),
	    json_string_length(inner(j))};
}

int64_t
js_int(const struct js *j)
{
	return json_integer_value(inner(j));
}

double
js_real(const struct js *j)
{
	return json_number_value(inner(j));
}

bool
js_bool(const struct js *j)
{
	return json_is_true(inner(j));
}

bool
js_is_str(const struct js *j, const char *z)
{
	return js_type(j) == JS_TEXT && str_is(js_str(j), z);
}

bool
js_is_equal(const struct js *a, const struct js *b)
{
	return json_equal(inner(a), inner(b)) == 1;
}

bool
js_next(const struct js *map, struct js_each *e)
{
	json_t *j = inner(map);

	if (js_type(map) != JS_MAP)
		return false;
	e->at = e->at == NULL ? json_object_iter(j)
	                      : json_object_iter_next(j, e->at);
	if (e->at == NULL)
		return false;
	e->key = (struct str){json_object_iter_key(e->at),
	    json_object_iter_key_len(e->at)};
	e->value = outer(json_object_iter_value(e->at));
	return true;
}

/* Put a new reference into its parent, or own it as a root. */
static struct js *
place(struct js_make *m, struct js *in, const char *key, json_t *v)
{
	int rc;

	if (v == NULL || m->failed || in == NULL) {
		json_decref(v);
		m->failed = true;
		return NULL;
	}
	rc = key == NULL ? json_array_append_new(inner(in), v)
	                 : json_object_set_new_nocheck(inner(in), key, v);
	if (rc != 0)
		m->failed = true;
	return rc != 0 ? NULL : outer(v);
}

static struct js *
root(struct js_make *m, json_t *v)
{
	if (v == NULL || arena_defer(m->a, drop, v) != 0) {
		m->failed = true;
		return NULL;
	}
	return outer(v);
}

struct js *
js_map(struct js_make *m)
{
	return root(m, json_object());
}

struct js *
js_list(struct js_make *m)
{
	return root(m, json_array());
}

struct js *
js_put_map(struct js_make *m, struct js *in, const char *key)
{
	return place(m, in, key, json_object());
}

struct js *
js_put_list(struct js_make *m, struct js *in, const char *key)
{
	return place(m, in, key, json_array());
}

void
js_put_str(struct js_make *m, struct js *in, const char *key, struct str v)
{
	(void)place(m, in, key, json_stringn(v.p == NULL ? "" : v.p, v.n));
}

void
js_put_some(struct js_make *m, struct js *in, const char *key, struct str v)
{
	if (v.n > 0)
		js_put_str(m, in, key, v);
	else
		js_put_null(m, in, key);
}

void
js_put_z(struct js_make *m, struct js *in, const char *key, const char *v)
{
	(void)place(m, in, key, v == NULL ? json_null() : json_string(v));
}

void
js_put_int(struct js_make *m, struct js *in, const char *key, int64_t v)
{
	(void)place(m, in, key, json_integer(v));
}

void
js_put_real(struct js_make *m, struct js *in, const char *key, double v)
{
	(void)place(m, in, key, json_real(v));
}

void
js_put_bool(struct js_make *m, struct js *in, const char *key, bool v)
{
	(void)place(m, in, key, json_boolean(v));
}

void
js_put_null(struct js_make *m, struct js *in, const char *key)
{
	(void)place(m, in, key, json_null());
}

void
js_put_hex(struct js_make *m, struct js *in, const char *key, const void *p,
    size_t n)
{
	struct str s = hex_str(m->a, p, n);

	if (s.p == NULL)
		m->failed = true;
	else
		js_put_str(m, in, key, s);
}

void
js_put(struct js_make *m, struct js *in, const char *key, const struct js *v)
{
	(void)place(m, in, key,
	    v == NULL ? json_null() : json_incref(inner(v)));
}

static bool
has_real(const json_t *j)
{
	const char *key;
	json_t *v;
	size_t i;

	if (json_is_real(j))
		return true;
	if (json_is_array(j)) {
		json_array_foreach(j, i, v) if (has_real(v)) return true;
	} else if (json_is_object(j)) {
		json_t *map = inner((const struct js *)j);

		json_object_foreach(map, key, v) if (has_real(v)) return true;
	}
	return false;
}

/* The fewest digits that give the same numbers back: 0.1, not
 * 0.10000000000000001. */
static size_t
precision(const json_t *j)
{
	for (size_t digits = 15; has_real(j) && digits < 17; digits++) {
		size_t flags = JSON_ENCODE_ANY | JSON_COMPACT |
		               JSON_REAL_PRECISION(digits);
		char *text = json_dumps(j, flags);
		json_t *back =
		    text == NULL ? NULL
				 : json_loads(text,
				       JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		bool same = json_equal(back, inner((const struct js *)j)) == 1;

		json_decref(back);
		mem_free(text); /* jansson allocates as we do */
		if (same)
			return JSON_REAL_PRECISION(digits);
	}
	return 0; /* jansson's 17 */
}

int
js_text(struct js_make *m, const struct js *j, enum js_style style,
    struct str *ret, struct err *err)
{
	size_t flags = JSON_ENCODE_ANY |
	               (style == JS_PRETTY ? JSON_INDENT(1) : JSON_COMPACT);
	size_t n;
	char *p;

	if (m->failed || j == NULL)
		return err_nomem(err, "JSON");
	flags |= precision(inner(j));
	if ((n = json_dumpb(inner(j), NULL, 0, flags)) == 0 ||
	    (p = arena_alloc(m->a, n + 1, 1)) == NULL ||
	    json_dumpb(inner(j), p, n, flags) != n)
		return err_nomem(err, "JSON");
	*ret = (struct str){p, n};
	return 0;
}
