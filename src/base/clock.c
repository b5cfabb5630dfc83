#include "base/clock.h"

#include <time.h>

static int64_t
read_us(clockid_t which)
{
	struct timespec t;

	(void)clock_gettime(which, &t); /* both clocks exist on Linux */
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
clock_utc_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t
clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

void
clock_sleep_us(int64_t us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	(void)nanosleep(&t, NULL); /* a shorter sleep does no harm */
}

void
clock_cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr); /* none of these fails on Linux */
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(c, &attr);
	(void)pthread_condattr_destroy(&attr);
}

void
clock_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t us)
{
	int64_t until = clock_mono_us() + (us < 0 ? 0 : us);
	struct timespec t = {until / 1000000, until % 1000000 * 1000};

	(void)pthread_cond_timedwait(c, m, &t); /* early or late: it loops */
}

int64_t
clock_back_off_us(int64_t last_us, int64_t least_us, int64_t most_us)
{
	if (last_us == 0)
		return least_us;
	return last_us > most_us / 2 ? most_us : last_us * 2;
}
