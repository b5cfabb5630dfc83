/* Rates, connections and friends of addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>

#include "base/num.h"
#include "record/key.h"
#include "web/limit.h"

#define SECOND INT64_C(1000000)

static const struct limit_rate rates[LIMIT_KINDS] = {
    [LIMIT_PAGE] = {SECOND / 10, 40},
    [LIMIT_ATTEMPT] = {6 * SECOND, 10},
};

static struct limit_key
v4(const char *text)
{
	struct sockaddr_in at = {.sin_family = AF_INET};

	assert_int_equal(inet_pton(AF_INET, text, &at.sin_addr), 1);
	return limit_address((const struct sockaddr *)&at);
}

static struct limit_key
v6(const char *text)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6};

	assert_int_equal(inet_pton(AF_INET6, text, &at.sin6_addr), 1);
	return limit_address((const struct sockaddr *)&at);
}

static void
test_keys(void **state)
{
	struct limit_key a = v4("192.0.2.1"), b = v4("192.0.2.2");
	struct limit_key c = v6("2001:db8::1"), d = v6("2001:db8::ffff:1");
	struct limit_key e = v6("2001:db8:0:1::1"), f = v6("::ffff:192.0.2.1");

	(void)state;
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_memory_equal(&c, &d, sizeof(c)); /* one /64 */
	assert_memory_not_equal(&c, &e, sizeof(c));
	assert_memory_equal(&a, &f, sizeof(a));
}

static void
test_text(void **state)
{
	const struct {
		struct limit_key who;
		const char *text;
	} row[] = {
	    {v4("192.0.2.1"), "192.0.2.1"},
	    {v6("::ffff:192.0.2.1"), "192.0.2.1"},
	    {v6("2001:db8:0:1::7"), "2001:db8:0:1::/64"},
	    {v6("::1"), "::/64"},
	    {v6("ffff:eeee:dddd:cccc:1:2:3:4"), "ffff:eeee:dddd:cccc::/64"},
	    {limit_address(NULL), ""},
	    {limit_all(), ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char text[LIMIT_TEXT];

		limit_text(&row[i].who, text);
		assert_string_equal(text, row[i].text);
	}
}

static void
test_rate(void **state)
{
	struct limits *l = limits_new(rates, 0);
	struct limit_key a = v4("192.0.2.1"), b = v4("192.0.2.2");
	int64_t now = 1000 * SECOND;

	(void)state;
	for (int i = 0; i < 40; i++) /* the burst */
		assert_int_equal(limit_take(l, LIMIT_PAGE, &a, now, 0), 0);
	assert_true(limit_is_spent(l, LIMIT_PAGE, &a, now));
	assert_int_equal(limit_take(l, LIMIT_PAGE, &a, now, 0), SECOND / 10);
	assert_int_equal(limit_take(l, LIMIT_PAGE, &b, now, 0), 0);
	assert_int_equal(limit_take(l, LIMIT_ATTEMPT, &a, now, 0), 0);
	assert_int_equal(limit_take(l, LIMIT_ACT, &a, now, 0), 0); /* none */
	/* Who waits has taken: each a tenth of a second behind the last. */
	for (int i = 1; i <= 10; i++)
		assert_int_equal(limit_take(l, LIMIT_PAGE, &a, now, SECOND),
		    i * SECOND / 10);
	assert_int_equal(limit_take(l, LIMIT_PAGE, &a, now, SECOND),
	    SECOND + SECOND / 10); /* refused, and not taken */
	assert_int_equal(limit_take(l, LIMIT_PAGE, &a, now, SECOND),
	    SECOND + SECOND / 10);
	/* M1: a second later, ten more come. */
	now += 2 * SECOND;
	for (int i = 0; i < 10; i++)
		assert_int_equal(limit_take(l, LIMIT_PAGE, &a, now, 0), 0);
	assert_true(limit_take(l, LIMIT_PAGE, &a, now, 0) > 0);
	limits_free(l);
}

static void
test_connections(void **state)
{
	struct limits *l = limits_new(rates, 3);
	struct limit_key a = v4("192.0.2.1"), b = v4("192.0.2.2");

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(limit_may_enter(l, &a));
		limit_enter(l, &a, i);
	}
	assert_false(limit_may_enter(l, &a));
	assert_true(limit_may_enter(l, &b));
	limit_leave(l, &a);
	assert_true(limit_may_enter(l, &a));
	assert_false(limit_is_friend(l, &a, SECOND));
	limit_befriend(l, &a, SECOND);
	assert_true(limit_is_friend(l, &a, 2 * SECOND));
	assert_false(limit_is_friend(l, &a, (LIMIT_FRIEND_S + 1) * SECOND));
	limits_free(l);
}

/* M2: any number of addresses, and one that has connections stays known. */
static void
test_many(void **state)
{
	struct limits *l = limits_new(rates, 2);
	struct limit_key a = v4("192.0.2.1");

	(void)state;
	limit_enter(l, &a, 1);
	limit_enter(l, &a, 1);
	for (uint32_t i = 0; i < 200000; i++) {
		struct sockaddr_in at = {.sin_family = AF_INET,
		    .sin_addr = {htonl(0x0a000000u + i)}};
		struct limit_key k =
		    limit_address((const struct sockaddr *)&at);

		assert_int_equal(limit_take(l, LIMIT_PAGE, &k, i, 0), 0);
	}
	assert_false(limit_may_enter(l, &a));
	limits_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_rate),
	    cmocka_unit_test(test_connections),
	    cmocka_unit_test(test_many),
	};
	struct err err;

	return key_start(&err) != 0 ? 1
	                            : cmocka_run_group_tests(tests, NULL, NULL);
}
