#include "rules/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum own_role {
	OWN_OPENER,
	OWN_ADDRESSEES,
	OWN_PARTIES,
	OWN_MEMBERS,
	OWN_ACTOR
};
static const char *const own_role[] = {
    [OWN_OPENER] = "opener",
    [OWN_ADDRESSEES] = "addressees",
    [OWN_PARTIES] = "parties",
    [OWN_MEMBERS] = "members",
    [OWN_ACTOR] = "actor",
};

struct str
fault_at(struct faults *c, struct str at, struct str key)
{
	struct buf b;
	struct err err;
	struct str ret = at;

	if (c->is_out || c->n >= RULE_FAULTS)
		return at;
	buf_init(&b, c->a);
	buf_str(&b, at);
	buf_char(&b, '/');
	for (size_t i = 0; i < key.n; i++) { /* RFC 6901 3 */
		if (key.p[i] == '~')
			buf_z(&b, "~0");
		else if (key.p[i] == '/')
			buf_z(&b, "~1");
		else
			buf_char(&b, key.p[i]);
	}
	if (buf_done(&b, &ret, &err) != 0)
		c->is_out = true;
	return ret;
}

struct str
fault_at_z(struct faults *c, const char *section, struct str key)
{
	return fault_at(c, fault_at(c, STR(""), str_of(section)), key);
}

struct str
fault_at_n(struct faults *c, struct str at, size_t i)
{
	char n[24];

	(void)snprintf(n, sizeof(n), "%zu", i); /* fits */
	return fault_at(c, at, str_of(n));
}

void
fault_say(struct faults *c, struct str at, const char *fmt, ...)
{
	char text[800];
	va_list ap;
	struct str s;
	int n;

	if (c->is_out || c->n >= RULE_FAULTS)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || arena_grow(c->a, &c->fault, &c->cap, c->n + 1,
			 sizeof(*c->fault)) != 0) {
		c->is_out = true;
		return;
	}
	if (at.n == 0)
		at = STR("/");
	s = str_fmt(c->a, "%.*s: %s", STR_ARG(at), text);
	if (s.p == NULL) {
		c->is_out = true;
		return;
	}
	c->fault[c->n++] = s;
}

bool
fault_has(const struct js *list, struct str name)
{
	const struct js *x;

	for (size_t i = 0; (x = rule_listed(list, i)) != NULL; i++)
		if (js_type(x) == JS_TEXT && str_eq(js_str(x), name))
			return true;
	return false;
}

bool
fault_is_live(const struct faults *c, struct str state)
{
	const struct js *s = js_get_at(c->states, state);

	return s != NULL && !js_bool(js_get(s, "final"));
}

static void
unknown(struct faults *c, struct str at, const char *kind, const struct js *x)
{
	if (js_type(x) == JS_TEXT)
		fault_say(c, at, "no %s '%.*s'", kind, STR_ARG(js_str(x)));
	else
		fault_say(c, at, "a name of a %s is a text", kind);
}

void
fault_known(struct faults *c, struct str at, const struct js *names,
    const struct js *table, const char *kind)
{
	const struct js *x;

	for (size_t i = 0; (x = rule_listed(names, i)) != NULL; i++)
		if (js_type(x) != JS_TEXT ||
		    js_get_at(table, js_str(x)) == NULL)
			unknown(c, at, kind, x);
}

void
fault_known_live(struct faults *c, struct str at, const struct js *names)
{
	const struct js *x;

	for (size_t i = 0; (x = rule_listed(names, i)) != NULL; i++)
		if (js_type(x) != JS_TEXT || !fault_is_live(c, js_str(x)))
			unknown(c, at, "state that is not final", x);
}

static bool
is_answering(const struct faults *c, const struct js *x)
{
	return js_type(x) == JS_TEXT &&
	       js_get(js_get_at(c->acts, js_str(x)), "answers") != NULL;
}

void
fault_known_answering(struct faults *c, struct str at, const struct js *names)
{
	const struct js *x;

	for (size_t i = 0; (x = rule_listed(names, i)) != NULL; i++)
		if (!is_answering(c, x))
			unknown(c, at, "act that answers", x);
}

void
fault_known_items(struct faults *c, struct str at, const struct js *items)
{
	for (size_t i = 0; i < js_len(items); i++) {
		const struct js *x = js_at(items, i);
		struct str name = rule_bare(js_str(x));

		if (js_type(x) != JS_TEXT)
			unknown(c, at, "field", x);
		else if (js_get_at(c->fields, name) == NULL)
			fault_say(c, at, "no field '%.*s'", STR_ARG(name));
	}
}

