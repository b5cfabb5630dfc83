/* Acts: what is one, field by field. [D4.1] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/num.h"
#include "record/act.h"
#include "record/hash.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SALT "\"00112233445566778899aabbccddeeff\""
#define HEAD "{\"comity\":1,\"kind\":\"message/send\",\"party\":\"JPN\","
#define TAIL "\"salt\":" SALT "}"
#define TO "\"to\":[\"USA\"],"
#define AT "\"at\":\"2026-03-02T09:00:00Z\","
#define BODY "\"body\":{},"
#define IN "\"matter\":\"" ID "\","

/* err: part of its sentence; NULL: it is an act */
static const struct {
	const char *json, *err;
} acts[] = {
    {HEAD TO AT BODY TAIL, NULL},
    {HEAD IN TO AT BODY TAIL, NULL},
    {"{" BODY AT TO "\"party\":\"JPN\",\"kind\":\"a/b\",\"salt\":" SALT
     ",\"comity\":1}",
	NULL}, /* any order */
    {" " HEAD TO AT BODY TAIL "\n", NULL},
    {HEAD "\"procedure\":\"" ID "\",\"conference\":\"" ID "\"," TO AT BODY TAIL,
	NULL},
    {HEAD IN TO AT BODY "\"after\":[\"" ID "\",\"" ID "\"],\"answers\":\"" ID
			"\",\"amends\":\"" ID "\"," TAIL,
	NULL},
    /* no object, no JSON */
    {"", "JSON"},
    {"[]", "no JSON object"},
    {"1", "no JSON object"},
    {"null", "no JSON object"},
    {HEAD TO AT BODY TAIL "x", "JSON"},
    {HEAD TO AT BODY TAIL "{}", "JSON"},
    {"\xef\xbb\xbf" HEAD TO AT BODY TAIL, "JSON"},
    {HEAD TO AT "\"body\":{\"a\":\"\xff\"}," TAIL, "JSON"},
    {HEAD TO AT "\"body\":{\"a\":\"\\ud800\"}," TAIL, "JSON"},
    /* unknown, doubled, missing */
    {HEAD TO AT BODY "\"extra\":1," TAIL, "unknown field 'extra'"},
    {HEAD TO AT BODY "\"Kind\":\"a/b\"," TAIL, "unknown field 'Kind'"},
    {HEAD TO AT BODY "\"\":1," TAIL, "unknown field ''"},
    {HEAD TO AT BODY "\"kind\":\"message/send\"," TAIL, ""},
    {HEAD TO AT "\"body\":{\"a\":1,\"a\":1}," TAIL, ""},
    {"{}", "lacks 'comity'"},
    {"{\"comity\":1,\"party\":\"JPN\"," TO AT BODY TAIL, "lacks 'kind'"},
    {"{\"comity\":1,\"kind\":\"a/b\"," TO AT BODY TAIL, "lacks 'party'"},
    {HEAD AT BODY TAIL, "lacks 'to'"},
    {HEAD TO BODY TAIL, "lacks 'at'"},
    {HEAD TO AT TAIL, "lacks 'body'"},
    {HEAD TO AT "\"body\":{}}", "lacks 'salt'"},
    /* the format */
    {"{\"comity\":2,\"kind\":\"a/b\",\"party\":\"JPN\"," TO AT BODY TAIL,
	"'comity' must be 1"},
    {"{\"comity\":\"1\",\"kind\":\"a/b\",\"party\":\"JPN\"," TO AT BODY TAIL,
	"'comity' must be 1"},
    {"{\"comity\":1.0,\"kind\":\"a/b\",\"party\":\"JPN\"," TO AT BODY TAIL,
	"'comity' must be 1"},
    {"{\"comity\":true,\"kind\":\"a/b\",\"party\":\"JPN\"," TO AT BODY TAIL,
	"'comity' must be 1"},
    /* to */
    {HEAD "\"to\":\"public\"," AT BODY TAIL, NULL},
    {HEAD "\"to\":\"members\"," AT BODY TAIL, NULL},
    {HEAD "\"to\":\"all\"," AT BODY TAIL, "'to' must be"},
    {HEAD "\"to\":\"JPN\"," AT BODY TAIL, "'to' must be"},
    {HEAD "\"to\":[]," AT BODY TAIL, "'to' must be"},
    {HEAD "\"to\":{}," AT BODY TAIL, "'to' must be"},
    {HEAD "\"to\":{\"a\":\"USA\"}," AT BODY TAIL, "'to' must be"},
    {HEAD "\"to\":null," AT BODY TAIL, "'to' must be"},
    {HEAD "\"to\":[1]," AT BODY TAIL, "'to' must be"},
    {HEAD "\"to\":[\"usa\"]," AT BODY TAIL, "'to' must be"},
    {HEAD "\"to\":[\"USA\",\"USA\"]," AT BODY TAIL, "different parties"},
    {HEAD "\"to\":[\"USA\",\"CHN\",\"USA\"]," AT BODY TAIL,
	"different parties"},
    {HEAD "\"to\":[\"USA\",\"CHN\"]," AT BODY TAIL, NULL},
    /* at */
    {HEAD TO "\"at\":\"2026-03-02T09:00:00.5Z\"," BODY TAIL, NULL},
    {HEAD TO "\"at\":\"2026-03-02T09:00Z\"," BODY TAIL, "'at' must be"},
    {HEAD TO "\"at\":\"2026-03-02\"," BODY TAIL, "'at' must be"},
    {HEAD TO "\"at\":\"2026-03-02T09:00:00\"," BODY TAIL, "'at' must be"},
    {HEAD TO "\"at\":\"2026-03-02T09:00:00+09:00\"," BODY TAIL, "'at' must be"},
    {HEAD TO "\"at\":\"2026-02-30T09:00:00Z\"," BODY TAIL, "'at' must be"},
    {HEAD TO "\"at\":\"\"," BODY TAIL, "'at' must be"},
    {HEAD TO "\"at\":1772442000," BODY TAIL, "'at' must be"},
    /* matter and what only opening or only later acts have */
    {HEAD "\"matter\":\"\"," TO AT BODY TAIL, "'matter' must be"},
    {HEAD "\"matter\":null," TO AT BODY TAIL, "'matter' must be"},
    {HEAD "\"matter\":\"" ID "0\"," TO AT BODY TAIL, "'matter' must be"},
    {HEAD "\"matter\":\"0123456789ABCDEF0123456789abcdef0123456789abcdef"
	  "0123456789abcdef\"," TO AT BODY TAIL,
	"'matter' must be"},
    {HEAD "\"procedure\":1," TO AT BODY TAIL, "'procedure' must be"},
    {HEAD "\"conference\":[]," TO AT BODY TAIL, "'conference' must be"},
    {HEAD IN TO AT BODY "\"procedure\":\"" ID "\"," TAIL, "only an opening"},
    {HEAD IN TO AT BODY "\"conference\":\"" ID "\"," TAIL, "only an opening"},
    {HEAD TO AT BODY "\"after\":[\"" ID "\"]," TAIL, "an opening act follows"},
    {HEAD TO AT BODY "\"answers\":\"" ID "\"," TAIL, "an opening act follows"},
    {HEAD TO AT BODY "\"amends\":\"" ID "\"," TAIL, "an opening act follows"},
    {HEAD IN TO AT BODY "\"after\":[]," TAIL, "'after' must be"},
    {HEAD IN TO AT BODY "\"after\":\"" ID "\"," TAIL, "'after' must be"},
    {HEAD IN TO AT BODY "\"after\":[\"x\"]," TAIL, "'after' must be"},
    {HEAD IN TO AT BODY "\"after\":{\"a\":\"" ID "\"}," TAIL,
	"'after' must be"},
    {HEAD IN TO AT BODY "\"answers\":\"JPN-57\"," TAIL, "'answers' must be"},
    {HEAD IN TO AT BODY "\"amends\":false," TAIL, "'amends' must be"},
    /* body */
    {HEAD TO AT "\"body\":[]," TAIL, "'body' must be"},
    {HEAD TO AT "\"body\":null," TAIL, "'body' must be"},
    {HEAD TO AT "\"body\":\"\"," TAIL, "'body' must be"},
    {HEAD TO AT "\"body\":{\"n\":9007199254740991}," TAIL, NULL},
    {HEAD TO AT "\"body\":{\"n\":-9007199254740991}," TAIL, NULL},
    {HEAD TO AT "\"body\":{\"n\":9007199254740992}," TAIL, "2^53-1"},
    {HEAD TO AT "\"body\":{\"n\":-9007199254740992}," TAIL, "2^53-1"},
    {HEAD TO AT "\"body\":{\"a\":[{\"b\":[0,9007199254740992]}]}," TAIL,
	"2^53-1"},
    {HEAD TO AT "\"body\":{\"n\":9223372036854775807}," TAIL, "2^53-1"},
    {HEAD TO AT "\"body\":{\"n\":99999999999999999999}," TAIL, ""},
    {HEAD TO AT "\"body\":{\"n\":1e999}," TAIL, ""},
    /* salt */
    {HEAD TO AT BODY "\"salt\":\"\"}", "'salt' must be"},
    {HEAD TO AT BODY "\"salt\":\"00112233445566778899aabbccddee\"}",
	"'salt' must be"},
    {HEAD TO AT BODY "\"salt\":\"00112233445566778899aabbccddeeff00\"}",
	"'salt' must be"},
    {HEAD TO AT BODY "\"salt\":\"00112233445566778899AABBCCDDEEFF\"}",
	"'salt' must be"},
    {HEAD TO AT BODY "\"salt\":0}", "'salt' must be"},
};

