#include "rules/fold_int.h"

#include <string.h>

#include "base/num.h"

size_t
fold_members(const struct fold *f, int64_t time, const uint32_t **ret)
{
	*ret = NULL;
	if (f->p->is_founding) {
		if (f->n_membership == 0)
			return 0;
		*ret = f->membership[f->n_membership - 1].party;
		return f->membership[f->n_membership - 1].n;
	}
	if (!f->in->has_members) {
		*ret = f->parties;
		return f->n_party;
	}
	for (size_t i = f->in->n_members; i-- > 0;) {
		if (f->step[i].from <= time) {
			*ret = f->step[i].party;
			return f->step[i].n;
		}
	}
	return 0;
}

bool
fold_is_member(const struct fold *f, int64_t time, uint32_t party)
{
	const uint32_t *at;
	size_t n = fold_members(f, time, &at);

	for (size_t i = 0; i < n; i++)
		if (at[i] == party)
			return true;
	return false;
}

/* Is a value, or one of a list, among these?  Types count: 1 is not true, nor
 * is it 1.0. */
static bool
is_among(const struct js *value, const struct js *values)
{
	const struct js *x;

	for (size_t i = 0; (x = rule_listed(value, i)) != NULL; i++)
		for (size_t k = 0; k < js_len(values); k++)
			if (js_is_equal(x, js_at(values, k)))
				return true;
	return false;
}

uint32_t
fold_latest(struct fold *f, const struct rule_list *kinds)
{
	uint32_t ret = FOLD_NIL;

	for (size_t i = 0; i < kinds->n; i++) {
		uint32_t *last = &f->last_valid[kinds->at[i]];

		while (*last != FOLD_NIL && f->fact[*last].is_undone)
			*last = f->fact[*last].prev_kind;
		if (*last != FOLD_NIL &&
		    (ret == FOLD_NIL ||
			f->fact[*last].order > f->fact[ret].order))
			ret = *last;
	}
	return ret;
}

/* The latest act on a chain that is not undone; undone ones leave it. */
static uint32_t
top(struct fold *f, struct fold_map *m, struct fold_key key)
{
	uint32_t first = fold_map_get(m, key), i = first;

	while (i != FOLD_NIL && f->fact[i].is_undone)
		i = m == &f->done ? f->fact[i].prev_done : f->fact[i].prev_same;
	if (i != first)
		fold_map_set(f, m, key, i);
	return i;
}

uint32_t
fold_done(struct fold *f, uint16_t kind, uint32_t party)
{
	return top(f, &f->done, (struct fold_key){kind, party, FOLD_NIL});
}

bool
fold_did(struct fold *f, uint32_t party, uint16_t kind,
    const struct rule_where *where, uint32_t answered)
{
	const struct rule_act *spec = &f->p->act[kind];
	uint32_t i;
	const struct js *body;

	if (spec->is_latest) {
		uint32_t aim = fold_latest(f, &spec->answers);

		if (aim == FOLD_NIL)
			return false;
		aim = f->fact[aim].current;
		if (answered != FOLD_NIL && answered != aim)
			return false;
		answered = aim;
	}
	i = answered == FOLD_NIL
	        ? fold_done(f, kind, party)
	        : top(f, &f->same, (struct fold_key){kind, party, answered});
	if (i == FOLD_NIL)
		return false;
	body = f->fact[f->fact[i].current].act->body;
	for (size_t k = 0; where != NULL && k < where->n; k++)
		if (!is_among(js_get_at(body, where->cond[k].name),
			where->cond[k].values))
			return false;
	return true;
}

static const struct js *
walk(const struct fold *f, uint32_t root, const struct rule_path *path)
{
	return form_walk(f->fact[f->fact[root].current].act->body, path->name,
	    path->n);
}

const struct js *
fold_value(struct fold *f, const struct rule_ref *ref)
{
	const struct rule_path *path = NULL;
	uint32_t latest = FOLD_NIL;

	for (size_t i = 0; i < ref->n; i++) {
		const struct rule_list kind = {1, &ref->path[i].act};
		uint32_t r = fold_latest(f, &kind);

		if (r == FOLD_NIL ||
		    (latest != FOLD_NIL &&
			f->fact[r].order < f->fact[latest].order))
			continue;
		latest = r;
		path = &ref->path[i];
	}
	return path == NULL ? NULL : walk(f, latest, path);
}

/* The parties that the act which is answered names. */
static const struct js *
named(struct fold *f, const struct rule_role *r, const struct fold_event *e)
{
	uint32_t root;

	if (e->answered == FOLD_NIL || r->ref.n == 0)
		return NULL;
	root = f->fact[e->answered].root;
	if (f->fact[root].kind != r->ref.path[0].act)
		return NULL;
	return walk(f, root, &r->ref.path[0]);
}

static void
push_texts(struct fold *f, const struct js *v)
{
	const struct js *x;

	for (size_t i = 0; (x = rule_listed(v, i)) != NULL; i++)
		if (js_type(x) == JS_TEXT)
			fold_push(f, fold_party(f, js_str(x)));
}

static uint32_t
answered_party(struct fold *f, const struct rule_role *r)
{
	uint32_t i = fold_latest(f, &r->kinds);

	if (i == FOLD_NIL || f->fact[i].answers == FOLD_NIL)
		return FOLD_NIL;
	return f->fact[f->fact[i].answers].party;
}

/* All who ever did it are authors, so they are the ones to ask. */
static void
push_did(struct fold *f, const struct rule_role *r)
{
	for (uint32_t p = 0; p < f->n_authors; p++)
		for (size_t i = 0; i < r->kinds.n; i++)
			if (fold_did(f, p, r->kinds.at[i], &r->where,
				FOLD_NIL)) {
				fold_push(f, p);
				break;
			}
}

