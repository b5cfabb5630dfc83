/*
 * Who holds the doors: clients that are too slow, those that ask too often, and
 * event streams.  One thread, whatever their number.
 */
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "web/events.h"
#include "web/serve_int.h"

enum {
	SWEEP_US = 1000000,
	PARKED_MS = 20,
	QUIET_MS = 1000,
	EVENTS_AT_ONCE = 4,
	/* News are gathered so long after the last, the longer the more streams
	 * there are: 1,000 wait 120 ms at most. */
	GATHER_US = 20000,
	GATHER_EACH_US = 100
};
#define CONNECT_US (20 * INT64_C(1000000)) /* until a first request */
#define ALIVE_US (15 * INT64_C(1000000))

/* Guarded by the watch's lock: prev, next, waits.  The rest is its
 * connection's thread's own. */
struct stream {
	struct stream *prev, *next;
	bool waits; /* suspended, until there is news */
	struct web_server *s;
	struct call *c; /* gone before end_stream() */
	uint64_t at;    /* the last event that it had */
	bool greeted, lost;
	_Atomic int64_t said_us;    /* when anything was said last */
	_Atomic int64_t checked_us; /* when it was last seen that it may */
	size_t n, sent;
	char text[EVENTS_AT_ONCE * EVENTS_TEXT];
};

/* ---- what is held (R2) ---- */

bool
serve_hold(struct web_server *s)
{
	bool may;

	(void)pthread_mutex_lock(&s->watch.lock);
	may = !s->watch.stopping;
	s->watch.held += may;
	(void)pthread_mutex_unlock(&s->watch.lock);
	return may;
}

void
serve_let_go(struct web_server *s)
{
	(void)pthread_mutex_lock(&s->watch.lock);
	if (--s->watch.held == 0)
		(void)pthread_cond_broadcast(&s->watch.let_go);
	(void)pthread_mutex_unlock(&s->watch.lock);
}

/* The caller holds the lock. */
static void
unpark(struct web_server *s, int64_t now_us)
{
	for (struct call **at = &s->watch.parked; *at != NULL;) {
		struct call *c = *at;

		if (c->until_us > now_us) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		s->watch.held--;
		MHD_resume_connection(c->c);
	}
	if (s->watch.held == 0)
		(void)pthread_cond_broadcast(&s->watch.let_go);
}

void
watch_park(struct web_server *s, struct call *c, int64_t until_us)
{
	bool first;

	c->until_us = until_us;
	(void)pthread_mutex_lock(&s->watch.lock);
	first = s->watch.parked == NULL;
	c->next = s->watch.parked;
	s->watch.parked = c;
	if (s->watch.stopping)
		unpark(s, INT64_MAX);
	(void)pthread_mutex_unlock(&s->watch.lock);
	if (first)
		(void)eventfd_write(s->watch.bell, 1);
}

/* ---- connections ---- */

struct visit *
watch_visit(struct door *d, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *fd =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *at =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct watch *w = &d->s->watch;
	struct visit *v = mem_alloc(1, sizeof(*v));
	int64_t now_us = clock_mono_us();

	if (v == NULL)
		return NULL;
	v->door = d;
	v->fd = fd == NULL ? -1 : fd->connect_fd;
	v->who = limit_address(at == NULL ? NULL : at->client_addr);
	limit_text(&v->who, v->address);
	atomic_init(&v->due_us, now_us + CONNECT_US);
	atomic_fetch_add(&d->visits, 1);
	if (d->reader == WEB_PUBLIC)
		limit_enter(d->s->limits, &v->who, now_us);
	(void)pthread_mutex_lock(&w->lock);
	v->next = w->visits;
	if (v->next != NULL)
		v->next->prev = v;
	w->visits = v;
	(void)pthread_mutex_unlock(&w->lock);
	return v;
}

void
watch_leave(struct visit *v)
{
	struct watch *w;

	if (v == NULL)
		return;
	w = &v->door->s->watch;
	(void)pthread_mutex_lock(&w->lock);
	*(v->prev == NULL ? &w->visits : &v->prev->next) = v->next;
	if (v->next != NULL)
		v->next->prev = v->prev;
	(void)pthread_mutex_unlock(&w->lock);
	atomic_fetch_sub(&v->door->visits, 1);
	if (v->door->reader == WEB_PUBLIC)
		limit_leave(v->door->s->limits, &v->who);
	mem_free(v);
}

