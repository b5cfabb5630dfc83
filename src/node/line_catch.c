/*
 * A peer that has our entries and lacks many of their acts gets several bundles
 * at once: while one is stored there, another is verified, and the next is
 * made.  They hold acts alone; what order matters for (entries, heads, our own
 * file) went before.  They are receipted in their order, so that what counts
 * as given has no gap.
 */
#include "base/clock.h"
#include "node/line_int.h"

enum {
	AT_ONCE = 3,
	BUNDLES = 64, /* then the line looks around */
	STACK = 512 * 1024
};

struct catching {
	pthread_mutex_t lock; /* of all below, and the line's given */
	pthread_cond_t turn;
	struct line *l;
	const char *address;
	uint64_t given; /* the next bundle is made from here on */
	unsigned made, receipted;
	bool over, failed;
};
struct sent {
	struct export_batch b;
	struct span bundle;
	unsigned no; /* its turn */
};

bool
line_lags(const struct line *l)
{
	return !l->plainly && l->was_reachable && l->via[0] == '\0' &&
	       l->sent > l->given + (uint64_t)l->n->settings.batch_acts;
}

/* New acts, an urgent one above all, heads that are due, the end. */
static bool
is_called(struct line *l)
{
	bool called;

	(void)pthread_mutex_lock(&l->lock);
	called = l->stopping || l->more || l->heads || l->kicked ||
	         clock_mono_us() >= l->heads_due_us;
	(void)pthread_mutex_unlock(&l->lock);
	return called;
}

/* The next bundle, made under the lock: one at a time. */
static bool
is_made(struct catching *c, struct sent *s, struct arena *a)
{
	struct line *l = c->l;
	struct err err; /* shows at the next exchange */
	bool made = false;

	(void)pthread_mutex_lock(&c->lock);
	c->over = c->over || c->made == BUNDLES || is_called(l);
	if (!c->over && !c->failed) {
		s->b = (struct export_batch){.acts_alone = true,
		    .from = l->sent,
		    .to = l->sent,
		    .given = c->given,
		    .told = l->told};
		made = line_build(l, &s->b, (size_t)l->n->settings.batch_acts,
			   a, &s->bundle, &err) == 0;
		c->failed = !made;
	}
	if (made) {
		c->given = s->b.give;
		c->over = s->b.give >= s->b.to;
		s->no = c->made++;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return made;
}

static int
ask(struct catching *c, struct http_client *http, const struct sent *s,
    struct arena *a, struct err *err)
{
	struct line *l = c->l;
	struct http_request q = {.method = "POST",
	    .type = STR("application/x-tar"),
	    .body = s->bundle,
	    .timeout_ms = l->n->settings.timeout_ms};
	struct http_answer ans;
	const struct js *j;
	int rc;

	if (s->b.n_acts == 0)
		return 0; /* none of these is for this peer */
	q.url = str_fmt(a, "%s/exchange?log=%.*s", c->address,
	    STR_ARG(hex_str(a, l->n->own->charter.b, 32)));
	if (q.url.p == NULL)
		return err_nomem(err, "a bundle");
	if (http_ask(http, &q, a, &ans, err) != 0)
		return -1;
	if (ans.status != 200)
		return err_set(err, ERR_IO, "%s answers %d", l->m->code,
		    ans.status);
	if (js_parse(ans.body, a, &j, err) != 0)
		return -1;
	(void)pthread_rwlock_rdlock(&l->n->state);
	rc = line_read_word(l, j, s->bundle, a, err);
	(void)pthread_rwlock_unlock(&l->n->state);
	return rc;
}

/* In its turn: the peer has all acts up to here. */
static void
receipt(struct catching *c, const struct sent *s, int rc)
{
	struct receipt r = {.job = {.run = line_run_receipt, .soft = true},
	    .from = c->l->m,
	    .told = s->b.told,
	    .given = s->b.give};
	struct err err; /* shows at the next exchange */

	(void)pthread_mutex_lock(&c->lock);
	while (c->receipted != s->no && !c->failed)
		(void)pthread_cond_wait(&c->turn, &c->lock);
	if (rc != 0 || c->failed || node_run(c->l->n, &r.job, &err) != 0) {
		c->failed = true;
	} else {
		c->l->given = s->b.give;
		c->receipted++;
	}
	(void)pthread_cond_broadcast(&c->turn);
	(void)pthread_mutex_unlock(&c->lock);
}

static void *
work(void *ctx)
{
	struct catching *c = ctx;
	struct http_client *http;
	struct sent s;
	struct err err;
	struct arena a;
	bool made = true;

	if (http_open(c->l->n->settings.authorities.p, &http, &err) != 0)
		return NULL;
	while (made) {
		arena_init(&a, ARENA_REQUEST);
		if ((made = is_made(c, &s, &a)))
			receipt(c, &s, ask(c, http, &s, &a, &err));
		arena_release(&a);
	}
	http_close(http);
	return NULL;
}

bool
line_catch_up(struct line *l, const char *address)
{
	struct catching c = {.l = l, .address = address, .given = l->given};
	pthread_t thread[AT_ONCE - 1];
	pthread_attr_t attr;
	size_t n = 0;

	(void)pthread_mutex_init(&c.lock, NULL);
	(void)pthread_cond_init(&c.turn, NULL);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK);
	while (
	    n < AT_ONCE - 1 && pthread_create(&thread[n], &attr, work, &c) == 0)
		n++;
	(void)pthread_attr_destroy(&attr);
	(void)work(&c);
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(thread[i], NULL);
	(void)pthread_cond_destroy(&c.turn);
	(void)pthread_mutex_destroy(&c.lock);
	l->plainly = c.failed || c.receipted == 0;
	return c.receipted > 0;
}
