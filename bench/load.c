/*
 * bench_load etcd URL CLIENTS COUNT BYTES
 * bench_load acts URL CLIENTS COUNT FOLDER PARTY TO
 * bench_load hotline URL 1 COUNT FOLDER PARTY TO
 * bench_load push URL 1 COUNT FOLDER PARTY TO SOCKET
 *
 * Clients that each have one connection and one request under way.  etcd: its
 * own protocol (gRPC KV/Put over clear HTTP/2), not the gateway.  acts: POST
 * /acts.  hotline: the same, and then the log's checkpoint is asked for until
 * the other party's cosignature stands on it.  push: the same, and then it is
 * waited for at the event stream of TO's node (its operator's socket).  One
 * program and one libcurl, so
 * that the client costs both alike; all bodies are made before the clock runs.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "kit.h"

enum { CLIENTS_MAX = 256, ANSWER_MAX = 8192, ASK_EVERY_US = 200 };

struct load;
struct client {
	struct load *l;
	CURL *easy;
	size_t at; /* the request under way */
	int64_t begun_us;
	size_t n;
	char answer[ANSWER_MAX];
	long grpc; /* status of a trailer; -1: none came */
};
struct load {
	CURLM *multi;
	struct curl_slist *header;
	char url[1000];
	size_t clients, count, next, done;
	struct span *body;
	int64_t *latency_us;
	bool etcd;
	struct client *client;
};

static void
die(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

/* ---- bodies ---- */

/* A field of bytes: below 2 MiB. */
static uint8_t *
put_field(uint8_t *p, uint8_t tag, const void *data, size_t n)
{
	*p++ = tag;
	for (size_t left = n;; left >>= 7) {
		*p++ = (uint8_t)((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
		if (left <= 0x7f)
			break;
	}
	memcpy(p, data, n);
	return p + n;
}

/* gRPC's frame around PutRequest { bytes key = 1; bytes value = 2; }. */
static void
put_bodies(struct load *l, size_t bytes, struct arena *a)
{
	char *value = arena_array(a, bytes, char);

	if (value == NULL)
		die("bodies", "no memory");
	for (size_t i = 0; i < l->count; i++) {
		uint8_t *p = arena_array(a, bytes + 64, uint8_t), *end;
		char key[32];
		int n = snprintf(key, sizeof(key), "/bench/%016zx", i);

		if (p == NULL)
			die("bodies", "no memory");
		key_random(value, bytes);
		end = put_field(p + 5, 0x0a, key, (size_t)n); /* short */
		end = put_field(end, 0x12, value, bytes);
		num_put32(p + 1, (uint32_t)(end - p - 5));
		l->body[i] = (struct span){p, (size_t)(end - p)};
	}
}

static void
act_bodies(struct load *l, char **argv, struct arena *a)
{
	struct kit_author w;
	struct err err;
	struct str text;

	kit_must(kit_author(argv[0], argv[1], argv[2], &w, &err), &err);
	for (size_t i = 0; i < l->count; i++) {
		struct arena once;

		arena_init(&once, 1024 * 1024);
		kit_must(kit_envelope(&w, i, &once, &text, &err), &err);
		text = str_copy(a, text);
		arena_release(&once);
		if (text.p == NULL)
			die("bodies", "no memory");
		l->body[i] = span_of(text);
	}
	kit_author_end(&w);
}

/* ---- requests ---- */

static size_t
take(char *p, size_t size, size_t n, void *ctx)
{
	struct client *c = ctx;
	size_t room = sizeof(c->answer) - 1 - c->n;
	size_t k = size * n < room ? size * n : room;

	memcpy(c->answer + c->n, p, k);
	c->n += k;
	c->answer[c->n] = '\0';
	return size * n;
}

static size_t
take_header(char *p, size_t size, size_t n, void *ctx)
{
	static const char name[] = "grpc-status:";
	struct client *c = ctx;

	if (size * n > sizeof(name) && strncmp(p, name, sizeof(name) - 1) == 0)
		c->grpc = p[sizeof(name)] == '0' ? 0 : 1;
	return size * n;
}

static void
open_client(struct load *l, struct client *c)
{
	*c = (struct client){.l = l, .easy = curl_easy_init()};
	if (c->easy == NULL)
		die("curl", "no memory");
	curl_easy_setopt(c->easy, CURLOPT_URL, l->url);
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, l->header);
	curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(c->easy, CURLOPT_HTTP_VERSION,
	    l->etcd ? (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
		    : (long)CURL_HTTP_VERSION_1_1);
}

static void
prepare(struct client *c, size_t at)
{
	c->at = at;
	c->n = 0;
	c->grpc = -1;
	curl_easy_setopt(c->easy, CURLOPT_URL, c->l->url);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS,
	    (const char *)c->l->body[at].p);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE,
	    (long)c->l->body[at].n); /* below 2 MiB */
	c->begun_us = clock_mono_us();
}

static void
check(struct client *c, CURLcode rc)
{
	long status = 0;

	if (rc != CURLE_OK)
		die(c->l->url, curl_easy_strerror(rc));
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	if (c->l->etcd ? status != 200 || c->grpc != 0 : status != 201)
		die(c->l->url, c->n == 0 ? "refused" : c->answer);
}

static void
start_next(struct client *c)
{
	struct load *l = c->l;

	if (l->next == l->count)
		return;
	prepare(c, l->next++);
	if (curl_multi_add_handle(l->multi, c->easy) != CURLM_OK)
		die("curl", "no more handles");
}

/*
 * libcurl 7.88 (curl issue 10634) sets up HTTP/2 a second time where prior
 * knowledge is asked for on a kept connection, and fails.  From the second
 * request on it needs no knowledge: the connection is HTTP/2 already.
 */
static void
keep_http2(struct client *c)
{
	if (c->l->etcd)
		curl_easy_setopt(c->easy, CURLOPT_HTTP_VERSION,
		    (long)CURL_HTTP_VERSION_2TLS);
}

static void
take_done(struct load *l)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(l->multi, &left)) != NULL) {
		struct client *c;
		CURL *easy = msg->easy_handle;
		CURLcode rc = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&c);
		l->latency_us[c->at] = clock_mono_us() - c->begun_us;
		check(c, rc);
		l->done++;
		curl_multi_remove_handle(l->multi, easy);
		keep_http2(c);
		start_next(c);
	}
}

