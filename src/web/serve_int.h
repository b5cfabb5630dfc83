/*
 * serve_int: what the files of the server share.
 *
 *   serve        doors: sockets, threads, the end
 *   serve_call   a request from its first line to its answer
 *   serve_reply  an answer as bytes: headers, files, ready answers
 *   serve_pool   threads for what waits
 *   serve_watch  who holds the doors: slow clients, throttled ones, streams
 *
 * A few threads do the reading and writing of all connections (epoll).  What
 * waits is suspended, and costs no thread until it is resumed:
 *  R1  a call is with one of: its connection's thread, a pool's thread, the
 *      committer, the watch.  Who resumes it does not touch it again.
 *  R2  each suspended call is counted (serve_hold, serve_let_go), and the end
 *      waits for them.
 * Locks: watch->lock, then MHD's own.  Nothing else is taken under it.
 */
#ifndef WEB_SERVE_INT_H
#define WEB_SERVE_INT_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "node/event.h"
#include "web/cache.h"
#include "web/limit.h"
#include "web/web.h"

struct call;
struct door;
struct visit;
struct stream;

/* ---- serve_pool.c ---- */

/* All at one priority: who reads holds the state's lock, and the committer
 * would wait for a thread that is not given its turn. */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t given;
	struct call *first, **last;
	size_t waiting, most_waiting;
	unsigned threads, idle, most;
	bool stopping;
	pthread_t *thread; /* most; NULL: it was not opened */
};
int pool_open(struct pool *p, unsigned threads, struct err *err);
/* false: too many wait already. */
bool pool_give(struct pool *p, struct call *c);
/* Answers what was given, then ends. */
void pool_close(struct pool *p);

/* ---- serve_watch.c ---- */

/* Guarded by lock: all that follows it, up to the bell. */
struct watch {
	pthread_mutex_t lock;
	pthread_cond_t let_go;
	bool stopping;
	size_t held; /* R2 */
	struct visit *visits;
	struct stream *streams;
	size_t n_streams;
	struct call *parked;
	int64_t told_us, swept_us; /* the thread's own */
	int bell;                  /* an eventfd: look around */
	atomic_bool news;
	bool is_open;
	pthread_t thread;
};
struct visit { /* one connection */
	struct visit *prev, *next;
	struct door *door;
	int fd;
	struct limit_key who;
	char address[LIMIT_TEXT];
	/* When it has to be further; 0: at any time. */
	_Atomic int64_t due_us;
};
int watch_open(struct web_server *s, struct err *err);
void watch_close(struct web_server *s);
/* From now on nothing is held any more; all that is held is let go. */
void watch_stop(struct web_server *s);
bool serve_hold(struct web_server *s); /* false: the end has come */
void serve_let_go(struct web_server *s);
/* Resume it at a time.  It is held already. */
void watch_park(struct web_server *s, struct call *c, int64_t until_us);
struct visit *watch_visit(struct door *d, struct MHD_Connection *c);
void watch_leave(struct visit *v);
/* The answer that is an event stream. */
enum MHD_Result watch_stream(struct call *c);

/* ---- serve.c ---- */

/* What MHD says while it starts, from the thread that starts it: the last of it
 * is the reason.  Its own threads speak too, of those who visit already. */
struct reason {
	pthread_t starter;
	char text[200];
};
struct door { /* by which a connection came: whose rights it has */
	struct web_server *s;
	struct MHD_Daemon *daemon;
	enum web_reader reader;
	bool tls;
	size_t most;         /* bytes of bodies at once; 0: any */
	atomic_size_t bytes; /* held now */
	atomic_uint visits;
	unsigned most_visits;
	struct reason why;
};
struct web_server {
	struct web *w;
	struct node *n;
	struct door tcp, local;
	struct pool work, pages, operators;
	struct watch watch;
	struct cache *cache;
	struct limits *limits;
	int port, spool;       /* spool: the folder for long bodies */
	atomic_uint answering; /* calls that came in whole and are not over */
};

/* ---- serve_call.c ---- */

enum call_stage {
	CALL_HEAD,   /* only its first line is here */
	CALL_BODY,   /* the body comes in */
	CALL_WAITED, /* it may go on: an answer is ready, or its time came */
	CALL_LATER,  /* the committer has it, or had it */
	CALL_DONE    /* answered: ans */
};
struct call {              /* one request */
	struct call *next; /* in a pool, or parked */
	struct door *door;
	struct MHD_Connection *c;
	struct visit *visit;
	struct arena arena;
	struct str uri;
	struct buf body;
	size_t most, came, counted; /* counted: at its door */
	bool too_long, busy, whole, takes_gzip, is_zipped;
	bool is_full; /* of the disk: a long body was not kept */
	bool refused; /* before its body: ans says why */
	int64_t retry_s;
	enum call_stage stage;
	enum web_pace pace;
	int64_t until_us; /* parked: until then */
	int64_t begun_us; /* its answer */
	uint64_t changes; /* of the record, before it was answered */
	int file;         /* a long body; -1: none */
	size_t n_key;
	char key[CACHE_NAME];
	struct web_later later;
	struct web_request r; /* texts: MHD's, until the end */
	struct web_answer ans;
};
void *call_begin(void *door, const char *uri, struct MHD_Connection *c);
enum MHD_Result call_step(void *door, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **state);
void call_end(void *door, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why);
/* In a pool's thread: answer, and resume. */
void call_answer(struct call *c);
/* Resume it; who calls it has nothing more to do with the call. */
void call_resume(struct call *c);

/* ---- serve_reply.c ---- */

enum MHD_Result reply(struct call *c, const struct web_answer *ans);
enum MHD_Result reply_error(struct call *c, int status, const char *code,
    const char *text);
/* In any thread, before reply(): compress the answer, and keep it for others
 * where it is theirs too. */
void reply_prepare(struct call *c);
/* Answer with what is ready; false: nothing is. */
bool reply_ready(struct call *c, enum MHD_Result *ret);
/* Would it? */
bool reply_is_ready(struct call *c);
void reply_drop(struct cache_item *item); /* for cache_new */
/* The headers of an answer to this call. */
void reply_head(struct call *c, struct MHD_Response *r,
    const struct web_answer *ans);

#endif
