/*
 * bundle_int: what writing (bundle.c) and reading (bundle_read.c) share.
 */
#ifndef RECORD_BUNDLE_INT_H
#define RECORD_BUNDLE_INT_H

#include <locale.h>

#include "record/bundle.h"

enum { BUNDLE_BLOCK = 65536 }; /* bytes a call of read() or write() */

/*
 * libarchive keeps names in the encoding of the locale.  A bundle's names are
 * UTF-8 whatever the program's locale is, so that of this thread is set around
 * each of its calls.  Where there is no such locale, ASCII names still work.
 */
struct bundle_locale {
	locale_t ours, before;
};
struct bundle_locale bundle_locale_enter(void);
void bundle_locale_leave(struct bundle_locale u);

/* "... is no name in a bundle".  Always -1. */
int bundle_err_name(struct err *err, struct str name);

#endif
