#include "cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/diag.h"
#include "cli/cli.h"
#include "cli/option.h"

bool
prompt_is_terminal(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

int
prompt_line(const char *question, struct arena *a, struct str *ret,
    bool *ret_ended, struct err *err)
{
	char part[4096];
	struct buf b;

	(void)fputs(question, stderr); /* a terminal that is gone ends below */
	(void)fflush(stderr);
	buf_init(&b, a);
	*ret_ended = true;
	while (fgets(part, sizeof(part), stdin) != NULL) {
		size_t n = strlen(part);

		*ret_ended = false;
		if (n > 0 && part[n - 1] == '\n') {
			buf_add(&b, part, n - 1);
			break;
		}
		buf_add(&b, part, n);
	}
	if (ferror(stdin) != 0)
		return err_set(err, ERR_IO, "standard input: %s",
		    strerror(errno));
	if (buf_done(&b, ret, err) != 0)
		return -1;
	if (!text_is_utf8(span_of(*ret)))
		return err_set(err, ERR_INPUT, "what was typed is not UTF-8");
	return 0;
}

int
prompt_all(size_t most, struct arena *a, struct str *ret, struct err *err)
{
	char part[4096];
	struct buf b;
	size_t n;

	buf_init(&b, a);
	while ((n = fread(part, 1, sizeof(part), stdin)) > 0) {
		if (n > most - b.n)
			return err_set(err, ERR_INPUT,
			    "standard input has more than %zu bytes", most);
		buf_add(&b, part, n);
	}
	if (ferror(stdin) != 0)
		return err_set(err, ERR_IO, "standard input: %s",
		    strerror(errno));
	return buf_done(&b, ret, err);
}

int
prompt_yes(const char *question, bool *ret, struct err *err)
{
	struct arena a;
	struct str s;
	bool ended;
	int rc;

	*ret = false;
	if (!prompt_is_terminal())
		return 0;
	arena_init(&a, 65536);
	rc = prompt_line(question, &a, &s, &ended, err);
	*ret = rc == 0 && (str_is(s, "y") || str_is(s, "Y") ||
			      str_is(s, "yes") || str_is(s, "Yes"));
	arena_release(&a);
	return rc;
}

void
prompt_forget(struct prompt_secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

/* The bytes up to the line feed or the end. */
static int
read_secret(int fd, const char *from, struct prompt_secret *s, struct err *err)
{
	char c;
	ssize_t got;

	s->n = 0;
	while ((got = read(fd, &c, 1)) == 1 && c != '\n' && c != '\r') {
		if (s->n == sizeof(s->text))
			return err_set(err, ERR_INPUT,
			    "%s: a passphrase has at most %d bytes", from,
			    PROMPT_SECRET_MAX);
		s->text[s->n++] = (uint8_t)c;
	}
	if (got < 0)
		return err_set(err, ERR_IO, "%s: %s", from, strerror(errno));
	if (s->n == 0)
		return err_set(err, ERR_INPUT, "%s: the passphrase is empty",
		    from);
	return 0;
}

static int
ask_secret(const char *question, struct prompt_secret *s, struct err *err)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC), rc;
	struct termios was, quiet;

	if (fd < 0 || tcgetattr(fd, &was) != 0) {
		if (fd >= 0)
			(void)close(fd);
		return err_set(err, ERR_INPUT,
		    "the keys need a passphrase and there is no terminal to "
		    "ask at: name a file by --passphrase-file or "
		    "COMITY_PASSPHRASE_FILE");
	}
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)dprintf(fd, "%s", question);
	rc = read_secret(fd, "terminal", s, err);
	(void)dprintf(fd, "\n");
	(void)tcsetattr(fd, TCSAFLUSH, &was);
	(void)close(fd);
	return rc;
}

static int
ask_twice(struct prompt_secret *s, struct err *err)
{
	struct prompt_secret again = {.n = 0};
	int rc = ask_secret("New passphrase of the keys: ", s, err);

	if (rc == 0)
		rc = ask_secret("Once more: ", &again, err);
	if (rc == 0 &&
	    (s->n != again.n || memcmp(s->text, again.text, s->n) != 0))
		rc = err_set(err, ERR_INPUT, "the two passphrases differ");
	prompt_forget(&again);
	return rc;
}

static int
read_file(const char *path, struct prompt_secret *s, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	struct stat st;

	if (fd < 0)
		return err_set(err, ERR_ABSENT,
		    "cannot read the passphrase file %s: %s", path,
		    strerror(errno));
	if (fstat(fd, &st) == 0 && (st.st_mode & 077) != 0)
		diag_warn("others may read the passphrase file %s", path);
	rc = read_secret(fd, path, s, err);
	(void)close(fd); /* only read */
	return rc;
}

int
prompt_passphrase(struct cli *c, bool fresh, struct span *ret, struct err *err)
{
	struct prompt_secret *s = &c->passphrase;
	struct str path = option_get(c, OPTION_PASSPHRASE_FILE);
	int rc;

	if (path.p == NULL)
		path = str_of(getenv("COMITY_PASSPHRASE_FILE"));
	if (!s->has) {
		rc = path.n > 0 ? read_file(path.p, s, err)
		     : fresh    ? ask_twice(s, err)
		             : ask_secret("Passphrase of the keys: ", s, err);
		if (rc != 0)
			return -1;
		s->has = true;
	}
	*ret = (struct span){s->text, s->n};
	return 0;
}
