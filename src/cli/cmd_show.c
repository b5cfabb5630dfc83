/* Matters and acts, for people. */
#include "base/num.h"
#include "cli/ask.h"
#include "cli/command.h"

enum { LINE = 76, LIMIT_MAX = 1000 };

/* ---- one act ---- */

static void
say_member(struct say *s, struct str name, struct str v)
{
	if (v.n == 0)
		return;
	say_fmt(s, "    ");
	say_text(s, name);
	say_fmt(s, ":");
	if (str_find(v, '\n', 0) == v.n && say_width(v) < LINE) {
		say_fmt(s, " ");
		say_text(s, v);
		say_fmt(s, "\n");
		return;
	}
	say_fmt(s, "\n");
	say_block(s, v, 6);
}

/* A value of a body as text: texts one a line, the rest as JSON. */
static struct str
value_text(const struct js *v, struct arena *a)
{
	struct js_make m = {.a = a};
	struct buf b;
	struct str out = STR("");
	struct err err;

	if (js_type(v) == JS_TEXT)
		return js_str(v);
	buf_init(&b, a);
	for (size_t i = 0; js_type(v) == JS_LIST && i < js_len(v); i++) {
		const struct js *x = js_at(v, i);
		struct str lang = js_str(js_get(x, "lang"));

		if (lang.n > 0) {
			buf_z(&b, i == 0 ? "" : "\n");
			buf_str(&b, lang);
			buf_z(&b,
			    js_bool(js_get(x, "authentic")) ? "*: " : ": ");
			buf_str(&b, js_str(js_get(x, "text")));
		} else if (js_type(x) == JS_TEXT) {
			buf_z(&b, i == 0 ? "" : ", ");
			buf_str(&b, js_str(x));
		} else {
			b.n = 0;
			break;
		}
	}
	if (b.n > 0)
		return buf_done(&b, &out, &err) != 0 ? STR("") : out;
	return js_text(&m, v, JS_COMPACT, &out, &err) != 0 ? STR("") : out;
}

/* Of the list's row i, to the second. */
static struct str
second_of(struct arena *a, const struct js *list, size_t i)
{
	return say_time(a, js_get(js_at(list, i), "time"));
}

/* Parties that witnessed it, those of one second together. */
static void
say_delivered(struct cli *c, struct say *s, const struct js *list)
{
	struct arena *a = c->a;
	size_t n = js_len(list);

	if (n > 0)
		say_fmt(s,
		    "    %.*s: ", STR_ARG(say_word(STR("witnessed"), c->lang)));
	for (size_t i = 0; i < n; i++) {
		struct str time = second_of(a, list, i);
		bool told = false;

		for (size_t k = 0; k < i && !told; k++)
			told = str_eq(time, second_of(a, list, k));
		if (told)
			continue;
		say_fmt(s, "%s", i == 0 ? "" : "; ");
		for (size_t k = i; k < n; k++) {
			if (!str_eq(time, second_of(a, list, k)))
				continue;
			say_fmt(s, "%s", k == i ? "" : ", ");
			say_text(s, js_str(js_get(js_at(list, k), "party")));
		}
		say_fmt(s, " %.*s", STR_ARG(time));
	}
	say_fmt(s, "%s", n > 0 ? "\n" : "");
}

static void
say_verdict(struct cli *c, struct say *s, const struct js *act)
{
	struct str verdict = js_str(js_get(act, "verdict"));
	struct str reason = js_str(js_get(act, "reason"));

	if (verdict.n == 0 || str_is(verdict, "valid"))
		return;
	say_fmt(s, "    ");
	say_style(s, SAY_BAD, say_word(verdict, c->lang));
	if (reason.n > 0) {
		say_fmt(s, ": ");
		say_text(s, reason);
	}
	if (js_str(js_get(act, "where")).n > 0) {
		say_fmt(s, " at ");
		say_text(s, js_str(js_get(act, "where")));
	}
	say_fmt(s, "\n");
}

