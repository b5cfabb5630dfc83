/*
 * speak: the reader's language, and how it writes times, spans and numbers.
 * Times are UTC; the browser sets the reader's own beside them.
 */
#ifndef WEB_SPEAK_H
#define WEB_SPEAK_H

#include "base/js.h"
#include "base/text.h"

enum lang { LANG_EN, LANG_JA, LANG_ZH, LANG_KO, LANGS };
extern const struct str lang_code[LANGS]; /* "en", "ja", "zh", "ko" */
/* The best of Accept-Language (RFC 9110 12.5.4); English where none fits. */
enum lang lang_best(struct str accept_language);
/* By its code; false, and unchanged, where there is none such. */
bool lang_find(struct str code, enum lang *ret);

/*
 * Write a value in one of the ways that have a name:
 *   when    "25 November 2026, 04:31 UTC" (of an RFC 3339 text)
 *   day     "25 November 2026"
 *   hour    "04:31 UTC"
 *   span    "2 h 15 min" (of microseconds; of less than nothing: as much)
 *   number  "12,345"
 *   bytes   "1.2 MiB"
 *   hex     "1176 bdcf ..." (of hexadecimal digits)
 *   short   the first 8 digits
 *   tongue  the name of a language, by its tag
 * false: there is no way of this name, or the value does not fit it.
 */
bool speak(enum lang lang, const struct js *value, struct str way,
    struct arena *a, struct str *ret);

#endif
