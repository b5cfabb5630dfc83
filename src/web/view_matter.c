/* Matters and acts: as the fold sees them. */
#include "base/num.h"
#include "base/when.h"
#include "web/view.h"

enum { LIST_USUAL = 50, LIST_MAX = 1000 };

static void
put_summary(struct view *v, struct js *list, const struct store_matter *m)
{
	const struct procedure *p = node_procedure(v->q.n, &m->procedure);
	struct js *j = js_put_map(&v->make, list, NULL);
	struct member *party = node_member_by_no(v->q.n, m->party);

	js_put_hex(&v->make, j, "id", m->id.b, 32);
	js_put_str(&v->make, j, "cite", query_cite(&v->q, m->party, m->idx));
	js_put_str(&v->make, j, "procedure",
	    p == NULL ? STR("?") : procedure_name(p));
	view_title(v, j, "procedure_title", p, NULL, STR("?"));
	js_put_str(&v->make, j, "subject", m->subject);
	js_put_str(&v->make, j, "state", m->state);
	view_title(v, j, "state_title", p, "states", m->state);
	view_time(v, j, "since", m->state.n > 0, m->since_us);
	view_time(v, j, "opened", true, m->opened_us);
	js_put_bool(&v->make, j, "final", m->final);
	js_put_int(&v->make, j, "acts", m->acts);
	js_put_z(&v->make, j, "party", party == NULL ? "?" : party->code);
	view_time(v, j, "next", m->has_next, m->next_us);
	js_put_int(&v->make, j, "no", m->no);
}

/* A procedure's name to the hex of its id, as the filter wants it. */
static struct str
procedure_hex(struct view *v, struct str name)
{
	struct node *n = v->q.n;

	for (size_t i = 0; name.n > 0 && i < n->n_loaded; i++)
		if (str_eq(procedure_name(n->loaded[i].p), name))
			return hex_str(v->q.a, n->loaded[i].id.b, 32);
	return name.n > 0 ? STR("-") : STR("");
}

int
view_matters(struct view *v, struct err *err)
{
	struct store_matter_filter f = {
	    .procedure = procedure_hex(v, view_param(v, "procedure")),
	    .state = view_param(v, "state"),
	    .text = view_param(v, "text"),
	    .live = str_is(view_param(v, "live"), "1")};
	struct store_matter *m;
	struct js *list;
	size_t count;
	int64_t n;

	if (view_number(v, "n", 1, LIST_MAX, LIST_USUAL, &n, err) != 0 ||
	    view_number(v, "before", 1, INT64_MAX, 0, &f.before, err) != 0)
		return -1;
	f.n = (size_t)n; /* 1 to 1000 */
	if (store_matter_list(v->q.s, &f, v->q.a, &m, &count, err) != 0)
		return -1;
	list = js_put_list(&v->make, v->model, "matters");
	for (size_t i = 0; i < count; i++)
		put_summary(v, list, &m[i]);
	return 0;
}

static void
put_remarks(struct view *v, struct js *act, const struct fold_act_result *r)
{
	struct js *j = js_put_map(&v->make, act, "remarks");

	if (r->time_corrected != 0)
		js_put_int(&v->make, j, "time-corrected", r->time_corrected);
	if (r->witnesses_disagree != 0)
		js_put_int(&v->make, j, "witnesses-disagree",
		    r->witnesses_disagree);
	if (r->late != 0)
		js_put_int(&v->make, j, "late", r->late);
	if (r->short_notice != 0)
		js_put_int(&v->make, j, "short-notice", r->short_notice);
	view_cite(v, j, "crossed", r->has_crossed, &r->crossed);
}

