#include "web/cache.h"

#include <pthread.h>
#include <string.h>

#include "base/num.h"
#include "record/key.h"

enum { BUCKETS = 2048, PATIENCE_US = 250000, COST_SHARE = 10 };

struct entry {
	struct entry *next;          /* of its bucket */
	struct entry *newer, *older; /* by use */
	struct cache_item item;
	size_t n; /* of the name */
	char name[CACHE_NAME];
};
struct cache {
	pthread_mutex_t lock;
	void (*drop)(struct cache_item *item);
	size_t most, bytes;
	uint64_t seed;
	struct entry *newest, *oldest;
	struct entry *bucket[BUCKETS];
};

struct cache *
cache_new(size_t most, void (*drop)(struct cache_item *item))
{
	struct cache *c = mem_alloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	(void)pthread_mutex_init(&c->lock, NULL);
	c->most = most;
	c->drop = drop;
	key_random(&c->seed, sizeof(c->seed));
	return c;
}

static struct entry **
bucket_of(struct cache *c, struct str name)
{
	uint64_t h = c->seed;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (uint8_t)name.p[i]) * UINT64_C(0x100000001b3);
	return &c->bucket[(h ^ h >> 32) % BUCKETS];
}

static void
unlink_use(struct cache *c, struct entry *e)
{
	*(e->newer == NULL ? &c->newest : &e->newer->older) = e->older;
	*(e->older == NULL ? &c->oldest : &e->older->newer) = e->newer;
}

static void
link_newest(struct cache *c, struct entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest == NULL ? &c->oldest : &c->newest->newer) = e;
	c->newest = e;
}

static void
remove_entry(struct cache *c, struct entry *e)
{
	struct entry **at = bucket_of(c, (struct str){e->name, e->n});

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	unlink_use(c, e);
	c->bytes -= sizeof(*e) + e->item.bytes;
	c->drop(&e->item);
	mem_free(e);
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	while (c->oldest != NULL)
		remove_entry(c, c->oldest);
	(void)pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

static struct entry *
find(struct cache *c, struct str name)
{
	for (struct entry *e = *bucket_of(c, name); e != NULL; e = e->next)
		if (str_eq((struct str){e->name, e->n}, name))
			return e;
	return NULL;
}

/* K1 */
static bool
is_good(const struct cache_item *i, uint64_t changes, int64_t now_us)
{
	int64_t age_us = now_us - i->made_us;
	int64_t share_us = i->cost_us * COST_SHARE;

	if (i->lasting)
		return true;
	if (i->changes == changes)
		return age_us < CACHE_US;
	return i->patient && age_us < PATIENCE_US && age_us < share_us;
}

bool
cache_use(struct cache *c, struct str name, uint64_t changes, int64_t now_us,
    void (*use)(void *ctx, const struct cache_item *item), void *ctx)
{
	struct entry *e;
	bool good = false;

	(void)pthread_mutex_lock(&c->lock);
	e = find(c, name);
	if (e != NULL && is_good(&e->item, changes, now_us)) {
		good = true;
		unlink_use(c, e);
		link_newest(c, e);
		use(ctx, &e->item);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return good;
}

void
cache_put(struct cache *c, struct str name, const struct cache_item *item)
{
	struct cache_item mine = *item;
	struct entry *e = NULL, **at;

	if (name.n <= CACHE_NAME && item->bytes <= c->most / 8)
		e = mem_alloc(1, sizeof(*e));
	if (e == NULL) {
		c->drop(&mine);
		return;
	}
	e->item = mine;
	e->n = name.n;
	memcpy(e->name, name.p, name.n);
	(void)pthread_mutex_lock(&c->lock);
	if (find(c, name) != NULL)
		remove_entry(c, find(c, name));
	at = bucket_of(c, name);
	e->next = *at;
	*at = e;
	link_newest(c, e);
	c->bytes += sizeof(*e) + mine.bytes;
	while (c->bytes > c->most && c->oldest != e) /* K2 */
		remove_entry(c, c->oldest);
	(void)pthread_mutex_unlock(&c->lock);
}
