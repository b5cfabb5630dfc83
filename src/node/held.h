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

/* The texts of one: are they text, and within the limits?  ERR_INPUT says which
 * is not. */
int held_check(const struct store_held *h, struct err *err);
/* `from`: the address, as text.  ERR_INPUT as above; ERR_BUSY: too many wait
 * here; ERR_CONFLICT: too many from there today. */
int held_add(struct node *n, const struct store_held *h, struct str from,
    int64_t *ret_no, struct err *err);
/* ERR_ABSENT: there is none of this number. */
int held_remove(struct node *n, int64_t no, struct err *err);
/* The committer's: our party recorded an act. */
int held_accepted(struct node *n, const struct act *act, struct err *err);

#endif
