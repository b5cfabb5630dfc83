#include "rules/procedure.h"

#include <assert.h>

#include "base/num.h"
#include "record/hash.h"
#include "rules/check_int.h"

static const char *const type_name[] = {
    [FIELD_TEXT] = "text",
    [FIELD_LONGTEXT] = "longtext",
    [FIELD_CHOICE] = "choice",
    [FIELD_CHOICES] = "choices",
    [FIELD_INTEGER] = "integer",
    [FIELD_DECIMAL] = "decimal",
    [FIELD_RANGE] = "range",
    [FIELD_BOOLEAN] = "boolean",
    [FIELD_TIME] = "time",
    [FIELD_PERIOD] = "period",
    [FIELD_DURATION] = "duration",
    [FIELD_PLACE] = "place",
    [FIELD_AREA] = "area",
    [FIELD_PARTY] = "party",
    [FIELD_PARTIES] = "parties",
    [FIELD_OFFICER] = "officer",
    [FIELD_MATTER] = "matter",
    [FIELD_ACT] = "act",
    [FIELD_DIGEST] = "digest",
    [FIELD_FILE] = "file",
    [FIELD_TEXTS] = "texts",
    [FIELD_GROUP] = "group",
};
static_assert(COUNT(type_name) == FIELD_TYPES, "each type has its name");

uint16_t
rule_index(const struct js *map, struct str name)
{
	uint16_t i = 0;

	if (js_get_at(map, name) == NULL)
		return RULE_NONE;
	for (struct js_each e = {0}; js_next(map, &e) && i < RULE_NONE; i++)
		if (str_eq(e.key, name))
			return i;
	return RULE_NONE;
}

uint16_t
rule_act_index(const struct procedure *p, struct str name)
{
	size_t lo = 0, hi = p->n_acts;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(p->act[p->by_name[mid]].name, name);

		if (c == 0)
			return p->by_name[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return RULE_NONE;
}

struct str
rule_bare(struct str item)
{
	while (item.n > 0 && item.p[item.n - 1] == '?')
		item.n--;
	return item;
}

enum field_type
rule_type(struct str name)
{
	for (size_t i = 0; i < COUNT(type_name); i++)
		if (str_is(name, type_name[i]))
			return (enum field_type)i;
	return FIELD_TYPES;
}

const char *
rule_type_name(enum field_type t)
{
	return t < FIELD_TYPES ? type_name[t] : "unknown";
}

const struct js *
rule_listed(const struct js *j, size_t i)
{
	if (js_type(j) == JS_LIST)
		return js_at(j, i);
	return i == 0 ? j : NULL;
}

bool
rule_truth(const struct js *j)
{
	switch (js_type(j)) {
	case JS_NONE:
	case JS_NULL:
		return false;
	case JS_BOOL:
		return js_bool(j);
	case JS_INT:
		return js_int(j) != 0;
	case JS_REAL:
		return js_real(j) != 0;
	case JS_TEXT:
		return js_str(j).n > 0;
	case JS_LIST:
	case JS_MAP:
		return js_len(j) > 0;
	}
	return false;
}

static void
check_all(struct check *c, struct str stem)
{
	const struct js *f = c->file;

	c->roles = js_get(f, "roles");
	c->states = js_get(f, "states");
	c->acts = js_get(f, "acts");
	c->fields = js_get(f, "fields");
	c->terms = js_get(f, "terms");
	c->moves = js_get(f, "moves");
	check_shape(c);
	if (stem.n > 0 && js_type(f) == JS_MAP &&
	    !str_eq(js_str(js_get(f, "procedure")), stem))
		check_say(c, STR("/procedure"),
		    "must be named '%.*s', as its file is", STR_ARG(stem));
	if (c->n > 0 || c->is_out)
		return;
	check_fields(c);
	check_roles(c);
	check_acts(c);
	check_terms(c);
	check_moves(c);
	if (c->n == 0 && !c->is_out)
		check_reach(c);
}

static int
find_faults(struct check *c, struct span file, struct str stem, struct err *err)
{
	if (file.n > PROCEDURE_MAX)
		return err_set(err, ERR_INPUT,
		    "procedure file has %zu bytes, the limit is %d", file.n,
		    PROCEDURE_MAX);
	if (js_parse(file, c->a, &c->file, err) != 0)
		return err_in(err, "procedure file: ");
	check_all(c, stem);
	return c->is_out ? err_nomem(err, "the faults of a procedure") : 0;
}

int
procedure_faults(struct span file, struct str stem, struct arena *a,
    struct str **ret, size_t *ret_n, struct err *err)
{
	struct check c = {.a = a};

	if (find_faults(&c, file, stem, err) != 0)
		return -1;
	*ret = c.fault;
	*ret_n = c.n;
	return 0;
}

int
procedure_load(struct span file, struct str stem, struct arena *a,
    const struct procedure **ret, struct err *err)
{
	struct check c = {.a = a};
	struct procedure *p;

	if (find_faults(&c, file, stem, err) != 0)
		return -1;
	if (c.n > 0)
		return err_set(err, ERR_INPUT, "procedure file: %.*s",
		    STR_ARG(c.fault[0]));
	if ((p = arena_new(a, struct procedure)) == NULL)
		return err_nomem(err, "a procedure");
	p->id = hash_of(file);
	p->json = c.file;
	p->name = js_str(js_get(c.file, "procedure"));
	if (rule_compile(p, a, err) != 0)
		return -1;
	*ret = p;
	return 0;
}

const struct id *
procedure_id(const struct procedure *p)
{
	return &p->id;
}

struct str
procedure_name(const struct procedure *p)
{
	return p->name;
}

const struct js *
procedure_json(const struct procedure *p)
{
	return p->json;
}

struct str
procedure_title(const struct procedure *p, const char *section, struct str name,
    struct str lang)
{
	const struct js *at = p->json;

	if (section != NULL)
		at = js_get_at(js_get(at, section), name);
	return js_str(js_get_at(js_get(at, "title"), lang));
}

bool
procedure_is_opening(const struct procedure *p, struct str act)
{
	uint16_t i = rule_act_index(p, act);

	return i != RULE_NONE && p->act[i].is_opening;
}

bool
procedure_is_final(const struct procedure *p, struct str state)
{
	for (size_t i = 0; i < p->n_states; i++)
		if (str_eq(p->state[i].name, state))
			return p->state[i].is_final;
	return false;
}

bool
procedure_is_founding(const struct procedure *p)
{
	return p->is_founding;
}
