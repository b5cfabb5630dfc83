#include "tlog_vectors.h"

#include <string.h>

#include "base/num.h"
#include "record/hash.h"
#include "record/log.h"

/* A log with the tiles that it completed. */
struct tree {
	struct log log;
	struct arena a;
	struct id *tile[LOG_LEVELS];
	size_t n[LOG_LEVELS], cap[LOG_LEVELS]; /* in hashes */
	int fail_at;                           /* the n-th keep fails */
};

static int
keep(void *ctx, unsigned level, uint64_t index, const struct id *hash,
    struct err *err)
{
	struct tree *t = ctx;
	size_t at = (size_t)index * LOG_TILE; /* small in tests */

	if (t->fail_at > 0 && --t->fail_at == 0)
		return err_set(err, ERR_IO, "the disk is full");
	assert_true(at <= t->n[level]);
	assert_int_equal(arena_grow(&t->a, &t->tile[level], &t->cap[level],
			     at + LOG_TILE, sizeof(struct id)),
	    0);
	memcpy(&t->tile[level][at], hash, LOG_TILE * sizeof(*hash));
	t->n[level] = at + LOG_TILE;
	return 0;
}

static int
read_tile(void *ctx, unsigned level, uint64_t index, size_t n, struct id *ret,
    struct err *err)
{
	struct tree *t = ctx;
	size_t at = (size_t)index * LOG_TILE;

	assert_true(n >= 1 && n <= LOG_TILE);
	if (at < t->n[level]) {
		memcpy(ret, &t->tile[level][at], n * sizeof(*ret));
		return 0;
	}
	if (at > t->n[level] || t->log.edge[level] == NULL)
		return err_set(err, ERR_ABSENT, "no such tile");
	memcpy(ret, t->log.edge[level], n * sizeof(*ret));
	return 0;
}

static void
tree_init(struct tree *t)
{
	*t = (struct tree){0};
	log_init(&t->log);
	arena_init(&t->a, (size_t)256 << 20);
}

static void
tree_release(struct tree *t)
{
	log_release(&t->log);
	arena_release(&t->a);
}

/* Entry i of the vectors' series. */
static struct id
series_entry(uint64_t i)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "comity test entry %llu",
	    (unsigned long long)i);

	return hash_of((struct span){(const uint8_t *)text, (size_t)n});
}

static struct id
series_leaf(uint64_t i)
{
	struct id entry = series_entry(i);

	return log_leaf((struct span){entry.b, sizeof(entry.b)});
}

static void
grow(struct tree *t, uint64_t size)
{
	struct err err;

	while (t->log.size < size) {
		struct id leaf = series_leaf(t->log.size);

		NO_ERROR(log_append(&t->log, &leaf, keep, t, &err));
	}
}

/* RFC 6962 2.1, word for word. */
static struct id
plain_root(uint64_t from, uint64_t to)
{
	uint64_t k = 1;
	struct id l, r;

	if (to == from)
		return log_empty_root();
	if (to - from == 1)
		return series_leaf(from);
	while (k * 2 < to - from)
		k *= 2;
	l = plain_root(from, from + k);
	r = plain_root(from + k, to);
	return log_node(&l, &r);
}

static bool
is_proof(const struct js *list, struct log_proof *p)
{
	p->n = js_len(list);
	assert_true(p->n <= LOG_PROOF_MAX);
	for (size_t i = 0; i < p->n; i++)
		if (!encode_is_b64(js_str(js_at(list, i)), p->hash[i].b, 32))
			return false;
	return true;
}

static void
assert_same_proof(const struct log_proof *p, const struct js *list)
{
	struct log_proof want;

	assert_true(is_proof(list, &want));
	assert_int_equal(p->n, want.n);
	assert_memory_equal(p->hash, want.hash, p->n * sizeof(struct id));
}

