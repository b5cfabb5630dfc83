#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "record/bundle.h"
#include "record/hash.h"
#include "record/key.h"
#include "shared.h"

enum { MEMBERS = 16, BLOCK = 512 };

/* What a walk saw. */
struct seen {
	struct arena *a;
	size_t n;
	struct bundle_member m[MEMBERS];
	size_t stop_at; /* 0: never */
};

static int
see(void *ctx, const struct bundle_member *m, struct err *err)
{
	struct seen *s = ctx;

	if (s->stop_at == s->n + 1)
		return err_set(err, ERR_DENIED, "stopped");
	assert_true(s->n < MEMBERS);
	s->m[s->n].name = str_copy(s->a, m->name);
	s->m[s->n].data = (struct span){
	    (uint8_t *)arena_copy(s->a, m->data.p, m->data.n), m->data.n};
	s->n++;
	return 0;
}

static const struct {
	const char *name;
	size_t n;
} content[] = {
    {"a", 0}, {"acts/00ff", 1}, {"acts/long", 511}, {"acts/block", 512},
    {"files/over", 513}, {"files/\xe5\xb9\xb3\xe5\x92\x8c.txt", 70},
    {"files/0123456789012345678901234567890123456789012345678901234567890123/"
     "0123456789012345678901234567890123456789012345678901234567890123/"
     "0123456789012345678901234567890123456789012345678901234567890123/"
     "0123456789012345678901234567890123456789012345678901234567890123",
	3},
    {"files/big", 200000},
    {"zero", 4096}, /* of zeros: its end looks like the archive's */
};

static struct span
data_of(size_t i, struct arena *a)
{
	uint8_t *p = arena_alloc(a, content[i].n + 1, 1);

	assert_non_null(p);
	for (size_t k = 0; k < content[i].n && i + 1 < COUNT(content); k++)
		p[k] = (uint8_t)(k * 7 + i);
	return (struct span){p, content[i].n};
}

static void
put_content(struct bundle_writer *w, struct arena *a)
{
	struct err err;

	for (size_t i = 0; i < COUNT(content); i++)
		if (bundle_write_add(w, str_of(content[i].name), data_of(i, a),
			&err) != 0)
			fail_msg("%s", err.text);
}

static struct span
written(struct arena *a)
{
	struct bundle_writer *w;
	struct span s;
	struct err err;

	assert_int_equal(bundle_write_open(a, &w, &err), 0);
	put_content(w, a);
	assert_int_equal(bundle_write_close(w, &s, &err), 0);
	return s;
}

static void
assert_content(const struct seen *seen, struct arena *a)
{
	assert_int_equal(seen->n, COUNT(content));
	for (size_t i = 0; i < seen->n; i++) {
		assert_string_equal(seen->m[i].name.p, content[i].name);
		assert_true(span_eq(seen->m[i].data, data_of(i, a)));
	}
}

static void
test_round(void **state)
{
	struct arena a;
	struct seen seen = {.a = &a};
	struct span s, again;
	struct err err;

	(void)state;
	arena_init(&a, 8 << 20);
	s = written(&a);
	assert_int_equal(s.n % BLOCK, 0);
	if (bundle_read(s, &a, see, &seen, &err) != 0)
		fail_msg("%s", err.text);
	assert_content(&seen, &a);
	again = written(&a);
	assert_true(span_eq(s, again));
	arena_release(&a);
}

/* The program's locale makes no difference. */
static void
test_locale(void **state)
{
	struct arena a;
	struct seen seen = {.a = &a};
	struct span s, again;
	struct err err;

	(void)state;
	arena_init(&a, 8 << 20);
	s = written(&a);
	if (setlocale(LC_ALL, "C.UTF-8") == NULL) {
		arena_release(&a);
		skip();
	}
	again = written(&a);
	assert_true(span_eq(s, again));
	assert_int_equal(bundle_read(s, &a, see, &seen, &err), 0);
	assert_content(&seen, &a);
	assert_non_null(setlocale(LC_ALL, "C"));
	arena_release(&a);
}

