/*
 * tiles: paths have one form; bundles come apart and together again; proofs
 * made of the input's bytes never tie two roots of the input together unless
 * they are the tree's own.  The first byte says how many entries to expect.
 */
#include <assert.h>
#include <string.h>

#include "record/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
try_path(struct str s)
{
	char path[LOG_PATH_MAX];
	struct log_tile t;

	if (!log_tile_is_path(s, &t))
		return;
	log_tile_path(&t, path);
	assert(str_is(s, path));
}

static void
try_bundle(struct span s, size_t count, struct arena *a)
{
	struct span *entry;
	struct str text;
	struct err err;
	struct buf b;

	if (log_bundle_parse(s, count, a, &entry, &err) != 0) {
		assert(err.code == ERR_INPUT);
		return;
	}
	buf_init(&b, a);
	for (size_t i = 0; i < count; i++)
		log_bundle_add(&b, entry[i]);
	assert(buf_done(&b, &text, &err) == 0);
	assert(span_eq(span_of(text), s));
}

/* index or old size, size, two hashes, then a proof. */
static void
try_proof(struct span s)
{
	struct log_proof p = {0};
	uint64_t from, to;
	struct id a, b;

	if (s.n < 16 + 64)
		return;
	memcpy(&from, s.p, 8);
	memcpy(&to, s.p + 8, 8);
	memcpy(a.b, s.p + 16, 32);
	memcpy(b.b, s.p + 48, 32);
	for (size_t at = 80; at + 32 <= s.n && p.n < LOG_PROOF_MAX; at += 32)
		memcpy(p.hash[p.n++].b, s.p + at, 32);
	if (log_is_included(from, to, &a, &p, &b))
		assert(from < to && (p.n > 0 || (to == 1 && id_eq(&a, &b))));
	if (log_is_consistent(from, to, &a, &b, &p))
		assert(from <= to && (from < to || id_eq(&a, &b)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span s = {data, n};
	struct arena a;

	try_path(span_str(s));
	try_proof(s);
	if (n == 0)
		return 0;
	arena_init(&a, 8 << 20);
	try_bundle((struct span){data + 1, n - 1}, data[0] + (size_t)1, &a);
	arena_release(&a);
	return 0;
}
