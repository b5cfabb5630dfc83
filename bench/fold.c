/*
 * bench_fold ROOT ACTS PARTIES ROUNDS: how long the fold of one big matter
 * takes; ROOT: the source, where procedures/ lies.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"
#include "kit.h"
#include "lines.h"

enum { ROUNDS_MAX = 10000 };

int
main(int argc, char **argv)
{
	struct arena keep;
	const struct procedure *p;
	const struct fold_result *r = NULL;
	struct fold_input in;
	struct err err;
	int64_t *us, begun_us, all_us = 0;
	size_t rounds, valid = 0;
	char also[64];

	if (argc != 5) {
		(void)fprintf(stderr,
		    "usage: bench_fold ROOT ACTS PARTIES ROUNDS\n");
		return 2;
	}
	arena_init(&keep, (size_t)1 << 30);
	kit_must(key_start(&err), &err);
	rounds = (size_t)kit_number(argv[4], 1, ROUNDS_MAX);
	us = arena_array(&keep, rounds, int64_t);
	kit_must(lines_procedure(argv[1], STR("text"), &keep, &p, &err), &err);
	kit_must(lines_big((size_t)kit_number(argv[2], 1, 1000000),
		     (size_t)kit_number(argv[3], 1, 1000), &keep, &in, &err),
	    &err);
	for (size_t i = 0; i < rounds && us != NULL; i++) {
		struct arena a;

		arena_init(&a, (size_t)1 << 30);
		begun_us = clock_mono_us();
		kit_must(fold_matter(p, &in, &a, &r, &err), &err);
		us[i] = clock_mono_us() - begun_us;
		all_us += us[i];
		valid = 0;
		for (size_t k = 0; k < r->n_acts; k++)
			valid += r->acts[k].verdict == FOLD_VALID;
		arena_release(&a);
	}
	(void)snprintf(also, sizeof(also), ",\"valid\":%zu", valid);
	if (us != NULL)
		kit_report(us, rounds, all_us, also);
	arena_release(&keep);
	return valid == 0;
}