/* Cut off who is late.  A connection is in the list as long as its descriptor
 * is open.  The caller holds the lock. */
static void
sweep(struct watch *w, int64_t now_us)
{
	for (struct visit *v = w->visits; v != NULL; v = v->next) {
		int64_t due_us = atomic_load(&v->due_us);

		if (due_us != 0 && due_us < now_us && v->fd >= 0)
			(void)shutdown(v->fd, SHUT_RDWR);
	}
}

/* ---- streams ---- */

/* Wake those that wait.  The caller holds the lock. */
static void
wake_streams(struct watch *w, bool all, int64_t now_us)
{
	for (struct stream *x = w->streams; x != NULL; x = x->next) {
		if (!x->waits ||
		    (!all && now_us - atomic_load(&x->said_us) < ALIVE_US &&
			now_us - atomic_load(&x->checked_us) < ALIVE_US))
			continue;
		x->waits = false;
		MHD_resume_connection(x->c->c);
	}
}

/* Sessions and mandates end, however much there is to say. */
static bool
may_go_on(struct stream *x, int64_t now_us)
{
	struct web_answer ans;
	struct arena a;
	bool may;

	if (now_us - atomic_load(&x->checked_us) < ALIVE_US)
		return true;
	arena_init(&a, 1 << 20);
	may = web_is_admitted(x->s->w, &x->c->r, &a, &ans);
	arena_release(&a);
	atomic_store(&x->checked_us, now_us);
	return may;
}

/* The next piece of text.  false: the stream ends. */
static bool
next_text(struct stream *x, int64_t now_us)
{
	struct web_server *s = x->s;
	struct event e[EVENTS_AT_ONCE];
	bool lost = false;
	size_t n;

	x->sent = x->n = 0;
	if (!may_go_on(x, now_us))
		return false;
	if (!x->greeted) {
		x->greeted = true;
		x->n = events_hello(s->n, x->at, x->lost, x->text);
	} else if ((n = event_read(s->n, x->at, e, EVENTS_AT_ONCE, &lost)) >
		   0) {
		x->at = e[n - 1].seq;
		for (size_t i = 0; i < n; i++)
			x->n += events_text(s->n, &e[i], x->text + x->n);
	} else if (lost) {
		x->at = event_last(s->n);
		x->n = events_hello(s->n, x->at, true, x->text);
	} else if (now_us - atomic_load(&x->said_us) >= ALIVE_US) {
		x->n = events_alive(x->text);
	}
	if (x->n > 0)
		atomic_store(&x->said_us, now_us);
	return true;
}

/* Suspend the stream until there is news.  false: the end has come. */
static bool
await_news(struct stream *x)
{
	struct web_server *s = x->s;
	bool stopping;

	(void)pthread_mutex_lock(&s->watch.lock);
	stopping = s->watch.stopping;
	/* What came since it looked has rung already. */
	if (!stopping && event_last(s->n) == x->at) {
		x->waits = true;
		MHD_suspend_connection(x->c->c);
	}
	(void)pthread_mutex_unlock(&s->watch.lock);
	return !stopping;
}

static ssize_t
read_stream(void *stream, uint64_t pos, char *out, size_t most)
{
	struct stream *x = stream;
	size_t n;

	(void)pos; /* MHD's form */
	if (x->sent == x->n && !next_text(x, clock_mono_us()))
		return MHD_CONTENT_READER_END_OF_STREAM;
	n = x->n - x->sent < most ? x->n - x->sent : most;
	if (n == 0)
		return await_news(x) ? 0 : MHD_CONTENT_READER_END_OF_STREAM;
	memcpy(out, x->text + x->sent, n);
	x->sent += n;
	return (ssize_t)n; /* at most EVENTS_TEXT */
}

static void
end_stream(void *stream)
{
	struct stream *x = stream;
	struct watch *w = &x->s->watch;

	(void)pthread_mutex_lock(&w->lock);
	*(x->prev == NULL ? &w->streams : &x->prev->next) = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	w->n_streams--;
	(void)pthread_mutex_unlock(&w->lock);
	mem_free(x);
}

