/* Bundles and proofs: out to files, in from files, checked without a node. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/ask.h"
#include "cli/command.h"
#include "node/keydir.h"
#include "node/verify.h"
#include "record/key.h"

enum { BUNDLE_MAX = 1024 * 1024 * 1024, QUIET_US = 1000 * 1000 };

static int
say_written(struct cli *c, const char *path, size_t n, struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *j = js_map(&m);

	if (!c->json) {
		(void)fprintf(stderr, "%s: %zu bytes\n", path, n);
		return 0;
	}
	js_put_z(&m, j, "file", path);
	js_put_int(&m, j, "bytes", (int64_t)n); /* an object's size */
	return command_say_json(c, j, err);
}

/* Write an answer to --output, else to its usual name; "-" and a pipe: standard
 * output. */
static int
write_out(struct cli *c, struct span bytes, const char *usual, struct err *err)
{
	struct str to = option_get(c, OPTION_OUTPUT);
	bool is_stdout =
	    to.p == NULL ? isatty(STDOUT_FILENO) == 0 : str_is(to, "-");
	const char *path = to.p == NULL ? usual : to.p;

	if (is_stdout) {
		if (fwrite(bytes.p, 1, bytes.n, stdout) != bytes.n ||
		    fflush(stdout) != 0)
			return err_set(err, ERR_IO, "standard output: %s",
			    strerror(errno));
		return 0;
	}
	if (keydir_save(path, span_str(bytes), false, err) != 0)
		return -1;
	return say_written(c, path, bytes.n, err);
}

static int
fetch(struct cli *c, struct str path, const char *usual, struct err *err)
{
	struct ask_answer ans;

	if (usual == NULL)
		return err_nomem(err, "a path");
	if (ask_send(c, "GET", path, STR(""), (struct span){NULL, 0}, &ans,
		err) != 0)
		return -1;
	return write_out(c, ans.body, usual, err);
}

int
cmd_proof(struct cli *c, struct err *err)
{
	struct buf b;
	struct str path;

	if (ask_ref(c->arg[0], err) != 0)
		return -1;
	buf_init(&b, c->a);
	buf_z(&b, "/proof/");
	buf_str(&b, c->arg[0]);
	if (c->n_args > 1)
		ask_param(&b, "claim", c->arg[1]);
	if (buf_done(&b, &path, err) != 0)
		return -1;
	return fetch(c, path,
	    str_fmt(c->a, "%.*s.proof.tar", STR_ARG(c->arg[0])).p, err);
}

int
cmd_export(struct cli *c, struct err *err)
{
	bool is_public = option_has(c, OPTION_PUBLIC);
	bool all = option_has(c, OPTION_ALL);
	bool matter = option_has(c, OPTION_MATTER);
	bool one = option_has(c, OPTION_FOR);
	struct buf b;
	struct str path;

	if (is_public + all + matter + one != 1)
		return err_set(err, ERR_INPUT,
		    "say what to export, one of: --matter CITE, --public, "
		    "--for CODE, --all");
	buf_init(&b, c->a);
	buf_z(&b, "/bundle");
	if (is_public)
		ask_param(&b, "public", STR("1"));
	if (all)
		ask_param(&b, "all", STR("1"));
	if (matter)
		ask_param(&b, "matter", option_get(c, OPTION_MATTER));
	if (one)
		ask_param(&b, "for", option_get(c, OPTION_FOR));
	if (buf_done(&b, &path, err) != 0)
		return -1;
	return fetch(c, path, "comity.tar", err);
}

int
cmd_import(struct cli *c, struct err *err)
{
	static const char *const count[] = {"acts", "known", "entries",
	    "cosignatures", "procedures", "forks", NULL};
	struct ask_answer ans;
	struct str bytes;
	struct say s;

	if (str_is(c->arg[0], "-")
		? prompt_all(BUNDLE_MAX, c->a, &bytes, err) != 0
		: keydir_load(c->arg[0].p, BUNDLE_MAX, c->a, &bytes, err) != 0)
		return -1;
	if (ask_send(c, "POST", STR("/bundle"), STR("application/x-tar"),
		span_of(bytes), &ans, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, ans.json, err);
	say_begin(&s, c->a);
	for (size_t i = 0; count[i] != NULL; i++)
		say_fmt(&s, "%s%s %lld", i == 0 ? "" : ", ", count[i],
		    (long long)js_int(js_get(ans.json, count[i])));
	say_fmt(&s, "\n");
	return say_end(&s, err);
}

struct progress {
	int64_t begun_us, said_us;
	bool is_terminal;
};

static void
on_progress(void *ctx, const char *what, uint64_t done, uint64_t all)
{
	struct progress *p = ctx;
	int64_t now_us = clock_mono_us();

	if (!p->is_terminal || now_us - p->begun_us < QUIET_US ||
	    now_us - p->said_us < QUIET_US / 5)
		return;
	p->said_us = now_us;
	(void)fprintf(stderr, "\r%s: %llu of %llu ", what,
	    (unsigned long long)done, (unsigned long long)all);
}

static void
say_parties(struct cli *c, struct say *s, const struct js *list)
{
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *p = js_at(list, i);

		say_style(s, SAY_BOLD, js_str(js_get(p, "party")));
		say_fmt(s, "  ");
		say_text(s, say_title(js_get(p, "names"), c->lang));
		say_fmt(s, "  %lld entries\n  fingerprint ",
		    (long long)js_int(js_get(p, "size")));
		say_text(s,
		    say_fingerprint(c->a, js_str(js_get(p, "charter"))));
		say_fmt(s, "\n");
	}
}

static void
say_matters(struct say *s, const struct js *list)
{
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *m = js_at(list, i);

		say_style(s, SAY_BOLD, js_str(js_get(m, "cite")));
		say_fmt(s, "  ");
		say_text(s, js_str(js_get(m, "procedure")));
		say_fmt(s, "  ");
		say_text(s, js_str(js_get(m, "state")));
		say_fmt(s, "  ");
		say_text(s, js_str(js_get(m, "subject")));
		say_fmt(s, "\n");
	}
}

int
cmd_verify(struct cli *c, struct err *err)
{
	struct progress p = {.begun_us = clock_mono_us(),
	    .is_terminal = isatty(STDERR_FILENO) == 1};
	struct verify_options o = {.path = c->arg[0].p,
	    .progress = on_progress,
	    .ctx = &p};
	struct js_make m = {.a = c->a};
	struct js *j;
	struct say s;
	int rc;

	rc = key_start(err) != 0 ? -1 : verify_file(&o, &m, &j, err);
	if (p.said_us != 0)
		(void)fprintf(stderr, "\n");
	if (rc != 0)
		return -1;
	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	say_style(&s, SAY_GOOD, STR("It verifies."));
	say_fmt(&s, "  %lld acts, %lld entries, %lld cosignatures\n",
	    (long long)js_int(js_get(j, "acts")),
	    (long long)js_int(js_get(j, "entries")),
	    (long long)js_int(js_get(j, "cosignatures")));
	say_parties(c, &s, js_get(j, "parties"));
	say_matters(&s, js_get(j, "matters"));
	return say_end(&s, err);
}
