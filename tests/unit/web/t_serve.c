/* The doors: event streams, posts at once, ready answers, limits, the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"
#include "web/enrol.h"

static const char *const codes[] = {"JPN", "USA"};
enum { JPN, USA, MANY = 48, OUT = 65536 };

struct fix {
	struct world w;
	struct forge jpn;
	struct web_server *web; /* one more, with options of the test */
};

static int
set_up(void **state)
{
	static struct fix f;

	f = (struct fix){.web = NULL};
	world_open(&f.w, codes, 2);
	world_start(&f.w, JPN);
	forge_open(&f.jpn, &f.w, JPN);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	web_stop(f->web);
	forge_close(&f->jpn);
	world_close(&f->w);
	return 0;
}

static void
wait_s(int fd, int s)
{
	struct timeval most = {.tv_sec = s};

	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most)), 0);
}

static int
connected_from(in_addr_t from, int port)
{
	struct sockaddr_in here = {.sin_family = AF_INET,
	    .sin_addr = {htonl(from)}};
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port), /* to 65535 */
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&here, sizeof(here)),
	    0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)),
	    0);
	wait_s(fd, 5);
	return fd;
}

static int
connected(int port)
{
	return connected_from(INADDR_LOOPBACK, port);
}

static int
local(struct fix *f)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/run/socket",
	    f->w.at[JPN].folder);
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)),
	    0);
	wait_s(fd, 5);
	return fd;
}

/* Read until `until` was seen, or the end.  How much. */
static size_t
hear(int fd, const char *until, char *out)
{
	size_t got = 0;
	ssize_t n;

	out[0] = '\0';
	while (
	    got + 1 < OUT && (n = recv(fd, out + got, OUT - got - 1, 0)) > 0) {
		got += (size_t)n; /* above 0 */
		out[got] = '\0';
		if (until != NULL && strstr(out, until) != NULL)
			break;
	}
	return got;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    strlen(text));
}

/* One request with these headers on a connection of its own; the answer. */
static size_t
ask(int port, const char *path, const char *headers, char *out)
{
	int fd = connected(port);
	char text[2000];
	size_t n;

	(void)snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", path,
	    headers);
	say(fd, text);
	n = hear(fd, NULL, out);
	(void)close(fd);
	return n;
}

static struct str
message(struct fix *f)
{
	struct str envelope;

	(void)forge_act(&f->jpn, "message/send", NULL, "[\"USA\"]", forge_hello,
	    clock_utc_us(), &envelope);
	return envelope;
}

static void
post(struct fix *f, int fd, struct str envelope)
{
	say(fd,
	    str_fmt(&f->w.arena,
		"POST /acts HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n",
		envelope.n)
		.p);
	assert_int_equal(send(fd, envelope.p, envelope.n, MSG_NOSIGNAL),
	    envelope.n);
}

static void
serve_with(struct fix *f, struct web_options o)
{
	struct err err;

	o.host = "127.0.0.1";
	o.socket = str_fmt(&f->w.arena, "%s/other/socket", f->w.folder).p;
	if (web_serve(f->w.at[JPN].node, &o, &f->web, &err) != 0)
		fail_msg("%s", err.text);
}

/* ---- event streams ---- */

