#include "record/log.h"

#include <assert.h>
#include <string.h>

#include "base/num.h"
#include "record/hash.h"
#include "record/log_int.h"

struct id
log_leaf(struct span entry)
{
	static const uint8_t zero = 0;

	return hash_parts((struct span[]){{&zero, 1}, entry}, 2);
}

struct id
log_node(const struct id *l, const struct id *r)
{
	uint8_t b[1 + 2 * sizeof(l->b)] = {1};

	memcpy(b + 1, l->b, sizeof(l->b));
	memcpy(b + 1 + sizeof(l->b), r->b, sizeof(r->b));
	return hash_of((struct span){b, sizeof(b)});
}

struct id
log_empty_root(void)
{
	return hash_of((struct span){NULL, 0});
}

struct id
log_up(const struct id *hash, size_t n)
{
	struct id row[LOG_TILE / 2];

	assert(n >= 1 && n <= LOG_TILE && (n & (n - 1)) == 0);
	if (n == 1)
		return hash[0];
	for (size_t i = 0; i < n / 2; i++)
		row[i] = log_node(&hash[2 * i], &hash[2 * i + 1]);
	for (n /= 2; n > 1; n /= 2)
		for (size_t i = 0; i < n / 2; i++)
			row[i] = log_node(&row[2 * i], &row[2 * i + 1]);
	return row[0];
}

struct id
log_tile_root(const struct id hash[LOG_TILE])
{
	return log_up(hash, LOG_TILE);
}

void
log_init(struct log *log)
{
	*log = (struct log){0};
}

void
log_release(struct log *log)
{
	if (log == NULL)
		return;
	for (size_t l = 0; l < LOG_LEVELS; l++)
		mem_free(log->edge[l]);
	*log = (struct log){0};
}

static int
edge_alloc(struct log *log, unsigned level, struct err *err)
{
	if (log->edge[level] == NULL)
		log->edge[level] = mem_alloc(LOG_TILE, sizeof(struct id));
	return log->edge[level] == NULL ? err_nomem(err, "a log") : 0;
}

int
log_copy(const struct log *from, struct log *ret, struct err *err)
{
	struct log copy = *from;

	memset(copy.edge, 0, sizeof(copy.edge));
	for (unsigned l = 0; l < LOG_LEVELS; l++) {
		if (from->edge[l] == NULL)
			continue;
		if (edge_alloc(&copy, l, err) != 0) {
			log_release(&copy);
			return -1;
		}
		memcpy(copy.edge[l], from->edge[l],
		    LOG_TILE * sizeof(struct id));
	}
	*ret = copy;
	return 0;
}

/*
 * All that is written before the size grows lies in slots that the old size
 * does not use, so a failure on the way needs no undoing (L1).
 */
int
log_append(struct log *log, const struct id *leaf, log_keep_fn *keep, void *ctx,
    struct err *err)
{
	struct id h = *leaf;
	uint64_t n = log->size;
	unsigned bit = 0;

	if (n >= LOG_SIZE_MAX)
		return err_set(err, ERR_INPUT, "the log is full");
	for (;;) {
		unsigned level = bit / 8;
		struct id *edge;

		if (edge_alloc(log, level, err) != 0)
			return -1;
		edge = log->edge[level];
		edge[n & (LOG_TILE - 1)] = h; /* L2 */
		for (unsigned i = 0; i < 8 && (n >> i & 1) != 0; i++, bit++)
			h = log_node(&log->peak[bit], &h);
		if ((n & (LOG_TILE - 1)) != LOG_TILE - 1)
			break;
		n /= LOG_TILE;
		if (keep != NULL && keep(ctx, level, n, edge, err) != 0)
			return -1;
	}
	log->peak[bit] = h; /* L4 */
	log->size++;
	return 0;
}

struct id
log_root(const struct log *log)
{
	struct id root = {{0}};
	bool has = false;

	if (log->size == 0)
		return log_empty_root();
	for (unsigned bit = 0; bit < 64; bit++) {
		if ((log->size >> bit & 1) == 0)
			continue;
		root = has ? log_node(&log->peak[bit], &root) : log->peak[bit];
		has = true;
	}
	return root;
}

/* The peak of this bit, from the edge that holds its hashes. */
static struct id
edge_peak(const struct log *log, unsigned bit)
{
	unsigned level = bit / 8, r = bit % 8;
	size_t n = log->size >> (8 * level) & (LOG_TILE - 1);

	return log_up(&log->edge[level][n >> (r + 1) << (r + 1)],
	    (size_t)1 << r);
}

int
log_check(const struct log *log, struct err *err)
{
	if (log->size > LOG_SIZE_MAX)
		return err_set(err, ERR_CORRUPT, "log: size past 2^63-1");
	for (unsigned bit = 0; bit < 64; bit++) {
		struct id peak;

		if ((log->size >> bit & 1) == 0)
			continue;
		if (log->edge[bit / 8] == NULL)
			return err_set(err, ERR_CORRUPT,
			    "log: no edge at level %u (L2)", bit / 8);
		peak = edge_peak(log, bit);
		if (!id_eq(&peak, &log->peak[bit]))
			return err_set(err, ERR_CORRUPT,
			    "log: peak %u is not its edge's (L4)", bit);
	}
	return 0;
}

int
log_restore(uint64_t size, log_tile_fn *tile, void *ctx, struct log *ret,
    struct err *err)
{
	struct log log = {.size = size};

	if (size > LOG_SIZE_MAX)
		return err_set(err, ERR_INPUT, "log: size past 2^63-1");
	for (unsigned l = 0; l < LOG_LEVELS; l++) {
		size_t n = size >> (8 * l) & (LOG_TILE - 1);

		if (n == 0)
			continue;
		if (edge_alloc(&log, l, err) != 0 ||
		    tile(ctx, l, size >> (8 * l) >> 8, n, log.edge[l], err) !=
			0) {
			log_release(&log);
			return -1;
		}
	}
	for (unsigned bit = 0; bit < 64; bit++)
		if ((size >> bit & 1) != 0)
			log.peak[bit] = edge_peak(&log, bit);
	*ret = log;
	return 0;
}
