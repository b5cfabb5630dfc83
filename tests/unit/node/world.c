#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "node/keydir.h"

static const char *const use[] = {"root", "log", "witness", "box"};

static void
must(int rc, const struct err *err)
{
	if (rc != 0)
		fail_msg("%s", err->text);
}

static struct str
sign(struct world *w, struct str payload, const struct secret *key)
{
	struct dsse d = {.type = DSSE_ACT_TYPE,
	    .payload = span_of(payload),
	    .n = 1};
	struct err err;
	struct str text;

	must(
	    dsse_sign(d.type, d.payload, key, &w->arena, &d.signature[0], &err),
	    &err);
	must(dsse_text(&d, &w->arena, &text, &err), &err);
	return text;
}

static struct str
charter(struct world *w, const struct world_node *p, struct secret **key)
{
	struct arena *a = &w->arena;
	struct js_make m = {.a = a};
	struct js *body = js_map(&m), *names = js_put_map(&m, body, "names");
	struct js *list, *officer;
	struct box box = age_box(key[3]);
	struct pubkey k;
	struct act act = {.kind = STR("party/charter"),
	    .party = str_of(p->code),
	    .opens = true,
	    .to = {.type = AUDIENCE_PUBLIC},
	    .at_us = clock_utc_us()};
	struct err err;
	struct str payload;

	js_put_z(&m, names, "en", p->code);
	js_put_str(&m, body, "origin",
	    str_fmt(a, "comity/%s/%d", p->code, (int)getpid()));
	for (size_t i = 0; i < 3; i++) {
		k = key_pub(key[i]);
		js_put_hex(&m, body, use[i], k.b, 32);
	}
	js_put_str(&m, body, "box", age_box_text(a, &box));
	list = js_put_list(&m, body, "officers");
	officer = js_put_map(&m, list, NULL);
	js_put_z(&m, officer, "officer", "duty-1");
	k = key_pub(p->officer);
	js_put_hex(&m, officer, "key", k.b, 32);
	js_put_z(&m, js_put_list(&m, officer, "powers"), NULL, "*");
	if (w->witness != NULL)
		js_put_z(&m, js_put_list(&m, body, "witnesses"), NULL,
		    w->witness);
	act.body = body;
	key_random(act.salt, sizeof(act.salt));
	must(act_write(&act, a, &payload, &err), &err);
	return sign(w, payload, key[0]);
}

static void
make_folder(struct world *w, struct world_node *p)
{
	struct secret *key[4];
	struct err err;
	struct str envelope, ini;

	assert_int_equal(mkdir(p->folder, 0700), 0);
	assert_int_equal(
	    mkdir(str_fmt(&w->arena, "%s/keys", p->folder).p, 0700), 0);
	for (size_t i = 0; i < 4; i++) {
		key[i] = key_secret_random();
		must(keydir_write(
			 str_fmt(&w->arena, "%s/keys/%s.key", p->folder, use[i])
			     .p,
			 use[i], str_of(p->code), key[i],
			 (struct span){NULL, 0}, &err),
		    &err);
	}
	p->officer = key_secret_random();
	envelope = charter(w, p, key);
	p->charter = envelope;
	ini = STR("[node]\nlisten = 127.0.0.1:0\n[exchange]\nheads_s = 5\n");
	must(keydir_save(str_fmt(&w->arena, "%s/comity.ini", p->folder).p, ini,
		 false, &err),
	    &err);
	must(node_found(p->folder, span_of(envelope), false, clock_utc_us(),
		 &err),
	    &err);
	for (size_t i = 0; i < 4; i++)
		key_secret_free(key[i]);
}

void
world_open(struct world *w, const char *const *codes, size_t n)
{
	world_open_named(w, codes, n, NULL);
}

void
world_open_named(struct world *w, const char *const *codes, size_t n,
    const char *witness)
{
	struct err err;

	*w = (struct world){.n = n, .witness = witness};
	arena_init(&w->arena, (size_t)1 << 30);
	must(key_start(&err), &err);
	(void)snprintf(w->folder, sizeof(w->folder), "world-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	for (size_t i = 0; i < n; i++) {
		struct world_node *p = &w->at[i];

		(void)snprintf(p->code, sizeof(p->code), "%s", codes[i]);
		(void)snprintf(p->folder, sizeof(p->folder), "%s/%s", w->folder,
		    codes[i]);
		make_folder(w, p);
	}
}

void
world_start(struct world *w, size_t i)
{
	struct world_node *p = &w->at[i];
	struct node_options o = {.folder = p->folder, .serve = true};
	struct web_options wo = {.host = "127.0.0.1", .port = p->port};
	struct err err;
	char socket[300];

	(void)snprintf(socket, sizeof(socket), "%s/run/socket", p->folder);
	wo.socket = socket;
	must(node_open(&o, &p->node, &err), &err);
	must(web_serve(p->node, &wo, &p->web, &err), &err);
	p->port = web_port(p->web);
	(void)snprintf(p->address, sizeof(p->address), "http://127.0.0.1:%d",
	    p->port);
}

void
world_wake(struct world *w, size_t i)
{
	struct world_node *p = &w->at[i];
	struct node_options o = {.folder = p->folder};
	struct err err;

	must(node_open(&o, &p->node, &err), &err);
}

void
world_stop(struct world *w, size_t i)
{
	struct world_node *p = &w->at[i];

	if (p->node == NULL)
		return;
	web_stop(p->web);
	node_close(p->node);
	p->web = NULL;
	p->node = NULL;
}

