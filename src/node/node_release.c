/* Acts of our own party that wait for more signatures. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/node_int.h"

enum { ARENA_RELEASE = 16 * 1024 * 1024 };

struct release {
	struct job job; /* first */
	struct arena *a;
	struct judged judged;
	struct dsse d; /* of what came; then with what was there */
	struct node_release ret;
	struct str envelope;
};

/* Each key once, and only what verifies. */
static int
keep_true(struct release *r, struct err *err)
{
	const struct mandate_signers *s = &r->judged.signers;

	r->d.n = s->n;
	for (size_t i = 0; i < s->n; i++) {
		r->d.signature[i].sig = s->sig[i];
		r->d.signature[i].keyid =
		    hex_str(r->a, s->key[i].b, sizeof(s->key[i].b));
		if (r->d.signature[i].keyid.p == NULL)
			return err_nomem(err, "a release");
	}
	return 0;
}

/* Add the signatures that are there already. */
static int
merge(struct release *r, struct span stored, struct err *err)
{
	struct dsse old;

	if (dsse_parse(stored, r->a, &old, err) != 0)
		return err_in(err, "stored release: ");
	for (size_t i = 0; i < old.n && r->d.n < DSSE_SIGNATURES_MAX; i++) {
		bool known = false;

		for (size_t k = 0; k < r->d.n; k++)
			known = known || str_eq(r->d.signature[k].keyid,
					     old.signature[i].keyid);
		if (!known)
			r->d.signature[r->d.n++] = old.signature[i];
	}
	return node_judged_of(&r->d, r->a, &r->judged, err);
}

/* Whoever signs must have the power: else a waiting act would look nearer to
 * its release than it is. */
static int
count(struct node *n, struct release *r, struct err *err)
{
	const struct mandate_signers *s = &r->judged.signers;
	uint64_t size = n->own->log.size;

	for (size_t i = 0; i < s->n; i++) {
		const char *broken = mandate_broken_alone(n->own->mandate,
		    r->judged.act->kind, size, &s->key[i]);

		if (broken != NULL && strcmp(broken, "no-mandate") == 0)
			return post_void(broken, (struct str){NULL, 0}, err);
	}
	r->ret.have = (int64_t)s->n; /* at most 16 */
	r->ret.want =
	    mandate_wanted(n->own->mandate, r->judged.act->kind, size);
	return 0;
}

static int
run_release(struct node *n, struct job *job, struct err *err)
{
	struct release *r = (struct release *)job;
	struct store_waiting w = {.act = r->judged.act->id,
				 .added_us = clock_utc_us()},
			     *all;
	size_t held;
	bool found;

	if (store_waiting(n->writer, &w.act, r->a, &found, &w, err) != 0 ||
	    (found && merge(r, w.envelope, err) != 0) ||
	    count(n, r, err) != 0 ||
	    dsse_text(&r->d, r->a, &r->envelope, err) != 0)
		return -1;
	w.act = r->judged.act->id;
	r->ret.act = w.act;
	r->ret.waits = r->ret.have < r->ret.want;
	if (!r->ret.waits)
		return 0; /* it is posted, not kept */
	if (!found &&
	    (post_judge_waiting(n, &r->judged, clock_utc_us(), err) != 0 ||
		store_waiting_list(n->writer, r->a, &all, &held, err) != 0))
		return -1;
	if (!found && held >= NODE_RELEASES_MAX)
		return err_set(err, ERR_BUSY,
		    "%d acts wait for more signatures already: release or "
		    "withdraw some first",
		    NODE_RELEASES_MAX);
	w.envelope = span_of(r->envelope);
	return store_waiting_put(n->writer, &w, err);
}

struct withdraw {
	struct job job; /* first */
	const struct id *act;
	bool must;
};

static int
run_withdraw(struct node *n, struct job *job, struct err *err)
{
	struct withdraw *x = (struct withdraw *)job;
	struct store_waiting w;
	struct arena a;
	bool found;
	int rc;

	arena_init(&a, ARENA_RELEASE);
	rc = store_waiting(n->writer, x->act, &a, &found, &w, err);
	arena_release(&a);
	if (rc != 0)
		return -1;
	if (!found && x->must)
		return err_set(err, ERR_ABSENT,
		    "no act with this id waits for signatures here");
	return found ? store_waiting_remove(n->writer, x->act, err) : 0;
}

static int
withdraw(struct node *n, const struct id *act, bool must, struct err *err)
{
	struct withdraw x = {.job = {.run = run_withdraw},
	    .act = act,
	    .must = must};

	return node_run(n, &x.job, err);
}

int
node_release_withdraw(struct node *n, const struct id *act, struct err *err)
{
	return withdraw(n, act, true, err);
}

static int
release(struct node *n, struct release *r, struct err *err)
{
	struct err late;

	r->job.run = run_release;
	if (node_judged_of(&r->d, r->a, &r->judged, err) != 0 ||
	    keep_true(r, err) != 0 || node_run(n, &r->job, err) != 0)
		return -1;
	if (r->ret.waits)
		return 0;
	if (node_post(n, span_of(r->envelope), &r->ret.receipt, err) != 0)
		return -1;
	/* What was posted and still stands there can be withdrawn by hand, and
	 * is "known" if it is released again. */
	(void)withdraw(n, &r->ret.act, false, &late);
	return 0;
}

int
node_release(struct node *n, struct span envelope, struct node_release *ret,
    struct err *err)
{
	struct release r = {.ret = {.waits = false}};
	struct arena a;
	int rc;

	arena_init(&a, ARENA_RELEASE);
	r.a = &a;
	rc = dsse_parse(envelope, &a, &r.d, err);
	if (rc == 0)
		rc = release(n, &r, err);
	if (rc == 0)
		*ret = r.ret;
	arena_release(&a);
	return rc;
}

static int
envelope_of(struct node *n, const struct id *act, struct arena *a,
    struct store_waiting *ret, struct err *err)
{
	struct store *s = node_reader(n, err);
	bool found = false;
	int rc;

	if (s == NULL)
		return -1;
	rc = store_waiting(s, act, a, &found, ret, err);
	node_reader_done(n, s);
	if (rc != 0)
		return -1;
	return found ? 0
	             : err_set(err, ERR_ABSENT,
			   "no act with this id waits for signatures here: it "
			   "was released or withdrawn");
}

int
node_release_sign(struct node *n, const struct id *act,
    const struct dsse_signature *sig, struct node_release *ret, struct err *err)
{
	struct release r = {.ret = {.waits = false}};
	struct store_waiting w;
	struct arena a;
	int rc;

	arena_init(&a, ARENA_RELEASE);
	r.a = &a;
	rc = envelope_of(n, act, &a, &w, err);
	if (rc == 0)
		rc = dsse_parse(w.envelope, &a, &r.d, err);
	if (rc == 0) { /* theirs alone: the others come from the store */
		r.d.n = 1;
		r.d.signature[0] = *sig;
		rc = release(n, &r, err);
	}
	if (rc == 0)
		*ret = r.ret;
	arena_release(&a);
	return rc;
}
