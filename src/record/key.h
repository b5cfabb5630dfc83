/*
 * key: Ed25519 (RFC 8032) with one verdict everywhere: a public key, or a first
 * half of a signature, that is one of the 14 encodings of small-order points is
 * refused; the rest is libsodium's strict rule.
 */
#ifndef RECORD_KEY_H
#define RECORD_KEY_H

#include "base/text.h"

struct pubkey {
	uint8_t b[32];
};
struct sig {
	uint8_t b[64];
};
/* 32 secret bytes in locked, guarded memory: an Ed25519 seed or an X25519
 * scalar.  Never in an err, never printed. */
struct secret;

/* Start the library; call once before anything else of record/. */
int key_start(struct err *err);

struct secret *key_secret(const uint8_t bytes[32]); /* NULL: no memory */
struct secret *key_secret_random(void);             /* NULL: no memory */
void key_secret_free(struct secret *s);             /* wipes; takes NULL */
const uint8_t *key_secret_bytes(const struct secret *s);
void key_random(void *p, size_t n);

/* The public key of a seed. */
struct pubkey key_pub(const struct secret *seed);
struct sig key_sign(const struct secret *seed, struct span message);
bool key_is_signed(const struct pubkey *k, struct span message,
    const struct sig *s);
/* May it stand in a charter or a mandate?  (Not of small order, canonical, on
 * the curve's main subgroup.) */
bool key_is_usable(const struct pubkey *k);
bool key_eq(const struct pubkey *a, const struct pubkey *b);

#endif