static void
push_except(struct fold *f, const struct rule_role *r,
    const struct fold_event *e)
{
	size_t from = f->n_set, without, n;
	uint64_t mark;

	fold_set(f, r->part[0], e);
	without = f->n_set;
	fold_set(f, r->part[1], e);
	if (f->is_out)
		return;
	mark = fold_mark(f, f->set + without, f->n_set - without);
	n = from;
	for (size_t i = from; i < without; i++)
		if (f->party[f->set[i]].mark != mark)
			f->set[n++] = f->set[i];
	f->n_set = n;
}

/* Push the parties that a role names now, each once. */
void
fold_set(struct fold *f, const struct rule_role *r, const struct fold_event *e)
{
	size_t from = f->n_set, n;
	const uint32_t *at;
	uint32_t p;

	if (f->is_out)
		return;
	switch (r->op) {
	case ROLE_OPENER:
		if (f->opener != FOLD_NIL)
			fold_push(f, f->opener);
		return;
	case ROLE_ADDRESSEES:
	case ROLE_PARTIES:
		for (size_t i = r->op == ROLE_ADDRESSEES; i < f->n_party; i++)
			fold_push(f, f->parties[i]);
		return;
	case ROLE_MEMBERS:
		n = fold_members(f, e->time, &at);
		for (size_t i = 0; i < n; i++)
			fold_push(f, at[i]);
		break;
	case ROLE_ACTOR:
		if (e->actor != FOLD_NIL)
			fold_push(f, e->actor);
		return;
	case ROLE_ALL:
		for (size_t i = 0; i < r->n; i++)
			fold_set(f, r->part[i], e);
		break;
	case ROLE_EXCEPT:
		push_except(f, r, e);
		return;
	case ROLE_FIELD:
		push_texts(f, fold_value(f, &r->ref));
		break;
	case ROLE_NAMED:
		push_texts(f, named(f, r, e));
		break;
	case ROLE_ANSWERED:
		if ((p = answered_party(f, r)) != FOLD_NIL)
			fold_push(f, p);
		return;
	case ROLE_DID:
		push_did(f, r);
		return;
	}
	fold_unique(f, from);
}

static bool
has_text(const struct js *v, struct str name)
{
	const struct js *x;

	for (size_t i = 0; (x = rule_listed(v, i)) != NULL; i++)
		if (js_type(x) == JS_TEXT && str_eq(js_str(x), name))
			return true;
	return false;
}

/* The same question as fold_set() for one party, without the others. */
bool
fold_has_role(struct fold *f, const struct rule_role *r,
    const struct fold_event *e, uint32_t party)
{
	const struct fold_name *p = &f->party[party];

	switch (r->op) {
	case ROLE_OPENER:
		return party == f->opener;
	case ROLE_ADDRESSEES:
		return p->is_addressee;
	case ROLE_PARTIES:
		return p->is_party;
	case ROLE_MEMBERS:
		return fold_is_member(f, e->time, party);
	case ROLE_ACTOR:
		return party == e->actor;
	case ROLE_ALL:
		for (size_t i = 0; i < r->n; i++)
			if (fold_has_role(f, r->part[i], e, party))
				return true;
		return false;
	case ROLE_EXCEPT:
		return fold_has_role(f, r->part[0], e, party) &&
		       !fold_has_role(f, r->part[1], e, party);
	case ROLE_FIELD:
		return has_text(fold_value(f, &r->ref), p->name);
	case ROLE_NAMED:
		return has_text(named(f, r, e), p->name);
	case ROLE_ANSWERED:
		return answered_party(f, r) == party;
	case ROLE_DID:
		for (size_t i = 0; i < r->kinds.n; i++)
			if (fold_did(f, party, r->kinds.at[i], &r->where,
				FOLD_NIL))
				return true;
		return false;
	}
	return false;
}

static bool
holds_did(struct fold *f, const struct rule_guard *g,
    const struct fold_event *e)
{
	uint32_t same = g->is_same ? e->answered : FOLD_NIL;
	size_t from = f->n_set, who;
	uint64_t n = 0, least;

	if (g->is_same && same == FOLD_NIL)
		return false;
	fold_set(f, g->role, e);
	who = f->n_set - from;
	for (size_t i = from; i < f->n_set; i++) {
		bool did = false;

		for (size_t k = 0; !did && k < g->kinds.n; k++)
			did = fold_did(f, f->set[i], g->kinds.at[k], &g->where,
			    same);
		n += did;
	}
	f->n_set = from;
	least = g->has_least ? g->least : who == 0 ? 1 : who;
	return n >= least;
}

bool
fold_holds(struct fold *f, const struct rule_guard *g,
    const struct fold_event *e)
{
	switch (g->op) {
	case GUARD_AND:
		for (size_t i = 0; i < g->n; i++)
			if (!fold_holds(f, g->part[i], e))
				return false;
		return true;
	case GUARD_OR:
		for (size_t i = 0; i < g->n; i++)
			if (fold_holds(f, g->part[i], e))
				return true;
		return false;
	case GUARD_NOT:
		return !fold_holds(f, g->part[0], e);
	case GUARD_TERM:
		for (unsigned s = 0; s < FOLD_STATUSES; s++)
			if ((g->statuses >> s & 1) != 0 &&
			    f->count[g->term][s] > 0)
				return true;
		return false;
	case GUARD_FIELD:
		return is_among(fold_value(f, &g->ref), g->values);
	case GUARD_DID:
		return holds_did(f, g, e);
	}
	return false;
}
