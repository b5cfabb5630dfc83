/*
 * form: does a body fit its form?  docs/procedures.md, section 4.
 */
#ifndef RULES_FORM_H
#define RULES_FORM_H

#include "base/js.h"
#include "base/text.h"
#include "rules/procedure.h"

/*
 * The first fault of a body against the form of this kind of act, as a JSON
 * pointer; *ret_bad false where there is none.  ERR_ABSENT: no such act.
 */
int form_check(const struct procedure *p, struct str act, const struct js *body,
    struct arena *a, bool *ret_bad, struct str *ret_pointer, struct err *err);

#endif
