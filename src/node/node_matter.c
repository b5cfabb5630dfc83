/* A matter from the store: loaded, folded, brought up to date. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/node_int.h"

int
matter_steps(struct str json, struct arena *a, struct fold_members **ret,
    size_t *ret_n, struct err *err)
{
	const struct js *list, *who;
	struct fold_members *m;
	struct str *party;
	size_t n;

	*ret = NULL;
	*ret_n = 0;
	if (json.n == 0)
		return 0;
	if (js_parse(span_of(json), a, &list, err) != 0)
		return -1;
	n = js_len(list);
	if ((m = arena_array(a, n + 1, struct fold_members)) == NULL)
		return err_nomem(err, "members");
	for (size_t i = 0; i < n; i++) {
		m[i].from_us = js_int(js_at(js_at(list, i), 0));
		who = js_at(js_at(list, i), 1);
		m[i].n = js_len(who);
		if ((party = arena_array(a, m[i].n + 1, struct str)) == NULL)
			return err_nomem(err, "members");
		for (size_t k = 0; k < m[i].n; k++)
			party[k] = js_str(js_at(who, k));
		m[i].party = party;
	}
	*ret = m;
	*ret_n = n;
	return 0;
}

static int
steps_text(const struct fold_result *r, struct arena *a, struct str *ret,
    struct err *err)
{
	struct js_make make = {.a = a};
	struct js *list = js_list(&make), *step, *who;

	if (!r->founds) {
		*ret = STR("");
		return 0;
	}
	for (size_t i = 0; i < r->n_members; i++) {
		step = js_put_list(&make, list, NULL);
		js_put_int(&make, step, NULL, r->members[i].from_us);
		who = js_put_list(&make, step, NULL);
		for (size_t k = 0; k < r->members[i].n; k++)
			js_put_str(&make, who, NULL, r->members[i].party[k]);
	}
	return js_text(&make, list, JS_COMPACT, ret, err);
}

/* A kind of another procedure is no act of this one, whatever its name: the
 * fold sees a name that no procedure has. */
static int
own_kind(const struct procedure *p, const struct act **act, struct arena *a)
{
	struct act *other;

	if (str_eq((*act)->procedure, procedure_name(p)))
		return 0;
	if ((other = arena_new(a, struct act)) == NULL)
		return -1;
	*other = **act;
	other->name = other->kind;
	*act = other;
	return 0;
}

static int
by_seq(const void *seq, const void *recorded)
{
	const int64_t *a = seq;
	const struct recorded *b = recorded;

	return (*a > b->stored.act.seq) - (*a < b->stored.act.seq);
}

/* An act from its bytes, unless it is at hand. */
static int
read_act(const struct matter_view *v, const struct store_act *stored,
    struct arena *a, const struct act **ret, struct err *err)
{
	const struct recorded *r = v->n_known == 0
	                               ? NULL
	                               : bsearch(&stored->seq, v->known,
					     v->n_known, sizeof(*r), by_seq);

	if (r != NULL) {
		*ret = r->act;
		return 0;
	}
	if (act_parse(stored->payload, a, ret, err) == 0)
		return 0;
	if (err->code == ERR_INPUT)
		err->code = ERR_CORRUPT;
	return err_in(err, "stored act: ");
}

/* What the store has of a matter, or what begins it and is at hand whole. */
static int
load_stored(struct store *s, struct arena *a, struct matter_view *v,
    size_t *ret_n, struct err *err)
{
	if (v->n_known == 0 || !v->known[0].begins)
		return store_matter_acts(s, v->row.no, a, &v->stored, ret_n,
		    err);
	v->stored = arena_array(a, v->n_known, struct store_matter_act);
	if (v->stored == NULL)
		return err_nomem(err, "a matter");
	for (size_t i = 0; i < v->n_known; i++)
		v->stored[i] = v->known[i].stored;
	*ret_n = v->n_known;
	return 0;
}

static int
load_acts(struct node *n, struct store *s, const struct judged *extra,
    struct arena *a, struct matter_view *v, struct err *err)
{
	size_t count, kept = 0;

