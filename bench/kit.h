/*
 * kit: what the measuring programs share: a party's folder with many officers,
 * hotline messages signed in advance, results as one JSON line.  For bench/
 * alone; nothing here is part of a node.
 */
#ifndef BENCH_KIT_H
#define BENCH_KIT_H

#include "base/text.h"
#include "record/key.h"

enum { KIT_OFFICERS_MAX = 256, KIT_TEXT = 300 };

/* Make FOLDER of the party `code`: keys, charter with n officers, comity.ini
 * that listens on 127.0.0.1:port.  The officers' seeds go to FOLDER/officers,
 * 32 bytes each. */
int kit_found(const char *folder, const char *code, int port, size_t n,
    struct err *err);

struct kit_author {
	struct str party, to;
	size_t n;
	struct secret *key[KIT_OFFICERS_MAX];
	struct id procedure; /* of the catalogue's "message" */
};
/* Officers of a folder, who write to the party `to`.  kit_author_end(). */
int kit_author(const char *folder, const char *party, const char *to,
    struct kit_author *ret, struct err *err);
void kit_author_end(struct kit_author *w);
/* The payload of a message/send that opens its own matter, now. */
int kit_payload(const struct kit_author *w, struct arena *a, struct str *ret,
    struct err *err);
/* Its envelope, signed by one officer. */
int kit_envelope(const struct kit_author *w, size_t officer, struct arena *a,
    struct str *ret, struct err *err);

/* Ends the program where rc is not 0, with the sentence. */
void kit_must(int rc, const struct err *err);
/* A number between lo and hi from an argument, or the program ends. */
int64_t kit_number(const char *z, int64_t lo, int64_t hi);
/* Sorts n latencies and prints {"count","seconds","rate","p50_us","p99_us",
 * "max_us"}; `also` (may be empty) goes in before the end: ,"name":value. */
void kit_report(int64_t *latency_us, size_t n, int64_t took_us,
    const char *also);

#endif
