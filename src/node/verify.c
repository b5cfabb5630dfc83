/*
 * An observer's node in a temporary folder takes the bundle as any node would
 * take it from a courier; so there is one path that verifies (N3).  A long one
 * it takes in parts: first the logs with what their parties' own files hold, as
 * all else rests on that, then the acts, some thousand at once, so that memory
 * is bounded and signatures are checked while the part before is stored.
 */
#include "node/verify.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/keydir.h"
#include "node/node_int.h"
#include "node/query.h"
#include "record/bundle.h"
#include "record/hash.h"

enum {
	CHARTERS_MAX = 1000,
	PART = 1024, /* acts; some 10 KiB of memory each while they are read */
	WORKERS_MAX = 16,
	TELL_US = 500000
};

struct piece { /* a member of the bundle; views the file */
	struct str name;
	struct span data;
	struct id charter; /* log/ and act/ */
	uint64_t idx;      /* act/ */
};
struct pieces {
	size_t n, cap;
	struct piece *at;
};
struct own_file { /* the entries of a party's own file */
	struct id charter;
	size_t n, cap;
	uint64_t *idx;
};
struct observer {
	char folder[64];
	struct node *n;
	struct arena arena;
	size_t n_charters;
	struct span charter[CHARTERS_MAX];
	struct pieces procedures, logs, acts;
	size_t n_files, cap_files;
	struct own_file *files;
	const struct verify_options *o;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	size_t next, done, working; /* acts handed out, stored; workers */
	size_t failed;              /* the first act of a part that failed */
	struct err err;             /* of that part */
	struct node_taken sum;
};

static void
tell(struct observer *b, const char *what, uint64_t done, uint64_t all)
{
	if (b->o->progress != NULL)
		b->o->progress(b->o->ctx, what, done, all);
}

/* The charter of a party that takes part in nothing. */
static int
observer_charter(struct observer *b, struct secret **key, struct str *ret,
    struct err *err)
{
	struct arena *a = &b->arena;
	struct js_make m = {.a = a};
	struct js *body = js_map(&m), *names = js_put_map(&m, body, "names");
	struct act act = {.kind = STR("party/charter"),
	    .party = STR("OBSERVER"),
	    .opens = true,
	    .to = {.type = AUDIENCE_PUBLIC},
	    .at_us = clock_utc_us()};
	struct dsse d = {.type = DSSE_ACT_TYPE, .n = 1};
	struct box box = age_box(key[3]);
	struct str payload;

	js_put_z(&m, names, "en", "Observer");
	js_put_z(&m, body, "origin", "observer.invalid");
	for (size_t i = 0; i < 3; i++) {
		static const char *const role[] = {"root", "log", "witness"};
		struct pubkey k = key_pub(key[i]);

		js_put_hex(&m, body, role[i], k.b, 32);
	}
	js_put_str(&m, body, "box", age_box_text(a, &box));
	(void)js_put_list(&m, body, "officers");
	act.body = body;
	key_random(act.salt, sizeof(act.salt));
	if (m.failed)
		return err_nomem(err, "an observer");
	if (act_write(&act, a, &payload, err) != 0)
		return -1;
	d.payload = span_of(payload);
	if (dsse_sign(d.type, d.payload, key[0], a, &d.signature[0], err) != 0)
		return -1;
	return dsse_text(&d, a, ret, err);
}

