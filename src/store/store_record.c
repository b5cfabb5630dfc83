/* The tables of record.sql. */
#include <string.h>

#include "store/store_int.h"

#define ACT_COLUMNS                                                            \
	"seq, id, party, idx, payload, signatures, received_us, file"

static int
read_text(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct str s = store_text(st, 0, a);

	memcpy(ret, &s, sizeof(s));
	return s.p == NULL ? err_nomem(err, "a setting") : 0;
}

static int
read_u64(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	uint64_t v = store_u64(st, 0);

	(void)a, (void)err; /* the common form of readers */
	memcpy(ret, &v, sizeof(v));
	return 0;
}

static int
read_blob(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct span s = store_blob(st, 0, a);

	memcpy(ret, &s, sizeof(s));
	return s.p == NULL ? err_nomem(err, "a row") : 0;
}

int
store_setting(struct store *s, const char *name, struct arena *a,
    struct str *ret, struct err *err)
{
	sqlite3_stmt *st = store_query(s, err,
	    "SELECT value FROM setting WHERE name = ?", "t", str_of(name));
	bool found;
	int rc = store_one(s, st, read_text, a, &found, ret, err);

	if (rc == 0 && !found)
		*ret = (struct str){NULL, 0};
	return rc;
}

int
store_set_setting(struct store *s, const char *name, struct str value,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO setting(name, value) VALUES(?, ?)"
		" ON CONFLICT(name) DO UPDATE SET value = excluded.value",
		"tt", str_of(name), value),
	    err);
}

int
store_party_add(struct store *s, const struct store_party *p, int64_t *ret_no,
    struct err *err)
{
	if (store_run(s,
		store_query(s, err,
		    "INSERT INTO party(charter, code, own, address, added_us)"
		    " VALUES(?, ?, ?, ?, ?)",
		    "dtiti", &p->charter, p->code, (int64_t)p->own, p->address,
		    p->added_us),
		err) != 0)
		return -1;
	*ret_no = sqlite3_last_insert_rowid(s->db);
	return 0;
}

static int
read_party(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_party p = {.no = sqlite3_column_int64(st, 0),
	    .code = store_text(st, 2, a),
	    .own = sqlite3_column_int64(st, 3) != 0,
	    .address = store_text(st, 4, a),
	    .told = sqlite3_column_int64(st, 5),
	    .added_us = sqlite3_column_int64(st, 6),
	    .given = sqlite3_column_int64(st, 7)};

	if (store_bytes(st, 1, p.charter.b, sizeof(p.charter.b), err) != 0)
		return -1;
	memcpy(ret, &p, sizeof(p));
	return p.code.p == NULL || p.address.p == NULL
	           ? err_nomem(err, "a party")
	           : 0;
}

int
store_party_list(struct store *s, struct arena *a, struct store_party **ret,
    size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT no, charter, code, own, address, told, added_us, given"
		" FROM party ORDER BY no",
		""),
	    read_party, sizeof(**ret), a, ret, ret_n, err);
}

int
store_party_set_address(struct store *s, int64_t no, struct str address,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err, "UPDATE party SET address = ? WHERE no = ?",
		"ti", address, no),
	    err);
}

int
store_party_set_told(struct store *s, int64_t no, int64_t told, uint64_t given,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"UPDATE party SET told = ?, given = ? WHERE no = ?", "iui",
		told, given, no),
	    err);
}

static int
read_head(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_head h = {.size = store_u64(st, 0),
	    .note = store_blob(st, 1, a),
	    .heard_us = sqlite3_column_int64(st, 2)};

	memcpy(ret, &h, sizeof(h));
	return h.note.p == NULL ? err_nomem(err, "a checkpoint") : 0;
}

int
store_head(struct store *s, int64_t party, struct arena *a, bool *ret_found,
    struct store_head *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT size, note, heard_us FROM head WHERE party = ?", "i",
		party),
	    read_head, a, ret_found, ret, err);
}

int
store_set_head(struct store *s, int64_t party, const struct store_head *h,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO head(party, size, note, heard_us)"
		" VALUES(?, ?, ?, ?) ON CONFLICT(party) DO UPDATE SET"
		" size = excluded.size, note = excluded.note,"
		" heard_us = excluded.heard_us",
		"iubi", party, h->size, h->note, h->heard_us),
	    err);
}

