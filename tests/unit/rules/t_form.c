#include "rules/form.h"

#include "rules_test.h"

#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Bodies of the laboratory's form, and the first fault; NULL: none. */
static const struct {
	const char *body, *at;
} known[] = {
    {"{}", NULL},
    {"[]", ""},
    {"null", ""},
    {"{\"text\": \"a\"}", NULL},
    {"{\"text\": \"\"}", "/text"},
    {"{\"text\": \"a\\nb\"}", "/text"},
    {"{\"text\": \"a\\u007fb\"}", "/text"},
    {"{\"text\": \"a\\u0000b\"}", "/text"},
    {"{\"longtext\": \"a\\n\\tb\"}", NULL},
    {"{\"longtext\": \"a\\rb\"}", "/longtext"},
    {"{\"short\": \"\xc3\xa9\xc3\xa9\xc3\xa9\"}", NULL}, /* bytes count */
    {"{\"short\": \"\xc3\xa9\xc3\xa9\xc3\xa9x\"}", "/short"},
    {"{\"integer\": 3}", NULL},
    {"{\"integer\": 4}", "/integer"},
    {"{\"integer\": 1.0}", "/integer"},
    {"{\"integer\": true}", "/integer"},
    {"{\"big\": 9007199254740991}", NULL},
    {"{\"big\": 9007199254740992}", "/big"},
    {"{\"decimal\": 2.0}", NULL},
    {"{\"decimal\": 2.1}", "/decimal"},
    {"{\"free\": 1e300}", "/free"},
    {"{\"range\": {\"low\": 1, \"high\": 1}}", NULL},
    {"{\"range\": {\"low\": 2, \"high\": 1}}", "/range"},
    {"{\"range\": {\"low\": 0, \"best\": 3, \"high\": 2}}", "/range"},
    {"{\"choices\": [\"a\", \"b\"]}", NULL},
    {"{\"choices\": [\"a\", \"a\"]}", "/choices"},
    {"{\"choices\": []}", "/choices"},
    {"{\"choice\": \"z\"}", "/choice"},
    {"{\"time\": \"2026-01-01T00:00Z\"}", NULL},
    {"{\"time\": \"2026-01-01T00Z\"}", "/time"},
    {"{\"hour\": \"2026-01-01T00Z\"}", NULL},
    {"{\"year\": \"2026\"}", NULL},
    {"{\"year\": \"0000\"}", "/year"},
    {"{\"second\": \"2026-02-29T00:00:00Z\"}", "/second"},
    {"{\"period\": {\"start\": \"2026-01-02\", \"end\": \"2026-01-01\"}}",
	"/period"},
    {"{\"duration\": \"PT0S\"}", "/duration"},
    {"{\"duration\": \"P1DT0.000001S\"}", NULL},
    {"{\"place\": {\"lat\": 90, \"lon\": -180.0}}", NULL},
    {"{\"place\": {\"lat\": 90.1, \"lon\": 0}}", "/place"},
    {"{\"place\": {\"lat\": 1, \"lon\": 0, \"names\": {\"xx-\": \"a\"}}}",
	"/place"},
    {"{\"area\": {\"polygon\": [[0, 0], [1, 1]]}}", "/area"},
    {"{\"area\": {\"polygon\": [[0, 0], [1, 1], [2, 0]]}}", NULL},
    {"{\"area\": {}}", "/area"},
    {"{\"party\": \"JPN\"}", NULL},
    {"{\"party\": \"J\"}", "/party"},
    {"{\"parties\": [\"JPN\", \"JPN\"]}", "/parties"},
    {"{\"digest\": \"" H64 "\"}", NULL},
    {"{\"digest\": \"" H64 "0\"}", "/digest"},
    {"{\"file\": {\"sha256\": \"" H64
     "\", \"name\": \"a\", \"type\": \"a/b\", \"size\": 0}}",
	NULL},
    {"{\"texts\": [{\"lang\": \"en\", \"text\": \"a\"},"
     "{\"lang\": \"en\", \"text\": \"b\"}]}",
	"/texts"},
    {"{\"group\": 1}", "/group"},
    {"{\"group\": {}}", "/group/integer"},
    {"{\"group\": {\"integer\": 1, \"~x/y\": 1}}", "/group/~0x~1y"},
    {"{\"list\": [{\"integer\": 1}, {\"integer\": 9}]}", "/list/1/integer"},
    {"{\"many\": [1, 2, \"3\"]}", "/many/2"},
    {"{\"many\": []}", "/many"},
    {"{\"zz\": 1, \"b/a\": 1, \"text\": \"\"}", "/b~1a"},
    {"{\"\": 1}", "/"},
};

static void
test_known(void **state)
{
	struct arena a;
	const struct procedure *p;

	(void)state;
	arena_init(&a, TEST_LIMIT);
	p = rules_procedure(&a, "forms");
	for (size_t i = 0; i < COUNT(known); i++) {
		const struct js *body =
		    rules_json(&a, span_of(str_of(known[i].body)));
		struct err err = {0};
		struct str at = STR("?");
		bool bad = false;

		assert_int_equal(
		    form_check(p, STR("fill"), body, &a, &bad, &at, &err), 0);
		if (bad != (known[i].at != NULL) ||
		    (bad && !str_is(at, known[i].at)))
			fail_msg("%s: '%.*s'", known[i].body, STR_ARG(at));
	}
	arena_release(&a);
}

static void
test_needed(void **state)
{
	struct arena a;
	const struct procedure *p;
	const struct js *body;
	struct err err = {0};
	struct str at = STR("");
	bool bad = false;

	(void)state;
	arena_init(&a, TEST_LIMIT);
	p = rules_procedure(&a, "forms");
	body = rules_json(&a, span_of(STR("{\"text\": \"\"}")));
	assert_int_equal(form_check(p, STR("must"), body, &a, &bad, &at, &err),
	    0);
	assert_true(bad && str_is(at, "/boolean")); /* the form's order */
	assert_int_equal(form_check(p, STR("none"), body, &a, &bad, &at, &err),
	    -1);
	assert_int_equal(err.code, ERR_ABSENT);
	arena_release(&a);
}

/* A list may have 1000 elements, and no more. */
static void
test_lengths(void **state)
{
	struct arena a;
	const struct procedure *p;

	(void)state;
	arena_init(&a, TEST_LIMIT);
	p = rules_procedure(&a, "forms");
	for (int n = 1000; n <= 1001; n++) {
		struct buf b;
		struct str s, at = STR("");
		struct err err = {0};
		bool bad = false;

		buf_init(&b, &a);
		buf_z(&b, "{\"many\": [1");
		for (int i = 1; i < n; i++)
			buf_z(&b, ",1");
		buf_z(&b, "]}");
		assert_int_equal(buf_done(&b, &s, &err), 0);
		assert_int_equal(form_check(p, STR("fill"),
				     rules_json(&a, span_of(s)), &a, &bad, &at,
				     &err),
		    0);
		assert_int_equal(bad, n > 1000);
	}
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_needed),
	    cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
