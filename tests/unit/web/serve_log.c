/*
 * Serves a party's log of some entries until its input ends, for checkers that
 * nobody here wrote.  Prints the log's address and its vkey.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "forge.h"

static const char *const codes[] = {"JPN", "USA"};
enum { JPN, USA };

static struct world world;
static struct forge usa;

int
main(int argc, char **argv)
{
	int64_t entries;
	struct node_taken t;
	struct note_key key;
	struct err err;
	char c;

	if (argc != 2 ||
	    num_parse(str_of(argv[1]), 1, FORGE_MAX - 1, &entries, &err) != 0)
		return 2;
	world_open(&world, codes, 2);
	forge_open(&usa, &world, USA);
	world_start(&world, JPN);
	if (node_peer_add(world.at[JPN].node, span_of(world.at[USA].charter),
		STR(""), &err) != 0)
		return 1;
	while (usa.n < (size_t)entries) /* above 0 */
		(void)forge_message(&usa, "[\"JPN\"]", NULL);
	if (forge_give(&world, JPN, forge_bundle(&usa, 1, usa.n), &t, &err) !=
	    ERR_NONE)
		return 1;
	key = mandate_log_key(usa.mandate, usa.n);
	(void)printf("%s/logs/USA %.*s\n", world.at[JPN].address,
	    STR_ARG(note_key_text(&world.arena, &key)));
	(void)fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	forge_close(&usa);
	world_close(&world);
	return 0;
}
