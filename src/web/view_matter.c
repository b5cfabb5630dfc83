/* Matters and acts, as the fold sees them. */
#include "base/num.h"
#include "base/when.h"
#include "web/sheet.h"
#include "web/view_draft_int.h"

static void
put_cite(struct view *v, const struct sheet *s, struct js *in, const char *key,
    bool has, const struct id *id)
{
	if (has)
		js_put_str(&v->make, in, key, sheet_cite(v, s, id));
	else
		js_put_null(&v->make, in, key);
}

/* ---- the matter ---- */

static void
put_left(struct view *v, struct js *j, const struct fold_term *t)
{
	int64_t left = t->has_due ? t->due_us - v->q.now_us : 0;

	js_put_int(&v->make, j, "left_us", left);
	js_put_bool(&v->make, j, "past", t->has_due && left < 0);
	js_put_bool(&v->make, j, "soon",
	    t->has_due && left >= 0 && left < INT64_C(3600) * 1000000);
	/* Is the time that is left of any interest still? */
	js_put_bool(&v->make, j, "runs",
	    t->has_due && (t->status == FOLD_OPEN || t->status == FOLD_PAST ||
			      t->status == FOLD_LAPSED));
}

/* Which sentence says what waits for the reader. */
static void
put_lead(struct view *v, const struct sheet *s)
{
	const struct fold_result *r = s->mv.result;
	bool has = r != NULL && r->has_state, past = false, ours = false,
	     others = false;
	const char *lead;

	for (size_t i = 0; has && i < r->n_terms; i++) {
		const struct fold_term *t = &r->terms[i];
		bool own = v->reader != WEB_PUBLIC &&
		           str_is(t->party, v->q.n->own->code);

		if (t->kind != FOLD_DUTY)
			continue;
		past = past || (own && (t->status == FOLD_PAST ||
					   t->status == FOLD_LAPSED));
		ours = ours || (own && t->status == FOLD_OPEN);
		others = others || (!own && t->status == FOLD_OPEN);
	}
	lead = !has                                            ? "waiting"
	       : procedure_is_final(s->mv.procedure, r->state) ? "final"
	       : past                                          ? "past"
	       : ours                                          ? "ours"
	       : others                                        ? "others"
	                                                       : "open";
	js_put_bool(&v->make, js_put_map(&v->make, v->model, "lead"), lead,
	    true);
}

static void
put_terms(struct view *v, const struct sheet *s)
{
	static const char *const kind[] = {"duty", "right", "alarm"};
	struct js *list = js_put_list(&v->make, v->model, "terms");
	const struct fold_result *r = s->mv.result;

	for (size_t i = 0; r != NULL && i < r->n_terms; i++) {
		const struct fold_term *t = &r->terms[i];
		struct js *j = js_put_map(&v->make, list, NULL);
		const char *status = fold_status_name(t->status);

		js_put_str(&v->make, j, "name", t->name);
		view_title(v, j, "title", s->mv.procedure, "terms", t->name);
		js_put_some(&v->make, j, "party", t->party);
		js_put_z(&v->make, j, "kind", kind[t->kind]);
		view_time(v, j, "begun", true, t->begun_us);
		view_time(v, j, "due", t->has_due, t->due_us);
		js_put_z(&v->make, j, "status", status);
		js_put_bool(&v->make, js_put_map(&v->make, j, "is"), status,
		    true);
		js_put_bool(&v->make, j, "ours",
		    str_is(t->party, v->q.n->own->code));
		put_left(v, j, t);
		put_cite(v, s, j, "by", t->has_by, &t->by);
		put_cite(v, s, j, "origin", true, &t->origin);
	}
}

/* What the fold allows, and of our party what this officer may sign. */
static void
put_may(struct view *v, const struct sheet *s)
{
	const struct fold_result *r = s->mv.result;
	struct js_make *m = &v->make;
	struct js *may = js_put_map(m, v->model, "may"), *list;
	struct js *can = js_put_list(m, v->model, "can");

	for (size_t i = 0; r != NULL && i < r->n_may; i++) {
		bool ours = str_is(r->may[i].party, v->q.n->own->code);

		list = js_put_list(m, may, str_z(v->q.a, r->may[i].party));
		for (size_t k = 0; k < r->may[i].n; k++) {
			struct str name = r->may[i].kind[k], kind;
			struct js *j;

			js_put_str(m, list, NULL, name);
			if (!ours || v->reader == WEB_PUBLIC)
				continue;
			kind = str_fmt(v->q.a, "%.*s/%.*s",
			    STR_ARG(procedure_name(s->mv.procedure)),
			    STR_ARG(name));
			j = js_put_map(m, can, NULL);
			js_put_str(m, j, "act", name);
			js_put_str(m, j, "kind", kind);
			view_title(v, j, "title", s->mv.procedure, "acts",
			    name);
			draft_put_power(v, j, kind);
		}
	}
}

