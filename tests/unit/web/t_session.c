/* Officers: signing in and each way in which it is denied; keys that wait for a
 * mandate; acts that wait for a second signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "record/encode.h"
#include "record/hash.h"
#include "record/words.h"
#include "web/session.h"
#include "world.h"

static const char *const codes[] = {"JPN"};
#define HOST "jpn.example:7471"
#define ORIGIN "http://" HOST
#define SECOND INT64_C(1000000)

struct fix {
	struct world w;
	struct web *web;
	struct secret *other; /* a second officer, once granted */
};

static int
set_up(void **state)
{
	static struct fix f;
	struct err err;

	f = (struct fix){.web = NULL};
	world_open(&f.w, codes, 1);
	world_start(&f.w, 0);
	f.other = key_secret_random();
	*state = &f;
	return web_open(f.w.at[0].node, NULL, &f.web, &err);
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	web_close(f->web);
	key_secret_free(f->other);
	world_close(&f->w);
	return 0;
}

/* ---- asking ---- */

struct ask {
	const char *method, *path, *origin;
	struct str cookie, body;
};

static struct web_answer
answer(struct fix *f, const struct ask *q)
{
	struct str path = str_of(q->path);
	size_t mark = str_find(path, '?', 0);
	struct web_request r = {.reader = WEB_PUBLIC,
	    .method = str_of(q->method),
	    .path = str_sub(path, 0, mark),
	    .query = str_sub(path, mark + 1, path.n),
	    .accept = STR("application/json"),
	    .host = STR(HOST),
	    .cookie = q->cookie,
	    .body = span_of(q->body)};
	struct web_answer ans;

	if (q->origin != NULL)
		r.origin = str_of(q->origin);
	web_answer(f->web, &r, &f->w.arena, &ans);
	return ans;
}

static const struct js *
ask(struct fix *f, const struct ask *q, int want)
{
	struct web_answer ans = answer(f, q);
	const struct js *j;
	struct err err;

	if (ans.status != want)
		fail_msg("%s %s: %d, not %d: %.*s", q->method, q->path,
		    ans.status, want, (int)ans.body.n,
		    (const char *)ans.body.p);
	assert_int_equal(js_parse(ans.body, &f->w.arena, &j, &err), 0);
	return j;
}

static struct str
proof(struct fix *f, const struct secret *key, struct str challenge)
{
	struct js_make m = {.a = &f->w.arena};
	struct js *j = js_map(&m);
	struct pubkey pub = key_pub(key);
	struct sig sig = key_sign(key, span_of(challenge));
	struct str text;
	struct err err;

	js_put_hex(&m, j, "key", pub.b, sizeof(pub.b));
	js_put_str(&m, j, "challenge", challenge);
	js_put_hex(&m, j, "signature", sig.b, sizeof(sig.b));
	assert_int_equal(js_text(&m, j, JS_COMPACT, &text, &err), 0);
	return text;
}

static struct str
challenge(struct fix *f)
{
	return js_str(js_get(
	    ask(f, &(struct ask){.method = "GET", .path = "/challenge"}, 200),
	    "challenge"));
}

/* The cookie as the browser sends it back. */
static struct str
sign_in(struct fix *f, const struct secret *key)
{
	struct ask q = {.method = "POST",
	    .path = "/session",
	    .origin = ORIGIN,
	    .body = proof(f, key, challenge(f))};
	struct web_answer ans = answer(f, &q);

	assert_int_equal(ans.status, 201);
	assert_true(ans.cookie.n > 0);
	assert_non_null(strstr(ans.cookie.p, "; HttpOnly; SameSite=Strict"));
	return str_sub(ans.cookie, 0, str_find(ans.cookie, ';', 0));
}

/* ---- signing in ---- */

enum wrong {
	NOTHING,
	OTHER_KEY,  /* signed by another than it says */
	NO_MANDATE, /* a key that nobody granted anything */
	CHANGED,    /* the challenge, after it was signed */
	MADE_UP,    /* by somebody else's hand */
	OLD,        /* two minutes and more */
	USED,
	OTHER_ADDRESS, /* of another node's page */
	NO_CHALLENGE
};
static const struct {
	enum wrong wrong;
	const char *says; /* NULL: let in */
	enum err_code code;
} sign_ins[] = {
    {NOTHING, NULL, ERR_NONE},
    {OTHER_KEY, "not of this key", ERR_DENIED},
    {NO_MANDATE, "no officer of JPN", ERR_DENIED},
    {CHANGED, "an earlier start", ERR_DENIED},
    {MADE_UP, "an earlier start", ERR_DENIED},
    {OLD, "older than", ERR_DENIED},
    {USED, "used already", ERR_DENIED},
    {OTHER_ADDRESS, "and this is", ERR_DENIED},
    {NO_CHALLENGE, "no challenge", ERR_INPUT},
};

