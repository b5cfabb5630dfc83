/* A request, from its first line to its answer. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "web/serve_int.h"
#include "web/session.h"

enum {
	/* From a peer: 500,000 entries of 48 bytes and 4 MiB of acts, sealed.
	 */
	BODY_BUNDLE = 40 * 1024 * 1024,
	BODY_ARCHIVE = 1024 * 1024 * 1024, /* from the operator */
	BODY_FILE = 64 * 1024 * 1024,      /* an officer's attachment */
	BODY_SMALL = 1024 * 1024,          /* all else; an act's is below */
	/* What is too long is read over, so that its sender reads the answer;
	 * so much, and then it is cut off. */
	BODY_OVER = 64 * 1024 * 1024
};
#define SECOND INT64_C(1000000)
#define HEAD_US (20 * SECOND)    /* from the first line to the last header */
#define BODY_US (20 * SECOND)    /* of a body, and 1 s for each 4 KiB */
#define IDLE_US (75 * SECOND)    /* between two requests */
#define PATIENCE_US (1 * SECOND) /* how long who asks too often waits */
#define BODY_BYTE_US (SECOND / 4096)
/* A request's memory: a body grows in steps of twice its size, and what is made
 * of it comes on top. */
#define ARENA_MAX ((size_t)512 * 1024 * 1024)
#define ARENA_ARCHIVE ((size_t)5 * 1024 * 1024 * 1024)

static void
set_due(struct call *c, int64_t due_us)
{
	if (c->visit != NULL)
		atomic_store(&c->visit->due_us, due_us);
}

void *
call_begin(void *door, const char *uri, struct MHD_Connection *conn)
{
	struct door *d = door;
	const union MHD_ConnectionInfo *at =
	    MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct call *c = mem_alloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->door = d;
	c->c = conn;
	c->visit = at == NULL ? NULL : at->socket_context;
	c->file = -1;
	arena_init(&c->arena,
	    d->reader == WEB_OPERATOR ? ARENA_ARCHIVE : ARENA_MAX);
	c->uri = str_copy(&c->arena, str_of(uri));
	set_due(c, clock_mono_us() + HEAD_US);
	return c;
}

void
call_end(void *door, struct MHD_Connection *conn, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct door *d = door;
	struct call *c = *state;

	(void)conn, (void)why; /* MHD's form */
	if (c == NULL)
		return;
	*state = NULL;
	set_due(c, clock_mono_us() + IDLE_US);
	atomic_fetch_sub(&d->bytes, c->counted);
	if (c->whole)
		atomic_fetch_sub(&d->s->answering, 1);
	if (c->file >= 0)
		(void)close(c->file);
	arena_release(&c->arena);
	mem_free(c);
}

/* ---- its head ---- */

/* Headers come as bytes; one that is no text is none. */
static struct str
header(struct call *c, const char *name)
{
	const char *z =
	    MHD_lookup_connection_value(c->c, MHD_HEADER_KIND, name);

	if (z == NULL || !text_is_utf8(span_of(str_of(z))))
		return (struct str){NULL, 0};
	return str_of(z);
}

static size_t
most_of(const struct door *door, const struct web_request *r)
{
	if (str_is(r->path, "/bundle") && door->reader == WEB_OPERATOR)
		return BODY_ARCHIVE;
	if (str_is(r->path, "/exchange") || str_starts(r->path, STR("/relay/")))
		return BODY_BUNDLE;
	return BODY_SMALL;
}

