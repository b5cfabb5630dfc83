#include "rules/fold_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum { SEEN_WIDTH = 16 };

/* Of a leaf, the newest index of each of 16 logs, plus 1; else 16 subtrees. */
struct fold_seen {
	union {
		const struct fold_seen *child[SEEN_WIDTH];
		uint64_t newest[SEEN_WIDTH];
	} u;
};

int64_t
fold_clamp(int64_t us)
{
	return us > FOLD_TIME_MAX    ? FOLD_TIME_MAX
	       : us < -FOLD_TIME_MAX ? -FOLD_TIME_MAX
	                             : us;
}

/* -- acts by id */

struct by_id {
	const struct act *act;
	uint32_t i;
};

static int
compare_ids(const void *a, const void *b)
{
	const struct by_id *x = a, *y = b;
	int c = id_cmp(&x->act->id, &y->act->id);

	return c != 0 ? c : (x->i > y->i) - (x->i < y->i);
}

uint32_t
fold_find(const struct fold *f, const struct id *id)
{
	size_t lo = 0, hi = f->n_facts;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = id_cmp(&f->fact[mid].act->id, id);

		if (c == 0)
			return (uint32_t)mid; /* below n_facts */
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return FOLD_NIL;
}

/* Facts are numbered by id; of an act that came twice the later counts. */
static void
sort_acts(struct fold *f)
{
	size_t n = f->in->n_acts, used = 0;
	struct by_id *at;

	if (n >= FOLD_NIL / 2) {
		f->is_out = true;
		return;
	}
	at = fold_take(f, n, sizeof(*at));
	f->fact = fold_take(f, n, sizeof(*f->fact));
	if (f->is_out)
		return;
	for (uint32_t i = 0; i < n; i++)
		at[i] = (struct by_id){f->in->acts[i].act, i};
	qsort(at, n, sizeof(*at), compare_ids);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && id_eq(&at[i].act->id, &at[i + 1].act->id))
			continue;
		f->fact[used].in = &f->in->acts[at[i].i];
		f->fact[used].act = at[i].act;
		used++;
	}
	f->n_facts = (uint32_t)used; /* below NIL, as n is */
}

/* -- what an act is before anything is known of it */

static const uint32_t *
parties_of(struct fold *f, const struct str *name, size_t n)
{
	uint32_t *ret = fold_take(f, n, sizeof(*ret));

	for (size_t i = 0; ret != NULL && i < n; i++)
		ret[i] = fold_party(f, name[i]);
	return ret;
}

static bool
is_same_list(const struct audience *a, const struct audience *b)
{
	if (a->type != b->type || a->n != b->n)
		return false;
	for (size_t i = 0; a->party != b->party && i < a->n; i++)
		if (!str_eq(a->party[i], b->party[i]))
			return false;
	return true;
}

static void
need(struct fold *f, struct fold_fact *a, const struct id *id)
{
	uint32_t i = fold_find(f, id);

	if (i == FOLD_NIL) {
		a->is_lacking = true;
		return;
	}
	if (&f->fact[i] == a || f->fact[i].is_mark)
		return;
	f->fact[i].is_mark = true;
	a->need[a->n_needs++] = i;
}

static void
init_fact(struct fold *f, struct fold_fact *a)
{
	const struct fold_act *in = a->in;
	const struct act *act = a->act;
	uint32_t self = (uint32_t)(a - f->fact); /* below n_facts */

	a->root = a->current = self;
	a->answers = act->has_answers ? fold_find(f, &act->answers) : FOLD_NIL;
	a->amends = act->has_amends ? fold_find(f, &act->amends) : FOLD_NIL;
	a->kind = rule_act_index(f->p, act->name);
	a->has_not_before = in->has_not_before;
	a->has_not_after = in->has_not_after;
	a->not_before = fold_clamp(in->not_before_us);
	a->not_after = fold_clamp(in->not_after_us);
	a->verdict = FOLD_WAITING;
	a->crossed = a->prev_kind = a->prev_done = a->prev_same = FOLD_NIL;
	a->first_term = a->last_term = FOLD_NIL;
	a->first_batch = a->last_batch = FOLD_NIL;
	a->need = fold_take(f, act->n_after + 3, sizeof(*a->need));
	if (a->need == NULL)
		return;
	for (size_t i = 0; i < act->n_after; i++)
		need(f, a, &act->after[i]);
	if (act->has_answers)
		need(f, a, &act->answers);
	if (act->has_amends)
		need(f, a, &act->amends);
	need(f, a, &f->in->matter);
	for (size_t i = 0; i < a->n_needs; i++)
		f->fact[a->need[i]].is_mark = false;
}