static bool
has_item(const struct js *items, struct str name)
{
	for (size_t i = 0; i < js_len(items); i++)
		if (js_type(js_at(items, i)) == JS_TEXT &&
		    str_eq(rule_bare(js_str(js_at(items, i))), name))
			return true;
	return false;
}

/* The type of the field to which a reference leads; false where to none. */
static bool
is_led(struct faults *c, struct str ref, enum field_type *ret)
{
	size_t dot = str_find(ref, '.', 0), end;
	const struct js *form, *f = NULL;
	enum field_type type = FIELD_TYPES;

	form = js_get(js_get_at(c->acts, str_sub(ref, 0, dot)), "form");
	if (dot == ref.n)
		return false;
	for (; dot < ref.n; dot = end) {
		struct str name;

		end = str_find(ref, '.', dot + 1);
		name = str_sub(ref, dot + 1, end);
		if (has_item(form, name)) {
			if ((f = js_get_at(c->fields, name)) == NULL)
				return false;
			type = rule_type(js_str(js_get(f, "type")));
			form = type == FIELD_GROUP ? js_get(f, "of") : NULL;
		} else if (type == FIELD_PERIOD &&
			   (str_is(name, "start") || str_is(name, "end"))) {
			type = FIELD_TIME;
			form = NULL;
		} else {
			return false;
		}
	}
	*ret = type;
	return true;
}

void
fault_path_str(struct faults *c, struct str at, struct str ref, unsigned types)
{
	enum field_type type = FIELD_TYPES;

	if (!is_led(c, ref, &type))
		fault_say(c, at, "'%.*s' is no field of an act", STR_ARG(ref));
	else if (types != 0 &&
		 (type == FIELD_TYPES || (types >> type & 1) == 0))
		fault_say(c, at, "'%.*s' is of type %s, which does not fit",
		    STR_ARG(ref), rule_type_name(type));
}

void
fault_path(struct faults *c, struct str at, const struct js *refs,
    unsigned types)
{
	const struct js *x;

	for (size_t i = 0; (x = rule_listed(refs, i)) != NULL; i++)
		if (js_type(x) == JS_TEXT)
			fault_path_str(c, at, js_str(x), types);
		else
			fault_say(c, at, "a reference to a field is a text");
}

/* Values that a guard compares a field with. */
static void
fault_codes(struct faults *c, struct str at, const struct js *refs,
    const struct js *values)
{
	const struct js *x, *codes;
	bool good = js_type(values) == JS_LIST;

	for (size_t i = 0; good && i < js_len(values); i++) {
		enum js_type t = js_type(js_at(values, i));

		good = t == JS_TEXT || t == JS_INT || t == JS_BOOL;
	}
	if (!good) {
		fault_say(c, at,
		    "compares with a list of texts, whole numbers "
		    "or booleans");
		return;
	}
	for (size_t i = 0; (x = rule_listed(refs, i)) != NULL; i++) {
		struct str ref = js_str(x);
		size_t from = ref.n;

		while (from > 0 && ref.p[from - 1] != '.')
			from--;
		codes = js_get(js_get_at(c->fields, str_sub(ref, from, ref.n)),
		    "codes");
		if (codes == NULL)
			continue;
		for (size_t k = 0; k < js_len(values); k++) {
			size_t n = 0;

			x = js_at(values, k);
			while (n < js_len(codes) &&
			       (js_type(x) != JS_TEXT ||
				   !js_is_equal(x,
				       js_get(js_at(codes, n), "code"))))
				n++;
			if (n == js_len(codes))
				unknown(c, at, "code", x);
		}
	}
}

/* What a guard reads must not change without an event. */
static void
fault_fixed(struct faults *c, struct str at, const struct js *refs)
{
	const struct js *x;

	for (size_t i = 0; (x = rule_listed(refs, i)) != NULL; i++) {
		struct str ref = js_str(x);
		struct str act = str_sub(ref, 0, str_find(ref, '.', 0));

		if (js_bool(js_get(js_get_at(c->acts, act), "amend")))
			fault_say(c, at,
			    "reads '%.*s', whose act may be amended without "
			    "any "
			    "move: let it be repeated instead",
			    STR_ARG(ref));
	}
}

static void
fault_where(struct faults *c, struct str at, const struct js *g)
{
	const struct js *where = js_get(g, "where"), *x;

	if (where != NULL && js_type(where) != JS_MAP)
		fault_say(c, at, "'where' is an object");
	for (struct js_each e = {0}; js_next(where, &e);) {
		for (size_t i = 0;
		     (x = rule_listed(js_get(g, "did"), i)) != NULL; i++) {
			struct js_make m = {.a = c->a};
			struct js *list = js_list(&m);
			struct buf b;

			if (c->n >= RULE_FAULTS)
				return;
			buf_init(&b, c->a);
			buf_str(&b, js_str(x));
			buf_char(&b, '.');
			buf_str(&b, e.key);
			js_put_str(&m, list, NULL, (struct str){b.p, b.n});
			if (b.failed || m.failed) {
				c->is_out = true;
				return;
			}
			fault_path(c, at, list, 0);
			fault_codes(c, at, list, e.value);
			fault_fixed(c, at, list);
		}
	}
}

