#include "cli/near.h"

#include <string.h>

enum { NEAR_MAX = 63 };

/* Edits that turn one into the other; a swap of neighbours is one. */
static size_t
distance(struct str a, struct str b)
{
	size_t row[3][NEAR_MAX + 1];
	size_t *two = row[0], *one = row[1], *now = row[2], *free;

	for (size_t k = 0; k <= b.n; k++)
		one[k] = k;
	for (size_t i = 1; i <= a.n; i++) {
		now[0] = i;
		for (size_t k = 1; k <= b.n; k++) {
			size_t d = one[k - 1] + (a.p[i - 1] != b.p[k - 1]);

			d = one[k] + 1 < d ? one[k] + 1 : d;
			d = now[k - 1] + 1 < d ? now[k - 1] + 1 : d;
			if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] &&
			    a.p[i - 2] == b.p[k - 1] && two[k - 2] + 1 < d)
				d = two[k - 2] + 1;
			now[k] = d;
		}
		free = two;
		two = one;
		one = now;
		now = free;
	}
	return one[b.n];
}

void
near_begin(struct near *n, struct str want)
{
	*n = (struct near){.want = want};
}

void
near_try(struct near *n, struct str name)
{
	size_t d, most = n->want.n < 4 ? 1 : n->want.n / 3 + 1;

	if (n->want.n == 0 || n->want.n > NEAR_MAX || name.n > NEAR_MAX)
		return;
	d = distance(n->want, name);
	if (n->want.n >= 3 && str_starts(name, n->want))
		d = 1; /* a beginning is near */
	if (d > most || (n->best.p != NULL && d >= n->distance))
		return;
	n->best = name;
	n->distance = d;
}

struct str
near_hint(const struct near *n, struct arena *a)
{
	return n->best.p == NULL
	           ? STR("")
	           : str_fmt(a, "; did you mean '%.*s'", STR_ARG(n->best));
}
