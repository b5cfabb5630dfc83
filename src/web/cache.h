/*
 * cache: answers that are ready, by name, in bounded memory; who was asked for
 * longest ago gives way.  What an answer is, its owner knows: here it is a
 * pointer and its size.
 *  K1  an answer is given out only while the record is as it was when it was
 *      made and CACHE_US have not passed; or, while it is made again, so short
 * a time after that making it costs a tenth of the time at most; or for ever,
 * where it says so (`lasting`). K2  the sum of sizes stays below what was
 * given. Threads: any; it locks itself.  No clock: the time is a parameter.
 */
#ifndef WEB_CACHE_H
#define WEB_CACHE_H

#include "base/text.h"

#define CACHE_US (2 * INT64_C(1000000))
enum { CACHE_NAME = 512 }; /* no longer name is kept */

struct cache;
struct cache_item {
	void *answer[2];  /* plain, compressed (NULL: not) */
	size_t bytes;     /* of all */
	char etag[36];    /* with its quotes */
	uint64_t changes; /* the record's number when it was made */
	int64_t made_us, cost_us;
	bool lasting, patient; /* patient: it may be a moment old */
};

/* `drop` gets rid of what an item holds; it is called under the lock. */
struct cache *cache_new(size_t most, void (*drop)(struct cache_item *item));
void cache_free(struct cache *c); /* takes NULL */

/* Call use(ctx, item) with the item of this name, under the lock, if K1 allows
 * it; false: there is none. */
bool cache_use(struct cache *c, struct str name, uint64_t changes,
    int64_t now_us, void (*use)(void *ctx, const struct cache_item *item),
    void *ctx);
/* Keep it, instead of what has the name.  The cache owns it from now on, and
 * drops it at once where there is no room. */
void cache_put(struct cache *c, struct str name, const struct cache_item *item);

#endif
