#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "node/line_int.h"
#include "node/word.h"
#include "record/hash.h"

#define SECOND INT64_C(1000000)
enum {
	PAUSE_MIN_US = 500000,
	PAUSE_MAX_US = 60 * 1000000,
	PASS_DELAY_US = 200000,
	BATCH_AWAY = 100, /* through a relay */
	SMALL_STACK = 512 * 1024,
	CHECK_MS = 3000,
	RELAY_MS = 5000 /* a stranger's bundle keeps a thread */
};

/* ---- the receipt ---- */

int
line_run_receipt(struct node *n, struct job *job, struct err *err)
{
	struct receipt *r = (struct receipt *)job;
	bool is_new;

	if (r->cosigned && (store_checkpoint_add(n->writer, n->own->no, r->size,
				r->note, err) != 0 ||
			       evidence_keep(n, n->own, r->from->witness,
				   r->size, &r->sig, false, &is_new, err) != 0))
		return -1;
	for (size_t i = 0; i < r->n_handed; i++)
		if (store_handed_done(n->writer, r->from->no, r->handed[i],
			err) != 0)
			return -1;
	return store_party_set_told(n->writer, r->from->no, r->told, r->given,
	    err);
}

int
line_read_word(struct line *l, const struct js *j, struct span bundle,
    struct arena *a, struct err *err)
{
	struct note_key key = mandate_log_key(l->m->mandate, UINT64_MAX);
	struct id hash = hash_of(bundle);
	struct str text = word_receipt(a, &hash, l->m);
	struct note note;
	struct buf b;

	buf_init(&b, a);
	buf_str(&b, text);
	buf_char(&b, '\n');
	buf_str(&b, js_str(js_get(j, "receipt")));
	if (buf_done(&b, &text, err) != 0 ||
	    note_parse(span_of(text), a, &note, err) != 0)
		return err_in(err, "receipt: ");
	if (note_verify(&note, &key, err) != 0)
		return err_set(err, ERR_DENIED,
		    "this address answers with another identity than %s's: "
		    "check it with 'comity peer look'",
		    l->m->code);
	return 0;
}

/* Its cosignature on the head that we sent. */
static int
read_cosignature(struct line *l, const struct js *j, uint64_t size,
    struct arena *a, struct receipt *r, struct err *err)
{
	struct node *n = l->n;
	struct note_key key = mandate_witness_key(l->m->mandate);
	struct store *s = node_reader(n, err);
	struct id root;
	struct note note;
	struct str text;
	struct buf b;
	bool found = false;
	int rc;

	if (s == NULL)
		return -1;
	rc = node_root_at(s, n->own, size, &root, err);
	node_reader_done(n, s);
	if (rc != 0)
		return -1;
	text = checkpoint_sign(a, mandate_origin(n->own->mandate), size, &root,
	    node_log_key(n, size));
	r->note = span_of(text);
	buf_init(&b, a);
	buf_str(&b, text);
	buf_str(&b, js_str(js_get(j, "cosignature")));
	if (text.p == NULL || buf_done(&b, &text, err) != 0 ||
	    note_parse(span_of(text), a, &note, err) != 0 ||
	    checkpoint_find_cosignature(&note, &key, &found, &r->sig, err) != 0)
		return err_in(err, "receipt: ");
	if (!found || js_int(js_get(j, "size")) != (int64_t)size)
		return err_set(err, ERR_INPUT,
		    "receipt: no cosignature of the head that was sent");
	if ((int64_t)r->sig.time_s > evidence_now_s() + CLOCK_SLACK_S)
		return err_set(err, ERR_CONFLICT,
		    "its clock is %lld s ahead of ours: one of the two is "
		    "wrong",
		    (long long)r->sig.time_s - (long long)evidence_now_s());
	r->size = size;
	r->cosigned = true;
	return 0;
}

/* ---- one exchange ---- */

uint64_t
line_own_size(struct line *l)
{
	uint64_t size;

	(void)pthread_rwlock_rdlock(&l->n->state);
	size = l->n->own->log.size;
	(void)pthread_rwlock_unlock(&l->n->state);
	return size;
}

int
line_build(struct line *l, struct export_batch *b, size_t most, struct arena *a,
    struct span *ret, struct err *err)
{
	struct store *s = node_reader(l->n, err);
	int rc;

