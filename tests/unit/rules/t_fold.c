#include "rules/fold.h"

#include <string.h>

#include "rules_test.h"

/* A kept history that uses much of the language: made by tests/oracle. */
static const char *const kept[] = {
    "tests/oracle/kept/kitchen.json",
    "tests/oracle/kept/text.json",
    "tests/oracle/kept/conference.json",
};

struct history {
	const struct procedure *p;
	struct fold_input in;
	const struct js *result;
};

static struct history
history(struct arena *a, const char *path)
{
	const struct js *j = rules_json(a, rules_file(a, path));
	struct history h = {.result = js_get(j, "result")};
	struct err err = {0};
	const char *name = str_z(a, js_str(js_get(j, "procedure")));

	assert_non_null(name);
	h.p = rules_procedure(a, name);
	if (lines_input(js_get(j, "input"), a, &h.in, &err) != 0)
		fail_msg("%s: %s", path, err.text);
	return h;
}

static void
check_same(struct arena *a, const struct history *h,
    const struct fold_input *in)
{
	const struct js *got = NULL;
	struct err err = {0};
	struct buf at;

	if (lines_fold(h->p, in, a, &got, &err) != 0)
		fail_msg("%s", err.text);
	buf_init(&at, a);
	if (lines_differ(h->result, got, &at))
		fail_msg("differs at %s", at.p);
}

static void
test_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kept); i++) {
		struct arena a;
		struct history h;

		arena_init(&a, TEST_LIMIT);
		h = history(&a, kept[i]);
		check_same(&a, &h, &h.in);
		arena_release(&a);
	}
}

/* All acts in strides of `step`, turned round, and half of them twice. */
static void
stride(struct fold_input *in, const struct fold_input *of, size_t step,
    struct arena *a)
{
	size_t n = of->n_acts, m = 0;
	struct fold_act *acts = arena_array(a, 2 * n, struct fold_act);

	assert_non_null(acts);
	for (size_t s = 0; s < step; s++)
		for (size_t k = s; k < n; k += step)
			acts[m++] = of->acts[n - 1 - k];
	for (size_t k = 0; k < n; k += 2)
		acts[m++] = of->acts[k];
	in->acts = acts;
	in->n_acts = m;
}

/* Property 1: the order of arrival, and arriving twice, change nothing. */
static void
test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kept); i++) {
		struct arena a;
		struct history h;
		struct fold_input in;

		arena_init(&a, TEST_LIMIT);
		h = history(&a, kept[i]);
		in = h.in;
		for (size_t step = 1; step < 8; step += 2) {
			stride(&in, &h.in, step, &a);
			check_same(&a, &h, &in);
		}
		arena_release(&a);
	}
}

static const struct fold_result *
fold(struct arena *a, const struct history *h, const struct fold_input *in)
{
	const struct fold_result *r = NULL;
	struct err err = {0};

	if (fold_matter(h->p, in, a, &r, &err) != 0)
		fail_msg("%s", err.text);
	return r;
}

/* Properties 2 and 3: until `next` nothing changes, and history only grows. */
static void
test_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kept); i++) {
		struct arena a;
		struct history h;
		struct fold_input in;
		const struct fold_result *r;

		arena_init(&a, TEST_LIMIT);
		h = history(&a, kept[i]);
		in = h.in;
		r = fold(&a, &h, &in);
		for (int n = 0; r->has_next && n < 50; n++) {
			const struct fold_result *later;

			assert_true(r->next_us > in.now_us);
			in.now_us = r->next_us - 1;
			later = fold(&a, &h, &in);
			assert_int_equal(later->n_history, r->n_history);
			assert_int_equal(later->next_us, r->next_us);
			in.now_us = r->next_us;
			later = fold(&a, &h, &in);
			assert_true(later->n_history >= r->n_history);
			assert_true(
			    !later->has_next || later->next_us > r->next_us);
			r = later;
		}
		arena_release(&a);
	}
}

