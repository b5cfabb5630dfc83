/* Acts of our own party: judged before they are logged, refused with the rule
 * that they would break. */
#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/when.h"
#include "node/node_int.h"

enum { ARENA_POST = 16 * 1024 * 1024 };

struct post {
	struct job job; /* first: the committer hands it back */
	struct arena arena;
	struct judged judged;
	struct node_receipt receipt;
	node_posted_fn *then; /* of node_post_later */
	void *ctx;
};

/* Kinds that go out before all others (the crisis line). */
static const struct str urgent_procedure[] = {{"message", 7}, {"crisis", 6},
    {"clarification", 13}, {"check", 5}};

bool
node_is_urgent_procedure(struct str name)
{
	for (size_t i = 0; i < COUNT(urgent_procedure); i++)
		if (str_eq(name, urgent_procedure[i]))
			return true;
	return false;
}

bool
node_is_urgent(const struct act *act)
{
	return node_is_urgent_procedure(act->procedure);
}

/* What a broken rule means, for the officer whose act is refused. */
static const struct {
	const char *rule, *says;
} sentence[] = {
    {"no-mandate", "no officer who signed it has the power for this kind"},
    {"too-few-signatures", "the party demands more signatures for this kind"},
    {"file-full", "the party's file of mandates and keys is full"},
    {"denied", "its label is wrong"},
    {"unknown-act", "the procedure has no such act"},
    {"bad-form", "its body does not fit the form"},
    {"not-open", "the matter has not been opened"},
    {"bad-amend", "there is nothing of this kind of ours that it may amend"},
    {"wrong-state", "the matter's state does not allow it"},
    {"bad-answer", "it must answer a valid act of another kind"},
    {"stale", "what it answers is undone or has a newer version"},
    {"wrong-party", "it is not for this party to do"},
    {"repeated", "the party has done it already"},
    {"nothing-to-undo", "there is nothing that it could undo"},
    {"out-of-time", "the time for it has passed"},
    {"no-right", "the party has no right to it now"},
    {"guard", "its conditions are not met"},
    {"not-committed", "the text was not committed to before"},
    {"short-notice", "the notice is shorter than the rule demands"},
    {"narrow-audience", "its audience is narrower than the rule demands"},
};

int
post_void(const char *rule, struct str where, struct err *err)
{
	const char *says = NULL;

	for (size_t i = 0; i < COUNT(sentence); i++)
		if (strcmp(sentence[i].rule, rule) == 0)
			says = sentence[i].says;
	if (says == NULL)
		(void)err_set(err, ERR_INPUT,
		    "the act cannot be judged (%s): it names acts that this "
		    "node does not hold",
		    rule);
	else
		(void)err_set(err, ERR_DENIED,
		    "the act would be void (%s%s%.*s): %s", rule,
		    where.n > 0 ? ", " : "", STR_ARG(where), says);
	return err_rule(err, rule, where);
}

static int
refuse(const struct fold_act_result *r, struct err *err)
{
	return post_void(r->reason == NULL ? "missing" : r->reason,
	    r->has_where ? r->where : (struct str){NULL, 0}, err);
}

/* Does the party demand more than one signature, as it has them? */
static bool
is_released(struct node *n, const struct judged *j)
{
	for (size_t i = 0; i < j->signers.n; i++)
		if (mandate_broken_alone(n->own->mandate, j->act->kind,
			n->own->log.size, &j->signers.key[i]) == NULL)
			return false;
	return j->signers.n > 1;
}

/*
 * An act claims the time at which its first officer signed it; those who
 * release it sign the same bytes, later.  The claim stays as it was made, and
 * whatever others can prove about the log since then corrects it.
 */
static int
check_clock(const struct act *act, int64_t now_us, bool released,
    struct err *err)
{
	int64_t off = act->at_us - now_us;
	int64_t most_s = released ? NODE_RELEASE_S : CLOCK_SLACK_S;
	char at[WHEN_TEXT], now[WHEN_TEXT];

