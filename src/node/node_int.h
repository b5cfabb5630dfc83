/*
 * node_int: what the files of a running node share.
 *
 * Locks, in this order:  state (rwlock): members' files and logs, procedures;
 * the committer writes, all others read.  queue (mutex): jobs, stopping.
 * readers (mutex): idle read-only handles of the store.  line->lock: one
 * line's wishes and what it shows.  keeping (mutex, before all others): who
 * gives names in files/, or takes them away, and waits for the committer.
 */
#ifndef NODE_NODE_INT_H
#define NODE_NODE_INT_H

#include <pthread.h>

#include "node/node.h"
#include "node/settings.h"

enum {
	READERS_MAX = 16,
	JOB_BATCH = 512,
	ARENA_REQUEST = 256 * 1024 * 1024,
	CODE_MAX = 17,
	ADDRESS_MAX = 400,
	CLOCK_SLACK_S = 300,
	/* Of all parties together; the built-in ones take a few MiB. */
	NODE_PROCEDURES_MAX = 1000,
	NODE_PROCEDURES_BYTES = 128 * 1024 * 1024,
	NODE_PROCEDURE_ARENA = 16 * 1024 * 1024 /* of one, parsed */
};

enum node_key { NODE_LOG, NODE_WITNESS, NODE_BOX, NODE_KEYS };

struct member { /* a party; the struct stays where it is */
	int64_t no;
	struct id charter;
	char code[CODE_MAX];
	bool own;
	struct mandate *mandate;
	struct log log;
	bool dirty;        /* file or log changed since the last mark */
	bool changed;      /* or since the batch began: node_commit.c's alone */
	int64_t witness;   /* its node's number as a witness in the store */
	struct line *line; /* NULL: own, or removed */
};

struct loaded { /* a procedure known here */
	struct id id;
	const struct procedure *p;
	struct span file; /* its bytes */
	struct arena arena;
};

struct known { /* how many are known: what comes is put behind */
	size_t members, loaded;
};

/*
 * Work for the committer.  run() judges first and writes then: ERR_IO,
 * ERR_NOMEM and ERR_CORRUPT undo the whole batch, any other failure is the
 * job's own and must come before its first write.  `marked`: run() may fail
 * after writes; it is undone alone.
 */
struct job {
	struct job *next;
	int (*run)(struct node *n, struct job *j, struct err *err);
	void (*done)(struct node *n, struct job *j, const struct err *err);
	bool urgent, marked, failed;
	bool soft;    /* harmless to lose with the machine (store_begin_soon) */
	void *waiter; /* of node_run */
	struct err err;
};

struct node {
	char *folder;
	int lock_fd;
	struct settings settings;
	struct arena settings_arena;
	/* By use; [1]: of a key change that is due, or the one before. */
	struct secret *key[NODE_KEYS][2];
	int64_t started_us;

	pthread_rwlock_t state;
	size_t n_members, cap_members, n_loaded, cap_loaded;
	struct member **member;
	struct member *own;
	struct loaded *loaded;

	struct store *writer; /* the committer's */
	struct store *tidy;   /* its thread's; NULL where none runs */
	pthread_t tidier;
	pthread_mutex_t readers;
	pthread_cond_t reader_free;
	struct store *reader[READERS_MAX];
	size_t n_readers, made_readers;

	pthread_mutex_t queue;
	pthread_cond_t queued;
	struct job *first, **last, *urgent_first, **urgent_last;
	bool serving, stopping, sick, has_outside;
	size_t
	    unchecked; /* lines that did not say yet whether we lost entries */
	pthread_cond_t checked;
	bool was_made_anew; /* at this start: ask every peer for our acts */
	bool must_recover;  /* a folder made anew: no peer has answered yet */
	pthread_t committer, outside; /* outside: where settings name any */
	struct alerts *alerts;
	size_t relays, recoveries, sealings; /* under way, for strangers */
	pthread_mutex_t keeping;             /* names in files/ (file.h) */
	pthread_t fetcher;
	bool has_fetcher;
	/* counters for /metrics, under queue */
	uint64_t commits, posted, taken, refused, commit_us;

	struct events *events; /* node_event.c */

	/* the committer's own */
	struct arena batch;   /* of the batch that is being committed */
	uint64_t size_before; /* own log, before the batch */
	bool passing;         /* cosignatures to pass on were added */
	size_t n_touched, cap_touched;
	struct store_touched *touched; /* evidence that came in the batch */
	struct known begun, marked;    /* before the batch; before the job */
};

/* node_known.c */
int node_load_procedures(struct node *n, struct err *err);
int node_load_members(struct node *n, struct err *err);
void node_forget_all(struct node *n); /* at the end: parties, procedures */
/* A batch begins: no member is touched, and what is known now stays known. */
void node_begin(struct node *n);
/* The same for a job that may be undone alone. */
void node_mark(struct node *n);
struct member *node_member(struct node *n, struct str code);
struct member *node_member_by_charter(struct node *n, const struct id *id);
struct member *node_member_by_no(struct node *n, int64_t no);
const struct procedure *node_procedure(struct node *n, const struct id *id);
/* After an undone job, or (`all`) batch: what it touched follows the store
 * again.  After -1 nothing in memory can be relied on: the process must end. */
