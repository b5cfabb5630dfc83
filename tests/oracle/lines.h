/*
 * lines: the reference's JSON lines as the fold's input, for the tests; acts
 * are not parsed from payloads here, but filled in as they stand.
 */
#ifndef ORACLE_LINES_H
#define ORACLE_LINES_H

#include "rules/fold.h"

/* A whole file, with a limit of 64 MiB; ERR_IO, ERR_NOMEM. */
int lines_file(const char *path, struct arena *a, struct span *ret,
    struct err *err);
/* A procedure of the catalogue or of the laboratory, below the source root. */
int lines_procedure(const char *root, struct str name, struct arena *a,
    const struct procedure **ret, struct err *err);
/* The `input` of a line. */
int lines_input(const struct js *j, struct arena *a, struct fold_input *ret,
    struct err *err);
/* Fold and print as the reference does. */
int lines_fold(const struct procedure *p, const struct fold_input *in,
    struct arena *a, const struct js **ret, struct err *err);
/* The first difference of two values as "/acts/0/verdict"; false: none. */
bool lines_differ(const struct js *want, const struct js *got, struct buf *at);
/*
 * A long matter of the procedure "text" among n_parties: drafts are discussed,
 * consented to and revised, a minute apart.  For tests of size, and bench/.
 */
int lines_big(size_t n_acts, size_t n_parties, struct arena *a,
    struct fold_input *ret, struct err *err);

#endif
