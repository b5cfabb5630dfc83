/* The models of a sheet's acts. */
#include <string.h>

#include "base/when.h"
#include "record/mandate.h"
#include "web/body.h"
#include "web/sheet_int.h"

enum { SIGNATURE = 96 }; /* key and signature, as stored */

struct putting { /* one sheet's acts, or one act alone */
	struct view *v;
	struct sheet_kept *k; /* NULL: one act alone */
	const struct sheet *s;
	struct js_make make;
	struct body_look look;
	struct js *list;
};

/* ---- citations ---- */

static bool
is_public(const struct store_act *stored, struct arena *a)
{
	const struct act *act;
	struct err err;

	return act_parse(stored->payload, a, &act, &err) == 0 &&
	       act->to.type == AUDIENCE_PUBLIC;
}

static struct str
cite(struct view *v, const struct sheet_kept *k, const struct id *id,
    struct arena *a)
{
	const struct sheet_place *p = k == NULL ? NULL : sheet_place(k, id);
	struct store_act act;
	struct err err;
	bool found;

	if (p != NULL)
		return query_cite(&v->q, p->party, p->idx);
	if (store_act_by_id(v->q.s, id, v->q.a, &found, &act, &err) == 0 &&
	    found && (v->reader != WEB_PUBLIC || is_public(&act, v->q.a)))
		return query_cite(&v->q, act.party, act.idx);
	return hex_str(a, id->b, 32);
}

struct str
sheet_cite(struct view *v, const struct sheet *s, const struct id *id)
{
	return cite(v, s == NULL ? NULL : s->kept, id, v->q.a);
}

static struct str
cite_hex(void *ctx, struct str hex)
{
	struct putting *p = ctx;
	struct id id;

	return hex_is_parsed(hex, id.b, sizeof(id.b))
	           ? cite(p->v, p->k, &id, p->make.a)
	           : hex;
}

static bool
has_file(void *ctx, const struct id *sha256)
{
	return view_has_file(((struct putting *)ctx)->v, sha256);
}

static void
put_cite(struct putting *p, struct js *in, const char *key, bool has,
    const struct id *id)
{
	if (has)
		js_put_str(&p->make, in, key, cite(p->v, p->k, id, p->make.a));
	else
		js_put_null(&p->make, in, key);
}

/* ---- parts of an act ---- */

static void
put_remark(struct putting *p, struct js *in, const char *key, int64_t us)
{
	if (us != 0)
		js_put_int(&p->make, in, key, us);
	else
		js_put_null(&p->make, in, key);
}

static void
put_remarks(struct putting *p, struct js *act, const struct fold_act_result *r)
{
	static const struct fold_act_result none = {.late = 0};
	struct js *j = js_put_map(&p->make, act, "remarks");

	r = r == NULL ? &none : r;
	put_remark(p, j, "time-corrected", r->time_corrected);
	put_remark(p, j, "witnesses-disagree", r->witnesses_disagree);
	put_remark(p, j, "late", r->late);
	put_remark(p, j, "short-notice", r->short_notice);
	put_cite(p, j, "crossed", r->has_crossed, &r->crossed);
	js_put_bool(&p->make, act, "has_remarks",
	    r->time_corrected != 0 || r->witnesses_disagree != 0 ||
		r->late != 0 || r->short_notice != 0 || r->has_crossed);
}

static struct str
officer_of(struct putting *p, const struct member *m, const struct pubkey *key)
{
	const struct mandate_officer *o;
	size_t count = m == NULL ? 0 : mandate_officers(m->mandate, &o);

	for (size_t i = 0; i < count; i++)
		if (key_eq(&o[i].key, key))
			return o[i].name;
	if (m != NULL && key_eq(mandate_root(m->mandate), key))
		return STR("root key");
	return hex_str(p->make.a, key->b, 32);
}

/* Which officers signed: names where the party's file has their keys. */
static void
put_officers(struct putting *p, struct js *act, const struct store_act *stored)
{
	struct js *list = js_put_list(&p->make, act, "officers");
	struct member *m = node_member_by_no(p->v->q.n, stored->party);

	for (size_t i = 0; i + SIGNATURE <= stored->signatures.n;
	     i += SIGNATURE) {
		struct pubkey key;

		memcpy(key.b, stored->signatures.p + i, sizeof(key.b));
		js_put_str(&p->make, list, NULL, officer_of(p, m, &key));
	}
}

