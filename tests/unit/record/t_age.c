#include <sodium.h>
#include <string.h>
#include <zlib.h>

#include "base/num.h"
#include "record/age_int.h"
#include "record/hash.h"
#include "age_parts.h"
#include "shared.h"

enum { MEMORY = 64 << 20 };

static struct secret *
secret_of(uint8_t fill)
{
	uint8_t b[32];
	struct secret *s;

	memset(b, fill, sizeof(b));
	assert_non_null(s = key_secret(b));
	return s;
}

static void
assert_id_hex(struct span s, struct str hex)
{
	struct id id = hash_of(s);
	uint8_t want[32];

	assert_true(hex_is_parsed(hex, want, sizeof(want)));
	assert_memory_equal(id.b, want, sizeof(want));
}

/* One file of the age testkit: "key: value" lines, an empty line, the file. */
struct kit {
	struct str expect, payload, identity;
	bool more, zlib; /* it has what we do not take; it is compressed */
	struct span file;
};

static struct kit
kit_parse(struct span s)
{
	struct str all = span_str(s), line, value;
	struct kit k = {.more = false};
	size_t at = 0, end, colon;

	for (;; at = end + 1) {
		end = str_find(all, '\n', at);
		line = str_sub(all, at, end);
		if (line.n == 0)
			break;
		assert_true(end < all.n);
		colon = str_find(line, ':', 0);
		value = str_sub(line, colon + 2, line.n);
		line = str_sub(line, 0, colon);
		if (str_is(line, "expect"))
			k.expect = value;
		else if (str_is(line, "payload"))
			k.payload = value;
		else if (str_is(line, "identity") && k.identity.n == 0)
			k.identity = value;
		else if (str_is(line, "compressed"))
			k.zlib = true;
		else
			k.more = k.more || str_is(line, "armored") ||
			         str_is(line, "passphrase");
	}
	k.file = (struct span){s.p + end + 1, s.n - end - 1};
	return k;
}

static void
inflate_file(struct kit *k, struct arena *a, size_t size)
{
	uLongf n = size;
	uint8_t *p = arena_alloc(a, size + 1, 1);

	assert_non_null(p);
	assert_int_equal(uncompress(p, &n, k->file.p, k->file.n), Z_OK);
	assert_int_equal(n, size);
	k->file = (struct span){p, n};
}

/* Comity takes X25519 alone: the other files must not open. */
static void
kit_run(const struct kit *k, bool ours, struct arena *a, struct str name)
{
	struct err err = {0}, also = {0};
	struct secret *s = NULL;
	struct span plain, parts;
	int rc;

	if (age_identity_parse(k->identity, &s, &err) != 0) {
		assert_true(!ours || k->identity.n == 0);
		s = secret_of(7);
	}
	rc = age_open(k->file, s, a, &plain, &err);
	assert_int_equal(open_in_parts(k->file, s, a, &parts, &also), rc);
	assert_int_equal(also.code, err.code);
	assert_true(rc != 0 || span_eq(parts, plain));
	key_secret_free(s);
	if ((rc == 0) != (ours && str_is(k->expect, "success")))
		fail_msg("%.*s: %d, %s", STR_ARG(name), rc, err.text);
	if (rc == 0)
		assert_id_hex(plain, k->payload);
	else if (ours)
		assert_int_equal(err.code,
		    str_is(k->expect, "no match") ? ERR_DENIED : ERR_INPUT);
}

static struct str
column(struct str line, size_t n)
{
	size_t from = 0;

	while (n-- > 0)
		from = str_find(line, '\t', from) + 1;
	return str_sub(line, from, str_find(line, '\t', from));
}

