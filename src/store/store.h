/*
 * store: durable storage behind one interface.  Nothing here is of SQLite, so
 * that another database can stand behind the same functions.
 *  S1  what store_commit() answered 0 for survives the machine's end.
 *  S2  between begin and commit nothing is seen by others; a failure in between
 *      is followed by store_rollback(), and then nothing has changed.
 *  S3  the tables of derived.sql follow from those of record.sql.
 * Threads: a handle belongs to one thread at a time; one handle writes, others
 * (read_only) read at the same time.
 * It holds what it is told: whoever calls has verified.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/text.h"
#include "record/checkpoint.h"
#include "record/label.h"

struct store;
struct store_options {
	const char *path; /* of the database file */
	bool create, read_only;
	/* For a file that is thrown away: nothing survives the machine's end,
	 * nobody else writes, and much memory is used. */
	bool scratch;
};
/* ERR_ABSENT: no such file; ERR_CORRUPT: damaged or not ours; ERR_CONFLICT: of
 * a newer program. */
int store_open(const struct store_options *o, struct store **ret,
    struct err *err);
void store_close(struct store *s);
int store_begin(struct store *s, struct err *err);
/*
 * The same for a transaction that may be lost with the machine (S2 holds, S1
 * does not): its commit waits for no disk.  Only for what is harmless to lose
 * because a peer gives it again, or because it follows from the rest:
 * cosignatures of others, that a peer was told something, derived rows.  Never
 * for an own head, an act, a head that we cosign, or what a receipt promises.
 * A later store_commit() of a common transaction makes it durable too.
 */
int store_begin_soon(struct store *s, struct err *err);
int store_commit(struct store *s, struct err *err);
void store_rollback(struct store *s);
/* A nested part that can be undone alone. */
int store_mark(struct store *s, struct err *err);
int store_unmark(struct store *s, bool keep, struct err *err);
/*
 * Bring what was committed from the write-ahead log into the file, so that no
 * commit has to.  For a handle of its own (not read_only) that never begins, in
 * another thread than the writer's: some times a second while there are commits
 * is enough.  Where nobody calls it, a commit does it now and then.
 */
int store_tidy(struct store *s, struct err *err);
/* Read the whole file and check every page and reference. */
int store_check(struct store *s, struct err *err);
/* Drop and create again all derived tables, empty. */
int store_drop_derived(struct store *s, struct err *err);
/* A digest over all derived rows, for comparing before and after a rebuild. */
int store_derived_digest(struct store *s, struct id *ret, struct err *err);

/* Settings; .p is NULL where there is none. */
int store_setting(struct store *s, const char *name, struct arena *a,
    struct str *ret, struct err *err);
int store_set_setting(struct store *s, const char *name, struct str value,
    struct err *err);

struct store_party {
	int64_t no, told, given, added_us;
	struct id charter;
	struct str code, address;
	bool own;
};
int store_party_add(struct store *s, const struct store_party *p,
    int64_t *ret_no, struct err *err);
int store_party_list(struct store *s, struct arena *a, struct store_party **ret,
    size_t *ret_n, struct err *err);
int store_party_set_address(struct store *s, int64_t no, struct str address,
    struct err *err);
/* What it was told and given of ours. */
int store_party_set_told(struct store *s, int64_t no, int64_t told,
    uint64_t given, struct err *err);

struct store_head {
	uint64_t size;
	struct span note; /* signed checkpoint, without cosignatures */
	int64_t heard_us;
};
/* *ret_found false: none yet. */
int store_head(struct store *s, int64_t party, struct arena *a, bool *ret_found,
    struct store_head *ret, struct err *err);
int store_set_head(struct store *s, int64_t party, const struct store_head *h,
    struct err *err);

int store_entry_add(struct store *s, int64_t party, uint64_t idx,
    const struct entry *e, struct err *err);
/* Up to n entries from `from` on; *ret_n may be less at the end. */
int store_entry_list(struct store *s, int64_t party, uint64_t from, size_t n,
    struct arena *a, struct entry **ret, size_t *ret_n, struct err *err);
