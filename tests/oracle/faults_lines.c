/*
 * faults_lines: check each procedure file of the JSON lines {"text", "faults"}
 * of standard input, and compare with the reference: the same files must be
 * faulty, at the same places.  (A file that the reference calls malformed may
 * be faulty anywhere.)  Exit code 0 where all are the same.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "lines.h"

enum { LINE_LIMIT = 1 << 28, SAID_MAX = 20 };

/* "acts.reply: no role" as "/acts/reply"; "procedure" is the whole file. */
static struct str
place(struct arena *a, struct str fault)
{
	struct str at = str_sub(fault, 0, str_find(fault, ':', 0));
	struct buf b;

	if (str_is(at, "procedure"))
		return STR("/");
	if (str_starts(at, STR("procedure.")))
		at = str_sub(at, 10, at.n);
	buf_init(&b, a);
	buf_char(&b, '/');
	for (size_t i = 0; i < at.n; i++)
		buf_char(&b, at.p[i] == '.' ? '/' : at.p[i]);
	return (struct str){b.p, b.n};
}

static bool
has_place(const struct str *fault, size_t n, struct str at)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(str_sub(fault[i], 0, str_find(fault[i], ':', 0)),
			at))
			return true;
	return false;
}

static bool
is_same(const struct js *want, const struct str *got, size_t n, struct arena *a)
{
	if ((js_len(want) == 0) != (n == 0))
		return false;
	for (size_t i = 0; i < js_len(want); i++) {
		struct str w = js_str(js_at(want, i));

		if (str_starts(w, STR("procedure: malformed")))
			return true;
		if (!has_place(got, n, place(a, w)))
			return false;
	}
	return true;
}

static void
say(const struct js *want, const struct str *got, size_t n)
{
	for (size_t i = 0; i < js_len(want) && i < 5; i++)
		printf("    want %.*s\n", STR_ARG(js_str(js_at(want, i))));
	for (size_t i = 0; i < n && i < 5; i++)
		printf("    got  %.*s\n", STR_ARG(got[i]));
}

static bool
check(struct span line, bool loud)
{
	const struct js *j, *want;
	const struct procedure *p;
	struct arena a;
	struct err err = {0};
	struct str *got = NULL;
	size_t n = 0;
	bool good = false;

	arena_init(&a, LINE_LIMIT);
	if (js_parse(line, &a, &j, &err) == 0) {
		struct span text = span_of(js_str(js_get(j, "text")));

		want = js_get(j, "faults");
		if (procedure_faults(text, STR(""), &a, &got, &n, &err) == 0)
			good = is_same(want, got, n, &a);
		if (good && n == 0)
			good = procedure_load(text, STR(""), &a, &p, &err) == 0;
		if (!good && loud) {
			printf("different: %s\n", err.text);
			say(want, got, n);
		}
	}
	arena_release(&a);
	return good;
}

int
main(void)
{
	char *line = NULL;
	size_t cap = 0, n = 0, bad = 0;
	ssize_t got;

	while ((got = getline(&line, &cap, stdin)) > 0) {
		struct span s = {(const uint8_t *)line, (size_t)got};

		bad += !check(s, bad < SAID_MAX);
		n++;
	}
	free(line);
	printf("%zu procedure files, %zu different\n", n, bad);
	return bad > 0 || n == 0;
}
