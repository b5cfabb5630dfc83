/*
 * path: the paths of tiles, of bundles and of times: what is one has one form.
 */
#include <assert.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "record/bundle.h"
#include "record/log.h"
#include "record/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
tile(struct str path)
{
	struct log_tile t;
	char again[LOG_PATH_MAX];

	if (!log_tile_is_path(path, &t))
		return;
	assert(t.level >= -1 && t.level < 64);
	assert(t.width >= 1 && t.width <= LOG_TILE);
	log_tile_path(&t, again);
	assert(str_is(path, again)); /* one form */
}

static void
name(struct str s)
{
	if (!bundle_is_name(s))
		return;
	assert(s.n > 0 && s.n <= BUNDLE_NAME_MAX);
	assert(text_is_utf8(span_of(s)));
	assert(s.p[0] != '/' && s.p[s.n - 1] != '/');
	for (size_t at = 0, end; at <= s.n; at = end + 1) {
		struct str part;

		end = str_find(s, '/', at);
		part = str_sub(s, at, end);
		assert(part.n > 0 && !str_is(part, ".."));
		if (end == s.n)
			break;
	}
}

static void
number(struct str s)
{
	int64_t v;
	struct err err;
	char text[32];

	if (num_parse(s, INT64_MIN, INT64_MAX, &v, &err) != 0)
		return;
	(void)snprintf(text, sizeof(text), "%lld", (long long)v); /* fits */
	assert(str_is(s, text));
}

static void
when(struct str s)
{
	int64_t us, again;
	char text[WHEN_TEXT];

	if (!when_is_time(s, WHEN_YEAR, &us))
		return;
	when_write(us, text);
	assert(when_is_time(str_of(text), WHEN_SECOND, &again) && again == us);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str s = {(const char *)data, n};

	tile(s);
	name(s);
	number(s);
	when(s);
	if (note_is_name(s))
		assert(s.n > 0 && memchr(s.p, '+', s.n) == NULL);
	return 0;
}
