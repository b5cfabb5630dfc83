#include "rules/procedure.h"

#include <glob.h>

#include "record/hash.h"
#include "rules_test.h"

static void
test_catalogue(void **state)
{
	static const char *const folder[] = {"procedures",
	    "tests/vectors/laboratory"};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(folder); i++) {
		char at[4096];
		glob_t g;

		(void)snprintf(at, sizeof(at), "%s/%s/*.json", rules_root(),
		    folder[i]);
		assert_int_equal(glob(at, 0, NULL, &g), 0);
		for (size_t k = 0; k < g.gl_pathc; k++) {
			struct str path = str_of(g.gl_pathv[k]), stem;
			const struct procedure *p;
			struct err err = {0};
			struct arena a;
			struct span file;
			struct id id;

			if (str_ends(path, STR("/faults.json")))
				continue;
			stem = str_sub(path, str_of(at).n - 6, path.n - 5);
			arena_init(&a, TEST_LIMIT);
			assert_int_equal(lines_file(path.p, &a, &file, &err),
			    0);
			if (procedure_load(file, stem, &a, &p, &err) != 0)
				fail_msg("%s: %s", path.p, err.text);
			id = hash_of(file);
			assert_true(id_eq(procedure_id(p), &id));
			assert_true(str_eq(procedure_name(p), stem));
			assert_true(
			    procedure_title(p, NULL, STR(""), STR("ja")).n > 0);
			assert_int_equal(procedure_is_founding(p),
			    str_is(stem, "conference") ||
				str_is(stem, "kitchen"));
			n++;
			arena_release(&a);
		}
		globfree(&g);
	}
	assert_true(n >= 21);
}

static void
test_words(void **state)
{
	const struct procedure *p;
	struct arena a;

	(void)state;
	arena_init(&a, TEST_LIMIT);
	p = rules_procedure(&a, "message");
	assert_true(procedure_is_opening(p, STR("send")));
	assert_false(procedure_is_opening(p, STR("reply")));
	assert_false(procedure_is_opening(p, STR("nothing")));
	assert_true(procedure_is_final(p, STR("closed")));
	assert_false(procedure_is_final(p, STR("sent")));
	assert_false(procedure_is_final(p, STR("nothing")));
	assert_true(procedure_title(p, "acts", STR("send"), STR("en")).n > 0);
	assert_int_equal(procedure_title(p, "acts", STR("send"), STR("fr")).n,
	    0);
	assert_int_equal(procedure_title(p, "acts", STR("none"), STR("en")).n,
	    0);
	arena_release(&a);
}

/* A copy of a document with one thing put in or taken out. */
static struct js *
spoilt(struct js_make *m, struct js *in, const char *key, const struct js *from,
    const struct js *path, size_t at, const struct js *value)
{
	bool last = at + 1 == js_len(path);
	const struct js *step = js_at(path, at);
	struct js *out;

	if (js_type(from) == JS_LIST) {
		out = in == NULL ? js_list(m) : js_put_list(m, in, key);
		for (size_t i = 0; i < js_len(from); i++) {
			if ((size_t)js_int(step) != i)
				js_put(m, out, NULL, js_at(from, i));
			else if (!last)
				(void)spoilt(m, out, NULL, js_at(from, i), path,
				    at + 1, value);
			else if (value != NULL)
				js_put(m, out, NULL, value);
		}
		return out;
	}
	out = in == NULL ? js_map(m) : js_put_map(m, in, key);
	for (struct js_each e = {0}; js_next(from, &e);) {
		const char *k = str_z(m->a, e.key);

		if (!str_eq(e.key, js_str(step)))
			js_put(m, out, k, e.value);
		else if (!last)
			(void)spoilt(m, out, k, e.value, path, at + 1, value);
		else if (value != NULL)
			js_put(m, out, k, value);
	}
	if (last && value != NULL && js_get_at(from, js_str(step)) == NULL)
		js_put(m, out, str_z(m->a, js_str(step)), value);
	return out;
}

/* "acts.reply" as "/acts/reply"; "procedure" is the whole file. */
static struct str
pointer(struct arena *a, struct str at)
{
	struct buf b;

	if (str_is(at, "procedure"))
		return STR("/: ");
	if (str_starts(at, STR("procedure.")))
		at = str_sub(at, 10, at.n);
	buf_init(&b, a);
	buf_char(&b, '/');
	for (size_t i = 0; i < at.n; i++)
		buf_char(&b, at.p[i] == '.' ? '/' : at.p[i]);
	return (struct str){b.p, b.n};
}

