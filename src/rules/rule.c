#include "rules/rule.h"

#include <assert.h>

#include "base/num.h"

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
