/* What watchers are told: gathered while a batch runs, told once it is durable
 * (V1). */
#include <string.h>

#include "base/num.h"
#include "node/event.h"
#include "node/node_int.h"

enum { CHANGED_MAX = EVENTS_KEPT / 2, RECENT = 32 };

struct events {
	pthread_mutex_t lock;
	uint64_t last;
	uint64_t changes;
	void (*fn)(void *);
	void *ctx;
	struct event kept[EVENTS_KEPT]; /* number n at n % EVENTS_KEPT */
	/* the committer's own: of the batch; one too many stands for all */
	size_t n_changed;
	struct event changed[CHANGED_MAX + 1];
};

int
event_open(struct node *n, struct err *err)
{
	n->events = mem_alloc(1, sizeof(*n->events));
	if (n->events == NULL)
		return err_nomem(err, "events");
	(void)pthread_mutex_init(&n->events->lock, NULL);
	return 0;
}

void
event_close(struct node *n)
{
	if (n->events != NULL)
		(void)pthread_mutex_destroy(&n->events->lock);
	mem_free(n->events);
	n->events = NULL;
}

/* The caller holds the lock. */
static void
put(struct events *e, const struct event *what)
{
	struct event *at = &e->kept[++e->last % EVENTS_KEPT];

	*at = *what;
	at->seq = e->last; /* V2 */
}

static void
tell(struct events *e)
{
	if (e->fn != NULL)
		e->fn(e->ctx);
}

/* ---- while a batch runs: the committer's own ---- */

size_t
event_mark(struct node *n)
{
	return n->events->n_changed;
}

void
event_undo(struct node *n, size_t mark)
{
	n->events->n_changed = mark;
}

static struct event *
pending(struct node *n, const struct store_matter *row)
{
	struct events *all = n->events;
	size_t from = all->n_changed > RECENT ? all->n_changed - RECENT : 0;
	const struct member *m = node_member_by_no(n, row->party);
	struct event *e;

	for (size_t i = from; i < all->n_changed; i++)
		if (id_eq(&all->changed[i].id, &row->id))
			return &all->changed[i];
	if (all->n_changed > CHANGED_MAX)
		return NULL;
	e = &all->changed[all->n_changed++];
	*e = (struct event){.kind = EVENT_MATTER, .id = row->id};
	(void)snprintf(e->cite, sizeof(e->cite), "%s-%llu",
	    m == NULL ? "?" : m->code, (unsigned long long)row->idx);
	return e;
}

void
event_matter(struct node *n, const struct matter_view *v)
{
	struct event *e = pending(n, &v->row);
	struct str name;

	if (e == NULL)
		return;
	name = v->procedure == NULL ? STR("") : procedure_name(v->procedure);
	(void)snprintf(e->procedure, sizeof(e->procedure), "%.*s",
	    STR_ARG(name));
	e->urgent = node_is_urgent_procedure(name);
	if (v->result != NULL)
		(void)snprintf(e->state, sizeof(e->state), "%.*s",
		    STR_ARG(v->result->state));
}

void
event_commit(struct node *n)
{
	static const struct event all = {.kind = EVENT_ALL};
	struct events *e = n->events;

	(void)pthread_mutex_lock(&e->lock);
	e->changes++;
	if (e->n_changed > CHANGED_MAX)
		put(e, &all);
	else
		for (size_t i = 0; i < e->n_changed; i++)
			put(e, &e->changed[i]);
	if (e->n_changed > 0)
		tell(e);
	e->n_changed = 0;
	(void)pthread_mutex_unlock(&e->lock);
}

void
event_line(struct node *n, const char *party, bool is_up)
{
	struct events *e = n->events;
	struct event what = {.kind = EVENT_LINE};

	(void)snprintf(what.party, sizeof(what.party), "%s", party);
	(void)snprintf(what.state, sizeof(what.state), "%s",
	    is_up ? "up" : "down");
	(void)pthread_mutex_lock(&e->lock);
	e->changes++;
	put(e, &what);
	tell(e);
	(void)pthread_mutex_unlock(&e->lock);
}

/* ---- watching ---- */

uint64_t
event_changes(struct node *n)
{
	uint64_t changes;

	(void)pthread_mutex_lock(&n->events->lock);
	changes = n->events->changes;
	(void)pthread_mutex_unlock(&n->events->lock);
	return changes;
}

uint64_t
event_last(struct node *n)
{
	uint64_t last;

	(void)pthread_mutex_lock(&n->events->lock);
	last = n->events->last;
	(void)pthread_mutex_unlock(&n->events->lock);
	return last;
}

size_t
event_read(struct node *n, uint64_t seq, struct event *ret, size_t most,
    bool *ret_lost)
{
	struct events *e = n->events;
	size_t count = 0;

	(void)pthread_mutex_lock(&e->lock);
	*ret_lost = seq > e->last || e->last - seq > EVENTS_KEPT;
	while (!*ret_lost && count < most && seq < e->last)
		ret[count++] = e->kept[++seq % EVENTS_KEPT];
	(void)pthread_mutex_unlock(&e->lock);
	return count;
}

void
event_listen(struct node *n, void (*fn)(void *), void *ctx)
{
	(void)pthread_mutex_lock(&n->events->lock);
	n->events->fn = fn;
	n->events->ctx = ctx;
	(void)pthread_mutex_unlock(&n->events->lock);
}
