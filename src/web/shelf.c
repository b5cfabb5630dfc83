#include "web/shelf.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "node/event.h"
#include "record/hash.h"

struct shelf {
	pthread_mutex_t lock; /* guards what is below */
	bool has, making;
	uint64_t changes; /* of the record, when it was begun */
	int64_t begun_us, cost_us;
	struct shelf_file file;
};

struct shelf *
shelf_new(void)
{
	struct shelf *s = mem_alloc(1, sizeof(*s));

	if (s != NULL)
		(void)pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
shelf_free(struct shelf *s)
{
	if (s == NULL)
		return;
	if (s->has)
		(void)close(s->file.fd); /* it was read only from here on */
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

static bool
is_due(const struct shelf *s, uint64_t changes)
{
	int64_t rest_us = INT64_C(1000000) * SHELF_S;

	if (!s->has)
		return true;
	if (s->cost_us > rest_us / SHELF_SHARE)
		rest_us = s->cost_us * SHELF_SHARE;
	return s->changes != changes &&
	       clock_mono_us() - s->begun_us >= rest_us;
}

static int
make(struct query *q, struct shelf_file *ret, struct err *err)
{
	struct archive_options o = {.tiles = true, .rests = true};
	struct shelf_file f = {.made_us = clock_utc_us()};
	struct arena a;
	struct span all;
	int rc = -1;

	f.fd = open(q->n->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (f.fd < 0) /* a disk without such files */
		f.fd = memfd_create("archive", MFD_CLOEXEC);
	if (f.fd < 0)
		return err_set(err, ERR_IO,
		    "the archive has no file to be written to");
	arena_init(&a, (size_t)1 << 40); /* it is mapped, not held */
	o.fd = f.fd;
	if (archive_write(q->n, q->s, &o, &a, &all, &f.count, err) == 0) {
		f.size = all.n;
		f.hash = hash_of(all);
		*ret = f;
		rc = 0;
	} else {
		(void)close(f.fd); /* nobody has it */
	}
	arena_release(&a);
	return rc;
}

/* A way of its own into the same file: readers share no place in it. */
static int
again(int fd, int *ret, struct err *err)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* fits */
	*ret = open(path, O_RDONLY | O_CLOEXEC);
	return *ret >= 0 ? 0
	                 : err_set(err, ERR_IO, "the archive does not open");
}

static int
give(const struct shelf *s, bool wanted, struct shelf_file *ret,
    struct err *err)
{
	int fd = -1;

	if (!s->has)
		return err_set(err, ERR_BUSY,
		    "the archive is being made: try again in some seconds");
	if (wanted && again(s->file.fd, &fd, err) != 0)
		return -1;
	*ret = s->file;
	ret->fd = fd;
	return 0;
}

int
shelf_take(struct shelf *s, struct query *q, bool open, struct shelf_file *ret,
    struct err *err)
{
	uint64_t changes = event_changes(q->n);
	struct shelf_file made = {.fd = -1};
	int64_t begun_us = clock_mono_us();
	bool mine;
	int rc = 0;

	(void)pthread_mutex_lock(&s->lock);
	mine = !s->making && is_due(s, changes);
	s->making = s->making || mine;
	(void)pthread_mutex_unlock(&s->lock);
	if (mine)
		rc = make(q, &made, err);
	(void)pthread_mutex_lock(&s->lock);
	if (mine)
		s->making = false;
	if (mine && rc == 0) {
		if (s->has)
			(void)close(s->file.fd); /* who sends it has its own */
		s->has = true;
		s->changes = changes;
		s->begun_us = begun_us;
		s->cost_us = clock_mono_us() - begun_us;
		s->file = made;
	}
	if (rc == 0)
		rc = give(s, open, ret, err);
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}
