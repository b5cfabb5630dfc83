/* Lines of a calendar: escaping and folding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/num.h"
#include "web/ical.h"

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define HAN "\xe6\xb5\xb7"

static const struct {
	const char *value, *line;
} row[] = {
    {"", "SUMMARY:\r\n"},
    {"plain", "SUMMARY:plain\r\n"},
    {"a;b,c\\d:e\"f", "SUMMARY:a\\;b\\,c\\\\d:e\"f\r\n"},
    {"two\nlines", "SUMMARY:two\\nlines\r\n"},
    {"two\r\nlines", "SUMMARY:two\\nlines\r\n"},
    {"\x01tab\there\x7f", "SUMMARY:tab here\r\n"},
    {"END:VEVENT\r\nBEGIN:VALARM", "SUMMARY:END:VEVENT\\nBEGIN:VALARM\r\n"},
    {X60 "1234567", "SUMMARY:" X60 "1234567\r\n"}, /* 75 octets */
    {X60 "12345678", "SUMMARY:" X60 "1234567\r\n 8\r\n"},
    /* A character, and what is escaped, stays in one piece. */
    {X60 "1234" HAN, "SUMMARY:" X60 "1234" HAN "\r\n"},
    {X60 "12345" HAN, "SUMMARY:" X60 "12345\r\n " HAN "\r\n"},
    {X60 "123456,", "SUMMARY:" X60 "123456\r\n \\,\r\n"},
    {X60 X60 X10 X10, "SUMMARY:" X60 "xxxxxxx\r\n " X60 X10 "xxx\r\n"},
};

static void
test_text(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < COUNT(row); i++) {
		struct str out;
		struct err err;
		struct buf b;

		buf_init(&b, &a);
		ical_text(&b, "SUMMARY", str_of(row[i].value));
		assert_int_equal(buf_done(&b, &out, &err), 0);
		if (!str_is(out, row[i].line))
			fail_msg("row %zu: %s", i, out.p);
	}
	arena_release(&a);
}

static void
test_rest(void **state)
{
	int64_t us = INT64_C(1795599004) * 1000000; /* 25 November 2026 */
	struct arena a;
	struct str out;
	struct err err;
	struct buf b;

	(void)state;
	arena_init(&a, 1 << 20);
	buf_init(&b, &a);
	ical_put(&b, "URL;X=y", STR("http://a.example/b;c,d"));
	ical_put(&b, "UID", STR("one\r\nEND:VEVENT"));
	ical_time(&b, "DTSTART", us, false);
	ical_time(&b, "DTEND", us, true);
	assert_int_equal(buf_done(&b, &out, &err), 0);
	assert_string_equal(out.p,
	    "URL;X=y:http://a.example/b;c,d\r\nUID:one\r\n"
	    "DTSTART:20261125T093004Z\r\nDTEND;VALUE=DATE:20261125\r\n");
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
