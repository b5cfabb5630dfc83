/* What hostile and broken nodes send: refused with a sentence, nothing of it
 * kept, and the node works on. [D4.2] [D4.6] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"

static const char *const codes[] = {"KOR", "USA", "CHN"};
enum { KOR, USA, CHN }; /* KOR is the node under test; it does not know CHN */

struct fix {
	struct world w;
	struct forge usa, chn;
};

static int
set_up(void **state)
{
	static struct fix fix;
	struct err err;

	world_open(&fix.w, codes, 3);
	world_wake(&fix.w, KOR);
	forge_open(&fix.usa, &fix.w, USA);
	forge_open(&fix.chn, &fix.w, CHN);
	*state = &fix;
	return node_peer_add(fix.w.at[KOR].node, span_of(fix.w.at[USA].charter),
	    STR(""), &err);
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	forge_close(&f->usa);
	forge_close(&f->chn);
	world_close(&f->w);
	return 0;
}

static void
taken(struct fix *f, struct span bundle, size_t acts, size_t entries)
{
	struct node_taken t;
	struct err err;

	if (forge_give(&f->w, KOR, bundle, &t, &err) != ERR_NONE)
		fail_msg("refused: %s", err.text);
	assert_int_equal(t.acts, acts);
	assert_int_equal(t.entries, entries);
	forge_check(&f->w, KOR);
}

/* What a node holds of another, to see that a refusal left no trace. */
struct held {
	struct id derived, root;
	uint64_t size;
	int64_t acts;
	size_t forks;
};

static struct held
held_of(struct fix *f)
{
	struct node *n = f->w.at[KOR].node;
	struct member *m = node_member(n, STR("USA"));
	struct store_fork *fork;
	struct held h = {.root = log_root(&m->log), .size = m->log.size};
	struct err err;

	assert_int_equal(store_derived_digest(n->writer, &h.derived, &err), 0);
	assert_int_equal(store_act_count(n->writer, &h.acts, &err), 0);
	assert_int_equal(
	    store_fork_list(n->writer, &f->w.arena, &fork, &h.forks, &err), 0);
	return h;
}

/* Refused with this code and these words, and all is as before. */
static void
refused(struct fix *f, struct span bundle, enum err_code code, const char *why)
{
	struct held before = held_of(f), after;
	struct node_taken t;
	struct err err;

	if (forge_give(&f->w, KOR, bundle, &t, &err) != code)
		fail_msg("'%s': code %d, not %d", err.text, (int)err.code,
		    (int)code);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' lacks '%s'", err.text, why);
	after = held_of(f);
	assert_true(id_eq(&before.derived, &after.derived));
	assert_true(id_eq(&before.root, &after.root));
	assert_int_equal(before.size, after.size);
	assert_int_equal(before.acts, after.acts);
	assert_int_equal(before.forks, after.forks);
	forge_check(&f->w, KOR);
}

static struct str
state_of(struct fix *f, const struct id *matter)
{
	return js_str(js_get(
	    world_ask(&f->w, KOR, "GET",
		str_fmt(&f->w.arena, "/matters/%s", world_hex(&f->w, matter)).p,
		"", "", 200),
	    "state"));
}

/* The node still takes what is right. */
static void
works(struct fix *f)
{
	size_t held = held_of(f).size;
	struct id m;

	f->usa.n = f->usa.n < held ? held : f->usa.n;
	m = forge_message(&f->usa, "[\"KOR\"]", NULL);
	taken(f, forge_bundle(&f->usa, held, f->usa.n), f->usa.n - held,
	    f->usa.n - held);
	assert_true(str_is(state_of(f, &m), "sent"));
}

static void
test_good(void **state)
{
	struct fix *f = *state;
	struct node_taken t;
	struct err err;
	struct span b;

	works(f);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	b = forge_bundle(&f->usa, 2, 3);
	taken(f, b, 1, 1);
	/* A replay says the same, and does nothing. */
	assert_int_equal(forge_give(&f->w, KOR, b, &t, &err), ERR_NONE);
	assert_int_equal(t.acts, 0);
	assert_int_equal(t.known, 1);
	assert_int_equal(t.entries, 0);
	assert_true(t.receipt.n > 0);
	/* From the beginning, overlapping what is held. */
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	taken(f, forge_bundle(&f->usa, 0, 4), 1, 1);
	/* An empty bundle is one of nothing. */
	{
		struct parts p;

		parts_open(&p, &f->usa);
		parts_add(&p, "of/a/newer/program", span_of(STR("x")));
		taken(f, parts_close(&p), 0, 0);
	}
	works(f);
}