/* "past:reply:CHN", "lapsed:reply:CHN", "past:end", or the id of an act. */
static void
put_cause(struct view *v, const struct sheet *s, struct js *j, struct str cause)
{
	struct js_make *m = &v->make;
	size_t one = str_find(cause, ':', 0);
	size_t two = str_find(cause, ':', one + 1);
	struct js *is;
	struct id id;

	if (hex_is_parsed(cause, id.b, sizeof(id.b))) {
		put_cite(v, s, j, "cause", true, &id);
		put_cite(v, s, j, "act", true, &id);
		js_put_map(m, j, "is");
		js_put_null(m, j, "event");
		js_put_null(m, j, "term_title");
		js_put_null(m, j, "party");
		return;
	}
	js_put_str(m, j, "cause", cause);
	js_put_null(m, j, "act");
	js_put_str(m, j, "event", str_sub(cause, 0, one));
	is = js_put_map(m, j, "is");
	js_put_bool(m, is, "past", str_is(str_sub(cause, 0, one), "past"));
	js_put_bool(m, is, "lapsed", str_is(str_sub(cause, 0, one), "lapsed"));
	view_title(v, j, "term_title", s->mv.procedure, "terms",
	    str_sub(cause, one + 1, two));
	if (two < cause.n)
		js_put_str(m, j, "party", str_sub(cause, two + 1, cause.n));
	else
		js_put_null(m, j, "party");
}

static void
put_history(struct view *v, const struct sheet *s)
{
	const struct fold_result *r = s->mv.result;
	struct js_make *m = &v->make;
	struct js *history = js_put_list(m, v->model, "history"), *j;

	for (size_t i = 0; r != NULL && i < r->n_history; i++) {
		j = js_put_map(m, history, NULL);
		view_time(v, j, "time", true, r->history[i].time_us);
		js_put_str(m, j, "state", r->history[i].state);
		view_title(v, j, "title", s->mv.procedure, "states",
		    r->history[i].state);
		put_cause(v, s, j, r->history[i].cause);
	}
}

static void
put_rest(struct view *v, const struct sheet *s)
{
	const struct fold_result *r = s->mv.result;
	struct js_make *m = &v->make;
	struct js *heads = js_put_list(m, v->model, "heads");
	struct js *missing = js_put_list(m, v->model, "missing");
	struct js *members = js_put_list(m, v->model, "members");

	for (size_t i = 0; r != NULL && i < r->n_heads; i++)
		put_cite(v, s, heads, NULL, true, &r->heads[i]);
	for (size_t i = 0; r != NULL && i < r->n_missing; i++)
		js_put_hex(m, missing, NULL, r->missing[i].b, 32);
	if (r != NULL && r->founds && r->n_members > 0) {
		const struct fold_members *last = &r->members[r->n_members - 1];

		for (size_t i = 0; i < last->n; i++)
			js_put_str(m, members, NULL, last->party[i]);
	}
	js_put_bool(m, v->model, "founds", js_len(members) > 0);
	js_put_bool(m, v->model, "incomplete", js_len(missing) > 0);
}

static void
put_lanes(struct view *v, const struct sheet *s)
{
	struct js *list = js_put_list(&v->make, v->model, "lanes");

	for (size_t i = 0; i < s->n_lanes; i++) {
		struct js *j = js_put_map(&v->make, list, NULL);

		js_put_z(&v->make, j, "party", s->lane[i]->code);
		js_put_int(&v->make, j, "lane", (int64_t)i + 1); /* few */
	}
	js_put_int(&v->make, v->model, "n_lanes", (int64_t)s->n_lanes);
}

static int
put_head(struct view *v, const struct sheet *s, struct err *err)
{
	const struct store_matter *row = &s->mv.row;
	const struct procedure *p = s->mv.procedure;
	struct member *opener = node_member_by_no(v->q.n, row->party);
	const struct js *audience;
	struct js_make *m = &v->make;
	struct js *j;

	if (js_parse(span_of(row->audience), v->q.a, &audience, err) != 0)
		return -1;
	js_put_hex(m, v->model, "id", row->id.b, 32);
	js_put_str(m, v->model, "cite",
	    query_cite(&v->q, row->party, row->idx));
	j = js_put_map(m, v->model, "procedure");
	js_put_str(m, j, "name", p == NULL ? STR("?") : procedure_name(p));
	view_title(v, j, "title", p, NULL, STR("?"));
	js_put(m, j, "about",
	    p == NULL ? NULL : js_get(procedure_json(p), "about"));
	js_put_hex(m, j, "id", row->procedure.b, 32);
	js_put_str(m, v->model, "subject", row->subject);
	js_put_z(m, v->model, "opener", opener == NULL ? NULL : opener->code);
	put_cite(v, s, v->model, "conference", row->has_conference,
	    &row->conference);
	js_put(m, v->model, "audience", audience);
	j = js_put_map(m, v->model, "audience_is");
	js_put_bool(m, j, "public", js_is_str(audience, "public"));
	js_put_bool(m, j, "members", js_is_str(audience, "members"));
	js_put(m, j, "parties",
	    js_type(audience) == JS_LIST ? audience : js_list(m));
	return 0;
}