static void
test_kit(void **state)
{
	struct str index, line, features;
	struct arena a, one;
	struct kit k;
	size_t end, count = 0;
	int64_t size;
	char path[256];
	struct err err;
	bool ours;

	(void)state;
	SHARED_OR_SKIP("age/index.tsv");
	arena_init(&a, 1 << 20);
	index = span_str(shared_read(&a, "age/index.tsv"));
	for (size_t at = 0; at < index.n; at = end + 1) {
		end = str_find(index, '\n', at);
		line = str_sub(index, at, end);
		if (line.n == 0 || str_starts(line, STR("#")))
			continue;
		arena_init(&one, MEMORY);
		features = column(line, 2);
		(void)snprintf(path, sizeof(path), "age/%.*s",
		    STR_ARG(column(line, 0)));
		k = kit_parse(shared_read(&one, path));
		assert_true(str_eq(k.expect, column(line, 1)));
		assert_int_equal(
		    num_parse(column(line, 3), 0, 1 << 26, &size, &err), 0);
		if (k.zlib)
			inflate_file(&k, &one, (size_t)size);
		ours = str_is(features, "x25519") || str_is(features, "-") ||
		       str_is(features, "x25519,zlib");
		count += ours;
		kit_run(&k, ours, &one, column(line, 0));
		arena_release(&one);
	}
	assert_int_equal(count, 67);
	arena_release(&a);
}

/* Randomness of a published file: its file key, scalars, nonce. */
struct given {
	const struct js *file;
	struct arena *a;
	size_t n;
};

static void
given_random(void *ctx, void *p, size_t n)
{
	struct given *g = ctx;
	const struct js *stanzas = js_get(g->file, "stanzas");
	struct span s;

	if (g->n == 0)
		s = shared_hex(g->a, g->file, "file_key_hex");
	else if (g->n <= js_len(stanzas))
		s = shared_hex(g->a, js_at(stanzas, g->n - 1),
		    "ephemeral_secret_hex");
	else
		s = shared_hex(g->a, g->file, "payload_nonce_hex");
	g->n++;
	assert_int_equal(s.n, n);
	memcpy(p, s.p, n);
}

/* The long plaintexts repeat the bytes 0 to 250. */
static struct span
plain_of(const struct js *file, struct arena *a)
{
	size_t n = (size_t)js_int(js_get(file, "plaintext_bytes"));
	uint8_t *p;

	if (js_get(file, "plaintext") != NULL)
		return span_of(js_str(js_get(file, "plaintext")));
	assert_non_null(p = arena_alloc(a, n, 1));
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i % 251);
	return (struct span){p, n};
}

static void
check_steps(const struct js *file, struct arena *a)
{
	const struct js *stanzas = js_get(file, "stanzas"), *j;
	struct span file_key = shared_hex(a, file, "file_key_hex");
	struct age_stanza s;
	struct age_key k;
	struct box to;
	uint8_t shared[32];

	k = age_payload_key(file_key.p,
	    shared_hex(a, file, "payload_nonce_hex").p);
	assert_memory_equal(k.b, shared_hex(a, file, "payload_key_hex").p, 32);
	for (size_t i = 0; i < js_len(stanzas); i++) {
		j = js_at(stanzas, i);
		if (js_get(j, "why") != NULL)
			continue;
		memcpy(to.b, shared_hex(a, j, "recipient_hex").p, 32);
		assert_true(age_shared(
		    shared_hex(a, j, "ephemeral_secret_hex").p, to.b, shared));
		assert_memory_equal(shared,
		    shared_hex(a, j, "shared_secret_hex").p, 32);
		assert_true(age_wrap(file_key.p,
		    shared_hex(a, j, "ephemeral_secret_hex").p, &to, &s));
		assert_memory_equal(s.share,
		    shared_hex(a, j, "ephemeral_share_hex").p, 32);
		assert_memory_equal(s.body, shared_hex(a, j, "body_hex").p, 32);
	}
}

/* Each recipient of a published file opens it; byte for byte where we write
 * such files too (no stanza of an invented type). */
