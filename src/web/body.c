#include "web/body.h"

#include "base/num.h"
#include "base/uri.h"
#include "base/when.h"

enum {
	GROUPS_MAX = 8, /* groups in groups, as the page nests them */
	SMALL_PICTURE = 1024 * 1024
};

struct spot { /* the field that a value belongs to */
	const struct body_look *l;
	const struct js *field;
	unsigned depth;
};

static void put_fields(const struct body_look *l, struct js *in,
    const char *key, const struct js *form, const struct js *body,
    unsigned depth);

static void
raw(const struct spot *s, struct js *list, const struct js *v)
{
	struct js_make *m = s->l->make;
	struct js *j = js_put_map(m, list, NULL);
	struct str text;
	struct err err;

	if (js_type(v) == JS_TEXT)
		text = js_str(v);
	else if (js_text(m, v, JS_COMPACT, &text, &err) != 0)
		text = STR("");
	js_put_str(m, j, "text", text);
}

static bool
put_text(const struct spot *s, struct js *list, const struct js *v)
{
	if (js_type(v) != JS_TEXT)
		return false;
	raw(s, list, v);
	return true;
}

/* ---- codes and parties ---- */

static void
put_code(const struct spot *s, struct js *list, const struct js *v)
{
	struct js_make *m = s->l->make;
	const struct js *codes = js_get(s->field, "codes"), *title = v;
	struct js *j = js_put_map(m, list, NULL);

	for (size_t i = 0; i < js_len(codes); i++)
		if (str_eq(js_str(js_get(js_at(codes, i), "code")), js_str(v)))
			title = js_get(js_at(codes, i), "title");
	js_put(m, j, "code", v);
	js_put(m, j, "title", title);
}

static void
put_party(const struct spot *s, struct js *list, const struct js *v)
{
	js_put(s->l->make, js_put_map(s->l->make, list, NULL), "party", v);
}

/* One text, or a list of them. */
static bool
put_each(const struct spot *s, struct js *list, const struct js *v,
    void (*put)(const struct spot *s, struct js *list, const struct js *v))
{
	if (js_type(v) == JS_TEXT) {
		put(s, list, v);
		return true;
	}
	for (size_t i = 0; i < js_len(v); i++)
		if (js_type(js_at(v, i)) != JS_TEXT)
			return false;
	for (size_t i = 0; i < js_len(v); i++)
		put(s, list, js_at(v, i));
	return js_type(v) == JS_LIST;
}

static bool
put_choice(const struct spot *s, struct js *list, const struct js *v)
{
	return put_each(s, list, v, put_code);
}

static bool
put_parties(const struct spot *s, struct js *list, const struct js *v)
{
	return put_each(s, list, v, put_party);
}

/* ---- numbers and times ---- */

static bool
is_number(const struct js *v)
{
	return js_type(v) == JS_INT || js_type(v) == JS_REAL;
}

static bool
put_number(const struct spot *s, struct js *list, const struct js *v)
{
	struct js *j;

	if (!is_number(v))
		return false;
	j = js_put_map(s->l->make, list, NULL);
	js_put(s->l->make, j, "number", v);
	js_put(s->l->make, j, "unit", js_get(s->field, "unit"));
	return true;
}

static bool
put_range(const struct spot *s, struct js *list, const struct js *v)
{
	struct js *j;

	if (!is_number(js_get(v, "low")) || !is_number(js_get(v, "high")))
		return false;
	j = js_put_map(s->l->make, list, NULL);
	js_put(s->l->make, j, "low", js_get(v, "low"));
	js_put(s->l->make, j, "high", js_get(v, "high"));
	js_put(s->l->make, j, "best", js_get(v, "best"));
	js_put(s->l->make, j, "unit", js_get(s->field, "unit"));
	return true;
}

static bool
put_boolean(const struct spot *s, struct js *list, const struct js *v)
{
	if (js_type(v) != JS_BOOL)
		return false;
	js_put(s->l->make, js_put_map(s->l->make, list, NULL), "yes", v);
	return true;
}

