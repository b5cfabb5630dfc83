#include "store/store_int.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

static sqlite3_stmt *
cached(struct store *s, const char *sql, struct err *err)
{
	sqlite3_stmt *st;

	for (size_t i = 0; i < s->n; i++)
		if (s->cached[i].sql == sql)
			return s->cached[i].st;
	assert(s->n < STATEMENTS_MAX); /* literals only: a bound of our own */
	if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st,
		NULL) != SQLITE_OK) {
		(void)store_fail(s, err);
		return NULL;
	}
	s->cached[s->n].sql = sql;
	s->cached[s->n++].st = st;
	return st;
}

static int
bind(sqlite3_stmt *st, int n, char type, va_list *ap)
{
	struct span b;
	struct str t;
	const struct id *id;

	/* STATIC: a statement is stepped before its values go away. */
	switch (type) {
	case 'i':
		return sqlite3_bind_int64(st, n, va_arg(*ap, int64_t));
	case 'u': /* sizes stay below 2^63 */
		return sqlite3_bind_int64(st, n,
		    (int64_t)va_arg(*ap, uint64_t));
	case 'b':
		b = va_arg(*ap, struct span);
		return sqlite3_bind_blob64(st, n,
		    b.p == NULL ? "" : (const void *)b.p, b.n, SQLITE_STATIC);
	case 't':
		t = va_arg(*ap, struct str);
		return sqlite3_bind_text64(st, n, t.p == NULL ? "" : t.p, t.n,
		    SQLITE_STATIC, SQLITE_UTF8);
	case 'd':
		id = va_arg(*ap, const struct id *);
		return id == NULL ? sqlite3_bind_null(st, n)
		                  : sqlite3_bind_blob64(st, n, id->b,
					sizeof(id->b), SQLITE_STATIC);
	default:
		return sqlite3_bind_null(st, n);
	}
}

sqlite3_stmt *
store_query(struct store *s, struct err *err, const char *sql,
    const char *types, ...)
{
	sqlite3_stmt *st = cached(s, sql, err);
	va_list ap;
	int rc = SQLITE_OK;

	if (st == NULL)
		return NULL;
	assert((size_t)sqlite3_bind_parameter_count(st) == strlen(types));
	store_reset(st);
	va_start(ap, types);
	for (int n = 1; types[n - 1] != '\0' && rc == SQLITE_OK; n++)
		rc = bind(st, n, types[n - 1], &ap);
	va_end(ap);
	if (rc == SQLITE_OK)
		return st;
	(void)store_fail(s, err);
	return NULL;
}

void
store_reset(sqlite3_stmt *st)
{
	(void)sqlite3_reset(st); /* repeats the code of the last step */
}

int
store_step(struct store *s, sqlite3_stmt *st, bool *ret_row, struct err *err)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW) {
		*ret_row = true;
		return 0;
	}
	if (rc != SQLITE_DONE)
		(void)store_fail(s, err);
	store_reset(st);
	*ret_row = false;
	return rc == SQLITE_DONE ? 0 : -1;
}

int
store_run(struct store *s, sqlite3_stmt *st, struct err *err)
{
	bool row;

	if (st == NULL || store_step(s, st, &row, err) != 0)
		return -1;
	if (row)
		store_reset(st);
	return 0;
}

int
store_number(struct store *s, sqlite3_stmt *st, int64_t *ret, struct err *err)
{
	bool row;

	if (st == NULL || store_step(s, st, &row, err) != 0)
		return -1;
	*ret = row ? sqlite3_column_int64(st, 0) : 0;
	if (row)
		store_reset(st);
	return 0;
}

struct str
store_text(sqlite3_stmt *st, int col, struct arena *a)
{
	const char *p = (const char *)sqlite3_column_text(st, col);

	return str_copy(a,
	    (struct str){p == NULL ? "" : p,
		(size_t)sqlite3_column_bytes(st, col)}); /* >= 0 */
}

struct span
store_blob(sqlite3_stmt *st, int col, struct arena *a)
{
	const void *p = sqlite3_column_blob(st, col);
	size_t n = (size_t)sqlite3_column_bytes(st, col); /* >= 0 */

	return (struct span){(uint8_t *)arena_copy(a, p, n), n};
}

int
store_bytes(sqlite3_stmt *st, int col, void *ret, size_t n, struct err *err)
{
	if ((size_t)sqlite3_column_bytes(st, col) != n)
		return err_set(err, ERR_CORRUPT,
		    "the database is damaged: a value of %d bytes where %zu "
		    "belong",
		    sqlite3_column_bytes(st, col), n);
	memcpy(ret, sqlite3_column_blob(st, col), n);
	return 0;
}

uint64_t
store_u64(sqlite3_stmt *st, int col)
{
	return (uint64_t)sqlite3_column_int64(st, col); /* written as such */
}

int
store_rows(struct store *s, sqlite3_stmt *st, store_read_fn *read, size_t size,
    struct arena *a, void *ret, size_t *ret_n, struct err *err)
{
	size_t n = 0, cap = 0;
	char *rows = NULL;
	bool row;

	if (st == NULL)
		return -1;
	for (;;) {
		if (store_step(s, st, &row, err) != 0)
			return -1;
		if (!row)
			break;
		if (arena_grow(a, &rows, &cap, n + 1, size) != 0) {
			store_reset(st);
			return err_nomem(err, "rows");
		}
		if (read(st, a, rows + n * size, err) != 0) {
			store_reset(st);
			return -1;
		}
		n++;
	}
	memcpy(ret, &rows, sizeof(rows));
	*ret_n = n;
	return 0;
}

int
store_one(struct store *s, sqlite3_stmt *st, store_read_fn *read,
    struct arena *a, bool *ret_found, void *ret, struct err *err)
{
	bool row;
	int rc = 0;

	if (st == NULL || store_step(s, st, &row, err) != 0)
		return -1;
	*ret_found = row;
	if (row) {
		rc = read(st, a, ret, err);
		store_reset(st);
	}
	return rc;
}
