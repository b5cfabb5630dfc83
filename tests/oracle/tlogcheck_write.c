/*
 * tlogcheck_write DIRECTORY SIZE...: lay out a log of Comity entries as
 * tlog-tiles, grown to each size in turn, with a checkpoint that two witnesses
 * cosigned and the checkpoints of the sizes before; print the verifier keys.
 * Test data for an independent checker.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/num.h"
#include "record/checkpoint.h"
#include "record/hash.h"
#include "record/label.h"

static const uint8_t seeds[3][32] = {{1}, {2}, {3}}; /* test keys */

struct out {
	const char *dir;
	struct arena a;
	struct log log;
	struct secret *secret[3]; /* the log's, two witnesses' */
	struct note_key key[3];
};

static int
make_parents(char *path, struct err *err)
{
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			return err_set(err, ERR_IO, "%s: %s", path,
			    strerror(errno));
		*p = '/';
	}
	return 0;
}

static int
put_file(struct out *o, const char *name, struct str s, struct err *err)
{
	char path[1024];
	size_t written;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", o->dir, name);
	if (make_parents(path, err) != 0)
		return -1;
	if ((f = fopen(path, "wb")) == NULL)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	written = fwrite(s.p, 1, s.n, f);
	if (fclose(f) != 0 || written != s.n)
		return err_set(err, ERR_IO, "%s: not written", path);
	return 0;
}

static int
put_tile(struct out *o, int level, uint64_t index, size_t n,
    const struct id *hash, struct err *err)
{
	struct log_tile t = {level, index, (unsigned)n}; /* up to 256 */
	char path[LOG_PATH_MAX];

	log_tile_path(&t, path);
	return put_file(o, path,
	    (struct str){(const char *)hash, n * sizeof(*hash)}, err);
}

static int
keep(void *ctx, unsigned level, uint64_t index, const struct id *hash,
    struct err *err)
{
	return put_tile(ctx, (int)level, index, LOG_TILE, hash, err);
}

/* Entry i: some act's id and its label. */
static struct entry
entry_of(uint64_t i)
{
	uint8_t b[8];
	struct entry e;

	num_put64(b, i);
	e.act = hash_of((struct span){b, sizeof(b)});
	e.label = label_of(&e.act, &e.act, 0);
	return e;
}

static int
put_entries(struct out *o, struct err *err)
{
	for (uint64_t at = 0; at < o->log.size; at += LOG_TILE) {
		uint64_t left = o->log.size - at;
		struct log_tile t = {-1, at / LOG_TILE,
		    left < LOG_TILE ? (unsigned)left : LOG_TILE};
		char path[LOG_PATH_MAX];
		struct str s;
		struct buf b;

		buf_init(&b, &o->a);
		for (uint64_t i = at; i < at + t.width; i++) {
			struct entry e = entry_of(i);
			uint8_t bytes[ENTRY_BYTES];

			label_entry_write(&e, bytes);
			log_bundle_add(&b, (struct span){bytes, ENTRY_BYTES});
		}
		log_tile_path(&t, path);
		if (buf_done(&b, &s, err) != 0 ||
		    put_file(o, path, s, err) != 0)
			return -1;
	}
	return 0;
}

static int
put_checkpoint(struct out *o, uint64_t now_s, struct err *err)
{
	struct id root = log_root(&o->log);
	struct str text = checkpoint_text(&o->a, o->key[0].name, o->log.size,
		       &root),
		   s = checkpoint_sign(&o->a, o->key[0].name, o->log.size,
		       &root, o->secret[0]);
	char name[64];
	struct buf b;

	(void)snprintf(name, sizeof(name), "checkpoint.%llu",
	    (unsigned long long)o->log.size);
	if (s.p == NULL || text.p == NULL || put_file(o, name, s, err) != 0)
		return -1;
	buf_init(&b, &o->a);
	buf_str(&b, s);
	for (size_t i = 1; i < COUNT(o->key); i++) {
		struct cosignature c =
		    checkpoint_cosign(text, now_s, o->secret[i]);
		buf_str(&b, checkpoint_cosignature_line(&o->a, &o->key[i], &c));
	}
	return buf_done(&b, &s, err) != 0 ||
	               put_file(o, "checkpoint", s, err) != 0
	           ? -1
	           : 0;
}

static int
grow(struct out *o, uint64_t size, struct err *err)
{
	while (o->log.size < size) {
		struct entry e = entry_of(o->log.size);
		struct id leaf = label_entry_leaf(&e);

		if (log_append(&o->log, &leaf, keep, o, err) != 0)
			return -1;
	}
	for (unsigned l = 0; l < LOG_LEVELS; l++) {
		uint64_t n = size >> (8 * l);

		if (n % LOG_TILE > 0 &&
		    put_tile(o, (int)l, n / LOG_TILE, (size_t)(n % LOG_TILE),
			o->log.edge[l], err) != 0)
			return -1;
	}
	return put_entries(o, err) != 0 ||
	               put_checkpoint(o, 1700000000 + size, err) != 0
	           ? -1
	           : 0;
}

static int
run(struct out *o, int argc, char **argv, struct err *err)
{
	static const char *const name[] = {"comity.example/jpn",
	    "comity.example/kor/witness", "comity.example/chn/witness"};
	int64_t size;

	if (key_start(err) != 0)
		return -1;
	for (size_t i = 0; i < COUNT(name); i++) {
		struct pubkey pub;

		if ((o->secret[i] = key_secret(seeds[i])) == NULL)
			return err_nomem(err, "a key");
		pub = key_pub(o->secret[i]);
		o->key[i] = note_key_of(str_of(name[i]),
		    i == 0 ? NOTE_ED25519 : NOTE_COSIGNATURE, &pub);
		printf("%s\n", note_key_text(&o->a, &o->key[i]).p);
	}
	for (int i = 2; i < argc; i++)
		if (num_parse(str_of(argv[i]), (int64_t)o->log.size, 1000000,
			&size, err) != 0 ||
		    grow(o, (uint64_t)size, err) != 0)
			return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	struct out o = {.dir = argc > 1 ? argv[1] : "."};
	struct err err;
	int rc;

	arena_init(&o.a, (size_t)1 << 30);
	log_init(&o.log);
	if ((rc = run(&o, argc, argv, &err)) != 0)
		(void)fprintf(stderr, "tlogcheck_write: %s\n", err.text);
	for (size_t i = 0; i < COUNT(o.secret); i++)
		key_secret_free(o.secret[i]);
	log_release(&o.log);
	arena_release(&o.a);
	return rc == 0 ? 0 : 1;
}
