/* What is owed, by whom, and over which lines: the duty officer's page. */
#include "base/clock.h"
#include "base/num.h"
#include "cli/ask.h"
#include "cli/command.h"

int
cmd_status(struct cli *c, struct err *err)
{
	const struct js *j, *forks;
	struct say s;

	if (ask_get(c, STR("/status"), &j, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	say_style(&s, SAY_BOLD, js_str(js_get(j, "party")));
	say_fmt(&s, "  ");
	say_text(&s, say_title(js_get(j, "names"), c->lang));
	say_fmt(&s, "\nNode:        %s, ",
	    js_bool(js_get(j, "running")) ? "running" : "not running");
	say_text(&s, js_str(js_get(j, "address")));
	say_fmt(&s,
	    "\nEntries:     %lld of our log, %lld acts held\nRoot:       "
	    " ",
	    (long long)js_int(js_get(j, "size")),
	    (long long)js_int(js_get(j, "acts")));
	say_text(&s, js_str(js_get(j, "root")));
	say_fmt(&s, "\nLog:         ");
	say_text(&s, js_str(js_get(j, "origin")));
	say_fmt(&s, "\nFingerprint: ");
	say_text(&s, say_fingerprint(c->a, js_str(js_get(j, "fingerprint"))));
	say_fmt(&s, "\n");
	forks = js_get(j, "forks");
	for (size_t i = 0; i < js_len(forks); i++) {
		say_style(&s, SAY_BAD, STR("FORK"));
		say_fmt(&s, ":        two histories of the log of ");
		say_text(&s, js_str(js_get(js_at(forks, i), "party")));
		say_fmt(&s, "\n");
	}
	return say_end(&s, err);
}

static void
say_title_line(struct cli *c, struct say *s, const char *title,
    const char *none)
{
	say_style(s, SAY_BOLD, say_word(str_of(title), c->lang));
	if (none != NULL)
		say_fmt(s, ": %.*s", STR_ARG(say_word(str_of(none), c->lang)));
	say_fmt(s, "\n");
}

static void
say_owed(struct cli *c, struct say *s, const char *title, const struct js *list)
{
	static const char *const head[] = {"TIME", "PARTY", "TERM", "MATTER",
	    "STATE", "SUBJECT"};
	struct say_table t;

	say_title_line(c, s, title, js_len(list) == 0 ? "nothing" : NULL);
	if (js_len(list) == 0)
		return;
	say_table_heads(&t, c->a, c->lang, COUNT(head), head);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *j = js_at(list, i);
		struct str party = js_str(js_get(j, "party"));
		struct str row[COUNT(head)];

		row[0] = say_left_in(c->a, c->lang, js_get(j, "due"),
		    js_int(js_get(j, "left_us")));
		row[1] = party.n == 0 ? STR("-") : party;
		row[2] = say_title(js_get(j, "term_title"), c->lang);
		row[3] = js_str(js_get(j, "cite"));
		row[4] = say_title(js_get(j, "state_title"), c->lang);
		row[5] = say_cut(js_str(js_get(j, "subject")), 32);
		say_table_row(&t, row);
	}
	say_table_end(&t, s);
}

/* Why it is down; the address stands in the table already. */
static void
say_line_error(struct say *s, const struct js *j)
{
	struct str error = js_str(js_get(j, "error"));
	struct str address = js_str(js_get(j, "address"));
	size_t at = address.n;

	if (error.n == 0)
		return;
	if (address.n > 0 && str_starts(error, address)) {
		while (at < error.n &&
		       !str_starts(str_sub(error, at, error.n), STR(": ")))
			at++;
		error = at < error.n ? str_sub(error, at + 2, error.n) : error;
	}
	say_style(s, SAY_BAD, js_str(js_get(j, "party")));
	say_fmt(s, ": ");
	say_text(s, error);
	say_fmt(s, "\n");
}

static void
say_lines(struct cli *c, struct say *s, const struct js *list)
{
	static const char *const head[] = {"PARTY", "STATE", "WAITING", "HEARD",
	    "ADDRESS"};
	struct say_table t;

	say_title_line(c, s, "Lines",
	    js_len(list) == 0 ? "no peers yet" : NULL);
	if (js_len(list) == 0)
		return;
	say_table_heads(&t, c->a, c->lang, COUNT(head), head);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *j = js_at(list, i);
		struct str row[COUNT(head)];

		row[0] = js_str(js_get(j, "party"));
		row[1] = say_word(js_str(js_get(j, "state")), c->lang);
		row[2] = str_fmt(c->a, "%lld",
		    (long long)js_int(js_get(j, "waiting")));
		row[3] = say_time(c->a, js_get(j, "heard"));
		row[4] = js_str(js_get(j, "address"));
		say_table_row(&t, row);
	}
	say_table_end(&t, s);
	for (size_t i = 0; i < js_len(list); i++)
		say_line_error(s, js_at(list, i));
}

static int
draw(struct cli *c, bool clear, struct err *err)
{
	const struct js *j;
	struct say s;

	if (ask_get(c, STR("/board"), &j, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	if (clear && s.color)
		say_fmt(&s, "\033[H\033[2J");
	say_style(&s, SAY_BOLD, js_str(js_get(j, "party")));
	say_fmt(&s, "  %.*s\n\n", STR_ARG(say_time(c->a, js_get(j, "now"))));
	say_owed(c, &s, "Owed by us", js_get(j, "owed_by_us"));
	say_fmt(&s, "\n");
	say_owed(c, &s, "Owed by others", js_get(j, "owed_to_us"));
	say_fmt(&s, "\n");
	say_lines(c, &s, js_get(j, "lines"));
	return say_end(&s, err);
}

int
cmd_board(struct cli *c, struct err *err)
{
	struct arena *all = c->a;
	int rc;

	if (!option_has(c, OPTION_WATCH))
		return draw(c, false, err);
	/* An arena a picture, until the person stops the program. */
	do {
		struct arena one;

		arena_init(&one, all->limit);
		c->a = &one;
		rc = draw(c, true, err);
		ask_close(c->ask); /* a folder opened here is free meanwhile */
		c->ask = NULL;
		c->a = all;
		arena_release(&one);
		if (rc == 0)
			clock_sleep_us(1000 * 1000);
	} while (rc == 0);
	return rc;
}
