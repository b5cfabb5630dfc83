/* Help, completion and the manual page: all from the tables. */
#include <string.h>

#include "base/num.h"
#include "cli/command.h"
#include "node/settings.h"

#define VERSION "0.1.0"

int
cmd_version(struct cli *c, struct err *err)
{
	struct say s;

	say_begin(&s, c->a);
	say_fmt(&s, c->json ? "{\"version\":\"%s\"}\n" : "comity %s\n",
	    VERSION);
	return say_end(&s, err);
}

/* ---- help ---- */

static void
say_all(struct cli *c, struct say *s)
{
	const struct command *all;
	size_t n = command_all(&all), widest = 0;

	say_fmt(s, "comity COMMAND [ARGUMENTS] [OPTIONS]\n\n");
	for (size_t i = 0; i < n; i++) {
		size_t w = strlen(all[i].name);

		widest = w > widest ? w : widest;
	}
	for (size_t i = 0; i < n; i++) {
		say_fmt(s, "  ");
		say_style(s, SAY_BOLD, str_of(all[i].name));
		say_fmt(s, "%*s  %s\n", (int)(widest - strlen(all[i].name)), "",
		    command_title(&all[i], c->lang));
	}
	say_fmt(s, "\n'comity help COMMAND' says more of one; 'comity help "
		   "settings' lists the\nsettings of comity.ini.\n");
}

static void
say_options(struct say *s, const char *title, uint64_t which)
{
	if (which == 0)
		return;
	say_fmt(s, "\n%s\n", title);
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option_row *o = option_row((enum option_id)i);
		bool has = o->value != NULL;

		if ((which & OPTION_BIT(i)) == 0)
			continue;
		say_fmt(s, "  %s%c%s--%s%s%s%s\n      %s\n",
		    o->letter != 0 ? "-" : "", o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 ? ", " : "   ", o->name, has ? " " : "",
		    has ? o->value : "",
		    o->many ? "   (may be given again)" : "", o->help);
	}
}

static void
say_one(struct cli *c, struct say *s, const struct command *d)
{
	say_fmt(s, "comity %s%s%s\n\n%s\n", d->name,
	    d->args[0] == '\0' ? "" : " ", d->args, command_title(d, c->lang));
	if (d->more != NULL) {
		say_fmt(s, "\n");
		say_block(s, str_of(d->more), 2);
	}
	say_options(s, "Options", d->options);
	say_options(s, "General options", OPTION_GENERAL);
}

static void
say_settings(struct say *s)
{
	const struct settings_row *row;
	size_t n = settings_rows(&row);
	const char *section = "";

	say_fmt(s, "Settings in comity.ini of the folder\n");
	for (size_t i = 0; i < n; i++) {
		if (strcmp(section, row[i].section) != 0)
			say_fmt(s, "\n[%s]\n", row[i].section);
		section = row[i].section;
		say_fmt(s, "  %s = ", row[i].name);
		if (row[i].kind == SETTING_NUMBER)
			say_fmt(s, "%lld", (long long)row[i].usual);
		else
			say_fmt(s, "%s", row[i].text);
		say_fmt(s, "\n      %s\n", row[i].help);
	}
}

/* ---- the manual page, man(7) ---- */

/* A hyphen that is typed is "\-"; a line must not begin with "." or "'". */
static void
man_text(struct say *s, const char *text)
{
	bool begins = true;

	for (; *text != '\0'; text++) {
		if (begins && (*text == '.' || *text == '\''))
			buf_z(&s->b, "\\&");
		if (*text == '-')
			buf_z(&s->b, "\\-");
		else if (*text == '\\')
			buf_z(&s->b, "\\e");
		else
			buf_char(&s->b, *text);
		begins = *text == '\n';
	}
}

static void
man_option(struct say *s, const struct option_row *o)
{
	say_fmt(s, ".TP\n\\fB");
	if (o->letter != 0)
		say_fmt(s, "\\-%c\\fR, \\fB", o->letter);
	man_text(s, "--");
	man_text(s, o->name);
	say_fmt(s, "\\fR%s%s%s\n", o->value != NULL ? " \\fI" : "",
	    o->value != NULL ? o->value : "", o->value != NULL ? "\\fR" : "");
	man_text(s, o->help);
	say_fmt(s, "%s\n", o->many ? " (may be given again)" : "");
}

