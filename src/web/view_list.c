/* The list of matters. */
#include "base/num.h"
#include "base/when.h"
#include "web/seen.h"

enum {
	LIST_USUAL = 50,
	LIST_MAX = 1000,
	LIST_LOOKED = 20000 /* rows that a public list looks at, at most */
};

/* ---- filters ---- */

struct filter {
	struct store_matter_filter f;
	struct str procedure, state, party;
	size_t n;
	bool more;     /* there are older ones */
	int64_t after; /* the next list begins before this */
};

/* A procedure's name to the hex of its id, as the filter wants it. */
static struct str
procedure_hex(struct view *v, struct str name)
{
	struct node *n = v->q.n;

	for (size_t i = 0; name.n > 0 && i < n->n_loaded; i++)
		if (str_eq(procedure_name(n->loaded[i].p), name))
			return hex_str(v->q.a, n->loaded[i].id.b, 32);
	return name.n > 0 ? STR("-") : STR("");
}

static int
read_filter(struct view *v, struct filter *ret, struct err *err)
{
	struct member *party;
	int64_t n;

	*ret = (struct filter){.procedure = view_param(v, "procedure"),
	    .state = view_param(v, "state"),
	    .party = view_param(v, "party")};
	party = node_member(v->q.n, ret->party);
	ret->f = (struct store_matter_filter){
	    .procedure = procedure_hex(v, ret->procedure),
	    .party = ret->party.n == 0 ? 0
	             : party == NULL   ? -1
	                               : party->no,
	    .text = view_param(v, "text"),
	    .is_public = v->reader == WEB_PUBLIC,
	    .live = str_is(view_param(v, "live"), "1")};
	if (view_number(v, "n", 1, LIST_MAX, LIST_USUAL, &n, err) != 0 ||
	    view_number(v, "before", 1, INT64_MAX, 0, &ret->f.before, err) != 0)
		return -1;
	ret->n = (size_t)n; /* 1 to 1000 */
	/* What a matter's state is to the public only its public fold says. */
	if (v->reader != WEB_PUBLIC)
		ret->f.state = ret->state;
	else
		ret->f.live = false;
	return 0;
}

static bool
is_wanted(const struct view *v, const struct filter *f,
    const struct store_matter *m, bool live)
{
	return v->reader != WEB_PUBLIC ||
	       ((f->state.n == 0 || str_eq(f->state, m->state)) &&
		   (!live || !m->final));
}

/* One page of rows, and whether there are more. */
static int
put_list(struct view *v, struct filter *f, struct js *list, struct err *err)
{
	bool public = v->reader == WEB_PUBLIC, is_open = true;
	bool live = str_is(view_param(v, "live"), "1");
	struct matter_view mv;
	struct store_matter *m;
	size_t count, looked = 0;

	f->f.n = f->n + 1;
	do {
		if (store_matter_list(v->q.s, &f->f, v->q.a, &m, &count, err) !=
		    0)
			return -1;
		for (size_t i = 0; i < count; i++) {
			if (js_len(list) == f->n) {
				f->more = true;
				return 0;
			}
			f->f.before = m[i].no;
			f->after = m[i].no;
			mv.row = m[i];
			if (public &&
			    seen_fold(v, &m[i], &mv, &is_open, err) != 0)
				return -1;
			if (is_open && is_wanted(v, f, &mv.row, live))
				seen_put_row(v,
				    js_put_map(&v->make, list, NULL), &mv.row);
		}
		looked += count;
	} while (public && count == f->f.n && looked < LIST_LOOKED);
	f->more = public && count == f->f.n;
	return 0;
}

/* What may be chosen: the procedures, the states of the chosen one, parties. */
static int
put_choices(struct view *v, const struct filter *f, struct err *err)
{
	const struct member **party;
	size_t n_parties;
	struct node *n = v->q.n;
	struct js_make *m = &v->make;
	struct js *list = js_put_list(m, v->model, "procedures"), *j;
	const struct procedure *p = NULL;

	for (size_t i = 0; i < n->n_loaded; i++) {
		struct str name = procedure_name(n->loaded[i].p);
		bool is = str_eq(name, f->procedure);

		p = is ? n->loaded[i].p : p;
		j = js_put_map(m, list, NULL);
		js_put_str(m, j, "name", name);
		view_title(v, j, "title", n->loaded[i].p, NULL, name);
		js_put_bool(m, j, "chosen", is);
	}
	list = js_put_list(m, v->model, "states");
	for (struct js_each e = {0};
	     p != NULL && js_next(js_get(procedure_json(p), "states"), &e);) {
		j = js_put_map(m, list, NULL);
		js_put_str(m, j, "name", e.key);
		view_title(v, j, "title", p, "states", e.key);
		js_put_bool(m, j, "chosen", str_eq(e.key, f->state));
	}
	if (view_parties(v, &party, &n_parties, err) != 0)
		return -1;
	list = js_put_list(m, v->model, "parties");
	for (size_t i = 0; i < n_parties; i++) {
		j = js_put_map(m, list, NULL);
		js_put_z(m, j, "party", party[i]->code);
		js_put_bool(m, j, "chosen", str_is(f->party, party[i]->code));
	}
	return 0;
}

/* The address of the next list: what was asked, before the last that is shown.
 */
static void
put_older(struct view *v, const struct filter *f)
{
	struct str query = v->request->query, ret;
	struct buf b;
	struct err err;

	if (!f->more) {
		js_put_null(&v->make, v->model, "older");
		return;
	}
	buf_init(&b, v->q.a);
	buf_fmt(&b, "/matters?before=%lld", (long long)f->after);
	for (size_t at = 0; at < query.n;) {
		size_t end = str_find(query, '&', at);
		struct str pair = str_sub(query, at, end);

		at = end + 1;
		if (pair.n == 0 || str_starts(pair, STR("before=")) ||
		    str_starts(pair, STR("format=")) ||
		    str_starts(pair, STR("lang=")))
			continue;
		buf_char(&b, '&');
		buf_str(&b, pair);
	}
	if (buf_done(&b, &ret, &err) != 0)
		ret = STR("/matters");
	js_put_str(&v->make, v->model, "older", ret);
}

static void
put_filter(struct view *v, const struct filter *f)
{
	struct js_make *m = &v->make;
	struct js *j = js_put_map(m, v->model, "filter");

	js_put_str(m, j, "procedure", f->procedure);
	js_put_str(m, j, "state", f->state);
	js_put_str(m, j, "party", f->party);
	js_put_str(m, j, "text", f->f.text);
	js_put_bool(m, j, "live", str_is(view_param(v, "live"), "1"));
	js_put_bool(m, j, "any",
	    f->procedure.n > 0 || f->state.n > 0 || f->party.n > 0 ||
		f->f.text.n > 0 || str_is(view_param(v, "live"), "1"));
	js_put_bool(m, v->model, "any",
	    js_len(js_get(v->model, "matters")) > 0);
	if (f->more)
		js_put_int(m, v->model, "before", f->after);
	else
		js_put_null(m, v->model, "before");
	put_older(v, f);
}

int
view_matters(struct view *v, struct err *err)
{
	struct filter f;

	if (read_filter(v, &f, err) != 0 ||
	    put_list(v, &f, js_put_list(&v->make, v->model, "matters"), err) !=
		0)
		return -1;
	view_time(v, v->model, "now", true, v->q.now_us);
	put_filter(v, &f);
	return put_choices(v, &f, err);
}