static void
test_strangers(void **state)
{
	struct fix *f = *state;
	struct parts p;

	works(f);
	(void)forge_message(&f->chn, "[\"KOR\"]", NULL);
	refused(f, forge_bundle(&f->chn, 0, 2), ERR_DENIED, "not introduced");
	/* Between a known party's things a stranger's are left aside. */
	parts_open(&p, &f->chn);
	parts_entries(&p, 0, 2);
	parts_act(&p, 1);
	parts_head(&p, forge_head(&f->chn, 2));
	p.f = &f->usa;
	parts_head(&p, forge_head(&f->usa, 2));
	taken(f, parts_close(&p), 0, 0);
	works(f);
}

static void
test_entries(void **state)
{
	struct fix *f = *state;
	struct parts p;
	struct str envelope;
	struct id id;

	works(f);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	/* An act that is another entry's. */
	envelope = f->usa.envelope[2];
	f->usa.envelope[2] = f->usa.envelope[3];
	refused(f, forge_bundle(&f->usa, 2, 4), ERR_INPUT, "entry 2 of USA");
	f->usa.envelope[2] = envelope;
	/* An act of no entry. */
	parts_open(&p, &f->usa);
	parts_act(&p, 3);
	parts_head(&p, forge_head(&f->usa, 2));
	refused(f, parts_close(&p), ERR_INPUT, "entry 3 of USA");
	/* Logged by USA, written in CHN's name. */
	id = forge_act(&f->chn, "message/send", NULL, "[\"KOR\"]", forge_hello,
	    clock_utc_us(), &envelope);
	forge_log(&f->usa, &id, &id, 0, envelope);
	refused(f, forge_bundle(&f->usa, 2, 5), ERR_INPUT, "entry 4 of USA");
	f->usa.n--;
	/* Entries that nobody signed for. */
	parts_open(&p, &f->usa);
	parts_entries(&p, 2, 4);
	refused(f, parts_close(&p), ERR_INPUT, "without a signed head");
	/* Entries that leave a gap: told where to begin. */
	refused(f, forge_bundle(&f->usa, 3, 4), ERR_CONFLICT,
	    "but 2 are held here");
	/* A head beyond the entries. */
	parts_open(&p, &f->usa);
	parts_entries(&p, 2, 3);
	parts_head(&p, forge_head(&f->usa, 4));
	refused(f, parts_close(&p), ERR_CONFLICT, "but 3 are held here");
	/* Entries of two pieces, of half a piece, and twice. */
	parts_open(&p, &f->usa);
	parts_entries(&p, 2, 3);
	parts_entries(&p, 3, 4);
	refused(f, parts_close(&p), ERR_INPUT, "no part of a log");
	parts_open(&p, &f->usa);
	parts_add(&p,
	    str_fmt(&f->w.arena, "log/%s/entries/2",
		world_hex(&f->w, &f->usa.charter))
		.p,
	    span_of(STR("half an entry")));
	refused(f, parts_close(&p), ERR_INPUT, "no part of a log");
	works(f);
}

/* Found wanting before the fold: the act is kept, and counts as denied. */
static void
denied(struct fix *f, const struct id *matter, size_t at)
{
	struct node *n = f->w.at[KOR].node;
	struct store_matter row;
	struct store_matter_act *act;
	struct err err;
	size_t count;
	bool found;

	assert_int_equal(store_matter_by_id(n->writer, matter, &f->w.arena,
			     &found, &row, &err),
	    0);
	assert_true(found);
	assert_int_equal(store_matter_acts(n->writer, row.no, &f->w.arena, &act,
			     &count, &err),
	    0);
	assert_true(count > at);
	assert_int_equal(act[at].fault, FOLD_DENIED);
}

