/*
 * forge: a party's log made by hand, with the party's own keys: what a hostile
 * or broken node could send, byte for byte.
 */
#ifndef TESTS_FORGE_H
#define TESTS_FORGE_H

#include "record/bundle.h"
#include "world.h"

enum { FORGE_MAX = 600 };
struct forge {
	struct world *w;
	size_t who;
	struct id charter;
	struct secret *log_key, *witness_key;
	struct mandate *mandate; /* of the charter alone */
	size_t n;
	struct entry entry[FORGE_MAX];
	struct str envelope[FORGE_MAX];
};

/* Entry 0, the charter, stands in it. */
void forge_open(struct forge *f, struct world *w, size_t who);
void forge_close(struct forge *f);

/* Sign an act; it is not logged.  `matter` NULL: it opens one. */
struct id forge_act(struct forge *f, const char *kind, const struct id *matter,
    const char *to, const char *body, int64_t at_us, struct str *ret);
/* Log it, with the label of the party's act k in this matter. */
void forge_log(struct forge *f, const struct id *act, const struct id *matter,
    uint32_t k, struct str envelope);
/* A sound message, signed and logged. */
struct id forge_message(struct forge *f, const char *to, struct str *ret);
extern const char forge_hello[];

struct id forge_root(const struct forge *f, size_t size);
/* The signed head at a size, as it should be. */
struct str forge_head(const struct forge *f, size_t size);
struct str forge_head_of(const struct forge *f, struct str origin, size_t size,
    const struct id *root, const struct secret *key);
/* Put a cosignature of a party's node behind a head. */
struct str forge_cosigned(const struct forge *f, struct str head,
    const struct forge *witness, uint64_t time_s);

/* Bundles, part by part. */
struct parts {
	struct forge *f;
	struct bundle_writer *w;
};
void parts_open(struct parts *p, struct forge *f);
void parts_add(struct parts *p, const char *name, struct span data);
void parts_entries(struct parts *p, size_t from, size_t to);
void parts_act(struct parts *p, size_t idx); /* as it was logged */
void parts_head(struct parts *p, struct str note);
struct span parts_close(struct parts *p);
/* What a good node sends: entries and acts from..size, and the head. */
struct span forge_bundle(struct forge *f, size_t from, size_t size);

/* Give it to a node; the code of the failure, ERR_NONE where it was taken. */
enum err_code forge_give(struct world *w, size_t to, struct span bundle,
    struct node_taken *ret, struct err *err);
/* The store's pages, and each log against its entries and its head. */
void forge_check(struct world *w, size_t i);

#endif
