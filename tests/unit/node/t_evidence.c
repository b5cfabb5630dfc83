/* What cosignatures prove, and what one false clock cannot do. [D4.8] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"

/* KOR looks on and is in no matter here, so that its own clock counts not. */
static const char *const codes[] = {"KOR", "USA", "CHN", "JPN", "AUS"};
enum { KOR, USA, CHN, JPN, AUS, ALL };
#define SECOND INT64_C(1000000)
#define DAY_S 86400

struct fix {
	struct world w;
	struct forge at[ALL];
	struct secret *outside;
	struct note_key outside_key;
	struct store *s;
	struct node *n;
	int64_t now_s;
};

static int
set_up(void **state)
{
	static struct fix f;
	static char vkey[200];
	struct arena a;
	struct pubkey pub;
	struct err err;

	if (key_start(&err) != 0)
		return -1;
	f.outside = key_secret_random();
	pub = key_pub(f.outside);
	f.outside_key =
	    note_key_of(STR("witness.example/w"), NOTE_COSIGNATURE, &pub);
	arena_init(&a, 4096);
	(void)snprintf(vkey, sizeof(vkey), "%s",
	    note_key_text(&a, &f.outside_key).p);
	arena_release(&a);
	world_open_named(&f.w, codes, ALL, vkey);
	world_wake(&f.w, KOR);
	f.n = f.w.at[KOR].node;
	f.s = f.n->writer;
	f.now_s = clock_utc_us() / SECOND;
	for (size_t i = 0; i < ALL; i++) {
		forge_open(&f.at[i], &f.w, i);
		if (i != KOR && node_peer_add(f.n, span_of(f.w.at[i].charter),
				    STR(""), &err) != 0)
			return -1;
	}
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	for (size_t i = 0; i < ALL; i++)
		forge_close(&f->at[i]);
	key_secret_free(f->outside);
	world_close(&f->w);
	return 0;
}

static void
give(struct fix *f, size_t who, size_t from)
{
	struct node_taken t;
	struct err err;

	if (forge_give(&f->w, KOR,
		forge_bundle(&f->at[who], from, f->at[who].n), &t,
		&err) != ERR_NONE)
		fail_msg("%s", err.text);
}

static struct member *
member(struct fix *f, size_t who)
{
	struct member *m = node_member(f->n, str_of(codes[who]));

	assert_non_null(m);
	return m;
}

/* A cosignature by a party's node: verified already, as the store has it. */
static void
cosigned(struct fix *f, size_t log, size_t witness, uint64_t size, int64_t at_s)
{
	struct cosignature c = {.time_s = (uint64_t)at_s};
	struct err err;
	bool is_new;

	assert_int_equal(store_cosignature_put(f->s, member(f, log)->no,
			     member(f, witness)->witness, size, &c, false,
			     &is_new, &err),
	    0);
}

static struct matter_view
view(struct fix *f, const struct id *matter, int64_t now_us)
{
	struct store_matter row;
	struct matter_view v;
	struct err err;
	bool found;

	assert_int_equal(
	    store_matter_by_id(f->s, matter, &f->w.arena, &found, &row, &err),
	    0);
	assert_true(found);
	if (matter_fold(f->n, f->s, &row, NULL, now_us, &f->w.arena, &v,
		&err) != 0)
		fail_msg("%s", err.text);
	return v;
}

static struct id
message_at(struct fix *f, size_t who, const char *to, int64_t at_s)
{
	struct str envelope;
	struct id m = forge_act(&f->at[who], "message/send", NULL, to,
	    forge_hello, at_s * SECOND, &envelope);

	forge_log(&f->at[who], &m, &m, 0, envelope);
	return m;
}

/*
 * An act at entry 1, truly logged at 0 of these seconds.  `before`: the last
 * cosignatures of CHN, JPN, AUS on size 1; `after`: their first on size 2.
 * NONE: that witness was not heard.
 */
enum { NONE = 1 << 30 };
static const struct {
	const char *what;
	int before[3], after[3];
	int not_before, not_after;
} clocks[] = {
    {"all honest", {-30, -20, -10}, {5, 6, 7}, -20, 6},
    {"one a day ahead", {-30 + DAY_S, -20, -10}, {5 + DAY_S, 6, 7}, -10, 7},
    {"one a day behind", {-30 - DAY_S, -20, -10}, {5 - DAY_S, 6, 7}, -20, 6},
    {"one colludes: ahead before, behind after", {-30 + DAY_S, -20, -10},
	{5 - DAY_S, 6, 7}, -10, 6},
    {"two only", {-30, NONE, -10}, {5, NONE, 7}, -30, 7},
    {"two only, one a day ahead", {-30 + DAY_S, NONE, -10},
	{5 + DAY_S, NONE, 7}, -10, 5 + DAY_S},
    {"two only, one a day behind", {-30 - DAY_S, NONE, -10},
	{5 - DAY_S, NONE, 7}, -30 - DAY_S, 7},
    {"one only", {NONE, -20, NONE}, {NONE, 6, NONE}, NONE, NONE},
    {"one before, two after", {NONE, -20, NONE}, {5, 6, NONE}, NONE, 6},
    {"nobody", {NONE, NONE, NONE}, {NONE, NONE, NONE}, NONE, NONE},
    {"all the same second", {-1, -1, -1}, {0, 0, 0}, -1, 0},
};

