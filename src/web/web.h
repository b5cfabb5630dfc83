/*
 * web: what a node answers over HTTP.  A view builds one JSON model; programs
 * get it as it is.  Views know no socket: web_answer() is the whole of it, and
 * the same function answers a command that has the folder open itself.
 *
 *   web      routes and their audiences
 *   view_*   one file a group of pages
 *   serve    sockets (the only user of libmicrohttpd)
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/text.h"
#include "node/node.h"

/* Who asks.  An operator comes by the folder's own socket. */
enum web_reader { WEB_PUBLIC, WEB_OPERATOR };

struct web_request {
	enum web_reader reader;
	struct str method, path, query, type;
	struct span body;
};
struct web_answer {
	int status;
	const char *type;    /* Content-Type */
	const char *caching; /* Cache-Control; NULL: no-store */
	struct span body;
};
/* Always gives an answer: failures become JSON {"error", "code"}. */
void web_answer(struct node *n, const struct web_request *r, struct arena *a,
    struct web_answer *ret);

struct web_server;
struct web_options {
	const char *host;   /* address to listen on */
	int port;           /* 0: any free one */
	const char *socket; /* path of the operator's socket */
	unsigned threads;
	size_t bodies; /* bytes of strangers' requests at once; 0: as usual */
};
int web_serve(struct node *n, const struct web_options *o,
    struct web_server **ret, struct err *err);
int web_port(const struct web_server *s);
void web_stop(struct web_server *s); /* answers what was begun, then ends */

#endif
