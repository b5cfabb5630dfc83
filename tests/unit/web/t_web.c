/* Who may ask for what, and what comes of requests that nobody should make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"
#include "node/http.h"

static const char *const codes[] = {"JPN", "USA"};
enum { JPN, USA };

struct fix {
	struct world w;
	struct forge jpn;
	struct http_client *http;
	char socket[300];
};

static int
set_up(void **state)
{
	static struct fix f;
	struct err err;

	f = (struct fix){.http = NULL};
	world_open(&f.w, codes, 2);
	world_start(&f.w, JPN);
	forge_open(&f.jpn, &f.w, JPN);
	(void)snprintf(f.socket, sizeof(f.socket), "%s/run/socket",
	    f.w.at[JPN].folder);
	*state = &f;
	return http_start(&err) != 0 || http_open(NULL, &f.http, &err) != 0 ? -1
	                                                                    : 0;
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	http_close(f->http);
	forge_close(&f->jpn);
	world_close(&f->w);
	return 0;
}

static struct web_answer
answer(struct fix *f, enum web_reader reader, const char *method,
    const char *path, const char *query, struct span body)
{
	struct web_request r = {.reader = reader,
	    .method = str_of(method),
	    .path = str_of(path),
	    .query = str_of(query),
	    .body = body};
	struct web_answer ans;

	web_ask(f->w.at[JPN].node, &r, &f->w.arena, &ans);
	assert_non_null(ans.type);
	/* A failure is JSON with a sentence and a code. */
	if (ans.status >= 400 && strcmp(ans.type, "application/json") == 0) {
		const struct js *j;
		struct err err;

		assert_int_equal(js_parse(ans.body, &f->w.arena, &j, &err), 0);
		assert_true(js_str(js_get(j, "error")).n > 0);
		assert_true(js_str(js_get(j, "code")).n > 0);
	}
	return ans;
}

/* Over a socket: TCP, or the operator's. */
static struct http_answer
ask(struct fix *f, bool local, const char *method, const char *path,
    struct span body)
{
	struct http_request q = {.method = method,
	    .url = local ? str_of(path)
	                 : str_fmt(&f->w.arena, "%s%s", f->w.at[JPN].address,
			       path),
	    .socket = local ? f->socket : NULL,
	    .body = body};
	struct http_answer ans;
	struct err err;

	if (http_ask(f->http, &q, &f->w.arena, &ans, &err) != 0)
		fail_msg("%s %s: %s", method, path, err.text);
	return ans;
}

#define NONE ((struct span){NULL, 0})

static const struct {
	const char *method, *path;
	int denied; /* 401: to who has not signed in */
} operators[] = {
    {"GET", "/status", 403},
    {"GET", "/board", 401},
    {"GET", "/waiting", 401},
    {"GET", "/draft", 401},
    {"GET", "/peers", 401},
    {"POST", "/peers/look", 403},
    {"POST", "/peers", 403},
    {"POST", "/peers/USA", 403},
    {"DELETE", "/peers/USA", 403},
    {"GET", "/officers", 401},
    {"GET", "/proof/JPN-0", 401},
    {"GET", "/bundle", 403},
    {"POST", "/bundle", 403},
    {"POST", "/rebuild", 403},
    {"POST", "/check", 403},
};

static void
test_operator(void **state)
{
	struct fix *f = *state;

	for (size_t i = 0; i < COUNT(operators); i++) {
		const char *m = operators[i].method, *p = operators[i].path;
		int denied = operators[i].denied, status;
		char other[64];

		assert_int_equal(answer(f, WEB_PUBLIC, m, p, "", NONE).status,
		    denied);
		status = answer(f, WEB_OPERATOR, m, p, "", NONE).status;
		assert_true(status != 401 && status != 403);
		assert_int_equal(ask(f, false, m, p, NONE).status, denied);
		status = ask(f, true, m, p, NONE).status;
		assert_true(status != 401 && status != 403);
		/* Nor by HEAD, nor by another spelling of the same. */
		if (strcmp(m, "GET") == 0)
			assert_int_equal(
			    answer(f, WEB_PUBLIC, "HEAD", p, "", NONE).status,
			    denied);
		(void)snprintf(other, sizeof(other), "/%%%02x%s", p[1], p + 2);
		assert_int_equal(ask(f, false, m, other, NONE).status, denied);
		(void)snprintf(other, sizeof(other), "/%s", p);
		assert_int_equal(ask(f, false, m, other, NONE).status, 404);
		(void)snprintf(other, sizeof(other), "%s?reader=operator", p);
		assert_int_equal(ask(f, false, m, other, NONE).status, denied);
	}
}