static size_t
run_own(const struct js *file, struct arena *a)
{
	const struct js *stanzas = js_get(file, "stanzas"), *j;
	struct given g = {file, a, 0};
	struct span plain = plain_of(file, a), sealed, got;
	struct box to[8];
	struct secret *s;
	struct err err = {0};
	bool whole = true;

	check_steps(file, a);
	assert_id_hex(plain, js_str(js_get(file, "plaintext_sha256")));
	for (size_t i = 0; i < js_len(stanzas); i++) {
		j = js_str(js_get(js_at(stanzas, i), "recipient")).n > 0
		        ? js_at(stanzas, i)
		        : NULL;
		if (j == NULL || age_box_parse(js_str(js_get(j, "recipient")),
				     &to[i], &err) != 0)
			whole = false;
	}
	if (whole) {
		assert_int_equal(age_seal(plain, to, js_len(stanzas),
				     given_random, &g, a, &sealed, &err),
		    0);
		assert_int_equal(sealed.n, js_int(js_get(file, "file_bytes")));
		assert_id_hex(sealed, js_str(js_get(file, "file_sha256")));
	} else {
		sealed = shared_hex(a, file, "file_hex");
	}
	for (size_t i = 0; i < js_len(stanzas); i++) {
		j = js_get(js_at(stanzas, i), "identity");
		if (j == NULL)
			continue;
		assert_int_equal(age_identity_parse(js_str(j), &s, &err), 0);
		assert_int_equal(age_open(sealed, s, a, &got, &err), 0);
		assert_true(span_eq(got, plain));
		key_secret_free(s);
	}
	return whole;
}

static void
test_own(void **state)
{
	const struct js *files;
	struct arena a, one;
	size_t whole = 0;

	(void)state;
	SHARED_OR_SKIP("age-own/age-own.json");
	arena_init(&a, 1 << 20);
	files = js_get(shared_json(&a, "age-own/age-own.json"), "files");
	assert_int_equal(js_len(files), 8);
	for (size_t i = 0; i < js_len(files); i++) {
		arena_init(&one, MEMORY);
		whole += run_own(js_at(files, i), &one);
		arena_release(&one);
	}
	assert_int_equal(whole, 7);
	arena_release(&a);
}

static void
check_pair(const struct js *j, struct arena *a)
{
	struct str identity = js_str(js_get(j, "identity"));
	struct str recipient = js_str(js_get(j, "recipient"));
	struct secret *s;
	struct box box, of;
	struct err err;

	assert_int_equal(age_identity_parse(identity, &s, &err), 0);
	assert_memory_equal(key_secret_bytes(s),
	    shared_hex(a, j, "identity_hex").p, 32);
	assert_true(str_eq(age_identity_text(a, s), identity));
	assert_int_equal(age_box_parse(recipient, &box, &err), 0);
	assert_memory_equal(box.b, shared_hex(a, j, "recipient_hex").p, 32);
	of = age_box(s);
	assert_memory_equal(of.b, box.b, 32);
	assert_true(str_eq(age_box_text(a, &box), recipient));
	key_secret_free(s);
}

static void
refuse_key(struct str s)
{
	struct err err = {0};
	struct secret *secret;
	struct box box;

	if (age_box_parse(s, &box, &err) == 0 ||
	    age_identity_parse(s, &secret, &err) == 0)
		fail_msg("taken: %.*s", STR_ARG(s));
	assert_int_equal(err.code, ERR_INPUT);
}

/* Their shared secret is always zero: some are well-formed, none is sealed to.
 */
static void
refuse_low_order(const struct js *list, struct arena *a)
{
	struct err err;
	struct box box;
	struct span got;

	assert_int_equal(js_len(list), 7);
	for (size_t i = 0; i < js_len(list); i++)
		assert_true(
		    age_box_parse(js_str(js_at(list, i)), &box, &err) != 0 ||
		    age_seal(span_of(STR("x")), &box, 1, NULL, NULL, a, &got,
			&err) != 0);
}

