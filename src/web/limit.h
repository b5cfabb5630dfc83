/*
 * limit: how much one address, or one officer, may ask for.  A rate is kept as
 * the moment when all that was asked for would have come at that rate (GCRA):
 * one number a kind.  The table has a fixed size; who was quiet longest gives
 * way, and who shares a full row with others is counted with them.
 *  M1  nobody is refused who asked less than the rate since the burst before.
 *  M2  memory does not grow with the number of addresses.
 * Threads: any; it locks itself.  No clock: the time is a parameter.
 */
#ifndef WEB_LIMIT_H
#define WEB_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;
enum limit_kind {
	LIMIT_PAGE,    /* pages */
	LIMIT_PUBLIC,  /* pages of all strangers together */
	LIMIT_ACT,     /* acts that were refused */
	LIMIT_ATTEMPT, /* sign-in, enrolment, comments */
	LIMIT_KINDS
};
/* An address (IPv6: its /64; .b[0] says which sort), or an officer's session.
 */
struct limit_key {
	uint8_t b[16];
};
struct limit_rate {
	int64_t every_us; /* between two; 0: no limit */
	int64_t burst;    /* at once after a silence, at least 1 */
};
struct limits;

struct limits *limits_new(const struct limit_rate rate[LIMIT_KINDS],
    unsigned connections); /* NULL: no memory.  connections: of one address; 0:
                            * any number */
void limits_free(struct limits *l);
struct limit_key limit_address(const struct sockaddr *at);
/* An address as text; of IPv6 its /64, which one subscriber has:
 * "2001:db8::/64"; empty where it is no address (a UNIX socket). */
enum { LIMIT_TEXT = 64 };
void limit_text(const struct limit_key *who, char out[LIMIT_TEXT]);
struct limit_key limit_officer(const uint8_t word[32]);
struct limit_key limit_all(void); /* all of them together */

/*
 * Take one.  0: at once.  1 to `most_us`: it is taken, for after so many
 * microseconds.  Above: nothing was taken, and it is so long until one may be.
 */
int64_t limit_take(struct limits *l, enum limit_kind kind,
    const struct limit_key *who, int64_t now_us, int64_t most_us);
/* Is there none left?  Takes nothing. */
bool limit_is_spent(struct limits *l, enum limit_kind kind,
    const struct limit_key *who, int64_t now_us);

/* Connections.  May another one come?  limit_enter() counts it. */
bool limit_may_enter(struct limits *l, const struct limit_key *who);
void limit_enter(struct limits *l, const struct limit_key *who, int64_t now_us);
void limit_leave(struct limits *l, const struct limit_key *who);
/* A peer or an officer came from there: for LIMIT_FRIEND_S it is let in where
 * strangers are not. */
enum { LIMIT_FRIEND_S = 1800 };
void limit_befriend(struct limits *l, const struct limit_key *who,
    int64_t now_us);
bool limit_is_friend(struct limits *l, const struct limit_key *who,
    int64_t now_us);

#endif
