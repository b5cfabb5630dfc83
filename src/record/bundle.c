#include "record/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"

enum { BLOCK = 65536, END = 1024 /* two blocks of zeros end a tar file */ };

/*
 * libarchive keeps names in the encoding of the locale.  A bundle's names are
 * UTF-8 whatever the program's locale is, so that of this thread is set around
 * each of its calls.  Where there is no such locale, ASCII names still work.
 */
struct utf8 {
	locale_t ours, before;
};

static struct utf8
utf8_enter(void)
{
	struct utf8 u = {.ours = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL)};

	if (u.ours != NULL)
		u.before = uselocale(u.ours);
	return u;
}

static void
utf8_leave(struct utf8 u)
{
	if (u.ours == NULL)
		return;
	(void)uselocale(u.before);
	freelocale(u.ours);
}

static bool
is_part(struct str part)
{
	for (size_t i = 0; i < part.n; i++)
		if ((uint8_t)part.p[i] < 0x20 || part.p[i] == 0x7f)
			return false;
	return part.n > 0 && !str_is(part, ".") && !str_is(part, "..");
}

bool
bundle_is_name(struct str name)
{
	size_t from = 0, to;

	if (name.n > BUNDLE_NAME_MAX || !text_is_utf8(span_of(name)))
		return false;
	do {
		to = str_find(name, '/', from);
		if (!is_part(str_sub(name, from, to)))
			return false;
		from = to + 1;
	} while (to < name.n);
	return true;
}

static int
err_name_of(struct err *err, struct str name)
{
	return err_set(err, ERR_INPUT,
	    "\"%.*s\" is no name in a bundle: relative, no empty part, no "
	    "\"..\", UTF-8 of at most %d bytes",
	    STR_ARG(name), BUNDLE_NAME_MAX);
}

/* Writing: libarchive's blocks go to fd, or into a list that close joins. */
struct block {
	struct block *next;
	size_t n;
	uint8_t p[];
};
struct bundle_writer {
	struct arena *a;
	struct archive *w; /* NULL when closed */
	int fd;            /* -1: memory */
	size_t n;
	struct block *first, **end;
	bool nomem;
};

static la_ssize_t
to_memory(struct archive *w, void *ctx, const void *p, size_t n)
{
	struct bundle_writer *b = ctx;
	struct block *block;
	size_t size;

	if (ckd_add(&size, sizeof(*block), n) ||
	    (block = arena_alloc(b->a, size, 1)) == NULL) {
		b->nomem = true;
		archive_set_error(w, ENOMEM, "no memory");
		return -1;
	}
	memcpy(block->p, p, n);
	block->n = n;
	b->n += n;
	*b->end = block;
	b->end = &block->next;
	return (la_ssize_t)n;
}

static la_ssize_t
to_fd(struct archive *w, void *ctx, const void *p, size_t n)
{
	struct bundle_writer *b = ctx;
	ssize_t got;

	do
		got = write(b->fd, p, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		archive_set_error(w, errno, "%s", strerrordesc_np(errno));
	return got;
}

static int
err_write(const struct bundle_writer *b, struct err *err)
{
	if (b->nomem)
		return err_nomem(err, "a bundle");
	return err_set(err, ERR_IO, "a bundle cannot be written: %s",
	    b->w == NULL || archive_error_string(b->w) == NULL
		? "it is closed"
		: archive_error_string(b->w));
}

static void
free_writer(void *p)
{
	struct bundle_writer *b = p;

	if (b->w == NULL)
		return;
	/* An abandoned bundle has no end, so that no reader takes it. */
	(void)archive_write_fail(b->w);
	(void)archive_write_free(b->w);
	b->w = NULL;
}

static int
open_writer(int fd, struct arena *a, struct bundle_writer **ret,
    struct err *err)
{
	struct bundle_writer *b = arena_new(a, struct bundle_writer);

	if (b == NULL)
		return err_nomem(err, "a bundle");
	*b = (struct bundle_writer){.a = a, .fd = fd};
	b->end = &b->first;
	if ((b->w = archive_write_new()) == NULL)
		return err_nomem(err, "a bundle");
	if (arena_defer(a, free_writer, b) != 0)
		return err_nomem(err, "a bundle");
	if (archive_write_set_format_pax_restricted(b->w) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(b->w, BLOCK) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(b->w, 1) != ARCHIVE_OK ||
	    archive_write_open(b->w, b, NULL, fd < 0 ? to_memory : to_fd,
		NULL) != ARCHIVE_OK)
		return err_write(b, err);
	*ret = b;
	return 0;
}

int
bundle_write_open(struct arena *a, struct bundle_writer **ret, struct err *err)
{
	return open_writer(-1, a, ret, err);
}

int
bundle_write_fd(int fd, struct arena *a, struct bundle_writer **ret,
    struct err *err)
{
	assert(fd >= 0);
	return open_writer(fd, a, ret, err);
}

/* The same content gives the same bytes: no time, owner or mode of a disk. */
static int
add(struct bundle_writer *b, const char *name, struct span data,
    struct err *err)
{
	struct archive_entry *e = archive_entry_new();
	struct utf8 u;
	int rc = -1;

	if (e == NULL)
		return err_nomem(err, "a bundle");
	u = utf8_enter();
	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)data.n);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_mtime(e, 0, 0);
	if (archive_write_header(b->w, e) != ARCHIVE_OK ||
	    archive_write_data(b->w, data.p, data.n) != (la_ssize_t)data.n ||
	    archive_write_finish_entry(b->w) != ARCHIVE_OK)
		err_write(b, err);
	else
		rc = 0;
	utf8_leave(u);
	archive_entry_free(e);
	return rc;
}

