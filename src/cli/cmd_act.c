/* Acts: drafted by the node, filled in and signed here. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "cli/ask.h"
#include "cli/command.h"
#include "cli/fill.h"
#include "cli/sign.h"
#include "node/keydir.h"
#include "rules/form.h"

enum { BODY_MAX = 1024 * 1024 };

struct work { /* one act under way */
	struct cli *c;
	struct str kind, matter; /* matter: as cited; empty: it opens one */
	const struct js *draft;
	struct js_make make;
	struct act act;
};

/* ---- references ---- */

static int
find_id(void *ctx, struct str ref, bool matter, struct str *ret_hex,
    struct err *err)
{
	struct cli *c = ctx;
	const struct js *j;
	struct str hex;

	if (ask_ref(ref, err) != 0 ||
	    ask_get(c,
		str_fmt(c->a, matter ? "/matters/%.*s" : "/acts/%.*s",
		    STR_ARG(ref)),
		&j, err) != 0)
		return -1;
	hex = js_str(js_get(matter ? j : js_get(j, "act"), "id"));
	if (hex.n != 64)
		return err_set(err, ERR_IO, "the node names no id of %.*s",
		    STR_ARG(ref));
	*ret_hex = hex;
	return 0;
}

static int
take_ref(struct work *w, enum option_id id, bool matter, bool *ret_has,
    struct id *ret, struct err *err)
{
	struct str hex, ref = option_get(w->c, id);

	*ret_has = ref.p != NULL;
	if (ref.p == NULL || hex_is_parsed(ref, ret->b, sizeof(ret->b)))
		return 0;
	if (find_id(w->c, ref, matter, &hex, err) != 0)
		return err_in(err, "--%s: ", option_row(id)->name);
	if (!hex_is_parsed(hex, ret->b, sizeof(ret->b)))
		return err_set(err, ERR_IO, "the node's id is malformed");
	return 0;
}

/* ---- the body ---- */

static int
body_of_file(struct work *w, const struct js **ret, struct err *err)
{
	struct str path = option_get(w->c, OPTION_BODY), text;
	bool is_stdin = str_is(path, "-");

	if (option_count(w->c, OPTION_SET) > 0)
		return err_set(err, ERR_INPUT,
		    "--body and --set exclude each other");
	if (is_stdin ? prompt_all(BODY_MAX, w->c->a, &text, err) != 0
		     : keydir_load(path.p, BODY_MAX, w->c->a, &text, err) != 0)
		return -1;
	if (js_parse(span_of(text), w->c->a, ret, err) != 0)
		return err_in(err, "%s: ", path.p);
	return 0;
}

static int
attach(void *ctx, struct str path, const struct js **ret, struct err *err)
{
	return cmd_attach_file(ctx, path, ret, err);
}

static int
body_of_fields(struct work *w, const struct js **ret, struct err *err)
{
	struct fill f = {.fields = js_get(w->draft, "fields"),
	    .form = js_get(w->draft, "form"),
	    .lang = w->c->lang,
	    .now_us = w->act.at_us,
	    .find = find_id,
	    .attach = option_has(w->c, OPTION_DRY_RUN) ? NULL : attach,
	    .ctx = w->c,
	    .a = w->c->a};
	size_t n = option_count(w->c, OPTION_SET);
	struct js *body;

	for (size_t i = 0; i < n; i++)
		if (fill_add(&f, option_at(w->c, OPTION_SET, i), err) != 0)
			return -1;
	if (n == 0 && !w->c->json && !option_has(w->c, OPTION_YES) &&
	    prompt_is_terminal() && fill_ask(&f, err) != 0)
		return -1;
	if (fill_body(&f, &w->make, &body, err) != 0)
		return -1;
	*ret = body;
	return 0;
}

/* A fault of the form as a person names it: the node judges again anyway. */
static int
say_fault(struct work *w, const struct js *body, struct str pointer,
    struct err *err)
{
	struct str name = str_sub(pointer, 1, str_find(pointer, '/', 1));
	const struct js *field = js_get_at(js_get(w->draft, "fields"), name);
	struct str title = say_title(js_get(field, "title"), w->c->lang);

	if (field == NULL)
		return err_set(err, ERR_INPUT,
		    "the body does not fit the form at '%.*s'",
		    STR_ARG(pointer));
	return err_set(err, ERR_INPUT, "the field '%.*s' (%.*s) %s: %.*s",
	    STR_ARG(name), STR_ARG(title),
	    js_get_at(body, name) == NULL ? "is missing" : "does not fit",
	    STR_ARG(fill_hint(field, w->c->a)));
}

