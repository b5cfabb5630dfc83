#include <string.h>

#include "base/js.h"
#include "cases.h"

static int
setup(void **state)
{
	struct arena *a = mem_alloc(1, sizeof(*a));

	arena_init(a, 1 << 20);
	*state = a;
	return 0;
}

static int
teardown(void **state)
{
	arena_release(*state);
	mem_free(*state);
	return 0;
}

#define ROW(lit)                                                               \
	{                                                                      \
		lit, sizeof(lit) - 1                                           \
	}

static void
test_refused(void **state)
{
	static const struct str row[] = {
	    ROW(""), ROW(" "), ROW("{"), ROW("[1,]"), ROW("{\"a\":1,}"),
	    ROW("{a:1}"), ROW("{'a':1}"), ROW("{\"a\":1 \"b\":2}"),
	    ROW("{\"a\":1,\"a\":2}"),
	    ROW("{\"a\":1,\"\\u0061\":2}"), /* the same key, written twice */
	    ROW("1 2"), ROW("{} x"), ROW("[1]\0"), ROW("\0"), ROW("nul"),
	    ROW("True"), ROW("NaN"), ROW("Infinity"), ROW("-"), ROW("+1"),
	    ROW("01"), ROW("1."), ROW(".5"), ROW("1e"), ROW("0x10"),
	    ROW("1e999"), ROW("9223372036854775808"),
	    ROW("-9223372036854775809"), ROW("\"a"),
	    ROW("\"\t\""), /* a bare control character */
	    ROW("\"\\x41\""), ROW("\"\\ud800\""), ROW("\"\\ud800\\u0041\""),
	    ROW("\"\\udc00\""), ROW("\"\xff\""), ROW("\"\xc0\xaf\""),
	    ROW("\"\xed\xa0\x80\""),
	    ROW("\xef\xbb\xbf{}"), /* a byte order mark */
	    ROW("1\0"), ROW("[null\0]"), ROW("/* why */ 1"),
	    ROW("{\"a\\u0000b\":1}"), /* keys hold no NUL */
	};
	const struct js *j = NULL;
	struct err err;

	for (size_t i = 0; i < COUNT(row); i++) {
		err.code = ERR_NONE;
		CASE_TRUE(i, js_parse(span_of(row[i]), *state, &j, &err) == -1);
		CASE_TRUE(i, err.code == ERR_INPUT && j == NULL);
		CASE_TRUE(i, strncmp(err.text, "JSON", 4) == 0);
	}
	assert_int_equal(js_parse((struct span){NULL, 0}, *state, &j, &err),
	    -1);
	assert_int_equal(err.code, ERR_INPUT);
}

