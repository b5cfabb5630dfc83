#include "rules/fold_int.h"

#include <string.h>

#include "base/num.h"

bool
fold_is_live(const struct fold *f)
{
	return f->has_state && (f->p->live >> f->state & 1) != 0;
}

static bool
is_active(enum fold_status s)
{
	return s == FOLD_OPEN || s == FOLD_PAST;
}

static void
set_status(struct fold *f, uint32_t term, enum fold_status s)
{
	struct fold_duty *t = &f->term[term];

	f->count[t->name][t->status]--;
	f->count[t->name][s]++;
	if (is_active(t->status) && !is_active(s)) {
		if (t->prev_active == FOLD_NIL)
			f->active[t->name] = t->next_active;
		else
			f->term[t->prev_active].next_active = t->next_active;
		if (t->next_active != FOLD_NIL)
			f->term[t->next_active].prev_active = t->prev_active;
	}
	t->status = s;
}

/* -- timers: a heap by (wakes, term) */

static bool
is_sooner(const struct fold_timer *a, const struct fold_timer *b)
{
	return a->wakes != b->wakes ? a->wakes < b->wakes : a->term < b->term;
}

static void
push_timer(struct fold *f, struct fold_timer timer)
{
	size_t i = f->n_timers;

	if (!fold_grow(f, &f->timer, &f->cap_timers, i + 1, sizeof(timer)))
		return;
	f->n_timers++;
	for (; i > 0 && is_sooner(&timer, &f->timer[(i - 1) / 2]);
	     i = (i - 1) / 2)
		f->timer[i] = f->timer[(i - 1) / 2];
	f->timer[i] = timer;
}

static struct fold_timer
pop_timer(struct fold *f)
{
	struct fold_timer ret = f->timer[0], last = f->timer[--f->n_timers];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < f->n_timers) {
		if (child + 1 < f->n_timers &&
		    is_sooner(&f->timer[child + 1], &f->timer[child]))
			child++;
		if (!is_sooner(&f->timer[child], &last))
			break;
		f->timer[i] = f->timer[child];
		i = child;
	}
	f->timer[i] = last;
	return ret;
}

/* -- beginning */

/* When a term is due that begins, or is set anew, by this event. */
static bool
due(struct fold *f, uint16_t name, const struct fold_event *e, int64_t *ret)
{
	const struct rule_term *spec = &f->p->term[name];
	const struct js *v;

	if (spec->has_within) {
		*ret = e->time + spec->within_us;
		return true;
	}
	v = spec->has_until ? fold_value(f, &spec->until) : NULL;
	if (js_type(v) != JS_TEXT || !when_is_time(js_str(v), WHEN_YEAR, ret))
		return false;
	*ret += spec->plus_us;
	return true;
}

static void
schedule(struct fold *f, uint32_t term, bool has_due, int64_t due_us,
    int64_t time)
{
	struct fold_duty *t = &f->term[term];

	t->has_due = has_due;
	t->due = due_us;
	t->wakes = due_us > time ? due_us : time;
	if (has_due)
		push_timer(f, (struct fold_timer){t->wakes, term});
}

static struct fold_chain *
chain_of(struct fold *f, const struct fold_map *m, struct fold_key key)
{
	uint32_t i = fold_map_get(m, key);

	return i == FOLD_NIL ? NULL : &f->chain[i];
}

/* Put a term behind the others of its chain; from: of one origin alone. */
static void
link_term(struct fold *f, struct fold_map *m, struct fold_key key,
    uint32_t term)
{
	struct fold_chain *c = chain_of(f, m, key);

	if (c == NULL) {
		if (!fold_grow(f, &f->chain, &f->cap_chains, f->n_chains + 1,
			sizeof(*f->chain)))
			return;
		f->chain[f->n_chains] = (struct fold_chain){term, term};
		fold_map_set(f, m, key, (uint32_t)f->n_chains++);
		return;
	}
	if (m == &f->terms_of) {
		f->term[c->last].next_chain = term;
		f->term[term].prev_chain = c->last;
	} else {
		f->term[c->last].next_same = term;
	}
	c->last = term;
	if (c->able == FOLD_NIL)
		c->able = term;
}

