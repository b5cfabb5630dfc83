#include "web/enrol.h"

#include <pthread.h>
#include <string.h>

#include "base/num.h"
#include "record/hash.h"

#define LIFE_US (INT64_C(1000000) * ENROL_S)

struct kept {
	struct enrol_wish wish;
	struct id from; /* hash of the address */
};
struct enrolments {
	pthread_mutex_t lock; /* guards what is below */
	size_t n;
	struct kept at[ENROL_MAX]; /* oldest first */
};

struct enrolments *
enrol_new(void)
{
	struct enrolments *e = mem_alloc(1, sizeof(*e));

	if (e != NULL)
		(void)pthread_mutex_init(&e->lock, NULL);
	return e;
}

void
enrol_free(struct enrolments *e)
{
	if (e == NULL)
		return;
	(void)pthread_mutex_destroy(&e->lock);
	mem_free(e);
}

static void
drop(struct enrolments *e, size_t i)
{
	memmove(&e->at[i], &e->at[i + 1], (e->n - i - 1) * sizeof(e->at[0]));
	e->n--;
}

/* Where this key's wish is; e->n: nowhere. */
static size_t
place_of(const struct enrolments *e, const struct pubkey *key)
{
	size_t i = 0;

	while (i < e->n && !key_eq(&e->at[i].wish.key, key))
		i++;
	return i;
}

static void
drop_old(struct enrolments *e, int64_t now_us)
{
	while (e->n > 0 && e->at[0].wish.at_us + LIFE_US < now_us)
		drop(e, 0);
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return s.n > 0 && s.n <= ENROL_NAME && s.p[0] != ' ' &&
	       s.p[s.n - 1] != ' ';
}

static int
check(const struct pubkey *key, struct str name, struct err *err)
{
	if (!is_name(name))
		return err_set(err, ERR_INPUT,
		    "an officer's name has 1 to %d bytes on one line, and no "
		    "space at its ends",
		    ENROL_NAME);
	if (!key_is_usable(key))
		return err_set(err, ERR_INPUT,
		    "the key is no usable Ed25519 key");
	return 0;
}

static int
add(struct enrolments *e, const struct kept *k, struct err *err)
{
	size_t each = 0, was;

	drop_old(e, k->wish.at_us);
	if ((was = place_of(e, &k->wish.key)) < e->n)
		drop(e, was);
	for (size_t i = 0; i < e->n; i++)
		each += id_eq(&e->at[i].from, &k->from);
	if (e->n == ENROL_MAX || each >= ENROL_EACH)
		return err_set(err, ERR_BUSY,
		    "%zu keys wait for a mandate here already: ask an officer "
		    "to grant by 'comity officer grant NAME --key WORDS'",
		    e->n);
	e->at[e->n++] = *k;
	return 0;
}

int
enrol_add(struct enrolments *e, const struct pubkey *key, struct str name,
    struct str address, int64_t now_us, struct err *err)
{
	struct kept k = {.wish = {.key = *key, .at_us = now_us},
	    .from = hash_of(span_of(address))};
	int rc;

	if (check(key, name, err) != 0)
		return -1;
	memcpy(k.wish.name, name.p, name.n);
	(void)pthread_mutex_lock(&e->lock);
	rc = add(e, &k, err);
	(void)pthread_mutex_unlock(&e->lock);
	return rc;
}

size_t
enrol_list(struct enrolments *e, int64_t now_us,
    struct enrol_wish ret[ENROL_MAX])
{
	size_t n;

	(void)pthread_mutex_lock(&e->lock);
	drop_old(e, now_us);
	n = e->n;
	for (size_t i = 0; i < n; i++)
		ret[i] = e->at[i].wish;
	(void)pthread_mutex_unlock(&e->lock);
	return n;
}

bool
enrol_find(struct enrolments *e, const struct pubkey *key, int64_t now_us,
    struct enrol_wish *ret)
{
	bool found;
	size_t i;

	(void)pthread_mutex_lock(&e->lock);
	drop_old(e, now_us);
	i = place_of(e, key);
	if ((found = i < e->n))
		*ret = e->at[i].wish;
	(void)pthread_mutex_unlock(&e->lock);
	return found;
}

void
enrol_remove(struct enrolments *e, const struct pubkey *key)
{
	size_t i;

	(void)pthread_mutex_lock(&e->lock);
	if ((i = place_of(e, key)) < e->n)
		drop(e, i);
	(void)pthread_mutex_unlock(&e->lock);
}
