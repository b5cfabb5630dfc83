/* --set by a form with a field of each type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/fill.h"

static const char fields[] =
    "{\"line\":{\"type\":\"text\",\"title\":{\"en\":\"Line\"}},"
    "\"long\":{\"type\":\"longtext\"},"
    "\"one\":{\"type\":\"choice\",\"codes\":[{\"code\":\"a\"},{\"code\":\"b\"}"
    "]},"
    "\"some\":{\"type\":\"choices\",\"codes\":[{\"code\":\"a\"},{\"code\":\"b\""
    "}]},"
    "\"int\":{\"type\":\"integer\",\"min\":0,\"max\":9},"
    "\"dec\":{\"type\":\"decimal\",\"unit\":\"m\"},"
    "\"range\":{\"type\":\"range\"},\"bool\":{\"type\":\"boolean\"},"
    "\"time\":{\"type\":\"time\"},\"period\":{\"type\":\"period\"},"
    "\"dur\":{\"type\":\"duration\"},\"place\":{\"type\":\"place\"},"
    "\"area\":{\"type\":\"area\"},\"party\":{\"type\":\"party\"},"
    "\"parties\":{\"type\":\"parties\"},\"matter\":{\"type\":\"matter\"},"
    "\"acts\":{\"type\":\"act\",\"many\":true},"
    "\"texts\":{\"type\":\"texts\"},\"file\":{\"type\":\"file\"},"
    "\"lines\":{\"type\":\"text\",\"many\":true},"
    "\"new\":{\"type\":\"hologram\"},"
    "\"group\":{\"type\":\"group\",\"of\":[\"line\",\"int?\"]},"
    "\"groups\":{\"type\":\"group\",\"many\":true,\"of\":[\"line\",\"group??\"]"
    "}}";

static const struct {
	const char *set[4];
	const char *body; /* NULL: refused */
	const char *says;
} cases[] = {
    {{"line=a=b"}, "{\"line\":\"a=b\"}", NULL},
    {{"line="}, "{\"line\":\"\"}", NULL},
    {{"line={x"}, "{\"line\":\"{x\"}", NULL},
    {{"line"}, NULL, "not of the form field=value"},
    {{"=x"}, NULL, "not of the form field=value"},
    {{"line=a", "line=b"}, NULL, "takes one value"},
    {{"lien=a"}, NULL, "did you mean 'line'"},
    {{"zzzzz=a"}, NULL, "the form has: line, long"},
    {{"long=text"}, "{\"long\":\"text\"}", NULL},
    {{"long=@/no/such"}, NULL, "/no/such"},
    {{"one=b"}, "{\"one\":\"b\"}", NULL},
    {{"one=c"}, NULL, "'c' is not one of: a, b"},
    {{"some=a,b"}, "{\"some\":[\"a\",\"b\"]}", NULL},
    {{"some=a,c"}, NULL, "'c' is not some of: a, b"},
    {{"int=7"}, "{\"int\":7}", NULL},
    {{"int=7.5"}, NULL, "int"},
    {{"int=9007199254740992"}, NULL, "int"},
    {{"dec=7.5"}, "{\"dec\":7.5}", NULL},
    {{"dec=x"}, NULL, "'x' is no number"},
    {{"dec=true"}, NULL, "is no number"},
    {{"range=1,3"}, "{\"range\":{\"low\":1,\"high\":3}}", NULL},
    {{"range=1,3,2"}, "{\"range\":{\"low\":1,\"high\":3,\"best\":2}}", NULL},
    {{"range=1"}, NULL, "'1' is not low,high"},
    {{"range=1,2,3,4"}, NULL, "is not low,high"},
    {{"range=1,2,"}, NULL, "no number"},
    {{"bool=yes"}, "{\"bool\":true}", NULL},
    {{"bool=false"}, "{\"bool\":false}", NULL},
    {{"bool=maybe"}, NULL, "neither yes nor no"},
    {{"time=2026-03-02T09:00Z"}, "{\"time\":\"2026-03-02T09:00Z\"}", NULL},
    {{"time=+PT1H"}, "{\"time\":\"1970-01-01T02:00:00Z\"}", NULL},
    {{"time=now"}, "{\"time\":\"1970-01-01T01:00:00Z\"}", NULL},
    {{"time=+1H"}, NULL, "no duration"},
    {{"time=tomorrow"}, NULL, "no time like"},
    {{"period=2026-01/2026-02"},
	"{\"period\":{\"start\":\"2026-01\",\"end\":\"2026-02\"}}", NULL},
    {{"period=2026-01"}, NULL, "no start/end"},
    {{"dur=P1DT2H"}, "{\"dur\":\"P1DT2H\"}", NULL},
    {{"dur=2h"}, NULL, "no duration"},
    {{"place=35.5,139.25"}, "{\"place\":{\"lat\":35.5,\"lon\":139.25}}", NULL},
    {{"place=35,139,500"},
	"{\"place\":{\"lat\":35,\"lon\":139,\"radius\":500}}", NULL},
    {{"place={\"lat\":1,\"lon\":2}"}, "{\"place\":{\"lat\":1,\"lon\":2}}",
	NULL},
    {{"place={\"lat\":1"}, NULL, "place: "},
    {{"place=35"}, NULL, "latitude"},
    {{"area=35,139,500"},
	"{\"area\":{\"circle\":{\"lat\":35,\"lon\":139,\"radius\":500}}}",
	NULL},
    {{"party=JPN"}, "{\"party\":\"JPN\"}", NULL},
    {{"parties=JPN,CHN"}, "{\"parties\":[\"JPN\",\"CHN\"]}", NULL},
    {{"matter=JPN-1"}, "{\"matter\":\"m:JPN-1\"}", NULL},
    {{"acts=JPN-1", "acts=JPN-2"}, "{\"acts\":[\"a:JPN-1\",\"a:JPN-2\"]}",
	NULL},
    {{"acts=JPN-404"}, NULL, "acts: no such"},
    {{"texts=en:a: b", "texts=ja*:b"},
	"{\"texts\":[{\"lang\":\"en\",\"text\":\"a: b\"},{\"lang\":\"ja\","
	"\"text\":\"b\",\"authentic\":true}]}",
	NULL},
    {{"texts=just text without a language"}, NULL, "en:Text"},
    {{"lines=a", "lines=b"}, "{\"lines\":[\"a\",\"b\"]}", NULL},
    {{"new=\"x\""}, NULL, "give it as JSON"},
    {{"new={\"x\":1}"}, "{\"new\":{\"x\":1}}", NULL},
    {{"group.line=a", "group.int=1"}, "{\"group\":{\"line\":\"a\",\"int\":1}}",
	NULL},
    {{"group=a"}, NULL, "this is a group"},
    {{"group={\"line\":\"a\"}"}, "{\"group\":{\"line\":\"a\"}}", NULL},
    {{"groups.line=a"}, "{\"groups\":[{\"line\":\"a\"}]}", NULL},
    {{"groups.1.line=a", "groups.2.line=b", "groups.2.group.int=3"},
	"{\"groups\":[{\"line\":\"a\"},{\"line\":\"b\",\"group\":{\"int\":3}}]"
	"}",
	NULL},
    {{"groups.2.line=a"}, NULL, "no field 'groups.2.line'"},
    {{"group.lien=a"}, NULL, "no field 'group.lien'"},
};

