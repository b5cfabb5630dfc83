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
 * libarchive's calls.  A locale costs 0.3 ms to make, unless the program holds
 * it (setlocale(LC_CTYPE, "C.UTF-8") when it starts).  Where there is none,
 * ASCII names still work.
 */
locale_t bundle_locale(void); /* NULL: none, or none needed */
/* The one that was used before, to be given back by the same call. */
locale_t bundle_locale_use(locale_t l);
void bundle_locale_free(locale_t l);

/* "... is no name in a bundle".  Always -1. */
int bundle_err_name(struct err *err, struct str name);

#endif
