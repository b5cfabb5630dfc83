/*
 * Memory fails at each place in turn: "no memory", nothing is changed, no act
 * is void for it, and the node works on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"

static const char *const codes[] = {"JPN", "USA"};
enum { JPN, USA, PLACES_MAX = 20000 };

struct fix {
	struct world w;
	struct forge jpn, usa;
	struct node *n;
};

static int
set_up(void **state)
{
	static struct fix f;
	struct err err;

	world_open(&f.w, codes, 2);
	world_wake(&f.w, JPN);
	f.n = f.w.at[JPN].node;
	forge_open(&f.jpn, &f.w, JPN);
	forge_open(&f.usa, &f.w, USA);
	*state = &f;
	return node_peer_add(f.n, span_of(f.w.at[USA].charter), STR(""), &err);
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	forge_close(&f->jpn);
	forge_close(&f->usa);
	world_close(&f->w);
	return 0;
}

static struct id
digest(struct fix *f)
{
	struct id d;
	struct err err;

	assert_int_equal(store_derived_digest(f->n->writer, &d, &err), 0);
	return d;
}

/* What is the same after a failure. */
struct held {
	struct id derived;
	uint64_t own, usa;
	int64_t acts;
};

static struct held
held_of(struct fix *f)
{
	struct held h = {.derived = digest(f),
	    .own = f->n->own->log.size,
	    .usa = node_member(f->n, STR("USA"))->log.size};
	struct err err;

	assert_int_equal(store_act_count(f->n->writer, &h.acts, &err), 0);
	return h;
}

static void
unchanged(struct fix *f, const struct held *before, const struct err *err)
{
	struct held now = held_of(f);

	if (err->code != ERR_NOMEM)
		fail_msg("%s", err->text);
	assert_true(id_eq(&before->derived, &now.derived));
	assert_int_equal(before->own, now.own);
	assert_int_equal(before->usa, now.usa);
	assert_int_equal(before->acts, now.acts);
}

/* A bundle: in its sender's arena, and in the committer's. */
static void
test_take(void **state)
{
	struct fix *f = *state;

	for (int whose = 0; whose < 2; whose++) {
		struct held before = held_of(f);
		struct span b;
		long n = 1;
		bool done = false;

		(void)forge_message(&f->usa, "[\"JPN\"]", NULL);
		(void)forge_message(&f->usa, "[\"JPN\"]", NULL);
		b = forge_bundle(&f->usa, before.usa, f->usa.n);
		for (; !done && n < PLACES_MAX; n++) {
			struct node_taken t;
			struct arena a;
			struct err err = {.code = ERR_NONE};

			arena_init(&a, 1 << 28);
			if (whose == 0)
				a.fail_at = n;
			else
				f->n->batch.fail_at = n;
			done = node_take(f->n, b, true, &a, &t, &err) == 0;
			f->n->batch.fail_at = 0;
			if (!done)
				unchanged(f, &before, &err);
			else
				assert_int_equal(t.acts, 2);
			arena_release(&a);
		}
		assert_true(done && n > 5);
		print_message("%ld places\n", n - 2);
	}
	forge_check(&f->w, JPN);
}

static void
test_post(void **state)
{
	struct fix *f = *state;
	struct held before = held_of(f);
	struct str envelope;
	struct node_receipt r;
	bool done = false;
	long n = 1;

	(void)forge_act(&f->jpn, "message/send", NULL, "[\"USA\"]", forge_hello,
	    clock_utc_us(), &envelope);
	for (; !done && n < PLACES_MAX; n++) {
		struct err err = {.code = ERR_NONE};

		f->n->batch.fail_at = n;
		done = node_post(f->n, span_of(envelope), &r, &err) == 0;
		f->n->batch.fail_at = 0;
		if (!done)
			unchanged(f, &before, &err);
	}
	assert_true(done && n > 5);
	print_message("%ld places\n", n - 2);
	assert_string_equal(r.state, "sent");
	forge_check(&f->w, JPN);
}

/* Each view: an answer, or that there is no memory. */
static void
test_views(void **state)
{
	static const char *const path[] = {"/health", "/metrics", "/status",
	    "/board", "/peers", "/charter", "/logs", "/procedures",
	    "/procedures/message", "/matters", "/acts/JPN-1", "/matters/JPN-1",
	    "/draft", "/officers", "/proof/JPN-1", "/bundle",
	    "/logs/JPN/checkpoint", "/logs/JPN/tile/0/000.p/2"};
	struct fix *f = *state;
	struct str envelope;
	struct node_receipt r;
	struct err err;

	(void)forge_act(&f->jpn, "message/send", NULL, "[\"USA\"]", forge_hello,
	    clock_utc_us(), &envelope);
	assert_int_equal(node_post(f->n, span_of(envelope), &r, &err), 0);
	for (size_t i = 0; i < COUNT(path); i++) {
		struct web_request q = {.reader = WEB_OPERATOR,
		    .method = STR("GET"),
		    .path = str_of(path[i])};
		int status = 0;
		long n = 1;

		if (strcmp(path[i], "/draft") == 0)
			q.query = STR("kind=message/acknowledge&matter=JPN-1");
		if (strcmp(path[i], "/bundle") == 0)
			q.query = STR("all=1");
		for (; n < PLACES_MAX; n++) {
			struct web_answer ans;
			struct arena a;
			bool failed;

			arena_init(&a, 1 << 28);
			a.fail_at = n;
			web_ask(f->n, &q, &a, &ans);
			failed = a.fail_at == 0; /* it came to that */
			status = ans.status;
			assert_non_null(ans.type);
			if (failed && status != 503)
				fail_msg("%s: place %ld: %d", path[i], n,
				    status);
			arena_release(&a);
			if (!failed)
				break;
			n += n > 400 ? n / 20 : 0; /* the rest in steps */
		}
		if (n >= PLACES_MAX)
			fail_msg("%s never ends", path[i]);
		assert_true(status == 200 || status == 404);
	}
	forge_check(&f->w, JPN);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_take),
	    CASE(test_post),
	    CASE(test_views),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
