/*
 * Who gets what, at each route there is (W1).  A world has a public record; all
 * that the public may ask for is asked.  Then secrets come: matters, acts that
 * change public matters, files.  Nothing of what was answered may change, and
 * no answer may hold a word, an id or a citation of them.  A route that this
 * test does not know makes it fail: say here what it gives to whom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/when.h"
#include "routes.h"
#include "web/view.h"
#include "world.h"

static const char *const codes[] = {"JPN", "USA"};
enum { JPN, USA, ASKED_MAX = 6000, SECRETS_MAX = 30 };
#define MARK "Zugzwang"
#define HOST "jpn.example"

struct asked {
	struct str path, query,
	    body; /* body: without what time alone changes */
	int status;
};
struct fix {
	struct world w;
	struct web *web; /* of JPN, for people too */
	struct str cookie;
	size_t n_open, n_secret, n_before;
	/* Ids, citations, and names in an archive. */
	struct str open[SECRETS_MAX], secret[SECRETS_MAX];
	struct str file; /* the hash of a secret one */
	struct asked *before;
};

/* ---- the routes ---- */

static void
test_known(void **state)
{
	struct web_route r;
	size_t i = 0;

	(void)state;
	for (; web_route(i, &r); i++) {
		size_t k = 0;

		while (k < COUNT(known) &&
		       (strcmp(known[k].path, r.path) != 0 ||
			   strcmp(known[k].method, r.method) != 0))
			k++;
		if (k == COUNT(known))
			fail_msg("%s %s is new: who may have it, and what does "
				 "it give?",
			    r.method, r.path);
		if (known[k].reader != r.reader)
			fail_msg("%s %s: another audience", r.method, r.path);
	}
	assert_int_equal(i, COUNT(known)); /* and none is gone */
}

/* ---- asking ---- */

static int64_t
size_of(int fd)
{
	return (int64_t)lseek(fd, 0, SEEK_END);
}

static struct web_answer
answer(struct fix *f, enum web_reader reader, const char *method,
    struct str path, struct str query, const char *accept, struct arena *a)
{
	struct web_request r = {.reader =
				    reader == WEB_OFFICER ? WEB_PUBLIC : reader,
	    .method = str_of(method),
	    .path = path,
	    .query = query,
	    .accept = str_of(accept),
	    .host = STR(HOST),
	    .origin = STR("http://" HOST),
	    .file = -1};
	struct web_answer ans;

	if (reader == WEB_OFFICER)
		r.cookie = f->cookie;
	if (strcmp(method, "GET") != 0)
		r.body = span_of(STR("{}"));
	web_answer(f->web, &r, a, &ans);
	if (ans.is_file) { /* what is sent counts as the body */
		int64_t n = size_of(ans.file);
		uint8_t *p = arena_alloc(a, (size_t)n + 1, 1);

		assert_non_null(p);
		assert_int_equal(pread(ans.file, p, (size_t)n, 0), n);
		ans.body = (struct span){p, (size_t)n};
		(void)close(ans.file);
	}
	return ans;
}

/* What time alone changes, in any model; and a log's size, which is for all. */
static bool
is_passing(struct str key)
{
	return str_is(key, "now") || str_is(key, "left_us") ||
	       str_is(key, "size");
}

static void
put_lasting(struct js_make *m, struct js *in, const char *key,
    const struct js *v)
{
	struct js *map;

	if (js_type(v) == JS_MAP) {
		map = js_put_map(m, in, key);
		for (struct js_each e = {0}; js_next(v, &e);)
			if (!is_passing(e.key))
				put_lasting(m, map, str_z(m->a, e.key),
				    e.value);
	} else if (js_type(v) == JS_LIST) {
		map = js_put_list(m, in, key);
		for (size_t i = 0; i < js_len(v); i++)
			put_lasting(m, map, NULL, js_at(v, i));
	} else {
		js_put(m, in, key, v);
	}
}

static struct str
lasting(struct span body, struct arena *a)
{
	struct js_make m = {.a = a};
	struct js *all = js_map(&m);
	const struct js *j;
	struct str text;
	struct err err;

	if (js_parse(body, a, &j, &err) != 0)
		return span_str(body);
	put_lasting(&m, all, "all", j);
	assert_int_equal(js_text(&m, all, JS_COMPACT, &text, &err), 0);
	return text;
}