static bool
is_time(const struct js *v)
{
	int64_t us;

	return when_is_time(js_str(v), WHEN_YEAR, &us);
}

static bool
put_time(const struct spot *s, struct js *list, const struct js *v)
{
	if (!is_time(v))
		return false;
	js_put(s->l->make, js_put_map(s->l->make, list, NULL), "time", v);
	return true;
}

static bool
put_period(const struct spot *s, struct js *list, const struct js *v)
{
	struct js *j;

	if (!is_time(js_get(v, "start")) || !is_time(js_get(v, "end")))
		return false;
	j = js_put_map(s->l->make, list, NULL);
	js_put(s->l->make, j, "start", js_get(v, "start"));
	js_put(s->l->make, j, "end", js_get(v, "end"));
	return true;
}

static bool
put_duration(const struct spot *s, struct js *list, const struct js *v)
{
	struct js *j;
	int64_t us;

	if (!when_is_duration(js_str(v), &us))
		return false;
	j = js_put_map(s->l->make, list, NULL);
	js_put(s->l->make, j, "duration", v);
	js_put_int(s->l->make, j, "us", us);
	return true;
}

/* ---- places ---- */

static void
put_names(const struct spot *s, struct js *in, const struct js *names)
{
	struct js_make *m = s->l->make;
	struct js *list = js_put_list(m, in, "names"), *j;

	for (struct js_each e = {0}; js_next(names, &e);) {
		j = js_put_map(m, list, NULL);
		js_put_str(m, j, "key", e.key);
		js_put_bool(m, j, "tongue",
		    e.key.n > 0 && e.key.p[0] >= 'a' && e.key.p[0] <= 'z');
		js_put(m, j, "text", e.value);
	}
}

static bool
put_point(const struct spot *s, struct js *j, const struct js *lat,
    const struct js *lon)
{
	js_put(s->l->make, j, "lat", lat);
	js_put(s->l->make, j, "lon", lon);
	return is_number(lat) && is_number(lon);
}

static bool
put_place(const struct spot *s, struct js *list, const struct js *v)
{
	struct js *j;

	if (!is_number(js_get(v, "lat")) || !is_number(js_get(v, "lon")))
		return false;
	j = js_put_map(s->l->make, list, NULL);
	(void)put_point(s, j, js_get(v, "lat"), js_get(v, "lon"));
	js_put(s->l->make, j, "radius", js_get(v, "radius"));
	put_names(s, j, js_get(v, "names"));
	return true;
}

static bool
put_area(const struct spot *s, struct js *list, const struct js *v)
{
	struct js_make *m = s->l->make;
	const struct js *circle = js_get(v, "circle");
	const struct js *polygon = js_get(v, "polygon"), *p;
	struct js *j, *in;

	if (js_type(circle) != JS_MAP && js_type(polygon) != JS_LIST)
		return false;
	for (size_t i = 0; i < js_len(polygon); i++)
		if (js_len(js_at(polygon, i)) != 2)
			return false;
	j = js_put_map(m, list, NULL);
	js_put(m, j, "circle", NULL);
	if (js_type(circle) == JS_MAP) {
		in = js_put_map(m, j, "circle");
		(void)put_point(s, in, js_get(circle, "lat"),
		    js_get(circle, "lon"));
		js_put(m, in, "radius", js_get(circle, "radius"));
	}
	in = js_put_list(m, j, "polygon");
	for (size_t i = 0; i < js_len(polygon); i++) {
		p = js_at(polygon, i);
		(void)put_point(s, js_put_map(m, in, NULL), js_at(p, 0),
		    js_at(p, 1));
	}
	js_put(m, j, "lower", js_get(v, "lower"));
	js_put(m, j, "upper", js_get(v, "upper"));
	put_names(s, j, js_get(v, "names"));
	return true;
}