static int
make_folder(struct observer *b, struct err *err)
{
	static const char *const use[] = {"root", "log", "witness", "box"};
	struct secret *key[4] = {NULL};
	struct str envelope;
	char path[128];
	int rc = -1;

	(void)snprintf(b->folder, sizeof(b->folder), "%s/comity-verify-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir);
	if (mkdtemp(b->folder) == NULL)
		return err_set(err, ERR_IO, "no temporary folder");
	(void)snprintf(path, sizeof(path), "%s/keys", b->folder);
	if (mkdir(path, 0700) != 0)
		return err_set(err, ERR_IO, "no temporary folder");
	for (size_t i = 0; i < 4; i++) {
		if ((key[i] = key_secret_random()) == NULL) {
			(void)err_nomem(err, "a key");
			goto out;
		}
		(void)snprintf(path, sizeof(path), "%s/keys/%s.key", b->folder,
		    use[i]);
		if (keydir_write(path, use[i], STR("observer"), key[i],
			(struct span){NULL, 0}, err) != 0)
			goto out;
	}
	if (observer_charter(b, key, &envelope, err) != 0)
		goto out;
	rc = node_found(b->folder, span_of(envelope), false, clock_utc_us(),
	    err);
out:
	for (size_t i = 0; i < 4; i++)
		key_secret_free(key[i]);
	return rc;
}

static void
remove_folder(const char *folder)
{
	static const char *const file[] = {"keys/root.key", "keys/log.key",
	    "keys/witness.key", "keys/box.key", "keys", "record.db",
	    "record.db-wal", "record.db-shm", "lock", "comity.ini"};
	char path[128];

	/* What is not there cannot be removed; nothing else was made. */
	for (size_t i = 0; i < COUNT(file); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, file[i]);
		(void)remove(path);
	}
	(void)rmdir(folder);
}

/* ---- what the file holds ---- */

static int
keep(struct observer *b, struct pieces *in, const struct piece *p,
    struct err *err)
{
	if (arena_grow(&b->arena, &in->at, &in->cap, in->n + 1, sizeof(*p)) !=
	    0)
		return err_nomem(err, "a bundle");
	in->at[in->n++] = *p;
	return 0;
}

static int
visit_act(struct observer *b, struct piece *p, struct str rest, struct err *err)
{
	int64_t idx;

	if (num_parse(rest, 0, INT64_MAX - 1, &idx, err) != 0)
		return err_in(err, "bundle: '%.*s': ", STR_ARG(p->name));
	p->idx = (uint64_t)idx;
	if (idx > 0)
		return keep(b, &b->acts, p, err);
	if (b->n_charters >= CHARTERS_MAX)
		return err_set(err, ERR_INPUT, "more than %d charters",
		    CHARTERS_MAX);
	b->charter[b->n_charters++] = p->data;
	return 0;
}

/* Names are copies in the arena; the data of a plain member views the file. */
static int
visit(void *ctx, const struct bundle_member *m, struct err *err)
{
	struct observer *b = ctx;
	struct piece p = {.name = m->name, .data = m->data};
	struct str hex = str_sub(m->name, 4, 68);
	bool has_id = m->name.n > 69 && m->name.p[68] == '/' &&
	              hex_is_parsed(hex, p.charter.b, sizeof(p.charter.b));

	if (str_starts(m->name, STR("procedure/")))
		return keep(b, &b->procedures, &p, err);
	if (has_id && str_starts(m->name, STR("log/")))
		return keep(b, &b->logs, &p, err);
	if (has_id && str_starts(m->name, STR("act/")))
		return visit_act(b, &p, str_sub(m->name, 69, m->name.n), err);
	return 0; /* newer programs may put more into a bundle */
}

/* The acts of a party's own file, by the labels of its log: what they say of
 * keys and mandates has to be known before what was signed with them. */