	if (load_stored(s, a, v, &count, err) != 0)
		return -1;
	v->acts = arena_array(a, count + 1, struct fold_act);
	if (v->acts == NULL)
		return err_nomem(err, "a matter");
	for (size_t i = 0; i < count; i++) {
		struct fold_act *x = &v->acts[kept];

		if (read_act(v, &v->stored[i].act, a, &x->act, err) != 0)
			return -1;
		if (v->only_public && x->act->to.type != AUDIENCE_PUBLIC)
			continue;
		v->stored[kept++] = v->stored[i];
		if (v->procedure != NULL &&
		    own_kind(v->procedure, &x->act, a) != 0)
			return err_nomem(err, "a matter");
		x->index = v->stored[i].act.idx;
		x->fault = (enum fold_fault)v->stored[i].fault;
	}
	count = kept;
	if (extra != NULL) {
		v->acts[count].act = extra->act;
		v->acts[count].index = n->own->log.size;
		count++;
	}
	v->n_acts = count;
	return 0;
}

static const struct act *
opening_of(const struct matter_view *v)
{
	for (size_t i = 0; i < v->n_acts; i++)
		if (v->acts[i].act->opens)
			return v->acts[i].act;
	return NULL;
}

/* Was any term due before now?  Only then can it matter who was heard. */
static bool
asks_heard(const struct fold_result *r, int64_t now_us)
{
	for (size_t i = 0; i < r->n_terms; i++)
		if (r->terms[i].has_due && r->terms[i].due_us < now_us &&
		    r->terms[i].party.n > 0)
			return true;
	return false;
}

struct asked { /* who is asked for silence in a matter */
	size_t n;
	struct str *party;
};

static void
ask(struct asked *w, struct str party)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->party[i], party))
			return;
	w->party[w->n++] = party;
}

static int
heard_of(struct node *n, struct store *s, const struct evidence *e,
    const struct matter_view *v, struct fold_input *in, struct arena *a,
    struct err *err)
{
	struct asked w = {0, arena_array(a, n->n_members + 1, struct str)};
	struct fold_heard *heard =
	    arena_array(a, n->n_members + 1, struct fold_heard);
	bool found;

	if (w.party == NULL || heard == NULL)
		return err_nomem(err, "a matter");
	for (size_t i = 0; i < v->result->n_terms; i++)
		if (v->result->terms[i].party.n > 0 &&
		    node_member(n, v->result->terms[i].party) != NULL)
			ask(&w, v->result->terms[i].party);
	for (size_t i = 0; i < w.n; i++) {
		struct fold_heard *h = &heard[in->n_heard];

		h->party = w.party[i];
		if (evidence_heard(n, s, e, v, node_member(n, w.party[i]),
			&found, &h->us, err) != 0)
			return -1;
		in->n_heard += found;
	}
	in->heard = heard;
	return 0;
}

static int fold(struct node *n, struct store *s, const struct judged *extra,
    unsigned depth, struct arena *a, struct matter_view *v, struct err *err);

/* The steps that public acts alone prove.  A founding matter has no conference
 * of its own; what claims one is not followed further. */
static int
public_steps(struct node *n, struct store *s, const struct store_matter *row,
    const struct matter_view *of, unsigned depth, struct fold_input *in,
    struct arena *a, struct err *err)
{
	struct matter_view v = {.row = *row,
	    .now_us = of->now_us,
	    .only_public = true};

	if (depth > 0)
		return 0;
	if (fold(n, s, NULL, depth + 1, a, &v, err) != 0)
		return -1;
	if (v.result == NULL || !v.result->founds)
		return 0;
	in->members = v.result->members;
	in->n_members = v.result->n_members;
	return 0;
}

static int
conference_steps(struct store *s, const struct store_matter *row,
    struct fold_input *in, struct arena *a, struct err *err)
{
	struct store_matter founding;
	struct fold_members *steps;
	bool found;

	if (!row->has_conference)
		return 0;
	in->has_members = true;
	if (store_matter_by_id(s, &row->conference, a, &found, &founding,
		err) != 0)
		return -1;
	if (found &&
	    matter_steps(founding.members, a, &steps, &in->n_members, err) != 0)
		return -1;
	in->members = found ? steps : NULL;
	return 0;
}

static int
steps_of(struct node *n, struct store *s, const struct matter_view *v,
    unsigned depth, struct fold_input *in, struct arena *a, struct err *err)
{
	struct store_matter founding;
	bool found;

	if (!v->only_public || !v->row.has_conference)
		return conference_steps(s, &v->row, in, a, err);
	in->has_members = true;
	if (store_matter_by_id(s, &v->row.conference, a, &found, &founding,
		err) != 0)
		return -1;
	return found ? public_steps(n, s, &founding, v, depth, in, a, err) : 0;
}

