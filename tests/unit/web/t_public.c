/* The conference's pages: what they say of it, and to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/when.h"
#include "pair.h"

#define HOUR (INT64_C(3600) * 1000000)

/* As a page, in each language: it is one, and whole. */
static void
is_page(struct fix *f, enum web_reader reader, struct str path)
{
	static const char *const lang[] = {"lang=en", "lang=ja", "lang=zh",
	    "lang=ko"};

	for (size_t i = 0; i < COUNT(lang); i++) {
		struct web_answer ans =
		    answer(f, reader, path, lang[i], "text/html");

		assert_int_equal(ans.status, 200);
		assert_string_equal(ans.type, "text/html; charset=utf-8");
		assert_non_null(memmem(ans.body.p, ans.body.n, "</html>", 7));
		assert_non_null(
		    memmem(ans.body.p, ans.body.n, "class=\"lead\"", 12));
		assert_null(memmem(ans.body.p, ans.body.n, "{{", 2));
	}
}

static bool
says(struct fix *f, enum web_reader reader, struct str path, const char *text)
{
	struct web_answer ans = answer(f, reader, path, "lang=en", "text/html");

	return memmem(ans.body.p, ans.body.n, text, strlen(text)) != NULL;
}

static const struct js *
in(const struct js *j, const char *key, size_t i)
{
	return js_at(js_get(j, key), i);
}

static bool
is(const struct js *j, const char *key, const char *want)
{
	return js_is_str(js_get(j, key), want);
}

static const char *
soon(struct fix *f, int64_t us)
{
	return when_str(&f->w.arena,
	    (clock_utc_us() + us) / WHEN_MINUTE * WHEN_MINUTE)
	    .p;
}

/* ---- telling ---- */

/* "others": the other party alone. */
static const char *
audience(size_t who, const char *to)
{
	return strcmp(to, "others") != 0 ? to
	       : who == JPN              ? "[\"USA\"]"
	                                 : "[\"JPN\"]";
}

/* Of JPN, in a conference. */
static struct id
open_in(struct fix *f, const char *kind, const struct id *conference,
    const char *to, const char *body)
{
	struct str e = world_envelope(&f->w, JPN, kind, NULL, to, body, NULL,
	    world_hex(&f->w, conference), clock_utc_us());
	const struct js *j =
	    world_ask(&f->w, JPN, "POST", "/acts", "", e.p, 201);
	struct id id;

	assert_true(hex_is_parsed(js_str(js_get(j, "id")), id.b, 32));
	return id;
}

static struct id
post(struct fix *f, size_t who, const char *kind, const struct id *matter,
    const char *to, const char *body, const struct id *answers)
{
	return world_post(&f->w, who, kind,
	    matter == NULL ? NULL : world_hex(&f->w, matter), audience(who, to),
	    body, answers == NULL ? NULL : world_hex(&f->w, answers));
}

static void
await_both(struct fix *f, const struct id *matter, const char *state)
{
	world_await(&f->w, JPN, matter, state);
	world_await(&f->w, USA, matter, state);
}

static struct id
found_conference(struct fix *f, const char *to)
{
	struct id id = post(f, JPN, "conference/propose", NULL, to,
	    "{\"name\":\"Conference\",\"founders\":[\"JPN\",\"USA\"],"
	    "\"venue\":\"Tokyo\",\"principles\":[\"rule_of_law\"],"
	    "\"texts\":[{\"lang\":\"en\",\"text\":\"We meet.\"},"
	    "{\"lang\":\"ja\",\"text\":\"Ware ware\"}]}",
	    NULL);

	world_await(&f->w, USA, &id, "proposed");
	return id;
}

static void
sign_conference(struct fix *f, const struct id *id, const char *to)
{
	(void)post(f, JPN, "conference/sign", id, to, "{}", id);
	(void)post(f, USA, "conference/sign", id, to, "{}", id);
	await_both(f, id, "in_force");
}

