#include "rules/fold_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

/* -- acts */

static struct fold_act_result
act_result(const struct fold *f, const struct fold_fact *a)
{
	struct fold_act_result r = {.id = a->act->id,
	    .act = a->act,
	    .index = a->in->index,
	    .verdict = a->verdict,
	    .reason = a->reason,
	    .has_where = a->has_where,
	    .where = a->where,
	    .time_corrected = a->corrected,
	    .witnesses_disagree = a->disagree,
	    .late = a->late,
	    .short_notice = a->short_notice};

	if (a->verdict != FOLD_WAITING)
		r.time_us = a->time;
	if (a->crossed != FOLD_NIL) {
		r.has_crossed = true;
		r.crossed = f->fact[a->crossed].act->id;
	}
	return r;
}

static void
put_acts(struct fold *f, struct fold_result *r)
{
	struct fold_act_result *at = fold_take(f, f->n_facts, sizeof(*at));

	if (at == NULL)
		return;
	for (size_t i = 0; i < f->n_order; i++)
		at[r->n_acts++] = act_result(f, &f->fact[f->order[i]]);
	for (size_t i = 0; i < f->n_waiting; i++)
		at[r->n_acts++] = act_result(f, &f->fact[f->waiting[i]]);
	r->acts = at;
}

/* -- terms, history, membership */

static void
put_terms(struct fold *f, struct fold_result *r)
{
	struct fold_term *at = fold_take(f, f->n_terms, sizeof(*at));

	for (size_t i = 0; at != NULL && i < f->n_terms; i++) {
		const struct fold_duty *t = &f->term[i];

		at[i] = (struct fold_term){.name = f->p->term[t->name].name,
		    .kind = f->p->term[t->name].kind,
		    .origin = f->fact[t->origin].act->id,
		    .begun_us = t->begun,
		    .has_due = t->has_due,
		    .has_by = t->by != FOLD_NIL,
		    .due_us = t->has_due ? t->due : 0,
		    .status = t->status};
		if (t->party != FOLD_NIL)
			at[i].party = f->party[t->party].name;
		if (t->by != FOLD_NIL)
			at[i].by = f->fact[t->by].act->id;
	}
	r->terms = at;
	r->n_terms = at == NULL ? 0 : f->n_terms;
}

static struct str
cause(struct fold *f, const struct fold_moment *m)
{
	const struct fold_duty *t;
	struct str name, party = STR("");
	struct buf b;

	if (m->act != FOLD_NIL)
		return hex_str(f->a, f->fact[m->act].act->id.b,
		    sizeof(struct id));
	t = &f->term[m->term];
	name = f->p->term[t->name].name;
	if (t->party != FOLD_NIL)
		party = f->party[t->party].name;
	buf_init(&b, f->a);
	buf_z(&b, m->is_lapsed ? "lapsed:" : "past:");
	buf_str(&b, name);
	if (t->party != FOLD_NIL)
		buf_char(&b, ':');
	buf_str(&b, party);
	return b.failed ? (struct str){NULL, 0} : (struct str){b.p, b.n};
}

static void
put_history(struct fold *f, struct fold_result *r)
{
	struct fold_change *at = fold_take(f, f->n_history, sizeof(*at));

	for (size_t i = 0; at != NULL && i < f->n_history; i++) {
		const struct fold_moment *m = &f->history[i];

		at[i] = (struct fold_change){m->time,
		    f->p->state[m->state].name, cause(f, m)};
		if (at[i].cause.p == NULL)
			f->is_out = true;
	}
	r->history = at;
	r->n_history = at == NULL ? 0 : f->n_history;
}

static void
put_members(struct fold *f, struct fold_result *r)
{
	struct fold_members *at = fold_take(f, f->n_membership, sizeof(*at));

	for (size_t i = 0; at != NULL && i < f->n_membership; i++) {
		const struct fold_step *s = &f->membership[i];
		struct str *party = fold_take(f, s->n, sizeof(*party));

		if (party == NULL)
			return;
		for (size_t k = 0; k < s->n; k++)
			party[k] = f->party[s->party[k]].name;
		at[i] = (struct fold_members){s->from, s->n, party};
	}
	r->members = at;
	r->n_members = at == NULL ? 0 : f->n_membership;
}

