#include "store/store_int.h"

#include <assert.h>
#include <string.h>

#include "base/embed.h"
#include "base/num.h"
#include "record/hash.h"

/* 0x436f6d69 is "Comi": says that a file is ours. */
enum { APPLICATION = 0x436f6d69, BUSY_MS = 10000 };

/*
 * Pages in memory, as they are used.  The writer's hold the four indexes whose
 * keys are random (acts, labels, matters: some 50 bytes an act each) of half a
 * million acts; a reader's serve one request.
 */
enum {
	WRITER_CACHE_KIB = 24 * 1024,
	READER_CACHE_KIB = 1024,
	SCRATCH_CACHE_KIB = 32 * 1024
};
/*
 * Frames (pages) in the write-ahead log: from TIDY on store_tidy() asks writers
 * to wait for a moment, so that they begin it anew; at MOST a commit does the
 * work itself.
 */
enum { LOG_TIDY = 8000, LOG_MOST = 16000, TIDY_MS = 20 };

static const char *
sql_file(const char *name)
{
	for (const struct embed *e = embed_sql; e->name != NULL; e++)
		if (strcmp(e->name, name) == 0)
			return (const char *)e->data;
	assert(false); /* both files are part of the program */
	return NULL;
}

int
store_fail(struct store *s, struct err *err)
{
	int rc = sqlite3_errcode(s->db);
	const char *why = sqlite3_errmsg(s->db);

	switch (rc & 0xff) {
	case SQLITE_FULL:
		return err_set(err, ERR_IO,
		    "the disk is full: nothing was written; free some space "
		    "and try again");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, ERR_CORRUPT,
		    "the database is damaged (%s): restore it from a backup, "
		    "or take the record back from the other parties",
		    why);
	case SQLITE_NOMEM:
		return err_nomem(err, "the database");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_BUSY, "the database is in use");
	case SQLITE_CONSTRAINT:
		return err_set(err, ERR_CONFLICT, "database: %s", why);
	case SQLITE_CANTOPEN:
		return err_set(err, ERR_ABSENT, "no database here (%s)", why);
	default:
		return err_set(err, ERR_IO, "database: %s", why);
	}
}

static int
exec(struct store *s, const char *sql, struct err *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK
	           ? 0
	           : store_fail(s, err);
}

/*
 * One row a schema version: what brings the version before to this one.  The
 * record's part adds to record.sql, which is version 1, and runs on new files
 * too; derived.sql is always the newest, and what it has since is given here
 * to folders that were made before.
 */
