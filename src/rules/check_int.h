/*
 * check_int: what the parts of the check of a procedure file share
 * (procedure_shape.c, _check.c, _acts.c, _reach.c).
 */
#ifndef RULES_CHECK_INT_H
#define RULES_CHECK_INT_H

#include "rules/procedure_int.h"

struct check {
	struct arena *a;
	const struct js *file, *roles, *states, *acts, *fields, *terms, *moves;
	struct str *fault;
	size_t n, cap;
	bool is_out; /* of memory: what was found counts no more */
	size_t steps;
};

/* Where something stands: a JSON pointer. */
struct str check_at(struct check *c, struct str at, struct str key);
struct str check_at_z(struct check *c, const char *section, struct str key);
struct str check_at_n(struct check *c, struct str at, size_t i);
void check_say(struct check *c, struct str at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void check_texts(struct check *c, struct str at, const struct js *t);
bool check_is_text(const struct js *v, size_t most, bool lines);

/* Each name (or list of names) must be a key of the table. */
void check_known(struct check *c, struct str at, const struct js *names,
    const struct js *table, const char *kind);
/* The same for states that are not final, and for acts that answer. */
void check_known_live(struct check *c, struct str at, const struct js *names);
void check_known_answering(struct check *c, struct str at,
    const struct js *names);
/* Names of a form or a group, each perhaps with a "?". */
void check_known_items(struct check *c, struct str at, const struct js *items);
/* 'act.field' references; types: a mask of 1 << enum field_type, 0: any. */
void check_path(struct check *c, struct str at, const struct js *refs,
    unsigned types);
void check_path_str(struct check *c, struct str at, struct str ref,
    unsigned types);
void check_role(struct check *c, struct str at, const struct js *role,
    bool may_be_actor);
/* A guard; on the events of a move (`on`), or of the act `act`. */
struct check_where {
	bool is_move;
	const struct js *on;
	struct str act;
};
void check_guard(struct check *c, struct str at, const struct js *guard,
    const struct check_where *where);
bool check_has(const struct js *list, struct str name);
bool check_is_live(const struct check *c, struct str state);
/* Which roles of the file stand where a role may stand?  Marks by index. */
void check_uses(const struct check *c, const struct js *j, struct str key,
    bool *used, bool *ret_members);

#endif