static void
say_act(struct cli *c, struct say *s, const struct js *act)
{
	say_style(s, SAY_BOLD, js_str(js_get(act, "cite")));
	say_fmt(s, "  ");
	say_text(s, say_title(js_get(act, "title"), c->lang));
	say_fmt(s, "  (");
	say_text(s, js_str(js_get(act, "kind")));
	say_fmt(s, ")\n    ");
	say_text(s, js_str(js_get(act, "party")));
	say_fmt(s, ", ");
	say_text(s, say_list(c->a, js_get(act, "officers")));
	say_fmt(s, ", %.*s, %.*s ", STR_ARG(say_time(c->a, js_get(act, "at"))),
	    STR_ARG(say_word(STR("to"), c->lang)));
	say_text(s, say_list(c->a, js_get(act, "to")));
	say_fmt(s, "\n");
	say_verdict(c, s, act);
	say_member(s, say_word(STR("answers"), c->lang),
	    js_str(js_get(act, "answers")));
	say_member(s, say_word(STR("amends"), c->lang),
	    js_str(js_get(act, "amends")));
	for (struct js_each e = {0}; js_next(js_get(act, "body"), &e);)
		say_member(s, e.key, value_text(e.value, c->a));
	for (struct js_each e = {0}; js_next(js_get(act, "remarks"), &e);)
		if (js_type(e.value) != JS_NULL)
			say_member(s, say_word(STR("remark"), c->lang), e.key);
	say_delivered(c, s, js_get(act, "delivered"));
}

/* ---- a matter ---- */

static void
say_head(struct cli *c, struct say *s, const struct js *m)
{
	struct str subject = js_str(js_get(m, "subject"));

	say_style(s, SAY_BOLD, js_str(js_get(m, "cite")));
	say_fmt(s, "  ");
	say_text(s,
	    say_title(js_get(js_get(m, "procedure"), "title"), c->lang));
	say_fmt(s, "%s", subject.n > 0 ? ": " : "");
	say_text(s, subject);
	say_fmt(s, "\n%.*s: ", STR_ARG(say_word(STR("State"), c->lang)));
	say_style(s, SAY_BOLD, say_title(js_get(m, "state_title"), c->lang));
	/* not each language has its "since" in front */
	say_fmt(s, c->lang == SAY_EN ? " since %.*s" : " (%.*s -)",
	    STR_ARG(say_time(c->a, js_get(m, "since"))));
	if (js_bool(js_get(m, "final")))
		say_fmt(s, " %.*s", STR_ARG(say_word(STR("(final)"), c->lang)));
	say_fmt(s, "\n%.*s: ", STR_ARG(say_word(STR("Audience"), c->lang)));
	say_text(s, say_list(c->a, js_get(m, "audience")));
	if (js_str(js_get(m, "conference")).n > 0) {
		say_fmt(s,
		    "\n%.*s: ", STR_ARG(say_word(STR("Conference"), c->lang)));
		say_text(s, js_str(js_get(m, "conference")));
	}
	say_fmt(s, "\nId: ");
	say_text(s, js_str(js_get(m, "id")));
	say_fmt(s, "\n");
}

static void
say_terms(struct cli *c, struct say *s, const struct js *list)
{
	static const char *const head[] = {"TERM", "OF", "KIND", "DUE",
	    "STATUS", "TIME"};
	struct say_table t;

	if (js_len(list) == 0)
		return;
	say_fmt(s, "\n");
	say_table_heads(&t, c->a, c->lang, COUNT(head), head);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *j = js_at(list, i);
		struct str status = js_str(js_get(j, "status"));
		struct str party = js_str(js_get(j, "party"));
		bool open = str_is(status, "open") || str_is(status, "past");
		struct str row[COUNT(head)];

		row[0] = say_title(js_get(j, "title"), c->lang);
		row[1] = party.n == 0 ? STR("-") : party;
		row[2] = say_word(js_str(js_get(j, "kind")), c->lang);
		row[3] = say_time(c->a, js_get(j, "due"));
		row[4] = say_word(status, c->lang);
		row[5] = open ? say_left_in(c->a, c->lang, js_get(j, "due"),
				    js_int(js_get(j, "left_us")))
		              : STR("-");
		say_table_row(&t, row);
	}
	say_table_end(&t, s);
}

static void
say_may(struct cli *c, struct say *s, const struct js *m)
{
	const struct js *may =
	    js_get_at(js_get(m, "may"), js_str(js_get(m, "party")));
	struct str name = js_str(js_get(js_get(m, "procedure"), "name"));

	say_fmt(s, "\n%.*s: ", STR_ARG(say_word(STR("You may now"), c->lang)));
	if (js_len(may) == 0)
		say_text(s, say_word(STR("nothing"), c->lang));
	for (size_t i = 0; i < js_len(may); i++) {
		say_fmt(s, "%s", i == 0 ? "" : ", ");
		say_text(s, name);
		say_fmt(s, "/");
		say_text(s, js_str(js_at(may, i)));
	}
	say_fmt(s, "\n");
	if (js_len(js_get(m, "missing")) > 0)
		say_fmt(s, "%zu act(s) that others cite are not here yet.\n",
		    js_len(js_get(m, "missing")));
}

