#include <string.h>

#include "base/num.h"
#include "record/dsse.h"
#include "record/hash.h"
#include "shared.h"

static bool
is_signed(const struct dsse *d, const struct pubkey *k, struct arena *a)
{
	struct span pae;
	struct err err;

	if (dsse_pae(d->type, d->payload, a, &pae, &err) != 0)
		return false;
	for (size_t i = 0; i < d->n; i++)
		if (key_is_signed(k, pae, &d->signature[i].sig))
			return true;
	return false;
}

static const struct {
	const char *type, *payload, *pae;
} paes[] = {
    /* the specification's example */
    {"http://example.com/HelloWorld", "hello world",
	"DSSEv1 29 http://example.com/HelloWorld 11 hello world"},
    {"", "", "DSSEv1 0  0 "},
    {"\xe5\xb9\xb3\xe5\x92\x8c", "{}",
	"DSSEv1 6 \xe5\xb9\xb3\xe5\x92\x8c 2 {}"}, /* bytes count */
    {"a b", "12 c", "DSSEv1 3 a b 4 12 c"},
};

static void
test_pae(void **state)
{
	struct span got;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < COUNT(paes); i++) {
		assert_int_equal(dsse_pae(str_of(paes[i].type),
				     span_of(str_of(paes[i].payload)), &a, &got,
				     &err),
		    0);
		assert_true(span_eq(got, span_of(str_of(paes[i].pae))));
	}
	arena_release(&a);
}

static void
read_envelope(const struct js *j, const struct pubkey *k, struct str id,
    struct arena *a)
{
	struct js_make m = {.a = a};
	struct str text;
	struct dsse d;
	struct err err;
	struct id got;
	uint8_t want[32];

	assert_int_equal(js_text(&m, j, JS_PRETTY, &text, &err), 0);
	assert_int_equal(dsse_parse(span_of(text), a, &d, &err), 0);
	assert_true(str_eq(d.type, DSSE_ACT_TYPE));
	assert_int_equal(d.n, 1);
	assert_true(is_signed(&d, k, a));
	got = hash_of(d.payload);
	assert_true(hex_is_parsed(id, want, 32));
	assert_memory_equal(got.b, want, 32);
}

static void
test_published(void **state)
{
	const struct js *j, *pae, *one;
	struct dsse_signature sig;
	struct secret *s;
	struct pubkey k;
	struct span got;
	struct arena a;
	struct dsse d;
	struct err err;
	struct js_make m = {.a = &a};
	struct str text;

	(void)state;
	SHARED_OR_SKIP("dsse/dsse.json");
	arena_init(&a, 1 << 20);
	j = shared_json(&a, "dsse/dsse.json");
	s = key_secret(shared_hex(&a, js_get(j, "key"), "seed_hex").p);
	k = key_pub(s);
	pae = js_get(j, "pae");
	assert_int_equal(js_len(pae), 7);
	for (size_t i = 0; i < js_len(pae); i++) {
		struct str type = js_str(js_get(js_at(pae, i), "type"));
		struct span body;

		one = js_at(pae, i);
		body = shared_hex(&a, one, "body_hex");
		assert_int_equal(dsse_pae(type, body, &a, &got, &err), 0);
		assert_true(span_eq(got, shared_hex(&a, one, "pae_hex")));
		assert_int_equal(dsse_sign(type, body, s, &a, &sig, &err), 0);
		assert_memory_equal(sig.sig.b,
		    shared_hex(&a, one, "ed25519_sig_hex").p, 64);
	}
	read_envelope(js_get(j, "envelope"), &k,
	    js_str(js_get(j, "payload_sha256")), &a);
	read_envelope(js_get(j, "same_envelope_urlsafe"), &k,
	    js_str(js_get(j, "payload_sha256")), &a);
	/* the specification's example is of another algorithm: form only */
	one = js_get(js_get(j, "official_ecdsa_example"), "envelope");
	assert_int_equal(js_text(&m, one, JS_COMPACT, &text, &err), 0);
	assert_int_equal(dsse_parse(span_of(text), &a, &d, &err), 0);
	assert_true(span_eq(d.payload, span_of(STR("hello world"))));
	assert_int_equal(d.n, 1);
	assert_false(is_signed(&d, &k, &a));
	key_secret_free(s);
	arena_release(&a);
}

