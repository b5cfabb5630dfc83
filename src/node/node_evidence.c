/*
 * What cosignatures prove (docs/trust.md).  A cosignature names a second:
 * the act was there by that second's end, or not yet at its beginning.
 *
 * not_before and heard count what two witnesses other than the act's party
 * prove, so the second latest time; not_after the second earliest, or the
 * counterpart's alone in a matter of two parties.  So one false clock neither
 * voids an act nor backdates one, and two parties alone prove delivery, but not
 * silence.
 */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/node_int.h"

#define SECOND INT64_C(1000000)

int64_t
evidence_now_s(void)
{
	return clock_utc_us() / SECOND;
}

static int
touch(struct node *n, const struct store_touched *t, struct err *err)
{
	if (t->from >= t->to)
		return 0;
	if (arena_grow(&n->batch, &n->touched, &n->cap_touched,
		n->n_touched + 1, sizeof(*t)) != 0)
		return err_nomem(err, "evidence");
	n->touched[n->n_touched++] = *t;
	return 0;
}

/*
 * Keep a verified cosignature, and note which entries it says something new of:
 * those since the witness's cosignature before (they were there by now), and
 * those up to its next one (they were not there yet).
 */
int
evidence_keep(struct node *n, struct member *log, int64_t witness,
    uint64_t size, const struct cosignature *c, bool pass, bool *ret_new,
    struct err *err)
{
	struct store_cosignature row;
	struct store_touched before = {.party = log->no, .to = size};
	struct store_touched after = {.party = log->no, .from = size};
	bool found;

	if (store_cosignature_put(n->writer, log->no, witness, size, c, pass,
		ret_new, err) != 0)
		return -1;
	if (!*ret_new)
		return 0;
	n->passing = n->passing || pass;
	if (size > 0 && store_cosignature_upto(n->writer, log->no, witness,
			    size - 1, &found, &row, err) != 0)
		return -1;
	before.from = size > 0 && found ? row.size : 0;
	before.not_after_us =
	    (int64_t)(c->time_s + 1) * SECOND - 1; /* < 2^63 */
	before.not_before_us = INT64_MIN;
	if (store_cosignature_beyond(n->writer, log->no, witness, size, &found,
		&row, err) != 0)
		return -1;
	after.to = found ? row.size : log->log.size;
	after.not_after_us = INT64_MAX;
	after.not_before_us = (int64_t)c->time_s * SECOND;
	return touch(n, &before, err) != 0 ? -1 : touch(n, &after, err);
}

static void
add_party(struct evidence *e, struct node *n, struct str code)
{
	struct member *m = node_member(n, code);

	for (size_t i = 0; m != NULL && i < e->n; i++)
		if (e->witness[i].no == m->witness)
			return;
	if (m == NULL)
		return;
	e->witness[e->n].no = m->witness;
	e->witness[e->n++].code = str_of(m->code);
}

/* Outside witnesses that the charters of the matter's parties name. */
static int
add_outside(struct evidence *e, struct node *n,
    const struct store_witness *known, size_t n_known, struct str code,
    struct arena *a, struct err *err)
{
	struct member *m = node_member(n, code);
	const struct note_key *key = NULL;
	size_t count = m == NULL ? 0 : mandate_witnesses(m->mandate, &key);

	for (size_t i = 0; i < count; i++) {
		struct str vkey = note_key_text(a, &key[i]);
		bool twice = false;

		if (vkey.p == NULL)
			return err_nomem(err, "witnesses");
		for (size_t k = 0; k < n->n_members; k++) {
			struct member *node = n->member[k];
			struct note_key w = mandate_witness_key(node->mandate);

			/* A member's node named as a witness counts as it. */
			if (w.id == key[i].id && str_eq(w.name, key[i].name)) {
				add_party(e, n, str_of(node->code));
				twice = true;
			}
		}
		for (size_t k = 0; !twice && k < n_known; k++) {
			if (!str_eq(known[k].vkey, vkey))
				continue;
			for (size_t x = 0; x < e->n; x++)
				twice =
				    twice || e->witness[x].no == known[k].no;
			if (!twice)
				e->witness[e->n++].no = known[k].no;
		}
	}
	return 0;
}

int
evidence_of(struct node *n, struct store *s, const struct store_matter *row,
    const struct act *opening, const struct fold_members *steps, size_t n_steps,
    struct arena *a, struct evidence *ret, struct err *err)
{
	struct evidence e = {0};
	struct store_witness *known;
	size_t n_known, parties = 1;

	if (store_witness_list(s, a, &known, &n_known, err) != 0)
		return -1;
	e.witness =
	    arena_alloc(a, n->n_members + n_known + 1, sizeof(*e.witness));
	if (e.witness == NULL)
		return err_nomem(err, "witnesses");
	add_party(&e, n, opening->party);
	for (size_t i = 0; i < opening->to.n; i++) {
		add_party(&e, n, opening->to.party[i]);
		if (!str_eq(opening->to.party[i], opening->party)) {
			parties++;
			e.second = opening->to.party[i];
		}
	}
	e.first = opening->party;
	e.two = opening->to.type == AUDIENCE_PARTIES && parties == 2;
	if (row->has_conference)
		for (size_t i = 0; i < n_steps; i++)
			for (size_t k = 0; k < steps[i].n; k++)
				add_party(&e, n, steps[i].party[k]);
	parties = e.n;
	for (size_t i = 0; i < parties; i++)
		if (add_outside(&e, n, known, n_known, e.witness[i].code, a,
			err) != 0)
			return -1;
	*ret = e;
	return 0;
}

