/*
 * act: the unit of record: a JSON payload that one or more officers signed; its
 * id is the SHA-256 of the payload's bytes.
 *  C1  an act that parsed is const for ever; its fields view the payload.
 *  C2  unknown or doubled fields, integers beyond 2^53-1 and payloads over
 *      ACT_MAX are refused, so that every node reads the same act.
 * Format: docs/format/act.md.
 */
#ifndef RECORD_ACT_H
#define RECORD_ACT_H

#include "base/js.h"
#include "base/text.h"

/* A text of 1 MiB does not fit; it goes into a file.  The longest formal note
 * in the corpora that we looked at has 60 KiB in four languages. */
enum { ACT_MAX = 256 * 1024, ACT_AFTER_MAX = 1000, ACT_PARTIES_MAX = 1000 };
#define ACT_INT_MAX ((INT64_C(1) << 53) - 1)

enum audience_type { AUDIENCE_PARTIES, AUDIENCE_MEMBERS, AUDIENCE_PUBLIC };
struct audience {
	enum audience_type type;
	size_t n; /* of AUDIENCE_PARTIES */
	const struct str *party;
};

struct act {
	struct id id;
	struct str kind;      /* "message/send" */
	struct str procedure; /* its first part, "message" */
	struct str name;      /* its second part, "send" */
	struct str party;     /* short name of the author's party */
	bool opens; /* no `matter`: it opens one, whose id is its own */
	struct id matter;
	bool has_procedure, has_conference, has_answers, has_amends;
	struct id procedure_id; /* of the procedure's file; opening acts only */
	struct id conference;   /* founding matter; opening acts only */
	struct audience to;
	int64_t at_us;
	size_t n_after;
	const struct id *after;
	struct id answers, amends;
	const struct js *body; /* always a map */
	uint8_t salt[16];
};

/* Parse a payload and compute its id. */
int act_parse(struct span payload, struct arena *a, const struct act **ret,
    struct err *err);
/* The payload of an act (its id is not read); `salt` as given. */
int act_write(const struct act *act, struct arena *a, struct str *ret,
    struct err *err);
/* "public", "members" or a list of short names. */
int act_audience_parse(const struct js *j, struct arena *a,
    struct audience *ret, struct err *err);
void act_audience_put(struct js_make *m, struct js *in, const char *key,
    const struct audience *to);
bool act_audience_has(const struct audience *to, struct str party);
/* A party's short name: [A-Z][A-Z0-9-]{1,15}. */
bool act_is_party(struct str s);

#endif
