/* The derived tables: what lists, boards and folds ask of them, and that they
 * can be dropped and filled again. */
#include "store_test.h"

static int64_t
matter_at(struct test *t, unsigned id, const char *subject)
{
	struct store_matter m = {.id = id_of(id),
	    .procedure = id_of(500 + id % 2),
	    .party = t->party,
	    .idx = id,
	    .opened_us = 1000 + id,
	    .changed_us = 7,
	    .audience = STR("[\"USA\"]"),
	    .subject = str_of(subject)};
	int64_t no;

	OK(store_matter_add(t->s, &m, &no, &t->err));
	return no;
}

static struct store_matter
matter(struct test *t, int64_t no)
{
	struct store_matter m;
	bool found;

	OK(store_matter_by_no(t->s, no, &t->a, &found, &m, &t->err));
	assert_true(found);
	return m;
}

static void
test_tiles(void **state)
{
	struct test *t = *state;
	struct id hash[LOG_TILE], got[LOG_TILE], root = id_of(77);
	bool found;

	for (unsigned i = 0; i < LOG_TILE; i++)
		hash[i] = id_of(i);
	OK(store_tile(t->s, t->party, 0, 0, &found, got, &t->err));
	assert_false(found);
	for (unsigned i = 0; i < 5; i++) {
		root = id_of(1000 + i);
		hash[0] = id_of(i);
		OK(store_tile_add(t->s, t->party, 0, i, &root, hash, &t->err));
	}
	FAILS(store_tile_add(t->s, t->party, 0, 2, &root, hash, &t->err),
	    ERR_CONFLICT);
	OK(store_tile(t->s, t->party, 0, 3, &found, got, &t->err));
	assert_true(found);
	hash[0] = id_of(3);
	assert_memory_equal(got, hash, sizeof(hash));
	OK(store_tile_roots(t->s, t->party, 0, 1, 4, got, &t->err));
	root = id_of(1004);
	assert_true(id_eq(&got[3], &root));
	/* More than there are: a tile is missing. */
	FAILS(store_tile_roots(t->s, t->party, 0, 1, 5, got, &t->err),
	    ERR_CORRUPT);
}

static void
test_matters(void **state)
{
	struct test *t = *state;
	int64_t no = matter_at(t, 9, "Vessel");
	struct store_matter m = matter(t, no), got;
	struct id absent = id_of(999);
	struct store_matter same;
	bool found;

	assert_int_equal(m.no, no);
	assert_int_equal(m.opened_us, 1009);
	assert_true(str_is(m.subject, "Vessel") && m.state.n == 0);
	assert_false(m.has_conference || m.has_next || m.final || m.waits);
	OK(store_matter_by_id(t->s, &m.id, &t->a, &found, &got, &t->err));
	assert_true(found && got.no == no);
	OK(store_matter_by_id(t->s, &absent, &t->a, &found, &got, &t->err));
	assert_false(found);
	same = m;
	FAILS(store_matter_add(t->s, &same, &no, &t->err), ERR_CONFLICT);
	m.state = STR("sent");
	m.since_us = 55;
	m.has_next = true;
	m.next_us = 66;
	m.waits = true;
	m.acts = 3;
	m.latest_us = 77;
	m.members = STR("[]");
	m.changed_us = 88;
	OK(store_matter_update(t->s, &m, NULL, 0, &t->err));
	got = matter(t, m.no);
	assert_true(str_is(got.state, "sent") && got.waits && got.has_next);
	assert_int_equal(got.since_us, 55);
	assert_int_equal(got.next_us, 66);
	assert_int_equal(got.latest_us, 77);
	assert_int_equal(got.changed_us, 88);
	assert_int_equal(got.acts, 3);
	/* The opening act came later. */
	m.has_conference = true;
	m.conference = id_of(4);
	m.procedure = id_of(5);
	m.idx = 40;
	m.opened_us = 1;
	m.audience = STR("\"members\"");
	m.subject = STR("Other");
	OK(store_matter_open(t->s, &m, &t->err));
	got = matter(t, m.no);
	assert_true(got.has_conference && id_eq(&got.procedure, &m.procedure));
	assert_true(str_is(got.subject, "Other") && got.idx == 40);
	assert_true(str_is(got.state, "sent"));
}

