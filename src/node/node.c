#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/embed.h"
#include "base/num.h"
#include "node/http.h"
#include "node/keydir.h"
#include "node/node_int.h"
#include "record/hash.h"

enum { LOADED_MAX = 64 * 1024 * 1024, LOCK_TRIES = 20, LOCK_PAUSE_US = 100000 };

struct member *
node_member(struct node *n, struct str code)
{
	for (size_t i = 0; i < n->n_members; i++)
		if (str_is(code, n->member[i]->code))
			return n->member[i];
	return NULL;
}

struct member *
node_member_by_charter(struct node *n, const struct id *id)
{
	for (size_t i = 0; i < n->n_members; i++)
		if (id_eq(&n->member[i]->charter, id))
			return n->member[i];
	return NULL;
}

struct member *
node_member_by_no(struct node *n, int64_t no)
{
	for (size_t i = 0; i < n->n_members; i++)
		if (n->member[i]->no == no)
			return n->member[i];
	return NULL;
}

const struct procedure *
node_procedure(struct node *n, const struct id *id)
{
	for (size_t i = 0; i < n->n_loaded; i++)
		if (id_eq(&n->loaded[i].id, id))
			return n->loaded[i].p;
	return NULL;
}

int
node_learn_procedure(struct node *n, struct span file, struct err *err)
{
	struct id id = hash_of(file);
	const struct procedure *p;
	char *copy;

	if (node_procedure(n, &id) != NULL)
		return 0;
	if ((copy = arena_copy(&n->loaded_arena, file.p, file.n)) == NULL)
		return err_nomem(err, "a procedure");
	file.p = (const uint8_t *)copy;
	if (procedure_load(file, STR(""), &n->loaded_arena, &p, err) != 0)
		return -1;
	if (arena_grow(&n->loaded_arena, &n->loaded, &n->cap_loaded,
		n->n_loaded + 1, sizeof(*n->loaded)) != 0)
		return err_nomem(err, "a procedure");
	n->loaded[n->n_loaded++] = (struct loaded){id, p, file};
	return 0;
}

