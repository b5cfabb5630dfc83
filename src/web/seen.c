#include "web/seen.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/when.h"
#include "web/sheet.h"

enum { LOOK = 100, LOOKS_MAX = 40 }; /* rows at a time, and times */

/* ---- which matters ---- */

/* The row as the public fold gives it. */
static bool
make_public(struct matter_view *mv)
{
	struct store_matter *m = &mv->row;
	const struct fold_result *r = mv->result;
	bool has = r != NULL && r->has_state, opens = false;

	m->state = has ? r->state : STR("");
	m->since_us = has ? r->since_us : 0;
	m->final = has && procedure_is_final(mv->procedure, r->state);
	m->has_next = r != NULL && r->has_next;
	m->next_us = m->has_next ? r->next_us : 0;
	m->acts = (int64_t)mv->n_acts; /* far below 2^63 */
	for (size_t i = 0; i < mv->n_acts; i++)
		opens = opens || mv->acts[i].act->opens;
	return opens;
}

/* *ret_seen: its opening is seen; mv->n_acts > 0: some of it is. */
static int
fold(struct view *v, const struct store_matter *row, struct matter_view *ret,
    bool *ret_seen, struct err *err)
{
	struct query *q = &v->q;

	if (v->reader != WEB_PUBLIC) {
		*ret_seen = true;
		return matter_fold(q->n, q->s, row, NULL, q->now_us, q->a, ret,
		    err);
	}
	if (matter_fold_public(q->n, q->s, row, q->now_us, q->a, ret, err) != 0)
		return -1;
	*ret_seen = make_public(ret);
	return 0;
}

int
seen_fold(struct view *v, const struct store_matter *row,
    struct matter_view *ret, bool *ret_seen, struct err *err)
{
	if (v->reader == WEB_PUBLIC && !str_is(row->audience, "\"public\"")) {
		*ret_seen = false; /* without a look at its acts */
		return 0;
	}
	return fold(v, row, ret, ret_seen, err);
}

struct listing {
	const char *procedure;
	size_t most;
	bool parts;
	struct seen_list list;
};

static int
add(struct view *v, struct listing *l, const struct store_matter *row,
    size_t *got, struct err *err)
{
	struct matter_view *mv = &l->list.at[l->list.n];
	bool is_seen = false;

	*mv = (struct matter_view){.n_acts = 0};
	if ((l->parts ? fold(v, row, mv, &is_seen, err)
		      : seen_fold(v, row, mv, &is_seen, err)) != 0)
		return -1;
	if (is_seen || (l->parts && mv->n_acts > 0)) {
		l->list.n++;
		(*got)++;
	}
	return 0;
}

/* The newest of one version of the procedure. */
static int
list_version(struct view *v, const struct id *procedure, struct listing *l,
    struct err *err)
{
	struct store_matter_filter f = {.n = LOOK,
	    .is_public = v->reader == WEB_PUBLIC && !l->parts};
	struct store_matter *row;
	size_t count = LOOK, got = 0;

