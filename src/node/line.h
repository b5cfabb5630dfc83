/*
 * line: one peer's line.  A thread a line sends what the peer does not have,
 * takes its receipt, and tries again with growing pauses while it cannot be
 * reached; no line waits for another.
 */
#ifndef NODE_LINE_H
#define NODE_LINE_H

#include "base/text.h"

struct line;
struct line_state { /* what a board shows */
	char party[17], address[400], error[200];
	char via[17];   /* the peer through which the last exchange went */
	bool reachable; /* the last exchange worked */
	int64_t tried_us, heard_us;
	uint64_t sent;    /* of our log, by its receipt */
	uint64_t waiting; /* entries of our log that it has not receipted */
};

#endif
