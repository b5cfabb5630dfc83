/*
 * Two nodes, clients at both, and kill -9 again and again.  What was answered
 * with 201 is there afterwards, once, at its entry and at the peer's; every
 * signed head that anybody saw is a head of the log that there is. [N2] [D4.6]
 *
 *   crash ROUNDS      the test
 *   crash serve FOLDER PORT    a node of it, to be killed
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"
#include "node/http.h"

enum { JPN, USA, NODES, CLIENTS = 2, KEPT_MAX = 20000, HEADS_MAX = 400 };
static const char *const codes[] = {"JPN", "USA"};

struct kept { /* an act that was acknowledged */
	struct id id;
	int64_t idx;
};
struct client {
	struct crash *c;
	size_t at;
	pthread_t thread;
	size_t n, again;
	struct kept kept[KEPT_MAX];
};
struct crash {
	struct world w;
	struct forge f[NODES];
	pid_t pid[NODES];
	bool stop;
	size_t n_heads;
	struct {
		size_t at;
		struct str note;
	} head[HEADS_MAX];
	struct client client[NODES * CLIENTS];
	char path[400]; /* of this program */
	int rounds;
};

/* ---- a node to be killed ---- */

static int
serve(const char *folder, const char *port)
{
	struct node_options o = {.folder = folder, .serve = true};
	struct web_options wo = {.host = "127.0.0.1"};
	char socket[300];
	struct node *n;
	struct web_server *web;
	struct err err;
	int64_t number;

	(void)snprintf(socket, sizeof(socket), "%s/run/socket", folder);
	wo.socket = socket;
	if (num_parse(str_of(port), 0, 65535, &number, &err) != 0 ||
	    node_open(&o, &n, &err) != 0)
		goto bad;
	wo.port = (int)number; /* to 65535 */
	if (web_serve(n, &wo, &web, &err) != 0)
		goto bad;
	(void)printf("%d\n", web_port(web));
	(void)fflush(stdout);
	for (;;)
		(void)pause();
bad:
	(void)fprintf(stderr, "%s: %s\n", folder, err.text);
	return 1;
}

static void
start(struct crash *c, size_t i)
{
	struct world_node *p = &c->w.at[i];
	char port[16];
	int out[2];
	FILE *f;

	(void)snprintf(port, sizeof(port), "%d", p->port);
	assert_int_equal(pipe(out), 0);
	c->pid[i] = fork();
	assert_true(c->pid[i] >= 0);
	if (c->pid[i] == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(out[1], 1);
		(void)close(out[0]);
		(void)close(out[1]);
		(void)execl(c->path, c->path, "serve", p->folder, port,
		    (char *)NULL);
		_exit(127);
	}
	(void)close(out[1]);
	f = fdopen(out[0], "r");
	assert_non_null(f);
	if (fscanf(f, "%d", &p->port) != 1)
		fail_msg("%s does not start again", p->code);
	(void)fclose(f);
	(void)snprintf(p->address, sizeof(p->address), "http://127.0.0.1:%d",
	    p->port);
}

