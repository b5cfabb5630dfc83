#include "tlog_vectors.h"

#include <string.h>

#include "base/num.h"
#include "record/checkpoint.h"
#include "record/hash.h"

static int
start(void **state)
{
	struct err err;

	(void)state;
	return key_start(&err);
}

static const uint8_t log_seed[32] = {1}, witness_seed[32] = {2};

/* A log's and a witness's keys, made here. */
struct keys {
	struct secret *log_secret, *witness_secret;
	struct note_key log, witness;
	struct arena a;
};

static void
keys_init(struct keys *k)
{
	struct pubkey pub;

	arena_init(&k->a, 1 << 20);
	k->log_secret = key_secret(log_seed);
	k->witness_secret = key_secret(witness_seed);
	pub = key_pub(k->log_secret);
	k->log = note_key_of(STR("comity.example/jpn"), NOTE_ED25519, &pub);
	pub = key_pub(k->witness_secret);
	k->witness = note_key_of(STR("comity.example/kor/witness"),
	    NOTE_COSIGNATURE, &pub);
}

static void
keys_release(struct keys *k)
{
	arena_release(&k->a);
	key_secret_free(k->log_secret);
	key_secret_free(k->witness_secret);
}

static struct id
test_root(uint8_t b)
{
	struct id root;

	memset(root.b, b, sizeof(root.b));
	return root;
}

static void
test_bodies(void **state)
{
	const struct js *list;
	struct checkpoint c;
	struct arena a;
	struct err err;

	(void)state;
	list = js_get(vectors_json(&a, "tlog/checkpoint-bodies.json"), "cases");
	assert_int_equal(js_len(list), 27);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *j = js_at(list, i);
		struct str text = get_str(j, "text");
		bool good = checkpoint_parse(text, &c, &err) == 0;

		/* "reject-root" parses; checkpoint_open refuses it */
		if (good == js_is_str(js_get(j, "expect"), "reject"))
			fail_msg("%s", text.p);
		if (!good)
			assert_int_equal(err.code, ERR_INPUT);
		else
			assert_true(str_starts(text,
			    checkpoint_text(&a, c.origin, c.size, &c.root)));
	}
	arena_release(&a);
}

