/* The register of agreements, adopted texts, and commitments. */
#include "web/view_public_int.h"

#include <string.h>

#include "base/num.h"

/* ---- rows ---- */

static size_t
count(const struct matter_view *mv, const char *act)
{
	const struct fold_act_result *r;
	size_t n = 0;

	for (size_t i = 0; seen_next(mv, act, &i, &r);)
		n++;
	return n;
}

static void
put_did(struct view *v, struct js *j, const char *key,
    const struct fold_act_result *r)
{
	if (r != NULL)
		(void)seen_put_act(v, j, key, r);
	else
		js_put_null(&v->make, j, key);
}

static void
put_signatories(struct view *v, struct js *in, const struct matter_view *mv,
    const struct js *body)
{
	struct js *list = js_put_list(&v->make, in, "signatories");
	struct seen_codes all =
	    seen_sorted(v, seen_parties(v, js_get(body, "signatories")));

	for (size_t i = 0; i < all.n; i++) {
		struct js *j = js_put_map(&v->make, list, NULL);

		js_put_str(&v->make, j, "party", all.code[i]);
		put_did(v, j, "signed", seen_last(mv, "sign", all.code[i]));
		put_did(v, j, "ratified", seen_last(mv, "ratify", all.code[i]));
	}
}

/* How the register is shown: what holds stands first. */
static const struct {
	const char *name, *state[3];
} group[] = {
    {"in_force", {"in_force"}},
    {"suspended", {"suspended"}},
    {"signed", {"signed"}},
    {"open", {"open"}},
    {"ended", {"terminated", "abandoned"}},
};

static const char *
group_of(const struct matter_view *mv)
{
	for (size_t i = 0; i < COUNT(group); i++)
		for (size_t k = 0; group[i].state[k] != NULL; k++)
			if (seen_is_in(mv, group[i].state[k]))
				return group[i].name;
	return NULL;
}

void
public_put_agreement(struct view *v, struct js *in,
    const struct matter_view *mv)
{
	const struct js *body = seen_body(mv, "register");

	seen_put_row(v, in, &mv->row);
	seen_put(v, in, body, "title");
	seen_put_choice(v, in, mv->procedure, body, "bindingness");
	seen_put_choice(v, in, mv->procedure, body, "force");
	seen_put(v, in, body, "depositary");
	put_signatories(v, in, mv, body);
	js_put_int(&v->make, in, "reservations",
	    (int64_t)count(mv, "reserve")); /* few */
	js_put_int(&v->make, in, "declarations", (int64_t)count(mv, "declare"));
	seen_put(v, in, seen_body(mv, "record"), "registration");
	js_put_z(&v->make, in, "group", group_of(mv));
	js_put_bool(&v->make, in, "is_in_force", seen_is_in(mv, "in_force"));
}

void
public_put_text(struct view *v, struct js *in, const struct matter_view *mv)
{
	const struct js *body = seen_body(mv, "draft");
	int64_t us = 0;
	bool is = seen_since(mv, "adopted", NULL, &us);

	seen_put_row(v, in, &mv->row);
	seen_put(v, in, body, "title");
	seen_put_choice(v, in, mv->procedure, body, "kind");
	view_time(v, in, "adopted", is, us);
	seen_put(v, in, seen_body(mv, "issue"), "reference");
}

/* ---- commitments ---- */

/* Each side's word on the evidence that was given last. */
static void
put_assessments(struct view *v, struct js *in, const struct matter_view *mv,
    const struct fold_act_result *evidence)
{
	struct js *list = js_put_list(&v->make, in, "assessments");
	const struct fold_act_result *r;

	for (size_t i = 0;
	     evidence != NULL && seen_next(mv, "assess", &i, &r);) {
		struct js *j;

		if (!r->act->has_answers ||
		    !id_eq(&r->act->answers, &evidence->id) ||
		    seen_last(mv, "assess", r->act->party) != r)
			continue;
		j = seen_put_act(v, list, NULL, r);
		seen_put(v, j, r->act->body, "score");
		seen_put(v, j, r->act->body, "reason");
	}
}

static void
put_commitment(struct view *v, struct js *in, const struct matter_view *mv)
{
	const struct js *body = seen_body(mv, "register"), *late;
	const struct fold_act_result *evidence =
	    seen_last(mv, "evidence", STR(""));
	struct js *j;

	seen_put_row(v, in, &mv->row);
	seen_put(v, in, body, "commitment");
	seen_put(v, in, body, "clause");
	seen_put(v, in, body, "owner");
	late = seen_body(mv, "grant") == NULL
	           ? NULL
	           : js_get(seen_body(mv, "extend"), "new_due");
	js_put(&v->make, in, "due", late != NULL ? late : js_get(body, "due"));
	seen_put(v, in, body, "indicator");
	seen_put_cite(v, in, body, "agreement");
	js_put_bool(&v->make, in, "overdue", seen_is_in(mv, "overdue"));
	js_put_bool(&v->make, in, "fulfilled", seen_is_in(mv, "fulfilled"));
	if (evidence != NULL) {
		j = seen_put_act(v, in, "evidence", evidence);
		seen_put(v, j, evidence->act->body, "evidence");
	} else {
		js_put_null(&v->make, in, "evidence");
	}
	put_assessments(v, in, mv, evidence);
}

/* ---- the page ---- */

static void
put_groups(struct view *v, const struct seen_list *all)
{
	struct js *groups = js_put_list(&v->make, v->model, "groups");

	for (size_t g = 0; g < COUNT(group); g++) {
		struct js *j = js_map(&v->make), *list;

		js_put_z(&v->make, j, "name", group[g].name);
		list = js_put_list(&v->make, j, "agreements");
		for (size_t i = 0; i < all->n; i++) {
			const char *name = group_of(&all->at[i]);

			if (name != NULL && strcmp(name, group[g].name) == 0)
				public_put_agreement(v,
				    js_put_map(&v->make, list, NULL),
				    &all->at[i]);
		}
		if (js_len(list) > 0)
			js_put(&v->make, groups, NULL, j);
		if (g == 0)
			js_put_int(&v->make, v->model, "n_in_force",
			    (int64_t)js_len(list)); /* few */
	}
	js_put_bool(&v->make, v->model, "any", js_len(groups) > 0);
}

static int
put_texts(struct view *v, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "texts");
	struct seen_list all;

	if (seen_list(v, "text", SEEN_MAX, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (seen_is_in(&all.at[i], "adopted") ||
		    seen_is_in(&all.at[i], "issued"))
			public_put_text(v, js_put_map(&v->make, list, NULL),
			    &all.at[i]);
	js_put_bool(&v->make, v->model, "any_texts", js_len(list) > 0);
	return 0;
}

static int
put_commitments(struct view *v, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "commitments");
	struct seen_list all;

	if (seen_list(v, "commitment", SEEN_MAX, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		put_commitment(v, js_put_map(&v->make, list, NULL), &all.at[i]);
	js_put_bool(&v->make, v->model, "any_commitments", all.n > 0);
	return 0;
}

/* GET /agreements */
int
view_agreements(struct view *v, struct err *err)
{
	struct matter_view conference;
	struct seen_list all;
	bool found;

	if (seen_list(v, "agreement", SEEN_MAX, &all, err) != 0 ||
	    seen_conference(v, &conference, &found, err) != 0)
		return -1;
	put_groups(v, &all);
	public_put_matrix(v, &all,
	    found ? seen_members(&conference) : (struct seen_codes){0, NULL});
	return put_texts(v, err) != 0 ? -1 : put_commitments(v, err);
}