/* Each allocation fails once: no memory, or all is well; nothing leaks. */
static void
test_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kept); i++) {
		struct arena keep;
		struct history h;
		int rc = -1;

		arena_init(&keep, TEST_LIMIT);
		h = history(&keep, kept[i]);
		for (long n = 1; rc != 0; n++) {
			const struct js *got;
			struct err err = {0};
			struct arena a;

			arena_init(&a, TEST_LIMIT);
			a.fail_at = n;
			rc = lines_fold(h.p, &h.in, &a, &got, &err);
			if (rc != 0)
				assert_int_equal(err.code, ERR_NOMEM);
			else
				assert_true(js_is_equal(got, h.result));
			assert_true(n < 100000);
			arena_release(&a);
		}
		arena_release(&keep);
	}
}

/*
 * A long matter of many parties, without a clock: the memory that it takes
 * grows with the acts, not with their square.
 */
static void
test_size(void **state)
{
	size_t used[2];

	(void)state;
	for (size_t i = 0; i < COUNT(used); i++) {
		struct arena keep, a;
		struct history h = {0};
		const struct fold_result *r;
		struct err err = {0};
		size_t n = i == 0 ? 1000 : 4000;

		arena_init(&keep, TEST_LIMIT);
		arena_init(&a, TEST_LIMIT);
		h.p = rules_procedure(&keep, "text");
		assert_int_equal(lines_big(n, 57, &keep, &h.in, &err), 0);
		r = fold(&a, &h, &h.in);
		assert_int_equal(r->n_acts, n);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(r->acts[k].verdict, FOLD_VALID);
		assert_int_equal(r->n_heads, 1);
		assert_int_equal(r->n_may, 57);
		used[i] = a.used;
		arena_release(&a);
		arena_release(&keep);
	}
	assert_true(used[1] < 6 * used[0]);
}

/* No matter, no acts, evidence from beyond all time. */
static void
test_edges(void **state)
{
	struct arena a;
	struct history h;
	const struct fold_result *r;
	struct fold_act *acts;
	struct fold_input in;

	(void)state;
	arena_init(&a, TEST_LIMIT);
	h = history(&a, kept[0]);
	in = h.in;
	in.n_acts = 0;
	r = fold(&a, &h, &in);
	assert_false(r->has_state || r->has_next);
	assert_int_equal(r->n_acts + r->n_missing + r->n_heads, 0);

	in = h.in;
	memset(in.matter.b, 0xee, sizeof(in.matter.b));
	r = fold(&a, &h, &in);
	assert_false(r->has_state);
	assert_int_equal(r->acts[0].verdict, FOLD_WAITING);
	assert_string_equal(r->acts[0].reason, "missing");
	assert_true(r->n_missing >= 1);

	in = h.in;
	acts = arena_array(&a, in.n_acts, struct fold_act);
	assert_non_null(acts);
	for (size_t i = 0; i < in.n_acts; i++) {
		acts[i] = in.acts[i];
		acts[i].has_not_before = acts[i].has_not_after = true;
		acts[i].not_before_us = i % 2 == 0 ? INT64_MAX : INT64_MIN;
		acts[i].not_after_us = i % 3 == 0 ? INT64_MIN : INT64_MAX;
	}
	in.acts = acts;
	in.now_us = INT64_MAX;
	(void)fold(&a, &h, &in); /* whatever it says, nothing overflows */
	in.now_us = INT64_MIN;
	r = fold(&a, &h, &in);
	assert_int_equal(r->n_acts, h.in.n_acts);
	arena_release(&a);
}

/* A chain of acts as long as a hostile party likes: no recursion along it. */
static void
test_chain(void **state)
{
	struct arena keep, a;
	struct history h = {0};
	const struct fold_result *r;
	struct err err = {0};

	(void)state;
	arena_init(&keep, TEST_LIMIT);
	arena_init(&a, TEST_LIMIT);
	h.p = rules_procedure(&keep, "text");
	assert_int_equal(lines_big(30000, 3, &keep, &h.in, &err), 0);
	r = fold(&a, &h, &h.in);
	assert_int_equal(r->n_acts, 30000);
	arena_release(&a);
	arena_release(&keep);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(fold_status_name(FOLD_LAPSED), "lapsed");
	assert_string_equal(fold_verdict_name(FOLD_WAITING), "waiting");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kept),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_edges),
	    cmocka_unit_test(test_chain),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