/* Of *v its row, time and choice of acts are given. */
static int
fold(struct node *n, struct store *s, const struct judged *extra,
    unsigned depth, struct arena *a, struct matter_view *v, struct err *err)
{
	struct fold_input in = {.matter = v->row.id, .now_us = v->now_us};
	struct evidence e;

	v->procedure = node_procedure(n, &v->row.procedure);
	if (load_acts(n, s, extra, a, v, err) != 0)
		return -1;
	if (v->procedure == NULL || opening_of(v) == NULL)
		return 0;
	if (steps_of(n, s, v, depth, &in, a, err) != 0 ||
	    evidence_of(n, s, &v->row, opening_of(v), in.members, in.n_members,
		a, &e, err) != 0)
		return -1;
	for (size_t i = 0; i < v->n_acts; i++) {
		struct member *m = node_member(n, v->acts[i].act->party);

		if (m != NULL && (extra == NULL || i + 1 < v->n_acts) &&
		    evidence_act(n, s, &e, m, &v->acts[i], err) != 0)
			return -1;
	}
	in.n_acts = v->n_acts;
	in.acts = v->acts;
	if (fold_matter(v->procedure, &in, a, &v->result, err) != 0)
		return -1;
	if (!asks_heard(v->result, v->now_us))
		return 0;
	if (heard_of(n, s, &e, v, &in, a, err) != 0)
		return -1;
	return in.n_heard == 0
	           ? 0
	           : fold_matter(v->procedure, &in, a, &v->result, err);
}

int
matter_fold(struct node *n, struct store *s, const struct store_matter *row,
    const struct judged *extra, int64_t now_us, struct arena *a,
    struct matter_view *ret, struct err *err)
{
	struct matter_view v = {.row = *row, .now_us = now_us};

	if (fold(n, s, extra, 0, a, &v, err) != 0)
		return -1;
	*ret = v;
	return 0;
}

int
matter_fold_public(struct node *n, struct store *s,
    const struct store_matter *row, int64_t now_us, struct arena *a,
    struct matter_view *ret, struct err *err)
{
	struct matter_view v = {.row = *row,
	    .now_us = now_us,
	    .only_public = true};

	if (fold(n, s, NULL, 0, a, &v, err) != 0)
		return -1;
	*ret = v;
	return 0;
}

static bool
shows_term(const struct fold_result *r, const struct fold_term *t)
{
	return r->has_state &&
	       (t->status == FOLD_OPEN || t->status == FOLD_PAST ||
		   t->status == FOLD_LAPSED);
}

int
matter_store(struct store *s, const struct matter_view *v, struct arena *a,
    struct err *err)
{
	const struct fold_result *r = v->result;
	struct store_matter row = v->row;
	struct store_term *t;
	size_t count = 0;

	row.changed_us = v->now_us;
	row.is_bare = v->row.acts == 0; /* never folded */
	row.acts = (int64_t)v->n_acts;  /* far below 2^63 */
	row.latest_us = 0;
	for (size_t i = 0; i < v->n_acts; i++)
		if (v->acts[i].act->at_us > row.latest_us)
			row.latest_us = v->acts[i].act->at_us;
	if (r == NULL)
		return store_matter_update(s, &row, NULL, 0, err);
	row.state = r->has_state ? r->state : STR("");
	row.since_us = r->has_state ? r->since_us : 0;
	row.final = r->has_state && procedure_is_final(v->procedure, r->state);
	row.has_next = r->has_next;
	row.next_us = r->next_us;
	row.waits = false;
	if (steps_text(r, a, &row.members, err) != 0)
		return -1;
	t = arena_array(a, r->n_terms + 1, struct store_term);
	if (t == NULL)
		return err_nomem(err, "terms");
	for (size_t i = 0; i < r->n_terms && !row.final; i++) {
		const struct fold_term *f = &r->terms[i];

		if (!shows_term(r, f))
			continue;
		row.waits =
		    row.waits || (f->status == FOLD_PAST && f->party.n > 0);
		t[count++] = (struct store_term){.name = f->name,
		    .party = f->party,
		    .kind = f->kind,
		    .begun_us = f->begun_us,
		    .due_us = f->due_us,
		    .status = f->status,
		    .origin = f->origin,
		    .has_due = f->has_due};
	}
	return store_matter_update(s, &row, t, count, err);
}

