/* Who may sign what, by the order of the party's own log. [D3] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/num.h"
#include "record/mandate.h"

/* Keys are made of their numbers, so that a table can name them. */
enum { ROOT, LOG, WITNESS, BOX, ANNA, BEN, CHO, NEW, KEYS };
static struct secret *secret[KEYS];
static struct pubkey pub[KEYS];
static char hex[KEYS][65], box[2][80];

static int
make_keys(void **state)
{
	struct err err;
	struct arena a;

	(void)state;
	if (key_start(&err) != 0)
		return -1;
	arena_init(&a, 65536);
	for (size_t i = 0; i < KEYS; i++) {
		uint8_t seed[32] = {(uint8_t)(i + 1)};

		secret[i] = key_secret(seed);
		pub[i] = key_pub(secret[i]);
		hex_write(pub[i].b, 32, hex[i]);
	}
	for (size_t i = 0; i < 2; i++) {
		struct box b = age_box(secret[i == 0 ? BOX : NEW]);
		struct str s = age_box_text(&a, &b);

		(void)snprintf(box[i], sizeof(box[i]), "%.*s", STR_ARG(s));
	}
	arena_release(&a);
	return 0;
}

static int
end_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		key_secret_free(secret[i]);
	return 0;
}

/* "$n" in a body stands for key n in hex, "$x" for the box, "$y" another. */
static struct str
body_of(struct arena *a, const char *z)
{
	struct buf b;
	struct str s;
	struct err err;

	buf_init(&b, a);
	for (; *z != '\0'; z++) {
		if (*z != '$')
			buf_char(&b, *z);
		else if (*++z == 'x' || *z == 'y')
			buf_z(&b, box[*z - 'x']);
		else
			buf_z(&b, hex[*z - '0']);
	}
	assert_int_equal(buf_done(&b, &s, &err), 0);
	return s;
}

static struct mandate_signers
signers_of(const char *who)
{
	struct mandate_signers s = {0};

	for (; *who != '\0'; who++)
		s.key[s.n++] = pub[*who - '0'];
	return s;
}

static const struct act *
act_of(struct arena *a, const char *kind, const char *body, bool opens,
    const char *to)
{
	struct act act = {.kind = str_of(kind),
	    .party = STR("JPN"),
	    .opens = opens};
	const struct act *ret;
	const struct js *j;
	struct str s = body_of(a, body);
	struct err err;

	if (js_parse(span_of(s), a, &act.body, &err) != 0)
		fail_msg("%s: %s", body, err.text);
	assert_int_equal(js_parse(span_of(str_of(to)), a, &j, &err), 0);
	assert_int_equal(act_audience_parse(j, a, &act.to, &err), 0);
	assert_int_equal(act_write(&act, a, &s, &err), 0);
	if (act_parse(span_of(s), a, &ret, &err) != 0)
		fail_msg("%s", err.text);
	return ret;
}

#define KEYS_OF "\"root\":\"$0\",\"log\":\"$1\",\"witness\":\"$2\","
#define NAMES "\"names\":{\"en\":\"Japan\"},\"origin\":\"comity/jpn\","
#define OFFICERS                                                               \
	"\"officers\":[{\"officer\":\"anna\",\"key\":\"$4\","                  \
	"\"powers\":[\"*\"]},{\"officer\":\"ben\",\"key\":\"$5\","             \
	"\"powers\":[\"message/*\",\"party/grant\"]}]"
#define CHARTER "{" NAMES KEYS_OF "\"box\":\"$x\"," OFFICERS "}"
#define WITH(more) "{" NAMES KEYS_OF "\"box\":\"$x\"," OFFICERS "," more "}"

