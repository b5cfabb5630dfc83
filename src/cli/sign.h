/*
 * sign: payloads and the keys that sign them.  An officer's key file stands in
 * officers/NAME.key of the folder; it is read here and never sent.
 */
#ifndef CLI_SIGN_H
#define CLI_SIGN_H

#include "cli/cli.h"
#include "record/act.h"
#include "record/key.h"

enum { SIGN_KEYS_MAX = 16 };
struct sign_keys {
	size_t n;
	struct secret *key[SIGN_KEYS_MAX];
};
/* The keys that the command names: --root, each --officer, else the only one
 * in officers/.  sign_close() wipes them. */
int sign_open(struct cli *c, struct sign_keys *ret, struct err *err);
void sign_close(struct sign_keys *k);
/* A payload's envelope. */
int sign_payload(struct cli *c, struct str payload, const struct sign_keys *k,
    struct str *ret, struct err *err);
/* Names of the key files in officers/. */
int sign_officers(struct cli *c, struct str **ret, size_t *ret_n,
    struct err *err);
/* Write the payload of an act (its salt is chosen here), sign and post it. */
int sign_post(struct cli *c, struct act *act, const struct js **ret,
    struct err *err);

#endif
