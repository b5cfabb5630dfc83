/* sheet_int: what the files of sheets share. */
#ifndef WEB_SHEET_INT_H
#define WEB_SHEET_INT_H

#include "web/sheet.h"

struct sheet_place { /* where an act of the matter stands */
	struct id id;
	int64_t party;
	uint64_t idx;
};
struct sheet_gap { /* a witness that has not cosigned from here on */
	int64_t party, witness;
	uint64_t from;
};
struct sheet_kept {
	struct arena a;
	struct sheet *sheet;
	int64_t made_us, use;
	bool only_public;
	enum lang lang;
	size_t n_members, n_places, n_gaps, cap_gaps, cost;
	struct sheet_place *place; /* sorted by id */
	struct sheet_gap *gap;
	unsigned readers;
	bool old; /* goes with its last reader */
};

/* Fill in the models of a folded sheet. */
int sheet_put_acts(struct view *v, struct sheet_kept *k, struct err *err);
/* An act's place within the matter; NULL where it has none. */
const struct sheet_place *sheet_place(const struct sheet_kept *k,
    const struct id *id);

#endif