static void
test_open(void **state)
{
	struct id empty = log_empty_root(), some = test_root(9);
	struct checkpoint c;
	struct note n;
	struct keys k;
	struct str s;
	struct err err;

	(void)state;
	keys_init(&k);
	s = checkpoint_sign(&k.a, k.log.name, 0, &empty, k.log_secret);
	NO_ERROR(checkpoint_open(span_of(s), &k.log, &k.a, &c, &n, &err));
	assert_int_equal(c.size, 0);
	s = checkpoint_sign(&k.a, k.log.name, 0, &some, k.log_secret);
	assert_int_equal(
	    checkpoint_open(span_of(s), &k.log, &k.a, &c, &n, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	s = checkpoint_sign(&k.a, STR("comity.example/usa"), 3, &some,
	    k.log_secret);
	assert_int_equal(
	    checkpoint_open(span_of(s), &k.log, &k.a, &c, &n, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	s = checkpoint_sign(&k.a, k.log.name, 3, &some, k.witness_secret);
	assert_int_equal(
	    checkpoint_open(span_of(s), &k.log, &k.a, &c, &n, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	keys_release(&k);
}

static struct str
cosigned(struct keys *k, struct str *ret_text, struct cosignature *ret)
{
	struct id root = test_root(0xc4);
	struct str s =
	    checkpoint_sign(&k->a, k->log.name, 57, &root, k->log_secret);
	struct str text = checkpoint_text(&k->a, k->log.name, 57, &root);

	*ret = checkpoint_cosign(text, 1700000008, k->witness_secret);
	*ret_text = text;
	return str_fmt(&k->a, "%s%s", s.p,
	    checkpoint_cosignature_line(&k->a, &k->witness, ret).p);
}

/* No flipped bit: of the log's line none opens, of the text and the witness's
 * line none is cosigned. */
static void
test_flips(void **state)
{
	struct cosignature want, got;
	struct str text, s;
	struct checkpoint c;
	struct arena each;
	struct note n;
	struct keys k;
	struct err err;
	uint8_t *p;
	bool found;

	(void)state;
	keys_init(&k);
	arena_init(&each, 1 << 20);
	s = cosigned(&k, &text, &want);
	NO_ERROR(checkpoint_open(span_of(s), &k.log, &k.a, &c, &n, &err));
	NO_ERROR(
	    checkpoint_find_cosignature(&n, &k.witness, &found, &got, &err));
	assert_true(found);
	assert_int_equal(got.time_s, 1700000008);
	assert_memory_equal(got.sig.b, want.sig.b, sizeof(want.sig.b));
	p = (uint8_t *)arena_copy(&k.a, s.p, s.n);
	for (size_t i = 0; i < s.n * 8; i++) {
		bool opened, has;

		p[i / 8] ^= (uint8_t)(1 << i % 8);
		opened = checkpoint_open((struct span){p, s.n}, &k.log, &each,
			     &c, &n, &err) == 0;
		has = opened &&
		      checkpoint_find_cosignature(&n, &k.witness, &found, &got,
			  &err) == 0 &&
		      found;
		assert_false(has);
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		arena_release(&each);
	}
	for (size_t i = 0; i < text.n * 8; i++) {
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(checkpoint_is_cosigned(
		    (struct str){(char *)p, text.n}, &k.witness, &want));
		p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t i = 0; i < 63; i++) {
		want.time_s ^= UINT64_C(1) << i;
		assert_false(checkpoint_is_cosigned(text, &k.witness, &want));
		want.time_s ^= UINT64_C(1) << i;
	}
	keys_release(&k);
}

static void
test_cosignatures(void **state)
{
	const struct js *j, *list, *worked;
	struct cosignature c;
	struct note_key k;
	struct checkpoint cp;
	struct arena a;
	struct secret *secret;
	struct note n;
	struct err err;
	bool found;

	(void)state;
	j = vectors_json(&a, "tlog/cosignatures.json");
	list = js_get(j, "cases");
	assert_int_equal(js_len(list), 13);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *v = js_at(list, i);
		const struct js *vkeys = js_get(v, "vkeys");
		const char *got;

		NO_ERROR(note_key_parse(js_str(js_at(vkeys, 0)), &k, &err));
		NO_ERROR(checkpoint_open(span_of(get_str(v, "note")), &k, &a,
		    &cp, &n, &err));
		NO_ERROR(note_key_parse(js_str(js_at(vkeys, 1)), &k, &err));
		if (checkpoint_find_cosignature(&n, &k, &found, &c, &err) != 0)
			got = "invalid";
		else
			got = found ? "ok" : "unverified-cosigner";
		if (!str_is(get_str(v, "expect"), got))
			fail_msg("%s: %s", get_str(v, "id").p, got);
	}
	worked = js_get(j, "worked");
	secret = key_secret(
	    shared_hex(&a, js_get(worked, "cosigner"), "seed_hex").p);
	NO_ERROR(note_key_parse(get_str(js_get(worked, "cosigner"), "vkey"), &k,
	    &err));
	c = checkpoint_cosign(get_str(worked, "text"), get_u64(worked, "time"),
	    secret);
	assert_true(str_eq(checkpoint_cosignature_line(&a, &k, &c),
	    get_str(worked, "line")));
	key_secret_free(secret);
	arena_release(&a);
}

/* ---- a witness: the state is its records, the answers are ours ---- */
enum { LOGS_MAX = 4 };
struct witness {
	size_t n;
	struct {
		struct str origin;
		struct note_key key;
		struct checkpoint_held held;
	} log[LOGS_MAX];
};

static void
witness_init(struct witness *w, const struct js *logs)
{
	struct err err;

	*w = (struct witness){.n = js_len(logs)};
	assert_true(w->n <= LOGS_MAX);
	for (size_t i = 0; i < w->n; i++) {
		const struct js *j = js_at(logs, i);

		w->log[i].origin = get_str(j, "origin");
		NO_ERROR(note_key_parse(js_str(js_at(js_get(j, "vkeys"), 0)),
		    &w->log[i].key, &err));
		w->log[i].held.n_keys = 1;
		w->log[i].held.key = &w->log[i].key;
	}
}

static int
witness_ask(struct witness *w, struct str body, struct arena *a,
    struct checkpoint_offer *ret, struct checkpoint_held **ret_held)
{
	struct checkpoint_answer answer;
	struct err err;

	*ret_held = NULL;
	if (checkpoint_offer_parse(span_of(body), a, ret, &err) != 0) {
		assert_int_equal(err.code, ERR_INPUT);
		return 400;
	}
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->log[i].origin, ret->checkpoint.origin))
			*ret_held = &w->log[i].held;
	answer = checkpoint_answer_to(ret, *ret_held);
	if (answer.http == 200) {
		(*ret_held)->size = ret->checkpoint.size;
		(*ret_held)->root = ret->checkpoint.root;
	} else {
		assert_true(answer.why.text[0] != '\0');
	}
	return answer.http;
}

static void
test_witness(void **state)
{
	const struct js *j, *steps, *who;
	struct checkpoint_held *held;
	struct checkpoint_offer o;
	struct witness w;
	struct note_key k;
	struct secret *secret;
	struct arena a;
	struct err err;

	(void)state;
	j = vectors_json(&a, "tlog/witness-add-checkpoint.json");
	steps = js_get(j, "steps");
	who = js_get(j, "witness");
	assert_int_equal(js_len(steps), 43);
	witness_init(&w, js_get(j, "logs"));
	secret = key_secret(shared_hex(&a, who, "seed_hex").p);
	NO_ERROR(note_key_parse(get_str(who, "vkey"), &k, &err));
	for (size_t i = 0; i < js_len(steps); i++) {
		const struct js *c = js_at(steps, i);
		int http =
		    witness_ask(&w, get_str(c, "request"), &a, &o, &held);
		struct str got = STR("");

		if ((uint64_t)http != get_u64(c, "status"))
			fail_msg("%s: %d", get_str(c, "id").p, http);
		if (http == 200) {
			struct cosignature cs = checkpoint_cosign(o.note.text,
			    get_u64(c, "now"), secret);
			got = checkpoint_cosignature_line(&a, &k, &cs);
		} else if (http == 409) {
			got = str_fmt(&a, "%llu\n",
			    (unsigned long long)held->size);
		}
		if (http == 200 || http == 409)
			assert_true(str_eq(get_str(c, "response"), got));
		if (http != 400) { /* a request has one form */
			struct str again =
			    checkpoint_request_text(&a, &o.request);
			assert_true(str_eq(again, get_str(c, "request")));
		}
	}
	key_secret_free(secret);
	arena_release(&a);
}

/* Where the vectors leave a strict reader the choice, ours is 400. */
static void
test_witness_published(void **state)
{
	const struct js *list;
	struct checkpoint_held *held;
	struct checkpoint_offer o;
	struct arena a;

	(void)state;
	list = js_get(vectors_json(&a, "tlog/witness-published.json"),
	    "conversations");
	assert_int_equal(js_len(list), 2);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *steps = js_get(js_at(list, i), "steps");
		struct witness w;

		witness_init(&w, js_get(js_at(list, i), "logs"));
		for (size_t k = 0; k < js_len(steps); k++) {
			const struct js *c = js_at(steps, k);
			uint64_t want = get_u64(c, "status");
			int http = witness_ask(&w, get_str(c, "request"), &a,
			    &o, &held);

			if (want == 403 && http == 400)
				want = 400;
			if ((uint64_t)http != want)
				fail_msg("%zu, step %zu: %d", i, k, http);
		}
	}
	arena_release(&a);
}

/* What the vectors do not say: forks, two keys, an unknown log. */
static void
test_answers(void **state)
{
	struct id root = test_root(1), other = test_root(2);
	struct checkpoint_request r = {.old = 5};
	struct checkpoint_answer answer;
	struct checkpoint_held held;
	struct checkpoint_offer o;
	struct note_key two[2];
	struct keys k;
	struct str s;
	struct err err;

	(void)state;
	keys_init(&k);
	two[0] = k.log;
	two[1] = note_key_of(k.log.name, NOTE_ED25519, &k.witness.pub);
	held = (struct checkpoint_held){1, two, 5, root};
	s = checkpoint_sign(&k.a, k.log.name, 5, &other, k.log_secret);
	r.note = span_of(s);
	s = checkpoint_request_text(&k.a, &r);
	NO_ERROR(checkpoint_offer_parse(span_of(s), &k.a, &o, &err));
	answer = checkpoint_answer_to(&o, &held);
	assert_int_equal(answer.http, 422);
	assert_true(answer.is_fork);
	assert_int_equal(checkpoint_answer_to(&o, NULL).http, 404);
	held.root = other;
	assert_int_equal(checkpoint_answer_to(&o, &held).http, 200);
	held.size = 6; /* a race lost: the record has moved on */
	answer = checkpoint_answer_to(&o, &held);
	assert_int_equal(answer.http, 409);
	assert_false(answer.is_fork);
	held.size = 5;
	held.n_keys = 0;
	assert_int_equal(checkpoint_answer_to(&o, &held).http, 403);
	held.n_keys = 2; /* a rotation: either key, and no bad line */
	assert_int_equal(checkpoint_answer_to(&o, &held).http, 200);
	o.note.line[1] = o.note.line[0];
	o.note.line[1].id = two[1].id;
	o.note.n = 2;
	assert_int_equal(checkpoint_answer_to(&o, &held).http, 403);
	keys_release(&k);
}

/* The stored logs: checkpoints, cosignatures, tiles of each size. */
static struct span
read_path(struct arena *a, const char *folder, const struct log_tile *t)
{
	char path[LOG_PATH_MAX];

	log_tile_path(t, path);
	return shared_read(a, str_fmt(a, "tlog/%s/%s", folder, path).p);
}

struct folder {
	struct arena *a;
	const char *name;
	uint64_t size;
};

static int
folder_tile(void *ctx, unsigned level, uint64_t index, size_t n, struct id *ret,
    struct err *err)
{
	struct folder *f = ctx;
	struct log_tile t = {(int)level, index, (unsigned)n};
	struct span s = read_path(f->a, f->name, &t);

	(void)err;
	assert_int_equal(s.n, n * sizeof(*ret));
	memcpy(ret, s.p, s.n);
	return 0;
}

static void
check_size(struct arena *a, const char *folder, uint64_t size,
    const struct note_key *key)
{
	struct folder f = {a, folder, size};
	struct str path = str_fmt(a, "tlog/%s/checkpoint.%llu", folder,
	    (unsigned long long)size);
	struct checkpoint c;
	struct note n;
	struct log log, built;
	struct err err;
	struct id root;

	NO_ERROR(checkpoint_open(shared_read(a, path.p), key, a, &c, &n, &err));
	assert_int_equal(c.size, size);
	NO_ERROR(log_root_at(size, folder_tile, &f, &root, &err));
	assert_true(id_eq(&root, &c.root));
	NO_ERROR(log_restore(size, folder_tile, &f, &log, &err));
	root = log_root(&log);
	assert_true(id_eq(&root, &c.root));
	log_init(&built);
	for (uint64_t at = 0; at < size; at += LOG_TILE) {
		uint64_t left = size - at;
		struct log_tile t = {-1, at / LOG_TILE,
		    left < LOG_TILE ? (unsigned)left : LOG_TILE};
		struct span *entry;

		NO_ERROR(log_bundle_parse(read_path(a, folder, &t), t.width, a,
		    &entry, &err));
		for (unsigned i = 0; i < t.width; i++) {
			struct id leaf = log_leaf(entry[i]);
			NO_ERROR(log_append(&built, &leaf, NULL, NULL, &err));
		}
	}
	root = log_root(&built);
	assert_true(id_eq(&root, &c.root));
	log_release(&built);
	log_release(&log);
}

static void
test_log300(void **state)
{
	static const uint64_t sizes[] = {0, 1, 2, 3, 8, 255, 256, 257, 300};
	const struct js *keys;
	struct checkpoint c, fork;
	struct note_key log = {0}, k;
	struct cosignature cs;
	struct arena a;
	struct note n;
	struct err err;
	size_t cosigners = 0;

	(void)state;
	keys = js_get(vectors_json(&a, "tlog/log300-keys.json"), "keys");
	NO_ERROR(note_key_parse(get_str(js_at(keys, 0), "vkey"), &log, &err));
	for (size_t i = 0; i < COUNT(sizes); i++)
		check_size(&a, "log300", sizes[i], &log);
	NO_ERROR(checkpoint_open(shared_read(&a, "tlog/log300/checkpoint"),
	    &log, &a, &c, &n, &err));
	for (size_t i = 1; i < js_len(keys); i++) {
		bool found;

		NO_ERROR(
		    note_key_parse(get_str(js_at(keys, i), "vkey"), &k, &err));
		NO_ERROR(
		    checkpoint_find_cosignature(&n, &k, &found, &cs, &err));
		cosigners += found;
	}
	assert_int_equal(cosigners, 2);
	NO_ERROR(checkpoint_open(shared_read(&a, "tlog/log300/checkpoint.8"),
	    &log, &a, &c, &n, &err));
	NO_ERROR(
	    checkpoint_open(shared_read(&a, "tlog/log300/fork-checkpoint.8"),
		&log, &a, &fork, &n, &err));
	assert_int_equal(c.size, fork.size);
	assert_false(id_eq(&c.root, &fork.root));
	arena_release(&a);
}

static void
test_tessera(void **state)
{
	struct note_key k;
	struct arena a;
	struct err err;

	(void)state;
	SHARED_OR_SKIP("tlog/tessera/checkpoint.15");
	arena_init(&a, 1 << 24);
	NO_ERROR(note_key_parse(STR("example.com/log/testdata+33d7b496+AeHTu4Q3"
				    "hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"),
	    &k, &err));
	for (uint64_t size = 0; size <= 15; size++)
		check_size(&a, "tessera", size, &k);
	arena_release(&a);
}

static void
test_proof_file(void **state)
{
	static const char *const bad[] = {"", "c2sp.org/tlog-proof@v1",
	    "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\nindex 0\n\n",
	    "c2sp.org/tlog-proof@v1\nindex 00\n\n",
	    "c2sp.org/tlog-proof@v1\nindex 0\n",
	    "c2sp.org/tlog-proof@v1\nindex 0\nAA==\n\n",
	    "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n",
	    "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\n",
	    "c2sp.org/tlog-proof@v1\nextra AA==",
	    "c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\n",
	    "c2sp.org/tlog-proof@v1\nindex -1\n\n",
	    "c2sp.org/tlog-proof@v1\r\nindex 0\n\n"};
	struct checkpoint_proof p = {.index = 3, .proof.n = 2}, q;
	struct arena a;
	struct err err;
	struct str s;
	long i;

	(void)state;
	arena_init(&a, 1 << 20);
	p.proof.hash[0] = test_root(1);
	p.proof.hash[1] = test_root(2);
	p.note = span_of(STR("o\n4\n"));
	for (size_t extra = 0; extra < 3; extra++) {
		p.extra = (struct span){(const uint8_t *)"xyz", extra};
		s = checkpoint_proof_text(&a, &p);
		NO_ERROR(checkpoint_proof_parse(span_of(s), &a, &q, &err));
		assert_int_equal(q.index, 3);
		assert_int_equal(q.proof.n, 2);
		assert_memory_equal(q.proof.hash, p.proof.hash, 64);
		assert_true(span_eq(p.note, q.note));
		assert_true(span_eq(p.extra, q.extra));
	}
	for (size_t k = 0; k < COUNT(bad); k++) {
		if (checkpoint_proof_parse(span_of(str_of(bad[k])), &a, &q,
			&err) == 0)
			fail_msg("case %zu", k);
		assert_int_equal(err.code, ERR_INPUT);
	}
	for (i = 1; i < 100; i++) {
		a.fail_at = i;
		if (checkpoint_proof_parse(span_of(s), &a, &q, &err) == 0)
			break;
		assert_int_equal(err.code, ERR_NOMEM);
	}
	assert_in_range(i, 2, 99);
	for (i = 1; i < 100; i++) {
		a.fail_at = i;
		if (checkpoint_proof_text(&a, &p).p != NULL)
			break;
	}
	assert_in_range(i, 2, 99);
	arena_release(&a);
}

static void
test_memory(void **state)
{
	struct checkpoint_request r = {.old = 3, .proof.n = 1};
	struct checkpoint_offer o;
	struct cosignature cs;
	struct checkpoint c;
	struct str s, text;
	struct note n;
	struct keys k;
	struct err err;
	long i;

	(void)state;
	keys_init(&k);
	s = cosigned(&k, &text, &cs);
	r.note = span_of(s);
	text = checkpoint_request_text(&k.a, &r);
	for (i = 1; i < 100; i++) {
		k.a.fail_at = i;
		if (checkpoint_open(span_of(s), &k.log, &k.a, &c, &n, &err) ==
		    0)
			break;
		assert_int_equal(err.code, ERR_NOMEM);
	}
	assert_in_range(i, 2, 99);
	for (i = 1; i < 100; i++) {
		k.a.fail_at = i;
		if (checkpoint_offer_parse(span_of(text), &k.a, &o, &err) == 0)
			break;
		assert_int_equal(err.code, ERR_NOMEM);
	}
	assert_in_range(i, 2, 99);
	for (i = 1; i < 100; i++) {
		k.a.fail_at = i;
		if (checkpoint_request_text(&k.a, &r).p != NULL)
			break;
	}
	assert_in_range(i, 2, 99);
	for (i = 1; i < 100; i++) {
		k.a.fail_at = i;
		if (checkpoint_sign(&k.a, k.log.name, 3, &c.root, k.log_secret)
			.p != NULL)
			break;
	}
	assert_in_range(i, 2, 99);
	for (i = 1; i < 100; i++) {
		k.a.fail_at = i;
		if (checkpoint_cosignature_line(&k.a, &k.witness, &cs).p !=
		    NULL)
			break;
	}
	assert_in_range(i, 2, 99);
	keys_release(&k);
}

/* 63 hashes are taken, 64 are not; nor a body over the limit. */
static void
test_limits(void **state)
{
	struct checkpoint_request r = {.proof.n = CHECKPOINT_HASHES_MAX}, got;
	struct arena a;
	struct err err;
	struct str s;

	(void)state;
	arena_init(&a, 1 << 20);
	s = checkpoint_request_text(&a, &r);
	NO_ERROR(checkpoint_request_parse(span_of(s), &got, &err));
	assert_int_equal(got.proof.n, CHECKPOINT_HASHES_MAX);
	r.proof.n++;
	s = checkpoint_request_text(&a, &r);
	assert_int_equal(checkpoint_request_parse(span_of(s), &got, &err), -1);
	r.proof.n = 0;
	r.note.n = CHECKPOINT_REQUEST_MAX - 7; /* "old 0", two line feeds */
	r.note.p = arena_alloc(&a, r.note.n + 1, 1);
	s = checkpoint_request_text(&a, &r);
	NO_ERROR(checkpoint_request_parse(span_of(s), &got, &err));
	r.note.n++;
	s = checkpoint_request_text(&a, &r);
	assert_int_equal(checkpoint_request_parse(span_of(s), &got, &err), -1);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bodies),
	    cmocka_unit_test(test_open),
	    cmocka_unit_test(test_flips),
	    cmocka_unit_test(test_cosignatures),
	    cmocka_unit_test(test_witness),
	    cmocka_unit_test(test_witness_published),
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_log300),
	    cmocka_unit_test(test_tessera),
	    cmocka_unit_test(test_proof_file),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
