/* Doors: sockets, threads, the end. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "node/keydir.h"
#include "web/serve_int.h"

enum {
	BODIES_MAX = 256 * 1024 * 1024, /* of strangers, held at once */
	VISITS_MAX = 4096,
	VISITS_LOCAL = 256,
	VISITS_KEPT = 256, /* places for peers and officers */
	FILES_KEPT = 256,  /* descriptors that are not connections */
	IDLE_S = 120,
	MEMORY_EACH = 32768, /* of a connection: its headers fit in */
	STACK = 512 * 1024,
	WORKERS = 32,
	OPERATORS = 8,
	CACHE_BYTES = 16 * 1024 * 1024,
	PEM_MAX = 1024 * 1024,
	END_US = 5 * 1000000,
	END_STEP_US = 2000
};

/* An address that no other machine reaches? */
static bool
is_loopback(const struct sockaddr *at)
{
	if (at->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)at)
				 ->sin_addr.s_addr) >>
		           24 ==
		       127;
	return at->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(
		   &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr);
}

/* `local_only`: what is said there is not encrypted. */
static int
listen_tcp(const char *host, int port, bool local_only, int *ret_fd,
    int *ret_port, struct err *err)
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
	if (local_only && !is_loopback(found->ai_addr)) {
		freeaddrinfo(found);
		return err_set(err, ERR_INPUT,
		    "%s can be reached from other machines, and without TLS "
		    "all could read along: name a certificate in [tls] of "
		    "comity.ini, listen at 127.0.0.1, or say plain = yes in "
		    "[node] where a proxy encrypts",
		    host);
	}
	fd = socket(found->ai_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
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
listen_local(const char *path, int *ret_fd, int *ret_dir, struct err *err)
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
	if ((dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return err_set(err, ERR_IO, "%s cannot be opened", dir);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "/proc/self/fd/%d/%s",
	    dirfd, slash + 1);     /* short */
	(void)unlink(at.sun_path); /* of a process that is gone: we hold the
	                              folder's lock */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    chmod(at.sun_path, 0600) != 0 || listen(fd, 64) != 0) {
		if (fd >= 0)
			(void)close(fd);
		(void)close(dirfd);
		return err_set(err, ERR_IO, "no socket at %s", path);
	}
	*ret_fd = fd;
	*ret_dir = dirfd;
	return 0;
}

/* ---- who comes in ---- */

/* MHD's form: before a connection is taken. */
static enum MHD_Result
may_enter(void *door, const struct sockaddr *at, socklen_t n)
{
	struct door *d = door;
	struct limits *l = d->s->limits;
	unsigned visits = atomic_load(&d->visits);
	struct limit_key who = limit_address(at);

	(void)n;
	if (visits >= d->most_visits)
		return MHD_NO;
	if (d->reader == WEB_OPERATOR)
		return MHD_YES;
	if (visits + d->most_visits / (VISITS_MAX / VISITS_KEPT) >=
		d->most_visits &&
	    !limit_is_friend(l, &who, clock_mono_us()))
		return MHD_NO;
	return limit_may_enter(l, &who) ? MHD_YES : MHD_NO;
}

static void
on_visit(void *door, struct MHD_Connection *c, void **visit,
    enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		*visit = watch_visit(door, c);
	else
		watch_leave(*visit);
}

static void __attribute__((format(printf, 2, 0)))
on_say(void *ctx, const char *fmt, va_list ap)
{
	struct reason *r = ctx;

	if (pthread_equal(pthread_self(), r->starter) != 0)
		(void)vsnprintf(r->text, sizeof(r->text), fmt, ap);
}

/* ---- starting ---- */

struct pem { /* texts; .p NULL: no TLS */
	struct str certificate, key;
};

