/* Attachments: whole or not there, for whom they are, to the peers that are to
 * have them; in little memory, and whatever ends in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/file.h"
#include "node/http.h"
#include "record/hash.h"
#include "world.h"

enum { JPN, CHN, KOR, WAIT_US = 30 * 1000000, MEMORY_KIB = 24 * 1024 };
static const char *const three[] = {"JPN", "CHN", "KOR"};

struct test {
	struct world w;
	struct http_client *http;
	struct arena a;
	struct err err;
};

#define OK(call)                                                               \
	do {                                                                   \
		if ((call) != 0)                                               \
			fail_msg("line %d: %s", __LINE__, t->err.text);        \
	} while (0)

static int
setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	if (t == NULL || http_start(&t->err) != 0 ||
	    http_open(NULL, &t->http, &t->err) != 0)
		return -1;
	arena_init(&t->a, 1 << 28);
	world_open(&t->w, three, 3);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct test *t = *state;

	http_close(t->http);
	world_close(&t->w);
	arena_release(&t->a);
	free(t);
	return 0;
}

/* A file on the disk of so many bytes, without a name, all its own. */
static int
file_of(size_t size, unsigned seed)
{
	static uint8_t block[65536];
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd > 0);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (uint8_t)(i * 7 + seed + i / 251); /* low bits */
	for (size_t n; size > 0; size -= n) {
		n = size < sizeof(block) ? size : sizeof(block);
		assert_int_equal(write(fd, block, n), n);
		block[0]++;
	}
	return fd;
}

static struct str
url(struct test *t, size_t i, const char *path)
{
	return str_fmt(&t->a, "%s%s", t->w.at[i].address, path);
}

/* Attach as the operator, over the folder's socket. */
static const struct js *
attach(struct test *t, size_t i, int fd, const char *name, int want)
{
	struct http_request q = {.method = "POST",
	    .type = STR("application/pdf"),
	    .body_fd = fd};
	struct http_answer ans;
	const struct js *j;

	q.url = str_fmt(&t->a, "/files?name=%s", name);
	q.socket = str_fmt(&t->a, "%s/run/socket", t->w.at[i].folder).p;
	OK(http_ask(t->http, &q, &t->a, &ans, &t->err));
	if (ans.status != want)
		fail_msg("%d: %.*s", ans.status, (int)ans.body.n,
		    (const char *)ans.body.p);
	OK(js_parse(ans.body, &t->a, &j, &t->err));
	return j;
}

static struct id
send_file(struct test *t, size_t i, const char *to, const struct js *file)
{
	struct js_make m = {.a = &t->a};
	struct str text;

	OK(js_text(&m, file, JS_COMPACT, &text, &t->err));
	return world_post(&t->w, i, "message/send", NULL, to,
	    str_fmt(&t->a,
		"{\"precedence\":\"routine\",\"subject\":\"A file\","
		"\"message\":[{\"lang\":\"en\",\"text\":\"See it.\"}],"
		"\"files\":[%.*s]}",
		STR_ARG(text))
		.p,
	    NULL);
}

static bool
is_kept(struct test *t, size_t i, const struct id *sha256, int *ret_fd)
{
	struct store *s = node_reader(t->w.at[i].node, &t->err);
	uint64_t size;
	int rc;

	assert_non_null(s);
	rc = file_open(t->w.at[i].node, s, sha256, ret_fd, &size, &t->err);
	node_reader_done(t->w.at[i].node, s);
	if (rc != 0)
		assert_int_equal(t->err.code, ERR_ABSENT);
	return rc == 0;
}

static void
await(struct test *t, size_t i, const struct id *sha256)
{
	int64_t until = clock_mono_us() + WAIT_US;
	int fd;

	while (!is_kept(t, i, sha256, &fd)) {
		if (clock_mono_us() > until)
			fail_msg("%s did not get the file", three[i]);
		clock_sleep_us(20000);
	}
	(void)close(fd);
}

static struct id
hash_in(const struct js *file)
{
	struct id id;

	assert_true(
	    hex_is_parsed(js_str(js_get(file, "sha256")), id.b, sizeof(id.b)));
	return id;
}