int node_reload(struct node *n, bool all, struct err *err);
int node_add_member(struct node *n, struct store *s,
    const struct store_party *p, struct err *err);
/* Keep a procedure that came with an act.  ERR_INPUT: faulty; ERR_DENIED: the
 * node knows too many. */
int node_learn_procedure(struct node *n, struct span file, struct err *err);

/* node.c */
/* Count one that is under way, at most `most` at once: false, not counted. */
bool node_enter(struct node *n, size_t *count, size_t most);
void node_leave(struct node *n, size_t *count);
/* A thread beside the committer rests; false: the node is stopping. */
bool node_rest(struct node *n, int64_t us);
struct store *node_reader(struct node *n, struct err *err);
void node_reader_done(struct node *n, struct store *s);

struct node_tiles { /* a log's tiles in the store, for log_tile_fn */
	struct store *s;
	int64_t party;
};
/* A log_tile_fn over node_tiles: partial tiles are computed. */
int node_tile(void *tiles, unsigned level, uint64_t index, size_t count,
    struct id *ret, struct err *err);

int node_tile_bytes(struct store *s, const struct member *m,
    const struct log_tile *t, struct arena *a, struct str *ret,
    struct err *err);
/* The root of a party's log at a size up to its own. */
int node_root_at(struct store *s, const struct member *m, uint64_t size,
    struct id *ret, struct err *err);

/* node_keys.c: the node's secret keys, which the party's file names. */
int node_keys_load(struct node *n, struct span passphrase, struct err *err);
void node_keys_free(struct node *n);
/* Are they those that our file names now?  New files take the old ones' place
 * after a change. */
int node_keys_settle(struct node *n, struct err *err);
/* May we log this change of keys: are the new keys here (keys/USE.next.key)? */
int node_keys_await(struct node *n, const struct js *body, struct err *err);
/* What signs a head of this size; what cosigns now. */
const struct secret *node_log_key(struct node *n, uint64_t size);
const struct secret *node_witness_key(struct node *n);

/* node_commit.c */
void node_enqueue(struct node *n, struct job *j);
/* Enqueue and wait (it sets j->done); without serving, the calling thread
 * commits. */
int node_run(struct node *n, struct job *j, struct err *err);
void *node_committer(void *node);
void *node_tidy(void *node);
void node_stop(struct node *n);

/* node_append.c: what the committer writes */
struct judged { /* an act with what the envelope proved */
	const struct act *act;
	struct mandate_signers signers;
	struct span payload, signatures;
};
int node_open_envelope(struct span envelope, struct arena *a,
    struct judged *ret, struct err *err);
int node_stored_envelope(const struct store_act *act, struct arena *a,
    struct judged *ret, struct err *err);
int node_stored_dsse(const struct store_act *act, struct arena *a,
    struct dsse *ret, struct err *err);
int node_judged_of(const struct dsse *d, struct arena *a, struct judged *ret,
    struct err *err);
/* A leaf and the tiles that it completes, without its entry (rebuilding). */
int node_append_tile(struct node *n, int64_t party, struct log *log,
    const struct entry *e, struct err *err);
/* The label of a party's next act in a matter, by its log: `held` acts of it
 * are known to be there. */
int node_next_label(struct node *n, const struct member *m,
    const struct id *matter, uint64_t held, struct label *ret, struct err *err);
/* Append an entry to a party's log, tiles included. */
int node_append(struct node *n, struct member *m, const struct entry *e,
    struct err *err);
struct recorded {       /* an act as it was filed */
	int64_t matter; /* 0: in its party's own file */
	bool begins;    /* its matter was not known before it */
	const struct act *act;
	struct store_matter_act stored;
};
/*
 * Record an act at its entry: file it under its matter, apply it to its
 * party's file.
 */
int node_record(struct node *n, struct member *m, const struct judged *j,
    uint64_t idx, const struct label *label, int64_t now_us,
    struct recorded *ret, struct err *err);

/* File a stored act under its matter again (rebuilding). */
int node_refile(struct node *n, struct member *m, const struct judged *j,
    const struct store_act *act, const struct label *label, struct err *err);

/* node_post.c */
/* Refuse an act for the rule that it would break, and say what that means.
 * Always -1. */
int post_void(const char *rule, struct str where, struct err *err);
/* Would an act be taken if enough officers had signed it?  The committer's. */
int post_judge_waiting(struct node *n, const struct judged *j, int64_t now_us,
    struct err *err);
bool node_is_urgent(const struct act *act);
bool node_is_urgent_procedure(struct str name);

/* node_matter.c */
struct matter_view {
	struct store_matter row;
	const struct recorded *known; /* acts at hand, in order: not read again;
	                               * all, where the first begins it */
	size_t n_known;
	const struct procedure *procedure; /* NULL: not known here */
	size_t n_acts;
	struct store_matter_act *stored;
	struct fold_act *acts;
	const struct fold_result *result; /* NULL without a procedure */
	int64_t now_us;
	bool only_public;
};
/* Load and fold a matter at a time; `extra` (may be NULL) is folded with it. */
int matter_fold(struct node *n, struct store *s, const struct store_matter *row,
    const struct judged *extra, int64_t now_us, struct arena *a,
    struct matter_view *ret, struct err *err);