/* Roots and proofs of a vectors file against a grown tree. */
static void
check_file(struct tree *t, const struct js *j, struct id (*leaf)(uint64_t))
{
	const struct js *list = js_get(j, "roots"), *c;
	struct log_proof p;
	struct id root, from, l;
	struct err err;

	for (size_t i = 0; i < js_len(list); i++) {
		struct log copy;

		c = js_at(list, i);
		NO_ERROR(
		    log_root_at(get_u64(c, "size"), read_tile, t, &root, &err));
		l = get_id(c, "root");
		assert_true(id_eq(&root, &l));
		NO_ERROR(
		    log_restore(get_u64(c, "size"), read_tile, t, &copy, &err));
		NO_ERROR(log_check(&copy, &err));
		root = log_root(&copy);
		assert_true(id_eq(&root, &l));
		log_release(&copy);
	}
	list = js_get(j, "inclusion");
	for (size_t i = 0; i < js_len(list); i++) {
		uint64_t index, size;

		c = js_at(list, i);
		index = get_u64(c, "index");
		size = get_u64(c, "size");
		NO_ERROR(
		    log_prove_inclusion(index, size, read_tile, t, &p, &err));
		assert_same_proof(&p, js_get(c, "proof"));
		NO_ERROR(log_root_at(size, read_tile, t, &root, &err));
		l = leaf(index);
		assert_true(log_is_included(index, size, &l, &p, &root));
	}
	list = js_get(j, "consistency");
	for (size_t i = 0; i < js_len(list); i++) {
		uint64_t old, now;

		c = js_at(list, i);
		old = get_u64(c, "old");
		now = get_u64(c, "new");
		NO_ERROR(
		    log_prove_consistency(old, now, read_tile, t, &p, &err));
		assert_same_proof(&p, js_get(c, "proof"));
		NO_ERROR(log_root_at(old, read_tile, t, &from, &err));
		NO_ERROR(log_root_at(now, read_tile, t, &root, &err));
		assert_true(log_is_consistent(old, now, &from, &root, &p));
	}
}

static const struct js *classic; /* set by the test that uses it */

static struct id
classic_leaf(uint64_t i)
{
	struct id id;

	assert_true(
	    hex_is_parsed(get_str(js_at(js_get(classic, "leaves"), (size_t)i),
			      "leaf_hash_hex"),
		id.b, sizeof(id.b)));
	return id;
}

static void
test_rfc6962(void **state)
{
	struct arena a;
	struct tree t;
	struct err err;
	const struct js *leaves;

	(void)state;
	classic = vectors_json(&a, "tlog/rfc6962-8leaves.json");
	leaves = js_get(classic, "leaves");
	tree_init(&t);
	for (size_t i = 0; i < js_len(leaves); i++) {
		struct id leaf =
		    log_leaf(shared_hex(&a, js_at(leaves, i), "entry_hex"));
		struct id want = classic_leaf(i);

		assert_true(id_eq(&leaf, &want));
		NO_ERROR(log_append(&t.log, &leaf, keep, &t, &err));
	}
	check_file(&t, classic, classic_leaf);
	tree_release(&t);
	arena_release(&a);
}

static void
test_series(void **state)
{
	struct arena a;
	struct tree t;
	const struct js *j;

	(void)state;
	j = vectors_json(&a, "tlog/series.json");
	tree_init(&t);
	grow(&t, 70000);
	check_file(&t, j, series_leaf);
	tree_release(&t);
	arena_release(&a);
}

/* The bytes of the file at this path, from the tree. */
static struct span
tile_bytes(struct tree *t, struct arena *a, const struct log_tile *tile)
{
	struct id hash[LOG_TILE];
	struct err err;
	struct str text;
	struct buf b;

	buf_init(&b, a);
	if (tile->level >= 0)
		NO_ERROR(read_tile(t, (unsigned)tile->level, tile->index,
		    tile->width, hash, &err));
	for (unsigned i = 0; i < tile->width; i++) {
		struct id e;

		if (tile->level >= 0) {
			buf_add(&b, hash[i].b, sizeof(hash[i].b));
			continue;
		}
		e = series_entry(tile->index * LOG_TILE + i);
		log_bundle_add(&b, (struct span){e.b, sizeof(e.b)});
	}
	NO_ERROR(buf_done(&b, &text, &err));
	return span_of(text);
}

