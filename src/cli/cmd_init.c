/* A new party: keys, charter, folder. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "cli/command.h"
#include "cli/sign.h"
#include "node/keydir.h"
#include "node/node.h"
#include "node/settings.h"
#include "record/age.h"
#include "record/hash.h"
#include "record/mandate.h"

enum {
	USES = 4,
	ROOT = 0,
	BOX = 3,
	OFFICERS_MAX = 100,
	CHARTER_MAX = 1024 * 1024
};
static const char *const use_name[USES] = {"root", "log", "witness", "box"};

struct officer { /* as the options say, in their order */
	struct str name, powers, key;
	struct secret *secret; /* NULL: the key is elsewhere */
	struct pubkey pub;
};
struct party {
	struct cli *c;
	const char *folder;
	struct str code, origin;
	struct span passphrase;
	struct secret *key[USES];
	size_t n;
	struct officer officer[OFFICERS_MAX];
};

/* --powers and --key belong to the --officer before them. */
static int
take_officers(struct party *p, struct err *err)
{
	for (size_t i = 0; i < p->c->n_given; i++) {
		const struct cli_given *g = &p->c->given[i];
		bool is_powers = g->id == OPTION_POWERS;

		if (g->id == OPTION_OFFICER) {
			if (p->n == OFFICERS_MAX)
				return err_set(err, ERR_INPUT,
				    "more than %d officers", OFFICERS_MAX);
			p->officer[p->n++] = (struct officer){.name = g->value,
			    .powers = STR("*")};
			continue;
		}
		if (!is_powers && g->id != OPTION_KEY)
			continue;
		if (p->n == 0)
			return err_set(err, ERR_INPUT,
			    "--%s stands behind the --officer whose it is",
			    option_row((enum option_id)g->id)->name);
		if (is_powers)
			p->officer[p->n - 1].powers = g->value;
		else
			p->officer[p->n - 1].key = g->value;
	}
	if (p->n == 0)
		p->officer[p->n++] =
		    (struct officer){.name = STR("duty-1"), .powers = STR("*")};
	return 0;
}

static int
make_keys(struct party *p, struct err *err)
{
	if (key_start(err) != 0)
		return -1;
	for (size_t i = 0; i < USES; i++)
		if ((p->key[i] = key_secret_random()) == NULL)
			return err_nomem(err, "a key");
	for (size_t i = 0; i < p->n; i++) {
		struct officer *o = &p->officer[i];

		if (o->key.p != NULL) {
			if (!hex_is_parsed(o->key, o->pub.b,
				sizeof(o->pub.b)) ||
			    !key_is_usable(&o->pub))
				return err_set(err, ERR_INPUT,
				    "--key of %.*s is no Ed25519 key of 64 hex "
				    "digits",
				    STR_ARG(o->name));
			continue;
		}
		if ((o->secret = key_secret_random()) == NULL)
			return err_nomem(err, "a key");
		o->pub = key_pub(o->secret);
	}
	return 0;
}

static int
put_names(struct party *p, struct js_make *m, struct js *body, struct err *err)
{
	struct js *names = js_put_map(m, body, "names");
	size_t n = option_count(p->c, OPTION_NAME);

	if (n == 0)
		js_put_str(m, names, "en", p->code);
	for (size_t i = 0; i < n; i++) {
		struct str v = option_at(p->c, OPTION_NAME, i);
		size_t eq = str_find(v, '=', 0);
		const char *lang = str_z(p->c->a, str_sub(v, 0, eq));

		if (eq + 1 >= v.n || eq == 0 || lang == NULL)
			return err_set(err, ERR_INPUT,
			    "--name '%.*s' is not of the form LANG=TEXT",
			    STR_ARG(v));
		js_put_str(m, names, lang, str_sub(v, eq + 1, v.n));
	}
	return 0;
}

static void
put_powers(struct js_make *m, struct js *in, struct str powers)
{
	struct js *list = js_put_list(m, in, "powers");

	for (size_t at = 0; at <= powers.n;) {
		size_t end = str_find(powers, ',', at);

		js_put_str(m, list, NULL, str_sub(powers, at, end));
		at = end + 1;
	}
}