static const struct {
	const char *method, *path;
	int status;
} routes[] = {
    {"GET", "/health", 200},
    {"GET", "/metrics", 200},
    {"GET", "/charter", 200},
    {"GET", "/logs", 200},
    {"GET", "/procedures", 200},
    {"HEAD", "/health", 200},
    {"POST", "/health", 405},
    {"DELETE", "/logs", 405},
    {"get", "/health", 405},
    {"", "/health", 405},
    {"GET", "/acts", 405},
    {"GET", "/exchange", 405},
    {"PUT", "/peers", 405},
    {"POST", "/acts", 400},
    {"POST", "/exchange", 400},
    {"POST", "/add-checkpoint", 400},
    {"POST", "/relay/x", 400},
    {"GET", "/recover/x", 404},
    {"GET", "/", 200},
    {"GET", "/sessions", 200},
    {"GET", "/sessions/JPN-1", 404},
    {"GET", "/reviews", 200},
    {"GET", "/reviews/JPN-1", 404},
    {"GET", "/agreements", 200},
    {"GET", "", 404},
    {"GET", "//", 404},
    {"GET", "health", 404},
    {"GET", "/health/", 404},
    {"GET", "/health/x", 404},
    {"GET", "/Health", 404},
    {"GET", "/matters/", 404},
    {"GET", "/logs/", 404},
    {"GET", "/logs//checkpoint", 404},
    {"GET", "/logs/JPN", 200},
    {"GET", "/logs/XXX", 404},
    {"GET", "/archive.tar", 409}, /* of a running node alone */
    {"GET", "/feed.atom", 200},
    {"GET", "/logs/JPN/", 404},
    {"GET", "/logs/XXX/checkpoint", 404},
    {"GET", "/logs/JPN/tile/0/000.p/1", 200},
    {"GET", "/logs/JPN/tile/entries/000.p/1", 200},
    {"GET", "/logs/JPN/tile/0/000.p/2", 404},
    {"GET", "/logs/JPN/tile/0/000.p/0", 404},
    {"GET", "/logs/JPN/tile/0/000", 404},
    {"GET", "/logs/JPN/tile/0/0", 404},
    {"GET", "/logs/JPN/tile/0/../../checkpoint", 404},
    {"GET", "/logs/JPN/tile/63/000", 404},
    {"GET", "/logs/JPN/tile/0/x999/x999/x999/x999/x999/x999/999", 404},
    {"GET", "/procedures/message", 200},
    {"GET", "/procedures/nothing", 404},
    {"GET", "/zz/checkpoint", 404},
    {"GET", "/../../etc/passwd", 404},
    {"GET", "/health\n", 404},
    {"GET", "/{}/checkpoint", 404},
};

static void
test_routes(void **state)
{
	struct fix *f = *state;

	for (size_t i = 0; i < COUNT(routes); i++) {
		int is = answer(f, WEB_PUBLIC, routes[i].method, routes[i].path,
		    "", NONE)
		             .status;

		if (is != routes[i].status)
			fail_msg("%s %s: %d", routes[i].method, routes[i].path,
			    is);
	}
	assert_int_equal(
	    answer(f, WEB_OPERATOR, "GET", "/matters/JPN-99", "", NONE).status,
	    404);
	assert_int_equal(
	    answer(f, WEB_OPERATOR, "GET", "/acts/JPN-99", "", NONE).status,
	    404);
	assert_int_equal(
	    answer(f, WEB_OPERATOR, "GET", "/acts/JPN-0", "", NONE).status,
	    200);
}

/* Parameters are decoded once, and what is no text is refused or left out. */
static void
test_parameters(void **state)
{
	static const struct {
		const char *path, *query;
		int status;
	} row[] = {
	    {"/matters", "", 200},
	    {"/matters", "&&=&=x", 200},
	    {"/matters", "n=5", 200},
	    {"/matters", "text=%E9%9D%92&state=sent", 200},
	    {"/matters", "text=%", 200},
	    {"/matters", "text=%4", 200},
	    {"/matters", "text=%zz", 200},
	    {"/matters", "text=%e9", 200}, /* no UTF-8: as if absent */
	    {"/matters", "text=%00", 200},
	    {"/matters", "text='%20OR%201=1--", 200},
	    {"/draft", "", 0},
	    {"/draft", "kind=", 0},
	    {"/draft", "kind=message/send", 200},
	    {"/draft", "kind=message%2Fsend", 200},
	    {"/draft", "kind=message/nothing", 0},
	    {"/draft", "kind=nothing/send", 0},
	    {"/draft", "kind=message/reply", 0},
	    {"/draft", "kind=message/reply&matter=x", 0},
	    {"/bundle", "matter=nothing", 400},
	    {"/bundle", "public=1", 200},
	    {"/bundle", "for=USA", 0},
	};
	struct fix *f = *state;

	for (size_t i = 0; i < COUNT(row); i++) {
		int is = answer(f, WEB_OPERATOR, "GET", row[i].path,
		    row[i].query, NONE)
		             .status;

		if (row[i].status == 0 ? is < 400 || is >= 500
				       : is != row[i].status)
			if (strcmp(row[i].query, "for=USA") != 0)
				fail_msg("%s?%s: %d", row[i].path, row[i].query,
				    is);
		assert_true(is < 500);
	}
	/* A parameter of the request line reaches the view. */
	assert_int_equal(
	    ask(f, true, "GET", "/draft?kind=message%2fsend", NONE).status,
	    200);
}

