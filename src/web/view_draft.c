/* Forms: what a client needs to write an act, and what a page shows of it. */
#include "web/view_draft_int.h"

#include "base/num.h"

/* ---- fields ---- */

/* What a field has beyond its type; absent in the procedure: null here. */
static const char *const field_key[] = {"help", "number", "unit", "min", "max",
    "precision", "of"};

/* Types whose value is written in one control. */
static const char *const simple_type[] = {"text", "longtext", "choice",
    "integer", "decimal", "time", "duration", "party", "officer", "matter",
    "act", "digest", "file"};

static bool
is_simple(struct str type)
{
	for (size_t i = 0; i < COUNT(simple_type); i++)
		if (str_is(type, simple_type[i]))
			return true;
	return false;
}

static void put_field(struct view *v, struct js *list, const struct js *fields,
    struct str name, const struct js *outer);

static void
put_parts(struct view *v, struct js *field, const struct js *fields)
{
	const struct js *of = js_get(field, "of");
	struct js *list = js_put_list(&v->make, field, "parts");

	for (size_t i = 0; i < js_len(of); i++)
		put_field(v, list, fields, js_str(js_at(of, i)), field);
}

/* `name` ends in "?" where the field is optional; `outer`: its group. */
static void
put_field(struct view *v, struct js *list, const struct js *fields,
    struct str name, const struct js *outer)
{
	struct js_make *m = &v->make;
	struct js *j = js_put_map(m, list, NULL), *is;
	bool optional = str_ends(name, STR("?"));
	const struct js *field;
	struct str type, above = js_str(js_get(outer, "ref"));

	name = str_sub(name, 0, name.n - optional);
	field = js_get_at(fields, name);
	type = js_str(js_get(field, "type"));
	js_put_str(m, j, "name", name);
	js_put_str(m, j, "ref",
	    above.n == 0
		? name
		: str_fmt(v->q.a, "%.*s-%.*s", STR_ARG(above), STR_ARG(name)));
	js_put_bool(m, j, "optional", optional);
	js_put(m, j, "title", js_get(field, "title"));
	js_put_str(m, j, "type", type);
	is = js_put_map(m, j, "is");
	js_put_bool(m, is, str_z(v->q.a, type), true);
	js_put_bool(m, j, "many", js_bool(js_get(field, "many")));
	js_put_bool(m, j, "simple",
	    is_simple(type) && !js_bool(js_get(field, "many")));
	for (size_t i = 0; i < COUNT(field_key); i++)
		if (js_get(field, field_key[i]) != NULL)
			js_put(m, j, field_key[i], js_get(field, field_key[i]));
		else
			js_put_null(m, j, field_key[i]);
	if (js_get(field, "codes") != NULL)
		js_put(m, j, "codes", js_get(field, "codes"));
	else
		(void)js_put_list(m, j, "codes");
	if (outer == NULL) /* a group in a group there is not */
		put_parts(v, j, fields);
	else
		(void)js_put_list(m, j, "parts");
}

static int
put_form(struct view *v, const struct draft *d, struct err *err)
{
	const struct js *file = procedure_json(d->p);
	const struct js *form = js_get(d->act, "form");
	struct js *list;

	if (d->act == NULL)
		return err_set(err, ERR_ABSENT,
		    "the procedure %.*s has no act '%.*s'",
		    STR_ARG(procedure_name(d->p)), STR_ARG(d->name));
	view_title(v, v->model, "title", d->p, "acts", d->name);
	js_put_str(&v->make, v->model, "procedure_name", procedure_name(d->p));
	view_title(v, v->model, "procedure_title", d->p, NULL,
	    procedure_name(d->p));
	js_put(&v->make, v->model, "about", js_get(file, "about"));
	js_put(&v->make, v->model, "fields", js_get(file, "fields"));
	list = js_put_list(&v->make, v->model, "form");
	for (size_t i = 0; i < js_len(form); i++)
		put_field(v, list, js_get(file, "fields"),
		    js_str(js_at(form, i)), NULL);
	return 0;
}

/* ---- acts that it may answer, or corrects ---- */

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

static bool
is_answerable(const struct draft *d, const struct fold_act_result *x)
{
	return x->verdict == FOLD_VALID &&
	       is_listed(js_get(d->act, "answers"), x->act->name);
}

/* The one that is chosen already: asked for, the only one, or the latest
 * where nothing else may be answered. */
static const struct id *
chosen_answer(const struct draft *d)
{
	const struct fold_result *r = d->mv.result;
	const struct id *last = NULL;
	size_t n = 0;

	if (d->has_answers)
		return &d->answers;
	for (size_t i = 0; r != NULL && i < r->n_acts; i++)
		if (is_answerable(d, &r->acts[i])) {
			last = &r->acts[i].id;
			n++;
		}
	return n == 1 || js_bool(js_get(d->act, "latest")) ? last : NULL;
}

