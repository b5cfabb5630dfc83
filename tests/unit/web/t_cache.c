/* Ready answers: how long each is good, and what gives way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/num.h"
#include "record/key.h"
#include "web/cache.h"

#define SECOND INT64_C(1000000)
enum { MOST = 1024 * 1024 };

static void
drop(struct cache_item *item)
{
	int *count = item->answer[0];

	--*count;
}

static void
use(void *ctx, const struct cache_item *item)
{
	*(const struct cache_item **)ctx = item;
}

static bool
has(struct cache *c, struct str name, uint64_t changes, int64_t now_us)
{
	const struct cache_item *item = NULL;
	bool is = cache_use(c, name, changes, now_us, use, &item);

	assert_int_equal(is, item != NULL);
	return is;
}

static void
put(struct cache *c, struct str name, int *count, struct cache_item item)
{
	item.answer[0] = count;
	++*count;
	cache_put(c, name, &item);
}

static void
test_good(void **state)
{
	struct cache *c = cache_new(MOST, drop);
	struct str x = STR("0h/x?");
	int held = 0;

	(void)state;
	assert_false(has(c, x, 1, 0));
	put(c, x, &held,
	    (struct cache_item){.changes = 1,
		.made_us = SECOND,
		.cost_us = 1000});
	assert_true(has(c, x, 1, SECOND));
	assert_true(has(c, x, 1, SECOND + CACHE_US - 1));
	assert_false(has(c, x, 1, SECOND + CACHE_US));
	assert_false(has(c, x, 2, SECOND)); /* the record went on */
	assert_false(has(c, STR("1h/x?"), 1, SECOND));
	/* A page may be a moment old: ten times what it cost. */
	put(c, x, &held,
	    (struct cache_item){.changes = 1,
		.made_us = SECOND,
		.cost_us = 1000,
		.patient = true});
	assert_int_equal(held, 1); /* the one before is gone */
	assert_true(has(c, x, 2, SECOND + 9999));
	assert_false(has(c, x, 2, SECOND + 10000));
	put(c, x, &held,
	    (struct cache_item){.changes = 1,
		.made_us = SECOND,
		.cost_us = 10 * SECOND,
		.patient = true});
	assert_true(has(c, x, 2, SECOND + 249999));
	assert_false(has(c, x, 2, SECOND + 250000));
	put(c, x, &held, (struct cache_item){.lasting = true});
	assert_true(has(c, x, 99, 3600 * SECOND));
	cache_free(c);
	assert_int_equal(held, 0);
}

/* K2, and who was asked for longest ago gives way. */
static void
test_room(void **state)
{
	struct cache *c = cache_new(MOST, drop);
	struct cache_item item = {.lasting = true, .bytes = MOST / 10};
	char name[20];
	int held = 0, most = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		put(c, str_of(name), &held, item);
		assert_true(has(c, STR("0"), 0, 0)); /* asked for: it stays */
		most = held > most ? held : most;
	}
	assert_in_range(most, 5, 10);
	assert_true(has(c, STR("99"), 0, 0));
	assert_false(has(c, STR("1"), 0, 0));
	/* One that would push all others out is not kept. */
	item.bytes = MOST / 2;
	put(c, STR("large"), &held, item);
	assert_false(has(c, STR("large"), 0, 0));
	assert_true(has(c, STR("99"), 0, 0));
	cache_free(c);
	assert_int_equal(held, 0);
}

static void
test_names(void **state)
{
	struct cache *c = cache_new(MOST, drop);
	struct cache_item item = {.lasting = true};
	char name[CACHE_NAME + 1];
	int held = 0;

	(void)state;
	memset(name, 'x', sizeof(name));
	put(c, (struct str){name, CACHE_NAME + 1}, &held, item);
	assert_int_equal(held, 0);
	put(c, (struct str){name, CACHE_NAME}, &held, item);
	assert_true(has(c, (struct str){name, CACHE_NAME}, 0, 0));
	assert_false(has(c, (struct str){name, CACHE_NAME - 1}, 0, 0));
	cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_room),
	    cmocka_unit_test(test_names),
	};
	struct err err;

	return key_start(&err) != 0 ? 1
	                            : cmocka_run_group_tests(tests, NULL, NULL);
}