static int
try_sign_in(struct fix *f, struct sessions *s, enum wrong wrong,
    struct err *err)
{
	struct query q = {.n = f->w.at[0].node,
	    .a = &f->w.arena,
	    .now_us = clock_utc_us()};
	const struct secret *officer = f->w.at[0].officer;
	const struct secret *by = wrong == NO_MANDATE ? f->other : officer;
	struct pubkey key = key_pub(by);
	struct session_proof p = {.origin = STR(ORIGIN), .key = &key};
	struct sessions *from = wrong == MADE_UP ? sessions_new() : s;
	struct str cookie;
	struct sig sig;
	int rc;

	assert_int_equal(session_challenge(from, &q,
			     wrong == OTHER_ADDRESS ? STR("http://usa.example")
						    : STR(ORIGIN),
			     q.a, &p.challenge, err),
	    0);
	if (from != s)
		sessions_free(from);
	if (wrong == NO_CHALLENGE)
		p.challenge = STR("let me in");
	sig =
	    key_sign(wrong == OTHER_KEY ? f->other : by, span_of(p.challenge));
	p.sig = &sig;
	if (wrong == CHANGED)
		p.challenge = str_fmt(q.a, "%.*s%s", (int)(p.challenge.n - 2),
		    p.challenge.p, "0\n");
	if (wrong == OLD)
		q.now_us += (CHALLENGE_S + 1) * SECOND;
	rc = session_open(s, &q, &p, q.a, &cookie, err);
	if (wrong == USED && rc == 0)
		rc = session_open(s, &q, &p, q.a, &cookie, err);
	return rc;
}

static void
test_sign_in(void **state)
{
	struct fix *f = *state;
	struct sessions *s = sessions_new();

	assert_non_null(s);
	for (size_t i = 0; i < COUNT(sign_ins); i++) {
		struct err err = {.code = ERR_NONE};
		int rc = try_sign_in(f, s, sign_ins[i].wrong, &err);

		assert_int_equal(rc, sign_ins[i].says == NULL ? 0 : -1);
		if (rc == 0)
			continue;
		assert_int_equal(err.code, sign_ins[i].code);
		if (strstr(err.text, sign_ins[i].says) == NULL)
			fail_msg("%zu: %s", i, err.text);
	}
	sessions_free(s);
}

/* E2: time ends it. */
static void
test_over(void **state)
{
	static const struct {
		int64_t step_s, steps;
		bool in;
	} use[] = {
	    {SESSION_S - 1, 1, true},
	    {SESSION_S + 1, 1, false},
	    {SESSION_S / 2, 4, true}, /* used in between: up to the end */
	    {SESSION_S / 2, 5, false},
	};
	struct fix *f = *state;
	struct query q = {.n = f->w.at[0].node,
	    .a = &f->w.arena,
	    .now_us = clock_utc_us()};
	struct pubkey key = key_pub(f->w.at[0].officer);
	struct sessions *s = sessions_new();
	struct err err;

	for (size_t i = 0; i < COUNT(use); i++) {
		struct session_proof p = {.origin = STR(ORIGIN), .key = &key};
		struct query later = q;
		struct session who;
		struct str cookie;
		struct sig sig;
		bool in = true;

		assert_int_equal(
		    session_challenge(s, &q, p.origin, q.a, &p.challenge, &err),
		    0);
		sig = key_sign(f->w.at[0].officer, span_of(p.challenge));
		p.sig = &sig;
		assert_int_equal(session_open(s, &q, &p, q.a, &cookie, &err),
		    0);
		cookie = str_sub(cookie, 0, str_find(cookie, ';', 0));
		for (int64_t k = 0; k < use[i].steps; k++) {
			later.now_us += use[i].step_s * SECOND;
			in = session_find(s, &later, cookie, q.a, &who);
		}
		assert_int_equal(in, use[i].in);
	}
	sessions_free(s);
}