/* A session that takes place, up to its opening. */
static struct id
hold_session(struct fix *f, const struct id *conference, const char *to)
{
	const char *body = str_fmt(&f->w.arena,
	    "{\"title\":\"First\",\"number\":1,\"start\":\"%s\","
	    "\"end\":\"%s\",\"chair\":\"JPN\",\"venue\":\"Kyoto\","
	    "\"format\":\"hybrid\",\"openness\":\"partly\","
	    "\"attribution\":\"party_only\","
	    "\"agenda\":[\"Lines\",\"Incidents\"]}",
	    soon(f, 2 * HOUR), soon(f, 6 * HOUR))
	                       .p;
	struct id id = open_in(f, "session/convene", conference, to, body);

	world_await(&f->w, USA, &id, "convened");
	(void)post(f, USA, "session/item", &id, to,
	    "{\"item\":\"Fisheries\",\"explanation\":\"Each week\"}", NULL);
	(void)post(f, JPN, "session/attend", &id, to,
	    "{\"presence\":\"in_person\",\"delegation\":[\"Head\"]}", NULL);
	(void)post(f, JPN, "session/open", &id, to, "{}", NULL);
	world_await(&f->w, USA, &id, "open");
	return id;
}

/* ---- tests ---- */

/* A node alone: each page says what will come, and none fails. */
static void
test_empty(void **state)
{
	struct fix *f = *state;
	static const struct {
		const char *path;
		enum web_reader reader;
	} row[] = {{"/", WEB_PUBLIC}, {"/sessions", WEB_PUBLIC},
	    {"/reviews", WEB_PUBLIC}, {"/agreements", WEB_PUBLIC},
	    {"/procedures", WEB_PUBLIC}, {"/matters", WEB_PUBLIC}};
	const struct js *j = get(f, WEB_PUBLIC, STR("/"), "", 200);

	assert_true(js_bool(js_get(js_get(j, "lead"), "none")));
	assert_int_equal(js_type(js_get(j, "conference")), JS_NULL);
	assert_int_equal(js_type(js_get(j, "latest")), JS_NULL);
	assert_int_equal(js_len(js_get(j, "parties")), 2);
	for (size_t i = 0; i < COUNT(row); i++)
		is_page(f, row[i].reader, str_of(row[i].path));
	j = get(f, WEB_OPERATOR, STR("/directory"), "", 200);
	assert_false(js_bool(js_get(j, "any")));
	(void)get(f, WEB_PUBLIC, STR("/directory"), "", 401);
	(void)get(f, WEB_PUBLIC, STR("/sessions/JPN-9"), "", 404);
	(void)get(f, WEB_PUBLIC, STR("/reviews/JPN-9"), "", 404);
}

/* Of the front page: who founds, who has signed, who is a member. */
static void
test_founding(void **state)
{
	struct fix *f = *state;
	struct id id = found_conference(f, "\"public\"");
	const struct js *j = get(f, WEB_PUBLIC, STR("/"), "", 200), *c;

	c = js_get(j, "conference");
	assert_true(js_bool(js_get(js_get(j, "lead"), "proposed")));
	assert_true(is(c, "name", "Conference"));
	assert_int_equal(js_len(js_get(c, "founders")), 2);
	assert_int_equal(js_type(js_get(in(c, "founders", 0), "signed")),
	    JS_NULL);
	assert_int_equal(js_len(js_get(c, "members")), 0);
	/* A signature that is withdrawn is none. */
	(void)post(f, USA, "conference/sign", &id, "\"public\"", "{}", &id);
	(void)post(f, USA, "conference/retract", &id, "\"public\"", "{}", NULL);
	(void)post(f, JPN, "conference/sign", &id, "\"public\"", "{}", &id);
	for (int i = 0; i < 100; i++) {
		c = js_get(get(f, WEB_PUBLIC, STR("/"), "", 200), "conference");
		if (js_int(js_get(c, "acts")) == 4)
			break;
		clock_sleep_us(50000);
	}
	assert_int_equal(js_int(js_get(c, "acts")), 4);
	assert_true(is(in(c, "founders", 0), "party", "JPN"));
	assert_int_equal(js_type(js_get(in(c, "founders", 0), "signed")),
	    JS_MAP);
	assert_int_equal(js_type(js_get(in(c, "founders", 1), "signed")),
	    JS_NULL);
	(void)post(f, USA, "conference/sign", &id, "\"public\"", "{}", &id);
	await_both(f, &id, "in_force");
	j = get(f, WEB_PUBLIC, STR("/"), "", 200);
	c = js_get(j, "conference");
	assert_true(js_bool(js_get(js_get(j, "lead"), "in_force")));
	assert_int_equal(js_int(js_get(c, "n_members")), 2);
	assert_true(js_bool(js_get(in(j, "parties", 1), "member")));
	assert_true(js_bool(js_get(in(c, "texts", 0), "first")));
	is_page(f, WEB_PUBLIC, STR("/"));
	assert_true(says(f, WEB_PUBLIC, STR("/"), "We meet."));
}

