/*
 * bundle: tar files in memory (POSIX ustar with pax names, by libarchive): what
 * nodes send each other, what a courier carries, what an archive is.  Here only
 * the container; what the members mean stands in docs/format/bundle.md.
 */
#ifndef RECORD_BUNDLE_H
#define RECORD_BUNDLE_H

#include "base/text.h"

struct bundle_member {
	struct str name; /* relative, no "..", no empty part, UTF-8 */
	struct span data;
};

enum { BUNDLE_NAME_MAX = 1024 };
/* May a member have this name? */
bool bundle_is_name(struct str name);

/*
 * The same members in the same order give the same bytes.  A writer that is
 * not closed ends with its arena, and leaves what no reader takes.  After a
 * failure it is closed: later calls fail with ERR_IO.
 */
struct bundle_writer;
int bundle_write_open(struct arena *a, struct bundle_writer **ret,
    struct err *err);
int bundle_write_add(struct bundle_writer *w, struct str name, struct span data,
    struct err *err);
/* End it; the bytes live in the arena (none where they went to a file). */
int bundle_write_close(struct bundle_writer *w, struct span *ret,
    struct err *err);

/*
 * Walk a bundle without copying where possible.  Only plain files (directories
 * are skipped); any other kind of member, an unsafe name, or a damaged or cut
 * archive is ERR_INPUT.  visit() returning -1 stops the walk with its err.
 */
typedef int bundle_visit_fn(void *ctx, const struct bundle_member *m,
    struct err *err);
int bundle_read(struct span s, struct arena *a, bundle_visit_fn *visit,
    void *ctx, struct err *err);
/* The same over a file descriptor (an archive may be larger than memory);
 * each member's data lives only during its visit. */
int bundle_read_fd(int fd, size_t member_max, bundle_visit_fn *visit, void *ctx,
    struct err *err);
/* Write straight to a file descriptor. */
int bundle_write_fd(int fd, struct arena *a, struct bundle_writer **ret,
    struct err *err);

#endif