static void
test_events(void **state)
{
	struct fix *f = *state;
	static char out[OUT];
	char last[80] = "", *id;
	int64_t begun_us;
	int fd = local(f);

	say(fd, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
	(void)hear(fd, "here we go on\n\n", out);
	assert_non_null(strstr(out, "text/event-stream"));
	begun_us = clock_mono_us();
	(void)world_post(&f->w, JPN, "message/send", NULL, "[\"USA\"]",
	    forge_hello, NULL);
	(void)hear(fd, "}\n\n", out);
	assert_true(clock_mono_us() - begun_us < 1000000);
	assert_non_null(strstr(out, "event: matter\n"));
	assert_non_null(strstr(out, "\"cite\":\"JPN-1\""));
	assert_non_null(strstr(out, "\"procedure\":\"message\""));
	assert_non_null(strstr(out, "\"urgent\":true"));
	id = strstr(out, "id: ");
	assert_non_null(id);
	assert_int_equal(sscanf(id, "id: %70s", last), 1);
	(void)close(fd);

	/* Who comes back hears what came meanwhile. */
	(void)world_post(&f->w, JPN, "message/send", NULL, "[\"USA\"]",
	    forge_hello, NULL);
	fd = local(f);
	say(fd,
	    str_fmt(&f->w.arena,
		"GET /events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: %s\r\n\r\n",
		last)
		.p);
	(void)hear(fd, "}\n\n", out);
	assert_non_null(strstr(out, "\"cite\":\"JPN-2\""));
	assert_null(strstr(out, "event: reload"));
	(void)close(fd);
}

/* Ids of another run of the node, of no node, and from the future. */
static void
test_events_lost(void **state)
{
	static const char *const last[] = {"1-1", "x", "-", "", "1",
	    "99999999999999999999-1"};
	struct fix *f = *state;
	static char out[OUT];

	for (size_t i = 0; i < COUNT(last); i++) {
		int fd = local(f);

		say(fd, str_fmt(&f->w.arena,
			    "GET /events HTTP/1.1\r\nHost: x\r\n"
			    "Last-Event-ID: %s\r\n\r\n",
			    last[i])
			    .p);
		(void)hear(fd, "{}\n\n", out);
		if (strstr(out, "event: reload") == NULL)
			fail_msg("'%s': %s", last[i], out);
		(void)close(fd);
	}
	(void)ask(f->w.at[JPN].port, "/events", "", out);
	assert_non_null(strstr(out, " 401 "));
}

/* The officer signs in; the cookie. */
static struct str
sign_in(struct fix *f, int port)
{
	static char out[OUT];
	const struct js *j;
	struct pubkey key = key_pub(f->w.at[JPN].officer);
	struct sig sig;
	struct err err;
	struct str text, body, head;
	struct js_make make = {.a = &f->w.arena};
	struct js *say_it = js_map(&make);
	char *at;
	int fd;

	(void)ask(port, "/challenge", "", out);
	at = strstr(out, "\r\n\r\n");
	assert_non_null(at);
	assert_int_equal(
	    js_parse(span_of(str_of(at + 4)), &f->w.arena, &j, &err), 0);
	text = js_str(js_get(j, "challenge"));
	sig = key_sign(f->w.at[JPN].officer, span_of(text));
	js_put_hex(&make, say_it, "key", key.b, 32);
	js_put_str(&make, say_it, "challenge", text);
	js_put_hex(&make, say_it, "signature", sig.b, 64);
	assert_int_equal(js_text(&make, say_it, JS_COMPACT, &body, &err), 0);
	head = str_fmt(&f->w.arena,
	    "POST /session HTTP/1.0\r\nHost: x\r\nOrigin: http://x\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    body.n);
	fd = connected(port);
	say(fd, head.p);
	assert_int_equal(send(fd, body.p, body.n, MSG_NOSIGNAL), body.n);
	(void)hear(fd, NULL, out);
	(void)close(fd);
	at = strstr(out, "Set-Cookie: ");
	if (at == NULL)
		fail_msg("%s", out);
	return str_fmt(&f->w.arena, "Cookie: %.*s\r\n",
	    (int)strcspn(at + 12, ";"), at + 12); /* short */
}

/* A thousand streams, as many as the test may have files for; one act. */
static void
test_many(void **state)
{
	enum { STREAMS = 1000 };
	struct fix *f = *state;
	struct rlimit room;
	static char out[OUT];
	static int fd[STREAMS];
	struct str cookie, request;
	int64_t begun_us;
	size_t n = STREAMS;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &room), 0);
	room.rlim_cur = room.rlim_max < 4096 ? room.rlim_max : 4096;
	(void)setrlimit(RLIMIT_NOFILE, &room);
	if (room.rlim_cur < 2 * STREAMS + 200)
		n = 100;
	serve_with(f, (struct web_options){.page_s = 100});
	cookie = sign_in(f, web_port(f->web));
	request = str_fmt(&f->w.arena,
	    "GET /events HTTP/1.1\r\nHost: x\r\n%s\r\n", cookie.p);
	for (size_t i = 0; i < n; i++) {
		fd[i] = connected(web_port(f->web));
		say(fd[i], request.p);
		if (i % 50 == 49 || i + 1 == n)
			for (size_t k = i / 50 * 50; k <= i; k++) {
				(void)hear(fd[k], "here we go on\n\n", out);
				assert_non_null(strstr(out, " 200 "));
			}
	}
	begun_us = clock_mono_us();
	(void)world_post(&f->w, JPN, "message/send", NULL, "[\"USA\"]",
	    forge_hello, NULL);
	for (size_t i = 0; i < n; i++) {
		(void)hear(fd[i], "}\n\n", out);
		assert_non_null(strstr(out, "\"cite\":\"JPN-1\""));
		(void)close(fd[i]);
	}
	assert_true(clock_mono_us() - begun_us < 2000000);
}

