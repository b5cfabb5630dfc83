/* What was wrong once: undone jobs, full files, strangers' bundles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/embed.h"
#include "base/num.h"
#include "node/http.h"
#include "node/keydir.h"
#include "world.h"

static const char *const four[] = {"JPN", "USA", "CHN", "KOR"};
enum { JPN, USA, CHN, KOR };

/* A node alone, without threads, that was introduced to the first `known`
 * others. */
static struct node *
alone(struct world *w, size_t known)
{
	struct err err;

	world_open(w, four, 4);
	world_wake(w, JPN);
	for (size_t i = 1; i <= known; i++)
		if (node_peer_add(w->at[JPN].node, span_of(w->at[i].charter),
			STR(""), &err) != 0)
			fail_msg("%s", err.text);
	return w->at[JPN].node;
}

static int
run_refused(struct node *n, struct job *j, struct err *err)
{
	struct entry e = {{{1}}, {{2}}};

	(void)j; /* the common form */
	if (node_append(n, n->member[CHN], &e, err) != 0)
		return -1;
	return err_set(err, ERR_INPUT, "refused after a write");
}

/* A refused job costs a reading of the parties that it touched, no others. */
static void
test_reload(void **state)
{
	struct job job = {.run = run_refused, .marked = true};
	const struct mandate *was[4];
	struct world w;
	struct node *n;
	struct err err;
	uint64_t size;

	(void)state;
	n = alone(&w, 3);
	for (size_t i = 0; i < 4; i++)
		was[i] = n->member[i]->mandate;
	size = n->member[CHN]->log.size;
	assert_int_equal(node_run(n, &job, &err), -1);
	assert_string_equal(err.text, "refused after a write");
	assert_int_equal(n->member[CHN]->log.size, size);
	assert_ptr_equal(n->member[JPN]->mandate, was[JPN]);
	assert_ptr_equal(n->member[USA]->mandate, was[USA]);
	assert_ptr_equal(n->member[KOR]->mandate, was[KOR]);
	world_close(&w);
}

static struct span
spaced(struct arena *a, size_t spaces)
{
	const struct embed *least = embed_procedures;
	struct buf b;
	struct str text;
	struct err err;

	for (const struct embed *e = embed_procedures; e->name != NULL; e++)
		least = e->size < least->size ? e : least;
	buf_init(&b, a);
	buf_add(&b, least->data, least->size);
	for (size_t i = 0; i < spaces; i++)
		buf_char(&b, ' ');
	assert_int_equal(buf_done(&b, &text, &err), 0);
	return span_of(text);
}

static int
run_learn(struct node *n, struct job *j, struct err *err)
{
	struct arena a;

	(void)j; /* the common form */
	arena_init(&a, 1 << 20);
	if (node_learn_procedure(n, spaced(&a, 1), err) == 0)
		(void)err_set(err, ERR_INPUT, "refused after learning");
	arena_release(&a);
	return -1;
}

/* Procedures that came with a refused job go with it; their size and number
 * have limits. */
