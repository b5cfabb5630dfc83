/*
 * shelf: the public archive as a ready file.  Strangers ask for it, so it is
 * made at most once in SHELF_S, and where that takes long, in SHELF_SHARE times
 * as long; and never while nothing has changed.  Who asks while it is made gets
 * the one before.
 *  K1  the file holds public acts alone (W1): archive_write() without a reader.
 *  K2  it has no name in the folder; what is being sent stays until it is sent.
 * Threads: any; it locks itself.
 */
#ifndef WEB_SHELF_H
#define WEB_SHELF_H

#include "node/archive.h"
#include "node/query.h"

enum { SHELF_S = 60, SHELF_SHARE = 20 };

struct shelf;
struct shelf *shelf_new(void); /* NULL: no memory */
void shelf_free(struct shelf *s);

struct shelf_file {
	int fd; /* the caller's own; -1 where it was not asked for */
	uint64_t size;
	int64_t made_us;
	struct id hash; /* SHA-256 of its bytes */
	struct archive_count count;
};
/*
 * The archive, made now where it has to be; the look stays open, but the
 * state's lock is let go of meanwhile.  ERR_BUSY: it is being made for the
 * first time.
 */
int shelf_take(struct shelf *s, struct query *q, bool open,
    struct shelf_file *ret, struct err *err);

#endif
