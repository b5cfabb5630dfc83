#include "node/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "record/age.h"
#include "record/hash.h"

enum {
	BLOCK = 65536,
	PATH_ROOM = 24 + 64, /* "/proc/self/fd/N"; "files/XX/" and the rest */
	SWEEP_BATCH = 100,
	SWEEP_ARENA = 1 << 20
};
/* A name that the record does not know may be about to be known. */
#define STRAY_US (3600 * INT64_C(1000000))

/* ---- folders ---- */

static int
io_failed(const char *what, struct err *err)
{
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return err_set(err, ERR_IO,
		    "the disk is full: the file was not kept; free some space "
		    "and try again");
	return err_set(err, ERR_IO, "%s: %s", what, strerror(errno));
}

/* The folder files/ of the node's folder, or one below it, made if wanted. */
static int
open_folder(int at, const char *name, bool make)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 || !make || errno != ENOENT)
		return fd;
	if (mkdirat(at, name, 0700) != 0 && errno != EEXIST)
		return -1;
	if (fsync(at) != 0)
		return -1;
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
open_root(struct node *n, bool make)
{
	int folder = open(n->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = folder < 0 ? -1 : open_folder(folder, "files", make);
	int why = errno;

	if (folder >= 0)
		(void)close(folder); /* only a path */
	errno = why;
	return fd;
}

/* "XX/REST" below files/. */
static void
path_of(const struct id *sha256, char path[PATH_ROOM])
{
	char hex[65];

	hex_write(sha256->b, sizeof(sha256->b), hex);
	(void)snprintf(path, PATH_ROOM, "%.2s/%s", hex, hex + 2); /* fits */
}

/* ---- coming in ---- */

int
file_new(struct node *n, int *ret_fd, struct err *err)
{
	int root = open_root(n, true), fd;
	struct statvfs st;
	int rc = 0;

	if (root < 0)
		return io_failed("the folder files/ cannot be made", err);
	fd = openat(root, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		rc = io_failed("no file can be made in files/", err);
	else if (fstatvfs(fd, &st) == 0 &&
		 (uint64_t)st.f_bavail * st.f_frsize < FILE_FREE_MIN) /* F4 */
		rc = err_set(err, ERR_IO,
		    "the disk is nearly full: less than %d MiB are free, and "
		    "they are kept for acts; free some space and try again",
		    FILE_FREE_MIN / 1048576);
	(void)close(root); /* only a path */
	if (rc == 0)
		*ret_fd = fd;
	else if (fd >= 0)
		(void)close(fd); /* and it is gone */
	return rc;
}

/* Read up to n bytes at a place; fewer only at the end. */
static int
read_at(int fd, uint8_t *p, size_t n, uint64_t at, size_t *ret, struct err *err)
{
	size_t have = 0;

	while (have < n) {
		/* a file's offset is below 2^63 */
		ssize_t got = pread(fd, p + have, n - have, (off_t)(at + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, ERR_IO, "a file cannot be read: %s",
			    strerror(errno));
		if (got == 0)
			break;
		have += (size_t)got; /* above 0 */
	}
	*ret = have;
	return 0;
}

static int
write_all(int fd, const uint8_t *p, size_t n, struct err *err)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return io_failed("a file cannot be written", err);
		p += done;
		n -= (size_t)done; /* above 0 */
	}
	return 0;
}

/* Its hash and size; into `copy` too where that is no -1. */
static int
measure(int fd, int copy, struct id *ret_hash, uint64_t *ret_size,
    struct err *err)
{
	uint8_t block[BLOCK];
	struct hash h;
	uint64_t size = 0;
	size_t got;

	hash_init(&h);
	do {
		if (read_at(fd, block, sizeof(block), size, &got, err) != 0)
			return -1;
		hash_add(&h, (struct span){block, got});
		if (copy >= 0 && write_all(copy, block, got, err) != 0)
			return -1;
		size += got;
	} while (got == sizeof(block) && size <= FILE_MAX);
	*ret_hash = hash_done(&h);
	*ret_size = size;
	return 0;
}

/* Give a file without a name its name, durably.  EXDEV: of another disk. */
static int
link_to(struct node *n, int fd, const struct id *sha256)
{
	char path[PATH_ROOM], from[PATH_ROOM];
	int root = open_root(n, true), folder = -1, rc = -1, why;

	path_of(sha256, path);
	path[2] = '\0'; /* its folder, and its name there */
	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", fd); /* fits */
	if (root >= 0 && fsync(fd) == 0 &&
	    (folder = open_folder(root, path, true)) >= 0 &&
	    (linkat(AT_FDCWD, from, folder, path + 3, AT_SYMLINK_FOLLOW) == 0 ||
		errno == EEXIST) &&
	    fsync(folder) == 0)
		rc = 0;
	why = errno;
	if (folder >= 0)
		(void)close(folder); /* what counts is synced */
	if (root >= 0)
		(void)close(root);
	errno = why;
	return rc;
}

struct keeping {
	struct job job; /* first */
	struct store_file file;
};

/* Pages of the matters that name it show it from now on. */
static int
refold_naming(struct node *n, const struct id *sha256, int64_t now_us,
    struct err *err)
{
	struct store_naming *act;
	int64_t last = 0;
	size_t count;

	if (store_file_acts(n->writer, sha256, FILE_NAMES_MAX, &n->batch, &act,
		&count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (act[i].matter != last &&
		    matter_refold(n, n->writer, act[i].matter, now_us, err) !=
			0)
			return -1;
		last = act[i].matter;
	}
	return 0;
}

static int
run_keep(struct node *n, struct job *job, struct err *err)
{
	struct store_file *f = &((struct keeping *)job)->file, old;
	int64_t since_us, now_us = clock_utc_us();
	uint64_t loose = 0;
	bool found;

	f->received_us = now_us;
	since_us = now_us - FILE_LOOSE_S * INT64_C(1000000);
	if (store_file(n->writer, &f->sha256, &found, &old, err) != 0)
		return -1;
	if (found)
		return store_file_add(n->writer, f, err);
	if (f->giver == n->own->no &&
	    store_file_loose_bytes(n->writer, since_us, &loose, err) != 0)
		return -1;
	if (loose + f->size > FILE_LOOSE_MAX) /* F3 */
		return err_set(err, ERR_BUSY,
		    "files of %d MiB wait here for an act that names them: "
		    "sign those acts, or wait until the files go after %d "
		    "hours",
		    FILE_LOOSE_MAX / 1048576, FILE_LOOSE_S / 3600);
	return store_file_add(n->writer, f, err) != 0
	           ? -1
	           : refold_naming(n, &f->sha256, now_us, err);
}

/* `fd` has no name and lies on our disk, or gives its bytes to one that does.
 */
static int
keep(struct node *n, int fd, struct keeping *k, struct err *err)
{
	int rc = -1;

	/* The sweep of a file that comes again just now is over, or waits. */
	(void)pthread_mutex_lock(&n->keeping);
	if (link_to(n, fd, &k->file.sha256) != 0)
		(void)io_failed("the file cannot be named", err);
	else
		rc = node_run(n, &k->job, err);
	(void)pthread_mutex_unlock(&n->keeping);
	return rc;
}

static int
check_size(uint64_t size, struct err *err)
{
	if (size == 0)
		return err_set(err, ERR_INPUT, "the file is empty");
	if (size > FILE_MAX)
		return err_set(err, ERR_INPUT,
		    "the file has more than %d MiB: attach a part of it, or a "
		    "smaller form",
		    FILE_MAX / 1048576);
	return 0;
}

int
file_keep(struct node *n, int fd, int64_t giver, const struct id *want,
    struct store_file *ret, struct err *err)
{
	struct keeping k = {.job = {.run = run_keep}, .file = {.giver = giver}};
	struct stat st, root;
	int own = -1, rc = -1;

	if (fstat(fd, &st) != 0)
		return io_failed("the file", err);
	if (check_size((uint64_t)st.st_size, err) != 0) /* >= 0 */
		return -1;
	if (file_new(n, &own, err) != 0)
		return -1;
	if (fstat(own, &root) != 0) {
		(void)io_failed("the file", err);
		goto out;
	}
	/* What has a name already is somebody's: it is copied. */
	if (st.st_nlink == 0 && st.st_dev == root.st_dev) {
		(void)close(own);
		own = -1;
	}
	if (measure(fd, own, &k.file.sha256, &k.file.size, err) != 0 ||
	    check_size(k.file.size, err) != 0)
		goto out;
	if (want != NULL && !id_eq(want, &k.file.sha256)) {
		(void)err_set(err, ERR_INPUT,
		    "its bytes have another SHA-256 than the act says");
		goto out;
	}
	if ((rc = keep(n, own >= 0 ? own : fd, &k, err)) == 0)
		*ret = k.file;
out:
	if (own >= 0)
		(void)close(own); /* named, or gone */
	return rc;
}

/* ---- going out ---- */

int
file_open(struct node *n, struct store *s, const struct id *sha256, int *ret_fd,
    uint64_t *ret_size, struct err *err)
{
	struct store_file f;
	char path[PATH_ROOM];
	struct stat st;
	bool found;
	int root, fd;

	if (store_file(s, sha256, &found, &f, err) != 0)
		return -1;
	if (!found)
		return err_set(err, ERR_ABSENT, "this file is not here");
	path_of(sha256, path);
	root = open_root(n, false);
	fd = root < 0 ? -1
	              : openat(root, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (root >= 0)
		(void)close(root); /* only a path */
	if (fd >= 0 && fstat(fd, &st) == 0 && (uint64_t)st.st_size == f.size) {
		*ret_fd = fd;
		*ret_size = f.size;
		return 0;
	}
	if (fd >= 0)
		(void)close(fd); /* nothing was written */
	return err_set(err, ERR_CORRUPT,
	    "files/%s is damaged or gone: restore it from a backup", path);
}

const char *
file_picture(int fd)
{
	static const struct {
		const char *type;
		size_t at, n;
		const char *mark;
	} known[] = {
	    /* PNG 5.2; JFIF and Exif after SOI; GIF 17; RIFF WEBP */
	    {"image/png", 0, 8, "\x89PNG\r\n\x1a\n"},
	    {"image/jpeg", 0, 3, "\xff\xd8\xff"},
	    {"image/gif", 0, 6, "GIF87a"},
	    {"image/gif", 0, 6, "GIF89a"},
	    {"image/webp", 8, 4, "WEBP"},
	};
	uint8_t head[16];
	struct err err;
	size_t got;

	if (read_at(fd, head, sizeof(head), 0, &got, &err) != 0)
		return NULL;
	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i].at + known[i].n <= got &&
		    memcmp(head + known[i].at, known[i].mark, known[i].n) ==
			0 &&
		    (known[i].at == 0 || memcmp(head, "RIFF", 4) == 0))
			return known[i].type;
	return NULL;
}

/* ---- sealing ---- */

static int
seal_parts(int fd, int out, struct age_stream *s, uint64_t size,
    struct err *err)
{
	uint8_t plain[AGE_PART], sealed[AGE_PART + AGE_TAG];
	uint64_t at = 0;
	size_t got;

	do {
		if (read_at(fd, plain, sizeof(plain), at, &got, err) != 0)
			return -1;
		at += got;
		if (got < sizeof(plain) && at < size)
			return err_set(err, ERR_IO, "a file was cut");
		age_seal_part(s, (struct span){plain, got}, at >= size, sealed);
		if (write_all(out, sealed, got + AGE_TAG, err) != 0)
			return -1;
	} while (at < size);
	return 0;
}

int
file_seal(struct node *n, int fd, const struct box *to, int *ret_fd,
    uint64_t *ret_size, struct err *err)
{
	struct age_stream s;
	struct stat st;
	struct arena a;
	struct span head;
	int out, rc = -1;

	if (file_new(n, &out, err) != 0)
		return -1;
	arena_init(&a, 65536);
	if (fstat(fd, &st) != 0)
		(void)io_failed("the file", err);
	else if (age_seal_begin(to, 1, NULL, NULL, &a, &s, &head, err) == 0) {
		if (write_all(out, head.p, head.n, err) == 0)
			rc = seal_parts(fd, out, &s, (uint64_t)st.st_size, err);
		age_stream_end(&s);
	}
	arena_release(&a);
	if (rc == 0 && fstat(out, &st) != 0)
		rc = io_failed("the sealed file", err);
	if (rc != 0) {
		(void)close(out); /* and it is gone */
		return -1;
	}
	*ret_fd = out;
	*ret_size = (uint64_t)st.st_size; /* >= 0 */
	return 0;
}

/* Sealed to our box key, or to the one before, or after, a change. */
static int
unseal_begin(struct node *n, struct span start, struct arena *a,
    struct age_stream *s, size_t *used, struct err *err)
{
	const struct secret *key[2];

	(void)pthread_rwlock_rdlock(&n->state);
	key[0] = n->key[NODE_BOX][0];
	key[1] = n->key[NODE_BOX][1];
	(void)pthread_rwlock_unlock(&n->state);
	if (age_open_begin(start, key[0], a, s, used, err) == 0)
		return 0;
	return err->code == ERR_DENIED && key[1] != NULL
	           ? age_open_begin(start, key[1], a, s, used, err)
	           : -1;
}

static int
unseal_parts(int fd, int out, struct age_stream *s, uint64_t at, uint64_t size,
    struct err *err)
{
	uint8_t plain[AGE_PART], sealed[AGE_PART + AGE_TAG];
	size_t got;

	do {
		if (read_at(fd, sealed, sizeof(sealed), at, &got, err) != 0)
			return -1;
		at += got;
		if (age_open_part(s, (struct span){sealed, got}, at >= size,
			plain, err) != 0 ||
		    write_all(out, plain, got - AGE_TAG, err) != 0)
			return -1;
	} while (at < size);
	return 0;
}

int
file_unseal(struct node *n, int fd, int *ret_fd, struct err *err)
{
	struct age_stream s;
	struct stat st;
	struct arena a;
	size_t got, used;
	uint8_t *start;
	int out, rc = -1;

	if (file_new(n, &out, err) != 0)
		return -1;
	arena_init(&a, 1 << 20);
	if (fstat(fd, &st) != 0)
		(void)io_failed("the sealed file", err);
	else if ((start = arena_alloc(&a, AGE_START_MAX, 1)) == NULL)
		(void)err_nomem(err, "a sealed file");
	else if (read_at(fd, start, AGE_START_MAX, 0, &got, err) == 0 &&
		 unseal_begin(n, (struct span){start, got}, &a, &s, &used,
		     err) == 0) {
		rc = unseal_parts(fd, out, &s, used, (uint64_t)st.st_size, err);
		age_stream_end(&s);
	}
	arena_release(&a);
	if (rc != 0)
		(void)close(out); /* and it is gone */
	else
		*ret_fd = out;
	return rc;
}

/* ---- checking and sweeping ---- */

static int
check_one(struct node *n, struct store *s, const struct store_file *f,
    struct err *err)
{
	char path[PATH_ROOM];
	uint64_t size;
	struct id is;
	int fd, rc;

	if (file_open(n, s, &f->sha256, &fd, &size, err) != 0)
		/* It was swept since it was listed. */
		return err->code == ERR_ABSENT ? 0 : -1;
	rc = measure(fd, -1, &is, &size, err);
	(void)close(fd); /* it was only read */
	path_of(&f->sha256, path);
	if (rc == 0 && !id_eq(&is, &f->sha256))
		rc = err_set(err, ERR_CORRUPT,
		    "files/%s has another SHA-256 than its name: restore it "
		    "from a backup",
		    path);
	return rc;
}

int
file_check(struct node *n, struct store *s, struct err *err)
{
	struct store_file *f;
	struct id after = {{0}};
	size_t count = 1;
	int rc = 0;

	while (rc == 0 && count > 0) {
		struct arena a;

		arena_init(&a, SWEEP_ARENA);
		rc = store_file_list(s, &after, SWEEP_BATCH, &a, &f, &count,
		    err);
		for (size_t i = 0; rc == 0 && i < count; i++) {
			after = f[i].sha256;
			rc = check_one(n, s, &f[i], err);
		}
		arena_release(&a);
	}
	return rc;
}

struct sweeping {
	struct job job; /* first */
	int64_t before_us;
	size_t n;
	struct id gone[SWEEP_BATCH];
};

static int
run_sweep(struct node *n, struct job *job, struct err *err)
{
	struct sweeping *w = (struct sweeping *)job;
	struct store_file *f;

	w->n = 0;
	if (store_file_loose(n->writer, w->before_us, SWEEP_BATCH, &n->batch,
		&f, &w->n, err) != 0)
		return -1;
	for (size_t i = 0; i < w->n; i++) {
		w->gone[i] = f[i].sha256;
		if (store_file_remove(n->writer, &w->gone[i], err) != 0)
			return -1;
	}
	return 0;
}

/* Is it a name of ours that the record does not know, and old enough? */
static bool
is_stray(struct store *s, int folder, struct str first, const char *rest,
    int64_t now_us)
{
	struct store_file f;
	struct stat st;
	struct err err;
	struct id id;
	char hex[65];
	bool found;

	if (strlen(rest) != 62 || first.n != 2)
		return false;
	(void)snprintf(hex, sizeof(hex), "%.2s%s", first.p, rest); /* fits */
	return hex_is_parsed(str_of(hex), id.b, sizeof(id.b)) &&
	       fstatat(folder, rest, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       now_us - st.st_mtim.tv_sec * INT64_C(1000000) > STRAY_US &&
	       store_file(s, &id, &found, &f, &err) == 0 && !found;
}

/* A crash between a file's name and its row leaves the name. */
static void
sweep_folder(struct store *s, int root, const char *name, int64_t now_us)
{
	int fd = open_folder(root, name, false);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
		if (is_stray(s, fd, str_of(name), e->d_name, now_us))
			(void)unlinkat(fd, e->d_name, 0); /* or next time */
	if (d != NULL)
		(void)closedir(d);
	else if (fd >= 0)
		(void)close(fd);
}

/* The caller holds n->keeping. */
static int
sweep_names(struct node *n, int root, const struct sweeping *w, int64_t now_us,
    struct err *err)
{
	struct store *s = node_reader(n, err);
	char path[PATH_ROOM];

	if (s == NULL)
		return -1;
	for (size_t i = 0; i < w->n; i++) {
		path_of(&w->gone[i], path);
		(void)unlinkat(root, path, 0); /* or as a stray, next time */
	}
	for (unsigned i = 0; w->n < SWEEP_BATCH && i < 256; i++) {
		(void)snprintf(path, sizeof(path), "%02x", i); /* fits */
		sweep_folder(s, root, path, now_us);
	}
	node_reader_done(n, s);
	return 0;
}

int
file_sweep(struct node *n, int64_t now_us, struct err *err)
{
	struct sweeping w = {.job = {.run = run_sweep},
	    .before_us = now_us - FILE_LOOSE_S * INT64_C(1000000)};
	int root = open_root(n, false), rc = 0;

	if (root < 0)
		return 0; /* nothing was ever kept */
	do {
		(void)pthread_mutex_lock(&n->keeping);
		rc = node_run(n, &w.job, err);
		if (rc == 0)
			rc = sweep_names(n, root, &w, now_us, err);
		(void)pthread_mutex_unlock(&n->keeping);
	} while (rc == 0 && w.n == SWEEP_BATCH);
	(void)close(root); /* only a path */
	return rc;
}
