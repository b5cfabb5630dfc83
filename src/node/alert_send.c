/* The three ways of an alert. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/when.h"
#include "node/alert.h"
#include "node/http.h"
#include "node/keydir.h"
#include "node/mail.h"
#include "node/node_int.h"

enum { HOOK_MS = 15000, RUN_MS = 60000, POLL_US = 50000, SECRET_MAX = 1000 };

/* What it says, in each language: subject, then text.  "*" stands for a text
 * (party, time, address), "#" for how many wait. */
static const struct {
	struct str lang;
	const char *subject, *test, *waits, *due, *where;
} says[] = {
    {{"en", 2}, "Comity *: something waits for you",
	"This is a test. Nothing waits.", "Waiting for an answer of *: #.",
	"The first is due *.", "The board: */board"},
    {{"ja", 2}, "Comity *：対応を要する事項があります",
	"これは試験です。対応を要する事項はありません。",
	"* の対応を待つ事項：# 件。", "最初の期限：*。", "当直盤：*/board"},
    {{"zh", 2}, "Comity *：有事项等待处理", "这是测试，没有等待处理的事项。",
	"等待 * 答复的事项：# 项。", "最早期限：*。", "值班板：*/board"},
    {{"ko", 2}, "Comity *: 처리할 사안이 있습니다",
	"시험입니다. 기다리는 사안이 없습니다.",
	"*의 회신을 기다리는 사안: #건.", "첫 기한: *.", "당직판: */board"},
};

static void
put_filled(struct buf *b, const char *text, const char *star, size_t n)
{
	for (; *text != '\0'; text++) {
		if (*text == '*')
			buf_z(b, star);
		else if (*text == '#')
			buf_fmt(b, "%zu", n);
		else
			buf_char(b, *text);
	}
}

static bool
is_wanted(const struct settings *s, size_t i)
{
	for (size_t at = 0; at < s->alert_languages.n;) {
		size_t end = str_find(s->alert_languages, ' ', at);

		if (str_eq(str_sub(s->alert_languages, at, end), says[i].lang))
			return true;
		at = end + 1;
	}
	return false;
}

static int
write_text(struct node *n, const struct alert *alert, struct arena *a,
    struct str *ret_subject, struct str *ret_text, struct err *err)
{
	const char *own = n->own->code, *address = n->settings.address.p;
	char due[WHEN_TEXT];
	struct buf b, subject;

	buf_init(&b, a);
	buf_init(&subject, a);
	when_write(alert->due_us, due);
	for (size_t i = 0; i < COUNT(says); i++) {
		if (!is_wanted(&n->settings, i))
			continue;
		if (b.n > 0)
			buf_char(&b, '\n');
		else
			put_filled(&subject, says[i].subject, own, 0);
		put_filled(&b, alert->is_test ? says[i].test : says[i].waits,
		    own, alert->n);
		buf_char(&b, '\n');
		if (alert->has_due) {
			put_filled(&b, says[i].due, due, 0);
			buf_char(&b, '\n');
		}
		put_filled(&b, says[i].where, address, 0);
		buf_char(&b, '\n');
	}
	if (alert->list.n > 0) {
		buf_char(&b, '\n');
		buf_str(&b, alert->list);
	}
	return buf_done(&subject, ret_subject, err) != 0
	           ? -1
	           : buf_done(&b, ret_text, err);
}

static int
by_mail(struct node *n, const struct alert_rule *r, struct str subject,
    struct str text, struct arena *a, struct err *err)
{
	struct str to[MAIL_TO_MAX];
	struct mail m = {.server = n->settings.alert_server,
	    .user = n->settings.alert_user,
	    .from = n->settings.alert_from,
	    .to = to,
	    .subject = subject,
	    .text = text,
	    .now_us = clock_utc_us()};
	struct str secret = STR("");

	for (size_t at = 0; at < r->to.n && m.n_to < COUNT(to);) {
		size_t end = str_find(r->to, ',', at);

		to[m.n_to++] = str_sub(r->to, at, end);
		at = end + 1;
	}
	if (n->settings.alert_password.n > 0 &&
	    keydir_load(n->settings.alert_password.p, SECRET_MAX, a, &secret,
		err) != 0)
		return -1;
	m.password = str_sub(secret, 0, str_find(secret, '\n', 0));
	return mail_send(&m, a, err);
}

static int
by_hook(struct node *n, const struct alert_rule *r, const struct alert *alert,
    struct str text, struct arena *a, struct err *err)
{
	struct js_make make = {.a = a};
	struct js *j = js_map(&make);
	struct http_request q = {.method = "POST",
	    .url = r->to,
	    .type = STR("application/json"),
	    .timeout_ms = HOOK_MS};
	struct http_answer ans;
	struct http_client *c;
	char due[WHEN_TEXT];
	struct str body;
	int rc;

