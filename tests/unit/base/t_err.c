#include <string.h>

#include "cases.h"

static void
test_outcomes(void **state)
{
	static const struct {
		enum err_code code;
		int http, exit;
		const char *name;
	} row[] = {
	    {ERR_NONE, 200, 0, "ok"},
	    {ERR_INPUT, 400, 2, "input"},
	    {ERR_DENIED, 403, 3, "denied"},
	    {ERR_ABSENT, 404, 4, "absent"},
	    {ERR_CONFLICT, 409, 5, "conflict"},
	    {ERR_BUSY, 503, 6, "busy"},
	    {ERR_NOMEM, 503, 7, "nomem"},
	    {ERR_IO, 500, 8, "io"},
	    {ERR_CORRUPT, 500, 9, "corrupt"},
	};

	(void)state;
	assert_int_equal(COUNT(row), ERR_CODES);
	for (size_t i = 0; i < COUNT(row); i++) {
		CASE_TRUE(i, err_http(row[i].code) == row[i].http);
		CASE_TRUE(i, err_exit(row[i].code) == row[i].exit);
		CASE_TRUE(i, strcmp(err_name(row[i].code), row[i].name) == 0);
		CASE_TRUE(i, err_named(row[i].name) == row[i].code);
	}
	assert_int_equal(err_named("no such name"), ERR_IO);
	assert_int_equal(err_named(""), ERR_IO);
}

static void
test_sentence(void **state)
{
	struct err err = {.code = ERR_NONE};

	(void)state;
	assert_int_equal(err_set(&err, ERR_INPUT, "act has %d bytes", 7), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_string_equal(err.text, "act has 7 bytes");
	assert_int_equal(err_in(&err, "entry %d of %s: ", 57, "JPN"), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_string_equal(err.text, "entry 57 of JPN: act has 7 bytes");
	/* the old sentence may be an argument of the new one */
	(void)err_set(&err, ERR_IO, "%s (%s)", err.text, "again");
	assert_string_equal(err.text,
	    "entry 57 of JPN: act has 7 bytes (again)");
	(void)err_in(&err, "%.5s: ", err.text);
	assert_string_equal(err.text,
	    "entry: entry 57 of JPN: act has 7 bytes (again)");
}

/* A rule travels with its sentence, and not with the next one. */
static void
test_rule(void **state)
{
	struct err err = {.code = ERR_NONE};
	char far[200];

	(void)state;
	(void)err_set(&err, ERR_DENIED, "it would be void");
	assert_string_equal(err.rule, "");
	assert_int_equal(err_rule(&err, "bad-form", STR("/body/text")), -1);
	(void)err_in(&err, "JPN-57: ");
	assert_int_equal(err.code, ERR_DENIED);
	assert_string_equal(err.text, "JPN-57: it would be void");
	assert_string_equal(err.rule, "bad-form");
	assert_string_equal(err.where, "/body/text");

	memset(far, 'a', sizeof(far));
	memcpy(far + sizeof(err.where) - 2, "\xc3\xa9", 2); /* cut within */
	(void)err_rule(&err, "guard", (struct str){far, sizeof(far)});
	assert_int_equal(strlen(err.where), sizeof(err.where) - 2);

	(void)err_rule(&err, "guard", (struct str){NULL, 0});
	assert_string_equal(err.where, "");
	(void)err_rule(&err, "guard", STR("/body"));
	(void)err_set(&err, ERR_IO, "the disk is full");
	assert_string_equal(err.rule, "");
	assert_string_equal(err.where, "");
}

/* A sentence is one line of UTF-8, for it goes into JSON, pages and logs. */
static void
test_hostile_words(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {
	    {"plain", "plain"},
	    {"a\nb\r\tc\x1b[2J\x7f", "a?b??c?[2J?"},
	    {"\xff\xfe", "??"},
	    {"\xc0\xaf", "??"},
	    {"\xed\xa0\x80!", "?"
			      "?"
			      "?!"},
	    {"\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac"},
	    {"\xe6\x97\xa5\xe6\x9c", "\xe6\x97\xa5"}, /* cut: it goes */
	    {"x\xf0\x9f\x98", "x"},
	    {"\xe6\x97x", "??x"},
	    {"", ""},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		(void)err_set(&err, ERR_INPUT, "%s", row[i].in);
		CASE_TRUE(i, strcmp(err.text, row[i].out) == 0);
		(void)err_set(&err, ERR_INPUT, "%s", "");
		(void)err_in(&err, "%s", row[i].in);
		CASE_TRUE(i, strcmp(err.text, row[i].out) == 0);
	}
}

static void
test_long_sentence(void **state)
{
	char many[1000];
	struct err err;

	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		memset(many, 'x', shift);
		for (size_t i = shift; i + 3 < sizeof(many); i += 3)
			memcpy(many + i, "\xe6\x97\xa5\0", 4);
		(void)err_set(&err, ERR_INPUT, "%s", many);
		assert_true(strlen(err.text) > sizeof(err.text) - 4);
		assert_true(text_is_utf8(span_of(str_of(err.text))));
		(void)err_in(&err, "in front: ");
		assert_true(str_starts(str_of(err.text), STR("in front: ")));
		assert_true(text_is_utf8(span_of(str_of(err.text))));
		(void)err_in(&err, "%s", many);
		assert_true(text_is_utf8(span_of(str_of(err.text))));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_outcomes),
	    cmocka_unit_test(test_sentence),
	    cmocka_unit_test(test_rule),
	    cmocka_unit_test(test_hostile_words),
	    cmocka_unit_test(test_long_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
