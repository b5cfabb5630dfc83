/*
 * log_int: what the parts of log share: hashing up, and reading subtrees from
 * tiles.  Not for other modules.
 */
#ifndef RECORD_LOG_INT_H
#define RECORD_LOG_INT_H

#include "record/log.h"

/* The root of a complete subtree of n hashes; n is a power of two up to 256. */
struct id log_up(const struct id *hash, size_t n);
/* How many hashes a tile has in a tree of this size; 0: no such tile. */
size_t log_width(uint64_t size, unsigned level, uint64_t index);

/* A reader that remembers the last tile: the hashes of a proof lie together. */
struct log_reader {
	log_tile_fn *tile;
	void *ctx;
	uint64_t size, index; /* of the tree; of the remembered tile */
	unsigned level;
	bool has;
	struct id hash[LOG_TILE];
};
/* The root of leaves [from, to) of the reader's tree; from is a multiple of a
 * power of two that is not below to - from. */
int log_range(struct log_reader *r, uint64_t from, uint64_t to, struct id *ret,
    struct err *err);

#endif
