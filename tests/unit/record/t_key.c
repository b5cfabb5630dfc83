#include <string.h>

#include "base/num.h"
#include "record/key.h"
#include "shared.h"

/* RFC 8032 section 7.1, tests 1 to 3. */
static const struct {
	const char *seed, *pub, *message, *sig;
} known[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	"72",
	"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	"af82",
	"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

static void
test_known(void **state)
{
	uint8_t seed[32], pub[32], sig[64], message[2];
	struct secret *s;
	struct pubkey k;
	struct sig got;
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		n = strlen(known[i].message) / 2;
		assert_true(hex_is_parsed(str_of(known[i].seed), seed, 32));
		assert_true(hex_is_parsed(str_of(known[i].pub), pub, 32));
		assert_true(hex_is_parsed(str_of(known[i].sig), sig, 64));
		assert_true(
		    hex_is_parsed(str_of(known[i].message), message, n));
		assert_non_null(s = key_secret(seed));
		assert_memory_equal(key_secret_bytes(s), seed, 32);
		k = key_pub(s);
		assert_memory_equal(k.b, pub, 32);
		assert_true(key_is_usable(&k));
		got = key_sign(s, (struct span){message, n});
		assert_memory_equal(got.b, sig, 64);
		assert_true(key_is_signed(&k, (struct span){message, n}, &got));
		key_secret_free(s);
	}
	key_secret_free(NULL);
}

static void
test_flips(void **state)
{
	struct secret *s = key_secret_random(), *other = key_secret_random();
	struct pubkey k = key_pub(s), foreign = key_pub(other);
	char text[] = "an act";
	struct span m = {(const uint8_t *)text, 6};
	struct sig sig = key_sign(s, m);

	(void)state;
	assert_true(key_is_signed(&k, m, &sig));
	assert_false(key_is_signed(&foreign, m, &sig));
	assert_false(key_eq(&k, &foreign));
	assert_true(key_eq(&k, &k));
	for (size_t bit = 0; bit < 8 * sizeof(sig.b); bit++) {
		sig.b[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(key_is_signed(&k, m, &sig));
		sig.b[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t bit = 0; bit < 48; bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		assert_false(key_is_signed(&k, m, &sig));
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof(k.b); bit++) {
		k.b[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(key_is_signed(&k, m, &sig));
		k.b[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	key_secret_free(s);
	key_secret_free(other);
}

/* The encodings of the points of small order: each with and without the sign
 * bit.  docs/format/keys.md. */
static const char *const small[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void
test_small_order(void **state)
{
	struct secret *s = key_secret_random();
	struct pubkey good = key_pub(s), k;
	struct span m = span_of(STR("m"));
	struct sig sig;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(small); i++) {
		assert_true(hex_is_parsed(str_of(small[i / 2]), k.b, 32));
		k.b[31] ^= (uint8_t)(i % 2 << 7);
		assert_false(key_is_usable(&k));
		/* S = 0 and R = -kA would verify without the rule */
		memset(sig.b, 0, sizeof(sig.b));
		memcpy(sig.b, k.b, 32);
		assert_false(key_is_signed(&k, m, &sig));
		sig.b[0] = 1;
		assert_false(key_is_signed(&k, m, &sig));
		sig = key_sign(s, m);
		memcpy(sig.b, k.b, 32);
		assert_false(key_is_signed(&good, m, &sig));
	}
	key_secret_free(s);
}

static void
test_unusable(void **state)
{
	struct pubkey k;

	(void)state;
	memset(k.b, 0xff, sizeof(k.b)); /* not canonical */
	assert_false(key_is_usable(&k));
	memset(k.b, 0, sizeof(k.b)); /* y = 2: on no point */
	k.b[0] = 2;
	assert_false(key_is_usable(&k));
}

/* "number TAB plain TAB strict", one line a vector. */
static bool
is_strict(struct span tsv, size_t *at)
{
	struct str s = span_str(tsv), line;
	size_t end;

	do {
		end = str_find(s, '\n', *at);
		assert_true(end < s.n);
		line = str_sub(s, *at, end);
		*at = end + 1;
	} while (str_starts(line, STR("#")));
	return str_ends(line, STR("\t1"));
}

static void
test_cctv(void **state)
{
	const struct js *list, *j;
	struct span tsv, bytes;
	struct arena a;
	struct pubkey k;
	struct sig sig;
	size_t at = 0, accepted = 0;
	bool strict, ours;

	(void)state;
	SHARED_OR_SKIP("cctv-ed25519/ed25519vectors.json");
	arena_init(&a, 16 << 20);
	list = shared_json(&a, "cctv-ed25519/ed25519vectors.json");
	tsv = shared_read(&a, "cctv-ed25519/expected.tsv");
	assert_int_equal(js_len(list), 914);
	for (size_t i = 0; i < js_len(list); i++) {
		j = js_at(list, i);
		bytes = shared_hex(&a, j, "key");
		assert_int_equal(bytes.n, 32);
		memcpy(k.b, bytes.p, 32);
		bytes = shared_hex(&a, j, "sig");
		assert_int_equal(bytes.n, 64);
		memcpy(sig.b, bytes.p, 64);
		strict = is_strict(tsv, &at);
		ours =
		    key_is_signed(&k, span_of(js_str(js_get(j, "msg"))), &sig);
		if (ours != strict)
			fail_msg("vector %zu: %d, not %d", i, ours, strict);
		accepted += ours;
	}
	assert_int_equal(accepted, 43);
	arena_release(&a);
}

static void
test_wycheproof(void **state)
{
	const struct js *groups, *tests, *j;
	struct span pk, sig;
	struct arena a;
	struct pubkey k;
	struct sig s;
	size_t n = 0;

	(void)state;
	SHARED_OR_SKIP("wycheproof/ed25519_test.json");
	arena_init(&a, 16 << 20);
	groups = js_get(shared_json(&a, "wycheproof/ed25519_test.json"),
	    "testGroups");
	for (size_t g = 0; g < js_len(groups); g++) {
		pk =
		    shared_hex(&a, js_get(js_at(groups, g), "publicKey"), "pk");
		assert_int_equal(pk.n, 32);
		memcpy(k.b, pk.p, 32);
		tests = js_get(js_at(groups, g), "tests");
		for (size_t i = 0; i < js_len(tests); i++, n++) {
			j = js_at(tests, i);
			sig = shared_hex(&a, j, "sig");
			if (sig.n == sizeof(s.b))
				memcpy(s.b, sig.p, sizeof(s.b));
			if ((sig.n == sizeof(s.b) &&
				key_is_signed(&k, shared_hex(&a, j, "msg"),
				    &s)) !=
			    js_is_str(js_get(j, "result"), "valid"))
				fail_msg("case %lld",
				    (long long)js_int(js_get(j, "tcId")));
		}
	}
	assert_int_equal(n, 151);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_flips),
	    cmocka_unit_test(test_small_order),
	    cmocka_unit_test(test_unusable),
	    cmocka_unit_test(test_cctv),
	    cmocka_unit_test(test_wycheproof),
	};
	struct err err;

	return key_start(&err) != 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