static int
parse(struct str s, struct arena *a, const struct act **ret, struct err *err)
{
	*err = (struct err){.code = ERR_NONE};
	return act_parse(span_of(s), a, ret, err);
}

static void
test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(acts); i++) {
		const struct act *act;
		struct arena a;
		struct err err;
		int rc;

		arena_init(&a, 1 << 20);
		rc = parse(str_of(acts[i].json), &a, &act, &err);
		if ((rc == 0) != (acts[i].err == NULL))
			fail_msg("%s: %s", acts[i].json,
			    rc == 0 ? "taken" : err.text);
		if (rc != 0 && (err.code != ERR_INPUT ||
				   strstr(err.text, acts[i].err) == NULL))
			fail_msg("%s: '%s'", acts[i].json, err.text);
		arena_release(&a);
	}
}

static const struct {
	const char *name;
	bool is;
} kinds[] = {
    {"message/send", true},
    {"a/b", true},
    {"a_1/b_2", true},
    {"9/9", true},
    {"party/charter", true},
    {"", false},
    {"message", false},
    {"/send", false},
    {"message/", false},
    {"a/b/c", false},
    {"a//b", false},
    {"Message/send", false},
    {"a-b/c", false},
    {"a b/c", false},
    {"\xc3\xa9/b", false},
    {"*/*", false},
    {"a/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
     "bbbbbbbbbbbbbbbbbbbbbbbbbbb", /* 100 bytes */
	true},
    {"a/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
     "bbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	false},
};

static void
test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct act *act;
		struct arena a;
		struct err err;
		struct str s;
		bool is;

		arena_init(&a, 1 << 20);
		s = str_fmt(&a,
		    "{\"comity\":1,\"party\":\"JPN\"," TO AT BODY
		    "\"kind\":\"%s\"," TAIL,
		    kinds[i].name);
		is = parse(s, &a, &act, &err) == 0;
		if (is != kinds[i].is)
			fail_msg("kind '%s'", kinds[i].name);
		if (is) {
			size_t slash = str_find(act->kind, '/', 0);

			assert_int_equal(act->procedure.n, slash);
			assert_int_equal(act->name.n, act->kind.n - slash - 1);
			assert_true(str_starts(act->kind, act->procedure));
			assert_true(str_ends(act->kind, act->name));
		}
		arena_release(&a);
	}
}