	if (off <= CLOCK_SLACK_S * INT64_C(1000000) &&
	    off >= -most_s * INT64_C(1000000))
		return 0;
	if (released && off < 0) {
		when_write(act->at_us, at);
		return err_set(err, ERR_CONFLICT,
		    "the act was written at %s, and only what was signed "
		    "within %d hours is released: withdraw it and write it "
		    "again",
		    at, NODE_RELEASE_S / 3600);
	}
	when_write(act->at_us, at);
	when_write(now_us, now);
	return err_set(err, ERR_INPUT,
	    "the act says that it was written at %s, but this node's clock "
	    "says %s: set the clock that is wrong and sign again",
	    at, now);
}

static bool
is_short(const char *broken)
{
	return broken != NULL && strcmp(broken, "too-few-signatures") == 0;
}

/* An act of our own file: mandates, keys.  `waits`: it may lack signatures. */
static int
judge_file(struct node *n, const struct judged *j, bool waits, struct err *err)
{
	struct fold_act_result r = {.verdict = FOLD_VOID};

	if (!id_eq(&j->act->matter, &n->own->charter))
		return err_set(err, ERR_INPUT,
		    "an act of a party's file belongs to its charter, '%.*s' "
		    "names another matter",
		    STR_ARG(j->act->kind));
	if (j->act->to.type != AUDIENCE_PUBLIC)
		return err_set(err, ERR_INPUT,
		    "an act of a party's file is public: whoever verifies "
		    "must read it");
	r.reason =
	    mandate_try(n->own->mandate, j->act, n->own->log.size, &j->signers);
	if (waits && is_short(r.reason))
		return 0;
	if (r.reason != NULL)
		return refuse(&r, err);
	return str_is(j->act->kind, "party/keys")
	           ? node_keys_await(n, j->act->body, err)
	           : 0;
}

static int
row_for(struct node *n, const struct act *act, struct store_matter *row,
    struct err *err)
{
	bool found;

	if (act->opens) {
		*row = (struct store_matter){.id = act->id,
		    .procedure = act->procedure_id,
		    .has_conference = act->has_conference,
		    .conference = act->conference};
		if (!act->has_procedure ||
		    node_procedure(n, &act->procedure_id) == NULL)
			return err_set(err, ERR_ABSENT,
			    "an opening act names its procedure by SHA-256; "
			    "this one is not known here");
		return 0;
	}
	if (store_matter_by_id(n->writer, &act->matter, &n->batch, &found, row,
		err) != 0)
		return -1;
	return found ? 0
	             : err_set(err, ERR_ABSENT,
			   "no matter with the id that the act names");
}

static int
judge(struct node *n, const struct judged *j, int64_t now_us, bool waits,
    struct matter_view *v, struct err *err)
{
	struct store_matter row;
	const struct procedure *p;
	const char *broken;

	if (row_for(n, j->act, &row, err) != 0)
		return -1;
	p = node_procedure(n, &row.procedure);
	if (p == NULL || !str_eq(procedure_name(p), j->act->procedure))
		return err_set(err, ERR_INPUT,
		    "the kind '%.*s' is not of the matter's procedure",
		    STR_ARG(j->act->kind));
	broken = mandate_broken(n->own->mandate, j->act->kind, n->own->log.size,
	    &j->signers);
	if (broken != NULL && !(waits && is_short(broken)))
		return post_void(broken, (struct str){NULL, 0}, err);
	if (matter_fold(n, n->writer, &row, j,
		j->act->at_us > now_us ? j->act->at_us : now_us, &n->batch, v,
		err) != 0)
		return -1;
	for (size_t i = 0; v->result != NULL && i < v->result->n_acts; i++)
		if (id_eq(&v->result->acts[i].id, &j->act->id))
			return v->result->acts[i].verdict == FOLD_VALID
			           ? 0
			           : refuse(&v->result->acts[i], err);
	return err_set(err, ERR_ABSENT,
	    "the matter's opening act or procedure is not here yet");
}

