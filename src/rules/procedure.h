/*
 * procedure: a mechanism of the conference as data, loaded and checked once,
 * then const for ever and shared by threads.
 */
#ifndef RULES_PROCEDURE_H
#define RULES_PROCEDURE_H

#include "base/js.h"
#include "base/text.h"

enum { PROCEDURE_MAX = 256 * 1024 };
struct procedure;

/*
 * Load a procedure file's bytes and check all that docs/procedures.md section 5
 * lists.  `stem`: the name that it must have (empty: any).  ERR_INPUT names the
 * first fault: JSON pointer and reason.  It lives in the arena.
 */
int procedure_load(struct span file, struct str stem, struct arena *a,
    const struct procedure **ret, struct err *err);
/* All faults, one a line: "/acts/reply: no role 'nobody'".  *ret_n 0: none. */
int procedure_faults(struct span file, struct str stem, struct arena *a,
    struct str **ret, size_t *ret_n, struct err *err);
const struct id *procedure_id(const struct procedure *p); /* of the bytes */
struct str procedure_name(const struct procedure *p);
/* The file as JSON: titles, fields, forms, for those who show them. */
const struct js *procedure_json(const struct procedure *p);
/* Title in a language ("en" "ja" "zh" "ko") of a thing: section "states",
 * "acts", "terms", "fields", "roles", or NULL for the procedure's own. */
struct str procedure_title(const struct procedure *p, const char *section,
    struct str name, struct str lang);
/* Does this kind of act open matters / end in a final state? */
bool procedure_is_opening(const struct procedure *p, struct str act);
bool procedure_is_final(const struct procedure *p, struct str state);
/* Does a matter of it found a conference (a state has `members`)? */
bool procedure_is_founding(const struct procedure *p);

#endif
