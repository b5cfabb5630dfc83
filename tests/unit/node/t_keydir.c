#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

#include "node/keydir.h"

#include "folder.h"

struct place {
	char path[400];
};

static struct place
in(void **state, const char *name)
{
	struct folder *f = *state;
	struct place p;

	(void)snprintf(p.path, sizeof(p.path), "%s/%s", f->path, name);
	return p;
}

static void
plain(void **state)
{
	struct place p = in(state, "log.key");
	struct secret *s, *back;
	struct stat st;
	struct err err;
	struct span none = {NULL, 0};
	bool locked;

	assert_int_equal(key_start(&err), 0);
	s = key_secret_random();
	assert_int_equal(keydir_write(p.path, "log", STR("JPN"), s, none, &err),
	    0);
	assert_int_equal(stat(p.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(keydir_is_locked(p.path, &locked, &err), 0);
	assert_false(locked);
	assert_int_equal(keydir_read(p.path, "log", none, &back, &err), 0);
	assert_memory_equal(key_secret_bytes(s), key_secret_bytes(back), 32);
	key_secret_free(back);
	/* never overwritten */
	assert_int_equal(keydir_write(p.path, "log", STR("JPN"), s, none, &err),
	    -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	/* another use */
	assert_int_equal(keydir_read(p.path, "witness", none, &back, &err), -1);
	assert_non_null(strstr(err.text, p.path));
	/* others may read it */
	for (mode_t m = 1; m <= 040; m <<= 1) {
		assert_int_equal(chmod(p.path, 0600 | m), 0);
		assert_int_equal(keydir_read(p.path, "log", none, &back, &err),
		    -1);
		assert_int_equal(err.code, ERR_DENIED);
		assert_non_null(strstr(err.text, "chmod 600"));
	}
	key_secret_free(s);
}

static void
locked(void **state)
{
	struct place p = in(state, "root.key");
	struct secret *s, *back;
	struct err err;
	struct span none = {NULL, 0}, pass = span_of(STR("open sesame"));
	bool is;

	assert_int_equal(key_start(&err), 0);
	s = key_secret_random();
	assert_int_equal(
	    keydir_write(p.path, "root", STR("JPN"), s, pass, &err), 0);
	assert_int_equal(chmod(p.path, 0644), 0); /* it keeps itself */
	assert_int_equal(keydir_is_locked(p.path, &is, &err), 0);
	assert_true(is);
	assert_int_equal(keydir_read(p.path, "root", none, &back, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	assert_int_equal(keydir_read(p.path, "root", pass, &back, &err), 0);
	assert_memory_equal(key_secret_bytes(s), key_secret_bytes(back), 32);
	key_secret_free(back);
	key_secret_free(s);
}

static void
files(void **state)
{
	struct place p = in(state, "text"), no = in(state, "no/text");
	struct folder *f = *state;
	struct arena a;
	struct str text;
	struct err err;

	arena_init(&a, 65536);
	assert_int_equal(keydir_save(p.path, STR("one"), false, &err), 0);
	assert_int_equal(keydir_save(p.path, STR("two"), false, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(keydir_load(p.path, 3, &a, &text, &err), 0);
	assert_true(str_is(text, "one"));
	assert_int_equal(keydir_save(p.path, STR("three"), true, &err), 0);
	assert_int_equal(keydir_load(p.path, 5, &a, &text, &err), 0);
	assert_true(str_is(text, "three"));
	assert_int_equal(keydir_load(p.path, 4, &a, &text, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(keydir_load(no.path, 4, &a, &text, &err), -1);
	assert_int_equal(err.code, ERR_ABSENT);
	assert_int_equal(keydir_save(no.path, STR(""), true, &err), -1);
	assert_int_equal(err.code, ERR_ABSENT);
	assert_int_equal(keydir_load(f->path, 4, &a, &text, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(plain, folder_make, folder_end),
	    cmocka_unit_test_setup_teardown(locked, folder_make, folder_end),
	    cmocka_unit_test_setup_teardown(files, folder_make, folder_end),
	};

	return cmocka_run_group_tests_name("keydir", tests, NULL, NULL);
}