int store_entry_count(struct store *s, int64_t party, uint64_t *ret,
    struct err *err);
/* The first entry with this label. */
int store_entry_find(struct store *s, int64_t party, const struct label *label,
    bool *ret_found, uint64_t *ret_idx, struct err *err);

struct store_act {
	int64_t seq, party, received_us;
	int64_t file; /* 1: of its party's own file, 2: such, label wrong */
	uint64_t idx;
	struct id id;
	struct span payload, signatures;
};
int store_act_add(struct store *s, const struct store_act *act,
    int64_t *ret_seq, struct err *err);
int store_act_by_id(struct store *s, const struct id *id, struct arena *a,
    bool *ret_found, struct store_act *ret, struct err *err);
int store_act_by_entry(struct store *s, int64_t party, uint64_t idx,
    struct arena *a, bool *ret_found, struct store_act *ret, struct err *err);
int store_act_is_held(struct store *s, const struct id *id, bool *ret,
    struct err *err);
int store_act_is_at(struct store *s, int64_t party, uint64_t idx, bool *ret,
    struct err *err);
/* Acts of a party from entry `from` on, at most n, in the log's order. */
int store_act_list(struct store *s, int64_t party, uint64_t from, size_t n,
    struct arena *a, struct store_act **ret, size_t *ret_n, struct err *err);
/* Acts in the order in which they came, from seq `from` on. */
int store_act_walk(struct store *s, int64_t from, size_t n, struct arena *a,
    struct store_act **ret, size_t *ret_n, struct err *err);
/* Of these, what anybody may read: public acts, and all of parties' own files.
 */
int store_act_open_walk(struct store *s, int64_t from, size_t n,
    struct arena *a, struct store_act **ret, size_t *ret_n, struct err *err);
/* Public acts of matters, the newest here first, seq below `before`. */
int store_act_published(struct store *s, int64_t before, size_t n,
    struct arena *a, struct store_act **ret, size_t *ret_n, struct err *err);
/* The sound acts of a party's own file, in the log's order: all; from entry
 * `from` on, at most n; their number. */
int store_act_file(struct store *s, int64_t party, struct arena *a,
    struct store_act **ret, size_t *ret_n, struct err *err);
int store_act_file_page(struct store *s, int64_t party, uint64_t from,
    uint64_t n, struct arena *a, struct store_act **ret, size_t *ret_n,
    struct err *err);
int store_act_file_count(struct store *s, int64_t party, uint64_t *ret,
    struct err *err);
int store_act_count(struct store *s, int64_t *ret, struct err *err);

int store_checkpoint_add(struct store *s, int64_t party, uint64_t size,
    struct span note, struct err *err);
int store_checkpoint(struct store *s, int64_t party, uint64_t size,
    struct arena *a, bool *ret_found, struct span *ret, struct err *err);
/* The largest size, at most `most`, with a stored checkpoint. */
int store_checkpoint_last(struct store *s, int64_t party, uint64_t most,
    bool *ret_found, uint64_t *ret_size, struct err *err);

struct store_witness {
	int64_t no, party; /* party 0: an outside witness */
	struct str vkey;
};
/* Its number; added where it is new. */
int store_witness_no(struct store *s, struct str vkey, int64_t party,
    int64_t *ret_no, struct err *err);
int store_witness_list(struct store *s, struct arena *a,
    struct store_witness **ret, size_t *ret_n, struct err *err);

struct store_cosignature {
	int64_t party, witness;
	uint64_t size;
	struct cosignature first, last;
	int64_t change;
};
/* Keep a cosignature; *ret_new where it added evidence (a new row, an earlier
 * first, a later last).  `pass`: the others are to be told. */
int store_cosignature_put(struct store *s, int64_t party, int64_t witness,
    uint64_t size, const struct cosignature *c, bool pass, bool *ret_new,
    struct err *err);
/* Of one witness on one log: the row of the largest size <= most, or of the
 * smallest size > least. */
int store_cosignature_upto(struct store *s, int64_t party, int64_t witness,
    uint64_t most, bool *ret_found, struct store_cosignature *ret,
    struct err *err);