/* ---- what refers to something ---- */

static bool
put_ref(const struct spot *s, struct js *list, const struct js *v)
{
	uint8_t id[32];
	struct js *j;

	if (!hex_is_parsed(js_str(v), id, sizeof(id)))
		return false;
	j = js_put_map(s->l->make, list, NULL);
	js_put_str(s->l->make, j, "cite", s->l->cite(s->l->ctx, js_str(v)));
	js_put(s->l->make, j, "ref", v);
	return true;
}

/* Where a file is fetched, with its name percent-encoded (RFC 3986 2.3). */
static struct str
href_of(struct arena *a, struct str sha256, struct str name)
{
	struct buf b;
	struct str ret;
	struct err err;

	buf_init(&b, a);
	buf_z(&b, "/files/");
	buf_str(&b, sha256);
	buf_z(&b, "?name=");
	uri_encode(&b, name, NULL);
	return buf_done(&b, &ret, &err) == 0 ? ret : STR("");
}

static bool
put_file(const struct spot *s, struct js *list, const struct js *v)
{
	static const char *const part[] = {"sha256", "name", "type", "size"};
	static const char *const image[] = {"image/png", "image/jpeg",
	    "image/gif", "image/webp"};
	struct js_make *m = s->l->make;
	bool is_image = false, here;
	struct id id;
	struct js *j;

	if (!hex_is_parsed(js_str(js_get(v, "sha256")), id.b, sizeof(id.b)) ||
	    js_type(js_get(v, "size")) != JS_INT)
		return false;
	j = js_put_map(m, list, NULL);
	for (size_t i = 0; i < COUNT(part); i++)
		js_put(m, j, part[i], js_get(v, part[i]));
	for (size_t i = 0; i < COUNT(image); i++)
		is_image = is_image || js_is_str(js_get(v, "type"), image[i]);
	here = s->l->has_file(s->l->ctx, &id);
	js_put_bool(m, j, "here", here);
	js_put_bool(m, j, "small",
	    here && is_image && js_int(js_get(v, "size")) <= SMALL_PICTURE);
	js_put_bool(m, j, "large",
	    here && is_image && js_int(js_get(v, "size")) > SMALL_PICTURE);
	js_put_str(m, j, "href",
	    href_of(m->a, js_str(js_get(v, "sha256")),
		js_str(js_get(v, "name"))));
	return true;
}

static bool
put_texts(const struct spot *s, struct js *list, const struct js *v)
{
	struct js_make *m = s->l->make;
	struct js *j;

	for (size_t i = 0; i < js_len(v); i++)
		if (js_type(js_get(js_at(v, i), "text")) != JS_TEXT ||
		    js_type(js_get(js_at(v, i), "lang")) != JS_TEXT)
			return false;
	for (size_t i = 0; i < js_len(v); i++) {
		j = js_put_map(m, list, NULL);
		js_put(m, j, "lang", js_get(js_at(v, i), "lang"));
		js_put(m, j, "text", js_get(js_at(v, i), "text"));
		js_put_bool(m, j, "authentic",
		    js_bool(js_get(js_at(v, i), "authentic")));
	}
	return js_type(v) == JS_LIST;
}

static bool
put_group(const struct spot *s, struct js *list, const struct js *v)
{
	if (js_type(v) != JS_MAP || s->depth >= GROUPS_MAX)
		return false;
	put_fields(s->l, js_put_map(s->l->make, list, NULL), "fields",
	    js_get(s->field, "of"), v, s->depth + 1);
	return true;
}

