/* form_int: the types of fields, for form.c (docs/procedures.md, section 4). */
#ifndef RULES_FORM_INT_H
#define RULES_FORM_INT_H

#include "rules/rule.h"

/* Does a value fit its field?  For any type but a group.  Memory that is out
 * sets *ret_out, and the answer counts no more. */
bool form_fits(const struct rule_field *f, const struct js *v, struct arena *a,
    bool *ret_out);

#endif
