/*
 * fold_lines ROOT: fold each JSON line {"procedure", "input", "result"} of
 * standard input and compare the result; prints each first difference, then
 * how many lines there were.  A line may bring its procedure as "text".  Exit
 * code 0 where all are the same.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "lines.h"

enum { LINE_LIMIT = 1 << 30, KEPT_MAX = 64, SAID_MAX = 20 };

struct kept { /* procedures that were loaded */
	size_t n;
	struct {
		struct str name;
		const struct procedure *p;
	} one[KEPT_MAX];
};

static int
find(struct kept *k, const char *root, struct str name, struct arena *a,
    const struct procedure **ret, struct err *err)
{
	for (size_t i = 0; i < k->n; i++) {
		if (str_eq(k->one[i].name, name)) {
			*ret = k->one[i].p;
			return 0;
		}
	}
	if (k->n == KEPT_MAX)
		return err_set(err, ERR_INPUT, "over %d procedures", KEPT_MAX);
	if (lines_procedure(root, name, a, ret, err) != 0)
		return -1;
	k->one[k->n].name = str_copy(a, name);
	k->one[k->n++].p = *ret;
	return 0;
}

static void
print(const char *what, struct arena *a, const struct js *j)
{
	struct js_make m = {.a = a};
	struct err err;
	struct str s;

	if (j == NULL)
		s = STR("nothing");
	else if (js_text(&m, j, JS_COMPACT, &s, &err) != 0)
		s = STR("?");
	printf("    %s %.1000s\n", what, s.p);
}

static const struct js *
walk(const struct js *j, struct str at)
{
	for (size_t i = 1, end; i <= at.n && j != NULL; i = end + 1) {
		struct str key;
		int64_t n = 0;
		struct err err;

		end = str_find(at, '/', i);
		key = str_sub(at, i, end);
		if (js_type(j) != JS_LIST)
			j = js_get_at(j, key);
		else if (num_parse(key, 0, INT32_MAX, &n, &err) == 0)
			j = js_at(j, (size_t)n); /* from 0 */
	}
	return j;
}

/* 0: the same, 1: different, -1: it could not be done. */
static int
compare(const struct js *line, const struct procedure *p, struct arena *a,
    bool loud, struct err *err)
{
	const struct js *want = js_get(line, "result"), *got;
	struct fold_input in;
	struct buf at;

	if (lines_input(js_get(line, "input"), a, &in, err) != 0 ||
	    lines_fold(p, &in, a, &got, err) != 0)
		return -1;
	buf_init(&at, a);
	if (!lines_differ(want, got, &at))
		return 0;
	if (loud) {
		struct str s = {at.p, at.n};

		printf("%.*s: differs at %.*s\n",
		    STR_ARG(js_str(js_get(line, "procedure"))), STR_ARG(s));
		print("want", a, walk(want, s));
		print("got ", a, walk(got, s));
	}
	return 1;
}

static int
load(struct kept *k, const char *root, const struct js *line,
    struct arena *keep, struct arena *a, const struct procedure **ret,
    struct err *err)
{
	const struct js *text = js_get(line, "text");

	if (text != NULL)
		return procedure_load(span_of(js_str(text)), STR(""), a, ret,
		    err);
	return find(k, root, js_str(js_get(line, "procedure")), keep, ret, err);
}

int
main(int argc, char **argv)
{
	struct kept kept = {0};
	struct arena keep, a;
	char *line = NULL;
	size_t cap = 0, n = 0, bad = 0;
	ssize_t got;

	if (argc != 2) {
		fprintf(stderr, "usage: fold_lines ROOT < LINES\n");
		return 2;
	}
	arena_init(&keep, LINE_LIMIT);
	while ((got = getline(&line, &cap, stdin)) > 0) {
		const struct procedure *p;
		const struct js *j;
		struct err err = {0};
		struct span s = {(const uint8_t *)line, (size_t)got};
		int rc = -1;

		arena_init(&a, LINE_LIMIT);
		if (js_parse(s, &a, &j, &err) == 0 &&
		    load(&kept, argv[1], j, &keep, &a, &p, &err) == 0)
			rc = compare(j, p, &a, bad < SAID_MAX, &err);
		if (rc < 0 && bad < SAID_MAX)
			printf("line %zu: %s\n", n + 1, err.text);
		bad += rc != 0;
		n++;
		arena_release(&a);
	}
	free(line);
	arena_release(&keep);
	printf("%zu folds, %zu different\n", n, bad);
	return bad > 0 || n == 0;
}
