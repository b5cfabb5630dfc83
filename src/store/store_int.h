/*
 * store_int: what the files of the SQLite back end share: cached statements,
 * binding, reading columns.
 */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include <sqlite3.h>

#include "store/store.h"

enum { STATEMENTS_MAX = 128 };
struct store {
	sqlite3 *db;
	bool read_only, scratch;
	bool soon; /* the database is told that commits need not wait */
	size_t n;
	struct {
		const char *sql; /* literals: compared by address */
		sqlite3_stmt *st;
	} cached[STATEMENTS_MAX];
};

/*
 * A cached statement with its values bound: i int64_t, u uint64_t below 2^63,
 * b struct span, t struct str, d struct id *, z NULL.  NULL on failure.
 */
sqlite3_stmt *store_query(struct store *s, struct err *err, const char *sql,
    const char *types, ...);
/* Step to the next row; at the end the statement is reset. */
int store_step(struct store *s, sqlite3_stmt *st, bool *ret_row,
    struct err *err);
/* A statement without rows; and one that gives at most one row. */
int store_run(struct store *s, sqlite3_stmt *st, struct err *err);
/* The first column of the first row; 0: there is none. */
int store_number(struct store *s, sqlite3_stmt *st, int64_t *ret,
    struct err *err);
void store_reset(sqlite3_stmt *st);
int store_fail(struct store *s, struct err *err);

/* Columns.  Copies into the arena; .p NULL when memory is out. */
struct str store_text(sqlite3_stmt *st, int col, struct arena *a);
struct span store_blob(sqlite3_stmt *st, int col, struct arena *a);
/* A blob of exactly n bytes; ERR_CORRUPT otherwise. */
int store_bytes(sqlite3_stmt *st, int col, void *ret, size_t n,
    struct err *err);
uint64_t store_u64(sqlite3_stmt *st, int col);

/* What store_read_matter() reads, as the first columns of a row. */
#define MATTER_COLUMNS                                                         \
	"m.no, m.id, m.procedure, m.conference, m.party, m.idx, m.opened_us,"  \
	" m.state, m.since_us, m.final, m.next_us, m.waits, m.changed_us,"     \
	" m.acts, m.audience, m.subject, m.latest_us, m.members"
enum { MATTER_COLUMNS_N = 18 };

/* Rows into an array: read() fills one element from the row. */
typedef int store_read_fn(sqlite3_stmt *st, struct arena *a, void *ret,
    struct err *err);
int store_rows(struct store *s, sqlite3_stmt *st, store_read_fn *read,
    size_t size, struct arena *a, void *ret, size_t *ret_n, struct err *err);
int store_one(struct store *s, sqlite3_stmt *st, store_read_fn *read,
    struct arena *a, bool *ret_found, void *ret, struct err *err);

/* A store_read_fn over struct store_matter. */
int store_read_matter(sqlite3_stmt *st, struct arena *a, void *ret,
    struct err *err);

#endif
