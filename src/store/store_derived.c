/* The tables of derived.sql. */
#include <string.h>

#include "base/num.h"
#include "store/store_int.h"

enum { TILE = 256 };

int
store_tile_add(struct store *s, int64_t party, unsigned level, uint64_t idx,
    const struct id *root, const struct id *hash, struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO tile(party, level, idx, root, hashes)"
		" VALUES(?, ?, ?, ?, ?)",
		"iiudb", party, (int64_t)level, idx, root,
		(struct span){hash->b, TILE * sizeof(*hash)}),
	    err);
}

static int
read_tile(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	(void)a; /* the common form of readers */
	return store_bytes(st, 0, ret, TILE * sizeof(struct id), err);
}

int
store_tile(struct store *s, int64_t party, unsigned level, uint64_t idx,
    bool *ret_found, struct id *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT hashes FROM tile WHERE party = ? AND level = ?"
		" AND idx = ?",
		"iiu", party, (int64_t)level, idx),
	    read_tile, NULL, ret_found, ret, err);
}

int
store_tile_roots(struct store *s, int64_t party, unsigned level, uint64_t idx,
    size_t n, struct id *ret, struct err *err)
{
	sqlite3_stmt *st = store_query(s, err,
	    "SELECT root FROM tile WHERE party = ? AND level = ?"
	    " AND idx >= ? ORDER BY idx LIMIT ?",
	    "iiuu", party, (int64_t)level, idx, (uint64_t)n);
	bool row;

	for (size_t i = 0; i <= n; i++) {
		if (st == NULL || store_step(s, st, &row, err) != 0)
			return -1;
		if (!row)
			return i == n ? 0
			              : err_set(err, ERR_CORRUPT,
					    "a tile is missing: rebuild");
		if (store_bytes(st, 0, ret[i].b, sizeof(ret[i].b), err) != 0) {
			store_reset(st);
			return -1;
		}
	}
	store_reset(st);
	return 0;
}

int
store_read_matter(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_matter m = {.no = sqlite3_column_int64(st, 0),
	    .has_conference = sqlite3_column_type(st, 3) != SQLITE_NULL,
	    .party = sqlite3_column_int64(st, 4),
	    .idx = store_u64(st, 5),
	    .opened_us = sqlite3_column_int64(st, 6),
	    .state = store_text(st, 7, a),
	    .since_us = sqlite3_column_int64(st, 8),
	    .final = sqlite3_column_int64(st, 9) != 0,
	    .has_next = sqlite3_column_type(st, 10) != SQLITE_NULL,
	    .next_us = sqlite3_column_int64(st, 10),
	    .waits = sqlite3_column_int64(st, 11) != 0,
	    .changed_us = sqlite3_column_int64(st, 12),
	    .acts = sqlite3_column_int64(st, 13),
	    .audience = store_text(st, 14, a),
	    .subject = store_text(st, 15, a),
	    .latest_us = sqlite3_column_int64(st, 16),
	    .members = store_text(st, 17, a)};

	if (store_bytes(st, 1, m.id.b, sizeof(m.id.b), err) != 0 ||
	    store_bytes(st, 2, m.procedure.b, sizeof(m.procedure.b), err) !=
		0 ||
	    (m.has_conference && store_bytes(st, 3, m.conference.b,
				     sizeof(m.conference.b), err) != 0))
		return -1;
	memcpy(ret, &m, sizeof(m));
	return m.state.p == NULL || m.audience.p == NULL ||
	               m.subject.p == NULL || m.members.p == NULL
	           ? err_nomem(err, "a matter")
	           : 0;
}

int
store_matter_add(struct store *s, const struct store_matter *m, int64_t *ret_no,
    struct err *err)
{
	if (store_run(s,
		store_query(s, err,
		    "INSERT INTO matter(id, procedure, conference, party, idx,"
		    " opened_us, state, since_us, final, next_us, waits,"
		    " changed_us, acts, audience, subject, latest_us, members)"
		    " VALUES(?, ?, ?, ?, ?, ?, '', 0, 0, NULL, 0, ?, 0, ?, ?,"
		    " 0, '')",
		    "dddiuiitt", &m->id, &m->procedure,
		    m->has_conference ? &m->conference : NULL, m->party, m->idx,
		    m->opened_us, m->changed_us, m->audience, m->subject),
		err) != 0)
		return -1;
	*ret_no = sqlite3_last_insert_rowid(s->db);
	return 0;
}

