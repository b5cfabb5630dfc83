/* hash: SHA-256 (FIPS 180-4), by libsodium. */
#ifndef RECORD_HASH_H
#define RECORD_HASH_H

#include "base/text.h"

struct id hash_of(struct span s);
/* Of several spans, one after the other. */
struct id hash_parts(const struct span *part, size_t n);

/* Streaming, for files.  Opaque state of fixed size. */
struct hash {
	_Alignas(16) uint8_t state[128];
};
void hash_init(struct hash *h);
void hash_add(struct hash *h, struct span s);
struct id hash_done(struct hash *h);

#endif
