/*
 * fold_int: one matter on its way through time; for the fold_*.c files alone.
 * Parties, acts and terms are small numbers in the order in which they came
 * up; FOLD_NIL is none.  Memory that is out sets is_out, whatever was asked
 * then answers something, and fold_matter() fails at its end.
 *  N1  no result depends on these numbers: what is put out is sorted by name,
 *      by id or by time.
 *  N2  an act costs the parties that its guards ask, not the acts before it:
 *      chains lead from (kind, party, answered act) to the latest act that is
 *      not undone, and an act once undone leaves them for ever.
 */
#ifndef RULES_FOLD_INT_H
#define RULES_FOLD_INT_H

#include "rules/fold.h"
#include "rules/rule.h"

#define FOLD_NIL UINT32_MAX
/* Times beyond ±36,000 years count as that, so that no sum overflows. */
#define FOLD_TIME_MAX (INT64_C(1) << 60)

enum { FOLD_STATUSES = FOLD_RELEASED + 1 };

/* Numbers by three numbers; open addressing. */
struct fold_key {
	uint32_t a, b, c;
};
struct fold_slot {
	struct fold_key key;
	uint32_t value;
	bool used;
};
struct fold_map {
	struct fold_slot *slot;
	size_t n, cap; /* cap: a power of two */
};

struct fold_seen; /* newest index of each log: a tree whose parts are shared */

struct fold_fact { /* an act, and what is found out about it */
	const struct fold_act *in;
	const struct act *act;
	uint32_t party, answers, amends, root, current, order, depth, left;
	uint16_t kind; /* RULE_NONE: unknown */
	bool is_undone, is_lacking, is_folded, is_mark;
	bool has_not_before, has_not_after;
	int64_t not_before, not_after, t, time;
	size_t n_needs;
	uint32_t *need;
	size_t n_to; /* of an audience of parties */
	const uint32_t *to;
	const struct fold_seen *seen;
	enum fold_verdict verdict;
	const char *reason;
	bool has_where;
	struct str where;
	int64_t corrected, disagree, late, short_notice;
	uint32_t crossed;
	/* chains of valid acts: the one before of its kind; of its kind and
	 * party; of these and what it answers */
	uint32_t prev_kind, prev_done, prev_same;
	uint32_t first_term, last_term, first_batch,
	    last_batch; /* it is origin */
};

struct fold_event {
	int64_t time;
	size_t on; /* index into the procedure's events; SIZE_MAX: none */
	uint32_t actor, origin, answered, act; /* act: the cause, or NIL */
	uint32_t term;                         /* the cause, or NIL */
};
struct fold_batch { /* a beginning of terms */
	uint16_t name;
	struct fold_event event;
	uint32_t next;
};
struct fold_duty { /* a term */
	uint16_t name;
	uint32_t party, origin, by;
	int64_t begun, due, wakes;
	bool has_due;
	enum fold_status status;
	uint32_t next_chain, prev_chain, next_same, next_origin;
	uint32_t prev_active, next_active; /* open or past, of its name */
};
struct fold_chain { /* of the terms of a name and party (and origin) */
	uint32_t able, last;
};
struct fold_timer {
	int64_t wakes;
	uint32_t term;
};

struct fold_name { /* a party */
	struct str name;
	uint64_t mark;
	bool is_party, is_addressee, has_heard;
	int64_t heard;
};
struct fold_crit { /* crit-bit tree of names; odd children are leaves */
	size_t byte;
	uint8_t bit;
	uint32_t child[2];
};
struct fold_step {
	int64_t from;
	size_t n;
	const uint32_t *party;
};
struct fold_moment { /* a change of state */
	int64_t time;
	uint16_t state;
	uint32_t act, term;
	bool is_lapsed;
};