static int
find(void *ctx, struct str ref, bool matter, struct str *ret_hex,
    struct err *err)
{
	if (str_is(ref, "JPN-404"))
		return err_set(err, ERR_ABSENT, "no such act");
	*ret_hex = str_fmt(ctx, "%c:%.*s", matter ? 'm' : 'a', STR_ARG(ref));
	return 0;
}

/* A form with all the fields. */
static void
open_form(struct fill *f, struct arena *a)
{
	struct js_make m = {.a = a};
	struct js *form = js_list(&m);
	struct err err;

	*f = (struct fill){.form = form,
	    .now_us = INT64_C(3600) * 1000000,
	    .find = find,
	    .ctx = a,
	    .a = a};
	assert_int_equal(js_parse(span_of(str_of(fields)), a, &f->fields, &err),
	    0);
	for (struct js_each e = {0}; js_next(f->fields, &e);) {
		struct js *j = js_put_map(&m, form, NULL);

		js_put_str(&m, j, "name", e.key);
		js_put_bool(&m, j, "optional", true);
	}
}

static int
fill(const char *const *set, size_t n, struct arena *a, struct str *ret,
    struct err *err)
{
	struct js_make m = {.a = a};
	struct fill f;
	struct js *body;

	open_form(&f, a);
	for (size_t i = 0; i < n && set[i] != NULL; i++)
		if (fill_add(&f, str_of(set[i]), err) != 0)
			return -1;
	if (fill_body(&f, &m, &body, err) != 0)
		return -1;
	return js_text(&m, body, JS_COMPACT, ret, err);
}

