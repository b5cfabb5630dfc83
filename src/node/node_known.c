/* What a node knows in memory, as the store has it: procedures, parties with
 * their files and logs. */
#include <string.h>

#include "base/embed.h"
#include "base/num.h"
#include "node/node_int.h"
#include "record/hash.h"

enum { FILE_PAGE = 100 }; /* acts, of 256 KiB at most each */

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

/* Grow a long-lived array: the state's lock is held by the caller. */
static int
grow(void *array, size_t *cap, size_t want, size_t size)
{
	size_t n = *cap == 0 ? 16 : *cap * 2;
	void *old, *p;

	if (want <= *cap)
		return 0;
	if ((p = mem_alloc(n, size)) == NULL)
		return -1;
	memcpy(&old, array, sizeof(old));
	if (*cap > 0)
		memcpy(p, old, *cap * size);
	mem_free(old);
	memcpy(array, &p, sizeof(p));
	*cap = n;
	return 0;
}

static size_t
loaded_bytes(const struct node *n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n->n_loaded; i++)
		sum += n->loaded[i].arena.used;
	return sum;
}

/* In an arena of its own, for it may be undone. */
static int
load_one(struct loaded *l, struct span file, struct err *err)
{
	char *copy = arena_copy(&l->arena, file.p, file.n);

	if (copy == NULL)
		return err_nomem(err, "a procedure");
	l->file = (struct span){(const uint8_t *)copy, file.n};
	if (procedure_load(l->file, STR(""), &l->arena, &l->p, err) == 0)
		return 0;
	/* Its own limit, not the machine's: no fault of the batch. */
	if (err->code == ERR_NOMEM)
		return err_set(err, ERR_INPUT,
		    "a procedure of %zu bytes needs more than %d bytes of "
		    "memory",
		    file.n, NODE_PROCEDURE_ARENA);
	return -1;
}

int
node_learn_procedure(struct node *n, struct span file, struct err *err)
{
	struct loaded l = {.id = hash_of(file)};

	if (node_procedure(n, &l.id) != NULL)
		return 0;
	if (file.n > PROCEDURE_MAX)
		return err_set(err, ERR_INPUT,
		    "a procedure of %zu bytes: the limit is %d", file.n,
		    PROCEDURE_MAX);
	if (n->n_loaded >= NODE_PROCEDURES_MAX ||
	    loaded_bytes(n) > NODE_PROCEDURES_BYTES)
		return err_set(err, ERR_DENIED,
		    "this node knows %zu procedures in %zu bytes and takes no "
		    "more (limits: %d procedures, %d bytes)",
		    n->n_loaded, loaded_bytes(n), NODE_PROCEDURES_MAX,
		    NODE_PROCEDURES_BYTES);
	if (grow(&n->loaded, &n->cap_loaded, n->n_loaded + 1,
		sizeof(*n->loaded)) != 0)
		return err_nomem(err, "a procedure");
	arena_init(&l.arena, NODE_PROCEDURE_ARENA);
	if (load_one(&l, file, err) != 0) {
		arena_release(&l.arena);
		return -1;
	}
	n->loaded[n->n_loaded++] = l;
	return 0;
}

int
node_load_procedures(struct node *n, struct err *err)
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
	arena_init(&a, NODE_PROCEDURES_MAX * (size_t)(2 * PROCEDURE_MAX));
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

/* Partial tiles come from the entries, or from the roots of the full tiles
 * below; whole ones are stored. */
