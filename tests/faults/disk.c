/*
 * The disk is full: a clear error, nothing that was acknowledged is lost,
 * nothing that was refused is logged, reading goes on, and the node works again
 * when there is space.  [N2]
 *
 * Full twice over: a file system without space (a small one in memory, mounted
 * where only this process sees it; skipped where that is not allowed), and the
 * process's own limit of a file's size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"
#include "node/http.h"

static const char *const codes[] = {"JPN", "USA"};
enum { JPN, USA, POSTS_MAX = 4000, PATIENCE = 20 };

struct disk {
	bool mounted;
	void (*squeeze)(struct disk *d);
	void (*release)(struct disk *d);
	const char *says; /* what the error has to say */
	struct world w;
	struct forge jpn, usa;
	size_t n;
	struct id kept[POSTS_MAX];
};

static void
give_way(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* what needs it fails, and says so */
	(void)!write(fd, text, strlen(text));
	(void)close(fd);
}

/* A file system of 8 MiB over ./small, for this process alone. */
static bool
is_mounted(void)
{
	char map[64];
	unsigned uid = getuid();

	if (uid == 0 ? unshare(CLONE_NEWNS) != 0
		     : unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	if (uid != 0) {
		(void)snprintf(map, sizeof(map), "0 %u 1", uid);
		give_way("/proc/self/uid_map", map);
	}
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", "small", "tmpfs", 0, "size=8m") == 0;
}

static void
fill(struct disk *d)
{
	static const char block[4096];
	int fd = open("small/balloon", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)d;
	assert_true(fd >= 0);
	while (write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
		;
	assert_int_equal(errno, ENOSPC);
	(void)close(fd);
}

static void
empty(struct disk *d)
{
	(void)d;
	assert_int_equal(unlink("small/balloon"), 0);
}

static void
limit_to(rlim_t most)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = most < r.rlim_max ? most : r.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

static void
narrow(struct disk *d)
{
	const char *wal =
	    str_fmt(&d->w.arena, "%s/record.db-wal", d->w.at[JPN].folder).p;
	struct stat st;

	/* Where it does not run, there is none: then it cannot be made. */
	limit_to(stat(wal, &st) == 0 ? (rlim_t)st.st_size + 100000 : 16);
}

static void
widen(struct disk *d)
{
	(void)d;
	limit_to(RLIM_INFINITY);
}

static int
post(struct disk *d, struct err *err)
{
	struct str envelope;
	struct node_receipt r;

	(void)forge_act(&d->jpn, "message/send", NULL, "[\"USA\"]", forge_hello,
	    clock_utc_us(), &envelope);
	*err = (struct err){.code = ERR_NONE};
	if (node_post(d->w.at[JPN].node, span_of(envelope), &r, err) != 0)
		return -1;
	assert_true(d->n < POSTS_MAX);
	d->kept[d->n++] = r.id;
	return 0;
}

/* 12 MiB, made while there is room. */
static int
large_file(void)
{
	static const char block[65536];
	int fd = memfd_create("attached", MFD_CLOEXEC);

	assert_true(fd > 0);
	for (int i = 0; i < 192; i++)
		assert_int_equal(write(fd, block, sizeof(block)),
		    sizeof(block));
	return fd;
}

/* Attach it over the folder's socket: refused, in words. */
static void
attach(struct disk *d, int fd)
{
	struct http_request q = {.method = "POST",
	    .url = STR("/files"),
	    .body_fd = fd};
	struct http_client *c;
	struct http_answer ans;
	struct err err;

	q.socket = str_fmt(&d->w.arena, "%s/run/socket", d->w.at[JPN].folder).p;
	assert_int_equal(http_open(NULL, &c, &err), 0);
	if (http_ask(c, &q, &d->w.arena, &ans, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(ans.status, 500);
	if (memmem(ans.body.p, ans.body.n, "disk is full", 12) == NULL)
		fail_msg("%.*s", (int)ans.body.n, (const char *)ans.body.p);
	http_close(c);
	(void)close(fd);
}

static void
check(struct disk *d)
{
	struct node *n = d->w.at[JPN].node;
	struct err err;
	bool held;

	assert_int_equal(n->own->log.size, d->n + 1);
	for (size_t i = 0; i < d->n; i++) {
		assert_int_equal(
		    store_act_is_held(n->writer, &d->kept[i], &held, &err), 0);
		assert_true(held);
	}
	forge_check(&d->w, JPN);
}

static void
run(struct disk *d)
{
	struct err err;
	struct node_taken t;
	struct id m;
	int file;

	world_open(&d->w, codes, 2);
	forge_open(&d->jpn, &d->w, JPN);
	forge_open(&d->usa, &d->w, USA);
	world_start(&d->w, JPN);
	assert_int_equal(node_peer_add(d->w.at[JPN].node,
			     span_of(d->w.at[USA].charter), STR(""), &err),
	    0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(post(d, &err), 0);
	file = large_file();
	d->squeeze(d);
	while (post(d, &err) == 0)
		;
	assert_int_equal(err.code, ERR_IO);
	if (strstr(err.text, d->says) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, d->says);
	print_message("%zu acts, then: %s\n", d->n, err.text);
	attach(d, file);
	m = forge_message(&d->usa, "[\"JPN\"]", NULL);
	/* The database may tidy its log and find a little room in it. */
	for (int i = 0; i < 5; i++) {
		if (post(d, &err) != 0)
			assert_int_equal(err.code, ERR_IO);
		if (forge_give(&d->w, JPN, forge_bundle(&d->usa, 1, 2), &t,
			&err) != ERR_NONE)
			assert_int_equal(err.code, ERR_IO);
	}
	/* What is there can be read. */
	(void)world_ask(&d->w, JPN, "GET", "/matters", "", "", 200);
	(void)world_ask(&d->w, JPN, "GET",
	    str_fmt(&d->w.arena, "/matters/%s", world_hex(&d->w, &d->kept[3]))
		.p,
	    "", "", 200);
	d->release(d);
	assert_int_equal(post(d, &err), 0);
	assert_int_equal(
	    forge_give(&d->w, JPN, forge_bundle(&d->usa, 1, 2), &t, &err),
	    ERR_NONE);
	world_await(&d->w, JPN, &m, "sent");
	for (int i = 0; i < 10; i++)
		assert_int_equal(post(d, &err), 0);
	world_stop(&d->w, JPN);
	world_wake(&d->w, JPN);
	check(d);
	/* And once more from nothing: a full disk while it starts. */
	world_stop(&d->w, JPN);
	d->squeeze(d);
	{
		struct node_options o = {.folder = d->w.at[JPN].folder};

		if (node_open(&o, &d->w.at[JPN].node, &err) != 0)
			assert_int_equal(err.code, ERR_IO);
		else
			world_stop(&d->w, JPN);
		d->w.at[JPN].node = NULL;
	}
	d->release(d);
	world_wake(&d->w, JPN);
	check(d);
	assert_int_equal(post(d, &err), 0);
	check(d);
	forge_close(&d->jpn);
	forge_close(&d->usa);
	world_close(&d->w);
}

static void
test_space(void **state)
{
	struct disk *d = *state;

	if (!d->mounted) {
		print_message("no file system can be mounted here\n");
		skip();
	}
	*d = (struct disk){.mounted = true,
	    .squeeze = fill,
	    .release = empty,
	    .says = "disk is full"};
	assert_int_equal(chdir("small"), 0);
	/* paths of the balloon are from the folder above */
	assert_int_equal(symlink(".", "small"), 0);
	run(d);
	assert_int_equal(unlink("small"), 0);
	assert_int_equal(chdir(".."), 0);
}

static void
test_limit(void **state)
{
	struct disk *d = *state;

	*d = (struct disk){.mounted = d->mounted,
	    .squeeze = narrow,
	    .release = widen,
	    .says = "database"};
	(void)signal(SIGXFSZ, SIG_IGN);
	run(d);
}

int
main(void)
{
	struct CMUnitTest tests[] = {cmocka_unit_test(test_space),
	    cmocka_unit_test(test_limit)};
	struct disk *d = mem_alloc(1, sizeof(*d));
	char folder[] = "disk-XXXXXX";
	int rc;

	if (d == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0 ||
	    mkdir("small", 0700) != 0)
		return 2;
	d->mounted = is_mounted(); /* before there is any thread */
	for (size_t i = 0; i < COUNT(tests); i++)
		tests[i].initial_state = d;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	if (d->mounted)
		(void)umount2("small", MNT_DETACH);
	if (rmdir("small") == 0 && chdir("..") == 0)
		(void)rmdir(folder);
	mem_free(d);
	return rc;
}
