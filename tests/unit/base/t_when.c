#include <string.h>

#include "base/when.h"
#include "cases.h"

/* The values below were computed by tests/oracle/forms.py. */
#define NONE INT64_MIN

static const struct {
	const char *text;
	enum when_precision coarsest;
	int64_t us;
} time_row[] = {
    {"2026-03-02T09:00Z", WHEN_TO_MINUTE, INT64_C(1772442000000000)},
    {"2026-03-02T09:00Z", WHEN_YEAR, INT64_C(1772442000000000)},
    {"2026-03-02T09:00:00Z", WHEN_TO_MINUTE, INT64_C(1772442000000000)},
    {"2026-03-02T09:00:00Z", WHEN_YEAR, INT64_C(1772442000000000)},
    {"2026-03-02T09:00:00.5Z", WHEN_TO_MINUTE, INT64_C(1772442000500000)},
    {"2026-03-02T09:00:00.5Z", WHEN_YEAR, INT64_C(1772442000500000)},
    {"2026-03-02T09:00:00.123456Z", WHEN_TO_MINUTE, INT64_C(1772442000123456)},
    {"2026-03-02T09:00:00.123456Z", WHEN_YEAR, INT64_C(1772442000123456)},
    {"2026-03-02T09:00:00.1234567Z", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T09:00:00.1234567Z", WHEN_YEAR, NONE},
    {"2026-03-02T09:00:00.Z", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T09:00:00.Z", WHEN_YEAR, NONE},
    {"2026-03-02T09Z", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T09Z", WHEN_YEAR, INT64_C(1772442000000000)},
    {"2026-03-02", WHEN_TO_MINUTE, NONE},
    {"2026-03-02", WHEN_YEAR, INT64_C(1772409600000000)},
    {"2026-03-02Z", WHEN_TO_MINUTE, NONE},
    {"2026-03-02Z", WHEN_YEAR, NONE},
    {"2026-03", WHEN_TO_MINUTE, NONE},
    {"2026-03", WHEN_YEAR, INT64_C(1772323200000000)},
    {"2026", WHEN_TO_MINUTE, NONE},
    {"2026", WHEN_YEAR, INT64_C(1767225600000000)},
    {"0001-01-01T00:00Z", WHEN_TO_MINUTE, INT64_C(-62135596800000000)},
    {"0001-01-01T00:00Z", WHEN_YEAR, INT64_C(-62135596800000000)},
    {"0000-01-01T00:00Z", WHEN_TO_MINUTE, NONE},
    {"0000-01-01T00:00Z", WHEN_YEAR, NONE},
    {"9999-12-31T23:59:59.999999Z", WHEN_TO_MINUTE,
	INT64_C(253402300799999999)},
    {"9999-12-31T23:59:59.999999Z", WHEN_YEAR, INT64_C(253402300799999999)},
    {"1970-01-01T00:00Z", WHEN_TO_MINUTE, INT64_C(0)},
    {"1970-01-01T00:00Z", WHEN_YEAR, INT64_C(0)},
    {"1969-12-31T23:59:59.999999Z", WHEN_TO_MINUTE, INT64_C(-1)},
    {"1969-12-31T23:59:59.999999Z", WHEN_YEAR, INT64_C(-1)},
    {"2000-02-29T00:00Z", WHEN_TO_MINUTE, INT64_C(951782400000000)},
    {"2000-02-29T00:00Z", WHEN_YEAR, INT64_C(951782400000000)},
    {"1900-02-29T00:00Z", WHEN_TO_MINUTE, NONE},
    {"1900-02-29T00:00Z", WHEN_YEAR, NONE},
    {"2024-02-29T00:00Z", WHEN_TO_MINUTE, INT64_C(1709164800000000)},
    {"2024-02-29T00:00Z", WHEN_YEAR, INT64_C(1709164800000000)},
    {"2026-02-29T00:00Z", WHEN_TO_MINUTE, NONE},
    {"2026-02-29T00:00Z", WHEN_YEAR, NONE},
    {"2026-04-31T00:00Z", WHEN_TO_MINUTE, NONE},
    {"2026-04-31T00:00Z", WHEN_YEAR, NONE},
    {"2026-13-01T00:00Z", WHEN_TO_MINUTE, NONE},
    {"2026-13-01T00:00Z", WHEN_YEAR, NONE},
    {"2026-00-01T00:00Z", WHEN_TO_MINUTE, NONE},
    {"2026-00-01T00:00Z", WHEN_YEAR, NONE},
    {"2026-01-00T00:00Z", WHEN_TO_MINUTE, NONE},
    {"2026-01-00T00:00Z", WHEN_YEAR, NONE},
    {"2026-03-02T24:00Z", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T24:00Z", WHEN_YEAR, NONE},
    {"2026-03-02T23:60Z", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T23:60Z", WHEN_YEAR, NONE},
    {"2016-12-31T23:59:60Z", WHEN_TO_MINUTE, NONE},
    {"2016-12-31T23:59:60Z", WHEN_YEAR, NONE},
    {"2026-03-02T09:00", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T09:00", WHEN_YEAR, NONE},
    {"2026-03-02T09:00z", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T09:00z", WHEN_YEAR, NONE},
    {"2026-03-02t09:00Z", WHEN_TO_MINUTE, NONE},
    {"2026-03-02t09:00Z", WHEN_YEAR, NONE},
    {"2026-03-02 09:00Z", WHEN_TO_MINUTE, NONE},
    {"2026-03-02 09:00Z", WHEN_YEAR, NONE},
    {"2026-03-02T09:00+00:00", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T09:00+00:00", WHEN_YEAR, NONE},
    {"2026-3-2T09:00Z", WHEN_TO_MINUTE, NONE},
    {"2026-3-2T09:00Z", WHEN_YEAR, NONE},
    {"+2026-03-02T09:00Z", WHEN_TO_MINUTE, NONE},
    {"+2026-03-02T09:00Z", WHEN_YEAR, NONE},
    {"-2026-03-02T09:00Z", WHEN_TO_MINUTE, NONE},
    {"-2026-03-02T09:00Z", WHEN_YEAR, NONE},
    {"12026-03-02T09:00Z", WHEN_TO_MINUTE, NONE},
    {"12026-03-02T09:00Z", WHEN_YEAR, NONE},
    {"2026-03-02T09:00Z ", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T09:00Z ", WHEN_YEAR, NONE},
    {"2026-03-02T", WHEN_TO_MINUTE, NONE},
    {"2026-03-02T", WHEN_YEAR, NONE},
    {"2026-", WHEN_TO_MINUTE, NONE},
    {"2026-", WHEN_YEAR, NONE},
    {"202", WHEN_TO_MINUTE, NONE},
    {"202", WHEN_YEAR, NONE},
    {"", WHEN_TO_MINUTE, NONE},
    {"", WHEN_YEAR, NONE},
    {"2026-03", WHEN_MONTH, INT64_C(1772323200000000)},
    {"2026", WHEN_MONTH, NONE},
    {"2026-03-02T09Z", WHEN_HOUR, INT64_C(1772442000000000)},
    {"2026-03-02", WHEN_HOUR, NONE},
    {"2026-03-02", WHEN_DATE, INT64_C(1772409600000000)},
    {"2026-03-02T09:00Z", WHEN_SECOND, NONE},
    {"2026-03-02T09:00:07Z", WHEN_SECOND, INT64_C(1772442007000000)},
};

static void
test_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(time_row); i++) {
		int64_t us = NONE;
		bool is_time = when_is_time(str_of(time_row[i].text),
		    time_row[i].coarsest, &us);

		if (is_time != (time_row[i].us != NONE) || us != time_row[i].us)
			fail_msg("'%s': %lld", time_row[i].text, (long long)us);
	}
}

static void
test_duration(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} row[] = {
	    {"P42D", INT64_C(3628800000000)},
	    {"-PT1H", INT64_C(-3600000000)},
	    {"PT48H0.5S", INT64_C(172800500000)},
	    {"P1DT2H3M4.000005S", INT64_C(93784000005)},
	    {"P0D", INT64_C(0)},
	    {"-P0D", INT64_C(0)},
	    {"PT0S", INT64_C(0)},
	    {"P99999D", INT64_C(8639913600000000)},
	    {"P100000D", NONE},
	    {"PT999999H", INT64_C(3599996400000000)},
	    {"PT1000000H", NONE},
	    {"PT999999M", INT64_C(59999940000000)},
	    {"PT999999.999999S", INT64_C(999999999999)},
	    {"P", NONE},
	    {"PT", NONE},
	    {"-P", NONE},
	    {"P1", NONE},
	    {"1D", NONE},
	    {"P1DT", NONE},
	    {"PT1D", NONE},
	    {"P1H", NONE},
	    {"PT1M1H", NONE},
	    {"PT1S1M", NONE},
	    {"P1D1D", NONE},
	    {"P1W", NONE},
	    {"P1Y", NONE},
	    {"P1M", NONE},
	    {"PT1.5H", NONE},
	    {"PT.5S", NONE},
	    {"PT1.S", NONE},
	    {"PT1.1234567S", NONE},
	    {"+P1D", NONE},
	    {"P-1D", NONE},
	    {"p1d", NONE},
	    {"P 1D", NONE},
	    {"P1D ", NONE},
	    {"--P1D", NONE},
	    {"PTT1S", NONE},
	    {"P1DT1H1H", NONE},
	    {"", NONE},
	    {"PT1H1S", INT64_C(3601000000)},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		int64_t us = NONE;
		bool is_one = when_is_duration(str_of(row[i].text), &us);

		if (is_one != (row[i].us != NONE) || us != row[i].us)
			fail_msg("'%s': %lld", row[i].text, (long long)us);
	}
}

/* Each beginning of a right text, without a byte behind it. */
static void
test_cut(void **state)
{
	static const char time[] = "2026-03-02T09:08:07.654321Z";
	static const char duration[] = "-P12DT13H14M15.161718S";
	struct arena a;
	int64_t us;
	size_t times = 0, durations = 0;

	(void)state;
	arena_init(&a, 1 << 16);
	for (size_t n = 0; n <= strlen(time); n++) {
		struct str s = {mem_alloc(n + 1, 1), n};
		char *p = (char *)(uintptr_t)s.p;

		memcpy(p, time, n);
		times += when_is_time(s, WHEN_YEAR, &us);
		mem_free(p);
	}
	for (size_t n = 0; n <= strlen(duration); n++)
		durations += when_is_duration(
		    str_copy(&a, (struct str){duration, n}), &us);
	assert_int_equal(times, 4);     /* year, month, day, whole */
	assert_int_equal(durations, 4); /* D, H, M, S */
	assert_false(when_is_time((struct str){NULL, 0}, WHEN_YEAR, &us));
	assert_false(when_is_duration((struct str){NULL, 0}, &us));
	arena_release(&a);
}

static void
test_precision(void **state)
{
	static const char *const name[] = {"year", "month", "day", "hour",
	    "minute", "second"};
	enum when_precision p;

	(void)state;
	for (size_t i = 0; i < COUNT(name); i++) {
		CASE_TRUE(i, when_is_precision(str_of(name[i]), &p));
		CASE_TRUE(i, (size_t)p == i);
	}
	assert_false(when_is_precision(STR("week"), &p));
	assert_false(when_is_precision(STR(""), &p));
}

static void
test_write(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} row[] = {
	    {0, "1970-01-01T00:00:00Z"},
	    {-1, "1969-12-31T23:59:59.999999Z"},
	    {1772442000000000, "2026-03-02T09:00:00Z"},
	    {1772442000500000, "2026-03-02T09:00:00.500000Z"},
	    {-62135596800000000, "0001-01-01T00:00:00Z"},
	    {253402300799999999, "9999-12-31T23:59:59.999999Z"},
	    {951782400000000, "2000-02-29T00:00:00Z"},
	    {-WHEN_DAY, "1969-12-31T00:00:00Z"},
	};
	char out[WHEN_TEXT];
	int64_t us;

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		when_write(row[i].us, out);
		CASE_TRUE(i, strcmp(out, row[i].text) == 0);
		CASE_TRUE(i, when_is_time(str_of(out), WHEN_SECOND, &us));
		CASE_TRUE(i, us == row[i].us);
	}
	when_write(INT64_MIN, out); /* no year of ours, yet it fits */
	when_write(INT64_MAX, out);
	assert_true(strlen(out) < WHEN_TEXT);
}

/* Every day of four centuries and each edge of it, there and back. */
static void
test_days(void **state)
{
	char out[WHEN_TEXT];
	int64_t us;

	(void)state;
	for (int64_t day = -146097 / 2; day < 146097 / 2; day++) {
		when_write(day * WHEN_DAY, out);
		assert_true(when_is_time(str_of(out), WHEN_SECOND, &us));
		assert_true(us == day * WHEN_DAY);
	}
}

static void
test_span(void **state)
{
	static const struct {
		int64_t s;
		const char *text;
	} row[] = {
	    {0, "0 s"},
	    {5, "5 s"},
	    {60, "1 min"},
	    {65, "1 min 5 s"},
	    {720, "12 min"},
	    {3600, "1 h"},
	    {3661, "1 h 1 min"},
	    {86399, "23 h 59 min"},
	    {86400, "1 d"},
	    {273600, "3 d 4 h"},
	    {-90, "-1 min 30 s"},
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < COUNT(row); i++)
		CASE_TRUE(i,
		    str_is(when_span(&a, row[i].s * 1000000), row[i].text));
	assert_non_null(when_span(&a, INT64_MIN).p);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_duration),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_precision),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_days),
	    cmocka_unit_test(test_span),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