static void
stop(struct crash *c, size_t i)
{
	int status;

	assert_int_equal(kill(c->pid[i], SIGKILL), 0);
	assert_int_equal(waitpid(c->pid[i], &status, 0), c->pid[i]);
	/* It was alive until then. */
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* ---- clients ---- */

static bool
is_stopped(struct crash *c)
{
	return __atomic_load_n(&c->stop, __ATOMIC_SEQ_CST);
}

/* Post one act until somebody answers for it. */
static bool
post(struct client *x, struct http_client *http, struct str envelope,
    struct arena *a)
{
	struct crash *c = x->c;
	struct http_request q = {.method = "POST",
	    .body = span_of(envelope),
	    .timeout_ms = 5000};
	struct http_answer ans;
	const struct js *j;
	struct str cite;
	struct kept *k = &x->kept[x->n];
	struct err err;

	q.url = str_fmt(a, "%s/acts", c->w.at[x->at].address);
	for (;; x->again++) {
		if (http_ask(http, &q, a, &ans, &err) == 0 && ans.status == 201)
			break;
		if (is_stopped(c))
			return false;
		clock_sleep_us(5000);
	}
	if (js_parse(ans.body, a, &j, &err) != 0 ||
	    !hex_is_parsed(js_str(js_get(j, "id")), k->id.b, 32))
		return false;
	cite = js_str(js_get(j, "cite"));
	if (num_parse(str_sub(cite, 4, cite.n), 1, INT64_MAX, &k->idx, &err) !=
	    0)
		return false;
	x->n++;
	return true;
}

static void *
run_client(void *ctx)
{
	struct client *x = ctx;
	struct crash *c = x->c;
	struct http_client *http;
	struct err err;

	if (http_open(NULL, &http, &err) != 0)
		return NULL;
	while (!is_stopped(c) && x->n < KEPT_MAX) {
		struct world w = c->w; /* an arena of its own */
		struct forge *f = mem_alloc(1, sizeof(*f));
		struct str envelope;

		if (f == NULL)
			break;
		f->w = &w;
		f->who = x->at;
		arena_init(&w.arena, (size_t)1 << 24);
		(void)forge_act(f, "message/send", NULL,
		    x->at == JPN ? "[\"USA\"]" : "[\"JPN\"]", forge_hello,
		    clock_utc_us(), &envelope);
		(void)post(x, http, envelope, &w.arena);
		arena_release(&w.arena);
		mem_free(f);
	}
	http_close(http);
	return NULL;
}

/* ---- the test ---- */

static void
ask(struct crash *c, struct http_client *http, size_t i, struct http_request *q,
    int want, struct http_answer *ans)
{
	struct err err;
	char socket[300];

	(void)snprintf(socket, sizeof(socket), "%s/run/socket",
	    c->w.at[i].folder);
	q->socket = socket;
	q->timeout_ms = 20000;
	if (http_ask(http, q, &c->w.arena, ans, &err) != 0)
		fail_msg("%s: %s", codes[i], err.text);
	if (ans->status != want)
		fail_msg("%s: %d: %.*s", codes[i], ans->status,
		    (int)ans->body.n, (const char *)ans->body.p);
	q->socket = NULL;
}

static void
introduce(struct crash *c, struct http_client *http)
{
	for (size_t i = 0; i < NODES; i++) {
		size_t k = i == JPN ? USA : JPN;
		struct js_make m = {.a = &c->w.arena};
		struct js *j = js_map(&m);
		struct http_request q = {.method = "POST",
		    .url = STR("/peers")};
		struct http_answer ans;
		struct str body;
		struct err err;

		js_put_z(&m, j, "address", c->w.at[k].address);
		js_put_hex(&m, j, "charter", c->f[k].charter.b, 32);
		assert_int_equal(js_text(&m, j, JS_COMPACT, &body, &err), 0);
		q.body = span_of(body);
		q.type = STR("application/json");
		ask(c, http, i, &q, 201, &ans);
	}
}

/* A signed head as anybody may fetch it. */
static void
see_head(struct crash *c, struct http_client *http, size_t i)
{
	struct http_request q = {.method = "GET",
	    .url = str_fmt(&c->w.arena, "%s/logs/%s/checkpoint",
		c->w.at[i].address, codes[i])};
	struct http_answer ans;
	struct err err;

	if (c->n_heads == HEADS_MAX ||
	    http_ask(http, &q, &c->w.arena, &ans, &err) != 0 ||
	    ans.status != 200)
		return;
	c->head[c->n_heads].at = i;
	c->head[c->n_heads++].note = span_str(ans.body);
}

static void
check_head(struct crash *c, size_t k)
{
	struct forge *f = &c->f[c->head[k].at];
	struct node *n = c->w.at[f->who].node;
	struct note_key key = mandate_log_key(f->mandate, 1);
	struct checkpoint seen;
	struct note note;
	struct id root;
	struct err err;

	if (checkpoint_open(span_of(c->head[k].note), &key, &c->w.arena, &seen,
		&note, &err) != 0)
		fail_msg("%s", err.text);
	if (seen.size > n->own->log.size)
		fail_msg("%s signed %llu entries and has %llu", codes[f->who],
		    (unsigned long long)seen.size,
		    (unsigned long long)n->own->log.size);
	assert_int_equal(
	    node_root_at(n->writer, n->own, seen.size, &root, &err), 0);
	assert_true(id_eq(&root, &seen.root));
}

static void
check_kept(struct crash *c, const struct client *x)
{
	for (size_t k = 0; k < x->n; k++)
		for (size_t i = 0; i < NODES; i++) {
			struct node *n = c->w.at[i].node;
			struct member *m = node_member(n, str_of(codes[x->at]));
			struct store_act act;
			struct arena a;
			struct err err;
			bool found;

			arena_init(&a, 1 << 20);
			assert_int_equal(store_act_by_id(n->writer,
					     &x->kept[k].id, &a, &found, &act,
					     &err),
			    0);
			if (!found)
				fail_msg("%s lost act %s-%lld", codes[i],
				    codes[x->at], (long long)x->kept[k].idx);
			assert_int_equal(act.party, m->no);
			assert_int_equal(act.idx, x->kept[k].idx);
			arena_release(&a);
		}
}

static void
check_agreement(struct crash *c)
{
	struct node *jpn = c->w.at[JPN].node, *usa = c->w.at[USA].node;

	for (size_t i = 0; i < NODES; i++) {
		struct member *a = node_member(jpn, str_of(codes[i]));
		struct member *b = node_member(usa, str_of(codes[i]));
		struct id ra = log_root(&a->log), rb = log_root(&b->log);
		struct store_fork *fork;
		struct err err;
		size_t n;

		assert_int_equal(a->log.size, b->log.size);
		assert_true(id_eq(&ra, &rb));
		assert_int_equal(store_fork_list(c->w.at[i].node->writer,
				     &c->w.arena, &fork, &n, &err),
		    0);
		assert_int_equal(n, 0);
	}
}

static uint64_t
size_of(struct node *n, const char *code)
{
	uint64_t size;

	(void)pthread_rwlock_rdlock(&n->state);
	size = node_member(n, str_of(code))->log.size;
	(void)pthread_rwlock_unlock(&n->state);
	return size;
}

/* Start both in this process and wait until each has what the other has. */
static void
settle(struct crash *c)
{
	int64_t until = clock_mono_us() + 60 * INT64_C(1000000);
	bool same = false;

	for (size_t i = 0; i < NODES; i++)
		world_start(&c->w, i);
	while (!same && clock_mono_us() < until) {
		same = true;
		for (size_t i = 0; i < NODES; i++)
			same = same && size_of(c->w.at[JPN].node, codes[i]) ==
			                   size_of(c->w.at[USA].node, codes[i]);
		if (!same)
			clock_sleep_us(20000);
	}
	assert_true(same);
	clock_sleep_us(300000); /* the acts go after the entries at most once */
	for (size_t i = 0; i < NODES; i++)
		world_stop(&c->w, i);
	for (size_t i = 0; i < NODES; i++)
		world_wake(&c->w, i);
}

static void
test_crash(void **state)
{
	struct crash *c = *state;
	struct http_client *http;
	struct err err;
	size_t n = 0, again = 0;
	unsigned seed = (unsigned)getpid();

	assert_int_equal(http_start(&err), 0);
	assert_int_equal(http_open(NULL, &http, &err), 0);
	world_open(&c->w, codes, NODES);
	for (size_t i = 0; i < NODES; i++) {
		forge_open(&c->f[i], &c->w, i);
		start(c, i);
	}
	introduce(c, http);
	for (size_t i = 0; i < COUNT(c->client); i++) {
		c->client[i].c = c;
		c->client[i].at = i % NODES;
		assert_int_equal(pthread_create(&c->client[i].thread, NULL,
				     run_client, &c->client[i]),
		    0);
	}
	for (int round = 0; round < c->rounds; round++) {
		size_t first = (size_t)round % NODES;

		clock_sleep_us(20000 + rand_r(&seed) % 200000);
		for (size_t i = 0; i < NODES; i++)
			see_head(c, http, i);
		stop(c, first);
		if (round % 5 == 4)
			stop(c, 1 - first);
		start(c, first);
		if (round % 5 == 4)
			start(c, 1 - first);
	}
	__atomic_store_n(&c->stop, true, __ATOMIC_SEQ_CST);
	for (size_t i = 0; i < COUNT(c->client); i++) {
		(void)pthread_join(c->client[i].thread, NULL);
		n += c->client[i].n;
		again += c->client[i].again;
	}
	for (size_t i = 0; i < NODES; i++)
		stop(c, i);
	http_close(http);
	settle(c);
	for (size_t i = 0; i < NODES; i++)
		forge_check(&c->w, i);
	check_agreement(c);
	for (size_t k = 0; k < c->n_heads; k++)
		check_head(c, k);
	for (size_t i = 0; i < COUNT(c->client); i++)
		check_kept(c, &c->client[i]);
	print_message("%d kills, %zu acts kept, %zu posted again, %zu heads\n",
	    c->rounds + c->rounds / 5, n, again, c->n_heads);
	assert_true(n > 0 && c->n_heads > 0);
	for (size_t i = 0; i < NODES; i++)
		forge_close(&c->f[i]);
	world_close(&c->w);
}

int
main(int argc, char **argv)
{
	struct CMUnitTest tests[] = {cmocka_unit_test(test_crash)};
	struct crash *c;
	struct err err;
	int64_t rounds = 30;
	ssize_t n;
	int rc;

	if (argc == 4 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2], argv[3]);
	if (argc == 2 &&
	    num_parse(str_of(argv[1]), 1, 100000, &rounds, &err) != 0)
		return 2;
	if ((c = mem_alloc(1, sizeof(*c))) == NULL)
		return 2;
	c->rounds = (int)rounds; /* to 100000 */
	n = readlink("/proc/self/exe", c->path, sizeof(c->path) - 1);
	if (n <= 0)
		return 2;
	tests[0].initial_state = c;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	mem_free(c);
	return rc;
}