/* All requests, each client one at a time. */
static int64_t
run(struct load *l)
{
	int64_t begun_us;
	int running;

	l->multi = curl_multi_init();
	if (l->multi == NULL)
		die("curl", "no memory");
	/* one connection a client, kept */
	curl_multi_setopt(l->multi, CURLMOPT_PIPELINING,
	    (long)CURLPIPE_NOTHING);
	curl_multi_setopt(l->multi, CURLMOPT_MAXCONNECTS, (long)CLIENTS_MAX);
	begun_us = clock_mono_us();
	for (size_t i = 0; i < l->clients; i++)
		start_next(&l->client[i]);
	while (l->done < l->count) {
		if (curl_multi_perform(l->multi, &running) != CURLM_OK)
			die("curl", "it failed");
		take_done(l);
		if (l->done < l->count &&
		    curl_multi_poll(l->multi, NULL, 0, 1000, NULL) != CURLM_OK)
			die("curl", "it failed");
	}
	return clock_mono_us() - begun_us;
}

/* ---- the hotline ---- */

/*
 * Is the other's cosignature on the head of the log's `size`?  In a log with
 * one witness the second line of signatures is it; lines of signatures start
 * with an em dash.
 */
static bool
is_receipted(const char *note, size_t size)
{
	const char *line = strchr(note, '\n');
	size_t n = 0, got = 0;

	if (line == NULL || sscanf(line + 1, "%zu", &got) != 1 || got < size)
		return false;
	for (const char *p = strstr(note, "\n\xe2\x80\x94 "); p != NULL;
	     p = strstr(p + 1, "\n\xe2\x80\x94 "))
		n++;
	return n >= 2;
}

static size_t
index_of(const char *answer)
{
	const char *cite = strstr(answer, "\"cite\":\"");
	const char *dash = cite == NULL ? NULL : strchr(cite, '-');
	size_t idx = 0;

	if (dash == NULL || sscanf(dash + 1, "%zu", &idx) != 1)
		die("answer without a citation", answer);
	return idx;
}

/* Post, then ask for the checkpoint until it is receipted. */
static int64_t
run_hotline(struct load *l, const char *party)
{
	struct client *post = &l->client[0], ask;
	char url[1100];
	int64_t begun_us, all_us = clock_mono_us();

	open_client(l, &ask);
	(void)snprintf(url, sizeof(url), "%.*s/logs/%s/checkpoint",
	    (int)(strlen(l->url) - strlen("/acts")), l->url, party);
	curl_easy_setopt(ask.easy, CURLOPT_URL, url);
	for (size_t i = 0; i < l->count; i++) {
		size_t size;

		prepare(post, i);
		begun_us = post->begun_us;
		check(post, curl_easy_perform(post->easy));
		size = index_of(post->answer) + 1;
		do {
			clock_sleep_us(ASK_EVERY_US);
			ask.n = 0;
			if (curl_easy_perform(ask.easy) != CURLE_OK)
				die(url, "no answer");
			if (clock_mono_us() - begun_us > 10000000)
				die(url, "no receipt within 10 s");
		} while (!is_receipted(ask.answer, size));
		l->latency_us[i] = clock_mono_us() - begun_us;
	}
	curl_easy_cleanup(ask.easy);
	return clock_mono_us() - all_us;
}

