/*
 * Sockets: the only user of libmicrohttpd.  A thread a connection: a request
 * that waits for the committer's disk holds nobody else up.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/num.h"
#include "web/web.h"

enum {
	/* From a peer: 500,000 entries of 48 bytes and 4 MiB of acts, sealed.
	 */
	BODY_BUNDLE = 40 * 1024 * 1024,
	BODY_ARCHIVE = 1024 * 1024 * 1024, /* from the operator */
	BODY_SMALL = 1024 * 1024,          /* all else; an act's is below */
	BODIES_MAX = 256 * 1024 * 1024,    /* of strangers, held at once */
	CONNECTIONS_MAX = 1024,
	CONNECTIONS_EACH = 256,
	IDLE_S = 120,
	STACK = 512 * 1024
};
#define RETRY_TEXT "5" /* seconds */
/* A request's memory: a body grows in steps of twice its size, and what is made
 * of it comes on top. */
#define ARENA_MAX ((size_t)512 * 1024 * 1024)
#define ARENA_ARCHIVE ((size_t)5 * 1024 * 1024 * 1024)

struct web_server {
	struct web *w;
	struct MHD_Daemon *tcp, *local;
	int port;
};
struct door { /* by which a connection came: whose rights it has */
	struct web *w;
	enum web_reader reader;
	size_t most;         /* bytes of bodies at once; 0: any */
	atomic_size_t bytes; /* held now */
};
struct web_doors {
	struct web_server server; /* first */
	struct door tcp, local;
};
struct call { /* one request under way */
	struct arena arena;
	struct buf body;
	size_t most, counted; /* counted: at its door */
	bool too_long, busy;
};