static void
test_empty(void **state)
{
	struct arena a;
	struct seen seen = {.a = &a};
	struct bundle_writer *w;
	struct span s;
	struct err err = {0};

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(bundle_write_open(&a, &w, &err), 0);
	assert_int_equal(bundle_write_close(w, &s, &err), 0);
	assert_int_equal(s.n, 2 * BLOCK);
	assert_int_equal(bundle_read(s, &a, see, &seen, &err), 0);
	assert_int_equal(seen.n, 0);
	/* closed: nothing more */
	assert_int_equal(bundle_write_close(w, &s, &err), -1);
	assert_int_equal(bundle_write_add(w, STR("a"), s, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	/* abandoned: the arena ends it */
	assert_int_equal(bundle_write_open(&a, &w, &err), 0);
	assert_int_equal(bundle_write_add(w, STR("a"), s, &err), 0);
	arena_release(&a);
}

static int
temp_file(void)
{
	FILE *f = tmpfile();
	int fd;

	assert_non_null(f);
	assert_true((fd = dup(fileno(f))) >= 0);
	(void)fclose(f);
	return fd;
}

static struct span
file_bytes(int fd, struct arena *a)
{
	off_t n = lseek(fd, 0, SEEK_END);
	uint8_t *p = arena_alloc(a, (size_t)n + 1, 1);

	assert_int_equal(pread(fd, p, (size_t)n, 0), n);
	return (struct span){p, (size_t)n};
}

static void
test_fd(void **state)
{
	struct arena a;
	struct seen seen = {.a = &a};
	struct bundle_writer *w;
	struct span s;
	struct err err = {0};
	int fd = temp_file();

	(void)state;
	arena_init(&a, 8 << 20);
	assert_int_equal(bundle_write_fd(fd, &a, &w, &err), 0);
	put_content(w, &a);
	assert_int_equal(bundle_write_close(w, &s, &err), 0);
	assert_int_equal(s.n, 0);
	assert_true(span_eq(file_bytes(fd, &a), written(&a)));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	if (bundle_read_fd(fd, 200000, see, &seen, &err) != 0)
		fail_msg("%s", err.text);
	assert_content(&seen, &a);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	seen.n = 0;
	assert_int_equal(bundle_read_fd(fd, SIZE_MAX, see, &seen, &err), 0);
	assert_content(&seen, &a);
	/* one member is too large */
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	seen.n = 0;
	assert_int_equal(bundle_read_fd(fd, 199999, see, &seen, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(close(fd), 0);
	/* a closed descriptor is not the input's fault */
	assert_int_equal(bundle_read_fd(fd, 1, see, &seen, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	fd = open("/dev/full", O_WRONLY);
	if (fd >= 0) {
		assert_int_equal(bundle_write_fd(fd, &a, &w, &err), 0);
		assert_int_equal(
		    bundle_write_add(w, STR("a"), data_of(7, &a), &err), -1);
		assert_int_equal(err.code, ERR_IO);
		assert_int_equal(close(fd), 0);
	}
	arena_release(&a);
}

/* From a pipe: no size to hold a claim against but the caller's. */
static void
test_pipe(void **state)
{
	static const struct {
		size_t max;
		int rc;
	} rows[] = {{SIZE_MAX, 0}, {1000, 0}, {999, -1}};
	struct bundle_writer *w;
	struct arena a;
	struct seen seen = {.a = &a};
	struct span s;
	struct err err;
	int fd[2];

	(void)state;
	arena_init(&a, 8 << 20);
	assert_int_equal(bundle_write_open(&a, &w, &err), 0);
	assert_int_equal(bundle_write_add(w, STR("b"),
			     (struct span){data_of(7, &a).p, 1000}, &err),
	    0);
	assert_int_equal(bundle_write_close(w, &s, &err), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(pipe(fd), 0);
		assert_int_equal(write(fd[1], s.p, s.n), s.n);
		assert_int_equal(close(fd[1]), 0);
		seen.n = 0;
		assert_int_equal(
		    bundle_read_fd(fd[0], rows[i].max, see, &seen, &err),
		    rows[i].rc);
		assert_int_equal(close(fd[0]), 0);
	}
	/* a claim beyond what any memory has */
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], s.p, s.n - 2 * BLOCK), s.n - 2 * BLOCK);
	assert_int_equal(close(fd[1]), 0);
	assert_int_equal(bundle_read_fd(fd[0], SIZE_MAX, see, &seen, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(close(fd[0]), 0);
	arena_release(&a);
}

static const struct {
	const char *name;
	bool good;
} names[] = {
    {"a", true}, {"a/b.c/d-_ e", true}, {"..a/b..", true}, {"...", true},
    {"\xe5\xb9\xb3", true}, {"", false}, {"/", false}, {"/a", false},
    {"a/", false}, {"a//b", false}, {".", false}, {"..", false},
    {"../a", false}, {"a/..", false}, {"a/../b", false}, {"a/./b", false},
    {"a\nb", false}, {"a\x7f", false}, {"a\x1b[1m", false}, {"\xff", false},
    {"\xed\xa0\x80", false}, /* a surrogate */
    {"\xc0\xaf", false},     /* an overlong slash */
};

static void
octal(char *p, size_t width, uint64_t v)
{
	p[--width] = '\0';
	while (width-- > 0) {
		p[width] = (char)('0' + (v & 7));
		v >>= 3;
	}
}

/* A ustar header as a hostile hand would write it, with its checksum. */
static void
put_header(struct buf *b, struct str name, char type, uint64_t size,
    const char *link)
{
	char h[BLOCK] = {0};
	unsigned sum = 0;

	memcpy(h, name.p, name.n > 100 ? 100 : name.n);
	octal(h + 100, 8, 0644);
	octal(h + 108, 8, 0);
	octal(h + 116, 8, 0);
	octal(h + 124, 12, size);
	octal(h + 136, 12, 0);
	memset(h + 148, ' ', 8);
	h[156] = type;
	memcpy(h + 157, link, strlen(link));
	memcpy(h + 257,
	    "ustar\0"
	    "00",
	    8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (uint8_t)h[i];
	octal(h + 148, 7, sum);
	buf_add(b, h, BLOCK);
}

static void
put_zeros(struct buf *b, size_t n)
{
	char zeros[BLOCK] = {0};

	for (; n > 0; n -= n < BLOCK ? n : BLOCK)
		buf_add(b, zeros, n < BLOCK ? n : BLOCK);
}

/* Both readers say the same. */
static int
read_both(struct span s, struct arena *a, struct seen *seen, struct err *err)
{
	int fd = temp_file(), rc;

	assert_int_equal(write(fd, s.p, s.n), s.n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	seen->n = 0;
	rc = bundle_read_fd(fd, 1 << 20, see, seen, err);
	assert_int_equal(close(fd), 0);
	seen->n = 0;
	assert_int_equal(bundle_read(s, a, see, seen, err), rc);
	assert_true(rc == 0 || err->code == ERR_INPUT);
	return rc;
}

static void
test_names(void **state)
{
	struct arena a;
	struct seen seen = {.a = &a};
	struct bundle_writer *w;
	struct err err;
	struct str s, name;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		arena_init(&a, 8 << 20);
		name = str_of(names[i].name);
		assert_int_equal(bundle_is_name(name), names[i].good);
		assert_int_equal(bundle_write_open(&a, &w, &err), 0);
		assert_int_equal(
		    bundle_write_add(w, name, span_of(STR("x")), &err),
		    names[i].good ? 0 : -1);
		buf_init(&b, &a);
		put_header(&b, name, '0', 0, "");
		put_zeros(&b, 2 * BLOCK);
		assert_int_equal(buf_done(&b, &s, &err), 0);
		/* "a/" is how old tars write a folder: skipped */
		if (read_both(span_of(s), &a, &seen, &err) == 0 &&
		    seen.n != names[i].good)
			fail_msg("name %zu is taken", i);
		if (names[i].good)
			assert_string_equal(seen.m[0].name.p, names[i].name);
		arena_release(&a);
	}
	assert_false(bundle_is_name((struct str){"a\0b", 3}));
}

static void
test_long_names(void **state)
{
	char name[BUNDLE_NAME_MAX + 2];
	struct arena a;
	struct seen seen = {.a = &a};
	struct bundle_writer *w;
	struct span s;
	struct err err;

	(void)state;
	memset(name, 'n', sizeof(name));
	arena_init(&a, 1 << 20);
	assert_int_equal(bundle_write_open(&a, &w, &err), 0);
	assert_int_equal(bundle_write_add(w,
			     (struct str){name, BUNDLE_NAME_MAX},
			     span_of(STR("x")), &err),
	    0);
	assert_int_equal(bundle_write_add(w,
			     (struct str){name, BUNDLE_NAME_MAX + 1},
			     span_of(STR("x")), &err),
	    -1);
	assert_int_equal(bundle_write_close(w, &s, &err), 0);
	assert_int_equal(read_both(s, &a, &seen, &err), 0);
	assert_int_equal(seen.m[0].name.n, BUNDLE_NAME_MAX);
	arena_release(&a);
}

/* One member of this kind, then the end. */
static const struct {
	char type;
	uint64_t size, data; /* claimed, and there */
	const char *link;
	int members; /* -1: refused */
} kinds[] = {
    {'0', 5, BLOCK, "", 1},
    {'\0', 5, BLOCK, "", 1},
    {'5', 0, 0, "", 0},   /* a folder */
    {'1', 0, 0, "b", -1}, /* hard link */
    {'2', 0, 0, "b", -1}, /* symbolic link */
    {'3', 0, 0, "", -1},  /* devices, pipe */
    {'4', 0, 0, "", -1},
    {'6', 0, 0, "", -1},
    {'0', UINT64_C(077777777777), BLOCK, "", -1}, /* 8 GiB, claimed */
    {'0', 1 << 19, BLOCK, "", -1},                /* cut */
    {'0', 2 * BLOCK + 1, BLOCK, "", -1},
};

static void
test_kinds(void **state)
{
	struct arena a;
	struct seen seen = {.a = &a};
	struct err err;
	struct buf b;
	struct str s;
	int rc;

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		arena_init(&a, 8 << 20);
		buf_init(&b, &a);
		put_header(&b, STR("name"), kinds[i].type, kinds[i].size,
		    kinds[i].link);
		put_zeros(&b, kinds[i].data + 2 * BLOCK);
		assert_int_equal(buf_done(&b, &s, &err), 0);
		rc = read_both(span_of(s), &a, &seen, &err);
		if ((rc == 0 ? (int)seen.n : -1) != kinds[i].members)
			fail_msg("kind %zu: %s", i, err.text);
		arena_release(&a);
	}
}

/* Cut at every block and beside it, also where a member's zeros end. */
static void
test_cut(void **state)
{
	struct arena a, one;
	struct seen seen = {.a = &one};
	struct err err;
	struct span s;
	struct buf b;
	struct str more;

	(void)state;
	arena_init(&a, 8 << 20);
	s = written(&a);
	for (size_t n = 0; n < s.n;
	     n += n < 4096 || n + 8192 > s.n ? 64 : 7168) {
		arena_init(&one, 8 << 20);
		seen.n = 0;
		if (bundle_read((struct span){s.p, n}, &one, see, &seen,
			&err) == 0)
			fail_msg("cut at %zu of %zu is taken", n, s.n);
		assert_int_equal(err.code, ERR_INPUT);
		arena_release(&one);
	}
	arena_init(&one, 8 << 20);
	assert_int_equal(
	    read_both((struct span){s.p, s.n - BLOCK}, &one, &seen, &err), -1);
	buf_init(&b, &one);
	buf_add(&b, s.p, s.n);
	put_zeros(&b, 9 * BLOCK); /* tar pads to 10240 */
	assert_int_equal(buf_done(&b, &more, &err), 0);
	assert_int_equal(read_both(span_of(more), &one, &seen, &err), 0);
	buf_char(&b, 'x');
	assert_int_equal(buf_done(&b, &more, &err), 0);
	assert_int_equal(read_both(span_of(more), &one, &seen, &err), -1);
	arena_release(&one);
	arena_release(&a);
}

/* Each bit of the first header: nothing else is read from it. */
static void
test_flips(void **state)
{
	struct arena a, one;
	struct seen seen = {.a = &one};
	struct err err;
	struct span s;
	uint8_t *p;

	(void)state;
	arena_init(&a, 8 << 20);
	s = written(&a);
	p = (uint8_t *)arena_copy(&a, s.p, s.n);
	for (size_t bit = 0; bit < 8 * BLOCK; bit++) {
		arena_init(&one, 8 << 20);
		p[bit / 8] ^= (uint8_t)(1U << bit % 8);
		seen.n = 0;
		/* the header's checksum; its own last bytes count nothing */
		if (bundle_read((struct span){p, s.n}, &one, see, &seen,
			&err) == 0)
			assert_content(&seen, &one);
		p[bit / 8] ^= (uint8_t)(1U << bit % 8);
		arena_release(&one);
	}
	arena_release(&a);
}

static void
test_stop(void **state)
{
	struct arena a;
	struct seen seen = {.a = &a, .stop_at = 3};
	struct err err;

	(void)state;
	arena_init(&a, 8 << 20);
	assert_int_equal(bundle_read(written(&a), &a, see, &seen, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	assert_string_equal(err.text, "stopped");
	assert_int_equal(seen.n, 2);
	arena_release(&a);
}

static int
nothing(void *ctx, const struct bundle_member *m, struct err *err)
{
	(void)ctx;
	(void)m;
	(void)err;
	return 0;
}

/* Each allocation fails in turn; then it works. */
static void
test_memory(void **state)
{
	struct arena a, one;
	struct bundle_writer *w;
	struct err err = {0};
	struct span s, got;
	int rc = -1;

	(void)state;
	arena_init(&a, 8 << 20);
	s = written(&a);
	for (long at = 1; rc != 0; at++) {
		arena_init(&one, 8 << 20);
		one.fail_at = at;
		rc = bundle_read(s, &one, nothing, NULL, &err);
		assert_true(rc == 0 || err.code == ERR_NOMEM);
		assert_true(at < 100);
		arena_release(&one);
	}
	rc = -1;
	for (long at = 1; rc != 0; at++) {
		arena_init(&one, 8 << 20);
		one.fail_at = at;
		rc = bundle_write_open(&one, &w, &err);
		for (size_t i = 0; rc == 0 && i < COUNT(content); i++)
			rc = bundle_write_add(w, str_of(content[i].name),
			    data_of(i, &a), &err);
		if (rc == 0 && (rc = bundle_write_close(w, &got, &err)) == 0)
			assert_true(span_eq(got, s));
		assert_true(rc == 0 || err.code == ERR_NOMEM);
		assert_true(at < 100);
		arena_release(&one);
	}
	/* no copy of data that lies whole in the input */
	arena_init(&one, 4096);
	assert_int_equal(bundle_read(s, &one, nothing, NULL, &err), 0);
	arena_release(&one);
	arena_release(&a);
}

/* The other side: tar itself, both ways. */
static void
test_tar(void **state)
{
	char dir[] = "/tmp/comity-t_bundle-XXXXXX", cmd[512];
	struct arena a;
	struct seen seen = {.a = &a};
	struct span s;
	struct err err;
	FILE *f;

	(void)state;
	if (system("tar --version >/dev/null 2>&1") != 0)
		skip();
	arena_init(&a, 8 << 20);
	s = written(&a);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(cmd, sizeof(cmd), "%s/b.tar", dir);
	assert_non_null(f = fopen(cmd, "wb"));
	assert_int_equal(fwrite(s.p, 1, s.n, f), s.n);
	assert_int_equal(fclose(f), 0);
	/* -d compares what was extracted; -T keeps the order of names */
	(void)snprintf(cmd, sizeof(cmd),
	    "set -e; cd %s; mkdir x; tar -xf b.tar -C x; tar -tf b.tar "
	    "--quoting-style=literal >names; tar -df b.tar -C x; "
	    "tar -cf c.tar -C x --format=gnu -T names; "
	    "tar -cf d.tar -C x --format=posix -T names; tar -cf e.tar -C x .; "
	    "truncate -s 1M hole; echo end >>hole; tar -Scf f.tar hole; "
	    "tar -Scf g.tar --format=posix hole; gzip -c e.tar >h.tar",
	    dir);
	assert_int_equal(system(cmd), 0);
	for (char c = 'c'; c <= 'h'; c++) {
		(void)snprintf(cmd, sizeof(cmd), "%s/%c.tar", dir, c);
		assert_non_null(f = fopen(cmd, "rb"));
		s = file_bytes(fileno(f), &a);
		(void)fclose(f);
		/* f to h: files with holes, compressed: refused */
		if ((read_both(s, &a, &seen, &err) == 0) != (c <= 'e'))
			fail_msg("%c.tar: %s", c, err.text);
		if (c > 'e')
			continue;
		if (c != 'e') /* that is in the folder's order */
			assert_content(&seen, &a);
		assert_int_equal(seen.n, COUNT(content));
	}
	(void)snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	assert_int_equal(system(cmd), 0);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round),
	    cmocka_unit_test(test_locale),
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_fd),
	    cmocka_unit_test(test_pipe),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_long_names),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_flips),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_tar),
	};
	struct err err;

	return key_start(&err) != 0 ||
	       cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