	if (s == NULL)
		return -1;
	(void)pthread_rwlock_rdlock(&l->n->state);
	if (!b->acts_alone) {
		b->from = l->sent;
		b->to = l->n->own->log.size;
		b->given = l->given;
		b->told = l->told;
	}
	rc = export_for(l->n, s, l->m, b, most, a, ret, err);
	(void)pthread_rwlock_unlock(&l->n->state);
	node_reader_done(l->n, s);
	return rc;
}

/* A peer that holds less than it receipted, or more than we sent, says so. */
static int
answer_failed(struct line *l, const struct http_answer *ans, struct arena *a,
    struct err *err)
{
	const struct js *j = NULL;
	struct err bad;
	struct str says = STR("");
	int64_t size;

	if (js_parse(ans->body, a, &j, &bad) == 0)
		says = js_str(js_get(j, "error"));
	size = js_type(js_get(j, "size")) == JS_INT ? js_int(js_get(j, "size"))
	                                            : -1;
	if (ans->status == 409 && size >= 0 &&
	    (uint64_t)size <= line_own_size(l) && (uint64_t)size != l->sent) {
		l->sent = (uint64_t)size; /* send again from there */
		l->given = l->sent < l->given ? l->sent : l->given;
		return 0;
	}
	if (ans->status == 409 && size > 0 && (uint64_t)size > line_own_size(l))
		return err_set(err, ERR_CONFLICT,
		    "%s holds %lld entries of our log, we hold %llu: the "
		    "folder lost entries; restart the node, it takes them back",
		    l->m->code, (long long)size,
		    (unsigned long long)line_own_size(l));
	return err_set(err, ERR_IO, "%s answers %d: %.*s", l->m->code,
	    ans->status, STR_ARG(says));
}

/*
 * The paths of a line, in order: its own address, then through each other peer
 * that can be reached.  A relay passes on a bundle that it cannot read, and the
 * answer.
 */
static int
ask_by_paths(struct line *l, const char *address, struct http_request *q,
    struct arena *a, struct http_answer *ans, struct err *err)
{
	struct node *n = l->n;
	struct str own = hex_str(a, n->own->charter.b, 32);
	struct str to = hex_str(a, l->m->charter.b, 32);
	struct err last;

	l->via[0] = '\0';
	q->url = str_fmt(a, "%s/exchange?log=%.*s", address, STR_ARG(own));
	if (http_ask(l->client, q, a, ans, err) == 0)
		return 0;
	for (size_t i = 0;; i++) {
		struct line_state s = {.reachable = false};

		(void)pthread_rwlock_rdlock(&n->state);
		if (i >= n->n_members) {
			(void)pthread_rwlock_unlock(&n->state);
			return -1;
		}
		if (n->member[i]->line != NULL && n->member[i] != l->m)
			line_state(n->member[i]->line, 0, &s);
		(void)pthread_rwlock_unlock(&n->state);
		if (!s.reachable || s.address[0] == '\0' || s.via[0] != '\0')
			continue;
		q->url = str_fmt(a, "%s/relay/%.*s?log=%.*s", s.address,
		    STR_ARG(to), STR_ARG(own));
		if (http_ask(l->client, q, a, ans, &last) == 0 &&
		    ans->status != 502 && ans->status != 404 &&
		    ans->status != 503) {
			(void)snprintf(l->via, sizeof(l->via), "%s", s.party);
			return 0;
		}
	}
}

/* Pass on a bundle for a peer of ours: only straight to it. */
int
line_relay(struct node *n, const struct id *charter, struct str log,
    struct span bundle, struct arena *a, int *ret_status, struct span *ret,
    struct err *err)
{
	struct http_request q = {.method = "POST",
	    .type = STR("application/x-tar"),
	    .body = bundle,
	    .timeout_ms = RELAY_MS};
	struct line_state s = {.reachable = false};
	struct http_client *c;
	struct http_answer ans;
	struct member *m;
	int rc;

	(void)pthread_rwlock_rdlock(&n->state);
	m = node_member_by_charter(n, charter);
	if (m != NULL && m->line != NULL)
		line_state(m->line, 0, &s);
	(void)pthread_rwlock_unlock(&n->state);
	if (m == NULL || s.address[0] == '\0')
		return err_set(err, ERR_ABSENT, "no address for that party");
	if (http_open(n->settings.authorities.p, &c, err) != 0)
		return -1;
	q.url = str_fmt(a, "%s/exchange?log=%.*s", s.address, STR_ARG(log));
	rc = http_ask(c, &q, a, &ans, err);
	http_close(c);
	if (rc != 0)
		return -1;
	*ret_status = ans.status;
	*ret = ans.body;
	return 0;
}

