#include "cli/option.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/command.h"
#include "cli/near.h"

static const struct option_row row[] = {
    [OPTION_FOLDER] = {"folder", 'C', "DIR", false,
	"the node's folder (else COMITY_FOLDER, else the current folder)"},
    [OPTION_JSON] = {"json", 0, NULL, false, "answer in JSON"},
    [OPTION_LANG] = {"lang", 0, "LANG", false,
	"language of titles: en, ja, zh, ko (else by the environment)"},
    [OPTION_PASSPHRASE_FILE] = {"passphrase-file", 0, "FILE", false,
	"read the keys' passphrase here (else COMITY_PASSPHRASE_FILE, else it "
	"is asked for)"},
    [OPTION_HELP] = {"help", 'h', NULL, false, "show help of the command"},
    [OPTION_VERSION] = {"version", 0, NULL, false, "show the version"},
    [OPTION_PARTY] = {"party", 0, "CODE", false, "the party's short name: JPN"},
    [OPTION_NAME] = {"name", 0, "LANG=TEXT", true,
	"the party's name in a language: ja=日本"},
    [OPTION_OFFICER] = {"officer", 0, "NAME", true,
	"an officer: a key file in officers/"},
    [OPTION_POWERS] = {"powers", 0, "KINDS", true,
	"kinds of act it may sign: '*' or 'message/*,incident/account'"},
    [OPTION_KEY] = {"key", 0, "HEX|WORDS", true,
	"the officer's public key, where its key file is elsewhere"},
    [OPTION_DEMAND] = {"demand", 0, "KIND=N", true,
	"kinds of act that want N signatures"},
    [OPTION_LISTEN] = {"listen", 0, "HOST:PORT", false,
	"where the node listens (127.0.0.1:7474)"},
    [OPTION_ADDRESS] = {"address", 0, "URL", true,
	"where peers reach the node"},
    [OPTION_WITNESS] = {"witness", 0, "VKEY", true,
	"verifier key of an outside witness"},
    [OPTION_PASSPHRASE] = {"passphrase", 0, NULL, false,
	"lock the key files with a passphrase, which is asked for"},
    [OPTION_EXISTING] = {"existing", 0, "FILE", false,
	"a folder made anew for a party that has acted before: its charter's "
	"envelope"},
    [OPTION_FINGERPRINT] = {"fingerprint", 0, "HEX", false,
	"the fingerprint that was compared by another way"},
    [OPTION_UNTIL] = {"until", 0, "TIME", false,
	"a date for people; only a revocation ends a mandate"},
    [OPTION_REASON] = {"reason", 0, "TEXT", false, "why, for people"},
    [OPTION_ROOT] = {"root", 0, "FILE", false,
	"sign with the root key in this file"},
    [OPTION_SET] = {"set", 's', "FIELD=VALUE", true, "a field of the form"},
    [OPTION_BODY] = {"body", 0, "FILE", false,
	"the whole body as JSON; - for standard input"},
    [OPTION_TO] = {"to", 0, "WHOM", false,
	"audience: codes with commas, members, or public"},
    [OPTION_IN] = {"in", 0, "CITE", false, "the conference of a new matter"},
    [OPTION_ANSWERS] = {"answers", 0, "CITE", false, "the act that it answers"},
    [OPTION_AMENDS] = {"amends", 0, "CITE", false, "the act that it amends"},
    [OPTION_DRY_RUN] = {"dry-run", 'n', NULL, false,
	"show the payload; sign and send nothing"},
    [OPTION_YES] = {"yes", 'y', NULL, false, "do not ask whether to go on"},
    [OPTION_WATCH] = {"watch", 'w', NULL, false, "draw anew each second"},
    [OPTION_PROCEDURE] = {"procedure", 0, "NAME", false,
	"matters of this procedure"},
    [OPTION_STATE] = {"state", 0, "NAME", false, "matters in this state"},
    [OPTION_TEXT] = {"text", 0, "TEXT", false,
	"matters with this text in their subject"},
    [OPTION_LIVE] = {"live", 0, NULL, false, "matters that are not final"},
    [OPTION_BEFORE] = {"before", 0, "NO", false,
	"matters before this number, for the next page"},
    [OPTION_LIMIT] = {"limit", 0, "N", false, "at most so many: 1 to 1000"},
    [OPTION_MATTER] = {"matter", 0, "CITE", false,
	"one matter with what proves it"},
    [OPTION_PUBLIC] = {"public", 0, NULL, false, "all that is public"},
    [OPTION_FOR] = {"for", 0, "CODE", false, "all that this party may read"},
    [OPTION_ALL] = {"all", 0, NULL, false, "everything: a backup"},
    [OPTION_OUTPUT] = {"output", 'o', "FILE", false,
	"write here; - for standard output"},
};
static_assert(COUNT(row) == OPTIONS, "each option has a row");
static_assert(OPTIONS <= 64, "a command's options fit 64 bits");

struct line { /* a command line while it is read */
	int argc, at;
	char *const *argv;
	struct cli *c;
	struct str *word;
	struct cli_given *given;
	struct str unknown; /* the first option of no row, with its dashes */
};

const struct option_row *
option_row(enum option_id id)
{
	return &row[id];
}