struct fold {
	const struct procedure *p;
	const struct fold_input *in;
	struct arena *a;
	bool is_out;
	int64_t now;
	/* parties */
	struct fold_name *party;
	size_t n_parties, cap_parties, n_crits, cap_crits, n_authors;
	struct fold_crit *crit;
	uint32_t crit_root;
	uint64_t mark;
	uint32_t *set; /* stack of parties, for sets */
	size_t n_set, cap_set;
	/* acts */
	struct fold_fact *fact;
	uint32_t n_facts;
	uint32_t *by_id; /* facts by id */
	uint32_t matter; /* the opening act, NIL where it is not held */
	uint32_t *ready; /* needs before users */
	size_t n_ready;
	uint32_t *order, *waiting;
	size_t n_order, n_waiting;
	/* state */
	bool has_state;
	uint16_t state;
	int64_t since;
	uint32_t mover;
	const struct audience *audience;
	uint32_t opener;
	uint32_t *parties; /* the opener first */
	size_t n_party;
	uint32_t *last_valid; /* by kind */
	struct fold_map done, same, terms_of, terms_from;
	struct fold_duty *term;
	size_t n_terms, cap_terms;
	struct fold_chain *chain;
	size_t n_chains, cap_chains;
	uint32_t (*count)[FOLD_STATUSES]; /* terms by name and status */
	uint32_t *active;                 /* first open or past term by name */
	struct fold_batch *batch;
	size_t n_batches, cap_batches;
	struct fold_timer *timer; /* a heap */
	size_t n_timers, cap_timers;
	struct fold_moment *history;
	size_t n_history, cap_history;
	struct fold_step *step;       /* of the input */
	struct fold_step *membership; /* of this matter */
	size_t n_membership, cap_membership;
};

/* fold_party.c: numbers, sets */
void *fold_take(struct fold *f, size_t n, size_t size);
bool fold_grow(struct fold *f, void *p, size_t *cap, size_t want, size_t size);
uint32_t fold_party(struct fold *f, struct str name);
uint32_t fold_map_get(const struct fold_map *m, struct fold_key key);
void fold_map_set(struct fold *f, struct fold_map *m, struct fold_key key,
    uint32_t value);
void fold_push(struct fold *f, uint32_t party);
/* Leave one of each party in the stack from `from` on. */
void fold_unique(struct fold *f, size_t from);
void fold_sort(struct fold *f, size_t from);
/* Mark these parties anew; party[i].mark == the mark returned. */
uint64_t fold_mark(struct fold *f, const uint32_t *party, size_t n);

/* fold_order.c: section 2 */
int64_t fold_clamp(int64_t us);
void fold_intake(struct fold *f);
void fold_arrange(struct fold *f);
uint32_t fold_find(const struct fold *f, const struct id *id);
/* Newest index, plus 1, of this party's log that the author had seen. */
uint64_t fold_seen(const struct fold *f, const struct fold_fact *a,
    uint32_t party);

/* fold_roles.c: what roles, guards and due times ask */
size_t fold_members(const struct fold *f, int64_t time, const uint32_t **ret);
bool fold_is_member(const struct fold *f, int64_t time, uint32_t party);
void fold_set(struct fold *f, const struct rule_role *r,
    const struct fold_event *e);
bool fold_has_role(struct fold *f, const struct rule_role *r,
    const struct fold_event *e, uint32_t party);
const struct js *fold_value(struct fold *f, const struct rule_ref *ref);
uint32_t fold_latest(struct fold *f, const struct rule_list *kinds);
uint32_t fold_done(struct fold *f, uint16_t kind, uint32_t party);
bool fold_did(struct fold *f, uint32_t party, uint16_t kind,
    const struct rule_where *where, uint32_t answered);
bool fold_holds(struct fold *f, const struct rule_guard *g,
    const struct fold_event *e);

/* fold_terms.c: terms and moves */
void fold_perform(struct fold *f, struct fold_fact *a, uint32_t answered);
void fold_release_of(struct fold *f, uint32_t origin);
void fold_rebind(struct fold *f, const struct fold_fact *a);
void fold_fire(struct fold *f, const struct fold_event *e);
void fold_pass_time(struct fold *f, int64_t until);
void fold_note_members(struct fold *f, int64_t time);
/* NULL, or why the party has no right to this kind of act now. */
const char *fold_no_right(struct fold *f, uint16_t kind, uint32_t party,
    int64_t time);
bool fold_is_live(const struct fold *f);

/* fold.c */
bool fold_covers(struct fold *f, const struct fold_fact *a, bool has_to,
    enum audience_type to);
const char *fold_why_not(struct fold *f, uint16_t kind, uint32_t party,
    uint32_t answered, int64_t time, bool is_in_role);

/* fold_result.c */
struct fold_result *fold_results(struct fold *f);

#endif