/* Is anybody there?  Asked before a bundle is made for a peer that was away. */
static bool
is_back(struct line *l, const char *address, struct arena *a)
{
	struct http_request q = {.method = "GET",
	    .timeout_ms = CHECK_MS,
	    .answer_max = 65536};
	struct http_answer ans;
	struct err err;

	q.url = str_fmt(a, "%s/health", address);
	return http_ask(l->client, &q, a, &ans, &err) == 0;
}

static bool
has_relay(struct line *l)
{
	struct node *n = l->n;
	bool has = false;

	(void)pthread_rwlock_rdlock(&n->state);
	for (size_t i = 0; i < n->n_members && !has; i++) {
		struct line_state s;

		if (n->member[i]->line == NULL || n->member[i] == l->m)
			continue;
		line_state(n->member[i]->line, 0, &s);
		has = s.reachable && s.via[0] == '\0';
	}
	(void)pthread_rwlock_unlock(&n->state);
	return has;
}

static int
exchange(struct line *l, const char *address, bool heads, struct arena *a,
    bool *ret_more, bool *ret_spoke, struct err *err)
{
	struct export_batch b = {.heads = heads};
	struct http_request q = {.method = "POST",
	    .type = STR("application/x-tar"),
	    .timeout_ms = l->n->settings.timeout_ms};
	struct http_answer ans;
	struct receipt *r = arena_new(a, struct receipt);
	const struct js *j;
	size_t most = (size_t)l->n->settings.batch_acts; /* 1 to 10000 */
	bool wants;
	int rc;

	if (r == NULL)
		return err_nomem(err, "a receipt");
	if (l->spoke && !l->was_reachable && !is_back(l, address, a)) {
		most = BATCH_AWAY;
		if (!has_relay(l))
			return err_set(err, ERR_IO,
			    "%s does not answer, and no other path is open",
			    address);
	}
	if (line_build(l, &b, most, a, &q.body, err) != 0)
		return -1;
	wants = heads || b.to > b.from;
	if (!wants && b.n_handed == 0 && b.told == l->told && b.give == b.given)
		return 0; /* nothing to say */
	*ret_spoke = true;
	if (ask_by_paths(l, address, &q, a, &ans, err) != 0)
		return -1;
	if (ans.status != 200) {
		*ret_more = true;
		return answer_failed(l, &ans, a, err);
	}
	r->from = l->m;
	r->told = b.told;
	r->given = b.give;
	r->n_handed = b.n_handed;
	r->handed = b.handed;
	r->job.run = line_run_receipt;
	r->job.soft = true;
	if (js_parse(ans.body, a, &j, err) != 0)
		return err_in(err, "receipt: ");
	(void)pthread_rwlock_rdlock(&l->n->state);
	rc = line_read_word(l, j, q.body, a, err);
	if (rc == 0 && wants)
		rc = read_cosignature(l, j, b.to, a, r, err);
	(void)pthread_rwlock_unlock(&l->n->state);
	if (rc != 0)
		return -1;
	if (node_run(l->n, &r->job, err) != 0)
		return -1;
	l->sent = b.to;
	l->given = b.give;
	l->told = b.told;
	*ret_more = line_own_size(l) > l->given || b.n_handed > 0;
	return 0;
}

/* ---- the thread ---- */

static void
note_outcome(struct line *l, int rc, const struct err *err)
{
	int64_t now_us = clock_utc_us();
	bool other;

	(void)pthread_mutex_lock(&l->lock);
	other = l->state.tried_us == 0 || l->state.reachable != (rc == 0) ||
	        (rc == 0 && strcmp(l->state.via, l->via) != 0);
	l->state.tried_us = now_us;
	l->state.reachable = rc == 0;
	l->state.sent = l->given;
	if (rc == 0) {
		l->state.heard_us = now_us;
		memcpy(l->state.via, l->via, sizeof(l->state.via));
		l->state.error[0] = '\0';
	} else {
		(void)snprintf(l->state.error, sizeof(l->state.error), "%.*s",
		    (int)sizeof(l->state.error) - 1, err->text);
	}
	(void)pthread_mutex_unlock(&l->lock);
	if (other)
		event_line(l->n, l->m->code, rc == 0);
	if (rc != 0 && (l->was_reachable || !l->spoke))
		diag_warn("line to %s: %s", l->m->code, err->text);
	if (rc == 0 && l->spoke && !l->was_reachable)
		diag_info("line to %s: reachable again", l->m->code);
	l->was_reachable = rc == 0;
	l->spoke = true;
}

