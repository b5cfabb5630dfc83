/*
 * The one writer.  It takes all jobs that wait, the urgent first, runs them in
 * one transaction, signs one checkpoint, commits, and only then answers them
 * (N2).  What time alone changes, and what new evidence changes, is refolded in
 * the same transactions.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "node/node_int.h"

enum {
	DUE_BATCH = 200,
	WAIT_MAX_US = 2 * 1000000,
	TIDY_US = 300000,
	QUIET =
	    2, /* rounds of tidying without a commit, and then each so many */
	QUIET_LONG = 32
};

void
node_enqueue(struct node *n, struct job *j)
{
	struct job ***last = j->urgent ? &n->urgent_last : &n->last;

	bool late;

	j->next = NULL;
	j->failed = false;
	(void)pthread_mutex_lock(&n->queue);
	late = n->stopping;
	if (!late) {
		**last = j;
		*last = &j->next;
		(void)pthread_cond_signal(&n->queued);
	}
	(void)pthread_mutex_unlock(&n->queue);
	if (late) {
		(void)err_set(&j->err, ERR_BUSY, "the node is stopping");
		j->done(n, j, &j->err);
	}
}

/* Up to JOB_BATCH jobs, the urgent first; the caller holds the queue. */
static size_t
take_jobs(struct node *n, struct job **batch)
{
	size_t count = 0;

	while (count < JOB_BATCH) {
		struct job **first =
		    n->urgent_first != NULL ? &n->urgent_first : &n->first;
		struct job *j = *first;

		if (j == NULL)
			break;
		*first = j->next;
		if (n->urgent_first == NULL)
			n->urgent_last = &n->urgent_first;
		if (n->first == NULL)
			n->last = &n->first;
		batch[count++] = j;
	}
	return count;
}

static bool
is_fatal(const struct err *err)
{
	return err->code == ERR_IO || err->code == ERR_NOMEM ||
	       err->code == ERR_CORRUPT;
}

/* Sign and keep our head where the batch made our log grow. */
static int
sign_head(struct node *n, int64_t now_us, struct err *err)
{
	struct store_head head = {.size = n->own->log.size, .heard_us = now_us};
	struct id root = log_root(&n->own->log);
	struct str note;

	if (n->own->log.size == n->size_before)
		return 0;
	note = checkpoint_sign(&n->batch, mandate_origin(n->own->mandate),
	    head.size, &root, node_log_key(n, head.size));
	if (note.p == NULL)
		return err_nomem(err, "a checkpoint");
	head.note = span_of(note);
	return store_set_head(n->writer, n->own->no, &head, err);
}

static int
refold_list(struct node *n, const int64_t *no, size_t count, int64_t now_us,
    struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (matter_refold(n, n->writer, no[i], now_us, err) != 0)
			return -1;
	return 0;
}

/* Matters that the batch's new evidence may change: those of the entries that
 * it speaks of, and those that wait for its party's silence. */
static int
refold_touched(struct node *n, int64_t now_us, struct err *err)
{
	int64_t *no, last = 0;
	size_t count;

	for (size_t i = 0; i < n->n_touched; i++) {
		const struct member *m =
		    node_member_by_no(n, n->touched[i].party);

		if (store_matter_touched(n->writer, &n->touched[i], &n->batch,
			&no, &count, err) != 0 ||
		    refold_list(n, no, count, now_us, err) != 0)
			return -1;
		if (m == NULL || m->no == last)
			continue;
		last = m->no;
		if (store_matter_waiting(n->writer, str_of(m->code), &n->batch,
			&no, &count, err) != 0 ||
		    refold_list(n, no, count, now_us, err) != 0)
			return -1;
	}
	return 0;
}