static int
put_terms(struct store *s, const struct store_matter *m,
    const struct store_term *term, size_t n, struct err *err)
{
	if (!m->is_bare &&
	    store_run(s,
		store_query(s, err, "DELETE FROM term WHERE matter = ?", "i",
		    m->no),
		err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct store_term *t = &term[i];
		const char *types = t->has_due ? "iuttidiii" : "iuttidizi";
		static const char sql[] =
		    "INSERT INTO term(matter, n, name, party, kind, origin,"
		    " begun_us, due_us, status)"
		    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";
		sqlite3_stmt *st =
		    t->has_due
			? store_query(s, err, sql, types, m->no, (uint64_t)i,
			      t->name, t->party, t->kind, &t->origin,
			      t->begun_us, t->due_us, t->status)
			: store_query(s, err, sql, types, m->no, (uint64_t)i,
			      t->name, t->party, t->kind, &t->origin,
			      t->begun_us, t->status);
		if (store_run(s, st, err) != 0)
			return -1;
	}
	return 0;
}

int
store_matter_update(struct store *s, const struct store_matter *m,
    const struct store_term *term, size_t n_terms, struct err *err)
{
	static const char sql[] =
	    "UPDATE matter SET state = ?, since_us = ?, final = ?, waits = ?,"
	    " changed_us = ?, acts = ?, latest_us = ?, members = ?,"
	    " next_us = ? WHERE no = ?";
	sqlite3_stmt *st =
	    m->has_next
		? store_query(s, err, sql, "tiiiiiitii", m->state, m->since_us,
		      (int64_t)m->final, (int64_t)m->waits, m->changed_us,
		      m->acts, m->latest_us, m->members, m->next_us, m->no)
		: store_query(s, err, sql, "tiiiiiitzi", m->state, m->since_us,
		      (int64_t)m->final, (int64_t)m->waits, m->changed_us,
		      m->acts, m->latest_us, m->members, m->no);

	if (store_run(s, st, err) != 0)
		return -1;
	return put_terms(s, m, term, n_terms, err);
}

int
store_matter_by_id(struct store *s, const struct id *id, struct arena *a,
    bool *ret_found, struct store_matter *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT " MATTER_COLUMNS " FROM matter m WHERE m.id = ?", "d",
		id),
	    store_read_matter, a, ret_found, ret, err);
}

int
store_matter_by_entry(struct store *s, int64_t party, uint64_t idx,
    struct arena *a, bool *ret_found, struct store_matter *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT " MATTER_COLUMNS
		" FROM act x JOIN act_in i ON i.seq = x.seq"
		" JOIN matter m ON m.no = i.matter"
		" WHERE x.party = ? AND x.idx = ?",
		"iu", party, idx),
	    store_read_matter, a, ret_found, ret, err);
}

int
store_matter_due(struct store *s, int64_t now_us, size_t n, struct arena *a,
    struct store_matter **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT " MATTER_COLUMNS " FROM matter m"
		" WHERE m.next_us <= ? ORDER BY m.next_us LIMIT ?",
		"iu", now_us, (uint64_t)n),
	    store_read_matter, sizeof(**ret), a, ret, ret_n, err);
}

static int
read_number(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	int64_t v = sqlite3_column_int64(st, 0);

	(void)a, (void)err; /* the common form of readers */
	memcpy(ret, &v, sizeof(v));
	return 0;
}

int
store_matter_next(struct store *s, bool *ret_found, int64_t *ret_us,
    struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT next_us FROM matter WHERE next_us IS NOT NULL"
		" ORDER BY next_us LIMIT 1",
		""),
	    read_number, NULL, ret_found, ret_us, err);
}

