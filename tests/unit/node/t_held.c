/* Comments of visitors: within their limits, held until an act accepts them or
 * an officer declines them, and never both held and on record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "node/held.h"
#include "world.h"

static const char *const one[] = {"JPN"};
enum { JPN };

struct test {
	struct world w;
	struct err err;
	struct id about;
};

static int
setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return -1;
	world_open(&t->w, one, 1);
	world_start(&t->w, JPN);
	t->about = world_post(&t->w, JPN, "message/send", NULL, "\"public\"",
	    "{\"precedence\":\"routine\",\"subject\":\"Open\",\"message\":"
	    "[{\"lang\":\"en\",\"text\":\"To all.\"}]}",
	    NULL);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct test *t = *state;

	world_close(&t->w);
	free(t);
	return 0;
}

static struct node *
node(struct test *t)
{
	return t->w.at[JPN].node;
}

static struct str
many(struct test *t, size_t n, const char *letter)
{
	struct buf b;
	struct str s;

	buf_init(&b, &t->w.arena);
	for (size_t i = 0; i < n; i++)
		buf_z(&b, letter);
	assert_int_equal(buf_done(&b, &s, &t->err), 0);
	return s;
}

static struct store_held
plain(struct test *t)
{
	return (struct store_held){.about = t->about,
	    .name = STR("Han Mei"),
	    .affiliation = STR(""),
	    .lang = STR("zh"),
	    .text = STR("Keep it open.\n\tAlways.")};
}

static enum held_fault
add(struct test *t, const struct store_held *h, const char *from, int64_t *no)
{
	enum held_fault fault;

	if (held_add(node(t), h, str_of(from), &fault, no, &t->err) != 0)
		fail_msg("%s", t->err.text);
	return fault;
}

static int64_t
count(struct test *t)
{
	struct store *s = node_reader(node(t), &t->err);
	int64_t n;

	assert_non_null(s);
	assert_int_equal(store_held_count(s, &n, &t->err), 0);
	node_reader_done(node(t), s);
	return n;
}

/* Each limit: the last that is taken, the first that is not. */
static void
test_limits(void **state)
{
	struct test *t = *state;
	const struct {
		enum held_fault want;
		struct str name, affiliation, lang, text;
	} row[] = {
	    {HELD_FINE, many(t, HELD_NAME_MAX, "漢"),
		many(t, HELD_NAME_MAX, "字"), STR("zh-Hant"),
		many(t, HELD_TEXT_MAX, "語")},
	    {HELD_NO_NAME, STR(""), STR(""), STR("en"), STR("x")},
	    {HELD_LONG_NAME, many(t, HELD_NAME_MAX + 1, "漢"), STR(""),
		STR("en"), STR("x")},
	    {HELD_LONG_AFFILIATION, STR("a"), many(t, HELD_NAME_MAX + 1, "b"),
		STR("en"), STR("x")},
	    {HELD_NO_TEXT, STR("a"), STR(""), STR("en"), STR("")},
	    {HELD_LONG_TEXT, STR("a"), STR(""), STR("en"),
		many(t, HELD_TEXT_MAX + 1, "語")},
	    {HELD_LETTERS, STR("a\nb"), STR(""), STR("en"), STR("x")},
	    {HELD_LETTERS, STR("a"), STR("\x7f"), STR("en"), STR("x")},
	    {HELD_LETTERS, STR("a"), STR(""), STR("en"), STR("x\x1b[0m")},
	    {HELD_LETTERS, STR("a"), STR(""), STR("en"), STR("x\0y")},
	    {HELD_NO_LANGUAGE, STR("a"), STR(""), STR(""), STR("x")},
	    {HELD_NO_LANGUAGE, STR("a"), STR(""), STR("e"), STR("x")},
	    {HELD_NO_LANGUAGE, STR("a"), STR(""), STR("engl"), STR("x")},
	    {HELD_NO_LANGUAGE, STR("a"), STR(""), STR("en-"), STR("x")},
	    {HELD_NO_LANGUAGE, STR("a"), STR(""), STR("en_US"), STR("x")},
	    {HELD_NO_LANGUAGE, STR("a"), STR(""), STR("en\"><b>"), STR("x")},
	};
	int64_t no = 0;

	for (size_t i = 0; i < COUNT(row); i++) {
		struct store_held h = {.about = t->about,
		    .name = row[i].name,
		    .affiliation = row[i].affiliation,
		    .lang = row[i].lang,
		    .text = row[i].text};
		enum held_fault got = add(t, &h, "192.0.2.1", &no);

		if (got != row[i].want)
			fail_msg("row %zu: %s", i, held_fault_name(got));
	}
	assert_int_equal(count(t), 1);
}

