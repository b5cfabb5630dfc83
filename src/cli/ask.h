/*
 * ask: one question to the node of the folder.  Where a process holds the
 * folder, it is asked by the folder's socket; else the folder is opened here
 * and the same views answer.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "base/js.h"
#include "cli/cli.h"

struct ask_answer {
	struct str type;
	struct span body;
	const struct js *json; /* NULL where the answer is no JSON */
};
/*
 * `path` with its query.  An answer of failure becomes the err that it names.
 * ERR_ABSENT: no folder of a node.  ERR_BUSY: another command has it open.
 */
int ask_send(struct cli *c, const char *method, struct str path,
    struct str type, struct span body, struct ask_answer *ret, struct err *err);
/* The same with a file: to send (body_fd), or to write an answer into that is
 * no failure (answer_fd); 0: none.  They stay the caller's. */
int ask_file(struct cli *c, const char *method, struct str path,
    struct str type, int body_fd, int answer_fd, struct ask_answer *ret,
    struct err *err);
int ask_get(struct cli *c, struct str path, const struct js **ret,
    struct err *err);
void ask_close(struct ask *k);
/* "path?name=value" with what URLs do not take as %xx. */
void ask_param(struct buf *b, const char *name, struct str value);
/* A reference that may stand in a path: ERR_INPUT unless letters, digits, "-".
 */
int ask_ref(struct str ref, struct err *err);

#endif
