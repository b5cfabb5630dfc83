/*
 * file: attachments.  An act names a file by its SHA-256; the bytes lie beside
 * the record, in folder/files/XX/REST under their hash, and travel on their
 * own: whoever has an act that names one fetches it.
 *  F1  a name in files/ is there only with all its bytes, durable, and its hash
 *      is its name: what comes in has no name before (O_TMPFILE).
 *  F2  an act opens a file to its readers where its author is our party, or the
 *      party for whose act the file came.  So who knows a hash alone cannot
 *      name it in an act and be given what it stands for; and a peer asks on
 *      the strength of one act that it holds.
 *  F3  what no act names is kept for FILE_LOOSE_S, in all FILE_LOOSE_MAX bytes.
 *  F4  the last FILE_FREE_MIN bytes of the disk are the record's.
 * Content is compared with its hash when it comes in and by file_check(); in
 * between each opening compares its size, and each peer what it is given.
 * Threads: any; nobody holds the state's lock while bytes are moved.
 */
#ifndef NODE_FILE_H
#define NODE_FILE_H

#include "node/node_int.h"

enum {
	FILE_MAX = 64 * 1024 * 1024,
	FILE_LOOSE_S = 24 * 3600,
	FILE_LOOSE_MAX = 1024 * 1024 * 1024,
	FILE_FREE_MIN = 256 * 1024 * 1024,
	FILE_NAMES_MAX = 1000, /* in one act; of one file that are looked at */
	FILE_SEALED_MAX = FILE_MAX + FILE_MAX / 1024 + 131072
};

/* ---- file.c: bytes ---- */

/* A file without a name, to write into; it is gone once closed.  ERR_IO: no
 * room on the disk, or no such files there. */
int file_new(struct node *n, int *ret_fd, struct err *err);
/*
 * Keep what fd holds, from 0 on; it stays the caller's to close.  `giver`: F2.
 * `want`: its hash must be this one, or NULL.  Blocks until durable.
 * ERR_INPUT: empty, too long, or another hash; ERR_BUSY: F3; ERR_IO: F4.
 */
int file_keep(struct node *n, int fd, int64_t giver, const struct id *want,
    struct store_file *ret, struct err *err);
/* To read; ERR_ABSENT: not kept here.  ERR_CORRUPT: cut or gone. */
int file_open(struct node *n, struct store *s, const struct id *sha256,
    int *ret_fd, uint64_t *ret_size, struct err *err);
/* The media type by its first bytes: of pictures that pages show, else NULL. */
const char *file_picture(int fd);
/* Seal fd's bytes to a box key, or open what is sealed to us, into a new file.
 */
int file_seal(struct node *n, int fd, const struct box *to, int *ret_fd,
    uint64_t *ret_size, struct err *err);
int file_unseal(struct node *n, int fd, int *ret_fd, struct err *err);
/* Compare all that is kept with its hash: ERR_CORRUPT with the first that
 * differs. */
int file_check(struct node *n, struct store *s, struct err *err);
/* Remove what F3 says; and names in files/ that the record does not know. */
int file_sweep(struct node *n, int64_t now_us, struct err *err);

/* ---- file_name.c: acts ---- */

/* The committer's: what a recorded act names. */
int file_name(struct node *n, const struct act *act, int64_t seq,
    struct err *err);
/* The same for all acts of a folder that an older program wrote, once. */
int file_name_all(struct node *n, struct err *err);
/* May a party read it (F2)?  `code` empty: may everybody?  `by`: on the
 * strength of this act; NULL: of any.  The caller holds the state's lock. */
int file_is_open_to(struct node *n, struct store *s, const struct id *sha256,
    struct str code, const struct id *by, struct arena *a, bool *ret,
    struct err *err);

/* ---- file_fetch.c ---- */

/* Fetches what acts name and we lack, and sweeps, until the node stops. */
void *file_fetcher(void *node);

#endif
