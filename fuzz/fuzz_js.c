/*
 * js: whatever parses can be walked, is equal to itself, and is the same value
 * after it was written and parsed again.
 */
#include <assert.h>
#include <math.h>

#include "base/js.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { DEPTH = 64 };

/* The number of values; every reader is asked about each of them. */
static size_t
walk(const struct js *j, int depth)
{
	struct str s = js_str(j);
	size_t sum = 1;

	assert(text_is_utf8(span_of(s)));
	assert(js_type(j) == JS_TEXT || s.n == 0);
	assert(js_type(j) == JS_INT || js_int(j) == 0);
	assert(isfinite(js_real(j)));
	if (depth == 0)
		return sum;
	for (size_t i = 0; js_type(j) == JS_LIST && i < js_len(j); i++)
		sum += walk(js_at(j, i), depth - 1);
	for (struct js_each e = {0}; js_next(j, &e);) {
		assert(js_get_at(j, e.key) == e.value);
		sum += walk(e.value, depth - 1);
	}
	assert(js_at(j, js_len(j)) == NULL);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct js *j = NULL, *again = NULL;
	struct arena a;
	struct js_make make = {.a = &a};
	struct err err = {.code = ERR_NONE};
	struct str text;

	arena_init(&a, 16 << 20);
	if (js_parse((struct span){data, n}, &a, &j, &err) != 0) {
		assert(err.code == ERR_INPUT && err.text[0] != '\0');
		assert(text_is_utf8(span_of(str_of(err.text))));
		goto out;
	}
	(void)walk(j, DEPTH);
	if (js_text(&make, j, JS_COMPACT, &text, &err) != 0) {
		assert(err.code == ERR_NOMEM);
		goto out;
	}
	assert(js_parse(span_of(text), &a, &again, &err) == 0);
	assert(js_is_equal(j, again));
	assert(walk(j, DEPTH) == walk(again, DEPTH));
out:
	arena_release(&a);
	return 0;
}