struct role_walk {
	bool may_be_actor;
	struct str name[RULE_DEEP]; /* the roles on the way here */
	size_t n;
	size_t deep;
};

static bool
is_own_role(struct str s)
{
	for (size_t i = 0; i < COUNT(own_role); i++)
		if (str_is(s, own_role[i]))
			return true;
	return false;
}

static void walk_role(struct faults *c, struct str at, const struct js *s,
    struct role_walk *w);

static void
walk_role_name(struct faults *c, struct str at, struct str s,
    struct role_walk *w)
{
	if (str_is(s, own_role[OWN_ACTOR]) && !w->may_be_actor)
		fault_say(c, at,
		    "'actor' makes sense only in a term or a move");
	for (size_t i = 0; i < w->n; i++) {
		if (str_eq(w->name[i], s)) {
			fault_say(c, at, "role '%.*s' refers to itself",
			    STR_ARG(s));
			return;
		}
	}
	if (js_get_at(c->roles, s) == NULL) {
		if (!is_own_role(s))
			fault_say(c, at, "no role '%.*s'", STR_ARG(s));
		return;
	}
	if (w->n == RULE_DEEP) {
		fault_say(c, at, "roles refer to roles over %d deep",
		    RULE_DEEP);
		return;
	}
	w->name[w->n++] = s;
	walk_role(c, at, js_get(js_get_at(c->roles, s), "is"), w);
	w->n--;
}

static bool
has_only(const struct js *map, const char *a, const char *b)
{
	size_t n = (size_t)(js_get(map, a) != NULL) +
	           (b != NULL && js_get(map, b) != NULL);

	return js_type(map) == JS_MAP && js_get(map, a) != NULL &&
	       js_len(map) == n;
}

static void
walk_role_map(struct faults *c, struct str at, const struct js *s,
    struct role_walk *w)
{
	const unsigned party = 1u << FIELD_PARTY | 1u << FIELD_PARTIES;

	if (has_only(s, "except", "of") && js_len(s) == 2) {
		walk_role(c, at, js_get(s, "except"), w);
		walk_role(c, at, js_get(s, "of"), w);
	} else if (has_only(s, "field", NULL)) {
		fault_path(c, at, js_get(s, "field"), party);
	} else if (has_only(s, "named", NULL)) {
		if (js_type(js_get(s, "named")) != JS_TEXT)
			fault_say(c, at, "'named' takes one reference");
		fault_path(c, at, js_get(s, "named"), party);
	} else if (has_only(s, "answered", NULL)) {
		fault_known_answering(c, at, js_get(s, "answered"));
	} else if (has_only(s, "did", "where")) {
		fault_known(c, at, js_get(s, "did"), c->acts, "act");
		fault_where(c, at, s);
	} else {
		fault_say(c, at, "no such role");
	}
}

static void
walk_role(struct faults *c, struct str at, const struct js *s,
    struct role_walk *w)
{
	if (c->is_out || c->steps > RULE_STEPS)
		return;
	if (c->steps++ == RULE_STEPS) {
		fault_say(c, at, "roles name over %d roles in all", RULE_STEPS);
		return;
	}
	if (w->deep == 2 * RULE_DEEP) {
		fault_say(c, at, "a role nested over %d deep", 2 * RULE_DEEP);
		return;
	}
	w->deep++;
	switch (js_type(s)) {
	case JS_LIST:
		for (size_t i = 0; i < js_len(s); i++)
			walk_role(c, at, js_at(s, i), w);
		break;
	case JS_TEXT:
		walk_role_name(c, at, js_str(s), w);
		break;
	case JS_MAP:
		walk_role_map(c, at, s, w);
		break;
	case JS_NONE:
	case JS_NULL:
	case JS_BOOL:
	case JS_INT:
	case JS_REAL:
		fault_say(c, at, "a role is a name, a list or an object");
		break;
	}
	w->deep--;
}

void
fault_role(struct faults *c, struct str at, const struct js *role,
    bool may_be_actor)
{
	struct role_walk w = {.may_be_actor = may_be_actor};

	walk_role(c, at, role, &w);
}

