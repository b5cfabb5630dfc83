/*
 * base64: what is read is written back as the same characters, by each of the
 * readers, and they agree with each other.
 */
#include <assert.h>
#include <string.h>

#include "record/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
one_form(struct str s, bool bare, struct arena *a)
{
	struct span got, any;
	struct err err = {.code = ERR_NONE};
	struct str again;
	uint8_t *fixed;

	if (encode_parse_b64(s, bare, a, &got, &err) != 0) {
		assert(err.code == ERR_INPUT);
		return;
	}
	again = bare ? encode_b64_bare(a, got) : encode_b64(a, got);
	assert(str_eq(s, again));
	fixed = arena_alloc(a, got.n + 1, 1);
	assert(fixed != NULL);
	assert(bare ? encode_is_b64_bare(s, fixed, got.n)
		    : encode_is_b64(s, fixed, got.n));
	assert(got.n == 0 || memcmp(fixed, got.p, got.n) == 0);
	if (bare)
		return;
	assert(encode_parse_b64_any(s, a, &any, &err) == 0);
	assert(span_eq(got, any));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str s = {(const char *)data, n};
	struct err err = {.code = ERR_NONE};
	struct arena a;
	struct span got;

	arena_init(&a, 16 << 20);
	one_form(s, false, &a);
	one_form(s, true, &a);
	if (encode_parse_b64_any(s, &a, &got, &err) == 0)
		assert(encode_b64(&a, got).n == n);
	else
		assert(err.code == ERR_INPUT);
	arena_release(&a);
	return 0;
}