	f.procedure = hex_str(v->q.a, procedure->b, 32);
	for (int look = 0; look < LOOKS_MAX && count == LOOK; look++) {
		if (store_matter_list(v->q.s, &f, v->q.a, &row, &count, err) !=
		    0)
			return -1;
		for (size_t i = 0; i < count && got < l->most; i++) {
			f.before = row[i].no;
			if (add(v, l, &row[i], &got, err) != 0)
				return -1;
		}
		if (got == l->most)
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

static int
list(struct view *v, struct listing *l, struct seen_list *ret, struct err *err)
{
	struct node *n = v->q.n;
	size_t versions = 0;

	for (size_t i = 0; i < n->n_loaded; i++)
		versions +=
		    str_is(procedure_name(n->loaded[i].p), l->procedure);
	l->list.at =
	    arena_array(v->q.a, versions * l->most + 1, struct matter_view);
	if (l->list.at == NULL)
		return err_nomem(err, "a list of matters");
	for (size_t i = 0; i < n->n_loaded; i++)
		if (str_is(procedure_name(n->loaded[i].p), l->procedure) &&
		    list_version(v, &n->loaded[i].id, l, err) != 0)
			return -1;
	if (versions > 1)
		qsort(l->list.at, l->list.n, sizeof(*l->list.at), newest_first);
	if (l->list.n > l->most)
		l->list.n = l->most;
	*ret = l->list;
	return 0;
}

int
seen_list(struct view *v, const char *procedure, size_t most,
    struct seen_list *ret, struct err *err)
{
	struct listing l = {.procedure = procedure, .most = most};

	return list(v, &l, ret, err);
}

int
seen_list_parts(struct view *v, const char *procedure, size_t most,
    struct seen_list *ret, struct err *err)
{
	struct listing l = {.procedure = procedure,
	    .most = most,
	    .parts = true};

	return list(v, &l, ret, err);
}

int
seen_sheet(struct view *v, struct str ref, const char *procedure,
    const struct sheet **ret, struct err *err)
{
	const struct sheet *s;

	if (view_sheet(v, ref, &s, err) != 0)
		return -1;
	if (s->mv.procedure == NULL || s->mv.result == NULL ||
	    !str_is(procedure_name(s->mv.procedure), procedure))
		return err_set(err, ERR_ABSENT, "no %s at %.*s", procedure,
		    STR_ARG(ref));
	*ret = s;
	return 0;
}

/* ---- which acts ---- */

static bool
lists(const struct js *kinds, struct str name)
{
	for (size_t i = 0; i < js_len(kinds); i++)
		if (str_eq(js_str(js_at(kinds, i)), name))
			return true;
	return js_type(kinds) == JS_TEXT && str_eq(js_str(kinds), name);
}

/* Does act k of the same matter end act i?  docs/procedures.md, `undoes` */
static bool
is_undone(const struct matter_view *mv, size_t i, size_t k)
{
	const struct fold_act_result *r = mv->result->acts;
	const struct js *rule = js_get_at(
	    js_get(procedure_json(mv->procedure), "acts"), r[k].act->name);

	return k > i && r[k].verdict == FOLD_VALID &&
	       str_eq(r[k].act->party, r[i].act->party) &&
	       lists(js_get(rule, "undoes"), r[i].act->name) &&
	       (js_get(rule, "answers") == NULL ||
		   (r[k].act->has_answers &&
		       id_eq(&r[k].act->answers, &r[i].id)));
}

static bool
stands(const struct matter_view *mv, size_t i)
{
	const struct fold_result *r = mv->result;

	if (r->acts[i].verdict != FOLD_VALID)
		return false;
	for (size_t k = 0; k < r->n_acts; k++)
		if ((r->acts[k].verdict == FOLD_VALID &&
			r->acts[k].act->has_amends &&
			id_eq(&r->acts[k].act->amends, &r->acts[i].id)) ||
		    is_undone(mv, i, k))
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
		    stands(mv, i)) {
			*ret = &r->acts[(*at)++];
			return true;
		}
	}
	return false;
}

const struct fold_act_result *
seen_last(const struct matter_view *mv, const char *name, struct str party)
{
	const struct fold_act_result *r = NULL, *last = NULL;

	for (size_t i = 0; seen_next(mv, name, &i, &r);)
		if (party.n == 0 || str_eq(r->act->party, party))
			last = r;
	return last;
}

const struct js *
seen_body(const struct matter_view *mv, const char *name)
{
	const struct fold_act_result *r = seen_last(mv, name, STR(""));

	return r == NULL ? NULL : r->act->body;
}

struct str
seen_state(const struct matter_view *mv)
{
	return mv->result != NULL && mv->result->has_state ? mv->result->state
	                                                   : STR("");
}

bool
seen_is_in(const struct matter_view *mv, const char *state)
{
	return str_is(seen_state(mv), state);
}

bool
seen_since(const struct matter_view *mv, const char *one, const char *two,
    int64_t *ret_us)
{
	const struct fold_result *r = mv->result;

	for (size_t i = 0; r != NULL && i < r->n_history; i++)
		if (str_is(r->history[i].state, one) ||
		    (two != NULL && str_is(r->history[i].state, two))) {
			*ret_us = r->history[i].time_us;
			return true;
		}
	return false;
}

/* ---- into a model ---- */

void
seen_put_row(struct view *v, struct js *in, const struct store_matter *m)
{
	const struct procedure *p = node_procedure(v->q.n, &m->procedure);
	struct member *party = node_member_by_no(v->q.n, m->party);

	js_put_hex(&v->make, in, "id", m->id.b, 32);
	js_put_str(&v->make, in, "cite", query_cite(&v->q, m->party, m->idx));
	js_put_str(&v->make, in, "procedure",
	    p == NULL ? STR("?") : procedure_name(p));
	view_title(v, in, "procedure_title", p, NULL, STR("?"));
	js_put_str(&v->make, in, "subject", m->subject);
	js_put_str(&v->make, in, "state", m->state);
	view_title(v, in, "state_title", p, "states", m->state);
	view_time(v, in, "since", m->state.n > 0, m->since_us);
	view_time(v, in, "opened", true, m->opened_us);
	js_put_bool(&v->make, in, "final", m->final);
	js_put_int(&v->make, in, "acts", m->acts);
	js_put_z(&v->make, in, "party", party == NULL ? "?" : party->code);
	view_time(v, in, "next", m->has_next, m->next_us);
	js_put_int(&v->make, in, "no", m->no);
}

struct js *
seen_put_act(struct view *v, struct js *in, const char *key,
    const struct fold_act_result *r)
{
	struct js *j = js_put_map(&v->make, in, key);

	view_cite(v, j, "cite", true, &r->id);
	js_put_str(&v->make, j, "party", r->act->party);
	view_time(v, j, "time", r->verdict != FOLD_WAITING, r->time_us);
	return j;
}

