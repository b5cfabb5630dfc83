/* Comments of visitors: those that wait for a secretary, those accepted. */
#include <string.h>

#include "base/num.h"
#include "store/store_int.h"

int
store_held_add(struct store *s, const struct store_held *h, int64_t *ret_no,
    struct err *err)
{
	if (store_run(s,
		store_query(s, err,
		    "INSERT INTO held_comment(about, name, affiliation, lang,"
		    " text, received_us) VALUES(?, ?, ?, ?, ?, ?)",
		    "dtttti", &h->about, h->name, h->affiliation, h->lang,
		    h->text, h->received_us),
		err) != 0)
		return -1;
	*ret_no = sqlite3_last_insert_rowid(s->db);
	return 0;
}

#define HELD_COLUMNS "no, about, name, affiliation, lang, text, received_us"

static int
read_held(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_held h = {.no = sqlite3_column_int64(st, 0),
	    .name = store_text(st, 2, a),
	    .affiliation = store_text(st, 3, a),
	    .lang = store_text(st, 4, a),
	    .text = store_text(st, 5, a),
	    .received_us = sqlite3_column_int64(st, 6)};

	if (store_bytes(st, 1, h.about.b, sizeof(h.about.b), err) != 0)
		return -1;
	memcpy(ret, &h, sizeof(h));
	return h.name.p == NULL || h.affiliation.p == NULL ||
	               h.lang.p == NULL || h.text.p == NULL
	           ? err_nomem(err, "a comment")
	           : 0;
}

int
store_held_list(struct store *s, int64_t after, size_t n, struct arena *a,
    struct store_held **ret, size_t *ret_n, struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT " HELD_COLUMNS " FROM held_comment WHERE no > ?"
		" ORDER BY no LIMIT ?",
		"iu", after, (uint64_t)n),
	    read_held, sizeof(**ret), a, ret, ret_n, err);
}

int
store_held(struct store *s, int64_t no, struct arena *a, bool *ret_found,
    struct store_held *ret, struct err *err)
{
	return store_one(s,
	    store_query(s, err,
		"SELECT " HELD_COLUMNS " FROM held_comment WHERE no = ?", "i",
		no),
	    read_held, a, ret_found, ret, err);
}

int
store_held_remove(struct store *s, int64_t no, bool *ret_found, struct err *err)
{
	if (store_run(s,
		store_query(s, err, "DELETE FROM held_comment WHERE no = ?",
		    "i", no),
		err) != 0)
		return -1;
	*ret_found = sqlite3_changes(s->db) > 0;
	return 0;
}

int
store_held_accept(struct store *s, const struct id *about, int64_t received_us,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"DELETE FROM held_comment WHERE received_us = ? AND about = ?",
		"id", received_us, about),
	    err);
}

int
store_held_count(struct store *s, int64_t *ret, struct err *err)
{
	return store_number(s,
	    store_query(s, err, "SELECT count(*) FROM held_comment", ""), ret,
	    err);
}

int
store_held_time(struct store *s, const struct id *about, int64_t now_us,
    int64_t *ret_us, struct err *err)
{
	/* Whole seconds: as officers write times in forms. */
	return store_number(s,
	    store_query(s, err,
		"SELECT max(?, coalesce(max(received_us) + 1000000, 0))"
		" FROM held_comment WHERE about = ?",
		"id", now_us - now_us % 1000000, about),
	    ret_us, err);
}

int
store_held_from(struct store *s, const struct id *source, int64_t since_us,
    int64_t now_us, int64_t *ret, struct err *err)
{
	if (store_run(s,
		store_query(s, err,
		    "DELETE FROM held_from WHERE received_us < ?", "i",
		    since_us),
		err) != 0 ||
	    store_number(s,
		store_query(s, err,
		    "SELECT count(*) FROM held_from WHERE source = ?", "d",
		    source),
		ret, err) != 0)
		return -1;
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO held_from(source, received_us) VALUES(?, ?)", "di",
		source, now_us),
	    err);
}

/* ---- derived ---- */

int
store_comment_name(struct store *s, const struct id *about, int64_t seq,
    struct err *err)
{
	return store_run(s,
	    store_query(s, err,
		"INSERT INTO comment_of(about, seq) VALUES(?, ?)"
		" ON CONFLICT DO NOTHING",
		"di", about, seq),
	    err);
}

static int
read_comment(sqlite3_stmt *st, struct arena *a, void *ret, struct err *err)
{
	struct store_comment c = {sqlite3_column_int64(st, 0),
	    sqlite3_column_int64(st, 1)};

	(void)a, (void)err; /* the common form of readers */
	memcpy(ret, &c, sizeof(c));
	return 0;
}

int
store_comment_list(struct store *s, const struct id *about, int64_t after,
    size_t n, struct arena *a, struct store_comment **ret, size_t *ret_n,
    struct err *err)
{
	return store_rows(s,
	    store_query(s, err,
		"SELECT c.seq, i.matter FROM comment_of c"
		" JOIN act_in i ON i.seq = c.seq"
		" WHERE c.about = ? AND c.seq > ? ORDER BY c.seq LIMIT ?",
		"diu", about, after, (uint64_t)n),
	    read_comment, sizeof(**ret), a, ret, ret_n, err);
}
