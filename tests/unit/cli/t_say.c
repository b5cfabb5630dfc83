#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/say.h"

static const struct {
	const char *text;
	size_t width;
} widths[] = {
    {"", 0}, {"abc", 3}, {"日本", 4}, {"한국", 4}, {"中a国", 5},
    {"e\xcc\x81", 1},        /* e and a combining accent */
    {"\xef\xbd\xb1", 1},     /* half-width katakana */
    {"\xf0\x9f\x9a\xa2", 2}, /* a ship */
    {"\x1b[2J", 4},          /* shown as U+FFFD */
    {"\xe2\x80\xae"
     "abc",
	4}, /* turns the direction: U+FFFD */
};

static void
width(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(widths); i++)
		if (say_width(str_of(widths[i].text)) != widths[i].width)
			fail_msg("case %zu: %zu", i,
			    say_width(str_of(widths[i].text)));
}

static void
cut(void **state)
{
	(void)state;
	assert_int_equal(say_cut(STR("日本国"), 5).n, 6);
	assert_int_equal(say_cut(STR("日本国"), 6).n, 9);
	assert_int_equal(say_cut(STR("abc"), 0).n, 0);
	assert_int_equal(say_cut(STR("abc"), 9).n, 3);
}

static struct str
said(struct say *s)
{
	struct str out;
	struct err err;

	assert_int_equal(buf_done(&s->b, &out, &err), 0);
	return out;
}

static void
hostile(void **state)
{
	struct arena a;
	struct say s;
	struct str out;

	(void)state;
	arena_init(&a, 65536);
	say_begin(&s, &a);
	say_text(&s, STR("a\x1b[31m\tb\nc\xc2\x9b"));
	out = said(&s);
	for (size_t i = 0; i < out.n; i++)
		assert_true((unsigned char)out.p[i] >= 0x20);
	assert_null(memmem(out.p, out.n, "\xc2\x9b", 2));
	say_begin(&s, &a);
	say_block(&s, STR("one\n\ntwo\x07"), 2);
	assert_true(str_is(said(&s), "  one\n  \n  two\xef\xbf\xbd\n"));
	assert_true(str_is(say_clean(&a, STR("a\x7f\xe2\x80\xae日")),
	    "a\xef\xbf\xbd\xef\xbf\xbd日"));
	arena_release(&a);
}

static void
table(void **state)
{
	static const struct str head[] = {{"A", 1}, {"B", 1}, {"C", 1}};
	const struct str one[] = {STR("日本"), STR("x"), STR("y")};
	const struct str two[] = {STR("abc"), STR(""), STR("")};
	struct say_table t;
	struct arena a;
	struct say s;

	(void)state;
	arena_init(&a, 65536);
	say_begin(&s, &a);
	s.color = false;
	say_table_begin(&t, &a, 3, head);
	say_table_row(&t, one);
	say_table_row(&t, two);
	say_table_end(&t, &s);
	assert_true(str_is(said(&s), "A     B  C\n"
				     "日本  x  y\n"
				     "abc\n"));
	arena_release(&a);
}

static void
languages(void **state)
{
	const struct js *j;
	enum say_lang lang;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 65536);
	assert_true(say_is_lang(STR("ja_JP.UTF-8"), &lang));
	assert_int_equal(lang, SAY_JA);
	assert_true(say_is_lang(STR("ko"), &lang));
	assert_int_equal(lang, SAY_KO);
	assert_false(say_is_lang(STR("jam"), &lang));
	assert_false(say_is_lang(STR("fr_FR"), &lang));
	assert_false(say_is_lang(STR(""), &lang));
	assert_int_equal(setenv("LC_ALL", "zh_CN.UTF-8", 1), 0);
	assert_int_equal(say_lang(), SAY_ZH);
	assert_int_equal(setenv("LC_ALL", "C", 1), 0);
	assert_int_equal(say_lang(), SAY_EN);
	assert_int_equal(
	    js_parse(span_of(STR("{\"ko\":\"k\",\"en\":\"e\"}")), &a, &j, &err),
	    0);
	assert_true(str_is(say_title(j, SAY_KO), "k"));
	assert_true(str_is(say_title(j, SAY_JA), "e"));
	assert_true(str_is(say_title(NULL, SAY_JA), ""));
	arena_release(&a);
}

static void
small(void **state)
{
	const struct js *j;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 65536);
	assert_int_equal(
	    js_parse(span_of(STR("\"2026-03-02T09:00:00.5Z\"")), &a, &j, &err),
	    0);
	assert_true(str_is(say_time(&a, j), "2026-03-02 09:00:00 UTC"));
	assert_true(str_is(say_time(&a, NULL), "-"));
	assert_true(str_is(say_left(&a, j, 90 * 1000000), "1 min 30 s left"));
	assert_true(str_is(say_left(&a, j, -5 * 1000000), "5 s over"));
	assert_true(
	    str_is(say_fingerprint(&a, STR("0123456789")), "0123 4567 89"));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(width),
	    cmocka_unit_test(cut),
	    cmocka_unit_test(hostile),
	    cmocka_unit_test(table),
	    cmocka_unit_test(languages),
	    cmocka_unit_test(small),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77; /* skipped: no such locale */
	return cmocka_run_group_tests_name("say", tests, NULL, NULL);
}
