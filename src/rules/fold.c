#include "rules/fold.h"

#include <assert.h>
#include <string.h>

#include "base/num.h"
#include "record/hash.h"
#include "rules/fold_int.h"

/* A claimed time may be corrected by this much without a word. */
#define CORRECTED_MIN (5 * WHEN_MINUTE)

const char *
fold_status_name(enum fold_status s)
{
	static const char *const name[] = {"open", "done", "late", "past",
	    "lapsed", "released"};

	static_assert(COUNT(name) == FOLD_STATUSES, "each status has a name");
	return name[s];
}

const char *
fold_verdict_name(enum fold_verdict v)
{
	static const char *const name[] = {"valid", "void", "waiting"};

	return name[v];
}

/* The audience of the opening act: who the parties of the matter are. */
static void
open_matter(struct fold *f, const struct fold_fact *a)
{
	const uint32_t *at = a->to;
	size_t n = a->n_to;

	f->audience = &a->act->to;
	if (a->act->to.type != AUDIENCE_PARTIES)
		n = fold_members(f, a->time, &at);
	f->parties = fold_take(f, n + 1, sizeof(*f->parties));
	if (f->parties == NULL)
		return;
	f->opener = a->party;
	f->party[a->party].is_party = true;
	f->n_party = 0;
	f->parties[f->n_party++] = a->party;
	for (size_t i = 0; i < n; i++) {
		struct fold_name *p = &f->party[at[i]];

		if (p->is_party)
			continue;
		p->is_party = p->is_addressee = true;
		f->parties[f->n_party++] = at[i];
	}
}

bool
fold_covers(struct fold *f, const struct fold_fact *a, bool has_to,
    enum audience_type to)
{
	const uint32_t *reads = a->to, *wanted = f->parties;
	size_t n_reads = a->n_to, n = f->n_party;
	uint64_t mark;

	if (!has_to)
		to = f->audience->type;
	if (a->act->to.type == AUDIENCE_PUBLIC || to == AUDIENCE_PUBLIC)
		return a->act->to.type == AUDIENCE_PUBLIC;
	if (a->act->to.type == AUDIENCE_MEMBERS)
		n_reads = fold_members(f, a->time, &reads);
	if (to == AUDIENCE_MEMBERS)
		n = fold_members(f, a->time, &wanted);
	mark = fold_mark(f, reads, n_reads);
	f->party[a->party].mark = mark;
	for (size_t i = 0; i < n; i++)
		if (f->party[wanted[i]].mark != mark)
			return false;
	return true;
}

/* -- verdicts */

static bool
lists(const struct rule_list *kinds, uint16_t kind)
{
	for (size_t i = 0; i < kinds->n; i++)
		if (kinds->at[i] == kind)
			return true;
	return false;
}

/* Is there anything that this act would undo? */
static bool
can_undo(struct fold *f, const struct rule_act *spec, uint32_t party,
    uint32_t answered)
{
	if (spec->has_answers && answered != FOLD_NIL) {
		const struct fold_fact *r = &f->fact[f->fact[answered].root];

		return r->party == party && lists(&spec->undoes, r->kind) &&
		       !r->is_undone;
	}
	for (size_t i = 0; i < spec->undoes.n; i++)
		if (fold_done(f, spec->undoes.at[i], party) != FOLD_NIL)
			return true;
	return false;
}

static const char *
why_bad_answer(struct fold *f, const struct rule_act *spec, uint32_t answered)
{
	const struct fold_fact *a = &f->fact[answered];

	if (answered == FOLD_NIL || a->verdict != FOLD_VALID ||
	    !lists(&spec->answers, a->kind))
		return "bad-answer";
	if (f->fact[a->root].is_undone)
		return "stale";
	if (spec->is_latest) {
		uint32_t r = fold_latest(f, &spec->answers);

		if (r == FOLD_NIL || f->fact[r].current != answered)
			return "stale";
	}
	return NULL;
}

/* Why this party may not do this kind of act now, as far as the body does not
 * matter; NULL where it may. */
