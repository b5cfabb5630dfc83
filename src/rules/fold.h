/*
 * fold: the pure function from the acts of a matter, and what witnesses prove,
 * to its state (docs/procedures.md, sections 1 to 3).  The same input gives the
 * same result on every node, whatever the order of the acts.
 *  F1  nothing but the input counts: no clock, locale, address or hash order.
 *  F2  it never fails for what an act contains: a verdict is not an error.
 */
#ifndef RULES_FOLD_H
#define RULES_FOLD_H

#include "base/js.h"
#include "base/text.h"
#include "record/act.h"
#include "rules/procedure.h"

enum fold_fault { FOLD_SOUND, FOLD_NO_MANDATE, FOLD_DENIED };
enum fold_verdict { FOLD_VALID, FOLD_VOID, FOLD_WAITING };
enum fold_status {
	FOLD_OPEN,
	FOLD_DONE,
	FOLD_LATE,
	FOLD_PAST,
	FOLD_LAPSED,
	FOLD_RELEASED
};
enum fold_term_kind { FOLD_DUTY, FOLD_RIGHT, FOLD_ALARM };

struct fold_act { /* an act, and what is proven of it */
	const struct act *act;
	uint64_t index; /* its entry in its party's log */
	bool has_not_before, has_not_after;
	int64_t not_before_us, not_after_us;
	enum fold_fault fault;
};
struct fold_members { /* a step of the conference's membership */
	int64_t from_us;
	size_t n;
	const struct str *party;
};
struct fold_heard {
	struct str party;
	int64_t us;
};
struct fold_input {
	struct id matter;
	size_t n_acts;
	const struct fold_act *acts;
	bool has_members; /* false: outside any conference */
	size_t n_members;
	const struct fold_members *members;
	size_t n_heard;
	const struct fold_heard *heard;
	int64_t now_us;
};

struct fold_act_result {
	struct id id;
	const struct act *act;
	uint64_t index;
	int64_t time_us; /* unless waiting */
	enum fold_verdict verdict;
	const char *reason; /* "wrong-state"...; NULL where valid */
	bool has_where;
	struct str where; /* JSON pointer, of bad-form */
	/* remarks; times in microseconds, 0: none (they are never 0) */
	int64_t time_corrected, witnesses_disagree, late, short_notice;
	bool has_crossed;
	struct id crossed;
};
struct fold_term {
	struct str name, party; /* party empty: an alarm */
	enum fold_term_kind kind;
	struct id origin;
	int64_t begun_us;
	bool has_due, has_by;
	int64_t due_us;
	enum fold_status status;
	struct id by;
};
struct fold_may {
	struct str party;
	size_t n;
	const struct str *kind;
};
struct fold_change {
	int64_t time_us;
	struct str state;
	struct str cause; /* an act's id in hex, or "past:reply:CHN" */
};
struct fold_result {
	bool has_state, has_next, founds;
	struct str state;
	int64_t since_us, next_us;
	size_t n_acts, n_terms, n_may, n_heads, n_missing, n_history, n_members;
	const struct fold_act_result *acts;
	const struct fold_term *terms;
	const struct fold_may *may;
	const struct id *heads, *missing;
	const struct fold_change *history;
	const struct fold_members *members;
	struct audience audience; /* of the matter; unset without a state */
};

/* Fold a matter.  -1 only where it could not be done (memory). */
int fold_matter(const struct procedure *p, const struct fold_input *in,
    struct arena *a, const struct fold_result **ret, struct err *err);
const char *fold_status_name(enum fold_status s);
const char *fold_verdict_name(enum fold_verdict v);
/* The result as the reference prints it. */
void fold_put(struct js_make *m, struct js *in, const char *key,
    const struct fold_result *r);

#endif