void
seen_put(struct view *v, struct js *in, const struct js *body,
    const char *field)
{
	js_put(&v->make, in, field, js_get(body, field));
}

void
seen_put_list(struct view *v, struct js *in, const struct js *body,
    const char *field)
{
	struct js *all = js_put_list(&v->make, in, field);
	const struct js *j = js_get(body, field);

	for (size_t i = 0; i < js_len(j); i++)
		js_put(&v->make, all, NULL, js_at(j, i));
}

static const struct js *
title_of(const struct procedure *p, const char *field, const struct js *code)
{
	const struct js *file = p == NULL ? NULL : procedure_json(p);
	const struct js *codes =
	    js_get(js_get(js_get(file, "fields"), field), "codes");

	for (size_t i = 0; i < js_len(codes); i++)
		if (js_is_equal(js_get(js_at(codes, i), "code"), code))
			return js_get(js_at(codes, i), "title");
	return NULL;
}

void
seen_put_choice(struct view *v, struct js *in, const struct procedure *p,
    const struct js *body, const char *field)
{
	const struct js *title = title_of(p, field, js_get(body, field));
	const char *key = str_fmt(v->q.a, "%s_title", field).p;

	seen_put(v, in, body, field);
	if (key == NULL)
		v->make.failed = true;
	else
		js_put(&v->make, in, key, title);
}

void
seen_put_code(struct view *v, struct js *in, const struct procedure *p,
    const char *field, const struct js *code)
{
	const struct js *title = title_of(p, field, code);
	struct js *j = js_put_map(&v->make, in, NULL);

	js_put(&v->make, j, "code", code);
	js_put(&v->make, j, "title", title == NULL ? code : title);
}

static void
put_text(struct view *v, struct js *all, const struct js *one)
{
	struct js *j = js_put_map(&v->make, all, NULL);

	js_put_bool(&v->make, j, "first", js_len(all) == 1);
	js_put_str(&v->make, j, "lang", js_str(js_get(one, "lang")));
	js_put_str(&v->make, j, "text", js_str(js_get(one, "text")));
	js_put_bool(&v->make, j, "authentic",
	    js_bool(js_get(one, "authentic")));
}

void
seen_put_texts(struct view *v, struct js *in, const struct js *texts)
{
	struct js *all = js_put_list(&v->make, in, "texts");
	size_t n = js_len(texts);

	for (size_t i = 0; i < 2 * n; i++) { /* the reader's, then the rest */
		const struct js *one = js_at(texts, i % n);
		struct str lang = js_str(js_get(one, "lang"));

		if (str_starts(lang, lang_code[v->lang]) == (i < n))
			put_text(v, all, one);
	}
	js_put_bool(&v->make, in, "many_texts", n > 1);
}

void
seen_put_cite(struct view *v, struct js *in, const struct js *body,
    const char *field)
{
	struct str hex = js_str(js_get(body, field)), cite;
	struct id id;

	if (!hex_is_parsed(hex, id.b, sizeof(id.b))) {
		js_put_null(&v->make, in, field);
		return;
	}
	cite = sheet_cite(v, NULL, &id);
	if (str_eq(cite, hex))
		js_put_null(&v->make, in, field);
	else
		js_put_str(&v->make, in, field, cite);
}

/* ---- the conference ---- */

int
seen_conference(struct view *v, struct matter_view *ret, bool *ret_found,
    struct err *err)
{
	struct seen_list all;
	size_t best = 0;

	if (seen_list(v, "conference", SEEN_MAX, &all, err) != 0)
		return -1;
	while (best < all.n && !seen_is_in(&all.at[best], "in_force"))
		best++;
	if (best == all.n)
		best = 0;
	*ret_found = all.n > 0;
	if (all.n > 0)
		*ret = all.at[best];
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

struct seen_codes
seen_parties(struct view *v, const struct js *parties)
{
	struct str *out = arena_array(v->q.a, js_len(parties) + 1, struct str);
	size_t n = 0;

	for (size_t i = 0; out != NULL && i < js_len(parties); i++)
		if (js_type(js_at(parties, i)) == JS_TEXT)
			out[n++] = js_str(js_at(parties, i));
	return (struct seen_codes){n, out};
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
			at[i].name = view_name(m, v->lang);
	}
	if (codes.n > 0)
		qsort(at, codes.n, sizeof(*at), by_name);
	for (size_t i = 0; i < codes.n; i++)
		out[i] = at[i].code;
	return (struct seen_codes){codes.n, out};
}

bool
seen_has(struct seen_codes codes, struct str code)
{
	for (size_t i = 0; i < codes.n; i++)
		if (str_eq(codes.code[i], code))
			return true;
	return false;
}