static const struct {
	const char *name;
	bool is;
} parties[] = {
    {"JPN", true},
    {"AB", true},
    {"A1", true},
    {"A-", true},
    {"UN-HQ-2", true},
    {"ABCDEFGHIJKLMNOP", true},
    {"", false},
    {"A", false},
    {"ABCDEFGHIJKLMNOPQ", false},
    {"1AB", false},
    {"-AB", false},
    {"JPn", false},
    {"J PN", false},
    {"J/N", false},
    {"JPN\n", false},
    {"J_N", false},
};

static void
test_parties(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(parties); i++)
		if (act_is_party(str_of(parties[i].name)) != parties[i].is)
			fail_msg("party '%s'", parties[i].name);
	assert_false(act_is_party((struct str){"J\0N", 3}));
}

/* What was parsed, field by field. */
static void
test_values(void **state)
{
	static const char json[] = HEAD IN
	    "\"to\":[\"USA\",\"CHN\"],\"at\":\"2026-03-02T09:00:00.25Z\","
	    "\"after\":[\"" ID "\"],\"answers\":\"" ID "\","
	    "\"body\":{\"subject\":\"x\"}," TAIL;
	const struct act *act;
	struct arena a;
	struct err err;
	struct id id = hash_of(span_of(str_of(json)));

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(parse(str_of(json), &a, &act, &err), 0);
	assert_true(id_eq(&act->id, &id));
	assert_false(act->opens || act->has_procedure || act->has_conference);
	assert_true(act->has_answers && !act->has_amends);
	assert_int_equal(act->answers.b[1], 0x23);
	assert_int_equal(act->matter.b[31], 0xef);
	assert_int_equal(act->n_after, 1);
	assert_int_equal(act->to.n, 2);
	assert_true(act_audience_has(&act->to, STR("CHN")));
	assert_false(act_audience_has(&act->to, STR("KOR")));
	assert_false(act_audience_has(&act->to, STR("JPN")));
	assert_int_equal(act->at_us, INT64_C(1772442000250000));
	assert_true(js_is_str(js_get(act->body, "subject"), "x"));
	assert_int_equal(act->salt[15], 0xff);
	/* An opening act's matter is itself. */
	assert_int_equal(parse(STR(HEAD TO AT BODY TAIL), &a, &act, &err), 0);
	assert_true(act->opens && id_eq(&act->matter, &act->id));
	arena_release(&a);
}

