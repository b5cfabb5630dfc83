#include "node/keydir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/keyfile.h"

enum { ARENA = 32 * KEYFILE_MAX };

static int
failed(struct err *err, const char *did, const char *path)
{
	int e = errno;
	enum err_code code = e == ENOENT || e == ENOTDIR ? ERR_ABSENT
	                     : e == EEXIST               ? ERR_CONFLICT
	                     : e == EACCES || e == EPERM ? ERR_DENIED
	                                                 : ERR_IO;

	return err_set(err, code, "cannot %s %s: %s", did, path, strerror(e));
}

/* All of an open file. */
static int
read_fd(int fd, const char *path, size_t most, struct arena *a, struct str *ret,
    struct err *err)
{
	struct stat st;
	size_t size, n = 0;
	char *p;

	if (fstat(fd, &st) != 0)
		return failed(err, "read", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INPUT, "%s is no file", path);
	size = (size_t)st.st_size; /* of a file: not negative */
	if (size > most)
		return err_set(err, ERR_INPUT,
		    "%s has %zu bytes, the limit is %zu", path, size, most);
	if ((p = arena_array(a, size + 1, char)) == NULL)
		return err_nomem(err, path);
	while (n < size) {
		ssize_t got = read(fd, p + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failed(err, "read", path);
		if (got == 0)
			break; /* it became shorter meanwhile */
		n += (size_t)got;
	}
	*ret = (struct str){p, n};
	return 0;
}

int
keydir_load(const char *path, size_t most, struct arena *a, struct str *ret,
    struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return failed(err, "read", path);
	rc = read_fd(fd, path, most, a, ret, err);
	(void)close(fd); /* only read */
	return rc;
}

static int
write_all(int fd, struct str text)
{
	for (size_t n = 0; n < text.n;) {
		ssize_t put = write(fd, text.p + n, text.n - n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		n += (size_t)put;
	}
	return fsync(fd);
}

/* A name is durable when its folder is. */
static int
sync_folder(const char *path, struct arena *a)
{
	struct str s = str_of(path);
	size_t n = s.n;
	const char *folder;
	int fd, rc;

	while (n > 0 && s.p[n - 1] != '/')
		n--;
	folder = n == 0 ? "." : str_z(a, str_sub(s, 0, n));
	if (folder == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if ((fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return -1;
	rc = fsync(fd);
	(void)close(fd); /* only read */
	return rc;
}

/* A new file of this name with this text, or none. */
static int
write_new(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc, e;

	if (fd < 0)
		return -1;
	rc = write_all(fd, text);
	e = errno;
	if (close(fd) != 0 && rc == 0) {
		rc = -1;
		e = errno;
	}
	if (rc != 0)
		(void)unlink(path); /* the first failure is the one to tell */
	errno = e;
	return rc;
}

int
keydir_save(const char *path, struct str text, bool replace, struct err *err)
{
	struct arena a;
	const char *temp;
	int rc = -1;

	arena_init(&a, 65536);
	temp = str_fmt(&a, "%s.new", path).p;
	if (temp == NULL) {
		(void)err_nomem(err, "a path");
	} else if (!replace) {
		if (write_new(path, text) != 0 || sync_folder(path, &a) != 0)
			(void)failed(err, "make", path);
		else
			rc = 0;
	} else {
		(void)unlink(temp); /* left by a crash, or absent */
		if (write_new(temp, text) != 0 || rename(temp, path) != 0 ||
		    sync_folder(path, &a) != 0)
			(void)failed(err, "replace", path);
		else
			rc = 0;
	}
	arena_release(&a);
	return rc;
}

static int
check_owner(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return failed(err, "read", path);
	if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return err_set(err, ERR_DENIED,
		    "%s is a key without a passphrase and must be its owner's "
		    "alone: own it and 'chmod 600 %s'",
		    path, path);
	return 0;
}

int
keydir_read(const char *path, const char *use, struct span passphrase,
    struct secret **ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	struct str text = {NULL, 0}, holder;
	struct arena a;
	bool locked;

	if (fd < 0)
		return failed(err, "read", path);
	arena_init(&a, ARENA);
	if (read_fd(fd, path, KEYFILE_MAX, &a, &text, err) != 0)
		goto out; /* the sentence has the path */
	if (keyfile_is_locked(text, &locked, err) != 0) {
		(void)err_in(err, "%s: ", path);
		goto out;
	}
	if (!locked && check_owner(fd, path, err) != 0)
		goto out;
	rc = keyfile_read(text, str_of(use), passphrase, &a, ret, &holder, err);
	if (rc != 0)
		(void)err_in(err, "%s: ", path);
out:
	arena_release(&a);
	(void)close(fd); /* only read */
	return rc;
}

int
keydir_is_locked(const char *path, bool *ret, struct err *err)
{
	struct str text;
	struct arena a;
	int rc;

	arena_init(&a, ARENA);
	rc = keydir_load(path, KEYFILE_MAX, &a, &text, err);
	if (rc == 0 && (rc = keyfile_is_locked(text, ret, err)) != 0)
		(void)err_in(err, "%s: ", path);
	arena_release(&a);
	return rc;
}

int
keydir_write(const char *path, const char *use, struct str holder,
    const struct secret *s, struct span passphrase, struct err *err)
{
	struct str text;
	struct arena a;
	int rc;

	arena_init(&a, ARENA);
	rc = keyfile_write(str_of(use), holder, s, passphrase, 0, &a, &text,
	    err);
	if (rc == 0)
		rc = keydir_save(path, text, false, err);
	arena_release(&a);
	return rc;
}