const char *
fold_why_not(struct fold *f, uint16_t kind, uint32_t party, uint32_t answered,
    int64_t time, bool is_in_role)
{
	const struct rule_act *spec = &f->p->act[kind];
	const struct fold_event e = {.time = time,
	    .on = SIZE_MAX,
	    .actor = party,
	    .origin = FOLD_NIL,
	    .answered = answered,
	    .act = FOLD_NIL,
	    .term = FOLD_NIL};
	const char *why;

	if (spec->is_opening ? f->has_state
			     : !f->has_state || (spec->in >> f->state & 1) == 0)
		return "wrong-state";
	if (spec->has_answers &&
	    (why = why_bad_answer(f, spec, answered)) != NULL)
		return why;
	if (!is_in_role && !fold_has_role(f, spec->by, &e, party))
		return "wrong-party";
	if (spec->is_once && fold_did(f, party, kind, NULL,
				 spec->has_answers ? answered : FOLD_NIL))
		return "repeated";
	if (spec->has_undoes && !can_undo(f, spec, party, answered))
		return "nothing-to-undo";
	if (spec->is_right &&
	    (why = fold_no_right(f, kind, party, time)) != NULL)
		return why;
	return spec->guard != NULL && !fold_holds(f, spec->guard, &e) ? "guard"
	                                                              : NULL;
}

static const char *
why_not_amend(struct fold *f, const struct fold_fact *a)
{
	const struct fold_fact *old = &f->fact[a->amends];
	const struct fold_fact *root = &f->fact[old->root];

	if (!f->p->act[a->kind].is_amendable || old->verdict != FOLD_VALID ||
	    root->is_undone || root->party != a->party || root->kind != a->kind)
		return "bad-amend";
	return fold_is_live(f) ? NULL : "wrong-state";
}

static bool
is_committed(struct fold *f, const struct fold_fact *a)
{
	const struct rule_act *spec = &f->p->act[a->kind];
	struct str text = js_str(js_get_at(a->act->body, spec->secret));
	struct id id = hash_of(span_of(text));
	char hex[2 * sizeof(id.b) + 1];

	hex_write(id.b, sizeof(id.b), hex);
	for (uint32_t r = fold_done(f, spec->committed.act, a->party);
	     r != FOLD_NIL; r = f->fact[r].prev_done) {
		const struct js *body = f->fact[f->fact[r].current].act->body;

		if (!f->fact[r].is_undone &&
		    js_is_str(form_walk(body, spec->committed.name,
				  spec->committed.n),
			hex))
			return true;
	}
	return false;
}

static bool
is_short_notice(struct fold_fact *a, const struct rule_act *spec)
{
	for (size_t i = 0; i < spec->n_notices; i++) {
		const struct rule_notice *n = &spec->notice[i];
		const struct js *v = form_walk(a->act->body, n->name, n->n);
		int64_t start, lack;

		if (js_type(v) != JS_TEXT ||
		    !when_is_time(js_str(v), WHEN_YEAR, &start))
			continue;
		lack = a->time + n->least_us - start;
		if (lack > 0 && n->is_strict)
			return true;
		if (lack > a->short_notice)
			a->short_notice = lack;
	}
	return false;
}

/* The first rule that the act breaks; NULL where it is valid. */
static const char *
broken(struct fold *f, struct fold_fact *a, uint32_t answered)
{
	const struct rule_act *spec;
	struct err err;
	const char *why;

	if (a->in->fault != FOLD_SOUND)
		return a->in->fault == FOLD_NO_MANDATE ? "no-mandate"
		                                       : "denied";
	if (a->kind == RULE_NONE)
		return "unknown-act";
	spec = &f->p->act[a->kind];
	if (form_fault(&spec->form, a->act->body, f->a, &a->has_where,
		&a->where, &err) != 0)
		f->is_out = true;
	if (a->has_where)
		return "bad-form";
	if (!f->has_state && (a != &f->fact[f->matter] || !spec->is_opening))
		return "not-open";
	why = a->act->has_amends ? why_not_amend(f, a)
	                         : fold_why_not(f, a->kind, a->party, answered,
				       a->time, false);
	if (why != NULL)
		return why;
	if (spec->has_committed && !is_committed(f, a))
		return "not-committed";
	if (is_short_notice(a, spec))
		return "short-notice";
	return fold_covers(f, a, spec->has_to, spec->to) ? NULL
	                                                 : "narrow-audience";
}

/* -- effects */

static void
undo(struct fold *f, uint32_t root)
{
	f->fact[root].is_undone = true;
	fold_release_of(f, root);
}

/* What the act undoes: its author's own act that it answers, else all of its
 * author's of those kinds. */