static void
test_tiles(void **state)
{
	struct arena a, each;
	struct span file;
	struct tree t;
	size_t lines = 0, at = 0;

	(void)state;
	SHARED_OR_SKIP("tlog/series-70000-tiles.tsv");
	arena_init(&a, 1 << 20);
	arena_init(&each, 1 << 20);
	tree_init(&t);
	grow(&t, 70000);
	file = shared_read(&a, "tlog/series-70000-tiles.tsv");
	while (at < file.n) {
		struct str s = span_str(file);
		size_t end = str_find(s, '\n', at);
		struct str line = str_sub(s, at, end);
		size_t tab = str_find(line, '\t', 0);
		struct log_tile tile;
		char path[LOG_PATH_MAX];
		struct span bytes;
		struct id want, got;

		at = end + 1;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		assert_true(log_tile_is_path(str_sub(line, 0, tab), &tile));
		log_tile_path(&tile, path);
		assert_true(str_is(str_sub(line, 0, tab), path));
		assert_true(hex_is_parsed(str_sub(line, line.n - 64, line.n),
		    want.b, sizeof(want.b)));
		bytes = tile_bytes(&t, &each, &tile);
		got = hash_of(bytes);
		assert_true(id_eq(&got, &want));
		arena_release(&each);
		lines++;
	}
	assert_int_equal(lines, 551);
	tree_release(&t);
	arena_release(&a);
}

/* 2^64-1 is beyond our JSON: it is read as -1, and cast back. */
static const struct js *
published(struct arena *a, const char *path)
{
	static const char big[] = "18446744073709551615";
	const struct js *j;
	struct span s;
	struct err err;
	char *p;

	SHARED_OR_SKIP(path);
	arena_init(a, (size_t)16 << 20);
	s = shared_read(a, path); /* a NUL behind it */
	s.p = (const uint8_t *)(p = arena_copy(a, s.p, s.n));
	while ((p = strstr(p, big)) != NULL)
		memcpy(p, "-1                  ", sizeof(big) - 1);
	NO_ERROR(js_parse(s, a, &j, &err));
	return js_get(j, "cases");
}

static void
test_published_inclusion(void **state)
{
	const struct js *list;
	struct arena a;

	(void)state;
	list = published(&a, "tlog/merkle-inclusion.json");
	assert_int_equal(js_len(list), 98);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *c = js_at(list, i);
		struct log_proof p;
		struct id leaf, root;
		bool good =
		    is_proof(js_get(c, "proof"), &p) &&
		    encode_is_b64(get_str(c, "root"), root.b, 32) &&
		    encode_is_b64(get_str(c, "leafHash"), leaf.b, 32) &&
		    log_is_included((uint64_t)js_int(js_get(c, "leafIdx")),
			(uint64_t)js_int(js_get(c, "treeSize")), &leaf, &p,
			&root);

		if (good == js_bool(js_get(c, "wantErr")))
			fail_msg("%s", get_str(c, "id").p);
	}
	arena_release(&a);
}

/* Some roots there are not 32 bytes; such a root is none for us. */
static void
test_published_consistency(void **state)
{
	const struct js *list;
	struct arena a;

	(void)state;
	list = published(&a, "tlog/merkle-consistency.json");
	assert_int_equal(js_len(list), 98);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *c = js_at(list, i);
		struct log_proof p;
		struct id from, to;
		bool is_formed =
		    is_proof(js_get(c, "proof"), &p) &&
		    encode_is_b64(get_str(c, "root1"), from.b, 32) &&
		    encode_is_b64(get_str(c, "root2"), to.b, 32);

		if ((is_formed && !js_bool(js_get(c, "wantErr"))) !=
		    (is_formed &&
			log_is_consistent((uint64_t)js_int(js_get(c, "size1")),
			    (uint64_t)js_int(js_get(c, "size2")), &from, &to,
			    &p)))
			fail_msg("%s", get_str(c, "id").p);
	}
	arena_release(&a);
}

static const uint64_t sizes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31,
    32, 33, 63, 64, 65, 100, 127, 128, 129, 254, 255, 256, 257, 258, 300, 511,
    512, 513, 600};

