/*
 * dsse: a payload and its signatures (DSSE v1.0.2).  An envelope has many
 * forms, the payload has one: ids and comparisons use the payload's bytes.
 * Format: docs/format/act.md, section 1.
 */
#ifndef RECORD_DSSE_H
#define RECORD_DSSE_H

#include "base/text.h"
#include "record/key.h"

enum { DSSE_SIGNATURES_MAX = 16 };
#define DSSE_ACT_TYPE STR("application/vnd.comity.act+json")

struct dsse_signature {
	struct str keyid; /* a hint, never a reason to trust */
	struct sig sig;
};
struct dsse {
	struct str type;
	struct span payload;
	size_t n;
	struct dsse_signature signature[DSSE_SIGNATURES_MAX];
};

/* DSSEv1 SP len SP type SP len SP body: what is signed. */
int dsse_pae(struct str type, struct span payload, struct arena *a,
    struct span *ret, struct err *err);
/* Form only.  Signatures whose decoded length is not 64 are skipped. */
int dsse_parse(struct span s, struct arena *a, struct dsse *ret,
    struct err *err);
/* The envelope as JSON, standard base64 with padding. */
int dsse_text(const struct dsse *d, struct arena *a, struct str *ret,
    struct err *err);
/* Sign a payload; keyid is the hex of the public key. */
int dsse_sign(struct str type, struct span payload, const struct secret *seed,
    struct arena *a, struct dsse_signature *ret, struct err *err);

#endif
