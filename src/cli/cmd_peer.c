/* Peers: who they are, compared by people before machines speak. */
#include <unistd.h>

#include "base/num.h"
#include "cli/ask.h"
#include "cli/command.h"
#include "node/keydir.h"
#include "record/mandate.h"

enum { CHARTER_MAX = 1024 * 1024 };

static int
send_json(struct cli *c, const char *method, struct str path, struct js_make *m,
    const struct js *body, const struct js **ret, struct err *err)
{
	struct ask_answer ans;
	struct str text;

	if (js_text(m, body, JS_COMPACT, &text, err) != 0 ||
	    ask_send(c, method, path, STR("application/json"), span_of(text),
		&ans, err) != 0)
		return -1;
	*ret = ans.json;
	return 0;
}

int
cmd_peer_list(struct cli *c, struct err *err)
{
	static const char *const head[] = {"PARTY", "NAME", "ENTRIES",
	    "ADDRESS", "FINGERPRINT"};
	const struct js *j, *list;
	struct say_table t;
	struct say s;

	if (ask_get(c, STR("/peers"), &j, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	say_table_heads(&t, c->a, c->lang, COUNT(head), head);
	list = js_get(j, "peers");
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *p = js_at(list, i);
		struct str address = js_str(js_get(p, "address"));
		struct str print = js_str(js_get(p, "fingerprint"));
		struct str row[COUNT(head)];

		row[0] = js_str(js_get(p, "party"));
		row[1] = say_title(js_get(p, "names"), c->lang);
		row[2] =
		    str_fmt(c->a, "%lld", (long long)js_int(js_get(p, "size")));
		row[3] = js_bool(js_get(p, "own")) ? STR("(this party)")
		         : address.n == 0          ? STR("-")
		                                   : address;
		row[4] = str_fmt(c->a, "%.*s...",
		    STR_ARG(say_fingerprint(c->a, str_sub(print, 0, 16))));
		say_table_row(&t, row);
	}
	say_table_end(&t, &s);
	return say_end(&s, err);
}

static int
look(struct cli *c, struct str address, const struct js **ret, struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *body = js_map(&m);
	struct err why = {.code = ERR_NONE};

	js_put_str(&m, body, "address", address);
	if (send_json(c, "POST", STR("/peers/look"), &m, body, ret, &why) == 0)
		return 0;
	*err = why;
	if (why.code != ERR_IO || !str_starts(str_of(why.text), address))
		return -1;
	return err_in(err, "no node of a party answers; does it run there? ");
}

static bool
is_url(struct str s)
{
	return str_starts(s, STR("http://")) || str_starts(s, STR("https://"));
}

/* "host:port" is an address where there is no such file. */
static bool
is_address(struct str s)
{
	return is_url(s) ||
	       (str_find(s, ':', 0) < s.n && access(s.p, F_OK) != 0);
}

static struct str
url_of(struct cli *c, struct str s)
{
	return is_url(s) ? s : str_fmt(c->a, "http://%.*s", STR_ARG(s));
}

static void
say_peer(struct cli *c, struct say *s, const struct js *j)
{
	say_text(s, js_str(js_get(j, "party")));
	say_fmt(s, "  ");
	say_text(s, say_title(js_get(j, "names"), c->lang));
	say_fmt(s, "%s\nFingerprint: %.*s\n",
	    js_bool(js_get(j, "known")) ? "  (known here)" : "",
	    STR_ARG(say_fingerprint(c->a, js_str(js_get(j, "fingerprint")))));
}

int
cmd_peer_look(struct cli *c, struct err *err)
{
	const struct js *j;
	struct say s;

	if (look(c, url_of(c, c->arg[0]), &j, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	say_peer(c, &s, j);
	return say_end(&s, err);
}

/* The fingerprint that was given, without the spaces of reading aloud. */
static struct str
given_fingerprint(struct cli *c)
{
	struct str v = option_get(c, OPTION_FINGERPRINT), out;
	struct buf b;
	struct err err;

	buf_init(&b, c->a);
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] != ' ' && v.p[i] != ':')
			buf_char(&b, v.p[i] >= 'A' && v.p[i] <= 'F'
					 ? (char)(v.p[i] - 'A' + 'a')
					 : v.p[i]);
	return buf_done(&b, &out, &err) != 0 ? STR("") : out;
}

/* A wrong party would read all that is sent to it: a person compares. */
static int
confirm(struct cli *c, const struct js *j, struct err *err)
{
	struct str print = js_str(js_get(j, "fingerprint"));
	const char *words;
	bool yes = false;

	if (option_has(c, OPTION_FINGERPRINT)) {
		if (str_eq(given_fingerprint(c), print))
			return 0;
		return err_set(err, ERR_CONFLICT,
		    "that is not the fingerprint that you gave: it is %.*s; do "
		    "not go on before you know why",
		    STR_ARG(say_fingerprint(c->a, print)));
	}
	words = str_fmt(c->a,
	    "%.*s  %.*s\nFingerprint: %.*s\nHave you compared it by a way that "
	    "you trust? [y/N] ",
	    STR_ARG(js_str(js_get(j, "party"))),
	    STR_ARG(say_clean(c->a, say_title(js_get(j, "names"), c->lang))),
	    STR_ARG(say_fingerprint(c->a, print)))
	            .p;
	if (words == NULL)
		return err_nomem(err, "a question");
	if (prompt_yes(words, &yes, err) != 0)
		return -1;
	if (yes)
		return 0;
	return err_set(err, ERR_DENIED,
	    "not introduced: compare the fingerprint, then answer yes or give "
	    "--fingerprint");
}

/* A charter's envelope from a file: its id is found by reading it here. */
static int
add_file(struct cli *c, const char *path, const struct js **ret,
    struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *body = js_map(&m), *shown = js_map(&m);
	const struct js *envelope;
	struct mandate_signers signers;
	const struct act *act;
	struct dsse d;
	struct str text;

	if (key_start(err) != 0 ||
	    keydir_load(path, CHARTER_MAX, c->a, &text, err) != 0)
		return -1;
	if (js_parse(span_of(text), c->a, &envelope, err) != 0 ||
	    dsse_parse(span_of(text), c->a, &d, err) != 0 ||
	    mandate_open_act(&d, c->a, &act, &signers, err) != 0)
		return err_in(err, "%s: ", path);
	js_put_str(&m, shown, "party", act->party);
	js_put(&m, shown, "names", js_get(act->body, "names"));
	js_put_hex(&m, shown, "fingerprint", act->id.b, sizeof(act->id.b));
	if (confirm(c, shown, err) != 0)
		return -1;
	js_put(&m, body, "envelope", envelope);
	js_put_str(&m, body, "address",
	    option_count(c, OPTION_ADDRESS) > 0
		? option_at(c, OPTION_ADDRESS, 0)
		: STR(""));
	return send_json(c, "POST", STR("/peers"), &m, body, ret, err);
}

static int
add_address(struct cli *c, struct str address, const struct js **ret,
    struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *body = js_map(&m);
	const struct js *seen;

	if (look(c, address, &seen, err) != 0 || confirm(c, seen, err) != 0)
		return -1;
	js_put_str(&m, body, "address", address);
	js_put_str(&m, body, "charter", js_str(js_get(seen, "charter")));
	return send_json(c, "POST", STR("/peers"), &m, body, ret, err);
}

static int
say_done(struct cli *c, const struct js *j, const char *did, struct err *err)
{
	struct say s;

	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	say_text(&s, js_str(js_get(j, "party")));
	say_fmt(&s, " %s\n", did);
	return say_end(&s, err);
}

int
cmd_peer_add(struct cli *c, struct err *err)
{
	const struct js *j;
	int rc = is_address(c->arg[0])
	             ? add_address(c, url_of(c, c->arg[0]), &j, err)
	             : add_file(c, c->arg[0].p, &j, err);

	return rc != 0 ? -1 : say_done(c, j, "is introduced.", err);
}

static int
peer_path(struct cli *c, struct str *ret, struct err *err)
{
	if (!act_is_party(c->arg[0]))
		return err_set(err, ERR_INPUT, "'%.*s' is no party's code",
		    STR_ARG(c->arg[0]));
	*ret = str_fmt(c->a, "/peers/%.*s", STR_ARG(c->arg[0]));
	return 0;
}

int
cmd_peer_address(struct cli *c, struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *body = js_map(&m);
	const struct js *j;
	struct str path;

	js_put_str(&m, body, "address", url_of(c, c->arg[1]));
	if (peer_path(c, &path, err) != 0 ||
	    send_json(c, "POST", path, &m, body, &j, err) != 0)
		return -1;
	return say_done(c, j, "has a new address.", err);
}

int
cmd_peer_remove(struct cli *c, struct err *err)
{
	struct ask_answer ans;
	struct str path;

	if (peer_path(c, &path, err) != 0 ||
	    ask_send(c, "DELETE", path, STR(""), (struct span){NULL, 0}, &ans,
		err) != 0)
		return -1;
	return say_done(c, ans.json,
	    "is no longer spoken to; what was recorded stays.", err);
}
