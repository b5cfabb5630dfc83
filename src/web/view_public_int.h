/*
 * view_public_int: what the conference's pages share: the front page, sessions,
 * reviews, agreements.  Each row is that of seen_put_row() with what its
 * procedure says besides.
 */
#ifndef WEB_VIEW_PUBLIC_INT_H
#define WEB_VIEW_PUBLIC_INT_H

#include "web/seen.h"

/* title, number, start, end, chair, venue, format, format_title, statement:
 * "consensus", "chair" or null, upcoming. */
void public_put_session(struct view *v, struct js *in,
    const struct matter_view *mv);
/* title, period {"start","end"}, cut_off, contribute_by, draft_by. */
void public_put_review(struct view *v, struct js *in,
    const struct matter_view *mv);
/* title, bindingness, bindingness_title, force, force_title, depositary,
 * signatories, reservations, declarations, registration, group. */
void public_put_agreement(struct view *v, struct js *in,
    const struct matter_view *mv);
/* Of a text that was adopted: title, kind, kind_title, adopted, reference. */
void public_put_text(struct view *v, struct js *in,
    const struct matter_view *mv);

/* What a matter decided, the same for each procedure that decides. */
struct public_decision {
	const struct matter_view *mv;
	const char *what; /* "statement", "chair", "text", "review", ... */
	const char *page; /* the folder of its page */
	int64_t time_us;
	struct str title;
	const struct js *texts; /* as `texts` of a form; NULL: none */
};
/* false: it decided nothing. */
bool public_decision(const struct matter_view *mv, struct public_decision *ret);

/*
 * The report book: deliberations whose report was due after from_us, up to
 * to_us: `book`, and of the same time the public reports of deliberations
 * that are not public themselves: `loose`; `book_any`, `unreported`: how
 * many reports are overdue.
 */
int public_put_book(struct view *v, int64_t from_us, int64_t to_us,
    const struct id *conference, struct err *err);

/* view_public_matrix.c: `matrix`, pairs of parties by topics: {"any","topics":
 * [TOPIC],"pairs":[{"one","two","cells":[TOPIC with "standing","is",
 * "agreements"]}],"common":[TOPIC],"any_common"}; TOPIC = {"topic",
 * "topic_title"}, null where an agreement states none. */
void public_put_matrix(struct view *v, const struct seen_list *agreements,
    struct seen_codes members);

#endif