static void
test_clocks(void **state)
{
	static const size_t witness[] = {CHN, JPN, AUS};
	struct fix *f = *state;
	int64_t at_s = f->now_s - 3 * DAY_S;
	struct id m = message_at(f, USA, "[\"CHN\",\"JPN\",\"AUS\"]", at_s);
	struct err err;

	give(f, USA, 1);
	for (size_t i = 0; i < COUNT(clocks); i++) {
		const struct fold_act *x;

		assert_int_equal(store_begin(f->s, &err), 0);
		for (size_t k = 0; k < COUNT(witness); k++) {
			if (clocks[i].before[k] != NONE)
				cosigned(f, USA, witness[k], 1,
				    at_s + clocks[i].before[k]);
			if (clocks[i].after[k] != NONE)
				cosigned(f, USA, witness[k], 2,
				    at_s + clocks[i].after[k]);
		}
		x = &view(f, &m, f->now_s * SECOND).acts[0];
		if (x->has_not_before != (clocks[i].not_before != NONE) ||
		    x->has_not_after != (clocks[i].not_after != NONE))
			fail_msg("%s: what is proven", clocks[i].what);
		if (x->has_not_before &&
		    x->not_before_us != (at_s + clocks[i].not_before) * SECOND)
			fail_msg("%s: not before %lld s", clocks[i].what,
			    (long long)(x->not_before_us / SECOND - at_s));
		/* to the end of that second */
		if (x->has_not_after &&
		    x->not_after_us !=
			(at_s + clocks[i].not_after + 1) * SECOND - 1)
			fail_msg("%s: not after %lld s", clocks[i].what,
			    (long long)(x->not_after_us / SECOND - at_s));
		/* With three witnesses one false clock neither voids the act,
		 * nor makes it older than it is. */
		if (x->has_not_before && x->has_not_after) {
			assert_true(x->not_before_us <= at_s * SECOND);
			assert_true(x->not_after_us >= at_s * SECOND);
		}
		store_rollback(f->s);
	}
}

/* Of several cosignatures of a witness: the last before, the first after; and
 * of several sizes the nearest. */
static void
test_nearest(void **state)
{
	struct fix *f = *state;
	int64_t at_s = f->now_s - 3 * DAY_S;
	const struct fold_act *x;
	struct id m;

	(void)message_at(f, USA, "[\"CHN\"]", at_s - 900);
	m = message_at(f, USA, "[\"CHN\",\"JPN\",\"AUS\"]", at_s);
	(void)message_at(f, USA, "[\"CHN\"]", at_s + 900);
	give(f, USA, 1);
	for (size_t k = CHN; k <= JPN; k++) {
		cosigned(f, USA, k, 1, at_s - 1000);
		cosigned(f, USA, k, 2, at_s - 800); /* the act is entry 2 */
		cosigned(f, USA, k, 2, at_s - 700);
		cosigned(f, USA, k, 2, at_s - 600);
		cosigned(f, USA, k, 3, at_s + 80);
		cosigned(f, USA, k, 3, at_s + 60);
		cosigned(f, USA, k, 3, at_s + 70);
		cosigned(f, USA, k, 4, at_s + 1000);
	}
	x = &view(f, &m, f->now_s * SECOND).acts[0];
	assert_true(x->has_not_before && x->has_not_after);
	assert_int_equal(x->not_before_us, (at_s - 600) * SECOND);
	assert_int_equal(x->not_after_us, (at_s + 61) * SECOND - 1);
}

static enum fold_status
status_of(const struct matter_view *v, const char *term)
{
	for (size_t i = 0; i < v->result->n_terms; i++)
		if (str_is(v->result->terms[i].name, term))
			return v->result->terms[i].status;
	fail_msg("no term %s", term);
	return FOLD_OPEN;
}

