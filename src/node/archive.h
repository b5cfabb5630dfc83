/*
 * archive: bundles that stand alone (docs/format/bundle.md): what is public, a
 * matter with what proves it, what one party may read, or everything (a
 * backup).
 */
#ifndef NODE_ARCHIVE_H
#define NODE_ARCHIVE_H

#include "node/node.h"
#include "record/bundle.h"

struct archive_options {
	struct str matter;       /* reference; empty: not of one matter */
	struct store_matter row; /* of that matter */
	struct str reader;       /* a party's code; empty: the public */
	bool everything, tiles;  /* tiles: also as tlog-tiles */
	/* The state's lock is let go of now and then, so that nobody waits for
	 * the whole; what comes meanwhile may be in it or not. */
	bool rests;
	int fd; /* an empty file that is written to; 0: one of its own */
	/* Members of the caller's own, before the end; may be NULL. */
	int (*more)(void *ctx, struct bundle_writer *w, struct err *err);
	void *ctx;
};
struct archive_count { /* acts without those of parties' own files */
	size_t acts, procedures, logs;
};
/* The caller holds the state's lock for reading. */
int archive_write(struct node *n, struct store *s,
    const struct archive_options *o, struct arena *a, struct span *ret,
    struct archive_count *ret_count, struct err *err);

#endif
