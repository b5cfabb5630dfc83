/*
 * node: a running party: what it takes in, commits, and exchanges with peers.
 *
 *   settings   the folder and its comity.ini
 *   keydir     key files on disk
 *   node       open a folder, one writer, queries for views
 *   committer  the one writer: group commit
 *   take       what other nodes send
 *   matter     folding a matter from the store
 *   line       a peer's line: outbox, retry, heads
 *   http       the client side of HTTP (the only user of libcurl)
 *
 *  N1  one process per folder (a lock), one thread that writes.
 *  N2  nothing is acknowledged that is not durable.
 *  N3  there is one path for every act, whoever wrote it: verify (any thread),
 *      then judge, store and sign (the committer).
 * Threads: a node is shared; what a function may be called from stands at it.
 */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include "base/js.h"
#include "base/text.h"
#include "record/dsse.h"
#include "record/mandate.h"
#include "rules/fold.h"
#include "store/store.h"

struct node;

/* Open the folder of a party: lock it, load keys and state.  ERR_BUSY: another
 * process has it.  `serve`: start the committer's, lines' and timers' threads;
 * without, the calling thread commits and no peer is spoken to. */
struct node_options {
	const char *folder;
	bool serve;
	struct span passphrase; /* of the node's keys; empty: plain files */
};
int node_open(const struct node_options *o, struct node **ret, struct err *err);
void node_close(struct node *n);

/* What came of a job. */
struct node_receipt {
	struct id id, matter;
	int64_t party;
	uint64_t idx;
	bool was_known;  /* it had been posted before: same answer */
	char state[100]; /* of its matter, after it */
};
/* node_post() without waiting, where node_posts_at_once(): then(ctx, ...) is
 * called once, from the committer's thread and quickly, with the receipt or
 * with what went wrong.  -1: refused already, and nothing is called. */
typedef void node_posted_fn(void *ctx, const struct node_receipt *r,
    const struct err *err);
int node_post_later(struct node *n, struct span envelope, node_posted_fn *then,
    void *ctx, struct err *err);
bool node_posts_at_once(struct node *n);

/* Take an act of our own party: judge, append, store.  Blocks until durable.
 * ERR_DENIED where it would be void; err names the broken rule. */
int node_post(struct node *n, struct span envelope, struct node_receipt *ret,
    struct err *err);

/*
 * An act of ours whose party demands more signatures than it has.  It waits
 * here, also over a restart, until enough officers have signed the same bytes;
 * then it is posted.  The first must come within CLOCK_SLACK_S of the time that
 * the act claims, the last within NODE_RELEASE_S.
 */
enum { NODE_RELEASES_MAX = 100, NODE_RELEASE_S = 24 * 3600 };
struct node_release {
	struct id act;
	bool waits; /* for want - have more; else it is posted: receipt */
	int64_t have, want;
	struct node_receipt receipt;
};
/* Blocks until durable.  ERR_DENIED: who signed has no power for it, or it
 * would be void; what waited, still waits then. */
int node_release(struct node *n, struct span envelope, struct node_release *ret,
    struct err *err);
/* One more signature on what waits here.  ERR_ABSENT: it does not. */
struct dsse_signature;
int node_release_sign(struct node *n, const struct id *act,
    const struct dsse_signature *sig, struct node_release *ret,
    struct err *err);
int node_release_withdraw(struct node *n, const struct id *act,
    struct err *err);

/* Make a party's folder: record.db with its charter as entry 0.  `anew`: the
 * party has acted before; its node appends nothing until a peer has answered
 * what it holds of its log. */
int node_found(const char *folder, struct span charter_envelope, bool anew,
    int64_t now_us, struct err *err);

/* Bundles from peers (over a line), couriers and files.  `receipt`: what a peer
 * is answered (JSON: size, cosignature). */
struct node_taken {
	size_t acts, known, entries, cosignatures, procedures, forks;
	struct str receipt;
	uint64_t own_size; /* of our own log, as far as it was taken back */
};
int node_take(struct node *n, struct span bundle, bool from_peer,
    struct arena *a, struct node_taken *ret, struct err *err);
/* C2SP add-checkpoint: status and body. */
int node_add_checkpoint(struct node *n, struct span body, struct arena *a,
    int *ret_status, struct str *ret_body, struct err *err);

/* Peers. */
int node_peer_add(struct node *n, struct span charter_envelope,
    struct str address, struct err *err);
int node_peer_address(struct node *n, struct str code, struct str address,
    struct err *err);
int node_peer_remove(struct node *n, struct str code, struct err *err);

/* Rebuild all that derives; *ret_same: it was as before. */
int node_rebuild(struct node *n, bool *ret_same, struct err *err);

/* Verify all that is kept: pages and references, entries against trees, heads
 * and acts against their signatures.  ERR_CORRUPT: the first that is wrong.
 * From any thread but the committer's; nobody waits for it. */
int node_check(struct node *n, struct err *err);

/* Graceful stop of the threads; node_close() does it too. */
void node_quiet(struct node *n);

#endif