static int
check_body(struct work *w, const struct js *body, struct err *err)
{
	size_t slash = str_find(w->kind, '/', 0);
	const struct procedure *p;
	struct ask_answer ans;
	struct str pointer;
	bool bad;

	if (ask_send(w->c, "GET",
		str_fmt(w->c->a, "/procedures/%.*s",
		    STR_ARG(str_sub(w->kind, 0, slash))),
		STR(""), (struct span){NULL, 0}, &ans, err) != 0)
		return -1;
	if (procedure_load(ans.body, STR(""), w->c->a, &p, err) != 0 ||
	    form_check(p, str_sub(w->kind, slash + 1, w->kind.n), body, w->c->a,
		&bad, &pointer, err) != 0)
		return -1;
	return bad ? say_fault(w, body, pointer, err) : 0;
}

static int
take_body(struct work *w, struct err *err)
{
	const struct js *body;
	struct str text;

	if (option_has(w->c, OPTION_BODY) ? body_of_file(w, &body, err) != 0
					  : body_of_fields(w, &body, err) != 0)
		return -1;
	/* as text and back: the act's fields are const */
	if (js_text(&w->make, body, JS_COMPACT, &text, err) != 0 ||
	    js_parse(span_of(text), w->c->a, &body, err) != 0)
		return -1;
	w->act.body = body;
	return check_body(w, body, err);
}

/* ---- the other fields ---- */

static int
take_audience(struct work *w, struct err *err)
{
	struct str to = option_get(w->c, OPTION_TO);
	const struct js *usual = js_get(w->draft, "to");
	struct js *list;

	if (to.p == NULL) {
		if (js_type(usual) == JS_NULL)
			return err_set(err, ERR_INPUT,
			    "say who may read it: --to CODE,CODE, --to members "
			    "or --to public");
		return act_audience_parse(usual, w->c->a, &w->act.to, err);
	}
	list = js_list(&w->make);
	if (str_is(to, "members") || str_is(to, "public")) {
		js_put_str(&w->make, list, NULL, to);
		return act_audience_parse(js_at(list, 0), w->c->a, &w->act.to,
		    err);
	}
	for (size_t at = 0; at <= to.n;) {
		size_t end = str_find(to, ',', at);
		struct str code = str_sub(to, at, end);

		if (!act_is_party(code))
			return err_set(err, ERR_INPUT,
			    "--to: '%.*s' is no party's code", STR_ARG(code));
		js_put_str(&w->make, list, NULL, code);
		at = end + 1;
	}
	return act_audience_parse(list, w->c->a, &w->act.to, err);
}

static int
take_after(struct work *w, struct err *err)
{
	const struct js *list = js_get(w->draft, "after");
	size_t n = js_len(list);
	struct id *after = arena_array(w->c->a, n + 1, struct id);

	if (after == NULL)
		return err_nomem(err, "an act");
	for (size_t i = 0; i < n; i++)
		if (!hex_is_parsed(js_str(js_at(list, i)), after[i].b,
			sizeof(after[i].b)))
			return err_set(err, ERR_IO,
			    "the node's draft has a malformed id");
	w->act.n_after = n;
	w->act.after = after;
	return 0;
}

/* Of several acts that it may answer the person says which. */
static int
take_answers(struct work *w, struct err *err)
{
	const struct js *list = js_get(w->draft, "answers");
	struct buf b;
	struct str names;

	if (take_ref(w, OPTION_ANSWERS, false, &w->act.has_answers,
		&w->act.answers, err) != 0)
		return -1;
	if (w->act.has_answers || js_len(list) == 0)
		return 0;
	if (js_len(list) == 1) {
		w->act.has_answers = true;
		return hex_is_parsed(js_str(js_get(js_at(list, 0), "id")),
			   w->act.answers.b, 32)
		           ? 0
		           : err_set(err, ERR_IO,
				 "the node's draft has a malformed id");
	}
	buf_init(&b, w->c->a);
	for (size_t i = 0; i < js_len(list); i++) {
		buf_z(&b, i == 0 ? "" : ", ");
		buf_str(&b, js_str(js_get(js_at(list, i), "cite")));
	}
	if (buf_done(&b, &names, err) != 0)
		return -1;
	return err_set(err, ERR_INPUT,
	    "say which act it answers, by --answers: one of %.*s",
	    STR_ARG(names));
}

