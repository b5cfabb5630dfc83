#include <string.h>

#include "base/uri.h"
#include "cases.h"

#define T(lit)                                                                 \
	{                                                                      \
		"" lit, sizeof(lit) - 1                                        \
	}
static const struct {
	struct str plain;
	const char *keep, *text;
} row[] = {
    {T(""), NULL, ""},
    {T("AZaz09-._~"), NULL, "AZaz09-._~"},
    {T("a b"), NULL, "a%20b"},
    {T("a+b"), NULL, "a%2Bb"},
    {T("100%"), NULL, "100%25"},
    {T("%41"), NULL, "%2541"},
    {T("/a/b?c=d&e#f"), NULL, "%2Fa%2Fb%3Fc%3Dd%26e%23f"},
    {T("/a/b?c"), "/", "/a/b%3Fc"},
    {T("\"\\;<>'"), NULL, "%22%5C%3B%3C%3E%27"},
    {T("\0\n\x7f"), "/", "%00%0A%7F"}, /* no NUL ends `keep` for it */
    {T("\xe9\x9d\x92"), NULL, "%E9%9D%92"},
    {T("\xf0\x9f\x95\x8a"), NULL, "%F0%9F%95%8A"},
};

static void
test_encode(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < COUNT(row); i++) {
		struct str out, back;
		struct err err;
		struct buf b;

		buf_init(&b, &a);
		uri_encode(&b, row[i].plain, row[i].keep);
		assert_int_equal(buf_done(&b, &out, &err), 0);
		CASE_TRUE(i, str_is(out, row[i].text));
		back = uri_decode(&a, out);
		CASE_TRUE(i, back.p != NULL && str_eq(back, row[i].plain));
	}
	arena_release(&a);
}

static void
test_decode(void **state)
{
	static const struct {
		const char *text;
		const char *plain; /* NULL: no text */
	} in[] = {
	    {"", ""},
	    {"a+b", "a b"},
	    {"%2b", "+"},
	    {"%2B", "+"},
	    {"%", "%"},
	    {"%4", "%4"},
	    {"%zz", "%zz"},
	    {"%4z%41", "%4zA"},
	    {"%2541", "%41"}, /* once */
	    {"%e9%9d%92", "\xe9\x9d\x92"},
	    {"%e9", NULL},
	    {"%c0%80", NULL},
	    {"%ff", NULL},
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < COUNT(in); i++) {
		struct str out = uri_decode(&a, str_of(in[i].text));

		CASE_TRUE(i, (out.p == NULL) == (in[i].plain == NULL));
		CASE_TRUE(i, out.p == NULL || str_is(out, in[i].plain));
	}
	/* Without memory there is no half of a text. */
	a.fail_at = 1;
	assert_null(uri_decode(&a, STR("long enough to want memory")).p);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_encode),
	    cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