/* What a stranger is answered. */
static int
status_of(struct test *t, size_t i, const char *path)
{
	struct http_request q = {.method = "GET", .url = url(t, i, path)};
	struct http_answer ans;

	OK(http_ask(t->http, &q, &t->a, &ans, &t->err));
	return ans.status;
}

static size_t
count_names(struct test *t, size_t i)
{
	const char *root = str_fmt(&t->a, "%s/files", t->w.at[i].folder).p;
	DIR *d = opendir(root), *in;
	size_t n = 0;

	for (struct dirent *e, *f; d != NULL && (e = readdir(d)) != NULL;) {
		in = e->d_name[0] == '.'
		         ? NULL
		         : opendir(str_fmt(&t->a, "%s/%s", root, e->d_name).p);
		while (in != NULL && (f = readdir(in)) != NULL)
			n += f->d_name[0] != '.';
		if (in != NULL)
			(void)closedir(in);
	}
	if (d != NULL)
		(void)closedir(d);
	return n;
}

/* From one node to the other, and to nobody else. */
static void
test_travel(void **state)
{
	struct test *t = *state;
	struct world *w = &t->w;
	const struct js *file, *open;
	struct id sha256, act, shown;
	const char *hex;
	int fd;

	for (size_t i = 0; i < 3; i++)
		world_start(w, i);
	world_introduce_all(w);
	file = attach(t, JPN, file_of(300000, 1), "map%20one.pdf", 201);
	sha256 = hash_in(file);
	hex = world_hex(w, &sha256);
	assert_true(js_is_str(js_get(file, "name"), "map one.pdf"));
	assert_true(js_is_str(js_get(file, "type"), "application/pdf"));
	assert_int_equal(js_int(js_get(file, "size")), 300000);
	act = send_file(t, JPN, "[\"CHN\"]", file);
	await(t, CHN, &sha256);
	assert_false(is_kept(t, KOR, &sha256, &fd));
	/* A stranger, a party that is not to have it, one without the act. */
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
		    status_of(t, i, str_fmt(&t->a, "/files/%s", hex).p), 404);
		assert_int_equal(status_of(t, i,
				     str_fmt(&t->a, "/files/%s?for=KOR&act=%s",
					 hex, world_hex(w, &act))
					 .p),
		    404);
	}
	assert_int_equal(
	    status_of(t, JPN, str_fmt(&t->a, "/files/%s?for=CHN", hex).p), 400);
	assert_int_equal(status_of(t, JPN,
			     str_fmt(&t->a, "/files/%s?for=CHN&act=%s", hex,
				 world_hex(w, &act))
				 .p),
	    200);
	/* What a public act names is anybody's, here and at the peer. */
	open = attach(t, JPN, file_of(1000, 2), "open.pdf", 201);
	shown = hash_in(open);
	assert_int_equal(
	    status_of(t, JPN,
		str_fmt(&t->a, "/files/%s", world_hex(w, &shown)).p),
	    404);
	(void)send_file(t, JPN, "\"public\"", open);
	await(t, CHN, &shown);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    status_of(t, i,
			str_fmt(&t->a, "/files/%s", world_hex(w, &shown)).p),
		    200);
}

/* F2: who knows a hash does not get the file by naming it. */
static void
test_named_by_others(void **state)
{
	struct test *t = *state;
	struct world *w = &t->w;
	const struct js *file;
	struct id sha256, act;
	int fd;

	for (size_t i = 0; i < 3; i++)
		world_start(w, i);
	world_introduce_all(w);
	file = attach(t, JPN, file_of(5000, 3), "secret", 201);
	sha256 = hash_in(file);
	(void)send_file(t, JPN, "[\"CHN\"]", file);
	await(t, CHN, &sha256);
	/* KOR heard of the hash. */
	act = send_file(t, KOR, "[\"JPN\",\"CHN\"]", file);
	world_await(w, JPN, &act, "sent");
	world_await(w, CHN, &act, "sent");
	clock_sleep_us(600000); /* two looks of its fetcher */
	assert_false(is_kept(t, KOR, &sha256, &fd));
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    status_of(t, i,
			str_fmt(&t->a, "/files/%s?for=KOR&act=%s",
			    world_hex(w, &sha256), world_hex(w, &act))
			    .p),
		    404);
	/* CHN names it to KOR: it had it from JPN's act, and now means it. */
	(void)send_file(t, CHN, "[\"KOR\"]", file);
	await(t, KOR, &sha256);
}

