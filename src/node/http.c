#include "node/http.h"

#include <curl/curl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	TIMEOUT_MS = 30000,
	ANSWER_MAX = 64 * 1024 * 1024,
	/* Of a file that comes: slower than this for so long is gone. */
	SLOW_BYTES = 512,
	SLOW_S = 30,
	CONNECT_S = 10
};

struct http_client {
	CURL *curl;
	const char *authorities; /* NULL: the system's alone */
	char why[CURL_ERROR_SIZE];
};
struct answer { /* what comes in */
	CURL *curl;
	const struct http_request *r;
	struct buf body;
	size_t most, in_file;
	off_t sent; /* of body_fd */
	bool is_long, is_full;
};

int
http_start(struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_IO, "libcurl does not start");
	return 0;
}

int
http_open(const char *authorities, struct http_client **ret, struct err *err)
{
	struct http_client *c = mem_alloc(1, sizeof(*c));

	if (c == NULL || (c->curl = curl_easy_init()) == NULL) {
		mem_free(c);
		return err_nomem(err, "an HTTP client");
	}
	c->authorities =
	    authorities == NULL || authorities[0] == '\0' ? NULL : authorities;
	*ret = c;
	return 0;
}

void
http_close(struct http_client *c)
{
	if (c != NULL)
		curl_easy_cleanup(c->curl);
	mem_free(c);
}

static bool
is_written(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done; /* above 0 */
	}
	return true;
}

/* libcurl's form: anything but n stops the transfer. */
static size_t
on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct answer *in = ctx;
	long status = 0;

	n *= size; /* size is always 1 */
	if (n > in->most - in->body.n - in->in_file) {
		in->is_long = true;
		return 0;
	}
	if (in->r->answer_fd > 0 &&
	    curl_easy_getinfo(in->curl, CURLINFO_RESPONSE_CODE, &status) ==
		CURLE_OK &&
	    status == 200) {
		in->in_file += n;
		in->is_full = !is_written(in->r->answer_fd, p, n);
		return in->is_full ? 0 : n;
	}
	buf_add(&in->body, p, n);
	return in->body.failed ? 0 : n;
}

/* libcurl's forms: the next bytes of a file; from a place on, where it was
 * asked twice; what ends a transfer is not 0. */
static size_t
on_file(char *p, size_t size, size_t n, void *ctx)
{
	struct answer *in = ctx;
	ssize_t got = pread(in->r->body_fd, p, size * n, in->sent);

	if (got < 0)
		return CURL_READFUNC_ABORT;
	in->sent += got;
	return (size_t)got; /* >= 0 */
}

static int
on_seek(void *ctx, curl_off_t at, int from)
{
	struct answer *in = ctx;

	if (from != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	in->sent = at;
	return CURL_SEEKFUNC_OK;
}

static int
on_progress(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
    curl_off_t up)
{
	const struct answer *in = ctx;

	(void)down_all, (void)down, (void)up_all, (void)up;
	return in->r->goes_on(in->r->ctx) ? 0 : 1;
}

static bool
add_header(struct curl_slist **list, struct arena *a, const char *name,
    struct str v)
{
	const char *line = str_fmt(a, "%s: %.*s", name, STR_ARG(v)).p;
	struct curl_slist *more =
	    line == NULL ? NULL : curl_slist_append(*list, line);

	if (more != NULL)
		*list = more;
	return more != NULL;
}

static bool
set_headers(CURL *curl, const struct http_request *r, struct arena *a,
    struct curl_slist **list)
{
	/* "Expect: 100-continue" costs a second with those who ignore it. */
	return add_header(list, a, "Expect", STR("")) &&
	       (r->type.n == 0 ||
		   add_header(list, a, "Content-Type", r->type)) &&
	       (r->accept.n == 0 || add_header(list, a, "Accept", r->accept)) &&
	       curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *list) == CURLE_OK;
}

static bool
set_file(CURL *curl, const struct http_request *r, struct answer *in)
{
	struct stat st;

	return fstat(r->body_fd, &st) == 0 &&
	       curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		   (curl_off_t)st.st_size) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_file) ==
	           CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_READDATA, in) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek) ==
	           CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SEEKDATA, in) == CURLE_OK;
}

