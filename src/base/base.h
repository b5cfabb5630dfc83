/*
 * base: what every room stands on: errors, memory, text and bytes, numbers,
 * time, JSON.  It knows nothing of acts or parties.
 *
 *   err     one error convention: 0 or -1, and a sentence
 *   arena   memory of one operation, released at once, with a limit
 *   text    spans of bytes, UTF-8 text, growing buffers, hex
 *   num     text to numbers, checked arithmetic
 *   clock   the only reader of clocks; RFC 3339 and durations
 *   js      strict JSON, the only user of jansson
 *   diag    what a running node says to its operator
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H
#endif
