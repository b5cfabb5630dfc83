#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/uri.h"
#include "node/http.h"
#include "node/keydir.h"
#include "node/node.h"
#include "web/web.h"

enum {
	TIMEOUT_MS = 600 * 1000, /* a check of a large folder takes minutes */
	ANSWER_MAX = 1024 * 1024 * 1024,
	TRIES = 50,
	PAUSE_US = 100 * 1000 /* five seconds in all */
};

struct ask {
	struct node *node; /* opened here; NULL: asked by the socket */
	struct http_client *http;
	int folder_fd;
	char socket[64];
};

void
ask_close(struct ask *k)
{
	if (k == NULL)
		return;
	node_close(k->node);
	http_close(k->http);
	if (k->folder_fd >= 0)
		(void)close(k->folder_fd); /* only a path */
	mem_free(k);
}

/* Does another process hold the folder?  (node.h, N1) */
static bool
is_held(int folder_fd)
{
	int fd = openat(folder_fd, "lock", O_RDWR | O_CLOEXEC);
	bool held;

	if (fd < 0)
		return false;
	held = flock(fd, LOCK_EX | LOCK_NB) != 0;
	(void)close(fd); /* lets go of it */
	return held;
}

/* The socket's name through the open folder: a deep folder's path would be too
 * long for one (108 bytes, unix(7)). */
static int
reach(struct ask *k, struct arena *a, struct err *err)
{
	struct http_request r = {.method = "GET",
	    .url = STR("/health"),
	    .socket = k->socket,
	    .timeout_ms = 10 * 1000};
	struct http_answer ans;

	if (k->http == NULL &&
	    (http_start(err) != 0 || http_open(NULL, &k->http, err) != 0))
		return -1;
	(void)snprintf(k->socket, sizeof(k->socket),
	    "/proc/self/fd/%d/run/socket", k->folder_fd); /* fits */
	return http_ask(k->http, &r, a, &ans, err);
}

static int
open_node(struct cli *c, struct ask *k, struct err *err)
{
	struct node_options o = {.folder = c->folder};
	const char *key = str_fmt(c->a, "%s/keys/log.key", c->folder).p;
	bool locked = false;

	if (key == NULL)
		return err_nomem(err, "a path");
	if (keydir_is_locked(key, &locked, err) != 0)
		return -1;
	if (locked && prompt_passphrase(c, false, &o.passphrase, err) != 0)
		return -1;
	return node_open(&o, &k->node, err);
}

