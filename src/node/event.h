/*
 * event: what changed at this node, for who watches it: matters after each
 * commit, lines to peers.  Kept in memory, the last EVENTS_KEPT alone; who
 * asks for older ones reads all anew.
 *  V1  an event is seen only after what it tells of is durable.
 *  V2  numbers rise by one, from 1, and start again with the process.
 * Threads: any; the caller holds none of the node's locks but the state's.
 */
#ifndef NODE_EVENT_H
#define NODE_EVENT_H

#include "base/text.h"

struct node;
enum { EVENTS_KEPT = 1024 };
enum event_kind {
	EVENT_MATTER, /* it was opened, got an act, or its state was derived
	               * again */
	EVENT_LINE,   /* a line came up, went down, or took another path */
	EVENT_ALL     /* too much at once to say each */
};
struct event {
	uint64_t seq;
	enum event_kind kind;
	struct id id;                  /* of the matter */
	char cite[48];                 /* of it, such as "JPN-57" */
	char procedure[64], state[64]; /* names; empty: not known */
	bool urgent;                   /* of the crisis line */
	char party[17];                /* whose line; state: "up", "down" */
};

/* A number that grows with each commit and each change of a line: what was read
 * at the same number is still so, but for what time alone changes. */
uint64_t event_changes(struct node *n);
/* The newest event's number; 0: none yet. */
uint64_t event_last(struct node *n);
/* Up to `most` events after `seq`, oldest first: how many.  *ret_lost: events
 * after `seq` are no longer kept, or it is of another process. */
size_t event_read(struct node *n, uint64_t seq, struct event *ret, size_t most,
    bool *ret_lost);
/* Call fn(ctx) after each event, from the thread that made it: it must be
 * quick.  NULL: nobody; no call is under way when this returns. */
void event_listen(struct node *n, void (*fn)(void *), void *ctx);

#endif
