/* The conference's sessions. */
#include "web/view_public_int.h"

#include "base/num.h"
#include "base/when.h"
#include "web/sheet.h"

/* ---- rows ---- */

void
public_put_session(struct view *v, struct js *in, const struct matter_view *mv)
{
	const struct js *body = seen_body(mv, "convene");
	int64_t us;

	seen_put_row(v, in, &mv->row);
	seen_put(v, in, body, "title");
	seen_put(v, in, body, "number");
	seen_put(v, in, body, "start");
	seen_put(v, in, body, "end");
	seen_put(v, in, body, "chair");
	seen_put(v, in, body, "venue");
	seen_put_choice(v, in, mv->procedure, body, "format");
	js_put_z(&v->make, in, "statement",
	    seen_since(mv, "adopted", NULL, &us)   ? "consensus"
	    : seen_since(mv, "chaired", NULL, &us) ? "chair"
						   : NULL);
	js_put_bool(&v->make, in, "upcoming",
	    seen_is_in(mv, "convened") || seen_is_in(mv, "open"));
	js_put_bool(&v->make, in, "cancelled", seen_is_in(mv, "cancelled"));
}

/* GET /sessions */
int
view_meetings(struct view *v, struct err *err)
{
	struct js *next = js_put_list(&v->make, v->model, "upcoming");
	struct js *past = js_put_list(&v->make, v->model, "past");
	struct seen_list all;

	if (seen_list(v, "session", SEEN_MAX, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		struct js *j = js_map(&v->make);

		public_put_session(v, j, &all.at[i]);
		js_put(&v->make, js_bool(js_get(j, "upcoming")) ? next : past,
		    NULL, j);
	}
	js_put_bool(&v->make, v->model, "any", all.n > 0);
	js_put_bool(&v->make, v->model, "any_upcoming", js_len(next) > 0);
	js_put_bool(&v->make, v->model, "any_past", js_len(past) > 0);
	view_time(v, v->model, "now", true, v->q.now_us);
	return public_put_book(v, INT64_MIN, INT64_MAX, NULL, err);
}

/* ---- one session ---- */

static void
put_agenda(struct view *v, const struct sheet *s)
{
	struct js *list = js_put_list(&v->make, v->model, "agenda");
	const struct fold_act_result *r = seen_last(&s->mv, "convene", STR(""));
	const struct js *first =
	    r == NULL ? NULL : js_get(r->act->body, "agenda");

	for (size_t i = 0; i < js_len(first); i++) {
		struct js *j = seen_put_act(v, list, NULL, r);

		js_put(&v->make, j, "item", js_at(first, i));
		js_put_null(&v->make, j, "explanation");
	}
	for (size_t i = 0; seen_next(&s->mv, "item", &i, &r);) {
		struct js *j = seen_put_act(v, list, NULL, r);

		seen_put(v, j, r->act->body, "item");
		seen_put(v, j, r->act->body, "explanation");
	}
	js_put_bool(&v->make, v->model, "any_agenda", js_len(list) > 0);
}

/* Those who owe a word about their attendance, and those who gave one. */
static struct seen_codes
asked(struct view *v, const struct matter_view *mv)
{
	const struct fold_result *r = mv->result;
	const struct fold_act_result *act;
	size_t most = r == NULL ? 0 : r->n_terms + r->n_acts, n = 0;
	struct str *code = arena_array(v->q.a, most + 1, struct str);

	for (size_t i = 0; code != NULL && most > 0 && i < r->n_terms; i++)
		if (str_is(r->terms[i].name, "attendance") &&
		    !seen_has((struct seen_codes){n, code}, r->terms[i].party))
			code[n++] = r->terms[i].party;
	for (size_t i = 0; code != NULL && seen_next(mv, "attend", &i, &act);)
		if (!seen_has((struct seen_codes){n, code}, act->act->party))
			code[n++] = act->act->party;
	return seen_sorted(v, (struct seen_codes){n, code});
}

static void
put_attendance(struct view *v, const struct sheet *s)
{
	struct js *list = js_put_list(&v->make, v->model, "attendance"), *is;
	struct seen_codes parties = asked(v, &s->mv);
	int64_t present = 0;

	for (size_t i = 0; i < parties.n; i++) {
		const struct fold_act_result *r =
		    seen_last(&s->mv, "attend", parties.code[i]);
		const struct js *body = r == NULL ? NULL : r->act->body;
		bool absent = js_is_str(js_get(body, "presence"), "absent");
		struct js *j = js_put_map(&v->make, list, NULL);

		js_put_str(&v->make, j, "party", parties.code[i]);
		seen_put_choice(v, j, s->mv.procedure, body, "presence");
		seen_put_list(v, j, body, "delegation");
		seen_put(v, j, body, "reason");
		if (r != NULL)
			view_cite(v, j, "cite", true, &r->id);
		else
			js_put_null(&v->make, j, "cite");
		is = js_put_map(&v->make, j, "is");
		js_put_bool(&v->make, is,
		    r == NULL ? "unsaid"
		    : absent  ? "absent"
			      : "present",
		    true);
		present += r != NULL && !absent;
	}
	js_put_int(&v->make, v->model, "present", present);
	js_put_int(&v->make, v->model, "asked", (int64_t)parties.n); /* few */
	js_put_bool(&v->make, v->model, "any_attendance", parties.n > 0);
}

/* What it concluded with, and how the parties read it. */
static void
put_outcome(struct view *v, const struct sheet *s)
{
	struct public_decision d;
	const struct fold_act_result *r;
	struct js *list, *j;

	if (public_decision(&s->mv, &d)) {
		j = js_put_map(&v->make, v->model, "outcome");
		js_put_bool(&v->make, js_put_map(&v->make, j, "is"), d.what,
		    true);
		view_time(v, j, "time", true, d.time_us);
		seen_put_texts(v, j, d.texts);
	} else {
		js_put_null(&v->make, v->model, "outcome");
	}
	list = js_put_list(&v->make, v->model, "readings");
	for (size_t i = 0; seen_next(&s->mv, "attach", &i, &r);)
		js_put(&v->make, list, NULL, sheet_model(s, r));
	js_put_bool(&v->make, v->model, "any_readings", js_len(list) > 0);
	r = seen_last(&s->mv, "record", STR(""));
	if (r != NULL)
		js_put(&v->make, v->model, "record", sheet_model(s, r));
	else
		js_put_null(&v->make, v->model, "record");
	seen_put(v, v->model, seen_body(&s->mv, "close"), "next_start");
}

/* When the session before this one of the same conference ended. */
static int
previous(struct view *v, const struct matter_view *mv, int64_t start_us,
    int64_t *ret_us, struct err *err)
{
	struct seen_list all;

	*ret_us = INT64_MIN;
	if (seen_list(v, "session", SEEN_MAX, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		const struct store_matter *m = &all.at[i].row;
		const struct js *body = seen_body(&all.at[i], "convene");
		int64_t start, end;

		if (seen_is_in(&all.at[i], "cancelled") ||
		    m->has_conference != mv->row.has_conference ||
		    !id_eq(&m->conference, &mv->row.conference) ||
		    !when_is_time(js_str(js_get(body, "start")), WHEN_YEAR,
			&start) ||
		    !when_is_time(js_str(js_get(body, "end")), WHEN_YEAR, &end))
			continue;
		if (start < start_us && end > *ret_us)
			*ret_us = end;
	}
	return 0;
}

/* What was reported to this session: due since the one before it. */
static int
put_book(struct view *v, const struct matter_view *mv, struct err *err)
{
	const struct js *body = seen_body(mv, "convene");
	int64_t start = INT64_MAX, end = INT64_MAX, from;

	(void)when_is_time(js_str(js_get(body, "start")), WHEN_YEAR, &start);
	(void)when_is_time(js_str(js_get(body, "end")), WHEN_YEAR, &end);
	if (previous(v, mv, start, &from, err) != 0)
		return -1;
	return public_put_book(v, from, end,
	    mv->row.has_conference ? &mv->row.conference : NULL, err);
}

/* Which sentence says what waits for the reader. */
static void
put_lead(struct view *v, const struct matter_view *mv)
{
	int64_t us;
	const char *lead = seen_is_in(mv, "cancelled")            ? "cancelled"
	                   : seen_since(mv, "adopted", NULL, &us) ? "adopted"
	                   : seen_since(mv, "chaired", NULL, &us) ? "chaired"
	                   : seen_is_in(mv, "open")               ? "open"
	                   : seen_is_in(mv, "convened")           ? "convened"
	                                                          : "closed";

	js_put_bool(&v->make, js_put_map(&v->make, v->model, "lead"), lead,
	    true);
}

/* GET /sessions/REF */
int
view_meeting(struct view *v, struct err *err)
{
	const struct sheet *s;
	const struct js *body;

	if (seen_sheet(v, v->part[0], "session", &s, err) != 0)
		return -1;
	body = seen_body(&s->mv, "convene");
	public_put_session(v, v->model, &s->mv);
	put_lead(v, &s->mv);
	seen_put_choice(v, v->model, s->mv.procedure, body, "openness");
	seen_put_choice(v, v->model, s->mv.procedure, body, "attribution");
	seen_put(v, v->model, body, "note");
	put_agenda(v, s);
	put_attendance(v, s);
	put_outcome(v, s);
	return put_book(v, &s->mv, err);
}
