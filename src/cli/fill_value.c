#include "cli/fill_int.h"

#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "node/keydir.h"
#include "record/hash.h"

enum { FILE_MAX = 512 * 1024 * 1024, TEXT_FILE_MAX = 1024 * 1024 };

struct slot { /* where a value goes */
	const struct fill *f;
	const struct js *field;
	struct js_make *m;
	struct js *in;
	const char *key;
};
typedef int value_fn(const struct slot *s, struct str v, struct err *err);

/* A text, or "@path": the file's text. */
static int
text_or_file(const struct slot *s, struct str v, struct str *ret,
    struct err *err)
{
	const char *path;

	*ret = v;
	if (v.n < 2 || v.p[0] != '@')
		return 0;
	if ((path = str_z(s->f->a, str_sub(v, 1, v.n))) == NULL)
		return err_nomem(err, "a path");
	if (keydir_load(path, TEXT_FILE_MAX, s->f->a, ret, err) != 0)
		return -1;
	if (!text_is_utf8(span_of(*ret)))
		return err_set(err, ERR_INPUT, "%s is not UTF-8", path);
	while (ret->n > 0 && ret->p[ret->n - 1] == '\n')
		ret->n--;
	return 0;
}

static int
put_text(const struct slot *s, struct str v, struct err *err)
{
	(void)err; /* the table's common form */
	js_put_str(s->m, s->in, s->key, v);
	return 0;
}

static int
put_longtext(const struct slot *s, struct str v, struct err *err)
{
	struct str text;

	if (text_or_file(s, v, &text, err) != 0)
		return -1;
	js_put_str(s->m, s->in, s->key, text);
	return 0;
}

static int
put_choice(const struct slot *s, struct str v, struct err *err)
{
	const struct js *codes = js_get(s->field, "codes");
	struct str hint;

	for (size_t i = 0; i < js_len(codes); i++)
		if (str_eq(js_str(js_get(js_at(codes, i), "code")), v))
			return put_text(s, v, err);
	hint = fill_hint(s->field, s->f->a);
	return err_set(err, ERR_INPUT, "'%.*s' is not %.*s", STR_ARG(v),
	    STR_ARG(hint));
}

static int
put_json(const struct slot *s, struct str v, struct err *err)
{
	const struct js *j;

	if (js_parse(span_of(v), s->f->a, &j, err) != 0)
		return -1;
	js_put(s->m, s->in, s->key, j);
	return 0;
}

static int
number(const struct slot *s, struct str v, const struct js **ret,
    struct err *err)
{
	struct err bad;

	if (js_parse(span_of(v), s->f->a, ret, &bad) != 0 ||
	    (js_type(*ret) != JS_INT && js_type(*ret) != JS_REAL))
		return err_set(err, ERR_INPUT, "'%.*s' is no number",
		    STR_ARG(v));
	return 0;
}

static int
put_number(const struct slot *s, struct str v, struct err *err)
{
	const struct js *j;

	if (number(s, v, &j, err) != 0)
		return -1;
	js_put(s->m, s->in, s->key, j);
	return 0;
}

static int
put_integer(const struct slot *s, struct str v, struct err *err)
{
	int64_t n;

	if (num_parse(v, -(INT64_C(1) << 53) + 1, (INT64_C(1) << 53) - 1, &n,
		err) != 0)
		return -1;
	js_put_int(s->m, s->in, s->key, n);
	return 0;
}

static int
put_boolean(const struct slot *s, struct str v, struct err *err)
{
	static const char *const yes[] = {"true", "yes", "1"};
	static const char *const no[] = {"false", "no", "0"};

	for (size_t i = 0; i < COUNT(yes); i++) {
		if (!str_is(v, yes[i]) && !str_is(v, no[i]))
			continue;
		js_put_bool(s->m, s->in, s->key, str_is(v, yes[i]));
		return 0;
	}
	return err_set(err, ERR_INPUT, "'%.*s' is neither yes nor no",
	    STR_ARG(v));
}

/* A time as it is; "+PT4H": from now; "now". */
static int
time_of(const struct slot *s, struct str v, struct str *ret, struct err *err)
{
	int64_t add = 0, us;

	*ret = v;
	if (str_is(v, "now") || (v.n > 1 && v.p[0] == '+')) {
		if (v.p[0] == '+' &&
		    !when_is_duration(str_sub(v, 1, v.n), &add))
			return err_set(err, ERR_INPUT,
			    "'%.*s' is no duration like P1DT2H", STR_ARG(v));
		if (ckd_add(&us, s->f->now_us, add))
			return err_set(err, ERR_INPUT, "that is too far off");
		us -= us % 1000000;
		*ret = when_str(s->f->a, us);
		return ret->p == NULL ? err_nomem(err, "a time") : 0;
	}
	if (!when_is_time(v, WHEN_YEAR, &us))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no time like 2026-03-02T09:00Z, +PT4H or now",
		    STR_ARG(v));
	return 0;
}

