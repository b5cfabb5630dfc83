#include <sodium.h>
#include <string.h>

#include "record/age_int.h"

struct age_key
age_hkdf(struct span ikm, struct span salt, struct span info)
{
	crypto_auth_hmacsha256_state h;
	struct age_key prk, out;
	static const uint8_t one = 1; /* the number of the block */

	(void)crypto_auth_hmacsha256_init(&h, salt.p, salt.n);
	(void)crypto_auth_hmacsha256_update(&h, ikm.p, ikm.n);
	(void)crypto_auth_hmacsha256_final(&h, prk.b);
	(void)crypto_auth_hmacsha256_init(&h, prk.b, sizeof(prk.b));
	(void)crypto_auth_hmacsha256_update(&h, info.p, info.n);
	(void)crypto_auth_hmacsha256_update(&h, &one, 1);
	(void)crypto_auth_hmacsha256_final(&h, out.b);
	sodium_memzero(&h, sizeof(h));
	sodium_memzero(&prk, sizeof(prk));
	return out;
}

struct age_key
age_payload_key(const uint8_t file_key[AGE_FILE_KEY],
    const uint8_t nonce[AGE_NONCE])
{
	return age_hkdf((struct span){file_key, AGE_FILE_KEY},
	    (struct span){nonce, AGE_NONCE}, span_of(STR("payload")));
}

void
age_mac(const uint8_t file_key[AGE_FILE_KEY], struct span header,
    uint8_t ret[32])
{
	struct age_key k = age_hkdf((struct span){file_key, AGE_FILE_KEY},
	    span_of(STR("")), span_of(STR("header")));

	(void)crypto_auth_hmacsha256(ret, header.p, header.n, k.b);
	sodium_memzero(&k, sizeof(k));
}

static struct age_key
wrap_key(const uint8_t shared[32], const uint8_t share[32],
    const struct box *to)
{
	uint8_t salt[64];

	memcpy(salt, share, 32);
	memcpy(salt + 32, to->b, 32);
	return age_hkdf((struct span){shared, 32},
	    (struct span){salt, sizeof(salt)},
	    span_of(STR("age-encryption.org/v1/X25519")));
}

/* A key wraps once, so that its nonce may be zero. */
static const uint8_t zero[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];

/*
 * crypto_scalarmult() fails where the result is all zero.  That is the test,
 * and not a list of points: each bad point has more forms than one.
 */
bool
age_shared(const uint8_t scalar[32], const uint8_t point[32], uint8_t ret[32])
{
	return crypto_scalarmult(ret, scalar, point) == 0;
}

bool
age_wrap(const uint8_t file_key[AGE_FILE_KEY], const uint8_t scalar[32],
    const struct box *to, struct age_stanza *ret)
{
	uint8_t shared[32];
	struct age_key k;

	if (!age_shared(scalar, to->b, shared))
		return false;
	(void)crypto_scalarmult_base(ret->share, scalar);
	k = wrap_key(shared, ret->share, to);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(ret->body, NULL,
	    file_key, AGE_FILE_KEY, NULL, 0, NULL, zero, k.b);
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(&k, sizeof(k));
	return true;
}

int
age_unwrap(const struct age_stanza *s, const struct secret *identity,
    const struct box *own, uint8_t ret[AGE_FILE_KEY])
{
	uint8_t shared[32];
	struct age_key k;
	int rc;

	if (!age_shared(key_secret_bytes(identity), s->share, shared))
		return -1;
	k = wrap_key(shared, s->share, own);
	rc = crypto_aead_chacha20poly1305_ietf_decrypt(ret, NULL, NULL, s->body,
	    sizeof(s->body), NULL, 0, zero, k.b);
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(&k, sizeof(k));
	return rc == 0 ? 1 : 0;
}
