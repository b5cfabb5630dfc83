/* What view_draft*.c share: the act that is being written. */
#ifndef WEB_VIEW_DRAFT_INT_H
#define WEB_VIEW_DRAFT_INT_H

#include "web/view.h"

struct draft {
	const struct procedure *p;
	struct str kind, name; /* "message/send", "send" */
	const struct js *act;  /* as the procedure's file has it */
	bool in_matter, has_answers;
	struct store_matter row; /* and mv: where in_matter */
	struct matter_view mv;
	struct id answers;
};

/* Into the model: `to`, `audience`, `parties`, `conferences`. */
int draft_put_audience(struct view *v, const struct draft *d, struct err *err);
/* `allowed` and `reason`: may the officer who asks sign this kind? */
void draft_put_power(struct view *v, struct js *in, struct str kind);

#endif