static void
test_labels(void **state)
{
	static const char add[] =
	    "{\"message\":[{\"lang\":\"en\",\"text\":\"More.\"}]}";
	struct fix *f = *state;
	struct id m, other, x;
	struct str envelope;

	/* Skipped: the opening act is said to be the second. */
	m = forge_act(&f->usa, "message/send", NULL, "[\"KOR\"]", forge_hello,
	    clock_utc_us(), &envelope);
	forge_log(&f->usa, &m, &m, 1, envelope);
	taken(f, forge_bundle(&f->usa, 1, 2), 1, 1);
	denied(f, &m, 0);
	assert_true(str_is(state_of(f, &m), ""));
	/* Repeated: two acts say that they are the first. */
	m = forge_message(&f->usa, "[\"KOR\"]", NULL);
	x = forge_act(&f->usa, "message/add", &m, "[\"KOR\"]", add,
	    clock_utc_us(), &envelope);
	forge_log(&f->usa, &x, &m, 0, envelope);
	taken(f, forge_bundle(&f->usa, 2, 4), 2, 2);
	denied(f, &m, 1);
	assert_true(str_is(state_of(f, &m), "sent"));
	/* Of another matter: hidden from whoever looks for this one's. */
	other = forge_message(&f->usa, "[\"KOR\"]", NULL);
	x = forge_act(&f->usa, "message/close", &m, "[\"KOR\"]", "{}",
	    clock_utc_us(), &envelope);
	forge_log(&f->usa, &x, &other, 1, envelope);
	taken(f, forge_bundle(&f->usa, 4, 6), 2, 2);
	denied(f, &m, 2);
	assert_true(str_is(state_of(f, &m), "sent"));
	/* And the right one, after all these. */
	x = forge_act(&f->usa, "message/close", &m, "[\"KOR\"]", "{}",
	    clock_utc_us(), &envelope);
	forge_log(&f->usa, &x, &m, 1, envelope);
	taken(f, forge_bundle(&f->usa, 6, 7), 1, 1);
	assert_true(str_is(state_of(f, &m), "closed"));
	works(f);
}

/* Mandates with a wrong label, or by who may not, change nothing. */
static void
test_file(void **state)
{
	struct fix *f = *state;
	struct member *m = node_member(f->w.at[KOR].node, STR("USA"));
	struct secret *other = key_secret_random(), *own;
	const struct mandate_officer *o;
	struct pubkey k = key_pub(other);
	struct str envelope, grant;
	struct id x;

	grant = str_fmt(&f->w.arena,
	    "{\"officer\":\"mole\",\"key\":\"%.*s\",\"powers\":[\"*\"]}",
	    STR_ARG(hex_str(&f->w.arena, k.b, 32)));
	x = forge_act(&f->usa, "party/grant", &f->usa.charter, "\"public\"",
	    grant.p, clock_utc_us(), &envelope);
	forge_log(&f->usa, &x, &f->usa.charter, 2, envelope); /* 1 is next */
	taken(f, forge_bundle(&f->usa, 1, 2), 1, 1);
	assert_int_equal(mandate_officers(m->mandate, &o), 1);
	own = f->w.at[USA].officer;
	f->w.at[USA].officer = other;
	x = forge_act(&f->usa, "party/grant", &f->usa.charter, "\"public\"",
	    grant.p, clock_utc_us(), &envelope);
	forge_log(&f->usa, &x, &f->usa.charter, 1, envelope);
	f->w.at[USA].officer = own;
	taken(f, forge_bundle(&f->usa, 2, 3), 1, 1);
	assert_int_equal(mandate_officers(m->mandate, &o), 1);
	/* The right one, and what follows is the new officer's to do. */
	x = forge_act(&f->usa, "party/grant", &f->usa.charter, "\"public\"",
	    grant.p, clock_utc_us(), &envelope);
	forge_log(&f->usa, &x, &f->usa.charter, 3, envelope); /* 2 is logged */
	taken(f, forge_bundle(&f->usa, 3, 4), 1, 1);
	assert_int_equal(mandate_officers(m->mandate, &o), 2);
	f->w.at[USA].officer = other;
	works(f);
	f->w.at[USA].officer = own;
	works(f);
	key_secret_free(other);
}

static void
test_heads(void **state)
{
	struct fix *f = *state;
	struct id root;
	struct str origin = mandate_origin(f->usa.mandate);
	struct parts p;

	works(f);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	root = forge_root(&f->usa, 3);
#define WITH_HEAD(n)                                                           \
	parts_open(&p, &f->usa);                                               \
	parts_entries(&p, 2, 3);                                               \
	parts_head(&p, n)
	WITH_HEAD(forge_head_of(&f->usa, origin, 3, &root, f->chn.log_key));
	refused(f, parts_close(&p), ERR_INPUT, "not signed by its log key");
	WITH_HEAD(forge_head_of(&f->usa, origin, 3, &root, f->usa.witness_key));
	refused(f, parts_close(&p), ERR_INPUT, "not signed by its log key");
	WITH_HEAD(
	    forge_head_of(&f->usa, STR("other/log"), 3, &root, f->usa.log_key));
	refused(f, parts_close(&p), ERR_INPUT, "not signed by its log key");
	WITH_HEAD(STR("nothing"));
	refused(f, parts_close(&p), ERR_INPUT, "checkpoint");
	/* A rollback: an old head of the party itself, and nothing new. */
	taken(f, forge_bundle(&f->usa, 2, 3), 1, 1);
	parts_open(&p, &f->usa);
	parts_head(&p, forge_head(&f->usa, 1));
	refused(f, parts_close(&p), ERR_CONFLICT, "but 3 are held here");
	works(f);
#undef WITH_HEAD
}