static void
test_list(void **state)
{
	static const struct {
		const char *state, *text;
		bool live;
		int64_t before;
		size_t n, want;
	} row[] = {
	    {"", "", false, 0, 100, 6},
	    {"", "", false, 0, 2, 2},
	    {"", "", false, 4, 100, 3},
	    {"open", "", false, 0, 100, 3},
	    {"none", "", false, 0, 100, 0},
	    {"", "", true, 0, 100, 4},
	    {"", "VESSEL 1", false, 0, 100, 1},
	    {"", "vessel", false, 0, 100, 6},
	    {"", "%", false, 0, 100, 0},
	    {"", "'", false, 0, 100, 0},
	    {"open", "vessel 2", true, 0, 100, 1},
	};
	struct test *t = *state;
	struct store_matter *list;
	struct store_matter_filter f = {.n = 100};
	struct id c = id_of(4);
	int64_t *no;
	size_t n;

	for (unsigned i = 1; i <= 6; i++) {
		char subject[20];
		struct store_matter m;

		(void)snprintf(subject, sizeof(subject), "Vessel %u", i);
		m = matter(t, matter_at(t, i, subject));
		m.state = i % 2 == 0 ? STR("open") : STR("closed");
		m.final = i >= 5;
		m.has_conference = i <= 2 || i == 6;
		m.conference = c;
		OK(store_matter_open(t->s, &m, &t->err));
		OK(store_matter_update(t->s, &m, NULL, 0, &t->err));
	}
	for (size_t i = 0; i < COUNT(row); i++) {
		f = (struct store_matter_filter){.state = str_of(row[i].state),
		    .text = str_of(row[i].text),
		    .procedure = STR(""),
		    .live = row[i].live,
		    .before = row[i].before,
		    .n = row[i].n};
		OK(store_matter_list(t->s, &f, &t->a, &list, &n, &t->err));
		if (n != row[i].want)
			fail_msg("row %zu: %zu", i, n);
		for (size_t k = 1; k < n; k++) /* newest first */
			assert_true(list[k - 1].no > list[k].no);
	}
	f = (struct store_matter_filter){.state = STR(""),
	    .text = STR(""),
	    .procedure = hex_str(&t->a, id_of(501).b, 32),
	    .n = 100};
	OK(store_matter_list(t->s, &f, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 3);
	f.procedure = STR("");
	f.has_conference = true;
	f.conference = c;
	OK(store_matter_list(t->s, &f, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 3);
	f = (struct store_matter_filter){.procedure = STR("no hash"), .n = 9};
	OK(store_matter_list(t->s, &f, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 0);
	OK(store_matter_of_conference(t->s, &c, &t->a, &no, &n, &t->err));
	assert_int_equal(n, 3); /* the final one, too */
}

/* Each way of asking gives what a walk over all gives, whichever index it
 * takes. */
static void
test_list_ways(void **state)
{
	struct test *t = *state;
	struct store_matter *all, *list;
	struct store_matter_filter f = {.n = 1000};
	size_t n_all, n;

	for (unsigned i = 1; i <= 60; i++) {
		struct store_matter m = matter(t, matter_at(t, i, "x"));

		m.state = i % 5 == 0 ? STR("open") : STR("closed");
		m.final = i % 3 == 0;
		m.has_conference = i % 4 == 0;
		m.conference = id_of(4);
		m.procedure = id_of(900 + i % 2);
		m.audience = i % 7 < 3 ? STR("\"public\"") : STR("\"all\"");
		OK(store_matter_open(t->s, &m, &t->err));
		OK(store_matter_update(t->s, &m, NULL, 0, &t->err));
	}
	OK(store_matter_list(t->s, &f, &t->a, &all, &n_all, &t->err));
	assert_int_equal(n_all, 60);
	for (unsigned way = 0; way < 128; way++) {
		size_t want = 0;

		f = (struct store_matter_filter){.n = 1000,
		    .before = (way & 1) != 0 ? all[20].no : 0,
		    .is_public = (way & 2) != 0,
		    .live = (way & 4) != 0,
		    .has_conference = (way & 8) != 0,
		    .conference = id_of(4),
		    .party = (way & 16) != 0 ? t->party : 0,
		    .state = (way & 32) != 0 ? STR("open") : STR("")};
		if ((way & 64) != 0)
			f.procedure = hex_str(&t->a, id_of(901).b, 32);
		OK(store_matter_list(t->s, &f, &t->a, &list, &n, &t->err));
		for (size_t i = 0; i < n_all; i++) {
			const struct store_matter *m = &all[i];
			struct id p = id_of(901);

			if ((f.before > 0 && m->no >= f.before) ||
			    (f.is_public &&
				!str_is(m->audience, "\"public\"")) ||
			    (f.live && m->final) ||
			    (f.has_conference && !m->has_conference) ||
			    (f.state.n > 0 && !str_is(m->state, "open")) ||
			    (f.procedure.n > 0 && !id_eq(&m->procedure, &p)))
				continue;
			assert_true(want < n);
			assert_int_equal(list[want].no, m->no);
			want++;
		}
		assert_int_equal(n, want);
	}
}

static void
test_due(void **state)
{
	struct test *t = *state;
	static const int64_t next_us[] = {50, 10, 30};
	struct store_matter *list;
	int64_t us;
	size_t n;
	bool found;

	OK(store_matter_next(t->s, &found, &us, &t->err));
	assert_false(found);
	for (unsigned i = 0; i < 4; i++) {
		struct store_matter m = matter(t, matter_at(t, i + 1, "x"));

		m.has_next = i < 3;
		m.next_us = i < 3 ? next_us[i] : 0;
		OK(store_matter_update(t->s, &m, NULL, 0, &t->err));
	}
	OK(store_matter_next(t->s, &found, &us, &t->err));
	assert_true(found && us == 10);
	OK(store_matter_due(t->s, 30, 10, &t->a, &list, &n, &t->err));
	assert_true(n == 2 && list[0].next_us == 10 && list[1].next_us == 30);
	OK(store_matter_due(t->s, 9, 10, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 0);
	OK(store_matter_due(t->s, 100, 1, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 1);
}

/* Matters that wait for the proof of a party's silence. */
static void
test_waiting(void **state)
{
	struct test *t = *state;
	struct store_term term[2] = {
	    {.name = STR("reply"), .party = STR("USA"), .status = 3},
	    {.name = STR("receipt"), .party = STR("USA"), .status = 3},
	};
	int64_t *no;
	size_t n;

	for (unsigned i = 0; i < 4; i++) {
		struct store_matter m = matter(t, matter_at(t, i + 1, "x"));

		m.waits = i < 3;
		term[0].status = i == 0 ? 0 : 3; /* open, or past */
		OK(store_matter_update(t->s, &m, term, i == 2 ? 2 : 1,
		    &t->err));
	}
	OK(store_matter_waiting(t->s, STR("USA"), &t->a, &no, &n, &t->err));
	assert_int_equal(n, 2); /* each once */
	OK(store_matter_waiting(t->s, STR("CHN"), &t->a, &no, &n, &t->err));
	assert_int_equal(n, 0);
}

static void
put_act(struct test *t, int64_t matter_no, uint64_t idx, int64_t fault,
    int64_t at_us)
{
	struct store_matter_act x = {.fault = fault, .open = idx % 2 == 1};

	x.act.seq = act_at(t, t->party, idx, 100 + (unsigned)idx, 0);
	x.act.party = t->party;
	OK(store_matter_act_add(t->s, matter_no, &x, at_us, &t->err));
}

static void
test_acts(void **state)
{
	struct test *t = *state;
	int64_t a = matter_at(t, 1, "a"), b = matter_at(t, 2, "b"), sound;
	struct store_matter m;
	struct store_matter_act *list;
	size_t n;
	bool found;

	put_act(t, a, 3, 0, 30);
	put_act(t, a, 1, 1, 10);
	put_act(t, b, 2, 0, 20);
	put_act(t, a, 4, 2, 40); /* denied */
	OK(store_matter_acts(t->s, a, &t->a, &list, &n, &t->err));
	assert_int_equal(n, 3);
	assert_true(list[0].act.idx == 3 && list[1].act.idx == 1);
	assert_true(list[1].fault == 1 && list[2].fault == 2);
	assert_true(span_eq(list[0].act.payload, bytes_of("{}")));
	OK(store_matter_sound(t->s, a, t->party, &sound, &t->err));
	assert_int_equal(sound, 2);
	OK(store_matter_sound(t->s, a, 99, &sound, &t->err));
	assert_int_equal(sound, 0);
	OK(store_matter_by_entry(t->s, t->party, 2, &t->a, &found, &m,
	    &t->err));
	assert_true(found && m.no == b);
	OK(store_matter_by_entry(t->s, t->party, 9, &t->a, &found, &m,
	    &t->err));
	assert_false(found);
}

/* Which matters new evidence may change. */
static void
test_touched(void **state)
{
	static const struct {
		uint64_t from, to;
		int64_t not_after_us, not_before_us;
		size_t want;
	} row[] = {
	    {0, 100, INT64_MIN, INT64_MIN, 2}, /* anything there */
	    {0, 100, INT64_MAX, INT64_MIN, 0}, /* nothing says anything */
	    {5, 6, INT64_MIN, INT64_MIN, 1},
	    {6, 7, INT64_MIN, INT64_MIN, 0},
	    {5, 5, INT64_MIN, INT64_MIN, 0},
	    {0, 100, 299, INT64_MIN, 1}, /* a matter with an act after 299 */
	    {0, 100, 300, INT64_MIN, 0},
	    {0, 100, INT64_MAX, 101, 1}, /* an act there from before 101 */
	    {0, 100, INT64_MAX, 100, 0},
	    {0, 100, INT64_MAX, 301, 2},
	};
	struct test *t = *state;
	int64_t a = matter_at(t, 1, "a"), b = matter_at(t, 2, "b"), *no;
	struct store_matter m;
	size_t n;

	put_act(t, a, 5, 0, 100);
	put_act(t, b, 10, 0, 200);
	put_act(t, b, 11, 0, 300);
	m = matter(t, a);
	m.latest_us = 100;
	OK(store_matter_update(t->s, &m, NULL, 0, &t->err));
	m = matter(t, b);
	m.latest_us = 300;
	OK(store_matter_update(t->s, &m, NULL, 0, &t->err));
	for (size_t i = 0; i < COUNT(row); i++) {
		struct store_touched q = {.party = t->party,
		    .from = row[i].from,
		    .to = row[i].to,
		    .not_after_us = row[i].not_after_us,
		    .not_before_us = row[i].not_before_us};

		OK(store_matter_touched(t->s, &q, &t->a, &no, &n, &t->err));
		if (n != row[i].want)
			fail_msg("row %zu: %zu", i, n);
	}
}

static void
test_owed(void **state)
{
	struct test *t = *state;
	struct store_term term[3] = {
	    {.name = STR("reply"),
		.party = STR("USA"),
		.due_us = 50,
		.has_due = true,
		.origin = id_of(1),
		.status = 3},
	    {.name = STR("watch"),
		.party = STR(""),
		.kind = 2,
		.origin = id_of(2),
		.begun_us = 4},
	    {.name = STR("receipt"),
		.party = STR("CHN"),
		.due_us = 20,
		.has_due = true,
		.origin = id_of(3)},
	};
	struct store_matter m = matter(t, matter_at(t, 1, "a"));
	struct store_due *list;
	struct store_owed o;
	bool found;
	size_t n;

	OK(store_matter_update(t->s, &m, term, 3, &t->err));
	/* By party, and by the side of now: 40. */
	OK(store_due_list(t->s, STR("CHN"), STORE_DUE_PAST, 40, 10, &t->a,
	    &list, &n, &t->err));
	assert_int_equal(n, 1);
	OK(store_owed_at(t->s, &list[0], &t->a, &found, &o, &t->err));
	assert_true(found && str_is(o.term.name, "receipt"));
	OK(store_due_list(t->s, term[0].party, STORE_DUE_NEXT, 40, 10, &t->a,
	    &list, &n, &t->err));
	assert_int_equal(n, 1);
	OK(store_owed_at(t->s, &list[0], &t->a, &found, &o, &t->err));
	assert_true(found && str_is(o.term.name, "reply"));
	assert_true(o.term.status == 3 && o.term.due_us == 50);
	OK(store_due_list(t->s, STR(""), STORE_DUE_NEVER, 40, 10, &t->a, &list,
	    &n, &t->err));
	assert_int_equal(n, 1);
	OK(store_owed_at(t->s, &list[0], &t->a, &found, &o, &t->err));
	assert_true(found && !o.term.has_due && o.term.kind == 2);
	assert_true(id_eq(&o.term.origin, &term[1].origin));
	assert_int_equal(o.matter.no, m.no);
	OK(store_due_list(t->s, STR("CHN"), STORE_DUE_PAST, 40, 0, &t->a, &list,
	    &n, &t->err));
	assert_int_equal(n, 0);
	/* An update says all of them anew. */
	OK(store_matter_update(t->s, &m, term, 1, &t->err));
	OK(store_owed_at(t->s, &(struct store_due){.matter = m.no, .n = 2},
	    &t->a, &found, &o, &t->err));
	assert_false(found);
}

static struct id
digest(struct test *t)
{
	struct id d;

	OK(store_derived_digest(t->s, &d, &t->err));
	return d;
}

/* The digest is of what is derived, not of when or in which order. */
static void
test_digest(void **state)
{
	struct test *t = *state;
	struct id empty = digest(t), one, now;
	struct store_matter m;
	struct store_term term = {.name = STR("reply"), .party = STR("USA")};
	int64_t a, b;

	a = matter_at(t, 1, "a");
	b = matter_at(t, 2, "b");
	one = digest(t);
	assert_false(id_eq(&empty, &one));
	m = matter(t, a);
	m.changed_us = 12345; /* tells when, no state */
	OK(store_matter_update(t->s, &m, NULL, 0, &t->err));
	now = digest(t);
	assert_true(id_eq(&one, &now));
	m.state = STR("sent");
	OK(store_matter_update(t->s, &m, NULL, 0, &t->err));
	now = digest(t);
	assert_false(id_eq(&one, &now));
	m.state = STR("");
	OK(store_matter_update(t->s, &m, &term, 1, &t->err));
	now = digest(t);
	assert_false(id_eq(&one, &now));
	OK(store_matter_update(t->s, &m, NULL, 0, &t->err));
	OK(store_drop_derived(t->s, &t->err));
	now = digest(t);
	assert_true(id_eq(&empty, &now));
	/* In another order: the same. */
	assert_true(matter_at(t, 2, "b") == a || b > 0);
	(void)matter_at(t, 1, "a");
	now = digest(t);
	assert_true(id_eq(&one, &now));
	/* What is recorded is no part of it. */
	(void)act_at(t, t->party, 8, 8, 0);
	now = digest(t);
	assert_true(id_eq(&one, &now));
}

/* Dropping in a transaction that is given up leaves all as it was. */
static void
test_drop(void **state)
{
	struct test *t = *state;
	struct id before, after;
	struct entry e = {.act = id_of(3)};
	uint64_t idx;
	bool found;

	(void)matter_at(t, 1, "a");
	OK(store_entry_add(t->s, t->party, 0, &e, &t->err));
	before = digest(t);
	OK(store_begin(t->s, &t->err));
	OK(store_drop_derived(t->s, &t->err));
	OK(store_entry_find(t->s, t->party, &e.label, &found, &idx, &t->err));
	assert_true(found);
	store_rollback(t->s);
	after = digest(t);
	assert_true(id_eq(&before, &after));
	OK(store_check(t->s, &t->err));
	OK(store_drop_derived(t->s, &t->err));
	store_again(t);
	OK(store_entry_find(t->s, t->party, &e.label, &found, &idx, &t->err));
	assert_true(found);
	OK(store_check(t->s, &t->err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_tiles),
	    CASE(test_matters),
	    CASE(test_list),
	    CASE(test_list_ways),
	    CASE(test_due),
	    CASE(test_waiting),
	    CASE(test_acts),
	    CASE(test_touched),
	    CASE(test_owed),
	    CASE(test_digest),
	    CASE(test_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
