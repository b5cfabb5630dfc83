/*
 * prompt: questions to the person at the terminal, on standard error, so that
 * standard output holds the answer alone.  A passphrase is read from the
 * terminal without echo or from a file, never from the command line.
 */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "base/text.h"

enum { PROMPT_SECRET_MAX = 1024 };
struct prompt_secret { /* wiped by prompt_forget() */
	bool has;
	size_t n;
	uint8_t text[PROMPT_SECRET_MAX];
};

struct cli;
/* Is a person there to answer? */
bool prompt_is_terminal(void);
/* One line of the answer, without its line feed; *ret_ended: the input ended
 * first. */
int prompt_line(const char *question, struct arena *a, struct str *ret,
    bool *ret_ended, struct err *err);
/* All of standard input, at most so many bytes, as text. */
int prompt_all(size_t most, struct arena *a, struct str *ret, struct err *err);
/* "[y/N]"; without a terminal the answer is no. */
int prompt_yes(const char *question, bool *ret, struct err *err);
/*
 * The passphrase of the keys: of --passphrase-file, of COMITY_PASSPHRASE_FILE,
 * or asked for (twice where it is `fresh`).  Asked for once a command.
 */
int prompt_passphrase(struct cli *c, bool fresh, struct span *ret,
    struct err *err);
void prompt_forget(struct prompt_secret *s);

#endif
