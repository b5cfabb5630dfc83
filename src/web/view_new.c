/* What an officer can begin: the acts that open matters. */
#include "web/view_draft_int.h"

#include "base/num.h"

/* The groups in which the catalogue is shown, the crisis line first; what is
 * in none of them comes last. */
static const struct {
	const char *name, *procedure[8];
} group[] = {
    {"crisis", {"message", "crisis", "check"}},
    {"incidents", {"incident", "clarification", "notification"}},
    {"consultation",
	{"dispute", "deliberation", "exchange", "survey", "review"}},
    {"texts", {"text", "agreement", "commitment"}},
    {"conference", {"session", "conference", "procedure", "post", "comment"}},
    {"other", {NULL}},
};

static size_t
group_of(struct str procedure)
{
	for (size_t i = 0; i < COUNT(group); i++)
		for (size_t k = 0; group[i].procedure[k] != NULL; k++)
			if (str_is(procedure, group[i].procedure[k]))
				return i;
	return COUNT(group) - 1;
}

static void
put_acts(struct view *v, struct js *list, const struct procedure *p)
{
	const struct js *acts = js_get(procedure_json(p), "acts");

	for (struct js_each e = {0}; js_next(acts, &e);) {
		struct str kind;
		struct js *j;

		if (!procedure_is_opening(p, e.key))
			continue;
		kind = str_fmt(v->q.a, "%.*s/%.*s", STR_ARG(procedure_name(p)),
		    STR_ARG(e.key));
		j = js_put_map(&v->make, list, NULL);
		js_put_str(&v->make, j, "kind", kind);
		view_title(v, j, "title", p, "acts", e.key);
		js_put_str(&v->make, j, "procedure", procedure_name(p));
		view_title(v, j, "procedure_title", p, NULL, procedure_name(p));
		js_put(&v->make, j, "about",
		    js_get(procedure_json(p), "about"));
		draft_put_power(v, j, kind);
	}
}

/* In the order of the table; of two files of one name the first is used. */
static void
put_group(struct view *v, struct js *groups, size_t at)
{
	struct node *n = v->q.n;
	struct js *j = js_map(&v->make), *list;

	js_put_z(&v->make, j, "name", group[at].name);
	list = js_put_list(&v->make, j, "acts");
	for (size_t k = 0; group[at].procedure[k] != NULL; k++) {
		const struct procedure *p =
		    view_procedure_named(n, str_of(group[at].procedure[k]));

		if (p != NULL)
			put_acts(v, list, p);
	}
	for (size_t i = 0; at == COUNT(group) - 1 && i < n->n_loaded; i++) {
		struct str name = procedure_name(n->loaded[i].p);

		if (group_of(name) == at &&
		    view_procedure_named(n, name) == n->loaded[i].p)
			put_acts(v, list, n->loaded[i].p);
	}
	if (js_len(list) > 0)
		js_put(&v->make, groups, NULL, j);
}

/* GET /new */
int
view_new(struct view *v, struct err *err)
{
	struct js *groups = js_put_list(&v->make, v->model, "groups");

	(void)err; /* the common form of views */
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	for (size_t i = 0; i < COUNT(group); i++)
		put_group(v, groups, i);
	return 0;
}