/* Two alone prove delivery, not silence: for that they name a third. */
static void
test_two(void **state)
{
	struct fix *f = *state;
	int64_t at_s = f->now_s - DAY_S;
	struct matter_view v;
	struct id m = message_at(f, USA, "[\"CHN\"]", at_s);
	struct note note;
	struct cosignature c;
	struct parts p;
	struct str head, line;
	struct node_taken t;
	struct err err;

	give(f, USA, 1);
	(void)message_at(f, CHN, "[\"AUS\"]", at_s); /* CHN's log goes on */
	give(f, CHN, 1);
	cosigned(f, USA, CHN, 1, at_s - 10);
	v = view(f, &m, f->now_s * SECOND);
	assert_false(v.acts[0].has_not_before || v.acts[0].has_not_after);
	/* Who is in no way of this matter proves nothing in it. */
	cosigned(f, USA, JPN, 1, at_s - 9);
	cosigned(f, USA, JPN, 2, at_s + 4);
	cosigned(f, USA, AUS, 2, at_s + 4);
	v = view(f, &m, f->now_s * SECOND);
	assert_false(v.acts[0].has_not_before || v.acts[0].has_not_after);
	/* The counterpart's own word: it was delivered. */
	cosigned(f, USA, CHN, 2, at_s + 5);
	v = view(f, &m, f->now_s * SECOND);
	assert_true(v.acts[0].has_not_after);
	assert_int_equal(v.acts[0].not_after_us, (at_s + 6) * SECOND - 1);
	assert_false(v.acts[0].has_not_before);
	/* USA and others say that CHN's log has no answer until now: USA's word
	 * alone is no proof. */
	cosigned(f, CHN, USA, 2, f->now_s);
	cosigned(f, CHN, JPN, 2, f->now_s);
	v = view(f, &m, f->now_s * SECOND);
	assert_int_equal(status_of(&v, "receipt"), FOLD_PAST);
	/* The outside witness that their charters name is the third. */
	head = forge_head(&f->at[CHN], 2);
	assert_int_equal(note_parse(span_of(head), &f->w.arena, &note, &err),
	    0);
	c = checkpoint_cosign(note.text, (uint64_t)f->now_s, f->outside);
	line = checkpoint_cosignature_line(&f->w.arena, &f->outside_key, &c);
	parts_open(&p, &f->at[CHN]);
	parts_head(&p, str_fmt(&f->w.arena, "%.*s%.*s", (int)head.n, head.p,
			   STR_ARG(line)));
	if (forge_give(&f->w, KOR, parts_close(&p), &t, &err) != ERR_NONE)
		fail_msg("%s", err.text);
	assert_int_equal(t.cosignatures, 1);
	v = view(f, &m, f->now_s * SECOND);
	assert_int_equal(status_of(&v, "receipt"), FOLD_LAPSED);
}

/* Silence: two besides the party heard its log beyond the due time. */
static void
test_silence(void **state)
{
	static const struct {
		const char *what;
		int usa, jpn,
		    chn; /* seconds after the due time, on CHN's log */
		enum fold_status want;
	} row[] = {
	    {"nobody", NONE, NONE, NONE, FOLD_PAST},
	    {"one", 100, NONE, NONE, FOLD_PAST},
	    {"itself does not count", 100, NONE, 100, FOLD_PAST},
	    {"two", 100, 50, NONE, FOLD_LAPSED},
	    {"two, one before the due time", 100, -1, NONE, FOLD_PAST},
	    {"one a day ahead", DAY_S / 2, -60, NONE, FOLD_PAST},
	};
	struct fix *f = *state;
	int64_t at_s = f->now_s - DAY_S, due_s = at_s + 900;
	struct id m = message_at(f, USA, "[\"CHN\",\"JPN\"]", at_s);
	struct matter_view v;
	struct err err;

	give(f, USA, 1);
	(void)message_at(f, CHN, "[\"AUS\"]", at_s);
	give(f, CHN, 1);
	for (size_t i = 0; i < COUNT(row); i++) {
		enum fold_status is = FOLD_OPEN;

		assert_int_equal(store_begin(f->s, &err), 0);
		if (row[i].usa != NONE)
			cosigned(f, CHN, USA, 2, due_s + row[i].usa);
		if (row[i].jpn != NONE)
			cosigned(f, CHN, JPN, 2, due_s + row[i].jpn);
		if (row[i].chn != NONE)
			cosigned(f, CHN, CHN, 2, due_s + row[i].chn);
		v = view(f, &m, f->now_s * SECOND);
		for (size_t k = 0; k < v.result->n_terms; k++)
			if (str_is(v.result->terms[k].name, "receipt") &&
			    str_is(v.result->terms[k].party, "CHN"))
				is = v.result->terms[k].status;
		if (is != row[i].want)
			fail_msg("%s: %s", row[i].what, fold_status_name(is));
		store_rollback(f->s);
	}
}

static int64_t
heard(struct fix *f, const struct id *matter, size_t who)
{
	struct matter_view v = view(f, matter, f->now_s * SECOND);
	struct evidence e;
	struct err err;
	int64_t us = 0;
	bool found;

	assert_int_equal(evidence_of(f->n, f->s, &v.row, v.acts[0].act, NULL, 0,
			     &f->w.arena, &e, &err),
	    0);
	assert_int_equal(evidence_heard(f->n, f->s, &e, &v, member(f, who),
			     &found, &us, &err),
	    0);
	return found ? us / SECOND : NONE;
}

