#include "tlog_vectors.h"

#include <string.h>

#include "base/num.h"
#include "record/checkpoint.h"
#include "record/note.h"

static int
start(void **state)
{
	struct err err;

	(void)state;
	return key_start(&err);
}

/* Do all lines of this key verify?  *ret_has: is there one? */
static bool
is_good(const struct note *n, const struct note_key *k, bool *ret_has)
{
	struct cosignature c;
	struct err err;
	int rc;

	*ret_has = false;
	for (size_t i = 0; i < n->n; i++)
		*ret_has |= note_is_line_of(&n->line[i], k);
	if (!*ret_has)
		return true;
	rc = k->type == NOTE_ED25519
	         ? note_verify(n, k, &err)
	         : checkpoint_find_cosignature(n, k, ret_has, &c, &err);
	assert_true(rc == 0 || err.code == ERR_DENIED);
	return rc == 0;
}

/* What a reader with these keys says, in the vectors' words. */
static const char *
outcome(struct span s, const struct js *vkeys, struct arena *a)
{
	bool known = false, has;
	struct note_key k;
	struct note n;
	struct err err;

	if (note_parse(s, a, &n, &err) != 0) {
		assert_int_equal(err.code, ERR_INPUT);
		return "malformed";
	}
	for (size_t i = 0; i < js_len(vkeys); i++) {
		NO_ERROR(note_key_parse(js_str(js_at(vkeys, i)), &k, &err));
		if (!is_good(&n, &k, &has))
			return "invalid signature";
		known |= has;
	}
	return known ? "ok" : "unverified";
}

static void
test_cases(void **state)
{
	const struct js *list;
	struct arena a;

	(void)state;
	list = js_get(vectors_json(&a, "tlog/notes.json"), "cases");
	assert_int_equal(js_len(list), 50);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *c = js_at(list, i);
		const char *got = outcome(shared_hex(&a, c, "note_hex"),
		    js_get(c, "vkeys"), &a);

		if (!str_is(get_str(c, "expect"), got))
			fail_msg("%s: %s", get_str(c, "id").p, got);
	}
	arena_release(&a);
}

static void
test_published(void **state)
{
	const struct js *list;
	struct note_key k;
	struct arena a;
	struct note n;
	struct err err;

	(void)state;
	list = js_get(vectors_json(&a, "tlog/notes.json"), "published");
	assert_int_equal(js_len(list), 5);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *c = js_at(list, i);

		NO_ERROR(note_key_parse(get_str(c, "vkey"), &k, &err));
		NO_ERROR(note_parse(span_of(get_str(c, "note")), &a, &n, &err));
		NO_ERROR(note_verify(&n, &k, &err));
	}
	arena_release(&a);
}

static void
test_keys(void **state)
{
	const struct js *list;
	struct note_key k;
	struct arena a;
	struct err err;

	(void)state;
	list = js_get(vectors_json(&a, "tlog/notes.json"), "vkeys");
	assert_int_equal(js_len(list), 14);
	for (size_t i = 0; i < js_len(list); i++) {
		struct str vkey = get_str(js_at(list, i), "vkey");
		bool good = note_key_parse(vkey, &k, &err) == 0;

		if (good != js_is_str(js_get(js_at(list, i), "expect"), "ok"))
			fail_msg("%s", vkey.p);
		if (good)
			assert_true(str_eq(note_key_text(&a, &k), vkey));
		else
			assert_int_equal(err.code, ERR_INPUT);
	}
	arena_release(&a);
}

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} c[] = {
	    {"", false},
	    {"a", true},
	    {"comity.example/jpn", true},
	    {"\xe6\x97\xa5\xe6\x9c\xac", true},
	    {"a b", false},
	    {"a+b", false},
	    {"a\tb", false},
	    {"a\x01", false},
	    {"a\xc2\x85", false},
	    {"a\xc2\xa0", false},
	    {"a\xe1\x9a\x80", false},
	    {"a\xe2\x80\x80", false},
	    {"a\xe2\x80\x8a", false},
	    {"a\xe2\x80\x8b", true}, /* zero width: no white space */
	    {"a\xe2\x80\xa7", true},
	    {"a\xe2\x80\xa8", false},
	    {"a\xe2\x80\xa9", false},
	    {"a\xe2\x80\xaf", false},
	    {"a\xe2\x81\x9f", false},
	    {"a\xe3\x80\x80", false},
	    {"a\xff", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(c); i++)
		if (note_is_name(str_of(c[i].name)) != c[i].good)
			fail_msg("case %zu", i);
}

static struct str
signed_note(struct arena *a, struct str text, const struct secret *key)
{
	return str_fmt(a, "%s\n%s", text.p,
	    note_sign(a, text, STR("comity.example/jpn"), key).p);
}

static const uint8_t seed[32] = {7};

