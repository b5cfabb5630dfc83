#include "rules/fault.h"

#include <string.h>

#include "base/num.h"

/*
 * All states and terms that can come about, taking every guard as true
 * sometimes and false sometimes.  Sets of states are masks; the start, before
 * any state, is where opening acts alone can happen.
 */
struct way { /* a move on one of its events */
	size_t move, event;
	const struct js *on;
	bool is_opening,
	    is_taken;  /* an earlier move takes every such opening */
	uint64_t from; /* where no earlier move takes the event */
	uint64_t fires;
	uint64_t begin, release; /* terms */
	bool has_to;
	uint64_t to;
};
struct reach {
	struct faults *c;
	size_t n_acts, n_terms, n_ways;
	uint64_t live, final, reached;
	uint64_t in[RULE_ACTS];
	uint64_t pending[RULE_TERMS];
	struct way *way;
};

static uint64_t
mask_of(const struct faults *c, const struct js *states, uint64_t otherwise)
{
	uint64_t ret = 0;

	if (states == NULL)
		return otherwise;
	for (size_t i = 0; i < js_len(states); i++) {
		uint16_t s = rule_index(c->states, js_str(js_at(states, i)));

		if (s < RULE_STATES)
			ret |= UINT64_C(1) << s;
	}
	return ret;
}

static uint64_t
terms_of(const struct faults *c, const struct js *terms)
{
	uint64_t ret = 0;

	for (size_t i = 0; i < js_len(terms); i++) {
		uint16_t t = rule_index(c->terms, js_str(js_at(terms, i)));

		if (t < RULE_TERMS)
			ret |= UINT64_C(1) << t;
	}
	return ret;
}

/* Acts, then terms that turn past, then terms that lapse. */
static size_t
event_index(const struct reach *r, const struct js *on)
{
	if (js_type(on) == JS_TEXT)
		return rule_index(r->c->acts, js_str(on));
	if (js_get(on, "past") != NULL)
		return r->n_acts +
		       rule_index(r->c->terms, js_str(js_get(on, "past")));
	return r->n_acts + r->n_terms +
	       rule_index(r->c->terms, js_str(js_get(on, "lapsed")));
}

static void
find_move(struct reach *r, size_t i, uint64_t *covered, bool *opened)
{
	const struct faults *c = r->c;
	const struct js *m = js_at(c->moves, i), *on;
	const struct js *to = js_get(m, "to");
	uint64_t from = mask_of(c, js_get(m, "from"), r->live);
	uint64_t begin = terms_of(c, js_get(m, "begin"));
	uint64_t release = terms_of(c, js_get(m, "release"));
	size_t first = r->n_ways;

	for (size_t k = 0; (on = rule_listed(js_get(m, "on"), k)) != NULL;
	     k++) {
		struct way *w = &r->way[r->n_ways++];

		*w = (struct way){.move = i,
		    .event = event_index(r, on),
		    .on = on,
		    .begin = begin,
		    .release = release,
		    .has_to = to != NULL};
		if (to != NULL)
			w->to = UINT64_C(1)
			        << rule_index(c->states, js_str(to));
		w->is_opening =
		    js_type(on) == JS_TEXT &&
		    js_bool(js_get(js_get_at(c->acts, js_str(on)), "opens"));
		w->is_taken = opened[w->event];
		w->from = w->is_opening ? 0 : from & ~covered[w->event];
	}
	if (js_get(m, "if") != NULL)
		return;
	for (size_t k = first; k < r->n_ways; k++) {
		covered[r->way[k].event] |= from;
		opened[r->way[k].event] |= r->way[k].is_opening;
	}
}