static void
put_answers(struct view *v, const struct draft *d)
{
	struct js *list = js_put_list(&v->make, v->model, "answers"), *j;
	const struct fold_result *r = d->mv.result;
	const struct id *chosen = chosen_answer(d);

	for (size_t i = 0; r != NULL && i < r->n_acts; i++) {
		const struct fold_act_result *x = &r->acts[i];

		if (!is_answerable(d, x))
			continue;
		j = js_put_map(&v->make, list, NULL);
		view_cite(v, j, "cite", true, &x->id);
		js_put_hex(&v->make, j, "id", x->id.b, 32);
		js_put_str(&v->make, j, "kind", x->act->name);
		view_title(v, j, "title", d->p, "acts", x->act->name);
		js_put_str(&v->make, j, "party", x->act->party);
		view_time(v, j, "time", true, x->time_us);
		js_put_bool(&v->make, j, "chosen",
		    chosen != NULL && id_eq(chosen, &x->id));
	}
}

/* ?answers= and ?amends=: acts of this matter. */
static int
take_refs(struct view *v, struct draft *d, struct err *err)
{
	struct str answers = view_param(v, "answers"),
		   amends = view_param(v, "amends");
	struct store_act stored;
	const struct act *act;
	struct js *j;

	if (answers.n > 0) {
		if (query_act(&v->q, answers, &stored, err) != 0)
			return -1;
		d->has_answers = true;
		d->answers = stored.id;
	}
	js_put_null(&v->make, v->model, "amends");
	if (amends.n == 0)
		return 0;
	if (query_act(&v->q, amends, &stored, err) != 0 ||
	    act_parse(stored.payload, v->q.a, &act, err) != 0)
		return -1;
	if (!id_eq(&act->matter, &d->row.id) && !id_eq(&act->id, &d->row.id))
		return err_set(err, ERR_INPUT,
		    "amends: %.*s is an act of another matter",
		    STR_ARG(amends));
	if (!str_eq(act->kind, d->kind))
		return err_set(err, ERR_INPUT,
		    "amends: %.*s is no %.*s: an act is corrected by one of "
		    "its kind",
		    STR_ARG(amends), STR_ARG(d->kind));
	if (act->has_answers && !d->has_answers) {
		d->has_answers = true;
		d->answers = act->answers;
	}
	j = js_put_map(&v->make, v->model, "amends");
	view_cite(v, j, "cite", true, &act->id);
	js_put_hex(&v->make, j, "id", act->id.b, 32);
	js_put(&v->make, j, "body", act->body);
	return 0;
}

/* ---- the act's place ---- */

static void
put_after(struct view *v, const struct draft *d)
{
	struct js *after = js_put_list(&v->make, v->model, "after");
	const struct fold_result *r = d->mv.result;

	for (size_t i = 0; r != NULL && i < r->n_heads; i++)
		js_put_hex(&v->make, after, NULL, r->heads[i].b, 32);
}

/* Do the rules allow our party this act at this moment? */
static bool
is_open_now(struct view *v, const struct draft *d)
{
	const struct fold_result *r = d->mv.result;

	for (size_t i = 0; r != NULL && i < r->n_may; i++) {
		if (!str_is(r->may[i].party, v->q.n->own->code))
			continue;
		for (size_t k = 0; k < r->may[i].n; k++)
			if (str_eq(r->may[i].kind[k], d->name))
				return true;
	}
	return false;
}

static int
put_matter(struct view *v, struct draft *d, struct err *err)
{
	bool has = d->mv.result != NULL && d->mv.result->has_state;
	struct str state = has ? d->mv.result->state : STR("");

	js_put_hex(&v->make, v->model, "matter", d->row.id.b, 32);
	js_put_str(&v->make, v->model, "cite",
	    query_cite(&v->q, d->row.party, d->row.idx));
	js_put_str(&v->make, v->model, "subject", d->row.subject);
	js_put_str(&v->make, v->model, "state", state);
	view_title(v, v->model, "state_title", d->p, "states", state);
	js_put_null(&v->make, v->model, "procedure");
	if (take_refs(v, d, err) != 0)
		return -1;
	/* A correction has rules of its own; the fold judges it when posted. */
	js_put_bool(&v->make, v->model, "open",
	    is_open_now(v, d) || view_param(v, "amends").n > 0);
	put_after(v, d);
	put_answers(v, d);
	return 0;
}

static void
put_opening(struct view *v, const struct draft *d)
{
	static const char *const none[] = {"matter", "cite", "subject", "state",
	    "state_title", "amends"};

	for (size_t i = 0; i < COUNT(none); i++)
		js_put_null(&v->make, v->model, none[i]);
	js_put_hex(&v->make, v->model, "procedure", procedure_id(d->p)->b, 32);
	js_put_bool(&v->make, v->model, "open", true);
	(void)js_put_list(&v->make, v->model, "after");
	(void)js_put_list(&v->make, v->model, "answers");
}

