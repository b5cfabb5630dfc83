/*
 * driver: runs a fuzz target without libFuzzer, over each seed as it stands,
 * over each of its beginnings and with each of its bits flipped.  Large seeds
 * are sampled evenly; a slow target ends at its share of time and says so.
 *
 *   seeds_NAME FOLDER | FILE ...
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum {
	SEED_MAX = 4 << 20, /* bytes; larger files are no seeds */
	CUTS = 1024,        /* beginnings tried of one seed */
	FLIPS = 8192,       /* flipped bits tried of one seed */
	SECONDS = 20,       /* for all seeds of a target */
};

struct run {
	int64_t until_us;
	size_t files, inputs, left_out;
};

/* Memory of exactly this size, so that a sanitizer sees each step beyond. */
static void
try_one(struct run *run, const uint8_t *p, size_t n)
{
	uint8_t *copy = mem_alloc(n == 0 ? 1 : n, 1);

	if (copy == NULL) {
		(void)fprintf(stderr, "no memory for an input\n");
		exit(1);
	}
	memcpy(copy, p, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	mem_free(copy);
	run->inputs++;
}

static bool
is_late(struct run *run)
{
	if (clock_mono_us() < run->until_us)
		return false;
	run->left_out++;
	return true;
}

static void
try_seed(struct run *run, uint8_t *p, size_t n)
{
	size_t cut = n / CUTS + 1, flip = n * 8 / FLIPS + 1;

	try_one(run, p, n);
	for (size_t i = 0; i < n && !is_late(run); i += cut)
		try_one(run, p, i);
	for (size_t bit = 0; bit < n * 8 && !is_late(run); bit += flip) {
		p[bit / 8] ^= (uint8_t)(1U << bit % 8);
		try_one(run, p, n);
		p[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}

static int
try_file(struct run *run, const char *name)
{
	struct stat st;
	uint8_t *p;
	size_t n = 0;
	FILE *f = fopen(name, "rb");

	if (f == NULL || fstat(fileno(f), &st) != 0 || st.st_size > SEED_MAX ||
	    (p = mem_alloc((size_t)st.st_size + 1, 1)) == NULL) {
		(void)fprintf(stderr, "%s: cannot be read as a seed\n", name);
		if (f != NULL)
			(void)fclose(f);
		return -1;
	}
	n = fread(p, 1, (size_t)st.st_size, f);
	(void)fclose(f);
	try_seed(run, p, n);
	mem_free(p);
	run->files++;
	return 0;
}

static int
try_folder(struct run *run, const char *name)
{
	struct dirent **list = NULL;
	char path[4096];
	int rc = 0, n = scandir(name, &list, NULL, alphasort);

	if (n < 0)
		return try_file(run, name);
	for (int i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", name,
		    list[i]->d_name); /* a cut name cannot be opened */
		if (list[i]->d_name[0] != '.' && try_file(run, path) != 0)
			rc = -1;
		free(list[i]);
	}
	free(list);
	return rc;
}

int
main(int argc, char **argv)
{
	struct run run = {
	    .until_us = clock_mono_us() + (int64_t)SECONDS * 1000000};
	uint8_t none = 0;
	int rc = 0;

	try_one(&run, &none, 0);
	for (int i = 1; i < argc; i++)
		if (try_folder(&run, argv[i]) != 0)
			rc = 1;
	if (argc > 1 && run.files == 0) {
		(void)fprintf(stderr, "no seed in %s\n", argv[1]);
		rc = 1;
	}
	(void)printf("%zu seeds, %zu inputs%s\n", run.files, run.inputs,
	    run.left_out > 0 ? ", stopped by time" : "");
	return rc;
}