static void
test_cookie(void **state)
{
	struct fix *f = *state;
	const struct secret *key = f->w.at[0].officer;
	struct str one = sign_in(f, key), two = sign_in(f, key),
		   three = sign_in(f, key);
	struct str made = str_fmt(&f->w.arena, "comity=%064d", 7);
	struct ask officers = {.method = "GET",
	    .path = "/officers",
	    .cookie = one};
	struct ask out = {.method = "DELETE",
	    .path = "/session",
	    .origin = ORIGIN,
	    .cookie = one};

	assert_true(js_len(js_get(ask(f, &officers, 200), "officers")) > 0);
	assert_int_equal(
	    answer(f, &(struct ask){.method = "GET", .path = "/officers"})
		.status,
	    401);
	officers.cookie = made;
	(void)ask(f, &officers, 401);
	/* Another site's page has the cookie sent along: it may nothing. */
	out.origin = "http://usa.example";
	(void)ask(f, &out, 403);
	out.origin = NULL;
	(void)ask(f, &out, 403);
	out.origin = ORIGIN;
	(void)ask(f, &out, 200);
	officers.cookie = one;
	(void)ask(f, &officers, 401);
	officers.cookie = two;
	(void)ask(f, &officers, 200);
	out.cookie = two;
	out.path = "/session?all=1"; /* and the third */
	(void)ask(f, &out, 200);
	officers.cookie = three;
	(void)ask(f, &officers, 401);
}

/* Nobody else's page signs a browser in. */
static void
test_other_origin(void **state)
{
	struct fix *f = *state;
	struct ask q = {.method = "POST",
	    .path = "/session",
	    .origin = "http://usa.example",
	    .body = proof(f, f->w.at[0].officer, challenge(f))};

	(void)ask(f, &q, 403);
	(void)ask(f,
	    &(struct ask){.method = "GET",
		.path = "/challenge?origin=http://usa.example"},
	    403);
	q.origin = "https://" HOST; /* a proxy ends TLS: another origin */
	(void)ask(f, &q, 403);
}

/* ---- enrolment ---- */

static struct str
wish(struct fix *f, const char *name, const struct pubkey *key)
{
	return str_fmt(&f->w.arena, "{\"name\":\"%s\",\"key\":\"%s\"}", name,
	    hex_str(&f->w.arena, key->b, 32).p);
}

static void
test_enrol(void **state)
{
	static const char *const bad[] = {"", " Sato", "Sa\\nto", "Sato "};
	struct fix *f = *state;
	struct pubkey key = key_pub(f->other), low = {{1}};
	struct ask q = {.method = "POST",
	    .path = "/enrolments",
	    .body = wish(f, "Sato", &key)};
	struct ask officers = {.method = "GET",
	    .path = "/officers",
	    .cookie = sign_in(f, f->w.at[0].officer)};
	const struct js *j = ask(f, &q, 201), *list;
	struct str words;
	struct err err;

	assert_int_equal(words_of_key(&key, &f->w.arena, &words, &err), 0);
	assert_true(str_eq(js_str(js_get(j, "words")), words));
	assert_true(js_is_str(js_get(j, "state"), "waiting"));
	(void)ask(f, &q, 201); /* again: the same one */
	list = js_get(ask(f, &officers, 200), "waiting");
	assert_int_equal(js_len(list), 1);
	assert_true(js_is_str(js_get(js_at(list, 0), "name"), "Sato"));
	for (size_t i = 0; i < COUNT(bad); i++) {
		q.body = wish(f, bad[i], &key);
		(void)ask(f, &q, 400);
	}
	q.body = wish(f, "Sato", &low);
	(void)ask(f, &q, 400);
}

/* ---- two officers ---- */

static struct str
payload(struct fix *f, const char *kind, const char *body, int64_t at_us)
{
	struct node *n = f->w.at[0].node;
	struct act act = {.kind = str_of(kind),
	    .party = STR("JPN"),
	    .matter = n->own->charter,
	    .to = {.type = AUDIENCE_PUBLIC},
	    .at_us = at_us};
	struct err err;
	struct str text;

	assert_int_equal(
	    js_parse(span_of(str_of(body)), &f->w.arena, &act.body, &err), 0);
	key_random(act.salt, sizeof(act.salt));
	assert_int_equal(act_write(&act, &f->w.arena, &text, &err), 0);
	return text;
}

static struct str
signed_by(struct fix *f, struct str text, const struct secret *a,
    const struct secret *b)
{
	struct dsse d = {.type = DSSE_ACT_TYPE, .payload = span_of(text)};
	const struct secret *key[] = {a, b};
	struct err err;
	struct str out;

	for (size_t i = 0; i < 2 && key[i] != NULL; i++, d.n++)
		assert_int_equal(dsse_sign(d.type, d.payload, key[i],
				     &f->w.arena, &d.signature[i], &err),
		    0);
	assert_int_equal(dsse_text(&d, &f->w.arena, &out, &err), 0);
	return out;
}

