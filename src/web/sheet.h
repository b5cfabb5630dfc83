/*
 * sheet: a matter folded for readers, with the models of its acts.  What is
 * costly and does not change from one reading to the next (parsing, folding,
 * who witnessed what) is kept for matters that were read lately, by the
 * matter's change: bounded, and it may be lost at any time (W2).
 *  H1  a public reader's sheet is made from public acts alone (W1).
 *  H2  a sheet is const once made; threads share it.
 *  H3  what is kept is used only where nothing has changed since: the matter's
 *      row, time's own changes, the members, the cosignatures it lacked.
 * Threads: any; it locks itself.
 */
#ifndef WEB_SHEET_H
#define WEB_SHEET_H

#include "web/view.h"

enum {
	SHEETS_MAX = 64,
	SHEETS_BYTES = 24 * 1024 * 1024, /* by estimate: SHEET_ACT and 6 times
	                                  * the payload for an act */
	SHEET_ACT = 16 * 1024,
	SHEET_S = 60 /* and no older than this, whatever was overlooked */
};

struct sheets;
struct sheets *sheets_new(void); /* NULL: no memory */
void sheets_free(struct sheets *s);

struct sheet_kept;
struct sheet {
	struct matter_view mv;         /* result NULL: not folded */
	const struct js *acts;         /* [ACT], in the fold's order */
	const struct sheet_kept *kept; /* its own */
	size_t n_lanes;
	const struct member *lane[]; /* parties with acts, in the reader's
	                              * order of names; ACT.lane counts from 1
	                              */
};

/* The matter as this reader may see it; it lives as long as the view's arena.
 * ERR_ABSENT: nothing of it is public. */
int sheet_open(struct view *v, const struct store_matter *row,
    const struct sheet **ret, struct err *err);

/* How an act of this id is cited; its hex where this reader holds no such.  `s`
 * may be NULL. */
struct str sheet_cite(struct view *v, const struct sheet *s,
    const struct id *id);
/* ACT of one of the result's acts. */
const struct js *sheet_model(const struct sheet *s,
    const struct fold_act_result *r);
/* [ACT] of one act on its own: of a party's file, or of an unknown matter. */
int sheet_act(struct view *v, const struct act *act,
    const struct store_act *stored, const struct js **ret, struct err *err);

#endif