static const struct {
	const char *body, *err; /* NULL: it is a charter */
} charters[] = {
    {CHARTER, NULL},
    {WITH("\"demands\":[]"), NULL},
    {WITH("\"demands\":[{\"kind\":\"agreement/*\",\"signatures\":2}]"), NULL},
    {WITH("\"witnesses\":[]"), NULL},
    {WITH("\"addresses\":[\"https://comity.example\"]"), NULL},
    {"{" NAMES KEYS_OF "\"box\":\"$x\",\"officers\":[]}", NULL},
    {"{}", "lacks a field"},
    {WITH("\"more\":1"), "unknown"},
    {"{" NAMES KEYS_OF OFFICERS "}", "lacks a field"},
    {"{" NAMES KEYS_OF "\"box\":\"$x\"}", "lacks a field"},
    {"{\"names\":{},\"origin\":\"comity/jpn\"," KEYS_OF
     "\"box\":\"$x\"," OFFICERS "}",
	"'names'"},
    {"{\"names\":{\"en\":\"\"},\"origin\":\"comity/jpn\"," KEYS_OF
     "\"box\":\"$x\"," OFFICERS "}",
	"'names'"},
    {"{\"names\":[\"Japan\"],\"origin\":\"comity/jpn\"," KEYS_OF
     "\"box\":\"$x\"," OFFICERS "}",
	"'names'"},
    {"{\"names\":{\"en\":\"a\\nb\"},\"origin\":\"comity/jpn\"," KEYS_OF
     "\"box\":\"$x\"," OFFICERS "}",
	"'names'"},
    {"{\"names\":{\"en\":\"Japan\"},\"origin\":\"\"," KEYS_OF
     "\"box\":\"$x\"," OFFICERS "}",
	"'origin'"},
    {"{\"names\":{\"en\":\"Japan\"},\"origin\":\"a b\"," KEYS_OF
     "\"box\":\"$x\"," OFFICERS "}",
	"'origin'"},
    {"{\"names\":{\"en\":\"Japan\"},\"origin\":\"a+b\"," KEYS_OF
     "\"box\":\"$x\"," OFFICERS "}",
	"'origin'"},
    {"{" NAMES
     "\"root\":\"$0\",\"log\":\"$1\",\"witness\":\"\",\"box\":\"$x\"," OFFICERS
     "}",
	"Ed25519"},
    {"{" NAMES "\"root\":\"$0\",\"log\":\"$1\",\"witness\":\"$1\","
     "\"box\":\"$x\"," OFFICERS "}",
	"one key serves two"},
    {"{" NAMES "\"root\":\"$0\",\"log\":\"$0\",\"witness\":\"$2\","
     "\"box\":\"$x\"," OFFICERS "}",
	"one key serves two"},
    {"{" NAMES "\"root\":\"$0\",\"log\":\"$1\",\"witness\":\"$0\","
     "\"box\":\"$x\"," OFFICERS "}",
	"one key serves two"},
    /* of small order; not canonical */
    {"{" NAMES "\"root\":\"$0\",\"log\":\"0100000000000000000000000000000000000"
     "000000000000000000000000000\",\"witness\":\"$2\",\"box\":\"$x\"," OFFICERS
     "}",
	"Ed25519"},
    {"{" NAMES "\"root\":\"$0\",\"log\":\"fffffffffffffffffffffffffffffffffffff"
     "fffffffffffffffffffffffff7f\",\"witness\":\"$2\",\"box\":\"$x\"," OFFICERS
     "}",
	"Ed25519"},
    {"{" NAMES KEYS_OF "\"box\":\"age1\"," OFFICERS "}", "'box'"},
    {"{" NAMES KEYS_OF "\"box\":7," OFFICERS "}", "'box'"},
    {"{" NAMES KEYS_OF "\"box\":\"$x\",\"officers\":{}}", "officers"},
    {"{" NAMES KEYS_OF "\"box\":\"$x\",\"officers\":\"anna\"}", "officers"},
    {"{" NAMES KEYS_OF "\"box\":\"$x\",\"officers\":[{\"officer\":\"anna\","
     "\"key\":\"$4\",\"powers\":[]}]}",
	"officers"},
    {"{" NAMES KEYS_OF "\"box\":\"$x\",\"officers\":[{\"officer\":\"\","
     "\"key\":\"$4\",\"powers\":[\"*\"]}]}",
	"officers"},
    {"{" NAMES KEYS_OF "\"box\":\"$x\",\"officers\":[{\"officer\":\"anna\","
     "\"key\":\"$4\",\"powers\":[\"*\"],\"rank\":1}]}",
	"officers"},
    {"{" NAMES KEYS_OF "\"box\":\"$x\",\"officers\":[{\"officer\":\"anna\","
     "\"key\":\"\",\"powers\":[\"*\"]}]}",
	"officers"},
    {WITH("\"demands\":[{\"kind\":\"*\",\"signatures\":0}]"), "demands"},
    {WITH("\"demands\":[{\"kind\":\"*\",\"signatures\":17}]"), "demands"},
    {WITH("\"demands\":[{\"kind\":\"*\"}]"), "demands"},
    {WITH("\"demands\":{}"), "demands"},
    {WITH("\"witnesses\":[\"x\"]"), "witness 1"},
    {WITH("\"witnesses\":\"x\""), "witnesses"},
};

