/*
 * checkpoint: the signed head of a log (C2SP tlog-checkpoint), cosignatures on
 * it (tlog-cosignature v1, Ed25519), and the body of add-checkpoint
 * (tlog-witness).  Format: docs/format/checkpoint.md.
 */
#ifndef RECORD_CHECKPOINT_H
#define RECORD_CHECKPOINT_H

#include "record/log.h"
#include "record/note.h"

struct checkpoint {
	struct str origin;
	uint64_t size;
	struct id root;
	struct str text; /* the note's text, whole, extension lines included */
};

/* Parse a note's text. */
int checkpoint_parse(struct str text, struct checkpoint *ret, struct err *err);
/* origin LF size LF root LF */
struct str checkpoint_text(struct arena *a, struct str origin, uint64_t size,
    const struct id *root);
/* Text, empty line, the log's signature line. */
struct str checkpoint_sign(struct arena *a, struct str origin, uint64_t size,
    const struct id *root, const struct secret *log_key);
/* Parse a note whole and verify the log's own signature by `key`. */
int checkpoint_open(struct span s, const struct note_key *key, struct arena *a,
    struct checkpoint *ret, struct note *ret_note, struct err *err);

/* A cosignature as stored: 72 bytes, u64 seconds and a signature. */
struct cosignature {
	uint64_t time_s;
	struct sig sig;
};
struct cosignature checkpoint_cosign(struct arena *a, struct str text,
    uint64_t time_s, const struct secret *witness_key);
/* The line, with line feed, of a cosignature by this key (type 04). */
struct str checkpoint_cosignature_line(struct arena *a,
    const struct note_key *k, const struct cosignature *c);
bool checkpoint_is_cosigned(struct str text, const struct note_key *k,
    const struct cosignature *c, struct arena *a);
/*
 * The cosignature by this key on a parsed note.  0 and *ret_found false where
 * no line of the key stands there; ERR_DENIED where one is malformed or does
 * not verify (all lines of the key are checked; the first one is returned).
 */
int checkpoint_find_cosignature(const struct note *n, const struct note_key *k,
    struct arena *a, bool *ret_found, struct cosignature *ret, struct err *err);

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
