/* Files that are kept, named and wanted; comments that are held. */
#include "store_test.h"

static struct id
fresh(unsigned n)
{
	return id_of(1000 + n);
}

static void
name(struct test *t, unsigned file, int64_t seq)
{
	struct id id = fresh(file);

	OK(store_file_name(t->s, &id, seq, true, &t->err));
}

static size_t
wanted(struct test *t, struct id *ret)
{
	struct id zero = {{0}}, *list;
	size_t n;

	OK(store_file_wanted(t->s, &zero, 10, &t->a, &list, &n, &t->err));
	if (n > 0)
		*ret = list[0];
	return n;
}

static void
keep(struct test *t, unsigned file, int64_t at_us)
{
	struct store_file f = {.sha256 = fresh(file),
	    .size = 100 + file,
	    .giver = t->party,
	    .received_us = at_us};

	OK(store_file_add(t->s, &f, &t->err));
}

/* Wanted is what an act names and nobody gave, in whatever order. */
static void
test_wanted(void **state)
{
	struct test *t = *state;
	struct id one = fresh(1), two = fresh(2), got;
	struct store_file f;
	bool found;

	name(t, 1, 5);
	name(t, 1, 5);
	name(t, 1, 6);
	assert_int_equal(wanted(t, &got), 1);
	assert_true(id_eq(&got, &one));
	keep(t, 1, 50);
	assert_int_equal(wanted(t, &got), 0);
	keep(t, 2, 60);
	name(t, 2, 7);
	assert_int_equal(wanted(t, &got), 0);
	OK(store_file(t->s, &two, &found, &f, &t->err));
	assert_true(found && f.size == 102 && f.received_us == 60);
	keep(t, 2, 99); /* its time begins anew */
	OK(store_file(t->s, &two, &found, &f, &t->err));
	assert_int_equal(f.received_us, 99);
	/* Named, and not to be fetched: too long. */
	OK(store_file_name(t->s, &(struct id){{3}}, 8, false, &t->err));
	assert_int_equal(wanted(t, &got), 0);
	OK(store_file_remove(t->s, &two, &t->err));
	assert_int_equal(wanted(t, &got), 1);
	assert_true(id_eq(&got, &two));
	OK(store_file(t->s, &two, &found, &f, &t->err));
	assert_false(found);
}

