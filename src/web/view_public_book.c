/* The report book: what the parties deliberated between themselves and were to
 * report, what they reported, and what they did not. */
#include "web/view_public_int.h"

#include "base/num.h"
#include "base/when.h"

static bool
is_report(const struct act *act)
{
	return str_is(act->name, "joint") || str_is(act->name, "report");
}

static struct js *
put_report(struct view *v, struct js *list, const struct act *act,
    int64_t time_us)
{
	struct js *j = js_put_map(&v->make, list, NULL);

	view_cite(v, j, "cite", true, &act->id);
	js_put_str(&v->make, j, "party", act->party);
	view_time(v, j, "time", true, time_us);
	js_put_bool(&v->make, j, "joint", str_is(act->name, "joint"));
	seen_put(v, j, act->body, "report");
	return j;
}

/* Who joined this joint report. */
static void
put_joined(struct view *v, struct js *j, const struct matter_view *mv,
    const struct id *joint)
{
	struct js *list = js_put_list(&v->make, j, "joined");
	const struct fold_act_result *r;

	for (size_t i = 0; seen_next(mv, "endorse", &i, &r);)
		if (r->act->has_answers && id_eq(&r->act->answers, joint))
			js_put_str(&v->make, list, NULL, r->act->party);
}

static void
put_reports(struct view *v, struct js *j, const struct matter_view *mv)
{
	struct js *list = js_put_list(&v->make, j, "reports");
	const struct fold_act_result *r;

	for (size_t i = 0; seen_next(mv, NULL, &i, &r);) {
		if (!is_report(r->act))
			continue;
		put_joined(v, put_report(v, list, r->act, r->time_us), mv,
		    &r->id);
	}
}

/* Who owes a report: `awaited`; since when it is past: `unreported`. */
static size_t
put_owing(struct view *v, struct js *j, const struct matter_view *mv)
{
	struct js *awaited = js_put_list(&v->make, j, "awaited");
	struct js *past = js_put_list(&v->make, j, "unreported");
	const struct fold_result *r = mv->result;

	for (size_t i = 0; i < r->n_terms; i++) {
		const struct fold_term *t = &r->terms[i];

		if (!str_is(t->name, "report"))
			continue;
		if (t->status == FOLD_OPEN)
			js_put_str(&v->make, awaited, NULL, t->party);
		if (t->status == FOLD_PAST || t->status == FOLD_LAPSED)
			js_put_str(&v->make, past, NULL, t->party);
	}
	js_put_bool(&v->make, j, "waits", js_len(awaited) > 0);
	js_put_bool(&v->make, j, "overdue", js_len(past) > 0);
	return js_len(past);
}

static void
put_parties(struct view *v, struct js *j, const struct matter_view *mv)
{
	const struct fold_result *r = mv->result;
	struct str *code = arena_array(v->q.a, r->n_terms + 1, struct str);
	struct js *list = js_put_list(&v->make, j, "parties");
	struct seen_codes all = {0, code};

	for (size_t i = 0; code != NULL && i < r->n_terms; i++)
		if (str_is(r->terms[i].name, "report") &&
		    !seen_has(all, r->terms[i].party))
			code[all.n++] = r->terms[i].party;
	all = seen_sorted(v, all);
	for (size_t i = 0; i < all.n; i++)
		js_put_str(&v->make, list, NULL, all.code[i]);
}

struct book {
	struct js *rows, *loose;
	int64_t from_us, to_us;
	const struct id *conference; /* NULL: any */
	size_t overdue;
};

static bool
is_of(const struct book *b, int64_t us)
{
	return us > b->from_us && us <= b->to_us;
}

static void
put_row(struct view *v, struct book *b, const struct matter_view *mv)
{
	const struct js *body = seen_body(mv, "begin");
	struct js *j;
	int64_t due;

	if (!when_is_time(js_str(js_get(body, "report_by")), WHEN_YEAR, &due) ||
	    !is_of(b, due) ||
	    (b->conference != NULL &&
		(!mv->row.has_conference ||
		    !id_eq(&mv->row.conference, b->conference))))
		return;
	j = js_put_map(&v->make, b->rows, NULL);
	seen_put_row(v, j, &mv->row);
	seen_put(v, j, body, "topic");
	seen_put_choice(v, j, mv->procedure, body, "level");
	seen_put(v, j, body, "report_by");
	seen_put_cite(v, j, body, "mandate");
	js_put_bool(&v->make, j, "declined", seen_is_in(mv, "declined"));
	put_parties(v, j, mv);
	put_reports(v, j, mv);
	b->overdue += put_owing(v, j, mv);
}

/* Only its reports are public: their own words, and the time they claim. */
static void
put_loose(struct view *v, struct book *b, const struct matter_view *mv)
{
	for (size_t i = 0; i < mv->n_acts; i++) {
		const struct act *act = mv->acts[i].act;

		if (is_report(act) && mv->acts[i].fault == FOLD_SOUND &&
		    is_of(b, act->at_us))
			(void)put_report(v, b->loose, act, act->at_us);
	}
}

int
public_put_book(struct view *v, int64_t from_us, int64_t to_us,
    const struct id *conference, struct err *err)
{
	struct book b = {.from_us = from_us,
	    .to_us = to_us,
	    .conference = conference};
	struct seen_list all;

	if (seen_list_parts(v, "deliberation", SEEN_MAX, &all, err) != 0)
		return -1;
	b.rows = js_put_list(&v->make, v->model, "book");
	b.loose = js_put_list(&v->make, v->model, "loose");
	for (size_t i = 0; i < all.n; i++)
		if (seen_state(&all.at[i]).n > 0)
			put_row(v, &b, &all.at[i]);
		else
			put_loose(v, &b, &all.at[i]);
	js_put_bool(&v->make, v->model, "any_book", js_len(b.rows) > 0);
	js_put_bool(&v->make, v->model, "any_loose", js_len(b.loose) > 0);
	js_put_int(&v->make, v->model, "overdue", (int64_t)b.overdue); /* few */
	return 0;
}
