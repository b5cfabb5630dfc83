#include "rules/rule.h"

#include <string.h>

#include "base/num.h"

/* What every step needs; a failure is remembered and asked for at the end. */
struct compile {
	struct procedure *p;
	struct arena *a;
	const struct js *acts, *states, *terms, *fields, *roles;
	bool is_out, is_broken;
};

static void *
take(struct compile *c, size_t n, size_t size)
{
	void *p = arena_alloc(c->a, n == 0 ? 1 : n, size);

	if (p == NULL)
		c->is_out = true;
	return p;
}

static size_t
count(const struct js *j)
{
	return js_type(j) == JS_LIST ? js_len(j) : j != NULL;
}

static uint16_t
find(struct compile *c, const struct js *map, const struct js *name)
{
	uint16_t i = js_type(name) == JS_TEXT ? rule_index(map, js_str(name))
	                                      : RULE_NONE;

	if (i == RULE_NONE)
		c->is_broken = true; /* our check has a hole */
	return i == RULE_NONE ? 0 : i;
}

static struct rule_list
list(struct compile *c, const struct js *map, const struct js *names)
{
	size_t n = count(names);
	uint16_t *at = take(c, n, sizeof(*at));

	for (size_t i = 0; at != NULL && i < n; i++)
		at[i] = find(c, map, rule_listed(names, i));
	return (struct rule_list){at == NULL ? 0 : n, at};
}

static uint64_t
states(struct compile *c, const struct js *names)
{
	uint64_t ret = 0;

	if (names == NULL)
		return c->p->live;
	for (size_t i = 0; i < js_len(names); i++)
		ret |= UINT64_C(1) << find(c, c->states, js_at(names, i)) % 64;
	return ret;
}

/* "a.b.c" without its first `skip` parts. */
static const struct str *
parts(struct compile *c, struct str ref, size_t skip, size_t *ret_n)
{
	size_t n = 1, at = 0;
	struct str *name;

	for (size_t i = 0; i < ref.n; i++)
		n += ref.p[i] == '.';
	name = take(c, n, sizeof(*name));
	for (size_t i = 0; name != NULL && i < n; i++) {
		size_t end = str_find(ref, '.', at);

		if (i >= skip)
			name[i - skip] = str_sub(ref, at, end);
		at = end + 1;
	}
	*ret_n = name == NULL || n < skip ? 0 : n - skip;
	return name;
}

static struct rule_path
path(struct compile *c, struct str ref)
{
	struct str act = str_sub(ref, 0, str_find(ref, '.', 0));
	struct rule_path ret = {.act = rule_index(c->acts, act)};

	if (ret.act == RULE_NONE)
		c->is_broken = true;
	ret.name = parts(c, ref, 1, &ret.n);
	return ret;
}

/* Of two references to one act the later counts. */
static struct rule_ref
reference(struct compile *c, const struct js *refs)
{
	size_t n = count(refs), used = 0;
	struct rule_path *p = take(c, n, sizeof(*p));

	for (size_t i = 0; p != NULL && i < n; i++) {
		struct rule_path one = path(c, js_str(rule_listed(refs, i)));
		size_t k = 0;

		while (k < used && p[k].act != one.act)
			k++;
		p[k] = one;
		used += k == used;
	}
	return (struct rule_ref){used, p};
}

static struct rule_where
where(struct compile *c, const struct js *map)
{
	size_t n = js_len(map), i = 0;
	struct rule_cond *cond = take(c, n, sizeof(*cond));

	for (struct js_each e = {0}; cond != NULL && js_next(map, &e); i++)
		cond[i] = (struct rule_cond){e.key, e.value};
	return (struct rule_where){cond == NULL ? 0 : n, cond};
}

static const struct rule_role *role(struct compile *c, const struct js *j,
    int left);

static void
role_parts(struct compile *c, struct rule_role *r, int left,
    const struct js *const *part, size_t n)
{
	const struct rule_role **at = take(c, n, sizeof(*at));

	for (size_t i = 0; at != NULL && i < n; i++) {
		if ((at[i] = role(c, part[i], left - 1)) == NULL)
			return;
		r->is_of_answered = r->is_of_answered || at[i]->is_of_answered;
	}
	r->part = at;
	r->n = at == NULL ? 0 : n;
}