static void
test_keys(void **state)
{
	const struct js *j, *list;
	struct arena a;

	(void)state;
	SHARED_OR_SKIP("age-own/age-own.json");
	arena_init(&a, MEMORY);
	j = shared_json(&a, "age-own/age-own.json");
	list = js_get(j, "bech32_good");
	assert_int_equal(js_len(list), 4);
	for (size_t i = 0; i < js_len(list); i++)
		check_pair(js_at(list, i), &a);
	list = js_get(j, "bech32_bad");
	assert_int_equal(js_len(list), 13);
	for (size_t i = 0; i < js_len(list); i++)
		refuse_key(js_str(js_get(js_at(list, i), "string")));
	refuse_low_order(
	    js_get(js_get(j, "low_order_recipients"), "recipients"), &a);
	j = js_get(j, "bech32_case");
	refuse_key(js_str(js_get(j, "identity_lower")));
	refuse_key(js_str(js_get(j, "recipient_upper")));
	arena_release(&a);
}

/* Every other character at every place of a recipient and an identity. */
/* Every other character at this place. */
static void
refuse_changed(struct str text, size_t at, char *copy)
{
	for (unsigned c = 0; c < 256; c++) {
		memcpy(copy, text.p, text.n);
		copy[at] = (char)c;
		if (copy[at] != text.p[at])
			refuse_key((struct str){copy, text.n});
	}
}

static void
test_key_changes(void **state)
{
	struct secret *s = secret_of(9);
	struct box box = age_box(s);
	struct str text[2];
	struct arena a;
	char copy[80];

	(void)state;
	arena_init(&a, 1 << 16);
	text[0] = age_box_text(&a, &box);
	text[1] = age_identity_text(&a, s);
	assert_int_equal(text[0].n, 62);
	assert_int_equal(text[1].n, 74);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < text[k].n; i++)
			refuse_changed(text[k], i, copy);
	key_secret_free(s);
	arena_release(&a);
}

/* u = 0, 1, two of order 8, p-1, p, p+1; and p+2, which is 2 in another form.
 */
static const char *const bad_boxes[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void
test_bad_boxes(void **state)
{
	struct secret *s = secret_of(9);
	struct box to[2] = {age_box(s)};
	struct err err = {0};
	struct span got;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < 2 * COUNT(bad_boxes); i++) {
		assert_true(
		    hex_is_parsed(str_of(bad_boxes[i / 2]), to[1].b, 32));
		to[1].b[31] ^= (uint8_t)(i % 2 << 7);
		assert_int_equal(age_seal(span_of(STR("x")), to, 2, NULL, NULL,
				     &a, &got, &err),
		    -1);
		assert_int_equal(err.code, ERR_INPUT);
	}
	key_secret_free(s);
	arena_release(&a);
}

/* A file of our own with a stanza that the table row stands for. */
static const struct {
	const char *header;
	enum err_code code;
} headers[] = {
    {"", ERR_INPUT},
    {"age-encryption.org/v1", ERR_INPUT},
    {"age-encryption.org/v2\n", ERR_INPUT},
    {"age-encryption.org/v1\r\n", ERR_INPUT},
    {"age-encryption.org/v1\n", ERR_INPUT},
    {"age-encryption.org/v1\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
     "0123456789abcdef0123456789abcdef",
	ERR_INPUT}, /* no stanza */
    {"age-encryption.org/v1\n-> a\n\n---\n", ERR_INPUT},
    {"age-encryption.org/v1\n-> a\n\n--- AAAA\n", ERR_INPUT},
    {"age-encryption.org/v1\n-> a\n\n"
     "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
     "0123456789abcde",
	ERR_INPUT}, /* nonce cut */
    {"age-encryption.org/v1\n-> a\n\n"
     "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
     "0123456789abcdef0123456789abcdef",
	ERR_DENIED}, /* well-formed, for nobody here */
    {"age-encryption.org/v1\n-> scrypt a b\n\n"
     "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
     "0123456789abcdef0123456789abcdef",
	ERR_DENIED},
    {"age-encryption.org/v1\n-> scrypt a b\n\n-> a\n\n"
     "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
     "0123456789abcdef0123456789abcdef",
	ERR_INPUT},
    {"age-encryption.org/v1\n-> a  b\n\n", ERR_INPUT},
    {"age-encryption.org/v1\n-> a \n\n", ERR_INPUT},
    {"age-encryption.org/v1\n-> \n\n", ERR_INPUT},
    {"age-encryption.org/v1\n->\n\n", ERR_INPUT},
    {"age-encryption.org/v1\n-> a\tb\n\n", ERR_INPUT},
    {"age-encryption.org/v1\n-> a\n\x80\x80\x80\x80\n", ERR_INPUT},
    {"age-encryption.org/v1\n-> X25519 a\n\n", ERR_INPUT},
};

