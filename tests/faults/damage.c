/*
 * A damaged folder: a clear sentence, or an answer that is still right; never a
 * crash, and never a lost or changed act that is shown as sound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"
#include "node/keydir.h"

static const char *const codes[] = {"JPN", "USA"};
enum { JPN, USA, ACTS = 300 };

struct damage {
	struct world w;
	struct forge jpn, usa;
	struct id matter;
	char path[300];
	uint8_t *file; /* as it was */
	size_t n;
};

static void
read_file(struct damage *d)
{
	int fd = open(d->path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	d->n = (size_t)st.st_size; /* >= 0 */
	d->file = arena_alloc(&d->w.arena, d->n, 1);
	assert_non_null(d->file);
	assert_int_equal(read(fd, d->file, d->n), d->n);
	(void)close(fd);
}

static void
write_file(struct damage *d, const uint8_t *p, size_t n)
{
	char other[320];
	int fd;

	(void)snprintf(other, sizeof(other), "%s-wal", d->path);
	(void)unlink(other);
	(void)snprintf(other, sizeof(other), "%s-shm", d->path);
	(void)unlink(other);
	fd = open(d->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	(void)close(fd);
}

static int
set_up(void **state)
{
	struct damage *d = mem_alloc(1, sizeof(*d));
	struct err err;
	struct node_receipt r;
	struct node_taken t;
	struct str envelope;

	assert_non_null(d);
	world_open(&d->w, codes, 2);
	forge_open(&d->jpn, &d->w, JPN);
	forge_open(&d->usa, &d->w, USA);
	world_wake(&d->w, JPN);
	assert_int_equal(node_peer_add(d->w.at[JPN].node,
			     span_of(d->w.at[USA].charter), STR(""), &err),
	    0);
	for (size_t i = 0; i < ACTS; i++) {
		d->matter = forge_act(&d->jpn, "message/send", NULL,
		    "[\"USA\"]", forge_hello, clock_utc_us(), &envelope);
		assert_int_equal(
		    node_post(d->w.at[JPN].node, span_of(envelope), &r, &err),
		    0);
		(void)forge_message(&d->usa, "[\"JPN\"]", NULL);
	}
	assert_int_equal(forge_give(&d->w, JPN,
			     forge_bundle(&d->usa, 1, d->usa.n), &t, &err),
	    ERR_NONE);
	world_stop(&d->w, JPN);
	(void)snprintf(d->path, sizeof(d->path), "%s/record.db",
	    d->w.at[JPN].folder);
	read_file(d);
	*state = d;
	return 0;
}

static int
tear_down(void **state)
{
	struct damage *d = *state;

	forge_close(&d->jpn);
	forge_close(&d->usa);
	world_close(&d->w);
	mem_free(d);
	return 0;
}

static int
wake(struct damage *d, struct err *err)
{
	struct node_options o = {.folder = d->w.at[JPN].folder};

	*err = (struct err){.code = ERR_NONE};
	return node_open(&o, &d->w.at[JPN].node, err);
}

/* Ask everything; answers may be failures, with their sentence. */
static int
look(struct damage *d, const char *method, const char *path, struct arena *a)
{
	struct web_request r = {.reader = WEB_OPERATOR,
	    .method = str_of(method),
	    .path = str_of(path)};
	struct web_answer ans;

	web_ask(d->w.at[JPN].node, &r, a, &ans);
	assert_true(ans.status == 200 || ans.body.n > 20);
	return ans.status;
}

/* true: somebody was told of the damage. */
static bool
shows(struct damage *d)
{
	static const char *const path[] = {"/board", "/matters", "/status",
	    "/officers", "/logs", "/logs/JPN/checkpoint",
	    "/logs/USA/tile/0/000", "/logs/JPN/tile/entries/000", "/bundle"};
	struct arena a;
	struct err err;
	bool told = false;
	char matter[100];

	if (wake(d, &err) != 0) {
		d->w.at[JPN].node = NULL;
		assert_true(err.text[0] != '\0');
		return true;
	}
	arena_init(&a, (size_t)1 << 28);
	for (size_t i = 0; i < COUNT(path); i++)
		told = look(d, "GET", path[i], &a) >= 500 || told;
	(void)snprintf(matter, sizeof(matter), "/matters/%s",
	    world_hex(&d->w, &d->matter));
	told = look(d, "GET", matter, &a) >= 500 || told;
	told = look(d, "POST", "/check", &a) >= 500 || told;
	told = look(d, "POST", "/rebuild", &a) >= 500 || told;
	arena_release(&a);
	world_stop(&d->w, JPN);
	return told;
}

/* Each page in turn is overwritten in part. */
static void
test_pages(void **state)
{
	struct damage *d = *state;
	uint8_t *p = arena_alloc(&d->w.arena, d->n, 1);
	size_t told = 0, all = 0;

	assert_non_null(p);
	for (size_t at = 0; at < d->n; at += 4096 * (1 + d->n / 4096 / 60)) {
		size_t from = at + (at * 7919) % 3500;

		memcpy(p, d->file, d->n);
		for (size_t i = from; i < from + 300 && i < d->n; i++)
			p[i] = (uint8_t)(p[i] * 31 + 17); /* a byte */
		write_file(d, p, d->n);
		told += shows(d);
		all++;
	}
	print_message("%zu of %zu damages were told\n", told, all);
	assert_true(told > all / 2);
	write_file(d, d->file, d->n);
	assert_false(shows(d));
}

static void
test_cut(void **state)
{
	static const size_t part[] = {0, 1, 50, 99};
	struct damage *d = *state;

	for (size_t i = 0; i < COUNT(part); i++) {
		write_file(d, d->file, d->n * part[i] / 100 + (i == 1));
		if (!shows(d))
			fail_msg("%zu %% of a database are taken for whole",
			    part[i]);
	}
	write_file(d, d->file, d->n);
	assert_false(shows(d));
}

static size_t
find(const uint8_t *p, size_t n, const char *z, size_t from)
{
	for (size_t i = from; i + strlen(z) <= n; i++)
		if (memcmp(p + i, z, strlen(z)) == 0)
			return i;
	fail_msg("no '%s'", z);
	return 0;
}

/* `comity check` tells it. */
static bool
is_sound(struct damage *d)
{
	struct arena a;
	struct err err;
	int status;

	if (wake(d, &err) != 0) {
		d->w.at[JPN].node = NULL;
		return false;
	}
	arena_init(&a, (size_t)1 << 28);
	status = look(d, "POST", "/check", &a);
	arena_release(&a);
	world_stop(&d->w, JPN);
	return status == 200;
}

/* What a database cannot see: an act's text was changed in the file. */
static void
test_forged(void **state)
{
	struct damage *d = *state;
	uint8_t *p = arena_alloc(&d->w.arena, d->n, 1);
	size_t at;

	assert_non_null(p);
	memcpy(p, d->file, d->n);
	at = find(p, d->n, "Please confirm.", d->n / 2);
	memcpy(p + at, "Please escalate", 15);
	write_file(d, p, d->n);
	assert_false(is_sound(d));
	/* An entry of a log. */
	memcpy(p, d->file, d->n);
	for (at = 0; at + 32 <= d->n; at++)
		if (memcmp(p + at, d->usa.entry[7].act.b, 32) == 0)
			p[at + 3] ^= 1;
	write_file(d, p, d->n);
	assert_false(is_sound(d));
	write_file(d, d->file, d->n);
	assert_true(is_sound(d));
}

static void
test_others(void **state)
{
	struct damage *d = *state;
	static const char text[] = "This is a letter, not a database.\n";
	struct err err;
	struct secret *other = key_secret_random();
	char key[320];

	write_file(d, (const uint8_t *)text, sizeof(text));
	assert_int_equal(wake(d, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_int_equal(unlink(d->path), 0);
	assert_int_equal(wake(d, &err), -1);
	assert_int_equal(err.code, ERR_ABSENT);
	assert_int_equal(access(d->path, F_OK), -1); /* none was made */
	write_file(d, d->file, d->n);
	/* A key file of another party. */
	(void)snprintf(key, sizeof(key), "%s/keys/log.key",
	    d->w.at[JPN].folder);
	assert_int_equal(unlink(key), 0);
	assert_int_equal(wake(d, &err), -1);
	assert_non_null(strstr(err.text, "log.key"));
	assert_int_equal(keydir_write(key, "log", STR("JPN"), other,
			     (struct span){NULL, 0}, &err),
	    0);
	assert_int_equal(wake(d, &err), -1);
	print_message("%s\n", err.text);
	key_secret_free(other);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_others),
	    CASE(test_cut),
	    CASE(test_forged),
	    CASE(test_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
