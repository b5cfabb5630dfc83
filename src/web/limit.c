#include "web/limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/num.h"
#include "record/key.h"

enum { ROWS = 4096, WAYS = 4 };

struct slot {
	struct limit_key who;
	bool used;
	unsigned connections;
	int64_t seen_us, friend_us;
	int64_t full_us[LIMIT_KINDS]; /* all that was asked for has come by
	                               * then, at the rate */
};
struct limits {
	pthread_mutex_t lock;
	struct limit_rate rate[LIMIT_KINDS];
	unsigned connections;
	uint64_t seed[2]; /* nobody chooses who shares a row */
	struct slot slot[ROWS][WAYS];
};

struct limits *
limits_new(const struct limit_rate rate[LIMIT_KINDS], unsigned connections)
{
	struct limits *l = mem_alloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	(void)pthread_mutex_init(&l->lock, NULL);
	memcpy(l->rate, rate, sizeof(l->rate));
	l->connections = connections;
	key_random(l->seed, sizeof(l->seed));
	return l;
}

void
limits_free(struct limits *l)
{
	if (l != NULL)
		(void)pthread_mutex_destroy(&l->lock);
	mem_free(l);
}

struct limit_key
limit_address(const struct sockaddr *at)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct limit_key k = {{0}};
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (at != NULL && at->sa_family == AF_INET) {
		memcpy(&v4, at, sizeof(v4));
		k.b[0] = 4;
		memcpy(k.b + 1, &v4.sin_addr, 4);
	} else if (at != NULL && at->sa_family == AF_INET6) {
		memcpy(&v6, at, sizeof(v6));
		k.b[0] = 6;
		if (memcmp(&v6.sin6_addr, mapped, sizeof(mapped)) == 0) {
			k.b[0] = 4;
			memcpy(k.b + 1, v6.sin6_addr.s6_addr + 12, 4);
		} else {
			memcpy(k.b + 1, &v6.sin6_addr, 8);
		}
	}
	return k;
}

void
limit_text(const struct limit_key *who, char out[LIMIT_TEXT])
{
	struct in6_addr v6 = {{{0}}};
	struct in_addr v4;
	size_t n;

	out[0] = '\0';
	if (who->b[0] == 4) {
		memcpy(&v4, who->b + 1, sizeof(v4));
		(void)inet_ntop(AF_INET, &v4, out, LIMIT_TEXT); /* fits */
	} else if (who->b[0] == 6) {
		memcpy(&v6, who->b + 1, 8);
		(void)inet_ntop(AF_INET6, &v6, out, LIMIT_TEXT); /* fits */
		n = strlen(out);
		(void)snprintf(out + n, LIMIT_TEXT - n, "/64");
	}
}

struct limit_key
limit_officer(const uint8_t word[32])
{
	struct limit_key k = {{1}};

	memcpy(k.b + 1, word, sizeof(k.b) - 1);
	return k;
}

struct limit_key
limit_all(void)
{
	return (struct limit_key){{2}};
}

static size_t
row_of(const struct limits *l, const struct limit_key *who)
{
	uint64_t h = num_get64(who->b) ^ l->seed[0];

	h *= UINT64_C(0x9e3779b97f4a7c15);
	h ^= (h >> 29) ^ num_get64(who->b + 8) ^ l->seed[1];
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)((h ^ h >> 31) % ROWS);
}

/* Its slot, or the one that gives way; with four busy ones in a row, the last
 * is shared. */
static struct slot *
slot_of(struct limits *l, const struct limit_key *who, int64_t now_us)
{
	struct slot *row = l->slot[row_of(l, who)], *s = NULL;

	for (size_t i = 0; i < WAYS; i++)
		if (row[i].used &&
		    memcmp(&row[i].who, who, sizeof(*who)) == 0) {
			row[i].seen_us = now_us;
			return &row[i];
		}
	for (size_t i = 0; i < WAYS; i++) {
		if (row[i].connections > 0)
			continue;
		if (s == NULL || !row[i].used ||
		    (s->used && row[i].seen_us < s->seen_us))
			s = &row[i];
	}
	if (s == NULL)
		return &row[WAYS - 1];
	*s = (struct slot){.who = *who, .used = true, .seen_us = now_us};
	return s;
}