/* The author lost it: another that has the same act gives it. */
static void
test_from_others(void **state)
{
	struct test *t = *state;
	struct world *w = &t->w;
	const struct js *file;
	struct id sha256;
	const char *hex;

	for (size_t i = 0; i < 3; i++)
		world_start(w, i);
	world_introduce_all(w);
	world_stop(w, KOR);
	file = attach(t, JPN, file_of(70000, 4), "x", 201);
	sha256 = hash_in(file);
	hex = world_hex(w, &sha256);
	(void)send_file(t, JPN, "[\"CHN\",\"KOR\"]", file);
	await(t, CHN, &sha256);
	assert_int_equal(unlink(str_fmt(&t->a, "%s/files/%.2s/%s",
			     w->at[JPN].folder, hex, hex + 2)
				    .p),
	    0);
	world_start(w, KOR);
	await(t, KOR, &sha256);
}

static long
memory_kib(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];
	long n = -1;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "RssAnon: %ld", &n) == 1)
			break;
	if (f != NULL)
		(void)fclose(f);
	return n;
}

/* The largest there may be, streamed from end to end; and one byte more. */
static void
test_large(void **state)
{
	struct test *t = *state;
	struct world *w = &t->w;
	const struct js *file;
	struct id sha256;
	int64_t begun_us;
	long before, after;

	for (size_t i = 0; i < 3; i++)
		world_start(w, i);
	world_introduce_all(w);
	(void)attach(t, JPN, file_of(100, 5), "small", 201);
	before = memory_kib();
	begun_us = clock_mono_us();
	file = attach(t, JPN, file_of(FILE_MAX, 6), "large", 201);
	print_message("64 MiB taken in %lld ms\n",
	    (long long)(clock_mono_us() - begun_us) / 1000);
	sha256 = hash_in(file);
	assert_int_equal(js_int(js_get(file, "size")), FILE_MAX);
	begun_us = clock_mono_us();
	(void)send_file(t, JPN, "[\"CHN\"]", file);
	await(t, CHN, &sha256);
	after = memory_kib();
	print_message("and at the peer in %lld ms, with %ld KiB more memory\n",
	    (long long)(clock_mono_us() - begun_us) / 1000, after - before);
	assert_true(after - before < MEMORY_KIB);
	(void)attach(t, JPN, file_of(FILE_MAX + 1, 7), "too-large", 413);
	(void)attach(t, JPN, file_of(0, 7), "empty", 400);
}

/* Keep file after file until killed; a byte into `ready` after the first. */
static void
keep_for_ever(struct test *t, unsigned k, int ready)
{
	struct node_options o = {.folder = t->w.at[JPN].folder};
	struct store_file f;
	struct node *node;

	if (node_open(&o, &node, &t->err) != 0)
		_exit(1);
	for (unsigned i = 0;; i++) {
		int fd = file_of(200000, 100 * k + i);

		if (file_keep(node, fd, node->own->no, NULL, &f, &t->err) != 0)
			_exit(1);
		(void)close(fd);
		if (i == 0 && write(ready, "", 1) != 1)
			_exit(1);
	}
}

static void
check_all(struct test *t, size_t i)
{
	struct store *s = node_reader(t->w.at[i].node, &t->err);

	assert_non_null(s);
	OK(file_check(t->w.at[i].node, s, &t->err));
	node_reader_done(t->w.at[i].node, s);
}

