#include <string.h>

#include "cases.h"

static int
setup(void **state)
{
	static const size_t limit = 1 << 20;
	struct arena *a = mem_alloc(1, sizeof(*a));

	arena_init(a, limit);
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

static void
test_utf8(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		bool is_good;
	} row[] = {
#define ROW(lit, good) {lit, sizeof(lit) - 1, good}
	    ROW("", true),
	    ROW("a\0b\x7f", true),
	    ROW("\xc2\x80\xdf\xbf", true),
	    ROW("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", true),
	    ROW("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", true),
	    ROW("\x80", false),
	    ROW("\xbf", false),
	    ROW("\xc0\x80", false), /* overlong */
	    ROW("\xc1\xbf", false),
	    ROW("\xe0\x9f\xbf", false),
	    ROW("\xf0\x8f\xbf\xbf", false),
	    ROW("\xed\xa0\x80", false), /* surrogates */
	    ROW("\xed\xbf\xbf", false),
	    ROW("\xf4\x90\x80\x80", false), /* above U+10FFFF */
	    ROW("\xf5\x80\x80\x80", false),
	    ROW("\xff", false),
	    ROW("\xc2", false), /* cut */
	    ROW("\xe2\x82", false),
	    ROW("\xf0\x9f\x98", false),
	    ROW("\xc2\x41", false),
	    ROW("\xe2\x28\xa1", false),
	    ROW("\xe2\x82\x28", false),
	    ROW("\xf0\x28\x8c\xbc", false),
	    ROW("ok\xe6\x97\xa5\x80", false),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct str s = {row[i].p, row[i].n};
		CASE_TRUE(i, text_is_utf8(span_of(s)) == row[i].is_good);
	}
	assert_true(text_is_utf8((struct span){NULL, 0}));
}

/* All code points, by their definition, and nothing else of two bytes. */
static void
test_utf8_whole(void **state)
{
	size_t good = 0;

	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			uint8_t p[2] = {(uint8_t)a, (uint8_t)b};
			good += text_is_utf8((struct span){p, 2});
		}
	}
	assert_int_equal(good, 128 * 128 + (0x800 - 0x80));
	good = 0;
	for (unsigned c = 0; c < 0x110800; c++) {
		uint8_t p[4] = {(uint8_t)(0xf0 | c >> 18),
		    (uint8_t)(0x80 | (c >> 12 & 63)),
		    (uint8_t)(0x80 | (c >> 6 & 63)),
		    (uint8_t)(0x80 | (c & 63))};
		good += text_is_utf8((struct span){p, 4});
	}
	assert_int_equal(good, 0x110000 - 0x10000);
}

static void
test_str(void **state)
{
	struct arena *a = *state;
	struct str s = STR("act/one");
	struct str none = {NULL, 0};

	assert_true(str_eq(str_of(NULL), STR("")));
	assert_true(str_eq(none, STR("")));
	assert_true(str_is(s, "act/one"));
	assert_false(str_is(s, "act/on"));
	assert_true(str_starts(s, STR("act/")) && str_starts(s, none));
	assert_false(str_starts(STR("ac"), STR("act")));
	assert_true(str_ends(s, STR("one")) && str_ends(s, none));
	assert_true(str_ends(none, none) && str_starts(none, none));
	assert_false(str_ends(none, STR("x")));
	assert_int_equal(str_find(s, '/', 0), 3);
	assert_int_equal(str_find(s, '/', 3), 3);
	assert_int_equal(str_find(s, '/', 4), s.n);
	assert_int_equal(str_find(s, '/', 99), s.n);
	assert_int_equal(str_find(none, '/', 0), 0);
	assert_true(str_is(str_sub(s, 4, 7), "one"));
	assert_true(str_is(str_sub(s, 4, 99), "one"));
	assert_true(str_is(str_sub(s, 5, 4), ""));
	assert_true(str_is(str_sub(s, 99, 999), ""));
	assert_int_equal(str_sub(none, 3, 9).n, 0);
	assert_string_equal(str_z(a, str_sub(s, 0, 3)), "act");
	assert_string_equal(str_copy(a, str_sub(s, 4, 6)).p, "on");
	assert_true(str_is(str_fmt(a, "%d-%s", 7, "x"), "7-x"));
	assert_int_equal(str_fmt(a, "%0500d", 7).n, 500);
	a->fail_at = 1;
	assert_null(str_fmt(a, "x").p);
	a->fail_at = 1;
	assert_null(str_copy(a, s).p);
	a->fail_at = 1;
	assert_null(str_z(a, s));
}

