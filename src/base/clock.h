/*
 * clock: the only reader of clocks.  Everything else gets its time as a
 * parameter, in microseconds UTC since 1970.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_utc_us(void);
int64_t clock_mono_us(void); /* for waits and measures only */
void clock_sleep_us(int64_t us);

#endif
