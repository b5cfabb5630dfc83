/*
 * age_int: what the parts of age share, and what the published vectors of its
 * primitives are run against.  Nobody else includes it.
 *
 *   age.c         sealing and opening
 *   age_header.c  the text in front, read strictly
 *   age_kdf.c     HKDF, the header's MAC, the wrapping of a file key
 *   age_stream.c  the chunks behind
 *   age_bech32.c  keys as text
 */
#ifndef RECORD_AGE_INT_H
#define RECORD_AGE_INT_H

#include "record/age.h"

enum {
	AGE_FILE_KEY = 16,
	AGE_NONCE = 16,
	AGE_BODY = AGE_FILE_KEY + AGE_TAG,
	/* base64 without padding */
	AGE_B64_32 = 43, /* of 32 bytes */
	AGE_LINE = 64,
	AGE_LINE_BYTES = 48,
	/* "-> X25519 " share LF body LF */
	AGE_STANZA_TEXT = 10 + AGE_B64_32 + 1 + AGE_B64_32 + 1,
	/* the first line; "--- " MAC LF */
	AGE_HEADER_TEXT = 22 + 4 + AGE_B64_32 + 1
};
#define AGE_VERSION STR("age-encryption.org/v1")

struct age_key { /* what HKDF gives; wipe it */
	uint8_t b[32];
};
struct age_stanza {
	uint8_t share[32], body[AGE_BODY];
};
struct age_header {
	size_t n; /* X25519 stanzas; those of other types are not kept */
	struct age_stanza stanza[AGE_STANZAS_MAX];
	struct span signed_part; /* to "---" included */
	uint8_t mac[32];
	size_t size; /* bytes to the end of the MAC's line */
};

/* Form only: the MAC is not checked here. */
int age_header_parse(struct span s, struct age_header *ret, struct err *err);

/* HKDF-SHA-256 (RFC 5869), the first 32 bytes. */
struct age_key age_hkdf(struct span ikm, struct span salt, struct span info);
struct age_key age_payload_key(const uint8_t file_key[AGE_FILE_KEY],
    const uint8_t nonce[AGE_NONCE]);
void age_mac(const uint8_t file_key[AGE_FILE_KEY], struct span header,
    uint8_t ret[32]);
/* X25519; false: the shared secret is all zero, whoever's key that is. */
bool age_shared(const uint8_t scalar[32], const uint8_t point[32],
    uint8_t ret[32]);
/* false as with age_shared(). */
bool age_wrap(const uint8_t file_key[AGE_FILE_KEY], const uint8_t scalar[32],
    const struct box *to, struct age_stanza *ret);
/* 1: opened; 0: not for this identity; -1: an all-zero shared secret. */
int age_unwrap(const struct age_stanza *s, const struct secret *identity,
    const struct box *own, uint8_t ret[AGE_FILE_KEY]);

/* Bytes of the chunks of `plain` bytes; false where that is beyond size_t. */
bool age_stream_size(size_t plain, size_t *ret);
struct age_stream age_stream_of(const uint8_t file_key[AGE_FILE_KEY],
    const uint8_t nonce[AGE_NONCE]);
void age_stream_seal(struct age_stream *s, struct span plain, uint8_t *out);
int age_stream_open(struct age_stream *s, struct span chunks, struct arena *a,
    struct span *ret, struct err *err);

/* The one form "<hrp>1...": 32 bytes, the letters all in hrp's case. */
bool age_bech32_is_parsed(struct str s, struct str hrp, uint8_t ret[32]);
struct str age_bech32(struct arena *a, struct str hrp, const uint8_t b[32]);
/* Below 2^255-19, top bit zero. */
bool age_box_is_canonical(const struct box *box);

#endif