/* Five a day from one address, also over a restart; and so many in all. */
static void
test_often(void **state)
{
	struct test *t = *state;
	struct store_held h = plain(t);
	int64_t no, last = 0;
	char from[32];

	for (int i = 0; i < HELD_DAY; i++) {
		assert_int_equal(add(t, &h, "192.0.2.1", &no), HELD_FINE);
		assert_true(no > last);
		last = no;
	}
	assert_int_equal(add(t, &h, "192.0.2.1", &no), HELD_OFTEN);
	assert_int_equal(add(t, &h, "192.0.2.2", &no), HELD_FINE);
	world_stop(&t->w, JPN);
	world_start(&t->w, JPN);
	assert_int_equal(add(t, &h, "192.0.2.1", &no), HELD_OFTEN);
	for (int i = HELD_DAY + 1; i < HELD_MAX; i++) {
		(void)snprintf(from, sizeof(from), "198.51.100.%d", i);
		assert_int_equal(add(t, &h, from, &no), HELD_FINE);
	}
	assert_int_equal(count(t), HELD_MAX);
	assert_int_equal(add(t, &h, "203.0.113.1", &no), HELD_FULL);
	/* Nothing of an address is on the disk. */
	assert_int_equal(held_remove(node(t), no, &t->err), 0);
	assert_int_equal(add(t, &h, "203.0.113.1", &no), HELD_FINE);
	assert_int_equal(held_remove(node(t), 999999, &t->err), -1);
	assert_int_equal(t->err.code, ERR_ABSENT);
}

static struct store_held
held(struct test *t, int64_t no)
{
	struct store *s = node_reader(node(t), &t->err);
	struct store_held h;
	bool found;

	assert_non_null(s);
	assert_int_equal(store_held(s, no, &t->w.arena, &found, &h, &t->err),
	    0);
	assert_true(found);
	node_reader_done(node(t), s);
	return h;
}

static struct id
accept(struct test *t, int64_t no, int64_t later_us)
{
	struct store_held h = held(t, no);
	char when[WHEN_TEXT];

	when_write(h.received_us + later_us, when);
	return world_post(&t->w, JPN, "comment/accept", NULL, "\"public\"",
	    str_fmt(&t->w.arena,
		"{\"name\":\"Han Mei\",\"comment\":[{\"lang\":\"zh\",\"text\":"
		"\"Keep it open.\"}],\"received\":\"%s\",\"about\":\"%s\"}",
		when, world_hex(&t->w, &h.about))
		.p,
	    NULL);
}

/* The act that accepts one takes it away, and no other. */
static void
test_accepted(void **state)
{
	struct test *t = *state;
	struct store_held h = plain(t);
	const struct js *j, *list;
	struct id act, gone;
	int64_t a, b;

	assert_int_equal(add(t, &h, "192.0.2.1", &a), HELD_FINE);
	assert_int_equal(add(t, &h, "192.0.2.1", &b), HELD_FINE);
	(void)accept(t, a, 3600 * INT64_C(1000000)); /* another's time */
	assert_int_equal(count(t), 2);
	act = accept(t, b, 0);
	assert_int_equal(count(t), 1);
	(void)held(t, a);
	gone = accept(t, a, 0);
	assert_int_equal(count(t), 0);
	(void)world_post(&t->w, JPN, "comment/withdraw",
	    world_hex(&t->w, &gone), NULL, "{\"ground\":\"author\"}", NULL);
	(void)world_post(&t->w, JPN, "comment/reply", world_hex(&t->w, &act),
	    NULL, "{\"reply\":[{\"lang\":\"en\",\"text\":\"We shall.\"}]}",
	    NULL);
	/* They stand under the matter: texts, the reply, not the withdrawn. */
	j = world_ask(&t->w, JPN, "GET",
	    str_fmt(&t->w.arena, "/matters/%s/comments",
		world_hex(&t->w, &t->about))
		.p,
	    "", "", 200);
	list = js_get(js_get(j, "comments"), "list");
	assert_int_equal(js_len(list), 3);
	assert_true(js_is_str(js_get(js_at(list, 1), "state"), "answered"));
	assert_true(
	    js_is_str(js_get(js_at(js_get(js_at(list, 1), "texts"), 0), "text"),
		"Keep it open."));
	assert_int_equal(js_len(js_get(js_at(list, 1), "replies")), 1);
	assert_true(js_bool(js_get(js_at(list, 2), "withdrawn")));
	assert_int_equal(js_len(js_get(js_at(list, 2), "texts")), 0);
	/* A rebuild finds them again. */
	(void)world_ask(&t->w, JPN, "POST", "/rebuild", "", "", 200);
	j = world_ask(&t->w, JPN, "GET",
	    str_fmt(&t->w.arena, "/matters/%s/comments",
		world_hex(&t->w, &t->about))
		.p,
	    "", "", 200);
	assert_int_equal(js_len(js_get(js_get(j, "comments"), "list")), 3);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_limits),
	    CASE(test_often),
	    CASE(test_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
