/*
 * query: what views read of a running node.  Each call takes a read-only handle
 * of the store and the state's lock for reading; nothing here waits for the
 * committer's disk.
 */
#ifndef NODE_QUERY_H
#define NODE_QUERY_H

#include "node/line.h"
#include "node/node_int.h"

struct query { /* one request's look at the node */
	struct node *n;
	struct store *s;
	struct arena *a;
	int64_t now_us;
};
int query_open(struct node *n, struct arena *a, struct query *ret,
    struct err *err);
void query_close(struct query *q);

/* "JPN-57" or 64 hex digits to an act. */
int query_act(struct query *q, struct str ref, struct store_act *ret,
    struct err *err);
/* The matter that the reference leads to, by its opening or any act. */
int query_matter(struct query *q, struct str ref, struct store_matter *ret,
    struct err *err);
struct str query_cite(struct query *q, int64_t party, uint64_t idx);
/* By an act's id; empty where it is not held. */
struct str query_cite_of(struct query *q, const struct id *id);

#endif