/* No flipped bit and no truncation verifies. */
static void
test_flips(void **state)
{
	struct secret *key = key_secret(seed);
	struct pubkey pub = key_pub(key);
	struct note_key k =
	    note_key_of(STR("comity.example/jpn"), NOTE_ED25519, &pub);
	struct arena a, each;
	struct note n;
	struct str s;
	struct err err;
	uint8_t *p;

	(void)state;
	arena_init(&a, 1 << 16);
	arena_init(&each, 1 << 16);
	s = signed_note(&a, STR("Peace,\n\nby \xe5\x92\x8c.\n"), key);
	NO_ERROR(note_parse(span_of(s), &a, &n, &err));
	NO_ERROR(note_verify(&n, &k, &err));
	assert_true(str_is(n.text, "Peace,\n\nby \xe5\x92\x8c.\n"));
	p = (uint8_t *)arena_copy(&a, s.p, s.n);
	for (size_t i = 0; i < s.n * 8; i++) {
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(
		    note_parse((struct span){p, s.n}, &each, &n, &err) == 0 &&
		    note_verify(&n, &k, &err) == 0);
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		arena_release(&each);
	}
	for (size_t i = 0; i < s.n; i++)
		assert_false(
		    note_parse((struct span){p, i}, &each, &n, &err) == 0 &&
		    note_verify(&n, &k, &err) == 0);
	arena_release(&each);
	arena_release(&a);
	key_secret_free(key);
}

/* NOTE_LINES_MAX and NOTE_MAX are taken, one more is not. */
static void
test_limits(void **state)
{
	struct secret *key = key_secret(seed);
	struct arena a;
	struct note n;
	struct err err;
	struct str line;
	struct buf b;

	(void)state;
	arena_init(&a, 1 << 22);
	line = note_sign(&a, STR("x\n"), STR("n"), key);
	buf_init(&b, &a);
	buf_z(&b, "x\n\n");
	for (int i = 0; i < NOTE_LINES_MAX; i++)
		buf_str(&b, line);
	NO_ERROR(note_parse((struct span){(uint8_t *)b.p, b.n}, &a, &n, &err));
	assert_int_equal(n.n, NOTE_LINES_MAX);
	buf_str(&b, line);
	assert_int_equal(
	    note_parse((struct span){(uint8_t *)b.p, b.n}, &a, &n, &err), -1);
	for (size_t over = 0; over < 2; over++) {
		buf_init(&b, &a);
		while (b.n < NOTE_MAX - 2 - line.n + over)
			buf_char(&b, 'x');
		buf_z(&b, "\n\n");
		buf_str(&b, line);
		assert_int_equal(note_parse((struct span){(uint8_t *)b.p, b.n},
				     &a, &n, &err),
		    over == 0 ? 0 : -1);
	}
	arena_release(&a);
	key_secret_free(key);
}

/* Each allocation fails once: ERR_NOMEM or NULL, then success. */
static void
test_memory(void **state)
{
	struct secret *key = key_secret(seed);
	struct pubkey pub = key_pub(key);
	struct note_key k = note_key_of(STR("n"), NOTE_ED25519, &pub);
	struct arena a;
	struct note n;
	struct str s = {NULL, 0}, line;
	struct err err;
	long i;

	(void)state;
	arena_init(&a, 1 << 16);
	s = signed_note(&a, STR("x\n"), key);
	for (i = 1; i < 100; i++) {
		a.fail_at = i;
		if (note_parse(span_of(s), &a, &n, &err) == 0)
			break;
		assert_int_equal(err.code, ERR_NOMEM);
	}
	assert_in_range(i, 2, 99);
	for (i = 1; i < 100; i++) {
		a.fail_at = i;
		line = note_sign(&a, STR("x\n"), STR("n"), key);
		if (line.p != NULL)
			break;
	}
	assert_in_range(i, 2, 99);
	for (i = 1; i < 100; i++) {
		a.fail_at = i;
		if (note_key_text(&a, &k).p != NULL)
			break;
	}
	assert_in_range(i, 2, 99);
	arena_release(&a);
	key_secret_free(key);
}

/* A key for cosignatures does not verify a plain line, nor the reverse. */
static void
test_types(void **state)
{
	struct secret *key = key_secret(seed);
	struct pubkey pub = key_pub(key);
	struct note_key k =
	    note_key_of(STR("comity.example/jpn"), NOTE_COSIGNATURE, &pub);
	struct cosignature c;
	struct arena a;
	struct note n;
	struct err err;
	bool found = true;

	(void)state;
	arena_init(&a, 1 << 16);
	NO_ERROR(note_parse(span_of(signed_note(&a, STR("x\n"), key)), &a, &n,
	    &err));
	assert_int_equal(note_verify(&n, &k, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	NO_ERROR(checkpoint_find_cosignature(&n, &k, &found, &c, &err));
	assert_false(found);
	k.id = n.line[0].id; /* even where the ids collide */
	assert_int_equal(note_verify(&n, &k, &err), -1);
	assert_int_equal(checkpoint_find_cosignature(&n, &k, &found, &c, &err),
	    -1);
	assert_int_equal(err.code, ERR_DENIED);
	arena_release(&a);
	key_secret_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_published),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_flips),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