/* Killed at any moment, a name in files/ has all its bytes. */
static void
test_killed(void **state)
{
	struct test *t = *state;
	struct world *w = &t->w;
	char path[300], byte;
	size_t n = 0;

	for (unsigned k = 0; k < 12; k++) {
		int ready[2];
		pid_t pid;

		assert_int_equal(pipe(ready), 0);
		if ((pid = fork()) == 0)
			keep_for_ever(t, k, ready[1]);
		assert_true(pid > 0);
		(void)close(ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		(void)close(ready[0]);
		clock_sleep_us(3000 + 1700 * (int64_t)k);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		world_wake(w, JPN);
		check_all(t, JPN);
		world_stop(w, JPN);
	}
	n = count_names(t, JPN);
	print_message("%zu files kept over 12 kills\n", n);
	assert_true(n > 12);
	/* A name that the record does not know goes, once it is old. */
	(void)snprintf(path, sizeof(path), "%s/files/ab", w->at[JPN].folder);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof(path),
	    "%s/files/ab/"
	    "00000000000000000000000000000000000000000000000000000000000000",
	    w->at[JPN].folder);
	(void)close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	world_wake(w, JPN);
	OK(file_sweep(w->at[JPN].node, clock_utc_us(), &t->err));
	assert_int_equal(access(path, F_OK), 0);
	OK(file_sweep(w->at[JPN].node,
	    clock_utc_us() + 2 * 3600 * INT64_C(1000000), &t->err));
	assert_int_equal(access(path, F_OK), -1);
}

/* F3: unnamed files go after a day, named ones stay; and there is a limit. */
static void
test_loose(void **state)
{
	struct test *t = *state;
	struct world *w = &t->w;
	int64_t later_us =
	    clock_utc_us() + (FILE_LOOSE_S + 60) * INT64_C(1000000);
	const struct js *file, *other;
	struct id named, loose;
	int fd;

	world_start(w, JPN);
	file = attach(t, JPN, file_of(3000, 8), "named", 201);
	other = attach(t, JPN, file_of(3000, 9), "loose", 201);
	named = hash_in(file);
	loose = hash_in(other);
	(void)send_file(t, JPN, "[\"JPN\"]", file);
	OK(file_sweep(w->at[JPN].node, clock_utc_us(), &t->err));
	assert_true(is_kept(t, JPN, &loose, &fd));
	(void)close(fd);
	OK(file_sweep(w->at[JPN].node, later_us, &t->err));
	assert_false(is_kept(t, JPN, &loose, &fd));
	assert_true(is_kept(t, JPN, &named, &fd));
	(void)close(fd);
	assert_int_equal(count_names(t, JPN), 1);
	/* The same again: as if it had never been. */
	(void)attach(t, JPN, file_of(3000, 9), "loose", 201);
	assert_true(is_kept(t, JPN, &loose, &fd));
	(void)close(fd);
}

/* Damage on the disk is seen: a cut by whoever opens, another byte by check. */
static void
test_damage(void **state)
{
	struct test *t = *state;
	struct world *w = &t->w;
	struct store *s;
	struct id sha256;
	const char *hex;
	char path[300];
	uint64_t size;
	int fd;

	world_start(w, JPN);
	sha256 = hash_in(attach(t, JPN, file_of(3000, 10), "x", 201));
	hex = world_hex(w, &sha256);
	(void)snprintf(path, sizeof(path), "%s/files/%.2s/%s",
	    w->at[JPN].folder, hex, hex + 2);
	assert_non_null(s = node_reader(w->at[JPN].node, &t->err));
	OK(file_check(w->at[JPN].node, s, &t->err));
	assert_true((fd = open(path, O_WRONLY | O_CLOEXEC)) >= 0);
	assert_int_equal(pwrite(fd, "?", 1, 100), 1);
	assert_int_equal(file_check(w->at[JPN].node, s, &t->err), -1);
	assert_int_equal(t->err.code, ERR_CORRUPT);
	assert_int_equal(ftruncate(fd, 2999), 0);
	(void)close(fd);
	assert_int_equal(
	    file_open(w->at[JPN].node, s, &sha256, &fd, &size, &t->err), -1);
	assert_int_equal(t->err.code, ERR_CORRUPT);
	node_reader_done(w->at[JPN].node, s);
	assert_int_equal(node_check(w->at[JPN].node, &t->err), -1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_travel),
	    CASE(test_named_by_others),
	    CASE(test_from_others),
	    CASE(test_large),
	    CASE(test_killed),
	    CASE(test_loose),
	    CASE(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