static enum MHD_Result
reply(struct MHD_Connection *c, const struct web_answer *ans)
{
	struct MHD_Response *r;
	enum MHD_Result rc;
	union {
		const uint8_t *p;
		void *q;
	} body = {.p = ans->body.p}; /* copied: MHD's type lacks const */

	r = MHD_create_response_from_buffer(ans->body.n, body.q,
	    MHD_RESPMEM_MUST_COPY);
	if (r == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(r, "Content-Type", ans->type);
	(void)MHD_add_response_header(r, "Cache-Control",
	    ans->caching == NULL ? "no-store" : ans->caching);
	(void)MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	if (ans->cookie.p != NULL)
		(void)MHD_add_response_header(r, "Set-Cookie", ans->cookie.p);
	if (ans->location.p != NULL)
		(void)MHD_add_response_header(r, "Location", ans->location.p);
	if (ans->status == 503)
		(void)MHD_add_response_header(r, "Retry-After", RETRY_TEXT);
	rc = MHD_queue_response(c, (unsigned)ans->status, r); /* 200 to 503 */
	MHD_destroy_response(r);
	return rc;
}

static enum MHD_Result
too_long(struct MHD_Connection *c)
{
	struct str text = STR("{\"error\":\"the request is too long\","
			      "\"code\":\"input\"}");
	struct web_answer ans = {.status = 413,
	    .type = "application/json",
	    .body = span_of(text)};

	return reply(c, &ans);
}

static enum MHD_Result
busy(struct MHD_Connection *c)
{
	struct str text = STR("{\"error\":\"too many requests are coming in: "
			      "try again in some seconds\",\"code\":\"busy\"}");
	struct web_answer ans = {.status = 503,
	    .type = "application/json",
	    .body = span_of(text)};

	return reply(c, &ans);
}

static size_t
most_of(const struct door *door, const char *url)
{
	if (strcmp(url, "/bundle") == 0 && door->reader == WEB_OPERATOR)
		return BODY_ARCHIVE;
	if (strcmp(url, "/exchange") == 0 || strncmp(url, "/relay/", 7) == 0)
		return BODY_BUNDLE;
	return BODY_SMALL;
}

/* Keep what came of a body, as far as it may be.  What is beyond a limit is
 * read over, so that the sender comes to read the answer. */
static void
take_in(struct door *door, struct call *call, const char *data, size_t size)
{
	if (call->too_long || call->busy)
		return;
	if (call->body.n + size > call->most) {
		call->too_long = true;
		return;
	}
	call->counted += size;
	if (atomic_fetch_add(&door->bytes, size) + size > door->most &&
	    door->most > 0)
		call->busy = true;
	else
		buf_add(&call->body, data, size);
}

/* The query as it stood in the request line: MHD hands it out in parts only,
 * so the whole line is kept when it comes in (uri_line). */
static struct str
query_of(const char *uri)
{
	const char *q = uri == NULL ? NULL : strchr(uri, '?');

	return q == NULL ? STR("") : str_of(q + 1);
}

struct line { /* the request line's URI, kept by MHD until the end */
	struct call call;
	struct str uri;
};

static void *
uri_line(void *ctx, const char *uri, struct MHD_Connection *c)
{
	const struct door *door = ctx;
	struct line *l = mem_alloc(1, sizeof(*l));

	(void)c; /* MHD's form */
	if (l == NULL)
		return NULL;
	arena_init(&l->call.arena,
	    door->reader == WEB_OPERATOR ? ARENA_ARCHIVE : ARENA_MAX);
	l->uri = str_copy(&l->call.arena, str_of(uri));
	return l;
}

static void
completed(void *ctx, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct door *door = ctx;
	struct line *l = *state;

	(void)c, (void)why; /* MHD's form */
	if (l == NULL)
		return;
	atomic_fetch_sub(&door->bytes, l->call.counted);
	arena_release(&l->call.arena);
	mem_free(l);
	*state = NULL;
}

/* Headers come as bytes; one that is no text is none. */
static struct str
header(struct MHD_Connection *c, const char *name)
{
	const char *z = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

	if (z == NULL || !text_is_utf8(span_of(str_of(z))))
		return (struct str){NULL, 0};
	return str_of(z);
}

static enum MHD_Result
handle(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
    const char *version, const char *data, size_t *size, void **state)
{
	struct door *door = ctx;
	struct line *l = *state;
	struct web_request r = {.reader = door->reader};
	struct web_answer ans;
	struct err err;
	struct str body;

	(void)version;
	if (l == NULL)
		return MHD_NO;
	if (l->call.most == 0) { /* the headers are here */
		l->call.most = most_of(door, url);
		buf_init(&l->call.body, &l->call.arena);
		return MHD_YES;
	}
	if (*size > 0) {
		take_in(door, &l->call, data, *size);
		*size = 0;
		return MHD_YES;
	}
	if (l->call.busy)
		return busy(c);
	if (l->call.too_long || buf_done(&l->call.body, &body, &err) != 0)
		return too_long(c);
	r.method = str_of(method);
	r.path = str_of(url);
	r.query = query_of(l->uri.p);
	r.type = header(c, "Content-Type");
	r.accept = header(c, "Accept");
	r.language = header(c, "Accept-Language");
	r.cookie = header(c, "Cookie");
	r.origin = header(c, "Origin");
	r.host = header(c, "Host");
	r.etag = header(c, "If-None-Match");
	r.body = span_of(body);
	web_answer(door->w, &r, &l->call.arena, &ans);
	return reply(c, &ans);
}

static struct MHD_Daemon *
start(struct door *door, int fd)
{
	return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION |
				    MHD_USE_INTERNAL_POLLING_THREAD |
				    MHD_USE_POLL | MHD_USE_ITC,
	    0, NULL, NULL, handle, door, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_URI_LOG_CALLBACK, uri_line, door,
	    MHD_OPTION_NOTIFY_COMPLETED, completed, door,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    door->reader == WEB_PUBLIC ? (unsigned)CONNECTIONS_EACH : 0U,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
	    MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)65536, MHD_OPTION_END);
}