/* -- who may do what */

struct may {
	uint64_t kind[RULE_ACTS / 64];
};

/* Mark the parties that may do this kind of act for this aim. */
static void
ask(struct fold *f, struct may *may, size_t n, uint16_t kind, uint32_t aim,
    size_t from)
{
	for (size_t i = from; i < f->n_set; i++) {
		uint32_t p = f->set[i];
		uint64_t bit = UINT64_C(1) << kind % 64;

		if (p < n && (may[p].kind[kind / 64] & bit) == 0 &&
		    fold_why_not(f, kind, p, aim, f->now, true) == NULL)
			may[p].kind[kind / 64] |= bit;
	}
}

static void
ask_of(struct fold *f, struct may *may, size_t n, uint16_t kind, uint32_t aim)
{
	const struct fold_event e = {.time = f->now,
	    .on = SIZE_MAX,
	    .actor = FOLD_NIL,
	    .origin = FOLD_NIL,
	    .answered = aim,
	    .act = FOLD_NIL,
	    .term = FOLD_NIL};
	size_t from = f->n_set;

	fold_set(f, f->p->act[kind].by, &e);
	if (!f->is_out)
		ask(f, may, n, kind, aim, from);
	f->n_set = from;
}

static void
ask_kind(struct fold *f, struct may *may, size_t n, uint16_t kind)
{
	const struct rule_act *spec = &f->p->act[kind];
	const struct fold_event e = {.time = f->now,
	    .on = SIZE_MAX,
	    .actor = FOLD_NIL,
	    .origin = FOLD_NIL,
	    .answered = FOLD_NIL,
	    .act = FOLD_NIL,
	    .term = FOLD_NIL};
	size_t from = f->n_set;
	uint32_t r;

	if (spec->is_opening || (spec->in >> f->state & 1) == 0)
		return;
	if (!spec->has_answers) {
		ask_of(f, may, n, kind, FOLD_NIL);
		return;
	}
	if (spec->is_latest) { /* all others are stale */
		if ((r = fold_latest(f, &spec->answers)) != FOLD_NIL)
			ask_of(f, may, n, kind, f->fact[r].current);
		return;
	}
	if (!spec->by->is_of_answered)
		fold_set(f, spec->by, &e); /* the same for every aim */
	for (size_t i = 0; i < spec->answers.n && !f->is_out; i++) {
		for (r = f->last_valid[spec->answers.at[i]]; r != FOLD_NIL;
		     r = f->fact[r].prev_kind) {
			if (f->fact[r].is_undone)
				continue;
			if (spec->by->is_of_answered)
				ask_of(f, may, n, kind, f->fact[r].current);
			else
				ask(f, may, n, kind, f->fact[r].current, from);
		}
	}
	f->n_set = from;
}

static void
put_may(struct fold *f, struct fold_result *r)
{
	size_t n = f->n_parties, from = f->n_set;
	struct may *may = fold_take(f, n, sizeof(*may));
	struct fold_may *at;

	if (may == NULL || !f->has_state)
		return;
	/* parties that a role's field names are known since its terms began or
	 * are added here: then the table would miss them, so make it anew */
	for (uint16_t k = 0; k < f->p->n_acts && !f->is_out; k++) {
		ask_kind(f, may, n, k);
		if (f->n_parties > n) {
			n = f->n_parties;
			if ((may = fold_take(f, n, sizeof(*may))) == NULL)
				return;
			k = UINT16_MAX; /* from the start */
		}
	}
	for (uint32_t p = 0; p < n; p++)
		if ((may[p].kind[0] | may[p].kind[1]) != 0)
			fold_push(f, p);
	at = fold_take(f, f->n_set - from, sizeof(*at));
	if (at == NULL)
		return;
	fold_sort(f, from);
	for (size_t i = from; i < f->n_set; i++) {
		const struct may *m = &may[f->set[i]];
		struct fold_may *one = &at[r->n_may++];
		struct str *kind = fold_take(f, f->p->n_acts, sizeof(*kind));

		if (kind == NULL)
			return;
		one->party = f->party[f->set[i]].name;
		one->kind = kind;
		for (size_t k = 0; k < f->p->n_acts; k++) {
			uint16_t act = f->p->by_name[k];

			if ((m->kind[act / 64] >> act % 64 & 1) != 0)
				kind[one->n++] = f->p->act[act].name;
		}
	}
	r->may = at;
	f->n_set = from;
}

