/* The tables of the record: what was put in comes out, also after opening
 * again. */
#include "store_test.h"

static void
test_settings(void **state)
{
	struct test *t = *state;
	struct str s;

	OK(store_setting(t->s, "color", &t->a, &s, &t->err));
	assert_null(s.p);
	OK(store_set_setting(t->s, "color", STR(""), &t->err));
	OK(store_setting(t->s, "color", &t->a, &s, &t->err));
	assert_non_null(s.p);
	assert_int_equal(s.n, 0);
	OK(store_set_setting(t->s, "color", STR("\xe9\x9d\x92"), &t->err));
	store_again(t);
	OK(store_setting(t->s, "color", &t->a, &s, &t->err));
	assert_true(str_is(s, "\xe9\x9d\x92"));
}

static void
test_parties(void **state)
{
	struct test *t = *state;
	struct store_party p = {.charter = id_of(2),
	    .code = STR("USA"),
	    .address = STR("http://usa.example"),
	    .added_us = 77};
	struct store_party *list;
	size_t n;
	int64_t no;

	OK(store_party_add(t->s, &p, &no, &t->err));
	assert_int_not_equal(no, t->party);
	OK(store_party_set_address(t->s, no, STR("http://b"), &t->err));
	OK(store_party_set_told(t->s, no, 12, 34, &t->err));
	store_again(t);
	OK(store_party_list(t->s, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 2);
	assert_true(list[0].own && !list[1].own);
	assert_true(str_is(list[1].code, "USA"));
	assert_true(str_is(list[1].address, "http://b"));
	assert_true(id_eq(&list[1].charter, &p.charter));
	assert_int_equal(list[1].told, 12);
	assert_int_equal(list[1].given, 34);
	assert_int_equal(list[1].added_us, 77);
	/* A charter and a code are one party's. */
	FAILS(store_party_add(t->s, &p, &no, &t->err), ERR_CONFLICT);
	p.charter = id_of(3);
	FAILS(store_party_add(t->s, &p, &no, &t->err), ERR_CONFLICT);
	p.code = STR("CHN");
	OK(store_party_add(t->s, &p, &no, &t->err));
}

static void
test_heads(void **state)
{
	struct test *t = *state;
	struct store_head h = {.size = 5, .note = bytes_of("five")}, got;
	bool found;

	OK(store_head(t->s, t->party, &t->a, &found, &got, &t->err));
	assert_false(found);
	OK(store_set_head(t->s, t->party, &h, &t->err));
	h = (struct store_head){.size = LOG_SIZE_MAX,
	    .note = bytes_of("many"),
	    .heard_us = -3};
	OK(store_set_head(t->s, t->party, &h, &t->err));
	OK(store_head(t->s, t->party, &t->a, &found, &got, &t->err));
	assert_true(found);
	assert_int_equal(got.size, LOG_SIZE_MAX);
	assert_true(span_eq(got.note, h.note));
	assert_int_equal(got.heard_us, -3);
	/* Of a party that there is. */
	FAILS(store_set_head(t->s, 99, &h, &t->err), ERR_CONFLICT);
}

static void
test_entries(void **state)
{
	struct test *t = *state;
	struct entry e, *list;
	struct label absent = {{9}};
	uint64_t count, idx;
	size_t n;
	bool found;

	OK(store_entry_count(t->s, t->party, &count, &t->err));
	assert_int_equal(count, 0);
	for (unsigned i = 0; i < 10; i++) {
		e.act = id_of(100 + i);
		e.label = (struct label){{(uint8_t)(i % 4), 1}};
		OK(store_entry_add(t->s, t->party, i, &e, &t->err));
	}
	FAILS(store_entry_add(t->s, t->party, 3, &e, &t->err), ERR_CONFLICT);
	FAILS(store_entry_add(t->s, 99, 0, &e, &t->err), ERR_CONFLICT);
	OK(store_entry_count(t->s, t->party, &count, &t->err));
	assert_int_equal(count, 10);
	OK(store_entry_list(t->s, t->party, 4, 3, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 3);
	e.act = id_of(106);
	assert_true(id_eq(&list[2].act, &e.act));
	assert_int_equal(list[2].label.b[0], 2);
	OK(store_entry_list(t->s, t->party, 8, 100, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 2);
	OK(store_entry_list(t->s, t->party, 10, 1, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 0);
	OK(store_entry_list(t->s, 99, 0, 1, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 0);
	/* The first with this label. */
	OK(store_entry_find(t->s, t->party, &(struct label){{3, 1}}, &found,
	    &idx, &t->err));
	assert_true(found && idx == 3);
	OK(store_entry_find(t->s, t->party, &absent, &found, &idx, &t->err));
	assert_false(found);
	OK(store_entry_find(t->s, 99, &(struct label){{3, 1}}, &found, &idx,
	    &t->err));
	assert_false(found);
}

static void
test_acts(void **state)
{
	struct test *t = *state;
	struct store_act act, *list;
	struct id id = id_of(201), absent = id_of(999);
	int64_t seq, count;
	uint64_t files;
	size_t n;
	bool found;

	OK(store_act_count(t->s, &count, &t->err));
	assert_int_equal(count, 0);
	(void)act_at(t, t->party, 5, 205, 0); /* they come in any order */
	seq = act_at(t, t->party, 1, 201, 1);
	(void)act_at(t, t->party, 9, 209, 2);
	(void)act_at(t, t->party, 7, 207, 1);
	assert_true(seq > 0);
	store_again(t);
	OK(store_act_by_id(t->s, &id, &t->a, &found, &act, &t->err));
	assert_true(found);
	assert_int_equal(act.seq, seq);
	assert_int_equal(act.party, t->party);
	assert_int_equal(act.idx, 1);
	assert_int_equal(act.file, 1);
	assert_int_equal(act.received_us, 99);
	assert_true(id_eq(&act.id, &id));
	assert_true(span_eq(act.payload, bytes_of("{}")));
	assert_true(span_eq(act.signatures, bytes_of("sig")));
	OK(store_act_by_entry(t->s, t->party, 9, &t->a, &found, &act, &t->err));
	assert_true(found && act.file == 2);
	OK(store_act_by_entry(t->s, t->party, 2, &t->a, &found, &act, &t->err));
	assert_false(found);
	OK(store_act_is_held(t->s, &id, &found, &t->err));
	assert_true(found);
	OK(store_act_is_held(t->s, &absent, &found, &t->err));
	assert_false(found);
	/* In the log's order, and in the order in which they came. */
	OK(store_act_list(t->s, t->party, 2, 2, &t->a, &list, &n, &t->err));
	assert_true(n == 2 && list[0].idx == 5 && list[1].idx == 7);
	OK(store_act_walk(t->s, 1, 2, &t->a, &list, &n, &t->err));
	assert_true(n == 2 && list[0].idx == 5 && list[1].idx == 1);
	OK(store_act_walk(t->s, 5, 2, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 0);
	/* The file: sound ones only. */
	OK(store_act_file(t->s, t->party, &t->a, &list, &n, &t->err));
	assert_true(n == 2 && list[0].idx == 1 && list[1].idx == 7);
	OK(store_act_file_count(t->s, t->party, &files, &t->err));
	assert_int_equal(files, 2);
	OK(store_act_count(t->s, &count, &t->err));
	assert_int_equal(count, 4);
	/* One act an id, one an entry. */
	act = (struct store_act){.party = t->party, .idx = 50, .id = id};
	FAILS(store_act_add(t->s, &act, &seq, &t->err), ERR_CONFLICT);
	act.id = absent;
	act.idx = 5;
	FAILS(store_act_add(t->s, &act, &seq, &t->err), ERR_CONFLICT);
	act.party = 99;
	FAILS(store_act_add(t->s, &act, &seq, &t->err), ERR_CONFLICT);
}

static void
test_checkpoints(void **state)
{
	struct test *t = *state;
	struct span note;
	uint64_t size;
	bool found;

	OK(store_checkpoint_last(t->s, t->party, 100, &found, &size, &t->err));
	assert_false(found);
	OK(store_checkpoint_add(t->s, t->party, 4, bytes_of("a"), &t->err));
	OK(store_checkpoint_add(t->s, t->party, 8, bytes_of("b"), &t->err));
	OK(store_checkpoint_add(t->s, t->party, 8, bytes_of("c"), &t->err));
	OK(store_checkpoint(t->s, t->party, 8, &t->a, &found, &note, &t->err));
	assert_true(found && span_eq(note, bytes_of("b"))); /* the first */
	OK(store_checkpoint(t->s, t->party, 5, &t->a, &found, &note, &t->err));
	assert_false(found);
	OK(store_checkpoint_last(t->s, t->party, 7, &found, &size, &t->err));
	assert_true(found && size == 4);
	OK(store_checkpoint_last(t->s, t->party, LOG_SIZE_MAX, &found, &size,
	    &t->err));
	assert_true(found && size == 8);
	OK(store_checkpoint_last(t->s, t->party, 3, &found, &size, &t->err));
	assert_false(found);
}

static struct cosignature
cosignature(uint64_t time_s, uint8_t b)
{
	struct cosignature c = {.time_s = time_s};

	memset(c.sig.b, b, sizeof(c.sig.b));
	return c;
}

/* What is put, one after the other, on one checkpoint by one witness. */
static const struct {
	uint64_t time_s;
	bool pass, is_new;
	uint64_t first_s, last_s;
	int64_t change;
} row[] = {
    {100, true, true, 100, 100, 1},
    {100, true, false, 100, 100, 1}, /* known */
    {50, true, true, 50, 100, 2},    /* earlier */
    {70, true, false, 50, 100, 2},   /* in between: proves nothing new */
    {200, true, true, 50, 200, 3},   /* later */
    {50, true, false, 50, 200, 3},
    {300, false, true, 50, 300, 3}, /* by another way: not to be told */
    {400, true, true, 50, 400, 4},  /* a number is used once */
    {0, true, true, 0, 400, 5},
};

static void
test_cosignature_put(void **state)
{
	struct test *t = *state;
	struct store_cosignature c;
	int64_t w;
	bool found, is_new;

	OK(store_witness_no(t->s, STR("w"), 0, &w, &t->err));
	for (size_t i = 0; i < COUNT(row); i++) {
		struct cosignature sig =
		    cosignature(row[i].time_s, (uint8_t)(i + 1)); /* few */

		OK(store_cosignature_put(t->s, t->party, w, 9, &sig,
		    row[i].pass, &is_new, &t->err));
		assert_int_equal(is_new, row[i].is_new);
		OK(store_cosignature_upto(t->s, t->party, w, 9, &found, &c,
		    &t->err));
		assert_true(found);
		assert_int_equal(c.size, 9);
		assert_int_equal(c.first.time_s, row[i].first_s);
		assert_int_equal(c.last.time_s, row[i].last_s);
		assert_int_equal(c.change, row[i].change);
	}
	/* Each time has its own signature. */
	assert_int_equal(c.first.sig.b[0], COUNT(row));
	assert_int_equal(c.last.sig.b[63], COUNT(row) - 1);
}

static void
test_cosignatures(void **state)
{
	static const uint64_t size[] = {0, 3, 8, 20};
	struct test *t = *state;
	struct cosignature sig = cosignature(1000, 1);
	struct store_cosignature c, *list;
	struct store_witness *witness;
	int64_t w[3], no, last = 0;
	size_t n;
	bool found, is_new;

	OK(store_witness_no(t->s, STR("w0"), t->party, &w[0], &t->err));
	OK(store_witness_no(t->s, STR("w1"), 0, &w[1], &t->err));
	OK(store_witness_no(t->s, STR("w2"), 0, &w[2], &t->err));
	OK(store_witness_no(t->s, STR("w1"), 0, &no, &t->err));
	assert_int_equal(no, w[1]); /* known */
	OK(store_witness_list(t->s, &t->a, &witness, &n, &t->err));
	assert_true(n == 3 && witness[0].party == t->party);
	assert_true(witness[1].party == 0 && str_is(witness[1].vkey, "w1"));
	for (size_t i = 0; i < COUNT(size); i++)
		for (size_t k = 0; k < 2; k++)
			OK(store_cosignature_put(t->s, t->party, w[k], size[i],
			    &sig, k == 0, &is_new, &t->err));
	OK(store_cosignature_upto(t->s, t->party, w[0], 7, &found, &c,
	    &t->err));
	assert_true(found && c.size == 3);
	OK(store_cosignature_upto(t->s, t->party, w[0], 8, &found, &c,
	    &t->err));
	assert_true(found && c.size == 8);
	OK(store_cosignature_beyond(t->s, t->party, w[0], 8, &found, &c,
	    &t->err));
	assert_true(found && c.size == 20);
	OK(store_cosignature_beyond(t->s, t->party, w[0], 20, &found, &c,
	    &t->err));
	assert_false(found);
	OK(store_cosignature_beyond(t->s, t->party, w[2], 0, &found, &c,
	    &t->err));
	assert_false(found);
	OK(store_cosignature_list(t->s, t->party, 8, &t->a, &list, &n,
	    &t->err));
	assert_true(
	    n == 2 && list[0].witness == w[0] && list[1].witness == w[1]);
	OK(store_cosignature_list(t->s, t->party, 9, &t->a, &list, &n,
	    &t->err));
	assert_int_equal(n, 0);
	/* Those to pass on, in the order of their changes. */
	OK(store_cosignature_changes(t->s, 0, 100, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++) {
		assert_true(list[i].change > last && list[i].witness == w[0]);
		last = list[i].change;
	}
	OK(store_cosignature_changes(t->s, list[1].change, 1, &t->a, &list, &n,
	    &t->err));
	assert_true(n == 1 && list[0].size == 8);
	OK(store_cosignature_changes(t->s, last, 9, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 0);
	FAILS(store_cosignature_put(t->s, t->party, 99, 1, &sig, true, &is_new,
		  &t->err),
	    ERR_CONFLICT);
	FAILS(store_witness_no(t->s, STR("w9"), 99, &no, &t->err),
	    ERR_CONFLICT);
}

static void
test_others(void **state)
{
	struct test *t = *state;
	struct store_procedure p = {.id = id_of(1),
				   .name = STR("b"),
				   .file = bytes_of("{}")},
			       *list;
	struct store_fork f = {.party = t->party,
			      .found_us = 3,
			      .note_a = bytes_of("a"),
			      .note_b = bytes_of("b")},
			  *forks;
	struct store_foreign g = {.origin = STR("log/x"),
				 .vkey = STR("k"),
				 .size = 4,
				 .root = id_of(8),
				 .note = bytes_of("n")},
			     got;
	size_t n;
	bool found;

	OK(store_procedure_add(t->s, &p, &t->err));
	OK(store_procedure_add(t->s, &p, &t->err)); /* known */
	p.id = id_of(2);
	p.name = STR("a");
	OK(store_procedure_add(t->s, &p, &t->err));
	OK(store_procedure_list(t->s, &t->a, &list, &n, &t->err));
	assert_true(n == 2 && str_is(list[0].name, "a"));
	assert_true(span_eq(list[1].file, bytes_of("{}")));

	OK(store_fork_add(t->s, &f, &t->err));
	OK(store_fork_add(t->s, &f, &t->err)); /* known */
	f.note_b = bytes_of("c");
	OK(store_fork_add(t->s, &f, &t->err));
	OK(store_fork_list(t->s, &t->a, &forks, &n, &t->err));
	assert_true(n == 2 && span_eq(forks[1].note_b, bytes_of("c")));
	assert_int_equal(forks[0].found_us, 3);

	OK(store_foreign(t->s, STR("log/x"), &t->a, &found, &got, &t->err));
	assert_false(found);
	OK(store_foreign_put(t->s, &g, &t->err));
	g.size = 5;
	g.note = bytes_of("m");
	OK(store_foreign_put(t->s, &g, &t->err));
	OK(store_foreign(t->s, STR("log/x"), &t->a, &found, &got, &t->err));
	assert_true(found && got.size == 5 && id_eq(&got.root, &g.root));
	assert_true(span_eq(got.note, bytes_of("m")));
	assert_true(str_is(got.vkey, "k"));
}

static void
test_handed(void **state)
{
	struct test *t = *state;
	int64_t a = act_at(t, t->party, 1, 1, 0), *list;
	int64_t b = act_at(t, t->party, 2, 2, 0);
	size_t n;

	OK(store_handed_add(t->s, t->party, b, &t->err));
	OK(store_handed_add(t->s, t->party, a, &t->err));
	OK(store_handed_add(t->s, t->party, a, &t->err)); /* known */
	OK(store_handed_list(t->s, t->party, 9, &t->a, &list, &n, &t->err));
	assert_true(n == 2 && list[0] == a && list[1] == b);
	OK(store_handed_list(t->s, t->party, 1, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 1);
	OK(store_handed_done(t->s, t->party, a, &t->err));
	OK(store_handed_done(t->s, t->party, a, &t->err));
	OK(store_handed_list(t->s, t->party, 9, &t->a, &list, &n, &t->err));
	assert_true(n == 1 && list[0] == b);
	FAILS(store_handed_add(t->s, t->party, 99, &t->err), ERR_CONFLICT);
}

/* Heads beyond what is held wait until it is held. */
static void
test_early(void **state)
{
	struct test *t = *state;
	struct store_early *list;
	size_t n;

	OK(store_early_add(t->s, t->party, 9, bytes_of("nine"), &t->err));
	OK(store_early_add(t->s, t->party, 9, bytes_of("nine"), &t->err));
	OK(store_early_add(t->s, t->party, 9, bytes_of("other"), &t->err));
	OK(store_early_add(t->s, t->party, 5, bytes_of("five"), &t->err));
	OK(store_early_take(t->s, t->party, 4, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 0);
	OK(store_early_take(t->s, t->party, 5, &t->a, &list, &n, &t->err));
	assert_true(n == 1 && list[0].size == 5);
	assert_true(span_eq(list[0].note, bytes_of("five")));
	OK(store_early_take(t->s, t->party, 5, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 0); /* taken once */
	OK(store_early_take(t->s, t->party, 100, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 2);
	/* A stranger's flood is bounded. */
	OK(store_begin(t->s, &t->err));
	for (uint64_t i = 0; i < 1200; i++)
		OK(store_early_add(t->s, t->party, i, bytes_of("x"), &t->err));
	OK(store_commit(t->s, &t->err));
	OK(store_early_take(t->s, t->party, 5000, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 1000);
}

static bool
has(struct test *t, const char *name)
{
	struct str s;

	OK(store_setting(t->s, name, &t->a, &s, &t->err));
	return s.p != NULL;
}

/* S2, and marks within. */
static void
test_transactions(void **state)
{
	struct test *t = *state;

	OK(store_begin(t->s, &t->err));
	OK(store_set_setting(t->s, "a", STR("1"), &t->err));
	store_rollback(t->s);
	assert_false(has(t, "a"));
	store_rollback(t->s); /* nothing to undo: no harm */
	FAILS(store_commit(t->s, &t->err), ERR_IO);
	OK(store_begin(t->s, &t->err));
	FAILS(store_begin(t->s, &t->err), ERR_IO); /* not nested */
	OK(store_set_setting(t->s, "a", STR("1"), &t->err));
	OK(store_mark(t->s, &t->err));
	OK(store_set_setting(t->s, "b", STR("1"), &t->err));
	OK(store_mark(t->s, &t->err)); /* one in the other */
	OK(store_set_setting(t->s, "c", STR("1"), &t->err));
	OK(store_unmark(t->s, false, &t->err));
	assert_true(has(t, "b") && !has(t, "c"));
	OK(store_unmark(t->s, true, &t->err));
	OK(store_mark(t->s, &t->err));
	OK(store_set_setting(t->s, "d", STR("1"), &t->err));
	OK(store_unmark(t->s, false, &t->err));
	OK(store_commit(t->s, &t->err));
	store_again(t);
	assert_true(has(t, "a") && has(t, "b") && !has(t, "c") && !has(t, "d"));
	/* A constraint fails one statement, not the transaction. */
	OK(store_begin(t->s, &t->err));
	OK(store_set_setting(t->s, "e", STR("1"), &t->err));
	FAILS(store_handed_add(t->s, 99, 99, &t->err), ERR_CONFLICT);
	OK(store_commit(t->s, &t->err));
	assert_true(has(t, "e"));
}

/* Each function that reads into an arena says so where that is full. */
static void
test_memory(void **state)
{
	struct test *t = *state;
	struct store_party *parties;
	struct store_act *acts, act;
	struct store_witness *witnesses;
	struct str s;
	struct id id = id_of(3);
	size_t n;
	bool found;
	int64_t no;

	(void)act_at(t, t->party, 1, 3, 1);
	OK(store_set_setting(t->s, "a", STR("text"), &t->err));
	OK(store_witness_no(t->s, STR("w"), 0, &no, &t->err));
	for (int which = 0; which < 6; which++) {
		int rc = -1;
		long at = 1;

		for (; rc != 0; at++) {
			struct arena a;

			arena_init(&a, 1 << 20);
			a.fail_at = at;
			rc = which == 0
			         ? store_setting(t->s, "a", &a, &s, &t->err)
			     : which == 1 ? store_party_list(t->s, &a, &parties,
						&n, &t->err)
			     : which == 2 ? store_act_list(t->s, t->party, 0, 9,
						&a, &acts, &n, &t->err)
			     : which == 3 ? store_act_by_id(t->s, &id, &a,
						&found, &act, &t->err)
			     : which == 4 ? store_witness_list(t->s, &a,
						&witnesses, &n, &t->err)
			                  : store_act_walk(t->s, 0, 9, &a,
						&acts, &n, &t->err);
			if (rc != 0)
				assert_int_equal(t->err.code, ERR_NOMEM);
			arena_release(&a);
			assert_true(at < 50);
		}
		assert_true(at > 2);
	}
	OK(store_check(t->s, &t->err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_settings),
	    CASE(test_parties),
	    CASE(test_heads),
	    CASE(test_entries),
	    CASE(test_acts),
	    CASE(test_checkpoints),
	    CASE(test_cosignature_put),
	    CASE(test_cosignatures),
	    CASE(test_others),
	    CASE(test_handed),
	    CASE(test_early),
	    CASE(test_transactions),
	    CASE(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
