/*
 * clock: the only reader of clocks.  Everything else gets its time as a
 * parameter, in microseconds UTC since 1970.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include <stdint.h>

int64_t clock_utc_us(void);
int64_t clock_mono_us(void); /* for waits and measures only */
void clock_sleep_us(int64_t us);
/* The pause after one more failure: twice the last (0: there was none), within
 * bounds. */
int64_t clock_back_off_us(int64_t last_us, int64_t least_us, int64_t most_us);
/* A condition that is waited for by the monotonic clock, and a wait of at most
 * `us`: a wall clock that is set moves no wait. */
void clock_cond_init(pthread_cond_t *c);
void clock_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t us);

#endif
