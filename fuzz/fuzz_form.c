/* Any JSON as a body, against a form that has a field of every type. */
#include <stdlib.h>

#include "base/num.h"
#include "rules/form.h"

enum { LIMIT = 64 * 1024 * 1024 };

#define T "\"title\":{\"en\":\"x\",\"ja\":\"x\",\"zh\":\"x\",\"ko\":\"x\"}"
#define CODES ",\"codes\":[{\"code\":\"a\"," T "},{\"code\":\"b\"," T "}]"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	const char *name, *more;
} type[] = {
    {"text", ""},
    {"longtext", ""},
    {"choice", CODES},
    {"choices", CODES},
    {"integer", ",\"min\":-1,\"max\":9,\"many\":true"},
    {"decimal", ""},
    {"range", ""},
    {"boolean", ""},
    {"time", ",\"precision\":\"year\""},
    {"period", ""},
    {"duration", ""},
    {"place", ""},
    {"area", ""},
    {"party", ""},
    {"parties", ""},
    {"officer", ""},
    {"matter", ""},
    {"act", ""},
    {"digest", ""},
    {"file", ""},
    {"texts", ""},
    {"group", ",\"many\":true,\"of\":[\"text\",\"time?\"]"},
};

/* A procedure whose one form has a field of every type. */
static int
make(struct arena *a, const struct procedure **ret, struct err *err)
{
	struct buf b;
	struct str s;

	buf_init(&b, a);
	buf_z(&b,
	    "{\"procedure\":\"x\",\"version\":1," T
	    ",\"about\":{\"en\":\"x\",\"ja\":\"x\",\"zh\":\"x\","
	    "\"ko\":\"x\"},\"roles\":{},\"states\":{\"e\":{" T
	    ",\"final\":true}},\"moves\":[{\"on\":\"fill\",\"to\":\"e\"}],"
	    "\"fields\":{");
	for (size_t i = 0; i < COUNT(type); i++)
		buf_fmt(&b, "%s\"%s\":{%s,\"type\":\"%s\"%s}", i > 0 ? "," : "",
		    type[i].name, T, type[i].name, type[i].more);
	buf_z(&b, "},\"acts\":{\"fill\":{" T
		  ",\"by\":\"opener\",\"opens\":true,\"form\":[");
	for (size_t i = 0; i < COUNT(type); i++)
		buf_fmt(&b, "%s\"%s?\"", i > 0 ? "," : "", type[i].name);
	buf_z(&b, "]}}}");
	if (buf_done(&b, &s, err) != 0)
		return -1;
	return procedure_load(span_of(s), STR("x"), a, ret, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct procedure *p;
	const struct js *body;
	struct arena a;
	struct err err = {0};
	struct str at;
	bool bad;

	arena_init(&a, LIMIT);
	if (make(&a, &p, &err) != 0)
		abort(); /* the form above is our own */
	if (js_parse((struct span){data, size}, &a, &body, &err) == 0 &&
	    form_check(p, STR("fill"), body, &a, &bad, &at, &err) != 0)
		abort(); /* 64 MiB are enough for any body */
	arena_release(&a);
	return 0;
}
