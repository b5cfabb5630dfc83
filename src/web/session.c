#include "web/session.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "record/hash.h"

#define COOKIE "comity"
#define HEAD "comity sign-in 1\n"
#define SECOND_US INT64_C(1000000)
enum { USED_MAX = 4096, WORD_N = 32 };

struct held {
	struct id word; /* SHA-256 of the cookie's word */
	struct pubkey key;
	int64_t begun_us, used_us; /* 0: this place is free */
};
struct used { /* a challenge that was answered */
	struct id challenge;
	int64_t until_us;
};
struct sessions {
	pthread_mutex_t lock; /* guards what is below */
	size_t n, cap;
	struct held *held;
	size_t n_used; /* ever; the ring's next place */
	struct used used[USED_MAX];
	struct secret *maker; /* signs challenges; const */
};

struct sessions *
sessions_new(void)
{
	struct sessions *s = mem_alloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if ((s->maker = key_secret_random()) == NULL) {
		mem_free(s);
		return NULL;
	}
	(void)pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
sessions_free(struct sessions *s)
{
	if (s == NULL)
		return;
	(void)pthread_mutex_destroy(&s->lock);
	key_secret_free(s->maker);
	mem_free(s->held);
	mem_free(s);
}

/*
 * What is to be signed: who asks whom, where, until when, once; below it our
 * own signature, so that nothing has to be kept of challenges that nobody
 * answers.
 */
int
session_challenge(struct sessions *s, const struct query *q, struct str origin,
    struct arena *a, struct str *ret, struct err *err)
{
	uint8_t once[16];
	struct str text;
	struct sig sig;

	key_random(once, sizeof(once));
	text = str_fmt(a, HEAD "%.*s\n%s\n%lld\n%s\n", STR_ARG(origin),
	    hex_str(a, q->n->own->charter.b, 32).p,
	    (long long)(q->now_us / SECOND_US + CHALLENGE_S),
	    hex_str(a, once, sizeof(once)).p);
	if (text.p == NULL)
		return err_nomem(err, "a challenge");
	sig = key_sign(s->maker, span_of(text));
	*ret = str_fmt(a, "%.*s%s\n", (int)text.n, text.p,
	    hex_str(a, sig.b, sizeof(sig.b)).p);
	return ret->p == NULL ? err_nomem(err, "a challenge") : 0;
}

/* Is it one of ours, for this party, and not too old? */
static int
check_challenge(struct sessions *s, const struct query *q, struct str origin,
    struct str text, int64_t *ret_until_us, struct err *err)
{
	enum { SIG_LINE = 129 }; /* 64 bytes in hex, line feed */
	struct str body, line;
	struct sig sig;
	struct pubkey maker = key_pub(s->maker);
	size_t at = 0;
	int64_t until_s;

	if (text.n < SIG_LINE || text.n > 2000)
		return err_set(err, ERR_INPUT,
		    "this is no challenge of this node");
	body = str_sub(text, 0, text.n - SIG_LINE);
	if (!hex_is_parsed(str_sub(text, body.n, text.n - 1), sig.b,
		sizeof(sig.b)) ||
	    !key_is_signed(&maker, span_of(body), &sig))
		return err_set(err, ERR_DENIED,
		    "the challenge is of an earlier start of this node: ask "
		    "for a new one");
	at = sizeof(HEAD) - 1;
	line = str_sub(body, at, str_find(body, '\n', at));
	if (!str_eq(line, origin))
		return err_set(err, ERR_DENIED,
		    "the challenge is for %.*s, and this is %.*s",
		    STR_ARG(line), STR_ARG(origin));
	for (int i = 0; i < 2; i++) /* origin, charter */
		at = str_find(body, '\n', at) + 1;
	line = str_sub(body, at, str_find(body, '\n', at));
	if (num_parse(line, 0, INT64_MAX / SECOND_US, &until_s, err) != 0)
		return -1;
	*ret_until_us = until_s * SECOND_US;
	return *ret_until_us >= q->now_us
	           ? 0
	           : err_set(err, ERR_DENIED,
			 "the challenge is older than %d seconds: ask for a "
			 "new one",
			 CHALLENGE_S);
}

/* The mandate in force of this key. */
static const struct mandate_officer *
officer_of(const struct query *q, const struct pubkey *key)
{
	const struct mandate_officer *o;
	uint64_t size = q->n->own->log.size;
	size_t n = mandate_officers(q->n->own->mandate, &o);

	for (size_t i = 0; i < n; i++)
		if (key_eq(&o[i].key, key) && o[i].from < size &&
		    size <= o[i].until)
			return &o[i];
	return NULL;
}

static bool
is_over(const struct held *h, int64_t now_us)
{
	return now_us > h->used_us + SESSION_S * SECOND_US ||
	       now_us > h->begun_us + SESSION_MOST_S * SECOND_US;
}

/* E1: good once. */
static int
use_challenge(struct sessions *s, struct str text, int64_t until_us,
    int64_t now_us, struct err *err)
{
	struct id h = hash_of(span_of(text));
	struct used *next = &s->used[s->n_used % USED_MAX];

	for (size_t i = 0; i < USED_MAX; i++)
		if (s->used[i].until_us >= now_us &&
		    id_eq(&s->used[i].challenge, &h))
			return err_set(err, ERR_DENIED,
			    "the challenge was used already: ask for a new "
			    "one");
	if (next->until_us >= now_us)
		return err_set(err, ERR_BUSY,
		    "too many officers sign in at once: try again");
	*next = (struct used){h, until_us};
	s->n_used++;
	return 0;
}

/* One officer takes nobody else's room. */
static void
make_room(struct sessions *s, const struct pubkey *key)
{
	struct held *oldest = NULL;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct held *h = &s->held[i];

		if (h->used_us == 0 || !key_eq(&h->key, key))
			continue;
		n++;
		if (oldest == NULL || h->used_us < oldest->used_us)
			oldest = h;
	}
	if (n >= SESSIONS_EACH)
		oldest->used_us = 0;
}

