/*
 * rule: the tables into which a checked procedure file is compiled, for the
 * files of this room alone.  Acts, states, terms and fields are named
 * by their index in the file's order, sets of states are bit masks.
 */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include "base/js.h"
#include "base/text.h"
#include "base/when.h"
#include "record/act.h"
#include "rules/fold.h"

/*
 * Limits of a file, so that a hostile one costs little to check and to fold.
 * The largest of the catalogue has 12 states, 20 acts, 8 terms, 20 moves.
 */
enum {
	RULE_STATES = 64, /* a mask fits 64 bits */
	RULE_ACTS = 128,
	RULE_TERMS = 64,
	RULE_MOVES = 256,
	RULE_FIELDS = 512,
	RULE_ROLES = 64,
	RULE_EVENTS = 1024, /* in the `on` of all moves */
	RULE_DEEP = 16,     /* roles in roles, guards in guards */
	RULE_JSON_DEEP = 64,
	RULE_LIST = 1000, /* entries of any list of the file */
	RULE_STEPS =
	    100 * 1000, /* role expressions, each as often as it is named */
	RULE_FAULTS = 1000,
	RULE_NONE = 0xffff
};

struct rule_list { /* of acts, terms */
	size_t n;
	const uint16_t *at;
};
struct rule_path { /* "act.field.part" */
	uint16_t act;
	size_t n;
	const struct str *name;
};
struct rule_ref { /* one path an act */
	size_t n;
	const struct rule_path *path;
};
struct rule_cond { /* of `where` */
	struct str name;
	const struct js *values;
};
struct rule_where {
	size_t n;
	const struct rule_cond *cond;
};

enum rule_role_op {
	ROLE_OPENER,
	ROLE_ADDRESSEES,
	ROLE_PARTIES,
	ROLE_MEMBERS,
	ROLE_ACTOR,
	ROLE_ALL,
	ROLE_EXCEPT, /* part[0] without part[1] */
	ROLE_FIELD,
	ROLE_NAMED,
	ROLE_ANSWERED,
	ROLE_DID
};
struct rule_role {
	enum rule_role_op op;
	bool is_of_answered; /* does it depend on what is answered? */
	size_t n;
	const struct rule_role **part;
	struct rule_ref ref;    /* FIELD; NAMED: one path */
	struct rule_list kinds; /* ANSWERED, DID */
	struct rule_where where;
};

enum rule_guard_op {
	GUARD_AND,
	GUARD_OR,
	GUARD_NOT,
	GUARD_TERM,
	GUARD_FIELD,
	GUARD_DID
};
struct rule_guard {
	enum rule_guard_op op;
	size_t n;
	const struct rule_guard **part;
	uint16_t term;
	unsigned statuses; /* a bit each */
	struct rule_ref ref;
	const struct js *values;
	const struct rule_role *role;
	struct rule_list kinds;
	struct rule_where where;
	bool has_least, is_same;
	uint64_t least;
};

enum field_type {
	FIELD_TEXT,
	FIELD_LONGTEXT,
	FIELD_CHOICE,
	FIELD_CHOICES,
	FIELD_INTEGER,
	FIELD_DECIMAL,
	FIELD_RANGE,
	FIELD_BOOLEAN,
	FIELD_TIME,
	FIELD_PERIOD,
	FIELD_DURATION,
	FIELD_PLACE,
	FIELD_AREA,
	FIELD_PARTY,
	FIELD_PARTIES,
	FIELD_OFFICER,
	FIELD_MATTER,
	FIELD_ACT,
	FIELD_DIGEST,
	FIELD_FILE,
	FIELD_TEXTS,
	FIELD_GROUP,
	FIELD_TYPES
};
struct rule_field;
struct rule_item {
	struct str name;
	bool is_optional;
	const struct rule_field *field;
};
struct rule_form {
	size_t n;
	const struct rule_item *item;
};
struct rule_field {
	struct str name;
	enum field_type type;
	bool is_many, has_min, has_max;
	int64_t min, max;
	enum when_precision precision;
	size_t n_codes;
	const struct str *code; /* in byte order */
	struct rule_form of;
};

struct rule_notice {
	size_t n;
	const struct str *name; /* inside the act's body */
	int64_t least_us;
	bool is_strict;
};
struct rule_act {
	struct str name;
	struct rule_form form;
	const struct rule_role *by;
	const struct rule_guard *guard;
	bool is_opening, is_once, is_amendable, is_latest, is_right;
	bool has_answers, has_undoes, has_committed, has_to;
	uint64_t in;                             /* states */
	struct rule_list answers, undoes, terms; /* terms that it performs */
	struct rule_path committed;
	struct str secret; /* the field whose digest was committed to */
	size_t n_notices;
	const struct rule_notice *notice;
	enum audience_type to;
};
struct rule_term {
	struct str name;
	enum fold_term_kind kind;
	const struct rule_role *of;
	bool has_within, has_until;
	int64_t within_us, plus_us;
	struct rule_ref until;
};
struct rule_state {
	struct str name;
	bool is_final;
	const struct rule_role *members;
};
struct rule_move {
	uint64_t from; /* not looked at for an opening act */
	uint16_t to;   /* RULE_NONE: stay */
	const struct rule_guard *guard;
	struct rule_list begin, release;
};

struct procedure {
	struct id id;
	struct str name;
	const struct js *json;
	size_t n_states, n_acts, n_terms, n_moves, n_fields;
	struct rule_state *state;
	struct rule_act *act;
	struct rule_term *term;
	struct rule_move *move;
	struct rule_field *field;
	const struct rule_role **role; /* of the file, by its order */
	uint64_t live;                 /* states that are not final */
	bool is_founding;
	const uint16_t *by_name; /* acts in byte order of their names */
	/* moves on an event: acts, then terms that turn past, then lapsed */
	struct rule_list *on;
};

/* Index of a name in a map's order; RULE_NONE where it is absent. */
uint16_t rule_index(const struct js *map, struct str name);
/* The act of this name; RULE_NONE where there is none. */
uint16_t rule_act_index(const struct procedure *p, struct str name);
/* "name" of "name?" and "name??". */
struct str rule_bare(struct str item);
/* Index of a field type's name; FIELD_TYPES where there is none. */
enum field_type rule_type(struct str name);
const char *rule_type_name(enum field_type t);
/* One thing or a list of things: element i, NULL behind the last. */
const struct js *rule_listed(const struct js *j, size_t i);
/* Does Python hold it for true: not 0, false, "", [] or {}? */
bool rule_truth(const struct js *j);

/* Compile a file in which no fault was found. */
int rule_compile(struct procedure *p, struct arena *a, struct err *err);
/* The first fault of a body; *ret_bad false where there is none. */
int form_fault(const struct rule_form *form, const struct js *body,
    struct arena *a, bool *ret_bad, struct str *ret_pointer, struct err *err);
/* The value at a path of names inside an object; NULL where there is none. */
const struct js *form_walk(const struct js *v, const struct str *name,
    size_t n);

#endif