/* What was founded among the parties alone is nobody else's. */
static void
test_hidden(void **state)
{
	struct fix *f = *state;
	static const char *const page[] = {"/", "/sessions", "/agreements",
	    "/reviews", "/matters"};
	struct id id = found_conference(f, "others"), session, agreement;

	sign_conference(f, &id, "others");
	session = hold_session(f, &id, "\"members\"");
	agreement = post(f, JPN, "agreement/register", NULL, "[\"USA\"]",
	    "{\"title\":\"Hidden pact\",\"bindingness\":\"treaty\","
	    "\"texts\":[{\"lang\":\"en\",\"text\":\"Hidden words\"}],"
	    "\"signatories\":[\"JPN\",\"USA\"],\"force\":\"signature\"}",
	    NULL);
	(void)agreement;
	assert_true(js_bool(
	    js_get(js_get(get(f, WEB_OPERATOR, STR("/"), "", 200), "lead"),
		"in_force")));
	assert_true(js_bool(js_get(
	    js_get(get(f, WEB_PUBLIC, STR("/"), "", 200), "lead"), "none")));
	(void)get(f, WEB_OPERATOR, at(f, "sessions", &session), "", 200);
	(void)get(f, WEB_PUBLIC, at(f, "sessions", &session), "", 404);
	for (size_t i = 0; i < COUNT(page); i++) {
		assert_false(says(f, WEB_PUBLIC, str_of(page[i]), "Hidden"));
		assert_false(says(f, WEB_PUBLIC, str_of(page[i]), "Kyoto"));
	}
}

static void
test_session(void **state)
{
	struct fix *f = *state;
	struct id conference = found_conference(f, "\"public\""), id, draft;
	struct str page;
	const struct js *j;

	sign_conference(f, &conference, "\"public\"");
	id = hold_session(f, &conference, "\"public\"");
	page = at(f, "sessions", &id);
	j = get(f, WEB_PUBLIC, page, "", 200);

	assert_true(js_bool(js_get(js_get(j, "lead"), "open")));
	assert_int_equal(js_len(js_get(j, "agenda")), 3);
	assert_true(is(in(j, "agenda", 2), "item", "Fisheries"));
	assert_true(is(in(j, "agenda", 2), "party", "USA"));
	assert_int_equal(js_int(js_get(j, "present")), 1);
	assert_int_equal(js_type(js_get(j, "outcome")), JS_NULL);
	draft = post(f, JPN, "session/draft", &id, "\"public\"",
	    "{\"texts\":[{\"lang\":\"en\",\"text\":\"Agreed words\"}]}", NULL);
	(void)post(f, JPN, "session/consent", &id, "\"public\"", "{}", &draft);
	await_both(f, &id, "adopted");
	(void)post(f, JPN, "session/record", &id, "\"public\"",
	    "{\"record\":\"They met\"}", NULL);
	j = get(f, WEB_PUBLIC, page, "", 200);
	assert_true(js_bool(js_get(js_get(j, "lead"), "adopted")));
	assert_true(
	    js_bool(js_get(js_get(js_get(j, "outcome"), "is"), "statement")));
	assert_true(
	    is(in(js_get(j, "outcome"), "texts", 0), "text", "Agreed words"));
	assert_int_equal(js_type(js_get(j, "record")), JS_MAP);
	is_page(f, WEB_PUBLIC, page);
	assert_true(says(f, WEB_PUBLIC, page, "They met"));
	/* The list, and the front page. */
	j = get(f, WEB_PUBLIC, STR("/sessions"), "", 200);
	assert_int_equal(js_len(js_get(j, "past")), 1);
	assert_true(is(in(j, "past", 0), "statement", "consensus"));
	is_page(f, WEB_PUBLIC, STR("/sessions"));
	assert_true(says(f, WEB_PUBLIC, STR("/"), "Agreed words"));
	/* Another kind of matter is no session. */
	(void)get(f, WEB_PUBLIC, at(f, "reviews", &id), "", 404);
}