static void
test_charters(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(charters); i++) {
		struct mandate_signers root = signers_of("0");
		struct mandate *m = NULL;
		struct arena a;
		struct err err = {.code = ERR_NONE};
		int rc;

		arena_init(&a, 1 << 20);
		rc = mandate_new(act_of(&a, "party/charter", charters[i].body,
				     true, "\"public\""),
		    &root, &m, &err);
		if ((rc == 0) != (charters[i].err == NULL))
			fail_msg("%s: %s", charters[i].body,
			    rc == 0 ? "taken" : err.text);
		if (rc != 0 && (err.code != ERR_INPUT ||
				   strstr(err.text, charters[i].err) == NULL))
			fail_msg("%s: '%s'", charters[i].body, err.text);
		mandate_free(m);
		arena_release(&a);
	}
}

/* A file takes no more than it may: beyond, an act breaks a rule and changes
 * nothing. */
static void
test_full(void **state)
{
	struct mandate_signers root = signers_of("0");
	struct mandate *m = NULL;
	const struct act *act;
	const char *broken = "?";
	struct arena a;
	struct err err;
	uint64_t i = 1;

	(void)state;
	arena_init(&a, 1 << 24);
	assert_int_equal(mandate_new(act_of(&a, "party/charter", CHARTER, true,
					 "\"public\""),
			     &root, &m, &err),
	    0);
	act =
	    act_of(&a, "party/demand", "{\"demands\":[]}", false, "\"public\"");
	for (; i <= MANDATE_ACTS_MAX; i++)
		if (mandate_apply(m, act, i, &root, &broken, &err) != 0 ||
		    broken != NULL)
			fail_msg("%llu: %s", (unsigned long long)i, broken);
	assert_string_equal(mandate_try(m, act, i, &root), "file-full");
	assert_int_equal(mandate_apply(m, act, i, &root, &broken, &err), 0);
	assert_string_equal(broken, "file-full");
	mandate_free(m);
	arena_release(&a);
}

