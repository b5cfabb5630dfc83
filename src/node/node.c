#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/file.h"
#include "node/http.h"
#include "node/keydir.h"
#include "node/node_int.h"

enum { LOCK_TRIES = 20, LOCK_PAUSE_US = 100000 };

/* ---- opening and closing ---- */

/* A command holds the folder for moments only: it is waited for. */
static bool
is_locked(int fd)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		clock_sleep_us(LOCK_PAUSE_US);
	}
	return false;
}

static int
lock_folder(struct node *n, struct err *err)
{
	struct arena a;
	int rc = -1;

	arena_init(&a, 65536);
	n->lock_fd = open(str_fmt(&a, "%s/lock", n->folder).p,
	    O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (n->lock_fd < 0)
		(void)err_set(err, ERR_ABSENT,
		    "%s is no folder of a node: 'comity init' makes one",
		    n->folder);
	else if (!is_locked(n->lock_fd))
		(void)err_set(err, ERR_BUSY,
		    "another comity process has the folder %s open: stop it "
		    "first, or use its commands",
		    n->folder); /* N1 */
	else
		rc = 0;
	arena_release(&a);
	return rc;
}

static int
open_store(struct node *n, struct err *err)
{
	struct store_options o = {.create = false};
	struct arena a;
	int rc;

	arena_init(&a, 65536);
	o.path = str_fmt(&a, "%s/record.db", n->folder).p;
	rc = store_open(&o, &n->writer, err);
	arena_release(&a);
	return rc;
}

static int
load_made_anew(struct node *n, struct err *err)
{
	struct arena a;
	struct str s;
	int rc;

	arena_init(&a, 65536);
	rc = store_setting(n->writer, "made_anew", &a, &s, err);
	n->was_made_anew = n->must_recover = rc == 0 && str_is(s, "1");
	arena_release(&a);
	return rc;
}

static int
start_tidy(struct node *n, struct err *err)
{
	struct store_options o = {.create = false};
	struct store *s;
	struct arena a;
	int rc;

	arena_init(&a, 65536);
	o.path = str_fmt(&a, "%s/record.db", n->folder).p;
	rc = store_open(&o, &s, err);
	arena_release(&a);
	if (rc != 0)
		return -1;
	n->tidy = s;
	if (pthread_create(&n->tidier, NULL, node_tidy, n) == 0)
		return 0;
	n->tidy = NULL;
	store_close(s);
	return err_set(err, ERR_IO, "no thread for tidying");
}

static int
load_settings(struct node *n, struct err *err)
{
	struct settings *s = &n->settings;

	if (settings_load(n->folder, &n->settings_arena, s, err) != 0)
		return -1;
	s->authorities =
	    settings_path(n->folder, s->authorities, &n->settings_arena);
	return s->authorities.p == NULL ? err_nomem(err, "settings") : 0;
}

static int
start(struct node *n, const struct node_options *o, struct err *err)
{
	if (lock_folder(n, err) != 0 || load_settings(n, err) != 0 ||
	    node_keys_load(n, o->passphrase, err) != 0 ||
	    open_store(n, err) != 0 || node_load_procedures(n, err) != 0 ||
	    node_load_members(n, err) != 0 || node_keys_settle(n, err) != 0 ||
	    load_made_anew(n, err) != 0)
		return -1;
	if (file_name_all(n, err) != 0)
		return -1;
	if (!o->serve)
		return 0;
	n->serving = true;
	if (pthread_create(&n->committer, NULL, node_committer, n) != 0) {
		n->serving = false;
		return err_set(err, ERR_IO, "no thread for the committer");
	}
	if (start_tidy(n, err) != 0)
		return -1;
	if (n->settings.submit.n > 0 &&
	    pthread_create(&n->outside, NULL, node_outside, n) != 0) {
		n->settings.submit.n = 0;
		return err_set(err, ERR_IO, "no thread for outside witnesses");
	}
	n->has_outside = n->settings.submit.n > 0;
	if (pthread_create(&n->fetcher, NULL, file_fetcher, n) != 0)
		return err_set(err, ERR_IO, "no thread for files");
	n->has_fetcher = true;
	if (alerts_start(n, &n->alerts, err) != 0)
		return -1;
	return line_start_all(n, err);
}

/* The committer comes first: many or long looks must not keep it waiting.  So
 * nobody who holds the lock for reading takes it again. */
static void
init_state(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t attr;

	(void)pthread_rwlockattr_init(&attr); /* these never fail on Linux */
	(void)pthread_rwlockattr_setkind_np(&attr,
	    PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	(void)pthread_rwlock_init(lock, &attr);
	(void)pthread_rwlockattr_destroy(&attr);
}

int
node_open(const struct node_options *o, struct node **ret, struct err *err)
{
	struct node *n;

	if (key_start(err) != 0 || http_start(err) != 0)
		return -1;
	if ((n = mem_alloc(1, sizeof(*n))) == NULL ||
	    (n->folder = mem_alloc(strlen(o->folder) + 1, 1)) == NULL) {
		mem_free(n);
		return err_nomem(err, "a node");
	}
	memcpy(n->folder, o->folder, strlen(o->folder) + 1);
	n->lock_fd = -1;
	n->last = &n->first;
	n->urgent_last = &n->urgent_first;
	n->started_us = clock_mono_us();
	init_state(&n->state);
	(void)pthread_mutex_init(&n->readers, NULL);
	(void)pthread_mutex_init(&n->keeping, NULL);
	clock_cond_init(&n->reader_free);
	(void)pthread_mutex_init(&n->queue, NULL);
	clock_cond_init(&n->queued);
	clock_cond_init(&n->checked);
	arena_init(&n->settings_arena, 1 << 20);
	arena_init(&n->batch, ARENA_REQUEST);
	if (event_open(n, err) != 0 || start(n, o, err) != 0) {
		node_close(n);
		return -1;
	}
	*ret = n;
	return 0;
}

bool
node_rest(struct node *n, int64_t us)
{
	int64_t until = clock_mono_us() + us;
	bool stopping;

	(void)pthread_mutex_lock(&n->queue);
	while (!n->stopping && clock_mono_us() < until)
		clock_cond_wait(&n->checked, &n->queue,
		    until - clock_mono_us());
	stopping = n->stopping;
	(void)pthread_mutex_unlock(&n->queue);
	return !stopping;
}

void
node_quiet(struct node *n)
{
	node_stop(n);
	if (n->has_outside)
		(void)pthread_join(n->outside, NULL);
	n->has_outside = false;
	if (n->has_fetcher)
		(void)pthread_join(n->fetcher, NULL);
	n->has_fetcher = false;
	alerts_stop(n->alerts);
	n->alerts = NULL;
	if (n->tidy != NULL) {
		(void)pthread_join(n->tidier, NULL);
		store_close(n->tidy);
		n->tidy = NULL;
	}
	line_stop_all(n);
}

void
node_close(struct node *n)
{
	if (n == NULL)
		return;
	node_quiet(n);
	for (size_t i = 0; i < n->n_readers; i++)
		store_close(n->reader[i]);
	store_close(n->writer);
	node_forget_all(n);
	node_keys_free(n);
	arena_release(&n->settings_arena);
	arena_release(&n->batch);
	event_close(n);
	(void)pthread_rwlock_destroy(&n->state);
	(void)pthread_mutex_destroy(&n->readers);
	(void)pthread_mutex_destroy(&n->keeping);
	(void)pthread_cond_destroy(&n->reader_free);
	(void)pthread_mutex_destroy(&n->queue);
	(void)pthread_cond_destroy(&n->queued);
	(void)pthread_cond_destroy(&n->checked);
	if (n->lock_fd >= 0)
		(void)close(n->lock_fd); /* releases the lock */
	mem_free(n->folder);
	mem_free(n);
}

/* ---- what strangers keep busy ---- */

bool
node_enter(struct node *n, size_t *count, size_t most)
{
	bool may;

	(void)pthread_mutex_lock(&n->queue);
	may = *count < most;
	*count += may;
	(void)pthread_mutex_unlock(&n->queue);
	return may;
}

void
node_leave(struct node *n, size_t *count)
{
	(void)pthread_mutex_lock(&n->queue);
	--*count;
	(void)pthread_mutex_unlock(&n->queue);
}

/* ---- read-only handles ---- */

struct store *
node_reader(struct node *n, struct err *err)
{
	struct store_options o = {.read_only = true};
	struct store *s = NULL;
	struct arena a;

	(void)pthread_mutex_lock(&n->readers);
	while (n->n_readers == 0 && n->made_readers == READERS_MAX)
		(void)pthread_cond_wait(&n->reader_free, &n->readers);
	if (n->n_readers > 0)
		s = n->reader[--n->n_readers];
	else
		n->made_readers++;
	(void)pthread_mutex_unlock(&n->readers);
	if (s != NULL)
		return s;
	arena_init(&a, 65536);
	o.path = str_fmt(&a, "%s/record.db", n->folder).p;
	if (store_open(&o, &s, err) != 0) {
		s = NULL;
		(void)pthread_mutex_lock(&n->readers);
		n->made_readers--;
		(void)pthread_mutex_unlock(&n->readers);
	}
	arena_release(&a);
	return s;
}

void
node_reader_done(struct node *n, struct store *s)
{
	(void)pthread_mutex_lock(&n->readers);
	n->reader[n->n_readers++] = s;
	(void)pthread_cond_signal(&n->reader_free);
	(void)pthread_mutex_unlock(&n->readers);
}
