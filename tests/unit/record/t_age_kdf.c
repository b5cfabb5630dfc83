#include <sodium.h>
#include <string.h>

#include "base/num.h"
#include "record/age_int.h"
#include "record/key.h"
#include "shared.h"

/* What Wycheproof says of the primitives that age stands on. */
typedef bool case_fn(const struct js *group, const struct js *j,
    struct arena *a);

static bool
is_flagged(const struct js *j, const char *flag)
{
	const struct js *flags = js_get(j, "flags");

	for (size_t i = 0; i < js_len(flags); i++)
		if (js_is_str(js_at(flags, i), flag))
			return true;
	return false;
}

/* Does the case behave as it should? */
static bool
x25519(const struct js *group, const struct js *j, struct arena *a)
{
	struct span shared = shared_hex(a, j, "shared");
	uint8_t got[32];

	(void)group;
	if (!age_shared(shared_hex(a, j, "private").p,
		shared_hex(a, j, "public").p, got))
		return is_flagged(j, "ZeroSharedSecret");
	return !is_flagged(j, "ZeroSharedSecret") &&
	       memcmp(got, shared.p, 32) == 0;
}

/* We derive 32 bytes: those are the first of every longer output. */
static bool
hkdf(const struct js *group, const struct js *j, struct arena *a)
{
	struct span okm;
	struct age_key k;

	(void)group;
	if (!js_is_str(js_get(j, "result"), "valid"))
		return js_int(js_get(j, "size")) > 255 * 32;
	okm = shared_hex(a, j, "okm");
	k = age_hkdf(shared_hex(a, j, "ikm"), shared_hex(a, j, "salt"),
	    shared_hex(a, j, "info"));
	return memcmp(k.b, okm.p, okm.n < 32 ? okm.n : 32) == 0;
}

static bool
hmac(const struct js *group, const struct js *j, struct arena *a)
{
	struct span key = shared_hex(a, j, "key");
	struct span msg = shared_hex(a, j, "msg");
	struct span tag = shared_hex(a, j, "tag");
	size_t n = (size_t)js_int(js_get(group, "tagSize")) / 8;
	crypto_auth_hmacsha256_state h;
	uint8_t got[32];
	bool same;

	(void)crypto_auth_hmacsha256_init(&h, key.p, key.n);
	(void)crypto_auth_hmacsha256_update(&h, msg.p, msg.n);
	(void)crypto_auth_hmacsha256_final(&h, got);
	same = tag.n == n && memcmp(got, tag.p, n) == 0;
	return same == js_is_str(js_get(j, "result"), "valid");
}

static bool
chacha(const struct js *group, const struct js *j, struct arena *a)
{
	struct span key = shared_hex(a, j, "key"), iv = shared_hex(a, j, "iv");
	struct span aad = shared_hex(a, j, "aad");
	struct span msg = shared_hex(a, j, "msg");
	struct span ct = shared_hex(a, j, "ct"), tag = shared_hex(a, j, "tag");
	uint8_t *got = arena_alloc(a, ct.n + 1, 1);
	bool valid = js_is_str(js_get(j, "result"), "valid");

	(void)group;
	if (is_flagged(j, "InvalidNonceSize"))
		return !valid;
	assert_int_equal(key.n, 32);
	assert_int_equal(iv.n, 12);
	if (crypto_aead_chacha20poly1305_ietf_decrypt_detached(got, NULL, ct.p,
		ct.n, tag.p, aad.p, aad.n, iv.p, key.p) != 0)
		return !valid;
	return valid && span_eq((struct span){got, ct.n}, msg);
}

static void
run(const char *path, case_fn *fn, size_t count)
{
	const struct js *groups, *tests, *j;
	struct arena a;
	size_t n = 0;

	SHARED_OR_SKIP(path);
	arena_init(&a, 32 << 20);
	groups = js_get(shared_json(&a, path), "testGroups");
	for (size_t g = 0; g < js_len(groups); g++) {
		tests = js_get(js_at(groups, g), "tests");
		for (size_t i = 0; i < js_len(tests); i++, n++) {
			j = js_at(tests, i);
			if (!fn(js_at(groups, g), j, &a))
				fail_msg("%s: case %lld", path,
				    (long long)js_int(js_get(j, "tcId")));
		}
	}
	assert_int_equal(n, count);
	arena_release(&a);
}

static void
test_x25519(void **state)
{
	(void)state;
	run("wycheproof/x25519_test.json", x25519, 518);
}

static void
test_hkdf(void **state)
{
	(void)state;
	run("wycheproof/hkdf_sha256_test.json", hkdf, 86);
}

static void
test_hmac(void **state)
{
	(void)state;
	run("wycheproof/hmac_sha256_test.json", hmac, 174);
}

static void
test_chacha(void **state)
{
	(void)state;
	run("wycheproof/chacha20_poly1305_test.json", chacha, 325);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_x25519),
	    cmocka_unit_test(test_hkdf),
	    cmocka_unit_test(test_hmac),
	    cmocka_unit_test(test_chacha),
	};
	struct err err;

	return key_start(&err) != 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
