#include <unistd.h>

#include "base/diag.h"
#include "cli/command.h"
#include "node/keydir.h"
#include "node/node.h"
#include "node/settings.h"
#include "web/web.h"

static int
say_ready(struct cli *c, const struct settings *s,
    const struct web_server *server, struct err *err)
{
	bool v6 = str_find(s->host, ':', 0) < s->host.n;
	struct say say;

	say_begin(&say, c->a);
	say_fmt(&say,
	    c->json ? "{\"listen\":\"%s://%s%s%s:%d\"}\n"
		    : "comity listens at %s://%s%s%s:%d\n",
	    s->certificate.n > 0 ? "https" : "http", v6 ? "[" : "", s->host.p,
	    v6 ? "]" : "", web_port(server));
	return say_end(&say, err);
}

static int
options(struct cli *c, const struct settings *s, struct web_options *ret,
    struct err *err)
{
	struct web_options o = {.host = s->host.p,
	    .port = (int)s->port,            /* to 65535 */
	    .threads = (unsigned)s->threads, /* to 64 */
	    .plain = s->plain,
	    .page_s = s->page_s,
	    .public_s = s->public_s,
	    .act_s = s->act_s,
	    .attempt_min = s->attempt_min,
	    .connections = s->connections};

	o.socket = str_fmt(c->a, "%s/run/socket", c->folder).p;
	if (s->certificate.n > 0) {
		o.certificate =
		    settings_path(c->folder, s->certificate, c->a).p;
		o.key = settings_path(c->folder, s->key, c->a).p;
	}
	if (o.socket == NULL ||
	    (s->certificate.n > 0 && (o.certificate == NULL || o.key == NULL)))
		return err_nomem(err, "a path");
	*ret = o;
	return 0;
}

static int
serve(struct cli *c, struct node *n, const struct settings *s, struct err *err)
{
	struct web_options o;
	struct web_server *server;
	int rc;

	if (options(c, s, &o, err) != 0 || web_serve(n, &o, &server, err) != 0)
		return -1;
	rc = say_ready(c, s, server, err);
	if (rc == 0)
		c->signals->await();
	diag_info("stopping");
	web_stop(server);
	return rc;
}

int
cmd_serve(struct cli *c, struct err *err)
{
	struct node_options o = {.folder = c->folder, .serve = true};
	struct settings s;
	struct node *n;
	const char *key = str_fmt(c->a, "%s/keys/log.key", c->folder).p;
	bool locked = false;
	int rc;

	if (key == NULL)
		return err_nomem(err, "a path");
	if (access(str_fmt(c->a, "%s/record.db", c->folder).p, F_OK) != 0)
		return err_set(err, ERR_ABSENT,
		    "%s is no folder of a node: 'comity init DIR' makes one, "
		    "'-C DIR' names one",
		    c->folder);
	if (settings_load(c->folder, c->a, &s, err) != 0 ||
	    keydir_is_locked(key, &locked, err) != 0)
		return -1;
	if (locked && prompt_passphrase(c, false, &o.passphrase, err) != 0)
		return -1;
	c->signals->hold();
	if (node_open(&o, &n, err) != 0)
		return -1;
	prompt_forget(&c->passphrase);
	rc = serve(c, n, &s, err);
	node_close(n);
	return rc;
}