int
store_matter_act_add(struct store *s, int64_t matter,
    const struct store_matter_act *x, int64_t at_us, struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO act_in(matter, seq, party, fault, k, at_us,"
		" open) VALUES(?, ?, ?, ?, ?, ?, ?)",
		"iiiiiii", matter, x->act.seq, x->act.party, x->fault, x->k,
		at_us, (int64_t)x->open),
	    err);
}

static int
read_matter_act(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_matter_act x = {
	    .act = {.seq = sqlite3_column_int64(st, 0),
		.party = sqlite3_column_int64(st, 2),
		.idx = store_u64(st, 3),
		.payload = store_blob(st, 4, a),
		.signatures = store_blob(st, 5, a),
		.received_us = sqlite3_column_int64(st, 6)},
	    .fault = sqlite3_column_int64(st, 7),
	    .k = sqlite3_column_int64(st, 8),
	    .open = sqlite3_column_int64(st, 9) != 0};

	if (store_bytes(st, 1, x.act.id.b, sizeof(x.act.id.b), err) != 0)
		return -1;
	memcpy(ret, &x, sizeof(x));
	return x.act.payload.p == NULL || x.act.signatures.p == NULL
	           ? err_nomem(err, "an act")
	           : 0;
}

int
store_matter_acts(struct store *s, int64_t matter, struct arena *a,
    struct store_matter_act **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT x.seq, x.id, x.party, x.idx, x.payload, x.signatures,"
		" x.received_us, i.fault, i.k, i.open FROM act_in i JOIN act x"
		" ON x.seq = i.seq WHERE i.matter = ? ORDER BY i.seq",
		"i", matter),
	    read_matter_act, sizeof(**ret), a, ret, ret_n, err);
}

int
store_matter_sound(struct store *s, int64_t matter, int64_t party, int64_t *ret,
    struct err *err)
{
	bool found;

	return store_one(s,
	    store_query(s, err,
		"SELECT count(*) FROM act_in WHERE matter = ? AND party = ?"
		" AND fault <> 2", /* FOLD_DENIED */
		"ii", matter, party),
	    read_number, NULL, &found, ret, err);
}

/* What read_owed() reads. */
#define OWED                                                                   \
	"SELECT " MATTER_COLUMNS ", t.name, t.party, t.kind, t.origin,"        \
	" t.begun_us, t.due_us, t.status FROM term t"                          \
	" JOIN matter m ON m.no = t.matter"

static int
read_owed(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_owed o;
	int c = MATTER_COLUMNS_N;

	if (store_read_matter(st, a, &o.matter, err) != 0)
		return -1;
	o.term = (struct store_term){.name = store_text(st, c, a),
	    .party = store_text(st, c + 1, a),
	    .kind = sqlite3_column_int64(st, c + 2),
	    .begun_us = sqlite3_column_int64(st, c + 4),
	    .has_due = sqlite3_column_type(st, c + 5) != SQLITE_NULL,
	    .due_us = sqlite3_column_int64(st, c + 5),
	    .status = sqlite3_column_int64(st, c + 6)};
	if (store_bytes(st, c + 3, o.term.origin.b, sizeof(o.term.origin.b),
		err) != 0)
		return -1;
	memcpy(ret, &o, sizeof(o));
	return o.term.name.p == NULL || o.term.party.p == NULL
	           ? err_nomem(err, "a term")
	           : 0;
}

int
store_matter_touched(struct store *s, const struct store_touched *t,
    struct arena *a, int64_t **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT DISTINCT i.matter FROM act x"
		" JOIN act_in i ON i.seq = x.seq"
		" JOIN matter m ON m.no = i.matter"
		" WHERE x.party = ? AND x.idx >= ? AND x.idx < ?"
		" AND (m.latest_us > ? OR i.at_us < ?)",
		"iuuii", t->party, t->from, t->to, t->not_after_us,
		t->not_before_us),
	    read_number, sizeof(**ret), a, ret, ret_n, err);
}

int
store_matter_of_conference(struct store *s, const struct id *conference,
    struct arena *a, int64_t **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err, "SELECT no FROM matter WHERE conference = ?",
		"d", conference),
	    read_number, sizeof(**ret), a, ret, ret_n, err);
}

