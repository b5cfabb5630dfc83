/* Keys that wait for a mandate: how many, how long, and none twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/num.h"
#include "web/enrol.h"

#define SECOND INT64_C(1000000)

static struct pubkey
new_key(void)
{
	struct secret *s = key_secret_random();
	struct pubkey key = key_pub(s);

	key_secret_free(s);
	return key;
}

static void
test_limits(void **state)
{
	struct enrolments *e = enrol_new();
	struct enrol_wish all[ENROL_MAX];
	struct err err;
	int64_t now_us = 0;

	(void)state;
	for (int i = 0; i < ENROL_MAX; i++) {
		struct pubkey key = new_key(), more = new_key();
		char from[20];

		(void)snprintf(from, sizeof(from), "%d", i / ENROL_EACH);
		assert_int_equal(
		    enrol_add(e, &key, STR("x"), str_of(from), now_us, &err),
		    0);
		if ((i + 1) % ENROL_EACH != 0)
			continue;
		assert_int_equal(
		    enrol_add(e, &more, STR("x"), str_of(from), now_us, &err),
		    -1);
		assert_int_equal(err.code, ERR_BUSY);
	}
	assert_int_equal(enrol_list(e, now_us, all), ENROL_MAX);
	now_us += ENROL_S * SECOND + 1;
	assert_int_equal(enrol_list(e, now_us, all), 0);
	enrol_free(e);
}

static void
test_one_key(void **state)
{
	struct enrolments *e = enrol_new();
	struct enrol_wish all[ENROL_MAX], one;
	struct pubkey key = new_key(), other = new_key();
	struct err err;

	(void)state;
	assert_int_equal(enrol_add(e, &key, STR("Sato"), STR("a"), 1, &err), 0);
	assert_int_equal(enrol_add(e, &other, STR("Kim"), STR("a"), 2, &err),
	    0);
	assert_int_equal(enrol_add(e, &key, STR("Saito"), STR("b"), 3, &err),
	    0);
	assert_int_equal(enrol_list(e, 4, all), 2);
	assert_string_equal(all[0].name, "Kim");
	assert_string_equal(all[1].name, "Saito");
	assert_true(enrol_find(e, &key, 4, &one));
	enrol_remove(e, &key);
	enrol_remove(e, &key);
	assert_false(enrol_find(e, &key, 4, &one));
	assert_int_equal(enrol_list(e, 4, all), 1);
	enrol_free(e);
}

static int
set_up(void **state)
{
	struct err err;

	(void)state;
	return key_start(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_one_key),
	};

	return cmocka_run_group_tests_name("enrol", tests, set_up, NULL);
}
