/*
 * command: the one table of commands, from which help, completion and the
 * manual page are made.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/cli.h"
#include "cli/option.h"

typedef int command_fn(struct cli *c, struct err *err);
struct command {
	const char *name;   /* one or two words */
	const char *args;   /* as help shows them */
	size_t least, most; /* how many */
	uint64_t options;   /* beside the general ones */
	command_fn *run;
	const char *title[SAY_LANGS]; /* NULL: the English one */
	const char *more;             /* further lines of help; may be NULL */
};
size_t command_all(const struct command **ret);
/* The command of these words; *ret_words of them are its name.  ERR_INPUT
 * names the nearest one. */
int command_find(const struct str *word, size_t n, const struct command **ret,
    size_t *ret_words, struct err *err);
const char *command_title(const struct command *d, enum say_lang lang);
/* A model as it is, for programs. */
int command_say_json(struct cli *c, const struct js *j, struct err *err);
/* Run the command line and say what went wrong; the program's exit code. */
int command_main(int argc, char **argv, const struct cli_signals *signals);

extern command_fn cmd_init, cmd_serve, cmd_status, cmd_peer_list, cmd_peer_look,
    cmd_peer_add, cmd_peer_address, cmd_peer_remove, cmd_officer_list,
    cmd_officer_enrol, cmd_officer_grant, cmd_officer_revoke,
    cmd_officer_demand, cmd_key_renew, cmd_new, cmd_act, cmd_attach, cmd_fetch,
    cmd_show, cmd_list, cmd_board, cmd_proof, cmd_export, cmd_import,
    cmd_verify, cmd_rebuild, cmd_alert_test, cmd_check, cmd_procedures_list,
    cmd_procedures_show, cmd_procedures_check, cmd_completion, cmd_help,
    cmd_version;
/* Give a file to the node; *ret: the value of a field of the type `file`. */
int cmd_attach_file(struct cli *c, struct str path, const struct js **ret,
    struct err *err);

#endif
