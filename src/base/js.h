/*
 * js: strict JSON in UTF-8, parsed once (no duplicate key, no unpaired
 * surrogate, nothing behind the value, no number beyond int64 or double).
 * The only user of jansson.  A document lives as long as its arena; nodes that
 * were parsed are const.
 */
#ifndef BASE_JS_H
#define BASE_JS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

struct js; /* one value; its document owns it */
enum js_type {
	JS_NONE, /* no node at all */
	JS_NULL,
	JS_BOOL,
	JS_INT,
	JS_REAL,
	JS_TEXT,
	JS_LIST,
	JS_MAP
};

/* Parse one value of any type.  ERR_INPUT names line and column. */
int js_parse(struct span s, struct arena *a, const struct js **ret,
    struct err *err);
/* All readers take NULL (JS_NONE) and wrong types, and then give nothing. */
enum js_type js_type(const struct js *j);
const struct js *js_get(const struct js *map, const char *key);
const struct js *js_get_at(const struct js *map, struct str key);
size_t js_len(const struct js *list_or_map);
const struct js *js_at(const struct js *list, size_t i);
struct str js_str(const struct js *j); /* empty unless a text */
int64_t js_int(const struct js *j);    /* 0 unless an integer */
double js_real(const struct js *j);    /* also of an integer */
bool js_bool(const struct js *j);      /* false unless true */
bool js_is_str(const struct js *j, const char *z);
bool js_is_equal(const struct js *a, const struct js *b);
/* Walk a map in the order in which it was written:
 * for (struct js_each e = {0}; js_next(map, &e);) ... e.key, e.value */
struct js_each {
	void *at;
	struct str key;
	const struct js *value;
};
bool js_next(const struct js *map, struct js_each *e);

/*
 * Writing.  A js_make remembers the first failure; js_text() reports it.
 * `key` is NULL where the parent is a list.  Parents may be NULL after a
 * failure.
 */
struct js_make {
	struct arena *a;
	bool failed;
};
struct js *js_map(struct js_make *m);  /* a root */
struct js *js_list(struct js_make *m); /* a root */
struct js *js_put_map(struct js_make *m, struct js *in, const char *key);
struct js *js_put_list(struct js_make *m, struct js *in, const char *key);
void js_put_str(struct js_make *m, struct js *in, const char *key,
    struct str v);
/* Empty writes null. */
void js_put_some(struct js_make *m, struct js *in, const char *key,
    struct str v);
void js_put_z(struct js_make *m, struct js *in, const char *key,
    const char *v); /* NULL writes null */
void js_put_int(struct js_make *m, struct js *in, const char *key, int64_t v);
void js_put_real(struct js_make *m, struct js *in, const char *key, double v);
void js_put_bool(struct js_make *m, struct js *in, const char *key, bool v);
void js_put_null(struct js_make *m, struct js *in, const char *key);
void js_put_hex(struct js_make *m, struct js *in, const char *key,
    const void *p, size_t n);
/* A deep reference to a node of another document (it is shared, not copied). */
void js_put(struct js_make *m, struct js *in, const char *key,
    const struct js *v);
enum js_style { JS_COMPACT, JS_PRETTY };
/* The text of a value; ERR_NOMEM where the making or this failed. */
int js_text(struct js_make *m, const struct js *j, enum js_style style,
    struct str *ret, struct err *err);

#endif
