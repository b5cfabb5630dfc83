#include "node/proof.h"

#include "base/num.h"
#include "base/when.h"
#include "node/archive.h"
#include "record/bundle.h"

struct proof { /* one proof in the making */
	struct query *q;
	struct str claim;
	struct store_act act; /* what was referred to */
	struct matter_view v;
};

/* ---- claims ---- */

static const struct fold_act_result *
act_result(const struct proof *p)
{
	for (size_t i = 0; p->v.result != NULL && i < p->v.result->n_acts; i++)
		if (id_eq(&p->v.result->acts[i].id, &p->act.id))
			return &p->v.result->acts[i];
	return NULL;
}

static int
holds_state(struct proof *p, struct err *err)
{
	return p->v.result != NULL && p->v.result->has_state
	           ? 0
	           : err_set(err, ERR_CONFLICT, "the matter has no state");
}

static int
holds_valid(struct proof *p, struct err *err)
{
	const struct fold_act_result *r = act_result(p);

	if (r != NULL && r->verdict == FOLD_VALID)
		return 0;
	return err_set(err, ERR_CONFLICT, "the act is %s%s%s",
	    r == NULL ? "waiting" : fold_verdict_name(r->verdict),
	    r == NULL || r->reason == NULL ? "" : ": ",
	    r == NULL || r->reason == NULL ? "" : r->reason);
}

static int
holds_void(struct proof *p, struct err *err)
{
	const struct fold_act_result *r = act_result(p);

	return r != NULL && r->verdict == FOLD_VOID
	           ? 0
	           : err_set(err, ERR_CONFLICT, "the act is not void");
}

/* Every other party of its audience has cosigned the log with the act in it. */
static int
holds_delivered(struct proof *p, struct err *err)
{
	struct node *n = p->q->n;
	const struct fold_act_result *r = act_result(p);

	for (size_t i = 0; r != NULL && i < n->n_members; i++) {
		const struct member *m = n->member[i];
		struct store_cosignature c;
		bool found;

		if (m->no == p->act.party ||
		    r->act->to.type != AUDIENCE_PARTIES ||
		    !act_audience_has(&r->act->to, str_of(m->code)))
			continue;
		if (store_cosignature_beyond(p->q->s, p->act.party, m->witness,
			p->act.idx, &found, &c, err) != 0)
			return -1;
		if (!found)
			return err_set(err, ERR_CONFLICT,
			    "%s has not receipted it", m->code);
	}
	return r != NULL ? 0
	                 : err_set(err, ERR_CONFLICT, "the act is not judged");
}

/* A duty is past its due time and not performed. */
static int
holds_unanswered(struct proof *p, struct err *err)
{
	const struct fold_result *r = p->v.result;

	for (size_t i = 0; r != NULL && i < r->n_terms; i++)
		if (r->terms[i].kind == FOLD_DUTY &&
		    (r->terms[i].status == FOLD_PAST ||
			r->terms[i].status == FOLD_LAPSED))
			return 0;
	return err_set(err, ERR_CONFLICT, "nothing in it is overdue");
}

/* Silence is proven: a term has lapsed. */
static int
holds_silent(struct proof *p, struct err *err)
{
	const struct fold_result *r = p->v.result;

	for (size_t i = 0; r != NULL && i < r->n_terms; i++)
		if (r->terms[i].status == FOLD_LAPSED)
			return 0;
	return err_set(err, ERR_CONFLICT,
	    "no silence in it is proven: two witnesses must have heard the "
	    "party after the due time");
}

static int
holds_unchanged(struct proof *p, struct err *err)
{
	const struct fold_result *r = p->v.result;

	for (size_t i = 0; r != NULL && i < r->n_acts; i++)
		if (r->acts[i].verdict == FOLD_VALID &&
		    r->acts[i].act->has_amends &&
		    id_eq(&r->acts[i].act->amends, &p->act.id))
			return err_set(err, ERR_CONFLICT, "it was amended");
	return holds_valid(p, err);
}

