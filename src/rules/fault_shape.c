#include "rules/fault.h"

#include <assert.h>
#include <string.h>

#include "base/num.h"

enum entry {
	ENTRY_FILE,
	ENTRY_ROLE,
	ENTRY_STATE,
	ENTRY_FIELD,
	ENTRY_ACT,
	ENTRY_TERM,
	ENTRY_MOVE,
	ENTRIES
};
enum { KEYS_MOST = 16 };

/* Keys of each kind of entry, in byte order: those it must have, may have. */
static const struct {
	const char *must[KEYS_MOST], *may[KEYS_MOST];
} keys[] = {
    [ENTRY_FILE] = {{"about", "acts", "moves", "procedure", "roles", "states",
			"title", "version"},
	{"fields", "source", "terms"}},
    [ENTRY_ROLE] = {{"is", "title"}, {NULL}},
    [ENTRY_STATE] = {{"title"}, {"final", "members"}},
    [ENTRY_FIELD] = {{"title", "type"},
	{"codes", "help", "many", "max", "min", "number", "of", "precision",
	    "unit"}},
    [ENTRY_ACT] = {{"by", "title"},
	{"amend", "answers", "committed", "form", "help", "if", "in", "latest",
	    "notice", "once", "opens", "to", "undoes"}},
    [ENTRY_TERM] = {{"title"}, {"do", "kind", "of", "plus", "until", "within"}},
    [ENTRY_MOVE] = {{"on"}, {"begin", "from", "if", "release", "to"}},
};
static_assert(COUNT(keys) == ENTRIES, "each kind of entry has its keys");

/* Keys whose values have one shape, wherever they stand. */
static const struct {
	const char *key;
	enum js_type type;
} shape[] = {
    {"title", JS_MAP},
    {"about", JS_MAP},
    {"help", JS_MAP},
    {"roles", JS_MAP},
    {"states", JS_MAP},
    {"fields", JS_MAP},
    {"acts", JS_MAP},
    {"terms", JS_MAP},
    {"if", JS_MAP},
    {"final", JS_BOOL},
    {"opens", JS_BOOL},
    {"once", JS_BOOL},
    {"amend", JS_BOOL},
    {"latest", JS_BOOL},
    {"many", JS_BOOL},
    {"in", JS_LIST},
    {"form", JS_LIST},
    {"from", JS_LIST},
    {"begin", JS_LIST},
    {"release", JS_LIST},
    {"do", JS_LIST},
    {"codes", JS_LIST},
    {"moves", JS_LIST},
    {"version", JS_INT},
    {"min", JS_INT},
    {"max", JS_INT},
    {"procedure", JS_TEXT},
    {"kind", JS_TEXT},
    {"type", JS_TEXT},
    {"precision", JS_TEXT},
};

bool
fault_is_text(const struct js *v, size_t most, bool lines)
{
	struct str s = js_str(v);

	if (js_type(v) != JS_TEXT || s.n == 0 || s.n > most)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == 0x7f ||
		    (c < ' ' && !(lines && (c == '\n' || c == '\t'))))
			return false;
	}
	return true;
}

void
fault_texts(struct faults *c, struct str at, const struct js *t)
{
	static const char *const lang[] = {"en", "ja", "zh", "ko"};
	bool good = js_type(t) == JS_MAP && js_len(t) == COUNT(lang);

	for (size_t i = 0; good && i < COUNT(lang); i++)
		good = fault_is_text(js_get(t, lang[i]), 2000, false);
	if (!good)
		fault_say(c, at, "needs a text in each of en, ja, zh, ko");
}

static bool
is_among(const char *const *z, struct str s)
{
	for (size_t i = 0; i < KEYS_MOST && z[i] != NULL; i++)
		if (str_is(s, z[i]))
			return true;
	return false;
}

/* The least key after `last` that this kind of entry does not have. */
static bool
next_unknown(const struct js *entry, enum entry kind, struct str *last,
    bool any)
{
	struct str least = STR("");
	bool found = false;

	for (struct js_each e = {0}; js_next(entry, &e);) {
		if (is_among(keys[kind].must, e.key) ||
		    is_among(keys[kind].may, e.key) ||
		    (any && str_cmp(e.key, *last) <= 0) ||
		    (found && str_cmp(e.key, least) >= 0))
			continue;
		least = e.key;
		found = true;
	}
	*last = least;
	return found;
}

static void
fault_keys(struct faults *c, struct str at, enum entry kind,
    const struct js *entry)
{
	struct str last = STR("");

	if (js_type(entry) != JS_MAP) {
		fault_say(c, at, "must be an object");
		return;
	}
	for (size_t i = 0; keys[kind].must[i] != NULL; i++)
		if (js_get(entry, keys[kind].must[i]) == NULL)
			fault_say(c, at, "lacks '%s'", keys[kind].must[i]);
	for (bool any = false;
	     c->n < RULE_FAULTS && next_unknown(entry, kind, &last, any);
	     any = true)
		fault_say(c, at, "unknown key '%.*s'", STR_ARG(last));
	for (struct js_each e = {0}; js_next(entry, &e);) {
		for (size_t i = 0; i < COUNT(shape); i++)
			if (str_is(e.key, shape[i].key) &&
			    js_type(e.value) != shape[i].type)
				fault_say(c, at, "'%s' has the wrong shape",
				    shape[i].key);
		if (js_type(e.value) == JS_MAP &&
		    (str_is(e.key, "title") || str_is(e.key, "about") ||
			str_is(e.key, "help")))
			fault_texts(c, fault_at(c, at, e.key), e.value);
	}
}

