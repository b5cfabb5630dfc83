/*
 * Outside witnesses (C2SP tlog-witness) that our charter names: our heads are
 * submitted to them, and their cosignatures kept and passed on.  For two
 * parties alone that is the third who can prove silence.
 */
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "node/http.h"
#include "node/node_int.h"

enum { SOON_US = 1000000, ASK_MS = 10000, TRIES = 3, ADDRESSES = 16 };

struct outside {        /* what an answer brings */
	struct job job; /* first */
	struct note_key key;
	struct cosignature sig;
	uint64_t size;
	struct span note;
};

static int
run_outside(struct node *n, struct job *job, struct err *err)
{
	struct outside *o = (struct outside *)job;
	struct str vkey = note_key_text(&n->batch, &o->key);
	int64_t witness;
	bool is_new;

	if (vkey.p == NULL)
		return err_nomem(err, "a witness");
	if (store_witness_no(n->writer, vkey, 0, &witness, err) != 0 ||
	    store_checkpoint_add(n->writer, n->own->no, o->size, o->note,
		err) != 0)
		return -1;
	return evidence_keep(n, n->own, witness, o->size, &o->sig, true,
	    &is_new, err);
}

/* Our head now, with the proof that it extends the one of `old` entries. */
static int
make_request(struct node *n, uint64_t old, struct arena *a,
    struct checkpoint_request *r, uint64_t *ret_size, struct err *err)
{
	struct store *s = node_reader(n, err);
	struct node_tiles t = {s, n->own->no};
	struct id root;
	struct str note;
	int rc = 0;

	if (s == NULL)
		return -1;
	(void)pthread_rwlock_rdlock(&n->state);
	*ret_size = n->own->log.size;
	root = log_root(&n->own->log);
	r->old = old;
	if (old > *ret_size)
		rc = err_set(err, ERR_CONFLICT,
		    "it cosigned %llu entries of our log, we hold %llu: the "
		    "folder lost some",
		    (unsigned long long)old, (unsigned long long)*ret_size);
	else if (old > 0)
		rc = log_prove_consistency(old, *ret_size, node_tile, &t,
		    &r->proof, err);
	note = checkpoint_sign(a, mandate_origin(n->own->mandate), *ret_size,
	    &root, node_log_key(n, *ret_size));
	(void)pthread_rwlock_unlock(&n->state);
	node_reader_done(n, s);
	r->note = span_of(note);
	return rc != 0          ? -1
	       : note.p == NULL ? err_nomem(err, "a checkpoint")
	                        : 0;
}

/* The lines of the answer, on our head: one of a witness that we named. */
static int
take_answer(struct node *n, const struct checkpoint_request *r, uint64_t size,
    struct span lines, struct arena *a, struct err *err)
{
	const struct note_key *key;
	struct outside o = {.job = {.run = run_outside},
	    .size = size,
	    .note = r->note};
	struct note note;
	struct buf b;
	struct str text;
	size_t count;
	bool found = false;

	buf_init(&b, a);
	buf_str(&b, span_str(r->note));
	buf_str(&b, span_str(lines));
	if (buf_done(&b, &text, err) != 0 ||
	    note_parse(span_of(text), a, &note, err) != 0)
		return -1;
	(void)pthread_rwlock_rdlock(&n->state);
	count = mandate_witnesses(n->own->mandate, &key);
	for (size_t i = 0; i < count && !found; i++) {
		o.key = key[i];
		if (checkpoint_find_cosignature(&note, &key[i], &found, &o.sig,
			err) != 0)
			found = false;
	}
	(void)pthread_rwlock_unlock(&n->state);
	if (!found)
		return err_set(err, ERR_DENIED,
		    "it answers with no cosignature of a witness that our "
		    "charter names");
	return node_run(n, &o.job, err);
}

/* One submission; a 409 says from which size to prove, then once more. */
static int
submit(struct node *n, struct http_client *c, struct str url, uint64_t *old,
    struct err *err)
{
	for (int try = 0; try < TRIES; try++) {
		struct http_request q = {.method = "POST",
		    .type = STR("text/plain; charset=utf-8"),
		    .timeout_ms = ASK_MS,
		    .answer_max = NOTE_MAX};
		struct checkpoint_request r = {.old = 0};
		struct http_answer ans;
		struct str body;
		struct arena a;
		uint64_t size;
		int64_t held;
		int rc;

		arena_init(&a, 1 << 22);
		rc = make_request(n, *old, &a, &r, &size, err);
		if (rc == 0) {
			body = checkpoint_request_text(&a, &r);
			q.body = span_of(body);
			q.url =
			    str_fmt(&a, "%.*s/add-checkpoint", STR_ARG(url));
			rc = http_ask(c, &q, &a, &ans, err);
		}
		if (rc == 0 && ans.status == 200 &&
		    (rc = take_answer(n, &r, size, ans.body, &a, err)) == 0)
			*old = size;
		else if (rc == 0 && ans.status == 409 && ans.body.n > 1 &&
			 num_parse(
			     str_sub(span_str(ans.body), 0, ans.body.n - 1), 0,
			     INT64_MAX, &held, err) == 0 &&
			 (uint64_t)held != *old) {
			*old = (uint64_t)held;
			arena_release(&a);
			continue;
		} else if (rc == 0 && ans.status != 200)
			rc = err_set(err, ERR_IO, "it answers %d", ans.status);
		arena_release(&a);
		return rc;
	}
	return err_set(err, ERR_CONFLICT, "it changes its mind");
}

/* The i-th address of the setting; empty past the end. */
static struct str
address(struct node *n, size_t i)
{
	struct str all = n->settings.submit;
	size_t at = 0;

	for (;;) {
		size_t end;

		while (at < all.n && all.p[at] == ' ')
			at++;
		end = str_find(all, ' ', at);
		if (at >= all.n || i == 0)
			return str_sub(all, at, end);
		at = end;
		i--;
	}
}

void *
node_outside(void *node)
{
	struct node *n = node;
	struct http_client *c;
	uint64_t old[ADDRESSES] = {0}, sent[ADDRESSES] = {0};
	int64_t due_us[ADDRESSES] = {0};
	bool failing[ADDRESSES] = {false};
	struct err err = {0};

	if (http_open(n->settings.authorities.p, &c, &err) != 0)
		return NULL;
	while (node_rest(n, SOON_US)) {
		for (size_t i = 0; i < COUNT(old); i++) {
			struct str url = address(n, i);
			uint64_t size;
			int rc;

			if (url.n == 0)
				break;
			(void)pthread_rwlock_rdlock(&n->state);
			size = n->own->log.size;
			(void)pthread_rwlock_unlock(&n->state);
			if (size == sent[i] && clock_mono_us() < due_us[i])
				continue;
			rc = submit(n, c, url, &old[i], &err);
			if (rc != 0 && !failing[i])
				diag_warn("witness %.*s: %s", STR_ARG(url),
				    err.text);
			failing[i] = rc != 0;
			sent[i] = size;
			due_us[i] = clock_mono_us() +
			            n->settings.heads_s * INT64_C(1000000);
		}
	}
	http_close(c);
	return NULL;
}