/* -- heads, missing, next */

static void
put_heads(struct fold *f, struct fold_result *r)
{
	uint64_t *newest = fold_take(f, f->n_authors, sizeof(*newest));
	struct id *at = fold_take(f, f->n_facts, sizeof(*at));
	bool *read = fold_take(f, f->n_facts, sizeof(*read));

	if (f->is_out)
		return;
	for (size_t i = 0; i < f->n_order; i++) {
		struct fold_fact *a = &f->fact[f->order[i]];

		read[f->order[i]] = f->audience == NULL ||
		                    fold_covers(f, a, false, AUDIENCE_PARTIES);
		if (!read[f->order[i]])
			continue;
		if (a->in->index > newest[a->party])
			newest[a->party] = a->in->index;
		for (size_t k = 0; k < a->n_needs; k++)
			f->fact[a->need[k]].is_mark = true;
	}
	for (uint32_t i = 0; i < f->n_facts; i++) { /* by id */
		const struct fold_fact *a = &f->fact[i];

		if (read[i] && !a->is_mark && a->in->index == newest[a->party])
			at[r->n_heads++] = a->act->id;
	}
	r->heads = at;
}

static int
compare_ids(const void *a, const void *b)
{
	return id_cmp(a, b);
}

static void
put_missing(struct fold *f, struct fold_result *r)
{
	struct id *at = NULL;
	size_t cap = 0, n = 0, used = 0;

	for (size_t i = 0; i < f->n_waiting; i++) {
		const struct act *act = f->fact[f->waiting[i]].act;

		if (!f->fact[f->waiting[i]].is_lacking)
			continue;
		if (!fold_grow(f, &at, &cap, n + act->n_after + 3, sizeof(*at)))
			return;
		for (size_t k = 0; k < act->n_after; k++)
			at[n++] = act->after[k];
		if (act->has_answers)
			at[n++] = act->answers;
		if (act->has_amends)
			at[n++] = act->amends;
		at[n++] = f->in->matter;
	}
	if (n > 0)
		qsort(at, n, sizeof(*at), compare_ids);
	for (size_t i = 0; i < n; i++)
		if (fold_find(f, &at[i]) == FOLD_NIL &&
		    (used == 0 || !id_eq(&at[used - 1], &at[i])))
			at[used++] = at[i];
	r->missing = at;
	r->n_missing = used;
}

static void
sooner(struct fold_result *r, int64_t us)
{
	if (!r->has_next || us < r->next_us)
		r->next_us = us;
	r->has_next = true;
}

/* When the result can next change by itself. */
static void
put_next(struct fold *f, struct fold_result *r)
{
	for (size_t i = 0; i < f->n_terms; i++) {
		const struct fold_duty *t = &f->term[i];
		bool is_right = f->p->term[t->name].kind == FOLD_RIGHT;

		if (t->has_due && t->wakes >= f->now &&
		    (t->status == FOLD_OPEN ||
			(t->status == FOLD_DONE && is_right)))
			sooner(r, t->wakes + 1);
	}
	for (size_t i = 0; i < f->n_waiting; i++)
		if (f->fact[f->waiting[i]].left == 0)
			sooner(r, f->fact[f->waiting[i]].time);
	for (size_t i = 0; f->in->has_members && i < f->in->n_members; i++)
		if (f->step[i].from > f->now)
			sooner(r, f->step[i].from);
}

struct fold_result *
fold_results(struct fold *f)
{
	struct fold_result *r = fold_take(f, 1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->founds = f->p->is_founding;
	if (f->has_state) {
		r->has_state = true;
		r->state = f->p->state[f->state].name;
		r->since_us = f->since;
		r->audience = *f->audience;
	}
	put_acts(f, r);
	put_terms(f, r);
	put_heads(f, r);
	put_missing(f, r);
	put_next(f, r);
	if (!f->is_out)
		put_history(f, r);
	put_members(f, r);
	if (!f->is_out)
		put_may(f, r);
	return f->is_out ? NULL : r;
}
