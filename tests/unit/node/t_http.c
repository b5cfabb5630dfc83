/* The client against a server of one answer a connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/num.h"
#include "node/http.h"

struct server {
	int fd;
	int port;
	const char *answer; /* NULL: read, and say nothing for a while */
	char asked[4096];
	pthread_t thread;
};

static void *
serve(void *arg)
{
	struct server *s = arg;
	int c = accept(s->fd, NULL, NULL);
	ssize_t n = read(c, s->asked, sizeof(s->asked) - 1);

	if (n > 0 && s->answer != NULL)
		n = write(c, s->answer, strlen(s->answer));
	if (s->answer == NULL)
		(void)usleep(400000);
	(void)shutdown(c, SHUT_WR);
	(void)close(c);
	return NULL;
}

static void
start(struct server *s, const char *answer)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof(at);

	memset(s, 0, sizeof(*s));
	s->answer = answer;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &n), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
stop(struct server *s)
{
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
}

static const struct {
	const char *what, *method, *body, *answer;
	size_t most;
	int status; /* 0: fails */
	const char *says, *asked;
} cases[] = {
    {"a page", "GET", "",
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
	"2\r\n\r\nhi",
	0, 200, "hi", "GET /x?y=1 HTTP/1.1"},
    {"absent", "GET", "", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", 0,
	404, "", "GET /x"},
    {"a redirect is an answer", "GET", "",
	"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\n"
	"Content-Length: 0\r\n\r\n",
	0, 302, "", "GET /x"},
    {"a post", "POST", "body", "HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
	0, 201, "", "\r\n\r\nbody"},
    {"a type", "POST", "body", "HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
	0, 201, "", "Content-Type: a/b"},
    {"an empty post", "POST", "",
	"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 200, "",
	"Content-Length: 0"},
    {"deletion", "DELETE", "", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	0, 200, "", "DELETE /x"},
    {"just enough", "GET", "", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
	2, 200, "hi", ""},
    {"too long", "GET", "", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi!",
	2, 0, "more than 2 bytes", ""},
    {"too long unannounced", "GET", "", "HTTP/1.1 200 OK\r\n\r\nhi!", 2, 0,
	"more than 2 bytes", ""},
    {"cut", "GET", "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", 0, 0,
	"127.0.0.1", ""},
    {"no HTTP", "GET", "", "SSH-2.0-x\r\n", 0, 0, "127.0.0.1", ""},
    {"late", "GET", "", NULL, 0, 0, "timed out", ""},
};

static void
answers(void **state)
{
	struct http_client *c;
	struct err err;

	(void)state;
	assert_int_equal(http_start(&err), 0);
	assert_int_equal(http_open(NULL, &c, &err), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct server s;
		struct arena a;
		struct http_answer got;
		struct http_request r = {.method = cases[i].method,
		    .type = cases[i].body[0] ? STR("a/b") : STR(""),
		    .body = span_of(str_of(cases[i].body)),
		    .timeout_ms = cases[i].answer == NULL ? 200 : 20000,
		    .answer_max = cases[i].most};
		int rc;

		arena_init(&a, 65536);
		start(&s, cases[i].answer);
		r.url = str_fmt(&a, "http://127.0.0.1:%d/x?y=1", s.port);
		rc = http_ask(c, &r, &a, &got, &err);
		stop(&s);
		if (rc != (cases[i].status == 0 ? -1 : 0))
			fail_msg("%s: %s", cases[i].what, err.text);
		if (rc == 0) {
			assert_int_equal(got.status, cases[i].status);
			assert_true(str_is(span_str(got.body), cases[i].says));
		} else if (strstr(err.text, cases[i].says) == NULL) {
			fail_msg("%s: %s", cases[i].what, err.text);
		}
		if (strstr(s.asked, cases[i].asked) == NULL)
			fail_msg("%s: asked %s", cases[i].what, s.asked);
		arena_release(&a);
	}
	http_close(c);
}

static void
unreachable(void **state)
{
	static const char *const url[] = {"http://127.0.0.1:1/",
	    "file:///etc/passwd", "gopher://127.0.0.1/", "nonsense://", ""};
	struct http_client *c;
	struct err err;

	(void)state;
	assert_int_equal(http_open(NULL, &c, &err), 0);
	for (size_t i = 0; i < COUNT(url); i++) {
		struct arena a;
		struct http_answer got;
		struct http_request r = {.method = "GET",
		    .url = str_of(url[i]),
		    .timeout_ms = 1000};

		arena_init(&a, 65536);
		assert_int_equal(http_ask(c, &r, &a, &got, &err), -1);
		assert_int_equal(err.code, ERR_IO);
		arena_release(&a);
	}
	http_close(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers),
	    cmocka_unit_test(unreachable),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
