/* The list of matters. */
#include "base/num.h"
#include "base/when.h"
#include "web/view.h"

enum {
	LIST_USUAL = 50,
	LIST_MAX = 1000,
	LIST_LOOKED = 20000 /* rows that a public list looks at, at most */
};

/* A row as this reader may see it. */
static void
put_summary(struct view *v, struct js *list, const struct store_matter *m)
{
	const struct procedure *p = node_procedure(v->q.n, &m->procedure);
	struct js *j = js_put_map(&v->make, list, NULL);
	struct member *party = node_member_by_no(v->q.n, m->party);

	js_put_hex(&v->make, j, "id", m->id.b, 32);
	js_put_str(&v->make, j, "cite", query_cite(&v->q, m->party, m->idx));
	js_put_str(&v->make, j, "procedure",
	    p == NULL ? STR("?") : procedure_name(p));
	view_title(v, j, "procedure_title", p, NULL, STR("?"));
	js_put_str(&v->make, j, "subject", m->subject);
	js_put_str(&v->make, j, "state", m->state);
	view_title(v, j, "state_title", p, "states", m->state);
	view_time(v, j, "since", m->state.n > 0, m->since_us);
	view_time(v, j, "opened", true, m->opened_us);
	js_put_bool(&v->make, j, "final", m->final);
	js_put_int(&v->make, j, "acts", m->acts);
	js_put_z(&v->make, j, "party", party == NULL ? "?" : party->code);
	view_time(v, j, "next", m->has_next, m->next_us);
	js_put_int(&v->make, j, "no", m->no);
}

/* The row as public acts alone give it; *ret false: they do not open it. */
static int
make_public(struct view *v, struct store_matter *m, bool *ret, struct err *err)
{
	struct matter_view mv;
	const struct fold_result *r;
	bool has;

	*ret = false;
	if (!str_is(m->audience, "\"public\""))
		return 0;
	if (matter_fold_public(v->q.n, v->q.s, m, v->q.now_us, v->q.a, &mv,
		err) != 0)
		return -1;
	r = mv.result;
	has = r != NULL && r->has_state;
	m->state = has ? r->state : STR("");
	m->since_us = has ? r->since_us : 0;
	m->final = has && procedure_is_final(mv.procedure, r->state);
	m->has_next = r != NULL && r->has_next;
	m->next_us = m->has_next ? r->next_us : 0;
	m->acts = (int64_t)mv.n_acts; /* far below 2^63 */
	for (size_t i = 0; i < mv.n_acts; i++)
		*ret = *ret || mv.acts[i].act->opens;
	return 0;
}

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
			if (public && make_public(v, &m[i], &is_open, err) != 0)
				return -1;
			if (is_open && is_wanted(v, f, &m[i], live))
				put_summary(v, list, &m[i]);
		}
		looked += count;
	} while (public && count == f->f.n && looked < LIST_LOOKED);
	f->more = public && count == f->f.n;
	return 0;
}

/* What may be chosen: the procedures, the states of the chosen one, parties. */
static void
put_choices(struct view *v, const struct filter *f)
{
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
	list = js_put_list(m, v->model, "parties");
	for (size_t i = 0; i < n->n_members; i++) {
		j = js_put_map(m, list, NULL);
		js_put_z(m, j, "party", n->member[i]->code);
		js_put_bool(m, j, "chosen",
		    str_is(f->party, n->member[i]->code));
	}
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
	put_choices(v, &f);
	return 0;
}