/* A charter is public, opens, is of this kind, and is the root's word. */
static void
test_charter_act(void **state)
{
	static const struct {
		const char *kind, *to, *by;
		bool opens;
	} row[] = {
	    {"party/charter", "\"public\"", "1", true},
	    {"party/charter", "\"public\"", "4", true},
	    {"party/charter", "\"public\"", "", true},
	    {"party/charter", "\"members\"", "0", true},
	    {"party/charter", "[\"USA\"]", "0", true},
	    {"party/grant", "\"public\"", "0", true},
	    {"party/charter", "\"public\"", "0", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		struct mandate_signers by = signers_of(row[i].by);
		struct mandate *m = NULL;
		struct arena a;
		struct err err;

		arena_init(&a, 1 << 20);
		assert_int_equal(mandate_new(act_of(&a, row[i].kind, CHARTER,
						 row[i].opens, row[i].to),
				     &by, &m, &err),
		    -1);
		assert_int_equal(err.code, ERR_INPUT);
		arena_release(&a);
	}
}

static struct mandate *
file(struct arena *a, const char *body)
{
	struct mandate_signers root = signers_of("0");
	struct mandate *m;
	struct err err;

	if (mandate_new(act_of(a, "party/charter", body, true, "\"public\""),
		&root, &m, &err) != 0)
		fail_msg("%s", err.text);
	return m;
}

static void
test_file(void **state)
{
	const struct mandate_officer *o;
	const struct mandate_keys *k;
	struct arena a;
	struct mandate *m;
	struct note_key key;

	(void)state;
	arena_init(&a, 1 << 20);
	m = file(&a, CHARTER);
	assert_true(str_is(mandate_party(m), "JPN"));
	assert_true(str_is(mandate_origin(m), "comity/jpn"));
	assert_true(str_is(mandate_witness_name(m), "comity/jpn/witness"));
	assert_true(key_eq(mandate_root(m), &pub[ROOT]));
	assert_int_equal(mandate_officers(m, &o), 2);
	assert_true(str_is(o[1].name, "ben") && key_eq(&o[1].key, &pub[BEN]));
	assert_int_equal(o[1].n, 2);
	assert_int_equal(mandate_keys(m, &k), 1);
	assert_true(key_eq(&k->log, &pub[LOG]));
	key = mandate_log_key(m, 1);
	assert_true(str_is(key.name, "comity/jpn") &&
		    key.type == NOTE_ED25519 && key_eq(&key.pub, &pub[LOG]));
	key = mandate_witness_key(m);
	assert_true(
	    key.type == NOTE_COSIGNATURE && key_eq(&key.pub, &pub[WITNESS]));
	mandate_free(m);
	mandate_free(NULL);
	arena_release(&a);
}

/*
 * A party's file after CHARTER, entry by entry, and who may then do what.  The
 * rule that an act of the file breaks; NULL: it takes effect.  In `ask`, kind
 * NULL ends.  Signers are key numbers.
 */
struct step {
	uint64_t at;
	const char *kind, *by, *body, *broken;
};
struct ask {
	uint64_t at;
	const char *kind, *by, *broken;
};
#define GRANT(name, key, power)                                                \
	"{\"officer\":\"" name "\",\"key\":\"" key "\",\"powers\":[\"" power   \
	"\"]}"
static const struct {
	const char *what;
	struct step step[6];
	struct ask ask[16];
} files[] = {
    {"as chartered", {{0, NULL, NULL, NULL, NULL}},
	{
	    {1, "incident/report", "4", NULL},
	    {1, "message/send", "5", NULL},
	    {1, "message/send", "45", NULL},
	    {1, "incident/report", "5", "no-mandate"},
	    {1, "incident/report", "6", "no-mandate"},
	    {1, "incident/report", "", "no-mandate"},
	    {1, "messages/send", "5", "no-mandate"},
	    {0, "message/send", "4", "no-mandate"}, /* M1: entry 0 is before */
	    {1, "message/send", "0", "no-mandate"}, /* the root signs papers */
	    {1, "party/grant", "0", NULL},
	    {1, "party/grant", "5", NULL},
	    {1, "party/revoke", "5", "no-mandate"},
	    {1, "party/keys", "4", "no-mandate"}, /* M3: the root alone */
	    {1, "party/keys", "0", NULL},
	}},
    {"an officer is revoked at 7: judged at 7, and at 8",
	{{7, "party/revoke", "4", "{\"officer\":\"ben\"}", NULL}},
	{
	    {6, "message/send", "5", NULL}, {7, "message/send", "5", NULL},
	    {8, "message/send", "5", "no-mandate"},
	    {1000000, "message/send", "5", "no-mandate"},
	    {8, "message/send", "4", NULL},
	    {8, "message/send", "45", NULL}, /* one good signature is there */
	}},
    {"one is granted at 7: from 8 on",
	{{7, "party/grant", "5", GRANT("cho", "$6", "incident/*"), NULL}},
	{
	    {7, "incident/report", "6", "no-mandate"},
	    {8, "incident/report", "6", NULL},
	    {8, "message/send", "6", "no-mandate"},
	    {8, "incident/report", "5", "no-mandate"},
	}},
    {"a grant takes the place of the one before",
	{{7, "party/grant", "4", GRANT("ben", "$6", "text/*"), NULL}},
	{
	    {7, "message/send", "5", NULL},
	    {8, "message/send", "5", "no-mandate"},
	    {8, "text/propose", "5", "no-mandate"},
	    {8, "text/propose", "6", NULL},
	    {7, "text/propose", "6", "no-mandate"},
	}},
    {"revoked and granted again",
	{{3, "party/revoke", "0", "{\"officer\":\"ben\",\"reason\":\"leave\"}",
	     NULL},
	    {5, "party/grant", "0", GRANT("ben", "$5", "*"), NULL}},
	{
	    {3, "message/send", "5", NULL},
	    {4, "message/send", "5", "no-mandate"},
	    {5, "message/send", "5", "no-mandate"},
	    {6, "message/send", "5", NULL},
	    {6, "incident/report", "5", NULL},
	}},
    {"what breaks a rule changes nothing (M2)",
	{{2, "party/revoke", "5", "{\"officer\":\"anna\"}", "no-mandate"},
	    {3, "party/revoke", "4", "{\"officer\":\"nobody\"}",
		"nothing-to-undo"},
	    {4, "party/revoke", "4", "{}", "bad-form"},
	    {5, "party/grant", "6", GRANT("cho", "$6", "*"), "no-mandate"},
	    {6, "party/grant", "4",
		"{\"officer\":\"ben\",\"key\":\"$6\",\"powers\":[]}",
		"bad-form"},
	    {7, "party/wish", "4", "{}", "unknown-act"}},
	{
	    {9, "incident/report", "4", NULL},
	    {9, "message/send", "5", NULL},
	    {9, "message/send", "6", "no-mandate"},
	}},
    {"an officer revokes itself, once",
	{{2, "party/revoke", "4", "{\"officer\":\"anna\"}", NULL},
	    {3, "party/revoke", "4", "{\"officer\":\"ben\"}", "no-mandate"},
	    {4, "party/revoke", "0", "{\"officer\":\"anna\"}",
		"nothing-to-undo"}},
	{
	    {2, "incident/report", "4", NULL},
	    {3, "incident/report", "4", "no-mandate"},
	    {5, "message/send", "5", NULL},
	}},
    {"two signatures are demanded",
	{{4, "party/demand", "4",
	    "{\"demands\":[{\"kind\":\"message/*\",\"signatures\":2},"
	    "{\"kind\":\"*\",\"signatures\":1}]}",
	    NULL}},
	{
	    {4, "message/send", "4", NULL},
	    {5, "message/send", "4", "too-few-signatures"},
	    {5, "message/send", "5", "too-few-signatures"},
	    {5, "message/send", "45", NULL},
	    {5, "message/send", "46", "too-few-signatures"},
	    {5, "message/send", "6", "no-mandate"},
	    {5, "incident/report", "4", NULL},
	    {5, "party/grant", "0", NULL},
	}},
    {"demands are replaced whole",
	{{2, "party/demand", "4",
	     "{\"demands\":[{\"kind\":\"*\",\"signatures\":2}]}", NULL},
	    {3, "party/demand", "4", "{\"demands\":[]}", "too-few-signatures"},
	    {4, "party/demand", "0", "{\"demands\":[]}", NULL}},
	{
	    {3, "message/send", "4", "too-few-signatures"},
	    {4, "message/send", "4", "too-few-signatures"},
	    {5, "message/send", "4", NULL},
	}},
    {"three are demanded of two",
	{{2, "party/demand", "4",
	     "{\"demands\":[{\"kind\":\"text/*\",\"signatures\":3}]}", NULL},
	    {3, "party/grant", "4", GRANT("cho", "$6", "text/*"), NULL},
	    {4, "party/grant", "4", GRANT("ben", "$5", "text/*"), NULL}},
	{
	    {5, "text/adopt", "456", NULL},
	    {4, "text/adopt", "456", "too-few-signatures"},
	    {5, "text/adopt", "45", "too-few-signatures"},
	}},
    {"keys that may not be",
	{{1, "party/keys", "0", "{}", "bad-form"},
	    {2, "party/keys", "0", "{\"log\":\"$0\"}", "bad-form"},
	    {3, "party/keys", "0", "{\"log\":\"$2\"}", "bad-form"},
	    {4, "party/keys", "0", "{\"root\":\"$7\"}", "bad-form"},
	    {5, "party/keys", "4", "{\"log\":\"$7\"}", "no-mandate"},
	    {6, "party/keys", "0", "{\"log\":\"\"}", "bad-form"}},
	{{7, "message/send", "4", NULL}}},
};

static void
take(struct mandate *m, struct arena *a, const struct step *s, const char *what)
{
	struct mandate_signers by = signers_of(s->by);
	const char *broken = "unset";
	struct err err;

	if (mandate_apply(m, act_of(a, s->kind, s->body, false, "\"public\""),
		s->at, &by, &broken, &err) != 0)
		fail_msg("%s: %s", what, err.text);
	if (broken != s->broken && (broken == NULL || s->broken == NULL ||
				       strcmp(broken, s->broken) != 0))
		fail_msg("%s: entry %d: %s", what, (int)s->at,
		    broken == NULL ? "took effect" : broken);
}

static void
test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct arena a;
		struct mandate *m;

		arena_init(&a, 1 << 22);
		m = file(&a, CHARTER);
		for (size_t k = 0;
		     k < COUNT(files[i].step) && files[i].step[k].kind != NULL;
		     k++)
			take(m, &a, &files[i].step[k], files[i].what);
		for (size_t k = 0;
		     k < COUNT(files[i].ask) && files[i].ask[k].kind != NULL;
		     k++) {
			const struct ask *q = &files[i].ask[k];
			struct mandate_signers by = signers_of(q->by);
			const char *broken =
			    mandate_broken(m, str_of(q->kind), q->at, &by);

			if ((broken == NULL) != (q->broken == NULL) ||
			    (broken != NULL && strcmp(broken, q->broken) != 0))
				fail_msg("%s: %s by %s at %d: %s",
				    files[i].what, q->kind, q->by, (int)q->at,
				    broken == NULL ? "allowed" : broken);
		}
		mandate_free(m);
		arena_release(&a);
	}
}