static int
load_pem(const struct web_options *o, struct arena *a, struct pem *ret,
    struct err *err)
{
	*ret = (struct pem){{NULL, 0}, {NULL, 0}};
	if (o->certificate == NULL || o->key == NULL)
		return 0;
	if (keydir_load(o->certificate, PEM_MAX, a, &ret->certificate, err) !=
		0 ||
	    keydir_load(o->key, PEM_MAX, a, &ret->key, err) != 0)
		return err_in(err, "[tls] of comity.ini: ");
	return 0;
}

/* MHD reads options as pairs; those for TLS come as an array of their own. */
static int
start(struct door *d, int fd, unsigned threads, const struct pem *pem,
    struct err *err)
{
	union {
		const char *p;
		void *q;
	} cert = {.p = pem->certificate.p}, key = {.p = pem->key.p};
	struct MHD_OptionItem tls[] = {
	    {MHD_OPTION_HTTPS_MEM_CERT, 0, cert.q},
	    {MHD_OPTION_HTTPS_MEM_KEY, 0, key.q},
	    {MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC |
	                 MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

	d->tls = pem->certificate.p != NULL;
	d->why.starter = pthread_self();
	d->daemon = MHD_start_daemon(flags | (d->tls ? MHD_USE_TLS : 0u), 0,
	    may_enter, d, call_step, d, MHD_OPTION_EXTERNAL_LOGGER, on_say,
	    &d->why, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK,
	    call_begin, d, MHD_OPTION_NOTIFY_COMPLETED, call_end, d,
	    MHD_OPTION_NOTIFY_CONNECTION, on_visit, d,
	    /* Its threads share them unevenly; may_enter() counts. */
	    MHD_OPTION_CONNECTION_LIMIT, 2 * d->most_visits + threads,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
	    MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_EACH,
	    MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0,
	    MHD_OPTION_ARRAY, d->tls ? tls : none, MHD_OPTION_END);
	if (d->daemon != NULL)
		return 0;
	d->why.text[strcspn(d->why.text, ".\n")] =
	    '\0'; /* its first sentence */
	text_clean(d->why.text);
	return err_set(err, d->tls ? ERR_INPUT : ERR_IO,
	    "the HTTP server does not start%s%s%s",
	    d->tls ? ": see that certificate and key of [tls] are PEM and "
		     "belong together"
		   : "",
	    d->why.text[0] == '\0' ? "" : ": ", d->why.text);
}

/* As many connections as the process may have files. */
static unsigned
room_for_visits(void)
{
	struct rlimit r;
	rlim_t most;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return VISITS_MAX / 8;
	if (r.rlim_cur < r.rlim_max && r.rlim_cur < VISITS_MAX + FILES_KEPT) {
		r.rlim_cur = r.rlim_max < VISITS_MAX + FILES_KEPT
		                 ? r.rlim_max
		                 : VISITS_MAX + FILES_KEPT;
		(void)setrlimit(RLIMIT_NOFILE, &r);
		(void)getrlimit(RLIMIT_NOFILE, &r);
	}
	most = r.rlim_cur > 2 * FILES_KEPT ? r.rlim_cur - FILES_KEPT
	                                   : r.rlim_cur / 2;
	return most < VISITS_MAX ? (unsigned)most : VISITS_MAX;
}

static int
open_limits(struct web_server *s, const struct web_options *o, struct err *err)
{
	struct limit_rate rate[LIMIT_KINDS] = {{0, 0}};

	if (o->page_s > 0)
		rate[LIMIT_PAGE] =
		    (struct limit_rate){1000000 / o->page_s, 4 * o->page_s};
	if (o->public_s > 0) /* a burst of a quarter second */
		rate[LIMIT_PUBLIC] = (struct limit_rate){1000000 / o->public_s,
		    1 + o->public_s / 4};
	if (o->act_s > 0)
		rate[LIMIT_ACT] =
		    (struct limit_rate){1000000 / o->act_s, 4 * o->act_s};
	if (o->attempt_min > 0)
		rate[LIMIT_ATTEMPT] = (struct limit_rate){
		    60000000 / o->attempt_min, o->attempt_min};
	/* a number of connections: at most some thousands */
	s->limits = limits_new(rate, (unsigned)o->connections);
	s->cache = cache_new(CACHE_BYTES, reply_drop);
	return s->limits == NULL || s->cache == NULL
	           ? err_nomem(err, "a server")
	           : 0;
}

static int
open_parts(struct web_server *s, const struct web_options *o, struct err *err)
{
	unsigned threads = o->threads == 0 ? 2 : o->threads;

	s->tcp = (struct door){.s = s,
	    .reader = WEB_PUBLIC,
	    .most = o->bodies == 0 ? BODIES_MAX : o->bodies,
	    .most_visits = room_for_visits()};
	s->local = (struct door){.s = s,
	    .reader = WEB_OPERATOR,
	    .most_visits = VISITS_LOCAL};
	if (web_open(s->n, o->templates, &s->w, err) != 0 ||
	    open_limits(s, o, err) != 0 ||
	    pool_open(&s->work, WORKERS, err) != 0 ||
	    pool_open(&s->pages, threads, err) != 0 ||
	    pool_open(&s->operators, OPERATORS, err) != 0)
		return -1;
	return watch_open(s, err);
}

static int
open_doors(struct web_server *s, const struct web_options *o, struct err *err)
{
	static const struct pem none = {{NULL, 0}, {NULL, 0}};
	int tcp = -1, local = -1, rc = -1;
	struct arena a;
	struct pem pem;

	arena_init(&a, 8 * PEM_MAX);
	if (load_pem(o, &a, &pem, err) == 0 &&
	    listen_tcp(o->host, o->port, pem.certificate.p == NULL && !o->plain,
		&tcp, &s->port, err) == 0 &&
	    listen_local(o->socket, &local, &s->spool, err) == 0 &&
	    start(&s->tcp, tcp, o->threads == 0 ? 2 : o->threads, &pem, err) ==
		0 &&
	    start(&s->local, local, 1, &none, err) == 0)
		rc = 0;
	if (tcp >= 0 && s->tcp.daemon == NULL)
		(void)close(tcp); /* else the daemon closes it */
	if (local >= 0 && s->local.daemon == NULL)
		(void)close(local);
	arena_release(&a);
	return rc;
}

int
web_serve(struct node *n, const struct web_options *o, struct web_server **ret,
    struct err *err)
{
	struct web_server *s = mem_alloc(1, sizeof(*s));