static void
undo_all(struct fold *f, const struct fold_fact *a, uint32_t answered)
{
	const struct rule_act *spec = &f->p->act[a->kind];
	uint32_t r;

	if (!spec->has_undoes)
		return;
	if (spec->has_answers && answered != FOLD_NIL) {
		if (can_undo(f, spec, a->party, answered))
			undo(f, f->fact[answered].root);
		return;
	}
	for (size_t i = 0; i < spec->undoes.n; i++)
		while ((r = fold_done(f, spec->undoes.at[i], a->party)) !=
			   FOLD_NIL &&
		       !f->is_out)
			undo(f, r);
}

/* Put a valid act in front of its chains. */
static void
link_act(struct fold *f, struct fold_fact *a)
{
	uint32_t self = (uint32_t)(a - f->fact); /* below n_facts */
	struct fold_key key = {a->kind, a->party, FOLD_NIL};

	a->prev_kind = f->last_valid[a->kind];
	f->last_valid[a->kind] = self;
	a->prev_done = fold_map_get(&f->done, key);
	fold_map_set(f, &f->done, key, self);
	if (a->answers == FOLD_NIL)
		return;
	key.c = a->answers;
	a->prev_same = fold_map_get(&f->same, key);
	fold_map_set(f, &f->same, key, self);
}

static void
note_crossing(struct fold *f, struct fold_fact *a)
{
	uint32_t news = f->mover;
	const struct fold_fact *c;

	if (a->reason != NULL && strcmp(a->reason, "stale") == 0)
		news = fold_latest(f, &f->p->act[a->kind].answers);
	if (news == FOLD_NIL)
		return;
	c = &f->fact[f->fact[news].current];
	if (fold_seen(f, a, c->party) <= c->in->index)
		a->crossed = f->fact[news].current;
}

static void
take_act(struct fold *f, struct fold_fact *a)
{
	uint32_t self = (uint32_t)(a - f->fact); /* below n_facts */
	int64_t wrong = a->t - fold_clamp(a->act->at_us);
	uint32_t answered = a->answers;
	struct fold_event e = {.time = a->time,
	    .on = a->kind,
	    .actor = a->party,
	    .origin = self,
	    .act = self,
	    .term = FOLD_NIL};

	a->is_folded = true;
	if (self == f->matter)
		open_matter(f, a);
	if (f->is_out)
		return;
	if (wrong > CORRECTED_MIN || wrong < -CORRECTED_MIN)
		a->corrected = wrong;
	if (a->has_not_before && a->has_not_after &&
	    a->not_before > a->not_after)
		a->disagree = a->not_before - a->not_after;
	a->reason = broken(f, a, answered);
	a->verdict = a->reason != NULL ? FOLD_VOID : FOLD_VALID;
	note_crossing(f, a);
	if (a->reason != NULL || f->is_out)
		return;
	if (a->act->has_amends) {
		a->root = f->fact[a->amends].root;
		f->fact[a->root].current = self;
		fold_rebind(f, a);
	} else {
		link_act(f, a);
		fold_perform(f, a, answered);
		undo_all(f, a, answered);
		e.answered = answered;
		fold_fire(f, &e);
	}
	fold_note_members(f, a->time);
}

static void
run(struct fold *f)
{
	const struct procedure *p = f->p;

	f->last_valid = fold_take(f, p->n_acts, sizeof(*f->last_valid));
	f->count = fold_take(f, p->n_terms, sizeof(*f->count));
	f->active = fold_take(f, p->n_terms, sizeof(*f->active));
	if (f->is_out)
		return;
	memset(f->last_valid, 0xff, p->n_acts * sizeof(*f->last_valid));
	memset(f->active, 0xff, p->n_terms * sizeof(*f->active));
	fold_intake(f);
	if (!f->is_out)
		fold_arrange(f);
	for (size_t i = 0; i < f->n_order && !f->is_out; i++) {
		struct fold_fact *a = &f->fact[f->order[i]];

		fold_pass_time(f, a->time);
		if (!f->is_out)
			take_act(f, a);
	}
	fold_pass_time(f, f->now);
}

int
fold_matter(const struct procedure *p, const struct fold_input *in,
    struct arena *a, const struct fold_result **ret, struct err *err)
{
	struct fold f = {.p = p,
	    .in = in,
	    .a = a,
	    .mover = FOLD_NIL,
	    .opener = FOLD_NIL,
	    .matter = FOLD_NIL};
	struct fold_result *r = NULL;

	run(&f);
	if (!f.is_out)
		r = fold_results(&f);
	if (f.is_out || r == NULL)
		return err_nomem(err, "the fold of a matter");
	*ret = r;
	return 0;
}