static const struct {
	const char *name;
	int (*holds)(struct proof *p, struct err *err);
	const char *says;
} claim[] = {
    {"state", holds_state, "the matter is in this state since then"},
    {"valid", holds_valid,
	"the act was written, signed under a mandate, "
	"logged, and has effect"},
    {"void", holds_void,
	"the act stands on record and has no effect, by "
	"this rule"},
    {"delivered", holds_delivered,
	"every party that it is addressed to has cosigned the log with it"},
    {"unanswered", holds_unanswered,
	"a duty was not performed by its due time"},
    {"silent", holds_silent,
	"two witnesses prove that no act was logged by "
	"the due time"},
    {"unchanged", holds_unchanged, "the act is valid and not amended since"},
};

static int
check_claim(struct proof *p, size_t *ret, struct err *err)
{
	for (size_t i = 0; i < COUNT(claim); i++) {
		if (!str_is(p->claim, claim[i].name))
			continue;
		*ret = i;
		return claim[i].holds(p, err) != 0
		           ? err_in(err, "the claim '%s' does not hold: ",
				 claim[i].name)
		           : 0;
	}
	return err_set(err, ERR_INPUT,
	    "no claim '%.*s': state, valid, void, delivered, unanswered, "
	    "silent or unchanged",
	    STR_ARG(p->claim));
}

/* ---- the members of the file ---- */

/* The newest signed head of the act's log, with cosignatures, and the act's
 * place in it. */
static int
put_tlog_proof(struct proof *p, struct bundle_writer *w, struct str cite,
    const struct store_act *act, bool *ret_put, struct err *err)
{
	struct query *q = p->q;
	struct node_tiles t = {q->s, act->party};
	struct checkpoint_proof proof = {.index = act->idx};
	struct store_cosignature *c;
	struct store_head head;
	struct span note;
	struct str text;
	size_t count;
	bool found, kept;

	*ret_put = false;
	if (store_head(q->s, act->party, q->a, &found, &head, err) != 0)
		return -1;
	if (!found || head.size <= act->idx)
		return 0; /* nobody has signed a head with it yet */
	if (store_cosignature_list(q->s, act->party, head.size, q->a, &c,
		&count, err) != 0 ||
	    store_checkpoint(q->s, act->party, head.size, q->a, &kept, &note,
		err) != 0 ||
	    node_cosigned_note(q->n, q->s, c, count, kept ? note : head.note,
		q->a, &text, err) != 0 ||
	    log_prove_inclusion(act->idx, head.size, node_tile, &t,
		&proof.proof, err) != 0)
		return -1;
	proof.note = span_of(text);
	text = checkpoint_proof_text(q->a, &proof);
	if (text.p == NULL)
		return err_nomem(err, "a proof");
	*ret_put = true;
	return bundle_write_add(w,
	    str_fmt(q->a, "proof/%.*s.tlog-proof", STR_ARG(cite)),
	    span_of(text), err);
}

static void
put_time(struct js_make *m, struct js *in, const char *key, bool has,
    int64_t us)
{
	char text[WHEN_TEXT];

	when_write(us, text);
	js_put_z(m, in, key, has ? text : NULL);
}

static int
put_acts(struct proof *p, struct bundle_writer *w, struct js_make *m,
    struct js *in, struct err *err)
{
	struct js *list = js_put_list(m, in, "acts");