static bool
find_ways(struct reach *r)
{
	struct faults *c = r->c;
	size_t n = r->n_acts + 2 * r->n_terms, i = 0;
	uint64_t *covered = arena_array(c->a, n + 1, uint64_t);
	bool *opened = arena_array(c->a, n + 1, bool);

	r->way = arena_array(c->a, RULE_EVENTS + 1, struct way);
	if (covered == NULL || opened == NULL || r->way == NULL) {
		c->is_out = true;
		return false;
	}
	for (struct js_each e = {0}; js_next(c->states, &e); i++)
		if (js_bool(js_get(e.value, "final")))
			r->final |= UINT64_C(1) << i;
		else
			r->live |= UINT64_C(1) << i;
	i = 0;
	for (struct js_each e = {0}; js_next(c->acts, &e); i++)
		r->in[i] = mask_of(c, js_get(e.value, "in"), r->live);
	for (i = 0; i < js_len(c->moves); i++)
		find_move(r, i, covered, opened);
	return true;
}

static uint64_t
happens(const struct reach *r, size_t event)
{
	if (event < r->n_acts)
		return r->in[event];
	event -= r->n_acts;
	return r->pending[event < r->n_terms ? event : event - r->n_terms];
}

static void
take_way(struct reach *r, struct way *w)
{
	bool starts = w->is_opening && !w->is_taken;
	uint64_t to;

	w->fires = w->from & r->reached & happens(r, w->event);
	if (w->fires == 0 && !starts)
		return;
	to = w->has_to ? w->to : w->fires;
	r->reached |= to;
	for (size_t t = 0; t < r->n_terms; t++) {
		bool kept = w->has_to && (w->fires & r->pending[t]) != 0 &&
		            (w->release >> t & 1) == 0;

		if (kept || (w->begin >> t & 1) != 0)
			r->pending[t] |= to & r->live;
	}
}

static void
explore(struct reach *r)
{
	bool more = true;

	while (more) {
		uint64_t reached = r->reached, pending[RULE_TERMS];

		memcpy(pending, r->pending, sizeof(pending));
		for (size_t i = 0; i < r->n_ways; i++)
			take_way(r, &r->way[i]);
		more = reached != r->reached ||
		       memcmp(pending, r->pending, sizeof(pending)) != 0;
	}
}

static bool
is_made(const struct way *w)
{
	return w->fires != 0 || (w->is_opening && !w->is_taken);
}

static bool
is_event_made(const struct reach *r, const struct way *like)
{
	for (size_t i = 0; i < r->n_ways; i++)
		if (r->way[i].move == like->move &&
		    r->way[i].event == like->event && is_made(&r->way[i]))
			return true;
	return false;
}

static void
say_dead_ways(struct reach *r)
{
	struct faults *c = r->c;

	for (size_t i = 0, w = 0; i < js_len(c->moves); i++) {
		const struct js *from = js_get(js_at(c->moves, i), "from");
		struct str at = fault_at_n(c, STR("/moves"), i);
		uint64_t fires = 0;

		for (; w < r->n_ways && r->way[w].move == i; w++) {
			const struct js *on = r->way[w].on;
			const char *what = js_type(on) == JS_TEXT ? ""
			                   : js_get(on, "past") != NULL
			                       ? "past "
			                       : "lapsed ";

			fires |= r->way[w].fires;
			if (is_event_made(r, &r->way[w]))
				continue;
			if (*what != '\0')
				on = js_get(on,
				    *what == 'p' ? "past" : "lapsed");
			fault_say(c, at, "can never fire on %s%.*s", what,
			    STR_ARG(js_str(on)));
		}
		for (size_t k = 0; k < js_len(from); k++)
			if ((mask_of(c, from, 0) & fires) == 0 ||
			    (fires >> rule_index(c->states,
					  js_str(js_at(from, k))) &
				1) == 0)
				fault_say(c, at, "can never fire from %.*s",
				    STR_ARG(js_str(js_at(from, k))));
	}
}