static void
man_command(struct say *s, const struct command *d)
{
	say_fmt(s, ".TP\n\\fB%s\\fR", d->name);
	if (d->args[0] != '\0') {
		say_fmt(s, " \\fI");
		man_text(s, d->args);
		say_fmt(s, "\\fR");
	}
	say_fmt(s, "\n");
	man_text(s, d->title[SAY_EN]);
	say_fmt(s, "\n");
	if (d->options != 0)
		say_fmt(s, ".br\nOptions:");
	for (size_t i = 0; i < OPTIONS; i++) {
		if ((d->options & OPTION_BIT(i)) == 0)
			continue;
		say_fmt(s, " ");
		man_text(s, "--");
		man_text(s, option_row((enum option_id)i)->name);
	}
	say_fmt(s, "%s", d->options != 0 ? "\n" : "");
	if (d->more != NULL) {
		say_fmt(s, ".IP\n.nf\n");
		man_text(s, d->more);
		say_fmt(s, "\n.fi\n");
	}
}

static void
man_settings(struct say *s)
{
	const struct settings_row *row;
	size_t n = settings_rows(&row);

	for (size_t i = 0; i < n; i++) {
		say_fmt(s, ".TP\n[%s] \\fB%s\\fR\n", row[i].section,
		    row[i].name);
		man_text(s, row[i].help);
		say_fmt(s, "\n");
	}
}

static void
man_page(struct say *s)
{
	const struct command *all;
	size_t n = command_all(&all);

	say_fmt(s,
	    ".\\\" made by 'comity help man'\n.TH COMITY 1 \"\" \"comity %s\"\n"
	    ".SH NAME\ncomity \\- a party's node in a conference that nobody "
	    "owns\n.SH SYNOPSIS\n\\fBcomity\\fR \\fIcommand\\fR "
	    "[\\fIarguments\\fR] [\\fIoptions\\fR]\n.SH DESCRIPTION\n"
	    "Each party of a conference runs a node. Every act is signed by "
	    "an officer, logged, witnessed by the other parties, and judged "
	    "by procedures that are data. A command asks the running node of "
	    "its folder, or opens the folder itself where none is running.\n"
	    ".SH COMMANDS\n",
	    VERSION);
	for (size_t i = 0; i < n; i++)
		man_command(s, &all[i]);
	say_fmt(s, ".SH OPTIONS\n");
	for (size_t i = 0; i < OPTIONS; i++)
		man_option(s, option_row((enum option_id)i));
	say_fmt(s, ".SH SETTINGS\nOf the file comity.ini in the folder.\n");
	man_settings(s);
	say_fmt(s,
	    ".SH ENVIRONMENT\n.TP\n\\fBCOMITY_FOLDER\\fR\nthe folder "
	    "where no \\-\\-folder is given\n.TP\n"
	    "\\fBCOMITY_PASSPHRASE_FILE\\fR\na file that holds the "
	    "keys' passphrase\n.TP\n\\fBNO_COLOR\\fR\nno colours\n"
	    ".SH EXIT STATUS\n0 done, 2 wrong input, 3 denied, 4 absent, "
	    "5 conflict, 6 busy, 7 no memory, 8 disk or network, 9 a "
	    "stored thing fails verification\n");
}

int
cmd_help(struct cli *c, struct err *err)
{
	const struct command *d = c->command;
	size_t words;
	struct say s;

	say_begin(&s, c->a);
	if (d != NULL && d->run == cmd_help && c->n_args > 0) {
		if (str_is(c->arg[0], "settings"))
			say_settings(&s);
		else if (str_is(c->arg[0], "man"))
			man_page(&s);
		else if (command_find(c->arg, c->n_args, &d, &words, err) != 0)
			return -1;
		else
			say_one(c, &s, d);
	} else if (d != NULL && d->run != cmd_help) {
		say_one(c, &s, d);
	} else {
		say_all(c, &s);
	}
	return say_end(&s, err);
}

/* ---- completion ---- */

