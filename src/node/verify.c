/*
 * An observer's node in a temporary folder takes the bundle as any node would
 * take it from a courier; so there is one path that verifies (N3).
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
#include "node/query.h"
#include "record/bundle.h"
#include "record/hash.h"

enum { CHARTERS_MAX = 1000 };

struct observer {
	char folder[64];
	struct node *n;
	struct arena arena;
	size_t n_charters;
	struct span charter[CHARTERS_MAX];
	const struct verify_options *o;
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
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
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

static int
visit_charter(void *ctx, const struct bundle_member *m, struct err *err)
{
	struct observer *b = ctx;
	char *copy;

	if (!str_starts(m->name, STR("act/")) || !str_ends(m->name, STR("/0")))
		return 0;
	if (b->n_charters >= CHARTERS_MAX)
		return err_set(err, ERR_INPUT, "more than %d charters",
		    CHARTERS_MAX);
	if ((copy = arena_copy(&b->arena, m->data.p, m->data.n)) == NULL)
		return err_nomem(err, "a charter");
	b->charter[b->n_charters++] =
	    (struct span){(const uint8_t *)copy, m->data.n};
	return 0;
}

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
	struct node_options o = {.folder = b->folder};
	struct node_taken t;

	tell(b, "charters", 0, 0);
	if (bundle_read(file, &b->arena, visit_charter, b, err) != 0)
		return -1;
	if (b->n_charters == 0)
		return err_set(err, ERR_INPUT,
		    "it holds no charter: only a bundle that stands alone can "
		    "be verified (comity proof, comity export)");
	if (make_folder(b, err) != 0 || node_open(&o, &b->n, err) != 0)
		return -1;
	for (size_t i = 0; i < b->n_charters; i++)
		if (node_peer_add(b->n, b->charter[i], STR(""), err) != 0)
			return -1;
	tell(b, "acts", 0, 0);
	if (node_take(b->n, file, false, &b->arena, &t, err) != 0)
		return -1;
	tell(b, "matters", 0, 0);
	return report(b, &t, m, ret, err);
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
	arena_init(&b->arena, (size_t)4 << 30);
	rc = take_all(b, (struct span){p, (size_t)st.st_size}, make, ret, err);
	if (rc != 0)
		(void)err_in(err, "%s: ", o->path);
	node_close(b->n);
	if (b->folder[0] != '\0')
		remove_folder(b->folder);
	arena_release(&b->arena);
	mem_free(b);
	(void)munmap(p, (size_t)st.st_size);
	return rc;
}
