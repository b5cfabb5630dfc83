/* Did our folder lose entries of our log?  The peers that cosigned them know,
 * and give them back. */
#include "base/diag.h"
#include "node/line_int.h"
#include "record/hash.h"

enum { ASK_MS = 3000 };

void
line_mark_checked(struct line *l)
{
	struct node *n = l->n;

	if (l->checked)
		return;
	l->checked = true;
	(void)pthread_mutex_lock(&n->queue);
	n->unchecked--;
	(void)pthread_cond_broadcast(&n->checked);
	(void)pthread_mutex_unlock(&n->queue);
}

/* The size of our log that this peer cosigned last. */
static int
cosigned_size(struct line *l, const char *address, struct arena *a,
    uint64_t *ret, struct err *err)
{
	struct id hash = hash_of(span_of(mandate_origin(l->n->own->mandate)));
	struct http_request q = {.method = "GET",
	    .timeout_ms = ASK_MS,
	    .answer_max = NOTE_MAX};
	struct http_answer ans;
	struct checkpoint c;
	struct note note;
	struct note_key key;

	*ret = 0;
	q.url = str_fmt(a, "%s/%.*s/checkpoint", address,
	    STR_ARG(hex_str(a, hash.b, 32)));
	if (http_ask(l->client, &q, a, &ans, err) != 0)
		return -1;
	if (ans.status != 200)
		return 0; /* it has cosigned none */
	if (note_parse(ans.body, a, &note, err) != 0 ||
	    checkpoint_parse(note.text, &c, err) != 0)
		return -1;
	key = mandate_log_key(l->n->own->mandate, c.size);
	if (note_verify(&note, &key, err) != 0)
		return -1;
	*ret = c.size;
	return 0;
}

static int
recover_part(struct line *l, const char *address, uint64_t *from,
    struct err *err)
{
	struct http_request q = {.method = "GET"};
	struct http_answer ans;
	struct node_taken t;
	struct arena a;
	int rc;

	arena_init(&a, ARENA_REQUEST);
	q.url = str_fmt(&a, "%s/recover/%.*s?from=%llu", address,
	    STR_ARG(hex_str(&a, l->n->own->charter.b, 32)),
	    (unsigned long long)*from);
	rc = http_ask(l->client, &q, &a, &ans, err);
	if (rc == 0 && ans.status != 200)
		rc = err_set(err, ERR_IO, "%s answers %d", l->m->code,
		    ans.status);
	if (rc == 0)
		rc = node_take(l->n, ans.body, false, &a, &t, err);
	if (rc == 0 && t.own_size <= *from)
		rc = err_set(err, ERR_CONFLICT,
		    "%s gives nothing of what it holds", l->m->code);
	if (rc == 0)
		*from = t.own_size;
	arena_release(&a);
	return rc;
}

/* Take back what we lost, part by part: entries, and the acts that this peer
 * has of them. */
static int
recover(struct line *l, const char *address, uint64_t size, struct err *err)
{
	uint64_t from = l->n->was_made_anew ? 1 : line_own_size(l);

	diag_warn("taking back from %s what it holds of our log, entries %llu "
		  "to %llu",
	    l->m->code, (unsigned long long)from, (unsigned long long)size);
	while (from < size)
		if (recover_part(l, address, &from, err) != 0)
			return -1;
	return 0;
}

/* A peer has answered: the folder that was made anew holds what it held. */
static int
run_recovered(struct node *n, struct job *job, struct err *err)
{
	(void)job; /* the common form */
	if (store_set_setting(n->writer, "made_anew", STR("0"), err) != 0)
		return -1;
	(void)pthread_mutex_lock(&n->queue);
	n->must_recover = false;
	(void)pthread_mutex_unlock(&n->queue);
	return 0;
}

/*
 * Before anything is appended, every peer that can be reached is asked once
 *.  Who is not reached holds nothing up.
 */
void
line_check_loss(struct line *l, const char *address)
{
	struct job done = {.run = run_recovered};
	struct err err = {0};
	struct arena a;
	uint64_t size = 0;
	int rc;

	if (l->checked)
		return;
	arena_init(&a, 1 << 22);
	rc = cosigned_size(l, address, &a, &size, &err);
	if (rc == 0 && (size > line_own_size(l) || l->n->was_made_anew))
		rc = recover(l, address, size, &err);
	if (rc == 0 && l->n->must_recover)
		rc = node_run(l->n, &done, &err);
	if (rc != 0)
		diag_warn("line to %s: %s", l->m->code, err.text);
	arena_release(&a);
	line_mark_checked(l);
}

bool
node_is_checked(struct node *n)
{
	bool is;

	(void)pthread_mutex_lock(&n->queue);
	is = n->unchecked == 0 && !n->must_recover;
	(void)pthread_mutex_unlock(&n->queue);
	return is;
}

void
node_await_checked(struct node *n)
{
	(void)pthread_mutex_lock(&n->queue);
	while (n->unchecked > 0 && !n->stopping)
		(void)pthread_cond_wait(&n->checked, &n->queue);
	(void)pthread_mutex_unlock(&n->queue);
}