static int
check_party(struct node *n, const struct act *act, struct err *err)
{
	if (str_is(act->party, n->own->code))
		return 0;
	return err_set(err, ERR_INPUT,
	    "the act is of %.*s, this is the node of %s", STR_ARG(act->party),
	    n->own->code);
}

/* An act of either sort; *v is set for one of a matter alone. */
static int
judge_any(struct node *n, const struct judged *j, int64_t now_us, bool waits,
    struct matter_view *v, struct err *err)
{
	return mandate_is_kind(j->act->kind)
	           ? judge_file(n, j, waits, err)
	           : judge(n, j, now_us, waits, v, err);
}

int
post_judge_waiting(struct node *n, const struct judged *j, int64_t now_us,
    struct err *err)
{
	struct matter_view v;

	return check_party(n, j->act, err) != 0 ||
	               check_clock(j->act, now_us, false, err) != 0
	           ? -1
	           : judge_any(n, j, now_us, true, &v, err);
}

static int
known_receipt(struct node *n, const struct store_act *act,
    struct node_receipt *r, struct err *err)
{
	struct store_matter row;
	bool found;

	if (store_matter_by_entry(n->writer, act->party, act->idx, &n->batch,
		&found, &row, err) != 0)
		return -1;
	r->party = act->party;
	r->idx = act->idx;
	r->was_known = true;
	if (found)
		(void)snprintf(r->state, sizeof(r->state), "%.*s",
		    STR_ARG(row.state)); /* a name, short */
	return 0;
}

/* The crisis line waits behind nothing: peers that have much to catch up get
 * an urgent act beside the order of our log. */
static int
overtake(struct node *n, const struct act *act, struct err *err)
{
	struct store_matter row;
	struct store_act stored;
	bool found, may, behind = false;

	for (size_t i = 0; i < n->n_members && !behind; i++)
		behind = n->member[i]->line != NULL &&
		         line_is_behind(n->member[i]->line, n->own->log.size);
	if (!behind)
		return 0; /* the usual: nothing is looked up */
	if (store_act_by_id(n->writer, &act->id, &n->batch, &found, &stored,
		err) != 0 ||
	    store_matter_by_id(n->writer, &act->matter, &n->batch, &found, &row,
		err) != 0)
		return -1;
	for (size_t i = 0; found && i < n->n_members; i++) {
		struct member *m = n->member[i];

		if (m->line == NULL ||
		    !line_is_behind(m->line, n->own->log.size))
			continue;
		if (matter_reads(n, n->writer, act, &row, str_of(m->code),
			&n->batch, &may, err) != 0 ||
		    (may && store_handed_add(n->writer, m->no, stored.seq,
				err) != 0))
			return -1;
	}
	return 0;
}

static int
append_own(struct node *n, struct post *p, struct matter_view *v,
    int64_t now_us, struct err *err)
{
	const struct act *act = p->judged.act;
	struct entry e = {.act = act->id};
	uint64_t idx = n->own->log.size, k = 0;
	struct recorded r;
	int64_t sound = 0;
	bool found = false;

	if (mandate_is_kind(act->kind)) {
		if (store_act_file_count(n->writer, n->own->no, &k, err) != 0)
			return -1;
	} else if (!act->opens) {
		if (store_matter_sound(n->writer, v->row.no, n->own->no, &sound,
			err) != 0)
			return -1;
		k = (uint64_t)sound; /* a count */
	}
	if (node_next_label(n, n->own, &act->matter, k, &e.label, err) != 0 ||
	    node_append(n, n->own, &e, err) != 0 ||
	    node_record(n, n->own, &p->judged, idx, &e.label, now_us, &r,
		err) != 0)
		return -1;
	p->receipt.party = n->own->no;
	p->receipt.idx = idx;
	if (r.matter == 0)
		return 0;
	if (store_matter_by_no(n->writer, r.matter, &n->batch, &found, &v->row,
		err) != 0)
		return -1;
	(void)snprintf(p->receipt.state, sizeof(p->receipt.state), "%.*s",
	    STR_ARG(v->result->state)); /* a name, short */
	if (v->result->founds)
		return matter_refold_recorded(n, &r, 1, now_us, err);
	event_matter(n, v);
	return matter_store(n->writer, v, &n->batch, err);
}