static void
test_procedures(void **state)
{
	struct job job = {.run = run_learn, .marked = true};
	struct world w;
	struct node *n;
	struct err err;
	size_t known;
	struct span big;
	int rc = 0;

	(void)state;
	n = alone(&w, 1);
	known = n->n_loaded;
	assert_int_equal(node_run(n, &job, &err), -1);
	assert_string_equal(err.text, "refused after learning");
	assert_int_equal(n->n_loaded, known);
	big = spaced(&w.arena, PROCEDURE_MAX);
	assert_int_equal(node_learn_procedure(n, big, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	for (size_t i = 1; rc == 0 && i < 2000; i++) {
		struct arena a;

		arena_init(&a, 1 << 20);
		rc = node_learn_procedure(n, spaced(&a, i), &err);
		arena_release(&a);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_DENIED);
	assert_true(n->n_loaded > known && n->n_loaded <= 1000);
	/* Parties can be added all the same. */
	if (node_peer_add(n, span_of(w.at[KOR].charter), STR(""), &err) != 0)
		fail_msg("%s", err.text);
	world_close(&w);
}

struct held {           /* a job that keeps the committer until it is let go */
	struct job job; /* first */
	atomic_bool begun, go, over;
};

static int
run_held(struct node *n, struct job *j, struct err *err)
{
	struct held *h = (struct held *)j;

	(void)n, (void)err; /* the common form */
	h->begun = true;
	while (!h->go)
		clock_sleep_us(1000);
	return 0;
}

static int
run_failing(struct node *n, struct job *j, struct err *err)
{
	(void)n, (void)j; /* the common form */
	return err_set(err, ERR_IO, "a disk that fails");
}

static void
done_held(struct node *n, struct job *j, const struct err *err)
{
	(void)n, (void)err; /* the common form */
	((struct held *)j)->over = true;
}

struct adding {
	struct world *w;
	int rc;
};

static void *
add_usa(void *ctx)
{
	struct adding *x = ctx;
	struct err err;

	x->rc = node_peer_add(x->w->at[JPN].node,
	    span_of(x->w->at[USA].charter), STR(""), &err);
	return NULL;
}

/* A party that came in a batch that was undone is not there until it was added
 * by the batch that is not. */
static void
test_ghost(void **state)
{
	struct held held = {.job = {.run = run_held, .done = done_held}};
	struct held failing = {.job = {.run = run_failing, .done = done_held}};
	struct adding x;
	struct world w;
	struct node *n;
	pthread_t thread;
	bool waits = false;

	(void)state;
	world_open(&w, four, 4);
	world_start(&w, JPN);
	n = w.at[JPN].node;
	node_enqueue(n, &held.job);
	while (!held.begun)
		clock_sleep_us(1000);
	x = (struct adding){&w, -1};
	assert_int_equal(pthread_create(&thread, NULL, add_usa, &x), 0);
	while (!waits) {
		clock_sleep_us(1000);
		(void)pthread_mutex_lock(&n->queue);
		waits = n->first != NULL && n->first->marked;
		(void)pthread_mutex_unlock(&n->queue);
	}
	node_enqueue(n, &failing.job);
	held.go = true;
	assert_int_equal(pthread_join(thread, NULL), 0);
	while (!failing.over)
		clock_sleep_us(1000);
	assert_int_equal(x.rc, 0);
	assert_int_equal(n->n_members, 2);
	world_stop(&w, JPN);
	world_wake(&w, JPN);
	assert_int_equal(w.at[JPN].node->n_members, 2);
	world_close(&w);
}

/* An act of the party's own file, as its officer signs it. */
static struct span
file_act(struct world *w, size_t i, const char *kind, const char *body)
{
	struct act act = {.kind = str_of(kind),
	    .party = str_of(w->at[i].code),
	    .to = {.type = AUDIENCE_PUBLIC},
	    .matter = w->at[i].node->own->charter,
	    .at_us = clock_utc_us()};
	struct dsse d = {.type = DSSE_ACT_TYPE, .n = 1};
	struct str text;
	struct err err;

	assert_int_equal(
	    js_parse(span_of(str_of(body)), &w->arena, &act.body, &err), 0);
	key_random(act.salt, sizeof(act.salt));
	assert_int_equal(act_write(&act, &w->arena, &text, &err), 0);
	d.payload = span_of(text);
	assert_int_equal(dsse_sign(d.type, d.payload, w->at[i].officer,
			     &w->arena, &d.signature[0], &err),
	    0);
	assert_int_equal(dsse_text(&d, &w->arena, &text, &err), 0);
	return span_of(text);
}

/* Our own officers hear of an act of the file that would do nothing. */
static void
test_own_file(void **state)
{
	static const struct {
		const char *kind, *body, *says;
	} row[] = {
	    {"party/grant", "{\"officer\":\"x\"}", "bad-form"},
	    {"party/grant",
		"{\"officer\":\"x\",\"key\":\"00\",\"powers\":[\"*\"]}",
		"bad-form"},
	    {"party/revoke", "{\"officer\":\"nobody\"}", "nothing-to-undo"},
	    {"party/demand", "{\"demands\":{}}", "bad-form"},
	    {"party/keys", "{\"log\":\"00\"}", "no-mandate"},
	    {"party/wish", "{}", "unknown-act"},
	};
	struct world w;
	struct node *n;
	struct node_receipt r;
	struct err err;

	(void)state;
	n = alone(&w, 0);
	for (size_t i = 0; i < COUNT(row); i++) {
		if (node_post(n, file_act(&w, JPN, row[i].kind, row[i].body),
			&r, &err) == 0)
			fail_msg("%s %s is taken", row[i].kind, row[i].body);
		if (strstr(err.text, row[i].says) == NULL)
			fail_msg("%s: %s", row[i].kind, err.text);
	}
	assert_int_equal(n->own->log.size, 1);
	world_close(&w);
}

/* A charter like that of party `i`, of another name, and of another origin
 * where one is given; signed with its root key. */
static struct span
like(struct world *w, size_t i, const char *origin)
{
	struct arena *a = &w->arena;
	struct js_make make = {.a = a};
	struct js *body = js_map(&make);
	struct dsse d = {.type = DSSE_ACT_TYPE, .n = 1};
	struct secret *root;
	struct judged j;
	struct act act;
	struct str text;
	struct err err;

	assert_int_equal(
	    node_open_envelope(span_of(w->at[i].charter), a, &j, &err), 0);
	for (struct js_each e = {0}; js_next(j.act->body, &e);) {
		if (origin != NULL && str_is(e.key, "origin"))
			js_put_z(&make, body, "origin", origin);
		else
			js_put(&make, body, str_copy(a, e.key).p, e.value);
	}
	act = *j.act;
	act.party = STR("XXX");
	act.body = body;
	assert_int_equal(act_write(&act, a, &text, &err), 0);
	d.payload = span_of(text);
	assert_int_equal(
	    keydir_read(str_fmt(a, "%s/keys/root.key", w->at[i].folder).p,
		"root", (struct span){NULL, 0}, &root, &err),
	    0);
	assert_int_equal(
	    dsse_sign(d.type, d.payload, root, a, &d.signature[0], &err), 0);
	key_secret_free(root);
	assert_int_equal(dsse_text(&d, a, &text, &err), 0);
	return span_of(text);
}

/* Nobody takes another party's origin or keys. */
static void
test_identity(void **state)
{
	static const struct {
		size_t of;
		const char *origin, *says;
	} row[] = {
	    {USA, NULL, "origin of USA"},
	    {USA, "other", "root key of USA"},
	    {JPN, NULL, "origin of JPN"},
	    {JPN, "other", "root key of JPN"},
	};
	struct world w;
	struct node *n;
	struct err err;

	(void)state;
	n = alone(&w, 1);
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_int_equal(node_peer_add(n,
				     like(&w, row[i].of, row[i].origin),
				     STR(""), &err),
		    -1);
		assert_int_equal(err.code, ERR_CONFLICT);
		if (strstr(err.text, row[i].says) == NULL)
			fail_msg("%s", err.text);
	}
	assert_int_equal(n->n_members, 2);
	world_close(&w);
}

/* A relay is for parties that are known, and few are under way at once. */
static void
test_relays(void **state)
{
	struct world w;
	struct node *n;
	const char *usa, *path, *log;

	(void)state;
	n = alone(&w, 2);
	usa = hex_str(&w.arena, n->member[USA]->charter.b, 32).p;
	path = str_fmt(&w.arena, "/relay/%s", usa).p;
	log = str_fmt(&w.arena, "log=%s", usa).p;
	(void)world_ask(&w, JPN, "POST", path, "", "x", 400);
	(void)world_ask(&w, JPN, "POST", path, "log=x%0d%0a", "x", 400);
	(void)world_ask(&w, JPN, "POST", path,
	    str_fmt(&w.arena, "log=%064d", 0).p, "x", 403);
	(void)world_ask(&w, JPN, "POST", path, log, "x", 404);
	n->relays = 8;
	(void)world_ask(&w, JPN, "POST", path, log, "x", 503);
	n->relays = 0;
	path = str_fmt(&w.arena, "/recover/%s", usa).p;
	(void)world_ask(&w, JPN, "GET", path, "", "", 404);
	assert_int_equal(n->recoveries, 0);
	n->recoveries = 4;
	(void)world_ask(&w, JPN, "GET", path, "", "", 503);
	world_close(&w);
}

/* Where the committer waits, new looks wait behind it. */
static void
test_writer_first(void **state)
{
	struct held held = {.job = {.run = run_held, .done = done_held}};
	struct world w;
	struct node *n;
	int got = 0;

	(void)state;
	world_open(&w, four, 1);
	world_start(&w, JPN);
	n = w.at[JPN].node;
	held.go = true;
	assert_int_equal(pthread_rwlock_rdlock(&n->state), 0);
	node_enqueue(n, &held.job);
	for (size_t i = 0; got == 0 && i < 5000; i++) {
		got = pthread_rwlock_tryrdlock(&n->state);
		if (got == 0)
			(void)pthread_rwlock_unlock(&n->state);
		clock_sleep_us(1000);
	}
	(void)pthread_rwlock_unlock(&n->state);
	assert_int_equal(got, EBUSY);
	while (!held.over)
		clock_sleep_us(1000);
	world_close(&w);
}

/* A party's file is read page by page, whatever stands in it. */
static void
test_long_file(void **state)
{
	enum { MANY = 230 };
	struct world w;
	struct node *n;
	struct node_receipt r;
	const struct mandate_officer *o;
	struct err err;

	(void)state;
	n = alone(&w, 0);
	for (size_t i = 0; i < MANY; i++)
		if (node_post(n,
			file_act(&w, JPN, "party/demand", "{\"demands\":[]}"),
			&r, &err) != 0)
			fail_msg("%zu: %s", i, err.text);
	if (node_post(n,
		file_act(&w, JPN, "party/revoke", "{\"officer\":\"duty-1\"}"),
		&r, &err) != 0)
		fail_msg("%s", err.text);
	world_stop(&w, JPN);
	world_wake(&w, JPN);
	n = w.at[JPN].node;
	assert_int_equal(n->own->log.size, MANY + 2);
	assert_int_equal(mandate_officers(n->own->mandate, &o), 1);
	assert_int_equal(o[0].until, MANY + 1);
	world_close(&w);
}

/* Who opened a matter reads what goes to its members. */
static void
test_opener(void **state)
{
	static const struct {
		const char *code;
		bool reads;
	} row[] = {{"JPN", true}, {"USA", true}, {"CHN", false}};
	struct act act = {.party = STR("USA"), .to.type = AUDIENCE_MEMBERS};
	struct store_matter m = {.audience = STR("[\"USA\"]")};
	struct world w;
	struct node *n;
	struct err err;
	bool reads;

	(void)state;
	n = alone(&w, 2);
	m.party = n->own->no;
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_int_equal(matter_reads(n, n->writer, &act, &m,
				     str_of(row[i].code), &w.arena, &reads,
				     &err),
		    0);
		assert_int_equal(reads, row[i].reads);
	}
	world_close(&w);
}