	for (size_t i = 0; i < p->v.n_acts; i++) {
		const struct store_act *act = &p->v.stored[i].act;
		const struct fold_result *r = p->v.result;
		struct str cite = query_cite(p->q, act->party, act->idx);
		struct js *j = js_put_map(m, list, NULL);
		bool put;

		js_put_str(m, j, "cite", cite);
		js_put_hex(m, j, "id", act->id.b, 32);
		js_put_int(m, j, "index", (int64_t)act->idx); /* below 2^63 */
		for (size_t k = 0; r != NULL && k < r->n_acts; k++) {
			if (!id_eq(&r->acts[k].id, &act->id))
				continue;
			js_put_z(m, j, "verdict",
			    fold_verdict_name(r->acts[k].verdict));
			js_put_z(m, j, "reason", r->acts[k].reason);
			put_time(m, j, "time",
			    r->acts[k].verdict != FOLD_WAITING,
			    r->acts[k].time_us);
		}
		if (put_tlog_proof(p, w, cite, act, &put, err) != 0)
			return -1;
		if (put)
			js_put_str(m, j, "tlog-proof",
			    str_fmt(p->q->a, "proof/%.*s.tlog-proof",
				STR_ARG(cite)));
	}
	return 0;
}

static void
put_terms(struct proof *p, struct js_make *m, struct js *in)
{
	struct js *list = js_put_list(m, in, "terms");
	const struct fold_result *r = p->v.result;

	for (size_t i = 0; r != NULL && i < r->n_terms; i++) {
		struct js *j = js_put_map(m, list, NULL);

		js_put_str(m, j, "name", r->terms[i].name);
		js_put_str(m, j, "party", r->terms[i].party);
		put_time(m, j, "due", r->terms[i].has_due, r->terms[i].due_us);
		js_put_z(m, j, "status", fold_status_name(r->terms[i].status));
	}
}

/* Called for the archive before it is closed. */
static int
put_claim(void *ctx, struct bundle_writer *w, struct err *err)
{
	struct proof *p = ctx;
	const struct fold_result *r = p->v.result;
	struct js_make m = {.a = p->q->a};
	struct js *j = js_map(&m);
	struct str text;
	size_t i = 0;

	while (!str_is(p->claim, claim[i].name))
		i++; /* it was checked */
	js_put_int(&m, j, "comity-proof", 1);
	js_put_str(&m, j, "claim", p->claim);
	js_put_z(&m, j, "says", claim[i].says);
	js_put_str(&m, j, "of", query_cite(p->q, p->act.party, p->act.idx));
	js_put_hex(&m, j, "matter", p->v.row.id.b, 32);
	js_put_str(&m, j, "state",
	    r != NULL && r->has_state ? r->state : STR(""));
	put_time(&m, j, "since", r != NULL && r->has_state,
	    r == NULL ? 0 : r->since_us);
	put_time(&m, j, "folded-at", true, p->q->now_us);
	js_put_hex(&m, j, "procedure", p->v.row.procedure.b, 32);
	if (put_acts(p, w, &m, j, err) != 0)
		return -1;
	put_terms(p, &m, j);
	js_put_z(&m, j, "check",
	    "comity verify FILE, or by hand: docs/proof.md");
	if (js_text(&m, j, JS_PRETTY, &text, err) != 0)
		return -1;
	return bundle_write_add(w, STR("proof.json"), span_of(text), err);
}

int
proof_write(struct query *q, struct str ref, struct str name, struct span *ret,
    struct err *err)
{
	struct proof p = {.q = q, .claim = name.n == 0 ? STR("state") : name};
	struct archive_options o = {.matter = ref,
	    .more = put_claim,
	    .ctx = &p};
	struct archive_count count;
	bool found;
	size_t i;

	if (query_matter(q, ref, &o.row, err) != 0 ||
	    matter_fold(q->n, q->s, &o.row, NULL, q->now_us, q->a, &p.v, err) !=
		0)
		return -1;
	/* A matter's id is that of its opening act. */
	if (query_act(q, ref, &p.act, err) != 0) {
		if (store_act_by_id(q->s, &o.row.id, q->a, &found, &p.act,
			err) != 0)
			return -1;
		if (!found)
			return err_set(err, ERR_ABSENT,
			    "the opening act is not held here");
	}
	if (check_claim(&p, &i, err) != 0)
		return -1;
	return archive_write(q->n, q->s, &o, q->a, ret, &count, err);
}