static void
begin_one(struct fold *f, uint16_t name, const struct fold_event *e,
    uint32_t party)
{
	struct fold_fact *origin = &f->fact[e->origin];
	uint32_t term = (uint32_t)f->n_terms;
	const struct fold_chain *c = chain_of(f, &f->terms_from,
	    (struct fold_key){name, party, e->origin});
	int64_t due_us = 0;
	bool has_due;

	if (c != NULL && f->term[c->last].status == FOLD_OPEN)
		return; /* of one chain only the last can be open */
	if (!fold_grow(f, &f->term, &f->cap_terms, f->n_terms + 1,
		sizeof(*f->term)))
		return;
	f->n_terms++;
	f->term[term] = (struct fold_duty){.name = name,
	    .party = party,
	    .origin = e->origin,
	    .by = FOLD_NIL,
	    .begun = e->time,
	    .next_chain = FOLD_NIL,
	    .prev_chain = FOLD_NIL,
	    .next_same = FOLD_NIL,
	    .next_origin = FOLD_NIL,
	    .prev_active = FOLD_NIL,
	    .next_active = f->active[name]};
	if (f->active[name] != FOLD_NIL)
		f->term[f->active[name]].prev_active = term;
	f->active[name] = term;
	f->count[name][FOLD_OPEN]++;
	link_term(f, &f->terms_of, (struct fold_key){name, party, FOLD_NIL},
	    term);
	link_term(f, &f->terms_from, (struct fold_key){name, party, e->origin},
	    term);
	if (origin->last_term == FOLD_NIL)
		origin->first_term = term;
	else
		f->term[origin->last_term].next_origin = term;
	origin->last_term = term;
	has_due = due(f, name, e, &due_us);
	schedule(f, term, has_due, due_us, e->time);
}

/* Push whom a term binds, by name: an alarm nobody (NIL), and no term a party
 * that does not read the matter. */
static void
bound(struct fold *f, uint16_t name, const struct fold_event *e)
{
	const struct rule_term *spec = &f->p->term[name];
	size_t from = f->n_set, n = from, n_members;
	const uint32_t *members;
	uint64_t mark;

	if (spec->kind == FOLD_ALARM) {
		fold_push(f, FOLD_NIL);
		return;
	}
	fold_set(f, spec->of, e);
	if (f->is_out)
		return;
	if (f->audience->type != AUDIENCE_PUBLIC) {
		n_members = f->audience->type == AUDIENCE_MEMBERS
		                ? fold_members(f, e->time, &members)
		                : 0;
		mark = fold_mark(f, n_members == 0 ? NULL : members, n_members);
		for (size_t i = from; i < f->n_set; i++) {
			const struct fold_name *p = &f->party[f->set[i]];

			if (p->is_party || p->mark == mark)
				f->set[n++] = f->set[i];
		}
		f->n_set = n;
	}
	fold_sort(f, from);
}

static void
begin(struct fold *f, uint16_t name, const struct fold_event *e)
{
	struct fold_fact *origin = &f->fact[e->origin];
	uint32_t batch = (uint32_t)f->n_batches;
	size_t from = f->n_set;

	if (!fold_grow(f, &f->batch, &f->cap_batches, f->n_batches + 1,
		sizeof(*f->batch)))
		return;
	f->batch[f->n_batches++] = (struct fold_batch){name, *e, FOLD_NIL};
	if (origin->last_batch == FOLD_NIL)
		origin->first_batch = batch;
	else
		f->batch[origin->last_batch].next = batch;
	origin->last_batch = batch;
	bound(f, name, e);
	for (size_t i = from; !f->is_out && i < f->n_set; i++)
		begin_one(f, name, e, f->set[i]);
	f->n_set = from;
}

/* -- amending: the terms that the act began follow its new body */

static void
rebind_batch(struct fold *f, const struct fold_fact *a, uint32_t batch)
{
	const uint32_t root = a->root;
	uint16_t name = f->batch[batch].name;
	const struct fold_event *first = &f->batch[batch].event;
	struct fold_event e = {.time = a->time,
	    .on = SIZE_MAX,
	    .actor = first->actor,
	    .origin = root,
	    .answered = first->answered,
	    .act = (uint32_t)(a - f->fact),
	    .term = FOLD_NIL};
	size_t from = f->n_set, n;
	bool is_alarm = f->p->term[name].kind == FOLD_ALARM;
	uint64_t mark;

	bound(f, name, &e);
	if (f->is_out)
		return;
	n = f->n_set;
	mark = fold_mark(f, f->set + from, is_alarm ? 0 : n - from);
	for (uint32_t t = f->fact[root].first_term; t != FOLD_NIL;
	     t = f->term[t].next_origin) {
		const struct fold_duty *d = &f->term[t];

		if (d->name == name && is_active(d->status) && !is_alarm &&
		    f->party[d->party].mark != mark)
			set_status(f, t, FOLD_RELEASED);
	}
	for (uint32_t t = f->fact[root].first_term; t != FOLD_NIL;
	     t = f->term[t].next_origin) {
		int64_t due_us = 0;
		bool has_due;

		if (f->term[t].name != name || f->term[t].status != FOLD_OPEN ||
		    !f->p->term[name].has_until)
			continue;
		has_due = due(f, name, &e, &due_us);
		schedule(f, t, has_due, due_us, a->time);
	}
	for (size_t i = from; !f->is_out && i < n; i++)
		if (chain_of(f, &f->terms_from,
			(struct fold_key){name, f->set[i], root}) == NULL)
			begin_one(f, name, &e, f->set[i]);
	f->n_set = from;
}

