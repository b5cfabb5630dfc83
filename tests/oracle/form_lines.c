/*
 * form_lines ROOT: test each body of the JSON lines {"body", "fault"} of
 * standard input against the laboratory's form, and compare the pointer to the
 * first fault.  Exit code 0 where all are the same.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "lines.h"
#include "rules/form.h"

enum { LINE_LIMIT = 1 << 28, SAID_MAX = 20 };

static bool
check(const struct procedure *p, struct span line, bool loud)
{
	const struct js *j, *want;
	struct arena a;
	struct err err = {0};
	struct str at = STR("");
	bool bad = false, good = false;

	arena_init(&a, LINE_LIMIT);
	if (js_parse(line, &a, &j, &err) == 0 &&
	    form_check(p, STR("fill"), js_get(j, "body"), &a, &bad, &at,
		&err) == 0) {
		want = js_get(j, "fault");
		good =
		    bad ? js_type(want) == JS_TEXT && str_eq(js_str(want), at)
			: js_type(want) == JS_NULL;
	}
	if (!good && loud)
		printf("different: got '%.*s' %s\n    %.*s\n", STR_ARG(at),
		    err.text, STR_ARG(span_str(line)));
	arena_release(&a);
	return good;
}

int
main(int argc, char **argv)
{
	const struct procedure *p;
	struct arena keep;
	struct err err = {0};
	char *line = NULL;
	size_t cap = 0, n = 0, bad = 0;
	ssize_t got;

	arena_init(&keep, LINE_LIMIT);
	if (lines_procedure(argc > 1 ? argv[1] : ".", STR("forms"), &keep, &p,
		&err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	while ((got = getline(&line, &cap, stdin)) > 0) {
		struct span s = {(const uint8_t *)line, (size_t)got};

		bad += !check(p, s, bad < SAID_MAX);
		n++;
	}
	free(line);
	arena_release(&keep);
	printf("%zu bodies, %zu different\n", n, bad);
	return bad > 0 || n == 0;
}
