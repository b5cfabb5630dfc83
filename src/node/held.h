/*
 * held: comments of visitors, which wait for a secretary.  They are no acts:
 * nobody of a party has signed them.  Accepting one is an act of the procedure
 * `comment`, which says when it was received; recording it takes the held one
 * away (E1).  Declining takes it away as well.
 *  E1  in one transaction: no comment is both held and on record.
 *  E2  at most HELD_MAX wait, and HELD_DAY come from one address in a day; of
 *      addresses a salted hash is kept for that day, and nothing else.
 * Threads: any; adding and removing blocks until durable.
 */
#ifndef NODE_HELD_H
#define NODE_HELD_H

#include "node/node_int.h"

enum {
	HELD_MAX = 1000,
	HELD_DAY = 5,
	HELD_TEXT_MAX = 4000, /* letters */
	HELD_NAME_MAX = 200
};

/* Why one is not taken: a verdict, which pages say in the reader's language. */
enum held_fault {
	HELD_FINE,
	HELD_NO_NAME,
	HELD_LONG_NAME,
	HELD_LONG_AFFILIATION,
	HELD_NO_TEXT,
	HELD_LONG_TEXT,
	HELD_LETTERS, /* a control character */
	HELD_NO_LANGUAGE,
	HELD_FULL,  /* HELD_MAX wait */
	HELD_OFTEN, /* HELD_DAY came from there today */
	HELD_FAULTS
};
const char *held_fault_name(enum held_fault f); /* "no_name" */
/* `from`: the address, as text.  *ret_no where *ret is HELD_FINE. */
int held_add(struct node *n, const struct store_held *h, struct str from,
    enum held_fault *ret, int64_t *ret_no, struct err *err);
/* ERR_ABSENT: there is none of this number. */
int held_remove(struct node *n, int64_t no, struct err *err);
/* The committer's: our party recorded an act. */
int held_accepted(struct node *n, const struct act *act, struct err *err);

#endif
