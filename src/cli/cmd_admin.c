/* Looking after a folder, and after procedures. */
#include "base/num.h"
#include "cli/ask.h"
#include "cli/command.h"
#include "cli/fill.h"
#include "node/keydir.h"
#include "rules/procedure.h"

static int
post(struct cli *c, const char *path, const struct js **ret, struct err *err)
{
	struct ask_answer ans;

	if (ask_send(c, "POST", str_of(path), STR(""), (struct span){NULL, 0},
		&ans, err) != 0)
		return -1;
	*ret = ans.json;
	return 0;
}

static int
say_line(struct cli *c, const struct js *j, const char *text, struct err *err)
{
	struct say s;

	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	say_fmt(&s, "%s\n", text);
	return say_end(&s, err);
}

int
cmd_rebuild(struct cli *c, struct err *err)
{
	const struct js *j;

	if (post(c, "/rebuild", &j, err) != 0)
		return -1;
	return say_line(c, j,
	    js_bool(js_get(j, "same"))
		? "Rebuilt: all that derives from the acts was as it should be."
		: "Rebuilt: something that derives from the acts was not as "
		  "it should be, and is now.",
	    err);
}

int
cmd_check(struct cli *c, struct err *err)
{
	const struct js *j;

	if (post(c, "/check", &j, err) != 0)
		return -1;
	return say_line(c, j, "The folder is sound.", err);
}

/* Each way's answer; a way that is closed makes the command fail. */
int
cmd_alert_test(struct cli *c, struct err *err)
{
	const struct js *j, *list;
	struct str bad = STR("");
	struct say s;

	if (post(c, "/alerts/test", &j, err) != 0)
		return -1;
	list = js_get(j, "alerts");
	if (js_len(list) == 0)
		return err_set(err, ERR_ABSENT,
		    "comity.ini has no 'rule' in [alert]: 'comity help "
		    "settings' shows its form");
	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *one = js_at(list, i);
		struct str error = js_str(js_get(one, "error"));

		say_text(&s, js_str(js_get(one, "way")));
		say_fmt(&s, ":");
		say_text(&s, js_str(js_get(one, "to")));
		say_fmt(&s, error.n > 0 ? "  not sent: " : "  sent");
		say_text(&s, error);
		say_fmt(&s, "\n");
		if (error.n > 0)
			bad = error;
	}
	if (say_end(&s, err) != 0)
		return -1;
	return bad.n == 0 ? 0 : err_set(err, ERR_IO, "an alert was not sent");
}

int
cmd_procedures_list(struct cli *c, struct err *err)
{
	static const struct str head[] = {{"NAME", 4}, {"VERSION", 7},
	    {"TITLE", 5}, {"ACTS", 4}};
	const struct js *j, *list;
	struct say_table t;
	struct say s;

	if (ask_get(c, STR("/procedures"), &j, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	say_table_begin(&t, c->a, COUNT(head), head);
	list = js_get(j, "procedures");
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *p = js_at(list, i);
		struct str row[COUNT(head)];

		row[0] = js_str(js_get(p, "name"));
		row[1] = str_fmt(c->a, "%lld",
		    (long long)js_int(js_get(p, "version")));
		row[2] = say_title(js_get(p, "title"), c->lang);
		row[3] = say_list(c->a, js_get(p, "acts"));
		say_table_row(&t, row);
	}
	say_table_end(&t, &s);
	return say_end(&s, err);
}

/* ---- one procedure ---- */

static void
say_states(struct cli *c, struct say *s, const struct js *p)
{
	say_fmt(s, "\nStates\n");
	for (struct js_each e = {0}; js_next(js_get(p, "states"), &e);) {
		say_fmt(s, "  ");
		say_style(s, SAY_BOLD, e.key);
		say_fmt(s, "  ");
		say_text(s, say_title(js_get(e.value, "title"), c->lang));
		say_fmt(s, "%s\n",
		    js_bool(js_get(e.value, "final")) ? "  (final)" : "");
	}
}

static void
say_field(struct cli *c, struct say *s, const struct js *p, struct str item)
{
	bool optional = str_ends(item, STR("?"));
	const struct js *field;

	while (str_ends(item, STR("?")))
		item.n--;
	field = js_get_at(js_get(p, "fields"), item);
	say_fmt(s, "      ");
	say_text(s, item);
	say_fmt(s, "%s  ", optional ? "?" : "");
	say_text(s, say_title(js_get(field, "title"), c->lang));
	say_fmt(s, ": ");
	say_text(s, fill_hint(field, c->a));
	say_fmt(s, "%s\n",
	    js_bool(js_get(field, "many")) ? "; may be given again" : "");
}

static void
say_acts(struct cli *c, struct say *s, const struct js *p)
{
	say_fmt(s, "\nActs\n");
	for (struct js_each e = {0}; js_next(js_get(p, "acts"), &e);) {
		const struct js *form = js_get(e.value, "form");

		say_fmt(s, "  ");
		say_style(s, SAY_BOLD, e.key);
		say_fmt(s, "  ");
		say_text(s, say_title(js_get(e.value, "title"), c->lang));
		say_fmt(s, "%s\n",
		    js_bool(js_get(e.value, "opens")) ? "  (opens a matter)"
						      : "");
		for (size_t i = 0; i < js_len(form); i++)
			say_field(c, s, p, js_str(js_at(form, i)));
	}
}

int
cmd_procedures_show(struct cli *c, struct err *err)
{
	const struct js *p;
	struct say s;

	if (ask_ref(c->arg[0], err) != 0 ||
	    ask_get(c, str_fmt(c->a, "/procedures/%.*s", STR_ARG(c->arg[0])),
		&p, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, p, err);
	say_begin(&s, c->a);
	say_style(&s, SAY_BOLD, js_str(js_get(p, "procedure")));
	say_fmt(&s, "  ");
	say_text(&s, say_title(js_get(p, "title"), c->lang));
	say_fmt(&s, "\n");
	say_block(&s, say_title(js_get(p, "about"), c->lang), 0);
	say_states(c, &s, p);
	say_acts(c, &s, p);
	return say_end(&s, err);
}

static int
say_faults(struct cli *c, const struct str *fault, size_t n, struct err *err)
{
	struct js_make m = {.a = c->a};
	struct js *j = js_map(&m), *list = js_put_list(&m, j, "faults");
	struct say s;

	for (size_t i = 0; i < n; i++)
		js_put_str(&m, list, NULL, fault[i]);
	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	for (size_t i = 0; i < n; i++)
		say_block(&s, fault[i], 0);
	say_fmt(&s, "%s", n == 0 ? "No fault.\n" : "");
	return say_end(&s, err);
}

int
cmd_procedures_check(struct cli *c, struct err *err)
{
	struct str file, *fault, stem = c->arg[0];
	size_t n;

	if (keydir_load(c->arg[0].p, PROCEDURE_MAX, c->a, &file, err) != 0)
		return -1;
	while (str_find(stem, '/', 0) < stem.n)
		stem = str_sub(stem, str_find(stem, '/', 0) + 1, stem.n);
	stem = str_sub(stem, 0, str_find(stem, '.', 0));
	if (procedure_faults(span_of(file), stem, c->a, &fault, &n, err) != 0 ||
	    say_faults(c, fault, n, err) != 0)
		return -1;
	return n == 0 ? 0
	              : err_set(err, ERR_INPUT, "%s has %zu fault%s",
			    c->arg[0].p, n, n == 1 ? "" : "s");
}