static int
put_demands(struct party *p, struct js_make *m, struct js *body,
    struct err *err)
{
	size_t n = option_count(p->c, OPTION_DEMAND);
	struct js *list = n == 0 ? NULL : js_put_list(m, body, "demands");

	for (size_t i = 0; i < n; i++) {
		struct str v = option_at(p->c, OPTION_DEMAND, i);
		size_t eq = str_find(v, '=', 0);
		struct js *j = js_put_map(m, list, NULL);
		int64_t want;

		if (num_parse(str_sub(v, eq + 1, v.n), 1, DSSE_SIGNATURES_MAX,
			&want, err) != 0)
			return err_in(err, "--demand KIND=N: ");
		js_put_str(m, j, "kind", str_sub(v, 0, eq));
		js_put_int(m, j, "signatures", want);
	}
	return 0;
}

static void
put_list(struct party *p, struct js_make *m, struct js *body, const char *key,
    enum option_id id)
{
	size_t n = option_count(p->c, id);
	struct js *list = n == 0 ? NULL : js_put_list(m, body, key);

	for (size_t i = 0; i < n; i++)
		js_put_str(m, list, NULL, option_at(p->c, id, i));
}

static void
put_keys(struct party *p, struct js_make *m, struct js *body)
{
	struct pubkey root = key_pub(p->key[ROOT]);
	struct box box = age_box(p->key[BOX]);
	struct id hash = hash_of((struct span){root.b, sizeof(root.b)});
	struct str hex = hex_str(p->c->a, hash.b, 8);

	p->origin = str_fmt(p->c->a, "comity/%.*s/%.*s", STR_ARG(p->code),
	    STR_ARG(hex));
	js_put_str(m, body, "origin", p->origin);
	for (size_t i = 0; i < BOX; i++) {
		struct pubkey k = key_pub(p->key[i]);

		js_put_hex(m, body, use_name[i], k.b, sizeof(k.b));
	}
	js_put_str(m, body, "box", age_box_text(p->c->a, &box));
}

static int
write_charter(struct party *p, int64_t now_us, struct str *ret, struct err *err)
{
	struct js_make m = {.a = p->c->a};
	struct js *body = js_map(&m), *list;
	struct sign_keys root = {.n = 1, .key = {p->key[ROOT]}};
	struct str payload;
	struct act act = {.kind = STR("party/charter"),
	    .party = p->code,
	    .opens = true,
	    .to = {.type = AUDIENCE_PUBLIC},
	    .at_us = now_us,
	    .body = body};

	if (put_names(p, &m, body, err) != 0)
		return -1;
	put_keys(p, &m, body);
	list = js_put_list(&m, body, "officers");
	for (size_t i = 0; i < p->n; i++) {
		struct js *j = js_put_map(&m, list, NULL);

		js_put_str(&m, j, "officer", p->officer[i].name);
		js_put_hex(&m, j, "key", p->officer[i].pub.b, 32);
		put_powers(&m, j, p->officer[i].powers);
	}
	if (put_demands(p, &m, body, err) != 0)
		return -1;
	put_list(p, &m, body, "witnesses", OPTION_WITNESS);
	put_list(p, &m, body, "addresses", OPTION_ADDRESS);
	if (m.failed)
		return err_nomem(err, "a charter");
	key_random(act.salt, sizeof(act.salt));
	if (act_write(&act, p->c->a, &payload, err) != 0)
		return -1;
	return sign_payload(p->c, payload, &root, ret, err);
}

/* What the node itself will demand of it, before anything is on disk. */
static int
check_charter(struct party *p, struct str envelope, struct id *ret,
    struct err *err)
{
	struct mandate_signers signers;
	const struct act *act;
	struct mandate *m;
	struct dsse d;

