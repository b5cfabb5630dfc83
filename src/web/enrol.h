/*
 * enrol: keys that ask for a mandate.  A new officer's browser leaves its key
 * and a name here; who may grant mandates sees them, compares the key's words
 * by voice and signs the grant.  Nothing here is proven: a name is what
 * somebody typed. N1  at most ENROL_MAX wait, ENROL_EACH of one address, each
 * for ENROL_S. N2  it is memory alone, and may be lost (W2): the browser asks
 * again. Threads: any; it locks itself.
 */
#ifndef WEB_ENROL_H
#define WEB_ENROL_H

#include "base/text.h"
#include "record/key.h"

enum {
	ENROL_MAX = 100,
	ENROL_EACH = 10,
	ENROL_S = 24 * 3600,
	ENROL_NAME = 200 /* bytes, as an officer's name */
};
struct enrol_wish {
	struct pubkey key;
	int64_t at_us;
	char name[ENROL_NAME + 1];
};

struct enrolments;
struct enrolments *enrol_new(void); /* NULL: no memory */
void enrol_free(struct enrolments *e);
/*
 * Keep a wish; one of the same key takes its place.  ERR_INPUT: no name of an
 * officer, or no usable key.  ERR_BUSY: too many wait.
 */
int enrol_add(struct enrolments *e, const struct pubkey *key, struct str name,
    struct str address, int64_t now_us, struct err *err);
/* Oldest first, into ret; how many. */
size_t enrol_list(struct enrolments *e, int64_t now_us,
    struct enrol_wish ret[ENROL_MAX]);
/* false: it does not wait. */
bool enrol_find(struct enrolments *e, const struct pubkey *key, int64_t now_us,
    struct enrol_wish *ret);
void enrol_remove(struct enrolments *e, const struct pubkey *key);

#endif