/* The same from its public acts alone, as whoever has the public archive folds
 * it.  No result: its opening is not public. */
int matter_fold_public(struct node *n, struct store *s,
    const struct store_matter *row, int64_t now_us, struct arena *a,
    struct matter_view *ret, struct err *err);
/* Fold it and bring the derived rows up to date. */
int matter_refold(struct node *n, struct store *s, int64_t no, int64_t now_us,
    struct err *err);
/* The same right after these acts of it were recorded, in this order. */
int matter_refold_recorded(struct node *n, const struct recorded *r,
    size_t count, int64_t now_us, struct err *err);
int matter_store(struct store *s, const struct matter_view *v, struct arena *a,
    struct err *err);
/* Steps of a conference's membership from its matter's row. */
int matter_steps(struct str json, struct arena *a, struct fold_members **ret,
    size_t *ret_n, struct err *err);
/* May this party read an act? */
int matter_reads(struct node *n, struct store *s, const struct act *act,
    const struct store_matter *row, struct str code, struct arena *a, bool *ret,
    struct err *err);

/* node_event.c: what goes into event.h */
int event_open(struct node *n, struct err *err);
void event_close(struct node *n);
/* The committer's, while a batch runs: a matter was folded; all since the mark
 * is undone; all is durable. */
void event_matter(struct node *n, const struct matter_view *v);
size_t event_mark(struct node *n);
void event_undo(struct node *n, size_t mark);
void event_commit(struct node *n);
void event_line(struct node *n, const char *party, bool is_up);

/* node_evidence.c */
int evidence_keep(struct node *n, struct member *log, int64_t witness,
    uint64_t size, const struct cosignature *c, bool pass, bool *ret_new,
    struct err *err);
struct evidence { /* the witnesses that count in a matter */
	size_t n;
	struct {
		int64_t no;
		struct str code; /* empty: an outside witness */
	} * witness;
	bool two; /* a matter of two parties */
	struct str first, second;
};
int evidence_of(struct node *n, struct store *s, const struct store_matter *row,
    const struct act *opening, const struct fold_members *steps, size_t n_steps,
    struct arena *a, struct evidence *ret, struct err *err);
int evidence_act(struct node *n, struct store *s, const struct evidence *e,
    const struct member *m, struct fold_act *act, struct err *err);
/* Of a matter folded from public acts alone: other acts of it count as not
 * held. */
int evidence_heard(struct node *n, struct store *s, const struct evidence *e,
    const struct matter_view *v, const struct member *m, bool *ret_found,
    int64_t *ret_us, struct err *err);
int64_t evidence_now_s(void);

/* node_line.c */
int line_start(struct node *n, struct member *m, const struct store_party *p,
    struct err *err);
/* Is this peer so far behind that an urgent act has to overtake? */
bool line_is_behind(struct line *l, uint64_t size);
int line_start_all(struct node *n, struct err *err);
void line_wake(struct node *n, bool heads);
void line_wake_passing(struct node *n);
void line_stop_all(struct node *n);
void line_set_address(struct line *l, struct str address);
/* Its node spoke to us: it can be reached, so do not wait. */
void line_kick(struct line *l);
struct line_state;
void line_state(struct line *l, uint64_t size, struct line_state *ret);

/* Wait until the peers said whether our folder lost entries. */
void node_await_checked(struct node *n);
bool node_is_checked(struct node *n);
int line_relay(struct node *n, const struct id *charter, struct str log,
    struct span bundle, struct arena *a, int *ret_status, struct span *ret,
    struct err *err);

/* node_outside.c: submits our heads until the node stops. */
void *node_outside(void *node);

/* node_export.c */
/* What a party lost: entries of its log from `from` on, and acts sealed to it.
 */
int export_lost(struct node *n, struct store *s, struct member *to,
    uint64_t from, struct arena *a, struct span *ret, struct err *err);
struct export_batch {         /* what a bundle for a peer holds */
	uint64_t from, to;    /* entries; to: the signed head's size */
	uint64_t given, give; /* acts of these entries, as far as fits */
	bool acts_alone;      /* none of the entries, nothing else */
	bool heads;           /* ask for a cosignature of the same size too */
	int64_t told;         /* cosignature changes up to this are in it */
	size_t n_acts, n_handed;
	int64_t *handed;
};
/* A signed head with lines of these cosignatures behind it. */
int node_cosigned_note(struct node *n, struct store *s,
    const struct store_cosignature *c, size_t count, struct span note,
    struct arena *a, struct str *ret, struct err *err);
/* The DSSE envelope of a stored act. */
int node_envelope(const struct store_act *act, struct arena *a, struct str *ret,
    struct err *err);
int export_for(struct node *n, struct store *s, struct member *to,
    struct export_batch *b, size_t most, struct arena *a, struct span *ret,
    struct err *err);

#endif