/* Every pair of these sizes, against the definition. */
static void
test_pairs(void **state)
{
	struct id root[COUNT(sizes)];
	struct log_proof p;
	struct tree t;
	struct err err;

	(void)state;
	tree_init(&t);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct id now;

		grow(&t, sizes[i]);
		NO_ERROR(log_check(&t.log, &err));
		root[i] = plain_root(0, sizes[i]);
		now = log_root(&t.log);
		assert_true(id_eq(&now, &root[i]));
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		for (size_t k = i; k < COUNT(sizes); k++) {
			NO_ERROR(log_prove_consistency(sizes[i], sizes[k],
			    read_tile, &t, &p, &err));
			assert_true(log_is_consistent(sizes[i], sizes[k],
			    &root[i], &root[k], &p));
			if (sizes[i] > 0 && i < k)
				assert_false(log_is_consistent(sizes[i] - 1,
				    sizes[k], &root[i], &root[k], &p));
		}
		for (uint64_t e = 0; e < sizes[i]; e++) {
			struct id leaf = series_leaf(e);

			NO_ERROR(log_prove_inclusion(e, sizes[i], read_tile, &t,
			    &p, &err));
			assert_true(
			    log_is_included(e, sizes[i], &leaf, &p, &root[i]));
			assert_false(log_is_included(e ^ 1, sizes[i], &leaf, &p,
					 &root[i]) &&
				     sizes[i] > 1);
		}
	}
	tree_release(&t);
}

/* No flipped bit, no missing, doubled or added hash verifies. */
static void
test_flips(void **state)
{
	struct log_proof p, q;
	struct tree t;
	struct err err;
	struct id leaf = series_leaf(299), from, to;

	(void)state;
	tree_init(&t);
	grow(&t, 600);
	NO_ERROR(log_root_at(300, read_tile, &t, &from, &err));
	to = log_root(&t.log);
	NO_ERROR(log_prove_consistency(300, 600, read_tile, &t, &q, &err));
	NO_ERROR(log_prove_inclusion(299, 600, read_tile, &t, &p, &err));
	assert_true(log_is_included(299, 600, &leaf, &p, &to));
	assert_true(log_is_consistent(300, 600, &from, &to, &q));
	for (size_t i = 0; i < p.n * 256; i++) {
		p.hash[i / 256].b[i / 8 % 32] ^= (uint8_t)(1 << i % 8);
		assert_false(log_is_included(299, 600, &leaf, &p, &to));
		p.hash[i / 256].b[i / 8 % 32] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t i = 0; i < q.n * 256; i++) {
		q.hash[i / 256].b[i / 8 % 32] ^= (uint8_t)(1 << i % 8);
		assert_false(log_is_consistent(300, 600, &from, &to, &q));
		q.hash[i / 256].b[i / 8 % 32] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n <= LOG_PROOF_MAX; n++) {
		struct log_proof cut = p, cut2 = q;

		cut.n = cut2.n = n;
		assert_true(
		    log_is_included(299, 600, &leaf, &cut, &to) == (n == p.n));
		assert_true(log_is_consistent(300, 600, &from, &to, &cut2) ==
			    (n == q.n));
	}
	for (uint64_t size = 0; size < 1200; size++) {
		if (size != 600 && size != 299)
			assert_false(
			    log_is_included(size, 600, &leaf, &p, &to));
		if (size != 300)
			assert_false(
			    log_is_consistent(size, 600, &from, &to, &q));
	}
	p.n = LOG_PROOF_MAX + 1;
	assert_false(log_is_included(299, 600, &leaf, &p, &to));
	tree_release(&t);
}

/* A tile that cannot be kept: the log is as before, and goes on later. */
static void
test_keep_fails(void **state)
{
	static const struct {
		uint64_t size;
		int fail_at;
	} c[] = {{255, 1}, {511, 1}, {65535, 1}, {65535, 2}};
	struct id leaf, before, after;
	struct tree t;
	struct err err;

	(void)state;
	tree_init(&t);
	for (size_t i = 0; i < COUNT(c); i++) {
		grow(&t, c[i].size);
		before = log_root(&t.log);
		leaf = series_leaf(c[i].size);
		t.fail_at = c[i].fail_at;
		assert_int_equal(log_append(&t.log, &leaf, keep, &t, &err), -1);
		assert_int_equal(err.code, ERR_IO);
		assert_int_equal(t.log.size, c[i].size);
		after = log_root(&t.log);
		assert_true(id_eq(&before, &after));
		NO_ERROR(log_check(&t.log, &err));
	}
	grow(&t, 65536);
	after = log_root(&t.log);
	before = plain_root(0, 65536);
	assert_true(id_eq(&before, &after));
	tree_release(&t);
}

