/* Sealing and opening in parts, as files too long for memory are. */
#include <string.h>

#include "age_parts.h"
#include "base/num.h"

enum { MEMORY = 64 << 20 };

/* Sealed in parts is sealed: at each border, and one beside it. */
static void
test_parts(void **state)
{
	static const size_t size[] = {0, 1, AGE_PART - 1, AGE_PART,
	    AGE_PART + 1, 2 * AGE_PART, 3 * AGE_PART + 17};
	struct secret *s = key_secret_random();
	struct box to = age_box(s);
	struct age_stream stream;
	struct span head, got, sealed;
	struct err err;
	struct arena a;

	(void)state;
	arena_init(&a, MEMORY);
	for (size_t i = 0; i < COUNT(size); i++) {
		uint8_t *plain = arena_alloc(&a, size[i] + 1, 1);
		uint8_t *out = arena_alloc(&a, size[i] + 4096, 1);
		size_t at = 0, n, have;

		assert_true(plain != NULL && out != NULL);
		memset(plain, (int)i + 1, size[i]);
		assert_int_equal(age_seal_begin(&to, 1, NULL, NULL, &a, &stream,
				     &head, &err),
		    0);
		memcpy(out, head.p, head.n);
		have = head.n;
		do {
			n = size[i] - at < AGE_PART ? size[i] - at : AGE_PART;
			age_seal_part(&stream, (struct span){plain + at, n},
			    at + n == size[i], out + have);
			at += n;
			have += n + AGE_TAG;
		} while (at < size[i]);
		age_stream_end(&stream);
		sealed = (struct span){out, have};
		assert_int_equal(age_open(sealed, s, &a, &got, &err), 0);
		assert_true(span_eq(got, (struct span){plain, size[i]}));
		assert_int_equal(open_in_parts(sealed, s, &a, &got, &err), 0);
		assert_true(span_eq(got, (struct span){plain, size[i]}));
		/* Cut by one byte, and behind a part. */
		sealed.n--;
		assert_int_equal(open_in_parts(sealed, s, &a, &got, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
		if (size[i] > AGE_PART) {
			sealed.n = head.n + AGE_PART + AGE_TAG;
			assert_int_equal(
			    open_in_parts(sealed, s, &a, &got, &err), -1);
		}
	}
	key_secret_free(s);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	};
	struct err err;

	return key_start(&err) != 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
