/* Forms: what a client learns of an act before it writes it, and the pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/num.h"
#include "world.h"

static const char *const codes[] = {"JPN", "USA", "CHN"};
enum { JPN, USA, CHN };

struct fix {
	struct world w;
	struct web *web;
};

static int
set_up(void **state)
{
	static struct fix f;
	struct err err;

	f = (struct fix){.web = NULL};
	world_open(&f.w, codes, COUNT(codes));
	for (size_t i = 0; i < COUNT(codes); i++)
		world_start(&f.w, i);
	world_introduce_all(&f.w);
	*state = &f;
	return web_open(f.w.at[JPN].node, NULL, &f.web, &err);
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	web_close(f->web);
	world_close(&f->w);
	return 0;
}

/* As an officer who has no mandate: of a key of zeros. */
static struct web_answer
ask(struct fix *f, const char *path, const char *query, const char *accept)
{
	struct web_request r = {.reader = WEB_OFFICER,
	    .method = STR("GET"),
	    .path = str_of(path),
	    .query = str_of(query),
	    .accept = str_of(accept)};
	struct web_answer ans;

	web_answer(f->web, &r, &f->w.arena, &ans);
	return ans;
}

static const struct js *
model(struct fix *f, const char *path, const char *query)
{
	struct web_answer ans = ask(f, path, query, "application/json");
	const struct js *j;
	struct err err;

	if (ans.status != 200)
		fail_msg("%s?%s: %d %.*s", path, query, ans.status,
		    (int)ans.body.n, (const char *)ans.body.p);
	assert_int_equal(js_parse(ans.body, &f->w.arena, &j, &err), 0);
	return j;
}

/* One of a list of maps, by what stands at a key. */
static const struct js *
where(const struct js *list, const char *key, const char *is)
{
	for (size_t i = 0; i < js_len(list); i++)
		if (js_is_str(js_get(js_at(list, i), key), is))
			return js_at(list, i);
	fail_msg("nothing has '%s' = '%s'", key, is);
	return NULL;
}

static void
test_new(void **state)
{
	struct fix *f = *state;
	const struct js *j = model(f, "/new", ""), *acts, *act;
	size_t n = 0;

	acts = js_get(js_at(js_get(j, "groups"), 0), "acts");
	assert_true(js_is_str(js_get(js_at(acts, 0), "kind"), "message/send"));
	for (size_t i = 0; i < js_len(js_get(j, "groups")); i++)
		n += js_len(js_get(js_at(js_get(j, "groups"), i), "acts"));
	assert_true(n >= 19); /* each file of the catalogue opens something */
	act = where(acts, "kind", "message/send");
	assert_false(js_bool(js_get(act, "allowed")));
	assert_true(js_is_str(js_get(act, "reason"), "no-mandate"));
	/* The operator's socket is nobody's mandate: nothing is lacking. */
	j = world_ask(&f->w, JPN, "GET", "/new", "", "", 200);
	acts = js_get(js_at(js_get(j, "groups"), 0), "acts");
	assert_true(js_bool(js_get(js_at(acts, 0), "allowed")));
	assert_int_equal(js_type(js_get(js_at(acts, 0), "reason")), JS_NULL);
}

