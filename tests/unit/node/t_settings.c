#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/num.h"
#include "node/keydir.h"
#include "node/settings.h"

#include "folder.h"

static int
load(const char *folder, const char *text, struct arena *a,
    struct settings *ret, struct err *err)
{
	struct err bad;
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/comity.ini", folder);
	assert_int_equal(keydir_save(path, str_of(text), true, &bad), 0);
	return settings_load(folder, a, ret, err);
}

static void
usual(void **state)
{
	struct folder *f = *state;
	struct settings s;
	struct arena a;
	struct err err;

	arena_init(&a, 65536);
	assert_int_equal(settings_load(f->path, &a, &s, &err), 0);
	assert_string_equal(s.listen.p, "127.0.0.1:7474");
	assert_string_equal(s.host.p, "127.0.0.1");
	assert_int_equal(s.port, 7474);
	assert_string_equal(s.address.p, "http://127.0.0.1:7474");
	assert_int_equal(s.threads, 2);
	assert_int_equal(s.heads_s, 60);
	assert_int_equal(s.timeout_ms, 30000);
	assert_int_equal(s.batch_acts, 1000);
	assert_int_equal(s.n_logs, 0);
	assert_int_equal(s.certificate.n, 0);
	arena_release(&a);
}

static void
good(void **state)
{
	struct folder *f = *state;
	struct settings s;
	struct arena a;
	struct err err;

	arena_init(&a, 65536);
	assert_int_equal(load(f->path,
			     "; a remark\n[node]\nlisten = [::1]:80\n"
			     "address=https://jpn.example\nthreads = 64\n"
			     "[exchange]\nheads_s = 5\n[tls]\n"
			     "certificate = a.pem\nkey = b.pem",
			     &a, &s, &err),
	    0);
	assert_string_equal(s.host.p, "::1");
	assert_int_equal(s.port, 80);
	assert_string_equal(s.address.p, "https://jpn.example");
	assert_int_equal(s.threads, 64);
	assert_int_equal(s.heads_s, 5);
	assert_string_equal(s.key.p, "b.pem");
	arena_release(&a);
}

static const struct {
	const char *text, *says;
} bad[] = {
    {"[node]\nlisten = here\n", "line 2: 'listen'"},
    {"[node]\nlisten = ::1:80\n", "write an IPv6 address as [host]:port"},
    {"[node]\nlisten = :80\n", "host:port"},
    {"[node]\nlisten = a:65536\n", "port"},
    {"[node]\nlisten = a:\n", "port"},
    {"[node]\naddress = ftp://x\n", "http://"},
    {"[node]\nthreads = 0\n", "line 2: 'threads'"},
    {"[node]\nthreads = 65\n", "line 2: 'threads'"},
    {"[node]\nthreads = two\n", "line 2: 'threads'"},
    {"[node]\nthreads = 2\n\nthreads = 3\n", "line 4: 'threads' stands twice"},
    {"[node]\nlisen = a:1\n", "line 2: there is no setting 'lisen'"},
    {"[exchange]\nlisten = a:1\n", "in a section [exchange]"},
    {"listen = a:1\n", "in a section []"},
    {"[node]\nnonsense\n", "line 2: neither [section] nor name = value"},
    {"[node\n", "line 1: neither"},
    {"[exchange]\nheads_s = 4\n", "'heads_s'"},
    {"[exchange]\nheads_s = 3601\n", "'heads_s'"},
    {"[witness]\nlogs = x\n", "'logs'"},
    {"[tls]\nkey = x\n", "needs both"},
    {"[tls]\nkey = \xff\n", "not UTF-8"},
};

static void
refused(void **state)
{
	struct folder *f = *state;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct settings s;
		struct arena a;
		struct err err = {0};

		arena_init(&a, 65536);
		assert_int_equal(load(f->path, bad[i].text, &a, &s, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("case %zu: '%s'", i, err.text);
		assert_non_null(strstr(err.text, "comity.ini"));
		arena_release(&a);
	}
}

static void
long_line(void **state)
{
	struct folder *f = *state;
	char text[300] = "[tls]\ncertificate = ";
	struct settings s;
	struct arena a;
	struct err err;

	memset(text + strlen(text), 'x', 220);
	arena_init(&a, 65536);
	assert_int_equal(load(f->path, text, &a, &s, &err), -1);
	assert_non_null(strstr(err.text, "line 2: more than"));
	arena_release(&a);
}

static void
written(void **state)
{
	struct folder *f = *state;
	const struct settings_value v[] = {
	    {"node", "listen", STR("127.0.0.1:0")},
	    {"exchange", "heads_s", STR("7")}};
	const struct settings_value wrong = {"node", "threads", STR("none")};
	struct settings s;
	struct arena a;
	struct err err;

	arena_init(&a, 65536);
	assert_int_equal(settings_write_default(f->path, &wrong, 1, &err), -1);
	assert_int_equal(settings_write_default(f->path, v, 2, &err), 0);
	assert_int_equal(settings_load(f->path, &a, &s, &err), 0);
	assert_int_equal(s.port, 0);
	assert_int_equal(s.heads_s, 7);
	assert_int_equal(settings_write_default(f->path, v, 2, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	arena_release(&a);
}

static void
memory(void **state)
{
	struct folder *f = *state;
	struct settings s;
	struct err err;

	for (long at = 1; at < 100; at++) {
		struct arena a;
		int rc;

		arena_init(&a, 65536);
		a.fail_at = at;
		rc = settings_load(f->path, &a, &s, &err);
		arena_release(&a);
		if (rc == 0)
			return;
		assert_int_equal(err.code, ERR_NOMEM);
	}
	fail_msg("never enough memory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(usual, folder_make, folder_end),
	    cmocka_unit_test_setup_teardown(good, folder_make, folder_end),
	    cmocka_unit_test_setup_teardown(refused, folder_make, folder_end),
	    cmocka_unit_test_setup_teardown(long_line, folder_make, folder_end),
	    cmocka_unit_test_setup_teardown(written, folder_make, folder_end),
	    cmocka_unit_test_setup_teardown(memory, folder_make, folder_end),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