static void
fault_guard_did(struct faults *c, struct str at, const struct js *g,
    const struct fault_where *where)
{
	const struct js *role = js_get(g, "each"), *x, *did = js_get(g, "did");
	const struct js *least = js_get(g, "least");
	bool good = true;

	if (role == NULL)
		role = js_get(g, "of");
	fault_role(c, at, role, where->is_move);
	fault_known(c, at, did, c->acts, "act");
	fault_where(c, at, g);
	if (least != NULL && (js_type(least) != JS_INT || js_int(least) < 1))
		fault_say(c, at, "'least' is a number from 1");
	if (!rule_truth(js_get(g, "same")))
		return;
	for (size_t i = 0; (x = rule_listed(did, i)) != NULL; i++)
		good = good && is_answering(c, x);
	for (size_t i = 0; (x = rule_listed(where->on, i)) != NULL; i++)
		good = good && is_answering(c, x);
	if (!where->is_move)
		good = good && js_get(js_get_at(c->acts, where->act),
				   "answers") != NULL;
	if (!good)
		fault_say(c, at, "'same' needs acts that answer");
}

static bool
is_guard_did(const struct js *g)
{
	size_t n = js_len(g) - (js_get(g, "where") != NULL) -
	           (js_get(g, "same") != NULL);

	if (js_get(g, "did") == NULL)
		return false;
	return js_get(g, "each") != NULL
	           ? n == 2
	           : n == 3 && js_get(g, "least") != NULL &&
	                 js_get(g, "of") != NULL;
}

static void
walk_guard(struct faults *c, struct str at, const struct js *g,
    const struct fault_where *where, int left)
{
	static const char *const status[] = {"open", "done", "late", "past",
	    "lapsed", "released"};
	const struct js *parts, *x, *is = js_get(g, "is");

	if (js_type(g) != JS_MAP) {
		fault_say(c, at, "a guard is an object");
	} else if (left == 0) {
		fault_say(c, at, "guards stand in guards over %d deep",
		    RULE_DEEP);
	} else if (has_only(g, "and", NULL) || has_only(g, "or", NULL)) {
		parts = js_get(g, "and");
		parts = parts == NULL ? js_get(g, "or") : parts;
		if (js_type(parts) != JS_LIST)
			fault_say(c, at, "'and' and 'or' take a list");
		for (size_t i = 0; (x = rule_listed(parts, i)) != NULL; i++)
			walk_guard(c, at, x, where, left - 1);
	} else if (has_only(g, "not", NULL)) {
		walk_guard(c, at, js_get(g, "not"), where, left - 1);
	} else if (is != NULL && (js_type(is) != JS_LIST || js_len(is) == 0)) {
		fault_say(c, at, "'is' takes a list");
	} else if (has_only(g, "term", "is") && is != NULL) {
		fault_known(c, at, js_get(g, "term"), c->terms, "term");
		if (js_type(js_get(g, "term")) != JS_TEXT)
			fault_say(c, at, "'term' takes one name");
		for (size_t i = 0; i < js_len(is); i++) {
			size_t k = 0;

			while (k < COUNT(status) &&
			       !js_is_str(js_at(is, i), status[k]))
				k++;
			if (k == COUNT(status))
				unknown(c, at, "status", js_at(is, i));
		}
	} else if (has_only(g, "field", "is") && is != NULL) {
		fault_path(c, at, js_get(g, "field"), 0);
		fault_codes(c, at, js_get(g, "field"), is);
		fault_fixed(c, at, js_get(g, "field"));
	} else if (is_guard_did(g)) {
		fault_guard_did(c, at, g, where);
	} else {
		fault_say(c, at, "no such guard");
	}
}

void
fault_guard(struct faults *c, struct str at, const struct js *guard,
    const struct fault_where *where)
{
	walk_guard(c, at, guard, where, RULE_DEEP);
}

void
fault_uses(const struct faults *c, const struct js *j, struct str key,
    bool *used, bool *ret_members)
{
	static const char *const place[] = {"by", "of", "is", "each", "except",
	    "members"};

	for (struct js_each e = {0}; js_next(j, &e);)
		fault_uses(c, e.value, e.key, used, ret_members);
	for (size_t i = 0; js_type(j) == JS_LIST && i < js_len(j); i++)
		fault_uses(c, js_at(j, i), key, used, ret_members);
	if (js_type(j) != JS_TEXT)
		return;
	for (size_t i = 0; i < COUNT(place); i++) {
		uint16_t at;

		if (!str_is(key, place[i]))
			continue;
		at = rule_index(c->roles, js_str(j));
		if (at != RULE_NONE)
			used[at] = true;
		if (js_is_str(j, own_role[OWN_MEMBERS]))
			*ret_members = true;
	}
}