static void
test_opening(void **state)
{
	struct fix *f = *state;
	const struct js *j = model(f, "/new/message/send", "to=CHN,KOR"), *x;

	assert_true(js_bool(js_get(j, "opens")));
	assert_int_equal(js_str(js_get(j, "procedure")).n, 64);
	assert_int_equal(js_type(js_get(j, "matter")), JS_NULL);
	assert_int_equal(js_type(js_get(j, "to")), JS_NULL);
	assert_true(
	    js_is_str(js_get(js_get(j, "audience"), "narrowest"), "parties"));
	assert_int_equal(js_len(js_get(j, "parties")), 3);
	x = where(js_get(j, "parties"), "party", "CHN");
	assert_true(js_bool(js_get(x, "chosen")));
	assert_false(js_bool(js_get(x, "must")));
	x = where(js_get(j, "parties"), "party", "JPN");
	assert_true(js_bool(js_get(x, "own")));
	x = where(js_get(j, "form"), "name", "precedence");
	assert_true(js_bool(js_get(js_get(x, "is"), "choice")));
	assert_true(js_len(js_get(x, "codes")) > 1);
	assert_int_equal(js_type(js_get(x, "min")), JS_NULL);
	/* As /draft says it. */
	assert_true(js_is_equal(js_get(j, "form"),
	    js_get(model(f, "/draft", "kind=message/send"), "form")));
	/* A group has its parts, each with a name of its own on the page. */
	j = model(f, "/new/clarification/request", "");
	assert_true(
	    js_is_str(js_get(js_get(j, "audience"), "narrowest"), "members"));
	x = js_get(where(js_get(j, "form"), "name", "questions"), "parts");
	assert_true(js_is_str(js_get(js_at(x, 0), "ref"), "questions-number"));
	assert_int_equal(js_int(js_get(js_at(x, 0), "min")), 1);
	assert_int_equal(js_len(js_get(js_at(x, 0), "parts")), 0);
}

static const char founding[] =
    "{\"name\":\"Conference\",\"founders\":[\"JPN\",\"USA\",\"CHN\"],"
    "\"principles\":[\"rule_of_law\"],"
    "\"texts\":[{\"lang\":\"en\",\"text\":\"We found it.\"}]}";

static void
test_conference(void **state)
{
	struct fix *f = *state;
	const struct js *j = model(f, "/new/text/draft", ""), *x;
	struct id id;
	const char *hex;

	assert_int_equal(js_len(js_get(j, "conferences")), 0);
	id = world_post(&f->w, JPN, "conference/propose", NULL, "\"public\"",
	    founding, NULL);
	hex = world_hex(&f->w, &id);
	for (size_t i = 0; i < COUNT(codes); i++) {
		world_await(&f->w, i, &id, "proposed");
		(void)world_post(&f->w, i, "conference/sign", hex, NULL, "{}",
		    hex);
	}
	world_await(&f->w, JPN, &id, "in_force");
	j = model(f, "/new/text/draft", "");
	x = js_at(js_get(j, "conferences"), 0);
	assert_true(str_eq(js_str(js_get(x, "id")), str_of(hex)));
	assert_true(js_bool(js_get(x, "chosen")));
	assert_int_equal(js_len(js_get(x, "members")), 3);
	x = js_at(
	    js_get(model(f, "/new/text/draft", "in=JPN-999"), "conferences"),
	    0);
	assert_false(js_bool(js_get(x, "chosen")));
	/* What founds a conference is done in none. */
	j = model(f, "/new/conference/propose", "");
	assert_int_equal(js_len(js_get(j, "conferences")), 0);
}

static void
test_matter(void **state)
{
	static const char body[] =
	    "{\"precedence\":\"priority\",\"subject\":\"A buoy\",\"message\":"
	    "[{\"lang\":\"en\",\"text\":\"Is it yours?\"}]}";
	struct fix *f = *state;
	struct id id = world_post(&f->w, USA, "message/send", NULL, "[\"JPN\"]",
	    body, NULL);
	const struct js *j, *x;
	const char *hex = world_hex(&f->w, &id);
	char path[120];

	world_await(&f->w, JPN, &id, "sent");
	(void)snprintf(path, sizeof(path), "/matters/%s/do/reply", hex);
	j = model(f, path, "");
	assert_false(js_bool(js_get(j, "opens")));
	assert_true(js_bool(js_get(j, "open")));
	assert_true(str_eq(js_str(js_get(j, "matter")), str_of(hex)));
	assert_int_equal(js_type(js_get(j, "procedure")), JS_NULL);
	assert_int_equal(js_len(js_get(j, "after")), 1);
	/* The matter's own audience is the narrowest: its opener must read. */
	x = where(js_get(j, "parties"), "party", "USA");
	assert_true(js_bool(js_get(x, "must")));
	x = where(js_get(j, "parties"), "party", "CHN");
	assert_false(js_bool(js_get(x, "must")));
	/* Not for us to close. */
	(void)snprintf(path, sizeof(path), "/matters/%s/do/close", hex);
	assert_false(js_bool(js_get(model(f, path, ""), "open")));
	/* A correction begins from what it corrects. */
	(void)snprintf(path, sizeof(path), "/matters/%s/do/send", hex);
	j = js_get(model(f, path, str_fmt(&f->w.arena, "amends=%s", hex).p),
	    "amends");
	assert_true(js_is_str(js_get(js_get(j, "body"), "subject"), "A buoy"));
}

