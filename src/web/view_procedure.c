/* The procedures: what each is for, and its rules as people read them. */
#include "web/view.h"

#include "base/num.h"
#include "base/when.h"

/* GET /procedures */
int
view_procedures(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct js *list = js_put_list(&v->make, v->model, "procedures");

	(void)err; /* the common form of views */
	for (size_t i = 0; i < n->n_loaded; i++) {
		const struct procedure *p = n->loaded[i].p;
		const struct js *file = procedure_json(p);
		struct js *j = js_put_map(&v->make, list, NULL), *acts;

		js_put_str(&v->make, j, "name", procedure_name(p));
		js_put_hex(&v->make, j, "id", procedure_id(p)->b, 32);
		view_title(v, j, "title", p, NULL, procedure_name(p));
		js_put(&v->make, j, "about", js_get(file, "about"));
		js_put(&v->make, j, "version", js_get(file, "version"));
		acts = js_put_list(&v->make, j, "acts");
		for (struct js_each e = {0}; js_next(js_get(file, "acts"), &e);)
			js_put_str(&v->make, acts, NULL, e.key);
		js_put_int(&v->make, j, "n_acts",
		    (int64_t)js_len(js_get(file, "acts"))); /* few */
		js_put_int(&v->make, j, "n_terms",
		    (int64_t)js_len(js_get(file, "terms")));
	}
	return 0;
}

/* ---- one procedure, for a page ---- */

struct reading { /* one procedure */
	struct view *v;
	const struct procedure *p;
	const struct js *file;
};

/* One thing or a list of things: element i, NULL behind the last. */
static const struct js *
listed(const struct js *j, size_t i)
{
	return js_type(j) == JS_LIST ? js_at(j, i) : i == 0 ? j : NULL;
}

/* [titles] of one name or a list of names. */
static void
put_titles(const struct reading *r, struct js *in, const char *key,
    const char *section, const struct js *names)
{
	struct js *list = js_put_list(&r->v->make, in, key);
	const struct js *j;

	for (size_t i = 0; (j = listed(names, i)) != NULL; i++)
		view_title(r->v, list, NULL, r->p, section, js_str(j));
}

/* Who: a role of the file has a title, others are words of ours. */
static void
put_role(const struct reading *r, struct js *list, const struct js *role)
{
	struct js *j = js_put_map(&r->v->make, list, NULL);
	struct str name = js_str(role);

	if (js_get_at(js_get(r->file, "roles"), name) != NULL) {
		view_title(r->v, j, "title", r->p, "roles", name);
		js_put_null(&r->v->make, j, "role");
		return;
	}
	js_put_null(&r->v->make, j, "title");
	js_put_str(&r->v->make, j, "role", name.n > 0 ? name : STR("other"));
}

static void
put_roles(const struct reading *r, struct js *in, const char *key,
    const struct js *roles)
{
	struct js *list = js_put_list(&r->v->make, in, key);
	const struct js *j;

	for (size_t i = 0; (j = listed(roles, i)) != NULL; i++)
		put_role(r, list, j);
}

static void
put_states(const struct reading *r)
{
	struct js_make *m = &r->v->make;
	struct js *list = js_put_list(m, r->v->model, "states");

	for (struct js_each e = {0}; js_next(js_get(r->file, "states"), &e);) {
		struct js *j = js_put_map(m, list, NULL);

		js_put_str(m, j, "name", e.key);
		view_title(r->v, j, "title", r->p, "states", e.key);
		js_put_bool(m, j, "final", procedure_is_final(r->p, e.key));
	}
}

/* The fields of an act's form; "?" behind a name marks an optional one. */
static void
put_form(const struct reading *r, struct js *in, const struct js *form)
{
	struct js_make *m = &r->v->make;
	struct js *list = js_put_list(m, in, "form");

	for (size_t i = 0; i < js_len(form); i++) {
		struct str name = js_str(js_at(form, i));
		bool optional = str_ends(name, STR("?"));
		struct js *j = js_put_map(m, list, NULL);

		while (str_ends(name, STR("?")))
			name = str_sub(name, 0, name.n - 1);
		js_put_str(m, j, "name", name);
		view_title(r->v, j, "title", r->p, "fields", name);
		js_put_bool(m, j, "optional", optional);
	}
}

static void
put_acts(const struct reading *r)
{
	struct js_make *m = &r->v->make;
	struct js *list = js_put_list(m, r->v->model, "acts");

	for (struct js_each e = {0}; js_next(js_get(r->file, "acts"), &e);) {
		struct js *j = js_put_map(m, list, NULL), *to;

		js_put_str(m, j, "name", e.key);
		view_title(r->v, j, "title", r->p, "acts", e.key);
		put_roles(r, j, "by", js_get(e.value, "by"));
		js_put_bool(m, j, "opens", js_bool(js_get(e.value, "opens")));
		put_titles(r, j, "in", "states", js_get(e.value, "in"));
		put_titles(r, j, "answers", "acts", js_get(e.value, "answers"));
		js_put_bool(m, j, "once", js_bool(js_get(e.value, "once")));
		js_put_bool(m, j, "amend", js_bool(js_get(e.value, "amend")));
		to = js_put_map(m, j, "to_is");
		js_put_bool(m, to, "members",
		    js_is_str(js_get(e.value, "to"), "members"));
		js_put_bool(m, to, "public",
		    js_is_str(js_get(e.value, "to"), "public"));
		put_form(r, j, js_get(e.value, "form"));
	}
}

