#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/command.h"

enum { WORDS = 12 };
static const struct {
	const char *argv[WORDS];
	const char *command; /* NULL: refused, or without one */
	size_t args;
	const char *says; /* of the refusal */
} cases[] = {
    {{"comity"}, NULL, 0, NULL},
    {{"comity", "status"}, "status", 0, NULL},
    {{"comity", "--json", "status"}, "status", 0, NULL},
    {{"comity", "-C", "jpn", "peer", "list"}, "peer list", 0, NULL},
    {{"comity", "peer", "--folder=jpn", "add", "http://x"}, "peer add", 1,
	NULL},
    {{"comity", "act", "JPN-1", "message/reply", "-s", "a=b", "--set", "c=d"},
	"act", 2, NULL},
    {{"comity", "import", "--", "--json"}, "import", 1, NULL},
    {{"comity", "import", "-"}, "import", 1, NULL},
    {{"comity", "officer", "demand"}, "officer demand", 0, NULL},
    {{"comity", "officer", "demand", "a=1", "b=2", "c=3"}, "officer demand", 3,
	NULL},
    {{"comity", "show", "--help"}, "show", 0, NULL},
    {{"comity", "stats"}, NULL, 0, "did you mean 'status'"},
    {{"comity", "nonsense"}, NULL, 0, "there is no command 'nonsense'"},
    {{"comity", "peer"}, NULL, 0, "'peer' wants one of: list, look, add"},
    {{"comity", "peer", "lst"}, NULL, 0, "did you mean 'list'"},
    {{"comity", "peer", "x"}, NULL, 0, "'peer' has no 'x'; it has: list"},
    {{"comity", "status", "--jsno"}, NULL, 0, "did you mean '--json'"},
    {{"comity", "status", "--zzzzz"}, NULL, 0, "no option '--zzzzz'"},
    {{"comity", "status", "-z"}, NULL, 0, "no option '-z'"},
    {{"comity", "status", "--watch"}, NULL, 0, "'status' takes no --watch"},
    {{"comity", "status", "--json=1"}, NULL, 0, "--json takes no value"},
    {{"comity", "status", "--folder"}, NULL, 0, "--folder wants a value"},
    {{"comity", "-C", "a", "-C", "b", "status"}, NULL, 0, "given twice"},
    {{"comity", "show"}, NULL, 0, "'show' wants: comity show CITE"},
    {{"comity", "show", "a", "b"}, NULL, 0, "'b' is one argument too many"},
    {{"comity", "show", "\xff"}, NULL, 0, "argument 2 is not UTF-8"},
    {{"comity", "act", "a", "b", "--set", "\xff"}, NULL, 0, "--set: not UTF-8"},
};

static void
lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *argv[WORDS + 1] = {NULL};
		struct arena a;
		struct cli c = {.a = &a};
		struct err err = {0};
		int argc = 0, rc;

		arena_init(&a, 1 << 20);
		for (; cases[i].argv[argc] != NULL; argc++)
			assert_non_null(
			    argv[argc] = strdup(cases[i].argv[argc]));
		rc = option_parse(argc, argv, &c, &err);
		if (rc != (cases[i].says == NULL ? 0 : -1))
			fail_msg("case %zu: %d %s", i, rc, err.text);
		if (rc != 0 && (err.code != ERR_INPUT ||
				   strstr(err.text, cases[i].says) == NULL))
			fail_msg("case %zu: %s", i, err.text);
		if (rc == 0 && cases[i].command != NULL) {
			assert_string_equal(c.command->name, cases[i].command);
			assert_int_equal(c.n_args, cases[i].args);
		}
		for (int k = 0; k < argc; k++)
			free(argv[k]);
		arena_release(&a);
	}
}

static void
values(void **state)
{
	char a1[] = "comity", a2[] = "act", a3[] = "JPN-1", a4[] = "m/r",
	     a5[] = "--set=a=1", a6[] = "-s", a7[] = "b=2", a8[] = "--to=";
	char *argv[] = {a1, a2, a3, a4, a5, a6, a7, a8, NULL};
	struct arena a;
	struct cli c = {.a = &a};
	struct err err;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(option_parse(8, argv, &c, &err), 0);
	assert_int_equal(option_count(&c, OPTION_SET), 2);
	assert_true(str_is(option_at(&c, OPTION_SET, 0), "a=1"));
	assert_true(str_is(option_at(&c, OPTION_SET, 1), "b=2"));
	assert_null(option_at(&c, OPTION_SET, 2).p);
	assert_true(option_has(&c, OPTION_TO));
	assert_int_equal(option_get(&c, OPTION_TO).n, 0);
	assert_null(option_get(&c, OPTION_IN).p);
	assert_true(str_is(c.arg[1], "m/r"));
	arena_release(&a);
}

/* Tables: titles in four languages, options that exist, names once. */
static void
tables(void **state)
{
	const struct command *all;
	size_t n = command_all(&all);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (int l = 0; l < SAY_LANGS; l++)
			assert_non_null(all[i].title[l]);
		assert_true(all[i].least <= all[i].most);
		assert_true(all[i].options >> (OPTIONS - 1) >> 1 == 0);
		assert_int_equal(all[i].options & OPTION_GENERAL, 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(all[i].name, all[k].name);
	}
	for (size_t i = 0; i < OPTIONS; i++)
		for (size_t k = 0; k < i; k++) {
			const struct option_row *x =
			    option_row((enum option_id)i);
			const struct option_row *y =
			    option_row((enum option_id)k);

			assert_string_not_equal(x->name, y->name);
			assert_true(x->letter == 0 || x->letter != y->letter);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines),
	    cmocka_unit_test(values),
	    cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