/* A long body goes to a file while it comes in: only from whom it is taken. */
static void
open_file(struct call *c)
{
	struct web_server *s = c->door->s;

	c->most = BODY_FILE;
	if (!web_is_admitted(s->w, &c->r, &c->arena, &c->ans)) {
		c->refused = true;
		return;
	}
	c->file = openat(s->spool, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	c->busy = c->file < 0;
}

/* MHD's path is decoded and ends at a NUL: one inside would cut it short, and
 * lead to another page.  No page has one; the path stays as it was sent. */
static struct str
path_of(const struct call *c, const char *url, size_t mark)
{
	struct str sent = str_sub(c->uri, 0, mark);

	for (size_t at = 0; at < sent.n; at++)
		if (str_starts(str_sub(sent, at, sent.n), STR("%00")))
			return sent;
	return str_of(url);
}

static void
open_call(struct call *c, const char *url, const char *method)
{
	struct web_request *r = &c->r;
	size_t mark = str_find(c->uri, '?', 0);
	const char *encoding = MHD_lookup_connection_value(c->c,
	    MHD_HEADER_KIND, "Accept-Encoding");

	r->reader = c->door->reader;
	r->tls = c->door->tls;
	r->address = str_of(c->visit == NULL ? NULL : c->visit->address);
	r->method = str_of(method);
	r->path = path_of(c, url, mark);
	/* As it stood in the request line: MHD hands it out in parts only. */
	r->query =
	    mark < c->uri.n ? str_sub(c->uri, mark + 1, c->uri.n) : STR("");
	r->type = header(c, "Content-Type");
	r->accept = header(c, "Accept");
	r->language = header(c, "Accept-Language");
	r->cookie = header(c, "Cookie");
	r->origin = header(c, "Origin");
	r->host = header(c, "Host");
	r->etag = header(c, "If-None-Match");
	r->file = -1;
	c->takes_gzip = encoding != NULL && strstr(encoding, "gzip") != NULL &&
	                strstr(encoding, "gzip;q=0") == NULL;
	c->most = most_of(c->door, r);
	c->n_key = web_key(c->door->s->w, r, c->key, sizeof(c->key));
	c->begun_us = clock_mono_us();
	set_due(c, c->begun_us + BODY_US);
	buf_init(&c->body, &c->arena);
	if (str_is(r->method, "POST") && str_is(r->path, "/files"))
		open_file(c);
}

/* ---- its body ---- */

static bool
is_written(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		if (n <= 0)
			return false;
		data += n;
		size -= (size_t)n; /* above 0 */
	}
	return true;
}

/* Keep what came of a body, as far as it may be.  false: cut it off. */
static bool
take_in(struct call *c, const char *data, size_t size)
{
	struct door *d = c->door;

	c->came += size;
	if (c->came > c->most + BODY_OVER)
		return false;
	set_due(c, c->begun_us + BODY_US + (int64_t)c->came * BODY_BYTE_US);
	if (c->too_long || c->busy || c->refused || c->is_full)
		return true;
	if (c->came > c->most) {
		c->too_long = true;
		return true;
	}
	if (c->file >= 0) {
		c->is_full = !is_written(c->file, data, size);
		return true;
	}
	c->counted += size;
	if (atomic_fetch_add(&d->bytes, size) + size > d->most && d->most > 0)
		c->busy = true;
	else
		buf_add(&c->body, data, size);
	return true;
}

/* ---- its answer ---- */

void
call_resume(struct call *c)
{
	struct web_server *s = c->door->s;

	MHD_resume_connection(c->c); /* R1 */
	serve_let_go(s);
}

static void
on_later(struct web_later *l)
{
	call_resume(
	    (struct call *)(void *)((char *)l - offsetof(struct call, later)));
}

/* Peers and officers find an open door where strangers do not. */
static void
befriend(struct call *c)
{
	struct limits *l = c->door->s->limits;
	bool peer = str_is(c->r.path, "/exchange") && c->ans.status == 200;
	struct limit_key who;
	struct id word;

	if (c->visit == NULL || (!peer && !c->ans.officer))
		return;
	limit_befriend(l, &c->visit->who, clock_mono_us());
	if (c->ans.officer && session_is_borne(c->r.cookie, &word)) {
		who = limit_officer(word.b);
		limit_befriend(l, &who, clock_mono_us());
	}
}

