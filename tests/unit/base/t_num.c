#include <string.h>

#include "cases.h"

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t lo, hi, value;
		const char *fault; /* NULL: it parses */
	} row[] = {
	    {"0", 0, 9, 0, NULL},
	    {"7", 0, 9, 7, NULL},
	    {"10", 0, 10, 10, NULL},
	    {"-5", -9, 9, -5, NULL},
	    {"9223372036854775807", 0, INT64_MAX, INT64_MAX, NULL},
	    {"-9223372036854775808", INT64_MIN, 0, INT64_MIN, NULL},
	    {"9223372036854775808", INT64_MIN, INT64_MAX, 0, "no whole number"},
	    {"-9223372036854775809", INT64_MIN, INT64_MAX, 0,
		"no whole number"},
	    {"99999999999999999999", INT64_MIN, INT64_MAX, 0,
		"no whole number"},
	    {"", 0, 9, 0, "no whole number"},
	    {"-", -9, 9, 0, "no whole number"},
	    {"-0", -9, 9, 0, "no whole number"},
	    {"00", 0, 9, 0, "no whole number"},
	    {"01", 0, 9, 0, "no whole number"},
	    {"-01", -9, 9, 0, "no whole number"},
	    {"+1", 0, 9, 0, "no whole number"},
	    {" 1", 0, 9, 0, "no whole number"},
	    {"1 ", 0, 9, 0, "no whole number"},
	    {"1.0", 0, 9, 0, "no whole number"},
	    {"1e1", 0, 99, 0, "no whole number"},
	    {"0x1", 0, 9, 0, "no whole number"},
	    {"--1", -9, 9, 0, "no whole number"},
	    {"\xef\xbc\x91", 0, 9, 0, "no whole number"}, /* full width 1 */
	    {"10", 0, 9, 0, "10 is not between 0 and 9"},
	    {"-1", 0, 9, 0, "-1 is not between 0 and 9"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct err err = {.code = ERR_NONE};
		int64_t v = 77;
		int rc = num_parse(str_of(row[i].text), row[i].lo, row[i].hi,
		    &v, &err);

		CASE_TRUE(i, (rc == 0) == (row[i].fault == NULL));
		CASE_TRUE(i, v == (rc == 0 ? row[i].value : 77));
		CASE_TRUE(i, err.code == (rc == 0 ? ERR_NONE : ERR_INPUT));
		CASE_TRUE(i, rc == 0 || strstr(err.text, row[i].fault) != NULL);
	}
}

/* A NUL inside the text does not end it. */
static void
test_parse_nul(void **state)
{
	struct err err;
	int64_t v;

	(void)state;
	assert_int_equal(num_parse(STR("1\0"), 0, 9, &v, &err), -1);
	assert_int_equal(num_parse((struct str){NULL, 0}, 0, 9, &v, &err), -1);
}

static void
test_big_endian(void **state)
{
	static const struct {
		uint64_t v;
		uint8_t b[8];
	} row[] = {
	    {0, {0}},
	    {1, {0, 0, 0, 0, 0, 0, 0, 1}},
	    {0x0123456789abcdef, {1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}},
	    {UINT64_MAX, {255, 255, 255, 255, 255, 255, 255, 255}},
	    {0x80000000, {0, 0, 0, 0, 0x80, 0, 0, 0}},
	};
	uint8_t b[8];

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		num_put64(b, row[i].v);
		CASE_TRUE(i, memcmp(b, row[i].b, 8) == 0);
		CASE_TRUE(i, num_get64(b) == row[i].v);
		num_put32(b, (uint32_t)(row[i].v & UINT32_MAX));
		CASE_TRUE(i, memcmp(b, row[i].b + 4, 4) == 0);
		CASE_TRUE(i, num_get32(b) == (row[i].v & UINT32_MAX));
	}
}

static void
test_checked(void **state)
{
	int64_t v;
	size_t n;

	(void)state;
	assert_true(ckd_add(&v, INT64_MAX, 1));
	assert_false(ckd_add(&v, INT64_MAX - 1, 1));
	assert_true(v == INT64_MAX);
	assert_true(ckd_sub(&v, INT64_MIN, 1));
	assert_true(ckd_mul(&n, SIZE_MAX / 2, (size_t)3));
	assert_false(ckd_mul(&n, (size_t)3, (size_t)4));
	assert_true(n == 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_parse_nul),
	    cmocka_unit_test(test_big_endian),
	    cmocka_unit_test(test_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