static int
put_time(const struct slot *s, struct str v, struct err *err)
{
	struct str t;

	if (time_of(s, v, &t, err) != 0)
		return -1;
	js_put_str(s->m, s->in, s->key, t);
	return 0;
}

static int
put_period(const struct slot *s, struct str v, struct err *err)
{
	size_t slash = str_find(v, '/', 0);
	struct str start, end;
	struct js *j;

	if (slash == v.n)
		return err_set(err, ERR_INPUT, "'%.*s' is no start/end",
		    STR_ARG(v));
	if (time_of(s, str_sub(v, 0, slash), &start, err) != 0 ||
	    time_of(s, str_sub(v, slash + 1, v.n), &end, err) != 0)
		return -1;
	j = js_put_map(s->m, s->in, s->key);
	js_put_str(s->m, j, "start", start);
	js_put_str(s->m, j, "end", end);
	return 0;
}

static int
put_duration(const struct slot *s, struct str v, struct err *err)
{
	int64_t us;

	if (!when_is_duration(v, &us))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no duration like P1DT2H", STR_ARG(v));
	return put_text(s, v, err);
}

/* "a,b,c" to a list of texts. */
static int
put_list(const struct slot *s, struct str v, struct err *err)
{
	struct slot each = *s;

	each.in = js_put_list(s->m, s->in, s->key);
	each.key = NULL;
	for (size_t at = 0; at <= v.n;) {
		size_t end = str_find(v, ',', at);
		struct str one = str_sub(v, at, end);

		if (js_get(s->field, "codes") != NULL
			? put_choice(&each, one, err) != 0
			: put_text(&each, one, err) != 0)
			return -1;
		at = end + 1;
	}
	return 0;
}

/* "a,b,c" under these names; the first `must` are needed. */
static int
put_numbers(const struct slot *s, struct str v, const char *const *name,
    size_t must, size_t n, struct err *err)
{
	struct js *j = js_put_map(s->m, s->in, s->key);
	size_t at = 0, i = 0;

	for (; i < n && at <= v.n; i++) {
		size_t end = str_find(v, ',', at);
		const struct js *x;

		if (number(s, str_sub(v, at, end), &x, err) != 0)
			return -1;
		js_put(s->m, j, name[i], x);
		at = end + 1;
	}
	if (i < must || at <= v.n) {
		struct str hint = fill_hint(s->field, s->f->a);

		return err_set(err, ERR_INPUT, "'%.*s' is not %.*s", STR_ARG(v),
		    STR_ARG(hint));
	}
	return 0;
}

static int
put_range(const struct slot *s, struct str v, struct err *err)
{
	static const char *const name[] = {"low", "high", "best"};

	return put_numbers(s, v, name, 2, COUNT(name), err);
}

static int
put_place(const struct slot *s, struct str v, struct err *err)
{
	static const char *const name[] = {"lat", "lon", "radius"};

	return put_numbers(s, v, name, 2, COUNT(name), err);
}

static int
put_area(const struct slot *s, struct str v, struct err *err)
{
	static const char *const name[] = {"lat", "lon", "radius"};
	struct slot circle = *s;

	circle.in = js_put_map(s->m, s->in, s->key);
	circle.key = "circle";
	return put_numbers(&circle, v, name, 3, COUNT(name), err);
}

static int
put_reference(const struct slot *s, struct str v, struct err *err)
{
	bool matter = js_is_str(js_get(s->field, "type"), "matter");
	uint8_t id[32];
	struct str hex = v;

	if (!hex_is_parsed(v, id, sizeof(id)) &&
	    s->f->find(s->f->ctx, v, matter, &hex, err) != 0)
		return -1;
	js_put_str(s->m, s->in, s->key, hex);
	return 0;
}

/* "en:Text"; "en*:Text" where this language is authentic. */
static int
put_texts(const struct slot *s, struct str v, struct err *err)
{
	size_t colon = str_find(v, ':', 0);
	struct str lang = str_sub(v, 0, colon), text;
	bool authentic = str_ends(lang, STR("*"));
	struct js *j;

	if (colon == v.n || lang.n < 2 || lang.n > 12)
		return err_set(err, ERR_INPUT,
		    "a text in a language is written en:Text or en:@file");
	if (text_or_file(s, str_sub(v, colon + 1, v.n), &text, err) != 0)
		return -1;
	j = js_put_map(s->m, s->in, s->key);
	js_put_str(s->m, j, "lang", str_sub(lang, 0, lang.n - authentic));
	js_put_str(s->m, j, "text", text);
	if (authentic)
		js_put_bool(s->m, j, "authentic", true);
	return 0;
}

struct str
fill_media_type(struct str name)
{
	static const struct {
		const char *end, *type;
	} known[] = {
	    {".txt", "text/plain"},
	    {".md", "text/markdown"},
	    {".csv", "text/csv"},
	    {".json", "application/json"},
	    {".pdf", "application/pdf"},
	    {".png", "image/png"},
	    {".jpg", "image/jpeg"},
	    {".jpeg", "image/jpeg"},
	    {".svg", "image/svg+xml"},
	    {".mp4", "video/mp4"},
	    {".tar", "application/x-tar"},
	    {".zip", "application/zip"},
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_ends(name, str_of(known[i].end)))
			return str_of(known[i].type);
	return STR("application/octet-stream");
}

