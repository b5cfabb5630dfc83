#include "web/view_seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"

enum { PAGE = 100, PAGES_MAX = 40 };

/* ---- which matters ---- */

int
seen_fold(struct view *v, const struct store_matter *row,
    struct matter_view *ret, bool *ret_seen, struct err *err)
{
	struct query *q = &v->q;

	if (v->reader != WEB_PUBLIC) {
		*ret_seen = true;
		return matter_fold(q->n, q->s, row, NULL, q->now_us, q->a, ret,
		    err);
	}
	if (matter_fold_public(q->n, q->s, row, q->now_us, q->a, ret, err) != 0)
		return -1;
	*ret_seen = ret->result != NULL && ret->result->has_state;
	return 0;
}

static bool
is_named(const struct matter_view *mv, const char *const *procedure)
{
	if (procedure == NULL)
		return true;
	for (size_t i = 0; mv->procedure != NULL && procedure[i] != NULL; i++)
		if (str_is(procedure_name(mv->procedure), procedure[i]))
			return true;
	return false;
}

/* A citation of an act that is not public would tell whose matter it is in. */
static bool
has_cited(struct view *v, const struct matter_view *mv, struct str ref)
{
	struct store_act act;
	struct err err;

	if (v->reader != WEB_PUBLIC)
		return true;
	if (query_act(&v->q, ref, &act, &err) != 0)
		return false;
	for (size_t i = 0; i < mv->n_acts; i++)
		if (id_eq(&mv->stored[i].act.id, &act.id))
			return true;
	return false;
}

int
seen_matter(struct view *v, struct str ref, const char *const *procedure,
    struct matter_view *ret, struct err *err)
{
	struct store_matter row;
	bool seen = false;

	if (query_matter(&v->q, ref, &row, err) != 0) {
		if (err->code != ERR_ABSENT && err->code != ERR_INPUT)
			return -1;
	} else if (seen_fold(v, &row, ret, &seen, err) != 0) {
		return -1;
	}
	if (seen && is_named(ret, procedure) && has_cited(v, ret, ref))
		return 0;
	return err_set(err, ERR_ABSENT,
	    "nothing is to be seen here at '%.*s': it may not exist, may be of "
	    "another kind, or may not be public",
	    STR_ARG(ref));
}

/* The newest of one version of a procedure that may be seen. */
static int
list_version(struct view *v, const struct id *procedure, size_t most,
    int64_t before, struct seen_list *to, struct err *err)
{
	struct store_matter_filter f = {.before = before, .n = PAGE};
	struct store_matter *row;
	size_t count = PAGE, got = 0;

	f.procedure = hex_str(v->q.a, procedure->b, 32);
	for (int page = 0; page < PAGES_MAX && count == PAGE; page++) {
		if (store_matter_list(v->q.s, &f, v->q.a, &row, &count, err) !=
		    0)
			return -1;
		for (size_t i = 0; i < count && got < most; i++) {
			bool seen;

			f.before = row[i].no;
			if (v->reader == WEB_PUBLIC &&
			    !str_is(row[i].audience, "\"public\""))
				continue;
			if (seen_fold(v, &row[i], &to->at[to->n], &seen, err) !=
			    0)
				return -1;
			to->n += seen;
			got += seen;
		}
		if (got == most)
			break;
	}
	return 0;
}

static int
newest_first(const void *x, const void *y)
{
	const struct matter_view *a = x, *b = y;

	return (a->row.no < b->row.no) - (a->row.no > b->row.no);
}

int
seen_list(struct view *v, const char *procedure, size_t most, int64_t before,
    struct seen_list *ret, struct err *err)
{
	struct node *n = v->q.n;
	struct seen_list list = {.n = 0};
	size_t versions = 0;

	for (size_t i = 0; i < n->n_loaded; i++)
		versions += str_is(procedure_name(n->loaded[i].p), procedure);
	list.at = arena_array(v->q.a, versions * most + 1, struct matter_view);
	if (list.at == NULL)
		return err_nomem(err, "a list of matters");
	for (size_t i = 0; i < n->n_loaded; i++)
		if (str_is(procedure_name(n->loaded[i].p), procedure) &&
		    list_version(v, &n->loaded[i].id, most, before, &list,
			err) != 0)
			return -1;
	if (versions > 1)
		qsort(list.at, list.n, sizeof(*list.at), newest_first);
	if (list.n > most)
		list.n = most;
	*ret = list;
	return 0;
}

/* ---- which acts ---- */