/* Refused acts count; not those that are good. */
static void
count_refused(struct call *c)
{
	if (c->visit != NULL && c->door->reader == WEB_PUBLIC &&
	    str_is(c->r.path, "/acts") && c->ans.status >= 400 &&
	    c->ans.status < 500)
		(void)limit_take(c->door->s->limits, LIMIT_ACT, &c->visit->who,
		    clock_mono_us(), 0);
}

static void
make_answer(struct call *c)
{
	struct web_server *s = c->door->s;

	c->begun_us = clock_mono_us();
	c->changes = event_changes(s->n);
	web_answer(s->w, &c->r, &c->arena, &c->ans);
	if (c->ans.status == 0)
		return;
	c->stage = CALL_DONE;
	befriend(c);
	count_refused(c);
	reply_prepare(c);
}

void
call_answer(struct call *c)
{
	/* Of many who want the same at once, the first makes it. */
	if (reply_is_ready(c))
		c->stage = CALL_WAITED;
	else
		make_answer(c);
	call_resume(c);
}

static enum MHD_Result
finish(struct call *c)
{
	enum MHD_Result rc;

	if (c->busy)
		return reply_error(c, 503, "busy",
		    "too many requests are coming in: try again in some "
		    "seconds");
	if (c->ans.events)
		return watch_stream(c);
	if (reply_ready(c, &rc))
		return rc;
	return reply(c, &c->ans);
}

/* To the threads of a pool; it comes back as CALL_DONE. */
static enum MHD_Result
give(struct call *c, struct pool *p)
{
	if (!serve_hold(c->door->s))
		return reply_error(c, 503, "busy", "the node is stopping");
	MHD_suspend_connection(c->c);
	if (pool_give(p, c))
		return MHD_YES;
	c->stage = CALL_DONE;
	c->busy = true;
	call_resume(c);
	return MHD_YES;
}

/* The committer takes the act from here, and this thread goes on. */
static enum MHD_Result
post(struct call *c)
{
	if (!serve_hold(c->door->s))
		return reply_error(c, 503, "busy", "the node is stopping");
	c->stage = CALL_LATER;
	c->later.ready = on_later;
	c->r.later = &c->later;
	MHD_suspend_connection(c->c);
	make_answer(c);
	if (c->ans.status != 0)
		call_resume(c);
	return MHD_YES;
}

static enum MHD_Result
posted(struct call *c)
{
	web_later_answer(c->door->s->w, &c->r, &c->arena, &c->ans);
	count_refused(c);
	return reply(c, &c->ans);
}

static struct pool *
pool_of(struct call *c)
{
	struct web_server *s = c->door->s;

	if (c->door->reader == WEB_OPERATOR)
		return &s->operators;
	/* Public pages come behind all that the parties do. */
	return c->pace == WEB_SHOWS && c->n_key > 0 ? &s->pages : &s->work;
}

static enum MHD_Result
dispatch(struct call *c)
{
	struct web_server *s = c->door->s;
	enum MHD_Result rc;

	if (reply_ready(c, &rc))
		return rc;
	c->pace = web_pace(s->w, &c->r);
	if (c->pace == WEB_LATER && c->door->reader == WEB_PUBLIC &&
	    limit_is_spent(s->limits, LIMIT_ACT, &c->visit->who,
		clock_mono_us()))
		return give(c, &s->pages); /* behind all others */
	if (c->pace == WEB_LATER)
		return post(c);
	if (c->pace != WEB_AT_ONCE)
		return give(c, pool_of(c));
	make_answer(c);
	return finish(c);
}

/* ---- who asks too often ---- */

/* What a request counts as; false: as nothing.  The lines of the conference,
 * and what programs read of logs, are never held up. */
