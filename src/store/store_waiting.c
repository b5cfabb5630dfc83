/* Acts that wait for more signatures of our own officers. */
#include <string.h>

#include "store/store_int.h"

static int
read_waiting(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_waiting w = {.added_us = sqlite3_column_int64(st, 1),
	    .envelope = store_blob(st, 2, a)};

	if (store_bytes(st, 0, w.act.b, sizeof(w.act.b), err) != 0)
		return -1;
	memcpy(ret, &w, sizeof(w));
	return w.envelope.p == NULL ? err_nomem(err, "a release") : 0;
}

int
store_waiting_put(struct store *s, const struct store_waiting *w,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO waiting(act, added_us, envelope) VALUES(?, ?, ?)"
		" ON CONFLICT(act) DO UPDATE SET envelope = excluded.envelope",
		"dib", &w->act, w->added_us, w->envelope),
	    err);
}

int
store_waiting(struct store *s, const struct id *act, struct arena *a,
    bool *ret_found, struct store_waiting *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT act, added_us, envelope FROM waiting WHERE act = ?",
		"d", act),
	    read_waiting, a, ret_found, ret, err);
}

int
store_waiting_list(struct store *s, struct arena *a, struct store_waiting **ret,
    size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT act, added_us, envelope FROM waiting"
		" ORDER BY added_us, act",
		""),
	    read_waiting, sizeof(**ret), a, ret, ret_n, err);
}

int
store_waiting_remove(struct store *s, const struct id *act, struct err *err)
{
	return store_run(s,
	    store_query(s, err, "DELETE FROM waiting WHERE act = ?", "d", act),
	    err);
}