int
node_tile(void *ctx, unsigned level, uint64_t index, size_t count,
    struct id *ret, struct err *err)
{
	struct node_tiles *t = ctx;
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

/* A tile's or an entry bundle's bytes, as tlog-tiles serves them. */
int
node_tile_bytes(struct store *s, const struct member *m,
    const struct log_tile *t, struct arena *a, struct str *ret, struct err *err)
{
	struct node_tiles of = {s, m->no};
	uint8_t bytes[ENTRY_BYTES];
	struct id *hash;
	struct entry *e;
	struct buf b;
	size_t got;

	buf_init(&b, a);
	if (t->level >= 0) {
		if ((hash = arena_array(a, LOG_TILE, struct id)) == NULL)
			return err_nomem(err, "a tile");
		if (node_tile(&of, (unsigned)t->level, t->index, t->width, hash,
			err) != 0)
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
	struct node_tiles t = {s, m->no};

	if (size == m->log.size) {
		*ret = log_root(&m->log);
		return 0;
	}
	return log_root_at(size, node_tile, &t, ret, err);
}

/* One act of the file: the charter makes it, the others follow. */
static int
load_judged(struct member *m, const struct store_act *act, struct arena *a,
    struct err *err)
{
	const char *broken = NULL;
	struct judged j;

	if (node_stored_envelope(act, a, &j, err) != 0)
		return -1;
	if (act->idx == 0 && m->mandate == NULL)
		return mandate_new(j.act, &j.signers, &m->mandate, err);
	if (m->mandate == NULL)
		return err_set(err, ERR_CORRUPT,
		    "the charter of a party is missing");
	return mandate_apply(m->mandate, j.act, act->idx, &j.signers, &broken,
	    err);
}

static int
load_act(struct member *m, const struct store_act *act, struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a, ARENA_REQUEST);
	rc = load_judged(m, act, &a, err);
	arena_release(&a);
	return rc;
}

/* A party's file: its charter, then its acts of the file in log order, page by
 * page: what takes no effect is stored all the same. */
static int
load_file(struct store *s, struct member *m, struct err *err)
{
	uint64_t from = 0;
	size_t count = FILE_PAGE;
	int rc = 0;

	while (rc == 0 && count == FILE_PAGE) {
		struct store_act *act;
		struct arena a;

		arena_init(&a, ARENA_REQUEST);
		rc = store_act_file_page(s, m->no, from, FILE_PAGE, &a, &act,
		    &count, err);
		for (size_t i = 0; rc == 0 && i < count; i++)
			rc = load_act(m, &act[i], err);
		if (rc == 0 && count > 0)
			from = act[count - 1].idx + 1;
		arena_release(&a);
	}
	if (rc == 0 && m->mandate == NULL)
		return err_set(err, ERR_CORRUPT,
		    "the charter of a party is missing");
	return rc;
}

int
node_add_member(struct node *n, struct store *s, const struct store_party *p,
    struct err *err)
{
	struct member *m = mem_alloc(1, sizeof(*m));
	struct node_tiles t = {s, p->no};
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
	    log_restore(size, node_tile, &t, &m->log, err) != 0)
		goto bad;
	name = mandate_witness_name(m->mandate);
	if (store_witness_no(s, name, m->no, &m->witness, err) != 0 ||
	    grow(&n->member, &n->cap_members, n->n_members + 1,
		sizeof(struct member *)) != 0)
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
	n->begun = n->marked = (struct known){n->n_members, n->n_loaded};
}

void
node_mark(struct node *n)
{
	for (size_t i = 0; i < n->n_members; i++) {
		struct member *m = n->member[i];

		m->changed = m->changed || m->dirty;
		m->dirty = false;
	}
	n->marked = (struct known){n->n_members, n->n_loaded};
}

/* Parties and procedures beyond these numbers are not known here.  A party that
 * a job just brought has no line yet. */
static void
forget(struct node *n, struct known keep)
{
	while (n->n_members > keep.members)
		member_free(n->member[--n->n_members]);
	while (n->n_loaded > keep.loaded)
		arena_release(&n->loaded[--n->n_loaded].arena);
}

void
node_forget_all(struct node *n)
{
	forget(n, (struct known){0, 0});
	mem_free(n->member);
	mem_free(n->loaded);
}

static int
reload_member(struct node *n, struct member *m, struct err *err)
{
	struct node_tiles t = {n->writer, m->no};
	uint64_t size;

	mandate_free(m->mandate);
	m->mandate = NULL;
	log_release(&m->log);
	log_init(&m->log);
	if (load_file(n->writer, m, err) != 0 ||
	    store_entry_count(n->writer, m->no, &size, err) != 0 ||
	    log_restore(size, node_tile, &t, &m->log, err) != 0)
		return err_in(err, "%s: ", m->code);
	m->dirty = false; /* `changed` stays: the batch may yet be undone */
	return 0;
}

int
node_reload(struct node *n, bool all, struct err *err)
{
	forget(n, all ? n->begun : n->marked);
	for (size_t i = 0; i < n->n_members; i++) {
		struct member *m = n->member[i];

		if ((m->dirty || (all && m->changed)) &&
		    reload_member(n, m, err) != 0)
			return -1;
	}
	return 0;
}

int
node_load_members(struct node *n, struct err *err)
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
