/* Officers: acts of the party's own file, and their key files. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/num.h"
#include "cli/ask.h"
#include "cli/command.h"
#include "cli/sign.h"
#include "node/keydir.h"
#include "record/age.h"
#include "record/dsse.h"
#include "record/words.h"

/* Keys that ask for a mandate, with the words to compare. */
static void
say_waiting(struct cli *c, const struct js *list, struct say *s)
{
	static const struct str head[] = {{"WAITING", 7}, {"UNTIL", 5},
	    {"KEY IN WORDS", 12}};
	struct say_table t;

	if (js_len(list) == 0)
		return;
	say_fmt(s, "\n");
	say_table_begin(&t, c->a, COUNT(head), head);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *w = js_at(list, i);
		struct str row[COUNT(head)];

		row[0] = js_str(js_get(w, "name"));
		row[1] = js_str(js_get(w, "until"));
		row[2] = js_str(js_get(w, "words"));
		say_table_row(&t, row);
	}
	say_table_end(&t, s);
}

int
cmd_officer_list(struct cli *c, struct err *err)
{
	static const struct str head[] = {{"OFFICER", 7}, {"POWERS", 6},
	    {"FROM", 4}, {"UNTIL", 5}, {"KEY", 3}};
	struct buf path;
	struct str text;
	const struct js *j, *list;
	struct say_table t;
	struct say s;

	buf_init(&path, c->a);
	buf_z(&path, "/officers");
	if (c->n_args > 0)
		ask_param(&path, "party", c->arg[0]);
	if (buf_done(&path, &text, err) != 0 || ask_get(c, text, &j, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	say_table_begin(&t, c->a, COUNT(head), head);
	list = js_get(j, "officers");
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *o = js_at(list, i);
		struct str until = js_str(js_get(o, "until"));
		struct str row[COUNT(head)];

		row[0] = js_str(js_get(o, "officer"));
		row[1] = say_list(c->a, js_get(o, "powers"));
		row[2] = js_str(js_get(o, "from"));
		row[3] = until.n == 0 ? STR("in force") : until;
		row[4] = js_str(js_get(o, "key"));
		say_table_row(&t, row);
	}
	say_table_end(&t, &s);
	say_waiting(c, js_get(j, "waiting"), &s);
	return say_end(&s, err);
}

int
cmd_officer_enrol(struct cli *c, struct err *err)
{
	struct str name = c->arg[0];
	const char *folder = str_fmt(c->a, "%s/officers", c->folder).p;
	const char *path =
	    str_fmt(c->a, "%s/officers/%.*s.key", c->folder, STR_ARG(name)).p;
	struct span pass = {NULL, 0};
	struct secret *key;
	struct pubkey pub;
	struct say s;
	int rc;

	if (name.n == 0 || name.p[0] == '.' || str_find(name, '/', 0) < name.n)
		return err_set(err, ERR_INPUT,
		    "'%.*s' cannot be the name of a key file", STR_ARG(name));
	if (folder == NULL || path == NULL)
		return err_nomem(err, "a path");
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return err_set(err, ERR_IO, "cannot make the folder %s: %s",
		    folder, strerror(errno));
	if (key_start(err) != 0)
		return -1;
	if (option_has(c, OPTION_PASSPHRASE) &&
	    prompt_passphrase(c, true, &pass, err) != 0)
		return -1;
	if ((key = key_secret_random()) == NULL)
		return err_nomem(err, "a key");
	pub = key_pub(key);
	rc = keydir_write(path, "officer", name, key, pass, err);
	key_secret_free(key);
	if (rc != 0)
		return -1;
	say_begin(&s, c->a);
	say_fmt(&s, c->json ? "{\"key\":\"%.*s\"}\n" : "%.*s\n",
	    STR_ARG(hex_str(c->a, pub.b, sizeof(pub.b))));
	return say_end(&s, err);
}

/* An act of the party's own file: its matter is the charter, all may read it,
 * for whoever verifies has to. */
static int
post(struct cli *c, const char *kind, const struct js *body, bool failed,
    struct err *err)
{
	struct act act = {.kind = str_of(kind),
	    .to = {.type = AUDIENCE_PUBLIC},
	    .at_us = clock_utc_us(),
	    .body = body};
	const struct js *status, *receipt;
	struct say s;

	if (failed)
		return err_nomem(err, "an act");
	if (ask_get(c, STR("/status"), &status, err) != 0)
		return -1;
	act.party = js_str(js_get(status, "party"));
	if (!hex_is_parsed(js_str(js_get(status, "charter")), act.matter.b,
		sizeof(act.matter.b)))
		return err_set(err, ERR_IO, "the node names no charter");
	if (sign_post(c, &act, &receipt, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, receipt, err);
	say_begin(&s, c->a);
	say_fmt(&s, "%s is ", kind);
	say_text(&s, js_str(js_get(receipt, "cite")));
	say_fmt(&s, "\n");
	return say_end(&s, err);
}

/* Words name a key that waits at the node: that they are those of its key is
 * what the officer has compared. */
static int
key_by_words(struct cli *c, struct str said, struct str *ret, struct err *err)
{
	uint8_t bytes[WORDS_BYTES];
	const struct js *j, *list;

	if (words_parse(said, bytes, err) != 0 ||
	    ask_get(c, STR("/officers"), &j, err) != 0)
		return -1;
	list = js_get(j, "waiting");
	for (size_t i = 0; i < js_len(list); i++) {
		struct str hex = js_str(js_get(js_at(list, i), "key"));
		struct pubkey key;

		if (hex_is_parsed(hex, key.b, sizeof(key.b)) &&
		    words_is_of(bytes, &key)) {
			*ret = hex;
			return 0;
		}
	}
	return err_set(err, ERR_ABSENT,
	    "no key with these words waits at this node: let the officer ask "
	    "again, or give the key in hexadecimal");
}

int
cmd_officer_grant(struct cli *c, struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *body = js_map(&m), *list;
	struct str powers = STR("*"), key;

	if (option_count(c, OPTION_KEY) != 1)
		return err_set(err, ERR_INPUT,
		    "say whose key: --key HEX ('comity officer enrol' prints "
		    "it)");
	if (option_count(c, OPTION_POWERS) != 1)
		return err_set(err, ERR_INPUT,
		    "say what the officer may sign: --powers 'message/*' or "
		    "--powers '*'");
	key = option_at(c, OPTION_KEY, 0);
	if (str_find(key, ' ', 0) < key.n &&
	    key_by_words(c, key, &key, err) != 0)
		return -1;
	powers = option_at(c, OPTION_POWERS, 0);
	js_put_str(&m, body, "officer", c->arg[0]);
	js_put_str(&m, body, "key", key);
	list = js_put_list(&m, body, "powers");
	for (size_t at = 0; at <= powers.n;) {
		size_t end = str_find(powers, ',', at);

		js_put_str(&m, list, NULL, str_sub(powers, at, end));
		at = end + 1;
	}
	if (option_has(c, OPTION_UNTIL))
		js_put_str(&m, body, "until", option_get(c, OPTION_UNTIL));
	if (option_has(c, OPTION_REASON))
		js_put_str(&m, body, "note", option_get(c, OPTION_REASON));
	return post(c, "party/grant", body, m.failed, err);
}

int
cmd_officer_revoke(struct cli *c, struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *body = js_map(&m);

	js_put_str(&m, body, "officer", c->arg[0]);
	if (option_has(c, OPTION_REASON))
		js_put_str(&m, body, "reason", option_get(c, OPTION_REASON));
	return post(c, "party/revoke", body, m.failed, err);
}

int
cmd_officer_demand(struct cli *c, struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *body = js_map(&m);
	struct js *list = js_put_list(&m, body, "demands");

	for (size_t i = 0; i < c->n_args; i++) {
		size_t eq = str_find(c->arg[i], '=', 0);
		struct js *j = js_put_map(&m, list, NULL);
		int64_t n;

		if (num_parse(str_sub(c->arg[i], eq + 1, c->arg[i].n), 1,
			DSSE_SIGNATURES_MAX, &n, err) != 0)
			return err_in(err,
			    "'%.*s' is not KIND=N: ", STR_ARG(c->arg[i]));
		js_put_str(&m, j, "kind", str_sub(c->arg[i], 0, eq));
		js_put_int(&m, j, "signatures", n);
	}
	return post(c, "party/demand", body, m.failed, err);
}

/* The new keys lie ready before the act is posted: the node signs the very head
 * that holds it with them. */
static int
next_key(struct cli *c, struct str use, struct js_make *m, struct js *body,
    struct err *err)
{
	const char *path =
	    str_fmt(c->a, "%s/keys/%.*s.next.key", c->folder, STR_ARG(use)).p;
	bool is_box = str_is(use, "box");
	struct secret *key;
	struct pubkey pub;
	struct box box;
	int rc;

	if (!is_box && !str_is(use, "log") && !str_is(use, "witness"))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no key that can be renewed: log, witness or box",
		    STR_ARG(use));
	if (path == NULL || (key = key_secret_random()) == NULL)
		return err_nomem(err, "a key");
	pub = key_pub(key);
	box = age_box(key);
	rc = keydir_write(path, str_z(c->a, use), STR("renewed"), key,
	    (struct span){NULL, 0}, err);
	key_secret_free(key);
	if (rc != 0)
		return -1;
	if (is_box)
		js_put_str(m, body, "box", age_box_text(c->a, &box));
	else
		js_put_hex(m, body, str_z(c->a, use), pub.b, sizeof(pub.b));
	return 0;
}

int
cmd_key_renew(struct cli *c, struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *body = js_map(&m);

	if (!option_has(c, OPTION_ROOT))
		return err_set(err, ERR_INPUT,
		    "only the root key changes keys: --root FILE");
	if (key_start(err) != 0)
		return -1;
	for (size_t i = 0; i < c->n_args; i++)
		if (next_key(c, c->arg[i], &m, body, err) != 0)
			return -1;
	return post(c, "party/keys", body, m.failed, err);
}
