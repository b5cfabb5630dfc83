/*
 * word: short texts that nodes sign with their log keys for each other, as
 * notes.  They cannot be taken for checkpoints: a checkpoint's first line is
 * its log's origin.  Format: docs/exchange.md.
 */
#ifndef NODE_WORD_H
#define NODE_WORD_H

#include "node/node_int.h"

/* "I ask you now to cosign this head again": from, size, second, to whom. */
struct str word_heads(struct arena *a, const struct member *from, uint64_t size,
    int64_t time_s, const struct member *to);
/* The second that such a text names; -1 where it is none. */
int64_t word_heads_time(struct str text);
/* "This bundle is stored here": of the node that took it. */
struct str word_receipt(struct arena *a, const struct id *bundle,
    const struct member *by);

#endif