static int
take_draft(struct work *w, struct err *err)
{
	struct buf path;
	struct str text;

	buf_init(&path, w->c->a);
	buf_z(&path, "/draft");
	ask_param(&path, "kind", w->kind);
	if (w->matter.n > 0)
		ask_param(&path, "matter", w->matter);
	if (buf_done(&path, &text, err) != 0 ||
	    ask_get(w->c, text, &w->draft, err) != 0)
		return -1;
	w->act.kind = w->kind;
	w->act.party = js_str(js_get(w->draft, "party"));
	w->act.opens = js_type(js_get(w->draft, "matter")) != JS_TEXT;
	if (w->act.opens)
		w->act.has_procedure = true;
	if (!hex_is_parsed(
		js_str(js_get(w->draft, w->act.opens ? "procedure" : "matter")),
		w->act.opens ? w->act.procedure_id.b : w->act.matter.b, 32))
		return err_set(err, ERR_IO,
		    "the node's draft has a malformed id");
	return 0;
}

/* ---- out ---- */

static int
show_payload(struct work *w, struct err *err)
{
	struct str text;
	const struct js *j;
	struct say s;

	key_random(w->act.salt, sizeof(w->act.salt));
	if (act_write(&w->act, w->c->a, &text, err) != 0 ||
	    js_parse(span_of(text), w->c->a, &j, err) != 0 ||
	    js_text(&w->make, j, w->c->json ? JS_COMPACT : JS_PRETTY, &text,
		err) != 0)
		return -1;
	say_begin(&s, w->c->a);
	say_block(&s, text, 0);
	return say_end(&s, err);
}

static int
confirm(struct work *w, struct err *err)
{
	struct str text;
	const char *words;
	bool yes;

	if (option_has(w->c, OPTION_YES) || option_has(w->c, OPTION_BODY) ||
	    option_count(w->c, OPTION_SET) > 0 || !prompt_is_terminal())
		return 0;
	if (js_text(&w->make, w->act.body, JS_PRETTY, &text, err) != 0)
		return -1;
	(void)fprintf(stderr, "%.*s\n", (int)text.n, text.p); /* ACT_MAX */
	words = str_fmt(w->c->a,
	    "Sign this %.*s as %.*s? It can never be withdrawn. [y/N] ",
	    STR_ARG(w->kind), STR_ARG(w->act.party))
	            .p;
	if (words == NULL)
		return err_nomem(err, "a question");
	if (prompt_yes(words, &yes, err) != 0)
		return -1;
	return yes ? 0
	           : err_set(err, ERR_DENIED, "not signed, nothing recorded");
}

static int
say_receipt(struct cli *c, const struct js *j, struct err *err)
{
	struct say s;

	if (c->json)
		return command_say_json(c, j, err);
	say_begin(&s, c->a);
	say_style(&s, SAY_BOLD, js_str(js_get(j, "cite")));
	say_fmt(&s, "  is recorded; its matter is now: ");
	say_text(&s, js_str(js_get(j, "state")));
	say_fmt(&s, "\n");
	return say_end(&s, err);
}

static int
make(struct work *w, struct err *err)
{
	const struct js *receipt;

	w->make.a = w->c->a;
	w->act.at_us = clock_utc_us();
	if (key_start(err) != 0 || take_draft(w, err) != 0 ||
	    take_audience(w, err) != 0 || take_after(w, err) != 0 ||
	    take_answers(w, err) != 0 ||
	    take_ref(w, OPTION_AMENDS, false, &w->act.has_amends,
		&w->act.amends, err) != 0 ||
	    take_ref(w, OPTION_IN, true, &w->act.has_conference,
		&w->act.conference, err) != 0 ||
	    take_body(w, err) != 0)
		return -1;
	w->act.at_us = clock_utc_us(); /* a form may take its time */
	if (option_has(w->c, OPTION_DRY_RUN))
		return show_payload(w, err);
	if (confirm(w, err) != 0 ||
	    sign_post(w->c, &w->act, &receipt, err) != 0)
		return -1;
	return say_receipt(w->c, receipt, err);
}

int
cmd_new(struct cli *c, struct err *err)
{
	struct work w = {.c = c, .kind = c->arg[0]};

	return make(&w, err);
}

int
cmd_act(struct cli *c, struct err *err)
{
	struct work w = {.c = c, .kind = c->arg[1], .matter = c->arg[0]};

	return make(&w, err);
}