	if (s == NULL)
		return err_nomem(err, "a server");
	s->n = n;
	s->spool = -1;
	if (open_parts(s, o, err) == 0 && open_doors(s, o, err) == 0) {
		*ret = s;
		return 0;
	}
	web_stop(s);
	return -1;
}

int
web_port(const struct web_server *s)
{
	return s->port;
}

/* ---- the end ---- */

/* No one comes in any more; the socket is not MHD's from now on. */
static void
quiet(struct door *d)
{
	int fd = d->daemon == NULL ? -1 : MHD_quiesce_daemon(d->daemon);

	if (fd >= 0)
		(void)close(fd);
}

void
web_stop(struct web_server *s)
{
	int64_t end_us = clock_mono_us() + END_US;

	if (s == NULL)
		return;
	quiet(&s->tcp);
	quiet(&s->local);
	watch_stop(s); /* R2 */
	while (atomic_load(&s->answering) > 0 && clock_mono_us() < end_us)
		clock_sleep_us(END_STEP_US); /* answers are on their way */
	if (s->tcp.daemon != NULL)
		MHD_stop_daemon(s->tcp.daemon);
	if (s->local.daemon != NULL)
		MHD_stop_daemon(s->local.daemon);
	pool_close(&s->work);
	pool_close(&s->pages);
	pool_close(&s->operators);
	watch_close(s);
	cache_free(s->cache);
	limits_free(s->limits);
	web_close(s->w);
	if (s->spool >= 0)
		(void)close(s->spool);
	mem_free(s);
}