	if (dsse_parse(span_of(envelope), p->c->a, &d, err) != 0 ||
	    mandate_open_act(&d, p->c->a, &act, &signers, err) != 0 ||
	    mandate_new(act, &signers, &m, err) != 0)
		return -1;
	*ret = act->id;
	mandate_free(m);
	return 0;
}

static int
make_folder(struct party *p, const char *below, struct err *err)
{
	const char *path = str_fmt(p->c->a, "%s%s", p->folder, below).p;

	if (path == NULL)
		return err_nomem(err, "a path");
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return err_set(err, ERR_IO, "cannot make the folder %s: %s",
		    path, strerror(errno));
	return 0;
}

static int
save_keys(struct party *p, struct err *err)
{
	for (size_t i = 0; i < USES; i++) {
		const char *path =
		    str_fmt(p->c->a, "%s/keys/%s.key", p->folder, use_name[i])
			.p;

		if (path == NULL)
			return err_nomem(err, "a path");
		if (keydir_write(path, use_name[i], p->code, p->key[i],
			p->passphrase, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct officer *o = &p->officer[i];
		const char *path = str_fmt(p->c->a, "%s/officers/%.*s.key",
		    p->folder, STR_ARG(o->name))
		                       .p;

		if (o->secret == NULL)
			continue;
		if (path == NULL)
			return err_nomem(err, "a path");
		if (keydir_write(path, "officer", o->name, o->secret,
			p->passphrase, err) != 0)
			return -1;
	}
	return 0;
}

static int
has_keys(struct party *p, struct err *err)
{
	for (size_t i = ROOT + 1; i < USES; i++) {
		const char *path =
		    str_fmt(p->c->a, "%s/keys/%s.key", p->folder, use_name[i])
			.p;
		bool locked;

		if (path == NULL)
			return err_nomem(err, "a path");
		if (keydir_is_locked(path, &locked, err) != 0)
			return err_in(err, "a party keeps its keys: ");
	}
	return 0;
}

static int
save_settings(struct party *p, struct err *err)
{
	struct settings_value v[2];
	struct stat st;
	const char *path = str_fmt(p->c->a, "%s/comity.ini", p->folder).p;
	size_t n = 0;

	if (path == NULL)
		return err_nomem(err, "a path");
	if (stat(path, &st) == 0)
		return 0; /* one that came with the keys stays */

	if (option_has(p->c, OPTION_LISTEN))
		v[n++] = (struct settings_value){"node", "listen",
		    option_get(p->c, OPTION_LISTEN)};
	if (option_has(p->c, OPTION_ADDRESS))
		v[n++] = (struct settings_value){"node", "address",
		    option_at(p->c, OPTION_ADDRESS, 0)};
	return settings_write_default(p->folder, v, n, err);
}

static int
say_party(struct party *p, const struct id *charter, struct err *err)
{
	struct js_make m = {.a = p->c->a};
	struct js *j = js_map(&m);
	struct str hex = hex_str(p->c->a, charter->b, sizeof(charter->b)), out;
	struct say s;

	say_begin(&s, p->c->a);
	if (p->c->json) {
		js_put_str(&m, j, "party", p->code);
		js_put_str(&m, j, "fingerprint", hex);
		js_put_str(&m, j, "origin", p->origin);
		js_put_z(&m, j, "folder", p->folder);
		if (js_text(&m, j, JS_COMPACT, &out, err) != 0)
			return -1;
		say_text(&s, out);
		say_fmt(&s, "\n");
		return say_end(&s, err);
	}
	say_fmt(&s, "%.*s has its folder at %s.\n\nFingerprint: %.*s\n\n",
	    STR_ARG(p->code), p->folder,
	    STR_ARG(say_fingerprint(p->c->a, hex)));
	if (option_has(p->c, OPTION_EXISTING)) {
		say_fmt(&s,
		    "Nothing is appended before a peer has answered what it "
		    "holds of this log.\nNext: introduce the peers (comity -C "
		    "%s peer add), then comity -C %s serve\n",
		    p->folder, p->folder);
		return say_end(&s, err);
	}
	say_fmt(&s,
	    "Tell the fingerprint to the other parties by a way that they "
	    "trust.\nMove %s/keys/root.key to where no network reaches, and "
	    "keep a copy:\nit alone can replace the other keys.\n\n"
	    "Next: comity -C %s serve\n",
	    p->folder, p->folder);
	return say_end(&s, err);
}

static int
found(struct party *p, struct err *err)
{
	int64_t now_us = clock_utc_us();
	struct str envelope;
	struct id charter;

	if (take_officers(p, err) != 0 || make_keys(p, err) != 0 ||
	    write_charter(p, now_us, &envelope, err) != 0 ||
	    check_charter(p, envelope, &charter, err) != 0)
		return -1;
	if (option_has(p->c, OPTION_PASSPHRASE) &&
	    prompt_passphrase(p->c, true, &p->passphrase, err) != 0)
		return -1;
	if (make_folder(p, "", err) != 0)
		return -1;
	if (save_settings(p, err) != 0) {
		(void)rmdir(p->folder); /* one that held more stays */
		return -1;
	}
	if (make_folder(p, "/keys", err) != 0 ||
	    make_folder(p, "/officers", err) != 0 || save_keys(p, err) != 0 ||
	    node_found(p->folder, span_of(envelope), false, now_us, err) != 0)
		return -1;
	return say_party(p, &charter, err);
}

/* A party whose folder was lost: its keys are in place, its log is with the
 * others, and the node takes it back before it appends (design 4.7). */
static int
found_anew(struct party *p, struct err *err)
{
	struct str path = option_get(p->c, OPTION_EXISTING), envelope;
	struct mandate_signers signers;
	const struct act *act;
	struct mandate *m;
	struct dsse d;

	if (key_start(err) != 0 ||
	    keydir_load(path.p, CHARTER_MAX, p->c->a, &envelope, err) != 0)
		return -1;
	if (dsse_parse(span_of(envelope), p->c->a, &d, err) != 0 ||
	    mandate_open_act(&d, p->c->a, &act, &signers, err) != 0 ||
	    mandate_new(act, &signers, &m, err) != 0)
		return err_in(err, "%s: ", path.p);
	p->code = act->party;
	p->origin = str_copy(p->c->a, mandate_origin(m));
	mandate_free(m);
	if (p->origin.p == NULL)
		return err_nomem(err, "a charter");
	if (make_folder(p, "", err) != 0 || make_folder(p, "/keys", err) != 0 ||
	    make_folder(p, "/officers", err) != 0 || has_keys(p, err) != 0 ||
	    save_settings(p, err) != 0 ||
	    node_found(p->folder, span_of(envelope), true, clock_utc_us(),
		err) != 0)
		return -1;
	return say_party(p, &act->id, err);
}

static int
check_options(struct party *p, bool anew, struct err *err)
{
	struct stat st;
	const char *db = str_fmt(p->c->a, "%s/record.db", p->folder).p;

	if (db == NULL)
		return err_nomem(err, "a path");
	if (!anew && p->code.p == NULL)
		return err_set(err, ERR_INPUT,
		    "a party needs a short name: --party JPN");
	if (!anew && !act_is_party(p->code))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no short name of a party: capitals, digits and "
		    "'-', 2 to 16, a letter first",
		    STR_ARG(p->code));
	if (stat(db, &st) == 0)
		return err_set(err, ERR_CONFLICT,
		    "%s is a party's folder already", p->folder);
	return 0;
}

int
cmd_init(struct cli *c, struct err *err)
{
	struct party p = {.c = c,
	    .folder = c->n_args > 0 ? c->arg[0].p : c->folder,
	    .code = option_get(c, OPTION_PARTY)};
	bool anew = option_has(c, OPTION_EXISTING);
	int rc = check_options(&p, anew, err);

	if (rc == 0)
		rc = anew ? found_anew(&p, err) : found(&p, err);
	for (size_t i = 0; i < USES; i++)
		key_secret_free(p.key[i]);
	for (size_t i = 0; i < p.n; i++)
		key_secret_free(p.officer[i].secret);
	return rc;
}