static void
test_headers(void **state)
{
	struct secret *s = secret_of(9);
	struct err err = {0};
	struct span got;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < COUNT(headers); i++) {
		if (age_open(span_of(str_of(headers[i].header)), s, &a, &got,
			&err) == 0 ||
		    err.code != headers[i].code)
			fail_msg("header %zu: %s", i, err.text);
	}
	key_secret_free(s);
	arena_release(&a);
}

/* The limits of a header: stanzas, and bytes. */
static void
test_limits(void **state)
{
	struct secret *s = secret_of(9), *other = secret_of(8);
	struct box to[AGE_STANZAS_MAX + 1];
	struct span got, sealed;
	struct err err = {0};
	struct arena a;
	struct buf b;
	struct str long_one;

	(void)state;
	arena_init(&a, MEMORY);
	for (size_t i = 0; i < COUNT(to); i++)
		to[i] = age_box(other);
	to[AGE_STANZAS_MAX - 1] = age_box(s);
	assert_int_equal(age_seal(span_of(STR("all")), to, AGE_STANZAS_MAX,
			     NULL, NULL, &a, &sealed, &err),
	    0);
	assert_int_equal(age_open(sealed, s, &a, &got, &err), 0);
	assert_true(span_eq(got, span_of(STR("all"))));
	assert_int_equal(
	    age_seal(got, to, COUNT(to), NULL, NULL, &a, &got, &err), -1);
	assert_int_equal(age_seal(got, to, 0, NULL, NULL, &a, &got, &err), -1);
	for (size_t kind = 0; kind < 2; kind++) {
		buf_init(&b, &a);
		buf_z(&b, "age-encryption.org/v1\n");
		for (size_t i = 0; i <= AGE_STANZAS_MAX && kind == 0; i++)
			buf_z(&b, "-> a\n\n");
		for (size_t i = 0; i < AGE_HEADER_MAX && kind == 1; i++)
			buf_z(&b, i == 0 ? "-> a" : "a");
		buf_z(&b, "\n\n--- ");
		assert_int_equal(buf_done(&b, &long_one, &err), 0);
		assert_int_equal(age_open(span_of(long_one), s, &a, &got, &err),
		    -1);
		assert_int_equal(err.code, ERR_INPUT);
	}
	key_secret_free(s);
	key_secret_free(other);
	arena_release(&a);
}

static const size_t sizes[] = {0, 1, 28, 65535, 65536, 65537, 131071, 131072,
    131073, 200000};