/* Writing what was parsed gives an act that says the same. */
static void
test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(acts); i++) {
		const struct act *one, *two;
		struct arena a;
		struct err err;
		struct str s, again;

		arena_init(&a, 1 << 20);
		if (parse(str_of(acts[i].json), &a, &one, &err) != 0) {
			arena_release(&a);
			continue;
		}
		assert_int_equal(act_write(one, &a, &s, &err), 0);
		if (parse(s, &a, &two, &err) != 0)
			fail_msg("%.*s: %s", STR_ARG(s), err.text);
		assert_true(str_eq(one->kind, two->kind));
		assert_true(str_eq(one->party, two->party));
		assert_int_equal(one->opens, two->opens);
		assert_true(one->opens || id_eq(&one->matter, &two->matter));
		assert_int_equal(one->at_us, two->at_us);
		assert_int_equal(one->to.type, two->to.type);
		assert_int_equal(one->to.n, two->to.n);
		assert_int_equal(one->n_after, two->n_after);
		assert_int_equal(one->has_amends, two->has_amends);
		assert_int_equal(one->has_procedure, two->has_procedure);
		assert_true(js_is_equal(one->body, two->body));
		assert_memory_equal(one->salt, two->salt, 16);
		/* The second writing is the first, byte for byte. */
		assert_int_equal(act_write(two, &a, &again, &err), 0);
		assert_true(str_eq(s, again));
		arena_release(&a);
	}
}

static struct str
filled(struct arena *a, const char *head, const char *one, size_t n,
    const char *tail)
{
	struct buf b;
	struct str s;
	struct err err;

	buf_init(&b, a);
	buf_z(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_z(&b, one);
	buf_z(&b, tail);
	assert_int_equal(buf_done(&b, &s, &err), 0);
	return s;
}

static void
test_size(void **state)
{
	static const char head[] = HEAD TO AT "\"body\":{\"t\":\"";
	static const char tail[] = "\"}," TAIL;
	size_t rest = ACT_MAX - (sizeof(head) - 1) - (sizeof(tail) - 1);
	const struct act *act;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 1 << 25);
	assert_int_equal(
	    parse(filled(&a, head, "x", rest, tail), &a, &act, &err), 0);
	assert_int_equal(
	    parse(filled(&a, head, "x", rest + 1, tail), &a, &act, &err), -1);
	assert_non_null(strstr(err.text, "262145 bytes, the limit is 262144"));
	arena_release(&a);
}

