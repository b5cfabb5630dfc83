/* What the pages of matters show, and to whom: W1, by each way to ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "pair.h"

static const char report[] =
    "{\"title\":\"Close <b>approach</b>\",\"occurred\":\"2026-11-24\","
    "\"domain\":\"sea\",\"severity\":\"serious\",\"near_miss\":true,"
    "\"involved\":[\"JPN\",\"USA\"],\"distance\":{\"low\":90,\"high\":120},"
    "\"place\":{\"lat\":30.2,\"lon\":126.1,\"names\":{\"en\":\"There\","
    "\"JPN\":\"Here\"}},\"narrative\":\"It crossed.\"}";
static const char message[] =
    "{\"precedence\":\"priority\",\"subject\":\"Buoy\",\"message\":"
    "[{\"lang\":\"en\",\"text\":\"Whose?\",\"authentic\":true},"
    "{\"lang\":\"ja\",\"text\":\"\xe8\xaa\xb0\"}]}";

static const char founding[] =
    "{\"name\":\"Conference\",\"founders\":[\"JPN\",\"USA\"],"
    "\"venue\":\"Tokyo\",\"principles\":[\"rule_of_law\"],"
    "\"texts\":[{\"lang\":\"en\",\"text\":\"We meet.\"}]}";

/* ---- W1 ---- */

static bool
is_listed(struct fix *f, enum web_reader reader, const struct id *matter)
{
	const struct js *list =
	    js_get(get(f, reader, STR("/matters"), "", 200), "matters");

	for (size_t i = 0; i < js_len(list); i++)
		if (js_is_str(js_get(js_at(list, i), "id"),
			world_hex(&f->w, matter)))
			return true;
	return false;
}

/* A conference that was founded in public and dissolved among its members. */
static struct id
found_and_dissolve(struct fix *f, struct id *ret_hidden)
{
	struct world *w = &f->w;
	struct id id = world_post(w, JPN, "conference/propose", NULL,
	    "\"public\"", founding, NULL);
	const char *hex = world_hex(w, &id);

	world_await(w, USA, &id, "proposed");
	(void)world_post(w, JPN, "conference/sign", hex, "\"public\"", "{}",
	    hex);
	(void)world_post(w, USA, "conference/sign", hex, "\"public\"", "{}",
	    hex);
	world_await(w, JPN, &id, "in_force");
	world_await(w, USA, &id, "in_force");
	(void)world_post(w, USA, "conference/dissolve", hex, "\"members\"",
	    "{\"reason\":\"Secret\"}", NULL);
	*ret_hidden = world_post(w, JPN, "conference/dissolve", hex,
	    "\"members\"", "{\"reason\":\"Secret\"}", NULL);
	world_await(w, JPN, &id, "dissolved");
	return id;
}

/* A public matter with acts that are not: what those did is not there for the
 * public. */
static void
test_half_public(void **state)
{
	struct fix *f = *state;
	struct id hidden, id = found_and_dissolve(f, &hidden);
	struct str page = at(f, "matters", &id), cite;
	const struct js *all = get(f, WEB_OPERATOR, page, "", 200);
	const struct js *open = get(f, WEB_PUBLIC, page, "", 200), *list;
	struct web_answer ans;

	assert_true(js_bool(js_get(all, "final")));
	assert_int_equal(js_len(js_get(all, "acts")), 5);
	assert_true(js_is_str(js_get(open, "state"), "in_force"));
	assert_false(js_bool(js_get(open, "final")));
	assert_int_equal(js_len(js_get(open, "acts")), 3);
	assert_int_equal(js_len(js_get(open, "can")), 0);
	assert_int_equal(js_len(js_get(open, "history")), 2);
	assert_int_equal(
	    js_type(js_get(js_at(js_get(open, "acts"), 0), "received")),
	    JS_NULL);
	/* In the list: the state, the number of acts, the filters. */
	list = js_get(get(f, WEB_PUBLIC, STR("/matters"), "", 200), "matters");
	assert_int_equal(js_len(list), 1);
	assert_true(js_is_str(js_get(js_at(list, 0), "state"), "in_force"));
	assert_int_equal(js_int(js_get(js_at(list, 0), "acts")), 3);
	list =
	    js_get(get(f, WEB_PUBLIC, STR("/matters"), "state=dissolved", 200),
		"matters");
	assert_int_equal(js_len(list), 0);
	list = js_get(get(f, WEB_PUBLIC, STR("/matters"), "live=1", 200),
	    "matters");
	assert_int_equal(js_len(list), 1);
	/* Nor by the act itself, by id and by citation, nor on the page. */
	cite = js_str(
	    js_get(js_get(get(f, WEB_OPERATOR, at(f, "acts", &hidden), "", 200),
		       "act"),
		"cite"));
	(void)get(f, WEB_PUBLIC, at(f, "acts", &hidden), "", 404);
	(void)get(f, WEB_PUBLIC, at(f, "matters", &hidden), "", 404);
	(void)get(f, WEB_PUBLIC, str_fmt(&f->a, "/acts/%.*s", STR_ARG(cite)),
	    "", 404);
	(void)get(f, WEB_PUBLIC, str_fmt(&f->a, "/matters/%.*s", STR_ARG(cite)),
	    "", 404);
	ans = answer(f, WEB_PUBLIC, page, "", "text/html");
	assert_int_equal(ans.status, 200);
	assert_null(memmem(ans.body.p, ans.body.n, "Secret", 6));
	assert_null(memmem(ans.body.p, ans.body.n, cite.p, cite.n));
}

