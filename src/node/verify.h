/*
 * verify: checks a bundle, an archive or a proof offline: no node, no network,
 * nobody's word.  Every signature, every mandate, every entry's place in its
 * tree, every cosignature, and every verdict are computed again.
 */
#ifndef NODE_VERIFY_H
#define NODE_VERIFY_H

#include "base/js.h"
#include "base/text.h"

typedef void verify_progress_fn(void *ctx, const char *what, uint64_t done,
    uint64_t all);
struct verify_options {
	const char *path;
	/* A party's charter that the reader trusts, to name it as known; the
	 * bundle's own charters are listed with their fingerprints anyway. */
	verify_progress_fn *progress; /* may be NULL */
	void *ctx;
};
/*
 * The model: {"parties":[{party, names, charter, size, root, witnessed:[...]}],
 * "acts","entries","cosignatures","matters":[{id, cite, procedure, subject,
 * state, since, acts, valid, void}]}.  ERR_INPUT: it does not verify, with the
 * first reason.
 */
int verify_file(const struct verify_options *o, struct js_make *make,
    struct js **ret, struct err *err);

#endif
