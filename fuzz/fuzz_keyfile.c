/*
 * keyfile: both readers agree on what a key file is; a plain one that reads is,
 * written and read again, the same.  Locked ones are read without a passphrase:
 * deriving a key takes too long here.
 */
#include <assert.h>
#include <string.h>

#include "record/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
write_again(struct str use, struct str holder, const struct secret *s,
    struct arena *a)
{
	struct err err = {.code = ERR_NONE};
	struct span none = {NULL, 0};
	struct secret *got;
	struct str text, same;

	assert(keyfile_write(use, holder, s, none, 0, a, &text, &err) == 0);
	assert(keyfile_read(text, use, none, a, &got, &same, &err) == 0);
	assert(memcmp(key_secret_bytes(s), key_secret_bytes(got), 32) == 0);
	assert(str_eq(holder, same));
	key_secret_free(got);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const uses[] = {"log", "box"};
	struct str text = {(const char *)data, n}, holder;
	struct err err = {.code = ERR_NONE};
	struct secret *s;
	struct arena a;
	bool locked = false;
	int rc;

	assert(key_start(&err) == 0);
	arena_init(&a, 1 << 20);
	rc = keyfile_is_locked(text, &locked, &err);
	assert(rc == 0 || err.code == ERR_INPUT);
	for (size_t i = 0; i < 2; i++) {
		if (keyfile_read(text, str_of(uses[i]), (struct span){NULL, 0},
			&a, &s, &holder, &err) != 0) {
			assert(err.code == ERR_INPUT || err.code == ERR_DENIED);
			continue;
		}
		assert(rc == 0 && !locked);
		write_again(str_of(uses[i]), holder, s, &a);
		key_secret_free(s);
	}
	arena_release(&a);
	return 0;
}
