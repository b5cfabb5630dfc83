/*
 * seen: matters as this reader may see them, many at a time: a public reader
 * sees those that opened publicly, folded from their public acts alone (W1),
 * an officer all that the party holds.  What is not public is absent, not
 * denied.  Pages of one matter take a sheet (sheet.h) instead.
 */
#ifndef WEB_SEEN_H
#define WEB_SEEN_H

#include "web/view.h"

enum { SEEN_MAX = 100 };

/* Fold a matter for this reader; the row within says what the reader may know
 * of it.  *ret_seen false: it sees none of it. */
int seen_fold(struct view *v, const struct store_matter *row,
    struct matter_view *ret, bool *ret_seen, struct err *err);
/* The newest matters of a procedure, whichever its version, at most `most`. */
struct seen_list {
	size_t n;
	struct matter_view *at;
};
int seen_list(struct view *v, const char *procedure, size_t most,
    struct seen_list *ret, struct err *err);
/* The same, and those of which this reader sees some act but not the opening:
 * their result is NULL or has no state. */
int seen_list_parts(struct view *v, const char *procedure, size_t most,
    struct seen_list *ret, struct err *err);
/* The matter that a reference leads to, of this procedure, with its result.
 * ERR_ABSENT says the same of what is not public and of what does not exist. */
struct sheet;
int seen_sheet(struct view *v, struct str ref, const char *procedure,
    const struct sheet **ret, struct err *err);

/* Acts that stand: valid, neither amended nor undone by a later one.  Walk
 * those of a name (NULL: any): for (size_t i = 0; seen_next(&mv, "sign", &i,
 * &r);) */
bool seen_next(const struct matter_view *mv, const char *name, size_t *at,
    const struct fold_act_result **ret);
/* The last of a name, or of a party too (empty: any); NULL: there is none. */
const struct fold_act_result *seen_last(const struct matter_view *mv,
    const char *name, struct str party);
/* The body of that; NULL where there is none. */
const struct js *seen_body(const struct matter_view *mv, const char *name);
struct str seen_state(const struct matter_view *mv);
bool seen_is_in(const struct matter_view *mv, const char *state);
/* When it first came into one of two states (the second may be NULL); false:
 * it did not. */
bool seen_since(const struct matter_view *mv, const char *one, const char *two,
    int64_t *ret_us);

/* ---- into a model ---- */

/* The row of a matter: id, cite, procedure, procedure_title, subject, state,
 * state_title, since, opened, final, acts, party, next, no. */
void seen_put_row(struct view *v, struct js *in, const struct store_matter *m);
/* {"cite","party","time"}; time is null while it waits. */
struct js *seen_put_act(struct view *v, struct js *in, const char *key,
    const struct fold_act_result *r);
/* Fields of a body: null where absent, lists empty. */
void seen_put(struct view *v, struct js *in, const struct js *body,
    const char *field);
void seen_put_list(struct view *v, struct js *in, const struct js *body,
    const char *field);
/* Of a choice its code, and FIELD_title in languages. */
void seen_put_choice(struct view *v, struct js *in, const struct procedure *p,
    const struct js *body, const char *field);
/* {"code","title"} of a code of a field. */
void seen_put_code(struct view *v, struct js *in, const struct procedure *p,
    const char *field, const struct js *code);
/* texts: [{"first","lang","text","authentic"}], the reader's language first;
 * many_texts. */
void seen_put_texts(struct view *v, struct js *in, const struct js *texts);
/* The citation of what a body's field names by id; null where the reader does
 * not see it. */
void seen_put_cite(struct view *v, struct js *in, const struct js *body,
    const char *field);

/* ---- the conference ---- */

/* The newest that is in force, or else the newest; false: none is seen. */
int seen_conference(struct view *v, struct matter_view *ret, bool *ret_found,
    struct err *err);
struct seen_codes {
	size_t n;
	const struct str *code;
};
/* Its members now; none where it has none. */
struct seen_codes seen_members(const struct matter_view *conference);
/* A list of parties in a body. */
struct seen_codes seen_parties(struct view *v, const struct js *list);
/* In the reader's order of names. */
struct seen_codes seen_sorted(struct view *v, struct seen_codes codes);
bool seen_has(struct seen_codes codes, struct str code);

#endif
