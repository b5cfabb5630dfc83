/* Forms: what a client needs to write an act. */
#include "base/num.h"
#include "base/when.h"
#include "web/view.h"

static int
put_form(struct view *v, const struct procedure *p, struct str name,
    struct err *err)
{
	const struct js *file = procedure_json(p);
	const struct js *act = js_get_at(js_get(file, "acts"), name);
	const struct js *form = js_get(act, "form");
	struct js *list = js_put_list(&v->make, v->model, "form");

	if (act == NULL)
		return err_set(err, ERR_ABSENT,
		    "the procedure %.*s has no act '%.*s'",
		    STR_ARG(procedure_name(p)), STR_ARG(name));
	view_title(v, v->model, "title", p, "acts", name);
	js_put(&v->make, v->model, "fields", js_get(file, "fields"));
	for (size_t i = 0; i < js_len(form); i++) {
		struct str field = js_str(js_at(form, i));
		bool optional = str_ends(field, STR("?"));
		struct js *j = js_put_map(&v->make, list, NULL);

		field = str_sub(field, 0, field.n - optional);
		js_put_str(&v->make, j, "name", field);
		js_put_bool(&v->make, j, "optional", optional);
		for (struct js_each e = {0};
		     js_next(js_get_at(js_get(file, "fields"), field), &e);)
			js_put(&v->make, j, str_z(v->q.a, e.key), e.value);
	}
	return 0;
}

/* The audience that an act of a matter has, unless its author says else. */
static int
put_usual_audience(struct view *v, const struct procedure *p, struct str name,
    const struct store_matter *row, struct err *err)
{
	const struct js *act =
	    js_get_at(js_get(procedure_json(p), "acts"), name);
	struct member *opener = node_member_by_no(v->q.n, row->party);
	const struct js *to;
	struct js *list;
	bool has = false;

	if (js_get(act, "to") != NULL) {
		js_put(&v->make, v->model, "to", js_get(act, "to"));
		return 0;
	}
	if (js_parse(span_of(row->audience), v->q.a, &to, err) != 0)
		return -1;
	if (js_type(to) == JS_TEXT) {
		js_put(&v->make, v->model, "to", to);
		return 0;
	}
	list = js_put_list(&v->make, v->model, "to");
	for (size_t i = 0; i < js_len(to); i++) {
		has = has ||
		      (opener != NULL && js_is_str(js_at(to, i), opener->code));
		js_put(&v->make, list, NULL, js_at(to, i));
	}
	if (!has && opener != NULL)
		js_put_z(&v->make, list, NULL, opener->code);
	return 0;
}

static bool
is_listed(const struct js *one_or_list, struct str name)
{
	if (js_type(one_or_list) == JS_TEXT)
		return str_eq(js_str(one_or_list), name);
	for (size_t i = 0; i < js_len(one_or_list); i++)
		if (str_eq(js_str(js_at(one_or_list, i)), name))
			return true;
	return false;
}

static int
draft_in_matter(struct view *v, const struct procedure *p, struct str name,
    struct str ref, struct err *err)
{
	const struct js *act =
	    js_get_at(js_get(procedure_json(p), "acts"), name);
	struct store_matter row;
	struct matter_view mv;
	struct js *after, *answers, *j;

	if (query_matter(&v->q, ref, &row, err) != 0 ||
	    matter_fold(v->q.n, v->q.s, &row, NULL, v->q.now_us, v->q.a, &mv,
		err) != 0)
		return -1;
	if (mv.procedure != p)
		return err_set(err, ERR_INPUT,
		    "%.*s is a matter of another procedure", STR_ARG(ref));
	js_put_hex(&v->make, v->model, "matter", row.id.b, 32);
	after = js_put_list(&v->make, v->model, "after");
	for (size_t i = 0; mv.result != NULL && i < mv.result->n_heads; i++)
		js_put_hex(&v->make, after, NULL, mv.result->heads[i].b, 32);
	answers = js_put_list(&v->make, v->model, "answers");
	for (size_t i = 0; mv.result != NULL && i < mv.result->n_acts; i++) {
		const struct fold_act_result *x = &mv.result->acts[i];

		if (x->verdict != FOLD_VALID ||
		    !is_listed(js_get(act, "answers"), x->act->name))
			continue;
		j = js_put_map(&v->make, answers, NULL);
		view_cite(v, j, "cite", true, &x->id);
		js_put_hex(&v->make, j, "id", x->id.b, 32);
		js_put_str(&v->make, j, "kind", x->act->name);
		js_put_str(&v->make, j, "party", x->act->party);
	}
	return put_usual_audience(v, p, name, &row, err);
}

int
view_draft(struct view *v, struct err *err)
{
	struct str kind = view_param(v, "kind"), ref = view_param(v, "matter");
	size_t slash = str_find(kind, '/', 0);
	struct str name = str_sub(kind, slash + 1, kind.n);
	const struct procedure *p =
	    view_procedure_named(v->q.n, str_sub(kind, 0, slash));

	if (kind.p == NULL || slash >= kind.n || p == NULL)
		return err_set(err, ERR_ABSENT,
		    "no procedure for the kind '%.*s': 'comity procedures' "
		    "lists them",
		    STR_ARG(kind.p == NULL ? STR("") : kind));
	js_put_int(&v->make, v->model, "comity", 1);
	js_put_str(&v->make, v->model, "kind", kind);
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	view_time(v, v->model, "at", true, v->q.now_us);
	if (put_form(v, p, name, err) != 0)
		return -1;
	if (procedure_is_opening(p, name)) {
		const struct js *to = js_get(
		    js_get_at(js_get(procedure_json(p), "acts"), name), "to");

		js_put_hex(&v->make, v->model, "procedure", procedure_id(p)->b,
		    32);
		js_put_bool(&v->make, v->model, "opens", true);
		if (to != NULL)
			js_put(&v->make, v->model, "to", to);
		return 0;
	}
	if (ref.p == NULL)
		return err_set(err, ERR_INPUT,
		    "'%.*s' does not open a matter: say in which it is done",
		    STR_ARG(kind));
	return draft_in_matter(v, p, name, ref, err);
}