static void
complete_command(struct say *s, const struct command *d)
{
	say_fmt(s, "\t'%s')\n\t\toptions='", d->name);
	for (size_t i = 0; i < OPTIONS; i++)
		if (((d->options | OPTION_GENERAL) & OPTION_BIT(i)) != 0)
			say_fmt(s, "--%s ",
			    option_row((enum option_id)i)->name);
	say_fmt(s, "' ;;\n");
}

/* First words, or second words of a group. */
static void
complete_words(struct say *s)
{
	const struct command *all;
	size_t n = command_all(&all);
	struct str last = STR("");

	say_fmt(s, "\tcase $one in\n");
	for (size_t i = 0; i < n; i++) {
		struct str name = str_of(all[i].name);
		struct str group = str_sub(name, 0, str_find(name, ' ', 0));

		if (group.n == name.n)
			continue;
		if (!str_eq(group, last))
			say_fmt(s, "%s\t%.*s) second='",
			    last.n > 0 ? "' ;;\n" : "", STR_ARG(group));
		say_fmt(s, "%s ", name.p + group.n + 1);
		last = group;
	}
	say_fmt(s, "' ;;\n\tesac\n");
}

static void
complete_first(struct say *s)
{
	const struct command *all;
	size_t n = command_all(&all);
	struct str last = STR("");

	for (size_t i = 0; i < n; i++) {
		struct str name = str_of(all[i].name);
		struct str group = str_sub(name, 0, str_find(name, ' ', 0));

		if (!str_eq(group, last))
			say_fmt(s, "%.*s ", STR_ARG(group));
		last = group;
	}
}

static void
complete_bash(struct say *s)
{
	const struct command *all;
	size_t n = command_all(&all);

	say_fmt(s,
	    "_comity() {\n\tlocal now=${COMP_WORDS[COMP_CWORD]} one= two= "
	    "second= options= word skip=\n"
	    "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
	    "\t\tif [ -n \"$skip\" ]; then skip=; continue; fi\n"
	    "\t\tcase $word in\n\t\t-C|");
	for (size_t i = 0; i < OPTIONS; i++)
		if (option_row((enum option_id)i)->value != NULL)
			say_fmt(s, "--%s|",
			    option_row((enum option_id)i)->name);
	say_fmt(s,
	    "-o|-s) skip=1 ;;\n\t\t-*) ;;\n"
	    "\t\t*) if [ -z \"$one\" ]; then one=$word; elif [ -z \"$two\" ]; "
	    "then two=$word; fi ;;\n\t\tesac\n\tdone\n");
	complete_words(s);
	say_fmt(s, "\tcase \"$one${second:+ $two}\" in\n");
	for (size_t i = 0; i < n; i++)
		complete_command(s, &all[i]);
	say_fmt(s, "\tesac\n\tif [ -n \"$skip\" ]; then\n"
		   "\t\tCOMPREPLY=($(compgen -f -- \"$now\"))\n"
		   "\telif [ -z \"$one\" ]; then\n"
		   "\t\tCOMPREPLY=($(compgen -W '");
	complete_first(s);
	say_fmt(s,
	    "' -- \"$now\"))\n\telif [ -n \"$second\" ] && [ -z \"$two\" ]; "
	    "then\n\t\tCOMPREPLY=($(compgen -W \"$second\" -- \"$now\"))\n"
	    "\telif [ \"${now#-}\" != \"$now\" ]; then\n"
	    "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$now\"))\n"
	    "\telse\n\t\tCOMPREPLY=($(compgen -f -- \"$now\"))\n\tfi\n}\n"
	    "complete -o filenames -F _comity comity\n");
}

int
cmd_completion(struct cli *c, struct err *err)
{
	struct say s;

	if (!str_is(c->arg[0], "bash") && !str_is(c->arg[0], "zsh"))
		return err_set(err, ERR_INPUT,
		    "there is completion for bash and zsh, not for '%.*s'",
		    STR_ARG(c->arg[0]));
	say_begin(&s, c->a);
	if (str_is(c->arg[0], "zsh"))
		say_fmt(&s, "autoload -U +X compinit && compinit\n"
			    "autoload -U +X bashcompinit && bashcompinit\n");
	complete_bash(&s);
	return say_end(&s, err);
}