static int
take_value(struct line *l, enum option_id id, struct str value, struct err *err)
{
	struct cli_given *g = &l->given[l->c->n_given];

	if (row[id].value == NULL && value.p != NULL)
		return err_set(err, ERR_INPUT, "--%s takes no value",
		    row[id].name);
	if (row[id].value != NULL && value.p == NULL) {
		if (l->at + 1 >= l->argc)
			return err_set(err, ERR_INPUT,
			    "--%s wants a value: --%s %s", row[id].name,
			    row[id].name, row[id].value);
		value = str_of(l->argv[++l->at]);
	}
	if (!row[id].many && option_has(l->c, id))
		return err_set(err, ERR_INPUT, "--%s is given twice",
		    row[id].name);
	g->id = (int)id; /* a small enum */
	g->value = value.p == NULL ? STR("") : value;
	if (!text_is_utf8(span_of(g->value)))
		return err_set(err, ERR_INPUT, "--%s: not UTF-8", row[id].name);
	l->c->n_given++;
	return 0;
}

static int
take_option(struct line *l, struct str s, struct err *err)
{
	bool is_long = str_starts(s, STR("--"));
	size_t eq = is_long ? str_find(s, '=', 0) : s.n;
	struct str name = str_sub(s, is_long ? 2 : 1, eq);
	struct str value = {NULL, 0};

	if (eq < s.n)
		value = str_sub(s, eq + 1, s.n);
	for (size_t i = 0; i < COUNT(row); i++) {
		if (is_long ? str_is(name, row[i].name)
			    : name.n == 1 && row[i].letter != 0 &&
				  name.p[0] == row[i].letter)
			return take_value(l, (enum option_id)i, value, err);
	}
	if (l->unknown.p == NULL)
		l->unknown = str_sub(s, 0, eq);
	return 0;
}

static int
take_words(struct line *l, struct err *err)
{
	bool ended = false;

	for (l->at = 1; l->at < l->argc; l->at++) {
		struct str s = str_of(l->argv[l->at]);

		if (!ended && str_is(s, "--"))
			ended = true;
		else if (!ended && s.n > 1 && s.p[0] == '-') {
			if (take_option(l, s, err) != 0)
				return -1;
		} else if (!text_is_utf8(span_of(s)))
			return err_set(err, ERR_INPUT,
			    "argument %d is not UTF-8", l->at);
		else
			l->word[l->c->n_args++] = s;
	}
	return 0;
}

static int
refuse_unknown(const struct line *l, uint64_t may, struct err *err)
{
	struct str name = l->unknown;
	struct near n;

	while (name.n > 0 && name.p[0] == '-')
		name = str_sub(name, 1, name.n);
	near_begin(&n, name);
	for (size_t i = 0; i < COUNT(row); i++)
		if ((may & OPTION_BIT(i)) != 0)
			near_try(&n, str_of(row[i].name));
	return err_set(err, ERR_INPUT, "there is no option '%.*s'%s%s%s",
	    STR_ARG(l->unknown), n.best.p == NULL ? "" : "; did you mean '--",
	    n.best.p == NULL ? "" : n.best.p, n.best.p == NULL ? "" : "'");
}

static int
check_options(const struct line *l, struct err *err)
{
	const struct command *d = l->c->command;
	uint64_t may = OPTION_GENERAL |
	               (d == NULL ? UINT64_MAX >> (64 - OPTIONS) : d->options);

	if (l->unknown.p != NULL)
		return refuse_unknown(l, may, err);
	for (size_t i = 0; d != NULL && i < l->c->n_given; i++)
		if ((may & OPTION_BIT(l->given[i].id)) == 0)
			return err_set(err, ERR_INPUT,
			    "'%s' takes no --%s; 'comity help %s' lists its "
			    "options",
			    d->name, row[l->given[i].id].name, d->name);
	return 0;
}

static int
check_words(struct cli *c, struct err *err)
{
	const struct command *d = c->command;

	if (option_has(c, OPTION_HELP))
		return 0;
	if (c->n_args < d->least)
		return err_set(err, ERR_INPUT, "'%s' wants: comity %s %s",
		    d->name, d->name, d->args);
	if (c->n_args > d->most)
		return err_set(err, ERR_INPUT,
		    "'%.*s' is one argument too many: comity %s %s",
		    STR_ARG(c->arg[d->most]), d->name, d->args);
	return 0;
}

int
option_parse(int argc, char *const *argv, struct cli *c, struct err *err)
{
	struct line l = {.argc = argc, .argv = argv, .c = c};
	size_t words = 0, most = (size_t)argc + 1; /* argc is not negative */

	l.word = arena_array(c->a, most, struct str);
	l.given = arena_array(c->a, most, struct cli_given);
	if (l.word == NULL || l.given == NULL)
		return err_nomem(err, "the command line");
	c->given = l.given;
	if (take_words(&l, err) != 0)
		return -1;
	if (c->n_args > 0 &&
	    command_find(l.word, c->n_args, &c->command, &words, err) != 0)
		return -1;
	c->arg = l.word + words;
	c->n_args -= words;
	if (check_options(&l, err) != 0)
		return -1;
	return c->command == NULL ? 0 : check_words(c, err);
}

bool
option_has(const struct cli *c, enum option_id id)
{
	return option_count(c, id) > 0;
}

struct str
option_get(const struct cli *c, enum option_id id)
{
	struct str s = {NULL, 0};

	for (size_t i = 0; i < c->n_given; i++)
		if (c->given[i].id == (int)id)
			s = c->given[i].value;
	return s;
}

size_t
option_count(const struct cli *c, enum option_id id)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_given; i++)
		n += c->given[i].id == (int)id;
	return n;
}

struct str
option_at(const struct cli *c, enum option_id id, size_t i)
{
	for (size_t k = 0; k < c->n_given; k++)
		if (c->given[k].id == (int)id && i-- == 0)
			return c->given[k].value;
	return (struct str){NULL, 0};
}
