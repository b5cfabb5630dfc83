/*
 * events: the event stream of GET /events as bytes (HTML, Server-sent events):
 * what node/event.h tells, for officers and the operator.  An id is
 * "<start>-<number>", where <start> tells this run of the node from others.
 * Threads: any.
 */
#ifndef WEB_EVENTS_H
#define WEB_EVENTS_H

#include "node/event.h"

enum {
	EVENTS_TEXT = 640, /* no event's text is longer */
	EVENTS_ID = 40
};

/* Where a stream goes on: after this number.  `last`: the Last-Event-ID header,
 * .p NULL where there is none.  *ret_lost: what came since is not known. */
uint64_t events_from(struct node *n, struct str last, bool *ret_lost);
/* Into `out` of EVENTS_TEXT bytes; its length. */
size_t events_text(struct node *n, const struct event *e, char *out);
/* The first lines of a stream, the sign of life, and "read all anew". */
size_t events_hello(struct node *n, uint64_t at, bool lost, char *out);
size_t events_alive(char *out);

#endif