static void
test_copy(void **state)
{
	struct id before, after, leaf = series_leaf(7);
	struct log copy;
	struct tree t;
	struct err err;

	(void)state;
	tree_init(&t);
	grow(&t, 300);
	before = log_root(&t.log);
	NO_ERROR(log_copy(&t.log, &copy, &err));
	NO_ERROR(log_append(&copy, &leaf, NULL, NULL, &err));
	after = log_root(&t.log);
	assert_true(id_eq(&before, &after));
	after = log_root(&copy);
	assert_false(id_eq(&before, &after));
	NO_ERROR(log_check(&t.log, &err));
	log_release(&copy);
	log_release(NULL);
	tree_release(&t);
}

static int
any_tile(void *ctx, unsigned level, uint64_t index, size_t n, struct id *ret,
    struct err *err)
{
	(void)ctx, (void)level, (void)index, (void)err;
	memset(ret, 0x5a, n * sizeof(*ret));
	return 0;
}

/* The largest sizes, over a reader that knows every tile. */
static void
test_bounds(void **state)
{
	static const uint64_t max = INT64_MAX;
	struct log_proof p;
	struct log log;
	struct err err;
	struct id root, leaf;

	(void)state;
	memset(leaf.b, 0x5a, sizeof(leaf.b));
	NO_ERROR(log_root_at(max, any_tile, NULL, &root, &err));
	NO_ERROR(log_prove_inclusion(0, max, any_tile, NULL, &p, &err));
	assert_int_equal(p.n, 63);
	NO_ERROR(log_prove_consistency(1, max, any_tile, NULL, &p, &err));
	NO_ERROR(log_prove_consistency(max - 1, max, any_tile, NULL, &p, &err));
	assert_int_equal(log_root_at(max + 1, any_tile, NULL, &root, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(log_restore(max + 1, any_tile, NULL, &log, &err), -1);
	assert_int_equal(log_prove_inclusion(3, 3, any_tile, NULL, &p, &err),
	    -1);
	assert_int_equal(
	    log_prove_inclusion(0, max + 1, any_tile, NULL, &p, &err), -1);
	assert_int_equal(log_prove_consistency(4, 3, any_tile, NULL, &p, &err),
	    -1);
	assert_false(log_is_included(0, 0, &leaf, &p, &root));
	assert_false(log_is_included(0, max + 1, &leaf, &p, &root));
	assert_false(log_is_consistent(1, max + 1, &root, &root, &p));
	NO_ERROR(log_restore(max, any_tile, NULL, &log, &err));
	assert_int_equal(log_append(&log, &leaf, NULL, NULL, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	NO_ERROR(log_check(&log, &err));
	log.peak[20].b[0] ^= 1;
	assert_int_equal(log_check(&log, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	log_release(&log);
}

/* A reader that fails is heard, and nothing leaks. */
static void
test_absent(void **state)
{
	struct log_proof p = {.n = 77};
	struct log log;
	struct tree t;
	struct err err;
	struct id root;

	(void)state;
	tree_init(&t);
	assert_int_equal(log_restore(300, read_tile, &t, &log, &err), -1);
	assert_int_equal(err.code, ERR_ABSENT);
	assert_int_equal(log_prove_inclusion(3, 300, read_tile, &t, &p, &err),
	    -1);
	assert_int_equal(err.code, ERR_ABSENT);
	assert_int_equal(log_prove_consistency(3, 300, read_tile, &t, &p, &err),
	    -1);
	assert_int_equal(log_root_at(3, read_tile, &t, &root, &err), -1);
	assert_int_equal(p.n, 77); /* outputs on success only */
	tree_release(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rfc6962),
	    cmocka_unit_test(test_series),
	    cmocka_unit_test(test_tiles),
	    cmocka_unit_test(test_published_inclusion),
	    cmocka_unit_test(test_published_consistency),
	    cmocka_unit_test(test_pairs),
	    cmocka_unit_test(test_flips),
	    cmocka_unit_test(test_keep_fails),
	    cmocka_unit_test(test_copy),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