static bool
stands(const struct fold_result *r, size_t i)
{
	if (r->acts[i].verdict != FOLD_VALID)
		return false;
	for (size_t k = 0; k < r->n_acts; k++)
		if (r->acts[k].verdict == FOLD_VALID &&
		    r->acts[k].act->has_amends &&
		    id_eq(&r->acts[k].act->amends, &r->acts[i].id))
			return false;
	return true;
}

bool
seen_next(const struct matter_view *mv, const char *name, size_t *at,
    const struct fold_act_result **ret)
{
	const struct fold_result *r = mv->result;

	for (; r != NULL && *at < r->n_acts; (*at)++) {
		size_t i = *at;

		if ((name == NULL || str_is(r->acts[i].act->name, name)) &&
		    stands(r, i)) {
			*ret = &r->acts[(*at)++];
			return true;
		}
	}
	return false;
}

const struct fold_act_result *
seen_first(const struct matter_view *mv, const char *name)
{
	const struct fold_act_result *r = NULL;
	size_t i = 0;

	return seen_next(mv, name, &i, &r) ? r : NULL;
}

const struct fold_act_result *
seen_last(const struct matter_view *mv, const char *name)
{
	const struct fold_act_result *r = NULL, *last = NULL;

	for (size_t i = 0; seen_next(mv, name, &i, &r);)
		last = r;
	return last;
}

const struct js *
seen_body(const struct matter_view *mv, const char *name)
{
	const struct fold_act_result *r = seen_last(mv, name);

	return r == NULL ? NULL : r->act->body;
}

struct str
seen_state(const struct matter_view *mv)
{
	return mv->result != NULL && mv->result->has_state ? mv->result->state
	                                                   : STR("");
}

bool
seen_is_in(const struct matter_view *mv, const char *const *state)
{
	for (size_t i = 0; state[i] != NULL; i++)
		if (str_is(seen_state(mv), state[i]))
			return true;
	return false;
}

/* ---- into a model ---- */

void
seen_put_head(struct view *v, struct js *in, const struct matter_view *mv)
{
	const struct procedure *p = mv->procedure;
	struct member *party = node_member_by_no(v->q.n, mv->row.party);
	struct str state = seen_state(mv),
		   name = p == NULL ? STR("?") : procedure_name(p);
	struct js_make *m = &v->make;

	js_put_hex(m, in, "id", mv->row.id.b, 32);
	js_put_str(m, in, "cite",
	    query_cite(&v->q, mv->row.party, mv->row.idx));
	js_put_str(m, in, "procedure", name);
	view_title(v, in, "procedure_title", p, NULL, name);
	js_put_str(m, in, "subject", mv->row.subject);
	js_put_str(m, in, "state", state);
	view_title(v, in, "state_title", p, "states", state);
	view_time(v, in, "since", state.n > 0,
	    state.n > 0 ? mv->result->since_us : 0);
	view_time(v, in, "opened", true, mv->row.opened_us);
	js_put_bool(m, in, "final",
	    p != NULL && state.n > 0 && procedure_is_final(p, state));
	js_put_z(m, in, "party", party == NULL ? "?" : party->code);
}

void
seen_put_act(struct view *v, struct js *in, const struct fold_act_result *r)
{
	struct str cite = query_cite_of(&v->q, &r->id);

	js_put_str(&v->make, in, "cite",
	    cite.n > 0 ? cite : hex_str(v->q.a, r->id.b, 32));
	js_put_str(&v->make, in, "party", r->act->party);
	view_time(v, in, "time", r->verdict != FOLD_WAITING, r->time_us);
}

void
seen_put_text(struct view *v, struct js *in, const struct js *body,
    const char *field)
{
	const struct js *j = js_get(body, field);

	if (js_type(j) == JS_TEXT)
		js_put(&v->make, in, field, j);
	else
		js_put_null(&v->make, in, field);
}

void
seen_put_int(struct view *v, struct js *in, const struct js *body,
    const char *field)
{
	const struct js *j = js_get(body, field);

	if (js_type(j) == JS_INT)
		js_put(&v->make, in, field, j);
	else
		js_put_null(&v->make, in, field);
}

void
seen_put_list(struct view *v, struct js *in, const struct js *body,
    const char *field)
{
	struct js *list = js_put_list(&v->make, in, field);
	const struct js *j = js_get(body, field);

	for (size_t i = 0; i < js_len(j); i++)
		if (js_type(js_at(j, i)) == JS_TEXT)
			js_put(&v->make, list, NULL, js_at(j, i));
}

void
seen_put_texts(struct view *v, struct js *in, const char *key,
    const struct js *texts)
{
	struct js *list = js_put_list(&v->make, in, key);

	for (size_t i = 0; i < js_len(texts); i++) {
		const struct js *one = js_at(texts, i);
		struct js *j = js_put_map(&v->make, list, NULL);

		js_put_str(&v->make, j, "lang", js_str(js_get(one, "lang")));
		js_put_str(&v->make, j, "text", js_str(js_get(one, "text")));
		js_put_bool(&v->make, j, "authentic",
		    js_bool(js_get(one, "authentic")));
	}
}