static void
put_duration(const struct reading *r, struct js *in, const char *key,
    const struct js *text)
{
	int64_t us;

	if (when_is_duration(js_str(text), &us))
		js_put_int(&r->v->make, in, key, us);
	else
		js_put_null(&r->v->make, in, key);
}

/* "act.field" or a list of these: titles of the act and of the field. */
static void
put_until(const struct reading *r, struct js *in, const struct js *refs)
{
	struct js *list = js_put_list(&r->v->make, in, "until");
	const struct js *ref;

	for (size_t i = 0; (ref = listed(refs, i)) != NULL; i++) {
		struct js *j = js_put_map(&r->v->make, list, NULL);
		struct str s = js_str(ref);
		size_t dot = str_find(s, '.', 0);
		size_t end = str_find(s, '.', dot + 1);

		view_title(r->v, j, "act", r->p, "acts", str_sub(s, 0, dot));
		view_title(r->v, j, "field", r->p, "fields",
		    str_sub(s, dot + 1, end));
	}
}

static void
put_terms(const struct reading *r)
{
	struct js_make *m = &r->v->make;
	struct js *list = js_put_list(m, r->v->model, "terms");

	for (struct js_each e = {0}; js_next(js_get(r->file, "terms"), &e);) {
		struct js *j = js_put_map(m, list, NULL);
		struct str kind = js_str(js_get(e.value, "kind"));

		js_put_str(m, j, "name", e.key);
		view_title(r->v, j, "title", r->p, "terms", e.key);
		js_put_str(m, j, "kind", kind.n > 0 ? kind : STR("duty"));
		put_roles(r, j, "of", js_get(e.value, "of"));
		put_titles(r, j, "do", "acts", js_get(e.value, "do"));
		put_duration(r, j, "within_us", js_get(e.value, "within"));
		put_until(r, j, js_get(e.value, "until"));
		put_duration(r, j, "plus_us", js_get(e.value, "plus"));
	}
}

/* What makes a move: an act, a term past, a silence that is proven. */
static void
put_events(const struct reading *r, struct js *in, const struct js *on)
{
	static const char *const of_term[] = {"past", "lapsed"};
	struct js_make *m = &r->v->make;
	struct js *list = js_put_list(m, in, "on");
	const struct js *event;

	for (size_t i = 0; (event = listed(on, i)) != NULL; i++) {
		struct js *j = js_put_map(m, list, NULL), *is;

		is = js_put_map(m, j, "is");
		js_put_bool(m, is, "act", js_type(event) == JS_TEXT);
		if (js_type(event) == JS_TEXT)
			view_title(r->v, j, "title", r->p, "acts",
			    js_str(event));
		for (size_t k = 0; k < COUNT(of_term); k++) {
			struct str term = js_str(js_get(event, of_term[k]));

			js_put_bool(m, is, of_term[k], term.n > 0);
			if (term.n > 0)
				view_title(r->v, j, "title", r->p, "terms",
				    term);
		}
	}
}

static void
put_moves(const struct reading *r)
{
	struct js_make *m = &r->v->make;
	struct js *list = js_put_list(m, r->v->model, "moves");
	const struct js *moves = js_get(r->file, "moves");

	for (size_t i = 0; i < js_len(moves); i++) {
		const struct js *move = js_at(moves, i);
		struct js *j = js_put_map(m, list, NULL);
		struct str to = js_str(js_get(move, "to"));

		put_titles(r, j, "from", "states", js_get(move, "from"));
		put_events(r, j, js_get(move, "on"));
		js_put_bool(m, j, "conditional", js_get(move, "if") != NULL);
		if (to.n > 0)
			view_title(r->v, j, "to", r->p, "states", to);
		else
			js_put_null(m, j, "to");
		put_titles(r, j, "begin", "terms", js_get(move, "begin"));
		put_titles(r, j, "release", "terms", js_get(move, "release"));
	}
}

static void
put_page(struct view *v, const struct procedure *p)
{
	struct reading r = {v, p, procedure_json(p)};

	js_put_str(&v->make, v->model, "name", procedure_name(p));
	js_put_hex(&v->make, v->model, "id", procedure_id(p)->b, 32);
	view_title(v, v->model, "title", p, NULL, procedure_name(p));
	js_put(&v->make, v->model, "about", js_get(r.file, "about"));
	js_put(&v->make, v->model, "source", js_get(r.file, "source"));
	js_put(&v->make, v->model, "version", js_get(r.file, "version"));
	put_states(&r);
	put_acts(&r);
	put_terms(&r);
	put_moves(&r);
	js_put_bool(&v->make, v->model, "any_terms",
	    js_len(js_get(v->model, "terms")) > 0);
}

/* GET /procedures/NAME.  Programs get the file's own JSON, as it is folded by;
 * the page says the same in the reader's language. */
int
view_procedure(struct view *v, struct err *err)
{
	const struct procedure *p = view_procedure_named(v->q.n, v->part[0]);
	struct id id;

	if (p == NULL && hex_is_parsed(v->part[0], id.b, sizeof(id.b)))
		p = node_procedure(v->q.n, &id);
	if (p == NULL)
		return err_set(err, ERR_ABSENT, "no procedure '%.*s'",
		    STR_ARG(v->part[0]));
	if (show_is_page(v)) {
		put_page(v, p);
		return 0;
	}
	for (struct js_each e = {0}; js_next(procedure_json(p), &e);)
		js_put(&v->make, v->model, str_z(v->q.a, e.key), e.value);
	return 0;
}
