/* Comments of the public on what is public: those on record, and the form that
 * takes one more. */
#include <string.h>

#include "base/num.h"
#include "node/held.h"
#include "web/sheet.h"

enum { SHOWN = 20 };

/* ---- those on record ---- */

static void
put_texts(struct view *v, struct js *in, const struct js *texts)
{
	struct js *list = js_put_list(&v->make, in, "texts");

	for (size_t i = 0; i < js_len(texts); i++) {
		struct js *j = js_put_map(&v->make, list, NULL);

		js_put_str(&v->make, j, "lang",
		    js_str(js_get(js_at(texts, i), "lang")));
		js_put_str(&v->make, j, "text",
		    js_str(js_get(js_at(texts, i), "text")));
	}
}

/* Parties answer in acts of the comment's matter. */
static void
put_replies(struct view *v, struct js *in, const struct fold_result *r)
{
	struct js *list = js_put_list(&v->make, in, "replies"), *j;

	for (size_t i = 0; i < r->n_acts; i++) {
		const struct fold_act_result *x = &r->acts[i];

		if (x->verdict != FOLD_VALID || !str_is(x->act->name, "reply"))
			continue;
		j = js_put_map(&v->make, list, NULL);
		js_put_str(&v->make, j, "cite", sheet_cite(v, NULL, &x->id));
		js_put_str(&v->make, j, "party", x->act->party);
		view_time(v, j, "time", true, x->time_us);
		put_texts(v, j, js_get(x->act->body, "reply"));
	}
}

static void
put_comment(struct view *v, struct js *list, const struct matter_view *mv,
    const struct act *opening)
{
	const struct js *body = opening->body, *received;
	struct js_make *m = &v->make;
	struct js *j = js_put_map(m, list, NULL);
	struct str affiliation = js_str(js_get(body, "affiliation"));
	bool withdrawn = str_is(mv->result->state, "withdrawn");

	js_put_str(m, j, "cite", sheet_cite(v, NULL, &opening->id));
	js_put_str(m, j, "state", mv->result->state);
	view_title(v, j, "state_title", mv->procedure, "states",
	    mv->result->state);
	js_put_bool(m, j, "withdrawn", withdrawn);
	js_put_str(m, j, "name", js_str(js_get(body, "name")));
	js_put_some(m, j, "affiliation", affiliation);
	received = js_get(body, "received");
	js_put(m, j, "received", received);
	/* A withdrawn one stays on record, and is no longer shown here. */
	put_texts(v, j, withdrawn ? NULL : js_get(body, "comment"));
	put_replies(v, j, mv->result);
}

/* From public acts alone, whoever reads: comments are for everybody (W1). */
static int
put_one(struct view *v, struct js *list, int64_t no, struct err *err)
{
	struct store_matter row;
	struct matter_view mv;
	bool found;

	if (store_matter_by_no(v->q.s, no, v->q.a, &found, &row, err) != 0)
		return -1;
	if (!found)
		return 0;
	if (matter_fold_public(v->q.n, v->q.s, &row, v->q.now_us, v->q.a, &mv,
		err) != 0)
		return -1;
	if (mv.result == NULL || !mv.result->has_state ||
	    !str_is(procedure_name(mv.procedure), "comment"))
		return 0; /* void, or not public */
	for (size_t i = 0; i < mv.n_acts; i++)
		if (mv.acts[i].act->opens)
			put_comment(v, list, &mv, mv.acts[i].act);
	return 0;
}

static int
put_list(struct view *v, struct js *in, const struct id *about, struct err *err)
{
	struct js *list = js_put_list(&v->make, in, "list");
	struct store_comment *c;
	int64_t after;
	size_t n;

	if (view_number(v, "comments_after", 0, INT64_MAX, 0, &after, err) !=
		0 ||
	    store_comment_list(v->q.s, about, after, SHOWN + 1, v->q.a, &c, &n,
		err) != 0)
		return -1;
	for (size_t i = 0; i < n && i < SHOWN; i++)
		if (put_one(v, list, c[i].matter, err) != 0)
			return -1;
	if (n > SHOWN)
		js_put_int(&v->make, in, "more", c[SHOWN - 1].seq);
	else
		js_put_null(&v->make, in, "more");
	js_put_bool(&v->make, in, "any", js_len(list) > 0);
	return 0;
}

/* ---- the form ---- */

struct given { /* what a form brought */
	struct str name, affiliation, lang, text;
	enum held_fault fault;
};

static void
put_form(struct view *v, struct js *in, const struct given *g)
{
	static const char *const tongue[] = {"en", "ja", "zh", "ko", "ru", "mn",
	    "fr", "es", "de"};
	struct str lang = g->lang.n > 0 ? g->lang : lang_code[v->lang];
	struct js_make *m = &v->make;
	struct js *j = js_put_map(m, in, "given"), *list;

	js_put_str(m, j, "name", g->name);
	js_put_str(m, j, "affiliation", g->affiliation);
	js_put_str(m, j, "text", g->text);
	js_put_z(m, in, "fault",
	    g->fault == HELD_FINE ? NULL : held_fault_name(g->fault));
	list = js_put_list(m, in, "tongues");
	for (size_t i = 0; i < COUNT(tongue); i++) {
		j = js_put_map(m, list, NULL);
		js_put_z(m, j, "code", tongue[i]);
		js_put_bool(m, j, "chosen", str_is(lang, tongue[i]));
	}
}

/* What is public may be commented on; not comments themselves. */
static bool
takes_comments(struct view *v, const struct store_matter *row)
{
	const struct procedure *p = node_procedure(v->q.n, &row->procedure);

	return str_is(row->audience, "\"public\"") && p != NULL &&
	       !str_is(procedure_name(p), "comment");
}