/* A second signature that lacks is no reason against the first. */
void
draft_put_power(struct view *v, struct js *in, struct str kind)
{
	const struct member *own = v->q.n->own;
	const char *broken = NULL;

	if (v->reader == WEB_OFFICER)
		broken = mandate_broken_alone(own->mandate, kind, own->log.size,
		    &v->officer.key);
	js_put_bool(&v->make, in, "allowed",
	    broken == NULL || str_is(str_of(broken), "too-few-signatures"));
	js_put_z(&v->make, in, "reason", broken);
}

static int
put_draft(struct view *v, struct draft *d, struct err *err)
{
	d->act = js_get_at(js_get(procedure_json(d->p), "acts"), d->name);
	d->kind = str_fmt(v->q.a, "%.*s/%.*s", STR_ARG(procedure_name(d->p)),
	    STR_ARG(d->name));
	js_put_int(&v->make, v->model, "comity", 1);
	js_put_str(&v->make, v->model, "kind", d->kind);
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	view_time(v, v->model, "at", true, v->q.now_us);
	if (put_form(v, d, err) != 0)
		return -1;
	js_put_bool(&v->make, v->model, "opens", !d->in_matter);
	if (!d->in_matter)
		put_opening(v, d);
	else if (put_matter(v, d, err) != 0)
		return -1;
	js_put_bool(&v->make, v->model, "must_answer",
	    js_get(d->act, "answers") != NULL);
	draft_put_power(v, v->model, d->kind);
	return draft_put_audience(v, d, err);
}

/* ---- the three ways to ask ---- */

static int
find_matter(struct view *v, struct str ref, struct draft *d, struct err *err)
{
	d->in_matter = true;
	if (query_matter(&v->q, ref, &d->row, err) != 0 ||
	    matter_fold(v->q.n, v->q.s, &d->row, NULL, v->q.now_us, v->q.a,
		&d->mv, err) != 0)
		return -1;
	d->p = d->mv.procedure;
	return d->p != NULL
	           ? 0
	           : err_set(err, ERR_ABSENT,
			 "the procedure of %.*s is not known here: a bundle "
			 "of its party brings it",
			 STR_ARG(ref));
}

static int
find_procedure(struct view *v, struct str name, struct str act, struct draft *d,
    struct err *err)
{
	d->name = act;
	d->p = view_procedure_named(v->q.n, name);
	return d->p != NULL
	           ? 0
	           : err_set(err, ERR_ABSENT,
			 "no procedure for the kind '%.*s/%.*s': 'comity "
			 "procedures' lists them",
			 STR_ARG(name), STR_ARG(act));
}

static int
refuse_alone(const struct draft *d, struct err *err)
{
	if (js_get_at(js_get(procedure_json(d->p), "acts"), d->name) == NULL ||
	    procedure_is_opening(d->p, d->name))
		return 0;
	return err_set(err, ERR_INPUT,
	    "'%.*s/%.*s' does not open a matter: say in which it is done",
	    STR_ARG(procedure_name(d->p)), STR_ARG(d->name));
}

/* GET /draft?kind=&matter= */
int
view_draft(struct view *v, struct err *err)
{
	struct str kind = view_param(v, "kind"), ref = view_param(v, "matter");
	size_t slash = str_find(kind, '/', 0);
	struct str procedure = str_sub(kind, 0, slash);
	struct draft d = {.in_matter = false};

	if (find_procedure(v, procedure, str_sub(kind, slash + 1, kind.n), &d,
		err) != 0)
		return -1;
	if (ref.n == 0)
		return refuse_alone(&d, err) != 0 ? -1 : put_draft(v, &d, err);
	if (find_matter(v, ref, &d, err) != 0)
		return -1;
	if (!str_eq(procedure_name(d.p), procedure))
		return err_set(err, ERR_INPUT,
		    "%.*s is a matter of another procedure", STR_ARG(ref));
	return put_draft(v, &d, err);
}

/* GET /new/PROCEDURE/ACT?held= */
int
view_new_form(struct view *v, struct err *err)
{
	struct draft d = {.in_matter = false};

	if (find_procedure(v, v->part[0], v->part[1], &d, err) != 0 ||
	    refuse_alone(&d, err) != 0 || put_draft(v, &d, err) != 0)
		return -1;
	return view_held_prefill(v, err);
}

/* GET /matters/REF/do/ACT?answers=&amends= */
int
view_do(struct view *v, struct err *err)
{
	struct draft d = {.name = v->part[1]};

	if (find_matter(v, v->part[0], &d, err) != 0)
		return -1;
	if (procedure_is_opening(d.p, d.name) && view_param(v, "amends").n == 0)
		return err_set(err, ERR_INPUT,
		    "'%.*s' opens a matter: it is not done in one",
		    STR_ARG(d.name));
	return put_draft(v, &d, err);
}
