/* The front page: what the conference is, what it decided last, who its members
 * are, and how to check all of it. */
#include "web/view_public_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"

enum { LATEST = 8, EACH = 20 }; /* decisions shown; looked at of a procedure */

/* ---- what was decided ---- */

/* Each procedure that decides: the states in which it has, and the acts whose
 * text it then is, the later one first. */
static const struct decides {
	const char *procedure, *opening, *state[2], *what, *text[3], *page;
} decides[] = {
    {"session", "convene", {"adopted"}, "statement", {"draft"}, "sessions"},
    {"session", "convene", {"chaired"}, "chair", {"conclude"}, "sessions"},
    {"text", "draft", {"adopted"}, "text", {"revise", "draft"}, "matters"},
    {"review", "open", {"adopted", "published"}, "review", {"draft"},
	"reviews"},
    {"agreement", "register", {"in_force"}, "agreement", {"register"},
	"matters"},
};

static const struct js *
texts_of(const struct matter_view *mv, const struct decides *d)
{
	const struct js *texts = NULL;

	for (size_t i = 0; texts == NULL && d->text[i] != NULL; i++)
		texts = js_get(seen_body(mv, d->text[i]), "texts");
	return texts;
}

bool
public_decision(const struct matter_view *mv, struct public_decision *ret)
{
	if (mv->procedure == NULL)
		return false;
	for (size_t i = 0; i < COUNT(decides); i++) {
		const struct decides *d = &decides[i];
		struct public_decision x = {.mv = mv,
		    .what = d->what,
		    .page = d->page};

		if (!str_is(procedure_name(mv->procedure), d->procedure) ||
		    !seen_since(mv, d->state[0], d->state[1], &x.time_us))
			continue;
		x.title = js_str(js_get(seen_body(mv, d->opening), "title"));
		x.texts = texts_of(mv, d);
		*ret = x;
		return true;
	}
	return false;
}

static int
latest_first(const void *x, const void *y)
{
	const struct public_decision *a = x, *b = y;

	return (a->time_us < b->time_us) - (a->time_us > b->time_us);
}

static void
put_decision(struct view *v, struct js *j, const struct public_decision *d)
{
	struct str cite = query_cite(&v->q, d->mv->row.party, d->mv->row.idx);

	js_put_str(&v->make, j, "cite", cite);
	js_put_str(&v->make, j, "href",
	    str_fmt(v->q.a, "/%s/%.*s", d->page, STR_ARG(cite)));
	js_put_z(&v->make, j, "what", d->what);
	js_put_str(&v->make, j, "title", d->title);
	view_time(v, j, "time", true, d->time_us);
	view_title(v, j, "state_title", d->mv->procedure, "states",
	    seen_state(d->mv));
}

/* The latest in full, those before it by their titles. */
static int
put_decisions(struct view *v, struct err *err)
{
	static const char *const name[] = {"session", "text", "review",
	    "agreement"};
	struct public_decision *d =
	    arena_array(v->q.a, COUNT(name) * EACH, struct public_decision);
	struct js *list = js_put_list(&v->make, v->model, "decisions"), *j;
	size_t n = 0;

	if (d == NULL)
		return err_nomem(err, "decisions");
	for (size_t i = 0; i < COUNT(name); i++) {
		struct seen_list all;

		if (seen_list(v, name[i], EACH, &all, err) != 0)
			return -1;
		for (size_t k = 0; k < all.n; k++)
			n += public_decision(&all.at[k], &d[n]);
	}
	if (n > 0)
		qsort(d, n, sizeof(*d), latest_first);
	for (size_t i = 0; i < n && i < LATEST; i++)
		put_decision(v, js_put_map(&v->make, list, NULL), &d[i]);
	js_put_bool(&v->make, v->model, "any_decisions", n > 0);
	for (size_t i = 0; i < n; i++) {
		if (js_len(d[i].texts) == 0)
			continue;
		j = js_put_map(&v->make, v->model, "latest");
		put_decision(v, j, &d[i]);
		seen_put_texts(v, j, d[i].texts);
		return 0;
	}
	js_put_null(&v->make, v->model, "latest");
	return 0;
}

/* ---- the session that comes, or is on ---- */