int store_cosignature_beyond(struct store *s, int64_t party, int64_t witness,
    uint64_t least, bool *ret_found, struct store_cosignature *ret,
    struct err *err);
/* All on one checkpoint. */
int store_cosignature_list(struct store *s, int64_t party, uint64_t size,
    struct arena *a, struct store_cosignature **ret, size_t *ret_n,
    struct err *err);
/* Those to pass on, after `change`, oldest first. */
int store_cosignature_changes(struct store *s, int64_t change, size_t n,
    struct arena *a, struct store_cosignature **ret, size_t *ret_n,
    struct err *err);

/* Heads beyond what is held, at most 1000 a log; taking removes them. */
struct store_early {
	uint64_t size;
	struct span note;
};
int store_early_add(struct store *s, int64_t party, uint64_t size,
    struct span note, struct err *err);
int store_early_take(struct store *s, int64_t party, uint64_t size,
    struct arena *a, struct store_early **ret, size_t *ret_n, struct err *err);

struct store_procedure {
	struct id id;
	struct str name;
	struct span file;
};
int store_procedure_add(struct store *s, const struct store_procedure *p,
    struct err *err);
int store_procedure_list(struct store *s, struct arena *a,
    struct store_procedure **ret, size_t *ret_n, struct err *err);

struct store_fork {
	int64_t party, found_us;
	struct span note_a, note_b;
};
int store_fork_add(struct store *s, const struct store_fork *f,
    struct err *err);
int store_fork_list(struct store *s, struct arena *a, struct store_fork **ret,
    size_t *ret_n, struct err *err);

struct store_foreign {
	struct str origin, vkey;
	uint64_t size;
	struct id root;
	struct span note;
};
int store_foreign_put(struct store *s, const struct store_foreign *f,
    struct err *err);
int store_foreign(struct store *s, struct str origin, struct arena *a,
    bool *ret_found, struct store_foreign *ret, struct err *err);

int store_handed_add(struct store *s, int64_t party, int64_t act,
    struct err *err);
int store_handed_list(struct store *s, int64_t party, size_t n, struct arena *a,
    int64_t **ret, size_t *ret_n, struct err *err);
int store_handed_done(struct store *s, int64_t party, int64_t act,
    struct err *err);

/* Acts of ours that wait for more signatures.  Putting one that is there keeps
 * its added_us. */
struct store_waiting {
	struct id act;
	int64_t added_us;
	struct span envelope; /* with the signatures so far */
};
int store_waiting_put(struct store *s, const struct store_waiting *w,
    struct err *err);
int store_waiting(struct store *s, const struct id *act, struct arena *a,
    bool *ret_found, struct store_waiting *ret, struct err *err);
/* Oldest first. */
int store_waiting_list(struct store *s, struct arena *a,
    struct store_waiting **ret, size_t *ret_n, struct err *err);
int store_waiting_remove(struct store *s, const struct id *act,
    struct err *err);

/* Files that are kept.  Adding one that is there renews its received_us. */
struct store_file {
	struct id sha256;
	uint64_t size;
	int64_t giver; /* party: whose act it came for; ours: put in here */
	int64_t received_us;
};
int store_file_add(struct store *s, const struct store_file *f,
    struct err *err);
int store_file(struct store *s, const struct id *sha256, bool *ret_found,
    struct store_file *ret, struct err *err);
int store_file_remove(struct store *s, const struct id *sha256,
    struct err *err);
/* By hash, after this one, at most n. */
int store_file_list(struct store *s, const struct id *after, size_t n,
    struct arena *a, struct store_file **ret, size_t *ret_n, struct err *err);
/* Those that no act names: that came before a time, oldest first; the bytes of
 * those that came since. */
int store_file_loose(struct store *s, int64_t before_us, size_t n,
    struct arena *a, struct store_file **ret, size_t *ret_n, struct err *err);
int store_file_loose_bytes(struct store *s, int64_t since_us, uint64_t *ret,
    struct err *err);

