/* The board: what an officer has to know at once. */
#include <stdlib.h>

#include "base/num.h"
#include "web/view.h"

enum {
	EACH_MAX = 40,   /* terms that are looked up of each party and side */
	BOARD_MAX = 50,  /* terms of a list of the board */
	NEWEST_MAX = 100 /* duties of ours among which messages are sought */
};
#define SOON_US (INT64_C(3600) * 1000000)

static void
put_matter(struct view *v, struct js *j, const struct store_matter *row,
    const struct procedure *p)
{
	struct js_make *m = &v->make;

	js_put_hex(m, j, "matter", row->id.b, 32);
	js_put_str(m, j, "cite", query_cite(&v->q, row->party, row->idx));
	js_put_str(m, j, "procedure", p == NULL ? STR("?") : procedure_name(p));
	view_title(v, j, "procedure_title", p, NULL, STR(""));
	js_put_str(m, j, "subject", row->subject);
	js_put_str(m, j, "state", row->state);
	view_title(v, j, "state_title", p, "states", row->state);
}

/* The act by which the duty is done: the first that its procedure names. */
static void
put_act(struct view *v, struct js *j, const struct procedure *p,
    struct str term)
{
	const struct js *terms =
	    p == NULL ? NULL : js_get(procedure_json(p), "terms");
	const struct js *kinds = js_get(js_get_at(terms, term), "do");
	struct str act =
	    js_type(kinds) == JS_TEXT ? js_str(kinds) : js_str(js_at(kinds, 0));

	js_put_str(&v->make, j, "act", act);
	view_title(v, j, "act_title", p, "acts", act);
}

static void
put_term(struct view *v, struct js *j, const struct store_term *t,
    const struct procedure *p)
{
	static const char *const kind[] = {"duty", "right", "alarm"};
	const char *status = fold_status_name((enum fold_status)t->status);
	struct js_make *m = &v->make;
	int64_t left = t->has_due ? t->due_us - v->q.now_us : 0;

	js_put_str(m, j, "term", t->name);
	view_title(v, j, "term_title", p, "terms", t->name);
	js_put_str(m, j, "party", t->party);
	js_put_z(m, j, "kind",
	    t->kind >= 0 && t->kind < (int64_t)COUNT(kind) ? kind[t->kind]
							   : "?");
	view_time(v, j, "begun", true, t->begun_us);
	view_time(v, j, "due", t->has_due, t->due_us);
	js_put_int(m, j, "left_us", left);
	js_put_z(m, j, "status", status);
	js_put_bool(m, js_put_map(m, j, "is"), status, true);
	js_put_bool(m, j, "past", t->has_due && left < 0);
	js_put_bool(m, j, "soon", t->has_due && left >= 0 && left < SOON_US);
	put_act(v, j, p, t->name);
}

/* ---- owed ---- */

struct owed {
	size_t n, cap;
	struct store_due *at;
	bool more;
	size_t past;           /* of them; and when the next is due */
	const struct js *next; /* NULL: none */
};

static int
add_party(struct view *v, struct owed *o, struct str party, struct err *err)
{
	static const enum store_due_side side[] = {STORE_DUE_NEXT,
	    STORE_DUE_PAST, STORE_DUE_NEVER};
	struct store_due *d;
	size_t n;

	for (size_t i = 0; i < COUNT(side); i++) {
		if (store_due_list(v->q.s, party, side[i], v->q.now_us,
			EACH_MAX, v->q.a, &d, &n, err) != 0)
			return -1;
		if (arena_grow(v->q.a, &o->at, &o->cap, o->n + n,
			sizeof(*o->at)) != 0)
			return err_nomem(err, "the board");
		for (size_t k = 0; k < n; k++)
			o->at[o->n++] = d[k];
		o->more = o->more || n == EACH_MAX;
	}
	return 0;
}

static int
by_due(const void *x, const void *y)
{
	const struct store_due *a = x, *b = y;

	if (a->has_due != b->has_due)
		return a->has_due ? -1 : 1;
	if (a->due_us != b->due_us)
		return a->due_us < b->due_us ? -1 : 1;
	return a->matter != b->matter ? (a->matter < b->matter ? -1 : 1)
	                              : (a->n > b->n) - (a->n < b->n);
}

