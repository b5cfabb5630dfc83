/* Acts travel between real nodes, and come back with proof. [D4.4] [D6] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/when.h"
#include "world.h"

static const char *const four[] = {"JPN", "USA", "CHN", "KOR"};
enum { JPN, USA, CHN, KOR };

static const char hello[] =
    "{\"precedence\":\"priority\",\"subject\":\"Vessel\",\"message\":"
    "[{\"lang\":\"en\",\"text\":\"Please confirm.\",\"authentic\":true}]}";

static void
test_message(void **state)
{
	struct world w;
	struct id m;

	(void)state;
	world_open(&w, four, 4);
	for (size_t i = 0; i < 4; i++)
		world_start(&w, i);
	world_introduce_all(&w);
	m = world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello, NULL);
	world_await(&w, CHN, &m, "sent");
	(void)world_post(&w, CHN, "message/acknowledge", world_hex(&w, &m),
	    NULL, "{}", NULL);
	world_await(&w, JPN, &m, "acknowledged");
	(void)world_post(&w, CHN, "message/reply", world_hex(&w, &m), NULL,
	    "{\"message\":[{\"lang\":\"en\",\"text\":\"Confirmed.\"}]}", NULL);
	world_await(&w, JPN, &m, "answered");
	/* Who is not of the audience holds the entry and cannot read it. */
	(void)world_ask(&w, USA, "GET",
	    str_fmt(&w.arena, "/matters/%s", world_hex(&w, &m)).p, "", "", 404);
	world_close(&w);
}

static void
start_all(struct world *w)
{
	world_open(w, four, 4);
	for (size_t i = 0; i < 4; i++)
		world_start(w, i);
	world_introduce_all(w);
}

/* What came while a node was down comes when it is back, and what it said
 * before it went is still there. */
static void
test_outage(void **state)
{
	enum { MANY = 60 };
	struct world w;
	struct id first, m[MANY], reply;

	(void)state;
	start_all(&w);
	first =
	    world_post(&w, CHN, "message/send", NULL, "[\"JPN\"]", hello, NULL);
	world_await(&w, JPN, &first, "sent");
	world_stop(&w, CHN);
	for (size_t i = 0; i < MANY; i++)
		m[i] = world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]",
		    hello, NULL);
	reply = world_post(&w, JPN, "message/acknowledge",
	    world_hex(&w, &first), NULL, "{}", NULL);
	world_start(&w, CHN);
	for (size_t i = 0; i < MANY; i++)
		world_await(&w, CHN, &m[i], "sent");
	world_await(&w, CHN, &first, "acknowledged");
	(void)reply;
	/* And the sender may go, too. */
	world_stop(&w, JPN);
	world_start(&w, JPN);
	(void)world_post(&w, CHN, "message/acknowledge", world_hex(&w, &m[7]),
	    NULL, "{}", NULL);
	world_await(&w, JPN, &m[7], "acknowledged");
	world_close(&w);
}

static const char founding[] =
    "{\"name\":\"Peace conference\",\"founders\":[\"JPN\",\"USA\",\"CHN\","
    "\"KOR\"],\"texts\":[{\"lang\":\"en\",\"text\":\"We meet.\"}]}";

static void
found(struct world *w, struct id *conference)
{
	*conference = world_post(w, JPN, "conference/propose", NULL,
	    "[\"USA\",\"CHN\",\"KOR\"]", founding, NULL);
	for (size_t i = 0; i < 4; i++) {
		world_await(w, i, conference, "proposed");
		(void)world_post(w, i, "conference/sign",
		    world_hex(w, conference), NULL, "{}",
		    world_hex(w, conference));
	}
	for (size_t i = 0; i < 4; i++)
		world_await(w, i, conference, "in_force");
}

/* A conference comes into force at all, and its members are who signed. */
/* Many more acts than go into a bundle come by several at once, and a node that
 * goes in the midst of it gets the rest. */
static void
test_catch_up(void **state)
{
	enum { MANY = 80 };
	struct world w;
	struct id m[MANY], urgent;

	(void)state;
	start_all(&w);
	w.at[JPN].node->settings.batch_acts = 3;
	world_stop(&w, CHN);
	for (size_t i = 0; i < MANY; i++)
		m[i] = world_post(&w, JPN, "message/send", NULL,
		    i % 5 == 0 ? "[\"KOR\"]" : "[\"CHN\"]", hello, NULL);
	world_start(&w, CHN);
	world_await(&w, CHN, &m[1], "sent");
	world_stop(&w, CHN);
	urgent =
	    world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello, NULL);
	world_start(&w, CHN);
	world_await(&w, CHN, &urgent, "sent");
	for (size_t i = 0; i < MANY; i++)
		if (i % 5 != 0)
			world_await(&w, CHN, &m[i], "sent");
	world_close(&w);
}