/* Deep nesting ends in an error, not at the end of the stack. */
static void
test_depth(void **state)
{
	const struct js *j = NULL;
	struct err err = {.code = ERR_NONE};
	size_t n = 200 * 1000;
	char *p = arena_alloc(*state, n, 1);

	memset(p, '[', n);
	assert_int_equal(
	    js_parse((struct span){(uint8_t *)p, n}, *state, &j, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	memset(p + 1000, ']', 1000);
	assert_int_equal(
	    js_parse((struct span){(uint8_t *)p, 2000}, *state, &j, &err), 0);
}

static void
test_place_of_fault(void **state)
{
	const struct js *j = NULL;
	struct err err;

	assert_int_equal(
	    js_parse(span_of(STR("{\"a\": 1,\n \"b\": x}")), *state, &j, &err),
	    -1);
	assert_non_null(strstr(err.text, "line 2"));
	assert_non_null(strstr(err.text, "column"));
}

static const struct js *
parsed(struct arena *a, const char *z)
{
	const struct js *j = NULL;
	struct err err;

	if (js_parse(span_of(str_of(z)), a, &j, &err) != 0)
		fail_msg("%s: %s", z, err.text);
	return j;
}

static void
test_values(void **state)
{
	static const struct {
		const char *text;
		enum js_type type;
		int64_t n;
		double x;
		bool is;
		size_t len;
	} row[] = {
	    {"null", JS_NULL, 0, 0, false, 0},
	    {"true", JS_BOOL, 0, 0, true, 0},
	    {"false", JS_BOOL, 0, 0, false, 0},
	    {" 7 ", JS_INT, 7, 7, false, 0},
	    {"-0", JS_INT, 0, 0, false, 0},
	    {"9223372036854775807", JS_INT, INT64_MAX, 0x1p63, false, 0},
	    {"-9223372036854775808", JS_INT, INT64_MIN, -0x1p63, false, 0},
	    {"1.5", JS_REAL, 0, 1.5, false, 0},
	    {"1e2", JS_REAL, 0, 100, false, 0},
	    {"1E-400", JS_REAL, 0, 0, false, 0},
	    {"\"7\"", JS_TEXT, 0, 0, false, 0},
	    {"[]", JS_LIST, 0, 0, false, 0},
	    {"[1,[2,3]]", JS_LIST, 0, 0, false, 2},
	    {"{\"\":1,\"a\":2,\"b\":null}", JS_MAP, 0, 0, false, 3},
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		const struct js *j = parsed(*state, row[i].text);

		CASE_TRUE(i, js_type(j) == row[i].type);
		CASE_TRUE(i, js_int(j) == row[i].n);
		CASE_TRUE(i, js_real(j) >= row[i].x && js_real(j) <= row[i].x);
		CASE_TRUE(i, js_bool(j) == row[i].is);
		CASE_TRUE(i, js_len(j) == row[i].len);
		CASE_TRUE(i, js_at(j, js_len(j)) == NULL);
		CASE_TRUE(i, js_get(j, "none") == NULL);
		CASE_TRUE(i, js_is_equal(j, j));
	}
}

static void
test_nothing(void **state)
{
	struct js_each e = {0};

	(void)state;
	assert_int_equal(js_type(NULL), JS_NONE);
	assert_null(js_get(NULL, "a"));
	assert_null(js_get_at(NULL, STR("a")));
	assert_null(js_get_at(NULL, (struct str){NULL, 0}));
	assert_null(js_at(NULL, 0));
	assert_int_equal(js_len(NULL), 0);
	assert_true(str_is(js_str(NULL), ""));
	assert_int_equal(js_int(NULL), 0);
	assert_false(js_bool(NULL));
	assert_false(js_is_str(NULL, ""));
	assert_false(js_next(NULL, &e));
	assert_false(js_is_equal(NULL, NULL));
}

static void
test_map(void **state)
{
	static const char *const key[] = {"z", "a", "", "\xe6\x97\xa5", "k10",
	    "k9"};
	const struct js *j = parsed(*state,
	    "{\"z\":0,\"a\":1,\"\":2,\"\\u65e5\":3,\"k10\":4,\"k9\":5}");
	size_t i = 0;

	for (struct js_each e = {0}; js_next(j, &e); i++) {
		CASE_TRUE(i, str_is(e.key, key[i])); /* as written */
		CASE_TRUE(i, js_int(e.value) == (int64_t)i);
		CASE_TRUE(i, js_get(j, key[i]) == e.value);
		CASE_TRUE(i, js_get_at(j, str_of(key[i])) == e.value);
	}
	assert_int_equal(i, COUNT(key));
	assert_ptr_equal(js_get_at(j, str_sub(STR("k90"), 0, 2)),
	    js_get(j, "k9"));
}

static void
test_equal(void **state)
{
	static const struct {
		const char *a, *b;
		bool is_equal;
	} row[] = {
	    {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true},
	    {"[1,2]", "[2,1]", false},
	    {"1", "1.0", false}, /* an integer is no decimal */
	    {"\"a\\u0000\"", "\"a\"", false},
	    {"\"\\u0041\"", "\"A\"", true},
	    {"null", "false", false},
	    {"{}", "[]", false},
	};

	for (size_t i = 0; i < COUNT(row); i++)
		CASE_TRUE(i, js_is_equal(parsed(*state, row[i].a),
				 parsed(*state, row[i].b)) == row[i].is_equal);
}

static void
test_text_with_nul(void **state)
{
	const struct js *j = parsed(*state, "\"a\\u0000b\"");

	assert_int_equal(js_str(j).n, 3);
	assert_memory_equal(js_str(j).p, "a\0b", 3);
	assert_false(js_is_str(j, "a"));
}

static struct js *
made(struct js_make *m)
{
	struct js *map = js_map(m), *list;

	js_put_str(m, map, "text", STR("a\"\n\xe6\x97\xa5"));
	js_put_str(m, map, "none", (struct str){NULL, 0});
	js_put_z(m, map, "z", NULL);
	js_put_some(m, map, "some", STR("x"));
	js_put_some(m, map, "empty", STR(""));
	js_put_int(m, map, "least", INT64_MIN);
	js_put_real(m, map, "half", 0.5);
	list = js_put_list(m, map, "list");
	js_put_bool(m, list, NULL, true);
	js_put_null(m, list, NULL);
	js_put_hex(m, list, NULL, "\x01\xff", 2);
	js_put_int(m, js_put_map(m, list, NULL), "deep", 1);
	js_put(m, map, "same", list);
	js_put(m, map, "absent", NULL);
	return map;
}

static void
test_make(void **state)
{
	struct js_make m = {.a = *state};
	struct err err;
	struct str s;

	assert_int_equal(js_text(&m, made(&m), JS_COMPACT, &s, &err), 0);
	assert_string_equal(s.p,
	    "{\"text\":\"a\\\"\\n\xe6\x97\xa5\",\"none\":\"\",\"z\":null,"
	    "\"some\":\"x\",\"empty\":null,"
	    "\"least\":-9223372036854775808,\"half\":0.5,"
	    "\"list\":[true,null,\"01ff\",{\"deep\":1}],"
	    "\"same\":[true,null,\"01ff\",{\"deep\":1}],\"absent\":null}");
	assert_int_equal(strlen(s.p), s.n);
	assert_int_equal(
	    js_text(&m, parsed(*state, "[1,{}]"), JS_PRETTY, &s, &err), 0);
	assert_string_equal(s.p, "[\n 1,\n {}\n]");
	assert_int_equal(js_text(&m, parsed(*state, "7"), JS_COMPACT, &s, &err),
	    0);
	assert_string_equal(s.p, "7");
}

/* Each allocation fails once; the text then is not made, and nothing leaks. */
static void
test_make_fails(void **state)
{
	int rc = -1;

	(void)state;
	for (long n = 1; rc != 0 && n < 50; n++) {
		struct arena a;
		struct js_make m = {.a = &a};
		struct err err = {.code = ERR_NONE};
		struct str s = STR("before");

		arena_init(&a, 1 << 16);
		a.fail_at = n;
		rc = js_text(&m, made(&m), JS_COMPACT, &s, &err);
		if (rc != 0) {
			assert_int_equal(err.code, ERR_NOMEM);
			assert_true(str_is(s, "before"));
		}
		arena_release(&a);
	}
	assert_int_equal(rc, 0);
}

/* What cannot be JSON makes no JSON. */
static void
test_make_refused(void **state)
{
	for (int i = 0; i < 3; i++) {
		struct js_make m = {.a = *state};
		struct js *list = js_list(&m);
		struct err err;
		struct str s;

		if (i == 0)
			js_put_str(&m, list, NULL, STR("\xff"));
		else if (i == 1)
			js_put_real(&m, list, NULL, __builtin_nan(""));
		else
			js_put_int(&m, list, "key", 1); /* a list has none */
		CASE_TRUE(i, js_text(&m, list, JS_COMPACT, &s, &err) == -1);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_refused),
	    T(test_depth),
	    T(test_place_of_fault),
	    T(test_values),
	    T(test_nothing),
	    T(test_map),
	    T(test_equal),
	    T(test_text_with_nul),
	    T(test_make),
	    T(test_make_fails),
	    T(test_make_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