static void
role_map(struct compile *c, struct rule_role *r, const struct js *j, int left)
{
	const struct js *two[2] = {js_get(j, "of"), js_get(j, "except")};

	if (two[1] != NULL) {
		r->op = ROLE_EXCEPT;
		role_parts(c, r, left, two, 2);
	} else if (js_get(j, "field") != NULL) {
		r->op = ROLE_FIELD;
		r->ref = reference(c, js_get(j, "field"));
	} else if (js_get(j, "named") != NULL) {
		r->op = ROLE_NAMED;
		r->is_of_answered = true;
		r->ref = reference(c, js_get(j, "named"));
	} else if (js_get(j, "answered") != NULL) {
		r->op = ROLE_ANSWERED;
		r->kinds = list(c, c->acts, js_get(j, "answered"));
	} else {
		r->op = ROLE_DID;
		r->kinds = list(c, c->acts, js_get(j, "did"));
		r->where = where(c, js_get(j, "where"));
	}
}

/* A role of the file is compiled once, however often it is named. */
static const struct rule_role *
role_name(struct compile *c, const struct js *j, int left)
{
	static const char *const own[] = {"opener", "addressees", "parties",
	    "members", "actor"};
	uint16_t i;
	struct rule_role *r;

	for (size_t k = 0; k < COUNT(own); k++) {
		if (!js_is_str(j, own[k]))
			continue;
		if ((r = take(c, 1, sizeof(*r))) != NULL)
			r->op = (enum rule_role_op)k; /* they come first */
		return r;
	}
	i = find(c, c->roles, j);
	if (c->is_broken)
		return NULL;
	if (c->p->role[i] == NULL)
		c->p->role[i] = role(c,
		    js_get(js_get_at(c->roles, js_str(j)), "is"), left - 1);
	return c->p->role[i];
}

static const struct rule_role *
role(struct compile *c, const struct js *j, int left)
{
	struct rule_role *r;
	const struct js **part;

	if (left == 0 || c->is_broken) {
		c->is_broken = true;
		return NULL;
	}
	if (js_type(j) == JS_TEXT)
		return role_name(c, j, left);
	if ((r = take(c, 1, sizeof(*r))) == NULL)
		return NULL;
	if (js_type(j) != JS_LIST) {
		role_map(c, r, j, left);
		return r;
	}
	r->op = ROLE_ALL;
	if ((part = take(c, js_len(j), sizeof(*part))) == NULL)
		return NULL;
	for (size_t i = 0; i < js_len(j); i++)
		part[i] = js_at(j, i);
	role_parts(c, r, left, part, js_len(j));
	return r;
}

/* Names are nested RULE_DEEP deep, each with expressions between. */
static const struct rule_role *
role_of(struct compile *c, const struct js *j)
{
	return j == NULL ? NULL : role(c, j, 4 * RULE_DEEP);
}

static const struct rule_guard *guard(struct compile *c, const struct js *j,
    int left);

static void
guard_parts(struct compile *c, struct rule_guard *g, const struct js *parts,
    int left)
{
	g->n = count(parts);
	if ((g->part = take(c, g->n, sizeof(*g->part))) == NULL)
		g->n = 0;
	for (size_t i = 0; i < g->n; i++)
		if ((g->part[i] = guard(c, rule_listed(parts, i), left)) ==
		    NULL)
			return;
}

static unsigned
statuses(const struct js *names)
{
	static const char *const status[] = {"open", "done", "late", "past",
	    "lapsed", "released"};
	unsigned ret = 0;

	for (size_t i = 0; i < COUNT(status); i++)
		for (size_t k = 0; k < js_len(names); k++)
			if (js_is_str(js_at(names, k), status[i]))
				ret |= 1u << i;
	return ret;
}

static void
guard_did(struct compile *c, struct rule_guard *g, const struct js *j)
{
	const struct js *each = js_get(j, "each");

	g->role = role_of(c, each != NULL ? each : js_get(j, "of"));
	g->kinds = list(c, c->acts, js_get(j, "did"));
	g->where = where(c, js_get(j, "where"));
	g->is_same = rule_truth(js_get(j, "same"));
	g->has_least = js_get(j, "least") != NULL;
	g->least = (uint64_t)js_int(js_get(j, "least")); /* from 1 */
}