static int
show_matter(struct cli *c, const struct js *m, struct err *err)
{
	const struct js *acts = js_get(m, "acts");
	struct say s;

	say_begin(&s, c->a);
	say_head(c, &s, m);
	say_terms(c, &s, js_get(m, "terms"));
	for (size_t i = 0; i < js_len(acts); i++) {
		say_fmt(&s, "\n");
		say_act(c, &s, js_at(acts, i));
	}
	say_may(c, &s, m);
	return say_end(&s, err);
}

/* A matter by its opening; any other act alone, with its matter's name. */
int
cmd_show(struct cli *c, struct err *err)
{
	struct str ref = c->arg[0];
	const struct js *act = NULL, *m = NULL;
	struct err bad;
	struct say s;
	bool opening;

	if (ask_ref(ref, err) != 0)
		return -1;
	if (ask_get(c, str_fmt(c->a, "/acts/%.*s", STR_ARG(ref)), &act, err) !=
	    0)
		return -1;
	opening = str_eq(js_str(js_get(act, "matter")),
	    js_str(js_get(js_get(act, "act"), "cite")));
	if (opening && ask_get(c, str_fmt(c->a, "/matters/%.*s", STR_ARG(ref)),
			   &m, &bad) == 0)
		return c->json ? command_say_json(c, m, err)
		               : show_matter(c, m, err);
	if (c->json)
		return command_say_json(c, act, err);
	say_begin(&s, c->a);
	say_act(c, &s, js_get(act, "act"));
	say_fmt(&s, "    %.*s: ", STR_ARG(say_word(STR("matter"), c->lang)));
	say_text(&s, js_str(js_get(act, "matter")));
	say_fmt(&s, "\n");
	return say_end(&s, err);
}

/* ---- many matters ---- */

static int
list_path(struct cli *c, struct str *ret, struct err *err)
{
	static const struct {
		enum option_id id;
		const char *name;
	} filter[] = {
	    {OPTION_PROCEDURE, "procedure"},
	    {OPTION_STATE, "state"},
	    {OPTION_TEXT, "text"},
	    {OPTION_BEFORE, "before"},
	    {OPTION_LIMIT, "n"},
	};
	struct buf b;
	int64_t n;

	buf_init(&b, c->a);
	buf_z(&b, "/matters");
	for (size_t i = 0; i < COUNT(filter); i++)
		if (option_has(c, filter[i].id))
			ask_param(&b, filter[i].name,
			    option_get(c, filter[i].id));
	if (option_has(c, OPTION_LIVE))
		ask_param(&b, "live", STR("1"));
	if (option_has(c, OPTION_LIMIT) &&
	    num_parse(option_get(c, OPTION_LIMIT), 1, LIMIT_MAX, &n, err) != 0)
		return err_in(err, "--limit: ");
	return buf_done(&b, ret, err);
}

int
cmd_list(struct cli *c, struct err *err)
{
	static const char *const head[] = {"MATTER", "PROCEDURE", "STATE",
	    "SINCE", "ACTS", "SUBJECT"};
	const struct js *j, *list;
	struct say_table t;
	struct str path;
	struct say s;

	if (list_path(c, &path, err) != 0 || ask_get(c, path, &j, err) != 0)
		return -1;
	if (c->json)
		return command_say_json(c, j, err);
	list = js_get(j, "matters");
	say_begin(&s, c->a);
	if (js_len(list) == 0)
		say_fmt(&s, "%.*s\n",
		    STR_ARG(say_word(STR("No matters."), c->lang)));
	if (js_len(list) == 0)
		return say_end(&s, err);
	say_table_heads(&t, c->a, c->lang, COUNT(head), head);
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *m = js_at(list, i);
		struct str row[COUNT(head)];

		row[0] = js_str(js_get(m, "cite"));
		row[1] = say_title(js_get(m, "procedure_title"), c->lang);
		row[2] = say_title(js_get(m, "state_title"), c->lang);
		row[3] = say_time(c->a, js_get(m, "since"));
		row[4] =
		    str_fmt(c->a, "%lld", (long long)js_int(js_get(m, "acts")));
		row[5] = say_cut(js_str(js_get(m, "subject")), 40);
		say_table_row(&t, row);
	}
	say_table_end(&t, &s);
	return say_end(&s, err);
}
