/*
 * mustache: the template language of the pages: a text with tags, and JSON
 * (struct js) as its data.  A template is compiled once, into nodes with their
 * names split, and rendered often.  It knows no file, no language, no page:
 * what it needs of its surroundings it asks of a mustache_world.
 *  M1  a compiled template is const: threads share it.
 *  M2  whatever the data hold is escaped; only a template's own text is HTML.
 *      The raw forms are refused when a template is compiled.
 *  M3  rendering ends: its depth and its steps are limited, and what it writes
 *      is limited by the arena.
 * The language: docs/format/templates.md; it passes the public Mustache suite.
 * Threads: none of its own; an arena belongs to one thread at a time.
 */
#ifndef WEB_MUSTACHE_H
#define WEB_MUSTACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/js.h"
#include "base/text.h"

enum {
	MUSTACHE_MAX = 1 << 20,       /* bytes of a template */
	MUSTACHE_TAGS_MAX = 16384,    /* tags of a template */
	MUSTACHE_DEPTH_MAX = 64,      /* sections, blocks, partials, nested */
	MUSTACHE_DELIMITER_MAX = 16,  /* bytes */
	MUSTACHE_STEPS_MAX = 1 << 22, /* nodes and items of one rendering: a
	                               * page of 100 KB takes some 10,000 */
};

struct mustache; /* a compiled template; const, as are its parts */

struct mustache_options {
	bool raw; /* let {{{x}}} and {{&x}} pass: for the public suite alone */
};

/*
 * Compile a template.  `name` is for messages; it and `text` must live as long
 * as the arena.  `o` may be NULL.  ERR_INPUT names template, line and what is
 * wrong.
 */
int mustache_compile(struct str name, struct str text,
    const struct mustache_options *o, struct arena *a,
    const struct mustache **ret, struct err *err);

/* What rendering asks its surroundings; any function may be NULL. */
struct mustache_world {
	void *ctx;
	/* A partial or parent by name; NULL where there is none, and then
	 * nothing stands in its place.  It must live until the rendering ends.
	 */
	const struct mustache *(*partial)(void *ctx, struct str name);
	/* A name asked of a value that is neither map nor null ("due.when",
	 * "size.number"): the text to print, in the arena or longer-lived,
	 * with .p NULL where memory is out; false: there is none.  The text is
	 * escaped when printed. */
	bool (*format)(void *ctx, const struct js *value, struct str name,
	    struct arena *a, struct str *ret);
	/* The text of a map that is printed itself (a title in four languages);
	 * false: nothing is printed. */
	bool (*text)(void *ctx, const struct js *map, struct str *ret);
};

/*
 * Render with these contexts, outermost first: a name is looked up in the last
 * one, then outwards; `context` may hold NULL, which knows no name.  *ret lives
 * in the arena.  ERR_INPUT: too deep (a partial that calls itself without end)
 * or too many steps, with the place; ERR_NOMEM: the arena's limit.
 */
int mustache_render(const struct mustache *t, const struct mustache_world *w,
    const struct js *const *context, size_t n_context, struct arena *a,
    struct str *ret, struct err *err);

/* For lints: the names of the partials and parents that a template names itself
 * (not those that data name), and the names that it looks up in data, dots
 * included.  Each once, in byte order.  They point into the template. */
int mustache_partials(const struct mustache *t, struct arena *a,
    const struct str **ret, size_t *ret_n, struct err *err);
int mustache_names(const struct mustache *t, struct arena *a,
    const struct str **ret, size_t *ret_n, struct err *err);

#endif
