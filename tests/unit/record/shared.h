/*
 * shared: the published vectors, read where they lie and never copied into the
 * tree: under $COMITY_SHARED/formats/vectors, or shared/ beside the source.
 * A test whose vectors are absent is skipped, and says so.
 */
#ifndef TESTS_SHARED_H
#define TESTS_SHARED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/js.h"

static inline FILE *
shared_open(const char *path)
{
	const char *at = getenv("COMITY_SHARED");
	const char *source = getenv("COMITY_SOURCE");
	char name[4096];

	if (at != NULL)
		(void)snprintf(name, sizeof(name), "%s/formats/vectors/%s", at,
		    path);
	else
		(void)snprintf(name, sizeof(name),
		    "%s/../shared/formats/vectors/%s",
		    source == NULL ? "." : source, path);
	return fopen(name, "rb");
}

/* Before anything is allocated: skip() jumps out of the test. */
#define SHARED_OR_SKIP(path)                                                   \
	do {                                                                   \
		FILE *shared_file = shared_open(path);                         \
		if (shared_file == NULL) {                                     \
			print_message("no vectors here: %s\n", path);          \
			skip();                                                \
		}                                                              \
		(void)fclose(shared_file);                                     \
	} while (0)

static inline struct span
shared_read(struct arena *a, const char *path)
{
	FILE *f = shared_open(path);
	uint8_t *p;
	long n;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	assert_true((n = ftell(f)) >= 0);
	rewind(f);
	assert_non_null(p = arena_alloc(a, (size_t)n + 1, 1));
	assert_int_equal(fread(p, 1, (size_t)n, f), n);
	(void)fclose(f);
	return (struct span){p, (size_t)n};
}

static inline const struct js *
shared_json(struct arena *a, const char *path)
{
	const struct js *j = NULL;
	struct err err;

	if (js_parse(shared_read(a, path), a, &j, &err) != 0)
		fail_msg("%s: %s", path, err.text);
	return j;
}

/* The bytes of a hex field. */
static inline struct span
shared_hex(struct arena *a, const struct js *j, const char *key)
{
	struct str s = js_str(js_get(j, key));
	uint8_t *p = arena_alloc(a, s.n / 2 + 1, 1);

	assert_non_null(p);
	assert_true(js_type(js_get(j, key)) == JS_TEXT);
	assert_true(hex_is_parsed(s, p, s.n / 2));
	return (struct span){p, s.n / 2};
}

#endif