/* Nothing is an empty list or null: such things are left out. */
static void
fault_empty(struct faults *c, struct str at, const struct js *j)
{
	if (js_type(j) == JS_NULL || (js_type(j) == JS_LIST && js_len(j) == 0))
		fault_say(c, at, "is empty");
	for (struct js_each e = {0}; js_next(j, &e);)
		if (js_len(e.value) > 0 || js_type(e.value) == JS_NULL ||
		    js_type(e.value) == JS_LIST)
			fault_empty(c, fault_at(c, at, e.key), e.value);
	for (size_t i = 0; js_type(j) == JS_LIST && i < js_len(j); i++)
		if (js_len(js_at(j, i)) > 0 ||
		    js_type(js_at(j, i)) == JS_NULL ||
		    js_type(js_at(j, i)) == JS_LIST)
			fault_empty(c, fault_at_n(c, at, i), js_at(j, i));
}

static bool
is_longer(const struct js *j, size_t most)
{
	if (js_type(j) == JS_LIST && js_len(j) > most)
		return true;
	for (struct js_each e = {0}; js_next(j, &e);)
		if (js_len(e.value) > 0 && is_longer(e.value, most))
			return true;
	for (size_t i = 0; js_type(j) == JS_LIST && i < js_len(j); i++)
		if (js_len(js_at(j, i)) > 0 && is_longer(js_at(j, i), most))
			return true;
	return false;
}

/* RULE_JSON_DEEP bounds the recursion here and everywhere after. */
static bool
is_deeper(const struct js *j, int left)
{
	if (left == 0)
		return true;
	for (struct js_each e = {0}; js_next(j, &e);)
		if (js_len(e.value) > 0 && is_deeper(e.value, left - 1))
			return true;
	for (size_t i = 0; js_type(j) == JS_LIST && i < js_len(j); i++)
		if (js_len(js_at(j, i)) > 0 && is_deeper(js_at(j, i), left - 1))
			return true;
	return false;
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') ||
			(i > 0 && ((s.p[i] >= '0' && s.p[i] <= '9') ||
				      s.p[i] == '_'))))
			return false;
	return s.n > 0 && s.n <= 100;
}

static void
fault_sizes(struct faults *c)
{
	const struct {
		const char *section;
		size_t n, most;
	} size[] = {
	    {"/roles", js_len(c->roles), RULE_ROLES},
	    {"/states", js_len(c->states), RULE_STATES},
	    {"/fields", js_len(c->fields), RULE_FIELDS},
	    {"/acts", js_len(c->acts), RULE_ACTS},
	    {"/terms", js_len(c->terms), RULE_TERMS},
	    {"/moves", js_len(c->moves), RULE_MOVES},
	};
	size_t events = 0;

	for (size_t i = 0; i < COUNT(size); i++)
		if (size[i].n > size[i].most)
			fault_say(c, str_of(size[i].section),
			    "%zu entries, the limit is %zu", size[i].n,
			    size[i].most);
	for (size_t i = 0; i < js_len(c->moves); i++) {
		const struct js *on = js_get(js_at(c->moves, i), "on");

		events += js_type(on) == JS_LIST ? js_len(on) : 1;
	}
	if (events > RULE_EVENTS)
		fault_say(c, STR("/moves"), "%zu events, the limit is %d",
		    events, RULE_EVENTS);
}

void
fault_shape(struct faults *c)
{
	const struct {
		const char *section;
		const struct js *map;
		enum entry kind;
	} part[] = {
	    {"roles", c->roles, ENTRY_ROLE},
	    {"states", c->states, ENTRY_STATE},
	    {"fields", c->fields, ENTRY_FIELD},
	    {"acts", c->acts, ENTRY_ACT},
	    {"terms", c->terms, ENTRY_TERM},
	};

	if (is_deeper(c->file, RULE_JSON_DEEP)) {
		fault_say(c, STR("/"), "nested over %d deep", RULE_JSON_DEEP);
		return;
	}
	if (is_longer(c->file, RULE_LIST)) {
		fault_say(c, STR("/"), "a list of over %d entries", RULE_LIST);
		return;
	}
	fault_keys(c, STR(""), ENTRY_FILE, c->file);
	fault_empty(c, STR(""), c->file);
	if (c->n == 0)
		fault_sizes(c);
	if (c->n > 0)
		return;
	for (size_t i = 0; i < COUNT(part); i++) {
		for (struct js_each e = {0}; js_next(part[i].map, &e);) {
			struct str at = fault_at_z(c, part[i].section, e.key);

			if (!is_name(e.key))
				fault_say(c, at,
				    "a name is lower-case letters, digits and "
				    "_");
			fault_keys(c, at, part[i].kind, e.value);
		}
	}
	for (size_t i = 0; i < js_len(c->moves); i++)
		fault_keys(c, fault_at_n(c, STR("/moves"), i), ENTRY_MOVE,
		    js_at(c->moves, i));
}