static struct str
one_more(struct fix *f, struct str text, const struct secret *key)
{
	struct dsse_signature s;
	struct err err;

	assert_int_equal(
	    dsse_sign(DSSE_ACT_TYPE, span_of(text), key, &f->w.arena, &s, &err),
	    0);
	return str_fmt(&f->w.arena, "{\"keyid\":\"%s\",\"sig\":\"%s\"}",
	    str_z(&f->w.arena, s.keyid),
	    encode_b64(&f->w.arena, (struct span){s.sig.b, 64}).p);
}

static void
post(struct fix *f, const char *kind, const char *body)
{
	struct str text = payload(f, kind, body, clock_utc_us());
	struct ask q = {.method = "POST",
	    .path = "/acts",
	    .body = signed_by(f, text, f->w.at[0].officer, NULL)};

	(void)ask(f, &q, 201);
}

static void
grant_other(struct fix *f)
{
	struct pubkey key = key_pub(f->other);

	post(f, "party/grant",
	    str_fmt(&f->w.arena,
		"{\"officer\":\"second\",\"key\":\"%s\",\"powers\":[\"*\"]}",
		hex_str(&f->w.arena, key.b, 32).p)
		.p);
}

static const char *
path_of(struct fix *f, struct str text)
{
	struct id id = hash_of(span_of(text));

	return str_fmt(&f->w.arena, "/releases/%s",
	    hex_str(&f->w.arena, id.b, 32).p)
	    .p;
}

/* Two officers, and two signatures on each act of the party's file. */
static struct str
two_officers(struct fix *f)
{
	grant_other(f);
	post(f, "party/demand",
	    "{\"demands\":[{\"kind\":\"party/*\",\"signatures\":2}]}");
	return sign_in(f, f->other);
}

static struct str
third(struct fix *f)
{
	static const char grant[] =
	    "{\"officer\":\"third\",\"powers\":[\"*\"],\"key\":"
	    "\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
	    "\"}";

	return payload(f, "party/grant", grant, clock_utc_us());
}

static void
test_waits(void **state)
{
	struct fix *f = *state;
	struct secret *stranger = key_secret_random();
	struct secret *first = f->w.at[0].officer;
	struct str second = two_officers(f), text = third(f);
	struct ask q = {.method = "POST",
	    .path = "/releases",
	    .origin = ORIGIN,
	    .cookie = sign_in(f, first)};
	const struct js *j;
	struct err err;

	j = ask(f,
	    &(struct ask){.method = "POST",
		.path = "/acts",
		.body = signed_by(f, text, first, NULL)},
	    403);
	assert_true(js_is_str(js_get(j, "rule"), "too-few-signatures"));
	/* Not by a stranger, and not from outside. */
	q.body = signed_by(f, text, stranger, NULL);
	(void)ask(f, &q, 403);
	(void)ask(f,
	    &(struct ask){.method = "POST",
		.path = "/releases",
		.body = q.body},
	    401);
	q.body = signed_by(f, text, first, NULL);
	for (int twice_is_once = 0; twice_is_once < 2; twice_is_once++) {
		j = ask(f, &q, 202);
		assert_true(js_bool(js_get(j, "waits")));
		assert_int_equal(js_int(js_get(j, "have")), 1);
		assert_int_equal(js_int(js_get(j, "want")), 2);
	}
	/* It survives the process; sessions do not (E2). */
	web_close(f->web);
	world_stop(&f->w, 0);
	world_start(&f->w, 0);
	assert_int_equal(web_open(f->w.at[0].node, NULL, &f->web, &err), 0);
	q = (struct ask){.method = "GET",
	    .path = "/releases",
	    .cookie = second};
	(void)ask(f, &q, 401);
	q.cookie = sign_in(f, f->other);
	assert_int_equal(js_int(js_get(ask(f, &q, 200), "count")), 1);
	key_secret_free(stranger);
}

static void
test_release(void **state)
{
	struct fix *f = *state;
	struct secret *stranger = key_secret_random();
	struct str second = two_officers(f), text = third(f);
	struct ask q = {.method = "POST",
	    .path = "/releases",
	    .origin = ORIGIN,
	    .cookie = sign_in(f, f->w.at[0].officer),
	    .body = signed_by(f, text, f->w.at[0].officer, NULL)};
	const struct js *j;

	(void)ask(f, &q, 202);
	q = (struct ask){.method = "GET", .path = path_of(f, text)};
	(void)ask(f, &q, 401);
	q.cookie = second;
	j = ask(f, &q, 200);
	assert_true(str_eq(js_str(js_get(j, "payload")), text));
	assert_true(js_bool(js_get(j, "may_sign")));
	assert_false(js_bool(js_get(j, "mine")));
	/* Other bytes, a stranger, and then the right ones. */
	q.method = "POST";
	q.origin = ORIGIN;
	q.body = one_more(f, STR("{}"), f->other);
	(void)ask(f, &q, 400);
	q.body = one_more(f, text, stranger);
	(void)ask(f, &q, 403);
	q.body = one_more(f, text, f->other);
	j = ask(f, &q, 201);
	assert_false(js_bool(js_get(j, "waits")));
	assert_true(js_str(js_get(j, "cite")).n > 0);
	(void)ask(f, &q, 404); /* it waits no more */
	key_secret_free(stranger);
}