/* What is not public is answered word for word as what does not exist. */
static void
test_absent(void **state)
{
	struct fix *f = *state;
	struct id id = world_post(&f->w, JPN, "message/send", NULL, "[\"USA\"]",
	    message, NULL);
	struct id none = {{1}};
	static const char *const folder[] = {"acts", "matters"};

	assert_true(is_listed(f, WEB_OPERATOR, &id));
	assert_false(is_listed(f, WEB_PUBLIC, &id));
	for (size_t i = 0; i < COUNT(folder); i++) {
		const struct js *a =
		    get(f, WEB_PUBLIC, at(f, folder[i], &id), "", 404);
		const struct js *b =
		    get(f, WEB_PUBLIC, at(f, folder[i], &none), "", 404);
		struct str said = js_str(js_get(a, "error"));
		struct str other = js_str(js_get(b, "error"));
		size_t n = said.n - 64;

		assert_true(str_eq(str_sub(said, 0, n), str_sub(other, 0, n)));
		(void)get(f, WEB_OPERATOR, at(f, folder[i], &id), "", 200);
	}
	(void)get(f, WEB_PUBLIC, STR("/matters/JPN-1"), "", 404);
	(void)get(f, WEB_PUBLIC, STR("/matters/JPN-0"), "", 404);
	(void)get(f, WEB_PUBLIC, STR("/acts/JPN-0"), "", 200); /* a charter */
	(void)get(f, WEB_PUBLIC, STR("/acts/JPN-9"), "", 404);
}

/* ---- models ---- */

static const struct js *
field(const struct js *act, const char *name)
{
	const struct js *list = js_get(act, "fields");

	for (size_t i = 0; i < js_len(list); i++)
		if (js_is_str(js_get(js_at(list, i), "name"), name))
			return js_at(list, i);
	fail_msg("no field %s", name);
	return NULL;
}

static const struct js *
value(const struct js *act, const char *name, const char *type)
{
	const struct js *f = field(act, name);

	assert_true(js_is_str(js_get(f, "type"), type));
	assert_true(js_bool(js_get(js_get(f, "is"), type)));
	return js_at(js_get(f, "values"), 0);
}

static void
test_fields(void **state)
{
	struct fix *f = *state;
	struct id id = world_post(&f->w, JPN, "incident/report", NULL,
	    "\"public\"", report, NULL);
	const struct js *act, *v;

	act = js_at(
	    js_get(get(f, WEB_PUBLIC, at(f, "matters", &id), "", 200), "acts"),
	    0);
	v = value(act, "domain", "choice");
	assert_true(js_is_str(js_get(v, "code"), "sea"));
	assert_true(js_is_str(js_get(js_get(v, "title"), "en"), "Sea"));
	v = value(act, "distance", "range");
	assert_int_equal(js_int(js_get(v, "high")), 120);
	assert_int_equal(js_type(js_get(v, "best")), JS_NULL);
	v = value(act, "place", "place");
	assert_int_equal(js_len(js_get(v, "names")), 2);
	assert_true(js_bool(js_get(value(act, "near_miss", "boolean"), "yes")));
	assert_int_equal(js_len(js_get(field(act, "involved"), "values")), 2);
	assert_true(js_is_str(js_get(value(act, "occurred", "time"), "time"),
	    "2026-11-24"));
	assert_true(
	    js_is_str(js_get(field(act, "narrative"), "type"), "longtext"));
	/* In the order of the form, not of the alphabet. */
	assert_true(js_is_str(js_get(js_at(js_get(act, "fields"), 0), "name"),
	    "title"));
}

