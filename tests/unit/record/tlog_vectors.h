/* tlog_vectors: what the tests of logs, notes and checkpoints share. */
#ifndef TESTS_TLOG_VECTORS_H
#define TESTS_TLOG_VECTORS_H

#include "shared.h"

#include "record/encode.h"

#define NO_ERROR(call) no_error((call) != 0, &err, #call, __LINE__)

static inline void
no_error(bool failed, const struct err *err, const char *call, int line)
{
	if (failed)
		fail_msg("line %d: %s: %s", line, call, err->text);
}

static inline bool
vectors_has(const char *path)
{
	FILE *f = shared_open(path);

	return f != NULL && fclose(f) == 0;
}

/* The JSON of a file; skips the test where the data is absent. */
static inline const struct js *
vectors_json(struct arena *a, const char *path)
{
	SHARED_OR_SKIP(path);
	arena_init(a, (size_t)256 << 20);
	return shared_json(a, path);
}

static inline struct str
get_str(const struct js *j, const char *key)
{
	return js_str(js_get(j, key));
}

static inline uint64_t
get_u64(const struct js *j, const char *key)
{
	assert_true(js_int(js_get(j, key)) >= 0);
	return (uint64_t)js_int(js_get(j, key));
}

static inline struct id
get_id(const struct js *j, const char *key)
{
	struct id id;

	assert_true(encode_is_b64(get_str(j, key), id.b, sizeof(id.b)));
	return id;
}

#endif