static size_t
not_past(const struct owed *o, int64_t now_us)
{
	size_t n = 0;

	while (n < o->n && o->at[n].has_due && o->at[n].due_us < now_us)
		n++;
	return n;
}

/* By due time; of more than fit, those next to now. */
static int
put_owed(struct view *v, const char *key, struct owed *o, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, key);
	size_t from = 0, past;

	if (o->n > 0)
		qsort(o->at, o->n, sizeof(*o->at), by_due);
	past = not_past(o, v->q.now_us);
	if (o->n > BOARD_MAX)
		from = past < BOARD_MAX / 2 ? 0 : past - BOARD_MAX / 2;
	if (o->n > BOARD_MAX && from > o->n - BOARD_MAX)
		from = o->n - BOARD_MAX;
	for (size_t i = from; i < o->n && i < from + BOARD_MAX; i++) {
		const struct procedure *p;
		struct store_owed x;
		struct js *j;
		bool found;

		if (store_owed_at(v->q.s, &o->at[i], v->q.a, &found, &x, err) !=
		    0)
			return -1;
		if (!found)
			continue;
		p = node_procedure(v->q.n, &x.matter.procedure);
		j = js_put_map(&v->make, list, NULL);
		put_matter(v, j, &x.matter, p);
		put_term(v, j, &x.term, p);
		if (o->at[i].has_due && i >= past && o->next == NULL)
			o->next = js_get(j, "due");
	}
	o->past = past;
	o->more = o->more || o->n > BOARD_MAX;
	return 0;
}

/* Which sentence says what waits for the reader. */
static void
put_lead(struct view *v, const struct owed *ours)
{
	const char *lead = js_len(js_get(v->model, "waiting")) > 0 ? "crisis"
	                   : ours->past > 0                        ? "past"
	                   : ours->next != NULL                    ? "due"
	                   : ours->n > 0                           ? "owed"
	                                                           : "nothing";

	js_put_bool(&v->make, js_put_map(&v->make, v->model, "lead"), lead,
	    true);
}

static int
put_both(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct owed ours = {0}, theirs = {0};

	if (add_party(v, &ours, str_of(n->own->code), err) != 0 ||
	    add_party(v, &theirs, STR(""), err) != 0) /* alarms */
		return -1;
	for (size_t i = 0; i < n->n_members; i++)
		if (!n->member[i]->own &&
		    add_party(v, &theirs, str_of(n->member[i]->code), err) != 0)
			return -1;
	if (put_owed(v, "owed_by_us", &ours, err) != 0 ||
	    put_owed(v, "owed_to_us", &theirs, err) != 0)
		return -1;
	js_put_int(&v->make, v->model, "n_by_us", (int64_t)ours.n); /* few */
	js_put_int(&v->make, v->model, "n_past", (int64_t)ours.past);
	js_put(&v->make, v->model, "next_due", ours.next);
	put_lead(v, &ours);
	js_put_bool(&v->make, v->model, "more_by_us", ours.more);
	js_put_bool(&v->make, v->model, "more_to_us", theirs.more);
	return 0;
}

/* ---- crisis messages that nobody of us has acknowledged ---- */

static bool
is_urgent(const struct procedure *p)
{
	struct act like = {.procedure = procedure_name(p)};

	return node_is_urgent(&like);
}

static int
put_if_waiting(struct view *v, struct js *list, const struct store_owed *o,
    struct err *err)
{
	const struct procedure *p =
	    node_procedure(v->q.n, &o->matter.procedure);
	struct member *from = node_member_by_no(v->q.n, o->matter.party);
	struct js_make *m = &v->make;
	struct js *j;
	int64_t acts;

	if (p == NULL || from == NULL || from->own || !is_urgent(p))
		return 0;
	if (store_matter_sound(v->q.s, o->matter.no, v->q.n->own->no, &acts,
		err) != 0)
		return -1;
	if (acts > 0)
		return 0;
	for (size_t i = 0; i < js_len(list); i++) /* two terms of a matter */
		if (str_eq(js_str(js_get(js_at(list, i), "matter")),
			hex_str(v->q.a, o->matter.id.b, 32)))
			return 0;
	j = js_put_map(m, list, NULL);
	put_matter(v, j, &o->matter, p);
	put_term(v, j, &o->term, p);
	js_put_z(m, j, "from", from->code);
	js_put(m, j, "from_names", view_names(from));
	view_time(v, j, "opened", true, o->matter.opened_us);
	return 0;
}