/* ---- posts ---- */

static void
test_posts(void **state)
{
	struct fix *f = *state;
	static char out[OUT];
	int fd[MANY];

	for (size_t i = 0; i < MANY; i++)
		fd[i] = connected(f->w.at[JPN].port);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < MANY; i++)
			post(f, fd[i], message(f));
		for (size_t i = 0; i < MANY; i++) {
			(void)hear(fd[i], "}", out);
			assert_non_null(strstr(out, " 201 "));
		}
	}
	for (size_t i = 0; i < MANY; i++)
		(void)close(fd[i]);
	assert_int_equal(f->w.at[JPN].node->own->log.size, 1 + 3 * MANY);
}

/* Who hangs up meanwhile harms nobody. */
static void
test_hung_up(void **state)
{
	struct fix *f = *state;
	static char out[OUT];
	int fd;

	for (size_t i = 0; i < MANY; i++) {
		fd = connected(f->w.at[JPN].port);
		post(f, fd, message(f));
		(void)close(fd);
		fd = local(f);
		say(fd, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
		(void)close(fd);
	}
	(void)ask(f->w.at[JPN].port, "/health", "", out);
	assert_non_null(strstr(out, " 200 "));
}

/* ---- ready answers ---- */

static void
test_ready(void **state)
{
	struct fix *f = *state;
	int port = f->w.at[JPN].port;
	static char out[OUT], again[OUT];
	char headers[200], etag[64], *at;

	/* The second is the first, while nothing happens; then it is not. */
	(void)ask(port, "/procedures", "", out);
	at = strstr(out, "ETag: ");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "ETag: %60s", etag), 1);
	(void)snprintf(headers, sizeof(headers), "If-None-Match: %s\r\n", etag);
	(void)ask(port, "/procedures", headers, again);
	assert_non_null(strstr(again, " 304 "));
	assert_non_null(strstr(again, etag));
	assert_non_null(strstr(out, "Cache-Control: no-cache"));
	(void)world_post(&f->w, JPN, "message/send", NULL, "[\"USA\"]",
	    forge_hello, NULL);
	(void)ask(port, "/logs/JPN/checkpoint", "", out);
	assert_non_null(strstr(out, "\n2\n"));
	(void)world_post(&f->w, JPN, "message/send", NULL, "[\"USA\"]",
	    forge_hello, NULL);
	(void)ask(port, "/logs/JPN/checkpoint", "", out);
	assert_non_null(strstr(out, "\n3\n")); /* what was done is seen */
	/* What is for one reader alone is kept nowhere. */
	(void)ask(port, "/health", "", out);
	assert_null(strstr(out, "ETag"));
	(void)ask(port, "/board", "", out);
	assert_null(strstr(out, "ETag"));
}

static void
test_gzip(void **state)
{
	struct fix *f = *state;
	static char out[OUT], plain[OUT], text[OUT];
	z_stream z = {.next_in = NULL};
	size_t n, head, size;
	char *at;

	size = ask(f->w.at[JPN].port, "/procedures", "", plain);
	assert_true(size < OUT - 1);
	for (int i = 0; i < 2; i++) { /* made, and ready */
		n = ask(f->w.at[JPN].port, "/procedures",
		    "Accept-Encoding: gzip\r\n", out);
		assert_true(n < size);
		assert_non_null(strstr(out, "Content-Encoding: gzip"));
		at = strstr(out, "\r\n\r\n");
		assert_non_null(at);
		head = (size_t)(at + 4 - out);
		z = (z_stream){.next_in = (unsigned char *)out + head,
		    .avail_in = (unsigned)(n - head),
		    .next_out = (unsigned char *)text,
		    .avail_out = OUT};
		assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
		assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
		(void)inflateEnd(&z);
		text[z.total_out] = '\0';
		assert_string_equal(text, strstr(plain, "\r\n\r\n") + 4);
	}
}

