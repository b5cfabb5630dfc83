/*
 * archive_write DIR: real nodes live through some acts, and write the bundles
 * that archive.sh has read by other code: all.tar, public.tar, matter.tar.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"
#include "world.h"

enum { JPN, USA, CHN, PARTIES };
static const char *const code[PARTIES] = {"JPN", "USA", "CHN"};

static const char hello[] =
    "{\"precedence\":\"priority\",\"subject\":\"Vessel\",\"message\":"
    "[{\"lang\":\"en\",\"text\":\"Please confirm.\",\"authentic\":true}]}";
static const char confirmed[] =
    "{\"message\":[{\"lang\":\"en\",\"text\":\"Confirmed.\"}]}";

static void
save(struct world *w, const char *dir, const char *name, const char *query)
{
	struct web_request r = {.reader = WEB_OPERATOR,
	    .method = STR("GET"),
	    .path = STR("/bundle"),
	    .query = str_of(query)};
	struct web_answer ans;
	FILE *f = fopen(str_fmt(&w->arena, "%s/%s", dir, name).p, "wb");

	web_ask(w->at[JPN].node, &r, &w->arena, &ans);
	assert_int_equal(ans.status, 200);
	assert_non_null(f);
	assert_int_equal(fwrite(ans.body.p, 1, ans.body.n, f), ans.body.n);
	assert_int_equal(fclose(f), 0);
}

static int64_t
waiting(struct world *w, size_t i)
{
	const struct js *lines =
	    js_get(world_ask(w, i, "GET", "/board", "", "", 200), "lines");
	int64_t all = 0;

	for (size_t k = 0; k < js_len(lines); k++)
		all += js_int(js_get(js_at(lines, k), "waiting"));
	return all;
}

/* Every peer is to have cosigned what stands in the logs. */
static void
await_heads(struct world *w)
{
	for (size_t i = 0; i < PARTIES; i++)
		for (int tries = 0; tries < 500 && waiting(w, i) > 0; tries++)
			clock_sleep_us(20000);
}

int
main(int argc, char **argv)
{
	struct world w;
	struct id m, open;

	if (argc != 2)
		return 2;
	world_open(&w, code, PARTIES);
	for (size_t i = 0; i < PARTIES; i++)
		world_start(&w, i);
	world_introduce_all(&w);
	m = world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello, NULL);
	world_await(&w, CHN, &m, "sent");
	(void)world_post(&w, CHN, "message/acknowledge", world_hex(&w, &m),
	    NULL, "{}", NULL);
	world_await(&w, JPN, &m, "acknowledged");
	(void)world_post(&w, CHN, "message/reply", world_hex(&w, &m), NULL,
	    confirmed, NULL);
	world_await(&w, JPN, &m, "answered");
	open = world_post(&w, USA, "message/send", NULL, "\"public\"", hello,
	    NULL);
	world_await(&w, JPN, &open, "sent");
	await_heads(&w);
	save(&w, argv[1], "all.tar", "all=1");
	save(&w, argv[1], "public.tar", "public=1");
	save(&w, argv[1], "matter.tar",
	    str_fmt(&w.arena, "matter=%s", world_hex(&w, &m)).p);
	world_close(&w);
	return 0;
}