void
fold_intake(struct fold *f)
{
	const struct fold_input *in = f->in;
	const struct fold_fact *last = NULL;

	sort_acts(f);
	f->matter = f->is_out ? FOLD_NIL : fold_find(f, &in->matter);
	/* authors first: their numbers index what was seen of their logs */
	for (uint32_t i = 0; !f->is_out && i < f->n_facts; i++)
		f->fact[i].party = fold_party(f, f->fact[i].act->party);
	f->n_authors = f->n_parties;
	for (uint32_t i = 0; !f->is_out && i < f->n_facts; i++) {
		struct fold_fact *a = &f->fact[i];

		init_fact(f, a);
		if (a->act->to.type != AUDIENCE_PARTIES)
			continue;
		a->n_to = a->act->to.n;
		if (last != NULL && is_same_list(&last->act->to, &a->act->to))
			a->to = last->to; /* as it mostly is */
		else
			a->to = parties_of(f, a->act->to.party, a->n_to);
		last = a;
	}
	f->step = fold_take(f, in->n_members, sizeof(*f->step));
	for (size_t i = 0; !f->is_out && in->has_members && i < in->n_members;
	     i++) {
		f->step[i].from = fold_clamp(in->members[i].from_us);
		f->step[i].n = in->members[i].n;
		f->step[i].party =
		    parties_of(f, in->members[i].party, in->members[i].n);
	}
	for (size_t i = 0; !f->is_out && i < in->n_heard; i++) {
		uint32_t p = fold_party(f, in->heard[i].party);

		if (f->is_out)
			break;
		f->party[p].has_heard = true;
		f->party[p].heard = fold_clamp(in->heard[i].us);
	}
	f->now = fold_clamp(in->now_us);
}

/* -- what an author had seen */

static size_t
seen_top(const struct fold *f)
{
	size_t width = SEEN_WIDTH;

	while (width < f->n_authors)
		width *= SEEN_WIDTH;
	return width / SEEN_WIDTH; /* logs below one child of the root */
}

static bool
is_at_least(const struct fold_seen *x, const struct fold_seen *y)
{
	for (size_t i = 0; i < SEEN_WIDTH; i++)
		if (x->u.newest[i] < y->u.newest[i])
			return false;
	return true;
}

/* The later of both, log by log; what is the same is shared.  `below`: logs
 * below one child; the depth is log16 of the authors. */
static const struct fold_seen *
merge(struct fold *f, const struct fold_seen *x, const struct fold_seen *y,
    size_t below)
{
	struct fold_seen both = {0}, *ret;
	bool is_x = true, is_y = true;

	if (x == y || y == NULL)
		return x;
	if (x == NULL)
		return y;
	if (below == 1) {
		if (is_at_least(x, y))
			return x;
		if (is_at_least(y, x))
			return y;
		for (size_t i = 0; i < SEEN_WIDTH; i++)
			both.u.newest[i] = x->u.newest[i] > y->u.newest[i]
			                       ? x->u.newest[i]
			                       : y->u.newest[i];
	}
	for (size_t i = 0; below > 1 && i < SEEN_WIDTH; i++) {
		const struct fold_seen *c =
		    merge(f, x->u.child[i], y->u.child[i], below / SEEN_WIDTH);

		is_x = is_x && c == x->u.child[i];
		is_y = is_y && c == y->u.child[i];
		both.u.child[i] = c;
	}
	if (below > 1 && (is_x || is_y))
		return is_x ? x : y;
	if ((ret = fold_take(f, 1, sizeof(*ret))) != NULL)
		*ret = both;
	return ret;
}

static const struct fold_seen *
add_seen(struct fold *f, const struct fold_seen *x, size_t party,
    uint64_t newest, size_t below)
{
	struct fold_seen *ret;
	size_t i = party / below % SEEN_WIDTH;

	if ((ret = fold_take(f, 1, sizeof(*ret))) == NULL)
		return x;
	if (x != NULL)
		*ret = *x;
	if (below > 1)
		ret->u.child[i] = add_seen(f, ret->u.child[i], party, newest,
		    below / SEEN_WIDTH);
	else if (ret->u.newest[i] < newest)
		ret->u.newest[i] = newest;
	return ret;
}

uint64_t
fold_seen(const struct fold *f, const struct fold_fact *a, uint32_t party)
{
	const struct fold_seen *x = a->seen;
	size_t below = seen_top(f);

	for (; x != NULL && below > 1; below /= SEEN_WIDTH)
		x = x->u.child[party / below % SEEN_WIDTH];
	return x == NULL ? 0 : x->u.newest[party % SEEN_WIDTH];
}