static struct span
zeros(struct fix *f, size_t n)
{
	uint8_t *p = arena_alloc(&f->w.arena, n, 1);

	assert_non_null(p);
	memset(p, '0', n);
	return (struct span){p, n};
}

static void
test_sizes(void **state)
{
	enum { MIB = 1024 * 1024 };
	struct fix *f = *state;

	assert_int_equal(ask(f, false, "POST", "/acts", zeros(f, MIB)).status,
	    400);
	assert_int_equal(
	    ask(f, false, "POST", "/acts", zeros(f, MIB + 1)).status, 413);
	assert_int_equal(
	    ask(f, false, "POST", "/add-checkpoint", zeros(f, MIB + 1)).status,
	    413);
	assert_int_equal(
	    ask(f, true, "POST", "/peers", zeros(f, MIB + 1)).status, 413);
	assert_int_equal(
	    ask(f, false, "POST", "/exchange", zeros(f, MIB + 1)).status, 400);
	assert_int_equal(
	    ask(f, false, "POST", "/exchange", zeros(f, 64 * MIB + 1)).status,
	    413);
	/* And it works on. */
	assert_int_equal(ask(f, false, "GET", "/health", NONE).status, 200);
}

static void
test_bodies(void **state)
{
	static const char *const body[] = {"", "{", "[]", "null", "{}",
	    "{\"address\":7}", "{\"address\":\"ftp://x\"}",
	    "{\"address\":\"http://127.0.0.1:1\",\"charter\":\"x\"}",
	    "{\"charter\":\"\"}", "{\"address\":\"\",\"charter\":null}",
	    "\xff\xfe"};
	static const char *const path[] = {"/peers", "/peers/look",
	    "/peers/USA", "/acts", "/bundle", "/exchange"};
	struct fix *f = *state;

	for (size_t i = 0; i < COUNT(body); i++)
		for (size_t k = 0; k < COUNT(path); k++) {
			int is = answer(f, WEB_OPERATOR, "POST", path[k], "",
			    span_of(str_of(body[i])))
			             .status;

			if (is < 400 || is == 503 || (is >= 500 && k > 1))
				fail_msg("%s %s: %d", path[k], body[i], is);
		}
}

/* ---- bytes on the wire ---- */

static int
connected(struct fix *f)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)f->w.at[JPN].port), /* to 65535 */
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct timeval most = {.tv_sec = 2};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)),
	    0);
	return fd;
}

/* Send, and read until `until` was seen, the end, or a second of silence. */
static size_t
talk(int fd, const char *text, size_t n, const char *until, char *out,
    size_t most)
{
	size_t got = 0;
	ssize_t part;

	if (n > 0)
		(void)!send(fd, text, n, MSG_NOSIGNAL);
	out[0] = '\0';
	while (got + 1 < most) {
		part = recv(fd, out + got, most - got - 1, 0);
		if (part <= 0)
			break;
		got += (size_t)part;
		out[got] = '\0';
		if (until != NULL && strstr(out, until) != NULL)
			break;
	}
	return got;
}