static void
check_fault(struct arena *a, const struct js *f)
{
	struct js_make m = {.a = a};
	struct str stem = js_str(js_get(f, "in")), text, at, *fault = NULL;
	const struct procedure *p;
	struct err err = {0};
	char path[300];
	size_t n = 0, i = 0;
	const struct js *whole;

	(void)snprintf(path, sizeof(path), "procedures/%.*s.json",
	    STR_ARG(stem));
	whole = rules_json(a, rules_file(a, path));
	whole = spoilt(&m, NULL, NULL, whole, js_get(f, "path"), 0,
	    js_get(f, "value"));
	assert_int_equal(js_text(&m, whole, JS_COMPACT, &text, &err), 0);
	assert_int_equal(
	    procedure_faults(span_of(text), stem, a, &fault, &n, &err), 0);
	at = pointer(a, js_str(js_get(f, "at")));
	while (i < n && !str_starts(fault[i], at))
		i++;
	if (i == n)
		fail_msg("%.*s: nothing at %.*s; %.*s",
		    STR_ARG(js_str(js_get(f, "why"))), STR_ARG(at),
		    STR_ARG(n == 0 ? STR("no fault") : fault[0]));
	assert_int_equal(procedure_load(span_of(text), stem, a, &p, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
}

static void
test_faults(void **state)
{
	struct arena keep;
	const struct js *faults;

	(void)state;
	arena_init(&keep, TEST_LIMIT);
	faults = rules_json(&keep,
	    rules_file(&keep, "tests/vectors/laboratory/faults.json"));
	assert_true(js_len(faults) >= 68);
	for (size_t i = 0; i < js_len(faults); i++) {
		struct arena a;

		arena_init(&a, TEST_LIMIT);
		check_fault(&a, js_at(faults, i));
		arena_release(&a);
	}
	arena_release(&keep);
}

/* Whole files that no party would write. */
static const struct {
	const char *file, *text;
} hostile[] = {
    {"", "JSON"},
    {"[]", "/: must be an object"},
    {"null", "/: must be an object"},
    {"{}", "/: lacks 'about'"},
    {"{\"a\": 1, \"a\": 2}", "JSON"},
    {"{\"procedure\": []}", "/: lacks 'about'"},
};

static void
test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct span file = span_of(str_of(hostile[i].file));
		const struct procedure *p;
		struct err err = {0};
		struct arena a;
		struct str said;

		arena_init(&a, TEST_LIMIT);
		assert_int_equal(procedure_load(file, STR("x"), &a, &p, &err),
		    -1);
		assert_int_equal(err.code, ERR_INPUT);
		said = str_of(err.text);
		if (!str_starts(said, STR("procedure file: ")) ||
		    !str_starts(str_sub(said, 16, said.n),
			str_of(hostile[i].text)))
			fail_msg("'%s': %s", hostile[i].file, err.text);
		arena_release(&a);
	}
}

