/*
 * fault: what is wrong with a procedure file, as lines "/acts/reply: no role
 * 'nobody'" (docs/procedures.md, section 5).  procedure.c asks; where keys and
 * shapes are wrong, nothing else is looked at.
 */
#ifndef RULES_FAULT_H
#define RULES_FAULT_H

#include "rules/rule.h"

struct faults {
	struct arena *a;
	const struct js *file, *roles, *states, *acts, *fields, *terms, *moves;
	struct str *fault;
	size_t n, cap;
	bool is_out; /* of memory: what was found counts no more */
	size_t steps;
};

/* Where something stands: a JSON pointer. */
struct str fault_at(struct faults *c, struct str at, struct str key);
struct str fault_at_z(struct faults *c, const char *section, struct str key);
struct str fault_at_n(struct faults *c, struct str at, size_t i);
void fault_say(struct faults *c, struct str at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void fault_texts(struct faults *c, struct str at, const struct js *t);
bool fault_is_text(const struct js *v, size_t most, bool lines);

/* Each name (or list of names) must be a key of the table. */
void fault_known(struct faults *c, struct str at, const struct js *names,
    const struct js *table, const char *kind);
/* The same for states that are not final, and for acts that answer. */
void fault_known_live(struct faults *c, struct str at, const struct js *names);
void fault_known_answering(struct faults *c, struct str at,
    const struct js *names);
/* Names of a form or a group, each perhaps with a "?". */
void fault_known_items(struct faults *c, struct str at, const struct js *items);
/* 'act.field' references; types: a mask of 1 << enum field_type, 0: any. */
void fault_path(struct faults *c, struct str at, const struct js *refs,
    unsigned types);
void fault_path_str(struct faults *c, struct str at, struct str ref,
    unsigned types);
void fault_role(struct faults *c, struct str at, const struct js *role,
    bool may_be_actor);
/* A guard; on the events of a move (`on`), or of the act `act`. */
struct fault_where {
	bool is_move;
	const struct js *on;
	struct str act;
};
void fault_guard(struct faults *c, struct str at, const struct js *guard,
    const struct fault_where *where);
bool fault_has(const struct js *list, struct str name);
bool fault_is_live(const struct faults *c, struct str state);
/* Which roles of the file stand where a role may stand?  Marks by index. */
void fault_uses(const struct faults *c, const struct js *j, struct str key,
    bool *used, bool *ret_members);

/* Of keys, shapes and texts (fault_shape.c). */
void fault_shape(struct faults *c);
/* The parts of the check that follows references, in this order. */
void fault_fields(struct faults *c);
void fault_roles(struct faults *c);
void fault_acts(struct faults *c);
void fault_terms(struct faults *c);
void fault_moves(struct faults *c);
/* What can never happen; only where no other fault was found. */
void fault_reach(struct faults *c);

#endif
