#include "rules/fold_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

void *
fold_take(struct fold *f, size_t n, size_t size)
{
	void *p = f->is_out ? NULL : arena_alloc(f->a, n == 0 ? 1 : n, size);

	if (p == NULL)
		f->is_out = true;
	return p;
}

bool
fold_grow(struct fold *f, void *p, size_t *cap, size_t want, size_t size)
{
	if (f->is_out || want >= FOLD_NIL ||
	    arena_grow(f->a, p, cap, want, size) != 0) {
		f->is_out = true;
		return false;
	}
	return true;
}

/* A bit of a name; past its end all bits are 0. */
static unsigned
bit_of(struct str s, size_t byte, uint8_t bit)
{
	uint8_t c = byte < s.n ? (uint8_t)s.p[byte] : 0;

	return (c & bit) != 0;
}

static uint32_t
add_party(struct fold *f, struct str name)
{
	if (!fold_grow(f, &f->party, &f->cap_parties, f->n_parties + 1,
		sizeof(*f->party)))
		return 0;
	f->party[f->n_parties] = (struct fold_name){.name = name};
	return (uint32_t)f->n_parties++; /* fold_grow keeps it below NIL */
}

/*
 * A crit-bit tree: its depth is bounded by the bits of a name, whatever names
 * a hostile party thinks up.  Child 2i+1 is party i, child 2i is node i.
 */
uint32_t
fold_party(struct fold *f, struct str name)
{
	uint32_t at = f->crit_root, *place = &f->crit_root, i;
	struct fold_crit c = {0};
	struct str best;
	uint8_t diff = 0;

	if (f->is_out)
		return 0;
	if (f->n_parties == 0) {
		i = add_party(f, name);
		f->crit_root = 2 * i + 1;
		return i;
	}
	while (at % 2 == 0) {
		const struct fold_crit *n = &f->crit[at / 2];

		at = n->child[bit_of(name, n->byte, n->bit)];
	}
	best = f->party[at / 2].name;
	if (str_eq(best, name))
		return at / 2;
	for (; diff == 0 && (c.byte < name.n || c.byte < best.n); c.byte++)
		diff = (uint8_t)((c.byte < name.n ? name.p[c.byte] : 0) ^
				 (c.byte < best.n ? best.p[c.byte] : 0));
	if (diff == 0) /* they differ by NULs at the end: no party's name */
		return at / 2;
	c.byte--;
	for (c.bit = 0x80; (diff & c.bit) == 0;)
		c.bit = (uint8_t)(c.bit >> 1);
	i = add_party(f, name);
	if (!fold_grow(f, &f->crit, &f->cap_crits, f->n_crits + 1,
		sizeof(*f->crit)))
		return 0;
	while (*place % 2 == 0) {
		struct fold_crit *n = &f->crit[*place / 2];

		if (n->byte > c.byte || (n->byte == c.byte && n->bit < c.bit))
			break;
		place = &n->child[bit_of(name, n->byte, n->bit)];
	}
	c.child[bit_of(name, c.byte, c.bit)] = 2 * i + 1;
	c.child[!bit_of(name, c.byte, c.bit)] = *place;
	*place = (uint32_t)(2 * f->n_crits);
	f->crit[f->n_crits++] = c;
	return i;
}

static size_t
slot_of(const struct fold_map *m, struct fold_key key)
{
	uint64_t h = key.a * UINT64_C(0x9e3779b97f4a7c15);
	size_t i;

	h = (h ^ (h >> 29) ^ key.b) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 32) ^ key.c) * UINT64_C(0x94d049bb133111eb);
	i = (size_t)(h ^ (h >> 31)) & (m->cap - 1);
	while (m->slot[i].used &&
	       (m->slot[i].key.a != key.a || m->slot[i].key.b != key.b ||
		   m->slot[i].key.c != key.c))
		i = (i + 1) & (m->cap - 1);
	return i;
}

uint32_t
fold_map_get(const struct fold_map *m, struct fold_key key)
{
	size_t i;

	if (m->cap == 0)
		return FOLD_NIL;
	i = slot_of(m, key);
	return m->slot[i].used ? m->slot[i].value : FOLD_NIL;
}

void
fold_map_set(struct fold *f, struct fold_map *m, struct fold_key key,
    uint32_t value)
{
	size_t i;

	if (2 * (m->n + 1) > m->cap) {
		struct fold_map more = {.cap = m->cap == 0 ? 64 : 2 * m->cap};

		more.slot = fold_take(f, more.cap, sizeof(*more.slot));
		if (more.slot == NULL)
			return;
		for (i = 0; i < m->cap; i++)
			if (m->slot[i].used)
				more.slot[slot_of(&more, m->slot[i].key)] =
				    m->slot[i];
		more.n = m->n;
		*m = more;
	}
	i = slot_of(m, key);
	m->n += !m->slot[i].used;
	m->slot[i] = (struct fold_slot){key, value, true};
}

void
fold_push(struct fold *f, uint32_t party)
{
	if (f->n_set == f->cap_set &&
	    !fold_grow(f, &f->set, &f->cap_set, f->n_set + 1, sizeof(*f->set)))
		return;
	f->set[f->n_set++] = party;
}

uint64_t
fold_mark(struct fold *f, const uint32_t *party, size_t n)
{
	f->mark++;
	for (size_t i = 0; i < n; i++)
		f->party[party[i]].mark = f->mark;
	return f->mark;
}

void
fold_unique(struct fold *f, size_t from)
{
	size_t n = from;

	f->mark++;
	for (size_t i = from; i < f->n_set; i++) {
		struct fold_name *p = &f->party[f->set[i]];

		if (p->mark == f->mark)
			continue;
		p->mark = f->mark;
		f->set[n++] = f->set[i];
	}
	f->n_set = n;
}

/* Heap sort: no helper of the library takes our names along. */
static void
sink(const struct fold *f, uint32_t *v, size_t i, size_t n)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		uint32_t other;

		if (child + 1 < n && str_cmp(f->party[v[child]].name,
					 f->party[v[child + 1]].name) < 0)
			child++;
		if (str_cmp(f->party[v[i]].name, f->party[v[child]].name) >= 0)
			return;
		other = v[i];
		v[i] = v[child];
		v[child] = other;
	}
}

void
fold_sort(struct fold *f, size_t from)
{
	uint32_t *v = f->set + from;
	size_t n = f->n_set - from, i = 1;

	while (
	    i < n && str_cmp(f->party[v[i - 1]].name, f->party[v[i]].name) < 0)
		i++;
	if (i >= n)
		return; /* as it mostly is */
	for (i = n / 2; i-- > 0;)
		sink(f, v, i, n);
	for (i = n; i-- > 1;) {
		uint32_t most = v[0];

		v[0] = v[i];
		v[i] = most;
		sink(f, v, 0, i);
	}
}