static bool
holds(struct span s, struct str what)
{
	return what.n > 0 && memmem(s.p, s.n, what.p, what.n) != NULL;
}

/* A citation is one only where no further digit follows it. */
static bool
holds_cite(struct span s, struct str cite)
{
	for (size_t at = 0; at + cite.n < s.n; at++)
		if (memcmp(s.p + at, cite.p, cite.n) == 0 &&
		    (s.p[at + cite.n] < '0' || s.p[at + cite.n] > '9'))
			return true;
	return false;
}

/* `echo`: what was asked for, which an answer may repeat. */
static void
check_silent(struct fix *f, struct str path, struct str query, struct span body,
    struct str echo)
{
	if (holds(body, STR(MARK)) && !holds(span_of(query), STR(MARK)))
		fail_msg("%.*s?%.*s tells a secret", STR_ARG(path),
		    STR_ARG(query));
	for (size_t i = 0; i < f->n_secret; i++)
		if (!str_eq(f->secret[i], echo) &&
		    holds_cite(body, f->secret[i]))
			fail_msg("%.*s?%.*s tells of %.*s", STR_ARG(path),
			    STR_ARG(query), STR_ARG(f->secret[i]));
}

/* ---- the ways to ask ---- */

static const char *const queries[] = {"", "lang=ja", "format=json",
    "text=" MARK, "text=Buoy", "q=" MARK, "live=1", "state=cancelled",
    "state=dissolved", "procedure=message", "procedure=incident", "party=USA",
    "n=1", "before=3", "from=0", "claim=state"};
static const char *const names[] = {"message", "conference", "incident",
    "nothing"};
static const char *const assets[] = {"app.js", "style.css", "icon.svg", "x"};
static const char *const acts[] = {"send", "sign", "nothing"};
static const char *const tiles[] = {"checkpoint", "tile/0/000.p/1",
    "tile/entries/000.p/1", "nothing"};

typedef void asker(struct fix *f, size_t route, struct str path,
    struct str echo);

/* In an archive. */
static bool
is_name(struct str s)
{
	return str_starts(s, STR("act/"));
}

static size_t
fills(struct fix *f, enum fill fill, bool secret, const struct str **ret)
{
	struct str *s =
	    arena_array(&f->w.arena, 2 * SECRETS_MAX + 4, struct str);
	const char *const *z = NULL;
	size_t n = 0;

	assert_non_null(s);
	switch (fill) {
	case NOTHING:
		s[n++] = STR("");
		break;
	case REF:
	case HEX:
		for (size_t i = 0; i < f->n_open; i++)
			if (!is_name(f->open[i]))
				s[n++] = f->open[i];
		for (size_t i = 0; secret && i < f->n_secret; i++)
			if (!is_name(f->secret[i]))
				s[n++] = f->secret[i];
		if (secret)
			s[n++] = f->file;
		s[n++] = STR("JPN-999");
		break;
	case CODE:
		for (size_t i = 0; i < COUNT(codes); i++)
			s[n++] = str_of(codes[i]);
		break;
	case NAME:
		z = names;
		n = COUNT(names);
		break;
	case ACT:
		z = acts;
		n = COUNT(acts);
		break;
	case TILE:
		z = tiles;
		n = COUNT(tiles);
		break;
	case ASSET:
		z = assets;
		n = COUNT(assets);
		break;
	}
	for (size_t i = 0; z != NULL && i < n; i++)
		s[i] = str_of(z[i]);
	*ret = s;
	return n;
}

/* The pattern with these parts. */
static struct str
path_of(struct fix *f, const char *pattern, struct str one, struct str two)
{
	struct buf b;
	struct str ret;
	struct err err;
	bool first = true;

	buf_init(&b, &f->w.arena);
	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '{') {
			buf_char(&b, *pattern);
			continue;
		}
		buf_str(&b, first ? one : two);
		first = false;
		pattern = strchr(pattern, '}');
		assert_non_null(pattern);
	}
	assert_int_equal(buf_done(&b, &ret, &err), 0);
	return ret;
}

static void
each(struct fix *f, size_t route, bool secret, asker *ask)
{
	const struct str *one, *two;
	size_t n = fills(f, known[route].fill, secret, &one);
	size_t m = fills(f, known[route].second, secret, &two);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m; k++)
			ask(f, route,
			    path_of(f, known[route].path, one[i], two[k]),
			    one[i]);
}

