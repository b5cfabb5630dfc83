/*
 * The public Mustache suite, where it is, with the raw forms and without; our
 * own cases, which say what the suite leaves open; and the limits.
 */
#include <string.h>

#include "../record/shared.h"

#include "base/num.h"
#include "web/mustache.h"

enum { LIMIT = 64 << 20 };

struct partials {
	const struct js *map; /* name to text */
	const struct mustache_options *o;
	struct arena *a;
};

static const struct mustache *
partial(void *ctx, struct str name)
{
	struct partials *p = ctx;
	const struct js *text = js_get_at(p->map, name);
	const struct mustache *ret = NULL;
	struct err err;

	if (text != NULL &&
	    mustache_compile(name, js_str(text), p->o, p->a, &ret, &err) != 0)
		fail_msg("%s", err.text);
	return ret;
}

/* "length" of a text, "next" of an integer; whatever else: none. */
static bool
format(void *ctx, const struct js *value, struct str name, struct arena *a,
    struct str *ret)
{
	(void)ctx;
	if (js_type(value) == JS_TEXT && str_is(name, "length"))
		*ret = str_fmt(a, "<%zu>", js_str(value).n);
	else if (js_type(value) == JS_INT && str_is(name, "next"))
		*ret = str_fmt(a, "%lld", (long long)js_int(value) + 1);
	else if (js_type(value) == JS_LIST && str_is(name, "count"))
		*ret = str_fmt(a, "%zu", js_len(value));
	else if (str_is(name, "none"))
		*ret = STR("");
	else
		return false;
	return true;
}

static bool
text(void *ctx, const struct js *map, struct str *ret)
{
	(void)ctx;
	*ret = js_str(js_get(map, "en"));
	return js_get(map, "en") != NULL;
}

static bool
has_raw(struct str s)
{
	for (size_t i = 0; i + 3 <= s.n; i++)
		if (memcmp(s.p + i, "{{{", 3) == 0 ||
		    memcmp(s.p + i, "{{&", 3) == 0)
			return true;
	return false;
}

static bool
case_has_raw(const struct js *t)
{
	for (struct js_each e = {0}; js_next(js_get(t, "partials"), &e);)
		if (has_raw(js_str(e.value)))
			return true;
	return has_raw(js_str(js_get(t, "template")));
}

static int
run(const struct js *t, const struct mustache_options *o, struct arena *a,
    struct str *ret, struct err *err)
{
	struct partials p = {js_get(t, "partials"), o, a};
	struct mustache_world w = {.ctx = &p,
	    .partial = partial,
	    .format = format,
	    .text = text};
	const struct js *data = js_get(t, "data");
	const struct mustache *m;

	if (mustache_compile(STR("main"), js_str(js_get(t, "template")), o, a,
		&m, err) != 0)
		return -1;
	return mustache_render(m, &w, &data, 1, a, ret, err);
}

static void
run_case(const char *file, const struct js *t, const struct mustache_options *o)
{
	struct str name = js_str(js_get(t, "name")), got;
	const struct js *error = js_get(t, "error");
	struct arena a;
	struct err err;

	arena_init(&a, LIMIT);
	if (run(t, o, &a, &got, &err) != 0) {
		if (error == NULL || err.code != ERR_INPUT ||
		    strstr(err.text, js_str(error).p) == NULL)
			fail_msg("%s, %.*s: %s", file, STR_ARG(name), err.text);
	} else if (error != NULL || !str_eq(got, js_str(js_get(t, "expected"))))
		fail_msg("%s, %.*s: \"%.*s\"", file, STR_ARG(name),
		    STR_ARG(got));
	arena_release(&a);
}

static void
test_suite(void **state)
{
	static const char *const file[] = {"comments", "delimiters",
	    "interpolation", "inverted", "partials", "sections",
	    "~inheritance"};
	static const struct mustache_options raw = {.raw = true};
	size_t n = 0, refused = 0;
	struct arena a;

	(void)state;
	SHARED_OR_SKIP("mustache/sections.json");
	arena_init(&a, LIMIT);
	for (size_t i = 0; i < COUNT(file); i++) {
		struct str path = str_fmt(&a, "mustache/%s.json", file[i]);
		const struct js *tests =
		    js_get(shared_json(&a, path.p), "tests");

		assert_true(js_len(tests) > 0);
		for (size_t k = 0; k < js_len(tests); k++, n++) {
			const struct js *t = js_at(tests, k);

			run_case(file[i], t, &raw);
			if (case_has_raw(t))
				refused++;
			else
				run_case(file[i], t, NULL);
		}
	}
	print_message("%zu cases, %zu of them with raw forms\n", n, refused);
	arena_release(&a);
}