/* What would be void is not kept; what waits can be withdrawn. */
static void
test_withdraw(void **state)
{
	struct fix *f = *state;
	struct str second = two_officers(f);
	struct str text = payload(f, "incident/report", "{}", clock_utc_us());
	struct ask q = {.method = "POST",
	    .path = "/releases",
	    .origin = ORIGIN,
	    .cookie = second,
	    .body = signed_by(f, text, f->other, NULL)};

	assert_true(answer(f, &q).status >= 400);
	text = payload(f, "party/revoke", "{\"officer\":\"nobody\"}",
	    clock_utc_us());
	q.body = signed_by(f, text, f->other, NULL);
	(void)ask(f, &q, 202);
	q = (struct ask){.method = "DELETE",
	    .path = path_of(f, text),
	    .origin = ORIGIN,
	    .cookie = second};
	(void)ask(f, &q, 200);
	(void)ask(f, &q, 404);
}

/* A release may be late, an act of one officer may not. */
static void
test_late(void **state)
{
	static const struct {
		int64_t hours;
		bool two;
		int status;
	} late[] = {
	    {0, true, 201},
	    {2, true, 201},
	    {23, true, 201},
	    {25, true, 409},
	    {-1, true, 400}, /* ahead */
	    {2, false, 400},
	};
	struct fix *f = *state;
	const struct secret *key = f->w.at[0].officer;

	grant_other(f);
	post(f, "party/demand",
	    "{\"demands\":[{\"kind\":\"party/grant\",\"signatures\":2}]}");
	for (size_t i = 0; i < COUNT(late); i++) {
		int64_t at_us = clock_utc_us() - late[i].hours * 3600 * SECOND;
		struct pubkey pub = key_pub(f->other);
		struct str body = str_fmt(&f->w.arena,
		    "{\"officer\":\"n%zu\",\"key\":\"%s\",\"powers\":[\"*\"]}",
		    i, hex_str(&f->w.arena, pub.b, 32).p);
		struct str text =
		    late[i].two
			? payload(f, "party/grant", body.p, at_us)
			: payload(f, "party/demand", "{\"demands\":[]}", at_us);
		struct ask q = {.method = "POST",
		    .path = "/acts",
		    .body = signed_by(f, text, key, f->other)};

		(void)ask(f, &q, late[i].status);
	}
}

/* A mandate that ends takes its sessions along. */
static void
test_revoked(void **state)
{
	struct fix *f = *state;
	struct ask officers = {.method = "GET", .path = "/officers"};
	struct err err = {.code = ERR_NONE};
	struct pubkey key = key_pub(f->other);
	const char *standing = str_fmt(&f->w.arena, "/enrolments/%s",
	    hex_str(&f->w.arena, key.b, 32).p)
	                           .p;
	struct ask who = {.method = "GET", .path = standing};

	(void)err;
	assert_true(js_is_str(js_get(ask(f, &who, 200), "state"), "unknown"));
	grant_other(f);
	assert_true(js_is_str(js_get(ask(f, &who, 200), "state"), "granted"));
	officers.cookie = sign_in(f, f->other);
	(void)ask(f, &officers, 200);
	post(f, "party/revoke", "{\"officer\":\"second\"}");
	(void)ask(f, &officers, 401);
	assert_true(js_is_str(js_get(ask(f, &who, 200), "state"), "ended"));
	(void)ask(f,
	    &(struct ask){.method = "POST",
		.path = "/session",
		.origin = ORIGIN,
		.body = proof(f, f->other, challenge(f))},
	    403);
}

#define CASE(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_sign_in),
	    CASE(test_over),
	    CASE(test_cookie),
	    CASE(test_other_origin),
	    CASE(test_enrol),
	    CASE(test_waits),
	    CASE(test_release),
	    CASE(test_withdraw),
	    CASE(test_late),
	    CASE(test_revoked),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
