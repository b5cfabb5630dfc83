/*
 * mandate: who may sign what for a party, by the order of the party's own log.
 * A charter (entry 0, signed by the root key) and the acts of the kinds
 * "party/..." that follow it in the same log make a party's file.  Neither a
 * clock nor another party decides anything here.
 *  M1  what an act at entry i may rest on was logged at entries below i.
 *  M2  an act of the file that breaks a rule changes nothing.
 *  M3  the root key never changes: with the charter it is the identity.
 * Format: docs/format/charter.md.  Threads: none; the owner locks.
 */
#ifndef RECORD_MANDATE_H
#define RECORD_MANDATE_H

#include "base/text.h"
#include "record/act.h"
#include "record/age.h"
#include "record/dsse.h"
#include "record/key.h"
#include "record/note.h"

enum {
	MANDATE_OFFICERS_MAX = 10000,
	MANDATE_POWERS_MAX = 100,
	MANDATE_WITNESSES_MAX = 16,
	/* A file that is full takes no more: beyond, an act of it breaks the
	 * rule "file-full".  Text: officers' names and powers, demands' kinds,
	 * the charter's included; with what stands around it in memory a file
	 * stays below 128 MiB. */
	MANDATE_ACTS_MAX = 10000,
	MANDATE_TEXT_MAX = 16 * 1024 * 1024
};

struct mandate_keys { /* a party's keys from an entry on */
	uint64_t from;
	struct pubkey log, witness;
	struct box box;
};
struct mandate_officer {
	struct str name;
	struct pubkey key;
	size_t n;
	const struct str *power; /* kind patterns */
	uint64_t from, until;    /* in force at entries from < i <= until */
	struct id granted;       /* by this act */
};
struct mandate_demand { /* kinds that want several signatures */
	struct str kind;
	int64_t signatures;
};

struct mandate; /* a party's file */

/* The keys that truly signed a payload (keyid says which to try). */
struct mandate_signers {
	size_t n;
	struct pubkey key[DSSE_SIGNATURES_MAX];
	struct sig sig[DSSE_SIGNATURES_MAX]; /* of each, as verified */
};
/* Parse an envelope's payload and verify its signatures.  ERR_INPUT: not of
 * our type, does not parse, or no signature verifies: refused, not recorded. */
int mandate_open_act(const struct dsse *d, struct arena *a,
    const struct act **ret, struct mandate_signers *ret_signers,
    struct err *err);

/* A party's file from its charter.  ERR_INPUT: malformed, or not signed by the
 * root key that it names.  mandate_free() ends it. */
int mandate_new(const struct act *charter,
    const struct mandate_signers *signers, struct mandate **ret,
    struct err *err);
void mandate_free(struct mandate *m);
struct str mandate_party(const struct mandate *m);
struct str mandate_origin(const struct mandate *m); /* of its log */
struct str mandate_witness_name(const struct mandate *m);
const struct pubkey *mandate_root(const struct mandate *m);
const struct js *mandate_body(const struct mandate *m); /* of the charter */
/* The keys in force at the head of a log of this size. */
const struct mandate_keys *mandate_keys_at(const struct mandate *m,
    uint64_t size);
/* All keys ever, oldest first: old cosignatures verify with old keys. */
size_t mandate_keys(const struct mandate *m, const struct mandate_keys **ret);
/* Verifier keys of a log of this size and of the witness. */
struct note_key mandate_log_key(const struct mandate *m, uint64_t size);
struct note_key mandate_witness_key(const struct mandate *m);
/* The outside witnesses that the charter names. */
size_t mandate_witnesses(const struct mandate *m, const struct note_key **ret);
/* All officers ever, oldest first. */
size_t mandate_officers(const struct mandate *m,
    const struct mandate_officer **ret);

/* Is this kind one of the party's own file? */
bool mandate_is_kind(struct str kind);
/* How many officers must sign this kind at this entry; the demands in force at
 * a log's end. */
int64_t mandate_wanted(const struct mandate *m, struct str kind,
    uint64_t index);
size_t mandate_demands(const struct mandate *m,
    const struct mandate_demand **ret);
/*
 * May these signers do this kind of act at this entry?  NULL: yes; else the
 * rule it breaks ("no-mandate", "too-few-signatures").
 */
const char *mandate_broken(const struct mandate *m, struct str kind,
    uint64_t index, const struct mandate_signers *signers);
/* The same for one key that signs alone. */
const char *mandate_broken_alone(const struct mandate *m, struct str kind,
    uint64_t index, const struct pubkey *key);
/*
 * The rule that an act of the file would break at this entry; NULL: it would
 * take effect.  Nothing changes.
 */
const char *mandate_try(const struct mandate *m, const struct act *act,
    uint64_t index, const struct mandate_signers *signers);
/*
 * Take an act of the file (matter: the charter) at its entry.  *ret_broken is
 * NULL where it takes effect, else the rule that it breaks (M2).  -1: memory.
 */
int mandate_apply(struct mandate *m, const struct act *act, uint64_t index,
    const struct mandate_signers *signers, const char **ret_broken,
    struct err *err);

#endif
