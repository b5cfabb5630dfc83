/*
 * label: what stands beside an act's id in its entry.  Outsiders see random
 * bytes; whoever knows the matter knows which label a party's next act in it
 * must carry, and so sees in one look-up that none was logged.
 * Format: docs/format/log.md, "Entries".
 */
#ifndef RECORD_LABEL_H
#define RECORD_LABEL_H

#include "base/text.h"

enum { LABEL_BYTES = 16, ENTRY_BYTES = 32 + LABEL_BYTES };
struct label {
	uint8_t b[LABEL_BYTES];
};
struct entry { /* one leaf of a log */
	struct id act;
	struct label label;
};

/* The label of a party's act in a matter in which it logged k acts before. */
struct label label_of(const struct id *matter, const struct id *charter,
    uint32_t k);
bool label_eq(const struct label *a, const struct label *b);
void label_entry_write(const struct entry *e, uint8_t out[ENTRY_BYTES]);
struct entry label_entry_read(const uint8_t in[ENTRY_BYTES]);
/* The Merkle leaf of an entry. */
struct id label_entry_leaf(const struct entry *e);

#endif