static void
say_states(struct reach *r)
{
	struct faults *c = r->c;
	uint64_t good = r->final, old;
	size_t i = 0;

	for (struct js_each e = {0}; js_next(c->states, &e); i++)
		if ((r->reached >> i & 1) == 0)
			fault_say(c, fault_at_z(c, "states", e.key),
			    "cannot be reached");
	do {
		old = good;
		for (size_t k = 0; k < r->n_ways; k++)
			if ((r->way[k].to & good) != 0)
				good |= r->way[k].fires;
	} while (good != old);
	i = 0;
	for (struct js_each e = {0}; js_next(c->states, &e); i++)
		if ((r->reached & ~good) >> i & 1)
			fault_say(c, fault_at_z(c, "states", e.key),
			    "no way leads from it to an end");
	say_dead_ways(r);
}

static void
say_acts(struct reach *r)
{
	struct faults *c = r->c;
	size_t i = 0;

	for (struct js_each e = {0}; js_next(c->acts, &e); i++) {
		struct str at = fault_at_z(c, "acts", e.key);
		const struct js *in = js_get(e.value, "in");

		if (!js_bool(js_get(e.value, "opens")) &&
		    (r->reached & r->in[i]) == 0)
			fault_say(c, at, "its states cannot be reached");
		for (size_t k = 0; k < js_len(in); k++)
			if ((r->reached >> rule_index(c->states,
					       js_str(js_at(in, k))) &
				1) == 0)
				fault_say(c, at,
				    "state '%.*s' cannot be reached",
				    STR_ARG(js_str(js_at(in, k))));
	}
}

static const struct js *
defined(const struct faults *c, const struct js *role)
{
	const struct js *own = js_get_at(c->roles, js_str(role));

	return js_type(role) == JS_TEXT && own != NULL ? js_get(own, "is")
	                                               : role;
}

/* Can no party be in both roles, whatever happens? */
static bool
is_apart(const struct faults *c, const struct js *a, const struct js *b)
{
	a = defined(c, a);
	b = defined(c, b);
	if ((js_is_str(a, "opener") && js_is_str(b, "addressees")) ||
	    (js_is_str(b, "opener") && js_is_str(a, "addressees")))
		return true;
	return (js_type(a) == JS_MAP && js_get(a, "except") != NULL &&
		   js_is_equal(js_get(a, "except"), b)) ||
	       (js_type(b) == JS_MAP && js_get(b, "except") != NULL &&
		   js_is_equal(js_get(b, "except"), a));
}

static void
say_terms(struct reach *r)
{
	struct faults *c = r->c;
	size_t t = 0;

	for (struct js_each e = {0}; js_next(c->terms, &e); t++) {
		struct str at = fault_at_z(c, "terms", e.key);
		const struct js *list = js_get(e.value, "do");
		bool any = js_len(list) == 0;

		for (size_t k = 0; k < js_len(list); k++) {
			struct str act = js_str(js_at(list, k));

			if ((r->pending[t] & r->in[rule_index(c->acts, act)]) !=
				0 &&
			    !is_apart(c, js_get(js_get_at(c->acts, act), "by"),
				js_get(e.value, "of")))
				any = true;
		}
		if (!any)
			fault_say(c, at, "nobody can perform it");
		for (size_t k = 0; k < js_len(list); k++) {
			struct str act = js_str(js_at(list, k));

			if ((r->pending[t] & r->in[rule_index(c->acts, act)]) ==
			    0)
				fault_say(c, at, "'%.*s' can never perform it",
				    STR_ARG(act));
		}
	}
}

void
fault_reach(struct faults *c)
{
	struct reach r = {.c = c,
	    .n_acts = js_len(c->acts),
	    .n_terms = js_len(c->terms)};
	bool used[RULE_ROLES] = {false}, unused = false;
	const char *const part[] = {"roles", "states", "acts", "terms",
	    "moves"};
	size_t i = 0;

	if (!find_ways(&r))
		return;
	explore(&r);
	say_states(&r);
	say_acts(&r);
	say_terms(&r);
	for (i = 0; i < COUNT(part); i++)
		fault_uses(c, js_get(c->file, part[i]), STR(""), used, &unused);
	i = 0;
	for (struct js_each e = {0}; js_next(c->roles, &e); i++)
		if (!used[i])
			fault_say(c, fault_at_z(c, "roles", e.key),
			    "is used nowhere");
}
