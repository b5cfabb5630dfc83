/*
 * keydir: key files on disk.  A file without passphrase must be readable by its
 * owner only, or it is refused; new files are made so, and never overwritten.
 */
#ifndef NODE_KEYDIR_H
#define NODE_KEYDIR_H

#include "base/text.h"
#include "record/key.h"

int keydir_read(const char *path, const char *use, struct span passphrase,
    struct secret **ret, struct err *err);
/* Does this file need a passphrase? */
int keydir_is_locked(const char *path, bool *ret, struct err *err);
int keydir_write(const char *path, const char *use, struct str holder,
    const struct secret *s, struct span passphrase, struct err *err);
/* Whole small files, atomically replaced and synced. */
int keydir_load(const char *path, size_t most, struct arena *a, struct str *ret,
    struct err *err);
int keydir_save(const char *path, struct str text, bool replace,
    struct err *err);

#endif