int
bundle_write_add(struct bundle_writer *b, struct str name, struct span data,
    struct err *err)
{
	const char *z;

	if (!bundle_is_name(name))
		return err_name_of(err, name);
	if (data.n > INT64_MAX)
		return err_set(err, ERR_INPUT, "\"%.*s\" is too long",
		    STR_ARG(name));
	if (b->w == NULL)
		return err_write(b, err);
	if ((z = str_z(b->a, name)) == NULL)
		return err_nomem(err, "a bundle");
	if (add(b, z, data, err) == 0)
		return 0;
	free_writer(b); /* half a member is no bundle */
	return err_in(err, "member \"%.*s\": ", STR_ARG(name));
}

static int
join(struct bundle_writer *b, struct span *ret, struct err *err)
{
	uint8_t *p;
	size_t n = 0;

	if (b->first != NULL && b->first->next == NULL) {
		*ret = (struct span){b->first->p, b->first->n};
		return 0;
	}
	if ((p = arena_alloc(b->a, b->n, 1)) == NULL)
		return err_nomem(err, "a bundle");
	for (const struct block *k = b->first; k != NULL; k = k->next) {
		memcpy(p + n, k->p, k->n);
		n += k->n;
	}
	*ret = (struct span){p, n};
	return 0;
}

int
bundle_write_close(struct bundle_writer *b, struct span *ret, struct err *err)
{
	int rc;

	if (b->w == NULL)
		return err_write(b, err);
	if (archive_write_close(b->w) != ARCHIVE_OK) {
		err_write(b, err);
		free_writer(b);
		return -1;
	}
	rc = archive_write_free(b->w);
	b->w = NULL;
	if (rc != ARCHIVE_OK)
		return err_set(err, ERR_IO, "a bundle cannot be ended");
	if (b->fd < 0)
		return join(b, ret, err);
	*ret = (struct span){NULL, 0};
	return 0;
}

/* Reading, from memory or from fd. */
struct reader {
	struct span all;      /* memory only */
	struct arena *a;      /* where a member is gathered */
	int fd;               /* -1: memory */
	size_t member_max;    /* largest member that is taken */
	uint64_t read, zeros; /* fd: bytes so far, zeros at their end */
	bool failed;          /* fd: errno came from read() */
	uint8_t *block;       /* fd: BLOCK bytes */
};

static la_ssize_t
from_fd(struct archive *in, void *ctx, const void **ret)
{
	struct reader *r = ctx;
	ssize_t got;
	size_t n, zeros = 0;

	do
		got = read(r->fd, r->block, BLOCK);
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
		return err_name_of(err, *name);
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
	struct utf8 u = utf8_enter();
	struct archive_entry *e;
	struct arena own;
	int rc = -1, got;

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
			arena_init(&own, r->member_max + 4096);
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
	utf8_leave(u);
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
	int rc;

	if ((r.block = mem_alloc(1, BLOCK)) == NULL)
		return err_nomem(err, "a bundle");
	rc = walk(&r, visit, ctx, err);
	mem_free(r.block);
	return rc;
}
