#include <string.h>

#include "base/num.h"
#include "record/age.h"
#include "record/keyfile.h"
#include "shared.h"

enum { FAST = 1 };
static const char *const uses[] = {"root", "log", "witness", "box", "officer"};

static struct span
pass(const char *z)
{
	return span_of(str_of(z));
}

static struct str
written(const char *use, const struct secret *s, const char *passphrase,
    struct arena *a)
{
	struct str text = {NULL, 0};
	struct err err;

	if (keyfile_write(str_of(use), STR("Duty desk \xe5\xb9\xb3"), s,
		pass(passphrase), FAST, a, &text, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(text.n <= KEYFILE_MAX);
	return text;
}

static void
test_round(void **state)
{
	struct secret *s = key_secret_random(), *got;
	struct arena a;
	struct err err = {0};
	struct str text, holder;
	bool locked;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(uses); i++) {
		const char *use = uses[i / 2], *p = i % 2 == 0 ? "" : "word";

		arena_init(&a, 1 << 20);
		text = written(use, s, p, &a);
		assert_int_equal(keyfile_is_locked(text, &locked, &err), 0);
		assert_int_equal(locked, i % 2);
		assert_int_equal(keyfile_read(text, str_of(use), pass(p), &a,
				     &got, &holder, &err),
		    0);
		assert_memory_equal(key_secret_bytes(got), key_secret_bytes(s),
		    32);
		assert_true(str_is(holder, "Duty desk \xe5\xb9\xb3"));
		key_secret_free(got);
		for (size_t k = 0; k < COUNT(uses); k++) {
			if (k == i / 2)
				continue;
			assert_int_equal(keyfile_read(text, str_of(uses[k]),
					     pass(p), &a, &got, &holder, &err),
			    -1);
			assert_int_equal(err.code, ERR_INPUT);
		}
		arena_release(&a);
	}
	key_secret_free(s);
}

static void
test_passphrase(void **state)
{
	static const char *const wrong[] = {"", "wor", "word ", "Word",
	    "\xe5\xb9\xb3"};
	struct secret *s = key_secret_random(), *got;
	struct arena a;
	struct err err = {0};
	struct str text, holder;

	(void)state;
	arena_init(&a, 1 << 20);
	text = written("log", s, "word", &a);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(keyfile_read(text, STR("log"), pass(wrong[i]),
				     &a, &got, &holder, &err),
		    -1);
		assert_int_equal(err.code, ERR_DENIED);
	}
	/* the secret is not in it, nor does it repeat */
	assert_false(str_eq(text, written("log", s, "word", &a)));
	assert_int_equal(keyfile_read(written("log", s, "", &a), STR("log"),
			     pass("needless"), &a, &got, &holder, &err),
	    0);
	key_secret_free(got);
	key_secret_free(s);
	arena_release(&a);
}

static void
test_refused_writing(void **state)
{
	struct secret *s = key_secret_random();
	char long_name[300];
	struct arena a;
	struct err err = {0};
	struct str text;

	(void)state;
	memset(long_name, 'x', sizeof(long_name));
	arena_init(&a, 1 << 20);
	assert_int_equal(keyfile_write(STR("sign"), STR("x"), s, pass(""), 0,
			     &a, &text, &err),
	    -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(keyfile_write(STR("log"), (struct str){long_name, 300},
			     s, pass(""), 0, &a, &text, &err),
	    -1);
	assert_int_equal(keyfile_write(STR("log"), STR("\xff"), s, pass(""), 0,
			     &a, &text, &err),
	    -1);
	assert_int_equal(keyfile_write(STR("log"), STR("x"), s, pass("p"),
			     1U << 20, &a, &text, &err),
	    -1);
	assert_int_equal(err.code, ERR_INPUT);
	key_secret_free(s);
	arena_release(&a);
}

#define K1                                                                     \
	"\"public\":"                                                          \
	"\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\""
#define S1 "\"secret\":\"nWGxne/9WmC6hEr0ku/sTETFaXsyaXAxcDvKAxys9/Y=\""
#define LOCK(ops, mem)                                                         \
	"{\"comity-key\":1,\"use\":\"log\",\"holder\":\"\"," K1                \
	",\"kdf\":\"argon2id\",\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA==\","         \
	"\"ops\":" ops ",\"mem\":" mem                                         \
	",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"box\":\"AAAAAAAAA"  \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"

static const struct {
	const char *text;
	enum err_code code;
} hostile[] = {
    {"", ERR_INPUT},
    {"{}", ERR_INPUT},
    {"[]", ERR_INPUT},
    {"{\"comity-key\":2,\"use\":\"log\",\"holder\":\"\"," K1 "," S1 "}",
	ERR_INPUT},
    {"{\"comity-key\":1,\"use\":\"lag\",\"holder\":\"\"," K1 "," S1 "}",
	ERR_INPUT},
    {"{\"comity-key\":1,\"use\":\"log\",\"holder\":1," K1 "," S1 "}",
	ERR_INPUT},
    {"{\"comity-key\":1,\"use\":\"log\",\"holder\":\"\"," S1 "}", ERR_INPUT},
    {"{\"comity-key\":1,\"use\":\"log\",\"holder\":\"\"," K1 "}", ERR_INPUT},
    {"{\"comity-key\":1,\"use\":\"log\",\"holder\":\"\"," K1 "," S1
     ",\"kdf\":\"argon2id\"}",
	ERR_INPUT},
    {"{\"comity-key\":1,\"use\":\"log\",\"holder\":\"\"," K1
     ",\"secret\":\"nWGxne/9WmC6hEr0ku/sTETFaXsyaXAxcDvKAxys9/Z=\"}",
	ERR_INPUT}, /* an unused bit */
    {"{\"comity-key\":1,\"use\":\"log\",\"holder\":\"\"," K1
     ",\"secret\":\"\"}",
	ERR_INPUT},
    {"{\"comity-key\":1,\"use\":\"log\",\"holder\":\"\"," K1
     ",\"secret\":\"AAGxne/9WmC6hEr0ku/sTETFaXsyaXAxcDvKAxys9/Y=\"}",
	ERR_DENIED}, /* of another public key */
    {LOCK("0", "8192"), ERR_INPUT},
    {LOCK("-1", "8192"), ERR_INPUT},
    {LOCK("5", "8192"), ERR_INPUT},
    {LOCK("4000000000", "8192"), ERR_INPUT},
    {LOCK("1", "8191"), ERR_INPUT},
    {LOCK("1", "1073741825"), ERR_INPUT},
    {LOCK("1", "9223372036854775807"), ERR_INPUT},
    {LOCK("1.0", "8192"), ERR_INPUT},
    {LOCK("\"1\"", "8192"), ERR_INPUT},
    {LOCK("1", "8192"), ERR_DENIED},
};

static void
test_hostile(void **state)
{
	struct err err = {0};
	struct arena a;
	struct secret *got;
	struct str holder;

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		arena_init(&a, 1 << 16);
		if (keyfile_read(str_of(hostile[i].text), STR("log"), pass("x"),
			&a, &got, &holder, &err) == 0 ||
		    err.code != hostile[i].code)
			fail_msg("row %zu: %s", i, err.text);
		arena_release(&a);
	}
}

