/* rules_test: what the tests of this room share. */
#ifndef RULES_TEST_H
#define RULES_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/num.h"
#include "lines.h"

enum { TEST_LIMIT = 256 * 1024 * 1024 };

static inline const char *
rules_root(void)
{
	const char *root = getenv("COMITY_SOURCE");

	return root == NULL ? "." : root;
}

static inline struct span
rules_file(struct arena *a, const char *path)
{
	char at[4096];
	struct span s = {NULL, 0};
	struct err err = {0};

	(void)snprintf(at, sizeof(at), "%s/%s", rules_root(), path);
	if (lines_file(at, a, &s, &err) != 0)
		fail_msg("%s", err.text);
	return s;
}

static inline const struct js *
rules_json(struct arena *a, struct span s)
{
	const struct js *j = NULL;
	struct err err = {0};

	if (js_parse(s, a, &j, &err) != 0)
		fail_msg("%s", err.text);
	return j;
}

static inline const struct procedure *
rules_procedure(struct arena *a, const char *name)
{
	const struct procedure *p = NULL;
	struct err err = {0};

	if (lines_procedure(rules_root(), str_of(name), a, &p, &err) != 0)
		fail_msg("%s: %s", name, err.text);
	return p;
}

#endif