static int
open_folder(struct cli *c, struct ask *k, struct err *err)
{
	k->folder_fd = open(c->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (k->folder_fd < 0 ||
	    faccessat(k->folder_fd, "record.db", F_OK, 0) != 0)
		return err_set(err, ERR_ABSENT,
		    "%s is no folder of a node: 'comity init DIR' makes one, "
		    "'-C DIR' names one",
		    c->folder);
	return 0;
}

static int
open_any(struct cli *c, struct ask *k, struct err *err)
{
	if (open_folder(c, k, err) != 0)
		return -1;
	for (int i = 0; i < TRIES; i++) {
		struct err bad = {.code = ERR_NONE};

		if (is_held(k->folder_fd)) {
			if (reach(k, c->a, &bad) == 0)
				return 0;
		} else if (open_node(c, k, &bad) == 0) {
			return 0;
		} else if (bad.code != ERR_BUSY) {
			*err = bad;
			return -1;
		}
		clock_sleep_us(PAUSE_US);
	}
	return err_set(err, ERR_BUSY,
	    "another comity process has %s open and does not answer",
	    c->folder);
}

/* One of ours has a sentence and a code; of others the number is all. */
static int
failed(int status, struct span body, struct arena *a, struct err *err)
{
	const struct js *j;
	struct err bad;
	struct str says, code;

	if (js_parse(body, a, &j, &bad) != 0)
		return err_set(err, ERR_IO, "the node answers %d", status);
	says = js_str(js_get(j, "error"));
	code = js_str(js_get(j, "code"));
	return err_set(err, err_named(str_z(a, code)), "%.*s", STR_ARG(says));
}

/* The bytes of an answer that is a file: into fd. */
static int
copy_file(const struct web_answer *ans, int fd, struct err *err)
{
	uint8_t block[65536];
	ssize_t got = 1;
	off_t at = 0;

	while (
	    fd > 0 && (got = pread(ans->file, block, sizeof(block), at)) > 0) {
		if (write(fd, block, (size_t)got) != got)
			return err_set(err, ERR_IO,
			    "the file cannot be written: %s", strerror(errno));
		at += got;
	}
	return got < 0 ? err_set(err, ERR_IO, "the file cannot be read") : 0;
}

static int
ask_node(struct ask *k, struct arena *a, const struct web_request *r,
    int answer_fd, int *ret_status, struct ask_answer *ret, struct err *err)
{
	struct web_answer ans;
	int rc = 0;

	web_ask(k->node, r, a, &ans);
	if (ans.is_file) {
		rc = copy_file(&ans, answer_fd, err);
		(void)close(ans.file); /* it was only read */
	}
	ret->type = str_of(ans.type);
	ret->body = ans.body;
	*ret_status = ans.status;
	return rc;
}

static int
ask_socket(struct ask *k, struct arena *a, const struct web_request *w,
    struct str path, int answer_fd, int *ret_status, struct ask_answer *ret,
    struct err *err)
{
	struct http_request r = {.url = path,
	    .socket = k->socket,
	    .type = w->type,
	    .body = w->body,
	    .body_fd = w->file,
	    .answer_fd = answer_fd,
	    .timeout_ms = TIMEOUT_MS,
	    .answer_max = ANSWER_MAX};
	struct http_answer ans;

	r.method = w->method.p;
	if (http_ask(k->http, &r, a, &ans, err) != 0)
		return -1;
	ret->type = ans.type;
	ret->body = ans.body;
	*ret_status = ans.status;
	return 0;
}

static int
open_ask(struct cli *c, struct err *err)
{
	if (c->ask != NULL)
		return 0;
	if ((c->ask = mem_alloc(1, sizeof(*c->ask))) == NULL)
		return err_nomem(err, "a question");
	c->ask->folder_fd = -1;
	return open_any(c, c->ask, err);
}

/* Of *r method, type, body and file are given. */
static int
ask(struct cli *c, struct web_request *r, struct str path, int answer_fd,
    struct ask_answer *ret, struct err *err)
{
	size_t query = str_find(path, '?', 0);
	struct ask_answer ans = {.json = NULL};
	int status = 0, rc;

	if (path.p == NULL)
		return err_nomem(err, "a question");
	if (open_ask(c, err) != 0)
		return -1;
	r->reader = WEB_OPERATOR;
	r->path = str_sub(path, 0, query);
	r->query = str_sub(path, query + 1, path.n);
	rc = c->ask->node != NULL
	         ? ask_node(c->ask, c->a, r, answer_fd, &status, &ans, err)
	         : ask_socket(c->ask, c->a, r, path, answer_fd, &status, &ans,
		       err);
	if (rc != 0)
		return -1;
	if (status >= 400)
		return failed(status, ans.body, c->a, err);
	if (str_starts(ans.type, STR("application/json")) &&
	    js_parse(ans.body, c->a, &ans.json, err) != 0)
		return err_in(err, "the node's answer: ");
	*ret = ans;
	return 0;
}

int
ask_send(struct cli *c, const char *method, struct str path, struct str type,
    struct span body, struct ask_answer *ret, struct err *err)
{
	struct web_request r = {.method = str_of(method),
	    .type = type,
	    .body = body};

	return ask(c, &r, path, 0, ret, err);
}

int
ask_file(struct cli *c, const char *method, struct str path, struct str type,
    int body_fd, int answer_fd, struct ask_answer *ret, struct err *err)
{
	struct web_request r = {.method = str_of(method),
	    .type = type,
	    .file = body_fd};

	return ask(c, &r, path, answer_fd, ret, err);
}

int
ask_get(struct cli *c, struct str path, const struct js **ret, struct err *err)
{
	struct ask_answer ans;

	if (ask_send(c, "GET", path, STR(""), (struct span){NULL, 0}, &ans,
		err) != 0)
		return -1;
	if (ans.json == NULL)
		return err_set(err, ERR_IO, "the node's answer is no JSON");
	*ret = ans.json;
	return 0;
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

void
ask_param(struct buf *b, const char *name, struct str value)
{
	buf_char(b, memchr(b->p, '?', b->n) == NULL ? '?' : '&');
	buf_z(b, name);
	buf_char(b, '=');
	uri_encode(b, value, NULL);
}

int
ask_ref(struct str ref, struct err *err)
{
	bool good = ref.n > 0 && ref.n <= 100;

	for (size_t i = 0; i < ref.n; i++)
		good = good && is_plain(ref.p[i]) && ref.p[i] != '.';
	return good ? 0
	            : err_set(err, ERR_INPUT,
			  "'%.*s' is neither a citation (JPN-57) nor an id",
			  STR_ARG(ref));
}
