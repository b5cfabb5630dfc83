/* Threads for what waits: as many as are needed, up to a bound. */
#include "base/num.h"
#include "web/serve_int.h"

enum { WAITING_MAX = 4096, STACK = 1024 * 1024 };

int
pool_open(struct pool *p, unsigned threads, struct err *err)
{
	p->last = &p->first;
	p->most = threads;
	p->most_waiting = WAITING_MAX;
	p->thread = mem_alloc(threads, sizeof(*p->thread));
	if (p->thread == NULL)
		return err_nomem(err, "threads");
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->given, NULL);
	return 0;
}

static void *
work(void *pool)
{
	struct pool *p = pool;

	(void)pthread_mutex_lock(&p->lock);
	for (;;) {
		struct call *c;

		while (p->first == NULL && !p->stopping) {
			p->idle++;
			(void)pthread_cond_wait(&p->given, &p->lock);
			p->idle--;
		}
		if ((c = p->first) == NULL)
			break;
		p->first = c->next;
		if (p->first == NULL)
			p->last = &p->first;
		p->waiting--;
		(void)pthread_mutex_unlock(&p->lock);
		call_answer(c);
		(void)pthread_mutex_lock(&p->lock);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* One more thread, where all are busy.  The caller holds the lock. */
static void
grow(struct pool *p)
{
	pthread_attr_t attr;

	if (p->idle >= p->waiting || p->threads == p->most)
		return;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK);
	if (pthread_create(&p->thread[p->threads], &attr, work, p) == 0)
		p->threads++;
	(void)pthread_attr_destroy(&attr);
}

bool
pool_give(struct pool *p, struct call *c)
{
	bool taken;

	(void)pthread_mutex_lock(&p->lock);
	taken = !p->stopping && p->waiting < p->most_waiting;
	if (taken) {
		c->next = NULL;
		p->waiting++;
		grow(p);
		taken = p->threads > 0;
		if (!taken)
			p->waiting--;
	}
	if (taken) {
		*p->last = c;
		p->last = &c->next;
		(void)pthread_cond_signal(&p->given);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return taken;
}

void
pool_close(struct pool *p)
{
	if (p->thread == NULL)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->stopping = true;
	(void)pthread_cond_broadcast(&p->given);
	(void)pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->threads; i++)
		(void)pthread_join(p->thread[i], NULL);
	(void)pthread_mutex_destroy(&p->lock);
	(void)pthread_cond_destroy(&p->given);
	mem_free(p->thread);
	p->thread = NULL;
}