void
world_close(struct world *w)
{
	char command[200];

	for (size_t i = 0; i < w->n; i++) {
		world_stop(w, i);
		key_secret_free(w->at[i].officer);
	}
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
	assert_int_equal(system(command), 0);
	arena_release(&w->arena);
}

const struct js *
world_ask(struct world *w, size_t i, const char *method, const char *path,
    const char *query, const char *body, int want)
{
	struct web_request r = {.reader = WEB_OPERATOR,
	    .method = str_of(method),
	    .path = str_of(path),
	    .query = str_of(query),
	    .body = span_of(str_of(body))};
	struct web_answer ans;
	const struct js *j = NULL;
	struct err err;

	web_ask(w->at[i].node, &r, &w->arena, &ans);
	if (ans.status != want)
		fail_msg("%s %s %s: %d, not %d: %.*s", w->at[i].code, method,
		    path, ans.status, want, (int)ans.body.n,
		    (const char *)ans.body.p);
	if (strcmp(ans.type, "application/json") == 0)
		must(js_parse(ans.body, &w->arena, &j, &err), &err);
	return j;
}

void
world_introduce_all(struct world *w)
{
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->n; k++) {
			const struct js *looked;

			if (i == k)
				continue;
			looked = world_ask(w, i, "POST", "/peers/look", "",
			    str_fmt(&w->arena, "{\"address\":\"%s\"}",
				w->at[k].address)
				.p,
			    200);
			(void)world_ask(w, i, "POST", "/peers", "",
			    str_fmt(&w->arena,
				"{\"address\":\"%s\",\"charter\":\"%.*s\"}",
				w->at[k].address,
				STR_ARG(js_str(js_get(looked, "charter"))))
				.p,
			    201);
		}
}

const char *
world_hex(struct world *w, const struct id *id)
{
	return hex_str(&w->arena, id->b, 32).p;
}

struct str
world_envelope(struct world *w, size_t i, const char *kind, const char *matter,
    const char *to, const char *body, const char *answers,
    const char *conference, int64_t at_us)
{
	struct arena *a = &w->arena;
	const struct js *draft = world_ask(w, i, "GET", "/draft",
	    str_fmt(a, "kind=%s%s%s", kind,
		matter == NULL ? "" : "&matter=", matter == NULL ? "" : matter)
		.p,
	    "", 200);
	const struct js *after = js_get(draft, "after"), *j;
	struct act act = {.kind = str_of(kind),
	    .party = str_of(w->at[i].code),
	    .opens = matter == NULL,
	    .at_us = at_us};
	struct id *ids;
	struct err err;
	struct str payload;

	must(js_parse(span_of(str_of(body)), a, &act.body, &err), &err);
	if (to != NULL)
		must(js_parse(span_of(str_of(to)), a, &j, &err), &err);
	must(act_audience_parse(to != NULL ? j : js_get(draft, "to"), a,
		 &act.to, &err),
	    &err);
	if (act.opens) {
		act.has_procedure = true;
		assert_true(hex_is_parsed(js_str(js_get(draft, "procedure")),
		    act.procedure_id.b, 32));
	} else {
		assert_true(hex_is_parsed(js_str(js_get(draft, "matter")),
		    act.matter.b, 32));
	}
	ids = arena_array(a, js_len(after) + 1, struct id);
	for (size_t k = 0; k < js_len(after); k++)
		assert_true(
		    hex_is_parsed(js_str(js_at(after, k)), ids[k].b, 32));
	act.n_after = js_len(after);
	act.after = ids;
	if (answers != NULL) {
		act.has_answers = true;
		assert_true(hex_is_parsed(str_of(answers), act.answers.b, 32));
	}
	if (conference != NULL) {
		act.has_conference = true;
		assert_true(
		    hex_is_parsed(str_of(conference), act.conference.b, 32));
	}
	key_random(act.salt, sizeof(act.salt));
	must(act_write(&act, a, &payload, &err), &err);
	return sign(w, payload, w->at[i].officer);
}

struct id
world_post(struct world *w, size_t i, const char *kind, const char *matter,
    const char *to, const char *body, const char *answers)
{
	struct str e = world_envelope(w, i, kind, matter, to, body, answers,
	    NULL, clock_utc_us());
	const struct js *j = world_ask(w, i, "POST", "/acts", "", e.p, 201);
	struct id id;

	assert_true(hex_is_parsed(js_str(js_get(j, "id")), id.b, 32));
	return id;
}

void
world_await(struct world *w, size_t i, const struct id *matter,
    const char *state)
{
	int64_t until = clock_mono_us() + 20 * 1000000;
	struct str last = STR("(absent)");

	while (clock_mono_us() < until) {
		struct web_request r = {.reader = WEB_OPERATOR,
		    .method = STR("GET"),
		    .path = str_fmt(&w->arena, "/matters/%s",
			world_hex(w, matter))};
		struct web_answer ans;
		const struct js *j;
		struct err err;

		web_ask(w->at[i].node, &r, &w->arena, &ans);
		must(js_parse(ans.body, &w->arena, &j, &err), &err);
		if (ans.status == 200)
			last = js_str(js_get(j, "state"));
		if (js_is_str(js_get(j, "state"), state))
			return;
		clock_sleep_us(20000);
	}
	fail_msg("%s: state '%.*s', not '%s'", w->at[i].code, STR_ARG(last),
	    state);
}
