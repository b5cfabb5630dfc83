/* bench_make FOLDER CODE PORT OFFICERS: a party's folder for the measures. */
#include <stdio.h>

#include "kit.h"

int
main(int argc, char **argv)
{
	struct err err;

	if (argc != 5) {
		(void)fprintf(stderr,
		    "usage: bench_make FOLDER CODE PORT OFFICERS\n");
		return 2;
	}
	kit_must(key_start(&err), &err);
	kit_must(kit_found(argv[1], argv[2], (int)kit_number(argv[3], 1, 65535),
		     (size_t)kit_number(argv[4], 1, KIT_OFFICERS_MAX), &err),
	    &err);
	return 0;
}
