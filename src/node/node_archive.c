/*
 * Bundles that stand alone: a matter with all that proves it, what is public,
 * a backup.  They hold whole logs (48 bytes an entry), so that a stranger can
 * see what was logged and that nothing else was.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/archive.h"
#include "node/node_int.h"
#include "record/bundle.h"

enum { WALK = 500, ENTRIES = 10000, SIZES_MAX = 200000 };

struct sizes { /* checkpoints of one log that are wanted */
	size_t n, cap;
	uint64_t *size;
};
struct archive {
	struct node *n;
	struct store *s;
	struct arena *a, *part; /* part: of the acts that are being read */
	struct bundle_writer *w;
	const struct archive_options *o;
	struct store_matter matter; /* of o->matter */
	/* What was known when it was begun; the rest came meanwhile. */
	size_t n_members, n_loaded;
	bool *used;          /* of the procedures: an act opens by it */
	struct sizes *sizes; /* one a member */
	struct archive_count count;
};

static void
rest(struct archive *x)
{
	if (!x->o->rests)
		return;
	(void)pthread_rwlock_unlock(&x->n->state);
	(void)pthread_rwlock_rdlock(&x->n->state);
}

static int
put(struct archive *x, struct str name, struct span data, struct err *err)
{
	return name.p == NULL ? err_nomem(err, "an archive")
	                      : bundle_write_add(x->w, name, data, err);
}

static int
want_size(struct archive *x, size_t member, uint64_t size, struct err *err)
{
	struct sizes *w = &x->sizes[member];

	for (size_t i = w->n; i > 0 && i + 64 > w->n; i--)
		if (w->size[i - 1] == size)
			return 0; /* neighbours share checkpoints */
	if (w->n >= SIZES_MAX)
		return 0;
	if (arena_grow(x->a, &w->size, &w->cap, w->n + 1, sizeof(uint64_t)) !=
	    0)
		return err_nomem(err, "an archive");
	w->size[w->n++] = size;
	return 0;
}

static size_t
member_index(const struct archive *x, int64_t party)
{
	size_t i = 0;

	while (i < x->n_members && x->n->member[i]->no != party)
		i++;
	return i;
}

/* The checkpoints that say when this act was logged. */
static int
want_evidence(struct archive *x, const struct store_act *act, struct err *err)
{
	size_t at = member_index(x, act->party);
	struct store_cosignature c;
	bool found;

	for (size_t i = 0; i < x->n_members && at < x->n_members; i++) {
		int64_t w = x->n->member[i]->witness;

		if (store_cosignature_upto(x->s, act->party, w, act->idx,
			&found, &c, err) != 0 ||
		    (found && want_size(x, at, c.size, err) != 0) ||
		    store_cosignature_beyond(x->s, act->party, w, act->idx,
			&found, &c, err) != 0 ||
		    (found && want_size(x, at, c.size, err) != 0))
			return -1;
	}
	return 0;
}

static int
wanted(struct archive *x, const struct store_act *stored, bool *ret,
    struct err *err)
{
	const struct act *act;
	struct store_matter row = {.no = 0};
	bool found;

	*ret = stored->file > 0 || x->o->everything;
	if (*ret)
		return 0;
	if (act_parse(stored->payload, x->a, &act, err) != 0)
		return -1;
	if (x->o->matter.n > 0) {
		*ret = id_eq(&act->matter, &x->matter.id) ||
		       (x->matter.has_conference &&
			   id_eq(&act->matter, &x->matter.conference));
		return 0;
	}
	if (x->o->reader.n == 0) {
		*ret = act->to.type == AUDIENCE_PUBLIC;
		return 0;
	}
	if (store_matter_by_id(x->s, &act->matter, x->a, &found, &row, err) !=
	    0)
		return -1;
	return matter_reads(x->n, x->s, act, &row, x->o->reader, x->a, ret,
	    err);
}

static int
put_act(struct archive *x, const struct store_act *act, struct err *err)
{
	size_t at = member_index(x, act->party);
	const struct member *m;
	struct str text;

	if (at == x->n_members)
		return 0;
	m = x->n->member[at];
	x->count.acts += act->file == 0;
	if (node_envelope(act, x->part, &text, err) != 0 ||
	    want_evidence(x, act, err) != 0)
		return -1;
	return put(x,
	    str_fmt(x->part, "act/%.*s/%llu",
		STR_ARG(hex_str(x->part, m->charter.b, 32)),
		(unsigned long long)act->idx),
	    span_of(text), err);
}

/* A reader needs the rules by which the matters were opened, and no others. */
static int
note_procedure(struct archive *x, const struct store_act *stored,
    struct err *err)
{
	const struct act *act;

	if (stored->file > 0)
		return 0;
	if (act_parse(stored->payload, x->a, &act, err) != 0)
		return -1;
	for (size_t i = 0; act->has_procedure && i < x->n_loaded; i++)
		if (id_eq(&x->n->loaded[i].id, &act->procedure_id))
			x->used[i] = true;
	return 0;
}