static int
run_post(struct node *n, struct job *job, struct err *err)
{
	struct post *p = (struct post *)job;
	const struct act *act = p->judged.act;
	int64_t now_us = clock_utc_us();
	struct store_act known;
	struct matter_view v;
	bool found;

	p->receipt.id = act->id;
	p->receipt.matter = act->matter;
	if (check_party(n, act, err) != 0)
		return -1;
	if (store_act_by_id(n->writer, &act->id, &n->batch, &found, &known,
		err) != 0)
		return -1;
	if (found)
		return known_receipt(n, &known, &p->receipt, err);
	if (!node_is_checked(n))
		return err_set(err, ERR_BUSY,
		    "this folder was made anew and no peer has said yet what "
		    "our log held: introduce one that can be reached first");
	if (check_clock(act, now_us, is_released(n, &p->judged), err) != 0 ||
	    judge_any(n, &p->judged, now_us, false, &v, err) != 0)
		return -1;
	if (append_own(n, p, &v, now_us, err) != 0)
		return -1;
	n->posted++;
	return job->urgent ? overtake(n, act, err) : 0;
}

static struct post *
post_new(struct node *n, struct span envelope, struct err *err)
{
	struct post *p = mem_alloc(1, sizeof(*p));
	char *copy;

	if (p == NULL) {
		(void)err_nomem(err, "an act");
		return NULL;
	}
	arena_init(&p->arena, ARENA_POST);
	copy = arena_copy(&p->arena, envelope.p, envelope.n);
	p->job.run = run_post;
	p->job.marked = true; /* nothing half done is ever committed */
	if (copy == NULL)
		(void)err_nomem(err, "an act");
	else if (node_open_envelope(span_of((struct str){copy, envelope.n}),
		     &p->arena, &p->judged, err) == 0) {
		p->job.urgent = node_is_urgent(p->judged.act);
		return p;
	}
	(void)pthread_mutex_lock(&n->queue);
	n->refused++;
	(void)pthread_mutex_unlock(&n->queue);
	arena_release(&p->arena);
	mem_free(p);
	return NULL;
}

int
node_post(struct node *n, struct span envelope, struct node_receipt *ret,
    struct err *err)
{
	struct post *p = post_new(n, envelope, err);
	int rc;

	if (p == NULL)
		return -1;
	node_await_checked(n);
	rc = node_run(n, &p->job, err);
	if (rc == 0)
		*ret = p->receipt;
	arena_release(&p->arena);
	mem_free(p);
	return rc;
}

static void
is_posted(struct node *n, struct job *job, const struct err *err)
{
	struct post *p = (struct post *)job;

	(void)n; /* the common form */
	p->then(p->ctx, err == NULL ? &p->receipt : NULL, err);
	arena_release(&p->arena);
	mem_free(p);
}

int
node_post_later(struct node *n, struct span envelope, node_posted_fn *then,
    void *ctx, struct err *err)
{
	struct post *p = post_new(n, envelope, err);

	if (p == NULL)
		return -1;
	p->then = then;
	p->ctx = ctx;
	p->job.done = is_posted;
	node_enqueue(n, &p->job);
	return 0;
}

bool
node_posts_at_once(struct node *n)
{
	bool is;

	(void)pthread_mutex_lock(&n->queue);
	is = n->serving && n->unchecked == 0;
	(void)pthread_mutex_unlock(&n->queue);
	return is;
}
