#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/num.h"
#include "cli/near.h"

static const struct {
	const char *want, *name[4], *best; /* NULL: none */
} cases[] = {
    {"stauts", {"status", "start", NULL}, "status"}, /* a swap */
    {"shw", {"show", "serve", NULL}, "show"},
    {"shoow", {"show", "new", NULL}, "show"},
    {"procedure", {"procedures", "proof", NULL}, "procedures"},
    {"offi", {"officer", "office-hours", NULL}, "officer"}, /* a beginning */
    {"xyzzy", {"show", "status", NULL}, NULL},
    {"", {"show", NULL}, NULL},
    {"ab", {"xy", "zz", NULL}, NULL},
};

static void
nearest(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct near n;

		near_begin(&n, str_of(cases[i].want));
		for (size_t k = 0; cases[i].name[k] != NULL; k++)
			near_try(&n, str_of(cases[i].name[k]));
		if (cases[i].best == NULL)
			assert_null(n.best.p);
		else if (!str_is(n.best, cases[i].best))
			fail_msg("%s: not %s", cases[i].want, cases[i].best);
	}
}

static void
long_names(void **state)
{
	char text[200];
	struct near n;

	(void)state;
	memset(text, 'a', sizeof(text));
	near_begin(&n, (struct str){text, sizeof(text)});
	near_try(&n, STR("aaa"));
	assert_null(n.best.p);
	near_begin(&n, STR("aaa"));
	near_try(&n, (struct str){text, sizeof(text)});
	assert_null(n.best.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nearest),
	    cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests_name("near", tests, NULL, NULL);
}
