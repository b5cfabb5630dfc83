/*
 * pair: what tests of pages begin with: two nodes that know each other, the web
 * side of the first, for people too, and how it is asked.
 */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/view.h"
#include "world.h"

static const char *const codes[] = {"JPN", "USA"};
enum { JPN, USA };

struct fix {
	struct world w;
	struct web *web; /* of JPN, for people too */
	struct arena a;  /* of its answers */
};

static int
set_up(void **state)
{
	static struct fix f;
	struct err err;

	f = (struct fix){.web = NULL};
	arena_init(&f.a, 256 * 1024 * 1024);
	world_open(&f.w, codes, 2);
	world_start(&f.w, JPN);
	world_start(&f.w, USA);
	world_introduce_all(&f.w);
	*state = &f;
	return web_open(f.w.at[JPN].node, NULL, &f.web, &err);
}

static int
tear_down(void **state)
{
	struct fix *f = *state;

	arena_release(&f->a);
	web_close(f->web);
	world_close(&f->w);
	return 0;
}

static struct web_answer
answer(struct fix *f, enum web_reader reader, struct str path,
    const char *query, const char *accept)
{
	struct web_request r = {.reader = reader,
	    .method = STR("GET"),
	    .path = path,
	    .query = str_of(query),
	    .accept = str_of(accept)};
	struct web_answer ans;

	web_answer(f->web, &r, &f->a, &ans);
	return ans;
}

static const struct js *
get(struct fix *f, enum web_reader reader, struct str path, const char *query,
    int want)
{
	struct web_answer ans =
	    answer(f, reader, path, query, "application/json");
	const struct js *j;
	struct err err;

	if (ans.status != want)
		fail_msg("%.*s: %d, not %d: %.*s", STR_ARG(path), ans.status,
		    want, (int)ans.body.n, (const char *)ans.body.p);
	assert_int_equal(js_parse(ans.body, &f->a, &j, &err), 0);
	return j;
}

static struct str
at(struct fix *f, const char *folder, const struct id *id)
{
	return str_fmt(&f->w.arena, "/%s/%s", folder, world_hex(&f->w, id));
}

#endif