/* Comments of visitors that wait for a secretary: no acts. */
struct store_held {
	int64_t no;
	struct id about; /* a matter */
	struct str name, affiliation, lang, text;
	int64_t received_us; /* whole seconds; no two on a matter have the same
	                      */
};
int store_held_add(struct store *s, const struct store_held *h, int64_t *ret_no,
    struct err *err);
/* After a number, oldest first. */
int store_held_list(struct store *s, int64_t after, size_t n, struct arena *a,
    struct store_held **ret, size_t *ret_n, struct err *err);
int store_held(struct store *s, int64_t no, struct arena *a, bool *ret_found,
    struct store_held *ret, struct err *err);
int store_held_remove(struct store *s, int64_t no, bool *ret_found,
    struct err *err);
/* The one that an act accepts, if it is here. */
int store_held_accept(struct store *s, const struct id *about,
    int64_t received_us, struct err *err);
int store_held_count(struct store *s, int64_t *ret, struct err *err);
/* The next time that one on this matter may have: now, as a rule. */
int store_held_time(struct store *s, const struct id *about, int64_t now_us,
    int64_t *ret_us, struct err *err);
/* Count one more from this source; *ret: how many came before it since a time
 * (older ones are forgotten). */
int store_held_from(struct store *s, const struct id *source, int64_t since_us,
    int64_t now_us, int64_t *ret, struct err *err);

/* ---- derived ---- */

/* An act names a file; `wanted`: it is to be fetched where it is not here. */
int store_file_name(struct store *s, const struct id *sha256, int64_t seq,
    bool wanted, struct err *err);
struct store_naming {
	struct store_act act; /* without signatures */
	int64_t matter;
};
/* The acts that name a file, the first that came first. */
int store_file_acts(struct store *s, const struct id *sha256, size_t n,
    struct arena *a, struct store_naming **ret, size_t *ret_n, struct err *err);
/* Files to fetch: by hash, after this one, at most n. */
int store_file_wanted(struct store *s, const struct id *after, size_t n,
    struct arena *a, struct id **ret, size_t *ret_n, struct err *err);

/* An act accepts a comment on this matter; those that do, after an act, in the
 * order in which they came: their matters. */
int store_comment_name(struct store *s, const struct id *about, int64_t seq,
    struct err *err);
struct store_comment {
	int64_t seq, matter;
};
int store_comment_list(struct store *s, const struct id *about, int64_t after,
    size_t n, struct arena *a, struct store_comment **ret, size_t *ret_n,
    struct err *err);

int store_tile_add(struct store *s, int64_t party, unsigned level, uint64_t idx,
    const struct id *root, const struct id *hash, struct err *err);
/* The 256 hashes of a full tile. */
int store_tile(struct store *s, int64_t party, unsigned level, uint64_t idx,
    bool *ret_found, struct id *ret, struct err *err);
/* The roots of n full tiles from idx on: hashes of the level above. */
int store_tile_roots(struct store *s, int64_t party, unsigned level,
    uint64_t idx, size_t n, struct id *ret, struct err *err);

struct store_matter {
	int64_t no, party, opened_us, since_us, next_us, changed_us, acts;
	struct id id, procedure, conference;
	uint64_t idx;
	bool has_conference, final, has_next, waits;
	bool is_bare; /* to update: it has no terms yet; never read */
	struct str state, audience, subject;
	int64_t latest_us;  /* the latest claimed time of its acts */
	struct str members; /* of a founding matter: JSON, steps */
};
struct store_term {
	struct str name, party;
	int64_t kind, begun_us, due_us, status;
	struct id origin;
	bool has_due;
};
/* Add a matter (its no is not read), or bring its folded columns up to date. */
int store_matter_add(struct store *s, const struct store_matter *m,
    int64_t *ret_no, struct err *err);
int store_matter_update(struct store *s, const struct store_matter *m,
    const struct store_term *term, size_t n_terms, struct err *err);
int store_matter_by_id(struct store *s, const struct id *id, struct arena *a,
    bool *ret_found, struct store_matter *ret, struct err *err);