static int
refold_due(struct node *n, int64_t now_us, bool *ret_any, struct err *err)
{
	struct store_matter *row;
	size_t count;

	if (store_matter_due(n->writer, now_us, DUE_BATCH, &n->batch, &row,
		&count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (matter_refold(n, n->writer, row[i].no, now_us, err) != 0)
			return -1;
	*ret_any = count > 0;
	return 0;
}

/* What is in memory no longer follows the store, and may not be read or signed
 * from.  Stopping is safe: nothing is acknowledged that is not durable (N2). */
static _Noreturn void
stop_at_once(const char *after, const struct err *err)
{
	diag_warn("the node stops: after %s its parties cannot be read again: "
		  "%s",
	    after, err->text);
	abort();
}

static int
run_marked(struct node *n, struct job *j, struct err *err)
{
	struct err undo = {0};
	size_t events = event_mark(n);

	if (!j->marked)
		return j->run(n, j, err);
	if (store_mark(n->writer, err) != 0)
		return -1;
	node_mark(n);
	if (j->run(n, j, err) == 0)
		return store_unmark(n->writer, true, err);
	event_undo(n, events);
	if (store_unmark(n->writer, false, &undo) != 0) {
		*err = undo;
		err->code = ERR_IO; /* the whole batch is undone */
	} else if (node_reload(n, false, &undo) != 0) {
		stop_at_once("an undone act", &undo);
	}
	return -1;
}

/* Receipts, and what time alone changes: a peer gives them again, and they
 * derive. */
static bool
is_soft(struct job **batch, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!batch[i]->soft)
			return false;
	return true;
}

/* Run the batch in one transaction.  0: durable.  -1: nothing happened. */
static int
commit_batch(struct node *n, struct job **batch, size_t count, bool *ret_due,
    struct err *err)
{
	int64_t now_us = clock_utc_us();

	n->size_before = n->own->log.size;
	n->n_touched = n->cap_touched = 0;
	n->touched = NULL;
	n->passing = false;
	*ret_due = false;
	node_begin(n);
	if ((is_soft(batch, count) ? store_begin_soon(n->writer, err)
				   : store_begin(n->writer, err)) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		batch[i]->failed = run_marked(n, batch[i], &batch[i]->err) != 0;
		if (batch[i]->failed && is_fatal(&batch[i]->err)) {
			*err = batch[i]->err;
			return -1;
		}
	}
	if (refold_touched(n, now_us, err) != 0 ||
	    refold_due(n, now_us, ret_due, err) != 0 ||
	    sign_head(n, now_us, err) != 0)
		return -1;
	/* A failure that nobody passed on may have changed what was written. */
	if (n->batch.failed)
		return err_nomem(err, "a batch");
	return store_commit(n->writer, err);
}

static void
undo_batch(struct node *n)
{
	struct err err;

	event_undo(n, 0);
	store_rollback(n->writer);
	if (node_reload(n, true, &err) != 0)
		stop_at_once("a failed commit", &err);
}

static void
finish(struct node *n, struct job **batch, size_t count, const struct err *all)
{
	for (size_t i = 0; i < count; i++) {
		struct job *j = batch[i];
		struct err err;

		if (all == NULL && !j->failed) {
			j->done(n, j, NULL);
			continue;
		}
		err = all == NULL ? j->err : *all;
		j->done(n, j, &err);
	}
}

/* A batch that failed as a whole is tried job by job, so that one job's fault
 * is not the others'. */
static void
run_batch(struct node *n, struct job **batch, size_t count)
{
	int64_t begun_us = clock_mono_us();
	bool due, grew, passing;
	struct err err = {0};
	int rc;

	(void)pthread_rwlock_wrlock(&n->state);
	rc = commit_batch(n, batch, count, &due, &err);
	grew = n->own->log.size > n->size_before;
	passing = n->passing;
	if (rc != 0)
		undo_batch(n);
	(void)pthread_rwlock_unlock(&n->state);
	if (rc == 0)
		event_commit(n);
	arena_release(&n->batch);
	(void)pthread_mutex_lock(&n->queue);
	n->commits++;
	n->commit_us += (uint64_t)(clock_mono_us() - begun_us);
	n->sick = rc != 0 && err.code != ERR_NOMEM;
	(void)pthread_mutex_unlock(&n->queue);
	if (rc != 0 && count > 1) {
		for (size_t i = 0; i < count; i++)
			run_batch(n, &batch[i], 1);
		return;
	}
	if (rc != 0)
		diag_warn("nothing was committed: %s", err.text);
	finish(n, batch, count, rc != 0 ? &err : NULL);
	if (rc == 0 && (grew || due))
		line_wake(n, due);
	if (rc == 0 && passing)
		line_wake_passing(n);
}

/* When time alone changes a matter; far away where none does. */
static int64_t
next_us(struct node *n)
{
	struct err err;
	bool found;
	int64_t us;

	if (store_matter_next(n->writer, &found, &us, &err) != 0 || !found)
		return INT64_MAX;
	return us;
}

void *
node_committer(void *node)
{
	struct node *n = node;
	struct job *batch[JOB_BATCH];
	size_t count;

	for (;;) {
		int64_t now_us = clock_utc_us(), due_us = next_us(n);
		int64_t wait_us = due_us <= now_us ? 0 : due_us - now_us;
		bool end;

		if (wait_us > WAIT_MAX_US)
			wait_us = WAIT_MAX_US; /* clocks are set, too */
		(void)pthread_mutex_lock(&n->queue);
		if (n->first == NULL && n->urgent_first == NULL &&
		    !n->stopping && wait_us > 0)
			clock_cond_wait(&n->queued, &n->queue, wait_us);
		count = take_jobs(n, batch);
		end = n->stopping && count == 0;
		(void)pthread_mutex_unlock(&n->queue);
		if (end)
			return NULL;
		if (count > 0 || next_us(n) <= clock_utc_us())
			run_batch(n, batch, count);
	}
}

/* Keeps the work of the write-ahead log away from commits, and memory that was
 * freed for those that need it, as long as there is any work. */
void *
node_tidy(void *node)
{
	struct node *n = node;
	uint64_t seen = 0, now = 0;
	unsigned quiet = 0;
	struct err err;

	do {
		quiet = now == seen ? quiet + 1 : 0;
		if (quiet % QUIET_LONG == QUIET)
			mem_trim();
		if (now != seen && store_tidy(n->tidy, &err) != 0)
			diag_warn("tidying: %s", err.text);
		seen = now;
		(void)pthread_mutex_lock(&n->queue);
		if (!n->stopping)
			clock_cond_wait(&n->checked, &n->queue, TIDY_US);
		now = n->stopping ? UINT64_MAX : n->commits;
		(void)pthread_mutex_unlock(&n->queue);
	} while (now != UINT64_MAX);
	return NULL;
}

void
node_stop(struct node *n)
{
	bool was;

	(void)pthread_mutex_lock(&n->queue);
	was = n->serving && !n->stopping;
	n->stopping = true;
	(void)pthread_cond_broadcast(&n->queued);
	(void)pthread_cond_broadcast(&n->checked);
	(void)pthread_mutex_unlock(&n->queue);
	if (was)
		(void)pthread_join(n->committer, NULL);
}

/* ---- waiting for a job ---- */

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t is_over;
	bool over, failed;
	struct err err;
};

static void
wake_waiter(struct node *n, struct job *j, const struct err *err)
{
	struct waiter *w = j->waiter;

	(void)n; /* the common form */
	(void)pthread_mutex_lock(&w->lock);
	w->over = true;
	w->failed = err != NULL;
	if (err != NULL)
		w->err = *err;
	(void)pthread_cond_signal(&w->is_over);
	(void)pthread_mutex_unlock(&w->lock);
}

int
node_run(struct node *n, struct job *j, struct err *err)
{
	struct waiter w = {.over = false};

	(void)pthread_mutex_init(&w.lock, NULL);
	(void)pthread_cond_init(&w.is_over, NULL);
	j->waiter = &w;
	j->done = wake_waiter;
	if (n->serving) {
		node_enqueue(n, j);
		(void)pthread_mutex_lock(&w.lock);
		while (!w.over)
			(void)pthread_cond_wait(&w.is_over, &w.lock);
		(void)pthread_mutex_unlock(&w.lock);
	} else {
		j->failed = false;
		run_batch(n, &j, 1);
	}
	(void)pthread_mutex_destroy(&w.lock);
	(void)pthread_cond_destroy(&w.is_over);
	if (w.failed)
		*err = w.err;
	return w.failed ? -1 : 0;
}