/* Keys change by the root alone; old heads verify with old keys. */
static void
test_keys(void **state)
{
	static const struct step change = {10, "party/keys", "0",
	    "{\"log\":\"$7\",\"box\":\"$y\"}", NULL};
	const struct mandate_keys *k;
	struct arena a;
	struct mandate *m;
	struct note_key key;

	(void)state;
	arena_init(&a, 1 << 20);
	m = file(&a, CHARTER);
	take(m, &a, &change, "keys");
	assert_int_equal(mandate_keys(m, &k), 2);
	assert_true(key_eq(&k[0].log, &pub[LOG]) && k[0].from == 0);
	assert_true(key_eq(&k[1].log, &pub[NEW]) && k[1].from == 10);
	assert_true(key_eq(&k[1].witness, &pub[WITNESS]));
	assert_memory_not_equal(k[0].box.b, k[1].box.b, 32);
	for (uint64_t size = 1; size < 20; size++) {
		key = mandate_log_key(m, size);
		/* A head of 11 entries has entry 10 in it. */
		if (!key_eq(&key.pub, size > 10 ? &pub[NEW] : &pub[LOG]))
			fail_msg("the key at size %d", (int)size);
	}
	assert_true(key_eq(&mandate_keys_at(m, UINT64_MAX)->log, &pub[NEW]));
	assert_true(key_eq(mandate_root(m), &pub[ROOT])); /* M3 */
	mandate_free(m);
	arena_release(&a);
}