static const struct {
	const char *record, *derived;
} migration[] = {
    {NULL, NULL},
    /* Acts of ours that lack signatures: each officer's was given for good
     * once, and none of them can be made again by us. */
    {"CREATE TABLE waiting("
     "  act BLOB PRIMARY KEY,"
     "  added_us INTEGER NOT NULL,"
     "  envelope BLOB NOT NULL"
     ") STRICT, WITHOUT ROWID",
	"DROP INDEX IF EXISTS term_due;"
	"CREATE INDEX term_due ON term(party, due_us);"
	"CREATE INDEX IF NOT EXISTS term_begun ON term(party, begun_us)"},
    {NULL, "CREATE INDEX matter_procedure ON matter(procedure);"
	   "CREATE INDEX matter_state ON matter(procedure, state);"
	   "CREATE INDEX matter_party ON matter(party);"
	   "CREATE INDEX matter_live ON matter(no) WHERE final = 0;"
	   "CREATE INDEX matter_public ON matter(no)"
	   " WHERE audience = '\"public\"';"
	   "CREATE INDEX matter_public_of ON matter(procedure)"
	   " WHERE audience = '\"public\"';"
	   "ALTER TABLE act_in ADD COLUMN open INTEGER NOT NULL DEFAULT 0;"
	   "UPDATE act_in SET open = 1 WHERE seq IN (SELECT seq FROM act WHERE"
	   " json_extract(CAST(payload AS TEXT), '$.to') = 'public');"
	   "CREATE INDEX act_in_open ON act_in(seq) WHERE open = 1;"
	   "INSERT OR REPLACE INTO setting"
	   " VALUES('generation', hex(randomblob(16)))"},
    /* Files that are kept (their bytes lie in the folder files/): no act holds
     * one.  `giver`: whose act it came for; our own party where it was put in
     * here. */
    {"CREATE TABLE file("
     "  sha256 BLOB PRIMARY KEY CHECK(length(sha256) = 32),"
     "  size INTEGER NOT NULL,"
     "  giver INTEGER NOT NULL REFERENCES party(no),"
     "  received_us INTEGER NOT NULL"
     ") STRICT, WITHOUT ROWID;"
     "CREATE INDEX file_received ON file(received_us);"
     /* Comments of visitors that wait for a secretary: nobody of a party has
      * signed them.  A number is never given twice; a time is one comment's on
      * its matter. */
     "CREATE TABLE held_comment("
     "  no INTEGER PRIMARY KEY AUTOINCREMENT,"
     "  about BLOB NOT NULL CHECK(length(about) = 32),"
     "  name TEXT NOT NULL,"
     "  affiliation TEXT NOT NULL,"
     "  lang TEXT NOT NULL,"
     "  text TEXT NOT NULL,"
     "  received_us INTEGER NOT NULL,"
     "  UNIQUE(about, received_us)"
     ") STRICT;"
     /* Whence they came, for a day: a salted hash of the address. */
     "CREATE TABLE held_from("
     "  source BLOB NOT NULL,"
     "  received_us INTEGER NOT NULL"
     ") STRICT;"
     "CREATE INDEX held_from_source ON held_from(source, received_us)",
	/* the acts of before are read once more for it (file_name_all) */
	"CREATE TABLE file_of("
	"  sha256 BLOB NOT NULL,"
	"  seq INTEGER NOT NULL,"
	"  PRIMARY KEY(sha256, seq)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE file_wanted("
	"  sha256 BLOB PRIMARY KEY"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE comment_of("
	"  about BLOB NOT NULL,"
	"  seq INTEGER NOT NULL,"
	"  PRIMARY KEY(about, seq)"
	") STRICT, WITHOUT ROWID;"
	"INSERT INTO setting SELECT 'unnamed', '1'"
	" WHERE EXISTS(SELECT 1 FROM act)"},
};

static int
run_step(struct store *s, size_t v, bool is_new, struct err *err)
{
	if (migration[v].record != NULL &&
	    exec(s, migration[v].record, err) != 0)
		return -1;
	return is_new || migration[v].derived == NULL
	           ? 0
	           : exec(s, migration[v].derived, err);
}

static int
migrate(struct store *s, struct err *err)
{
	int64_t version, app;
	char sql[80];

	if (store_number(s, store_query(s, err, "PRAGMA user_version", ""),
		&version, err) != 0 ||
	    store_number(s, store_query(s, err, "PRAGMA application_id", ""),
		&app, err) != 0)
		return -1;
	if (version > (int64_t)COUNT(migration))
		return err_set(err, ERR_CONFLICT,
		    "the database is of a newer program (schema %lld, this "
		    "one knows %zu): use that program",
		    (long long)version, COUNT(migration));
	if (version > 0 && app != APPLICATION)
		return err_set(err, ERR_CORRUPT,
		    "the database is not one of this program");
	if (version == (int64_t)COUNT(migration))
		return 0;
	if (s->read_only)
		return err_set(err, ERR_CONFLICT,
		    "the database has an older schema: start the node once");
	if (store_begin(s, err) != 0)
		return -1;
	if (version == 0 && (exec(s, sql_file("record.sql"), err) != 0 ||
				exec(s, sql_file("derived.sql"), err) != 0))
		goto undo;
	for (size_t v = version == 0 ? 1 : (size_t)version;
	     v < COUNT(migration); v++)
		if (run_step(s, v, version == 0, err) != 0)
			goto undo;
	(void)snprintf(sql, sizeof(sql), /* fits */
	    "PRAGMA application_id=%d; PRAGMA user_version=%zu", APPLICATION,
	    COUNT(migration));
	if (exec(s, sql, err) == 0)
		return store_commit(s, err);
undo:
	store_rollback(s);
	return -1;
}

static int
set_up(struct store *s, struct err *err)
{
	char sql[80];

	(void)sqlite3_busy_timeout(s->db, BUSY_MS); /* always SQLITE_OK */
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)snprintf(sql, sizeof(sql), "PRAGMA cache_size=-%d",
	    s->scratch     ? SCRATCH_CACHE_KIB
	    : s->read_only ? READER_CACHE_KIB
			   : WRITER_CACHE_KIB); /* fits */
	/* else each marked job's journal would be a file of its own */
	if (exec(s, "PRAGMA temp_store=MEMORY", err) != 0 ||
	    exec(s, "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF", err) !=
		0 ||
	    exec(s, sql, err) != 0)
		return -1;
	if (!s->read_only &&
	    exec(s,
		s->scratch
		    ? "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF"
		    : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		      "PRAGMA journal_size_limit=67108864",
		err) != 0)
		return -1;
	(void)sqlite3_wal_autocheckpoint(s->db, LOG_MOST); /* never fails */
	return migrate(s, err);
}

