/*
 * note: a note that parses is its text, an empty line and its lines, each of
 * one form; names in it are names; nothing here is signed by a key of ours.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "record/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Written from its parts again it is the same bytes. */
static void
check_note(struct span s, const struct note *n, struct arena *a)
{
	struct err err;
	struct str text;
	struct buf b;

	assert(n->n >= 1 && n->n <= NOTE_LINES_MAX && s.n <= NOTE_MAX);
	buf_init(&b, a);
	buf_str(&b, n->text);
	buf_char(&b, '\n');
	for (size_t i = 0; i < n->n; i++) {
		assert(note_is_name(n->line[i].name));
		assert(n->line[i].sig.n >= 1);
		buf_str(&b, note_line_text(a, n->line[i].name, n->line[i].id,
				n->line[i].sig));
	}
	assert(buf_done(&b, &text, &err) == 0);
	assert(span_eq(span_of(text), s));
}

static void
check_key(struct str vkey, const struct note *n, struct arena *a)
{
	struct note_key k;
	struct err err;

	if (note_key_parse(vkey, &k, &err) != 0) {
		assert(err.code == ERR_INPUT);
		return;
	}
	assert(str_eq(note_key_text(a, &k), vkey));
	if (n != NULL)
		(void)note_verify(n, &k, &err); /* of whatever verdict */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span s = {data, n};
	struct pubkey pub = {{0}};
	struct note note;
	struct note_key k;
	struct arena a;
	struct err err = {.code = ERR_NONE};

	if (key_start(&err) != 0)
		abort();
	arena_init(&a, 4 << 20);
	if (note_parse(s, &a, &note, &err) != 0) {
		assert(err.code == ERR_INPUT && err.text[0] != '\0');
		check_key(span_str(s), NULL, &a);
	} else {
		check_note(s, &note, &a);
		memset(pub.b, 0x5a, sizeof(pub.b));
		k = note_key_of(note.line[0].name, NOTE_ED25519, &pub);
		k.id = note.line[0].id;
		assert(note_verify(&note, &k, &err) != 0);
		assert(err.code == ERR_DENIED);
	}
	arena_release(&a);
	return 0;
}
