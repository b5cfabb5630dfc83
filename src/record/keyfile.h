/*
 * keyfile: a secret key as the text of a file.  With a passphrase: Argon2id
 * (libsodium's moderate limits, or as the file says within bounds) and
 * XChaCha20-Poly1305.  Without one the file is plain, and whoever reads it from
 * disk must refuse it unless its owner alone may read it (that check needs a
 * disk: node/keydir does it).  Format: docs/format/keyfile.md.
 */
#ifndef RECORD_KEYFILE_H
#define RECORD_KEYFILE_H

#include "base/text.h"
#include "record/key.h"

enum { KEYFILE_MAX = 4096 };
/*
 * Write a key of this use ("root", "log", "witness", "box", "officer") and
 * holder (for people).  An empty passphrase writes the plain form.  The work
 * factor is for tests: units of 8 KiB, one pass (0: the usual one).
 */
int keyfile_write(struct str use, struct str holder, const struct secret *s,
    struct span passphrase, unsigned work, struct arena *a, struct str *ret,
    struct err *err);
/* Does this text need a passphrase?  ERR_INPUT where it is no key file. */
int keyfile_is_locked(struct str text, bool *ret, struct err *err);
/*
 * Read it back; the use must be the one wanted.  ERR_DENIED: wrong passphrase
 * or damaged.  *ret belongs to the caller (key_secret_free).
 */
int keyfile_read(struct str text, struct str use, struct span passphrase,
    struct arena *a, struct secret **ret, struct str *ret_holder,
    struct err *err);

#endif
