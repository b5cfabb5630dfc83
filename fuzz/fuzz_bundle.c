/*
 * bundle: what is read has safe names and lies within the limits; written and
 * read again it is the same.
 */
#include <assert.h>

#include "record/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct copy {
	struct bundle_writer *w;
	size_t n, bytes;
};

static int
visit(void *ctx, const struct bundle_member *m, struct err *err)
{
	struct copy *c = ctx;

	assert(bundle_is_name(m->name));
	c->n++;
	c->bytes += m->data.n;
	return c->w == NULL ? 0 : bundle_write_add(c->w, m->name, m->data, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct copy first = {.n = 0}, second = {.n = 0};
	struct err err = {.code = ERR_NONE};
	struct arena a;
	struct span s;

	arena_init(&a, 64 << 20);
	assert(bundle_write_open(&a, &first.w, &err) == 0);
	if (bundle_read((struct span){data, n}, &a, visit, &first, &err) != 0) {
		assert(err.code == ERR_INPUT && err.text[0] != '\0');
		goto out;
	}
	assert(first.bytes <= n);
	assert(bundle_write_close(first.w, &s, &err) == 0);
	assert(bundle_read(s, &a, visit, &second, &err) == 0);
	assert(first.n == second.n && first.bytes == second.bytes);
out:
	arena_release(&a);
	return 0;
}
