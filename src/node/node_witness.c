/* C2SP tlog-witness: cosigning logs, those of the parties and configured
 * foreign ones.  The judgement is record/checkpoint's; here it is compared and
 * stored in one transaction. */
#include <string.h>

#include "base/num.h"
#include "node/node_int.h"

struct offer {
	struct job job; /* first */
	struct arena *a;
	struct span body;
	struct checkpoint_offer offer;
	struct checkpoint_answer answer;
	struct str text; /* of the answer */
};

/* The log's configured key, where we witness it. */
static bool
foreign_key(struct node *n, struct str origin, struct note_key *ret)
{
	struct err err;

	for (size_t i = 0; i < n->settings.n_logs; i++)
		if (note_key_parse(n->settings.logs[i], ret, &err) == 0 &&
		    str_eq(ret->name, origin))
			return true;
	return false;
}

static struct member *
member_of_origin(struct node *n, struct str origin)
{
	for (size_t i = 0; i < n->n_members; i++)
		if (!n->member[i]->own &&
		    str_eq(mandate_origin(n->member[i]->mandate), origin))
			return n->member[i];
	return NULL;
}

static int
cosign(struct node *n, struct offer *o, struct cosignature *ret)
{
	struct note_key key = mandate_witness_key(n->own->mandate);

	*ret = checkpoint_cosign(o->offer.checkpoint.text,
	    (uint64_t)evidence_now_s(), node_witness_key(n)); /* after 1970 */
	o->text = checkpoint_cosignature_line(o->a, &key, ret);
	return o->text.p == NULL ? -1 : 0;
}

static int
held_of(struct node *n, struct offer *o, struct note_key *key,
    struct checkpoint_held *held, struct err *err)
{
	struct store_foreign f;
	bool found;

	if (store_foreign(n->writer, o->offer.checkpoint.origin, &n->batch,
		&found, &f, err) != 0)
		return -1;
	held->n_keys = 1;
	held->key = key;
	if (found) {
		held->size = f.size;
		held->root = f.root;
	}
	return 0;
}

/* A party whose log we mirror was heard when it asked us itself: whoever shows
 * its head gets the cosignature of then, not a new one. */
static int
known_cosignature(struct node *n, struct offer *o, const struct member *m,
    struct err *err)
{
	struct note_key key = mandate_witness_key(n->own->mandate);
	struct store_cosignature c;
	bool found;

	if (store_cosignature_upto(n->writer, m->no, n->own->witness, INT64_MAX,
		&found, &c, err) != 0)
		return -1;
	if (!found || c.size != o->offer.checkpoint.size) {
		o->answer.http = 403;
		return err_set(err, ERR_DENIED,
		    "this node mirrors that log: send it a bundle");
	}
	o->text = checkpoint_cosignature_line(o->a, &key, &c.last);
	return o->text.p == NULL ? err_nomem(err, "a cosignature") : 0;
}

static int
run_offer(struct node *n, struct job *job, struct err *err)
{
	struct offer *o = (struct offer *)job;
	struct checkpoint_held held = {0};
	struct checkpoint *c = &o->offer.checkpoint;
	struct member *m = member_of_origin(n, c->origin);
	struct cosignature sig;
	struct note_key key;
	struct store_foreign f;
	bool known = m != NULL || foreign_key(n, c->origin, &key);

	if (m != NULL) {
		key = mandate_log_key(m->mandate, c->size);
		held = (struct checkpoint_held){.n_keys = 1,
		    .key = &key,
		    .size = m->log.size,
		    .root = log_root(&m->log)};
	} else if (known && held_of(n, o, &key, &held, err) != 0) {
		return -1;
	}
	o->answer = checkpoint_answer_to(&o->offer, known ? &held : NULL);
	/* One record a log: beyond the mirror only an exchange leads. */
	if (m != NULL && o->answer.http == 200 && c->size > m->log.size) {
		o->answer.http = 403;
		(void)err_set(&o->answer.why, ERR_DENIED,
		    "this node mirrors that log: send it a bundle");
	}
	if (o->answer.http == 409)
		o->text =
		    str_fmt(o->a, "%llu\n", (unsigned long long)held.size);
	if (o->answer.http != 200)
		return 0;
	f = (struct store_foreign){.origin = c->origin,
	    .vkey = note_key_text(&n->batch, &key),
	    .size = c->size,
	    .root = c->root,
	    .note = o->offer.request.note};
	if (m != NULL)
		return known_cosignature(n, o, m, err);
	if (cosign(n, o, &sig) != 0)
		return err_nomem(err, "a cosignature");
	return store_foreign_put(n->writer, &f, err);
}

int
node_add_checkpoint(struct node *n, struct span body, struct arena *a,
    int *ret_status, struct str *ret_body, struct err *err)
{
	struct offer *o = arena_new(a, struct offer);

	if (o == NULL)
		return err_nomem(err, "a checkpoint");
	o->a = a;
	if (checkpoint_offer_parse(body, a, &o->offer, err) != 0)
		return -1;
	o->job.run = run_offer;
	if (node_run(n, &o->job, err) != 0)
		return -1;
	*ret_status = o->answer.http;
	*ret_body = o->answer.http == 200 || o->answer.http == 409
	                ? o->text
	                : str_copy(a, str_of(o->answer.why.text));
	return 0;
}