/* Which officers signed: names where the party's file has their keys. */
static void
put_officers(struct view *v, struct js *act, const struct store_act *stored)
{
	struct js *list = js_put_list(&v->make, act, "officers");
	struct member *m = node_member_by_no(v->q.n, stored->party);
	const struct mandate_officer *o;
	size_t count = m == NULL ? 0 : mandate_officers(m->mandate, &o);

	for (size_t i = 0; i + 96 <= stored->signatures.n; i += 96) {
		struct pubkey key;
		struct str name = {NULL, 0};

		for (size_t b = 0; b < 32; b++)
			key.b[b] = stored->signatures.p[i + b];
		for (size_t k = 0; k < count; k++)
			if (key_eq(&o[k].key, &key))
				name = o[k].name;
		if (name.p == NULL && m != NULL &&
		    key_eq(mandate_root(m->mandate), &key))
			name = STR("root key");
		if (name.p == NULL)
			name = hex_str(v->q.a, key.b, 32);
		js_put_str(&v->make, list, NULL, name);
	}
}

/* Who has cosigned the log with this act in it, and when first. */
static int
put_delivered(struct view *v, struct js *act, const struct store_act *stored,
    struct err *err)
{
	struct js *list = js_put_list(&v->make, act, "delivered");
	struct node *n = v->q.n;

	for (size_t i = 0; i < n->n_members; i++) {
		struct store_cosignature c;
		struct js *j;
		bool found;

		if (n->member[i]->no == stored->party)
			continue;
		if (store_cosignature_beyond(v->q.s, stored->party,
			n->member[i]->witness, stored->idx, &found, &c,
			err) != 0)
			return -1;
		if (!found)
			continue;
		j = js_put_map(&v->make, list, NULL);
		js_put_z(&v->make, j, "party", n->member[i]->code);
		view_time(v, j, "time", true,
		    (int64_t)c.first.time_s * 1000000); /* below 2^63 */
		js_put_int(&v->make, j, "size", (int64_t)c.size);
	}
	return 0;
}

static int
put_act(struct view *v, struct js *list, const struct procedure *p,
    const struct act *act, const struct store_act *stored,
    const struct fold_act_result *r, struct err *err)
{
	struct js *j = js_put_map(&v->make, list, NULL), *after;
	struct js_make *m = &v->make;

	js_put_str(m, j, "cite", query_cite(&v->q, stored->party, stored->idx));
	js_put_hex(m, j, "id", act->id.b, 32);
	js_put_str(m, j, "party", act->party);
	js_put_str(m, j, "kind", act->kind);
	view_title(v, j, "title", p, "acts", act->name);
	view_time(v, j, "at", true, act->at_us);
	view_time(v, j, "time", r != NULL && r->verdict != FOLD_WAITING,
	    r == NULL ? 0 : r->time_us);
	js_put_z(m, j, "verdict",
	    r == NULL ? "waiting" : fold_verdict_name(r->verdict));
	js_put_z(m, j, "reason", r == NULL ? NULL : r->reason);
	if (r != NULL && r->has_where)
		js_put_str(m, j, "where", r->where);
	if (r != NULL)
		put_remarks(v, j, r);
	act_audience_put(m, j, "to", &act->to);
	after = js_put_list(m, j, "after");
	for (size_t i = 0; i < act->n_after; i++)
		view_cite(v, after, NULL, true, &act->after[i]);
	view_cite(v, j, "answers", act->has_answers, &act->answers);
	view_cite(v, j, "amends", act->has_amends, &act->amends);
	js_put(m, j, "body", act->body);
	put_officers(v, j, stored);
	view_time(v, j, "received", true, stored->received_us);
	return put_delivered(v, j, stored, err);
}

static const struct store_act *
stored_of(const struct matter_view *mv, const struct id *id)
{
	for (size_t i = 0; i < mv->n_acts; i++)
		if (id_eq(&mv->stored[i].act.id, id))
			return &mv->stored[i].act;
	return NULL;
}

static int
put_acts(struct view *v, const struct matter_view *mv, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "acts");
	const struct fold_result *r = mv->result;

	if (r == NULL) {
		for (size_t i = 0; i < mv->n_acts; i++)
			if (put_act(v, list, mv->procedure, mv->acts[i].act,
				&mv->stored[i].act, NULL, err) != 0)
				return -1;
		return 0;
	}
	for (size_t i = 0; i < r->n_acts; i++)
		if (put_act(v, list, mv->procedure, r->acts[i].act,
			stored_of(mv, &r->acts[i].id), &r->acts[i], err) != 0)
			return -1;
	return 0;
}

