/*
 * http: one HTTP request to another node, a witness, or our own running node.
 * The only user of libcurl.  Follows no redirect, knows no proxy, http and
 * https only; answers are bounded.
 */
#ifndef NODE_HTTP_H
#define NODE_HTTP_H

#include "base/text.h"

struct http_client; /* a connection that is kept; one thread at a time */
struct http_request {
	const char *method;
	struct str url;     /* http://..., or a path on a socket */
	const char *socket; /* a UNIX socket's path; NULL: TCP */
	struct str type;    /* Content-Type of the body; empty: none */
	struct str accept;  /* Accept; empty: any */
	struct span body;
	/* Of long ones: a file to send instead of body, from 0 on; one to write
	 * the body of an answer 200 into.  0: none.  They stay the caller's. */
	int body_fd, answer_fd;
	/* Asked now and then while bytes come and go: false ends it.  May be
	 * NULL. */
	bool (*goes_on)(void *ctx);
	void *ctx;
	long timeout_ms;   /* of the whole; 0: 30 s */
	size_t answer_max; /* bytes; 0: 64 MiB */
};
struct http_answer {
	int status;
	struct str type;
	struct span body; /* empty where it went into answer_fd */
};

int http_start(struct err *err); /* once a process, before threads */
/* `authorities`: certificates to trust besides the system's (a path of PEM,
 * which outlives the client); NULL or empty: none. */
int http_open(const char *authorities, struct http_client **ret,
    struct err *err);
void http_close(struct http_client *c);
/* ERR_IO: not reached, cut, or too long: the sentence says whom and why. */
int http_ask(struct http_client *c, const struct http_request *r,
    struct arena *a, struct http_answer *ret, struct err *err);

#endif