static int
find_file(struct observer *b, const struct piece *log, struct err *err)
{
	struct own_file *f;
	struct label want = label_of(&log->charter, &log->charter, 0);

	if (!str_ends(log->name, STR("/entries/0")))
		return 0;
	if (arena_grow(&b->arena, &b->files, &b->cap_files, b->n_files + 1,
		sizeof(*f)) != 0)
		return err_nomem(err, "a bundle");
	f = &b->files[b->n_files++];
	*f = (struct own_file){.charter = log->charter};
	for (size_t i = 0; i < log->data.n / ENTRY_BYTES; i++) {
		struct entry e =
		    label_entry_read(log->data.p + i * ENTRY_BYTES);

		if (!label_eq(&e.label, &want))
			continue;
		if (arena_grow(&b->arena, &f->idx, &f->cap, f->n + 1,
			sizeof(*f->idx)) != 0)
			return err_nomem(err, "a bundle");
		f->idx[f->n++] = i;
		want = label_of(&log->charter, &log->charter,
		    (uint32_t)f->n); /* a file has few acts */
	}
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
is_of_file(const struct observer *b, const struct piece *act)
{
	for (size_t i = 0; i < b->n_files; i++) {
		const struct own_file *f = &b->files[i];

		if (id_eq(&f->charter, &act->charter) && f->n > 0 &&
		    bsearch(&act->idx, f->idx, f->n, sizeof(*f->idx),
			by_number) != NULL)
			return true;
	}
	return false;
}

/* ---- taking it in parts ---- */

static int
add_pieces(struct bundle_writer *w, const struct piece *p, size_t n,
    struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (bundle_write_add(w, p[i].name, p[i].data, err) != 0)
			return -1;
	return 0;
}

/* Part of the file as a bundle of its own, taken like any. */
static int
take_part(struct observer *b, const struct pieces *logs,
    const struct piece *acts, size_t n, struct err *err)
{
	struct bundle_writer *w;
	struct node_taken t;
	struct span part;
	struct arena a;
	int rc = -1;

	arena_init(&a, (size_t)1 << 30);
	if (bundle_write_open(&a, &w, err) == 0 &&
	    add_pieces(w, b->procedures.at, b->procedures.n, err) == 0 &&
	    add_pieces(w, logs->at, logs->n, err) == 0 &&
	    add_pieces(w, acts, n, err) == 0 &&
	    bundle_write_close(w, &part, err) == 0)
		rc = node_take(b->n, part, false, &a, &t, err);
	arena_release(&a);
	if (rc != 0)
		return -1;
	(void)pthread_mutex_lock(&b->lock);
	b->sum.acts += t.acts;
	b->sum.entries += t.entries;
	b->sum.cosignatures += t.cosignatures;
	b->done += n;
	(void)pthread_cond_signal(&b->changed);
	(void)pthread_mutex_unlock(&b->lock);
	return 0;
}

/* The next part; false: there is none, or one failed. */
static bool
next_part(struct observer *b, size_t *ret_from, size_t *ret_n)
{
	size_t left;

	(void)pthread_mutex_lock(&b->lock);
	left = b->err.code == ERR_NONE ? b->acts.n - b->next : 0;
	*ret_from = b->next;
	*ret_n = left < PART ? left : PART;
	b->next += *ret_n;
	(void)pthread_mutex_unlock(&b->lock);
	return *ret_n > 0;
}

static void *
work(void *ctx)
{
	static const struct pieces none = {0};
	struct observer *b = ctx;
	size_t from, n;

	while (next_part(b, &from, &n)) {
		struct err err;

		if (take_part(b, &none, &b->acts.at[from], n, &err) == 0)
			continue;
		if (b->acts.n > PART)
			(void)err_in(&err, "acts %zu to %zu: ", from + 1,
			    from + n);
		(void)pthread_mutex_lock(&b->lock);
		if (b->err.code == ERR_NONE || from < b->failed) {
			b->err = err;
			b->failed = from;
		}
		(void)pthread_mutex_unlock(&b->lock);
	}
	(void)pthread_mutex_lock(&b->lock);
	b->working--;
	(void)pthread_cond_signal(&b->changed);
	(void)pthread_mutex_unlock(&b->lock);
	return NULL;
}

static size_t
workers(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	/* one more, as one waits for the committer */
	return cores < 1                 ? 2
	       : cores + 1 < WORKERS_MAX ? (size_t)cores + 1
	                                 : WORKERS_MAX;
}

/* Workers verify, the node's committer stores, and this thread tells. */
static int
take_acts(struct observer *b, struct err *err)
{
	pthread_t thread[WORKERS_MAX];
	size_t made = 0;

	b->next = b->done = 0;
	b->working = workers();
	while (made < b->working &&
	       pthread_create(&thread[made], NULL, work, b) == 0)
		made++;
	(void)pthread_mutex_lock(&b->lock);
	b->working -= workers() - made;
	if (made == 0)
		(void)err_set(&b->err, ERR_IO, "no thread to verify with");
	while (b->working > 0) {
		size_t done;

		clock_cond_wait(&b->changed, &b->lock, TELL_US);
		done = b->done;
		(void)pthread_mutex_unlock(&b->lock);
		tell(b, "acts", done, b->acts.n);
		(void)pthread_mutex_lock(&b->lock);
	}
	(void)pthread_mutex_unlock(&b->lock);
	for (size_t i = 0; i < made; i++)
		(void)pthread_join(thread[i], NULL);
	if (b->err.code == ERR_NONE)
		return 0;
	*err = b->err;
	return -1;
}

/* The logs with what their parties' own files hold; the other acts stay. */
static int
take_logs(struct observer *b, struct err *err)
{
	struct pieces files = {0};
	size_t kept = 0;

	for (size_t i = 0; i < b->logs.n; i++)
		if (find_file(b, &b->logs.at[i], err) != 0)
			return -1;
	for (size_t i = 0; i < b->acts.n; i++) {
		if (!is_of_file(b, &b->acts.at[i]))
			b->acts.at[kept++] = b->acts.at[i];
		else if (keep(b, &files, &b->acts.at[i], err) != 0)
			return -1;
	}
	b->acts.n = kept;
	return take_part(b, &b->logs, files.at, files.n, err);
}

/* A node that stores what is thrown away, and commits in a thread of its own;
 * it has no lines, so nobody is spoken to. */
static int
open_node(struct observer *b, struct err *err)
{
	struct node_options o = {.folder = b->folder};
	struct store_options scratch = {.scratch = true};
	char path[128];

	if (make_folder(b, err) != 0 || node_open(&o, &b->n, err) != 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/record.db", b->folder);
	scratch.path = path;
	store_close(b->n->writer);
	b->n->writer = NULL;
	if (store_open(&scratch, &b->n->writer, err) != 0)
		return -1;
	for (size_t i = 0; i < b->n_charters; i++)
		if (node_peer_add(b->n, b->charter[i], STR(""), err) != 0)
			return -1;
	b->n->settings.threads = 1; /* each worker is one */
	b->n->serving = true;
	if (pthread_create(&b->n->committer, NULL, node_committer, b->n) != 0) {
		b->n->serving = false;
		return err_set(err, ERR_IO, "no thread for the committer");
	}
	return 0;
}

/* ---- what came of it ---- */

static void
put_parties(struct observer *b, struct js_make *m, struct js *in)
{
	struct js *list = js_put_list(m, in, "parties");

	for (size_t i = 0; i < b->n->n_members; i++) {
		const struct member *p = b->n->member[i];
		struct id root = log_root(&p->log);
		struct js *j;

		if (p->own)
			continue;
		j = js_put_map(m, list, NULL);
		js_put_z(m, j, "party", p->code);
		js_put_hex(m, j, "charter", p->charter.b, 32);
		js_put_int(m, j, "size", (int64_t)p->log.size);
		js_put_hex(m, j, "root", root.b, 32);
	}
}

static int
put_matter(struct query *q, struct js_make *m, struct js *list,
    const struct store_matter *row, struct err *err)
{
	struct matter_view v;
	struct js *j;
	int64_t good = 0, bad = 0;

	if (matter_fold(q->n, q->s, row, NULL, q->now_us, q->a, &v, err) != 0)
		return -1;
	for (size_t i = 0; v.result != NULL && i < v.result->n_acts; i++) {
		good += v.result->acts[i].verdict == FOLD_VALID;
		bad += v.result->acts[i].verdict == FOLD_VOID;
	}
	j = js_put_map(m, list, NULL);
	js_put_hex(m, j, "id", row->id.b, 32);
	js_put_str(m, j, "cite", query_cite(q, row->party, row->idx));
	js_put_str(m, j, "procedure",
	    v.procedure == NULL ? STR("?") : procedure_name(v.procedure));
	js_put_str(m, j, "subject", row->subject);
	js_put_str(m, j, "state", row->state);
	js_put_int(m, j, "since_us", row->since_us);
	js_put_int(m, j, "acts", (int64_t)v.n_acts);
	js_put_int(m, j, "valid", good);
	js_put_int(m, j, "void", bad);
	return 0;
}

static int
report(struct observer *b, const struct node_taken *t, struct js_make *m,
    struct js **ret, struct err *err)
{
	struct js *j = js_map(m), *list;
	struct store_matter_filter f = {.n = 1000};
	struct store_matter *row;
	struct query q;
	size_t got;
	int rc = 0;

	put_parties(b, m, j);
	js_put_int(m, j, "acts", (int64_t)(t->acts + b->n_charters));
	js_put_int(m, j, "entries", (int64_t)t->entries);
	js_put_int(m, j, "cosignatures", (int64_t)t->cosignatures);
	list = js_put_list(m, j, "matters");
	if (query_open(b->n, &b->arena, &q, err) != 0)
		return -1;
	rc = store_matter_list(q.s, &f, q.a, &row, &got, err);
	for (size_t i = 0; rc == 0 && i < got; i++)
		rc = put_matter(&q, m, list, &row[i], err);
	query_close(&q);
	*ret = j;
	return rc;
}

static int
take_all(struct observer *b, struct span file, struct js_make *m,
    struct js **ret, struct err *err)
{
	tell(b, "charters", 0, 0);
	if (bundle_read(file, &b->arena, visit, b, err) != 0)
		return -1;
	if (b->n_charters == 0)
		return err_set(err, ERR_INPUT,
		    "it holds no charter: only a bundle that stands alone can "
		    "be verified (comity proof, comity export)");
	if (open_node(b, err) != 0)
		return -1;
	tell(b, "logs", 0, 0);
	if (take_logs(b, err) != 0 || take_acts(b, err) != 0)
		return -1;
	node_stop(b->n); /* from here on all is read only */
	tell(b, "matters", 0, 0);
	return report(b, &b->sum, m, ret, err);
}

int
verify_file(const struct verify_options *o, struct js_make *make,
    struct js **ret, struct err *err)
{
	struct observer *b;
	struct stat st;
	void *p;
	int fd, rc;

	if (key_start(err) != 0)
		return -1;
	if ((fd = open(o->path, O_RDONLY | O_CLOEXEC)) < 0 ||
	    fstat(fd, &st) != 0) {
		if (fd >= 0)
			(void)close(fd);
		return err_set(err, ERR_ABSENT, "%s cannot be read", o->path);
	}
	p = st.st_size == 0
	        ? MAP_FAILED
	        : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	if (p == MAP_FAILED)
		return err_set(err, ERR_INPUT, "%s is empty or no file",
		    o->path);
	if ((b = mem_alloc(1, sizeof(*b))) == NULL) {
		(void)munmap(p, (size_t)st.st_size);
		return err_nomem(err, "a verifier");
	}
	b->o = o;
	(void)pthread_mutex_init(&b->lock, NULL); /* never fails on Linux */
	clock_cond_init(&b->changed);
	arena_init(&b->arena, (size_t)4 << 30);
	rc = take_all(b, (struct span){p, (size_t)st.st_size}, make, ret, err);
	if (rc != 0)
		(void)err_in(err, "%s: ", o->path);
	node_close(b->n);
	if (b->folder[0] != '\0')
		remove_folder(b->folder);
	arena_release(&b->arena);
	(void)pthread_mutex_destroy(&b->lock);
	(void)pthread_cond_destroy(&b->changed);
	mem_free(b);
	(void)munmap(p, (size_t)st.st_size);
	return rc;
}
