/* The program's entry, and the flag that a signal sets. */
#include <signal.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "cli/command.h"

static volatile sig_atomic_t stop;

static void
on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

/* None of these calls fails with known signals. */
static void
hold(void)
{
	struct sigaction act = {.sa_handler = on_signal};
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGINT, &act, NULL);
}

static void
await(void)
{
	sigset_t set;

	(void)pthread_sigmask(SIG_BLOCK, NULL, &set);
	(void)sigdelset(&set, SIGTERM);
	(void)sigdelset(&set, SIGINT);
	while (stop == 0)
		(void)sigsuspend(&set);
}

int
main(int argc, char **argv)
{
	static const struct cli_signals signals = {hold, await};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	/* A reader that is gone is an error of writing, not the end. */
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)umask(077); /* what is written here is the party's own */
	mem_start();
	return command_main(argc, argv, &signals);
}