static const struct rule_guard *
guard(struct compile *c, const struct js *j, int left)
{
	static const struct {
		const char *key;
		enum rule_guard_op op;
	} kind[] = {{"and", GUARD_AND}, {"or", GUARD_OR}, {"not", GUARD_NOT},
	    {"term", GUARD_TERM}, {"field", GUARD_FIELD}, {"did", GUARD_DID}};
	struct rule_guard *g = take(c, 1, sizeof(*g));
	size_t i = 0;

	if (g == NULL || left == 0) {
		c->is_broken = c->is_broken || left == 0;
		return NULL;
	}
	while (i + 1 < COUNT(kind) && js_get(j, kind[i].key) == NULL)
		i++;
	g->op = kind[i].op;
	g->values = js_get(j, "is");
	switch (g->op) {
	case GUARD_AND:
	case GUARD_OR:
	case GUARD_NOT:
		guard_parts(c, g, js_get(j, kind[i].key), left - 1);
		break;
	case GUARD_TERM:
		g->term = find(c, c->terms, js_get(j, "term"));
		g->statuses = statuses(g->values);
		break;
	case GUARD_FIELD:
		g->ref = reference(c, js_get(j, "field"));
		break;
	case GUARD_DID:
		guard_did(c, g, j);
		break;
	}
	return g;
}

static const struct rule_guard *
guard_of(struct compile *c, const struct js *j)
{
	return j == NULL ? NULL : guard(c, j, RULE_DEEP + 1);
}

/* Of an item that stands twice, the later says whether it is optional. */
static struct rule_form
form(struct compile *c, const struct js *items)
{
	size_t n = js_len(items), used = 0;
	struct rule_item *item = take(c, n, sizeof(*item));

	for (size_t i = 0; item != NULL && i < n; i++) {
		struct str s = js_str(js_at(items, i)), name = rule_bare(s);
		uint16_t f = rule_index(c->fields, name);
		size_t k = 0;

		while (k < used && !str_eq(item[k].name, name))
			k++;
		if (f == RULE_NONE) {
			c->is_broken = true;
			break;
		}
		item[k] =
		    (struct rule_item){name, name.n < s.n, &c->p->field[f]};
		used += k == used;
	}
	return (struct rule_form){used, item};
}

static void
field(struct compile *c, struct rule_field *f, const struct js *j)
{
	const struct js *codes = js_get(j, "codes");
	struct str *code = take(c, js_len(codes), sizeof(*code));

	f->type = rule_type(js_str(js_get(j, "type")));
	f->is_many = js_bool(js_get(j, "many"));
	f->has_min = js_get(j, "min") != NULL;
	f->has_max = js_get(j, "max") != NULL;
	f->min = js_int(js_get(j, "min"));
	f->max = js_int(js_get(j, "max"));
	f->precision = WHEN_TO_MINUTE;
	(void)when_is_precision(js_str(js_get(j, "precision")),
	    &f->precision); /* absent: minute */
	for (size_t i = 0; code != NULL && i < js_len(codes); i++) {
		const struct js *x = js_get(js_at(codes, i), "code");
		size_t k = f->n_codes;

		if (js_type(x) != JS_TEXT)
			continue; /* a number is no text that could be chosen */
		for (; k > 0 && str_cmp(code[k - 1], js_str(x)) > 0; k--)
			code[k] = code[k - 1];
		code[k] = js_str(x);
		f->n_codes++;
	}
	f->code = code;
	f->of = form(c, js_get(j, "of"));
}

static void
notices(struct compile *c, struct rule_act *act, const struct js *j)
{
	size_t n = count(j);
	struct rule_notice *notice = take(c, n, sizeof(*notice));

	for (size_t i = 0; notice != NULL && i < n; i++) {
		const struct js *x = rule_listed(j, i);

		notice[i].name =
		    parts(c, js_str(js_get(x, "field")), 0, &notice[i].n);
		if (!when_is_duration(js_str(js_get(x, "least")),
			&notice[i].least_us))
			c->is_broken = true;
		notice[i].is_strict = rule_truth(js_get(x, "strict"));
	}
	act->n_notices = notice == NULL ? 0 : n;
	act->notice = notice;
}