static void
test_conference(void **state)
{
	static const char text[] =
	    "{\"title\":\"Lines\",\"kind\":\"statement\",\"texts\":"
	    "[{\"lang\":\"en\",\"text\":\"Lines stay open.\"}]}";
	struct world w;
	struct id c, t;
	const struct js *j, *members;

	(void)state;
	start_all(&w);
	found(&w, &c);
	j = world_ask(&w, KOR, "GET",
	    str_fmt(&w.arena, "/matters/%s", world_hex(&w, &c)).p, "", "", 200);
	members = js_get(j, "members");
	assert_int_equal(js_len(members), 4);
	j = world_ask(&w, USA, "POST", "/acts", "",
	    world_envelope(&w, USA, "text/draft", NULL, "\"members\"", text,
		NULL, world_hex(&w, &c), clock_utc_us())
		.p,
	    201);
	assert_true(hex_is_parsed(js_str(js_get(j, "id")), t.b, 32));
	for (size_t i = 0; i < 4; i++) {
		world_await(&w, i, &t, "drafting");
		(void)world_post(&w, i, "text/consent", world_hex(&w, &t), NULL,
		    "{}", world_hex(&w, &t));
	}
	for (size_t i = 0; i < 4; i++)
		world_await(&w, i, &t, "adopted");
	world_close(&w);
}

/* What an own officer's act would break is said, and nothing is recorded. */
static void
test_refused(void **state)
{
	static const char late[] =
	    "{\"precedence\":\"priority\",\"subject\":\"x\",\"message\":"
	    "[{\"lang\":\"en\",\"text\":\"x\"}],\"reply_by\":"
	    "\"2020-01-01T00:00Z\"}";
	struct world w;
	const struct js *j;
	struct str e;
	struct id m;

	(void)state;
	start_all(&w);
	e = world_envelope(&w, JPN, "message/send", NULL, "[\"CHN\"]", late,
	    NULL, NULL, clock_utc_us());
	j = world_ask(&w, JPN, "POST", "/acts", "", e.p, 403);
	assert_non_null(strstr(js_str(js_get(j, "error")).p, "short-notice"));
	e = world_envelope(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello,
	    NULL, NULL, clock_utc_us() - 3600 * INT64_C(1000000));
	j = world_ask(&w, JPN, "POST", "/acts", "", e.p, 400);
	assert_non_null(strstr(js_str(js_get(j, "error")).p, "clock"));
	/* Posted twice is posted once. */
	e = world_envelope(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello,
	    NULL, NULL, clock_utc_us());
	(void)world_ask(&w, JPN, "POST", "/acts", "", e.p, 201);
	j = world_ask(&w, JPN, "POST", "/acts", "", e.p, 201);
	assert_true(js_bool(js_get(j, "was_known")));
	/* Signed by an officer of another party. */
	e = world_envelope(&w, CHN, "message/send", NULL, "[\"JPN\"]", hello,
	    NULL, NULL, clock_utc_us());
	(void)world_ask(&w, JPN, "POST", "/acts", "", e.p, 400);
	/* A flipped bit of the signature. */
	(void)world_ask(&w, JPN, "POST", "/acts", "", "{\"payload\":\"\"}",
	    400);
	m = world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello, NULL);
	(void)world_post(&w, JPN, "message/close", world_hex(&w, &m), NULL,
	    "{}", NULL);
	j = world_ask(&w, JPN, "GET",
	    str_fmt(&w.arena, "/matters/%s", world_hex(&w, &m)).p, "", "", 200);
	assert_true(js_bool(js_get(j, "final")));
	world_close(&w);
}

/* Two parties act without knowing of each other: every node comes to the same
 * verdict, and the void act stays on record. */
