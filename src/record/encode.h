/*
 * encode: base64 (RFC 4648 section 4) in its one form: unused bits are zero,
 * no white space.  Padded everywhere but in age.
 */
#ifndef RECORD_ENCODE_H
#define RECORD_ENCODE_H

#include "base/text.h"

/* Standard alphabet with padding; .p is NULL when memory is out. */
struct str encode_b64(struct arena *a, struct span s);
/* Standard alphabet without padding (age). */
struct str encode_b64_bare(struct arena *a, struct span s);
/* Decode; ERR_INPUT unless s is in the one form.  `bare`: without padding. */
int encode_parse_b64(struct str s, bool bare, struct arena *a, struct span *ret,
    struct err *err);
/* Exactly n bytes, padded form, no memory: for hashes, keys, signatures.
 * After false, out has no meaning. */
bool encode_is_b64(struct str s, uint8_t *out, size_t n);
/* The same without padding. */
bool encode_is_b64_bare(struct str s, uint8_t *out, size_t n);
/* DSSE: either alphabet, one within a field, padded, unused bits zero. */
int encode_parse_b64_any(struct str s, struct arena *a, struct span *ret,
    struct err *err);

#endif
