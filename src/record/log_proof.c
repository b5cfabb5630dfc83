#include "record/log.h"

#include <assert.h>

#include "base/num.h"
#include "record/log_int.h"

/* A reader that remembers the last tile: the hashes of a proof lie together. */
struct reader {
	log_tile_fn *tile;
	void *ctx;
	uint64_t size, index; /* of the tree; of the remembered tile */
	unsigned level;
	bool has;
	struct id hash[LOG_TILE];
};

/* How many hashes a tile has in a tree of this size; 0: no such tile. */
static size_t
width_of(uint64_t size, unsigned level, uint64_t index)
{
	uint64_t n = level < LOG_LEVELS ? size >> (8 * level) : 0;

	if (index > n / LOG_TILE)
		return 0;
	n -= index * LOG_TILE;
	return n > LOG_TILE ? LOG_TILE : (size_t)n;
}

/* The root of leaves [index * 2^bit, (index + 1) * 2^bit). */
static int
subtree(struct reader *r, unsigned bit, uint64_t index, struct id *ret,
    struct err *err)
{
	unsigned level = bit / 8;
	size_t n = (size_t)1 << bit % 8, at;
	uint64_t first = index * n, tile = first / LOG_TILE;
	size_t width = width_of(r->size, level, tile);

	at = first % LOG_TILE;
	assert(at + n <= width);
	if (!r->has || r->level != level || r->index != tile) {
		r->has = false;
		if (r->tile(r->ctx, level, tile, width, r->hash, err) != 0)
			return -1;
		r->has = true;
		r->level = level;
		r->index = tile;
	}
	*ret = log_up(&r->hash[at], n);
	return 0;
}

/* The root of leaves [from, to); from is a multiple of a power of two that is
 * not below to - from. */
static int
range(struct reader *r, uint64_t from, uint64_t to, struct id *ret,
    struct err *err)
{
	uint64_t n = to - from, end = to;
	struct id root = {{0}}, peak;
	bool has = false;

	assert(from < to && to <= r->size);
	for (unsigned bit = 0; n >> bit != 0; bit++) {
		if ((n >> bit & 1) == 0)
			continue;
		if (subtree(r, bit, (end >> bit) - 1, &peak, err) != 0)
			return -1;
		root = has ? log_node(&peak, &root) : peak;
		has = true;
		end -= UINT64_C(1) << bit;
	}
	*ret = root;
	return 0;
}

int
log_root_at(uint64_t size, log_tile_fn *tile, void *ctx, struct id *ret,
    struct err *err)
{
	struct reader r = {.tile = tile, .ctx = ctx, .size = size};

	if (size > LOG_SIZE_MAX)
		return err_set(err, ERR_INPUT, "log: size past 2^63-1");
	if (size == 0) {
		*ret = log_empty_root();
		return 0;
	}
	return range(&r, 0, size, ret, err);
}

/* The largest power of two below n; n > 1. */
static uint64_t
split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

static void
reverse(struct log_proof *p)
{
	for (size_t i = 0; i < p->n / 2; i++) {
		struct id swap = p->hash[i];

		p->hash[i] = p->hash[p->n - 1 - i];
		p->hash[p->n - 1 - i] = swap;
	}
}

/* Sizes to 2^63-1 give at most 63 hashes, and one more for consistency. */
static int
push(struct reader *r, uint64_t from, uint64_t to, struct log_proof *p,
    struct err *err)
{
	assert(p->n < LOG_PROOF_MAX);
	return range(r, from, to, &p->hash[p->n++], err);
}

int
log_prove_inclusion(uint64_t index, uint64_t size, log_tile_fn *tile, void *ctx,
    struct log_proof *ret, struct err *err)
{
	struct reader r = {.tile = tile, .ctx = ctx, .size = size};
	struct log_proof p = {0};
	uint64_t from = 0, to = size;