/* The matter that has the act at this entry. */
int store_matter_by_entry(struct store *s, int64_t party, uint64_t idx,
    struct arena *a, bool *ret_found, struct store_matter *ret,
    struct err *err);
int store_matter_by_no(struct store *s, int64_t no, struct arena *a,
    bool *ret_found, struct store_matter *ret, struct err *err);
/* The opening act came after others: fill in what it says. */
int store_matter_open(struct store *s, const struct store_matter *m,
    struct err *err);
/* Matters that new evidence on these entries of a log may change: those with
 * an act later than not_after_us, or whose act there is before not_before_us.
 */
struct store_touched {
	int64_t party;
	uint64_t from, to;
	int64_t not_after_us, not_before_us;
};
int store_matter_touched(struct store *s, const struct store_touched *t,
    struct arena *a, int64_t **ret, size_t *ret_n, struct err *err);
/* The matters of a conference, final ones too: who is a member may change them.
 */
int store_matter_of_conference(struct store *s, const struct id *conference,
    struct arena *a, int64_t **ret, size_t *ret_n, struct err *err);
struct store_matter_filter {
	struct str procedure; /* hex of its id; empty: any */
	struct str state;     /* empty: any */
	struct str text;      /* contained in the subject; empty: any */
	struct id conference;
	bool has_conference, live;
	bool is_public; /* its audience is the public */
	int64_t party;  /* who opened it; 0: any */
	int64_t before; /* no below this, newest first; 0: from the newest */
	size_t n;
};
int store_matter_list(struct store *s, const struct store_matter_filter *f,
    struct arena *a, struct store_matter **ret, size_t *ret_n, struct err *err);
/* Matters that time alone changes by now. */
int store_matter_due(struct store *s, int64_t now_us, size_t n, struct arena *a,
    struct store_matter **ret, size_t *ret_n, struct err *err);
/* Matters that wait for proof of this party's silence. */
int store_matter_waiting(struct store *s, struct str code, struct arena *a,
    int64_t **ret, size_t *ret_n, struct err *err);
/* The earliest next_us; *ret_found false where none. */
int store_matter_next(struct store *s, bool *ret_found, int64_t *ret_us,
    struct err *err);
struct store_matter_act {
	struct store_act act;
	int64_t fault;
	int64_t k; /* which of its party's acts in the matter, by its label */
	bool open; /* its audience is the public */
};
int store_matter_act_add(struct store *s, int64_t matter,
    const struct store_matter_act *x, int64_t at_us, struct err *err);
int store_matter_acts(struct store *s, int64_t matter, struct arena *a,
    struct store_matter_act **ret, size_t *ret_n, struct err *err);
/* The acts of a party in a matter whose labels are right. */
struct store_labels {
	uint64_t n, max_k, max_idx;
};
int store_matter_labels(struct store *s, int64_t matter, int64_t party,
    struct store_labels *ret, struct err *err);
/* How many acts of a party a matter has whose labels are right. */
int store_matter_sound(struct store *s, int64_t matter, int64_t party,
    int64_t *ret, struct err *err);
struct store_owed {
	struct store_matter matter;
	struct store_term term;
};
/* Of the open and past terms of live matters the duties of one party that began
 * at `from_us` or later, the newest first. */
int store_owed_begun(struct store *s, struct str party, int64_t from_us,
    size_t n, struct arena *a, struct store_owed **ret, size_t *ret_n,
    struct err *err);

/* Where what a party owes, and what rights it has now, stands: of its terms
 * those that are due from now on, the next first; those that were, the latest
 * first; those without a time. */
enum store_due_side { STORE_DUE_NEXT, STORE_DUE_PAST, STORE_DUE_NEVER };
struct store_due {
	int64_t matter, n, due_us;
	bool has_due;
};
int store_due_list(struct store *s, struct str party, enum store_due_side side,
    int64_t now_us, size_t n, struct arena *a, struct store_due **ret,
    size_t *ret_n, struct err *err);
int store_owed_at(struct store *s, const struct store_due *at, struct arena *a,
    bool *ret_found, struct store_owed *ret, struct err *err);

#endif
