/*
 * cosign: a checkpoint with cosignatures, each line of which is taken for one
 * of a key that never signed: none is found, and what is found verifies.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "record/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A key of which the fuzzer knows the public half alone. */
static const struct pubkey stranger = {
    {0xc9, 0x6c, 0xe0, 0x08, 0x88, 0x7d, 0xf6, 0xf6, 0x9d, 0x5b, 0x7b, 0xa8,
	0x83, 0x77, 0x21, 0x61, 0xd9, 0xc4, 0x61, 0x78, 0x7e, 0xfb, 0xc1, 0xfb,
	0xbb, 0xcf, 0xf6, 0xdf, 0xe3, 0x11, 0xbd, 0x64}};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cosignature c;
	struct note note;
	struct arena a;
	struct err err;
	bool found;

	if (key_start(&err) != 0)
		abort();
	arena_init(&a, 4 << 20);
	if (note_parse((struct span){data, n}, &a, &note, &err) != 0)
		goto out;
	for (size_t i = 0; i < note.n; i++) {
		struct note_key k =
		    note_key_of(note.line[i].name, NOTE_COSIGNATURE, &stranger);

		if (checkpoint_find_cosignature(&note, &k, &found, &c, &err) !=
		    0) {
			assert(err.code == ERR_DENIED);
			continue;
		}
		assert(found == false ||
		       checkpoint_is_cosigned(note.text, &k, &c));
		k.id = note.line[i].id;
		if (checkpoint_find_cosignature(&note, &k, &found, &c, &err) ==
		    0)
			assert(
			    found && checkpoint_is_cosigned(note.text, &k, &c));
	}
out:
	arena_release(&a);
	return 0;
}
