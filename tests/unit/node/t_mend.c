/* What was wrong once: undone jobs, full files, strangers' bundles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
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
	assert_ptr_not_equal(n->member[CHN]->mandate, was[CHN]);
	assert_ptr_equal(n->member[JPN]->mandate, was[JPN]);
	assert_ptr_equal(n->member[USA]->mandate, was[USA]);
	assert_ptr_equal(n->member[KOR]->mandate, was[KOR]);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
	    cmocka_unit_test(test_reload),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