int
store_open(const struct store_options *o, struct store **ret, struct err *err)
{
	struct store *s = mem_alloc(1, sizeof(*s));
	int flags = o->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

	if (s == NULL)
		return err_nomem(err, "the database");
	s->read_only = o->read_only;
	s->scratch = o->scratch;
	if (o->create)
		flags |= SQLITE_OPEN_CREATE;
	if (sqlite3_open_v2(o->path, &s->db, flags | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		if (s->db == NULL)
			(void)err_nomem(err, "the database");
		else
			(void)store_fail(s, err);
		store_close(s);
		return err_in(err, "%s: ", o->path);
	}
	if (set_up(s, err) != 0) {
		store_close(s);
		return err_in(err, "%s: ", o->path);
	}
	*ret = s;
	return 0;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		(void)sqlite3_finalize(s->cached[i].st); /* last run's code */
	(void)sqlite3_close(s->db); /* all statements are finalized */
	mem_free(s);
}

/* Within a transaction SQLite refuses to change it: so it stands at the
 * beginning.  NORMAL syncs the log when it is begun anew, and never else. */
static int
begin(struct store *s, bool soon, struct err *err)
{
	if (s->soon != soon && !s->scratch &&
	    exec(s,
		soon ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL",
		err) != 0)
		return -1;
	s->soon = soon;
	return exec(s, "BEGIN IMMEDIATE", err);
}

int
store_begin(struct store *s, struct err *err)
{
	return begin(s, false, err);
}

int
store_begin_soon(struct store *s, struct err *err)
{
	return begin(s, true, err);
}

int
store_commit(struct store *s, struct err *err)
{
	return exec(s, "COMMIT", err); /* S1: synchronous=FULL */
}

int
store_tidy(struct store *s, struct err *err)
{
	int frames = 0, done = 0, rc;

	rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
	    &frames, &done);
	/* A log that is never without new frames is never begun anew, unless
	 * writers wait.  A reader may hold it for longer: then the next time.
	 */
	if (rc == SQLITE_OK && frames >= LOG_TIDY) {
		(void)sqlite3_busy_timeout(s->db, TIDY_MS);
		rc = sqlite3_wal_checkpoint_v2(s->db, NULL,
		    SQLITE_CHECKPOINT_RESTART, NULL, NULL);
		(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	}
	return rc == SQLITE_OK || rc == SQLITE_BUSY ? 0 : store_fail(s, err);
}

void
store_rollback(struct store *s)
{
	/* Some failures have rolled back already: then this one says so. */
	(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

int
store_mark(struct store *s, struct err *err)
{
	return exec(s, "SAVEPOINT part", err);
}

int
store_unmark(struct store *s, bool keep, struct err *err)
{
	return exec(s, keep ? "RELEASE part" : "ROLLBACK TO part; RELEASE part",
	    err);
}

int
store_check(struct store *s, struct err *err)
{
	sqlite3_stmt *st = store_query(s, err, "PRAGMA integrity_check(1)", "");
	struct arena a;
	bool row;
	int rc = -1;

	arena_init(&a, 65536);
	if (st == NULL || store_step(s, st, &row, err) != 0)
		goto out;
	if (!row || !str_is(store_text(st, 0, &a), "ok")) {
		(void)err_set(err, ERR_CORRUPT, "the database is damaged: %.*s",
		    STR_ARG(store_text(st, 0, &a)));
		goto out;
	}
	store_reset(st);
	if ((st = store_query(s, err, "PRAGMA foreign_key_check", "")) ==
		NULL ||
	    store_step(s, st, &row, err) != 0)
		goto out;
	rc = row ? err_set(err, ERR_CORRUPT,
		       "the database is damaged: a reference leads nowhere")
	         : 0;
out:
	if (st != NULL)
		store_reset(st);
	arena_release(&a);
	return rc;
}

static const char *const derived[] = {"tile", "matter", "act_in", "term",
    "file_of", "file_wanted", "comment_of"};

int
store_drop_derived(struct store *s, struct err *err)
{
	char sql[64];

	for (size_t i = 0; i < s->n; i++)
		(void)sqlite3_finalize(s->cached[i].st); /* they hold tables */
	s->n = 0;
	if (exec(s, "DROP INDEX IF EXISTS entry_label", err) != 0)
		return -1;
	for (size_t i = 0; i < COUNT(derived); i++) {
		(void)snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS %s",
		    derived[i]); /* fits */
		if (exec(s, sql, err) != 0)
			return -1;
	}
	return exec(s, sql_file("derived.sql"), err);
}

static void
hash_column(struct hash *h, sqlite3_stmt *st, int col)
{
	uint8_t head[9] = {(uint8_t)sqlite3_column_type(st, col)}; /* 1 to 5 */
	struct span v = {NULL, 0};

	if (sqlite3_column_type(st, col) == SQLITE_INTEGER) {
		num_put64(head + 1, store_u64(st, col));
	} else if (sqlite3_column_type(st, col) != SQLITE_NULL) {
		v.p = sqlite3_column_blob(st, col);
		v.n = (size_t)sqlite3_column_bytes(st, col); /* >= 0 */
		num_put64(head + 1, v.n);
	}
	hash_add(h, (struct span){head, sizeof(head)});
	hash_add(h, v);
}

int
store_derived_digest(struct store *s, struct id *ret, struct err *err)
{
	/* `no` and changed_us tell the order and time of arrival, no state. */
	static const char *const sql[] = {
	    "SELECT * FROM tile ORDER BY party, level, idx",
	    "SELECT id, procedure, conference, party, idx, opened_us, state,"
	    " since_us, final, next_us, waits, acts, audience, subject"
	    " FROM matter ORDER BY id",
	    "SELECT m.id, x.seq, x.party, x.fault, x.k, x.open FROM act_in x"
	    " JOIN matter m ON m.no = x.matter ORDER BY m.id, x.seq",
	    "SELECT m.id, t.n, t.name, t.party, t.kind, t.origin, t.begun_us,"
	    " t.due_us, t.status FROM term t JOIN matter m ON m.no = t.matter"
	    " ORDER BY m.id, t.n",
	    "SELECT sha256, seq FROM file_of ORDER BY sha256, seq",
	    "SELECT about, seq FROM comment_of ORDER BY about, seq",
	};
	struct hash h;
	bool row;

	hash_init(&h);
	for (size_t i = 0; i < COUNT(sql); i++) {
		sqlite3_stmt *st = store_query(s, err, sql[i], "");
		for (;;) {
			if (st == NULL || store_step(s, st, &row, err) != 0)
				return -1;
			if (!row)
				break;
			for (int c = 0; c < sqlite3_column_count(st); c++)
				hash_column(&h, st, c);
		}
	}
	*ret = hash_done(&h);
	return 0;
}