static void
put_terms(struct view *v, const struct matter_view *mv)
{
	static const char *const kind[] = {"duty", "right", "alarm"};
	struct js *list = js_put_list(&v->make, v->model, "terms");
	const struct fold_result *r = mv->result;

	for (size_t i = 0; r != NULL && i < r->n_terms; i++) {
		const struct fold_term *t = &r->terms[i];
		struct js *j = js_put_map(&v->make, list, NULL);

		js_put_str(&v->make, j, "name", t->name);
		view_title(v, j, "title", mv->procedure, "terms", t->name);
		js_put_str(&v->make, j, "party", t->party);
		js_put_z(&v->make, j, "kind", kind[t->kind]);
		view_time(v, j, "begun", true, t->begun_us);
		view_time(v, j, "due", t->has_due, t->due_us);
		js_put_int(&v->make, j, "left_us",
		    t->has_due ? t->due_us - mv->now_us : 0);
		js_put_z(&v->make, j, "status", fold_status_name(t->status));
		view_cite(v, j, "by", t->has_by, &t->by);
		view_cite(v, j, "origin", true, &t->origin);
	}
}

static void
put_rest(struct view *v, const struct matter_view *mv)
{
	const struct fold_result *r = mv->result;
	struct js_make *m = &v->make;
	struct js *may = js_put_map(m, v->model, "may");
	struct js *heads = js_put_list(m, v->model, "heads");
	struct js *missing = js_put_list(m, v->model, "missing");
	struct js *history = js_put_list(m, v->model, "history"), *j;

	for (size_t i = 0; r != NULL && i < r->n_may; i++) {
		j = js_put_list(m, may, str_z(v->q.a, r->may[i].party));
		for (size_t k = 0; k < r->may[i].n; k++)
			js_put_str(m, j, NULL, r->may[i].kind[k]);
	}
	for (size_t i = 0; r != NULL && i < r->n_heads; i++)
		view_cite(v, heads, NULL, true, &r->heads[i]);
	for (size_t i = 0; r != NULL && i < r->n_missing; i++)
		js_put_hex(m, missing, NULL, r->missing[i].b, 32);
	for (size_t i = 0; r != NULL && i < r->n_history; i++) {
		struct id id;
		struct str cause = r->history[i].cause;

		j = js_put_map(m, history, NULL);
		view_time(v, j, "time", true, r->history[i].time_us);
		js_put_str(m, j, "state", r->history[i].state);
		view_title(v, j, "title", mv->procedure, "states",
		    r->history[i].state);
		if (hex_is_parsed(cause, id.b, sizeof(id.b)))
			view_cite(v, j, "cause", true, &id);
		else
			js_put_str(m, j, "cause", cause);
	}
	if (r != NULL && r->founds && r->n_members > 0) {
		const struct fold_members *last = &r->members[r->n_members - 1];

		j = js_put_list(m, v->model, "members");
		for (size_t i = 0; i < last->n; i++)
			js_put_str(m, j, NULL, last->party[i]);
	}
}

int
view_matter(struct view *v, struct err *err)
{
	struct store_matter row;
	struct matter_view mv;
	const struct js *audience;
	struct js *j;
	bool state;

	if (query_matter(&v->q, v->part[0], &row, err) != 0 ||
	    matter_fold(v->q.n, v->q.s, &row, NULL, v->q.now_us, v->q.a, &mv,
		err) != 0 ||
	    js_parse(span_of(row.audience), v->q.a, &audience, err) != 0)
		return -1;
	state = mv.result != NULL && mv.result->has_state;
	js_put_hex(&v->make, v->model, "id", row.id.b, 32);
	js_put_str(&v->make, v->model, "cite",
	    query_cite(&v->q, row.party, row.idx));
	j = js_put_map(&v->make, v->model, "procedure");
	js_put_str(&v->make, j, "name",
	    mv.procedure == NULL ? STR("?") : procedure_name(mv.procedure));
	view_title(v, j, "title", mv.procedure, NULL, STR("?"));
	js_put_hex(&v->make, j, "id", row.procedure.b, 32);
	js_put_str(&v->make, v->model, "subject", row.subject);
	view_cite(v, v->model, "conference", row.has_conference,
	    &row.conference);
	js_put(&v->make, v->model, "audience", audience);
	js_put_str(&v->make, v->model, "state",
	    state ? mv.result->state : STR(""));
	view_title(v, v->model, "state_title", mv.procedure, "states",
	    state ? mv.result->state : STR(""));
	view_time(v, v->model, "since", state, state ? mv.result->since_us : 0);
	js_put_bool(&v->make, v->model, "final",
	    state && procedure_is_final(mv.procedure, mv.result->state));
	view_time(v, v->model, "now", true, v->q.now_us);
	view_time(v, v->model, "next", mv.result != NULL && mv.result->has_next,
	    mv.result == NULL ? 0 : mv.result->next_us);
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	if (put_acts(v, &mv, err) != 0)
		return -1;
	put_terms(v, &mv);
	put_rest(v, &mv);
	return 0;
}