static void
test_headers(void **state)
{
	static const char *const want[] = {"default-src 'none'",
	    "frame-ancestors 'none'", "X-Content-Type-Options: nosniff",
	    "Referrer-Policy: same-origin",
	    "Cross-Origin-Resource-Policy: same-origin"};
	static const char *const page[] = {"script-src 'self'",
	    "base-uri 'none'", "Cross-Origin-Opener-Policy: same-origin",
	    "Permissions-Policy: "};
	struct fix *f = *state;
	static char out[OUT];

	(void)ask(f->w.at[JPN].port, "/health", "", out);
	for (size_t i = 0; i < COUNT(want); i++)
		assert_non_null(strstr(out, want[i]));
	assert_null(strstr(out, "unsafe"));
	(void)ask(f->w.at[JPN].port, "/matters", "Accept: text/html\r\n", out);
	assert_non_null(strstr(out, "text/html"));
	for (size_t i = 0; i < COUNT(want); i++)
		assert_non_null(strstr(out, want[i]));
	for (size_t i = 0; i < COUNT(page); i++)
		assert_non_null(strstr(out, page[i]));
	assert_null(strstr(out, "unsafe"));
	assert_null(strstr(out, "Strict-Transport")); /* no TLS here */
}

/* ---- limits ---- */

static void
test_pages(void **state)
{
	struct fix *f = *state;
	static char out[OUT];
	int64_t begun_us = clock_mono_us();
	int fd[40], n_refused = 0, port;

	serve_with(f, (struct web_options){.page_s = 5, .attempt_min = 2});
	port = web_port(f->web);
	for (int i = 0; i < 20; i++) { /* the burst */
		(void)ask(port, "/procedures", "", out);
		assert_non_null(strstr(out, " 200 "));
	}
	assert_true(clock_mono_us() - begun_us < 3000000);
	for (size_t i = 0; i < COUNT(fd); i++) {
		fd[i] = connected(port);
		say(fd[i], "GET /procedures HTTP/1.0\r\n\r\n");
	}
	/* The lines of the conference are not held up meanwhile. */
	begun_us = clock_mono_us();
	(void)ask(port, "/logs/JPN/tile/0/000.p/1", "", out);
	assert_non_null(strstr(out, " 200 "));
	assert_true(clock_mono_us() - begun_us < 500000);
	for (size_t i = 0; i < COUNT(fd); i++) {
		(void)hear(fd[i], NULL, out);
		(void)close(fd[i]);
		if (strstr(out, " 429 ") != NULL) {
			n_refused++;
			assert_non_null(strstr(out, "Retry-After: "));
		}
	}
	assert_in_range(n_refused, 20, 38);
}

static void
test_attempts(void **state)
{
	struct fix *f = *state;
	static char out[OUT];
	int n_refused = 0;

	serve_with(f, (struct web_options){.attempt_min = 3});
	for (int i = 0; i < 5; i++) {
		int fd = connected(web_port(f->web));

		say(fd, "POST /session HTTP/1.0\r\nContent-Length: 2\r\n\r\n"
			"{}");
		(void)hear(fd, NULL, out);
		(void)close(fd);
		n_refused += strstr(out, " 429 ") != NULL;
	}
	assert_int_equal(n_refused, 2);
	(void)ask(web_port(f->web), "/procedures", "", out);
	assert_non_null(strstr(out, " 200 "));
}

/* A key asks for a mandate from this address; is it taken? */
static bool
is_enrolled(struct fix *f, in_addr_t from)
{
	static char out[OUT];
	struct secret *secret = key_secret_random();
	struct pubkey key = key_pub(secret);
	char body[200], head[200];
	int fd = connected_from(from, f->w.at[JPN].port);

	key_secret_free(secret);
	(void)snprintf(body, sizeof(body), "{\"name\":\"Sato\",\"key\":\"%s\"}",
	    hex_str(&f->w.arena, key.b, sizeof(key.b)).p);
	(void)snprintf(head, sizeof(head),
	    "POST /enrolments HTTP/1.0\r\nContent-Length: %zu\r\n\r\n",
	    strlen(body));
	say(fd, head);
	say(fd, body);
	(void)hear(fd, NULL, out);
	(void)close(fd);
	assert_true(
	    strstr(out, " 201 ") != NULL || strstr(out, " 503 ") != NULL);
	return strstr(out, " 201 ") != NULL;
}