static int
add(struct sessions *s, const struct held *h, struct err *err)
{
	size_t i = 0, cap;
	struct held *grown;

	make_room(s, &h->key);
	while (i < s->n && s->held[i].used_us != 0 &&
	       !is_over(&s->held[i], h->used_us))
		i++;
	if (i >= SESSIONS_MAX)
		return err_set(err, ERR_BUSY, "%d sessions are open",
		    SESSIONS_MAX);
	if (i == s->cap) {
		cap = s->cap == 0 ? 64 : 2 * s->cap;
		if ((grown = mem_alloc(cap, sizeof(*grown))) == NULL)
			return err_nomem(err, "a session");
		if (s->n > 0)
			memcpy(grown, s->held, s->n * sizeof(*grown));
		mem_free(s->held);
		s->held = grown;
		s->cap = cap;
	}
	s->held[i] = *h;
	if (i == s->n)
		s->n++;
	return 0;
}

int
session_open(struct sessions *s, const struct query *q,
    const struct session_proof *p, struct arena *a, struct str *ret_cookie,
    struct err *err)
{
	uint8_t word[WORD_N];
	struct str text;
	struct held h = {.key = *p->key, .begun_us = q->now_us};
	int64_t until_us = 0;
	int rc;

	if (check_challenge(s, q, p->origin, p->challenge, &until_us, err) != 0)
		return -1;
	if (!key_is_signed(p->key, span_of(p->challenge), p->sig))
		return err_set(err, ERR_DENIED,
		    "the signature is not of this key over this challenge");
	if (officer_of(q, p->key) == NULL)
		return err_set(err, ERR_DENIED,
		    "no officer of %s has this key under a mandate in force",
		    q->n->own->code);
	key_random(word, sizeof(word));
	text = hex_str(a, word, sizeof(word));
	if (text.p == NULL)
		return err_nomem(err, "a session");
	h.word = hash_of(span_of(text));
	h.used_us = q->now_us;
	(void)pthread_mutex_lock(&s->lock);
	rc = use_challenge(s, p->challenge, until_us, q->now_us, err);
	if (rc == 0)
		rc = add(s, &h, err);
	(void)pthread_mutex_unlock(&s->lock);
	if (rc != 0)
		return -1;
	*ret_cookie = str_fmt(a,
	    COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
	    text.p, SESSION_MOST_S, p->tls ? "; Secure" : "");
	return ret_cookie->p == NULL ? err_nomem(err, "a session") : 0;
}

/* The hash of our word among the cookies. */
static bool
word_of(struct str cookies, struct id *ret)
{
	for (size_t at = 0; at < cookies.n;) {
		size_t end = str_find(cookies, ';', at);
		struct str one = str_sub(cookies, at, end);

		while (one.n > 0 && one.p[0] == ' ')
			one = str_sub(one, 1, one.n);
		if (str_starts(one, STR(COOKIE "=")) &&
		    one.n == sizeof(COOKIE) + (size_t)2 * WORD_N) {
			*ret = hash_of(
			    span_of(str_sub(one, sizeof(COOKIE), one.n)));
			return true;
		}
		at = end + 1;
	}
	return false;
}

bool
session_is_borne(struct str cookie, struct id *ret)
{
	return word_of(cookie, ret);
}

static struct held *
find(struct sessions *s, const struct id *word, int64_t now_us)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->held[i].used_us != 0 && id_eq(&s->held[i].word, word))
			return is_over(&s->held[i], now_us) ? NULL
			                                    : &s->held[i];
	return NULL;
}

bool
session_find(struct sessions *s, const struct query *q, struct str cookie,
    struct arena *a, struct session *ret)
{
	const struct mandate_officer *o;
	struct held *h;
	struct id word;

	if (!word_of(cookie, &word))
		return false;
	(void)pthread_mutex_lock(&s->lock);
	if ((h = find(s, &word, q->now_us)) != NULL) {
		ret->key = h->key;
		h->used_us = q->now_us;
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (h == NULL || (o = officer_of(q, &ret->key)) == NULL)
		return false;
	ret->officer = str_copy(a, o->name);
	return ret->officer.p != NULL;
}

void
session_close(struct sessions *s, struct str cookie, bool all, struct arena *a,
    struct str *ret_cookie)
{
	struct held *h;
	struct pubkey key;
	struct id word;

	*ret_cookie =
	    str_copy(a, STR(COOKIE "=; Path=/; HttpOnly; SameSite=Strict; "
				   "Max-Age=0"));
	if (!word_of(cookie, &word))
		return;
	(void)pthread_mutex_lock(&s->lock);
	if ((h = find(s, &word, 0)) != NULL) {
		key = h->key;
		h->used_us = 0;
		for (size_t i = 0; all && i < s->n; i++)
			if (key_eq(&s->held[i].key, &key))
				s->held[i].used_us = 0;
	}
	(void)pthread_mutex_unlock(&s->lock);
}