static size_t
forks_of(struct fix *f, struct store_fork *ret)
{
	struct store_fork *fork;
	struct err err;
	size_t n;

	assert_int_equal(store_fork_list(f->w.at[KOR].node->writer, &f->w.arena,
			     &fork, &n, &err),
	    0);
	if (n > 0)
		*ret = fork[0];
	return n;
}

/* Two signed histories: the evidence stays, the old history, too. */
static void
test_fork(void **state)
{
	struct fix *f = *state;
	struct forge second;
	struct store_fork fork;
	struct node_taken t;
	struct err err;
	struct str a, b;
	struct id root, after;

	works(f);
	works(f);
	works(f); /* entries 0 to 3 */
	second = f->usa;
	second.n = 2;
	(void)forge_message(&second, "[\"KOR\"]", NULL);
	(void)forge_message(&second, "[\"KOR\"]", NULL);
	root = held_of(f).root;
	b = forge_head(&second, 4);
	for (int twice = 0; twice < 2; twice++) {
		assert_int_equal(forge_give(&f->w, KOR,
				     forge_bundle(&second, 0, 4), &t, &err),
		    ERR_INPUT);
		assert_non_null(strstr(err.text, "entry 2 of USA"));
	}
	assert_int_equal(forks_of(f, &fork), 0); /* no head was looked at */
	for (int twice = 0; twice < 2; twice++) {
		struct parts p;

		parts_open(&p, &second);
		parts_entries(&p, 0, 4);
		parts_head(&p, b);
		assert_int_equal(
		    forge_give(&f->w, KOR, parts_close(&p), &t, &err),
		    ERR_CONFLICT);
		assert_non_null(strstr(err.text, "signed a history of 4"));
		assert_int_equal(forks_of(f, &fork), 1);
	}
	a = forge_head(&f->usa, 4);
	assert_true(span_eq(fork.note_a, span_of(a)));
	assert_true(span_eq(fork.note_b, span_of(b)));
	after = held_of(f).root;
	assert_true(id_eq(&root, &after));
	works(f); /* it stops nothing else */
	forge_check(&f->w, KOR);
}

/* A courier who garbles entries must not make a forger of their party. */
static void
test_garbled(void **state)
{
	struct fix *f = *state;
	struct forge garbled;
	struct parts p;

	works(f);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	garbled = f->usa;
	garbled.entry[2].act.b[0] ^= 1;
	parts_open(&p, &garbled);
	parts_entries(&p, 2, 3);
	parts_head(&p, forge_head(&f->usa, 3));
	refused(f, parts_close(&p), ERR_INPUT,
	    "do not lead to the signed head");
	works(f);
}

static void
test_cut(void **state)
{
	struct fix *f = *state;
	struct span b;
	struct node_taken t;
	struct err err;
	uint8_t *copy;

	works(f);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	b = forge_bundle(&f->usa, 2, 3);
	for (size_t n = 0; n < b.n; n += n < 4096 ? 97 : 499) {
		struct span cut = {b.p, n};

		assert_int_not_equal(forge_give(&f->w, KOR, cut, &t, &err),
		    ERR_NONE);
	}
	copy = arena_alloc(&f->w.arena, b.n, 1);
	assert_non_null(copy);
	/* Bytes turned anywhere: refused, or harmless where nobody reads. */
	for (size_t i = 0; i < b.n; i += 61) {
		memcpy(copy, b.p, b.n);
		copy[i] ^= 0x41;
		(void)forge_give(&f->w, KOR, (struct span){copy, b.n}, &t,
		    &err);
		if (held_of(f).size > 2)
			break; /* taken whole: then it is the true one */
	}
	forge_check(&f->w, KOR);
	if (held_of(f).size == 2)
		taken(f, b, 1, 1);
	works(f);
}

