/*
 * bench_serve FOLDER: the node of a folder, served until SIGTERM, with nothing
 * around it: the library as `comity serve` has it.
 */
#include <signal.h>
#include <stdio.h>

#include "base/diag.h"
#include "kit.h"
#include "node/http.h"
#include "node/node.h"
#include "node/settings.h"
#include "web/web.h"

int
main(int argc, char **argv)
{
	struct node_options o = {.serve = true};
	struct web_options w;
	struct web_server *server;
	struct settings settings;
	struct node *n;
	struct arena a;
	struct err err;
	sigset_t set;
	int got;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: bench_serve FOLDER\n");
		return 2;
	}
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	arena_init(&a, 1024 * 1024);
	kit_must(key_start(&err), &err);
	kit_must(http_start(&err), &err);
	o.folder = argv[1];
	kit_must(settings_load(o.folder, &a, &settings, &err), &err);
	w = (struct web_options){.host = settings.host.p,
	    .port = (int)settings.port, /* to 65535 */
	    .socket = str_fmt(&a, "%s/run/socket", o.folder).p,
	    .threads = (unsigned)settings.threads}; /* to 64 */
	kit_must(node_open(&o, &n, &err), &err);
	kit_must(web_serve(n, &w, &server, &err), &err);
	while (sigwait(&set, &got) != 0)
		;
	web_stop(server);
	node_close(n);
	arena_release(&a);
	return 0;
}