	when_write(alert->due_us, due);
	js_put_z(&make, j, "party", n->own->code);
	js_put_int(&make, j, "waiting", (int64_t)alert->n); /* at most 1000 */
	js_put_z(&make, j, "due", alert->has_due ? due : NULL);
	js_put_bool(&make, j, "test", alert->is_test);
	js_put_str(&make, j, "text", text);
	js_put_str(&make, j, "address", n->settings.address);
	if (js_text(&make, j, JS_COMPACT, &body, err) != 0)
		return -1;
	q.body = span_of(body);
	if (http_open(n->settings.authorities.p, &c, err) != 0)
		return -1;
	rc = http_ask(c, &q, a, &ans, err);
	http_close(c);
	if (rc == 0 && (ans.status < 200 || ans.status > 299))
		return err_set(err, ERR_IO, "%.*s answers %d", STR_ARG(r->to),
		    ans.status);
	return rc;
}

/* ---- a command: the text on its standard input, numbers around it ---- */

static int
text_file(struct str text, struct err *err)
{
	int fd = memfd_create("alert", MFD_CLOEXEC);

	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		if (fd >= 0)
			(void)close(fd);
		(void)err_set(err, ERR_IO, "an alert's text cannot be kept: %s",
		    strerror(errno));
		return -1;
	}
	return fd;
}

static int
await(pid_t pid, const char *path, struct err *err)
{
	int status = 0;

	for (int64_t us = 0; us < RUN_MS * INT64_C(1000); us += POLL_US) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
			return 0;
		if (got == pid)
			return err_set(err, ERR_IO, "%s ended with %s %d", path,
			    WIFEXITED(status) ? "status" : "signal",
			    WIFEXITED(status) ? WEXITSTATUS(status)
					      : WTERMSIG(status));
		clock_sleep_us(POLL_US);
	}
	(void)kill(-pid, SIGKILL); /* its group */
	(void)waitpid(pid, &status, 0);
	return err_set(err, ERR_IO, "%s did not end within %d s", path,
	    RUN_MS / 1000);
}

static int
spawn(const char *path, char *const *argv, char *const *env, int fd, pid_t *ret,
    struct err *err)
{
	posix_spawn_file_actions_t act;
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	(void)sigemptyset(&none);
	(void)posix_spawn_file_actions_init(&act);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setpgroup(&attr, 0);
	(void)posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn_file_actions_adddup2(&act, fd, STDIN_FILENO);
	if (rc == 0)
		rc = posix_spawn(ret, path, &act, &attr, argv, env);
	(void)posix_spawn_file_actions_destroy(&act);
	(void)posix_spawnattr_destroy(&attr);
	return rc == 0 ? 0
	               : err_set(err, ERR_IO, "%s does not start: %s", path,
			     strerror(rc));
}

static char *
own_copy(struct arena *a, struct str s)
{
	return s.p == NULL ? NULL : arena_copy(a, s.p, s.n);
}

static int
by_run(struct node *n, const struct alert_rule *r, const struct alert *alert,
    struct str text, struct arena *a, struct err *err)
{
	char due[WHEN_TEXT];
	char *argv[2] = {own_copy(a, r->to), NULL}, *env[5] = {NULL};
	pid_t pid;
	int fd, rc;

	when_write(alert->due_us, due);
	env[0] = own_copy(a, STR("PATH=/usr/local/bin:/usr/bin:/bin"));
	env[1] = own_copy(a, str_fmt(a, "COMITY_PARTY=%s", n->own->code));
	env[2] = own_copy(a, str_fmt(a, "COMITY_WAITING=%zu", alert->n));
	env[3] =
	    own_copy(a, str_fmt(a, "COMITY_DUE=%s", alert->has_due ? due : ""));
	if (a->failed)
		return err_nomem(err, "an alert");
	if ((fd = text_file(text, err)) < 0)
		return -1;
	rc = spawn(argv[0], argv, env, fd, &pid, err);
	(void)close(fd);
	return rc == 0 ? await(pid, argv[0], err) : -1;
}

int
alert_send(struct node *n, const struct alert_rule *r,
    const struct alert *alert, struct arena *a, struct err *err)
{
	struct str subject, text;

	if (write_text(n, alert, a, &subject, &text, err) != 0)
		return -1;
	switch (r->way) {
	case ALERT_MAIL:
		return by_mail(n, r, subject, text, a, err);
	case ALERT_HOOK:
		return by_hook(n, r, alert, text, a, err);
	case ALERT_RUN:
		return by_run(n, r, alert, text, a, err);
	}
	return err_set(err, ERR_INPUT, "no such way");
}