/* ---- push ---- */

enum { NEWS_MAX = 256 * 1024 };

static int
open_stream(const char *path)
{
	static const char ask[] = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct timeval most = {.tv_sec = 10};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(at.sun_path))
		die(path, "too long for a socket's name");
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most)) != 0 ||
	    send(fd, ask, sizeof(ask) - 1, 0) != (ssize_t)sizeof(ask) - 1)
		die(path, "no event stream");
	return fd;
}

/* Read on until `what` was told; forget what stood before. */
static void
hear(int fd, char *news, size_t *n, const char *what)
{
	const char *at;

	while ((at = strstr(news, what)) == NULL) {
		ssize_t got = recv(fd, news + *n, NEWS_MAX - 1 - *n, 0);

		if (got <= 0)
			die(what, "not told within 10 s");
		*n += (size_t)got; /* above 0 */
		news[*n] = '\0';
	}
	*n -= (size_t)(at - news);
	memmove(news, at, *n + 1);
}

static int64_t
run_push(struct load *l, const char *path, struct arena *a)
{
	struct client *post = &l->client[0];
	int64_t begun_us, all_us = clock_mono_us();
	char *news = arena_array(a, NEWS_MAX, char), id[80];
	size_t n = 0;
	int fd = open_stream(path);

	if (news == NULL)
		die("news", "no memory");
	hear(fd, news, &n, "here we go on");
	for (size_t i = 0; i < l->count; i++) {
		const char *matter;

		prepare(post, i);
		begun_us = post->begun_us;
		check(post, curl_easy_perform(post->easy));
		matter = strstr(post->answer, "\"matter\":\"");
		if (matter == NULL ||
		    sscanf(matter, "\"matter\":\"%64[0-9a-f]", id) != 1)
			die("answer without its matter", post->answer);
		hear(fd, news, &n, id);
		l->latency_us[i] = clock_mono_us() - begun_us;
	}
	(void)close(fd);
	return clock_mono_us() - all_us;
}

int
main(int argc, char **argv)
{
	struct load l = {0};
	struct arena a;
	struct err err;
	int64_t took_us;
	const char *mode = argc > 1 ? argv[1] : "";
	bool push;

	l.etcd = strcmp(mode, "etcd") == 0;
	push = strcmp(mode, "push") == 0;
	if (argc != (l.etcd ? 6 : push ? 9 : 8))
		die("usage",
		    "bench_load etcd URL CLIENTS COUNT BYTES, or bench_load "
		    "acts|hotline URL CLIENTS COUNT FOLDER PARTY TO, or "
		    "bench_load push URL 1 COUNT FOLDER PARTY TO SOCKET");
	arena_init(&a, (size_t)4 << 30);
	kit_must(key_start(&err), &err);
	l.clients = (size_t)kit_number(argv[3], 1, CLIENTS_MAX);
	l.count = (size_t)kit_number(argv[4], 1, 10000000);
	l.body = arena_array(&a, l.count, struct span);
	l.latency_us = arena_array(&a, l.count, int64_t);
	l.client = arena_array(&a, l.clients, struct client);
	if (l.body == NULL || l.latency_us == NULL || l.client == NULL)
		die("bodies", "no memory");
	(void)snprintf(l.url, sizeof(l.url), "%s%s", argv[2],
	    l.etcd ? "/etcdserverpb.KV/Put" : "/acts");
	if (l.etcd)
		put_bodies(&l, (size_t)kit_number(argv[5], 1, 1000000), &a);
	else
		act_bodies(&l, argv + 5, &a);
	l.header =
	    curl_slist_append(NULL, l.etcd ? "Content-Type: application/grpc"
					   : "Content-Type: application/json");
	l.header =
	    curl_slist_append(l.header, l.etcd ? "TE: trailers" : "Expect:");
	for (size_t i = 0; i < l.clients; i++)
		open_client(&l, &l.client[i]);
	took_us = push                           ? run_push(&l, argv[8], &a)
	          : strcmp(mode, "hotline") == 0 ? run_hotline(&l, argv[6])
	                                         : run(&l);
	kit_report(l.latency_us, l.count, took_us, "");
	return 0;
}
