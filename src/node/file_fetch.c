/* Files that acts name and we lack are fetched: from the act's author, then
 * from others that may hold them. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "node/event.h"
#include "node/file.h"
#include "node/http.h"
#include "node/line.h"

#define SECOND INT64_C(1000000)
enum {
	TRIES_KEPT = 512, /* wanted files that are thought of at once */
	ACTS_ASKED = 8,   /* acts on whose strength one is asked for */
	PEERS_MAX = 64,
	FAILURES_MAX = 16, /* of one peer in one pass */
	FETCH_MS = 3600 * 1000,
	PASS_ARENA = 16 * 1024 * 1024
};
#define POLL_US (SECOND / 4)
#define PAUSE_MIN_US SECOND
#define PAUSE_MAX_US (600 * SECOND)
#define SWEEP_US (3600 * SECOND)

struct attempt {
	struct id sha256;
	int64_t next_us, pause_us;
	bool is_wanted;
};
struct peer {
	int64_t no;
	char code[CODE_MAX], address[ADDRESS_MAX];
	bool is_up;
	size_t failures; /* in this pass */
};
struct fetcher {
	struct node *n;
	struct http_client *http;
	uint64_t changes; /* of the node, when it was last looked at */
	int64_t due_us, sweep_us;
	struct id after; /* where the next look begins */
	size_t n_tries, n_peers;
	struct attempt try[TRIES_KEPT];
	struct peer peer[PEERS_MAX];
};

/* Whom we could ask.  True: one of them can be reached that could not. */
static bool
look_at_peers(struct fetcher *f)
{
	struct node *n = f->n;
	bool any = false;
	size_t count = 0;

	(void)pthread_rwlock_rdlock(&n->state);
	for (size_t i = 0; i < n->n_members && count < PEERS_MAX; i++) {
		struct peer *p = &f->peer[count];
		struct line_state s;

		if (n->member[i]->line == NULL)
			continue;
		line_state(n->member[i]->line, 0, &s);
		if (s.address[0] == '\0')
			continue;
		any = any || (s.reachable &&
				 (count >= f->n_peers ||
				     p->no != n->member[i]->no || !p->is_up));
		p->no = n->member[i]->no;
		p->is_up = s.reachable;
		p->failures = 0;
		memcpy(p->code, n->member[i]->code, sizeof(p->code));
		memcpy(p->address, s.address, sizeof(p->address));
		count++;
	}
	(void)pthread_rwlock_unlock(&n->state);
	f->n_peers = count;
	return any;
}

static bool
goes_on(void *ctx)
{
	return node_rest(ctx, 0);
}

/* What the peer gives for this act into fd, sealed.  ERR_ABSENT: nothing. */
static int
ask(struct fetcher *f, struct peer *p, const struct id *sha256,
    const struct store_act *by, int fd, struct arena *a, struct err *err)
{
	struct http_request q = {.method = "GET",
	    .answer_fd = fd,
	    .goes_on = goes_on,
	    .ctx = f->n,
	    .timeout_ms = FETCH_MS,
	    .answer_max = FILE_SEALED_MAX};
	struct http_answer ans;

	q.url = str_fmt(a, "%s/files/%.*s?for=%s&act=%.*s", p->address,
	    STR_ARG(hex_str(a, sha256->b, 32)), f->n->own->code,
	    STR_ARG(hex_str(a, by->id.b, 32)));
	if (http_ask(f->http, &q, a, &ans, err) != 0) {
		p->failures = FAILURES_MAX; /* not again in this pass */
		return -1;
	}
	if (ans.status == 200)
		return 0;
	p->failures++;
	return err_set(err, ERR_ABSENT, "%s answers %d", p->code, ans.status);
}

/* From one peer, on the strength of one act. */
static int
fetch_from(struct fetcher *f, struct peer *p, const struct id *sha256,
    const struct store_act *by, struct arena *a, struct err *err)
{
	struct node *n = f->n;
	struct store_file kept;
	int sealed = -1, plain = -1, rc = -1;

	if (file_new(n, &sealed, err) != 0)
		return -1;
	if (ask(f, p, sha256, by, sealed, a, err) != 0)
		goto out;
	if (file_unseal(n, sealed, &plain, err) != 0 ||
	    file_keep(n, plain, by->party, sha256, &kept, err) != 0) {
		p->failures++;
		(void)err_in(err, "a file from %s: ", p->code);
		diag_warn("%s", err->text);
		goto out;
	}
	rc = 0;
out:
	if (sealed >= 0)
		(void)close(sealed); /* and it is gone */
	if (plain >= 0)
		(void)close(plain); /* named, or gone */
	return rc;
}