static void
test_size(void **state)
{
	static char text[KEYFILE_MAX + 1];
	struct err err = {0};
	bool locked;

	(void)state;
	memset(text, ' ', sizeof(text));
	text[0] = '{';
	text[KEYFILE_MAX] = '}';
	assert_int_equal(
	    keyfile_is_locked((struct str){text, sizeof(text)}, &locked, &err),
	    -1);
	assert_int_equal(err.code, ERR_INPUT);
}

/* A plain file's holder is a word to people, and not bound to the key: flips
 * there may read, all others may not. */
static void
flip(struct str text, const char *passphrase, const struct secret *s)
{
	struct str holder, label = STR("Duty desk \xe5\xb9\xb3");
	struct arena a;
	struct secret *got;
	struct err err;
	char p[1024];

	assert_true(text.n < sizeof(p));
	memcpy(p, text.p, text.n);
	for (size_t bit = 0; bit < 8 * text.n; bit++) {
		arena_init(&a, 1 << 16);
		p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
		if (keyfile_read((struct str){p, text.n}, STR("officer"),
			pass(passphrase), &a, &got, &holder, &err) == 0) {
			assert_true(passphrase[0] == '\0');
			assert_false(str_eq(holder, label));
			assert_memory_equal(key_secret_bytes(got),
			    key_secret_bytes(s), 32);
			key_secret_free(got);
		}
		p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
		arena_release(&a);
	}
	for (size_t n = 0; n < text.n; n++) {
		arena_init(&a, 1 << 16);
		assert_int_equal(keyfile_read((struct str){p, n},
				     STR("officer"), pass(passphrase), &a, &got,
				     &holder, &err),
		    -1);
		arena_release(&a);
	}
}

static void
test_damage(void **state)
{
	struct secret *s = key_secret_random();
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	flip(written("officer", s, "word", &a), "word", s);
	flip(written("officer", s, "", &a), "", s);
	key_secret_free(s);
	arena_release(&a);
}

static void
test_memory(void **state)
{
	struct secret *s = key_secret_random(), *got = NULL;
	struct arena a;
	struct err err = {0};
	struct str text, holder;
	int rc = -1;

	(void)state;
	for (long at = 1; rc != 0; at++) {
		arena_init(&a, 1 << 20);
		a.fail_at = at;
		rc = keyfile_write(STR("box"), STR("x"), s, pass("word"), FAST,
		    &a, &text, &err);
		if (rc == 0)
			rc = keyfile_read(text, STR("box"), pass("word"), &a,
			    &got, &holder, &err);
		assert_true(rc == 0 || err.code == ERR_NOMEM);
		assert_true(at < 100);
		arena_release(&a);
	}
	key_secret_free(got);
	key_secret_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round),
	    cmocka_unit_test(test_passphrase),
	    cmocka_unit_test(test_refused_writing),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_damage),
	    cmocka_unit_test(test_memory),
	};
	struct err err;

	return key_start(&err) != 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
