#include <string.h>

#include "base/num.h"
#include "record/encode.h"
#include "record/key.h"
#include "shared.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const struct {
	const char *plain, *padded, *bare;
} good[] = {
    /* RFC 4648 section 10 */
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+", "+//+"},
};

static void
test_good(void **state)
{
	struct arena a;
	struct span got, plain;
	struct err err;

	(void)state;
	arena_init(&a, 65536);
	for (size_t i = 0; i < COUNT(good); i++) {
		plain = span_of(str_of(good[i].plain));
		assert_string_equal(encode_b64(&a, plain).p, good[i].padded);
		assert_string_equal(encode_b64_bare(&a, plain).p, good[i].bare);
		assert_int_equal(encode_parse_b64(str_of(good[i].padded), false,
				     &a, &got, &err),
		    0);
		assert_true(span_eq(got, plain));
		assert_int_equal(encode_parse_b64(str_of(good[i].bare), true,
				     &a, &got, &err),
		    0);
		assert_true(span_eq(got, plain));
		assert_int_equal(encode_parse_b64_any(str_of(good[i].padded),
				     &a, &got, &err),
		    0);
		assert_true(span_eq(got, plain));
	}
	arena_release(&a);
}

/* Which of the three readers take it: padded, bare, either alphabet. */
static const struct {
	const char *s;
	bool padded, bare, any;
} forms[] = {
    {"Zg", false, true, false},
    {"Zg=", false, false, false},
    {"Zg===", false, false, false},
    {"Zg==", true, false, true},
    {"Zm9v====", false, false, false},
    {"====", false, false, false},
    {"=", false, false, false},
    {"Z", false, false, false},
    {"Zm9vY", false, false, false},
    {"Zh==", false, false, false}, /* an unused bit */
    {"Zh", false, false, false},
    {"Zm9=", false, false, false},
    {"Zm9", false, false, false},
    {"Zm9v\n", false, false, false},
    {"\nZm9v", false, false, false},
    {"Zm 9v", false, false, false},
    {"Zm9v\r\nZm9v", false, false, false},
    {"Zg==Zg==", false, false, false},
    {"Z=g=", false, false, false},
    {"+//+", true, true, true},
    {"-__-", false, false, true},
    {"+__+", false, false, false}, /* both alphabets in one field */
    {"-_8=", false, false, true},
    {"-_8", false, false, false},
};

static void
test_forms(void **state)
{
	struct arena a;
	struct span got;
	struct err err = {0};

	(void)state;
	arena_init(&a, 65536);
	for (size_t i = 0; i < COUNT(forms); i++) {
		struct str s = str_of(forms[i].s);

		if ((encode_parse_b64(s, false, &a, &got, &err) == 0) !=
			forms[i].padded ||
		    (encode_parse_b64(s, true, &a, &got, &err) == 0) !=
			forms[i].bare ||
		    (encode_parse_b64_any(s, &a, &got, &err) == 0) !=
			forms[i].any)
			fail_msg("form %zu, %s", i, s.p);
		if (!forms[i].padded || !forms[i].bare || !forms[i].any)
			assert_int_equal(err.code, ERR_INPUT);
	}
	arena_release(&a);
}

/* Each of 256 bytes at each place: the alphabet alone, and of the last
 * character before padding only what leaves the unused bits zero. */
/* How many of all bytes this place of a text of n bytes may hold. */
static size_t
characters_at(size_t n, size_t at)
{
	uint8_t out[3];
	char s[4];
	size_t taken = 0;

	for (unsigned c = 0; c < 256; c++) {
		memset(s, '=', 4);
		memset(s, 'A', n + 1);
		s[at] = (char)c;
		if (!encode_is_b64((struct str){s, 4}, out, n))
			continue;
		assert_true(c != 0 && strchr(alphabet, (int)c) != NULL);
		taken++;
	}
	return taken;
}

static void
test_characters(void **state)
{
	size_t taken[4][4] = {{0}};

	(void)state;
	for (size_t n = 1; n <= 3; n++)
		for (size_t at = 0; at <= n; at++)
			taken[n][at] = characters_at(n, at);
	for (size_t n = 1; n <= 3; n++)
		for (size_t at = 0; at <= n; at++)
			assert_int_equal(taken[n][at], at < n || n == 3 ? 64
						       : n == 1         ? 4
									: 16);
}

static void
test_sizes(void **state)
{
	uint8_t bytes[64], out[64], all[300], bare[300];
	struct arena a;
	struct span got;
	struct str s;
	struct err err;

	(void)state;
	arena_init(&a, 1 << 20);
	key_random(all, sizeof(all));
	memcpy(bytes, all, sizeof(bytes));
	for (size_t n = 0; n <= sizeof(all); n++) {
		s = encode_b64(&a, (struct span){all, n});
		assert_int_equal(encode_parse_b64(s, false, &a, &got, &err), 0);
		assert_true(span_eq(got, (struct span){all, n}));
		s = encode_b64_bare(&a, (struct span){all, n});
		for (size_t k = n < 2 ? 0 : n - 2; k < n + 2; k++)
			if (k < sizeof(bare))
				assert_int_equal(encode_is_b64_bare(s, bare, k),
				    k == n);
		s = encode_b64(&a, (struct span){all, n});
		if (n < 60 || n > 70)
			continue;
		assert_int_equal(encode_is_b64(s, out, 64), n == 64);
	}
	s = encode_b64(&a, (struct span){bytes, 32});
	assert_true(encode_is_b64(s, out, 32));
	assert_memory_equal(out, bytes, 32);
	assert_false(encode_is_b64(s, out, 31));
	assert_false(encode_is_b64(s, out, 33));
	assert_false(encode_is_b64(STR(""), out, 32));
	arena_release(&a);
}

static void
test_memory(void **state)
{
	struct arena a;
	struct span got;
	struct err err = {0};

	(void)state;
	arena_init(&a, 16);
	assert_null(encode_b64(&a, span_of(STR("more than 16 bytes"))).p);
	assert_int_equal(encode_parse_b64(STR("bW9yZSB0aGFuIDE2IGJ5dGVz"),
			     false, &a, &got, &err),
	    -1);
	assert_int_equal(err.code, ERR_NOMEM);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_characters),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_memory),
	};
	struct err err;

	return key_start(&err) != 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