static void
test_sizes(void **state)
{
	struct secret *s[3] = {secret_of(1), secret_of(2), secret_of(3)};
	struct secret *stranger = secret_of(4);
	struct box to[3];
	struct span plain, sealed, got;
	struct err err = {0};
	struct arena a;
	uint8_t *p;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		to[i] = age_box(s[i]);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		arena_init(&a, 1 << 21);
		p = arena_alloc(&a, sizes[i] + 1, 1);
		key_random(p, sizes[i]);
		plain = (struct span){p, sizes[i]};
		assert_int_equal(age_seal(plain, to, i % 3 + 1, NULL, NULL, &a,
				     &sealed, &err),
		    0);
		assert_int_equal(sealed.n,
		    22 + 98 * (i % 3 + 1) + 48 + 16 + sizes[i] +
			16 * (sizes[i] == 0 ? 1 : (sizes[i] + 65535) / 65536));
		for (size_t k = 0; k < i % 3 + 1; k++) {
			assert_int_equal(age_open(sealed, s[k], &a, &got, &err),
			    0);
			assert_true(span_eq(got, plain));
		}
		assert_int_equal(age_open(sealed, stranger, &a, &got, &err),
		    -1);
		assert_int_equal(err.code, ERR_DENIED);
		arena_release(&a);
	}
	for (size_t i = 0; i < 3; i++)
		key_secret_free(s[i]);
	key_secret_free(stranger);
}

static void
refuse_open(struct span s, const struct secret *identity)
{
	struct err err = {0};
	struct arena a;
	struct span got;

	arena_init(&a, 1 << 20);
	assert_int_equal(age_open(s, identity, &a, &got, &err), -1);
	assert_true(err.code == ERR_INPUT || err.code == ERR_DENIED);
	arena_release(&a);
}

/* Each bit flipped, each length cut, and one byte more. */
static void
test_damage(void **state)
{
	struct secret *s = secret_of(1);
	struct box to = age_box(s);
	struct span sealed;
	struct err err;
	struct arena a;
	uint8_t *p;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(age_seal(span_of(STR("peace")), &to, 1, NULL, NULL, &a,
			     &sealed, &err),
	    0);
	p = (uint8_t *)arena_copy(&a, sealed.p, sealed.n);
	for (size_t bit = 0; bit < 8 * sealed.n; bit++) {
		p[bit / 8] ^= (uint8_t)(1U << bit % 8);
		refuse_open((struct span){p, sealed.n}, s);
		p[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t n = 0; n < sealed.n; n++)
		refuse_open((struct span){p, n}, s);
	for (unsigned c = 0; c < 256; c++) {
		p[sealed.n] = (uint8_t)c; /* arena_copy left room for it */
		refuse_open((struct span){p, sealed.n + 1}, s);
	}
	key_secret_free(s);
	arena_release(&a);
}

/* Each allocation fails in turn; then it works. */
static void
test_memory(void **state)
{
	struct secret *s = secret_of(1);
	struct box to = age_box(s);
	struct span sealed = {NULL, 0}, got;
	struct err err = {0};
	struct arena a;
	int rc = -1;

	(void)state;
	arena_init(&a, 1 << 20);
	for (long at = 1; rc != 0; at++) {
		a.fail_at = at;
		rc = age_seal(span_of(STR("x")), &to, 1, NULL, NULL, &a,
		    &sealed, &err);
		assert_true(rc == 0 || err.code == ERR_NOMEM);
		assert_true(at < 10);
	}
	rc = -1;
	for (long at = 1; rc != 0; at++) {
		a.fail_at = at;
		rc = age_open(sealed, s, &a, &got, &err);
		assert_true(rc == 0 || err.code == ERR_NOMEM);
		assert_true(at < 10);
	}
	a.fail_at = 0;
	assert_true(span_eq(got, span_of(STR("x"))));
	arena_release(&a);
	arena_init(&a, 65536); /* enough for the header, not for the file */
	assert_int_equal(age_seal((struct span){sealed.p, SIZE_MAX - 8}, &to, 1,
			     NULL, NULL, &a, &got, &err),
	    -1);
	assert_int_equal(err.code, ERR_NOMEM);
	key_secret_free(s);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kit),
	    cmocka_unit_test(test_own),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_key_changes),
	    cmocka_unit_test(test_bad_boxes),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_damage),
	    cmocka_unit_test(test_memory),
	};
	struct err err;

	return key_start(&err) != 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