int
store_matter_by_no(struct store *s, int64_t no, struct arena *a,
    bool *ret_found, struct store_matter *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT " MATTER_COLUMNS " FROM matter m WHERE m.no = ?", "i",
		no),
	    store_read_matter, a, ret_found, ret, err);
}

int
store_matter_open(struct store *s, const struct store_matter *m,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"UPDATE matter SET procedure = ?, conference = ?, party = ?,"
		" idx = ?, opened_us = ?, audience = ?, subject = ?"
		" WHERE no = ?",
		"ddiuitti", &m->procedure,
		m->has_conference ? &m->conference : NULL, m->party, m->idx,
		m->opened_us, m->audience, m->subject, m->no),
	    err);
}

static int
read_labels(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_labels l = {store_u64(st, 0), store_u64(st, 1),
	    store_u64(st, 2)};

	(void)a, (void)err; /* the common form of readers */
	memcpy(ret, &l, sizeof(l));
	return 0;
}

int
store_matter_labels(struct store *s, int64_t matter, int64_t party,
    struct store_labels *ret, struct err *err)
{
	bool found;

	return store_one(s,
	    store_query(s, err,
		"SELECT count(*), coalesce(max(i.k), 0), coalesce(max(x.idx), "
		"0)"
		" FROM act_in i JOIN act x ON x.seq = i.seq"
		" WHERE i.matter = ? AND i.party = ?"
		" AND i.fault <> 2", /* FOLD_DENIED */
		"ii", matter, party),
	    read_labels, NULL, &found, ret, err);
}

int
store_matter_waiting(struct store *s, struct str code, struct arena *a,
    int64_t **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT DISTINCT t.matter FROM term t JOIN matter m"
		" ON m.no = t.matter WHERE t.party = ? AND t.status = 3"
		" AND m.waits > 0", /* FOLD_PAST */
		"t", code),
	    read_number, sizeof(**ret), a, ret, ret_n, err);
}

/* Kind 0 is a duty. */
int
store_owed_begun(struct store *s, struct str party, int64_t from_us, size_t n,
    struct arena *a, struct store_owed **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		OWED " WHERE t.party = ? AND t.begun_us >= ? AND t.kind = 0"
		     " ORDER BY t.begun_us DESC, m.no, t.n LIMIT ?",
		"tiu", party, from_us, (uint64_t)n),
	    read_owed, sizeof(**ret), a, ret, ret_n, err);
}

static int
read_due(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_due d = {.matter = sqlite3_column_int64(st, 0),
	    .n = sqlite3_column_int64(st, 1),
	    .has_due = sqlite3_column_type(st, 2) != SQLITE_NULL,
	    .due_us = sqlite3_column_int64(st, 2)};

	(void)a, (void)err; /* the common form of readers */
	memcpy(ret, &d, sizeof(d));
	return 0;
}

/* Kind 1 is a right, which nobody owes once it is past; status 0 is open. */
#define DUE                                                                    \
	"SELECT matter, n, due_us FROM term WHERE party = ?"                   \
	" AND (kind <> 1 OR status = 0)"

int
store_due_list(struct store *s, struct str party, enum store_due_side side,
    int64_t now_us, size_t n, struct arena *a, struct store_due **ret,
    size_t *ret_n, struct err *err)
{
	sqlite3_stmt *st =
	    side == STORE_DUE_NEVER
		? store_query(s, err,
		      DUE " AND due_us IS NULL ORDER BY matter, n LIMIT ?",
		      "tu", party, (uint64_t)n)
	    : side == STORE_DUE_PAST
		? store_query(s, err,
		      DUE " AND due_us < ? ORDER BY due_us DESC LIMIT ?", "tiu",
		      party, now_us, (uint64_t)n)
		: store_query(s, err,
		      DUE " AND due_us >= ? ORDER BY due_us LIMIT ?", "tiu",
		      party, now_us, (uint64_t)n);

	return store_rows(s, st, read_due, sizeof(**ret), a, ret, ret_n, err);
}

int
store_owed_at(struct store *s, const struct store_due *at, struct arena *a,
    bool *ret_found, struct store_owed *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err, OWED " WHERE t.matter = ? AND t.n = ?", "ii",
		at->matter, at->n),
	    read_owed, a, ret_found, ret, err);
}
