#include "base/arena.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum {
	CHUNK = 16 * 1024 - 64,
	ALIGN = alignof(max_align_t),
	LONG_BUFFER = 32 * 1024 * 1024, /* the most that glibc takes */
	KEEP = 1024 * 1024 * 1024,
	HEAPS = 4
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};
struct arena_defer {
	struct arena_defer *next;
	void (*fn)(void *);
	void *p;
};

void
arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){.limit = limit};
}

void
arena_release(struct arena *a)
{
	struct arena_chunk *c, *next;

	for (struct arena_defer *d = a->defer; d != NULL; d = d->next)
		d->fn(d->p);
	for (c = a->chunk; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct arena){.limit = a->limit};
}

static struct arena_chunk *
add_chunk(struct arena *a, size_t need)
{
	size_t size = need > CHUNK / 4 ? need : CHUNK, all;
	struct arena_chunk *c;

	if (ckd_add(&all, sizeof(*c), size) || (c = malloc(all)) == NULL)
		return NULL;
	c->used = 0;
	c->size = size;
	if (size == need && a->chunk != NULL) { /* keep filling the current */
		c->next = a->chunk->next;
		a->chunk->next = c;
	} else {
		c->next = a->chunk;
		a->chunk = c;
	}
	return c;
}

/* Not zeroed. */
static void *
take(struct arena *a, size_t n, size_t size)
{
	struct arena_chunk *c = a->chunk;
	size_t need;
	void *p;

	if (a->fail_at > 0 && --a->fail_at == 0)
		return NULL;
	if (ckd_mul(&need, n, size) || ckd_add(&need, need, (size_t)ALIGN))
		return NULL;
	need &= ~((size_t)ALIGN - 1);
	if (need > a->limit || a->used > a->limit - need)
		return NULL; /* A2 */
	if (c == NULL || c->size - c->used < need)
		if ((c = add_chunk(a, need)) == NULL)
			return NULL;
	p = c->data + c->used;
	c->used += need;
	a->used += need;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n, size_t size)
{
	void *p = take(a, n, size);

	a->failed = a->failed || p == NULL;
	return p == NULL ? NULL : memset(p, 0, n * size); /* take() looked */
}

char *
arena_copy(struct arena *a, const void *p, size_t n)
{
	size_t size;
	char *copy;

	if (ckd_add(&size, n, (size_t)1) || (copy = take(a, size, 1)) == NULL) {
		a->failed = true;
		return NULL;
	}
	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

int
arena_grow(struct arena *a, void *p, size_t *cap, size_t want, size_t size)
{
	size_t n = *cap < 8 ? 8 : *cap;
	void *grown, *old;

	if (want <= *cap)
		return 0;
	while (n < want)
		if (ckd_mul(&n, n, (size_t)2))
			return -1;
	if ((grown = arena_alloc(a, n, size)) == NULL)
		return -1;
	memcpy(&old, p, sizeof(old));
	if (*cap > 0)
		memcpy(grown, old, *cap * size);
	memcpy(p, &grown, sizeof(grown));
	*cap = n;
	return 0;
}

int
arena_defer(struct arena *a, void (*fn)(void *), void *p)
{
	struct arena_defer *d = arena_new(a, struct arena_defer);

	if (d == NULL) {
		fn(p);
		return -1;
	}
	*d = (struct arena_defer){a->defer, fn, p};
	a->defer = d;
	return 0;
}

void *
mem_alloc(size_t n, size_t size)
{
	return calloc(n, size);
}

void
mem_free(void *p)
{
	free(p);
}

/*
 * On a virtual machine to touch a page for the first time can cost more than
 * all that is done with the act that lies in it: glibc, left to itself, hands
 * out fresh ones for every long buffer.  And few heaps, for what one thread
 * frees serves the others only within a heap.  A refusal costs speed alone.
 */
void
mem_start(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, LONG_BUFFER);
	(void)mallopt(M_TRIM_THRESHOLD, KEEP);
	(void)mallopt(M_ARENA_MAX, HEAPS);
}

void
mem_trim(void)
{
	(void)malloc_trim(0); /* 0: there was nothing to give */
}