static void
put_time(struct putting *p, struct js *in, const char *key, bool has,
    int64_t us)
{
	char text[WHEN_TEXT];

	when_write(us, text);
	js_put_z(&p->make, in, key, has ? text : NULL);
}

/* ---- who has it ---- */

static int64_t
lane_of(const struct putting *p, int64_t party)
{
	for (size_t i = 0; p->s != NULL && i < p->s->n_lanes; i++)
		if (p->s->lane[i]->no == party)
			return (int64_t)i + 1; /* few */
	return 0;
}

static int
add_gap(struct putting *p, const struct sheet_gap *gap, struct err *err)
{
	struct sheet_kept *k = p->k;

	if (k == NULL)
		return 0;
	for (size_t i = 0; i < k->n_gaps; i++)
		if (k->gap[i].party == gap->party &&
		    k->gap[i].witness == gap->witness) {
			if (gap->from < k->gap[i].from)
				k->gap[i].from = gap->from;
			return 0;
		}
	if (arena_grow(&k->a, &k->gap, &k->cap_gaps, k->n_gaps + 1,
		sizeof(*k->gap)) != 0)
		return err_nomem(err, "a matter");
	k->gap[k->n_gaps++] = *gap;
	return 0;
}

/* What was asked last of a log and a witness holds for the entries between.
 * One a lane (0: none) and member. */
struct asked {
	int64_t party;
	uint64_t from, to; /* entries from <= i < to have this answer */
	bool found;
	struct store_cosignature c;
};

static int
ask(struct putting *p, const struct store_act *stored, int64_t witness,
    struct asked *last, struct err *err)
{
	if (last->party == stored->party && stored->idx >= last->from &&
	    stored->idx < last->to)
		return 0;
	if (store_cosignature_beyond(p->v->q.s, stored->party, witness,
		stored->idx, &last->found, &last->c, err) != 0)
		return -1;
	last->party = stored->party;
	last->from = stored->idx;
	last->to = last->found ? last->c.size : UINT64_MAX;
	if (last->found)
		return 0;
	return add_gap(p,
	    &(struct sheet_gap){stored->party, witness, stored->idx}, err);
}

/* Who has cosigned the log with this act in it, and when first. */
static int
put_delivered(struct putting *p, struct js *act, const struct store_act *stored,
    struct asked *last, struct err *err)
{
	struct js *list = js_put_list(&p->make, act, "delivered");
	struct node *n = p->v->q.n;

	last += (size_t)lane_of(p, stored->party) * n->n_members;
	for (size_t i = 0; i < n->n_members; i++) {
		struct asked *x = &last[i];
		struct js *j;

		if (n->member[i]->no == stored->party)
			continue;
		if (ask(p, stored, n->member[i]->witness, x, err) != 0)
			return -1;
		if (!x->found)
			continue;
		j = js_put_map(&p->make, list, NULL);
		js_put_z(&p->make, j, "party", n->member[i]->code);
		put_time(p, j, "time", true,
		    (int64_t)x->c.first.time_s * 1000000); /* below 2^63 */
		js_put_int(&p->make, j, "size", (int64_t)x->c.size);
	}
	return 0;
}

/* ---- an act ---- */

static const struct js *
titles(struct putting *p, struct str name, struct str kind)
{
	const struct js *file =
	    p->look.p == NULL ? NULL : procedure_json(p->look.p);
	const struct js *title =
	    js_get(js_get_at(js_get(file, "acts"), name), "title");
	struct js *j;

	if (js_type(title) == JS_MAP)
		return title;
	j = js_map(&p->make);
	for (size_t i = 0; i < LANGS; i++)
		js_put_str(&p->make, j, lang_code[i].p, kind);
	return j;
}

/* No procedure judges the acts of a party's own file: they have no verdict. */
static void
put_verdict(struct putting *p, struct js *j, struct str kind,
    const struct fold_act_result *r)
{
	struct js_make *m = &p->make;
	const char *verdict = r != NULL ? fold_verdict_name(r->verdict)
	                      : mandate_is_kind(kind) ? NULL
	                                              : "waiting";
	struct js *is = js_put_map(m, j, "is");

	put_time(p, j, "time", r != NULL && r->verdict != FOLD_WAITING,
	    r == NULL ? 0 : r->time_us);
	js_put_z(m, j, "verdict", verdict);
	if (verdict != NULL)
		js_put_bool(m, is, verdict, true);
	js_put_z(m, j, "reason", r == NULL ? NULL : r->reason);
	if (r != NULL && r->has_where)
		js_put_str(m, j, "where", r->where);
	else
		js_put_null(m, j, "where");
	put_remarks(p, j, r);
}

