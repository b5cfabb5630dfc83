#include "base/clock.h"
#include "cases.h"

/* Twice as long each time, never under the least nor over the most. */
static void
test_back_off(void **state)
{
	static const struct {
		int64_t last, want;
	} row[] = {
	    {0, 1000},
	    {1000, 2000},
	    {2000, 4000},
	    {5000, 10000},
	    {5001, 10000},
	    {10000, 10000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++)
		CASE_TRUE(i,
		    clock_back_off_us(row[i].last, 1000, 10000) == row[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_back_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