static bool
is_public(const struct archive_options *o)
{
	return !o->everything && o->matter.n == 0 && o->reader.n == 0;
}

static int
put_acts(struct archive *x, struct err *err)
{
	bool open = is_public(x->o);
	struct arena *whole = x->a;
	int64_t from = 1;
	size_t got = 1;
	int rc = 0;

	while (rc == 0 && got > 0) {
		struct store_act *act;
		struct arena part;

		arena_init(&part, ARENA_REQUEST);
		x->part = &part;
		rc = (open ? store_act_open_walk : store_act_walk)(x->s, from,
		    WALK, &part, &act, &got, err);
		for (size_t i = 0; rc == 0 && i < got; i++) {
			bool take;

			x->a = &part;
			rc = wanted(x, &act[i], &take, err);
			if (rc == 0 && take)
				rc = note_procedure(x, &act[i], err);
			x->a = whole;
			if (rc == 0 && take)
				rc = put_act(x, &act[i], err);
			from = act[i].seq + 1;
		}
		arena_release(&part);
		rest(x);
	}
	return rc;
}

/* A log as it was when its turn came: it may grow meanwhile. */
struct log_now {
	const struct member *m;
	uint64_t size;
	bool has_head;
	struct store_head head;
};

static int
put_entries(struct archive *x, const struct log_now *l, struct err *err)
{
	struct entry *e;
	struct buf b;
	struct str text;
	size_t got = 1;
	uint8_t bytes[ENTRY_BYTES];

	buf_init(&b, x->a);
	for (uint64_t at = 0; at < l->size && got > 0; at += got) {
		uint64_t left = l->size - at;

		if (store_entry_list(x->s, l->m->no, at,
			left < ENTRIES ? (size_t)left : ENTRIES, x->a, &e, &got,
			err) != 0)
			return -1;
		for (size_t i = 0; i < got; i++) {
			label_entry_write(&e[i], bytes);
			buf_add(&b, bytes, sizeof(bytes));
		}
		rest(x);
	}
	if (buf_done(&b, &text, err) != 0)
		return -1;
	return put(x,
	    str_fmt(x->a, "log/%.*s/entries/0",
		STR_ARG(hex_str(x->a, l->m->charter.b, 32))),
	    span_of(text), err);
}

/* The signed head of a size, with the cosignatures on it; .p NULL: none. */
static int
cosigned(struct archive *x, const struct log_now *l, uint64_t size,
    struct str *ret, struct err *err)
{
	struct store_cosignature *c;
	struct span note;
	size_t count;
	bool found;

	*ret = (struct str){NULL, 0};
	if (store_checkpoint(x->s, l->m->no, size, x->a, &found, &note, err) !=
	    0)
		return -1;
	if (!found && (!l->has_head || l->head.size != size))
		return 0;
	if (store_cosignature_list(x->s, l->m->no, size, x->a, &c, &count,
		err) != 0)
		return -1;
	return node_cosigned_note(x->n, x->s, c, count,
	    found ? note : l->head.note, x->a, ret, err);
}

static int
put_cosigned(struct archive *x, const struct log_now *l, uint64_t size,
    const char *name, struct err *err)
{
	struct str text;

	if (cosigned(x, l, size, &text, err) != 0)
		return -1;
	return text.p == NULL
	           ? 0
	           : put(x,
			 str_fmt(x->a, "log/%.*s/%s",
			     STR_ARG(hex_str(x->a, l->m->charter.b, 32)), name),
			 span_of(text), err);
}

static int
put_log(struct archive *x, size_t at, const struct log_now *l, struct err *err)
{
	struct store_cosignature c;
	bool found;

	if (put_entries(x, l, err) != 0)
		return -1;
	/* The newest cosignature of each says up to when it was silent. */
	for (size_t i = 0; i < x->n_members; i++) {
		if (store_cosignature_upto(x->s, l->m->no,
			x->n->member[i]->witness, l->size, &found, &c,
			err) != 0 ||
		    (found && want_size(x, at, c.size, err) != 0))
			return -1;
	}
	for (size_t i = 0; i < x->sizes[at].n; i++)
		if (put_cosigned(x, l, x->sizes[at].size[i],
			str_fmt(x->a, "cosigned/%llu",
			    (unsigned long long)x->sizes[at].size[i])
			    .p,
			err) != 0)
			return -1;
	return l->has_head ? put_cosigned(x, l, l->head.size, "checkpoint", err)
	                   : 0;
}

/* ---- the same log as tlog-tiles, for other programs ---- */

static int
put_tile(struct archive *x, const struct member *m, const struct log_tile *t,
    struct err *err)
{
	char path[LOG_PATH_MAX];
	struct span data;
	struct str text;

