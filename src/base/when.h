/*
 * when: times and durations as text.  Pure.  Times are RFC 3339 in UTC, years
 * 0001 to 9999 of the Gregorian calendar; durations are ISO 8601 of days,
 * hours, minutes and seconds, for months and years have no fixed length.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define WHEN_MINUTE INT64_C(60000000)
#define WHEN_DAY (INT64_C(86400) * 1000000)

enum when_precision {
	WHEN_YEAR,
	WHEN_MONTH,
	WHEN_DATE,
	WHEN_HOUR,
	WHEN_TO_MINUTE,
	WHEN_SECOND,
	WHEN_PRECISIONS
};

/* "2026-03-02T09:00Z", cut as far as `coarsest` allows, as microseconds of its
 * start; false where it is no such time. */
bool when_is_time(struct str s, enum when_precision coarsest, int64_t *ret_us);
/* "P42D", "-PT1H", "PT48H0.5S"; false where it is none. */
bool when_is_duration(struct str s, int64_t *ret_us);
/* The precision of this name ("hour"); false where there is none. */
bool when_is_precision(struct str s, enum when_precision *ret);

/* "2026-03-02T09:00:00Z", with microseconds where there are any. */
enum { WHEN_TEXT = 80 };
void when_write(int64_t us, char out[WHEN_TEXT]);
struct str when_str(struct arena *a, int64_t us);
/* "3 d 4 h", "12 min", "5 s": the two largest units, for people. */
struct str when_span(struct arena *a, int64_t us);

#endif