static int64_t
waits(struct fix *f, struct str *ret_act)
{
	const struct js *j = get(f, WEB_OPERATOR, STR("/waiting"), "", 200);
	const struct js *list = js_get(j, "waiting");

	if (ret_act != NULL)
		*ret_act = js_str(js_get(js_at(list, 0), "act"));
	assert_int_equal(js_int(js_get(j, "count")), js_len(list));
	return js_int(js_get(j, "count"));
}

static size_t
owed(struct fix *f, const char *key)
{
	return js_len(
	    js_get(get(f, WEB_OPERATOR, STR("/board"), "", 200), key));
}

/* A crisis message waits until an act of ours; ours never do. */
static void
test_waiting(void **state)
{
	struct fix *f = *state;
	struct id id = world_post(&f->w, USA, "message/send", NULL, "[\"JPN\"]",
	    message, NULL);
	struct str act;

	world_await(&f->w, JPN, &id, "sent");
	assert_int_equal(waits(f, &act), 1);
	assert_true(str_is(act, "acknowledge"));
	assert_int_equal(owed(f, "waiting"), 1);
	assert_int_equal(owed(f, "owed_by_us"), 2);
	assert_int_equal(owed(f, "owed_to_us"), 0);
	(void)world_post(&f->w, JPN, "message/acknowledge",
	    world_hex(&f->w, &id), NULL, "{}", NULL);
	assert_int_equal(waits(f, NULL), 0);
	assert_int_equal(owed(f, "owed_by_us"), 1);
	(void)world_post(&f->w, JPN, "message/send", NULL, "[\"USA\"]", message,
	    NULL);
	assert_int_equal(waits(f, NULL), 0);
	assert_int_equal(owed(f, "owed_to_us"), 2);
}

static size_t
delivered(struct fix *f, const struct id *id, size_t act)
{
	const struct js *acts =
	    js_get(get(f, WEB_OPERATOR, at(f, "matters", id), "", 200), "acts");

	return js_len(js_get(js_at(acts, act), "delivered"));
}

/* What is kept of a matter is used only while nothing has changed (H3). */
static void
test_kept(void **state)
{
	struct fix *f = *state;
	struct id id;
	int64_t until;
	const struct js *j;

	world_stop(&f->w, USA);
	id = world_post(&f->w, JPN, "message/send", NULL, "[\"USA\"]", message,
	    NULL);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(delivered(f, &id, 0), 0);
	world_start(&f->w, USA);
	world_await(&f->w, USA, &id, "sent");
	until = clock_mono_us() + 20 * 1000000;
	while (delivered(f, &id, 0) == 0)
		assert_true(clock_mono_us() < until);
	(void)world_post(&f->w, USA, "message/acknowledge",
	    world_hex(&f->w, &id), NULL, "{}", NULL);
	world_await(&f->w, JPN, &id, "acknowledged");
	j = get(f, WEB_OPERATOR, at(f, "matters", &id), "", 200);
	assert_int_equal(js_len(js_get(j, "acts")), 2);
	assert_int_equal(js_len(js_get(j, "lanes")), 2);
	(void)world_post(&f->w, JPN, "message/close", world_hex(&f->w, &id),
	    NULL, "{}", NULL);
	j = get(f, WEB_OPERATOR, at(f, "matters", &id), "", 200);
	assert_true(js_is_str(js_get(j, "state"), "closed"));
	assert_int_equal(js_len(js_get(j, "acts")), 3);
	/* More matters than are kept, and those again. */
	for (size_t i = 0; i < 70; i++) {
		struct id more = world_post(&f->w, JPN, "message/send", NULL,
		    "[\"USA\"]", message, NULL);

		(void)get(f, WEB_OPERATOR, at(f, "matters", &more), "", 200);
	}
	j = get(f, WEB_OPERATOR, at(f, "matters", &id), "", 200);
	assert_int_equal(js_len(js_get(j, "acts")), 3);
}

struct reader { /* one of several at once */
	pthread_t thread;
	struct fix *f;
	struct str path;
	enum web_reader as;
	size_t bad;
};