/* `sort`: the first thing that a page asks of a value, for there are many. */
static const struct {
	const char *type, *sort;
	bool (*put)(const struct spot *s, struct js *list, const struct js *v);
} value[] = {
    {"text", "said", put_text},
    {"longtext", "said", put_text},
    {"officer", "said", put_text},
    {"digest", "rest", put_text},
    {"choice", "coded", put_choice},
    {"choices", "coded", put_choice},
    {"integer", "rest", put_number},
    {"decimal", "rest", put_number},
    {"range", "rest", put_range},
    {"boolean", "rest", put_boolean},
    {"time", "rest", put_time},
    {"period", "rest", put_period},
    {"duration", "rest", put_duration},
    {"place", "rest", put_place},
    {"area", "rest", put_area},
    {"party", "coded", put_parties},
    {"parties", "coded", put_parties},
    {"matter", "rest", put_ref},
    {"act", "rest", put_ref},
    {"file", "rest", put_file},
    {"texts", NULL, put_texts},
    {"group", "rest", put_group},
};

static const char *
sort_of(struct str type)
{
	for (size_t i = 0; i < COUNT(value); i++)
		if (str_is(type, value[i].type))
			return value[i].sort;
	return "rest"; /* raw */
}

/* The values of a field; false: they do not fit its type. */
static bool
put_values(const struct spot *s, struct js *list, const struct js *v)
{
	struct str type = js_str(js_get(s->field, "type"));
	bool many = js_bool(js_get(s->field, "many"));
	size_t row = 0, n = many ? js_len(v) : 1;

	while (row < COUNT(value) && !str_is(type, value[row].type))
		row++;
	if (row == COUNT(value) || (many && js_type(v) != JS_LIST))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!value[row].put(s, list, many ? js_at(v, i) : v))
			return false;
	return true;
}

static void
put_field(const struct body_look *l, struct js *in, const struct js *field,
    struct str name, const struct js *v, unsigned depth)
{
	struct spot s = {l, field, depth};
	struct js_make *m = l->make;
	struct js *j = js_put_map(m, in, NULL), *values = js_list(m), *is;
	struct str type = js_str(js_get(field, "type"));

	if (!put_values(&s, values, v)) {
		type = STR("raw");
		values = js_list(m);
		raw(&s, values, v);
	}
	js_put_str(m, j, "name", name);
	if (js_type(js_get(field, "title")) == JS_MAP)
		js_put(m, j, "title", js_get(field, "title"));
	else
		js_put_str(m, js_put_map(m, j, "title"), "en", name);
	js_put_str(m, j, "type", type);
	is = js_put_map(m, j, "is");
	js_put_bool(m, is, str_copy(m->a, type).p, true);
	if (sort_of(type) != NULL)
		js_put_bool(m, is, sort_of(type), true);
	js_put(m, j, "values", values);
}

static struct str
bare(const struct js *entry) /* "place?" */
{
	struct str name = js_str(entry);

	return str_sub(name, 0, name.n - str_ends(name, STR("?")));
}

static bool
is_in_form(const struct js *form, struct str name)
{
	for (size_t i = 0; i < js_len(form); i++)
		if (str_eq(bare(js_at(form, i)), name))
			return true;
	return false;
}

static void
put_fields(const struct body_look *l, struct js *in, const char *key,
    const struct js *form, const struct js *body, unsigned depth)
{
	const struct js *fields =
	    l->p == NULL ? NULL : js_get(procedure_json(l->p), "fields");
	struct js *list = js_put_list(l->make, in, key);

	for (size_t i = 0; i < js_len(form); i++) {
		struct str name = bare(js_at(form, i));
		const struct js *v = js_get_at(body, name);

		if (js_type(v) != JS_NONE)
			put_field(l, list, js_get_at(fields, name), name, v,
			    depth);
	}
	for (struct js_each e = {0}; js_next(body, &e);)
		if (!is_in_form(form, e.key))
			put_field(l, list, NULL, e.key, e.value, depth);
}

void
body_put(const struct body_look *l, struct js *in, const char *key,
    struct str act, const struct js *body)
{
	const struct js *acts =
	    l->p == NULL ? NULL : js_get(procedure_json(l->p), "acts");

	put_fields(l, in, key, js_get(js_get_at(acts, act), "form"), body, 0);
}