static int
put_comments(struct view *v, struct js *in, const char *key,
    const struct store_matter *row, const struct given *g, struct err *err)
{
	struct js *j;

	if (!takes_comments(v, row)) {
		js_put_null(&v->make, in, key);
		return 0;
	}
	j = js_put_map(&v->make, in, key);
	js_put_str(&v->make, j, "about",
	    query_cite(&v->q, row->party, row->idx));
	put_form(v, j, g);
	return put_list(v, j, &row->id, err);
}

int
view_comments_put(struct view *v, struct js *in, const char *key,
    const struct store_matter *row, struct err *err)
{
	return put_comments(v, in, key, row,
	    &(struct given){.name = STR(""),
		.affiliation = STR(""),
		.text = STR("")},
	    err);
}

/* ---- pages ---- */

static int
absent(struct view *v, struct err *err)
{
	return err_set(err, ERR_ABSENT, "nothing public at %.*s",
	    STR_ARG(v->part[0]));
}

/* The matter, where it takes comments; the look at the node is open. */
static int
find(struct view *v, struct store_matter *row, struct err *err)
{
	struct store_act stored;
	const struct act *act;

	if (query_matter(&v->q, v->part[0], row, err) != 0 ||
	    query_act(&v->q, v->part[0], &stored, err) != 0)
		return err->code == ERR_ABSENT ? absent(v, err) : -1;
	if (act_parse(stored.payload, v->q.a, &act, err) != 0)
		return -1;
	/* By an act that is not public, nobody learns which matter it is of. */
	if (v->reader == WEB_PUBLIC && act->to.type != AUDIENCE_PUBLIC)
		return absent(v, err);
	return takes_comments(v, row) ? 0 : absent(v, err);
}

static int
put_page(struct view *v, const struct store_matter *row, const struct given *g,
    bool sent, struct err *err)
{
	struct js_make *m = &v->make;

	js_put_str(m, v->model, "cite",
	    query_cite(&v->q, row->party, row->idx));
	js_put_str(m, v->model, "subject", row->subject);
	view_title(v, v->model, "procedure_title",
	    node_procedure(v->q.n, &row->procedure), NULL, STR(""));
	js_put_bool(m, v->model, "sent", sent);
	return put_comments(v, v->model, "comments", row, g, err);
}

/* GET /matters/REF/comments?comments_after=&sent= */
int
view_comments(struct view *v, struct err *err)
{
	struct given none = {.name = STR(""),
	    .affiliation = STR(""),
	    .text = STR("")};
	struct store_matter row;

	return find(v, &row, err) != 0
	           ? -1
	           : put_page(v, &row, &none,
			 str_is(view_param(v, "sent"), "1"), err);
}

/* Browsers send lines with CR LF; spaces around say nothing. */
static struct str
tidied(struct view *v, const char *name)
{
	struct str s = view_field(v, name);
	struct buf b;
	struct str ret;
	struct err err;

	while (s.n > 0 && strchr(" \t\r\n", s.p[0]) != NULL)
		s = str_sub(s, 1, s.n);
	while (s.n > 0 && strchr(" \t\r\n", s.p[s.n - 1]) != NULL)
		s.n--;
	buf_init(&b, v->q.a);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
			buf_char(&b, s.p[i]);
	return buf_done(&b, &ret, &err) != 0 || ret.p == NULL ? STR("") : ret;
}

static int
find_alone(struct view *v, struct store_matter *row, struct err *err)
{
	int rc;

	if (query_open(v->q.n, v->q.a, &v->q, err) != 0)
		return -1;
	rc = find(v, row, err);
	query_close(&v->q);
	return rc;
}

/* The form again, with what is wrong and what was written. */
static int
say_fault(struct view *v, const struct store_matter *row, const struct given *g,
    struct err *err)
{
	int rc;

	if (query_open(v->q.n, v->q.a, &v->q, err) != 0)
		return -1;
	rc = put_page(v, row, g, false, err);
	query_close(&v->q);
	v->ans.status = g->fault == HELD_FULL    ? 503
	                : g->fault == HELD_OFTEN ? 429
	                                         : 400;
	return rc;
}

/* POST /matters/REF/comments: a form without scripts.  A field that people do
 * not see stays empty, but for programs that fill in all they find: those are
 * thanked, and nothing is kept. */
int
view_comment_add(struct view *v, struct err *err)
{
	struct given g = {.name = tidied(v, "name"),
	    .affiliation = tidied(v, "affiliation"),
	    .lang = tidied(v, "lang"),
	    .text = tidied(v, "text")};
	struct store_held h = {.name = g.name,
	    .affiliation = g.affiliation,
	    .lang = g.lang,
	    .text = g.text};
	struct store_matter row;
	int64_t no;

	if (!str_starts(v->request->type,
		STR("application/x-www-form-urlencoded")))
		return err_set(err, ERR_INPUT,
		    "a comment comes as a form "
		    "(application/x-www-form-urlencoded): name, affiliation, "
		    "lang, text");
	if (find_alone(v, &row, err) != 0)
		return -1;
	h.about = row.id;
	if (view_field(v, "website").n == 0) {
		if (held_add(v->q.n, &h, v->request->address, &g.fault, &no,
			err) != 0)
			return -1;
		if (g.fault != HELD_FINE)
			return say_fault(v, &row, &g, err);
	}
	view_go(v, str_fmt(v->q.a, "/matters/%.*s/comments?sent=1",
		       STR_ARG(v->part[0])));
	return 0;
}