/* Wait for something to do.  False: stop. */
static bool
wait_for_work(struct line *l, char *address, bool *heads)
{
	int64_t now_us = clock_mono_us(), pass_us = 0;
	int64_t until = now_us + l->pause_us;

	(void)pthread_mutex_lock(&l->lock);
	while (!l->stopping && !l->kicked && clock_mono_us() < until)
		clock_cond_wait(&l->woken, &l->lock, until - clock_mono_us());
	for (;;) {
		now_us = clock_mono_us();
		if (l->stopping ||
		    (l->address[0] != '\0' &&
			(l->more || l->heads || now_us >= l->heads_due_us)))
			break;
		if (l->passing && l->address[0] != '\0') {
			pass_us =
			    pass_us == 0 ? now_us + PASS_DELAY_US : pass_us;
			if (now_us >= pass_us)
				break; /* others' news are gathered a moment */
			clock_cond_wait(&l->woken, &l->lock, pass_us - now_us);
			continue;
		}
		clock_cond_wait(&l->woken, &l->lock,
		    l->address[0] == '\0' ? 60 * SECOND
					  : l->heads_due_us - now_us);
	}
	*heads = l->heads || now_us >= l->heads_due_us;
	if (*heads)
		l->heads_due_us = now_us + l->n->settings.heads_s * SECOND;
	l->more = l->heads = l->passing = l->kicked = false;
	memcpy(address, l->address, ADDRESS_MAX);
	now_us = l->stopping;
	(void)pthread_mutex_unlock(&l->lock);
	return now_us == 0;
}

static void *
line_run(void *line)
{
	struct line *l = line;
	char address[ADDRESS_MAX];
	bool heads, more, spoke;

	(void)pthread_mutex_lock(&l->lock);
	memcpy(address, l->address, sizeof(address));
	(void)pthread_mutex_unlock(&l->lock);
	if (address[0] != '\0')
		line_check_loss(l, address);
	line_mark_checked(l);

	while (wait_for_work(l, address, &heads)) {
		struct err err = {0};
		struct arena a;
		int rc;

		arena_init(&a, ARENA_REQUEST);
		more = spoke = false;
		if (!heads && line_lags(l)) {
			spoke = line_catch_up(l, address);
			more = true;
			rc = 0;
		} else {
			rc = exchange(l, address, heads, &a, &more, &spoke,
			    &err);
			l->plainly = rc != 0;
		}
		arena_release(&a);
		if (spoke || rc != 0)
			note_outcome(l, rc, &err);
		l->pause_us = rc == 0 ? 0
		                      : clock_back_off_us(l->pause_us,
					    PAUSE_MIN_US, PAUSE_MAX_US);
		(void)pthread_mutex_lock(&l->lock);
		l->more = l->more || more || rc != 0;
		l->heads = l->heads || (heads && rc != 0);
		(void)pthread_mutex_unlock(&l->lock);
	}
	return NULL;
}

int
line_start(struct node *n, struct member *m, const struct store_party *p,
    struct err *err)
{
	struct line *l = mem_alloc(1, sizeof(*l));
	struct store_cosignature c;
	pthread_attr_t attr;
	struct store *s;
	bool found;
	int rc;

	if (l == NULL || p->address.n >= ADDRESS_MAX)
		goto nomem;
	(void)pthread_mutex_init(&l->lock, NULL);
	clock_cond_init(&l->woken);
	l->n = n;
	l->m = m;
	memcpy(l->address, p->address.p, p->address.n);
	(void)snprintf(l->state.party, sizeof(l->state.party), "%s", m->code);
	if ((s = node_reader(n, err)) == NULL)
		goto bad;
	rc = store_cosignature_upto(s, n->own->no, m->witness, INT64_MAX,
	    &found, &c, err);
	node_reader_done(n, s);
	if (rc != 0 ||
	    http_open(n->settings.authorities.p, &l->client, err) != 0)
		goto bad;
	l->sent = found ? c.size : 1; /* its introduction brought our charter */
	l->told = p->told;
	l->given = p->given < 1 ? 1 : (uint64_t)p->given; /* a size */
	l->state.sent = l->given;
	l->heads = true;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, SMALL_STACK);
	(void)pthread_mutex_lock(&n->queue);
	n->unchecked++; /* before anybody may append */
	(void)pthread_mutex_unlock(&n->queue);
	rc = pthread_create(&l->thread, &attr, line_run, l);
	(void)pthread_attr_destroy(&attr);
	if (rc != 0) {
		line_mark_checked(l);
		(void)err_set(err, ERR_IO, "no thread for a line");
		goto bad;
	}
	(void)pthread_rwlock_wrlock(&n->state);
	m->line = l;
	(void)pthread_rwlock_unlock(&n->state);
	return 0;
