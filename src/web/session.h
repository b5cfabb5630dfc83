/*
 * session: officers' sign-in.  The browser signs a challenge with the officer's
 * key, which never leaves it; whoever has a mandate of this party at this
 * moment is in.  A session is a random word in a cookie; here stands its hash.
 *  E1  a challenge is good once, for this node's address, for CHALLENGE_S.
 *  E2  a session ends after SESSION_S without use, after SESSION_MOST_S at all,
 *      when its mandate ends, when the officer signs out (here or everywhere),
 *      and when the process does.
 * Threads: any; it locks itself.
 */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include "base/text.h"
#include "node/query.h"
#include "record/key.h"

enum {
	CHALLENGE_S = 120,
	SESSION_S = 12 * 3600,
	SESSION_MOST_S = 24 * 3600,
	SESSIONS_MAX = 10000,
	SESSIONS_EACH = 50 /* of one key; beyond, the oldest ends */
};

struct sessions;
struct session {            /* who asks; texts are in the request's arena */
	struct str officer; /* name by the mandate in force */
	struct pubkey key;
};
struct sessions *sessions_new(void); /* NULL: no memory */
void sessions_free(struct sessions *s);

/* A text to sign, of this party and origin ("https://host"). */
int session_challenge(struct sessions *s, const struct query *q,
    struct str origin, struct arena *a, struct str *ret, struct err *err);
struct session_proof {
	struct str origin; /* of the request: must be the challenge's */
	struct str challenge;
	const struct pubkey *key;
	const struct sig *sig;
	bool tls; /* the cookie never goes without */
};
/* ERR_DENIED: no mandate, a wrong, foreign, old or used challenge, a signature
 * that does not verify.  *ret_cookie: the whole Set-Cookie value. */
int session_open(struct sessions *s, const struct query *q,
    const struct session_proof *p, struct arena *a, struct str *ret_cookie,
    struct err *err);
/* By the request's Cookie header; false: nobody has signed in. */
bool session_find(struct sessions *s, const struct query *q, struct str cookie,
    struct arena *a, struct session *ret);
/* Does the header bear a session's word at all, good or not?  Its hash. */
bool session_is_borne(struct str cookie, struct id *ret);
/* Sign out: this one, or (`all`) each of the same key.  *ret_cookie deletes. */
void session_close(struct sessions *s, struct str cookie, bool all,
    struct arena *a, struct str *ret_cookie);

#endif
