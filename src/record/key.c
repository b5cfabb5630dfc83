#include "record/key.h"

#include <locale.h>
#include <sodium.h>
#include <string.h>

/*
 * sk is the seed and its public key, as libsodium signs with them: kept, so
 * that a signature costs one scalar multiplication and not two.  An X25519
 * scalar has no use for it, and pays for it once.
 */
struct secret {
	uint8_t b[32];
	uint8_t sk[crypto_sign_SECRETKEYBYTES];
};

int
key_start(struct err *err)
{
	/* Names in bundles are UTF-8: libarchive asks the locale. */
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return err_set(err, ERR_IO, "the C.UTF-8 locale is missing");
	if (sodium_init() < 0)
		return err_set(err, ERR_IO, "libsodium does not start");
	return 0;
}

static void
expand(struct secret *s)
{
	struct pubkey k;

	(void)crypto_sign_seed_keypair(k.b, s->sk, s->b); /* always 0 */
}

struct secret *
key_secret(const uint8_t bytes[32])
{
	struct secret *s = sodium_malloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	memcpy(s->b, bytes, sizeof(s->b));
	expand(s);
	return s;
}

struct secret *
key_secret_random(void)
{
	struct secret *s = sodium_malloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	randombytes_buf(s->b, sizeof(s->b));
	expand(s);
	return s;
}

void
key_secret_free(struct secret *s)
{
	sodium_free(s); /* wipes; takes NULL */
}

const uint8_t *
key_secret_bytes(const struct secret *s)
{
	return s->b;
}

void
key_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

struct pubkey
key_pub(const struct secret *seed)
{
	struct pubkey k;

	memcpy(k.b, seed->sk + sizeof(seed->b), sizeof(k.b));
	return k;
}

struct sig
key_sign(const struct secret *seed, struct span message)
{
	struct sig s;

	(void)crypto_sign_detached(s.b, NULL, message.p, message.n, seed->sk);
	return s;
}

/*
 * libsodium refuses small-order keys and halves by itself; with any other
 * library the list of docs/format/keys.md has to stand in front.
 */
bool
key_is_signed(const struct pubkey *k, struct span message, const struct sig *s)
{
	return crypto_sign_verify_detached(s->b, message.p, message.n, k->b) ==
	       0;
}

bool
key_is_usable(const struct pubkey *k)
{
	return crypto_core_ed25519_is_valid_point(k->b) == 1;
}

bool
key_eq(const struct pubkey *a, const struct pubkey *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}
