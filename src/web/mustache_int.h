/*
 * mustache_int: what the parts of mustache share.  mustache_scan.c finds the
 * tags and which lines vanish, mustache.c makes nodes of them, and
 * mustache_render.c walks the nodes.
 */
#ifndef WEB_MUSTACHE_INT_H
#define WEB_MUSTACHE_INT_H

#include <stdint.h>

#include "web/mustache.h"

enum mustache_kind {
	MUSTACHE_TEXT,       /* a node alone, no tag */
	MUSTACHE_NAME,       /* {{x}} */
	MUSTACHE_RAW,        /* {{{x}}}, {{&x}} */
	MUSTACHE_SECTION,    /* {{#x}} */
	MUSTACHE_INVERTED,   /* {{^x}} */
	MUSTACHE_PARTIAL,    /* {{>x}} */
	MUSTACHE_PARENT,     /* {{<x}} */
	MUSTACHE_BLOCK,      /* {{$x}} */
	MUSTACHE_END,        /* {{/x}}, a tag alone, no node */
	MUSTACHE_COMMENT,    /* {{! }}, as above */
	MUSTACHE_DELIMITERS, /* {{=a b=}}, as above */
};

/* A tag where it stands.  [start, end) is the tag; [from, to) also the blanks
 * and the line end that vanish with it, when it stands alone on its line. */
struct mustache_tag {
	enum mustache_kind kind;
	bool is_alone;
	bool is_dynamic; /* {{>*x}}: the value of x is the name */
	uint32_t line;
	size_t start, end, from, to;
	size_t peer;       /* of a section and of its end: the other's index */
	struct str name;   /* without blanks */
	struct str indent; /* the blanks before it, when it stands alone */
};

struct mustache_tags {
	struct mustache_tag *tag;
	size_t n, cap;
};

/* Nodes stand in the order of the text; the children of node i are those from
 * i + 1 to its end. */
struct mustache_node {
	enum mustache_kind kind;
	bool is_bol;     /* TEXT: it begins a line */
	bool is_top;     /* the name begins with a dot: the item itself */
	bool is_dynamic; /* PARTIAL, PARENT */
	bool is_alone;   /* BLOCK: begins a line, and its content the next */
	uint32_t line;
	uint32_t end;
	uint32_t part, n_part; /* the name, split at its dots */
	uint32_t dedent;       /* BLOCK: blanks that its lines begin with */
	struct str text;       /* TEXT: the text; else the name */
	struct str indent;     /* PARTIAL, PARENT, BLOCK: put before lines */
};

struct mustache {
	struct str name;
	struct mustache_node *node;
	size_t n, cap;
	struct str *part;
	size_t n_part, part_cap;
};

/* The tags of a text, matched, in `a`.  ERR_INPUT names the line. */
int mustache_scan(struct str text, const struct mustache_options *o,
    struct arena *a, struct mustache_tags *ret, struct err *err);

static inline bool
mustache_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

#endif
