/* near: the nearest name to one that does not exist. */
#ifndef CLI_NEAR_H
#define CLI_NEAR_H

#include "base/text.h"

struct near {
	struct str want, best; /* best.p NULL: nothing is near enough */
	size_t distance;
};
void near_begin(struct near *n, struct str want);
void near_try(struct near *n, struct str name);
/* "; did you mean 'x'?" without its question mark, or nothing. */
struct str near_hint(const struct near *n, struct arena *a);

#endif