static int
put_next_session(struct view *v, struct err *err)
{
	const struct matter_view *best = NULL;
	struct seen_list all;
	int64_t best_us = INT64_MAX, us;

	if (seen_list(v, "session", EACH, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if ((seen_is_in(&all.at[i], "convened") ||
			seen_is_in(&all.at[i], "open")) &&
		    when_is_time(js_str(js_get(seen_body(&all.at[i], "convene"),
				     "start")),
			WHEN_YEAR, &us) &&
		    us < best_us) {
			best = &all.at[i];
			best_us = us;
		}
	if (best != NULL)
		public_put_session(v,
		    js_put_map(&v->make, v->model, "next_session"), best);
	else
		js_put_null(&v->make, v->model, "next_session");
	return 0;
}

/* ---- the conference ---- */

static const struct js *
founding_texts(const struct matter_view *mv)
{
	const struct js *texts = js_get(seen_body(mv, "revise"), "texts");

	return texts != NULL ? texts
	                     : js_get(seen_body(mv, "propose"), "texts");
}

/* Who founds it, and who of them has signed. */
static void
put_founders(struct view *v, struct js *j, const struct matter_view *mv,
    const struct js *body)
{
	struct js *list = js_put_list(&v->make, j, "founders");
	struct seen_codes all =
	    seen_sorted(v, seen_parties(v, js_get(body, "founders")));

	for (size_t i = 0; i < all.n; i++) {
		const struct fold_act_result *r =
		    seen_last(mv, "sign", all.code[i]);
		struct js *one = js_put_map(&v->make, list, NULL);

		js_put_str(&v->make, one, "party", all.code[i]);
		if (r != NULL)
			(void)seen_put_act(v, one, "signed", r);
		else
			js_put_null(&v->make, one, "signed");
	}
}

static void
put_conference(struct view *v, const struct matter_view *mv, bool found)
{
	const struct js *body, *principles;
	struct seen_codes members;
	struct js *j, *list;

	if (!found) {
		js_put_null(&v->make, v->model, "conference");
		return;
	}
	body = seen_body(mv, "propose");
	j = js_put_map(&v->make, v->model, "conference");
	seen_put_row(v, j, &mv->row);
	seen_put(v, j, body, "name");
	seen_put(v, j, body, "venue");
	seen_put_texts(v, j, founding_texts(mv));
	list = js_put_list(&v->make, j, "principles");
	principles = js_get(body, "principles");
	for (size_t i = 0; i < js_len(principles); i++)
		seen_put_code(v, list, mv->procedure, "principles",
		    js_at(principles, i));
	js_put_bool(&v->make, j, "any_principles", js_len(list) > 0);
	put_founders(v, j, mv, body);
	members = seen_sorted(v, seen_members(mv));
	list = js_put_list(&v->make, j, "members");
	for (size_t i = 0; i < members.n; i++)
		js_put_str(&v->make, list, NULL, members.code[i]);
	js_put_int(&v->make, j, "n_members", (int64_t)members.n); /* few */
}

static void
put_lead(struct view *v, const struct matter_view *mv, bool found)
{
	const char *lead = !found                       ? "none"
	                   : seen_is_in(mv, "in_force") ? "in_force"
	                   : seen_is_in(mv, "proposed") ? "proposed"
	                                                : "ended";

	js_put_bool(&v->make, js_put_map(&v->make, v->model, "lead"), lead,
	    true);
}

/* Whose logs there are, and by what each party's keys are recognised. */
static int
put_parties(struct view *v, struct seen_codes members, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "parties");
	const struct member **m;
	size_t n;

	if (view_parties(v, &m, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct js *j = js_put_map(&v->make, list, NULL);
		struct note_key key =
		    mandate_log_key(m[i]->mandate, m[i]->log.size);

		js_put_z(&v->make, j, "party", m[i]->code);
		js_put(&v->make, j, "names", view_names(m[i]));
		js_put_bool(&v->make, j, "own", m[i]->own);
		js_put_bool(&v->make, j, "member",
		    seen_has(members, str_of(m[i]->code)));
		js_put_hex(&v->make, j, "fingerprint", m[i]->charter.b, 32);
		js_put_str(&v->make, j, "vkey", note_key_text(v->q.a, &key));
		js_put_int(&v->make, j, "size",
		    (int64_t)m[i]->log.size); /* below 2^63 */
	}
	return 0;
}

/* GET / */
int
view_front(struct view *v, struct err *err)
{
	struct matter_view conference = {.n_acts = 0};
	bool found;

	if (seen_conference(v, &conference, &found, err) != 0)
		return -1;
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	put_lead(v, &conference, found);
	put_conference(v, &conference, found);
	if (put_decisions(v, err) != 0 || put_next_session(v, err) != 0)
		return -1;
	return put_parties(v,
	    found ? seen_members(&conference) : (struct seen_codes){0, NULL},
	    err);
}
