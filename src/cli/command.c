#include "cli/command.h"

#include <locale.h>
#include <stdlib.h>
#include <stdio.h>

#include "cli/ask.h"
#include "cli/near.h"

/* An answer of a gigabyte doubles its buffer as it grows. */
#define ARENA_MAX ((size_t)4 << 30)

const char *
command_title(const struct command *d, enum say_lang lang)
{
	return d->title[lang] != NULL ? d->title[lang] : d->title[SAY_EN];
}

static bool
is_named(const struct command *d, const struct str *word, size_t n,
    size_t *ret_words)
{
	struct str name = str_of(d->name);
	size_t space = str_find(name, ' ', 0);

	if (!str_eq(word[0], str_sub(name, 0, space)))
		return false;
	*ret_words = space == name.n ? 1 : 2;
	return space == name.n ||
	       (n > 1 && str_eq(word[1], str_sub(name, space + 1, name.n)));
}

/* "peer" alone, or "peer nonsense". */
static int
refuse_group(const struct str *word, size_t n, struct near *near,
    struct str verbs, struct err *err)
{
	if (n < 2)
		return err_set(err, ERR_INPUT, "'%.*s' wants one of: %.*s",
		    STR_ARG(word[0]), STR_ARG(verbs));
	return err_set(err, ERR_INPUT,
	    "'%.*s' has no '%.*s'%s%.*s%s; it has: %.*s", STR_ARG(word[0]),
	    STR_ARG(word[1]), near->best.p == NULL ? "" : ", did you mean '",
	    STR_ARG(near->best.p == NULL ? STR("") : near->best),
	    near->best.p == NULL ? "" : "'", STR_ARG(verbs));
}

static int
refuse(const struct str *word, size_t n, struct err *err)
{
	struct near first, second;
	struct arena a;
	struct buf verbs;
	struct str list;
	const struct command *all;
	size_t count = command_all(&all);
	int rc;

	arena_init(&a, 65536);
	buf_init(&verbs, &a);
	near_begin(&first, word[0]);
	near_begin(&second, n > 1 ? word[1] : STR(""));
	for (size_t i = 0; i < count; i++) {
		struct str name = str_of(all[i].name);
		struct str group = str_sub(name, 0, str_find(name, ' ', 0));

		near_try(&first, group);
		if (!str_eq(group, word[0]))
			continue;
		buf_z(&verbs, verbs.n == 0 ? "" : ", ");
		buf_str(&verbs, str_sub(name, group.n + 1, name.n));
		near_try(&second, str_sub(name, group.n + 1, name.n));
	}
	if (verbs.n > 0 && buf_done(&verbs, &list, err) == 0)
		rc = refuse_group(word, n, &second, list, err);
	else
		rc = err_set(err, ERR_INPUT,
		    "there is no command '%.*s'%.*s; 'comity help' lists them",
		    STR_ARG(word[0]), STR_ARG(near_hint(&first, &a)));
	arena_release(&a);
	return rc;
}

int
command_find(const struct str *word, size_t n, const struct command **ret,
    size_t *ret_words, struct err *err)
{
	const struct command *all;
	size_t count = command_all(&all);

	for (size_t i = 0; i < count; i++) {
		if (!is_named(&all[i], word, n, ret_words))
			continue;
		*ret = &all[i];
		return 0;
	}
	return refuse(word, n, err);
}

int
command_say_json(struct cli *c, const struct js *j, struct err *err)
{
	struct js_make m = {.a = c->a};
	struct str text;

	if (js_text(&m, j, JS_COMPACT, &text, err) != 0)
		return -1;
	if (fwrite(text.p, 1, text.n, stdout) != text.n ||
	    fputc('\n', stdout) == EOF || fflush(stdout) != 0)
		return err_set(err, ERR_IO,
		    "standard output cannot be written");
	return 0;
}

static int
settle(struct cli *c, struct err *err)
{
	struct str lang = option_get(c, OPTION_LANG);
	const char *folder = option_get(c, OPTION_FOLDER).p;

	c->json = option_has(c, OPTION_JSON);
	c->lang = say_lang();
	if (lang.p != NULL && !say_is_lang(lang, &c->lang))
		return err_set(err, ERR_INPUT,
		    "--lang %.*s is none of: en, ja, zh, ko", STR_ARG(lang));
	if (folder == NULL)
		folder = getenv("COMITY_FOLDER");
	c->folder = folder == NULL || *folder == '\0' ? "." : folder;
	return 0;
}

static int
run(int argc, char **argv, struct cli *c, struct err *err)
{
	int rc = option_parse(argc, argv, c, err);

	/* told even where the line could not be read whole */
	c->json = option_has(c, OPTION_JSON);
	if (rc != 0 || settle(c, err) != 0)
		return -1;
	if (option_has(c, OPTION_VERSION))
		return cmd_version(c, err);
	if (c->command == NULL || option_has(c, OPTION_HELP))
		return cmd_help(c, err);
	return c->command->run(c, err);
}

static void
say_error(struct cli *c, const struct err *why)
{
	struct js_make m = {.a = c->a};
	struct js *j = js_map(&m);
	struct err err;

	(void)fflush(stdout);
	(void)fprintf(stderr, "comity: %s.\n", why->text);
	if (!c->json)
		return;
	js_put_z(&m, j, "error", why->text);
	js_put_z(&m, j, "code", err_name(why->code));
	(void)command_say_json(c, j, &err); /* the first error is the one */
}

int
command_main(int argc, char **argv, const struct cli_signals *signals)
{
	struct err err = {.code = ERR_NONE};
	struct arena a;
	struct cli c = {.a = &a, .signals = signals};
	int rc;

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		(void)setlocale(LC_CTYPE, ""); /* widths may be wrong then */
	arena_init(&a, ARENA_MAX);
	rc = run(argc, argv, &c, &err);
	ask_close(c.ask);
	prompt_forget(&c.passphrase);
	if (rc != 0)
		say_error(&c, &err);
	arena_release(&a);
	return rc == 0 ? 0 : err_exit(err.code);
}