	if (node_tile_bytes(x->s, m, t, x->a, &text, err) != 0)
		return -1;
	data = span_of(text);
	log_tile_path(t, path);
	return put(x, str_fmt(x->a, "logs/%s/%s", m->code, path), data, err);
}

static int
put_tiles(struct archive *x, const struct log_now *l, struct err *err)
{
	struct str text;

	if (!l->has_head)
		return 0;
	if (cosigned(x, l, l->head.size, &text, err) != 0 ||
	    put(x, str_fmt(x->a, "logs/%s/checkpoint", l->m->code),
		span_of(text), err) != 0)
		return -1;
	for (int level = -1; level < LOG_LEVELS; level++) {
		struct log_tile t = {.level = level};
		uint64_t have = l->head.size;

		for (int k = 0; k < level; k++)
			have /= LOG_TILE;
		for (t.index = 0; t.index * LOG_TILE < have; t.index++) {
			uint64_t left = have - t.index * LOG_TILE;

			t.width = left < LOG_TILE ? (unsigned)left : LOG_TILE;
			if (put_tile(x, l->m, &t, err) != 0)
				return -1;
			if (t.index % 64 == 63)
				rest(x);
		}
	}
	return 0;
}

static int
put_procedures(struct archive *x, struct err *err)
{
	for (size_t i = 0; i < x->n_loaded; i++) {
		const struct loaded *l = &x->n->loaded[i];

		x->count.procedures += x->used[i];
		if (x->used[i] && put(x,
				      str_fmt(x->a, "procedure/%.*s",
					  STR_ARG(hex_str(x->a, l->id.b, 32))),
				      l->file, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- the whole ---- */

struct mapped {
	void *p;
	size_t n;
};

static void
unmap(void *p)
{
	struct mapped *m = p;

	(void)munmap(m->p, m->n); /* mapped once */
}

static int
map_file(int fd, struct arena *a, struct span *ret, struct err *err)
{
	struct mapped *m = arena_new(a, struct mapped);
	struct stat st;

	if (m == NULL)
		return err_nomem(err, "an archive");
	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		return err_set(err, ERR_IO, "an archive cannot be read back");
	m->n = (size_t)st.st_size; /* > 0 */
	m->p = mmap(NULL, m->n, PROT_READ, MAP_PRIVATE, fd, 0);
	if (m->p == MAP_FAILED)
		return err_nomem(err, "an archive");
	if (arena_defer(a, unmap, m) != 0)
		return err_nomem(err, "an archive");
	*ret = (struct span){m->p, m->n};
	return 0;
}

static int
put_logs(struct archive *x, struct err *err)
{
	for (size_t i = 0; i < x->n_members; i++) {
		struct log_now l = {.m = x->n->member[i],
		    .size = x->n->member[i]->log.size};

		if (store_head(x->s, l.m->no, x->a, &l.has_head, &l.head,
			err) != 0 ||
		    put_log(x, i, &l, err) != 0 ||
		    (x->o->tiles && put_tiles(x, &l, err) != 0))
			return -1;
		x->count.logs++;
		rest(x);
	}
	return 0;
}

static int
write_all(struct archive *x, int fd, struct span *ret, struct err *err)
{
	if ((fd < 0 ? bundle_write_open(x->a, &x->w, err)
		    : bundle_write_fd(fd, x->a, &x->w, err)) != 0 ||
	    put_acts(x, err) != 0 || put_procedures(x, err) != 0 ||
	    put_logs(x, err) != 0)
		return -1;
	if (x->o->more != NULL && x->o->more(x->o->ctx, x->w, err) != 0)
		return -1;
	if (bundle_write_close(x->w, ret, err) != 0)
		return -1;
	return fd < 0 ? 0 : map_file(fd, x->a, ret, err);
}

int
archive_write(struct node *n, struct store *s, const struct archive_options *o,
    struct arena *a, struct span *ret, struct archive_count *ret_count,
    struct err *err)
{
	struct archive x = {.n = n,
	    .s = s,
	    .a = a,
	    .o = o,
	    .n_members = n->n_members,
	    .n_loaded = n->n_loaded};
	int fd = o->fd > 0 ? o->fd : -1, rc;

	x.sizes = arena_array(a, n->n_members + 1, struct sizes);
	x.used = arena_array(a, n->n_loaded + 1, bool);
	if (x.sizes == NULL || x.used == NULL)
		return err_nomem(err, "an archive");
	x.matter = o->row;
	/* A whole record may be larger than memory: it goes to a file without a
	 * name, and where the disk has no such files, to memory. */
	if (fd < 0 && o->matter.n == 0)
		fd = open(n->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	rc = write_all(&x, fd, ret, err);
	if (fd >= 0 && o->fd <= 0)
		(void)close(fd); /* what is mapped stays */
	if (rc == 0)
		*ret_count = x.count;
	return rc;
}
