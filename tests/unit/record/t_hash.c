#include <string.h>

#include "base/num.h"
#include "record/hash.h"
#include "record/key.h"
#include "shared.h"

/* FIPS 180-4's examples, as NIST publishes them. */
static const struct {
	const char *text, *hex;
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void
check(struct id id, const char *hex)
{
	char text[2 * sizeof(id.b) + 1];

	hex_write(id.b, sizeof(id.b), text);
	assert_string_equal(text, hex);
}

static void
test_known(void **state)
{
	struct span s, parts[3];

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		s = span_of(str_of(known[i].text));
		check(hash_of(s), known[i].hex);
		check(hash_parts(&s, 1), known[i].hex);
		parts[0] = (struct span){s.p, s.n / 3};
		parts[1] = (struct span){NULL, 0};
		parts[2] = (struct span){s.p + s.n / 3, s.n - s.n / 3};
		check(hash_parts(parts, 3), known[i].hex);
	}
	check(hash_of((struct span){NULL, 0}), known[0].hex);
	check(hash_parts(NULL, 0), known[0].hex);
}

/* A million times "a", in pieces of every size up to 100. */
static void
test_stream(void **state)
{
	uint8_t piece[100];
	struct hash h;
	size_t left = 1000000, n;

	(void)state;
	memset(piece, 'a', sizeof(piece));
	hash_init(&h);
	for (size_t i = 0; left > 0; i++, left -= n) {
		n = i % (sizeof(piece) + 1);
		if (n > left)
			n = left;
		hash_add(&h, (struct span){piece, n});
	}
	check(hash_done(&h),
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_stream),
	};
	struct err err;

	return key_start(&err) != 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