int
view_act(struct view *v, struct err *err)
{
	struct store_act stored;
	struct store_matter row;
	struct matter_view mv;
	const struct act *act;
	const struct js *envelope;
	struct str text;
	struct js *list = js_list(&v->make);
	bool found;

	if (query_act(&v->q, v->part[0], &stored, err) != 0 ||
	    act_parse(stored.payload, v->q.a, &act, err) != 0 ||
	    node_envelope(&stored, v->q.a, &text, err) != 0 ||
	    js_parse(span_of(text), v->q.a, &envelope, err) != 0 ||
	    store_matter_by_entry(v->q.s, stored.party, stored.idx, v->q.a,
		&found, &row, err) != 0)
		return -1;
	mv.procedure = NULL;
	if (found && matter_fold(v->q.n, v->q.s, &row, NULL, v->q.now_us,
			 v->q.a, &mv, err) != 0)
		return -1;
	for (size_t i = 0; found && mv.result != NULL && i < mv.result->n_acts;
	     i++)
		if (id_eq(&mv.result->acts[i].id, &act->id) &&
		    put_act(v, list, mv.procedure, act, &stored,
			&mv.result->acts[i], err) != 0)
			return -1;
	if (js_len(list) == 0 &&
	    put_act(v, list, mv.procedure, act, &stored, NULL, err) != 0)
		return -1;
	js_put(&v->make, v->model, "act", js_at(list, 0));
	view_cite(v, v->model, "matter", true, &act->matter);
	js_put_str(&v->make, v->model, "payload", span_str(stored.payload));
	js_put(&v->make, v->model, "envelope", envelope);
	return 0;
}

/* ---- procedures ---- */

int
view_procedures(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct js *list = js_put_list(&v->make, v->model, "procedures");

	(void)err; /* the common form of views */
	for (size_t i = 0; i < n->n_loaded; i++) {
		const struct procedure *p = n->loaded[i].p;
		struct js *j = js_put_map(&v->make, list, NULL), *acts;

		js_put_str(&v->make, j, "name", procedure_name(p));
		js_put_hex(&v->make, j, "id", procedure_id(p)->b, 32);
		view_title(v, j, "title", p, NULL, procedure_name(p));
		js_put(&v->make, j, "version",
		    js_get(procedure_json(p), "version"));
		acts = js_put_list(&v->make, j, "acts");
		for (struct js_each e = {0};
		     js_next(js_get(procedure_json(p), "acts"), &e);)
			js_put_str(&v->make, acts, NULL, e.key);
	}
	return 0;
}

int
view_procedure(struct view *v, struct err *err)
{
	const struct procedure *p = view_procedure_named(v->q.n, v->part[0]);
	struct id id;

	if (p == NULL && hex_is_parsed(v->part[0], id.b, sizeof(id.b)))
		p = node_procedure(v->q.n, &id);
	if (p == NULL)
		return err_set(err, ERR_ABSENT, "no procedure '%.*s'",
		    STR_ARG(v->part[0]));
	for (struct js_each e = {0}; js_next(procedure_json(p), &e);)
		js_put(&v->make, v->model, str_z(v->q.a, e.key), e.value);
	return 0;
}