void
seen_put_files(struct view *v, struct js *in, const struct js *body)
{
	struct js *list = js_put_list(&v->make, in, "files");
	const struct js *files = js_get(body, "files");

	for (size_t i = 0; i < js_len(files); i++) {
		const struct js *one = js_at(files, i);
		struct js *j = js_put_map(&v->make, list, NULL);

		seen_put_text(v, j, one, "sha256");
		seen_put_text(v, j, one, "name");
		seen_put_text(v, j, one, "type");
		seen_put_int(v, j, one, "size");
	}
}

void
seen_put_choice(struct view *v, struct js *in, const struct procedure *p,
    const struct js *body, const char *field)
{
	const struct js *code = js_get(body, field),
			*codes = p == NULL
	                             ? NULL
	                             : js_get(js_get(js_get(procedure_json(p),
							 "fields"),
						  field),
					   "codes");
	const char *title = str_fmt(v->q.a, "%s_title", field).p;

	seen_put_text(v, in, body, field);
	if (title == NULL) {
		v->make.failed = true;
		return;
	}
	for (size_t i = 0; i < js_len(codes); i++)
		if (js_is_equal(js_get(js_at(codes, i), "code"), code)) {
			js_put(&v->make, in, title,
			    js_get(js_at(codes, i), "title"));
			return;
		}
	js_put_null(&v->make, in, title);
}

void
seen_put_cite(struct view *v, struct js *in, const char *key,
    const struct js *id)
{
	struct store_act act;
	const struct act *x;
	struct id want;
	struct err err;
	bool found = false;

	if (!hex_is_parsed(js_str(id), want.b, sizeof(want.b)) ||
	    store_act_by_id(v->q.s, &want, v->q.a, &found, &act, &err) != 0 ||
	    !found || act_parse(act.payload, v->q.a, &x, &err) != 0 ||
	    (v->reader == WEB_PUBLIC && x->to.type != AUDIENCE_PUBLIC)) {
		js_put_null(&v->make, in, key);
		return;
	}
	js_put_str(&v->make, in, key, query_cite(&v->q, act.party, act.idx));
}

bool
seen_time(const struct js *body, const char *field, int64_t *ret_us)
{
	return when_is_time(js_str(js_get(body, field)), WHEN_YEAR, ret_us);
}

/* ---- the conference, its members ---- */

int
seen_conference(struct view *v, struct matter_view *ret, bool *ret_found,
    struct err *err)
{
	static const char *const force[] = {"in_force", NULL};
	struct seen_list list;
	size_t best = 0;

	if (seen_list(v, "conference", SEEN_MAX, 0, &list, err) != 0)
		return -1;
	while (best < list.n && !seen_is_in(&list.at[best], force))
		best++;
	if (best == list.n)
		best = 0;
	*ret_found = list.n > 0;
	if (list.n > 0)
		*ret = list.at[best];
	return 0;
}

struct seen_codes
seen_members(const struct matter_view *conference)
{
	const struct fold_result *r = conference->result;

	if (r == NULL || r->n_members == 0)
		return (struct seen_codes){0, NULL};
	return (struct seen_codes){r->members[r->n_members - 1].n,
	    r->members[r->n_members - 1].party};
}

struct named {
	struct str code, name;
};

static int
by_name(const void *x, const void *y)
{
	const struct named *a = x, *b = y;
	int c = str_cmp(a->name, b->name);

	return c != 0 ? c : str_cmp(a->code, b->code);
}

struct seen_codes
seen_sorted(struct view *v, struct seen_codes codes)
{
	struct named *at = arena_array(v->q.a, codes.n + 1, struct named);
	struct str *out = arena_array(v->q.a, codes.n + 1, struct str);

	if (at == NULL || out == NULL)
		return (struct seen_codes){0, NULL};
	for (size_t i = 0; i < codes.n; i++) {
		struct member *m = node_member(v->q.n, codes.code[i]);

		at[i].code = at[i].name = codes.code[i];
		if (m != NULL)
			at[i].name = js_str(
			    js_get(js_get(mandate_body(m->mandate), "names"),
				lang_code[v->lang].p));
	}
	if (codes.n > 0)
		qsort(at, codes.n, sizeof(*at), by_name);
	for (size_t i = 0; i < codes.n; i++)
		out[i] = at[i].code;
	return (struct seen_codes){codes.n, out};
}
