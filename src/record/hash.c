#include "record/hash.h"

#include <assert.h>
#include <sodium.h>

static_assert(sizeof(struct hash) >= sizeof(crypto_hash_sha256_state),
    "the state fits");

struct id
hash_of(struct span s)
{
	struct id id;

	(void)crypto_hash_sha256(id.b, s.p, s.n); /* always 0 */
	return id;
}

struct id
hash_parts(const struct span *part, size_t n)
{
	struct hash h;

	hash_init(&h);
	for (size_t i = 0; i < n; i++)
		hash_add(&h, part[i]);
	return hash_done(&h);
}

static crypto_hash_sha256_state *
state(struct hash *h)
{
	return (crypto_hash_sha256_state *)(void *)h->state;
}

void
hash_init(struct hash *h)
{
	(void)crypto_hash_sha256_init(state(h)); /* always 0 */
}

void
hash_add(struct hash *h, struct span s)
{
	(void)crypto_hash_sha256_update(state(h), s.p, s.n); /* always 0 */
}

struct id
hash_done(struct hash *h)
{
	struct id id;

	(void)crypto_hash_sha256_final(state(h), id.b); /* always 0 */
	return id;
}