int64_t
limit_take(struct limits *l, enum limit_kind kind, const struct limit_key *who,
    int64_t now_us, int64_t most_us)
{
	const struct limit_rate *r = &l->rate[kind];
	struct slot *s;
	int64_t full_us, wait_us;

	if (r->every_us == 0)
		return 0;
	(void)pthread_mutex_lock(&l->lock);
	s = slot_of(l, who, now_us);
	full_us = s->full_us[kind] > now_us ? s->full_us[kind] : now_us;
	full_us += r->every_us;
	wait_us = full_us - now_us - r->burst * r->every_us;
	if (wait_us <= most_us)
		s->full_us[kind] = full_us;
	(void)pthread_mutex_unlock(&l->lock);
	return wait_us < 0 ? 0 : wait_us;
}

bool
limit_is_spent(struct limits *l, enum limit_kind kind,
    const struct limit_key *who, int64_t now_us)
{
	const struct limit_rate *r = &l->rate[kind];
	bool spent;

	if (r->every_us == 0)
		return false;
	(void)pthread_mutex_lock(&l->lock);
	spent = slot_of(l, who, now_us)->full_us[kind] >
	        now_us + (r->burst - 1) * r->every_us;
	(void)pthread_mutex_unlock(&l->lock);
	return spent;
}

/* ---- connections ---- */

bool
limit_may_enter(struct limits *l, const struct limit_key *who)
{
	const struct slot *row = l->slot[row_of(l, who)];
	unsigned n = 0;

	if (l->connections == 0)
		return true;
	(void)pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < WAYS; i++)
		if (row[i].used && memcmp(&row[i].who, who, sizeof(*who)) == 0)
			n = row[i].connections;
	(void)pthread_mutex_unlock(&l->lock);
	return n < l->connections;
}

void
limit_enter(struct limits *l, const struct limit_key *who, int64_t now_us)
{
	(void)pthread_mutex_lock(&l->lock);
	slot_of(l, who, now_us)->connections++;
	(void)pthread_mutex_unlock(&l->lock);
}

/* One that has connections keeps its slot; one that shared a slot when it came
 * may find a place of its own empty. */
void
limit_leave(struct limits *l, const struct limit_key *who)
{
	struct slot *row = l->slot[row_of(l, who)], *s = &row[WAYS - 1];

	(void)pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < WAYS; i++)
		if (row[i].connections > 0 &&
		    memcmp(&row[i].who, who, sizeof(*who)) == 0)
			s = &row[i];
	if (s->connections > 0)
		s->connections--;
	(void)pthread_mutex_unlock(&l->lock);
}

void
limit_befriend(struct limits *l, const struct limit_key *who, int64_t now_us)
{
	struct slot *s;

	(void)pthread_mutex_lock(&l->lock);
	s = slot_of(l, who, now_us);
	if (memcmp(&s->who, who, sizeof(*who)) == 0)
		s->friend_us = now_us;
	(void)pthread_mutex_unlock(&l->lock);
}

bool
limit_is_friend(struct limits *l, const struct limit_key *who, int64_t now_us)
{
	const struct slot *row = l->slot[row_of(l, who)];
	bool is = false;

	(void)pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < WAYS; i++)
		if (row[i].used && row[i].friend_us != 0 &&
		    memcmp(&row[i].who, who, sizeof(*who)) == 0)
			is = now_us - row[i].friend_us <
			     LIMIT_FRIEND_S * INT64_C(1000000);
	(void)pthread_mutex_unlock(&l->lock);
	return is;
}