/* Bilateral: their reports may be public where the deliberation is not. */
static void
test_book(void **state)
{
	struct fix *f = *state;
	const char *body = str_fmt(&f->w.arena,
	    "{\"topic\":\"Median line\",\"report_by\":\"%s\","
	    "\"level\":\"track1\"}",
	    soon(f, 30 * HOUR))
	                       .p;
	struct id id =
	    post(f, JPN, "deliberation/begin", NULL, "[\"USA\"]", body, NULL);
	const struct js *j, *row;

	world_await(&f->w, USA, &id, "proposed");
	(void)post(f, USA, "deliberation/agree", &id, "[\"JPN\"]", "{}", NULL);
	await_both(f, &id, "under_way");
	(void)post(f, JPN, "deliberation/report", &id, "\"public\"",
	    "{\"report\":\"We met twice\"}", NULL);
	j = get(f, WEB_OPERATOR, STR("/sessions"), "", 200);
	row = in(j, "book", 0);
	assert_int_equal(js_len(js_get(j, "book")), 1);
	assert_int_equal(js_len(js_get(j, "loose")), 0);
	assert_true(is(row, "topic", "Median line"));
	assert_int_equal(js_len(js_get(row, "parties")), 2);
	assert_int_equal(js_len(js_get(row, "reports")), 1);
	assert_int_equal(js_len(js_get(row, "awaited")), 1);
	assert_true(js_is_str(js_at(js_get(row, "awaited"), 0), "USA"));
	assert_int_equal(js_len(js_get(row, "unreported")), 0);
	j = get(f, WEB_PUBLIC, STR("/sessions"), "", 200);
	assert_int_equal(js_len(js_get(j, "book")), 0);
	assert_int_equal(js_len(js_get(j, "loose")), 1);
	assert_true(is(in(j, "loose", 0), "report", "We met twice"));
	is_page(f, WEB_PUBLIC, STR("/sessions"));
	assert_false(says(f, WEB_PUBLIC, STR("/sessions"), "Median line"));
	assert_true(says(f, WEB_PUBLIC, STR("/sessions"), "We met twice"));
}

static struct id
agree(struct fix *f, const char *title, const char *topic, const char *force)
{
	const char *body = str_fmt(&f->w.arena,
	    "{\"title\":\"%s\",\"bindingness\":\"treaty\","
	    "\"texts\":[{\"lang\":\"en\",\"text\":\"Words\"}],"
	    "\"signatories\":[\"USA\",\"JPN\"],\"force\":\"%s\","
	    "\"clauses\":[{\"clause\":\"1\",\"topic\":\"%s\"}]}",
	    title, force, topic)
	                       .p;
	struct id id =
	    post(f, JPN, "agreement/register", NULL, "\"public\"", body, NULL);

	world_await(&f->w, USA, &id, "open");
	(void)post(f, JPN, "agreement/sign", &id, "\"public\"", "{}", NULL);
	return id;
}

static const struct js *
cell(const struct js *page, const char *topic)
{
	const struct js *pair = in(js_get(page, "matrix"), "pairs", 0);

	for (size_t i = 0; i < js_len(js_get(pair, "cells")); i++)
		if (is(in(pair, "cells", i), "topic", topic))
			return in(pair, "cells", i);
	return NULL;
}

static void
test_agreements(void **state)
{
	struct fix *f = *state;
	struct id conference = found_conference(f, "\"public\"");
	struct id line, notice, one;
	const struct js *j, *x;

	sign_conference(f, &conference, "\"public\"");
	line = agree(f, "Line", "hotline", "signature");
	notice = agree(f, "Notice", "notification", "ratification");
	one = agree(f, "One side", "cyber", "signature");
	(void)post(f, USA, "agreement/sign", &line, "\"public\"", "{}", NULL);
	(void)post(f, USA, "agreement/sign", &notice, "\"public\"", "{}", NULL);
	await_both(f, &line, "in_force");
	await_both(f, &notice, "signed");
	(void)one;
	j = get(f, WEB_PUBLIC, STR("/agreements"), "", 200);
	assert_int_equal(js_len(js_get(j, "groups")), 3);
	assert_true(is(in(j, "groups", 0), "name", "in_force"));
	assert_true(is(in(j, "groups", 2), "name", "open"));
	assert_int_equal(js_int(js_get(j, "n_in_force")), 1);
	x = in(in(in(j, "groups", 0), "agreements", 0), "signatories", 1);
	assert_true(is(x, "party", "USA"));
	assert_true(is(js_get(x, "signed"), "party", "USA"));
	x = js_get(j, "matrix");
	assert_int_equal(js_len(js_get(x, "pairs")), 1);
	assert_true(is(cell(j, "hotline"), "standing", "in_force"));
	assert_true(is(cell(j, "notification"), "standing", "signed"));
	assert_true(is(cell(j, "cyber"), "standing", "none"));
	assert_int_equal(js_len(js_get(x, "common")), 1);
	assert_true(is(in(x, "common", 0), "topic", "hotline"));
	is_page(f, WEB_PUBLIC, STR("/agreements"));
	assert_true(says(f, WEB_PUBLIC, STR("/"), "Line"));
}

