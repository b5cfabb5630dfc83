#include "record/log.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum { LEVEL_MAX = 63, ENTRY_MAX = 65535 };

void
log_tile_path(const struct log_tile *t, char out[LOG_PATH_MAX])
{
	uint64_t high = t->index / 1000;
	unsigned group[7]; /* 2^63 has 19 digits */
	size_t n = 0, at;
	int len;

	assert(t->level >= -1 && t->level <= LEVEL_MAX && t->width >= 1 &&
	       t->width <= LOG_TILE && t->index <= INT64_MAX);
	len = t->level < 0 ? snprintf(out, LOG_PATH_MAX, "tile/entries/")
	                   : snprintf(out, LOG_PATH_MAX, "tile/%d/", t->level);
	for (; high > 0; high /= 1000)
		group[n++] = (unsigned)(high % 1000); /* fits */
	at = (size_t)len;                             /* written whole: >= 0 */
	while (n > 0)
		at += (size_t)snprintf(out + at, LOG_PATH_MAX - at, "x%03u/",
		    group[--n]);
	at += (size_t)snprintf(out + at, LOG_PATH_MAX - at, "%03u",
	    (unsigned)(t->index % 1000));
	if (t->width < LOG_TILE)
		(void)snprintf(out + at, LOG_PATH_MAX - at, ".p/%u", t->width);
}

/* Take a decimal number up to hi off the front of *s: 1 to 3 digits. */
static bool
is_number(struct str *s, unsigned hi, unsigned *ret)
{
	size_t n = 0;
	unsigned v = 0;

	while (n < s->n && n < 4 && s->p[n] >= '0' && s->p[n] <= '9')
		v = v * 10 + (unsigned)(s->p[n++] - '0'); /* a digit */
	if (n == 0 || n > 3 || v > hi || (n > 1 && s->p[0] == '0'))
		return false;
	*s = str_sub(*s, n, s->n);
	*ret = v;
	return true;
}

/* Take the groups of three digits off the front of *s. */
static bool
is_index(struct str *s, uint64_t *ret)
{
	uint64_t v = 0;
	bool more;

	do {
		size_t from = s->n > 0 && s->p[0] == 'x' ? 1 : 0;

		more = from == 1;
		if (s->n < from + 3)
			return false;
		for (size_t i = from; i < from + 3; i++) {
			int d = s->p[i] - '0';
			if (d < 0 || d > 9 || ckd_mul(&v, v, 10) ||
			    ckd_add(&v, v, d))
				return false;
		}
		if (more && (v == 0 || s->n < 5 || s->p[4] != '/'))
			return false;
		*s = str_sub(*s, more ? 5 : 3, s->n);
	} while (more);
	*ret = v;
	return v <= INT64_MAX;
}

bool
log_tile_is_path(struct str path, struct log_tile *ret)
{
	struct log_tile t = {.level = -1, .width = LOG_TILE};
	unsigned level;

	if (str_starts(path, STR("tile/entries/"))) {
		path = str_sub(path, 13, path.n);
	} else {
		if (!str_starts(path, STR("tile/")))
			return false;
		path = str_sub(path, 5, path.n);
		if (!is_number(&path, LEVEL_MAX, &level) || path.n == 0 ||
		    path.p[0] != '/')
			return false;
		path = str_sub(path, 1, path.n);
		t.level = (int)level; /* up to 63 */
	}
	if (!is_index(&path, &t.index))
		return false;
	if (path.n > 0) {
		if (!str_starts(path, STR(".p/")))
			return false;
		path = str_sub(path, 3, path.n);
		if (!is_number(&path, LOG_TILE - 1, &t.width) || t.width == 0 ||
		    path.n > 0)
			return false;
	}
	*ret = t;
	return true;
}

int
log_bundle_parse(struct span s, size_t count, struct arena *a,
    struct span **ret, struct err *err)
{
	struct span *entry;
	size_t at = 0;

	if (count < 1 || count > LOG_TILE)
		return err_set(err, ERR_INPUT,
		    "a bundle of %zu entries, where 1 to %d may be", count,
		    LOG_TILE);
	if ((entry = arena_array(a, count, struct span)) == NULL)
		return err_nomem(err, "a bundle");
	for (size_t i = 0; i < count; i++) {
		size_t n;

		if (s.n - at < 2)
			return err_set(err, ERR_INPUT,
			    "bundle: no length of entry %zu", i);
		n = (size_t)s.p[at] << 8 | s.p[at + 1];
		at += 2;
		if (s.n - at < n)
			return err_set(err, ERR_INPUT,
			    "bundle: entry %zu is cut short", i);
		entry[i] = (struct span){s.p + at, n};
		at += n;
	}
	if (at != s.n)
		return err_set(err, ERR_INPUT,
		    "bundle: %zu bytes left over after %zu entries", s.n - at,
		    count);
	*ret = entry;
	return 0;
}

void
log_bundle_add(struct buf *b, struct span entry)
{
	uint8_t len[2];

	assert(entry.n <= ENTRY_MAX);
	len[0] = (uint8_t)(entry.n >> 8);
	len[1] = (uint8_t)(entry.n & 0xff);
	buf_add(b, len, sizeof(len));
	buf_add(b, entry.p, entry.n);
}
