/* A key as words: against BIP-39's own examples, back again, and misheard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/num.h"
#include "record/words.h"

/* BIP-39, its reference vectors of 128 bits: entropy, words. */
static const struct {
	const char *hex, *words;
} known[] = {
    {"00000000000000000000000000000000",
	"abandon abandon abandon abandon abandon abandon abandon abandon "
	"abandon abandon abandon about"},
    {"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
	"legal winner thank year wave sausage worth useful legal winner thank "
	"yellow"},
    {"80808080808080808080808080808080",
	"letter advice cage absurd amount doctor acoustic avoid letter advice "
	"cage above"},
    {"ffffffffffffffffffffffffffffffff",
	"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"},
    {"9e885d952ad362caeb4efe34a8e91bd2",
	"ozone drill grab fiber curtain grace pudding thank cruise elder eight "
	"picnic"},
};

static void
test_known(void **state)
{
	struct arena *a = *state;
	struct err err;

	for (size_t i = 0; i < COUNT(known); i++) {
		uint8_t bytes[WORDS_BYTES], back[WORDS_BYTES];
		struct str words;

		assert_true(
		    hex_is_parsed(str_of(known[i].hex), bytes, sizeof(bytes)));
		assert_int_equal(words_write(bytes, a, &words, &err), 0);
		assert_string_equal(words.p, known[i].words);
		assert_int_equal(words_parse(words, back, &err), 0);
		assert_memory_equal(bytes, back, sizeof(bytes));
	}
}

static const struct {
	const char *typed, *error; /* NULL: taken */
} typed[] = {
    {" Legal\twinner thank  YEAR wave sausage\nworth useful legal winner thank "
     "yellow ",
	NULL},
    {"lega winn than year wave saus wort usef lega winn than yell", NULL},
    {"legal winner thank year wave sausage worth useful legal winner yellow "
     "thank",
	"do not fit"},
    {"legal winner thank year wave sausage worth useful legal winner thank",
	"here are 11"},
    {"legal winner thank year wave sausage worth useful legal winner thank "
     "yellow zoo",
	"too many is 'zoo'"},
    {"legal winner thank jahr wave sausage worth useful legal winner thank "
     "yellow",
	"word 4 of a key, 'jahr'"},
    {"lex winner thank year wave sausage worth useful legal winner thank "
     "yellow",
	"word 1"},
    {"legalistically winner", "word 1"},
    {"", "here are 0"},
};

static void
test_typed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(typed); i++) {
		uint8_t bytes[WORDS_BYTES];
		struct err err = {.code = ERR_NONE};
		int rc = words_parse(str_of(typed[i].typed), bytes, &err);

		assert_int_equal(rc, typed[i].error == NULL ? 0 : -1);
		if (rc == 0) {
			assert_int_equal(bytes[0], 0x7f);
			assert_int_equal(bytes[15], 0x7f);
			continue;
		}
		assert_int_equal(err.code, ERR_INPUT);
		if (strstr(err.text, typed[i].error) == NULL)
			fail_msg("%s", err.text);
	}
}

static void
test_keys(void **state)
{
	struct arena *a = *state;
	struct err err;

	for (unsigned i = 0; i < 200; i++) {
		struct pubkey k = {{(uint8_t)i}}, other = {{(uint8_t)(i + 1)}};
		uint8_t bytes[WORDS_BYTES];
		struct str words;

		assert_int_equal(words_of_key(&k, a, &words, &err), 0);
		assert_int_equal(words_parse(words, bytes, &err), 0);
		assert_true(words_is_of(bytes, &k));
		assert_false(words_is_of(bytes, &other));
	}
}

static int
set_up(void **state)
{
	static struct arena a;
	struct err err;

	arena_init(&a, 1024 * 1024);
	*state = &a;
	return key_start(&err);
}

static int
tear_down(void **state)
{
	arena_release(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_typed),
	    cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests_name("words", tests, set_up, tear_down);
}
