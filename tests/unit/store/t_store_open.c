/* What a database file may be found to be, and two at it at once. */
#include "store_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int
open_as(struct test *t, const char *path, bool create, bool read_only)
{
	struct store_options o = {.path = path,
	    .create = create,
	    .read_only = read_only};
	struct store *s;

	t->err = (struct err){.code = ERR_NONE};
	if (store_open(&o, &s, &t->err) != 0)
		return -1;
	store_close(s);
	return 0;
}

static void
write_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	(void)close(fd);
}

static void
test_absent(void **state)
{
	struct test *t = *state;

	FAILS(open_as(t, "store-none/record.db", false, false), ERR_ABSENT);
	FAILS(open_as(t, "store-none.db", false, true), ERR_ABSENT);
	FAILS(open_as(t, "store-none.db", false, false), ERR_ABSENT);
	assert_non_null(strstr(t->err.text, "store-none.db"));
	assert_int_equal(access("store-none.db", F_OK), -1);
	FAILS(open_as(t, "store-none/record.db", true, false), ERR_ABSENT);
	FAILS(open_as(t, t->folder, false, false), ERR_ABSENT); /* a folder */
}

/* No database; and one of somebody else's. */
static void
test_others(void **state)
{
	static const char letter[] = "A letter, which is no database at all, "
				     "and is longer than a header of one.";
	struct test *t = *state;
	sqlite3 *db;

	store_close(t->s);
	t->s = NULL;
	write_file(t->path, letter, sizeof(letter));
	FAILS(open_as(t, t->path, false, false), ERR_CORRUPT);
	FAILS(open_as(t, t->path, false, true), ERR_CORRUPT);
	FAILS(open_as(t, t->path, true, false), ERR_CORRUPT);
	(void)unlink(t->path);
	assert_int_equal(sqlite3_open(t->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
			     "CREATE TABLE t(a); PRAGMA user_version=1", NULL,
			     NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
	FAILS(open_as(t, t->path, false, false), ERR_CORRUPT);
	assert_non_null(strstr(t->err.text, "not one of this program"));
}

static void
set_version(struct test *t, int version)
{
	char sql[60];
	sqlite3 *db;

	store_close(t->s);
	t->s = NULL;
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version=%d", version);
	assert_int_equal(sqlite3_open(t->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

static void
test_versions(void **state)
{
	struct test *t = *state;

	set_version(t, 9999);
	FAILS(open_as(t, t->path, false, false), ERR_CONFLICT);
	assert_non_null(strstr(t->err.text, "newer program"));
	FAILS(open_as(t, t->path, false, true), ERR_CONFLICT);
	/* An empty file is a database of version 0: made by whoever may write.
	 */
	(void)unlink(t->path);
	write_file(t->path, "", 0);
	FAILS(open_as(t, t->path, false, true), ERR_CONFLICT);
	assert_non_null(strstr(t->err.text, "older schema"));
	OK(open_as(t, t->path, false, false));
	OK(open_as(t, t->path, false, true));
}

/* A folder of schema 2: its rows get what schema 3 derives. */
static void
test_older(void **state)
{
	static const char older[] =
	    "DROP INDEX matter_procedure; DROP INDEX matter_state;"
	    "DROP INDEX matter_party; DROP INDEX matter_live;"
	    "DROP INDEX matter_public; DROP INDEX matter_public_of;"
	    "DROP INDEX act_in_open; ALTER TABLE act_in DROP COLUMN open;"
	    "DELETE FROM setting WHERE name = 'generation';"
	    "UPDATE act SET payload = CAST('{\"to\":\"public\"}' AS BLOB)"
	    " WHERE seq = 1;"
	    "UPDATE act SET payload = CAST('{\"to\":\"all\"}' AS BLOB)"
	    " WHERE seq = 2;"
	    "INSERT INTO act_in VALUES(1, 1, 1, 0, 0, 0), (1, 2, 1, 0, 1, 0);"
	    "DROP TABLE file; DROP TABLE held_comment; DROP TABLE held_from;"
	    "DROP TABLE file_of; DROP TABLE file_wanted;"
	    "DROP TABLE comment_of; PRAGMA user_version=2";
	struct test *t = *state;
	struct store_options o = {.path = t->path};
	struct store_matter_act *x;
	struct str generation;
	sqlite3 *db;
	size_t n;

	(void)act_at(t, t->party, 1, 1, 0);
	(void)act_at(t, t->party, 2, 2, 0);
	store_close(t->s);
	t->s = NULL;
	assert_int_equal(sqlite3_open(t->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, older, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	OK(store_open(&o, &t->s, &t->err));
	OK(store_matter_acts(t->s, 1, &t->a, &x, &n, &t->err));
	assert_int_equal(n, 2);
	assert_true(x[0].open);
	assert_false(x[1].open);
	OK(store_setting(t->s, "generation", &t->a, &generation, &t->err));
	assert_int_equal(generation.n, 32);
}

static void
run_sql(struct test *t, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	store_close(t->s);
	t->s = NULL;
	assert_int_equal(sqlite3_open(t->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	(void)sqlite3_close(db);
}

/* One of schema 3, with what it holds. */
static void
test_forward(void **state)
{
	static const char back[] =
	    "DROP TABLE file; DROP TABLE held_comment; DROP TABLE held_from;"
	    "DROP TABLE file_of; DROP TABLE file_wanted;"
	    "DROP TABLE comment_of;"
	    "DELETE FROM setting WHERE name = 'unnamed';"
	    "PRAGMA user_version=3";
	struct test *t = *state;
	struct store_file f = {.sha256 = id_of(4), .size = 1, .giver = 1};
	struct str s;
	struct id id = id_of(4);
	bool held;

	run_sql(t, back);
	FAILS(open_as(t, t->path, false, true), ERR_CONFLICT);
	store_again(t);
	OK(store_setting(t->s, "unnamed", &t->a, &s, &t->err));
	assert_null(s.p); /* there was no act yet */
	(void)act_at(t, t->party, 0, 4, 0);
	run_sql(t, back);
	store_again(t);
	OK(store_setting(t->s, "unnamed", &t->a, &s, &t->err));
	assert_true(str_is(s, "1"));
	OK(store_act_is_held(t->s, &id, &held, &t->err));
	assert_true(held);
	OK(store_file_name(t->s, &id, 1, true, &t->err));
	OK(store_file_add(t->s, &f, &t->err));
	OK(store_begin(t->s, &t->err));
	OK(store_drop_derived(t->s, &t->err));
	OK(store_commit(t->s, &t->err));
	OK(store_file_name(t->s, &id, 1, true, &t->err));
	OK(open_as(t, t->path, false, true));
}

static void
fill(struct test *t)
{
	OK(store_begin(t->s, &t->err));
	for (unsigned i = 0; i < 2000; i++) {
		struct entry e = {.act = id_of(i)};

		OK(store_entry_add(t->s, t->party, i, &e, &t->err));
		if (i % 10 == 0)
			(void)act_at(t, t->party, i, i, i == 0);
	}
	OK(store_commit(t->s, &t->err));
}

static uint8_t *
load(struct test *t, size_t *ret_n)
{
	struct stat st;
	uint8_t *p;
	int fd;

	store_close(t->s); /* the log file is gone with the last handle */
	t->s = NULL;
	fd = open(t->path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	*ret_n = (size_t)st.st_size; /* >= 0 */
	p = arena_alloc(&t->a, *ret_n, 1);
	assert_non_null(p);
	assert_int_equal(read(fd, p, *ret_n), *ret_n);
	(void)close(fd);
	return p;
}

/* Read all of it: 0, or a failure with its code. */
static enum err_code
read_all(struct test *t)
{
	struct store_options o = {.path = t->path};
	struct store_party *party;
	struct store_act *act;
	struct entry *entry;
	struct store *s;
	struct arena a;
	struct id d;
	size_t n;
	bool bad;

	t->err = (struct err){.code = ERR_NONE};
	if (store_open(&o, &s, &t->err) != 0)
		return t->err.code;
	arena_init(&a, 1 << 24);
	bad = store_check(s, &t->err) != 0;
	(void)(store_party_list(s, &a, &party, &n, &t->err) != 0 ||
	       store_entry_list(s, 1, 0, 5000, &a, &entry, &n, &t->err) != 0 ||
	       store_act_walk(s, 0, 5000, &a, &act, &n, &t->err) != 0 ||
	       store_derived_digest(s, &d, &t->err) != 0);
	arena_release(&a);
	store_close(s);
	return bad ? t->err.code : ERR_NONE;
}

/* Bytes turned in every page: never a crash; and where SQLite sees it, told. */
static void
test_flipped(void **state)
{
	struct test *t = *state;
	size_t n, told = 0, all = 0;
	uint8_t *p, *copy;

	fill(t);
	p = load(t, &n);
	copy = arena_alloc(&t->a, n, 1);
	assert_non_null(copy);
	for (size_t at = 0; at < n; at += 1021) {
		enum err_code code;

		memcpy(copy, p, n);
		for (size_t i = at; i < at + 16 && i < n; i++)
			copy[i] ^= 0xa5;
		write_file(t->path, copy, n);
		code = read_all(t);
		if (code != ERR_NONE && code != ERR_CORRUPT &&
		    code != ERR_CONFLICT && code != ERR_IO &&
		    code != ERR_NOMEM && code != ERR_ABSENT)
			fail_msg("byte %zu: %s", at, t->err.text);
		told += code != ERR_NONE;
		all++;
	}
	print_message("%zu of %zu told\n", told, all);
	write_file(t->path, p, n);
	assert_int_equal(read_all(t), ERR_NONE);
}

static void
test_cut(void **state)
{
	struct test *t = *state;
	size_t n;
	uint8_t *p;

	fill(t);
	p = load(t, &n);
	for (size_t i = 1; i < 10; i++) {
		write_file(t->path, p, n * i / 10);
		assert_int_equal(read_all(t), ERR_CORRUPT);
	}
	write_file(t->path, p, 100);
	assert_int_equal(read_all(t), ERR_CORRUPT);
}

/* A reader sees what is committed, whole, and nothing else. (S1, S2) */
static void
test_two(void **state)
{
	struct test *t = *state;
	struct store_options o = {.path = t->path, .read_only = true};
	struct store *r;
	uint64_t n;
	struct entry e = {.act = id_of(1)};

	OK(store_open(&o, &r, &t->err));
	OK(store_begin(t->s, &t->err));
	OK(store_entry_add(t->s, t->party, 0, &e, &t->err));
	OK(store_entry_count(r, t->party, &n, &t->err));
	assert_int_equal(n, 0);
	OK(store_commit(t->s, &t->err));
	OK(store_entry_count(r, t->party, &n, &t->err));
	assert_int_equal(n, 1);
	/* And writes nothing. */
	FAILS(store_entry_add(r, t->party, 1, &e, &t->err), ERR_IO);
	FAILS(store_set_setting(r, "a", STR("b"), &t->err), ERR_IO);
	store_close(r);
}

/* Another process is killed in the middle of writing. */
static void
test_killed(void **state)
{
	struct test *t = *state;
	struct store_options o = {.path = t->path};
	int ready[2], status;
	uint64_t n;
	pid_t pid;
	char c;

	fill(t);
	store_close(t->s);
	t->s = NULL;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct store *s;
		struct err err;

		if (store_open(&o, &s, &err) != 0 || store_begin(s, &err) != 0)
			_exit(1);
		for (unsigned i = 2000; i < 4000; i++) {
			struct entry e = {.act = id_of(i)};

			if (store_entry_add(s, 1, i, &e, &err) != 0)
				_exit(1);
		}
		(void)!write(ready[1], "x", 1);
		for (;;)
			(void)pause();
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	(void)close(ready[0]);
	/* While it holds the pen, others read on. */
	OK(open_as(t, t->path, false, true));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	OK(store_open(&o, &t->s, &t->err));
	OK(store_entry_count(t->s, t->party, &n, &t->err));
	assert_int_equal(n, 2000);
	OK(store_check(t->s, &t->err));
	OK(store_begin(t->s, &t->err)); /* the pen is free */
	store_rollback(t->s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_absent),
	    CASE(test_others),
	    CASE(test_versions),
	    CASE(test_older),
	    CASE(test_forward),
	    CASE(test_flipped),
	    CASE(test_cut),
	    CASE(test_two),
	    CASE(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
