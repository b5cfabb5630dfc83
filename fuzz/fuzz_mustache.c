/*
 * Any text as a template, with itself as a partial and a parent: it is refused
 * with a sentence, or rendered twice to the same UTF-8, in which no "<" of the
 * data stands.
 */
#include <assert.h>
#include <string.h>

#include "base/js.h"
#include "web/mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Each text of the data has a control character before its "<", by which it is
 * known in the output. */
static const char data_text[] =
    "{\"a\":\"\\u0002<b>\",\"n\":-7,\"r\":0.5,\"t\":true,\"f\":false,"
    "\"z\":null,\"e\":\"\",\"l\":[1,\"\\u0002<\",[2,3],{\"a\":4,\"l\":[]}],"
    "\"m\":{\"a\":{\"b\":{\"c\":\"\\u0002<c>\"}},\"en\":\"\\u0002<m>\"},"
    "\"self\":\"self\",\"other\":\"other\"}";
static const char other_text[] = "  {{$a}}\n   x\n  {{/a}}\n{{$b}}y{{/b}}"
				 "{{#l}}{{$c}}{{.}}{{/c}}{{/l}}\n {{>self}}\n";

struct world {
	const struct mustache *self, *other;
};

static const struct mustache *
partial(void *ctx, struct str name)
{
	struct world *w = ctx;

	return str_is(name, "self")    ? w->self
	       : str_is(name, "other") ? w->other
	                               : NULL;
}

static bool
format(void *ctx, const struct js *value, struct str name, struct arena *a,
    struct str *ret)
{
	(void)ctx;
	(void)a;
	assert(js_type(value) != JS_NONE && js_type(value) != JS_NULL);
	assert(js_type(value) != JS_MAP && name.n > 0);
	*ret = STR("\2<f>");
	return name.n > 1;
}

static bool
text(void *ctx, const struct js *map, struct str *ret)
{
	(void)ctx;
	assert(js_type(map) == JS_MAP);
	*ret = js_str(js_get(map, "en"));
	return ret->n > 0;
}

static void
check_lists(const struct mustache *t, struct arena *a)
{
	const struct str *p;
	struct err err;
	size_t n;

	assert(mustache_partials(t, a, &p, &n, &err) == 0);
	for (size_t i = 0; i < n; i++)
		assert(p[i].n > 0 && (i == 0 || str_cmp(p[i - 1], p[i]) < 0));
	assert(mustache_names(t, a, &p, &n, &err) == 0);
	for (size_t i = 0; i < n; i++)
		assert(p[i].n > 0 && (i == 0 || str_cmp(p[i - 1], p[i]) < 0));
}

static void
check(struct str template, const struct mustache *t, struct arena *a)
{
	struct world world = {.self = t};
	struct mustache_world w = {.ctx = &world,
	    .partial = partial,
	    .format = format,
	    .text = text};
	const struct js *context[2] = {NULL, NULL};
	struct str one, two;
	struct err err = {.code = ERR_NONE};

	assert(mustache_compile(STR("other"), str_of(other_text), NULL, a,
		   &world.other, &err) == 0);
	assert(js_parse(span_of(str_of(data_text)), a, &context[0], &err) == 0);
	context[1] = js_get(context[0], "m");
	if (mustache_render(t, &w, context, 2, a, &one, &err) != 0) {
		assert(err.code == ERR_INPUT || err.code == ERR_NOMEM);
		assert(err.text[0] != '\0');
		return;
	}
	assert(text_is_utf8(span_of(one)));
	if (mustache_render(t, &w, context, 2, a, &two, &err) == 0)
		assert(str_eq(one, two));
	else
		assert(err.code == ERR_NOMEM);
	for (size_t i = 0;
	     str_find(template, '\2', 0) == template.n && i + 1 < one.n; i++)
		assert(one.p[i] != '\2' || one.p[i + 1] == '&');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str template = {(const char *)data, n};
	const struct mustache *t;
	struct arena a;
	struct err err = {.code = ERR_NONE};

	arena_init(&a, 4 << 20);
	if (mustache_compile(STR("self"), template, NULL, &a, &t, &err) != 0) {
		assert(err.code == ERR_INPUT || err.code == ERR_NOMEM);
		assert(text_is_utf8(span_of(str_of(err.text))));
	} else {
		check_lists(t, &a);
		check(template, t, &a);
	}
	arena_release(&a);
	return 0;
}