/* n levels below the body. */
static int
nested(size_t n, const char *open, const char *close)
{
	const struct act *act;
	struct arena a;
	struct err err;
	struct buf b;
	struct str s;
	int rc;

	arena_init(&a, 1 << 22);
	buf_init(&b, &a);
	buf_z(&b, HEAD TO AT "\"body\":{\"a\":");
	for (size_t i = 0; i < n; i++)
		buf_z(&b, open);
	buf_z(&b, "1");
	for (size_t i = 0; i < n; i++)
		buf_z(&b, close);
	buf_z(&b, "}," TAIL);
	assert_int_equal(buf_done(&b, &s, &err), 0);
	rc = parse(s, &a, &act, &err);
	assert_true(rc == 0 || err.code == ERR_INPUT);
	arena_release(&a);
	return rc;
}

static void
test_nesting(void **state)
{
	(void)state;
	assert_int_equal(nested(31, "[", "]"), 0);
	assert_int_equal(nested(32, "[", "]"), -1);
	assert_int_equal(nested(31, "{\"a\":", "}"), 0);
	assert_int_equal(nested(32, "{\"a\":", "}"), -1);
	assert_int_equal(nested(20000, "[", "]"), -1);
	assert_int_equal(nested(20000, "{\"a\":", "}"), -1);
}

static void
test_lists(void **state)
{
	static const char after[] = HEAD IN TO AT BODY "\"after\":[\"" ID "\"";
	struct arena a;
	const struct act *act;
	struct err err;
	struct buf b;
	struct str s;

	(void)state;
	arena_init(&a, 1 << 25);
	assert_int_equal(parse(filled(&a, after, ",\"" ID "\"", 999, "]," TAIL),
			     &a, &act, &err),
	    0);
	assert_int_equal(act->n_after, ACT_AFTER_MAX);
	assert_int_equal(
	    parse(filled(&a, after, ",\"" ID "\"", 1000, "]," TAIL), &a, &act,
		&err),
	    -1);
	for (int n = ACT_PARTIES_MAX; n <= ACT_PARTIES_MAX + 1; n++) {
		buf_init(&b, &a);
		buf_z(&b, HEAD AT BODY "\"to\":[\"AA\"");
		for (int i = 1; i < n; i++)
			buf_fmt(&b, ",\"P%d\"", i);
		buf_z(&b, "]," TAIL);
		assert_int_equal(buf_done(&b, &s, &err), 0);
		assert_int_equal(parse(s, &a, &act, &err),
		    n == ACT_PARTIES_MAX ? 0 : -1);
	}
	arena_release(&a);
}

/* Memory fails at each place in turn: said so, and nothing else happens. */
static void
test_memory(void **state)
{
	static const char json[] = HEAD IN
	    "\"to\":[\"USA\",\"CHN\"]," AT "\"after\":[\"" ID "\"],"
	    "\"body\":{\"a\":[1,2.5,{\"b\":null}],\"c\":\"text\"}," TAIL;
	long n = 1;

	(void)state;
	for (bool done = false; !done; n++) {
		const struct act *act;
		struct arena a;
		struct err err;
		struct str s;

		arena_init(&a, 1 << 20);
		a.fail_at = n;
		done = parse(str_of(json), &a, &act, &err) == 0 &&
		       act_write(act, &a, &s, &err) == 0;
		if (!done)
			assert_int_equal(err.code, ERR_NOMEM);
		arena_release(&a);
	}
	assert_true(n > 3);
	for (size_t most = 0; most < 3000; most += 61) {
		const struct act *act;
		struct arena a;
		struct err err;

		arena_init(&a, most);
		if (parse(str_of(json), &a, &act, &err) != 0)
			assert_int_equal(err.code, ERR_NOMEM);
		arena_release(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_parties),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_nesting),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