/* On the strength of one act: from its author, or from others. */
static bool
is_given(struct fetcher *f, const struct id *sha256,
    const struct store_act *act, bool author, struct arena *a)
{
	struct err err;

	for (size_t k = 0; k < f->n_peers && node_rest(f->n, 0); k++)
		if ((f->peer[k].no == act->party) == author &&
		    f->peer[k].failures < FAILURES_MAX &&
		    fetch_from(f, &f->peer[k], sha256, act, a, &err) == 0)
			return true;
	return false;
}

/* The authors first, then all others. */
static bool
is_fetched(struct fetcher *f, const struct id *sha256,
    const struct store_naming *act, size_t n_acts, struct arena *a)
{
	for (size_t i = 0; i < 2 * n_acts; i++)
		if (is_given(f, sha256, &act[i % n_acts].act, i < n_acts, a))
			return true;
	return false;
}

static void
try_one(struct fetcher *f, struct attempt *t)
{
	struct store_naming *act;
	struct store *s;
	struct arena a;
	struct err err;
	size_t n_acts = 0;
	int rc;

	arena_init(&a, PASS_ARENA);
	s = node_reader(f->n, &err);
	rc = s == NULL ? -1
	               : store_file_acts(s, &t->sha256, ACTS_ASKED, &a, &act,
			     &n_acts, &err);
	if (s != NULL)
		node_reader_done(f->n, s);
	if (rc == 0 && is_fetched(f, &t->sha256, act, n_acts, &a)) {
		t->is_wanted = false;
	} else {
		t->pause_us =
		    clock_back_off_us(t->pause_us, PAUSE_MIN_US, PAUSE_MAX_US);
		t->next_us = clock_mono_us() + t->pause_us;
	}
	arena_release(&a);
}

/* Bring the attempts in line with what is wanted. */
static int
look_at_wanted(struct fetcher *f, struct err *err)
{
	struct store *s = node_reader(f->n, err);
	struct arena a;
	struct id *wanted;
	size_t count = 0, kept = 0;
	int rc;

	if (s == NULL)
		return -1;
	arena_init(&a, PASS_ARENA);
	rc = store_file_wanted(s, &f->after, TRIES_KEPT, &a, &wanted, &count,
	    err);
	node_reader_done(f->n, s);
	for (size_t i = 0; i < f->n_tries; i++)
		f->try[i].is_wanted = false;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		size_t k = 0;

		while (k < f->n_tries && !id_eq(&f->try[k].sha256, &wanted[i]))
			k++;
		if (k < f->n_tries)
			f->try[k].is_wanted = true;
	}
	for (size_t i = 0; i < f->n_tries; i++)
		if (f->try[i].is_wanted)
			f->try[kept++] = f->try[i];
	f->n_tries = kept;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		size_t k = 0;

		while (k < kept && !id_eq(&f->try[k].sha256, &wanted[i]))
			k++;
		if (k == kept && f->n_tries < TRIES_KEPT)
			f->try[f->n_tries++] =
			    (struct attempt){.sha256 = wanted[i],
				.is_wanted = true};
	}
	/* Where many cannot be had, the others get their turn. */
	if (rc == 0)
		f->after =
		    count == TRIES_KEPT ? wanted[count - 1] : (struct id){{0}};
	arena_release(&a);
	return rc;
}

static void
pass(struct fetcher *f)
{
	bool back = look_at_peers(f), more;
	int64_t now_us;
	struct err err;

	if (look_at_wanted(f, &err) != 0) {
		diag_warn("files: %s", err.text);
		f->due_us = clock_mono_us() + PAUSE_MAX_US;
		return;
	}
	more = f->n_tries == TRIES_KEPT;
	for (size_t i = 0; i < f->n_tries && node_rest(f->n, 0); i++)
		if (back || f->try[i].next_us <= clock_mono_us())
			try_one(f, &f->try[i]);
	now_us = clock_mono_us();
	f->due_us = now_us + (more ? 10 * SECOND : PAUSE_MAX_US);
	for (size_t i = 0; i < f->n_tries; i++)
		if (f->try[i].is_wanted && f->try[i].next_us < f->due_us)
			f->due_us = f->try[i].next_us;
}

void *
file_fetcher(void *node)
{
	struct fetcher f = {.n = node};
	struct err err;

	if (http_open(f.n->settings.authorities.p, &f.http, &err) != 0) {
		diag_warn("files: %s", err.text);
		return NULL;
	}
	f.sweep_us = clock_mono_us() + 60 * SECOND;
	while (node_rest(f.n, POLL_US)) {
		uint64_t changes = event_changes(f.n);
		int64_t now_us = clock_mono_us();

		if (now_us >= f.sweep_us) {
			f.sweep_us = now_us + SWEEP_US;
			if (file_sweep(f.n, clock_utc_us(), &err) != 0)
				diag_warn("files: %s", err.text);
		}
		if (changes == f.changes && now_us < f.due_us)
			continue;
		f.changes = changes;
		pass(&f);
	}
	http_close(f.http);
	return NULL;
}