/* Limits: what stands `times` times between head and tail is refused. */
static void
check_limit(const char *head, const char *one, int times, const char *tail,
    const char *said)
{
	const struct procedure *p;
	struct err err = {0};
	struct arena a;
	struct buf b;
	struct str s;

	arena_init(&a, TEST_LIMIT);
	buf_init(&b, &a);
	buf_z(&b, head);
	for (int i = 0; i < times; i++)
		buf_fmt(&b, "%s", one);
	buf_z(&b, tail);
	assert_int_equal(buf_done(&b, &s, &err), 0);
	assert_int_equal(procedure_load(span_of(s), STR(""), &a, &p, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	s = str_of(err.text);
	while (s.n > 0 && !str_starts(s, str_of(said)))
		s = str_sub(s, 1, s.n);
	if (s.n == 0)
		fail_msg("wanted '%s': %s", said, err.text);
	arena_release(&a);
}

#define LANGS "{\"en\":\"x\",\"ja\":\"x\",\"zh\":\"x\",\"ko\":\"x\"}"
#define HEAD                                                                   \
	"{\"procedure\":\"x\",\"version\":1,\"title\":" LANGS                  \
	",\"about\":" LANGS                                                    \
	",\"roles\":{},\"states\":{\"s\":{\"title\":" LANGS                    \
	"},\"e\":{\"title\":" LANGS ",\"final\":true}},"                       \
	"\"acts\":{\"o\":{\"title\":" LANGS                                    \
	",\"by\":\"opener\",\"opens\":true},"                                  \
	"\"z\":{\"title\":" LANGS ",\"by\":\"opener\",\"if\":"
#define TAIL                                                                   \
	"}},\"moves\":[{\"on\":\"o\",\"to\":\"s\"},"                           \
	"{\"on\":\"z\",\"to\":\"e\"}]}"

static void
test_limits(void **state)
{
	(void)state;
	check_limit("\"", "x", PROCEDURE_MAX, "\"", "the limit is 262144");
	check_limit("", "[", 3000, "", "JSON");
	check_limit("{\"a\":", "{\"b\":", 63, "[[1]]" /* unclosed */, "JSON");
	check_limit(HEAD "{\"and\":[1", ",1", 1000, "]}" TAIL,
	    "a list of over 1000 entries");
	check_limit(HEAD
	    "{\"not\":{\"not\":{\"not\":{\"not\":{\"not\":{\"not\":"
	    "{\"not\":{\"not\":",
	    "{\"not\":", 9,
	    "{\"term\":\"t\",\"is\":[\"open\"]}}}}}}}}}}}}}}}}}}" TAIL,
	    "guards stand in guards over 16 deep");
	check_limit("{\"moves\": [{\"on\":\"x\"}", ",{\"on\":\"x\"}", 256, "]}",
	    "/: lacks 'about'");
	check_limit("{\"procedure\":\"x\",\"version\":1,\"title\":" LANGS
		    ",\"about\":" LANGS ",\"roles\":{},\"states\":{},"
		    "\"acts\":{},\"moves\":[{\"on\":\"x\"}",
	    ",{\"on\":\"x\"}", 256, "]}",
	    "/moves: 257 entries, the limit is 256");
}

/* Roles that double from step to step must not take exponential time. */
static void
test_doubling(void **state)
{
	const struct procedure *p;
	struct err err = {0};
	struct arena a;
	struct buf b;
	struct str s;

	(void)state;
	arena_init(&a, TEST_LIMIT);
	buf_init(&b, &a);
	buf_z(&b,
	    "{\"procedure\":\"x\",\"version\":1,\"title\":" LANGS
	    ",\"about\":" LANGS ",\"states\":{\"s\":{\"title\":" LANGS
	    "},\"e\":{\"title\":" LANGS ",\"final\":true}},"
	    "\"acts\":{\"o\":{\"title\":" LANGS
	    ",\"by\":\"r15\",\"opens\":true},\"z\":{\"title\":" LANGS
	    ",\"by\":\"r15\"}},\"moves\":[{\"on\":\"o\",\"to\":\"s\"},"
	    "{\"on\":\"z\",\"to\":\"e\"}],\"roles\":{\"r0\":{\"title\":" LANGS
	    ",\"is\":\"opener\"}");
	for (int i = 1; i < 16; i++)
		buf_fmt(&b,
		    ",\"r%d\":{\"title\":%s,\"is\":[\"r%d\",\"r%d\",\"r%d\","
		    "\"r%d\"]}",
		    i, LANGS, i - 1, i - 1, i - 1, i - 1);
	buf_z(&b, "}}");
	assert_int_equal(buf_done(&b, &s, &err), 0);
	assert_int_equal(procedure_load(span_of(s), STR("x"), &a, &p, &err),
	    -1);
	assert_int_equal(err.code, ERR_INPUT);
	arena_release(&a);
}

/* Each allocation fails once: no memory, or all is well; nothing leaks. */
static void
test_memory(void **state)
{
	struct arena keep;
	struct span file;
	int rc = -1;

	(void)state;
	arena_init(&keep, TEST_LIMIT);
	file = rules_file(&keep, "procedures/message.json");
	for (long n = 1; rc != 0; n++) {
		const struct procedure *p;
		struct err err = {0};
		struct arena a;

		arena_init(&a, TEST_LIMIT);
		a.fail_at = n;
		rc = procedure_load(file, STR("message"), &a, &p, &err);
		if (rc != 0)
			assert_int_equal(err.code, ERR_NOMEM);
		assert_true(n < 100000);
		arena_release(&a);
	}
	arena_release(&keep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_catalogue),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_doubling),
	    cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
