#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "record/bundle_int.h"

enum { END = 1024 /* two blocks of zeros end a tar file */ };

/* Reading, from memory or from fd. */
struct reader {
	struct span all;      /* memory only */
	struct arena *a;      /* where a member is gathered */
	int fd;               /* -1: memory */
	size_t member_max;    /* largest member that is taken */
	uint64_t read, zeros; /* fd: bytes so far, zeros at their end */
	bool failed;          /* fd: errno came from read() */
	uint8_t *block;       /* fd: BUNDLE_BLOCK bytes */
};

static la_ssize_t
from_fd(struct archive *in, void *ctx, const void **ret)
{
	struct reader *r = ctx;
	ssize_t got;
	size_t n, zeros = 0;

	do
		got = read(r->fd, r->block, BUNDLE_BLOCK);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		r->failed = true;
		archive_set_error(in, errno, "%s", strerrordesc_np(errno));
		return -1;
	}
	n = (size_t)got;
	while (zeros < n && r->block[n - 1 - zeros] == 0)
		zeros++;
	r->zeros = zeros == n ? r->zeros + n : zeros;
	r->read += n;
	*ret = r->block;
	return got;
}

static la_ssize_t
from_memory(struct archive *in, void *ctx, const void **ret)
{
	struct reader *r = ctx;
	size_t n = r->read == 0 ? r->all.n : 0;

	(void)in;
	*ret = r->all.p;
	r->read += n;
	return (la_ssize_t)n;
}

static int
err_read(const struct reader *r, struct archive *in, struct err *err)
{
	const char *why = archive_error_string(in);

	return err_set(err, r->failed ? ERR_IO : ERR_INPUT,
	    "the bundle cannot be read: %s", why == NULL ? "damaged" : why);
}

static bool
is_inside(struct span all, const void *p, size_t n)
{
	uintptr_t from = (uintptr_t)all.p, at = (uintptr_t)p;

	return at >= from && n <= all.n && at - from <= all.n - n;
}

/*
 * The data of a member whose header claims `size` bytes.  Nothing is believed:
 * no more is allocated than the input could fill.
 */
static int
read_data(struct reader *r, struct archive *in, size_t size, struct span *ret,
    struct err *err)
{
	uint8_t *all = NULL;
	const void *p;
	la_int64_t at;
	size_t n, have = 0;
	int rc;

	while ((rc = archive_read_data_block(in, &p, &n, &at)) == ARCHIVE_OK) {
		if (at < 0 || (size_t)at != have || n > size - have)
			return err_set(err, ERR_INPUT, "its data has holes");
		if (n == size && is_inside(r->all, p, n)) {
			*ret = (struct span){p, n};
			have = n;
			continue;
		}
		if (all == NULL && (all = arena_alloc(r->a, size, 1)) == NULL)
			return err_nomem(err, "a member of a bundle");
		if (n > 0)
			memcpy(all + have, p, n);
		have += n;
		*ret = (struct span){all, have};
	}
	if (rc != ARCHIVE_EOF)
		return err_read(r, in, err);
	if (have != size)
		return err_set(err, ERR_INPUT, "it is cut");
	return 0;
}

static int
check_member(const struct reader *r, struct archive_entry *e, struct str *name,
    struct err *err)
{
	*name = str_of(archive_entry_pathname(e));
	/* as `tar -C folder .` writes it */
	if (str_starts(*name, STR("./")))
		*name = str_sub(*name, 2, name->n);
	if (!bundle_is_name(*name))
		return bundle_err_name(err, *name);
	if (archive_entry_filetype(e) != AE_IFREG ||
	    archive_entry_hardlink(e) != NULL ||
	    archive_entry_sparse_count(e) > 0 ||
	    archive_entry_size_is_set(e) == 0)
		return err_set(err, ERR_INPUT,
		    "member \"%.*s\" of the bundle is no plain file",
		    STR_ARG(*name));
	if (archive_entry_size(e) < 0 ||
	    (uint64_t)archive_entry_size(e) > r->member_max)
		return err_set(err, ERR_INPUT,
		    "member \"%.*s\" of the bundle claims %lld bytes, %zu are "
		    "possible",
		    STR_ARG(*name), (long long)archive_entry_size(e),
		    r->member_max);
	return 0;
}

