#include "tlog_vectors.h"

#include <string.h>

#include "base/num.h"
#include "record/hash.h"
#include "record/log.h"

static void
test_paths(void **state)
{
	struct arena a;
	const struct js *j, *list;
	struct log_tile t;
	char path[LOG_PATH_MAX];

	(void)state;
	j = vectors_json(&a, "tlog/tile-paths.json");
	list = js_get(j, "index");
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *c = js_at(list, i);
		struct str want =
		    str_fmt(&a, "tile/0/%s", get_str(c, "path").p);

		t = (struct log_tile){0, get_u64(c, "n"), LOG_TILE};
		log_tile_path(&t, path);
		assert_string_equal(path, want.p);
		t = (struct log_tile){0};
		assert_true(log_tile_is_path(want, &t));
		assert_int_equal(t.index, get_u64(c, "n"));
		assert_int_equal(t.width, LOG_TILE);
	}
	list = js_get(j, "trees");
	for (size_t i = 0; i < js_len(list); i++) {
		uint64_t size = get_u64(js_at(list, i), "size");
		const struct js *level = js_get(js_at(list, i), "levels");

		for (size_t l = 0; l < js_len(level); l++) {
			const struct js *c = js_at(level, l);
			uint64_t n = size >> (8 * l);
			struct str want = get_str(c, "partial_path");

			assert_int_equal(n / LOG_TILE,
			    get_u64(c, "full_tiles"));
			assert_int_equal(n % LOG_TILE,
			    get_u64(c, "partial_width"));
			if (want.n == 0)
				continue;
			t = (struct log_tile){(int)l, n / LOG_TILE,
			    (unsigned)(n % LOG_TILE)};
			log_tile_path(&t, path);
			assert_true(str_is(want, path));
		}
	}
	list = js_get(j, "bad_paths");
	assert_int_equal(js_len(list), 24);
	for (size_t i = 0; i < js_len(list); i++)
		if (log_tile_is_path(get_str(js_at(list, i), "path"), &t))
			fail_msg("%s", get_str(js_at(list, i), "path").p);
	arena_release(&a);
}

static void
test_path_bounds(void **state)
{
	static const struct {
		const char *path;
		struct log_tile t;
	} good[] = {
	    {"tile/63/x009/x223/x372/x036/x854/x775/807.p/255",
		{63, INT64_MAX, 255}},
	    {"tile/entries/x009/x223/x372/x036/x854/x775/807",
		{-1, INT64_MAX, 256}},
	    {"tile/entries/000.p/1", {-1, 0, 1}},
	    {"tile/0/x001/000", {0, 1000, 256}},
	};
	static const char *const bad[] = {
	    "tile/0/x009/x223/x372/x036/x854/x775/808", "tile/0/x001/",
	    "tile/0/x001", "tile/0/x001/00", "tile/entries", "tile/entries/",
	    "tile/0/000.p/256", "tile/0/000.p/1/", "tile/0/000.p/1 ", "",
	    "tile", "tile/", "tile/1", "tile/0000/000", "/tile/0/000",
	    "tile/0/x001/x000/0x0"};
	struct log_tile t;
	char path[LOG_PATH_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		log_tile_path(&good[i].t, path);
		assert_string_equal(path, good[i].path);
		assert_true(log_tile_is_path(str_of(path), &t));
		assert_int_equal(t.level, good[i].t.level);
		assert_int_equal(t.index, good[i].t.index);
		assert_int_equal(t.width, good[i].t.width);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (log_tile_is_path(str_of(bad[i]), &t))
			fail_msg("%s", bad[i]);
}

static void
test_bundles(void **state)
{
	struct arena a;
	const struct js *j, *list;
	struct span *entry;
	struct err err;
	uint8_t *longest;
	struct buf b;
	struct id id, want;

	(void)state;
	j = vectors_json(&a, "tlog/entry-bundles.json");
	list = js_get(j, "good");
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *c = js_at(list, i);
		struct span s = shared_hex(&a, c, "bundle_hex");

		NO_ERROR(log_bundle_parse(s, (size_t)get_u64(c, "width"), &a,
		    &entry, &err));
		buf_init(&b, &a);
		for (size_t k = 0; k < get_u64(c, "width"); k++) {
			struct str hex = hex_str(&a, entry[k].p, entry[k].n);

			assert_true(str_eq(hex,
			    js_str(js_at(js_get(c, "entries_hex"), k))));
			log_bundle_add(&b, entry[k]);
		}
		assert_true(span_eq(s, (struct span){(uint8_t *)b.p, b.n}));
	}
	list = js_get(j, "bad");
	for (size_t i = 0; i < js_len(list); i++)
		assert_int_equal(log_bundle_parse(shared_hex(&a, js_at(list, i),
						      "bundle_hex"),
				     (size_t)get_u64(js_at(list, i), "width"),
				     &a, &entry, &err),
		    -1);
	assert_int_equal(
	    log_bundle_parse((struct span){NULL, 0}, 257, &a, &entry, &err),
	    -1);
	longest = arena_alloc(&a, 65535, 1);
	memset(longest, 0xab, 65535);
	buf_init(&b, &a);
	log_bundle_add(&b, (struct span){longest, 65535});
	assert_int_equal(b.n, get_u64(js_get(j, "longest"), "bundle_bytes"));
	id = hash_of((struct span){(uint8_t *)b.p, b.n});
	assert_true(hex_is_parsed(
	    get_str(js_get(j, "longest"), "bundle_sha256"), want.b, 32));
	assert_true(id_eq(&id, &want));
	arena_release(&a);
}

static void
test_bundle_memory(void **state)
{
	static const uint8_t bundle[] = {0, 1, 'x', 0, 0};
	struct span *entry = NULL;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 4096);
	a.fail_at = 1;
	assert_int_equal(
	    log_bundle_parse((struct span){bundle, 5}, 2, &a, &entry, &err),
	    -1);
	assert_int_equal(err.code, ERR_NOMEM);
	assert_null(entry);
	NO_ERROR(
	    log_bundle_parse((struct span){bundle, 5}, 2, &a, &entry, &err));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_path_bounds),
	    cmocka_unit_test(test_bundles),
	    cmocka_unit_test(test_bundle_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