static void
act(struct compile *c, struct rule_act *act, const struct js *j)
{
	const struct js *committed = js_get(j, "committed");
	uint16_t *terms = take(c, c->p->n_terms, sizeof(*terms));
	uint16_t i = 0;

	act->form = form(c, js_get(j, "form"));
	act->by = role_of(c, js_get(j, "by"));
	act->guard = guard_of(c, js_get(j, "if"));
	act->is_opening = js_bool(js_get(j, "opens"));
	act->is_once = js_bool(js_get(j, "once"));
	act->is_amendable = js_bool(js_get(j, "amend"));
	act->is_latest = js_bool(js_get(j, "latest"));
	act->has_answers = js_get(j, "answers") != NULL;
	act->has_undoes = js_get(j, "undoes") != NULL;
	act->has_committed = committed != NULL;
	act->has_to = js_get(j, "to") != NULL;
	act->to = js_is_str(js_get(j, "to"), "public") ? AUDIENCE_PUBLIC
	                                               : AUDIENCE_MEMBERS;
	act->in = states(c, js_get(j, "in"));
	act->answers = list(c, c->acts, js_get(j, "answers"));
	act->undoes = list(c, c->acts, js_get(j, "undoes"));
	if (committed != NULL) {
		act->committed = path(c, js_str(js_get(committed, "to")));
		act->secret = js_str(js_get(committed, "of"));
	}
	notices(c, act, js_get(j, "notice"));
	for (struct js_each e = {0}; terms != NULL && js_next(c->terms, &e);
	     i++) {
		const struct js *doing = js_get(e.value, "do");
		bool has = false;

		for (size_t k = 0; k < js_len(doing); k++)
			has = has || str_eq(js_str(js_at(doing, k)), act->name);
		if (!has)
			continue;
		terms[act->terms.n++] = i;
		if (js_is_str(js_get(e.value, "kind"), "right"))
			act->is_right = true;
	}
	act->terms.at = terms;
}

static void
term(struct compile *c, struct rule_term *t, const struct js *j)
{
	const struct js *kind = js_get(j, "kind"), *until = js_get(j, "until");

	t->kind = js_is_str(kind, "right")   ? FOLD_RIGHT
	          : js_is_str(kind, "alarm") ? FOLD_ALARM
	                                     : FOLD_DUTY;
	t->of = role_of(c, js_get(j, "of"));
	t->has_within = js_get(j, "within") != NULL;
	t->has_until = until != NULL;
	if ((t->has_within && !when_is_duration(js_str(js_get(j, "within")),
				  &t->within_us)) ||
	    (js_get(j, "plus") != NULL &&
		!when_is_duration(js_str(js_get(j, "plus")), &t->plus_us)))
		c->is_broken = true;
	t->until = reference(c, until);
}

static void
move(struct compile *c, struct rule_move *m, const struct js *j)
{
	const struct js *to = js_get(j, "to");

	m->from = states(c, js_get(j, "from"));
	m->to = to == NULL ? (uint16_t)RULE_NONE : find(c, c->states, to);
	m->guard = guard_of(c, js_get(j, "if"));
	m->begin = list(c, c->terms, js_get(j, "begin"));
	m->release = list(c, c->terms, js_get(j, "release"));
}

static size_t
event(struct compile *c, const struct js *on)
{
	const struct js *past = js_get(on, "past");

	if (js_type(on) == JS_TEXT)
		return find(c, c->acts, on);
	return c->p->n_acts + (past == NULL ? c->p->n_terms : 0) +
	       find(c, c->terms, past == NULL ? js_get(on, "lapsed") : past);
}

