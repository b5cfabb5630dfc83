/* Which files are kept, which acts name them, which are wanted. */
#include <string.h>

#include "base/num.h"
#include "store/store_int.h"

int
store_file_add(struct store *s, const struct store_file *f, struct err *err)
{
	if (store_run(s,
		store_query(s, err,
		    "INSERT INTO file(sha256, size, giver, received_us)"
		    " VALUES(?, ?, ?, ?) ON CONFLICT(sha256)"
		    " DO UPDATE SET received_us = excluded.received_us",
		    "duii", &f->sha256, f->size, f->giver, f->received_us),
		err) != 0)
		return -1;
	return store_run(s,
	    store_query(s, err, "DELETE FROM file_wanted WHERE sha256 = ?", "d",
		&f->sha256),
	    err);
}

static int
read_file(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_file f = {.size = store_u64(st, 1),
	    .giver = sqlite3_column_int64(st, 2),
	    .received_us = sqlite3_column_int64(st, 3)};

	(void)a; /* the common form of readers */
	if (store_bytes(st, 0, f.sha256.b, sizeof(f.sha256.b), err) != 0)
		return -1;
	memcpy(ret, &f, sizeof(f));
	return 0;
}

int
store_file(struct store *s, const struct id *sha256, bool *ret_found,
    struct store_file *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT sha256, size, giver, received_us FROM file"
		" WHERE sha256 = ?",
		"d", sha256),
	    read_file, NULL, ret_found, ret, err);
}

int
store_file_remove(struct store *s, const struct id *sha256, struct err *err)
{
	if (store_run(s,
		store_query(s, err, "DELETE FROM file WHERE sha256 = ?", "d",
		    sha256),
		err) != 0)
		return -1;
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO file_wanted SELECT ?1 WHERE EXISTS"
		" (SELECT 1 FROM file_of WHERE sha256 = ?1)"
		" ON CONFLICT DO NOTHING",
		"d", sha256),
	    err);
}

int
store_file_list(struct store *s, const struct id *after, size_t n,
    struct arena *a, struct store_file **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT sha256, size, giver, received_us FROM file"
		" WHERE sha256 > ? ORDER BY sha256 LIMIT ?",
		"du", after, (uint64_t)n),
	    read_file, sizeof(**ret), a, ret, ret_n, err);
}

int
store_file_loose(struct store *s, int64_t before_us, size_t n, struct arena *a,
    struct store_file **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT sha256, size, giver, received_us FROM file f"
		" WHERE received_us < ? AND NOT EXISTS"
		" (SELECT 1 FROM file_of o WHERE o.sha256 = f.sha256)"
		" ORDER BY received_us LIMIT ?",
		"iu", before_us, (uint64_t)n),
	    read_file, sizeof(**ret), a, ret, ret_n, err);
}

int
store_file_loose_bytes(struct store *s, int64_t since_us, uint64_t *ret,
    struct err *err)
{
	int64_t bytes;

	if (store_number(s,
		store_query(s, err,
		    "SELECT coalesce(sum(size), 0) FROM file f"
		    " WHERE received_us >= ? AND NOT EXISTS"
		    " (SELECT 1 FROM file_of o WHERE o.sha256 = f.sha256)",
		    "i", since_us),
		&bytes, err) != 0)
		return -1;
	*ret = (uint64_t)bytes; /* a sum of sizes */
	return 0;
}

/* ---- derived ---- */

int
store_file_name(struct store *s, const struct id *sha256, int64_t seq,
    bool wanted, struct err *err)
{
	if (store_run(s,
		store_query(s, err,
		    "INSERT INTO file_of(sha256, seq) VALUES(?, ?)"
		    " ON CONFLICT DO NOTHING",
		    "di", sha256, seq),
		err) != 0)
		return -1;
	if (!wanted)
		return 0;
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO file_wanted SELECT ?1 WHERE NOT EXISTS"
		" (SELECT 1 FROM file WHERE sha256 = ?1)"
		" ON CONFLICT DO NOTHING",
		"d", sha256),
	    err);
}

static int
read_naming(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_naming x = {
	    .act = {.seq = sqlite3_column_int64(st, 0),
		.party = sqlite3_column_int64(st, 2),
		.idx = store_u64(st, 3),
		.payload = store_blob(st, 4, a),
		.received_us = sqlite3_column_int64(st, 5)},
	    .matter = sqlite3_column_int64(st, 6)};

	if (store_bytes(st, 1, x.act.id.b, sizeof(x.act.id.b), err) != 0)
		return -1;
	memcpy(ret, &x, sizeof(x));
	return x.act.payload.p == NULL ? err_nomem(err, "an act") : 0;
}

int
store_file_acts(struct store *s, const struct id *sha256, size_t n,
    struct arena *a, struct store_naming **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT x.seq, x.id, x.party, x.idx, x.payload, x.received_us,"
		" i.matter FROM file_of f JOIN act x ON x.seq = f.seq"
		" JOIN act_in i ON i.seq = f.seq WHERE f.sha256 = ?"
		" ORDER BY f.seq LIMIT ?",
		"du", sha256, (uint64_t)n),
	    read_naming, sizeof(**ret), a, ret, ret_n, err);
}

static int
read_hash(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	(void)a; /* the common form of readers */
	return store_bytes(st, 0, ret, sizeof(struct id), err);
}

int
store_file_wanted(struct store *s, const struct id *after, size_t n,
    struct arena *a, struct id **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT sha256 FROM file_wanted WHERE sha256 > ?"
		" ORDER BY sha256 LIMIT ?",
		"du", after, (uint64_t)n),
	    read_hash, sizeof(**ret), a, ret, ret_n, err);
}
