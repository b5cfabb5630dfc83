/* Attachments: a file to the node, and back. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/ask.h"
#include "cli/command.h"
#include "cli/fill.h"
#include "record/hash.h"

int
cmd_attach_file(struct cli *c, struct str path, const struct js **ret,
    struct err *err)
{
	struct ask_answer ans;
	struct str name = path, question;
	struct buf b;
	int fd, rc;

	while (str_find(name, '/', 0) < name.n)
		name = str_sub(name, str_find(name, '/', 0) + 1, name.n);
	buf_init(&b, c->a);
	buf_z(&b, "/files");
	ask_param(&b, "name", name);
	if (buf_done(&b, &question, err) != 0)
		return -1;
	fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_ABSENT, "%s: %s", path.p,
		    strerror(errno));
	rc = ask_file(c, "POST", question, fill_media_type(name), fd, 0, &ans,
	    err);
	(void)close(fd); /* it was only read */
	if (rc != 0)
		return err_in(err, "%s: ", path.p);
	if (js_type(js_get(ans.json, "sha256")) != JS_TEXT)
		return err_set(err, ERR_IO, "the node's answer is no file");
	*ret = ans.json;
	return 0;
}

int
cmd_attach(struct cli *c, struct err *err)
{
	const struct js *j;

	return cmd_attach_file(c, c->arg[0], &j, err) != 0
	           ? -1
	           : command_say_json(c, j, err);
}

static int
check_hash(int fd, const struct id *want, struct err *err)
{
	uint8_t block[65536];
	struct hash h;
	struct id is;
	off_t at = 0;
	ssize_t got;

	hash_init(&h);
	while ((got = pread(fd, block, sizeof(block), at)) > 0) {
		hash_add(&h, (struct span){block, (size_t)got});
		at += got;
	}
	is = hash_done(&h);
	return got == 0 && id_eq(&is, want)
	           ? 0
	           : err_set(err, ERR_CORRUPT,
			 "what the node gave has another SHA-256");
}

int
cmd_fetch(struct cli *c, struct err *err)
{
	struct str to = option_get(c, OPTION_OUTPUT);
	bool is_stdout = to.p == NULL || str_is(to, "-");
	struct ask_answer ans;
	struct id sha256;
	int fd = STDOUT_FILENO, rc;

	if (!hex_is_parsed(c->arg[0], sha256.b, sizeof(sha256.b)))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no SHA-256: 64 hexadecimal digits",
		    STR_ARG(c->arg[0]));
	if (!is_stdout)
		fd = open(to.p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, errno == EEXIST ? ERR_CONFLICT : ERR_IO,
		    "%s: %s", to.p, strerror(errno));
	rc =
	    ask_file(c, "GET", str_fmt(c->a, "/files/%.*s", STR_ARG(c->arg[0])),
		STR(""), 0, fd, &ans, err);
	if (is_stdout)
		return rc;
	if (rc == 0)
		rc = check_hash(fd, &sha256, err);
	if (rc == 0 && fsync(fd) != 0)
		rc = err_set(err, ERR_IO, "%s: %s", to.p, strerror(errno));
	(void)close(fd); /* what counts is synced */
	if (rc != 0)
		(void)unlink(to.p); /* what is not whole goes */
	return rc;
}
