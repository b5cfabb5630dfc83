/*
 * Any bytes as a procedure file: it is refused or loaded, and what was loaded
 * folds a small matter.
 */
#include <stdlib.h>

#include "base/num.h"
#include "rules/fold.h"

enum { LIMIT = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every kind of act, each in answer to the one before, an hour apart. */
static void
fold_all(const struct procedure *p, struct arena *a)
{
	const struct js *kinds = js_get(procedure_json(p), "acts"), *body;
	size_t n = 2 * js_len(kinds), i = 0;
	struct act *act = arena_array(a, n + 1, struct act);
	struct fold_act *acts = arena_array(a, n + 1, struct fold_act);
	static const struct str party[] = {{"AAA", 3}, {"BBB", 3}};
	struct fold_heard heard[] = {{party[0], INT64_MAX},
	    {party[1], INT64_MAX}};
	struct fold_input in = {.acts = acts,
	    .heard = heard,
	    .n_heard = 2,
	    .now_us = INT64_C(4000000000000000)};
	const struct fold_result *r;
	struct err err;

	if (act == NULL || acts == NULL ||
	    js_parse(span_of(STR("{}")), a, &body, &err) != 0)
		return;
	for (struct js_each e = {0}; i < n;) {
		if (!js_next(kinds, &e)) {
			e = (struct js_each){0};
			continue;
		}
		act[i].id.b[0] = (uint8_t)(i + 1);
		act[i].id.b[1] = (uint8_t)(i >> 8);
		act[i].name = act[i].kind = e.key;
		act[i].party = party[i % 2];
		act[i].to.n = 2;
		act[i].to.party = party;
		act[i].at_us = (int64_t)i * 3600 * 1000000; /* small */
		act[i].body = body;
		act[i].has_answers = i > 0;
		if (i > 0)
			act[i].answers = act[i - 1].id;
		acts[i].act = &act[i];
		acts[i].index = i;
		i++;
	}
	in.n_acts = n;
	if (n > 0)
		in.matter = act[0].id;
	(void)fold_matter(p, &in, a, &r, &err); /* memory may be out */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct procedure *p;
	struct arena a;
	struct err err;

	arena_init(&a, LIMIT);
	if (procedure_load((struct span){data, size}, STR(""), &a, &p, &err) ==
	    0)
		fold_all(p, &a);
	arena_release(&a);
	return 0;
}