/* The moves on each event, in their order, each once. */
static void
events(struct compile *c, const struct js *moves)
{
	struct procedure *p = c->p;
	size_t n = p->n_acts + 2 * p->n_terms;
	const struct js *on;
	uint16_t *at, *last = take(c, n, sizeof(*last));
	uint16_t *size = take(c, n, sizeof(*size));

	p->on = take(c, n, sizeof(*p->on));
	if (c->is_out || c->is_broken)
		return;
	for (size_t i = 0; i < p->n_moves; i++)
		for (size_t k = 0;
		     (on = rule_listed(js_get(js_at(moves, i), "on"), k)) !=
		     NULL;
		     k++)
			size[event(c, on)]++; /* RULE_EVENTS in all */
	for (size_t e = 0; e < n; e++)
		p->on[e].at = take(c, size[e], sizeof(uint16_t));
	if (c->is_out || c->is_broken)
		return;
	for (uint16_t i = 0; i < p->n_moves; i++) {
		for (size_t k = 0;
		     (on = rule_listed(js_get(js_at(moves, i), "on"), k)) !=
		     NULL;
		     k++) {
			struct rule_list *l = &p->on[event(c, on)];

			if (l->n > 0 && last[l - p->on] == i)
				continue;
			memcpy(&at, &l->at, sizeof(at)); /* ours, still open */
			at[l->n++] = i;
			last[l - p->on] = i;
		}
	}
}

static void
sort_acts(struct compile *c)
{
	struct procedure *p = c->p;
	uint16_t *at = take(c, p->n_acts, sizeof(*at));

	for (uint16_t i = 0; at != NULL && i < p->n_acts; i++) {
		size_t k = i;

		for (; k > 0 &&
		       str_cmp(p->act[at[k - 1]].name, p->act[i].name) > 0;
		     k--)
			at[k] = at[k - 1];
		at[k] = i;
	}
	p->by_name = at;
}

static void
sections(struct compile *c, const struct js *moves)
{
	struct procedure *p = c->p;
	size_t i = 0;

	for (struct js_each e = {0}; js_next(c->states, &e); i++) {
		p->state[i].name = e.key;
		p->state[i].is_final = js_bool(js_get(e.value, "final"));
		if (!p->state[i].is_final)
			p->live |= UINT64_C(1) << i;
	}
	i = 0;
	for (struct js_each e = {0}; js_next(c->acts, &e); i++)
		p->act[i].name = e.key;
	i = 0;
	for (struct js_each e = {0}; js_next(c->terms, &e); i++)
		p->term[i].name = e.key;
	i = 0;
	for (struct js_each e = {0}; js_next(c->fields, &e); i++) {
		p->field[i].name = e.key;
		field(c, &p->field[i], e.value);
	}
	i = 0;
	for (struct js_each e = {0}; js_next(c->states, &e); i++) {
		p->state[i].members = role_of(c, js_get(e.value, "members"));
		p->is_founding =
		    p->is_founding || js_get(e.value, "members") != NULL;
	}
	i = 0;
	for (struct js_each e = {0}; js_next(c->acts, &e); i++)
		act(c, &p->act[i], e.value);
	i = 0;
	for (struct js_each e = {0}; js_next(c->terms, &e); i++)
		term(c, &p->term[i], e.value);
	for (i = 0; i < p->n_moves; i++)
		move(c, &p->move[i], js_at(moves, i));
	events(c, moves);
	sort_acts(c);
}

int
rule_compile(struct procedure *p, struct arena *a, struct err *err)
{
	struct compile c = {.p = p,
	    .a = a,
	    .acts = js_get(p->json, "acts"),
	    .states = js_get(p->json, "states"),
	    .terms = js_get(p->json, "terms"),
	    .fields = js_get(p->json, "fields"),
	    .roles = js_get(p->json, "roles")};
	const struct js *moves = js_get(p->json, "moves");

	p->n_states = js_len(c.states);
	p->n_acts = js_len(c.acts);
	p->n_terms = js_len(c.terms);
	p->n_fields = js_len(c.fields);
	p->n_moves = js_len(moves);
	p->state = take(&c, p->n_states, sizeof(*p->state));
	p->act = take(&c, p->n_acts, sizeof(*p->act));
	p->term = take(&c, p->n_terms, sizeof(*p->term));
	p->field = take(&c, p->n_fields, sizeof(*p->field));
	p->move = take(&c, p->n_moves, sizeof(*p->move));
	p->role = take(&c, js_len(c.roles), sizeof(*p->role));
	if (!c.is_out)
		sections(&c, moves);
	if (c.is_out)
		return err_nomem(err, "a procedure");
	if (c.is_broken)
		return err_set(err, ERR_INPUT,
		    "procedure refers to what it does "
		    "not have");
	return 0;
}
