/* Cosignatures, and what goes out beside the order of our log. */
#include <string.h>

#include "base/num.h"
#include "store/store_int.h"

#define COSIGNATURE_COLUMNS                                                    \
	"party, witness, size, first_s, first_sig, last_s, last_sig, change"

static int
read_cosignature(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_cosignature c = {.party = sqlite3_column_int64(st, 0),
	    .witness = sqlite3_column_int64(st, 1),
	    .size = store_u64(st, 2),
	    .first = {.time_s = store_u64(st, 3)},
	    .last = {.time_s = store_u64(st, 5)},
	    .change = sqlite3_column_int64(st, 7)};

	(void)a; /* the common form of readers */
	if (store_bytes(st, 4, c.first.sig.b, sizeof(c.first.sig.b), err) !=
		0 ||
	    store_bytes(st, 6, c.last.sig.b, sizeof(c.last.sig.b), err) != 0)
		return -1;
	memcpy(ret, &c, sizeof(c));
	return 0;
}

static int
one(struct store *s, sqlite3_stmt *st, bool *ret_found,
    struct store_cosignature *ret, struct err *err)
{
	return store_one(s, st, read_cosignature, NULL, ret_found, ret, err);
}

static int
next_change(struct store *s, bool pass, int64_t *ret, struct err *err)
{
	*ret = 0;
	if (!pass)
		return 0;
	return store_number(s,
	    store_query(s, err,
		"SELECT coalesce(max(change), 0) + 1 FROM cosignature"
		" WHERE change > 0",
		""),
	    ret, err);
}

int
store_cosignature_put(struct store *s, int64_t party, int64_t witness,
    uint64_t size, const struct cosignature *c, bool pass, bool *ret_new,
    struct err *err)
{
	struct store_cosignature row = {.first = *c, .last = *c};
	struct span first, last;
	int64_t change;
	bool found;

	if (one(s,
		store_query(s, err,
		    "SELECT " COSIGNATURE_COLUMNS " FROM cosignature"
		    " WHERE party = ? AND witness = ? AND size = ?",
		    "iiu", party, witness, size),
		&found, &row, err) != 0)
		return -1;
	*ret_new = !found || c->time_s < row.first.time_s ||
	           c->time_s > row.last.time_s;
	if (!*ret_new)
		return 0;
	if (!found || c->time_s < row.first.time_s)
		row.first = *c;
	if (!found || c->time_s > row.last.time_s)
		row.last = *c;
	first = (struct span){row.first.sig.b, sizeof(row.first.sig.b)};
	last = (struct span){row.last.sig.b, sizeof(row.last.sig.b)};
	if (next_change(s, pass, &change, err) != 0)
		return -1;
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO cosignature(" COSIGNATURE_COLUMNS ")"
		" VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT DO UPDATE SET first_s = excluded.first_s,"
		" first_sig = excluded.first_sig, last_s = excluded.last_s,"
		" last_sig = excluded.last_sig,"
		" change = max(change, excluded.change)", /* never used again */
		"iiuububi", party, witness, size, row.first.time_s, first,
		row.last.time_s, last, change),
	    err);
}

int
store_cosignature_upto(struct store *s, int64_t party, int64_t witness,
    uint64_t most, bool *ret_found, struct store_cosignature *ret,
    struct err *err)
{
	return one(s,
	    store_query(s, err,
		"SELECT " COSIGNATURE_COLUMNS " FROM cosignature"
		" WHERE party = ? AND witness = ? AND size <= ?"
		" ORDER BY size DESC LIMIT 1",
		"iiu", party, witness, most),
	    ret_found, ret, err);
}

int
store_cosignature_beyond(struct store *s, int64_t party, int64_t witness,
    uint64_t least, bool *ret_found, struct store_cosignature *ret,
    struct err *err)
{
	return one(s,
	    store_query(s, err,
		"SELECT " COSIGNATURE_COLUMNS " FROM cosignature"
		" WHERE party = ? AND witness = ? AND size > ?"
		" ORDER BY size LIMIT 1",
		"iiu", party, witness, least),
	    ret_found, ret, err);
}

int
store_cosignature_list(struct store *s, int64_t party, uint64_t size,
    struct arena *a, struct store_cosignature **ret, size_t *ret_n,
    struct err *err)
{
	/* The witnesses are few: one look-up each by the primary key. */
	return store_rows(s,
	    store_query(s, err,
		"SELECT c.party, c.witness, c.size, c.first_s, c.first_sig,"
		" c.last_s, c.last_sig, c.change FROM witness w"
		" CROSS JOIN cosignature c ON c.party = ? AND c.witness = w.no"
		" AND c.size = ? ORDER BY w.no",
		"iu", party, size),
	    read_cosignature, sizeof(**ret), a, ret, ret_n, err);
}

int
store_cosignature_changes(struct store *s, int64_t change, size_t n,
    struct arena *a, struct store_cosignature **ret, size_t *ret_n,
    struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT " COSIGNATURE_COLUMNS " FROM cosignature"
		" WHERE change > ? AND change > 0 ORDER BY change LIMIT ?",
		"iu", change, (uint64_t)n),
	    read_cosignature, sizeof(**ret), a, ret, ret_n, err);
}

int
store_handed_add(struct store *s, int64_t party, int64_t act, struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO handed(party, act) VALUES(?, ?)"
		" ON CONFLICT DO NOTHING",
		"ii", party, act),
	    err);
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
store_handed_list(struct store *s, int64_t party, size_t n, struct arena *a,
    int64_t **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT act FROM handed WHERE party = ? ORDER BY act LIMIT ?",
		"iu", party, (uint64_t)n),
	    read_number, sizeof(**ret), a, ret, ret_n, err);
}

int
store_handed_done(struct store *s, int64_t party, int64_t act, struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"DELETE FROM handed WHERE party = ? AND act = ?", "ii", party,
		act),
	    err);
}

enum { EARLY_MAX = 1000 };

int
store_early_add(struct store *s, int64_t party, uint64_t size, struct span note,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO early(party, size, note) SELECT ?1, ?2, ?3"
		" WHERE (SELECT count(*) FROM early WHERE party = ?1) < ?4"
		" ON CONFLICT DO NOTHING",
		"iubi", party, size, note, (int64_t)EARLY_MAX),
	    err);
}

static int
read_early(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_early e = {store_u64(st, 0), store_blob(st, 1, a)};

	memcpy(ret, &e, sizeof(e));
	return e.note.p == NULL ? err_nomem(err, "a checkpoint") : 0;
}

int
store_early_take(struct store *s, int64_t party, uint64_t size, struct arena *a,
    struct store_early **ret, size_t *ret_n, struct err *err)
{
	if (store_rows(s,
		store_query(s, err,
		    "SELECT size, note FROM early WHERE party = ?"
		    " AND size <= ? ORDER BY size",
		    "iu", party, size),
		read_early, sizeof(**ret), a, ret, ret_n, err) != 0)
		return -1;
	return store_run(s,
	    store_query(s, err,
		"DELETE FROM early WHERE party = ? AND size <= ?", "iu", party,
		size),
	    err);
}