static void
put_state(struct view *v, const struct sheet *s)
{
	const struct fold_result *r = s->mv.result;
	bool has = r != NULL && r->has_state;
	struct js_make *m = &v->make;

	js_put_str(m, v->model, "state", has ? r->state : STR(""));
	view_title(v, v->model, "state_title", s->mv.procedure, "states",
	    has ? r->state : STR(""));
	view_time(v, v->model, "since", has, has ? r->since_us : 0);
	js_put_bool(m, v->model, "final",
	    has && procedure_is_final(s->mv.procedure, r->state));
	view_time(v, v->model, "now", true, v->q.now_us);
	view_time(v, v->model, "next", r != NULL && r->has_next,
	    r == NULL ? 0 : r->next_us);
	js_put_z(m, v->model, "party", v->q.n->own->code);
}

static int
absent(struct view *v, struct err *err)
{
	return err_set(err, ERR_ABSENT, "nothing public at %.*s",
	    STR_ARG(v->part[0]));
}

static bool
has_act(const struct sheet *s, struct str ref, struct view *v)
{
	for (size_t i = 0; i < s->mv.n_acts; i++) {
		const struct store_act *x = &s->mv.stored[i].act;

		if (str_eq(ref, query_cite(&v->q, x->party, x->idx)) ||
		    str_eq(ref, hex_str(v->q.a, x->id.b, 32)))
			return true;
	}
	return false;
}

int
view_sheet(struct view *v, struct str ref, const struct sheet **ret,
    struct err *err)
{
	struct store_matter row;
	bool open = v->reader == WEB_PUBLIC;

	if (query_matter(&v->q, ref, &row, err) != 0)
		return open && err->code == ERR_ABSENT ? absent(v, err) : -1;
	if (sheet_open(v, &row, ret, err) != 0)
		return open && err->code == ERR_ABSENT ? absent(v, err) : -1;
	return !open || has_act(*ret, ref, v) ? 0 : absent(v, err);
}

int
view_matter(struct view *v, struct err *err)
{
	const struct sheet *s;

	if (view_sheet(v, v->part[0], &s, err) != 0 || put_head(v, s, err) != 0)
		return -1;
	put_state(v, s);
	js_put(&v->make, v->model, "acts", s->acts);
	put_lanes(v, s);
	put_lead(v, s);
	put_terms(v, s);
	put_may(v, s);
	put_history(v, s);
	put_rest(v, s);
	js_put_bool(&v->make, v->model, "any_terms",
	    js_len(js_get(v->model, "terms")) > 0);
	return view_comments_put(v, v->model, "comments", &s->mv.row, err);
}

/* ---- one act ---- */

static int
find_act(struct view *v, struct store_act *stored, const struct act **ret,
    struct err *err)
{
	if (query_act(&v->q, v->part[0], stored, err) != 0)
		return v->reader == WEB_PUBLIC && err->code == ERR_ABSENT
		           ? absent(v, err)
		           : -1;
	if (act_parse(stored->payload, v->q.a, ret, err) != 0)
		return -1;
	return v->reader == WEB_PUBLIC && (*ret)->to.type != AUDIENCE_PUBLIC
	           ? absent(v, err)
	           : 0;
}

/* As its matter sees it; on its own where the reader has no such matter. */
static int
put_one(struct view *v, const struct act *act, const struct store_act *stored,
    struct err *err)
{
	struct str hex = hex_str(v->q.a, act->id.b, 32);
	const struct sheet *s = NULL;
	const struct js *list = NULL, *one = NULL;
	struct store_matter row;
	bool found;

	if (store_matter_by_entry(v->q.s, stored->party, stored->idx, v->q.a,
		&found, &row, err) != 0)
		return -1;
	if (found && sheet_open(v, &row, &s, err) != 0 &&
	    err->code != ERR_ABSENT)
		return -1;
	for (size_t i = 0; s != NULL && i < js_len(s->acts); i++)
		if (str_eq(js_str(js_get(js_at(s->acts, i), "id")), hex))
			one = js_at(s->acts, i);
	if (one == NULL) {
		if (sheet_act(v, act, stored, &list, err) != 0)
			return -1;
		one = js_at(list, 0);
	}
	js_put(&v->make, v->model, "act", one);
	put_cite(v, s, v->model, "matter", true,
	    act->opens ? &act->id : &act->matter);
	js_put_bool(&v->make, v->model, "in_matter", s != NULL);
	js_put_str(&v->make, v->model, "subject",
	    s == NULL ? STR("") : s->mv.row.subject);
	return 0;
}

int
view_act(struct view *v, struct err *err)
{
	struct store_act stored;
	const struct act *act;
	const struct js *envelope;
	struct str text;

	if (find_act(v, &stored, &act, err) != 0 ||
	    node_envelope(&stored, v->q.a, &text, err) != 0 ||
	    js_parse(span_of(text), v->q.a, &envelope, err) != 0 ||
	    put_one(v, act, &stored, err) != 0)
		return -1;
	js_put_str(&v->make, v->model, "payload", span_str(stored.payload));
	js_put(&v->make, v->model, "envelope", envelope);
	return 0;
}
