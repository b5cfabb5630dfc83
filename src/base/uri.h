/*
 * uri: text inside an address (RFC 3986 2.1).  Written here alone, so that what
 * one side encodes the other reads.
 */
#ifndef BASE_URI_H
#define BASE_URI_H

#include "base/text.h"

/* All but unreserved characters (RFC 3986 2.3) as %XX; `keep`: characters that
 * stay besides ("/" in a path); NULL: none. */
void uri_encode(struct buf *b, struct str s, const char *keep);
/* A value of a query or a form: %XX once, "+" as a space; "%" that begins no
 * pair of digits stays.  .p NULL: what comes out is no UTF-8, or no memory. */
struct str uri_decode(struct arena *a, struct str s);

#endif
