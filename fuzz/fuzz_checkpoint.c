/*
 * checkpoint: texts, add-checkpoint requests and .tlog-proof files.  Whatever
 * parses is, written again, the same bytes; no request is cosigned that no
 * trusted key signed.
 */
#include <assert.h>
#include <stdlib.h>

#include "record/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
try_text(struct str s, struct arena *a)
{
	struct checkpoint c;
	struct err err;

	if (checkpoint_parse(s, &c, &err) != 0) {
		assert(err.code == ERR_INPUT);
		return;
	}
	assert(c.size <= INT64_MAX && c.origin.n > 0 && str_eq(c.text, s));
	assert(str_starts(s, checkpoint_text(a, c.origin, c.size, &c.root)));
}

static void
try_request(struct span s, struct arena *a)
{
	struct checkpoint_request r;
	struct checkpoint_answer answer;
	struct checkpoint_held held = {0};
	struct checkpoint_offer o;
	struct note_key k;
	struct pubkey pub = {{7}};
	struct err err;

	if (checkpoint_request_parse(s, &r, &err) != 0) {
		assert(err.code == ERR_INPUT);
		return;
	}
	assert(span_eq(span_of(checkpoint_request_text(a, &r)), s));
	if (checkpoint_offer_parse(s, a, &o, &err) != 0)
		return;
	assert(checkpoint_answer_to(&o, NULL).http == 404);
	k = note_key_of(o.note.line[0].name, NOTE_ED25519, &pub);
	held.n_keys = 1;
	held.key = &k;
	held.size = o.request.old;
	answer = checkpoint_answer_to(&o, &held);
	assert(answer.http == 403 && answer.why.code == ERR_DENIED);
	k.id = o.note.line[0].id;
	assert(checkpoint_answer_to(&o, &held).http == 403);
}

static void
try_proof(struct span s, struct arena *a)
{
	struct checkpoint_proof p;
	struct err err;

	if (checkpoint_proof_parse(s, a, &p, &err) != 0) {
		assert(err.code == ERR_INPUT);
		return;
	}
	assert(span_eq(span_of(checkpoint_proof_text(a, &p)), s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span s = {data, n};
	struct arena a;
	struct err err;

	if (key_start(&err) != 0)
		abort();
	arena_init(&a, 8 << 20);
	try_text(span_str(s), &a);
	try_request(s, &a);
	try_proof(s, &a);
	arena_release(&a);
	return 0;
}