static const struct js *
own_json(struct arena *a, const char *name)
{
	static const size_t max = 1 << 18;
	uint8_t *p = arena_alloc(a, max, 1);
	const char *source = getenv("COMITY_SOURCE");
	const struct js *j = NULL;
	struct err err;
	char path[4096];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/tests/vectors/mustache/%s.json",
	    source == NULL ? "." : source, name);
	if ((f = fopen(path, "rb")) == NULL)
		fail_msg("%s cannot be read", path);
	assert_non_null(p);
	n = fread(p, 1, max, f);
	assert_true(n < max);
	(void)fclose(f);
	if (js_parse((struct span){p, n}, a, &j, &err) != 0)
		fail_msg("%s: %s", path, err.text);
	return j;
}

static void
test_own(void **state)
{
	static const char *const file[] = {"language", "errors"};
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT);
	for (size_t i = 0; i < COUNT(file); i++) {
		const struct js *tests = js_get(own_json(&a, file[i]), "tests");

		assert_true(js_len(tests) > 0);
		for (size_t k = 0; k < js_len(tests); k++)
			run_case(file[i], js_at(tests, k), NULL);
	}
	arena_release(&a);
}

/* Without a world, with several contexts, and with none. */
static void
test_contexts(void **state)
{
	static const struct mustache_world none = {0};
	static const char outer[] = "{\"a\":1,\"b\":2,\"m\":{\"x\":1}}";
	static const char inner[] = "{\"b\":3,\"t\":\"s\"}";
	const struct js *context[3] = {NULL, NULL, NULL};
	const struct mustache *m = NULL;
	struct arena a;
	struct err err;
	struct str s;

	(void)state;
	arena_init(&a, LIMIT);
	assert_int_equal(
	    js_parse(span_of(str_of(outer)), &a, &context[0], &err), 0);
	assert_int_equal(
	    js_parse(span_of(str_of(inner)), &a, &context[1], &err), 0);
	assert_int_equal(
	    mustache_compile(STR("c"),
		STR("{{a}}{{b}}{{m}}{{t.length}}{{>p}}{{>*t}}{{.}}{{.b}}|"),
		NULL, &a, &m, &err),
	    0);
	assert_int_equal(mustache_render(m, &none, context, 2, &a, &s, &err),
	    0);
	assert_true(str_is(s, "133|"));
	assert_int_equal(mustache_render(m, &none, context, 3, &a, &s, &err),
	    0);
	assert_true(str_is(s, "13|"));
	assert_int_equal(mustache_render(m, &none, NULL, 0, &a, &s, &err), 0);
	assert_true(str_is(s, "|"));
	arena_release(&a);
}

static struct str
repeat(struct arena *a, const char *head, const char *z, size_t n)
{
	struct buf b;
	struct str s = {0};
	struct err err;

	buf_init(&b, a);
	buf_z(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_z(&b, z);
	assert_int_equal(buf_done(&b, &s, &err), 0);
	return s;
}

static void
test_limits(void **state)
{
	static const struct {
		const char *head, *z;
		size_t n;
		const char *error;
	} row[] = {
	    {"", "x", MUSTACHE_MAX, NULL},
	    {"", "x", MUSTACHE_MAX + 1, "the limit is 1048576"},
	    {"", "{{x}}", MUSTACHE_TAGS_MAX, NULL},
	    {"", "{{x}}\n", MUSTACHE_TAGS_MAX + 1,
		"line 16385: more than 16384 tags"},
	    {"", "{{#x}}", MUSTACHE_DEPTH_MAX, "never closed"},
	    {"", "{{#x}}", MUSTACHE_DEPTH_MAX + 1, "nests deeper than 64"},
	    {"{{=", "<", MUSTACHE_DELIMITER_MAX, "has no end"},
	};
	static const struct mustache_options raw = {.raw = true};
	const struct mustache *m = NULL;
	struct arena a;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct str s;
		int rc;

		arena_init(&a, LIMIT);
		s = repeat(&a, row[i].head, row[i].z, row[i].n);
		rc = mustache_compile(STR("t"), s, &raw, &a, &m, &err);
		if (rc != 0 && row[i].error == NULL)
			fail_msg("row %zu: %s", i, err.text);
		if (row[i].error != NULL &&
		    (rc == 0 || strstr(err.text, row[i].error) == NULL))
			fail_msg("row %zu: %s", i, rc == 0 ? "" : err.text);
		arena_release(&a);
	}
}

