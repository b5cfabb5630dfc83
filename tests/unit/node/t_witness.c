/* C2SP tlog-witness: the published conversation, over a real node's view. */
#include "../record/shared.h"

#include <string.h>

#include "base/num.h"
#include "forge.h"
#include "node/keydir.h"

static const char *const codes[] = {"KOR", "USA", "CHN"};
enum { KOR, USA, CHN };
#define VECTORS "tlog/witness-add-checkpoint.json"

/* A node that witnesses these logs. */
static void
witness_of(struct world *w, const struct js *logs)
{
	struct buf b;
	struct str ini;
	struct err err;

	buf_init(&b, &w->arena);
	buf_z(&b, "[node]\nlisten = 127.0.0.1:0\n[witness]\n");
	for (size_t i = 0; i < js_len(logs); i++) {
		const struct js *keys = js_get(js_at(logs, i), "vkeys");

		for (size_t k = 0; k < js_len(keys); k++)
			buf_fmt(&b, "logs = %.*s\n",
			    STR_ARG(js_str(js_at(keys, k))));
	}
	assert_int_equal(buf_done(&b, &ini, &err), 0);
	if (keydir_save(
		str_fmt(&w->arena, "%s/comity.ini", w->at[KOR].folder).p, ini,
		true, &err) != 0)
		fail_msg("%s", err.text);
	world_wake(w, KOR);
}

static struct web_answer
post(struct world *w, struct str body)
{
	struct web_request r = {.reader = WEB_PUBLIC,
	    .method = STR("POST"),
	    .path = STR("/add-checkpoint"),
	    .body = span_of(body)};
	struct web_answer ans;

	web_ask(w->at[KOR].node, &r, &w->arena, &ans);
	return ans;
}

/* The answer is a cosignature line of ours on what was asked. */
static void
check_line(struct world *w, struct str request, const struct web_answer *ans,
    struct str id)
{
	struct node *n = w->at[KOR].node;
	struct note_key key = mandate_witness_key(n->own->mandate);
	struct checkpoint_offer offer;
	struct cosignature c;
	struct note note;
	struct err err;
	bool found;

	if (checkpoint_offer_parse(span_of(request), &w->arena, &offer, &err) !=
	    0)
		fail_msg("%.*s: %s", STR_ARG(id), err.text);
	if (note_parse(
		span_of(str_fmt(&w->arena, "%.*s\n%.*s",
		    (int)offer.checkpoint.text.n, offer.checkpoint.text.p,
		    (int)ans->body.n, (const char *)ans->body.p)),
		&w->arena, &note, &err) != 0)
		fail_msg("%.*s: %s", STR_ARG(id), err.text);
	assert_int_equal(note.n, 1); /* one line, nothing else */
	assert_int_equal(
	    checkpoint_find_cosignature(&note, &key, &found, &c, &err), 0);
	assert_true(found);
	assert_true(c.time_s + 100 > (uint64_t)evidence_now_s() &&
		    c.time_s <= (uint64_t)evidence_now_s());
}

static void
check_step(struct world *w, const struct js *step)
{
	struct str id = js_str(js_get(step, "id"));
	struct str request = js_str(js_get(step, "request"));
	struct str type = js_str(js_get(step, "content_type"));
	struct web_answer ans = post(w, request);
	struct str want = js_str(js_get(step, "response"));

	if (ans.status != js_int(js_get(step, "status")))
		fail_msg("%.*s: %d: %.*s", STR_ARG(id), ans.status,
		    (int)ans.body.n, (const char *)ans.body.p);
	if (ans.status == 200) {
		check_line(w, request, &ans, id);
		return;
	}
	if (type.n > 0 && !str_is(type, ans.type))
		fail_msg("%.*s: type %s", STR_ARG(id), ans.type);
	if (ans.status == 409 && !span_eq(span_of(want), ans.body))
		fail_msg("%.*s: size %.*s", STR_ARG(id), (int)ans.body.n,
		    (const char *)ans.body.p);
}

static void
test_published(void **state)
{
	struct world w;
	const struct js *all, *steps;

	(void)state;
	SHARED_OR_SKIP(VECTORS);
	world_open(&w, codes, 1);
	all = shared_json(&w.arena, VECTORS);
	witness_of(&w, js_get(all, "logs"));
	steps = js_get(all, "steps");
	for (size_t i = 0; i < js_len(steps); i++) {
		check_step(&w, js_at(steps, i));
		/* It stands in the database, not in the process. */
		if (i % 10 == 9) {
			world_stop(&w, KOR);
			world_wake(&w, KOR);
		}
	}
	assert_true(js_len(steps) > 40);
	forge_check(&w, KOR);
	world_close(&w);
}

static struct str
request(struct forge *f, uint64_t old, size_t size)
{
	struct checkpoint_request r = {.old = old,
	    .note = span_of(forge_head(f, size))};
	struct str s;

	/* From 0 and of the same size no hash is wanted. */
	s = checkpoint_request_text(&f->w->arena, &r);
	assert_non_null(s.p);
	return s;
}

/* A party's log has one record: what leads beyond it is an exchange. */
static void
test_members(void **state)
{
	struct world w;
	struct forge usa;
	struct node_taken t;
	struct err err;

	(void)state;
	world_open(&w, codes, 3);
	world_wake(&w, KOR);
	forge_open(&usa, &w, USA);
	assert_int_equal(post(&w, request(&usa, 0, 1)).status, 404);
	assert_int_equal(node_peer_add(w.at[KOR].node,
			     span_of(w.at[USA].charter), STR(""), &err),
	    0);
	(void)forge_message(&usa, "[\"KOR\"]", NULL);
	assert_int_equal(
	    forge_give(&w, KOR, forge_bundle(&usa, 1, 2), &t, &err), ERR_NONE);
	(void)forge_message(&usa, "[\"KOR\"]", NULL);
	assert_int_equal(post(&w, request(&usa, 2, 2)).status, 200);
	assert_int_equal(post(&w, request(&usa, 0, 2)).status, 409);
	assert_int_equal(post(&w, request(&usa, 3, 3)).status, 409);
	assert_int_not_equal(post(&w, request(&usa, 2, 3)).status, 200);
	forge_check(&w, KOR);
	forge_close(&usa);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_published),
	    cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