/* An act that stands in the log, and that was kept from us: nothing that came
 * after it is silence.  [D4.2] */
static void
test_withheld(void **state)
{
	struct fix *f = *state;
	int64_t at_s = f->now_s - DAY_S;
	struct id m = message_at(f, USA, "[\"CHN\",\"JPN\"]", at_s), x, y;
	struct forge *chn = &f->at[CHN];
	struct str kept, later;
	struct matter_view v;

	give(f, USA, 1);
	(void)message_at(f, CHN, "[\"AUS\"]", at_s);
	x = forge_act(chn, "message/acknowledge", &m, "[\"USA\",\"JPN\"]", "{}",
	    (at_s + 60) * SECOND, &kept);
	forge_log(chn, &x, &m, 0, STR("")); /* entry 2: logged, not sent */
	(void)message_at(f, CHN, "[\"AUS\"]", at_s);
	give(f, CHN, 1);
	for (int64_t size = 1; size <= 4; size++) {
		cosigned(f, CHN, USA, (uint64_t)size, at_s + size * 2000);
		cosigned(f, CHN, JPN, (uint64_t)size, at_s + size * 2000 + 1);
	}
	/* Entry 2 is where our knowledge ends: heads of sizes 1 and 2. */
	assert_int_equal(heard(f, &m, CHN), at_s + 4000);
	v = view(f, &m, f->now_s * SECOND);
	assert_true(v.result->has_state);
	/* A later act, given while the earlier one is kept, does not help. */
	y = forge_act(chn, "message/reply", &m, "[\"USA\",\"JPN\"]",
	    "{\"message\":[{\"lang\":\"en\",\"text\":\"Yes.\"}]}",
	    (at_s + 70) * SECOND, &later);
	forge_log(chn, &y, &m, 1, later); /* entry 4 */
	give(f, CHN, 4);
	assert_int_equal(heard(f, &m, CHN), at_s + 4000);
	/* Handed over at last: all that was heard counts. */
	chn->envelope[2] = kept;
	give(f, CHN, 2);
	assert_int_equal(heard(f, &m, CHN), at_s + 8000);
}

/* Over the wire: lines by known keys are verified, kept, and dated. */
static void
test_wire(void **state)
{
	struct fix *f = *state;
	struct forge *usa = &f->at[USA];
	struct id m = message_at(f, USA, "[\"CHN\",\"JPN\"]", f->now_s - 60);
	struct str head = forge_head(usa, 2);
	struct secret *own;
	struct parts p;
	struct node_taken t;
	struct err err;

#define GIVE(note)                                                             \
	parts_open(&p, usa);                                                   \
	parts_entries(&p, 1, 2);                                               \
	parts_act(&p, 1);                                                      \
	parts_head(&p, note);                                                  \
	(void)forge_give(&f->w, KOR, parts_close(&p), &t, &err)

	/* A key's name, another key's signature: proves nothing, and takes
	 * nothing from the rest of the bundle. */
	own = f->at[CHN].witness_key;
	f->at[CHN].witness_key = f->at[AUS].witness_key;
	GIVE(forge_cosigned(usa, head, &f->at[CHN], (uint64_t)f->now_s));
	f->at[CHN].witness_key = own;
	assert_int_equal(err.code, ERR_NONE);
	assert_int_equal(t.cosignatures, 0);
	/* A clock far ahead is not evidence of anything yet. */
	GIVE(
	    forge_cosigned(usa, head, &f->at[CHN], (uint64_t)f->now_s + DAY_S));
	assert_int_equal(err.code, ERR_NONE);
	assert_int_equal(t.cosignatures, 0);
	head = forge_cosigned(usa, head, &f->at[CHN], (uint64_t)f->now_s - 8);
	head = forge_cosigned(usa, head, &f->at[JPN], (uint64_t)f->now_s - 9);
	GIVE(head);
	assert_int_equal(err.code, ERR_NONE);
	assert_int_equal(t.cosignatures, 2);
	GIVE(head);
	assert_int_equal(t.cosignatures, 0);
	assert_true(view(f, &m, f->now_s * SECOND).acts[0].has_not_after);
	assert_int_equal(view(f, &m, f->now_s * SECOND).acts[0].not_after_us,
	    (f->now_s - 7) * SECOND - 1);
	forge_check(&f->w, KOR);
#undef GIVE
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_clocks),
	    CASE(test_nearest),
	    CASE(test_two),
	    CASE(test_silence),
	    CASE(test_withheld),
	    CASE(test_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
