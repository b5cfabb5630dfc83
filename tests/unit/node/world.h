/*
 * world: several real nodes on loopback, each with its folder, its keys and one
 * officer, for tests.  Real sockets, real databases.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "node/node_int.h"
#include "web/web.h"

enum { WORLD_MAX = 8 };
struct world_node {
	char code[16], folder[200], address[64];
	struct secret *officer;
	struct str charter; /* its envelope */
	struct node *node;
	struct web_server *web;
	int port;
};
struct world {
	char folder[100];
	struct arena arena;
	const char *witness; /* an outside one that the charters name */
	size_t n;
	struct world_node at[WORLD_MAX];
};

/* Make the folders of these parties; world_start() runs one. */
void world_open(struct world *w, const char *const *codes, size_t n);
/* The same, with an outside witness's vkey in each charter. */
void world_open_named(struct world *w, const char *const *codes, size_t n,
    const char *witness);
void world_close(struct world *w);
void world_start(struct world *w, size_t i);
/* Open one without threads and sockets: the test's thread commits. */
void world_wake(struct world *w, size_t i);
void world_stop(struct world *w, size_t i);
void world_introduce_all(struct world *w);
/* Ask a node's views as its operator. */
const struct js *world_ask(struct world *w, size_t i, const char *method,
    const char *path, const char *query, const char *body, int want);
/* An act of this party: kind, matter (hex; NULL opens), audience as JSON, body
 * as JSON, further fields of the draft taken from the node.  Gives its id. */
struct id world_post(struct world *w, size_t i, const char *kind,
    const char *matter, const char *to, const char *body, const char *answers);
/* The envelope alone, at a claimed time. */
struct str world_envelope(struct world *w, size_t i, const char *kind,
    const char *matter, const char *to, const char *body, const char *answers,
    const char *conference, int64_t at_us);
/* Wait until a node shows a matter in this state; fails after some seconds. */
void world_await(struct world *w, size_t i, const struct id *matter,
    const char *state);
const char *world_hex(struct world *w, const struct id *id);

#endif
