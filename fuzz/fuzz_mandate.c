/*
 * mandate: envelopes, one a line: the first may be a charter, the others acts
 * of its file.  No input gives a power that no signature stands for, and what
 * breaks a rule changes nothing.  A line "=" and a payload is taken as signed
 * by the root, so that the mutator need not forge signatures.
 */
#include <assert.h>
#include <string.h>

#include "base/num.h"
#include "record/mandate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct file {
	struct mandate *m;
	uint64_t index;
	struct arena a;
};

static int
open_line(struct file *f, struct str line, const struct act **ret,
    struct mandate_signers *by, struct err *err)
{
	struct dsse d;
	const struct js *root;

	if (!str_starts(line, STR("=")))
		return dsse_parse(span_of(line), &f->a, &d, err) != 0
		           ? -1
		           : mandate_open_act(&d, &f->a, ret, by, err);
	if (act_parse(span_of(str_sub(line, 1, line.n)), &f->a, ret, err) != 0)
		return -1;
	*by = (struct mandate_signers){.n = 1};
	root = js_get((*ret)->body, "root");
	if (f->m != NULL)
		by->key[0] = *mandate_root(f->m);
	else if (!hex_is_parsed(js_str(root), by->key[0].b, 32))
		by->n = 0;
	return 0;
}

static void
check(const struct mandate *m)
{
	struct mandate_signers nobody = {.n = 0};
	const struct mandate_officer *o;
	const struct mandate_keys *k;
	size_t n = mandate_officers(m, &o);

	for (size_t i = 0; i < n; i++) {
		assert(o[i].n > 0 && o[i].n <= MANDATE_POWERS_MAX);
		assert(o[i].from <= o[i].until && key_is_usable(&o[i].key));
	}
	n = mandate_keys(m, &k);
	assert(n > 0);
	for (size_t i = 0; i < n; i++) {
		assert(i == 0 || k[i - 1].from < k[i].from);
		assert(!key_eq(&k[i].log, &k[i].witness));
		assert(!key_eq(&k[i].log, mandate_root(m)));
	}
	assert(mandate_broken(m, STR("message/send"), 1, &nobody) != NULL);
	assert(mandate_broken(m, STR("party/keys"), 1, &nobody) != NULL);
	assert(note_is_name(mandate_origin(m)));
	assert(act_is_party(mandate_party(m)));
}

static void
take(struct file *f, struct str line)
{
	const struct act *act;
	struct mandate_signers by;
	const struct mandate_officer *o;
	const struct mandate_keys *k;
	const char *broken = NULL;
	struct err err = {.code = ERR_NONE};
	size_t officers, keys;

	if (open_line(f, line, &act, &by, &err) != 0) {
		assert(err.code == ERR_INPUT && err.text[0] != '\0');
		return;
	}
	if (f->m == NULL) {
		if (mandate_new(act, &by, &f->m, &err) != 0) {
			assert(err.code == ERR_INPUT && err.text[0] != '\0');
			f->m = NULL;
			return;
		}
		check(f->m);
		return;
	}
	officers = mandate_officers(f->m, &o);
	keys = mandate_keys(f->m, &k);
	if (mandate_apply(f->m, act, ++f->index, &by, &broken, &err) != 0)
		return;       /* memory */
	if (broken != NULL) { /* M2 */
		assert(mandate_officers(f->m, &o) == officers);
		assert(mandate_keys(f->m, &k) == keys);
	}
	check(f->m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str all = {(const char *)data, n};
	struct file f = {.m = NULL};
	struct err err;
	size_t lines = 0;

	if (key_start(&err) != 0)
		return 0;
	arena_init(&f.a, 32 << 20);
	for (size_t at = 0, end; at < n && lines < 50; at = end + 1, lines++) {
		end = str_find(all, '\n', at);
		take(&f, str_sub(all, at, end));
	}
	mandate_free(f.m);
	arena_release(&f.a);
	return 0;
}
