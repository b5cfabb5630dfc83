/*
 * proof: what a claim stands on, as one file for a stranger: a bundle that
 * stands alone (archive.h), with proof.json, which says what is claimed and how
 * to check it, and a C2SP .tlog-proof for each act.  Format: docs/proof.md.
 */
#ifndef NODE_PROOF_H
#define NODE_PROOF_H

#include "node/query.h"

/*
 * A proof of this claim ("state" where empty) about a matter or an act.
 * ERR_INPUT: no such claim; ERR_CONFLICT: it does not hold now, and why.
 */
int proof_write(struct query *q, struct str ref, struct str claim,
    struct span *ret, struct err *err);

#endif
