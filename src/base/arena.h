/*
 * arena: the memory of one operation (a request, a peer's message, a command,
 * a fold), released at once, with a limit, so that hostile input meets
 * ERR_NOMEM and not the machine's end.
 *  A1  nothing is released before the arena is; pointers never move.
 *  A2  the sum of all allocations never exceeds the limit.
 * Threads: an arena belongs to one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_chunk;
struct arena_defer;
struct arena {
	size_t limit, used;
	long fail_at; /* tests: the n-th allocation from here fails; 0: none */
	bool failed;  /* one did: whoever answers for all of it asks here */
	struct arena_chunk *chunk;
	struct arena_defer *defer;
};

/* An arena of at most `limit` bytes.  arena_release() ends it. */
void arena_init(struct arena *a, size_t limit);
void arena_release(struct arena *a);
/* Zeroed memory for n objects of this size, aligned; NULL past the limit. */
void *arena_alloc(struct arena *a, size_t n, size_t size);
/* A copy of n bytes with a NUL behind them; NULL past the limit. */
char *arena_copy(struct arena *a, const void *p, size_t n);
/* Grow the array *p of elements of `size` bytes to hold `want`; cap counts
 * elements.  0, or -1 past the limit (then nothing changed). */
int arena_grow(struct arena *a, void *p, size_t *cap, size_t want, size_t size);
/* Call fn(p) at arena_release(), latest first.  0; or -1, then fn(p) was
 * called already. */
int arena_defer(struct arena *a, void (*fn)(void *), void *p);

#define arena_new(a, type) ((type *)arena_alloc(a, 1, sizeof(type)))
#define arena_array(a, n, type) ((type *)arena_alloc(a, n, sizeof(type)))

/* The one plain allocator outside, for constructors of long-lived handles:
 * zeroed, NULL when memory is out; mem_free takes NULL. */
void *mem_alloc(size_t n, size_t size);
void mem_free(void *p);
/* Once, as a program begins: what is freed stays with the process, to be used
 * again, until mem_trim() gives it back to the system. */
void mem_start(void);
void mem_trim(void);

#endif
