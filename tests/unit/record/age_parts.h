/* What the tests of age share: opening in parts. */
#ifndef TESTS_AGE_PARTS_H
#define TESTS_AGE_PARTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/age.h"

/* Opened in parts, as files are: the same bytes, or the same refusal. */
static inline int
open_in_parts(struct span sealed, const struct secret *s, struct arena *a,
    struct span *ret, struct err *err)
{
	size_t start = sealed.n < AGE_START_MAX ? sealed.n : AGE_START_MAX;
	uint8_t *out = arena_alloc(a, sealed.n + 1, 1);
	struct age_stream stream;
	size_t at, n, have = 0;
	int rc;

	assert_non_null(out);
	if (age_open_begin((struct span){sealed.p, start}, s, a, &stream, &at,
		err) != 0)
		return -1;
	do {
		n = sealed.n - at < AGE_PART + AGE_TAG ? sealed.n - at
		                                       : AGE_PART + AGE_TAG;
		rc = age_open_part(&stream, (struct span){sealed.p + at, n},
		    at + n == sealed.n, out + have, err);
		at += n;
		have += rc == 0 ? n - AGE_TAG : 0;
	} while (rc == 0 && at < sealed.n);
	age_stream_end(&stream);
	*ret = (struct span){out, have};
	return rc;
}

#endif
