/*
 * text: bytes and text.  Three types, none of them a `char *`: span (bytes,
 * hostile until parsed), str (UTF-8, checked once where it came in), buf (grows
 * in an arena).  `char *` appears only at the border to a library.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct span {
	const uint8_t *p;
	size_t n;
};
struct str {
	const char *p;
	size_t n;
};
/* A SHA-256: of an act's payload (its id), of a file, of a procedure. */
struct id {
	uint8_t b[32];
};

#define STR(lit) ((struct str){"" lit, sizeof(lit) - 1})
/* For "%.*s"; the cast fits since messages are cut at 400 bytes anyway. */
#define STR_ARG(s) (int)((s).n > 300 ? 300 : (s).n), (s).p

struct str str_of(const char *z); /* NULL gives the empty text */
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *z);
bool str_starts(struct str s, struct str head);
bool str_ends(struct str s, struct str tail);
int str_cmp(struct str a, struct str b); /* byte order */
/* Index of c at or after `from`; s.n where there is none. */
size_t str_find(struct str s, char c, size_t from);
struct str str_sub(struct str s, size_t from, size_t to); /* clamped */
/* A copy with a NUL behind it; .p NULL when memory is out. */
struct str str_copy(struct arena *a, struct str s);
/* A NUL-terminated copy for a library; NULL when memory is out. */
const char *str_z(struct arena *a, struct str s);
struct str str_fmt(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct span span_of(struct str s);
struct str span_str(struct span s); /* the caller has checked UTF-8 */
bool span_eq(struct span a, struct span b);
/* Is it UTF-8 (no overlong form, no surrogate, at most U+10FFFF)? */
bool text_is_utf8(struct span s);
/* Make z one line of UTF-8 for people, in place: each control character and
 * each byte that is no UTF-8 becomes "?"; a sequence cut at the end goes. */
void text_clean(char *z);

bool id_eq(const struct id *a, const struct id *b);
int id_cmp(const struct id *a, const struct id *b);
/* Pattern match of act kinds: "*" alone, "message/...any" as "message/" then
 * star, or the kind itself. */
bool text_is_match(struct str pattern, struct str s);

/* hex: lower case only.  out has room for 2*n+1. */
void hex_write(const uint8_t *p, size_t n, char *out);
struct str hex_str(struct arena *a, const void *p, size_t n);
/* Exactly n bytes from 2*n digits; false otherwise. */
bool hex_is_parsed(struct str s, uint8_t *out, size_t n);

/*
 * A growing buffer in an arena.  A failure is remembered and asked for once, by
 * buf_done(); buf_str() of a failed buffer is empty.
 */
struct buf {
	struct arena *a;
	char *p;
	size_t n, cap;
	bool failed;
};
void buf_init(struct buf *b, struct arena *a);
/* Make room for n more bytes at once, where it is known how many will come. */
void buf_room(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_z(struct buf *b, const char *z);
void buf_char(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_hex(struct buf *b, const void *p, size_t n);
/* The content, a NUL behind it; ERR_NOMEM where an addition failed. */
int buf_done(struct buf *b, struct str *ret, struct err *err);

/* "no memory for <what>", ERR_NOMEM: the sentence of every failed arena. */
int err_nomem(struct err *err, const char *what);
#define err_nomem(...) err_minus_one(err_nomem(__VA_ARGS__))

#endif