static int
put_file(const struct slot *s, struct str v, struct err *err)
{
	const struct js *value;
	const char *path;
	struct str bytes, name;
	struct js *j;
	struct id id;

	v = str_sub(v, str_starts(v, STR("@")), v.n); /* as with texts */
	name = v;
	if ((path = str_z(s->f->a, v)) == NULL)
		return err_nomem(err, "a path");
	if (s->f->attach != NULL) {
		if (s->f->attach(s->f->ctx, str_of(path), &value, err) != 0)
			return -1;
		js_put(s->m, s->in, s->key, value);
		return 0;
	}
	if (keydir_load(path, FILE_MAX, s->f->a, &bytes, err) != 0)
		return -1;
	while (str_find(name, '/', 0) < name.n)
		name = str_sub(name, str_find(name, '/', 0) + 1, name.n);
	id = hash_of(span_of(bytes));
	j = js_put_map(s->m, s->in, s->key);
	js_put_hex(s->m, j, "sha256", id.b, sizeof(id.b));
	js_put_str(s->m, j, "name", name);
	js_put_str(s->m, j, "type", fill_media_type(name));
	js_put_int(s->m, j, "size", (int64_t)bytes.n); /* FILE_MAX at most */
	return 0;
}

static int
put_group(const struct slot *s, struct str v, struct err *err)
{
	(void)s, (void)v; /* JSON was taken before */
	return err_set(err, ERR_INPUT,
	    "this is a group: give its fields as group.field=value");
}

static const struct {
	const char *name, *hint;
	value_fn *put;
} type[] = {
    {"text", "a line of text", put_text},
    {"longtext", "text, or @file", put_longtext},
    {"choice", NULL, put_choice},
    {"choices", NULL, put_list},
    {"integer", "a whole number", put_integer},
    {"decimal", "a number", put_number},
    {"range", "low,high or low,high,best", put_range},
    {"boolean", "yes or no", put_boolean},
    {"time", "a time: 2026-03-02T09:00Z, +PT4H, now", put_time},
    {"period", "start/end", put_period},
    {"duration", "a duration: P1DT2H", put_duration},
    {"place", "latitude,longitude or latitude,longitude,radius in metres",
	put_place},
    {"area", "latitude,longitude,radius in metres, or JSON", put_area},
    {"party", "a party's code: JPN", put_text},
    {"parties", "parties' codes: JPN,CHN", put_list},
    {"officer", "an officer's name", put_text},
    {"matter", "a matter: JPN-57", put_reference},
    {"act", "an act: JPN-57", put_reference},
    {"digest", "a SHA-256 in hexadecimal", put_text},
    {"file", "a file's path", put_file},
    {"texts", "language:text, or language:@file", put_texts},
    {"group", "its fields, one by one", put_group},
};

int
fill_value(const struct fill *f, const struct js *field, struct str v,
    struct js_make *m, struct js *in, const char *key, struct err *err)
{
	const struct slot s = {f, field, m, in, key};
	struct str name = js_str(js_get(field, "type"));
	bool plain = str_is(name, "text") || str_is(name, "longtext");

	if (!plain && v.n > 0 && (v.p[0] == '{' || v.p[0] == '['))
		return put_json(&s, v, err);
	for (size_t i = 0; i < COUNT(type); i++)
		if (str_is(name, type[i].name))
			return type[i].put(&s, v, err);
	return err_set(err, ERR_INPUT,
	    "this program knows no field type '%.*s': give it as JSON",
	    STR_ARG(name));
}

struct str
fill_hint(const struct js *field, struct arena *a)
{
	const struct js *codes = js_get(field, "codes");
	struct str name = js_str(js_get(field, "type"));
	const char *hint = "JSON";
	struct buf b;
	struct str out;
	struct err err;

	for (size_t i = 0; i < COUNT(type); i++)
		if (str_is(name, type[i].name) && type[i].hint != NULL)
			hint = type[i].hint;
	buf_init(&b, a);
	if (codes != NULL)
		hint = str_is(name, "choices") ? "some of: " : "one of: ";
	buf_z(&b, hint);
	for (size_t i = 0; i < js_len(codes); i++) {
		buf_z(&b, i == 0 ? "" : ", ");
		buf_str(&b, js_str(js_get(js_at(codes, i), "code")));
	}
	if (js_get(field, "min") != NULL)
		buf_fmt(&b, ", from %lld",
		    (long long)js_int(js_get(field, "min")));
	if (js_get(field, "max") != NULL)
		buf_fmt(&b, ", up to %lld",
		    (long long)js_int(js_get(field, "max")));
	if (js_get(field, "unit") != NULL)
		buf_fmt(&b, " %.*s", STR_ARG(js_str(js_get(field, "unit"))));
	return buf_done(&b, &out, &err) != 0 ? STR("") : out;
}
