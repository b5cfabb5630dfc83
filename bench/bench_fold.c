/*
 * bench_fold ROOT [ACTS [PARTIES]]: how long the fold of a long matter takes.
 * Plain figures for people; nothing here is a test.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"
#include "lines.h"

enum { ROUNDS = 20, LIMIT = 1 << 30 };

static size_t
number(const char *z, size_t otherwise)
{
	struct err err;
	int64_t n;

	if (z == NULL || num_parse(str_of(z), 1, 1000 * 1000, &n, &err) != 0)
		return otherwise;
	return (size_t)n; /* from 1 */
}

int
main(int argc, char **argv)
{
	size_t acts = number(argc > 2 ? argv[2] : NULL, 1000);
	size_t parties = number(argc > 3 ? argv[3] : NULL, 57);
	const struct procedure *p;
	const struct fold_result *r = NULL;
	struct fold_input in;
	struct arena keep, a;
	struct err err = {0};
	int64_t best = INT64_MAX;
	size_t used = 0;

	arena_init(&keep, LIMIT);
	arena_init(&a, LIMIT);
	if (lines_procedure(argc > 1 ? argv[1] : ".", STR("text"), &keep, &p,
		&err) != 0 ||
	    lines_big(acts, parties, &keep, &in, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (int i = 0; i < ROUNDS; i++) {
		int64_t start = clock_mono_us(), us;
		size_t valid = 0;

		if (fold_matter(p, &in, &a, &r, &err) != 0) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		us = clock_mono_us() - start;
		best = us < best ? us : best;
		for (size_t k = 0; k < r->n_acts; k++)
			valid += r->acts[k].verdict == FOLD_VALID;
		if (i == 0)
			printf("%zu acts, %zu valid\n", r->n_acts, valid);
		used = a.used;
		arena_release(&a);
	}
	printf("fold: %.3f ms, %zu KiB\n", (double)best / 1000, used / 1024);
	arena_release(&keep);
	return 0;
}