static void
test_wire(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: closed, or any refusal */
	} row[] = {
	    {"GET /health HTTP/1.0\r\n\r\n", " 200 "},
	    {"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		" 200 "},
	    {"GET /health?%zz&&& HTTP/1.0\r\n\r\n", " 200 "},
	    {"GET /%68ealth HTTP/1.0\r\n\r\n", " 200 "},
	    {"GET /nothing HTTP/1.0\r\n\r\n", " 404 "},
	    {"GET /status HTTP/1.0\r\n\r\n", " 403 "},
	    {"GET http://x/status HTTP/1.0\r\n\r\n", NULL},
	    {"PUT /health HTTP/1.0\r\nContent-Length: 0\r\n\r\n", " 405 "},
	    {"POST /acts HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}", " 400 "},
	    {"POST /acts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	     "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		" 400 "},
	    {"POST /acts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	     "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		NULL},
	    {"POST /acts HTTP/1.0\r\nContent-Length: -1\r\n\r\n", NULL},
	    {"GET /%00health HTTP/1.0\r\n\r\n", NULL},
	    {"GET / HTTP/9.9\r\n\r\n", NULL}, {"GET\r\n\r\n", NULL},
	    {"\r\n\r\n\r\n", NULL},
	    {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", NULL}, /* TLS */
	};
	struct fix *f = *state;
	char out[65536];

	for (size_t i = 0; i < COUNT(row); i++) {
		int fd = connected(f);

		(void)send(fd, row[i].text, strlen(row[i].text), MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		(void)talk(fd, "", 0, NULL, out, sizeof(out));
		(void)close(fd);
		if (row[i].want == NULL ? strstr(out, " 200 ") != NULL
					: strstr(out, row[i].want) == NULL)
			fail_msg("%s: %s", row[i].text, out);
	}
}

static void
test_head(void **state)
{
	static const char head[] = "HEAD /health HTTP/1.0\r\n\r\n";
	struct fix *f = *state;
	char out[4096];
	const char *end;
	int fd = connected(f);

	(void)talk(fd, head, sizeof(head) - 1, NULL, out, sizeof(out));
	(void)close(fd);
	assert_non_null(strstr(out, " 200 "));
	assert_non_null(strstr(out, "Content-Length: "));
	end = strstr(out, "\r\n\r\n");
	assert_non_null(end);
	assert_string_equal(end, "\r\n\r\n"); /* no body */
	assert_non_null(strstr(out, "X-Content-Type-Options: nosniff"));
	assert_non_null(strstr(out, "Cache-Control: no-store"));
}

/* One connection, several requests; a refusal does not end it. */
static void
test_keep_alive(void **state)
{
	static const char ok[] = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
	static const char bad[] = "GET /status HTTP/1.1\r\nHost: x\r\n\r\n";
	struct fix *f = *state;
	char out[8192];
	int fd = connected(f);

	for (int i = 0; i < 20; i++) {
		(void)talk(fd, ok, sizeof(ok) - 1, "}", out, sizeof(out));
		assert_non_null(strstr(out, "HTTP/1.1 200 "));
		(void)talk(fd, bad, sizeof(bad) - 1, "}", out, sizeof(out));
		assert_non_null(strstr(out, "HTTP/1.1 403 "));
	}
	(void)close(fd);
}

/* A long line, and half a request: neither holds anybody up. */
static void
test_long(void **state)
{
	struct fix *f = *state;
	char out[4096], *p = arena_alloc(&f->w.arena, 200000, 1);
	int fd = connected(f), half = connected(f);

	assert_non_null(p);
	memset(p, 'x', 200000);
	memcpy(p, "GET /", 5);
	(void)talk(fd, p, 200000, "HTTP/1.", out, sizeof(out));
	assert_null(strstr(out, " 200 "));
	(void)close(fd);
	(void)!send(half, "POST /exchange HTTP/1.1\r\nContent-Length: 99\r\n",
	    20, MSG_NOSIGNAL);
	assert_int_equal(ask(f, false, "GET", "/health", NONE).status, 200);
	(void)close(half);
}

/* An act by its own party's officer is taken from anybody who brings it. */
static void
test_acts(void **state)
{
	struct fix *f = *state;
	struct str envelope;
	struct id id = forge_act(&f->jpn, "message/send", NULL, "[\"USA\"]",
	    forge_hello, clock_utc_us(), &envelope);
	struct http_answer one, two;
	const struct js *j;
	struct err err;

	one = ask(f, false, "POST", "/acts", span_of(envelope));
	assert_int_equal(one.status, 201);
	two = ask(f, false, "POST", "/acts", span_of(envelope));
	assert_int_equal(two.status, 201);
	assert_int_equal(js_parse(two.body, &f->w.arena, &j, &err), 0);
	assert_true(js_bool(js_get(j, "was_known")));
	assert_true(js_is_str(js_get(j, "id"), world_hex(&f->w, &id)));
	assert_int_equal(f->w.at[JPN].node->own->log.size, 2);
	/* It is for its audience: the public does not read it. */
	assert_int_equal(
	    ask(f, false, "GET",
		str_fmt(&f->w.arena, "/acts/%s", world_hex(&f->w, &id)).p, NONE)
		.status,
	    404);
	assert_int_equal(
	    ask(f, true, "GET",
		str_fmt(&f->w.arena, "/acts/%s", world_hex(&f->w, &id)).p, NONE)
		.status,
	    200);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_operator),
	    CASE(test_routes),
	    CASE(test_parameters),
	    CASE(test_sizes),
	    CASE(test_bodies),
	    CASE(test_wire),
	    CASE(test_head),
	    CASE(test_keep_alive),
	    CASE(test_long),
	    CASE(test_acts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