/* -- order */

/* Needs come before users; who waits for what is missing does not come. */
static void
make_ready(struct fold *f)
{
	size_t total = 0, n_users = 0;
	uint32_t *from = fold_take(f, (size_t)f->n_facts + 1, sizeof(*from));
	uint32_t *user;

	for (uint32_t i = 0; i < f->n_facts; i++)
		total += f->fact[i].n_needs;
	user = fold_take(f, total, sizeof(*user));
	f->ready = fold_take(f, f->n_facts, sizeof(*f->ready));
	if (total >= FOLD_NIL)
		f->is_out = true;
	if (f->is_out)
		return;
	for (uint32_t i = 0; i < f->n_facts;
	     i++) /* users of i end at from[i] */
		for (size_t k = 0; k < f->fact[i].n_needs; k++)
			from[f->fact[i].need[k]]++;
	for (uint32_t i = 0; i < f->n_facts; i++) {
		n_users += from[i];
		from[i] = (uint32_t)n_users; /* at most total */
	}
	from[f->n_facts] = (uint32_t)n_users;
	for (uint32_t i = 0; i < f->n_facts; i++) {
		struct fold_fact *a = &f->fact[i];

		for (size_t k = 0; k < a->n_needs; k++)
			user[--from[a->need[k]]] = i;
		a->left = (uint32_t)a->n_needs + a->is_lacking; /* <= 1004 */
		if (a->left == 0)
			f->ready[f->n_ready++] = i;
	}
	for (size_t r = 0; r < f->n_ready; r++) {
		uint32_t i = f->ready[r];

		for (uint32_t k = from[i]; k < from[i + 1]; k++)
			if (--f->fact[user[k]].left == 0)
				f->ready[f->n_ready++] = user[k];
	}
}

static void
prove(struct fold *f)
{
	for (size_t r = f->n_ready; r-- > 0;) {
		const struct fold_fact *a = &f->fact[f->ready[r]];

		for (size_t k = 0; a->has_not_after && k < a->n_needs; k++) {
			struct fold_fact *b = &f->fact[a->need[k]];

			if (!b->has_not_after || a->not_after < b->not_after)
				b->not_after = a->not_after;
			b->has_not_after = true;
		}
	}
}

static void
settle(struct fold *f, struct fold_fact *a)
{
	uint64_t newest =
	    a->in->index == UINT64_MAX ? UINT64_MAX : a->in->index + 1;
	size_t top = seen_top(f);

	a->t = fold_clamp(a->act->at_us);
	if (a->has_not_before && a->not_before > a->t)
		a->t = a->not_before;
	if (a->has_not_after && a->not_after < a->t)
		a->t = a->not_after;
	a->time = a->t;
	for (size_t k = 0; k < a->n_needs; k++) {
		const struct fold_fact *b = &f->fact[a->need[k]];

		if (b->time > a->time)
			a->time = b->time;
		if (b->depth + 1 > a->depth)
			a->depth = b->depth + 1;
		a->seen = merge(f, a->seen, b->seen, top);
	}
	if (fold_seen(f, a, a->party) < newest)
		a->seen = add_seen(f, a->seen, a->party, newest, top);
}

struct place {
	int64_t time;
	uint32_t depth, i;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	return (x->i > y->i) - (x->i < y->i); /* facts are numbered by id */
}

void
fold_arrange(struct fold *f)
{
	struct place *place;

	make_ready(f);
	if (f->is_out)
		return;
	prove(f);
	for (size_t r = 0; r < f->n_ready; r++)
		settle(f, &f->fact[f->ready[r]]);
	place = fold_take(f, f->n_facts, sizeof(*place));
	f->order = fold_take(f, f->n_facts, sizeof(*f->order));
	f->waiting = fold_take(f, f->n_facts, sizeof(*f->waiting));
	if (f->is_out)
		return;
	for (uint32_t i = 0; i < f->n_facts; i++) {
		struct fold_fact *a = &f->fact[i];

		if (a->left > 0)
			a->reason = "missing";
		else if (a->time > f->now)
			a->reason = "ahead";
		if (a->left > 0)
			f->party[a->party].has_heard = false;
		if (a->reason != NULL)
			f->waiting[f->n_waiting++] = i;
		else
			place[f->n_order++] =
			    (struct place){a->time, a->depth, i};
	}
	qsort(place, f->n_order, sizeof(*place), compare_places);
	for (uint32_t i = 0; i < f->n_order; i++) {
		f->order[i] = place[i].i;
		f->fact[place[i].i].order = i;
	}
}
