/*
 * ical: lines of a calendar (RFC 5545): escaped, folded at 75 octets, never
 * within a character.  Pure.
 */
#ifndef WEB_ICAL_H
#define WEB_ICAL_H

#include "base/text.h"

/* "NAME;PARAM:value" of a value that is no text: as it is, but for what would
 * end the line. */
void ical_put(struct buf *b, const char *name, struct str value);
/* The same of a text: "\", ";", "," and line ends are escaped, other control
 * characters left out. */
void ical_text(struct buf *b, const char *name, struct str value);
/* "DTSTART:20261125T093000Z" of a moment, or "DTSTART;VALUE=DATE:20261125" of
 * the day that it is in. */
void ical_time(struct buf *b, const char *name, int64_t us, bool is_day);

#endif
