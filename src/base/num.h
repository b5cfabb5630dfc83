/*
 * num: numbers from outside.  Text becomes a number only here, and arithmetic
 * on what came from outside is checked.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
/* C23's names over the compiler's builtins: true where it overflowed. */
#define ckd_add(r, a, b) __builtin_add_overflow(a, b, r)
#define ckd_mul(r, a, b) __builtin_mul_overflow(a, b, r)
#define ckd_sub(r, a, b) __builtin_sub_overflow(a, b, r)

/*
 * A decimal number in its one form (no sign but "-", no leading zero, no
 * space) between lo and hi; ERR_INPUT otherwise.
 */
int num_parse(struct str s, int64_t lo, int64_t hi, int64_t *ret,
    struct err *err);
/* Big-endian numbers. */
void num_put32(uint8_t *p, uint32_t v);
void num_put64(uint8_t *p, uint64_t v);
uint32_t num_get32(const uint8_t *p);
uint64_t num_get64(const uint8_t *p);

#endif