static int
load_procedures(struct node *n, struct err *err)
{
	struct store_procedure *p;
	struct arena a;
	size_t count = 0;
	int rc = 0;

	for (const struct embed *e = embed_procedures;
	     rc == 0 && e->name != NULL; e++)
		if (node_learn_procedure(n, (struct span){e->data, e->size},
			err) != 0)
			rc = err_in(err, "%s: ", e->name);
	arena_init(&a, LOADED_MAX);
	if (rc == 0)
		rc = store_procedure_list(n->writer, &a, &p, &count, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = node_learn_procedure(n, p[i].file, err);
	arena_release(&a);
	return rc;
}

static void
member_free(struct member *m)
{
	if (m == NULL)
		return;
	mandate_free(m->mandate);
	log_release(&m->log);
	mem_free(m);
}

/* ---- restoring a party from the store ---- */

struct tiles {
	struct store *s;
	int64_t party;
};

/* Partial tiles come from the entries, or from the roots of the full tiles
 * below; whole ones are stored. */
static int
restore_tile(void *ctx, unsigned level, uint64_t index, size_t count,
    struct id *ret, struct err *err)
{
	struct tiles *t = ctx;
	struct entry *e;
	struct arena a;
	size_t got;
	bool found;
	int rc = -1;

	if (count == LOG_TILE) {
		if (store_tile(t->s, t->party, level, index, &found, ret,
			err) != 0)
			return -1;
		return found ? 0
		             : err_set(err, ERR_CORRUPT,
				   "a tile is missing: run 'comity rebuild'");
	}
	if (level > 0)
		return store_tile_roots(t->s, t->party, level - 1,
		    index * LOG_TILE, count, ret, err);
	arena_init(&a, 1 << 20);
	if (store_entry_list(t->s, t->party, index * LOG_TILE, count, &a, &e,
		&got, err) != 0)
		goto out;
	if (got != count) {
		(void)err_set(err, ERR_CORRUPT, "an entry is missing");
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		ret[i] = label_entry_leaf(&e[i]);
	rc = 0;
out:
	arena_release(&a);
	return rc;
}

int
node_tile(struct store *s, int64_t party, unsigned level, uint64_t index,
    size_t count, struct id *ret, struct err *err)
{
	struct tiles t = {s, party};

	return restore_tile(&t, level, index, count, ret, err);
}

/* A tile's or an entry bundle's bytes, as tlog-tiles serves them. */
int
node_tile_bytes(struct store *s, const struct member *m,
    const struct log_tile *t, struct arena *a, struct str *ret, struct err *err)
{
	uint8_t bytes[ENTRY_BYTES];
	struct id *hash;
	struct entry *e;
	struct buf b;
	size_t got;

	buf_init(&b, a);
	if (t->level >= 0) {
		if ((hash = arena_array(a, LOG_TILE, struct id)) == NULL)
			return err_nomem(err, "a tile");
		if (node_tile(s, m->no, (unsigned)t->level, t->index, t->width,
			hash, err) != 0)
			return -1;
		buf_add(&b, hash, t->width * sizeof(*hash));
		return buf_done(&b, ret, err);
	}
	if (store_entry_list(s, m->no, t->index * LOG_TILE, t->width, a, &e,
		&got, err) != 0)
		return -1;
	for (size_t i = 0; i < got; i++) {
		label_entry_write(&e[i], bytes);
		log_bundle_add(&b, (struct span){bytes, sizeof(bytes)});
	}
	return buf_done(&b, ret, err);
}

int
node_root_at(struct store *s, const struct member *m, uint64_t size,
    struct id *ret, struct err *err)
{
	struct tiles t = {s, m->no};

	if (size == m->log.size) {
		*ret = log_root(&m->log);
		return 0;
	}
	return log_root_at(size, restore_tile, &t, ret, err);
}

/* A party's file: its charter, then its acts of the file in log order. */
static int
load_file(struct store *s, struct member *m, struct err *err)
{
	struct store_act *act;
	struct arena a;
	size_t count, i;
	int rc = -1;

	arena_init(&a, ARENA_REQUEST);
	if (store_act_file(s, m->no, &a, &act, &count, err) != 0)
		goto out;
	for (i = 0; i < count; i++) {
		const char *broken = NULL;
		struct judged j;

		if (node_stored_envelope(&act[i], &a, &j, err) != 0)
			goto out;
		if (i == 0 && act[i].idx == 0) {
			if (mandate_new(j.act, &j.signers, &m->mandate, err) !=
			    0)
				goto out;
			continue;
		}
		if (m->mandate == NULL ||
		    mandate_apply(m->mandate, j.act, act[i].idx, &j.signers,
			&broken, err) != 0)
			goto out;
	}
	rc = m->mandate != NULL ? 0
	                        : err_set(err, ERR_CORRUPT,
				      "the charter of a party is missing");
out:
	arena_release(&a);
	return rc;
}

int
node_add_member(struct node *n, struct store *s, const struct store_party *p,
    struct err *err)
{
	struct member *m = mem_alloc(1, sizeof(*m));
	struct tiles t = {s, p->no};
	struct str name;
	uint64_t size;

	if (m == NULL)
		return err_nomem(err, "a party");
	m->no = p->no;
	m->charter = p->charter;
	m->own = p->own;
	(void)snprintf(m->code, sizeof(m->code), "%.*s",
	    STR_ARG(p->code)); /* checked where it came in */
	log_init(&m->log);
	if (load_file(s, m, err) != 0 ||
	    store_entry_count(s, m->no, &size, err) != 0 ||
	    log_restore(size, restore_tile, &t, &m->log, err) != 0)
		goto bad;
	name = mandate_witness_name(m->mandate);
	if (store_witness_no(s, name, m->no, &m->witness, err) != 0 ||
	    arena_grow(&n->loaded_arena, &n->member, &n->cap_members,
		n->n_members + 1, sizeof(struct member *)) != 0)
		goto bad;
	n->member[n->n_members++] = m;
	if (m->own)
		n->own = m;
	return 0;
bad:
	member_free(m);
	return err_in(err, "%.*s: ", STR_ARG(p->code));
}

void
node_begin(struct node *n)
{
	for (size_t i = 0; i < n->n_members; i++)
		n->member[i]->dirty = n->member[i]->changed = false;
}

void
node_mark(struct node *n)
{
	for (size_t i = 0; i < n->n_members; i++) {
		struct member *m = n->member[i];

		m->changed = m->changed || m->dirty;
		m->dirty = false;
	}
}

static int
reload_member(struct node *n, struct member *m, struct err *err)
{
	struct tiles t = {n->writer, m->no};
	uint64_t size;

	mandate_free(m->mandate);
	m->mandate = NULL;
	log_release(&m->log);
	log_init(&m->log);
	if (load_file(n->writer, m, err) != 0 ||
	    store_entry_count(n->writer, m->no, &size, err) != 0 ||
	    log_restore(size, restore_tile, &t, &m->log, err) != 0)
		return err_in(err, "%s: ", m->code);
	m->dirty = false; /* `changed` stays: the batch may yet be undone */
	return 0;
}

int
node_reload(struct node *n, bool all, struct err *err)
{
	for (size_t i = 0; i < n->n_members; i++) {
		struct member *m = n->member[i];

		if ((m->dirty || (all && m->changed)) &&
		    reload_member(n, m, err) != 0)
			return -1;
	}
	return 0;
}

static int
load_members(struct node *n, struct err *err)
{
	struct store_party *p;
	struct arena a;
	size_t count;
	int rc = -1;

	arena_init(&a, ARENA_REQUEST);
	/* Witness numbers may have to be made: all in one transaction. */
	if (store_begin(n->writer, err) != 0)
		goto out;
	if (store_party_list(n->writer, &a, &p, &count, err) != 0)
		goto undo;
	for (size_t i = 0; i < count; i++)
		if (node_add_member(n, n->writer, &p[i], err) != 0)
			goto undo;
	if (store_commit(n->writer, err) != 0)
		goto undo;
	rc = n->own != NULL
	         ? 0
	         : err_set(err, ERR_CORRUPT, "the database names no own party");
	goto out;
undo:
	store_rollback(n->writer);
out:
	arena_release(&a);
	return rc;
}

/* ---- opening and closing ---- */

/* A command holds the folder for moments only: it is waited for. */
static bool
is_locked(int fd)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		clock_sleep_us(LOCK_PAUSE_US);
	}
	return false;
}

