/*
 * cli: what a person types.  It asks a node's views and shows them; it holds no
 * rule of its own.  Officers' keys are used here and nowhere below: a node
 * takes signed acts alone.
 *
 *   command   the table of commands, their arguments and options
 *   option    the command line to a struct cli
 *   near      the nearest name to one that does not exist
 *   ask       one question to the node, running or not
 *   say       text, tables, languages on a terminal
 *   prompt    questions to a person, passphrases
 *   fill      a form's fields from the command line or a terminal
 *   sign      payloads, officers' keys, envelopes
 *   cmd_*     the commands, one file a group
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/text.h"
#include "cli/prompt.h"
#include "cli/say.h"

struct command;
struct ask;
struct cli_given {        /* an option as it was given */
	int id;           /* enum option_id */
	struct str value; /* a NUL behind it */
};
/* How the one who runs the program tells it to stop; main.c has the flag. */
struct cli_signals {
	void (*hold)(void);  /* keep them from this thread and its threads */
	void (*await)(void); /* until one comes */
};
struct cli { /* one command under way; texts have a NUL behind them */
	const struct command *command;
	const char *folder;
	bool json;
	enum say_lang lang;
	size_t n_args;
	const struct str *arg;
	size_t n_given;
	const struct cli_given *given;
	struct arena *a;
	const struct cli_signals *signals;
	struct ask *ask; /* NULL before the first question */
	struct prompt_secret passphrase;
};

#endif