static int
put_waiting(struct view *v, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "waiting");
	struct store_owed *o;
	size_t n;

	if (store_owed_begun(v->q.s, str_of(v->q.n->own->code), 0, NEWEST_MAX,
		v->q.a, &o, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_if_waiting(v, list, &o[i], err) != 0)
			return -1;
	js_put_int(&v->make, v->model, "count",
	    (int64_t)js_len(list)); /* few */
	return 0;
}

int
view_waiting(struct view *v, struct err *err)
{
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	view_time(v, v->model, "now", true, v->q.now_us);
	return put_waiting(v, err);
}

/* ---- lines ---- */

static void
put_line(struct view *v, struct js *list, const struct member *member)
{
	struct node *n = v->q.n;
	struct js_make *m = &v->make;
	struct js *j = js_put_map(m, list, NULL);
	struct line_state s = {.reachable = false};
	const char *state = "stopped", *code = "stopped";

	if (member->line != NULL) {
		line_state(member->line, n->own->log.size, &s);
		code = s.address[0] == '\0' ? "none"
		       : s.reachable        ? "up"
		       : s.tried_us == 0    ? "untried"
		                            : "down";
		state = s.address[0] == '\0' ? "no address"
		        : s.reachable        ? "up"
		        : s.tried_us == 0    ? "not tried yet"
		                             : "down";
	}
	js_put_z(m, j, "party", member->code);
	js_put_z(m, j, "state", state); /* in words, for the command line */
	js_put_z(m, j, "code", code);
	js_put_bool(m, j, "up", s.reachable);
	js_put_bool(m, j, "down", s.tried_us != 0 && !s.reachable);
	js_put_z(m, j, "address", s.address);
	js_put_bool(m, j, "reachable", s.reachable);
	js_put_z(m, j, "via", s.via[0] == '\0' ? NULL : s.via);
	view_time(v, j, "heard", s.heard_us != 0, s.heard_us);
	view_time(v, j, "tried", s.tried_us != 0, s.tried_us);
	js_put_int(m, j, "size", (int64_t)member->log.size); /* below 2^63 */
	js_put_int(m, j, "waiting", (int64_t)s.waiting);     /* below 2^63 */
	js_put_z(m, j, "error", s.error[0] == '\0' ? NULL : s.error);
}

static int
put_lines(struct view *v, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "lines");
	const struct member **m;
	size_t n, down = 0;

	if (view_parties(v, &m, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!m[i]->own)
			put_line(v, list, m[i]);
	for (size_t i = 0; i < js_len(list); i++)
		down += js_bool(js_get(js_at(list, i), "down"));
	js_put_int(&v->make, v->model, "lines_down", (int64_t)down); /* few */
	return 0;
}

/* Which tables there are: a template cannot ask for "any" of a list. */
static void
put_any(struct view *v)
{
	const struct js *m = v->model;
	struct js *any = js_put_map(&v->make, v->model, "any");

	js_put_bool(&v->make, any, "by_us",
	    js_len(js_get(m, "owed_by_us")) > 0);
	js_put_bool(&v->make, any, "to_us",
	    js_len(js_get(m, "owed_to_us")) > 0);
	js_put_bool(&v->make, any, "lines", js_len(js_get(m, "lines")) > 0);
	js_put_bool(&v->make, any, "down", js_int(js_get(m, "lines_down")) > 0);
}

int
view_board(struct view *v, struct err *err)
{
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	view_time(v, v->model, "now", true, v->q.now_us);
	if (put_waiting(v, err) != 0 || put_both(v, err) != 0 ||
	    view_releases_put(v, v->model, "releases", err) != 0)
		return -1;
	if (put_lines(v, err) != 0 ||
	    view_held_count(v, v->model, "held", err) != 0)
		return -1;
	put_any(v);
	return 0;
}
