/*
 * age: sealing to X25519 box keys (C2SP age v1, X25519 stanzas only).
 * Sealing belongs to transport alone.  Nothing is handed out before the last
 * chunk opened.  Format: docs/format/seal.md.
 */
#ifndef RECORD_AGE_H
#define RECORD_AGE_H

#include "base/text.h"
#include "record/key.h"

enum { AGE_HEADER_MAX = 65536, AGE_STANZAS_MAX = 256 };
struct box { /* an X25519 public key */
	uint8_t b[32];
};

struct box age_box(const struct secret *identity);
/* "age1..." and back (Bech32). */
struct str age_box_text(struct arena *a, const struct box *box);
int age_box_parse(struct str s, struct box *ret, struct err *err);
/* "AGE-SECRET-KEY-1...": *ret belongs to the caller. */
int age_identity_parse(struct str s, struct secret **ret, struct err *err);
struct str age_identity_text(struct arena *a, const struct secret *identity);

/* Where randomness comes from; NULL in age_seal: libsodium's.  Tests give the
 * published values.  Drawn in this order: file key (16 bytes), an ephemeral
 * scalar (32) for each box key, nonce (16). */
typedef void age_random_fn(void *ctx, void *p, size_t n);
/* ERR_INPUT: no box key, too many, or one that anyone could open. */
int age_seal(struct span plain, const struct box *to, size_t n,
    age_random_fn *random, void *ctx, struct arena *a, struct span *ret,
    struct err *err);
/* ERR_DENIED: not for this identity.  ERR_INPUT: malformed or damaged. */
int age_open(struct span sealed, const struct secret *identity, struct arena *a,
    struct span *ret, struct err *err);

/*
 * The same in parts, for files that no memory holds whole: all parts but the
 * last have AGE_PART bytes, sealed AGE_TAG more, and only an empty file has an
 * empty last part.  What was opened is nobody's before the last part opened: a
 * file cut between two parts fails only there.  A stream is wiped with
 * age_stream_end().
 */
enum { AGE_PART = 65536, AGE_TAG = 16 };
struct age_stream {
	uint8_t key[32];
	uint64_t n; /* parts so far */
};
/* *ret_head comes before the parts. */
int age_seal_begin(const struct box *to, size_t n, age_random_fn *random,
    void *ctx, struct arena *a, struct age_stream *ret, struct span *ret_head,
    struct err *err);
/* `out`: AGE_TAG bytes more than `plain`. */
void age_seal_part(struct age_stream *s, struct span plain, bool last,
    uint8_t *out);
/* `start`: at least AGE_START_MAX bytes of the sealed file, or all of it.
 * *ret_used: where its parts begin. */
enum { AGE_START_MAX = AGE_HEADER_MAX + 16 };
int age_open_begin(struct span start, const struct secret *identity,
    struct arena *a, struct age_stream *ret, size_t *ret_used, struct err *err);
/* `out`: AGE_TAG bytes less than `sealed`. */
int age_open_part(struct age_stream *s, struct span sealed, bool last,
    uint8_t *out, struct err *err);
void age_stream_end(struct age_stream *s);

#endif
