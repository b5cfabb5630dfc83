#include "rules/fault.h"

#include <string.h>

#include "base/num.h"

static bool
has_any(const struct js *map, const char *const *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (js_get(map, key[i]) != NULL)
			return true;
	return false;
}

static bool
is_duration(const struct js *j, int64_t *ret_us)
{
	return js_type(j) == JS_TEXT && when_is_duration(js_str(j), ret_us);
}

static void
fault_fits(struct faults *c, struct str at, const struct js *f,
    enum field_type type)
{
	const unsigned choice = 1u << FIELD_CHOICE | 1u << FIELD_CHOICES;
	const unsigned number =
	    1u << FIELD_INTEGER | 1u << FIELD_DECIMAL | 1u << FIELD_RANGE;
	const struct {
		const char *key;
		unsigned types;
		bool needed;
	} fit[] = {
	    {"codes", choice, true},
	    {"min", number, false},
	    {"max", number | 1u << FIELD_TEXT | 1u << FIELD_LONGTEXT, false},
	    {"unit", number, false},
	    {"precision", 1u << FIELD_TIME | 1u << FIELD_PERIOD, false},
	    {"of", 1u << FIELD_GROUP, true},
	};

	if (js_get(f, "of") != NULL && js_type(js_get(f, "of")) != JS_LIST)
		fault_say(c, at, "'of' takes a list");
	if (js_bool(js_get(f, "many")) &&
	    (type == FIELD_CHOICES || type == FIELD_PARTIES))
		fault_say(c, at, "'many' does not fit type %s, which is a list",
		    rule_type_name(type));
	for (size_t i = 0; i < COUNT(fit); i++) {
		bool fits =
		    type != FIELD_TYPES && (fit[i].types >> type & 1) != 0;

		if (js_get(f, fit[i].key) != NULL && !fits)
			fault_say(c, at, "'%s' does not fit type %s",
			    fit[i].key, rule_type_name(type));
		if (js_get(f, fit[i].key) == NULL && fits && fit[i].needed)
			fault_say(c, at, "type %s needs '%s'",
			    rule_type_name(type), fit[i].key);
	}
}

