/*
 * web: what a node answers over HTTP.  A view builds one JSON model; programs
 * get it as it is, people through a template of the route's name.  Views know
 * no socket: web_answer() is the whole of it, and the same function answers a
 * command that has the folder open itself.
 *
 *   web      routes and their audiences
 *   view_*   one file a group of pages
 *   sheet    a matter folded for its readers; body: an act's body by its form
 *   seen     many matters, each as its reader may see it
 *   page     a model to a page: templates, words, layout
 *   speak    times, numbers and spans as each language writes them
 *   session  officers' sign-in; kept in memory alone
 *   serve    sockets (the only user of libmicrohttpd)
 *  W1  a reader gets nothing that is beyond its audience: a public reader sees
 *      public acts alone, judged from public acts alone, as in the archive.
 *  W2  what the web side holds itself (sessions, challenges, ready pages,
 *      sheets) may be lost at any time.
 * Threads: web_answer() may be called from any.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/text.h"
#include "node/node.h"

/* Who asks.  An officer has signed in; an operator comes by the folder's own
 * socket. */
enum web_reader { WEB_PUBLIC, WEB_OFFICER, WEB_OPERATOR };

/* The web side of one node, for people too: templates, words, sign-in.  In
 * `templates` (a folder; NULL: none) stand templates that replace ours. */
struct web;
int web_open(struct node *n, const char *templates, struct web **ret,
    struct err *err);
void web_close(struct web *w);

/* Where an answer may come later: ready() is called once, from any thread and
 * perhaps before web_answer() returns; it must be quick. */
struct web_later {
	void (*ready)(struct web_later *l);
	bool failed;
	struct node_receipt receipt;
	struct err err;
};

struct web_request {
	enum web_reader reader; /* by the door: WEB_PUBLIC or WEB_OPERATOR */
	struct str method, path, query;
	/* Headers; .p NULL where absent. */
	struct str type, accept, language, cookie, origin, host, etag;
	struct str address; /* of the client (limit_text); empty: the socket */
	bool tls;
	struct span body;
	int file; /* of a route that takes a file: its content, from 0 on; else
	           * -1 or 0: none */
	struct web_later
	    *later; /* NULL: web_answer() waits for what it needs */
};
struct web_answer {
	int status;
	const char *type;    /* Content-Type */
	const char *caching; /* Cache-Control; NULL: no-store */
	struct span body;
	struct str cookie, location, name; /* headers; .p NULL: none.  name: of
	                                    * the file that it is saved as */
	bool is_file; /* `file` is sent instead of body, and then closed */
	int file;
	uint64_t size;
	bool events;  /* an event stream begins (text/event-stream) */
	bool officer; /* it is for one who has signed in */
};
/* Always gives an answer: failures become JSON {"error", "code"}, or a page
 * that says the same.  Status 0: it comes later; web_later_answer() gives it
 * once ready() was called.  The arena ends before web_close(). */
void web_answer(struct web *w, const struct web_request *r, struct arena *a,
    struct web_answer *ret);
void web_later_answer(struct web *w, const struct web_request *r,
    struct arena *a, struct web_answer *ret);
/* The routes, from 0 on, for tests and descriptions; false: there is no such.
 */
struct web_route {
	const char *method, *path; /* {}: a part of the path; {*}: the rest */
	enum web_reader reader;
	bool is_page; /* people get a page */
};
bool web_route(size_t i, struct web_route *ret);
/* What an answer needs, so that who waits holds nobody else up. */
enum web_pace {
	WEB_AT_ONCE, /* memory alone */
	WEB_LATER,   /* it comes later, where `later` is set */
	WEB_WAITS,   /* it waits for the committer or a peer */
	WEB_READS,   /* programs' reading: tiles, checkpoints, bundles */
	WEB_SHOWS    /* all that people read too */
};
enum web_pace web_pace(struct web *w, const struct web_request *r);
/* May who asks ask for this at all?  Before a long body is taken in; the answer
 * is judged again.  false: *ret says why not. */
bool web_is_admitted(struct web *w, const struct web_request *r,
    struct arena *a, struct web_answer *ret);
/* What the answer to a public reader depends on, besides the record and the
 * time: equal names, equal answers.  Its length; 0: it is for this reader
 * alone, or the name has no room. */
size_t web_key(struct web *w, const struct web_request *r, char *out,
    size_t room);
/* The same, in JSON alone, for who has the folder open itself. */
void web_ask(struct node *n, const struct web_request *r, struct arena *a,
    struct web_answer *ret);

struct web_server;
struct web_options {
	const char *host;   /* address to listen on */
	int port;           /* 0: any free one */
	const char *socket; /* path of the operator's socket; long bodies are
	                     * spooled in its folder */
	unsigned threads;   /* 0: 2 */
	size_t bodies; /* bytes of strangers' requests at once; 0: as usual */
	const char *templates;
	/* Paths of PEM files; NULL: no TLS.  Without it only a loopback address
	 * is listened at, unless `plain`. */
	const char *certificate, *key;
	bool plain;
	/* Of one address; 0: no limit.  Pages a second, refused acts a second,
	 * attempts (sign-in, comments) a minute, connections.  Of all strangers
	 * together: pages a second. */
	int64_t page_s, act_s, attempt_min, connections, public_s;
};
int web_serve(struct node *n, const struct web_options *o,
    struct web_server **ret, struct err *err);
int web_port(const struct web_server *s);
void web_stop(struct web_server *s); /* answers what was begun, then ends */

#endif
