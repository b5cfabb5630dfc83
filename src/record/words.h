/*
 * words: a key's fingerprint as twelve English words, to be compared by voice.
 * What is said is the first 16 bytes of the SHA-256 of the key.  Who wants to
 * pass off another key has to find one with the same 128 bits: 2^128 tries,
 * where 2^110 would do.  (Two keys of one's own with equal words take 2^64, and
 * gain nothing: who has both gets one mandate.)  The bytes are written as
 * BIP-39 writes 128 bits: with four bits of their SHA-256 behind them, 12
 * numbers of 11 bits, each a word of its English list; so one word misheard is
 * noticed 15 times in 16, before anything is compared.  They are public, and no
 * secret to make a key or a purse from. List: lang/words.txt (2048 words, none
 * the beginning of four letters of another).  Threads: none; pure.
 */
#ifndef RECORD_WORDS_H
#define RECORD_WORDS_H

#include "base/text.h"
#include "record/key.h"

enum { WORDS_N = 12, WORDS_BYTES = 16 };

/* "abandon ... about": twelve words, a space between two. */
int words_write(const uint8_t bytes[WORDS_BYTES], struct arena *a,
    struct str *ret, struct err *err);
/* The words of a key. */
int words_of_key(const struct pubkey *k, struct arena *a, struct str *ret,
    struct err *err);
/* Words as a person types them: any white space between two, capitals or not,
 * four letters where a word has more.  ERR_INPUT names the word that is none,
 * or says that they do not fit each other. */
int words_parse(struct str s, uint8_t ret[WORDS_BYTES], struct err *err);
/* Is this key the one with these bytes? */
bool words_is_of(const uint8_t bytes[WORDS_BYTES], const struct pubkey *k);

#endif
