/*
 * checkpoint: the signed head of a log (C2SP tlog-checkpoint), cosignatures on
 * it (tlog-cosignature v1, Ed25519), and the body of add-checkpoint
 * (tlog-witness).  Texts that are made here have .p NULL where memory is out.
 * Format: docs/format/checkpoint.md.
 */
#ifndef RECORD_CHECKPOINT_H
#define RECORD_CHECKPOINT_H

#include "record/log.h"
#include "record/note.h"

enum {
	CHECKPOINT_HASHES_MAX = 63, /* proof lines in a request or a proof */
	CHECKPOINT_REQUEST_MAX = 65536,
	CHECKPOINT_PROOF_MAX = 131072
};

struct checkpoint {
	struct str origin;
	uint64_t size;
	struct id root;
	struct str text; /* the note's text, whole, extension lines included */
};

/* Parse a note's text; ERR_INPUT.  An empty tree with another root than SHA-256
 * of nothing parses (a witness has to answer it); checkpoint_open refuses it.
 */
int checkpoint_parse(struct str text, struct checkpoint *ret, struct err *err);
/* origin LF size LF root LF */
struct str checkpoint_text(struct arena *a, struct str origin, uint64_t size,
    const struct id *root);
/* Text, empty line, the log's signature line. */
struct str checkpoint_sign(struct arena *a, struct str origin, uint64_t size,
    const struct id *root, const struct secret *log_key);
/* Parse a note whole and verify the log's own signature by `key`, whose name
 * has to be the origin.  ERR_INPUT: malformed, another origin, an impossible
 * root; ERR_DENIED: as note_verify. */
int checkpoint_open(struct span s, const struct note_key *key, struct arena *a,
    struct checkpoint *ret, struct note *ret_note, struct err *err);

/* A cosignature as stored: 72 bytes, u64 seconds and a signature. */
struct cosignature {
	uint64_t time_s;
	struct sig sig;
};
/* The text has at most NOTE_MAX bytes, the time at most 2^63-1. */
struct cosignature checkpoint_cosign(struct str text, uint64_t time_s,
    const struct secret *witness_key);
/* The line, with line feed, of a cosignature by this key (type 04). */
struct str checkpoint_cosignature_line(struct arena *a,
    const struct note_key *k, const struct cosignature *c);
bool checkpoint_is_cosigned(struct str text, const struct note_key *k,
    const struct cosignature *c);
/*
 * The cosignature by this key on a parsed note.  0 and *ret_found false where
 * no line of the key stands there; ERR_DENIED where one is malformed or does
 * not verify (all lines of the key are checked; the first one is returned).
 */
int checkpoint_find_cosignature(const struct note *n, const struct note_key *k,
    bool *ret_found, struct cosignature *ret, struct err *err);

/* The body of add-checkpoint: old size, proof, checkpoint note. */
struct checkpoint_request {
	uint64_t old;
	struct log_proof proof;
	struct span note;
};
int checkpoint_request_parse(struct span body, struct checkpoint_request *ret,
    struct err *err);
struct str checkpoint_request_text(struct arena *a,
    const struct checkpoint_request *r);
/* A request whose note and checkpoint were parsed too; all views the body. */
struct checkpoint_offer {
	struct checkpoint_request request;
	struct note note;
	struct checkpoint checkpoint;
};
/* ERR_INPUT: malformed (answer 400). */
int checkpoint_offer_parse(struct span body, struct arena *a,
    struct checkpoint_offer *ret, struct err *err);

/* What a witness holds of a log. */
struct checkpoint_held {
	size_t n_keys;
	const struct note_key *key; /* trusted for this origin: one, two during
	                               a rotation */
	uint64_t size;  /* of the newest checkpoint that it cosigned, or 0 */
	struct id root; /* of that one; not read where size is 0 */
};
struct checkpoint_answer {
	int http; /* 200: store, then cosign; 400, 403, 404, 409, 422 */
	/* Signed by the log, of the held size, with another root: with the held
	 * checkpoint it is evidence of a fork. */
	bool is_fork;
	struct err why; /* where http is not 200 */
};
/*
 * What a witness answers to an offer (tlog-witness, in the order of its text).
 * held is that of the offer's origin; NULL: not configured.  The answer holds
 * only while `held` does: compare and store in one transaction.
 */
struct checkpoint_answer checkpoint_answer_to(
    const struct checkpoint_offer *offer, const struct checkpoint_held *held);

/* .tlog-proof (C2SP tlog-proof v1): index, inclusion proof, checkpoint. */
struct checkpoint_proof {
	uint64_t index;
	struct log_proof proof;
	struct span extra; /* may be empty */
	struct span note;
};
int checkpoint_proof_parse(struct span s, struct arena *a,
    struct checkpoint_proof *ret, struct err *err);
struct str checkpoint_proof_text(struct arena *a,
    const struct checkpoint_proof *p);

#endif