/* Who asks for all that one address may, takes nothing from another. */
static void
test_addresses(void **state)
{
	struct fix *f = *state;

	for (int i = 0; i < ENROL_EACH; i++)
		assert_true(is_enrolled(f, INADDR_LOOPBACK));
	assert_false(is_enrolled(f, INADDR_LOOPBACK));
	assert_true(is_enrolled(f, INADDR_LOOPBACK + 1));
	assert_false(is_enrolled(f, INADDR_LOOPBACK));
}

static void
test_connections(void **state)
{
	struct fix *f = *state;
	static char out[OUT];
	int fd[4], more;

	serve_with(f, (struct web_options){.connections = 4});
	for (size_t i = 0; i < COUNT(fd); i++) {
		fd[i] = connected(web_port(f->web));
		say(fd[i], "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
		(void)hear(fd[i], "}", out);
		assert_non_null(strstr(out, " 200 "));
	}
	more = connected(web_port(f->web));
	(void)!send(more, "GET /health HTTP/1.0\r\n\r\n", 24, MSG_NOSIGNAL);
	(void)hear(more, NULL, out);
	assert_null(strstr(out, " 200 "));
	(void)close(more);
	for (size_t i = 0; i < COUNT(fd); i++)
		(void)close(fd[i]);
	for (int i = 0; i < 100 && strstr(out, " 200 ") == NULL; i++) {
		clock_sleep_us(20000);
		more = connected(web_port(f->web));
		(void)!send(more, "GET /health HTTP/1.0\r\n\r\n", 24,
		    MSG_NOSIGNAL);
		(void)hear(more, NULL, out);
		(void)close(more);
	}
	assert_non_null(strstr(out, " 200 "));
}

/* ---- addresses ---- */

static void
test_plain(void **state)
{
	struct fix *f = *state;
	struct web_options o = {.host = "0.0.0.0"};
	struct err err;

	o.socket = str_fmt(&f->w.arena, "%s/other/socket", f->w.folder).p;
	assert_int_equal(web_serve(f->w.at[JPN].node, &o, &f->web, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.text, "plain = yes"));
	o.plain = true;
	assert_int_equal(web_serve(f->w.at[JPN].node, &o, &f->web, &err), 0);
}

/* ---- the end ---- */

static void
test_stop(void **state)
{
	struct fix *f = *state;
	static char out[OUT];
	int64_t begun_us;
	int stream = local(f), acts[8], idle = connected(f->w.at[JPN].port);

	say(stream, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
	(void)hear(stream, "here we go on\n\n", out);
	say(idle, "GET /hea");
	serve_with(f, (struct web_options){.page_s = 1});
	for (size_t i = 0; i < COUNT(acts); i++) {
		acts[i] = connected(web_port(f->web));
		post(f, acts[i], message(f));
	}
	for (int i = 0; i < 12; i++) /* some are held back when it ends */
		say(connected(web_port(f->web)),
		    "GET /procedures HTTP/1.1\r\nHost: x\r\n\r\n");
	clock_sleep_us(20000);
	begun_us = clock_mono_us();
	web_stop(f->web);
	f->web = NULL;
	world_stop(&f->w, JPN);
	assert_true(clock_mono_us() - begun_us < 4000000);
	for (size_t i = 0; i < COUNT(acts); i++) {
		(void)hear(acts[i], NULL, out);
		/* what was acknowledged was done: the rest says nothing */
		if (out[0] != '\0')
			assert_non_null(strstr(out, "HTTP/1.1 "));
		(void)close(acts[i]);
	}
	(void)hear(stream, NULL, out);
	(void)close(stream);
	(void)close(idle);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_events),
	    CASE(test_events_lost),
	    CASE(test_many),
	    CASE(test_posts),
	    CASE(test_hung_up),
	    CASE(test_ready),
	    CASE(test_gzip),
	    CASE(test_headers),
	    CASE(test_pages),
	    CASE(test_attempts),
	    CASE(test_addresses),
	    CASE(test_connections),
	    CASE(test_plain),
	    CASE(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