static int
put_act(struct putting *p, const struct act *act,
    const struct store_act *stored, const struct fold_act_result *r,
    struct asked *last, struct err *err)
{
	struct js_make *m = &p->make;
	struct js *j = js_put_map(m, p->list, NULL), *after;
	bool all = p->v->reader != WEB_PUBLIC;

	js_put_str(m, j, "cite",
	    query_cite(&p->v->q, stored->party, stored->idx));
	js_put_hex(m, j, "id", act->id.b, 32);
	js_put_str(m, j, "party", act->party);
	js_put_int(m, j, "lane", lane_of(p, stored->party));
	js_put_str(m, j, "kind", act->kind);
	js_put(m, j, "title", titles(p, act->name, act->kind));
	js_put_bool(m, j, "opens", act->opens);
	put_time(p, j, "at", true, act->at_us);
	put_verdict(p, j, act->kind, r);
	view_audience(&p->make, j, &act->to);
	after = js_put_list(m, j, "after");
	for (size_t i = 0; i < act->n_after; i++)
		put_cite(p, after, NULL, true, &act->after[i]);
	put_cite(p, j, "answers", act->has_answers, &act->answers);
	put_cite(p, j, "amends", act->has_amends, &act->amends);
	js_put(m, j, "body", act->body);
	body_put(&p->look, j, "fields", act->name, act->body);
	js_put_bool(m, j, "has_fields", js_len(act->body) > 0);
	put_officers(p, j, stored);
	/* When it came here is this party's own affair. */
	put_time(p, j, "received", all, stored->received_us);
	return put_delivered(p, j, stored, last, err);
}

static int
start(struct putting *p, struct view *v, struct sheet_kept *k,
    const struct procedure *procedure, struct arena *a, struct asked **ret,
    struct err *err)
{
	*p = (struct putting){.v = v, .k = k, .make = {.a = a}};
	p->s = k == NULL ? NULL : k->sheet;
	p->list = js_list(&p->make);
	p->look = (struct body_look){.make = &p->make,
	    .p = procedure,
	    .ctx = p,
	    .cite = cite_hex,
	    .has_file = has_file};
	*ret = arena_array(v->q.a,
	    (1 + (p->s == NULL ? 0 : p->s->n_lanes)) * v->q.n->n_members,
	    struct asked);
	return *ret == NULL ? err_nomem(err, "a matter") : 0;
}

static const struct store_act *
stored_of(const struct matter_view *mv, const struct id *id)
{
	for (size_t i = 0; i < mv->n_acts; i++)
		if (id_eq(&mv->stored[i].act.id, id))
			return &mv->stored[i].act;
	return NULL;
}

int
sheet_put_acts(struct view *v, struct sheet_kept *k, struct err *err)
{
	const struct matter_view *mv = &k->sheet->mv;
	const struct fold_result *r = mv->result;
	size_t n = r == NULL ? mv->n_acts : r->n_acts;
	struct putting p;
	struct asked *last;

	if (start(&p, v, k, mv->procedure, &k->a, &last, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct act *act =
		    r == NULL ? mv->acts[i].act : r->acts[i].act;

		if (put_act(&p, act, stored_of(mv, &act->id),
			r == NULL ? NULL : &r->acts[i], last, err) != 0)
			return -1;
	}
	k->sheet->acts = p.list;
	return p.make.failed ? err_nomem(err, "a matter") : 0;
}

const struct js *
sheet_model(const struct sheet *s, const struct fold_act_result *r)
{
	return js_at(s->acts, (size_t)(r - s->mv.result->acts));
}

int
sheet_act(struct view *v, const struct act *act, const struct store_act *stored,
    const struct js **ret, struct err *err)
{
	struct putting p;
	struct asked *last;

	if (start(&p, v, NULL, NULL, v->q.a, &last, err) != 0 ||
	    put_act(&p, act, stored, NULL, last, err) != 0)
		return -1;
	*ret = p.list;
	return p.make.failed ? err_nomem(err, "an act") : 0;
}
