/* The conference's periodical reviews. */
#include "web/view_public_int.h"

#include "base/num.h"
#include "web/sheet.h"

void
public_put_review(struct view *v, struct js *in, const struct matter_view *mv)
{
	const struct js *body = seen_body(mv, "open");
	struct js *period;

	seen_put_row(v, in, &mv->row);
	seen_put(v, in, body, "title");
	period = js_put_map(&v->make, in, "period");
	seen_put(v, period, js_get(body, "period"), "start");
	seen_put(v, period, js_get(body, "period"), "end");
	seen_put(v, in, body, "cut_off");
	seen_put(v, in, body, "contribute_by");
	seen_put(v, in, body, "draft_by");
}

/* GET /reviews */
int
view_reviews(struct view *v, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "reviews");
	struct seen_list all;
	int64_t live = 0;

	if (seen_list(v, "review", SEEN_MAX, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		public_put_review(v, js_put_map(&v->make, list, NULL),
		    &all.at[i]);
		live += !all.at[i].row.final;
	}
	js_put_bool(&v->make, v->model, "any", all.n > 0);
	js_put_int(&v->make, v->model, "live", live);
	return 0;
}

/* ---- one review ---- */

static void
put_acts(struct view *v, const struct sheet *s, const char *name,
    const char *key)
{
	struct js *list = js_put_list(&v->make, v->model, key);
	const struct fold_act_result *r;
	const char *any = str_fmt(v->q.a, "any_%s", key).p;

	for (size_t i = 0; seen_next(&s->mv, name, &i, &r);)
		js_put(&v->make, list, NULL, sheet_model(s, r));
	if (any != NULL)
		js_put_bool(&v->make, v->model, any, js_len(list) > 0);
}

/* Who was asked for a contribution, and who gave one. */
static void
put_contributors(struct view *v, const struct matter_view *mv)
{
	const struct fold_result *r = mv->result;
	struct js *list = js_put_list(&v->make, v->model, "contributors"), *is;
	struct str *code = arena_array(v->q.a, r->n_terms + 1, struct str);
	struct seen_codes all = {0, code};

	for (size_t i = 0; code != NULL && i < r->n_terms; i++)
		if (str_is(r->terms[i].name, "contribute"))
			code[all.n++] = r->terms[i].party;
	all = seen_sorted(v, all);
	for (size_t i = 0; i < all.n; i++) {
		const struct fold_act_result *last =
		    seen_last(mv, "contribute", all.code[i]);
		struct js *j = js_put_map(&v->make, list, NULL);
		bool past = !seen_is_in(mv, "collecting");

		js_put_str(&v->make, j, "party", all.code[i]);
		view_cite(v, j, "cite", last != NULL,
		    last == NULL ? NULL : &last->id);
		if (last == NULL)
			js_put_null(&v->make, j, "cite");
		is = js_put_map(&v->make, j, "is");
		js_put_bool(&v->make, is,
		    last != NULL ? "given"
		    : past       ? "missing"
				 : "awaited",
		    true);
	}
	js_put_bool(&v->make, v->model, "any_contributors", all.n > 0);
}

/* Who consents to the draft as it is now. */
static void
put_consents(struct view *v, const struct matter_view *mv,
    const struct fold_act_result *draft)
{
	struct js *list = js_put_list(&v->make, v->model, "consents");
	const struct fold_act_result *r;

	for (size_t i = 0; draft != NULL && seen_next(mv, "consent", &i, &r);)
		if (r->act->has_answers && id_eq(&r->act->answers, &draft->id))
			(void)seen_put_act(v, list, NULL, r);
	js_put_bool(&v->make, v->model, "any_consents", js_len(list) > 0);
}

/* GET /reviews/REF */
int
view_review(struct view *v, struct err *err)
{
	const struct fold_act_result *draft;
	const struct sheet *s;
	struct js *j;

	if (seen_sheet(v, v->part[0], "review", &s, err) != 0)
		return -1;
	public_put_review(v, v->model, &s->mv);
	j = js_put_map(&v->make, v->model, "lead");
	if (seen_state(&s->mv).n > 0)
		js_put_bool(&v->make, j, str_z(v->q.a, seen_state(&s->mv)),
		    true);
	draft = seen_last(&s->mv, "draft", STR(""));
	if (draft != NULL)
		js_put(&v->make, v->model, "report", sheet_model(s, draft));
	else
		js_put_null(&v->make, v->model, "report");
	put_contributors(v, &s->mv);
	put_acts(v, s, "contribute", "contributions");
	put_acts(v, s, "comment", "draft_comments");
	put_consents(v, &s->mv, draft);
	return 0;
}
