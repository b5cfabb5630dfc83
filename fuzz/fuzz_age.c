/*
 * age: nothing but what was sealed opens, and keys as text have one form.  The
 * identity is that of the seeds; what opens is sealed and opened again.
 */
#include <assert.h>
#include <string.h>

#include "record/age.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
texts(struct str s, struct arena *a)
{
	struct err err = {.code = ERR_NONE};
	struct secret *secret;
	struct box box;

	if (age_box_parse(s, &box, &err) == 0)
		assert(str_eq(age_box_text(a, &box), s));
	else
		assert(err.code == ERR_INPUT);
	if (age_identity_parse(s, &secret, &err) == 0) {
		assert(str_eq(age_identity_text(a, secret), s));
		key_secret_free(secret);
	} else {
		assert(err.code == ERR_INPUT);
	}
}

static void
open_again(struct span plain, const struct secret *s, struct arena *a)
{
	struct err err = {.code = ERR_NONE};
	struct box box = age_box(s);
	struct span sealed, got;

	assert(age_seal(plain, &box, 1, NULL, NULL, a, &sealed, &err) == 0);
	assert(age_open(sealed, s, a, &got, &err) == 0);
	assert(span_eq(plain, got));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t bytes[32] = {1, 2, 3};
	struct err err = {.code = ERR_NONE};
	struct secret *s;
	struct arena a;
	struct span got;

	assert(key_start(&err) == 0);
	arena_init(&a, 16 << 20);
	assert((s = key_secret(bytes)) != NULL);
	if (age_open((struct span){data, n}, s, &a, &got, &err) == 0)
		open_again(got, s, &a);
	else
		assert(err.code == ERR_INPUT || err.code == ERR_DENIED);
	texts((struct str){(const char *)data, n}, &a);
	key_secret_free(s);
	arena_release(&a);
	return 0;
}