/* ---- the public ---- */

static void
remember(struct fix *f, size_t route, struct str path, struct str echo)
{
	(void)echo;
	for (size_t q = 0; q < COUNT(queries); q++) {
		struct str query = str_of(queries[q]);
		struct arena a;
		struct web_answer ans;

		arena_init(&a, 64 * 1024 * 1024);
		ans = answer(f, WEB_PUBLIC, known[route].method, path, query,
		    "application/json", &a);
		assert_true(f->n_before < ASKED_MAX);
		f->before[f->n_before++] = (struct asked){path, query,
		    str_copy(&f->w.arena, lasting(ans.body, &a)), ans.status};
		arena_release(&a);
	}
}

static void
remember_all(struct fix *f)
{
	f->n_before = 0;
	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i].what == SAME && known[i].reader == WEB_PUBLIC)
			each(f, i, false, remember);
}

/* Asked again, each answer is as it was. */
static void
compare_all(struct fix *f)
{
	for (size_t i = 0; i < f->n_before; i++) {
		const struct asked *b = &f->before[i];
		struct arena a;
		struct web_answer ans;
		struct str body;

		arena_init(&a, 64 * 1024 * 1024);
		ans = answer(f, WEB_PUBLIC, "GET", b->path, b->query,
		    "application/json", &a);
		body = lasting(ans.body, &a);
		if (ans.status != b->status || !str_eq(body, b->body)) {
			fprintf(stderr, "was: %.*s\nis:  %.*s\n",
			    (int)b->body.n, b->body.p, (int)body.n, body.p);
			fail_msg("%.*s?%.*s changed with what is secret",
			    STR_ARG(b->path), STR_ARG(b->query));
		}
		arena_release(&a);
	}
}

static bool
is_secret(const struct fix *f, struct str ref)
{
	for (size_t i = 0; i < f->n_secret; i++)
		if (str_eq(f->secret[i], ref))
			return true;
	return false;
}

/* By each way to ask, for what is secret too. */
static void
ask_public(struct fix *f, size_t route, struct str path, struct str echo)
{
	static const char *const accept[] = {"application/json", "text/html"};

	for (size_t q = 0; q < COUNT(queries); q++)
		for (size_t k = 0; k < COUNT(accept); k++) {
			struct str query = str_of(queries[q]);
			struct arena a;
			struct web_answer ans;
			int denied = known[route].reader == WEB_OFFICER    ? 401
			             : known[route].reader == WEB_OPERATOR ? 403
			                                                   : 0;

			arena_init(&a, 64 * 1024 * 1024);
			ans = answer(f, WEB_PUBLIC, known[route].method, path,
			    query, accept[k], &a);
			check_silent(f, path, query, ans.body, echo);
			/* Of a page, the way to sign in. */
			if (denied != 0 && ans.status != denied &&
			    (k == 0 || ans.status != 303))
				fail_msg("%s %.*s: %d to the public",
				    known[route].method, STR_ARG(path),
				    ans.status);
			/* What is secret is not there, whichever page is asked
			 * for it. */
			if (known[route].fill == REF && denied == 0 &&
			    is_secret(f, echo) && ans.status < 400)
				fail_msg("%s %.*s?%.*s: %d",
				    known[route].method, STR_ARG(path),
				    STR_ARG(query), ans.status);
			if (ans.status >= 500 && ans.status != 503)
				fail_msg("%s %.*s?%.*s: %d",
				    known[route].method, STR_ARG(path),
				    STR_ARG(query), ans.status);
			arena_release(&a);
		}
}

/* An officer is no operator; an operator may ask for all.  Nothing is held back
 * by an audience. */
static void
ask_others(struct fix *f, size_t route, struct str path, struct str echo)
{
	static const enum web_reader reader[] = {WEB_OFFICER, WEB_OPERATOR};

	(void)echo;
	for (size_t i = 0; i < COUNT(reader); i++) {
		bool may = reader[i] >= known[route].reader;
		struct arena a;
		struct web_answer ans;

		arena_init(&a, 512 * 1024 * 1024);
		ans = answer(f, reader[i], known[route].method, path, STR(""),
		    "application/json", &a);
		if (!may && ans.status != 403)
			fail_msg("%s %.*s: %d to an officer",
			    known[route].method, STR_ARG(path), ans.status);
		if (may &&
		    (ans.status == 401 ||
			(ans.status == 403 && known[route].what != WRITES)))
			fail_msg("%s %.*s: %d to who may have it",
			    known[route].method, STR_ARG(path), ans.status);
		arena_release(&a);
	}
}

