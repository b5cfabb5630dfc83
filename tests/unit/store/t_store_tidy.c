/* Commits that need not wait, the write-ahead log brought home by another
 * handle, and a store that is thrown away. */
#include "store_test.h"

#include <sys/stat.h>

enum { MANY = 3000 };

static void
add(struct test *t, struct store *s, uint64_t from, size_t n)
{
	for (uint64_t i = from; i < from + n; i++) {
		struct entry e = {.act = id_of((unsigned)i)};

		OK(store_entry_add(s, t->party, i, &e, &t->err));
	}
}

static uint64_t
count_of(struct test *t, struct store *s)
{
	uint64_t n;

	OK(store_entry_count(s, t->party, &n, &t->err));
	return n;
}

static off_t
size_of(struct test *t, const char *end)
{
	char path[80];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s%s", t->path, end);
	return stat(path, &st) == 0 ? st.st_size : 0;
}

/* S2 of both kinds, in turns. */
static void
test_soon(void **state)
{
	struct test *t = *state;
	struct store_options o = {.path = t->path, .read_only = true};
	struct store *r;

	OK(store_open(&o, &r, &t->err));
	for (uint64_t i = 0; i < 6; i++) {
		OK(i % 3 == 1 ? store_begin(t->s, &t->err)
			      : store_begin_soon(t->s, &t->err));
		add(t, t->s, i, 1);
		assert_int_equal(count_of(t, r), i);
		OK(store_commit(t->s, &t->err));
		assert_int_equal(count_of(t, r), i + 1);
	}
	OK(store_begin_soon(t->s, &t->err));
	add(t, t->s, 6, 1);
	store_rollback(t->s);
	assert_int_equal(count_of(t, t->s), 6);
	store_close(r);
}

/* What another handle brings home is in the file, while the writer goes on. */
static void
test_tidy(void **state)
{
	struct test *t = *state;
	struct store_options o = {.path = t->path};
	struct store *tidy, *r;
	off_t before;

	OK(store_open(&o, &tidy, &t->err));
	o.read_only = true;
	OK(store_open(&o, &r, &t->err));
	OK(store_tidy(tidy, &t->err));
	before = size_of(t, "");
	OK(store_begin(t->s, &t->err));
	add(t, t->s, 0, MANY);
	OK(store_tidy(tidy, &t->err)); /* beside a transaction */
	assert_int_equal(count_of(t, r), 0);
	OK(store_commit(t->s, &t->err));
	OK(store_begin(t->s, &t->err));
	OK(store_tidy(tidy, &t->err));
	assert_true(size_of(t, "") > before);
	store_rollback(t->s);
	assert_int_equal(count_of(t, t->s), MANY);
	assert_int_equal(count_of(t, r), MANY);
	store_close(tidy);
	store_close(r);
	OK(store_check(t->s, &t->err));
}

/* The log is begun anew under a writer that never rests. */
static void
test_bounded(void **state)
{
	struct test *t = *state;
	struct store_options o = {.path = t->path};
	struct store *tidy;
	off_t most = 0;

	OK(store_open(&o, &tidy, &t->err));
	for (uint64_t i = 0; i < 40; i++) {
		off_t n;

		OK(store_begin_soon(t->s, &t->err));
		add(t, t->s, i * MANY, MANY);
		OK(store_commit(t->s, &t->err));
		OK(store_tidy(tidy, &t->err));
		n = size_of(t, "-wal");
		most = n > most ? n : most;
	}
	assert_true(most < 16 * 1024 * 1024);
	assert_int_equal(count_of(t, t->s), 40 * MANY);
	store_close(tidy);
}

static void
test_scratch(void **state)
{
	struct test *t = *state;
	struct store_options o = {.path = t->path, .scratch = true};

	store_close(t->s);
	OK(store_open(&o, &t->s, &t->err));
	OK(store_begin(t->s, &t->err));
	add(t, t->s, 0, MANY);
	OK(store_mark(t->s, &t->err));
	add(t, t->s, MANY, MANY);
	OK(store_unmark(t->s, false, &t->err));
	OK(store_commit(t->s, &t->err));
	OK(store_begin_soon(t->s, &t->err));
	add(t, t->s, MANY, MANY);
	store_rollback(t->s);
	assert_int_equal(count_of(t, t->s), MANY);
	assert_int_equal(size_of(t, "-wal"), 0);
	OK(store_check(t->s, &t->err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_soon),
	    CASE(test_tidy),
	    CASE(test_bounded),
	    CASE(test_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