struct two { /* the two best of several times */
	size_t n;
	uint64_t best, second;
};

static void
latest(struct two *t, uint64_t time)
{
	if (t->n == 0 || time > t->best) {
		t->second = t->best;
		t->best = time;
	} else if (t->n == 1 || time > t->second) {
		t->second = time;
	}
	t->n++;
}

static void
earliest(struct two *t, uint64_t time)
{
	if (t->n == 0 || time < t->best) {
		t->second = t->best;
		t->best = time;
	} else if (t->n == 1 || time < t->second) {
		t->second = time;
	}
	t->n++;
}

int
evidence_act(struct node *n, struct store *s, const struct evidence *e,
    const struct member *m, struct fold_act *act, struct err *err)
{
	struct two before = {0}, after = {0};
	struct store_cosignature c;
	struct str party = str_of(m->code);
	struct str other = str_eq(party, e->first) ? e->second : e->first;
	bool found;

	(void)n;
	for (size_t i = 0; i < e->n; i++) {
		if (str_eq(e->witness[i].code, party))
			continue;
		if (store_cosignature_upto(s, m->no, e->witness[i].no,
			act->index, &found, &c, err) != 0)
			return -1;
		if (found)
			latest(&before, c.last.time_s);
		if (e->two && !str_eq(e->witness[i].code, other))
			continue;
		if (store_cosignature_beyond(s, m->no, e->witness[i].no,
			act->index, &found, &c, err) != 0)
			return -1;
		if (found)
			earliest(&after, c.first.time_s);
	}
	act->has_not_before = before.n >= 2;
	act->not_before_us = (int64_t)before.second * SECOND; /* < 2^63 */
	act->has_not_after = after.n >= (e->two ? 1U : 2U);
	act->not_after_us =
	    (int64_t)((e->two ? after.best : after.second) + 1) * SECOND - 1;
	return 0;
}

static int
find_label(struct store *s, const struct store_matter *row,
    const struct member *m, int64_t k, bool *ret_found, uint64_t *ret_at,
    struct err *err)
{
	struct label label = label_of(&row->id, &m->charter,
	    (uint32_t)k); /* a matter has fewer acts than 2^32 */

	return store_entry_find(s, m->no, &label, ret_found, ret_at, err);
}

/* Is the act at this entry among those that were folded? */
static bool
is_folded(const struct matter_view *v, int64_t party, uint64_t at)
{
	for (size_t i = 0; i < v->n_acts; i++)
		if (v->stored[i].act.party == party &&
		    v->stored[i].act.idx == at)
			return true;
	return false;
}

static int
count_sound(struct store *s, const struct matter_view *v, int64_t party,
    int64_t *ret, struct err *err)
{
	if (!v->only_public)
		return store_matter_sound(s, v->row.no, party, ret, err);
	*ret = 0;
	for (size_t i = 0; i < v->n_acts; i++)
		*ret += v->stored[i].act.party == party &&
		        v->stored[i].fault != FOLD_DENIED;
	return 0;
}

/* Up to which size of its log do we hold every act of the matter? */
static int
held_size(struct store *s, const struct matter_view *v, const struct member *m,
    uint64_t *ret, struct err *err)
{
	const struct store_matter *row = &v->row;
	bool found, held;
	int64_t sound;
	uint64_t at;

	*ret = m->log.size;
	if (count_sound(s, v, m->no, &sound, err) != 0)
		return -1;
	/* Labels count up without gaps: where the next one is not logged,
	 * nothing was kept from us.  Else find the first that was. */
	if (find_label(s, row, m, sound, &found, &at, err) != 0)
		return -1;
	if (!found)
		return 0;
	for (int64_t k = 0; k <= sound; k++) {
		if (find_label(s, row, m, k, &found, &at, err) != 0)
			return -1;
		held = found && v->only_public && is_folded(v, m->no, at);
		if (found && !v->only_public &&
		    store_act_is_at(s, m->no, at, &held, err) != 0)
			return -1;
		if (found && !held) {
			*ret = at;
			return 0;
		}
	}
	return 0;
}

int
evidence_heard(struct node *n, struct store *s, const struct evidence *e,
    const struct matter_view *v, const struct member *m, bool *ret_found,
    int64_t *ret_us, struct err *err)
{
	struct store_cosignature c;
	struct two t = {0};
	uint64_t size = m->log.size;
	bool found;

	(void)n;
	if (held_size(s, v, m, &size, err) != 0)
		return -1;
	for (size_t i = 0; i < e->n; i++) {
		if (str_is(e->witness[i].code, m->code))
			continue;
		if (store_cosignature_upto(s, m->no, e->witness[i].no, size,
			&found, &c, err) != 0)
			return -1;
		if (found)
			latest(&t, c.last.time_s);
	}
	*ret_found = t.n >= 2;
	*ret_us = (int64_t)t.second * SECOND; /* < 2^63 */
	return 0;
}