/* Deep, not endless: 63 sections and a partial in the last are fine. */
static void
test_depth(void **state)
{
	static const char format[] = "{\"data\":{\"x\":1},\"expected\":\"p\","
				     "\"partials\":{\"p\":\"p\"},"
				     "\"template\":\"%.*s{{>p}}%.*s\"%s}";
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, LIMIT);
	for (size_t n = 63; n <= 64; n++) {
		struct str open = repeat(&a, "", "{{#x}}", n);
		struct str close = repeat(&a, "", "{{/x}}", n), s;
		const struct js *t = NULL;

		s = str_fmt(&a, format, (int)open.n, open.p, (int)close.n,
		    close.p,
		    n == 63 ? ""
			    : ",\"error\":\"\\\"p\\\" nests deeper than 64\"");
		assert_int_equal(js_parse(span_of(s), &a, &t, &err), 0);
		run_case("depth", t, NULL);
	}
	arena_release(&a);
}

/* A template of nested lists that would run for an hour, and print nothing. */
static void
test_steps(void **state)
{
	struct js_make make;
	struct arena a;
	struct err err;
	struct js *data, *list;
	const struct js *context;
	const struct mustache *m = NULL;
	struct mustache_world w = {0};
	struct str s;

	(void)state;
	arena_init(&a, LIMIT);
	make = (struct js_make){.a = &a};
	data = js_map(&make);
	list = js_put_list(&make, data, "l");
	for (int i = 0; i < 1000; i++)
		js_put_int(&make, list, NULL, i);
	context = data;
	assert_int_equal(
	    mustache_compile(STR("t"),
		STR("{{#l}}{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}{{/l}}"), NULL,
		&a, &m, &err),
	    0);
	assert_int_equal(mustache_render(m, &w, &context, 1, &a, &s, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.text, "more than 4194304 steps"));
	arena_release(&a);
}

/* Memory may end anywhere: then it is said, and nothing is written. */
static void
test_memory(void **state)
{
	static const char text[] = "{\"data\":{\"l\":[1.5,\"<\"],\"d\":\"p\"},"
				   "\"template\":\"{{#l}}{{.}}{{/l}}{{>*d}}"
				   "{{d.length}}\","
				   "\"partials\":{}}";
	const struct js *t = NULL;
	struct arena a, b;
	struct err err = {.code = ERR_NONE};
	struct str s = {0};
	long n = 1;

	(void)state;
	arena_init(&b, LIMIT);
	assert_int_equal(js_parse(span_of(str_of(text)), &b, &t, &err), 0);
	for (int rc = -1; rc != 0; n++) {
		arena_init(&a, LIMIT);
		a.fail_at = n;
		rc = run(t, NULL, &a, &s, &err);
		if (rc == 0)
			assert_true(str_is(s, "1.5&lt;&lt;1&gt;"));
		else
			assert_int_equal(err.code, ERR_NOMEM);
		arena_release(&a);
		assert_true(n < 100);
	}
	assert_true(n > 5);
	arena_release(&b);
}

static void
test_lists(void **state)
{
	static const char text[] = "{{>b}}{{<a}}{{$x}}{{>b}}{{>*n.m}}{{/x}}"
				   "{{/a}}{{v.w}}{{#v.w}}{{.k}}{{/v.w}}{{.}}";
	static const char *const partials[] = {"a", "b"};
	static const char *const names[] = {".", ".k", "n.m", "v.w"};
	const struct mustache *m = NULL;
	const struct str *p;
	struct arena a;
	struct err err;
	size_t n;

	(void)state;
	arena_init(&a, LIMIT);
	assert_int_equal(
	    mustache_compile(STR("t"), str_of(text), NULL, &a, &m, &err), 0);
	assert_int_equal(mustache_partials(m, &a, &p, &n, &err), 0);
	assert_int_equal(n, COUNT(partials));
	for (size_t i = 0; i < n; i++)
		assert_true(str_is(p[i], partials[i]));
	assert_int_equal(mustache_names(m, &a, &p, &n, &err), 0);
	assert_int_equal(n, COUNT(names));
	for (size_t i = 0; i < n; i++)
		assert_true(str_is(p[i], names[i]));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_suite),
	    cmocka_unit_test(test_own),
	    cmocka_unit_test(test_contexts),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
