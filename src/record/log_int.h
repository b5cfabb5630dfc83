/* log_int: what the parts of log share.  Not for other modules. */
#ifndef RECORD_LOG_INT_H
#define RECORD_LOG_INT_H

#include "record/log.h"

/* The root of a complete subtree of n hashes; n is a power of two up to 256. */
struct id log_up(const struct id *hash, size_t n);

#endif