static void
test_order(void **state)
{
	static const char *const row[] = {"", "A", "AB", "B", "a", "a\x01",
	    "aa", "\x7f", "\xc3\xa9", "\xe6\x97\xa5"};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		for (size_t k = 0; k < COUNT(row); k++) {
			int c = str_cmp(str_of(row[i]), str_of(row[k]));
			CASE_TRUE(i, (c > 0) - (c < 0) == (i > k) - (i < k));
		}
	}
}

static void
test_match(void **state)
{
	static const struct {
		const char *pattern, *kind;
		bool is_match;
	} row[] = {
	    {"*", "incident/account", true}, {"*", "", true},
	    {"incident/*", "incident/account", true},
	    {"incident/*", "incident/", true},
	    {"incident/*", "incident", false},
	    {"incident/*", "incidents/account", false},
	    {"incident/account", "incident/account", true},
	    {"incident/account", "incident/accounts", false}, {"", "", true},
	    {"", "x", false},
	    {"*x", "ax", false}, /* a star is at the end or a letter */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		CASE_TRUE(i, text_is_match(str_of(row[i].pattern),
				 str_of(row[i].kind)) == row[i].is_match);
}

static void
test_hex(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		bool is_good;
	} row[] = {
	    {"00ff7a", 3, true},
	    {"", 0, true},
	    {"00FF7A", 3, false},
	    {"00ff7", 3, false},
	    {"00ff7a00", 3, false},
	    {"00ff7g", 3, false},
	    {"00ff7`", 3, false},
	    {"0 ff7a", 3, false},
	    {"0x007a", 3, false},
	    {"00ff7\xff", 3, false},
	};
	static const uint8_t want[] = {0, 0xff, 0x7a};
	uint8_t got[3];
	char text[7];

	for (size_t i = 0; i < COUNT(row); i++)
		CASE_TRUE(i, hex_is_parsed(str_of(row[i].text), got,
				 row[i].n) == row[i].is_good);
	assert_true(hex_is_parsed(STR("00ff7a"), got, 3));
	assert_memory_equal(got, want, 3);
	hex_write(want, 3, text);
	assert_string_equal(text, "00ff7a");
	assert_string_equal(hex_str(*state, want, 3).p, "00ff7a");
	assert_string_equal(hex_str(*state, want, 0).p, "");
}

static void
test_buf(void **state)
{
	struct arena *a = *state;
	struct str s = STR("before");
	struct err err = {.code = ERR_NONE};
	struct buf b;

	buf_init(&b, a);
	assert_int_equal(buf_done(&b, &s, &err), 0);
	assert_true(s.n == 0 && s.p != NULL);
	buf_z(&b, "one ");
	buf_str(&b, STR("t\0wo "));
	buf_str(&b, (struct str){NULL, 0});
	buf_char(&b, '3');
	buf_fmt(&b, " %0700d", 4);
	buf_hex(&b, "\x01\xab", 2);
	assert_int_equal(buf_done(&b, &s, &err), 0);
	assert_int_equal(s.n, 4 + 5 + 1 + 1 + 700 + 4);
	assert_memory_equal(s.p, "one t\0wo 3 0", 12);
	assert_string_equal(s.p + s.n - 6, "0401ab");
}

/* Each allocation fails once: the buffer says so, and nothing else breaks. */
static void
test_buf_fails(void **state)
{
	struct arena *a = *state;
	struct str s = STR("before");
	struct err err = {.code = ERR_NONE};
	struct buf b;
	int rc = -1;

	for (long n = 1; rc != 0 && n < 100; n++) {
		a->fail_at = n;
		buf_init(&b, a);
		for (int i = 0; i < 100; i++)
			buf_z(&b, "some text ");
		buf_fmt(&b, "%0600d", 1);
		rc = buf_done(&b, &s, &err);
		if (rc != 0) {
			assert_int_equal(err.code, ERR_NOMEM);
			assert_true(str_is(s, "before"));
		}
	}
	assert_int_equal(rc, 0);
	assert_int_equal(s.n, 1600);
}

static void
test_ids(void **state)
{
	struct id a = {{0}}, b = {{0}};

	(void)state;
	assert_true(id_eq(&a, &b));
	b.b[31] = 1;
	assert_false(id_eq(&a, &b));
	assert_true(id_cmp(&a, &b) < 0 && id_cmp(&b, &a) > 0);
	a.b[0] = 0x80;
	assert_true(id_cmp(&a, &b) > 0);
	assert_true(span_eq((struct span){NULL, 0}, (struct span){NULL, 0}));
	assert_false(span_eq((struct span){a.b, 32}, (struct span){b.b, 32}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_utf8_whole),
	    cmocka_unit_test_setup_teardown(test_str, setup, teardown),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_match),
	    cmocka_unit_test_setup_teardown(test_hex, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_buf, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_buf_fails, setup, teardown),
	    cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