static void *
read_often(void *reader)
{
	struct reader *r = reader;

	for (size_t i = 0; i < 100; i++) {
		struct web_request q = {.reader = r->as,
		    .method = STR("GET"),
		    .path = r->path,
		    .query = i % 2 == 0 ? STR("lang=ja") : STR(""),
		    .accept = STR("text/html")};
		struct web_answer ans;
		struct arena a;

		arena_init(&a, 64 * 1024 * 1024);
		web_answer(r->f->web, &q, &a, &ans);
		r->bad += ans.status != 200;
		arena_release(&a);
	}
	return NULL;
}

/* Threads share what is kept, while it changes under them (H2). */
static void
test_threads(void **state)
{
	struct fix *f = *state;
	struct id id = world_post(&f->w, JPN, "incident/report", NULL,
	    "\"public\"", report, NULL);
	struct reader r[4];

	for (size_t i = 0; i < COUNT(r); i++) {
		r[i] = (struct reader){.f = f,
		    .path = at(f, "matters", &id),
		    .as = i % 2 == 0 ? WEB_PUBLIC : WEB_OPERATOR};
		assert_int_equal(
		    pthread_create(&r[i].thread, NULL, read_often, &r[i]), 0);
	}
	for (size_t i = 0; i < 10; i++)
		(void)world_post(&f->w, JPN, "incident/fact",
		    world_hex(&f->w, &id), "\"public\"",
		    "{\"fact\":\"It was day.\"}", NULL);
	for (size_t i = 0; i < COUNT(r); i++) {
		assert_int_equal(pthread_join(r[i].thread, NULL), 0);
		assert_int_equal(r[i].bad, 0);
	}
}

/* ---- lists ---- */

static void
test_pages_of_list(void **state)
{
	struct fix *f = *state;
	const struct js *j;
	char query[80] = "n=2";
	size_t seen = 0;

	for (size_t i = 0; i < 5; i++)
		(void)world_post(&f->w, JPN,
		    i == 2 ? "message/send" : "incident/report", NULL,
		    i == 2 ? "[\"USA\"]" : "\"public\"",
		    i == 2 ? message : report, NULL);
	for (size_t pages = 0; pages < 4; pages++) {
		j = get(f, WEB_PUBLIC, STR("/matters"), query, 200);
		seen += js_len(js_get(j, "matters"));
		if (js_type(js_get(j, "before")) == JS_NULL)
			break;
		(void)snprintf(query, sizeof(query), "n=2&before=%lld",
		    (long long)js_int(js_get(j, "before")));
	}
	assert_int_equal(seen, 4);
	j = get(f, WEB_OPERATOR, STR("/matters"), "procedure=message", 200);
	assert_int_equal(js_len(js_get(j, "matters")), 1);
	j = get(f, WEB_OPERATOR, STR("/matters"), "party=USA", 200);
	assert_int_equal(js_len(js_get(j, "matters")), 0);
	j = get(f, WEB_OPERATOR, STR("/matters"), "party=XXX", 200);
	assert_int_equal(js_len(js_get(j, "matters")), 0);
	(void)get(f, WEB_OPERATOR, STR("/matters"), "before=x", 400);
	(void)get(f, WEB_OPERATOR, STR("/matters"), "n=1001", 400);
}

/* ---- pages ---- */

/* Each page is made in each language, and holds no markup of an officer's. */
static void
test_html(void **state)
{
	struct fix *f = *state;
	struct id id = world_post(&f->w, JPN, "incident/report", NULL,
	    "\"public\"", report, NULL);
	const struct str path[] = {STR("/matters"), at(f, "matters", &id),
	    at(f, "acts", &id)};

	for (size_t i = 0; i < COUNT(path); i++)
		for (size_t k = 0; k < LANGS; k++) {
			const char *query =
			    str_fmt(&f->w.arena, "lang=%s", lang_code[k].p).p;
			struct web_answer ans =
			    answer(f, WEB_PUBLIC, path[i], query, "text/html");

			assert_int_equal(ans.status, 200);
			assert_non_null(
			    memmem(ans.body.p, ans.body.n, "<h1>", 4));
			assert_null(
			    memmem(ans.body.p, ans.body.n, "<b>app", 6));
			assert_null(memmem(ans.body.p, ans.body.n, "{{", 2));
		}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_half_public),
	    CASE(test_absent),
	    CASE(test_fields),
	    CASE(test_waiting),
	    CASE(test_kept),
	    CASE(test_threads),
	    CASE(test_pages_of_list),
	    CASE(test_html),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