static int
read_member(struct reader *r, struct archive *in, struct archive_entry *e,
    bundle_visit_fn *visit, void *ctx, struct err *err)
{
	struct bundle_member m = {.data = {(const uint8_t *)"", 0}};

	if (archive_entry_filetype(e) == AE_IFDIR &&
	    archive_entry_hardlink(e) == NULL)
		return 0;
	if (check_member(r, e, &m.name, err) != 0)
		return -1;
	if (read_data(r, in, (size_t)archive_entry_size(e), &m.data, err) != 0)
		return err_in(err,
		    "member \"%.*s\" of the bundle: ", STR_ARG(m.name));
	/* libarchive's copy of the name ends with the next member */
	if (r->fd < 0 && (m.name = str_copy(r->a, m.name)).p == NULL)
		return err_nomem(err, "a member of a bundle");
	return visit(ctx, &m, err);
}

/*
 * libarchive takes a file that was cut between two members for a whole one.
 * Behind the last member there have to be two blocks of zeros, and nothing but
 * zeros.
 */
static int
check_end(struct reader *r, struct archive *in, struct err *err)
{
	la_int64_t at = archive_read_header_position(in);
	const void *p;
	la_ssize_t n;

	if (r->fd < 0) {
		for (r->zeros = 0; r->zeros < r->all.n; r->zeros++)
			if (r->all.p[r->all.n - 1 - r->zeros] != 0)
				break;
		r->read = r->all.n;
	} else {
		while ((n = from_fd(in, r, &p)) > 0)
			;
		if (n < 0)
			return err_read(r, in, err);
	}
	if (at < 0 || r->read < (uint64_t)at + END ||
	    r->read - (uint64_t)at > r->zeros)
		return err_set(err, ERR_INPUT,
		    "the bundle does not end behind its last member: it is cut "
		    "or has something behind");
	return 0;
}

/* No filter: a bundle is never compressed, so it never grows by being read. */
static int
walk(struct reader *r, bundle_visit_fn *visit, void *ctx, struct err *err)
{
	struct archive *in = archive_read_new();
	locale_t utf8 = bundle_locale(), before = bundle_locale_use(utf8);
	struct archive_entry *e;
	struct arena own;
	size_t limit; /* of one member, rounded up as the arena does */
	int rc = -1, got;

	if (ckd_add(&limit, r->member_max, (size_t)64))
		limit = SIZE_MAX;
	if (in == NULL) {
		err_nomem(err, "a bundle");
		goto out;
	}
	if (archive_read_support_format_tar(in) != ARCHIVE_OK ||
	    archive_read_open(in, r, NULL, r->fd < 0 ? from_memory : from_fd,
		NULL) != ARCHIVE_OK) {
		err_read(r, in, err);
		goto out;
	}
	while ((got = archive_read_next_header(in, &e)) == ARCHIVE_OK) {
		if (r->fd >= 0) {
			arena_init(&own, limit);
			r->a = &own;
		}
		rc = read_member(r, in, e, visit, ctx, err);
		if (r->fd >= 0)
			arena_release(&own);
		if (rc != 0)
			goto out;
	}
	rc = got == ARCHIVE_EOF ? check_end(r, in, err) : err_read(r, in, err);
out:
	if (in != NULL)
		(void)archive_read_free(in);
	(void)bundle_locale_use(before);
	bundle_locale_free(utf8);
	return rc;
}

int
bundle_read(struct span s, struct arena *a, bundle_visit_fn *visit, void *ctx,
    struct err *err)
{
	struct reader r = {.all = s, .a = a, .fd = -1, .member_max = s.n};

	return walk(&r, visit, ctx, err);
}

int
bundle_read_fd(int fd, size_t member_max, bundle_visit_fn *visit, void *ctx,
    struct err *err)
{
	struct reader r = {.fd = fd, .member_max = member_max};
	struct stat st;
	int rc;

	/* a member of a plain file cannot claim more than the file has */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size < r.member_max)
		r.member_max = (size_t)st.st_size;
	if ((r.block = mem_alloc(1, BUNDLE_BLOCK)) == NULL)
		return err_nomem(err, "a bundle");
	rc = walk(&r, visit, ctx, err);
	mem_free(r.block);
	return rc;
}