int
store_entry_add(struct store *s, int64_t party, uint64_t idx,
    const struct entry *e, struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO entry(party, idx, act, label)"
		" VALUES(?, ?, ?, ?)",
		"iudb", party, idx, &e->act,
		(struct span){e->label.b, sizeof(e->label.b)}),
	    err);
}

static int
read_entry(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct entry e;

	(void)a; /* the common form of readers */
	if (store_bytes(st, 0, e.act.b, sizeof(e.act.b), err) != 0 ||
	    store_bytes(st, 1, e.label.b, sizeof(e.label.b), err) != 0)
		return -1;
	memcpy(ret, &e, sizeof(e));
	return 0;
}

int
store_entry_list(struct store *s, int64_t party, uint64_t from, size_t n,
    struct arena *a, struct entry **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT act, label FROM entry WHERE party = ? AND idx >= ?"
		" ORDER BY idx LIMIT ?",
		"iuu", party, from, (uint64_t)n),
	    read_entry, sizeof(**ret), a, ret, ret_n, err);
}

int
store_entry_find(struct store *s, int64_t party, const struct label *label,
    bool *ret_found, uint64_t *ret_idx, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT idx FROM entry WHERE party = ? AND label = ?"
		" ORDER BY idx LIMIT 1",
		"ib", party, (struct span){label->b, sizeof(label->b)}),
	    read_u64, NULL, ret_found, ret_idx, err);
}

int
store_act_add(struct store *s, const struct store_act *act, int64_t *ret_seq,
    struct err *err)
{
	if (store_run(s,
		store_query(s, err,
		    "INSERT INTO act(id, party, idx, payload, signatures,"
		    " received_us, file) VALUES(?, ?, ?, ?, ?, ?, ?)",
		    "diubbii", &act->id, act->party, act->idx, act->payload,
		    act->signatures, act->received_us, act->file),
		err) != 0)
		return -1;
	*ret_seq = sqlite3_last_insert_rowid(s->db);
	return 0;
}

static int
read_act(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_act act = {.seq = sqlite3_column_int64(st, 0),
	    .party = sqlite3_column_int64(st, 2),
	    .idx = store_u64(st, 3),
	    .payload = store_blob(st, 4, a),
	    .signatures = store_blob(st, 5, a),
	    .received_us = sqlite3_column_int64(st, 6),
	    .file = sqlite3_column_int64(st, 7)};

	if (store_bytes(st, 1, act.id.b, sizeof(act.id.b), err) != 0)
		return -1;
	memcpy(ret, &act, sizeof(act));
	return act.payload.p == NULL || act.signatures.p == NULL
	           ? err_nomem(err, "an act")
	           : 0;
}

int
store_act_by_id(struct store *s, const struct id *id, struct arena *a,
    bool *ret_found, struct store_act *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err, "SELECT " ACT_COLUMNS " FROM act WHERE id = ?",
		"d", id),
	    read_act, a, ret_found, ret, err);
}

int
store_act_by_entry(struct store *s, int64_t party, uint64_t idx,
    struct arena *a, bool *ret_found, struct store_act *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT " ACT_COLUMNS " FROM act WHERE party = ? AND idx = ?",
		"iu", party, idx),
	    read_act, a, ret_found, ret, err);
}

int
store_act_is_held(struct store *s, const struct id *id, bool *ret,
    struct err *err)
{
	uint64_t seq;

	return store_one(s,
	    store_query(s, err, "SELECT seq FROM act WHERE id = ?", "d", id),
	    read_u64, NULL, ret, &seq, err);
}

int
store_act_is_at(struct store *s, int64_t party, uint64_t idx, bool *ret,
    struct err *err)
{
	uint64_t seq;

	return store_one(s,
	    store_query(s, err,
		"SELECT seq FROM act WHERE party = ? AND idx = ?", "iu", party,
		idx),
	    read_u64, NULL, ret, &seq, err);
}

int
store_act_list(struct store *s, int64_t party, uint64_t from, size_t n,
    struct arena *a, struct store_act **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT " ACT_COLUMNS
		" FROM act WHERE party = ? AND idx >= ? ORDER BY idx LIMIT ?",
		"iuu", party, from, (uint64_t)n),
	    read_act, sizeof(**ret), a, ret, ret_n, err);
}