static void
test_envelopes(void **state)
{
	static const char *const bad[] = {"", "{}", "not JSON",
	    "{\"payloadType\":\"x\",\"payload\":\"\",\"signatures\":[]}"};
	struct fix *f = *state;
	struct str sound;
	char *p, *at;

	works(f);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	sound = f->usa.envelope[2];
	for (size_t i = 0; i < COUNT(bad); i++) {
		f->usa.envelope[2] = (struct str){bad[i], strlen(bad[i])};
		if (bad[i][0] != '\0')
			refused(f, forge_bundle(&f->usa, 2, 3), ERR_INPUT,
			    "bundle: act 1: ");
	}
	/* A signature of nobody's. */
	p = arena_copy(&f->w.arena, sound.p, sound.n);
	assert_non_null(p);
	assert_non_null(strstr(p, "\"sig\":\""));
	at = strstr(p, "\"sig\":\"") + 9;
	*at = *at == 'A' ? 'B' : 'A'; /* another of the same alphabet */
	f->usa.envelope[2] = (struct str){p, sound.n};
	refused(f, forge_bundle(&f->usa, 2, 3), ERR_INPUT, "verif");
	f->usa.envelope[2] = sound;
	works(f);
}

static struct span
sealed(struct fix *f, struct span inner)
{
	const struct mandate_keys *k =
	    mandate_keys_at(f->w.at[KOR].node->own->mandate, UINT64_MAX);
	struct parts p;
	struct span s;
	struct err err;

	assert_int_equal(
	    age_seal(inner, &k->box, 1, NULL, NULL, &f->w.arena, &s, &err), 0);
	parts_open(&p, &f->usa);
	parts_add(&p, "sealed/x", s);
	return parts_close(&p);
}

static void
test_sealed(void **state)
{
	struct fix *f = *state;
	struct parts p;
	struct span s;

	works(f);
	parts_open(&p, &f->usa);
	s = sealed(f, parts_close(&p));
	taken(f, s, 0, 0);
	/* Or a stranger could use up the stack. */
	refused(f, sealed(f, s), ERR_INPUT, "in another sealed part");
	parts_open(&p, &f->usa);
	parts_add(&p, "sealed/x", span_of(STR("age-encryption.org/v2\n")));
	refused(f, parts_close(&p), ERR_INPUT, "sealed/x");
	works(f);
}

/* More than the request's memory: refused as such, not a crash. */
static void
test_large(void **state)
{
	struct fix *f = *state;
	struct node *n = f->w.at[KOR].node;
	struct node_taken t;
	struct arena small;
	struct err err;
	struct span b;

	works(f);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	b = forge_bundle(&f->usa, 2, 3);
	for (size_t most = 1; most < 100000; most *= 3) {
		arena_init(&small, most);
		if (node_take(n, b, true, &small, &t, &err) != 0)
			assert_int_equal(err.code, ERR_NOMEM);
		arena_release(&small);
		if (held_of(f).size > 2)
			break;
		forge_check(&f->w, KOR);
	}
	works(f);
}

/* Over HTTP: a sender that starts too far is told where to start. */
static void
test_told(void **state)
{
	struct fix *f = *state;
	struct web_request r = {.reader = WEB_PUBLIC,
	    .method = STR("POST"),
	    .path = STR("/exchange")};
	struct web_answer ans;
	const struct js *j;
	struct err err;

	works(f);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	(void)forge_message(&f->usa, "[\"KOR\"]", NULL);
	r.query =
	    str_fmt(&f->w.arena, "log=%s", world_hex(&f->w, &f->usa.charter));
	r.body = forge_bundle(&f->usa, 3, 4);
	web_ask(f->w.at[KOR].node, &r, &f->w.arena, &ans);
	assert_int_equal(ans.status, 409);
	assert_int_equal(js_parse(ans.body, &f->w.arena, &j, &err), 0);
	assert_int_equal(js_int(js_get(j, "size")), 2);
	r.body = forge_bundle(&f->usa, 2, 4);
	web_ask(f->w.at[KOR].node, &r, &f->w.arena, &ans);
	assert_int_equal(ans.status, 200);
	works(f);
}

/* Entries of our own log from another: we lost none, so they are refused. */
static void
test_own(void **state)
{
	struct fix *f = *state;
	struct forge kor;

	works(f);
	forge_open(&kor, &f->w, KOR);
	(void)forge_message(&kor, "[\"USA\"]", NULL);
	refused(f, forge_bundle(&kor, 1, 2), ERR_CONFLICT, "our own log");
	forge_close(&kor);
	works(f);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_good),
	    CASE(test_strangers),
	    CASE(test_entries),
	    CASE(test_labels),
	    CASE(test_file),
	    CASE(test_heads),
	    CASE(test_fork),
	    CASE(test_garbled),
	    CASE(test_cut),
	    CASE(test_envelopes),
	    CASE(test_sealed),
	    CASE(test_large),
	    CASE(test_told),
	    CASE(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
