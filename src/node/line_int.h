/* line_int: what the files of a line share. */
#ifndef NODE_LINE_INT_H
#define NODE_LINE_INT_H

#include "node/http.h"
#include "node/line.h"
#include "node/node_int.h"

/* Guarded by lock: all that follows it, up to the thread's own. */
struct line {
	pthread_mutex_t lock;
	pthread_cond_t woken;
	char address[ADDRESS_MAX];
	bool more, heads, passing, stopping, kicked;
	int64_t heads_due_us; /* mono */
	struct line_state state;
	/* set once */
	struct node *n;
	struct member *m;
	pthread_t thread;
	/* the thread's own */
	struct http_client *client;
	uint64_t sent, given;
	int64_t told;
	int64_t pause_us;
	bool checked;
	char via[CODE_MAX]; /* the relay of the last exchange; empty: none */
	bool was_reachable, spoke;
};

/* The size of our log now. */
uint64_t line_own_size(struct line *l);
/*
 * Ask this peer once what it holds of our log, and take back what our folder
 * lost; nothing is appended before.
 */
void line_check_loss(struct line *l, const char *address);
void line_mark_checked(struct line *l);

#endif
