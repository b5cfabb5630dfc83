/*
 * option: the command line.  One const table of options; a command says which
 * of them it takes.  Options may stand anywhere; "--" ends them.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include "cli/cli.h"

enum option_id {
	/* general: every command takes them */
	OPTION_FOLDER,
	OPTION_JSON,
	OPTION_LANG,
	OPTION_PASSPHRASE_FILE,
	OPTION_HELP,
	OPTION_VERSION,
	/* of single commands */
	OPTION_PARTY,
	OPTION_NAME,
	OPTION_OFFICER,
	OPTION_POWERS,
	OPTION_KEY,
	OPTION_DEMAND,
	OPTION_LISTEN,
	OPTION_ADDRESS,
	OPTION_WITNESS,
	OPTION_PASSPHRASE,
	OPTION_EXISTING,
	OPTION_FINGERPRINT,
	OPTION_UNTIL,
	OPTION_REASON,
	OPTION_ROOT,
	OPTION_SET,
	OPTION_BODY,
	OPTION_TO,
	OPTION_IN,
	OPTION_ANSWERS,
	OPTION_AMENDS,
	OPTION_DRY_RUN,
	OPTION_YES,
	OPTION_WATCH,
	OPTION_PROCEDURE,
	OPTION_STATE,
	OPTION_TEXT,
	OPTION_LIVE,
	OPTION_BEFORE,
	OPTION_LIMIT,
	OPTION_MATTER,
	OPTION_PUBLIC,
	OPTION_FOR,
	OPTION_ALL,
	OPTION_OUTPUT,
	OPTIONS
};
#define OPTION_BIT(id) (UINT64_C(1) << (id))
#define OPTION_GENERAL (OPTION_BIT(OPTION_PARTY) - 1)

struct option_row {
	const char *name;  /* without its "--" */
	char letter;       /* 0: none */
	const char *value; /* what it takes; NULL: nothing */
	bool many;
	const char *help;
};
const struct option_row *option_row(enum option_id id);

/* Words and options of a command line; c->command is found, what it does not
 * take is refused with the nearest name.  A line without a command gives
 * c->command NULL. */
int option_parse(int argc, char *const *argv, struct cli *c, struct err *err);
bool option_has(const struct cli *c, enum option_id id);
/* Its last value; .p NULL where it was not given. */
struct str option_get(const struct cli *c, enum option_id id);
size_t option_count(const struct cli *c, enum option_id id);
struct str option_at(const struct cli *c, enum option_id id, size_t i);

#endif
