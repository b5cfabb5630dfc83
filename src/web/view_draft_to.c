/* Whom an act goes to, and in which conference it is done. */
#include "web/view_draft_int.h"

#include "base/num.h"

enum { CONFERENCES_MAX = 100 };

static bool
has_text(const struct js *list, const char *z)
{
	for (size_t i = 0; i < js_len(list); i++)
		if (js_is_str(js_at(list, i), z))
			return true;
	return false;
}

/* "CHN" in "CHN,KOR"? */
static bool
is_asked(struct str list, const char *code)
{
	for (size_t at = 0; at < list.n;) {
		size_t end = str_find(list, ',', at);

		if (str_is(str_sub(list, at, end), code))
			return true;
		at = end + 1;
	}
	return false;
}

/* `must`: the act's rules, or its matter's, want this party to read it. */
static int
put_parties(struct view *v, const struct js *wanted, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "parties"), *j;
	struct str asked = view_param(v, "to");
	const struct member **c;
	size_t n;

	if (view_parties(v, &c, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool must =
		    js_type(wanted) == JS_LIST && has_text(wanted, c[i]->code);

		j = js_put_map(&v->make, list, NULL);
		js_put_z(&v->make, j, "party", c[i]->code);
		js_put_bool(&v->make, j, "own", c[i]->own);
		js_put_bool(&v->make, j, "must", must);
		js_put_bool(&v->make, j, "chosen",
		    must || is_asked(asked, c[i]->code));
	}
	return 0;
}

/* ---- conferences ---- */

/* The parties of a conference now, where ours is one; else NULL. */
static const struct fold_members *
members_now(struct view *v, const struct fold_result *r)
{
	const struct fold_members *last;

	if (r == NULL || !r->founds || r->n_members == 0)
		return NULL;
	last = &r->members[r->n_members - 1];
	for (size_t i = 0; i < last->n; i++)
		if (str_is(last->party[i], v->q.n->own->code))
			return last;
	return NULL;
}

static int
put_conference(struct view *v, struct js *list, const struct store_matter *row,
    struct err *err)
{
	const struct fold_members *members;
	struct matter_view mv;
	struct js *j, *of;

	if (matter_fold(v->q.n, v->q.s, row, NULL, v->q.now_us, v->q.a, &mv,
		err) != 0)
		return -1;
	if ((members = members_now(v, mv.result)) == NULL ||
	    procedure_is_final(mv.procedure, mv.result->state))
		return 0;
	j = js_put_map(&v->make, list, NULL);
	js_put_hex(&v->make, j, "id", row->id.b, 32);
	js_put_str(&v->make, j, "cite",
	    query_cite(&v->q, row->party, row->idx));
	js_put_str(&v->make, j, "name", row->subject);
	of = js_put_list(&v->make, j, "members");
	for (size_t i = 0; i < members->n; i++)
		js_put_str(&v->make, of, NULL, members->party[i]);
	return 0;
}

/* The one asked for is chosen (?in=), else the only one. */
static void
choose_conference(struct view *v, const struct js *all)
{
	struct js *list = js_put_list(&v->make, v->model, "conferences");
	struct str asked = view_param(v, "in");

	for (size_t i = 0; i < js_len(all); i++) {
		struct js *j = js_put_map(&v->make, list, NULL);
		const struct js *x = js_at(all, i);
		bool chosen = js_len(all) == 1;

		for (struct js_each e = {0}; js_next(x, &e);)
			js_put(&v->make, j, str_z(v->q.a, e.key), e.value);
		if (asked.n > 0)
			chosen = str_eq(asked, js_str(js_get(x, "id"))) ||
			         str_eq(asked, js_str(js_get(x, "cite")));
		js_put_bool(&v->make, j, "chosen", chosen);
	}
}

/* Matters that found a conference; one of them is what an opening act names. */
static int
put_conferences(struct view *v, const struct draft *d, struct err *err)
{
	struct js *list = js_list(&v->make);
	struct node *n = v->q.n;

	if (d->in_matter || procedure_is_founding(d->p)) {
		choose_conference(v, list);
		return 0;
	}
	for (size_t i = 0; i < n->n_loaded; i++) {
		struct store_matter_filter f = {
		    .procedure = hex_str(v->q.a, n->loaded[i].id.b, 32),
		    .n = CONFERENCES_MAX};
		struct store_matter *m;
		size_t count;

		if (!procedure_is_founding(n->loaded[i].p))
			continue;
		if (store_matter_list(v->q.s, &f, v->q.a, &m, &count, err) != 0)
			return -1;
		for (size_t k = 0; k < count; k++)
			if (put_conference(v, list, &m[k], err) != 0)
				return -1;
	}
	choose_conference(v, list);
	return 0;
}

/* ---- the audience ---- */

/* The matter's, its opener counted in. */
static int
audience_of(struct view *v, const struct draft *d, const struct js **ret,
    struct err *err)
{
	const struct member *opener = node_member_by_no(v->q.n, d->row.party);
	const struct js *to;
	struct js *list;

	if (js_parse(span_of(d->row.audience), v->q.a, &to, err) != 0)
		return -1;
	*ret = to;
	if (js_type(to) != JS_LIST || opener == NULL ||
	    has_text(to, opener->code))
		return 0;
	list = js_list(&v->make);
	for (size_t i = 0; i < js_len(to); i++)
		js_put(&v->make, list, NULL, js_at(to, i));
	js_put_z(&v->make, list, NULL, opener->code);
	*ret = list;
	return 0;
}

/* The narrowest that the rules take is also the usual one. */
int
draft_put_audience(struct view *v, const struct draft *d, struct err *err)
{
	const struct js *to = js_get(d->act, "to");
	const char *narrowest = "parties";
	struct js *j, *is;

	if (to == NULL && d->in_matter && audience_of(v, d, &to, err) != 0)
		return -1;
	if (to != NULL)
		js_put(&v->make, v->model, "to", to);
	else
		js_put_null(&v->make, v->model, "to");
	if (js_is_str(to, "public"))
		narrowest = "public";
	else if (js_is_str(to, "members"))
		narrowest = "members";
	j = js_put_map(&v->make, v->model, "audience");
	js_put_z(&v->make, j, "narrowest", narrowest);
	is = js_put_map(&v->make, j, "is");
	js_put_bool(&v->make, is, narrowest, true);
	return put_parties(v, to, err) != 0 ? -1 : put_conferences(v, d, err);
}
