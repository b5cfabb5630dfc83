/*
 * note: C2SP signed notes.  The text, an empty line, signature lines.
 * Texts that are made here have .p NULL where memory is out.
 * Format: docs/format/checkpoint.md, section 1.
 */
#ifndef RECORD_NOTE_H
#define RECORD_NOTE_H

#include "base/text.h"
#include "record/key.h"

enum { NOTE_MAX = 65536, NOTE_LINES_MAX = 64 };
enum note_type { NOTE_ED25519 = 1, NOTE_COSIGNATURE = 4 };

struct note_key { /* a verifier key ("vkey") */
	struct str name;
	enum note_type type;
	uint32_t id;
	struct pubkey pub;
};
struct note_line {
	struct str name;
	uint32_t id;
	struct span sig; /* what follows the key id */
};
struct note {
	struct str text; /* with its last line feed */
	size_t n;
	struct note_line line[NOTE_LINES_MAX];
};

bool note_is_name(struct str name);
uint32_t note_key_id(struct str name, enum note_type type,
    const struct pubkey *pub);
/* Is this line one of this key (name and id)? */
bool note_is_line_of(const struct note_line *line, const struct note_key *k);
/* A key made of its parts (the id computed); name is kept by reference. */
struct note_key note_key_of(struct str name, enum note_type type,
    const struct pubkey *pub);
/* name+id+key, of either type; ERR_INPUT otherwise.  The name views vkey. */
int note_key_parse(struct str vkey, struct note_key *ret, struct err *err);
struct str note_key_text(struct arena *a, const struct note_key *k);

/* Form only: no signature is checked.  ERR_INPUT: malformed, over NOTE_MAX
 * bytes or NOTE_LINES_MAX lines.  Text and names view s; on failure *ret is
 * void. */
int note_parse(struct span s, struct arena *a, struct note *ret,
    struct err *err);
/*
 * Does a plain Ed25519 (type 01) key's line stand here and verify?  ERR_DENIED:
 * no line of the key, or one of its lines does not verify.
 */
int note_verify(const struct note *n, const struct note_key *k,
    struct err *err);
/* The signature line (with line feed) of a type 01 key over a text. */
struct str note_sign(struct arena *a, struct str text, struct str name,
    const struct secret *seed);
/* A line from its parts. */
struct str note_line_text(struct arena *a, struct str name, uint32_t id,
    struct span sig);

#endif