int
store_act_walk(struct store *s, int64_t from, size_t n, struct arena *a,
    struct store_act **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT " ACT_COLUMNS
		" FROM act WHERE seq >= ? ORDER BY seq LIMIT ?",
		"iu", from, (uint64_t)n),
	    read_act, sizeof(**ret), a, ret, ret_n, err);
}

int
store_act_open_walk(struct store *s, int64_t from, size_t n, struct arena *a,
    struct store_act **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT " ACT_COLUMNS " FROM act WHERE seq IN ("
		"SELECT seq FROM act WHERE file > 0 AND seq >= ?1 UNION"
		" SELECT seq FROM act_in WHERE open = 1 AND seq >= ?1"
		" ORDER BY seq LIMIT ?2) ORDER BY seq",
		"iu", from, (uint64_t)n),
	    read_act, sizeof(**ret), a, ret, ret_n, err);
}

int
store_act_published(struct store *s, int64_t before, size_t n, struct arena *a,
    struct store_act **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT " ACT_COLUMNS " FROM act WHERE seq IN ("
		"SELECT seq FROM act_in WHERE open = 1 AND seq < ?"
		" ORDER BY seq DESC LIMIT ?) ORDER BY seq DESC",
		"iu", before, (uint64_t)n),
	    read_act, sizeof(**ret), a, ret, ret_n, err);
}

int
store_act_count(struct store *s, int64_t *ret, struct err *err)
{
	bool found;
	uint64_t n = 0;

	/* Acts are never removed: the largest number is their count. */
	if (store_one(s,
		store_query(s, err, "SELECT coalesce(max(seq), 0) FROM act",
		    ""),
		read_u64, NULL, &found, &n, err) != 0)
		return -1;
	*ret = (int64_t)n; /* was an int64 */
	return 0;
}

int
store_checkpoint_add(struct store *s, int64_t party, uint64_t size,
    struct span note, struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO checkpoint(party, size, note) VALUES(?, ?, ?)"
		" ON CONFLICT DO NOTHING",
		"iub", party, size, note),
	    err);
}

int
store_checkpoint(struct store *s, int64_t party, uint64_t size, struct arena *a,
    bool *ret_found, struct span *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT note FROM checkpoint WHERE party = ? AND size = ?",
		"iu", party, size),
	    read_blob, a, ret_found, ret, err);
}

int
store_checkpoint_last(struct store *s, int64_t party, uint64_t most,
    bool *ret_found, uint64_t *ret_size, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT size FROM checkpoint WHERE party = ? AND size <= ?"
		" ORDER BY size DESC LIMIT 1",
		"iu", party, most),
	    read_u64, NULL, ret_found, ret_size, err);
}

int
store_witness_no(struct store *s, struct str vkey, int64_t party,
    int64_t *ret_no, struct err *err)
{
	bool found;
	uint64_t no;

	if (store_one(s,
		store_query(s, err, "SELECT no FROM witness WHERE vkey = ?",
		    "t", vkey),
		read_u64, NULL, &found, &no, err) != 0)
		return -1;
	if (found) {
		*ret_no = (int64_t)no; /* a row number */
		return 0;
	}
	if (store_run(s,
		party == 0
		    ? store_query(s, err, "INSERT INTO witness(vkey) VALUES(?)",
			  "t", vkey)
		    : store_query(s, err,
			  "INSERT INTO witness(vkey, party) VALUES(?, ?)", "ti",
			  vkey, party),
		err) != 0)
		return -1;
	*ret_no = sqlite3_last_insert_rowid(s->db);
	return 0;
}

static int
read_witness(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_witness w = {.no = sqlite3_column_int64(st, 0),
	    .party = sqlite3_column_int64(st, 1),
	    .vkey = store_text(st, 2, a)};

	memcpy(ret, &w, sizeof(w));
	return w.vkey.p == NULL ? err_nomem(err, "a witness") : 0;
}

int
store_witness_list(struct store *s, struct arena *a, struct store_witness **ret,
    size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT no, party, vkey FROM witness ORDER BY no", ""),
	    read_witness, sizeof(**ret), a, ret, ret_n, err);
}

int
store_procedure_add(struct store *s, const struct store_procedure *p,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO procedure(id, name, file) VALUES(?, ?, ?)"
		" ON CONFLICT DO NOTHING",
		"dtb", &p->id, p->name, p->file),
	    err);
}

