/*
 * act: what parses says the same when it is written and parsed again, and what
 * was written is written the same again.
 */
#include <assert.h>
#include <string.h>

#include "record/act.h"
#include "record/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
same(const struct act *a, const struct act *b)
{
	assert(str_eq(a->kind, b->kind) && str_eq(a->party, b->party));
	assert(str_eq(a->procedure, b->procedure) && str_eq(a->name, b->name));
	assert(a->opens == b->opens);
	assert(a->opens || id_eq(&a->matter, &b->matter));
	assert(a->has_procedure == b->has_procedure);
	assert(!a->has_procedure || id_eq(&a->procedure_id, &b->procedure_id));
	assert(a->has_conference == b->has_conference);
	assert(a->has_answers == b->has_answers);
	assert(a->has_amends == b->has_amends);
	assert(a->at_us == b->at_us);
	assert(a->to.type == b->to.type && a->to.n == b->to.n);
	for (size_t i = 0; i < a->to.n; i++)
		assert(str_eq(a->to.party[i], b->to.party[i]));
	assert(a->n_after == b->n_after);
	for (size_t i = 0; i < a->n_after; i++)
		assert(id_eq(&a->after[i], &b->after[i]));
	assert(js_is_equal(a->body, b->body));
	assert(memcmp(a->salt, b->salt, sizeof(a->salt)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span payload = {data, n};
	struct err err = {.code = ERR_NONE};
	const struct act *act, *again;
	struct str one, two;
	struct arena a;
	struct id id;

	arena_init(&a, 64 << 20);
	if (act_parse(payload, &a, &act, &err) != 0) {
		assert(err.code == ERR_INPUT && err.text[0] != '\0');
		goto out;
	}
	id = hash_of(payload);
	assert(id_eq(&act->id, &id));
	assert(act_is_party(act->party));
	assert(act->opens == id_eq(&act->matter, &id));
	assert(act_write(act, &a, &one, &err) == 0);
	/* Numbers may take more room in the one form than in the given one. */
	if (act_parse(span_of(one), &a, &again, &err) != 0) {
		assert(one.n > ACT_MAX);
		goto out;
	}
	same(act, again);
	assert(act_write(again, &a, &two, &err) == 0);
	assert(str_eq(one, two));
out:
	arena_release(&a);
	return 0;
}