	if (size > LOG_SIZE_MAX || index >= size)
		return err_set(err, ERR_INPUT,
		    "no entry %llu in a log of size %llu",
		    (unsigned long long)index, (unsigned long long)size);
	while (to - from > 1) { /* RFC 6962 2.1.1 */
		uint64_t mid = from + split(to - from);

		if (index < mid) {
			if (push(&r, mid, to, &p, err) != 0)
				return -1;
			to = mid;
		} else {
			if (push(&r, from, mid, &p, err) != 0)
				return -1;
			from = mid;
		}
	}
	reverse(&p);
	*ret = p;
	return 0;
}

int
log_prove_consistency(uint64_t from, uint64_t to, log_tile_fn *tile, void *ctx,
    struct log_proof *ret, struct err *err)
{
	struct reader r = {.tile = tile, .ctx = ctx, .size = to};
	struct log_proof p = {0};
	uint64_t lo = 0, hi = to;

	if (to > LOG_SIZE_MAX || from > to)
		return err_set(err, ERR_INPUT,
		    "no proof from size %llu to size %llu",
		    (unsigned long long)from, (unsigned long long)to);
	while (from > 0 && hi != from) { /* RFC 6962 2.1.2 */
		uint64_t mid = lo + split(hi - lo);

		if (from <= mid) {
			if (push(&r, mid, hi, &p, err) != 0)
				return -1;
			hi = mid;
		} else {
			if (push(&r, lo, mid, &p, err) != 0)
				return -1;
			lo = mid;
		}
	}
	/* lo is 0 where the old root itself is the node: the verifier has it */
	if (lo > 0 && push(&r, lo, hi, &p, err) != 0)
		return -1;
	reverse(&p);
	*ret = p;
	return 0;
}

/* RFC 9162 2.1.3.2, step 4: climb past levels where the path has no sibling. */
static void
climb(uint64_t *f, uint64_t *s)
{
	while ((*f & 1) == 0 && *f != 0) {
		*f >>= 1;
		*s >>= 1;
	}
}

bool
log_is_included(uint64_t index, uint64_t size, const struct id *leaf,
    const struct log_proof *proof, const struct id *root)
{
	uint64_t f = index, s = size - 1;
	struct id r = *leaf;

	if (size > LOG_SIZE_MAX || index >= size || proof->n > LOG_PROOF_MAX)
		return false;
	for (size_t i = 0; i < proof->n; i++) {
		const struct id *p = &proof->hash[i];

		if (s == 0)
			return false;
		if ((f & 1) != 0 || f == s) {
			r = log_node(p, &r);
			climb(&f, &s);
		} else {
			r = log_node(&r, p);
		}
		f >>= 1;
		s >>= 1;
	}
	return s == 0 && id_eq(&r, root);
}

/* RFC 9162 2.1.4.2, for 0 < from < to. */
static bool
is_extended(uint64_t from, uint64_t to, const struct id *from_root,
    const struct id *to_root, const struct log_proof *proof)
{
	uint64_t f = from - 1, s = to - 1;
	bool is_power = (from & (from - 1)) == 0;
	struct id a, b;

	if (proof->n == 0)
		return false;
	while ((f & 1) != 0) {
		f >>= 1;
		s >>= 1;
	}
	a = b = is_power ? *from_root : proof->hash[0];
	for (size_t i = is_power ? 0 : 1; i < proof->n; i++) {
		const struct id *c = &proof->hash[i];

		if (s == 0)
			return false;
		if ((f & 1) != 0 || f == s) {
			a = log_node(c, &a);
			b = log_node(c, &b);
			climb(&f, &s);
		} else {
			b = log_node(&b, c);
		}
		f >>= 1;
		s >>= 1;
	}
	return s == 0 && id_eq(&a, from_root) && id_eq(&b, to_root);
}

bool
log_is_consistent(uint64_t from, uint64_t to, const struct id *from_root,
    const struct id *to_root, const struct log_proof *proof)
{
	struct id empty = log_empty_root();

	if (from > to || to > LOG_SIZE_MAX || proof->n > LOG_PROOF_MAX)
		return false;
	if (from == to)
		return proof->n == 0 && id_eq(from_root, to_root) &&
		       (to > 0 || id_eq(to_root, &empty));
	if (from == 0)
		return proof->n == 0 && id_eq(from_root, &empty);
	return is_extended(from, to, from_root, to_root, proof);
}