static int
read_procedure(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_procedure p = {.name = store_text(st, 1, a),
	    .file = store_blob(st, 2, a)};

	if (store_bytes(st, 0, p.id.b, sizeof(p.id.b), err) != 0)
		return -1;
	memcpy(ret, &p, sizeof(p));
	return p.name.p == NULL || p.file.p == NULL
	           ? err_nomem(err, "a procedure")
	           : 0;
}

int
store_procedure_list(struct store *s, struct arena *a,
    struct store_procedure **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT id, name, file FROM procedure ORDER BY name, id", ""),
	    read_procedure, sizeof(**ret), a, ret, ret_n, err);
}

int
store_fork_add(struct store *s, const struct store_fork *f, struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO fork(party, note_a, note_b, found_us)"
		" VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING",
		"ibbi", f->party, f->note_a, f->note_b, f->found_us),
	    err);
}

static int
read_fork(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_fork f = {.party = sqlite3_column_int64(st, 0),
	    .note_a = store_blob(st, 1, a),
	    .note_b = store_blob(st, 2, a),
	    .found_us = sqlite3_column_int64(st, 3)};

	memcpy(ret, &f, sizeof(f));
	return f.note_a.p == NULL || f.note_b.p == NULL
	           ? err_nomem(err, "a fork")
	           : 0;
}

int
store_fork_list(struct store *s, struct arena *a, struct store_fork **ret,
    size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT party, note_a, note_b, found_us FROM fork ORDER BY no",
		""),
	    read_fork, sizeof(**ret), a, ret, ret_n, err);
}

int
store_foreign_put(struct store *s, const struct store_foreign *f,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO foreign_log(origin, vkey, size, root, note)"
		" VALUES(?, ?, ?, ?, ?) ON CONFLICT(origin) DO UPDATE SET"
		" vkey = excluded.vkey, size = excluded.size,"
		" root = excluded.root, note = excluded.note",
		"ttudb", f->origin, f->vkey, f->size, &f->root, f->note),
	    err);
}

static int
read_foreign(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_foreign f = {.origin = store_text(st, 0, a),
	    .vkey = store_text(st, 1, a),
	    .size = store_u64(st, 2),
	    .note = store_blob(st, 4, a)};

	if (store_bytes(st, 3, f.root.b, sizeof(f.root.b), err) != 0)
		return -1;
	memcpy(ret, &f, sizeof(f));
	return f.origin.p == NULL || f.vkey.p == NULL || f.note.p == NULL
	           ? err_nomem(err, "a log")
	           : 0;
}

int
store_foreign(struct store *s, struct str origin, struct arena *a,
    bool *ret_found, struct store_foreign *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT origin, vkey, size, root, note FROM foreign_log"
		" WHERE origin = ?",
		"t", origin),
	    read_foreign, a, ret_found, ret, err);
}

int
store_entry_count(struct store *s, int64_t party, uint64_t *ret,
    struct err *err)
{
	bool found;

	return store_one(s,
	    store_query(s, err,
		"SELECT coalesce(max(idx) + 1, 0) FROM entry WHERE party = ?",
		"i", party),
	    read_u64, NULL, &found, ret, err);
}

int
store_act_file(struct store *s, int64_t party, struct arena *a,
    struct store_act **ret, size_t *ret_n, struct err *err)
{
	return store_act_file_page(s, party, 0, INT64_MAX, a, ret, ret_n, err);
}

int
store_act_file_page(struct store *s, int64_t party, uint64_t from, uint64_t n,
    struct arena *a, struct store_act **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT " ACT_COLUMNS
		" FROM act WHERE party = ? AND idx >= ? AND file = 1"
		" AND file > 0 ORDER BY idx LIMIT ?",
		"iuu", party, from, n),
	    read_act, sizeof(**ret), a, ret, ret_n, err);
}

int
store_act_file_count(struct store *s, int64_t party, uint64_t *ret,
    struct err *err)
{
	bool found;

	return store_one(s,
	    store_query(s, err,
		"SELECT count(*) FROM act WHERE party = ? AND file = 1"
		" AND file > 0",
		"i", party),
	    read_u64, NULL, &found, ret, err);
}