static int
lock_folder(struct node *n, struct err *err)
{
	struct arena a;
	int rc = -1;

	arena_init(&a, 65536);
	n->lock_fd = open(str_fmt(&a, "%s/lock", n->folder).p,
	    O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (n->lock_fd < 0)
		(void)err_set(err, ERR_ABSENT,
		    "%s is no folder of a node: 'comity init' makes one",
		    n->folder);
	else if (!is_locked(n->lock_fd))
		(void)err_set(err, ERR_BUSY,
		    "another comity process has the folder %s open: stop it "
		    "first, or use its commands",
		    n->folder); /* N1 */
	else
		rc = 0;
	arena_release(&a);
	return rc;
}

static int
load_keys(struct node *n, struct span passphrase, struct err *err)
{
	struct {
		const char *use;
		struct secret **key;
	} key[] = {{"log", &n->log_key}, {"witness", &n->witness_key},
	    {"box", &n->box_key}};
	struct arena a;
	int rc = 0;

	arena_init(&a, 65536);
	for (size_t i = 0; rc == 0 && i < COUNT(key); i++)
		rc = keydir_read(
		    str_fmt(&a, "%s/keys/%s.key", n->folder, key[i].use).p,
		    key[i].use, passphrase, key[i].key, err);
	arena_release(&a);
	return rc;
}

/* Are these the keys that our party's file names? */
static int
check_keys(struct node *n, struct err *err)
{
	const struct mandate_keys *k =
	    mandate_keys_at(n->own->mandate, UINT64_MAX);
	struct pubkey log = key_pub(n->log_key);
	struct pubkey witness = key_pub(n->witness_key);
	struct box box = age_box(n->box_key);

	if (!key_eq(&log, &k->log) || !key_eq(&witness, &k->witness) ||
	    memcmp(box.b, k->box.b, sizeof(box.b)) != 0)
		return err_set(err, ERR_CONFLICT,
		    "the key files in keys/ are not those of %s's charter and "
		    "key changes",
		    n->own->code);
	return 0;
}

static int
open_store(struct node *n, struct err *err)
{
	struct store_options o = {.create = false};
	struct arena a;
	int rc;

	arena_init(&a, 65536);
	o.path = str_fmt(&a, "%s/record.db", n->folder).p;
	rc = store_open(&o, &n->writer, err);
	arena_release(&a);
	return rc;
}

static int
load_made_anew(struct node *n, struct err *err)
{
	struct arena a;
	struct str s;
	int rc;

	arena_init(&a, 65536);
	rc = store_setting(n->writer, "made_anew", &a, &s, err);
	n->was_made_anew = n->must_recover = rc == 0 && str_is(s, "1");
	arena_release(&a);
	return rc;
}

static int
start(struct node *n, const struct node_options *o, struct err *err)
{
	if (lock_folder(n, err) != 0 ||
	    settings_load(n->folder, &n->settings_arena, &n->settings, err) !=
		0 ||
	    load_keys(n, o->passphrase, err) != 0 || open_store(n, err) != 0 ||
	    load_procedures(n, err) != 0 || load_members(n, err) != 0 ||
	    check_keys(n, err) != 0 || load_made_anew(n, err) != 0)
		return -1;
	if (!o->serve)
		return 0;
	n->serving = true;
	if (pthread_create(&n->committer, NULL, node_committer, n) != 0) {
		n->serving = false;
		return err_set(err, ERR_IO, "no thread for the committer");
	}
	if (n->settings.submit.n > 0 &&
	    pthread_create(&n->outside, NULL, node_outside, n) != 0) {
		n->settings.submit.n = 0;
		return err_set(err, ERR_IO, "no thread for outside witnesses");
	}
	n->has_outside = n->settings.submit.n > 0;
	return line_start_all(n, err);
}

int
node_open(const struct node_options *o, struct node **ret, struct err *err)
{
	struct node *n;

	if (key_start(err) != 0 || http_start(err) != 0)
		return -1;
	if ((n = mem_alloc(1, sizeof(*n))) == NULL ||
	    (n->folder = mem_alloc(strlen(o->folder) + 1, 1)) == NULL) {
		mem_free(n);
		return err_nomem(err, "a node");
	}
	memcpy(n->folder, o->folder, strlen(o->folder) + 1);
	n->lock_fd = -1;
	n->last = &n->first;
	n->urgent_last = &n->urgent_first;
	n->started_us = clock_mono_us();
	(void)pthread_rwlock_init(&n->state, NULL); /* never fails on Linux */
	(void)pthread_mutex_init(&n->readers, NULL);
	clock_cond_init(&n->reader_free);
	(void)pthread_mutex_init(&n->queue, NULL);
	clock_cond_init(&n->queued);
	clock_cond_init(&n->checked);
	arena_init(&n->settings_arena, 1 << 20);
	arena_init(&n->loaded_arena, LOADED_MAX);
	arena_init(&n->batch, ARENA_REQUEST);
	if (start(n, o, err) != 0) {
		node_close(n);
		return -1;
	}
	*ret = n;
	return 0;
}

void
node_quiet(struct node *n)
{
	node_stop(n);
	if (n->has_outside)
		(void)pthread_join(n->outside, NULL);
	n->has_outside = false;
	line_stop_all(n);
}

void
node_close(struct node *n)
{
	if (n == NULL)
		return;
	node_quiet(n);
	for (size_t i = 0; i < n->n_readers; i++)
		store_close(n->reader[i]);
	store_close(n->writer);
	for (size_t i = 0; i < n->n_members; i++)
		member_free(n->member[i]);
	key_secret_free(n->log_key);
	key_secret_free(n->witness_key);
	key_secret_free(n->box_key);
	arena_release(&n->settings_arena);
	arena_release(&n->loaded_arena);
	arena_release(&n->batch);
	(void)pthread_rwlock_destroy(&n->state);
	(void)pthread_mutex_destroy(&n->readers);
	(void)pthread_cond_destroy(&n->reader_free);
	(void)pthread_mutex_destroy(&n->queue);
	(void)pthread_cond_destroy(&n->queued);
	(void)pthread_cond_destroy(&n->checked);
	if (n->lock_fd >= 0)
		(void)close(n->lock_fd); /* releases the lock */
	mem_free(n->folder);
	mem_free(n);
}

/* ---- read-only handles ---- */

struct store *
node_reader(struct node *n, struct err *err)
{
	struct store_options o = {.read_only = true};
	struct store *s = NULL;
	struct arena a;

	(void)pthread_mutex_lock(&n->readers);
	while (n->n_readers == 0 && n->made_readers == READERS_MAX)
		(void)pthread_cond_wait(&n->reader_free, &n->readers);
	if (n->n_readers > 0)
		s = n->reader[--n->n_readers];
	else
		n->made_readers++;
	(void)pthread_mutex_unlock(&n->readers);
	if (s != NULL)
		return s;
	arena_init(&a, 65536);
	o.path = str_fmt(&a, "%s/record.db", n->folder).p;
	if (store_open(&o, &s, err) != 0) {
		s = NULL;
		(void)pthread_mutex_lock(&n->readers);
		n->made_readers--;
		(void)pthread_mutex_unlock(&n->readers);
	}
	arena_release(&a);
	return s;
}

void
node_reader_done(struct node *n, struct store *s)
{
	(void)pthread_mutex_lock(&n->readers);
	n->reader[n->n_readers++] = s;
	(void)pthread_cond_signal(&n->reader_free);
	(void)pthread_mutex_unlock(&n->readers);
}