/* ---- the world ---- */

static void
sign_in(struct fix *f)
{
	struct world *w = &f->w;
	struct session_proof p = {.origin = STR("http://" HOST)};
	struct pubkey key = key_pub(w->at[JPN].officer);
	struct query q;
	struct sig sig;
	struct err err;

	assert_int_equal(query_open(w->at[JPN].node, &w->arena, &q, &err), 0);
	assert_int_equal(session_challenge(f->web->sessions, &q, p.origin,
			     &w->arena, &p.challenge, &err),
	    0);
	sig = key_sign(w->at[JPN].officer, span_of(p.challenge));
	p.key = &key;
	p.sig = &sig;
	assert_int_equal(
	    session_open(f->web->sessions, &q, &p, &w->arena, &f->cookie, &err),
	    0);
	query_close(&q);
	f->cookie = str_sub(f->cookie, 0, str_find(f->cookie, ';', 0));
}

static int
set_up(void **state)
{
	static struct fix f;
	struct err err;

	f = (struct fix){.web = NULL};
	world_open(&f.w, codes, COUNT(codes));
	f.before = arena_array(&f.w.arena, ASKED_MAX, struct asked);
	world_start(&f.w, JPN);
	world_start(&f.w, USA);
	world_introduce_all(&f.w);
	*state = &f;
	if (f.before == NULL ||
	    web_open(f.w.at[JPN].node, NULL, &f.web, &err) != 0)
		return -1;
	sign_in(&f);
	return 0;
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	web_close(f->web);
	world_close(&f->w);
	return 0;
}

/* Its id and its citation. */
static void
note(struct fix *f, const struct id *id, struct str *list, size_t *n)
{
	struct world *w = &f->w;
	const struct js *j = world_ask(w, JPN, "GET",
	    str_fmt(&w->arena, "/acts/%s", world_hex(w, id)).p, "", "", 200);

	struct str cite = js_str(js_get(js_get(j, "act"), "cite"));
	struct member *m = node_member(w->at[JPN].node, str_sub(cite, 0, 3));

	assert_true(*n + 3 <= SECRETS_MAX && m != NULL);
	list[(*n)++] = str_of(world_hex(w, id));
	list[(*n)++] = cite;
	list[(*n)++] = str_fmt(&w->arena, "act/%s/%.*s",
	    world_hex(w, &m->charter), STR_ARG(str_sub(cite, 4, cite.n)));
}

static struct id
post(struct fix *f, bool secret, size_t who, const char *kind,
    const struct id *matter, const char *to, const char *body,
    const struct id *answers)
{
	struct world *w = &f->w;
	struct id id = world_post(w, who, kind,
	    matter == NULL ? NULL : world_hex(w, matter), to, body,
	    answers == NULL ? NULL : world_hex(w, answers));

	if (who == JPN)
		note(f, &id, secret ? f->secret : f->open,
		    secret ? &f->n_secret : &f->n_open);
	return id;
}

static const char *
day(struct fix *f, int days)
{
	return when_str(&f->w.arena, clock_utc_us() + days * WHEN_DAY).p;
}

static void
notify(struct fix *f)
{
	const char *body = str_fmt(&f->w.arena,
	    "{\"activity\":\"%s\",\"designation\":\"Exercise Buoy\","
	    "\"start\":\"%s\",\"end\":\"%s\",\"areas\":[{\"circle\":"
	    "{\"lat\":30,\"lon\":126,\"radius\":5000}}]}",
	    "exercise", day(f, 60), day(f, 70))
	                       .p;

	(void)post(f, false, JPN, "notification/notify", NULL, "\"public\"",
	    body, NULL);
}