#define S64                                                                    \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAA"                                                                 \
	"AAAAAAAAAAAAAA=="
#define E(sigs)                                                                \
	"{\"payload\":\"e30=\",\"payloadType\":\"t\",\"signatures\":" sigs "}"

/* n: signatures read; -1: refused. */
static const struct {
	const char *text;
	int n;
} forms[] = {
    {E("[]"), 0},
    {E("[{\"sig\":\"" S64 "\"}]"), 1},
    {E("[{\"sig\":\"" S64 "\",\"keyid\":\"\"}]"), 1},
    {E("[{\"sig\":\"" S64 "\",\"other\":[1]}]"), 1},
    {E("[{\"sig\":\"\"},{\"sig\":\"" S64 "\"},{\"sig\":\"Zg==\"}]"), 1},
    {" {\"x\":1,\"payloadType\":\"\",\"payload\":\"\",\"signatures\":[]} ", 0},
    {"", -1},
    {"[]", -1},
    {"\"\"", -1},
    {"{}", -1},
    {"{\"payload\":\"e30=\",\"payloadType\":\"t\"}", -1},
    {"{\"payload\":\"e30=\",\"signatures\":[]}", -1},
    {"{\"payloadType\":\"t\",\"signatures\":[]}", -1},
    {"{\"payload\":1,\"payloadType\":\"t\",\"signatures\":[]}", -1},
    {"{\"payload\":\"e30=\",\"payloadType\":null,\"signatures\":[]}", -1},
    {"{\"payload\":\"e30\",\"payloadType\":\"t\",\"signatures\":[]}", -1},
    {"{\"payload\":\"e31=\",\"payloadType\":\"t\",\"signatures\":[]}", -1},
    {"{\"payload\":\"e30= \",\"payloadType\":\"t\",\"signatures\":[]}", -1},
    {"{\"payload\":\"-_+/\",\"payloadType\":\"t\",\"signatures\":[]}", -1},
    {"{\"payload\":\"-_-_\",\"payloadType\":\"t\",\"signatures\":[]}", 0},
    {"{\"payload\":\"e30=\",\"payload\":\"e30=\",\"payloadType\":\"t\","
     "\"signatures\":[]}",
	-1},
    {E("{}"), -1},
    {E("\"\""), -1},
    {E("[1]"), -1},
    {E("[{}]"), -1},
    {E("[{\"sig\":1}]"), -1},
    {E("[{\"sig\":\"?\"}]"), -1},
    {E("[{\"sig\":\"" S64 "\",\"keyid\":7}]"), -1},
    {E("[]") "x", -1},
    {E("[]") E("[]"), -1},
};

static void
test_forms(void **state)
{
	struct err err = {0};
	struct arena a;
	struct dsse d;
	int rc;

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		arena_init(&a, 1 << 16);
		rc = dsse_parse(span_of(str_of(forms[i].text)), &a, &d, &err);
		if ((rc == 0 ? (int)d.n : -1) != forms[i].n)
			fail_msg("form %zu: %s", i, err.text);
		if (rc != 0)
			assert_int_equal(err.code, ERR_INPUT);
		arena_release(&a);
	}
}

static void
test_limit(void **state)
{
	struct err err = {0};
	struct arena a;
	struct dsse d;
	struct buf b;
	struct str s;

	(void)state;
	for (size_t n = DSSE_SIGNATURES_MAX; n <= DSSE_SIGNATURES_MAX + 1;
	     n++) {
		arena_init(&a, 1 << 16);
		buf_init(&b, &a);
		buf_z(&b, "{\"payload\":\"\",\"payloadType\":\"\","
			  "\"signatures\":[");
		for (size_t i = 0; i < n; i++)
			buf_fmt(&b, "%s{\"sig\":\"%s\"}", i > 0 ? "," : "",
			    S64);
		buf_z(&b, "]}");
		assert_int_equal(buf_done(&b, &s, &err), 0);
		assert_int_equal(dsse_parse(span_of(s), &a, &d, &err),
		    n > DSSE_SIGNATURES_MAX ? -1 : 0);
		arena_release(&a);
	}
	assert_int_equal(d.n, DSSE_SIGNATURES_MAX);
	assert_int_equal(err.code, ERR_INPUT);
}