/* A change of membership refolds the matters of the conference. */
static int
refold_conference(struct node *n, struct store *s,
    const struct store_matter *founding, int64_t now_us, struct arena *a,
    struct err *err)
{
	int64_t *no;
	size_t count;

	if (store_matter_of_conference(s, &founding->id, a, &no, &count, err) !=
	    0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (no[i] != founding->no &&
		    matter_refold(n, s, no[i], now_us, err) != 0)
			return -1;
	return 0;
}

static int
refold(struct node *n, struct store *s, int64_t no, const struct recorded *r,
    size_t n_recorded, int64_t now_us, struct arena *a, struct err *err)
{
	struct matter_view v = {.known = r,
	    .n_known = n_recorded,
	    .now_us = now_us};
	struct store_matter row;
	bool found;

	if (store_matter_by_no(s, no, a, &found, &v.row, err) != 0 || !found)
		return found ? -1 : 0;
	if (fold(n, s, NULL, 0, a, &v, err) != 0 ||
	    matter_store(s, &v, a, err) != 0)
		return -1;
	event_matter(n, &v);
	if (v.result == NULL || !v.result->founds)
		return 0;
	if (store_matter_by_no(s, no, a, &found, &row, err) != 0)
		return -1;
	return str_eq(v.row.members, row.members)
	           ? 0
	           : refold_conference(n, s, &v.row, now_us, a, err);
}

int
matter_refold(struct node *n, struct store *s, int64_t no, int64_t now_us,
    struct err *err)
{
	struct arena a; /* a batch may refold very many */
	int rc;

	arena_init(&a, ARENA_REQUEST);
	rc = refold(n, s, no, NULL, 0, now_us, &a, err);
	arena_release(&a);
	return rc;
}

int
matter_refold_recorded(struct node *n, const struct recorded *r, size_t count,
    int64_t now_us, struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a, ARENA_REQUEST);
	rc = refold(n, n->writer, r->matter, r, count, now_us, &a, err);
	arena_release(&a);
	return rc;
}

/* Is the party a member when the act says that it was written?  Who joined
 * later reads what is written from then on; and a step that the act itself
 * makes (the last consent to dissolve) takes it from nobody.  Before the first
 * step: as then, for clocks differ. */
static bool
is_in_steps(const struct fold_members *steps, size_t n, int64_t at_us,
    struct str code)
{
	size_t i = n;

	while (i > 1 && steps[i - 1].from_us >= at_us)
		i--;
	for (size_t k = 0; i > 0 && k < steps[i - 1].n; k++)
		if (str_eq(steps[i - 1].party[k], code))
			return true;
	return false;
}

int
matter_reads(struct node *n, struct store *s, const struct act *act,
    const struct store_matter *row, struct str code, struct arena *a, bool *ret,
    struct err *err)
{
	struct fold_input in = {.n_members = 0};
	struct fold_members *steps;
	const struct member *opener;
	const struct js *to;

	*ret = act->to.type == AUDIENCE_PUBLIC ||
	       (act->to.type == AUDIENCE_PARTIES &&
		   act_audience_has(&act->to, code)) ||
	       str_eq(act->party, code);
	if (*ret || act->to.type != AUDIENCE_MEMBERS)
		return 0;
	if (row->has_conference) {
		if (conference_steps(s, row, &in, a, err) != 0)
			return -1;
		*ret = is_in_steps(in.members, in.n_members, act->at_us, code);
		return 0;
	}
	/* In the matter that founds a conference: who is in it. */
	if (row->members.n > 0) {
		if (matter_steps(row->members, a, &steps, &in.n_members, err) !=
		    0)
			return -1;
		*ret = is_in_steps(steps, in.n_members, act->at_us, code);
		return 0;
	}
	/* Outside a conference the members are the matter's parties: who opened
	 * it, and whom that act names. */
	if (js_parse(span_of(row->audience), a, &to, err) != 0)
		return -1;
	opener = node_member_by_no(n, row->party);
	*ret = js_len(to) > 0 && opener != NULL && str_is(code, opener->code);
	for (size_t i = 0; i < js_len(to); i++)
		*ret = *ret || str_eq(js_str(js_at(to, i)), code);
	return 0;
}
