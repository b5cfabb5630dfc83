/*
 * view_seen: matters as this reader may see them: a public reader sees those
 * that opened publicly, folded from their public acts alone (W1); officers see
 * all that the party holds.  What is not public is absent, not denied.
 */
#ifndef WEB_VIEW_SEEN_H
#define WEB_VIEW_SEEN_H

#include "web/view.h"

enum { SEEN_MAX = 200 };

/* Fold a matter for this reader.  *ret_seen false: it sees none of it. */
int seen_fold(struct view *v, const struct store_matter *row,
    struct matter_view *ret, bool *ret_seen, struct err *err);
/* The matter that a reference leads to, of one of these procedures (a list that
 * NULL ends; NULL: any).  ERR_ABSENT says the same of what is not public and of
 * what does not exist. */
int seen_matter(struct view *v, struct str ref, const char *const *procedure,
    struct matter_view *ret, struct err *err);
/* The newest matters of a procedure, at most SEEN_MAX, `before` (0: all) this
 * number. */
struct seen_list {
	size_t n;
	struct matter_view *at;
};
int seen_list(struct view *v, const char *procedure, size_t most,
    int64_t before, struct seen_list *ret, struct err *err);

/* Acts that stand: valid, and not amended by a later one.  Walk those of a name
 * ("sign"; NULL: any): for (size_t i = 0; seen_next(&mv, "sign", &i, &act);) */
bool seen_next(const struct matter_view *mv, const char *name, size_t *at,
    const struct fold_act_result **ret);
/* The first, or the last, of a name; NULL: there is none. */
const struct fold_act_result *seen_first(const struct matter_view *mv,
    const char *name);
const struct fold_act_result *seen_last(const struct matter_view *mv,
    const char *name);
/* The body of that; NULL where there is none. */
const struct js *seen_body(const struct matter_view *mv, const char *name);
struct str seen_state(const struct matter_view *mv);
/* Is it so in this matter?  A list of states that NULL ends. */
bool seen_is_in(const struct matter_view *mv, const char *const *state);

/* Put: id, cite, procedure, procedure_title, subject, state, state_title,
 * since, opened, final, party. */
void seen_put_head(struct view *v, struct js *in, const struct matter_view *mv);
/* cite, party, time (null while it waits). */
void seen_put_act(struct view *v, struct js *in,
    const struct fold_act_result *r);
/* Fields of a body: absent ones are null, lists empty. */
void seen_put_text(struct view *v, struct js *in, const struct js *body,
    const char *field);
void seen_put_int(struct view *v, struct js *in, const struct js *body,
    const char *field);
void seen_put_list(struct view *v, struct js *in, const struct js *body,
    const char *field); /* of texts */
/* [{"lang","text","authentic"}] */
void seen_put_texts(struct view *v, struct js *in, const char *key,
    const struct js *texts);
/* [{"sha256","name","type","size"}] */
void seen_put_files(struct view *v, struct js *in, const struct js *body);
/* A choice: FIELD, its code, and FIELD_title, in languages. */
void seen_put_choice(struct view *v, struct js *in, const struct procedure *p,
    const struct js *body, const char *field);
/* The citation of what a body's field names by id; null where the reader does
 * not see it. */
void seen_put_cite(struct view *v, struct js *in, const char *key,
    const struct js *id);
/* The time that a body's field says; *ret false where there is none. */
bool seen_time(const struct js *body, const char *field, int64_t *ret_us);

/* The conference that is in force, or else the newest; *ret_found false: none
 * that this reader sees. */
int seen_conference(struct view *v, struct matter_view *ret, bool *ret_found,
    struct err *err);
/* Its members now; n 0 where there are none. */
struct seen_codes {
	size_t n;
	const struct str *code;
};
struct seen_codes seen_members(const struct matter_view *conference);
/* A copy in the alphabetical order of the reader's names. */
struct seen_codes seen_sorted(struct view *v, struct seen_codes codes);

/* view_comment.c: comments on a matter that were accepted, and whether more are
 * taken: `comments` and `comment_on`. */
int comment_put(struct view *v, const struct matter_view *about,
    struct err *err);

#endif
