/*
 * take_int: a bundle on its way in: opened and verified in the caller's thread
 * (node_take_open.c), judged and stored by the committer (node_take.c).
 */
#ifndef NODE_TAKE_INT_H
#define NODE_TAKE_INT_H

#include "node/node_int.h"

struct taken_act {
	struct span envelope;
	struct id charter; /* whose log */
	uint64_t idx;
	const struct judged *judged; /* NULL: not verified yet */
};
struct taken_log { /* what a bundle says of one log */
	struct id charter;
	uint64_t from;
	struct span entries; /* 48 bytes each */
	bool has_entries;
	uint64_t appended, held; /* held: before this bundle */
	struct span note;        /* its head, perhaps with cosignatures */
	size_t n_notes, cap_notes;
	struct span *notes; /* older heads that were cosigned */
};
struct forked {
	struct job job; /* first */
	struct member *m;
	struct span note;
	uint64_t size;
};

struct taking { /* the committer's, while it runs the job */
	int64_t now_us;
	size_t n_recorded; /* of matters */
	struct recorded *recorded;
	/* A stretch of a log's entries, read at once. */
	const struct member *of;
	uint64_t from;
	size_t n_entries;
	struct entry *entries;
	/* The first act of a log's own file that is not here; none:
	 * UINT64_MAX. */
	const struct member *file_of;
	uint64_t missing;
};
struct take {
	struct job job; /* first: the committer hands it back */
	struct node *n;
	struct arena *a;
	size_t n_acts, cap_acts, n_logs, cap_logs, n_files, cap_files;
	struct taken_act *acts;
	struct taken_log *logs;
	struct span *files; /* procedures */
	struct span heads;  /* the sender asks for a new cosignature */
	struct id hash;     /* of the bundle */
	bool from_peer;     /* not from a courier or a file */
	bool inside;        /* a sealed part is being read */
	struct node_taken ret;
	struct taking taking;
	struct forked forked; /* m: NULL where there is none */
};

/* Read a bundle into its parts, sealed ones for us included; nothing is
 * believed yet. */
int node_take_open(struct take *t, struct span bundle, struct err *err);
/* Verify the signatures of its acts, in several threads. */
int node_take_verify(struct take *t, struct err *err);

#endif
