/* The committer: a batch that fails as a whole is run again, job by job, so
 * that one job's fault is not the others'. [N2] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"

static const char *const codes[] = {"KOR", "USA"};
enum { KOR, USA };

struct fix {
	struct world w;
	struct forge kor, usa;
};

static int
set_up(void **state)
{
	static struct fix fix;
	struct err err;

	world_open(&fix.w, codes, 2);
	world_start(&fix.w, KOR);
	forge_open(&fix.kor, &fix.w, KOR);
	forge_open(&fix.usa, &fix.w, USA);
	*state = &fix;
	return node_peer_add(fix.w.at[KOR].node, span_of(fix.w.at[USA].charter),
	    STR(""), &err);
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	forge_close(&f->kor);
	forge_close(&f->usa);
	world_close(&f->w);
	return 0;
}

static struct str
state_of(struct fix *f, const struct id *matter)
{
	return js_str(js_get(
	    world_ask(&f->w, KOR, "GET",
		str_fmt(&f->w.arena, "/matters/%s", world_hex(&f->w, matter)).p,
		"", "", 200),
	    "state"));
}

static int
run_slow(struct node *n, struct job *j, struct err *err)
{
	(void)n, (void)j, (void)err;
	clock_sleep_us(300000);
	return 0;
}

static int
run_broken(struct node *n, struct job *j, struct err *err)
{
	(void)n, (void)j;
	return err_set(err, ERR_IO, "the disk is full, says a test");
}

static void
count_done(struct node *n, struct job *j, const struct err *err)
{
	(void)n, (void)err;
	__atomic_store_n((bool *)j->waiter, true, __ATOMIC_SEQ_CST);
}

struct giver {
	struct fix *f;
	struct span bundle;
	enum err_code code;
	struct node_taken taken;
	struct err err;
};

static void *
give(void *ctx)
{
	struct giver *g = ctx;

	g->code = forge_give(&g->f->w, KOR, g->bundle, &g->taken, &g->err);
	return NULL;
}

static void
test_again(void **state)
{
	struct fix *f = *state;
	struct job slow = {.run = run_slow, .done = count_done};
	struct job broken = {.run = run_broken, .done = count_done};
	bool done[2] = {false, false};
	struct giver g = {.f = f};
	pthread_t thread;
	struct id m;

	for (size_t i = 0; i < 5; i++)
		m = forge_message(&f->usa, "[\"KOR\"]", NULL);
	g.bundle = forge_bundle(&f->usa, 1, 6);
	slow.waiter = &done[0];
	broken.waiter = &done[1];
	node_enqueue(f->w.at[KOR].node, &slow);
	clock_sleep_us(50000); /* the committer has it */
	assert_int_equal(pthread_create(&thread, NULL, give, &g), 0);
	clock_sleep_us(50000);
	node_enqueue(f->w.at[KOR].node, &broken);
	assert_int_equal(pthread_join(thread, NULL), 0);
	for (int i = 0;
	     i < 500 && !(__atomic_load_n(&done[0], __ATOMIC_SEQ_CST) &&
			    __atomic_load_n(&done[1], __ATOMIC_SEQ_CST));
	     i++)
		clock_sleep_us(10000);
	assert_true(done[0] && done[1]);
	if (g.code != ERR_NONE)
		fail_msg("%s", g.err.text);
	assert_int_equal(g.taken.acts, 5);
	assert_true(str_is(state_of(f, &m), "sent"));
}

/* Many at once: each is logged once, in one order, and all are durable. */
enum { POSTERS = 8, EACH = 12 };
struct poster {
	struct fix *f;
	struct str envelope[EACH];
	struct node_receipt receipt[EACH];
	size_t failed;
};

static void *
post_all(void *ctx)
{
	struct poster *p = ctx;
	struct err err;

	for (size_t i = 0; i < EACH; i++)
		p->failed +=
		    node_post(p->f->w.at[KOR].node, span_of(p->envelope[i]),
			&p->receipt[i], &err) != 0;
	return NULL;
}

static void
test_many(void **state)
{
	struct fix *f = *state;
	struct node *n = f->w.at[KOR].node;
	struct poster *p = mem_alloc(POSTERS, sizeof(*p));
	pthread_t thread[POSTERS];
	bool seen[POSTERS * EACH + 1] = {true}; /* entry 0 is the charter */
	uint64_t before = n->commits;

	assert_non_null(p);
	for (size_t i = 0; i < POSTERS; i++) {
		p[i].f = f;
		for (size_t k = 0; k < EACH; k++)
			(void)forge_act(&f->kor, "message/send", NULL,
			    "[\"USA\"]", forge_hello, clock_utc_us(),
			    &p[i].envelope[k]);
	}
	for (size_t i = 0; i < POSTERS; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, post_all, &p[i]), 0);
	for (size_t i = 0; i < POSTERS; i++)
		(void)pthread_join(thread[i], NULL);
	for (size_t i = 0; i < POSTERS; i++) {
		assert_int_equal(p[i].failed, 0);
		for (size_t k = 0; k < EACH; k++) {
			uint64_t idx = p[i].receipt[k].idx;

			assert_true(idx <= POSTERS * EACH && !seen[idx]);
			seen[idx] = true;
			assert_string_equal(p[i].receipt[k].state, "sent");
		}
	}
	assert_int_equal(n->own->log.size, POSTERS * EACH + 1);
	print_message("%d acts in %d commits\n", POSTERS * EACH,
	    (int)(n->commits - before));
	mem_free(p);
	world_stop(&f->w, KOR);
	world_wake(&f->w, KOR);
	assert_int_equal(f->w.at[KOR].node->own->log.size, POSTERS * EACH + 1);
	forge_check(&f->w, KOR);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_again),
	    CASE(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