static bool
is_code(const struct js *code)
{
	struct str s = js_str(code);

	if (js_type(code) == JS_INT)
		return js_int(code) >= 0;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') ||
			(s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_'))
			return false;
	return js_type(code) == JS_TEXT && s.n > 0;
}

static void
fault_codes_of(struct faults *c, struct str at, const struct js *codes)
{
	bool is_twice = false;

	for (size_t i = 0; i < js_len(codes); i++) {
		const struct js *x = js_at(codes, i);
		const struct js *code = js_get(x, "code");

		if (js_type(x) != JS_MAP || js_len(x) != 2 ||
		    js_get(x, "title") == NULL || !is_code(code))
			fault_say(c, at,
			    "a code has 'code' (lower-case letters, "
			    "digits, _) and 'title'");
		fault_texts(c, fault_at(c, at, js_str(code)),
		    js_get(x, "title"));
		for (size_t k = 0; k < i && !is_twice; k++)
			is_twice =
			    js_is_equal(code, js_get(js_at(codes, k), "code"));
	}
	if (is_twice)
		fault_say(c, at, "a code stands twice");
}

static bool
has_bare(const struct js *items, struct str name)
{
	for (size_t i = 0; i < js_len(items); i++)
		if (str_eq(rule_bare(js_str(js_at(items, i))), name))
			return true;
	return false;
}

/* Does the field stand in a form, or in a group? */
static bool
is_in_forms(const struct faults *c, struct str field)
{
	for (struct js_each e = {0}; js_next(c->acts, &e);)
		if (has_bare(js_get(e.value, "form"), field))
			return true;
	for (struct js_each e = {0}; js_next(c->fields, &e);)
		if (has_bare(js_get(e.value, "of"), field))
			return true;
	return false;
}

static void
fault_field(struct faults *c, struct str name, const struct js *f)
{
	struct str at = fault_at_z(c, "fields", name);
	enum field_type type = rule_type(js_str(js_get(f, "type")));
	const struct js *of = js_get(f, "of"), *precision;
	enum when_precision unused;
	int64_t min = js_int(js_get(f, "min")), max = min;
	bool has_group = false;

	if (type == FIELD_TYPES)
		fault_say(c, at, "no type '%.*s'",
		    STR_ARG(js_str(js_get(f, "type"))));
	fault_fits(c, at, f, type);
	fault_codes_of(c, at, js_get(f, "codes"));
	if (js_get(f, "max") != NULL)
		max = js_int(js_get(f, "max"));
	precision = js_get(f, "precision");
	if ((precision != NULL &&
		!when_is_precision(js_str(precision), &unused)) ||
	    min > max)
		fault_say(c, at,
		    "no such precision, or bounds that nothing fits");
	fault_known_items(c, at, of);
	for (size_t i = 0; i < js_len(of); i++)
		has_group =
		    has_group ||
		    js_is_str(js_get(js_get_at(c->fields,
					 rule_bare(js_str(js_at(of, i)))),
				  "type"),
			"group");
	if (has_group)
		fault_say(c, at, "a group holds no group");
	if (!is_in_forms(c, name))
		fault_say(c, at, "stands in no form");
}

void
fault_fields(struct faults *c)
{
	for (struct js_each e = {0}; js_next(c->fields, &e);)
		fault_field(c, e.key, e.value);
}

void
fault_roles(struct faults *c)
{
	static const char *const own[] = {"opener", "addressees", "parties",
	    "members", "actor"};

	for (struct js_each e = {0}; js_next(c->roles, &e);) {
		struct str at = fault_at_z(c, "roles", e.key);
		struct js_make m = {.a = c->a};
		struct js *self = js_list(&m);

		for (size_t i = 0; i < COUNT(own); i++)
			if (str_is(e.key, own[i]))
				fault_say(c, at,
				    "this name is the language's own");
		js_put_str(&m, self, NULL,
		    e.key); /* so that it is on the way */
		if (m.failed)
			c->is_out = true;
		fault_role(c, at, self, str_is(e.key, "actor"));
	}
	for (struct js_each e = {0}; js_next(c->states, &e);)
		if (js_get(e.value, "members") != NULL)
			fault_role(c, fault_at_z(c, "states", e.key),
			    js_get(e.value, "members"), false);
}

static void
fault_committed(struct faults *c, struct str at, struct str name,
    const struct js *act)
{
	const struct js *committed = js_get(act, "committed"), *to, *of;
	struct buf ref;

	to = js_get(committed, "to");
	of = js_get(committed, "of");
	if (js_type(committed) != JS_MAP || js_len(committed) != 2 ||
	    to == NULL || js_type(of) != JS_TEXT ||
	    !fault_has(js_get(act, "form"), js_str(of))) {
		fault_say(c, at,
		    "'committed' has 'to' (a digest) and 'of' (a "
		    "required text of its own form)");
		return;
	}
	fault_path_str(c, at, js_str(to), 1u << FIELD_DIGEST);
	buf_init(&ref, c->a);
	buf_str(&ref, name);
	buf_char(&ref, '.');
	buf_str(&ref, js_str(of));
	c->is_out = c->is_out || ref.failed;
	fault_path_str(c, at, (struct str){ref.p, ref.n},
	    1u << FIELD_TEXT | 1u << FIELD_LONGTEXT);
	if (js_bool(js_get(js_get_at(c->fields, js_str(of)), "many")))
		fault_say(c, at, "'committed' is of one text");
}

static void
fault_notice(struct faults *c, struct str at, struct str name,
    const struct js *n)
{
	const struct js *field = js_get(n, "field");
	size_t keys = 2 + (js_get(n, "strict") != NULL);
	struct buf ref;
	int64_t us;

	if (js_type(n) != JS_MAP || field == NULL || js_len(n) != keys ||
	    !is_duration(js_get(n, "least"), &us)) {
		fault_say(c, at,
		    "'notice' has 'field', 'least' (a duration) and perhaps "
		    "'strict'");
		return;
	}
	buf_init(&ref, c->a);
	buf_str(&ref, name);
	buf_char(&ref, '.');
	buf_str(&ref, js_str(field));
	c->is_out = c->is_out || ref.failed;
	fault_path_str(c, at, (struct str){ref.p, ref.n}, 1u << FIELD_TIME);
}

/* Does a term of this kind list the act? */
static bool
is_performing(const struct faults *c, struct str act, const char *kind)
{
	for (struct js_each e = {0}; js_next(c->terms, &e);) {
		const struct js *k = js_get(e.value, "kind");
		bool same =
		    k == NULL ? strcmp(kind, "duty") == 0 : js_is_str(k, kind);

		if (same && fault_has(js_get(e.value, "do"), act))
			return true;
	}
	return false;
}

static bool
is_form_doubled(const struct js *form)
{
	for (size_t i = 0; i < js_len(form); i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(rule_bare(js_str(js_at(form, i))),
				rule_bare(js_str(js_at(form, k)))))
				return true;
	return false;
}

static void
fault_act_refs(struct faults *c, struct str at, struct str name,
    const struct js *act)
{
	static const char *const no_opening[] = {"in", "answers", "undoes",
	    "committed", "once"};
	const struct js *form = js_get(act, "form"), *to = js_get(act, "to");

	if (js_len(form) > RULE_FIELDS)
		fault_say(c, at, "a form of over %d fields", RULE_FIELDS);
	else if (is_form_doubled(form))
		fault_say(c, at, "a field stands twice in its form");
	fault_known_items(c, at, form);
	fault_role(c, at, js_get(act, "by"), false);
	if (js_bool(js_get(act, "opens")) &&
	    has_any(act, no_opening, COUNT(no_opening)))
		fault_say(c, at,
		    "an opening act has no 'in', 'answers', "
		    "'undoes', 'committed' or 'once'");
	fault_known_live(c, at, js_get(act, "in"));
	fault_known(c, at, js_get(act, "answers"), c->acts, "act");
	fault_known(c, at, js_get(act, "undoes"), c->acts, "act");
	if (js_bool(js_get(act, "latest")) && js_get(act, "answers") == NULL)
		fault_say(c, at, "'latest' needs 'answers'");
	if (to != NULL && !js_is_str(to, "members") && !js_is_str(to, "public"))
		fault_say(c, at, "'to' is members or public");
	if (js_get(act, "committed") != NULL)
		fault_committed(c, at, name, act);
}

void
fault_acts(struct faults *c)
{
	bool used[RULE_ROLES] = {false}, asks_members = false, any = false;
	const struct js *x;

	fault_uses(c, c->terms, STR(""), used, &asks_members);
	fault_uses(c, c->moves, STR(""), used, &asks_members);
	for (struct js_each e = {0}; js_next(c->acts, &e);) {
		struct str at = fault_at_z(c, "acts", e.key);
		const struct fault_where where = {.act = e.key};
		bool opens = js_bool(js_get(e.value, "opens"));

		any = any || opens;
		fault_act_refs(c, at, e.key, e.value);
		for (size_t i = 0;
		     (x = rule_listed(js_get(e.value, "notice"), i)) != NULL;
		     i++)
			fault_notice(c, at, e.key, x);
		if (js_get(e.value, "if") != NULL)
			fault_guard(c, fault_at(c, at, STR("if")),
			    js_get(e.value, "if"), &where);
		if (is_performing(c, e.key, "right") &&
		    is_performing(c, e.key, "duty"))
			fault_say(c, at, "performs both a duty and a right");
		if (opens && js_get(e.value, "to") == NULL && asks_members)
			fault_say(c, at,
			    "needs a 'to', since all members are "
			    "asked, who might not read it");
	}
	if (!any)
		fault_say(c, STR("/acts"), "none opens the matter");
}

/* A right must not end sooner than all could know. */
static void
fault_right_end(struct faults *c, struct str at, struct str ref)
{
	size_t dot = str_find(ref, '.', 0);
	struct str field = str_sub(ref, dot + 1, ref.n);
	const struct js *act = js_get_at(c->acts, str_sub(ref, 0, dot)), *x;
	bool strict = false;

	for (size_t i = 0; (x = rule_listed(js_get(act, "notice"), i)) != NULL;
	     i++)
		strict = strict || (str_eq(js_str(js_get(x, "field")), field) &&
				       rule_truth(js_get(x, "strict")));
	if (js_bool(js_get(act, "amend")) || !strict)
		fault_say(c, at,
		    "'%.*s' ends a right: its act is not amended "
		    "and has a strict notice of it",
		    STR_ARG(ref));
}

static void
fault_term(struct faults *c, struct str at, const struct js *t)
{
	const struct js *k = js_get(t, "kind"), *x, *until = js_get(t, "until");
	bool has_of = js_get(t, "of") != NULL, has_do = js_get(t, "do") != NULL;
	bool has_within = js_get(t, "within") != NULL;
	bool has_plus = js_get(t, "plus") != NULL;
	bool is_alarm = js_is_str(k, "alarm"), is_right = js_is_str(k, "right");
	int64_t us = 0;

	if (k != NULL && !is_alarm && !is_right && !js_is_str(k, "duty"))
		fault_say(c, at, "no kind '%.*s'", STR_ARG(js_str(k)));
	if (is_alarm ? has_of || has_do : !has_of || !has_do)
		fault_say(c, at,
		    "a duty or a right has 'of' and 'do', an alarm "
		    "has neither");
	if (has_of)
		fault_role(c, at, js_get(t, "of"), true);
	fault_known(c, at, js_get(t, "do"), c->acts, "act");
	if (has_within &&
	    (until != NULL || has_plus ||
		!is_duration(js_get(t, "within"), &us) || us <= 0))
		fault_say(c, at, "'within' is a duration and stands alone");
	if (has_plus && (until == NULL || !is_duration(js_get(t, "plus"), &us)))
		fault_say(c, at, "'plus' is a duration and needs 'until'");
	fault_path(c, at, until, 1u << FIELD_TIME);
	if (is_alarm && !has_within && until == NULL)
		fault_say(c, at, "an alarm needs a due time");
	for (size_t i = 0; is_right && (x = rule_listed(until, i)) != NULL; i++)
		fault_right_end(c, at, js_str(x));
}

void
fault_terms(struct faults *c)
{
	for (struct js_each e = {0}; js_next(c->terms, &e);)
		fault_term(c, fault_at_z(c, "terms", e.key), e.value);
}

static void
fault_event(struct faults *c, struct str at, const struct js *on)
{
	const struct js *term = js_get(on, "past");

	if (js_type(on) == JS_TEXT) {
		fault_known(c, at, on, c->acts, "act");
		return;
	}
	if (term == NULL)
		term = js_get(on, "lapsed");
	if (js_type(on) != JS_MAP || js_len(on) != 1 || term == NULL) {
		fault_say(c, at,
		    "an event is an act, {'past': term} or "
		    "{'lapsed': term}");
		return;
	}
	fault_known(c, at, term, c->terms, "term");
	if (js_type(term) != JS_TEXT)
		fault_say(c, at, "an event names one term");
	if (js_get(on, "lapsed") != NULL &&
	    js_is_str(js_get(js_get_at(c->terms, js_str(term)), "kind"),
		"alarm"))
		fault_say(c, at, "an alarm does not lapse");
}

static void
fault_move(struct faults *c, struct str at, const struct js *m)
{
	const struct fault_where where = {.is_move = true,
	    .on = js_get(m, "on")};
	const struct js *to = js_get(m, "to"), *on;
	bool opens = false, other = false;

	fault_known_live(c, at, js_get(m, "from"));
	fault_known(c, at, to, c->states, "state");
	if (to != NULL && js_type(to) != JS_TEXT)
		fault_say(c, at, "'to' is one state");
	fault_known(c, at, js_get(m, "begin"), c->terms, "term");
	fault_known(c, at, js_get(m, "release"), c->terms, "term");
	if (js_get(m, "if") != NULL)
		fault_guard(c, fault_at(c, at, STR("if")), js_get(m, "if"),
		    &where);
	for (size_t i = 0; (on = rule_listed(where.on, i)) != NULL; i++) {
		bool o =
		    js_type(on) == JS_TEXT &&
		    js_bool(js_get(js_get_at(c->acts, js_str(on)), "opens"));

		fault_event(c, at, on);
		opens = opens || o;
		other = other || !o;
	}
	if (opens && (js_get(m, "from") != NULL || to == NULL || other))
		fault_say(c, at,
		    "a move on an opening act has 'to', no 'from' "
		    "and no other event");
	if (js_bool(js_get(js_get_at(c->states, js_str(to)), "final")) &&
	    js_get(m, "begin") != NULL)
		fault_say(c, at, "nothing begins in a final state");
}

/* Terms that the end of this term may begin. */
static uint64_t
follows(const struct faults *c, struct str term)
{
	uint64_t ret = 0;

	for (size_t i = 0; i < js_len(c->moves); i++) {
		const struct js *m = js_at(c->moves, i), *on;
		const struct js *begin = js_get(m, "begin");
		bool is_end = false;

		for (size_t k = 0;
		     (on = rule_listed(js_get(m, "on"), k)) != NULL; k++)
			is_end = is_end ||
			         str_eq(js_str(js_get(on, "past")), term) ||
			         str_eq(js_str(js_get(on, "lapsed")), term);
		for (size_t k = 0; is_end && k < js_len(begin); k++) {
			uint16_t t =
			    rule_index(c->terms, js_str(js_at(begin, k)));

			if (t < RULE_TERMS)
				ret |= UINT64_C(1) << t;
		}
	}
	return ret;
}

/* All that may come after, one step more at a time. */
static uint64_t
follow_all(const uint64_t *after, size_t n, uint64_t seen)
{
	uint64_t old = 0;

	while (seen != old) {
		old = seen;
		for (size_t i = 0; i < n; i++)
			if ((old >> i & 1) != 0)
				seen |= after[i];
	}
	return seen;
}

static void
fault_endless(struct faults *c)
{
	uint64_t after[RULE_TERMS] = {0};
	size_t n = 0, t = 0;

	for (struct js_each e = {0}; n < RULE_TERMS && js_next(c->terms, &e);
	     n++)
		after[n] = follows(c, e.key);
	for (struct js_each e = {0}; t < n && js_next(c->terms, &e); t++)
		if ((follow_all(after, n, after[t]) >> t & 1) != 0)
			fault_say(c, fault_at_z(c, "terms", e.key),
			    "its end begins it again, for ever");
}

void
fault_moves(struct faults *c)
{
	for (struct js_each e = {0}; js_next(c->terms, &e);) {
		bool begun = false;

		for (size_t i = 0; !begun && i < js_len(c->moves); i++)
			begun = fault_has(js_get(js_at(c->moves, i), "begin"),
			    e.key);
		if (!begun)
			fault_say(c, fault_at_z(c, "terms", e.key),
			    "no move begins it");
	}
	for (size_t i = 0; i < js_len(c->moves); i++)
		fault_move(c, fault_at_n(c, STR("/moves"), i),
		    js_at(c->moves, i));
	for (struct js_each e = {0}; js_next(c->acts, &e);) {
		bool followed = !js_bool(js_get(e.value, "opens"));

		for (size_t i = 0; !followed && i < js_len(c->moves); i++) {
			const struct js *m = js_at(c->moves, i);

			followed = js_get(m, "if") == NULL &&
			           fault_has(js_get(m, "on"), e.key);
		}
		if (!followed)
			fault_say(c, fault_at_z(c, "acts", e.key),
			    "opens, but no unconditional move follows it");
	}
	fault_endless(c);
}
