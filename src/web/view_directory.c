/* The directory: posts by which a party is reached, and when it last answered a
 * check of the lines. */
#include "web/seen.h"

#include "base/num.h"

/* What a post is now: as it was nominated, or changed last. */
static const struct fold_act_result *
current(const struct matter_view *mv)
{
	const struct fold_act_result *r = seen_last(mv, "change", STR(""));

	return r != NULL ? r : seen_last(mv, "nominate", STR(""));
}

/* The last act by which its party stood for it. */
static const struct fold_act_result *
confirmed(const struct matter_view *mv)
{
	const struct fold_act_result *r, *last = NULL;

	for (size_t i = 0; seen_next(mv, NULL, &i, &r);)
		if (!str_is(r->act->name, "remove"))
			last = r;
	return last;
}

static void
put_post(struct view *v, struct js *list, const struct matter_view *mv)
{
	static const char *const field[] = {"office", "officer", "hours",
	    "time_zone", "note"};
	static const char *const many[] = {"alternates", "languages",
	    "channels"};
	const struct fold_act_result *r = current(mv), *last = confirmed(mv);
	struct js *j;

	if (r == NULL)
		return;
	j = js_put_map(&v->make, list, NULL);
	seen_put_row(v, j, &mv->row);
	seen_put_choice(v, j, mv->procedure, r->act->body, "function");
	for (size_t i = 0; i < COUNT(field); i++)
		seen_put(v, j, r->act->body, field[i]);
	for (size_t i = 0; i < COUNT(many); i++)
		seen_put_list(v, j, r->act->body, many[i]);
	js_put_bool(&v->make, j, "has_alternates",
	    js_len(js_get(j, "alternates")) > 0);
	js_put_bool(&v->make, j, "unconfirmed", seen_is_in(mv, "unconfirmed"));
	(void)seen_put_act(v, j, "confirmed", last);
}

/* ---- checks ---- */

static void
put_answers(struct view *v, struct js *in, const struct matter_view *mv)
{
	struct js *list = js_put_list(&v->make, in, "answers");
	const struct fold_result *r = mv->result;

	for (size_t i = 0; r != NULL && i < r->n_terms; i++) {
		const struct fold_term *t = &r->terms[i];
		const struct fold_act_result *answer;
		struct js *j;

		if (!str_is(t->name, "answer"))
			continue;
		answer = seen_last(mv, "answer", t->party);
		j = js_put_map(&v->make, list, NULL);
		js_put_str(&v->make, j, "party", t->party);
		js_put_z(&v->make, j, "status", fold_status_name(t->status));
		js_put_bool(&v->make, js_put_map(&v->make, j, "is"),
		    fold_status_name(t->status), true);
		if (answer != NULL)
			js_put_int(&v->make, j, "took_us",
			    answer->time_us - t->begun_us);
		else
			js_put_null(&v->make, j, "took_us");
	}
}

static void
put_check(struct view *v, struct js *list, const struct matter_view *mv)
{
	const struct js *body = seen_body(mv, "call");
	struct js *j = js_put_map(&v->make, list, NULL);

	seen_put_row(v, j, &mv->row);
	seen_put_choice(v, j, mv->procedure, body, "kind");
	put_answers(v, j, mv);
}

/* Of a party the last answer to any check; NULL: none that is held. */
static const struct fold_act_result *
last_answer(const struct seen_list *checks, struct str party)
{
	for (size_t i = 0; i < checks->n; i++) { /* the newest first */
		const struct fold_act_result *r =
		    seen_last(&checks->at[i], "answer", party);

		if (r != NULL)
			return r;
	}
	return NULL;
}

/* ---- the page ---- */

static void
put_party(struct view *v, struct js *list, const struct member *m,
    const struct seen_list *posts, const struct seen_list *checks)
{
	struct js *j = js_put_map(&v->make, list, NULL), *its;
	const struct fold_act_result *answer =
	    last_answer(checks, str_of(m->code));

	js_put_z(&v->make, j, "party", m->code);
	if (answer != NULL)
		(void)seen_put_act(v, j, "answered", answer);
	else
		js_put_null(&v->make, j, "answered");
	its = js_put_list(&v->make, j, "posts");
	for (size_t i = 0; i < posts->n; i++)
		if (posts->at[i].row.party == m->no &&
		    !seen_is_in(&posts->at[i], "removed"))
			put_post(v, its, &posts->at[i]);
	js_put_bool(&v->make, j, "has_posts", js_len(its) > 0);
}

/* GET /directory */
int
view_directory(struct view *v, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "parties");
	struct seen_list posts, checks;
	const struct member **m;
	int64_t unconfirmed = 0;
	size_t n;

	if (seen_list(v, "post", SEEN_MAX, &posts, err) != 0 ||
	    seen_list(v, "check", SEEN_MAX, &checks, err) != 0 ||
	    view_parties(v, &m, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		put_party(v, list, m[i], &posts, &checks);
	for (size_t i = 0; i < posts.n; i++)
		unconfirmed += seen_is_in(&posts.at[i], "unconfirmed");
	js_put_int(&v->make, v->model, "unconfirmed", unconfirmed);
	js_put_bool(&v->make, v->model, "any", posts.n > 0);
	list = js_put_list(&v->make, v->model, "checks");
	for (size_t i = 0; i < checks.n && i < 20; i++)
		put_check(v, list, &checks.at[i]);
	js_put_bool(&v->make, v->model, "any_checks", checks.n > 0);
	return 0;
}
