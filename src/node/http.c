#include "node/http.h"

#include <curl/curl.h>
#include <string.h>

enum { TIMEOUT_MS = 30000, ANSWER_MAX = 64 * 1024 * 1024 };

struct http_client {
	CURL *curl;
	const char *authorities; /* NULL: the system's alone */
	char why[CURL_ERROR_SIZE];
};
struct answer { /* what comes in */
	struct buf body;
	size_t most;
	bool is_long;
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

/* libcurl's form: anything but n stops the transfer. */
static size_t
on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct answer *in = ctx;

	n *= size; /* size is always 1 */
	if (n > in->most - in->body.n) {
		in->is_long = true;
		return 0;
	}
	buf_add(&in->body, p, n);
	return in->body.failed ? 0 : n;
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
set_body(CURL *curl, const struct http_request *r)
{
	curl_off_t n = (curl_off_t)r->body.n; /* an object's size */

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
	       set_body(h, r);
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
	struct answer in = {
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
