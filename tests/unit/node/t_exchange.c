/* Acts travel between real nodes, and come back with proof. [D4.4] [D6] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/when.h"
#include "world.h"

static const char *const four[] = {"JPN", "USA", "CHN", "KOR"};
enum { JPN, USA, CHN, KOR };

static const char hello[] =
    "{\"precedence\":\"priority\",\"subject\":\"Vessel\",\"message\":"
    "[{\"lang\":\"en\",\"text\":\"Please confirm.\",\"authentic\":true}]}";

static void
test_message(void **state)
{
	struct world w;
	struct id m;

	(void)state;
	world_open(&w, four, 4);
	for (size_t i = 0; i < 4; i++)
		world_start(&w, i);
	world_introduce_all(&w);
	m = world_post(&w, JPN, "message/send", NULL, "[\"CHN\"]", hello, NULL);
	world_await(&w, CHN, &m, "sent");
	(void)world_post(&w, CHN, "message/acknowledge", world_hex(&w, &m),
	    NULL, "{}", NULL);
	world_await(&w, JPN, &m, "acknowledged");
	(void)world_post(&w, CHN, "message/reply", world_hex(&w, &m), NULL,
	    "{\"message\":[{\"lang\":\"en\",\"text\":\"Confirmed.\"}]}", NULL);
	world_await(&w, JPN, &m, "answered");
	/* Who is not of the audience holds the entry and cannot read it. */
	(void)world_ask(&w, USA, "GET",
	    str_fmt(&w.arena, "/matters/%s", world_hex(&w, &m)).p, "", "", 404);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