void
fold_rebind(struct fold *f, const struct fold_fact *a)
{
	for (uint32_t b = f->fact[a->root].first_batch;
	     b != FOLD_NIL && !f->is_out; b = f->batch[b].next)
		rebind_batch(f, a, b);
}

/* -- performing, releasing, rights */

/* The oldest term of the chain that can still be performed.  What a term lost
 * it never gets back, so the chain's start moves on for good. */
static uint32_t
able(struct fold *f, struct fold_chain *c, bool is_right, bool is_same)
{
	while (c->able != FOLD_NIL) {
		const struct fold_duty *t = &f->term[c->able];

		if (t->status == FOLD_OPEN ||
		    (!is_right &&
			(t->status == FOLD_PAST || t->status == FOLD_LAPSED)))
			break;
		c->able = is_same ? t->next_same : t->next_chain;
	}
	return c->able;
}

void
fold_perform(struct fold *f, struct fold_fact *a, uint32_t answered)
{
	const struct rule_list *names = &f->p->act[a->kind].terms;

	for (size_t i = 0; i < names->n; i++) {
		uint16_t name = names->at[i];
		struct fold_chain *c = NULL;
		struct fold_duty *t;
		uint32_t term;
		int64_t late = 0;
		bool is_same;

		if (answered != FOLD_NIL)
			c = chain_of(f, &f->terms_from,
			    (struct fold_key){name, a->party,
				f->fact[answered].root});
		is_same = c != NULL;
		if (!is_same)
			c = chain_of(f, &f->terms_of,
			    (struct fold_key){name, a->party, FOLD_NIL});
		if (c == NULL)
			continue;
		term = able(f, c, f->p->term[name].kind == FOLD_RIGHT, is_same);
		if (term == FOLD_NIL)
			continue;
		t = &f->term[term];
		if (t->has_due && a->time > t->due)
			late = a->time - t->due;
		set_status(f, term, late > 0 ? FOLD_LATE : FOLD_DONE);
		t->by = (uint32_t)(a - f->fact); /* below n_facts */
		if (late > a->late)
			a->late = late;
	}
}

void
fold_release_of(struct fold *f, uint32_t origin)
{
	for (uint32_t t = f->fact[origin].first_term; t != FOLD_NIL;
	     t = f->term[t].next_origin)
		if (is_active(f->term[t].status))
			set_status(f, t, FOLD_RELEASED);
}

const char *
fold_no_right(struct fold *f, uint16_t kind, uint32_t party, int64_t time)
{
	const struct rule_list *names = &f->p->act[kind].terms;
	bool had = false;

	for (size_t i = 0; i < names->n; i++) {
		const struct fold_chain *c;

		if (f->p->term[names->at[i]].kind != FOLD_RIGHT)
			continue;
		c = chain_of(f, &f->terms_of,
		    (struct fold_key){names->at[i], party, FOLD_NIL});
		for (uint32_t t = c == NULL ? FOLD_NIL : c->last; t != FOLD_NIL;
		     t = f->term[t].prev_chain) {
			if (f->term[t].status == FOLD_RELEASED)
				continue;
			if (!f->term[t].has_due || time <= f->term[t].due)
				return NULL;
			had = true;
		}
	}
	return had ? "out-of-time" : "no-right";
}

/* -- moves */

static const struct rule_move *
fitting(struct fold *f, const struct fold_event *e)
{
	const struct rule_list *moves = &f->p->on[e->on];
	bool is_opening = e->on < f->p->n_acts && f->p->act[e->on].is_opening;

	for (size_t i = 0; i < moves->n; i++) {
		const struct rule_move *m = &f->p->move[moves->at[i]];
		bool fits =
		    is_opening ? !f->has_state
			       : f->has_state && (m->from >> f->state & 1) != 0;

		if (fits && (m->guard == NULL || fold_holds(f, m->guard, e)))
			return m;
	}
	return NULL;
}

