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
	bool plainly; /* catching up failed: first one bundle at a time */
};
struct receipt {        /* what a peer's answer is worth, for the committer */
	struct job job; /* first */
	struct member *from;
	uint64_t size;
	struct cosignature sig;
	struct span note;
	int64_t told;
	uint64_t given;
	size_t n_handed;
	const int64_t *handed;
	bool cosigned;
};

/* The size of our log now. */
uint64_t line_own_size(struct line *l);
/* The next bundle for the peer; of acts alone from where *b says. */
int line_build(struct line *l, struct export_batch *b, size_t most,
    struct arena *a, struct span *ret, struct err *err);
/* In its answer the peer's word that it stored this very bundle. */
int line_read_word(struct line *l, const struct js *j, struct span bundle,
    struct arena *a, struct err *err);
int line_run_receipt(struct node *n, struct job *job, struct err *err);

/* line_catch.c */
/* Does the peer have our entries, and lack more acts than go into a bundle? */
bool line_lags(const struct line *l);
/* Send what it lacks, several bundles at once, until nothing is left or there
 * is something else to do.  Did it take any?  What failed shows at the next
 * exchange. */
bool line_catch_up(struct line *l, const char *address);
/*
 * Ask this peer once what it holds of our log, and take back what our folder
 * lost; nothing is appended before.
 */
void line_check_loss(struct line *l, const char *address);
void line_mark_checked(struct line *l);

#endif