static void
test_refused(void **state)
{
	static const struct {
		const char *path, *query;
		int status;
	} row[] = {
	    {"/new/message/reply", "", 400}, /* opens nothing */
	    {"/new/message/nothing", "", 404},
	    {"/new/nothing/send", "", 404},
	    {"/new/message", "", 404},
	    {"/new/message/send/x", "", 404},
	    {"/matters/JPN-99/do/reply", "", 404},
	    {"/matters/x/do/reply", "", 400},
	    {"/matters/JPN-1/do/send", "", 400}, /* opens one of its own */
	    {"/matters/JPN-1/do/nothing", "", 404},
	    {"/matters/JPN-1/do/reply", "answers=JPN-99", 404},
	    {"/matters/JPN-1/do/send", "amends=JPN-0", 400},
	    {"/matters/JPN-1/do/reply", "amends=JPN-1", 400},
	    {"/draft", "kind=message/reply", 400},
	    {"/draft", "kind=text/revise&matter=JPN-1", 400},
	};
	static const char body[] =
	    "{\"precedence\":\"routine\",\"subject\":\"A\",\"message\":"
	    "[{\"lang\":\"en\",\"text\":\"B\"}]}";
	struct fix *f = *state;

	(void)world_post(&f->w, JPN, "message/send", NULL, "[\"USA\"]", body,
	    NULL);
	for (size_t i = 0; i < COUNT(row); i++) {
		int is = ask(f, row[i].path, row[i].query, "").status;

		if (is != row[i].status)
			fail_msg("%s?%s: %d, not %d", row[i].path, row[i].query,
			    is, row[i].status);
	}
}

static bool
has(struct span page, const char *what)
{
	return memmem(page.p, page.n, what, strlen(what)) != NULL;
}

/* Each kind that opens a matter has its form, in each language, with a place
 * for each of its fields. */
static void
test_pages(void **state)
{
	static const char *const lang[] = {"en", "ja", "zh", "ko"};
	struct fix *f = *state;
	const struct js *groups = js_get(model(f, "/new", ""), "groups");

	for (size_t g = 0; g < js_len(groups); g++)
		for (size_t i = 0; i < js_len(js_get(js_at(groups, g), "acts"));
		     i++) {
			struct str kind = js_str(
			    js_get(js_at(js_get(js_at(groups, g), "acts"), i),
				"kind"));
			const char *path =
			    str_fmt(&f->w.arena, "/new/%.*s", STR_ARG(kind)).p;
			const struct js *form =
			    js_get(model(f, path, ""), "form");
			struct web_answer ans = ask(f, path,
			    str_fmt(&f->w.arena, "lang=%s", lang[i % 4]).p,
			    "text/html");

			assert_int_equal(ans.status, 200);
			assert_false(has(ans.body, "{{"));
			for (size_t k = 0; k < js_len(form); k++)
				assert_true(has(ans.body,
				    str_fmt(&f->w.arena, "data-field=\"%.*s\"",
					STR_ARG(js_str(
					    js_get(js_at(form, k), "name"))))
					.p));
		}
	assert_true(has(ask(f, "/new", "lang=ja", "text/html").body,
	    "\xe6\xa8\xa9\xe9\x99\x90\xe5\xa4\x96")); /* not within it */
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_new),
	    CASE(test_opening),
	    CASE(test_conference),
	    CASE(test_matter),
	    CASE(test_refused),
	    CASE(test_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