static int
listen_tcp(const char *host, int port, int *ret_fd, int *ret_port,
    struct err *err)
{
	struct addrinfo want = {.ai_socktype = SOCK_STREAM,
			    .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
			*found = NULL;
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);
	char service[16];
	int fd = -1, on = 1;

	(void)snprintf(service, sizeof(service), "%d", port); /* fits */
	if (getaddrinfo(host, service, &want, &found) != 0 || found == NULL)
		return err_set(err, ERR_INPUT, "no address '%s' to listen on",
		    host);
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
	    listen(fd, 512) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &n) != 0) {
		freeaddrinfo(found);
		if (fd >= 0)
			(void)close(fd);
		return err_set(err, ERR_BUSY,
		    "%s port %d is in use, or not ours to take: set 'listen' "
		    "in comity.ini to another",
		    host, port);
	}
	freeaddrinfo(found);
	*ret_port = ntohs(at.ss_family == AF_INET6
			      ? ((struct sockaddr_in6 *)&at)->sin6_port
			      : ((struct sockaddr_in *)&at)->sin_port);
	*ret_fd = fd;
	return 0;
}

static int
listen_local(const char *path, int *ret_fd, struct err *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char dir[400];
	const char *slash = strrchr(path, '/');
	int fd, dirfd;

	/* A path in a deep folder is longer than a socket's name may be. */
	if (slash == NULL || (size_t)(slash - path) >= sizeof(dir))
		return err_set(err, ERR_INPUT, "no place for a socket: %s",
		    path);
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	if (mkdir(dir, 0700) != 0 && access(dir, W_OK) != 0)
		return err_set(err, ERR_IO, "%s cannot be made", dir);
	if ((dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return err_set(err, ERR_IO, "%s cannot be opened", dir);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "/proc/self/fd/%d/%s",
	    dirfd, slash + 1);     /* short */
	(void)unlink(at.sun_path); /* of a process that is gone: we hold the
	                              folder's lock */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    chmod(at.sun_path, 0600) != 0 || listen(fd, 64) != 0) {
		if (fd >= 0)
			(void)close(fd);
		(void)close(dirfd);
		return err_set(err, ERR_IO, "no socket at %s", path);
	}
	(void)close(dirfd);
	*ret_fd = fd;
	return 0;
}

int
web_serve(struct node *n, const struct web_options *o, struct web_server **ret,
    struct err *err)
{
	struct web_doors *d = mem_alloc(1, sizeof(*d));
	int tcp = -1, local = -1;

	if (d == NULL)
		return err_nomem(err, "a server");
	if (web_open(n, o->templates, &d->server.w, err) != 0) {
		mem_free(d);
		return -1;
	}
	d->tcp.w = d->local.w = d->server.w;
	d->tcp.reader = WEB_PUBLIC;
	d->tcp.most = o->bodies == 0 ? BODIES_MAX : o->bodies;
	d->local.reader = WEB_OPERATOR;
	if (listen_tcp(o->host, o->port, &tcp, &d->server.port, err) != 0 ||
	    listen_local(o->socket, &local, err) != 0)
		goto bad;
	d->server.tcp = start(&d->tcp, tcp);
	d->server.local = start(&d->local, local);
	if (d->server.tcp == NULL || d->server.local == NULL) {
		(void)err_set(err, ERR_IO, "the HTTP server does not start");
		goto bad;
	}
	*ret = &d->server;
	return 0;
bad:
	if (d->server.tcp != NULL)
		MHD_stop_daemon(d->server.tcp); /* closes its socket */
	else if (tcp >= 0)
		(void)close(tcp);
	if (d->server.local != NULL)
		MHD_stop_daemon(d->server.local);
	else if (local >= 0)
		(void)close(local);
	web_close(d->server.w);
	mem_free(d);
	return -1;
}

int
web_port(const struct web_server *s)
{
	return s->port;
}

void
web_stop(struct web_server *s)
{
	if (s == NULL)
		return;
	MHD_stop_daemon(s->tcp);
	MHD_stop_daemon(s->local);
	web_close(s->w);
	mem_free(s);
}