static int
send_body(struct world *w, const char *address, size_t n)
{
	struct http_request q = {.method = "POST"};
	struct http_answer ans;
	struct http_client *c;
	struct err err;
	char *body = mem_alloc(n, 1);

	assert_non_null(body);
	q.url = str_fmt(&w->arena, "%s/exchange", address);
	q.body = (struct span){(const uint8_t *)body, n};
	assert_int_equal(http_open(NULL, &c, &err), 0);
	if (http_ask(c, &q, &w->arena, &ans, &err) != 0)
		fail_msg("%s", err.text);
	http_close(c);
	mem_free(body);
	return ans.status;
}

/* What strangers send is bounded, each alone and all together. */
static void
test_bodies(void **state)
{
	enum { MIB = 1024 * 1024 };
	struct web_options o = {.host = "127.0.0.1", .bodies = 4 * MIB};
	struct web_server *web;
	struct world w;
	struct err err;
	const char *address;

	(void)state;
	world_open(&w, four, 1);
	world_start(&w, JPN);
	assert_int_equal(send_body(&w, w.at[JPN].address, 41 * MIB), 413);
	assert_int_equal(send_body(&w, w.at[JPN].address, 5 * MIB), 200);
	o.socket = str_fmt(&w.arena, "%s/other/socket", w.folder).p;
	assert_int_equal(web_serve(w.at[JPN].node, &o, &web, &err), 0);
	address = str_fmt(&w.arena, "http://127.0.0.1:%d", web_port(web)).p;
	assert_int_equal(send_body(&w, address, 5 * MIB), 503);
	assert_int_equal(send_body(&w, address, 3 * MIB), 200);
	web_stop(web);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
	    cmocka_unit_test(test_reload),
	    cmocka_unit_test(test_procedures),
	    cmocka_unit_test(test_ghost),
	    cmocka_unit_test(test_own_file),
	    cmocka_unit_test(test_identity),
	    cmocka_unit_test(test_relays),
	    cmocka_unit_test(test_writer_first),
	    cmocka_unit_test(test_long_file),
	    cmocka_unit_test(test_opener),
	    cmocka_unit_test(test_bodies),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