static void
test_commitment(void **state)
{
	struct fix *f = *state;
	struct id id, evidence;
	const struct js *j, *x;

	id = post(f, JPN, "commitment/register", NULL, "[\"USA\"]",
	    str_fmt(&f->w.arena,
		"{\"commitment\":\"Test weekly\",\"owner\":\"JPN\","
		"\"due\":\"%s\"}",
		soon(f, 48 * HOUR))
		.p,
	    NULL);
	world_await(&f->w, USA, &id, "open");
	j = get(f, WEB_OPERATOR, STR("/agreements"), "", 200);
	x = in(j, "commitments", 0);
	assert_int_equal(js_type(js_get(x, "evidence")), JS_NULL);
	evidence = post(f, JPN, "commitment/evidence", &id, "[\"USA\"]",
	    "{\"evidence\":\"Done\"}", NULL);
	await_both(f, &id, "reported");
	(void)post(f, JPN, "commitment/assess", &id, "[\"USA\"]",
	    "{\"score\":1}", &evidence);
	(void)post(f, JPN, "commitment/assess", &id, "[\"USA\"]",
	    "{\"score\":2,\"reason\":\"Nearly\"}", &evidence);
	j = get(f, WEB_OPERATOR, STR("/agreements"), "", 200);
	x = in(j, "commitments", 0);
	assert_int_equal(js_len(js_get(x, "assessments")), 1);
	assert_int_equal(js_int(js_get(in(x, "assessments", 0), "score")), 2);
	assert_true(is(x, "subject", "Test weekly"));
	/* New evidence: the old word no longer speaks for it. */
	(void)post(f, JPN, "commitment/evidence", &id, "[\"USA\"]",
	    "{\"evidence\":\"Done again\"}", NULL);
	j = get(f, WEB_OPERATOR, STR("/agreements"), "", 200);
	x = in(j, "commitments", 0);
	assert_int_equal(js_len(js_get(x, "assessments")), 0);
	j = get(f, WEB_PUBLIC, STR("/agreements"), "", 200);
	assert_int_equal(js_len(js_get(j, "commitments")), 0);
}

static void
test_review(void **state)
{
	struct fix *f = *state;
	struct id conference = found_conference(f, "\"public\""), id, draft;
	struct str page;
	const struct js *j;

	sign_conference(f, &conference, "\"public\"");
	id = open_in(f, "review/open", &conference, "\"public\"",
	    str_fmt(&f->w.arena,
		"{\"title\":\"Half year\",\"period\":{\"start\":\"2026-01-01\","
		"\"end\":\"2026-06-30\"},\"cut_off\":\"%s\","
		"\"contribute_by\":\"%s\",\"draft_by\":\"%s\"}",
		soon(f, 48 * HOUR), soon(f, 48 * HOUR), soon(f, 96 * HOUR))
		.p);
	page = at(f, "reviews", &id);
	world_await(&f->w, USA, &id, "collecting");
	(void)post(f, USA, "review/contribute", &id, "\"public\"",
	    "{\"contribution\":\"Two encounters\"}", NULL);
	draft = post(f, JPN, "review/draft", &id, "\"public\"",
	    "{\"summary\":\"Fewer\",\"texts\":[{\"lang\":\"en\","
	    "\"text\":\"The report\"}]}",
	    NULL);
	await_both(f, &id, "commenting");
	(void)post(f, USA, "review/comment", &id, "\"public\"",
	    "{\"comment\":\"Add one\"}", &draft);
	(void)post(f, JPN, "review/consent", &id, "\"public\"", "{}", &draft);
	(void)post(f, JPN, "review/publish", &id, "\"public\"", "{}", NULL);
	await_both(f, &id, "published");
	j = get(f, WEB_PUBLIC, page, "", 200);
	assert_true(js_bool(js_get(js_get(j, "lead"), "published")));
	assert_int_equal(js_len(js_get(j, "contributions")), 1);
	assert_int_equal(js_len(js_get(j, "draft_comments")), 1);
	assert_int_equal(js_len(js_get(j, "consents")), 1);
	is_page(f, WEB_PUBLIC, page);
	is_page(f, WEB_PUBLIC, STR("/reviews"));
	assert_true(says(f, WEB_PUBLIC, page, "The report"));
	j = in(get(f, WEB_PUBLIC, STR("/"), "", 200), "decisions", 0);
	assert_true(is(j, "what", "review"));
	assert_true(is(j, "title", "Half year"));
}

