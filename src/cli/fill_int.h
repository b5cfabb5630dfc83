/* fill_int: what fill's files share. */
#ifndef CLI_FILL_INT_H
#define CLI_FILL_INT_H

#include "cli/fill.h"

int fill_keep(struct fill *f, struct str path, struct str value,
    struct err *err);
/* Put a value, as typed, under `key` (NULL: into a list). */
int fill_value(const struct fill *f, const struct js *field, struct str value,
    struct js_make *m, struct js *in, const char *key, struct err *err);

#endif
