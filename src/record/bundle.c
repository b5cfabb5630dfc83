#include "record/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <errno.h>
#include <langinfo.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "record/bundle_int.h"

locale_t
bundle_locale(void)
{
	if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		return NULL;
	return newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
}

locale_t
bundle_locale_use(locale_t l)
{
	return l == NULL ? NULL : uselocale(l);
}

void
bundle_locale_free(locale_t l)
{
	if (l != NULL)
		freelocale(l);
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

int
bundle_err_name(struct err *err, struct str name)
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
	locale_t utf8;
	int fd; /* -1: memory */
	size_t n;
	struct block *first, **end;
	bool nomem;
	int why;      /* errno of a failed write(), or 0 */
	bool dropped; /* the rest goes nowhere */
};

/*
 * The two sinks never tell libarchive that they failed: it would not give back
 * its memory.  They remember it, and drop the rest.
 */
static la_ssize_t
to_memory(struct archive *w, void *ctx, const void *p, size_t n)
{
	struct bundle_writer *b = ctx;
	struct block *block;
	size_t size;

	(void)w;
	if (b->dropped)
		return (la_ssize_t)n;
	if (ckd_add(&size, sizeof(*block), n) ||
	    (block = arena_alloc(b->a, size, 1)) == NULL) {
		b->nomem = b->dropped = true;
		return (la_ssize_t)n;
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

	(void)w;
	if (b->dropped)
		return (la_ssize_t)n;
	do
		got = write(b->fd, p, n);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		return got; /* libarchive brings the rest */
	b->why = errno;
	b->dropped = true;
	return (la_ssize_t)n;
}

static int
err_write(const struct bundle_writer *b, struct err *err)
{
	const char *why =
	    b->w == NULL ? "it is closed" : archive_error_string(b->w);

	if (b->nomem)
		return err_nomem(err, "a bundle");
	if (b->why != 0)
		why = strerrordesc_np(b->why);
	return err_set(err, ERR_IO, "a bundle cannot be written: %s",
	    why == NULL ? "libarchive fails" : why);
}

static void
free_writer(void *p)
{
	struct bundle_writer *b = p;

	if (b->w == NULL)
		return;
	/* An abandoned bundle has no end, so that no reader takes it. */
	b->dropped = true;
	(void)archive_write_free(b->w);
	b->w = NULL;
	bundle_locale_free(b->utf8);
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
	b->utf8 = bundle_locale();
	if (arena_defer(a, free_writer, b) != 0)
		return err_nomem(err, "a bundle");
	if (archive_write_set_format_pax_restricted(b->w) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(b->w, BUNDLE_BLOCK) !=
		ARCHIVE_OK ||
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
	locale_t before;
	int rc = -1;

	if (e == NULL)
		return err_nomem(err, "a bundle");
	before = bundle_locale_use(b->utf8);
	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)data.n);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_mtime(e, 0, 0);
	if (archive_write_header(b->w, e) != ARCHIVE_OK ||
	    archive_write_data(b->w, data.p, data.n) != (la_ssize_t)data.n ||
	    archive_write_finish_entry(b->w) != ARCHIVE_OK || b->dropped)
		err_write(b, err);
	else
		rc = 0;
	(void)bundle_locale_use(before);
	archive_entry_free(e);
	return rc;
}

int
bundle_write_add(struct bundle_writer *b, struct str name, struct span data,
    struct err *err)
{
	const char *z;

	if (!bundle_is_name(name))
		return bundle_err_name(err, name);
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
	if (b->w == NULL)
		return err_write(b, err);
	if (archive_write_close(b->w) != ARCHIVE_OK || b->dropped) {
		err_write(b, err);
		free_writer(b);
		return -1;
	}
	free_writer(b);
	if (b->fd < 0)
		return join(b, ret, err);
	*ret = (struct span){NULL, 0};
	return 0;
}
