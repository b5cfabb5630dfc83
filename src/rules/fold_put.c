#include "rules/fold.h"

#include "base/num.h"

static void
put_us(struct js_make *m, struct js *in, const char *key, bool has, int64_t us)
{
	if (has)
		js_put_int(m, in, key, us);
	else
		js_put_null(m, in, key);
}

static void
put_id(struct js_make *m, struct js *in, const char *key, const struct id *id)
{
	js_put_hex(m, in, key, id->b, sizeof(id->b));
}

static void
put_remark(struct js_make *m, struct js *in, const char *key, int64_t us)
{
	if (us != 0)
		js_put_int(m, in, key, us);
}

static void
put_act(struct js_make *m, struct js *list, const struct fold_act_result *a)
{
	struct js *one = js_put_map(m, list, NULL), *remarks;

	put_id(m, one, "id", &a->id);
	put_us(m, one, "time", a->verdict != FOLD_WAITING, a->time_us);
	js_put_z(m, one, "verdict", fold_verdict_name(a->verdict));
	js_put_z(m, one, "reason", a->reason);
	if (a->has_where)
		js_put_str(m, one, "where", a->where);
	else
		js_put_null(m, one, "where");
	remarks = js_put_map(m, one, "remarks");
	put_remark(m, remarks, "time-corrected", a->time_corrected);
	put_remark(m, remarks, "witnesses-disagree", a->witnesses_disagree);
	put_remark(m, remarks, "late", a->late);
	put_remark(m, remarks, "short-notice", a->short_notice);
	if (a->has_crossed)
		put_id(m, remarks, "crossed", &a->crossed);
}

static void
put_term(struct js_make *m, struct js *list, const struct fold_term *t)
{
	struct js *one = js_put_map(m, list, NULL);

	js_put_str(m, one, "name", t->name);
	if (t->party.n > 0)
		js_put_str(m, one, "party", t->party);
	else
		js_put_null(m, one, "party");
	put_id(m, one, "origin", &t->origin);
	js_put_int(m, one, "begun", t->begun_us);
	put_us(m, one, "due", t->has_due, t->due_us);
	js_put_z(m, one, "status", fold_status_name(t->status));
	if (t->has_by)
		put_id(m, one, "by", &t->by);
	else
		js_put_null(m, one, "by");
}

static void
put_may(struct js_make *m, struct js *map, const struct fold_may *may)
{
	const char *party = str_z(m->a, may->party);
	struct js *list;

	if (party == NULL) {
		m->failed = true;
		return;
	}
	list = js_put_list(m, map, party);
	for (size_t i = 0; i < may->n; i++)
		js_put_str(m, list, NULL, may->kind[i]);
}

static void
put_steps(struct js_make *m, struct js *in, const struct fold_result *r)
{
	struct js *steps = js_put_list(m, in, "members");

	for (size_t i = 0; i < r->n_members; i++) {
		struct js *step = js_put_list(m, steps, NULL), *who;

		js_put_int(m, step, NULL, r->members[i].from_us);
		who = js_put_list(m, step, NULL);
		for (size_t k = 0; k < r->members[i].n; k++)
			js_put_str(m, who, NULL, r->members[i].party[k]);
	}
}

static void
put_ids(struct js_make *m, struct js *in, const char *key, const struct id *id,
    size_t n)
{
	struct js *list = js_put_list(m, in, key);

	for (size_t i = 0; i < n; i++)
		put_id(m, list, NULL, &id[i]);
}

void
fold_put(struct js_make *m, struct js *in, const char *key,
    const struct fold_result *r)
{
	struct js *out = js_put_map(m, in, key), *part;

	if (r->has_state)
		js_put_str(m, out, "state", r->state);
	else
		js_put_null(m, out, "state");
	put_us(m, out, "since", r->has_state, r->since_us);
	part = js_put_list(m, out, "acts");
	for (size_t i = 0; i < r->n_acts; i++)
		put_act(m, part, &r->acts[i]);
	part = js_put_list(m, out, "terms");
	for (size_t i = 0; i < r->n_terms; i++)
		put_term(m, part, &r->terms[i]);
	part = js_put_map(m, out, "may");
	for (size_t i = 0; i < r->n_may; i++)
		put_may(m, part, &r->may[i]);
	put_ids(m, out, "heads", r->heads, r->n_heads);
	put_ids(m, out, "missing", r->missing, r->n_missing);
	put_us(m, out, "next", r->has_next, r->next_us);
	part = js_put_list(m, out, "history");
	for (size_t i = 0; i < r->n_history; i++) {
		struct js *one = js_put_list(m, part, NULL);

		js_put_int(m, one, NULL, r->history[i].time_us);
		js_put_str(m, one, NULL, r->history[i].state);
		js_put_str(m, one, NULL, r->history[i].cause);
	}
	if (r->founds)
		put_steps(m, out, r);
}