static void
typed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena a;
		struct str out;
		struct err err = {0};
		int rc;

		arena_init(&a, 1 << 20);
		rc = fill(cases[i].set, 4, &a, &out, &err);
		if (rc != (cases[i].body == NULL ? -1 : 0))
			fail_msg("%s: %d %s", cases[i].set[0], rc, err.text);
		if (rc == 0 && !str_is(out, cases[i].body))
			fail_msg("%s: %.*s", cases[i].set[0], (int)out.n,
			    out.p);
		if (rc != 0 && strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].set[0], err.text);
		arena_release(&a);
	}
}

static void
files(void **state)
{
	char path[] = "t_fill-XXXXXX";
	int fd = mkstemp(path);
	const char *set[3] = {NULL};
	struct arena a;
	struct str out, want;
	struct err err;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "abc\n", 4), 4);
	assert_int_equal(close(fd), 0);
	arena_init(&a, 1 << 20);
	set[0] = str_fmt(&a, "long=@%s", path).p;
	set[1] = str_fmt(&a, "file=%s", path).p;
	assert_int_equal(fill(set, 2, &a, &out, &err), 0);
	/* sha256sum of "abc" and a line feed */
	want = str_fmt(&a,
	    "{\"long\":\"abc\",\"file\":{\"sha256\":"
	    "\"edeaaff3f1774ad2888673770c"
	    "6d64097e391bc362d7d6fb34982ddf0efd18cb\",\"name\":\"%s\","
	    "\"type\":\"application/octet-stream\",\"size\":4}}",
	    path);
	(void)unlink(path);
	if (!str_eq(out, want))
		fail_msg("%.*s", (int)out.n, out.p);
	arena_release(&a);
}

static void
memory(void **state)
{
	static const char *const set[] = {"groups.1.line=a", "range=1,2",
	    "texts=en:x", "acts=JPN-1"};

	(void)state;
	for (long at = 1; at < 2000; at++) {
		struct arena a;
		struct str out;
		struct err err = {0};
		struct js_make m = {.a = &a};
		struct fill f;
		struct js *body;
		int rc = 0;

		arena_init(&a, 1 << 20);
		open_form(&f, &a);
		a.fail_at = at;
		for (size_t i = 0; i < COUNT(set) && rc == 0; i++)
			rc = fill_add(&f, str_of(set[i]), &err);
		if (rc == 0)
			rc = fill_body(&f, &m, &body, &err);
		if (rc == 0)
			rc = js_text(&m, body, JS_COMPACT, &out, &err);
		arena_release(&a);
		if (rc == 0)
			return;
	}
	fail_msg("never enough memory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(typed),
	    cmocka_unit_test(files),
	    cmocka_unit_test(memory),
	};

	return cmocka_run_group_tests_name("fill", tests, NULL, NULL);
}