static bool
set_body(CURL *curl, const struct http_request *r, struct answer *in)
{
	curl_off_t n = (curl_off_t)r->body.n; /* an object's size */

	if (r->body_fd > 0)
		return set_file(curl, r, in);
	if (strcmp(r->method, "HEAD") == 0)
		return curl_easy_setopt(curl, CURLOPT_NOBODY, 1L) == CURLE_OK;
	if (r->body.n == 0 && strcmp(r->method, "POST") != 0)
		return curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST,
			   r->method) == CURLE_OK;
	return curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, n) ==
	           CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
		   r->body.n == 0 ? "" : (const char *)r->body.p) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, r->method) ==
	           CURLE_OK;
}

/* What only long transfers need. */
static bool
set_watch(CURL *curl, const struct http_request *r, struct answer *in)
{
	if (r->answer_fd > 0 &&
	    (curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S) !=
		    CURLE_OK ||
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT,
		    (long)SLOW_BYTES) != CURLE_OK ||
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S) !=
		    CURLE_OK))
		return false;
	return r->goes_on == NULL ||
	       (curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) ==
		       CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_XFERINFODATA, in) ==
		       CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK);
}

static bool
is_set(struct http_client *c, const struct http_request *r, const char *url,
    struct answer *in)
{
	CURL *h = c->curl;
	long timeout = r->timeout_ms > 0 ? r->timeout_ms : TIMEOUT_MS;

	curl_easy_reset(h); /* live connections stay */
	c->why[0] = '\0';
	return curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->why) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https") ==
	           CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, timeout) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_USERAGENT, "comity") == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body) ==
	           CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_WRITEDATA, in) == CURLE_OK &&
	       (c->authorities == NULL || curl_easy_setopt(h, CURLOPT_CAINFO,
					      c->authorities) == CURLE_OK) &&
	       (r->socket == NULL ||
		   curl_easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, r->socket) ==
		       CURLE_OK) &&
	       set_body(h, r, in) && set_watch(h, r, in);
}

static int
failed(const struct http_client *c, CURLcode rc, const char *url,
    const struct answer *in, struct err *err)
{
	if (in->is_long)
		return err_set(err, ERR_IO,
		    "%s: its answer has more than %zu bytes", url, in->most);
	if (in->body.failed || rc == CURLE_OUT_OF_MEMORY)
		return err_nomem(err, "an answer");
	if (in->is_full)
		return err_set(err, ERR_IO,
		    "%s: its answer cannot be written: is the disk full?", url);
	return err_set(err, ERR_IO, "%s: %s", url,
	    c->why[0] != '\0' ? c->why : curl_easy_strerror(rc));
}

static int
answer_of(CURL *curl, struct answer *in, struct arena *a,
    struct http_answer *ret, struct err *err)
{
	struct http_answer out;
	const char *type = NULL;
	struct str body;
	long status = 0;

	if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) !=
		CURLE_OK ||
	    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type) != CURLE_OK)
		return err_set(err, ERR_IO, "libcurl lost the answer");
	if (buf_done(&in->body, &body, err) != 0)
		return -1;
	out.status = (int)status; /* at most three digits */
	out.body = span_of(body);
	out.type = str_copy(a, str_of(type));
	if (out.type.p == NULL)
		return err_nomem(err, "an answer");
	*ret = out;
	return 0;
}

int
http_ask(struct http_client *c, const struct http_request *r, struct arena *a,
    struct http_answer *ret, struct err *err)
{
	struct answer in = {.curl = c->curl,
	    .r = r,
	    .most = r->answer_max > 0 ? r->answer_max : ANSWER_MAX};
	struct curl_slist *list = NULL;
	bool is_path = str_starts(r->url, STR("/"));
	struct buf b;
	struct str url;
	CURLcode rc;
	int out = -1;

	buf_init(&b, a);
	buf_z(&b, is_path ? "http://localhost" : "");
	buf_str(&b, r->url);
	if (buf_done(&b, &url, err) != 0)
		return -1;
	if (memchr(url.p, '\0', url.n) != NULL)
		return err_set(err, ERR_INPUT, "an address holds a NUL");
	buf_init(&in.body, a);
	if (!is_set(c, r, url.p, &in) || !set_headers(c->curl, r, a, &list))
		(void)err_set(err, ERR_IO, "%s: libcurl refuses the request",
		    url.p);
	else if ((rc = curl_easy_perform(c->curl)) != CURLE_OK)
		(void)failed(c, rc, url.p, &in, err);
	else
		out = answer_of(c->curl, &in, a, ret, err);
	curl_slist_free_all(list);
	return out;
}