static void
test_loose(void **state)
{
	struct test *t = *state;
	struct id got;
	struct store_file *list;
	uint64_t bytes;
	size_t n;

	for (unsigned i = 0; i < 6; i++)
		keep(t, i, 10 * (int64_t)i);
	name(t, 1, 5);
	name(t, 4, 5);
	OK(store_file_loose(t->s, 31, 10, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 3); /* 0, 2, 3 */
	assert_int_equal(list[0].size, 100);
	assert_int_equal(list[2].size, 103);
	OK(store_file_loose_bytes(t->s, 30, &bytes, &t->err));
	assert_int_equal(bytes, 103 + 105);
	OK(store_file_remove(t->s, &list[0].sha256, &t->err));
	assert_int_equal(wanted(t, &got), 0); /* nobody names it */
	OK(store_file_loose(t->s, 31, 1, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 1);
	assert_int_equal(list[0].size, 102);
}

static void
test_acts(void **state)
{
	struct test *t = *state;
	struct store_matter m = {.id = id_of(9),
	    .party = t->party,
	    .audience = STR("\"public\""),
	    .subject = STR("x")};
	struct store_matter_act x = {.k = 0};
	struct store_naming *list;
	struct id file = fresh(3);
	int64_t no;
	size_t n;

	OK(store_matter_add(t->s, &m, &no, &t->err));
	for (unsigned i = 0; i < 3; i++) {
		x.act = (struct store_act){.party = t->party,
		    .seq = act_at(t, t->party, i, 50 + i, 0)};
		OK(store_matter_act_add(t->s, no, &x, 1, &t->err));
		if (i > 0)
			name(t, 3, x.act.seq);
	}
	OK(store_file_acts(t->s, &file, 10, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 2);
	assert_int_equal(list[0].matter, no);
	assert_int_equal(list[0].act.idx, 1);
	OK(store_file_acts(t->s, &file, 1, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 1);
}

static void
test_held(void **state)
{
	struct test *t = *state;
	struct store_held h = {.about = id_of(5),
			      .name = STR("A"),
			      .affiliation = STR(""),
			      .lang = STR("en"),
			      .text = STR("Good."),
			      .received_us = 77},
			  got, *list;
	struct id from = id_of(8), other = id_of(9);
	int64_t no[3], last, n_held, n_from;
	size_t n;
	bool found;

	for (size_t i = 0; i < 3; i++) {
		OK(store_held_time(t->s, &h.about, 7000077, &h.received_us,
		    &t->err));
		assert_int_equal(h.received_us, (7 + (int64_t)i) * 1000000);
		OK(store_held_add(t->s, &h, &no[i], &t->err));
	}
	OK(store_held_list(t->s, no[0], 10, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 2);
	assert_int_equal(list[0].no, no[1]);
	OK(store_held(t->s, no[2], &t->a, &found, &got, &t->err));
	assert_true(found && str_eq(got.text, h.text) &&
		    id_eq(&got.about, &h.about) && got.received_us == 9000000);
	OK(store_held_remove(t->s, no[2], &found, &t->err));
	assert_true(found);
	OK(store_held_remove(t->s, no[2], &found, &t->err));
	assert_false(found);
	OK(store_held(t->s, no[2], &t->a, &found, &got, &t->err));
	assert_false(found);
	FAILS(store_held_add(t->s,
		  &(struct store_held){.about = id_of(5),
		      .name = STR("A"),
		      .affiliation = STR(""),
		      .lang = STR("en"),
		      .text = STR("x"),
		      .received_us = 8000000},
		  &last, &t->err),
	    ERR_CONFLICT); /* a time is one comment's */
	OK(store_held_add(t->s, &h, &last, &t->err));
	assert_true(last > no[2]); /* a number is given once */
	OK(store_held_count(t->s, &n_held, &t->err));
	assert_int_equal(n_held, 3);
	for (int64_t i = 0; i < 4; i++) {
		OK(store_held_from(t->s, &from, 0, 10 + i, &n_from, &t->err));
		assert_int_equal(n_from, i);
	}
	OK(store_held_from(t->s, &other, 0, 20, &n_from, &t->err));
	assert_int_equal(n_from, 0);
	OK(store_held_from(t->s, &from, 12, 30, &n_from, &t->err));
	assert_int_equal(n_from, 2); /* those before 12 are gone */
}

/* Accepted: by its matter and time, both. */
static void
test_accepted(void **state)
{
	struct test *t = *state;
	struct store_held h = {.about = id_of(5),
	    .name = STR("A"),
	    .affiliation = STR(""),
	    .lang = STR("en"),
	    .text = STR("Good."),
	    .received_us = 77};
	struct store_matter m = {.id = id_of(9),
	    .party = t->party,
	    .audience = STR("\"public\""),
	    .subject = STR("x")};
	struct store_matter_act x = {.k = 0};
	struct store_comment *list;
	struct id other = id_of(6);
	int64_t no, n_held, matter;
	size_t n;

	OK(store_held_add(t->s, &h, &no, &t->err));
	OK(store_held_accept(t->s, &h.about, 78, &t->err));
	OK(store_held_accept(t->s, &other, 77, &t->err));
	OK(store_held_count(t->s, &n_held, &t->err));
	assert_int_equal(n_held, 1);
	OK(store_held_accept(t->s, &h.about, 77, &t->err));
	OK(store_held_count(t->s, &n_held, &t->err));
	assert_int_equal(n_held, 0);
	OK(store_matter_add(t->s, &m, &matter, &t->err));
	for (unsigned i = 0; i < 3; i++) {
		x.act = (struct store_act){.party = t->party,
		    .seq = act_at(t, t->party, i, 50 + i, 0)};
		OK(store_matter_act_add(t->s, matter, &x, 1, &t->err));
		OK(store_comment_name(t->s, i == 1 ? &other : &h.about,
		    x.act.seq, &t->err));
	}
	OK(store_comment_list(t->s, &h.about, 0, 10, &t->a, &list, &n,
	    &t->err));
	assert_int_equal(n, 2);
	assert_int_equal(list[0].matter, matter);
	OK(store_comment_list(t->s, &h.about, list[0].seq, 10, &t->a, &list, &n,
	    &t->err));
	assert_int_equal(n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_wanted),
	    CASE(test_loose),
	    CASE(test_acts),
	    CASE(test_held),
	    CASE(test_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