static void
test_crossing(void **state)
{
	struct world w;
	struct id m;

	(void)state;
	start_all(&w);
	m = world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello, NULL);
	world_await(&w, CHN, &m, "sent");
	world_stop(&w, CHN);
	(void)world_post(&w, JPN, "message/close", world_hex(&w, &m), NULL,
	    "{}", NULL);
	world_stop(&w, JPN);
	world_start(&w, CHN);
	(void)world_post(&w, CHN, "message/acknowledge", world_hex(&w, &m),
	    NULL, "{}", NULL);
	world_start(&w, JPN);
	world_await(&w, CHN, &m, "closed");
	for (size_t i = 0; i < 2; i++) {
		size_t at = i == 0 ? JPN : CHN;
		const struct js *acts = NULL;

		for (int try = 0; try < 200 && js_len(acts) < 3; try++) {
			acts = js_get(world_ask(&w, at, "GET",
					  str_fmt(&w.arena, "/matters/%s",
					      world_hex(&w, &m))
					      .p,
					  "", "", 200),
			    "acts");
			clock_sleep_us(20000);
		}
		assert_int_equal(js_len(acts), 3);
		assert_true(
		    js_is_str(js_get(js_at(acts, 2), "verdict"), "void"));
		assert_true(
		    js_is_str(js_get(js_at(acts, 2), "reason"), "wrong-state"));
	}
	world_close(&w);
}

/* All that derives can be dropped, and comes back the same. */
static void
test_rebuild(void **state)
{
	struct world w;
	struct id c;
	const struct js *j;

	(void)state;
	start_all(&w);
	found(&w, &c);
	for (size_t i = 0; i < 300; i++)
		(void)world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]",
		    hello, NULL);
	j = world_ask(&w, JPN, "POST", "/rebuild", "", "", 200);
	assert_true(js_bool(js_get(j, "same")));
	j = world_ask(&w, JPN, "POST", "/check", "", "", 200);
	assert_true(js_bool(js_get(j, "sound")));
	world_stop(&w, JPN);
	world_start(&w, JPN);
	world_await(&w, JPN, &c, "in_force");
	world_close(&w);
}

/* A line that is cut goes through another member, who cannot read it. */
static void
test_relay(void **state)
{
	struct world w;
	struct id m;
	const struct js *lines, *l = NULL;

	(void)state;
	start_all(&w);
	(void)world_ask(&w, JPN, "POST", "/peers/CHN", "",
	    "{\"address\":\"http://127.0.0.1:9\"}", 200);
	m = world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello, NULL);
	world_await(&w, CHN, &m, "sent");
	for (int try = 0; try < 200; try++) {
		lines = js_get(world_ask(&w, JPN, "GET", "/board", "", "", 200),
		    "lines");
		for (size_t i = 0; i < js_len(lines); i++)
			if (js_is_str(js_get(js_at(lines, i), "party"), "CHN"))
				l = js_at(lines, i);
		if (js_str(js_get(l, "via")).n > 0)
			break;
		clock_sleep_us(20000);
	}
	assert_true(js_str(js_get(l, "via")).n > 0);
	world_close(&w);
}

/* A node that lost its disk takes back its log and the acts that it shared,
 * and appends nothing before. [D4.7] */
static void
test_loss(void **state)
{
	struct world w;
	struct id m, again;
	struct err err;
	const struct js *j;
	char command[400];

	(void)state;
	start_all(&w);
	for (size_t i = 0; i < 5; i++)
		m = world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]",
		    hello, NULL);
	world_await(&w, CHN, &m, "sent");
	world_stop(&w, JPN);
	(void)snprintf(command, sizeof(command), "rm %s/record.db*",
	    w.at[JPN].folder);
	assert_int_equal(system(command), 0);
	assert_int_equal(node_found(w.at[JPN].folder,
			     span_of(w.at[JPN].charter), true, clock_utc_us(),
			     &err),
	    0);
	world_start(&w, JPN);
	(void)world_ask(&w, JPN, "POST", "/acts", "",
	    world_envelope(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello,
		NULL, NULL, clock_utc_us())
		.p,
	    503);
	world_introduce_all(&w);
	world_await(&w, JPN, &m, "sent");
	again =
	    world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello, NULL);
	world_await(&w, CHN, &again, "sent");
	j = world_ask(&w, CHN, "GET", "/status", "", "", 200);
	assert_int_equal(js_len(js_get(j, "forks")), 0);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_message),
	    cmocka_unit_test(test_outage),
	    cmocka_unit_test(test_catch_up),
	    cmocka_unit_test(test_conference),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_crossing),
	    cmocka_unit_test(test_rebuild),
	    cmocka_unit_test(test_relay),
	    cmocka_unit_test(test_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