/* Whoever verifies must be able to read it: a file's acts are public. */
static void
test_audience(void **state)
{
	struct mandate_signers by = signers_of("4");
	const char *broken = NULL;
	struct arena a;
	struct mandate *m;
	struct err err;

	(void)state;
	arena_init(&a, 1 << 20);
	m = file(&a, CHARTER);
	assert_int_equal(mandate_apply(m,
			     act_of(&a, "party/revoke", "{\"officer\":\"ben\"}",
				 false, "[\"USA\"]"),
			     3, &by, &broken, &err),
	    0);
	assert_string_equal(broken, "narrow-audience");
	by = signers_of("5");
	assert_null(mandate_broken(m, STR("message/send"), 9, &by));
	mandate_free(m);
	arena_release(&a);
}

/* ---- envelopes ---- */

static void
add_signature(struct dsse *d, size_t key, struct arena *a)
{
	struct err err;

	assert_int_equal(dsse_sign(d->type, d->payload, secret[key], a,
			     &d->signature[d->n++], &err),
	    0);
}

static void
test_envelopes(void **state)
{
	static const char payload[] =
	    "{\"comity\":1,\"kind\":\"a/b\",\"party\":\"JPN\",\"to\":"
	    "\"public\",\"at\":\"2026-03-02T09:00:00Z\",\"body\":{},\"salt\":"
	    "\"00112233445566778899aabbccddeeff\"}";
	struct dsse d = {.type = DSSE_ACT_TYPE,
	    .payload = span_of(str_of(payload))};
	struct mandate_signers s;
	const struct act *act;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(mandate_open_act(&d, &a, &act, &s, &err), -1);
	assert_non_null(strstr(err.text, "none of its 0 signatures"));
	add_signature(&d, ANNA, &a);
	assert_int_equal(mandate_open_act(&d, &a, &act, &s, &err), 0);
	assert_true(s.n == 1 && key_eq(&s.key[0], &pub[ANNA]));
	/* A key that signs twice counts once; a bad line does no harm. */
	add_signature(&d, ANNA, &a);
	add_signature(&d, BEN, &a);
	add_signature(&d, CHO, &a);
	d.signature[3].sig.b[0] ^= 1;
	d.signature[d.n] = d.signature[0];
	d.signature[d.n++].keyid = STR("");
	d.signature[d.n] = d.signature[0];
	d.signature[d.n++].keyid = str_of(hex[NEW]); /* another's name */
	assert_int_equal(mandate_open_act(&d, &a, &act, &s, &err), 0);
	assert_int_equal(s.n, 2);
	assert_true(key_eq(&s.key[1], &pub[BEN]));
	/* The signed bytes are the payload and its type. */
	d.payload.n--;
	assert_int_equal(mandate_open_act(&d, &a, &act, &s, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	d.payload.n++;
	d.type = STR("application/json");
	assert_int_equal(mandate_open_act(&d, &a, &act, &s, &err), -1);
	assert_non_null(strstr(err.text, "is not an act"));
	/* Signed, and no act: refused. */
	d = (struct dsse){.type = DSSE_ACT_TYPE, .payload = span_of(STR("{}"))};
	add_signature(&d, ANNA, &a);
	assert_int_equal(mandate_open_act(&d, &a, &act, &s, &err), -1);
	assert_non_null(strstr(err.text, "act: lacks"));
	arena_release(&a);
}

static void
test_memory(void **state)
{
	struct mandate_signers s;
	struct dsse d = {.type = DSSE_ACT_TYPE};
	const struct act *act;
	struct arena keep;
	struct err err;
	struct str payload;
	long n = 1;

	(void)state;
	arena_init(&keep, 1 << 20);
	assert_int_equal(act_write(act_of(&keep, "party/charter", CHARTER, true,
				       "\"public\""),
			     &keep, &payload, &err),
	    0);
	d.payload = span_of(payload);
	add_signature(&d, ROOT, &keep);
	for (bool done = false; !done; n++) {
		struct arena a;

		arena_init(&a, 1 << 20);
		a.fail_at = n;
		done = mandate_open_act(&d, &a, &act, &s, &err) == 0;
		if (!done)
			assert_int_equal(err.code, ERR_NOMEM);
		arena_release(&a);
	}
	assert_true(n > 2);
	arena_release(&keep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_charters),
	    cmocka_unit_test(test_charter_act),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_audience),
	    cmocka_unit_test(test_envelopes),
	    cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, make_keys, end_keys);
}