static bool
counts_as(const struct call *c, enum limit_kind *ret)
{
	static const char *const lines[] = {"/acts", "/exchange", "/relay/",
	    "/recover/", "/add-checkpoint", "/logs/", "/health"};
	struct str path = c->r.path;

	if (c->door->reader != WEB_PUBLIC || c->visit == NULL)
		return false;
	for (size_t i = 0; i < COUNT(lines); i++)
		if (str_starts(path, str_of(lines[i])) &&
		    (path.n == strlen(lines[i]) ||
			lines[i][strlen(lines[i]) - 1] == '/' ||
			path.p[strlen(lines[i])] == '/'))
			return str_starts(path, STR("/acts/"))
			           ? (*ret = LIMIT_PAGE, true)
			           : false;
	*ret = str_is(c->r.method, "GET") || str_is(c->r.method, "HEAD")
	           ? LIMIT_PAGE
	           : LIMIT_ATTEMPT;
	return true;
}

/* Is it one who has signed in, as of a moment ago?  Then it has a limit of its
 * own. */
static bool
is_officer(struct call *c, int64_t now_us, struct limit_key *ret)
{
	struct limit_key who;
	struct id word;

	if (!session_is_borne(c->r.cookie, &word))
		return false;
	who = limit_officer(word.b);
	if (!limit_is_friend(c->door->s->limits, &who, now_us))
		return false;
	*ret = who;
	return true;
}

/* Suspend who asks too often: for a little, or to be refused then.  false: go
 * on. */
static bool
is_parked(struct call *c)
{
	struct web_server *s = c->door->s;
	int64_t now_us = clock_mono_us(), wait_us;
	enum limit_kind kind;
	struct limit_key who;
	bool officer;

	if (!counts_as(c, &kind))
		return false;
	who = c->visit->who;
	officer = is_officer(c, now_us, &who);
	if (officer)
		kind = LIMIT_PAGE;
	wait_us = limit_take(s->limits, kind, &who, now_us, PATIENCE_US);
	if (wait_us == 0 && kind == LIMIT_PAGE && !officer) {
		who = limit_all();
		wait_us = limit_take(s->limits, LIMIT_PUBLIC, &who, now_us,
		    PATIENCE_US);
	}
	if (wait_us == 0 || !serve_hold(s))
		return false;
	if (wait_us > PATIENCE_US) {
		c->retry_s = wait_us / SECOND + 1;
		wait_us = PATIENCE_US;
	}
	c->stage = CALL_WAITED;
	MHD_suspend_connection(c->c);
	watch_park(s, c, now_us + wait_us);
	return true;
}

static enum MHD_Result
refuse(struct call *c)
{
	return reply_error(c, 429, "busy",
	    "too many requests from this address: go on more slowly");
}

static enum MHD_Result
arrived(struct call *c)
{
	struct str body;
	struct err err;

	c->whole = true;
	atomic_fetch_add(&c->door->s->answering, 1);
	set_due(c, 0);
	if (c->refused)
		return reply(c, &c->ans);
	if (c->busy)
		return finish(c);
	if (c->is_full)
		return reply_error(c, 500, "io",
		    "the disk is full: the file was not kept; free some space "
		    "and try again");
	if (c->too_long || buf_done(&c->body, &body, &err) != 0)
		return reply_error(c, 413, "input", "the request is too long");
	c->r.body = span_of(body);
	c->r.file = c->file;
	if (c->file >= 0 && lseek(c->file, 0, SEEK_SET) != 0)
		return MHD_NO;
	return is_parked(c) ? MHD_YES : dispatch(c);
}

enum MHD_Result
call_step(void *door, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **state)
{
	struct call *c = *state;

	(void)door, (void)conn, (void)version; /* MHD's form */
	if (c == NULL)
		return MHD_NO;
	switch (c->stage) {
	case CALL_HEAD:
		c->stage = CALL_BODY;
		open_call(c, url, method);
		return MHD_YES;
	case CALL_BODY:
		if (*size == 0)
			return arrived(c);
		if (!take_in(c, data, *size))
			return MHD_NO;
		*size = 0;
		return MHD_YES;
	case CALL_WAITED:
		return c->retry_s > 0 ? refuse(c) : dispatch(c);
	case CALL_LATER:
		return posted(c);
	case CALL_DONE:
		return finish(c);
	}
	return MHD_NO;
}