enum MHD_Result
watch_stream(struct call *c)
{
	struct web_server *s = c->door->s;
	const char *last =
	    MHD_lookup_connection_value(c->c, MHD_HEADER_KIND, "Last-Event-ID");
	struct stream *x = mem_alloc(1, sizeof(*x));
	struct MHD_Response *r;
	enum MHD_Result rc;

	if (x == NULL)
		return MHD_NO;
	x->s = s;
	x->c = c;
	atomic_store(&x->checked_us, clock_mono_us());
	x->at = events_from(s->n,
	    last == NULL ? (struct str){NULL, 0} : str_of(last), &x->lost);
	(void)pthread_mutex_lock(&s->watch.lock);
	x->next = s->watch.streams;
	if (x->next != NULL)
		x->next->prev = x;
	s->watch.streams = x;
	s->watch.n_streams++;
	(void)pthread_mutex_unlock(&s->watch.lock);
	r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, EVENTS_TEXT,
	    read_stream, x, end_stream);
	if (r == NULL) {
		end_stream(x);
		return MHD_NO;
	}
	reply_head(c, r, &c->ans);
	atomic_store(&c->visit->due_us, 0);
	rc = MHD_queue_response(c->c, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	return rc;
}

/* ---- the thread ---- */

/* From the thread that made the news: nothing but a ring. */
static void
on_news(void *server)
{
	struct web_server *s = server;

	if (!atomic_exchange(&s->watch.news, true))
		(void)eventfd_write(s->watch.bell, 1);
}

/* One look around; how long the next may wait.  The caller holds the lock. */
static int64_t
look_around(struct web_server *s, int64_t now_us)
{
	struct watch *w = &s->watch;
	int64_t gather_us =
	    GATHER_US + GATHER_EACH_US * (int64_t)w->n_streams; /* few */
	int64_t next_us = now_us + QUIET_MS * 1000;

	if (w->stopping ||
	    (atomic_load(&w->news) && now_us - w->told_us >= gather_us)) {
		atomic_store(&w->news, false);
		w->told_us = now_us;
		wake_streams(w, true, now_us);
	} else if (atomic_load(&w->news)) {
		next_us = w->told_us + gather_us;
	}
	unpark(s, w->stopping ? INT64_MAX : now_us);
	if (w->parked != NULL && next_us > now_us + PARKED_MS * 1000)
		next_us = now_us + PARKED_MS * 1000;
	if (now_us - w->swept_us >= SWEEP_US) {
		w->swept_us = now_us;
		sweep(w, now_us);
		wake_streams(w, false, now_us);
	}
	return next_us - now_us;
}

static void *
run(void *server)
{
	struct web_server *s = server;
	struct watch *w = &s->watch;
	int wait_ms = QUIET_MS;
	bool end = false;

	while (!end) {
		struct pollfd at = {.fd = w->bell, .events = POLLIN};
		eventfd_t rings;

		(void)poll(&at, 1, wait_ms);
		(void)eventfd_read(w->bell, &rings);
		(void)pthread_mutex_lock(&w->lock);
		end = w->stopping;
		/* at most QUIET_MS */
		wait_ms = (int)(look_around(s, clock_mono_us()) / 1000) + 1;
		(void)pthread_mutex_unlock(&w->lock);
	}
	return NULL;
}

int
watch_open(struct web_server *s, struct err *err)
{
	struct watch *w = &s->watch;

	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->let_go, NULL);
	w->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->bell < 0 || pthread_create(&w->thread, NULL, run, s) != 0) {
		if (w->bell >= 0)
			(void)close(w->bell);
		return err_set(err, ERR_IO, "no thread to watch connections");
	}
	w->is_open = true;
	event_listen(s->n, on_news, s);
	return 0;
}

void
watch_stop(struct web_server *s)
{
	struct watch *w = &s->watch;

	if (!w->is_open)
		return;
	event_listen(s->n, NULL, NULL);
	(void)pthread_mutex_lock(&w->lock);
	w->stopping = true;
	(void)eventfd_write(w->bell, 1);
	while (w->held > 0)
		(void)pthread_cond_wait(&w->let_go, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
}

void
watch_close(struct web_server *s)
{
	struct watch *w = &s->watch;

	if (!w->is_open)
		return;
	(void)close(w->bell);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->let_go);
	w->is_open = false;
}