/* An envelope of two officers. */
static struct str
envelope(struct secret *s[2], struct arena *a)
{
	struct dsse d = {.type = DSSE_ACT_TYPE,
	    .payload = span_of(STR("{\"text\":\"peace\"}")),
	    .n = 2};
	struct str text;
	struct err err;

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(dsse_sign(d.type, d.payload, s[i], a,
				     &d.signature[i], &err),
		    0);
	assert_int_equal(dsse_text(&d, a, &text, &err), 0);
	return text;
}

static void
test_round(void **state)
{
	struct secret *s[2] = {key_secret_random(), key_secret_random()};
	struct pubkey k[2] = {key_pub(s[0]), key_pub(s[1])};
	struct arena a;
	struct dsse d;
	struct err err;
	struct str text, again;

	(void)state;
	arena_init(&a, 1 << 20);
	text = envelope(s, &a);
	assert_int_equal(dsse_parse(span_of(text), &a, &d, &err), 0);
	assert_int_equal(d.n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(is_signed(&d, &k[i], &a));
		assert_true(str_eq(d.signature[i].keyid,
		    hex_str(&a, k[i].b, sizeof(k[i].b))));
	}
	assert_int_equal(dsse_text(&d, &a, &again, &err), 0);
	assert_true(str_eq(text, again));
	for (size_t i = 0; i < 2; i++)
		key_secret_free(s[i]);
	arena_release(&a);
}

/*
 * A flipped bit may change what nobody signs (a keyid, the name of a field that
 * may be absent, one of two signatures): then type and payload are what they
 * were.  Nothing else verifies, and no cut envelope is one.
 */
static void
test_damage(void **state)
{
	struct secret *s[2] = {key_secret_random(), key_secret_random()};
	struct pubkey k[2] = {key_pub(s[0]), key_pub(s[1])};
	struct arena a, one;
	struct dsse d, was;
	struct err err;
	struct str text;
	char *p;

	(void)state;
	arena_init(&a, 1 << 20);
	text = envelope(s, &a);
	assert_int_equal(dsse_parse(span_of(text), &a, &was, &err), 0);
	p = arena_copy(&a, text.p, text.n);
	for (size_t bit = 0; bit < 8 * text.n; bit++) {
		arena_init(&one, 1 << 16);
		p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
		if (dsse_parse((struct span){(uint8_t *)p, text.n}, &one, &d,
			&err) == 0 &&
		    (is_signed(&d, &k[0], &one) ||
			is_signed(&d, &k[1], &one))) {
			assert_true(span_eq(d.payload, was.payload));
			assert_true(str_eq(d.type, was.type));
		}
		p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
		arena_release(&one);
	}
	for (size_t n = 0; n < text.n; n++) {
		arena_init(&one, 1 << 16);
		assert_int_equal(
		    dsse_parse((struct span){(uint8_t *)p, n}, &one, &d, &err),
		    -1);
		arena_release(&one);
	}
	for (size_t i = 0; i < 2; i++)
		key_secret_free(s[i]);
	arena_release(&a);
}

/* Each allocation fails in turn; then it works. */
static void
test_memory(void **state)
{
	struct secret *s[2] = {key_secret_random(), key_secret_random()};
	struct dsse d = {.n = 0};
	struct arena a, one;
	struct err err = {0};
	struct str text, got;
	int rc = -1;

	(void)state;
	arena_init(&a, 1 << 20);
	text = envelope(s, &a);
	for (long at = 1; rc != 0; at++) {
		arena_init(&one, 1 << 20);
		one.fail_at = at;
		rc = dsse_parse(span_of(text), &one, &d, &err);
		if (rc == 0)
			rc = dsse_text(&d, &one, &got, &err);
		if (rc == 0)
			rc = dsse_sign(d.type, d.payload, s[0], &one,
			    &d.signature[0], &err);
		assert_true(rc == 0 || err.code == ERR_NOMEM);
		assert_true(at < 100);
		arena_release(&one);
	}
	for (size_t i = 0; i < 2; i++)
		key_secret_free(s[i]);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pae),
	    cmocka_unit_test(test_published),
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_round),
	    cmocka_unit_test(test_damage),
	    cmocka_unit_test(test_memory),
	};
	struct err err;

	return key_start(&err) != 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