nomem:
	(void)err_nomem(err, "a line");
bad:
	mem_free(l);
	return -1;
}

int
line_start_all(struct node *n, struct err *err)
{
	struct store_party *p;
	struct store *s;
	struct arena a;
	size_t count = 0;
	int rc;

	if ((s = node_reader(n, err)) == NULL)
		return -1;
	arena_init(&a, 16 * 1024 * 1024);
	rc = store_party_list(s, &a, &p, &count, err);
	node_reader_done(n, s);
	for (size_t i = 0; rc == 0 && i < count; i++)
		if (!p[i].own)
			rc = line_start(n, node_member_by_no(n, p[i].no), &p[i],
			    err);
	arena_release(&a);
	return rc;
}

/* Wake all lines; the caller need not hold the state's lock: members are only
 * added, and their lines start before they are. */
static void
wake(struct node *n, bool more, bool heads, bool passing)
{
	(void)pthread_rwlock_rdlock(&n->state);
	for (size_t i = 0; i < n->n_members; i++) {
		struct line *l = n->member[i]->line;

		if (l == NULL)
			continue;
		(void)pthread_mutex_lock(&l->lock);
		l->more = l->more || more;
		l->heads = l->heads || heads;
		l->passing = l->passing || passing;
		(void)pthread_cond_signal(&l->woken);
		(void)pthread_mutex_unlock(&l->lock);
	}
	(void)pthread_rwlock_unlock(&n->state);
}

void
line_wake(struct node *n, bool heads)
{
	wake(n, true, heads, false);
}

void
line_wake_passing(struct node *n)
{
	wake(n, false, false, true);
}

void
line_set_address(struct line *l, struct str address)
{
	(void)pthread_mutex_lock(&l->lock);
	(void)snprintf(l->address, sizeof(l->address), "%.*s",
	    STR_ARG(address)); /* its length was checked */
	l->heads = l->kicked = true;
	(void)pthread_cond_signal(&l->woken);
	(void)pthread_mutex_unlock(&l->lock);
}

bool
line_is_behind(struct line *l, uint64_t size)
{
	bool behind;

	(void)pthread_mutex_lock(&l->lock);
	behind = size > l->state.sent + (uint64_t)l->n->settings.batch_acts;
	(void)pthread_mutex_unlock(&l->lock);
	return behind;
}

void
line_kick(struct line *l)
{
	(void)pthread_mutex_lock(&l->lock);
	if (!l->state.reachable) {
		l->kicked = true;
		(void)pthread_cond_signal(&l->woken);
	}
	(void)pthread_mutex_unlock(&l->lock);
}

void
line_state(struct line *l, uint64_t size, struct line_state *ret)
{
	(void)pthread_mutex_lock(&l->lock);
	*ret = l->state;
	(void)snprintf(ret->address, sizeof(ret->address), "%s", l->address);
	(void)pthread_mutex_unlock(&l->lock);
	ret->waiting = size > ret->sent ? size - ret->sent : 0;
}

void
line_stop_all(struct node *n)
{
	for (size_t i = 0; i < n->n_members; i++) {
		struct line *l = n->member[i]->line;

		if (l == NULL)
			continue;
		(void)pthread_mutex_lock(&l->lock);
		l->stopping = true;
		(void)pthread_cond_signal(&l->woken);
		(void)pthread_mutex_unlock(&l->lock);
	}
	for (size_t i = 0; i < n->n_members; i++)
		if (n->member[i]->line != NULL)
			(void)pthread_join(n->member[i]->line->thread, NULL);
	/* each line looks at the others (ask_by_paths): none ends before all
	 * are at rest */
	(void)pthread_rwlock_wrlock(&n->state);
	for (size_t i = 0; i < n->n_members; i++) {
		struct line *l = n->member[i]->line;

		if (l == NULL)
			continue;
		http_close(l->client);
		(void)pthread_mutex_destroy(&l->lock);
		(void)pthread_cond_destroy(&l->woken);
		mem_free(l);
		n->member[i]->line = NULL;
	}
	(void)pthread_rwlock_unlock(&n->state);
}