static void
test_directory(void **state)
{
	struct fix *f = *state;
	struct id id = post(f, JPN, "post/nominate", NULL, "[\"USA\"]",
	    "{\"function\":\"duty\",\"office\":\"Desk\","
	    "\"languages\":[\"ja\"],\"hours\":\"24/7\"}",
	    NULL);
	struct id check;
	const struct js *j, *x;

	(void)post(f, JPN, "post/change", &id, "[\"USA\"]",
	    "{\"function\":\"duty\",\"office\":\"New desk\","
	    "\"languages\":[\"ja\",\"en\"],\"hours\":\"24/7\"}",
	    NULL);
	check = post(f, JPN, "check/call", NULL, "[\"USA\"]",
	    "{\"kind\":\"routine\",\"test_text\":\"Fox\"}", NULL);
	world_await(&f->w, USA, &check, "called");
	(void)post(f, USA, "check/answer", &check, "[\"JPN\"]", "{}", NULL);
	await_both(f, &check, "complete");
	j = get(f, WEB_OPERATOR, STR("/directory"), "", 200);
	x = in(in(j, "parties", 0), "posts", 0);
	assert_true(is(x, "office", "New desk"));
	assert_int_equal(js_len(js_get(x, "languages")), 2);
	assert_int_equal(js_type(js_get(x, "officer")), JS_NULL);
	x = in(j, "parties", 1);
	assert_true(is(x, "party", "USA"));
	assert_int_equal(js_type(js_get(x, "answered")), JS_MAP);
	x = in(in(j, "checks", 0), "answers", 0);
	assert_true(is(x, "status", "done"));
	assert_true(js_int(js_get(x, "took_us")) >= 0);
	(void)post(f, JPN, "post/remove", &id, "[\"USA\"]", "{}", NULL);
	j = get(f, WEB_OPERATOR, STR("/directory"), "", 200);
	assert_int_equal(js_len(js_get(in(j, "parties", 0), "posts")), 0);
}

/* Each procedure of the catalogue as a page; programs get its file. */
static void
test_procedures(void **state)
{
	struct fix *f = *state;
	const struct js *all = js_get(
	    get(f, WEB_PUBLIC, STR("/procedures"), "", 200), "procedures");

	assert_true(js_len(all) > 10);
	for (size_t i = 0; i < js_len(all); i++) {
		struct str id = js_str(js_get(js_at(all, i), "id"));
		struct str path =
		    str_fmt(&f->a, "/procedures/%.*s", STR_ARG(id));
		const struct js *file = get(f, WEB_PUBLIC, path, "", 200);

		assert_true(js_is_equal(js_get(file, "procedure"),
		    js_get(js_at(all, i), "name")));
		is_page(f, WEB_PUBLIC, path);
	}
}

/* Parties to choose stand in the reader's order of names. */
static void
test_order(void **state)
{
	struct fix *f = *state;
	const struct js *j = get(f, WEB_PUBLIC, STR("/matters"), "", 200);

	assert_true(is(in(j, "parties", 0), "party", "JPN"));
	assert_true(is(in(j, "parties", 1), "party", "USA"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_empty, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_founding, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_hidden, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_session, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_book, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_agreements, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_commitment, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_review, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_directory, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_procedures, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
