#include "record/label.h"

#include <string.h>

#include "base/num.h"
#include "record/hash.h"

struct label
label_of(const struct id *matter, const struct id *charter, uint32_t k)
{
	static const char domain[] = "comity/label/1"; /* its NUL is hashed */
	uint8_t count[4];
	struct span part[] = {
	    {(const uint8_t *)domain, sizeof(domain)},
	    {matter->b, sizeof(matter->b)},
	    {charter->b, sizeof(charter->b)},
	    {count, sizeof(count)},
	};
	struct label label;
	struct id h;

	num_put32(count, k);
	h = hash_parts(part, COUNT(part));
	memcpy(label.b, h.b, sizeof(label.b));
	return label;
}

bool
label_eq(const struct label *a, const struct label *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

void
label_entry_write(const struct entry *e, uint8_t out[ENTRY_BYTES])
{
	memcpy(out, e->act.b, sizeof(e->act.b));
	memcpy(out + sizeof(e->act.b), e->label.b, sizeof(e->label.b));
}

struct entry
label_entry_read(const uint8_t in[ENTRY_BYTES])
{
	struct entry e;

	memcpy(e.act.b, in, sizeof(e.act.b));
	memcpy(e.label.b, in + sizeof(e.act.b), sizeof(e.label.b));
	return e;
}

struct id
label_entry_leaf(const struct entry *e)
{
	static const uint8_t leaf = 0; /* RFC 6962 2.1 */
	uint8_t bytes[ENTRY_BYTES];
	struct span part[] = {{&leaf, 1}, {bytes, sizeof(bytes)}};

	label_entry_write(e, bytes);
	return hash_parts(part, COUNT(part));
}
