/*
 * log: a party's append-only Merkle tree (RFC 6962 section 2.1) as its right
 * edge, with proofs and tiles (C2SP tlog-tiles).  Pure: no disk, no clock; the
 * full tiles lie with whoever reads them for us.
 *  L1  size only grows; an appended leaf never changes.
 *  L2  edge[l] holds the hashes of the last, partial tile of level l:
 *      floor(size / 256^l) mod 256 of them.
 *  L3  the root depends on the leaves and their order alone.
 *  L4  peak[h] is the root of the last complete subtree of 2^h leaves, for each
 *      bit h set in size; so an append costs one node hash on average, and the
 *      root one for each bit.
 * Format: docs/format/log.md.  Threads: none; the owner locks.
 */
#ifndef RECORD_LOG_H
#define RECORD_LOG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

enum {
	LOG_TILE = 256, /* hashes in a full tile */
	LOG_LEVELS = 8, /* 256^8 > 2^63, the largest size we take */
	LOG_PROOF_MAX = 64,
	LOG_PATH_MAX = 64
};
/* 2^63-1, as other readers have it. */
#define LOG_SIZE_MAX ((uint64_t)INT64_MAX)

struct log {
	uint64_t size;
	struct id *edge[LOG_LEVELS]; /* L2; allocated when first needed */
	struct id peak[64];          /* L4 */
};

struct id log_leaf(struct span entry);
struct id log_node(const struct id *l, const struct id *r);
struct id log_empty_root(void);

void log_init(struct log *log);
void log_release(struct log *log);
/* A deep copy, for trying an append that may be given up. */
int log_copy(const struct log *from, struct log *ret, struct err *err);

/* A full tile that an append completed: `level`, `index`, 256 hashes.  It must
 * be stored before the append counts. */
typedef int log_keep_fn(void *ctx, unsigned level, uint64_t index,
    const struct id *hash, struct err *err);
/* Append one leaf hash; keep() (NULL: the tiles are not wanted) is called for
 * each tile that it completes.  On failure the log is as before; ERR_INPUT past
 * 2^63-1 leaves. */
int log_append(struct log *log, const struct id *leaf, log_keep_fn *keep,
    void *ctx, struct err *err);
struct id log_root(const struct log *log);
/* Verify L2 and L4 the slow way, for tests and `comity check`: ERR_CORRUPT. */
int log_check(const struct log *log, struct err *err);

/* Gives the n (1 to 256) first hashes of a tile; ERR_ABSENT or ERR_CORRUPT.  n
 * is what the tile holds in the tree that the caller named, so a reader of
 * published tiles finds a partial tile of exactly this width, or the full one.
 */
typedef int log_tile_fn(void *ctx, unsigned level, uint64_t index, size_t n,
    struct id *ret, struct err *err);
/* Restore the edge of a log of this size from its stored tiles: the partial
 * tiles, which the reader may compute from entries, or from the full tiles
 * below (log_tile_root). */
int log_restore(uint64_t size, log_tile_fn *tile, void *ctx, struct log *ret,
    struct err *err);
/* The root of one full tile's 256 hashes: a hash of the level above. */
struct id log_tile_root(const struct id hash[LOG_TILE]);
/* The root of the tree of `size` leaves (up to log's size) from tiles. */
int log_root_at(uint64_t size, log_tile_fn *tile, void *ctx, struct id *ret,
    struct err *err);

struct log_proof {
	size_t n;
	struct id hash[LOG_PROOF_MAX];
};
/* Proofs run from the leaf's side to the root's.  ERR_INPUT: index or `from`
 * beyond the tree, or a size past 2^63-1; else what the reader says.  A proof
 * made of damaged tiles does not verify. */
int log_prove_inclusion(uint64_t index, uint64_t size, log_tile_fn *tile,
    void *ctx, struct log_proof *ret, struct err *err);
int log_prove_consistency(uint64_t from, uint64_t to, log_tile_fn *tile,
    void *ctx, struct log_proof *ret, struct err *err);
/* RFC 9162 sections 2.1.3.2 and 2.1.4.2.  Every tree extends the empty one, by
 * an empty proof. */
bool log_is_included(uint64_t index, uint64_t size, const struct id *leaf,
    const struct log_proof *proof, const struct id *root);
bool log_is_consistent(uint64_t from, uint64_t to, const struct id *from_root,
    const struct id *to_root, const struct log_proof *proof);

/* tlog-tiles paths, in their one form.  Level -1 is entries; else 0 to 63. */
struct log_tile {
	int level; /* -1: an entry bundle */
	uint64_t index;
	unsigned width; /* 1 to 256; 256 is the full tile */
};
void log_tile_path(const struct log_tile *t, char out[LOG_PATH_MAX]);
bool log_tile_is_path(struct str path, struct log_tile *ret);
/* An entry bundle: u16 length before each entry.  The count (1 to 256) comes
 * from the path; ERR_INPUT where bytes are missing or left over.  The entries
 * view the bundle.  An entry that is added has at most 65535 bytes. */
int log_bundle_parse(struct span s, size_t count, struct arena *a,
    struct span **ret, struct err *err);
void log_bundle_add(struct buf *b, struct span entry);

#endif