static void
go(struct fold *f, uint16_t to, const struct fold_event *e)
{
	bool lapsed = e->on >= f->p->n_acts + f->p->n_terms;

	f->has_state = true;
	f->state = to;
	f->since = e->time;
	f->mover = e->act;
	if (!fold_grow(f, &f->history, &f->cap_history, f->n_history + 1,
		sizeof(*f->history)))
		return;
	f->history[f->n_history++] =
	    (struct fold_moment){e->time, to, e->act, e->term, lapsed};
}

void
fold_fire(struct fold *f, const struct fold_event *e)
{
	const struct rule_move *m = fitting(f, e);

	if (m == NULL || f->is_out)
		return;
	for (size_t i = 0; i < m->release.n; i++)
		while (f->active[m->release.at[i]] != FOLD_NIL)
			set_status(f, f->active[m->release.at[i]],
			    FOLD_RELEASED);
	if (m->to != RULE_NONE && (!f->has_state || m->to != f->state))
		go(f, m->to, e);
	if (fold_is_live(f)) {
		for (size_t i = 0; i < m->begin.n; i++)
			begin(f, m->begin.at[i], e);
		return;
	}
	for (size_t name = 0; name < f->p->n_terms; name++) {
		for (uint32_t t = f->active[name], next; t != FOLD_NIL;
		     t = next) {
			next = f->term[t].next_active;
			if (f->term[t].status == FOLD_OPEN)
				set_status(f, t, FOLD_RELEASED);
		}
	}
}

static bool
is_silence_proven(const struct fold *f, const struct fold_duty *t)
{
	return t->status == FOLD_PAST && fold_is_live(f) &&
	       t->party != FOLD_NIL && f->party[t->party].has_heard &&
	       f->party[t->party].heard > t->due;
}

void
fold_pass_time(struct fold *f, int64_t until)
{
	while (!f->is_out && f->n_timers > 0 && f->timer[0].wakes < until) {
		struct fold_timer timer = pop_timer(f);
		const struct fold_duty *t = &f->term[timer.term];
		struct fold_event e = {.time = timer.wakes,
		    .actor = t->party,
		    .origin = t->origin,
		    .answered = FOLD_NIL,
		    .act = FOLD_NIL,
		    .term = timer.term};

		if (t->status != FOLD_OPEN || !t->has_due ||
		    t->wakes != timer.wakes)
			continue;
		e.on = f->p->n_acts + t->name;
		set_status(f, timer.term, FOLD_PAST);
		fold_fire(f, &e);
		fold_note_members(f, e.time);
		t = &f->term[timer.term]; /* the array may have moved */
		if (f->is_out || !is_silence_proven(f, t))
			continue;
		e.on += f->p->n_terms;
		set_status(f, timer.term, FOLD_LAPSED);
		fold_fire(f, &e);
		fold_note_members(f, e.time);
	}
}

void
fold_note_members(struct fold *f, int64_t time)
{
	const struct rule_role *role =
	    f->has_state ? f->p->state[f->state].members : NULL;
	const struct fold_event e = {.time = time,
	    .on = SIZE_MAX,
	    .actor = FOLD_NIL,
	    .origin = FOLD_NIL,
	    .answered = FOLD_NIL,
	    .act = FOLD_NIL,
	    .term = FOLD_NIL};
	size_t from = f->n_set, n;
	const uint32_t *old;
	uint32_t *now;

	if (!f->p->is_founding || f->is_out)
		return;
	if (role != NULL)
		fold_set(f, role, &e);
	if (f->is_out)
		return;
	fold_sort(f, from);
	n = f->n_set - from;
	f->n_set = from;
	if (fold_members(f, time, &old) == n &&
	    (n == 0 || memcmp(old, f->set + from, n * sizeof(*old)) == 0))
		return;
	now = fold_take(f, n, sizeof(*now));
	if (now == NULL || !fold_grow(f, &f->membership, &f->cap_membership,
			       f->n_membership + 1, sizeof(*f->membership)))
		return;
	if (n > 0)
		memcpy(now, f->set + from, n * sizeof(*now));
	f->membership[f->n_membership++] = (struct fold_step){time, n, now};
}