static struct id
found(struct fix *f)
{
	struct id id =
	    post(f, false, JPN, "conference/propose", NULL, "\"public\"",
		"{\"name\":\"Conference\",\"founders\":[\"JPN\",\"USA\"],"
		"\"texts\":[{\"lang\":\"en\",\"text\":\"We meet.\"}]}",
		NULL);

	world_await(&f->w, USA, &id, "proposed");
	(void)post(f, false, JPN, "conference/sign", &id, "\"public\"", "{}",
	    &id);
	(void)post(f, false, USA, "conference/sign", &id, "\"public\"", "{}",
	    &id);
	world_await(&f->w, JPN, &id, "in_force");
	world_await(&f->w, USA, &id, "in_force");
	return id;
}

/* Cosignatures come some time after acts: until nothing changes any more. */
static void
settle(struct fix *f)
{
	for (int i = 0; i < 50; i++) {
		struct asked *old = f->before;
		size_t n = f->n_before;
		bool same;

		f->before = arena_array(&f->w.arena, ASKED_MAX, struct asked);
		assert_non_null(f->before);
		remember_all(f);
		same = i > 0 && n == f->n_before;
		for (size_t k = 0; same && k < n; k++)
			same = str_eq(old[k].body, f->before[k].body);
		if (same)
			return;
		clock_sleep_us(500000);
	}
	fail_msg("the public's answers do not settle");
}

static const char message[] =
    "{\"precedence\":\"priority\",\"subject\":\"" MARK " one\",\"message\":"
    "[{\"lang\":\"en\",\"text\":\"" MARK " two\",\"authentic\":true}]%s}";
static const char incident[] =
    "{\"title\":\"" MARK " three\",\"occurred\":\"2026-11-24\","
    "\"domain\":\"sea\",\"severity\":\"serious\",\"near_miss\":true,"
    "\"involved\":[\"JPN\",\"USA\"],\"narrative\":\"" MARK " four\"}";

static const char *
keep_file(struct fix *f)
{
	struct web_request r = {.reader = WEB_OPERATOR,
	    .method = STR("POST"),
	    .path = STR("/files"),
	    .query = STR("name=" MARK ".txt"),
	    .type = STR("text/plain")};
	struct web_answer ans;
	const struct js *j;
	struct err err;

	r.file = memfd_create("secret", MFD_CLOEXEC);
	assert_true(r.file > 0);
	assert_int_equal(write(r.file, MARK " five", 13), 13);
	assert_int_equal(lseek(r.file, 0, SEEK_SET), 0);
	web_answer(f->web, &r, &f->w.arena, &ans);
	(void)close(r.file);
	assert_int_equal(ans.status, 201);
	assert_int_equal(js_parse(ans.body, &f->w.arena, &j, &err), 0);
	f->file = js_str(js_get(j, "sha256"));
	return str_fmt(&f->w.arena, ",\"files\":[%.*s]", (int)ans.body.n,
	    (const char *)ans.body.p)
	    .p;
}

static void
post_secrets(struct fix *f, const struct id *conference)
{
	struct arena *a = &f->w.arena;
	struct id theirs;

	(void)post(f, true, JPN, "message/send", NULL, "[\"USA\"]",
	    str_fmt(a, message, keep_file(f)).p, NULL);
	theirs = post(f, true, USA, "message/send", NULL, "[\"JPN\"]",
	    str_fmt(a, message, "").p, NULL);
	world_await(&f->w, JPN, &theirs, "sent");
	note(f, &theirs, f->secret, &f->n_secret);
	(void)post(f, true, JPN, "incident/report", NULL, "[\"USA\"]", incident,
	    NULL);
	(void)post(f, true, JPN, "conference/dissolve", conference,
	    "\"members\"", "{\"reason\":\"" MARK " six\"}", NULL);
	(void)post(f, true, USA, "conference/dissolve", conference,
	    "\"members\"", "{\"reason\":\"" MARK " seven\"}", NULL);
	/* The act that ends the membership still reaches the members. */
	world_await(&f->w, JPN, conference, "dissolved");
}

static void
test_public(void **state)
{
	struct fix *f = *state;
	struct id conference = found(f);

	notify(f);
	settle(f);
	post_secrets(f, &conference);
	compare_all(f);
	clock_sleep_us(1000000); /* cosignatures of it come, too */
	compare_all(f);
	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i].what != WRITES)
			each(f, i, true, ask_public);
	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i].what == WRITES && known[i].reader != WEB_PUBLIC)
			each(f, i, true, ask_public);
	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i].reader != WEB_PUBLIC)
			each(f, i, true, ask_others);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known),
	    cmocka_unit_test_setup_teardown(test_public, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
