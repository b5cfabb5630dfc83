/* js_int: what the files of js share: how a value lies in its arena. */
#ifndef BASE_JS_INT_H
#define BASE_JS_INT_H

#include "base/js.h"

enum {
	/* Deeper ends in an error: readers and writers recurse, and a small
	 * thread has 512 KiB of stack. */
	JS_DEPTH = 1024,
	/* A map of more members is searched by `order`. */
	JS_FEW = 16
};

struct js_member {
	struct str key;
	const struct js *value;
};
struct js {
	uint8_t type; /* enum js_type */
	bool yes;
	uint32_t n, cap; /* of a list or map; n: bytes of a text */
	union {
		int64_t i;
		double x;
		const char *text; /* a NUL behind it */
		const struct js **item;
		struct js_member *member; /* as written */
	};
	uint32_t *order; /* of a large map: its members by key */
};

/* Sort the members of a large map; false: memory is out. */
bool js_sort(struct js *map, struct arena *a);
/* Where a key stands in the order, or would. */
size_t js_order(const struct js *map, struct str key);

#endif
