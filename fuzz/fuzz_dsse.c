/*
 * dsse: an envelope that parses is, written and parsed again, the same.
 */
#include <assert.h>
#include <string.h>

#include "record/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
same(const struct dsse *a, const struct dsse *b)
{
	assert(str_eq(a->type, b->type));
	assert(span_eq(a->payload, b->payload));
	assert(a->n == b->n && a->n <= DSSE_SIGNATURES_MAX);
	for (size_t i = 0; i < a->n; i++) {
		assert(str_eq(a->signature[i].keyid, b->signature[i].keyid));
		assert(memcmp(a->signature[i].sig.b, b->signature[i].sig.b,
			   sizeof(a->signature[i].sig.b)) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err = {.code = ERR_NONE};
	struct arena a;
	struct dsse d, again;
	struct str text;
	struct span pae;

	arena_init(&a, 16 << 20);
	if (dsse_parse((struct span){data, n}, &a, &d, &err) != 0) {
		assert(err.code == ERR_INPUT && err.text[0] != '\0');
		goto out;
	}
	assert(dsse_text(&d, &a, &text, &err) == 0);
	assert(dsse_parse(span_of(text), &a, &again, &err) == 0);
	same(&d, &again);
	assert(dsse_pae(d.type, d.payload, &a, &pae, &err) == 0);
	assert(pae.n >= d.type.n + d.payload.n + 11);
out:
	arena_release(&a);
	return 0;
}
