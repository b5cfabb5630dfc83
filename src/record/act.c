#include "record/act.h"

#include <assert.h>

#include "base/num.h"
#include "base/when.h"
#include "record/hash.h"

enum { DEPTH_MAX = 32 };

/* Which fields an act has: one row a field, in the order in which it is
 * written. */
enum field {
	F_COMITY,
	F_KIND,
	F_PARTY,
	F_MATTER,
	F_PROCEDURE,
	F_CONFERENCE,
	F_TO,
	F_AT,
	F_AFTER,
	F_ANSWERS,
	F_AMENDS,
	F_BODY,
	F_SALT,
	FIELDS
};
static const struct {
	const char *name;
	bool must;
} field[] = {
    [F_COMITY] = {"comity", true},
    [F_KIND] = {"kind", true},
    [F_PARTY] = {"party", true},
    [F_MATTER] = {"matter", false},
    [F_PROCEDURE] = {"procedure", false},
    [F_CONFERENCE] = {"conference", false},
    [F_TO] = {"to", true},
    [F_AT] = {"at", true},
    [F_AFTER] = {"after", false},
    [F_ANSWERS] = {"answers", false},
    [F_AMENDS] = {"amends", false},
    [F_BODY] = {"body", true},
    [F_SALT] = {"salt", true},
};
static_assert(COUNT(field) == FIELDS, "each field has a row");

bool
act_is_party(struct str s)
{
	if (s.n < 2 || s.n > 16 || s.p[0] < 'A' || s.p[0] > 'Z')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') ||
			(s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-'))
			return false;
	return true;
}

static int
wrong(struct err *err, enum field f, const char *want)
{
	return err_set(err, ERR_INPUT, "act: '%s' must be %s", field[f].name,
	    want);
}

/* C2: integers within 2^53-1 and bounded nesting, everywhere in the body. */
static int
check_numbers(const struct js *j, int depth, struct err *err)
{
	if (depth > DEPTH_MAX)
		return err_set(err, ERR_INPUT,
		    "act: the body is nested deeper than %d", DEPTH_MAX);
	if (js_type(j) == JS_INT &&
	    (js_int(j) > ACT_INT_MAX || js_int(j) < -ACT_INT_MAX))
		return err_set(err, ERR_INPUT,
		    "act: an integer is beyond 2^53-1");
	if (js_type(j) == JS_MAP)
		for (struct js_each e = {0}; js_next(j, &e);)
			if (check_numbers(e.value, depth + 1, err) != 0)
				return -1;
	if (js_type(j) == JS_LIST)
		for (size_t i = 0; i < js_len(j); i++)
			if (check_numbers(js_at(j, i), depth + 1, err) != 0)
				return -1;
	return 0;
}

static int
known_fields(const struct js *j, const struct js **value, struct err *err)
{
	size_t i;

	if (js_type(j) != JS_MAP)
		return err_set(err, ERR_INPUT, "act: no JSON object");
	for (struct js_each e = {0}; js_next(j, &e);) {
		for (i = 0; i < FIELDS && !str_is(e.key, field[i].name); i++)
			;
		if (i == FIELDS)
			return err_set(err, ERR_INPUT,
			    "act: unknown field '%.*s'", STR_ARG(e.key));
		value[i] = e.value;
	}
	for (i = 0; i < FIELDS; i++)
		if (field[i].must && value[i] == NULL)
			return err_set(err, ERR_INPUT, "act: lacks '%s'",
			    field[i].name);
	return 0;
}

static int
read_kind(const struct js *j, struct act *act, struct err *err)
{
	size_t slash;

	act->kind = js_str(j);
	slash = str_find(act->kind, '/', 0);
	if (slash == 0 || slash + 1 >= act->kind.n || act->kind.n > 100)
		return wrong(err, F_KIND, "'procedure/act'");
	for (size_t i = 0; i < act->kind.n; i++) {
		char c = act->kind.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '_' || i == slash))
			return wrong(err, F_KIND, "'procedure/act'");
	}
	act->procedure = str_sub(act->kind, 0, slash);
	act->name = str_sub(act->kind, slash + 1, act->kind.n);
	return 0;
}

static int
read_id(const struct js *j, enum field f, bool *has, struct id *ret,
    struct err *err)
{
	*has = j != NULL;
	if (j != NULL && !hex_is_parsed(js_str(j), ret->b, sizeof(ret->b)))
		return wrong(err, f, "64 hexadecimal digits");
	return 0;
}

static int
read_after(const struct js *j, struct arena *a, struct act *act,
    struct err *err)
{
	struct id *id;

	if (j == NULL)
		return 0;
	if (js_type(j) != JS_LIST || js_len(j) == 0 ||
	    js_len(j) > ACT_AFTER_MAX)
		return wrong(err, F_AFTER, "a list of 1 to 1000 ids");
	act->n_after = js_len(j);
	if ((id = arena_array(a, act->n_after, struct id)) == NULL)
		return err_nomem(err, "an act");
	for (size_t i = 0; i < act->n_after; i++)
		if (!hex_is_parsed(js_str(js_at(j, i)), id[i].b, 32))
			return wrong(err, F_AFTER, "a list of ids");
	act->after = id;
	return 0;
}

int
act_audience_parse(const struct js *j, struct arena *a, struct audience *ret,
    struct err *err)
{
	struct str *party;

	*ret = (struct audience){.type = AUDIENCE_PUBLIC};
	if (js_is_str(j, "public"))
		return 0;
	ret->type = AUDIENCE_MEMBERS;
	if (js_is_str(j, "members"))
		return 0;
	ret->type = AUDIENCE_PARTIES;
	ret->n = js_len(j);
	if (js_type(j) != JS_LIST || ret->n > ACT_PARTIES_MAX || ret->n == 0)
		return wrong(err, F_TO, "public, members or a list of parties");
	if ((party = arena_array(a, ret->n, struct str)) == NULL)
		return err_nomem(err, "an act");
	for (size_t i = 0; i < ret->n; i++) {
		party[i] = js_str(js_at(j, i));
		if (!act_is_party(party[i]))
			return wrong(err, F_TO, "a list of short names");
		for (size_t k = 0; k < i; k++)
			if (str_eq(party[i], party[k]))
				return wrong(err, F_TO,
				    "a list of different parties");
	}
	ret->party = party;
	return 0;
}

static int
read_fields(const struct js *const *v, struct arena *a, struct act *act,
    struct err *err)
{
	bool has_matter;

	if (js_type(v[F_COMITY]) != JS_INT || js_int(v[F_COMITY]) != 1)
		return wrong(err, F_COMITY, "1, the format of this program");
	act->party = js_str(v[F_PARTY]);
	if (!act_is_party(act->party))
		return wrong(err, F_PARTY, "a party's short name");
	if (read_kind(v[F_KIND], act, err) != 0 ||
	    read_id(v[F_MATTER], F_MATTER, &has_matter, &act->matter, err) !=
		0 ||
	    read_id(v[F_PROCEDURE], F_PROCEDURE, &act->has_procedure,
		&act->procedure_id, err) != 0 ||
	    read_id(v[F_CONFERENCE], F_CONFERENCE, &act->has_conference,
		&act->conference, err) != 0 ||
	    read_id(v[F_ANSWERS], F_ANSWERS, &act->has_answers, &act->answers,
		err) != 0 ||
	    read_id(v[F_AMENDS], F_AMENDS, &act->has_amends, &act->amends,
		err) != 0 ||
	    read_after(v[F_AFTER], a, act, err) != 0 ||
	    act_audience_parse(v[F_TO], a, &act->to, err) != 0)
		return -1;
	act->opens = !has_matter;
	if (act->opens &&
	    (act->n_after > 0 || act->has_answers || act->has_amends))
		return err_set(err, ERR_INPUT,
		    "act: an opening act follows, answers and amends nothing");
	if (!act->opens && (act->has_procedure || act->has_conference))
		return err_set(err, ERR_INPUT,
		    "act: only an opening act "
		    "names procedure and "
		    "conference");
	if (!when_is_time(js_str(v[F_AT]), WHEN_SECOND, &act->at_us))
		return wrong(err, F_AT, "an RFC 3339 time with seconds and Z");
	if (js_type(v[F_BODY]) != JS_MAP)
		return wrong(err, F_BODY, "a JSON object");
	act->body = v[F_BODY];
	if (!hex_is_parsed(js_str(v[F_SALT]), act->salt, sizeof(act->salt)))
		return wrong(err, F_SALT, "32 hexadecimal digits");
	return check_numbers(act->body, 0, err);
}

int
act_parse(struct span payload, struct arena *a, const struct act **ret,
    struct err *err)
{
	const struct js *value[FIELDS] = {NULL}, *j;
	struct act *act;

	if (payload.n > ACT_MAX)
		return err_set(err, ERR_INPUT,
		    "act has %zu bytes, the limit is %d", payload.n, ACT_MAX);
	if ((act = arena_new(a, struct act)) == NULL)
		return err_nomem(err, "an act");
	if (js_parse(payload, a, &j, err) != 0 ||
	    known_fields(j, value, err) != 0 ||
	    read_fields(value, a, act, err) != 0)
		return -1;
	act->id = hash_of(payload);
	if (act->opens)
		act->matter = act->id;
	*ret = act; /* C1 */
	return 0;
}

void
act_audience_put(struct js_make *m, struct js *in, const char *key,
    const struct audience *to)
{
	struct js *list;

	switch (to->type) {
	case AUDIENCE_PUBLIC:
		js_put_z(m, in, key, "public");
		break;
	case AUDIENCE_MEMBERS:
		js_put_z(m, in, key, "members");
		break;
	case AUDIENCE_PARTIES:
		list = js_put_list(m, in, key);
		for (size_t i = 0; i < to->n; i++)
			js_put_str(m, list, NULL, to->party[i]);
		break;
	}
}

bool
act_audience_has(const struct audience *to, struct str party)
{
	for (size_t i = 0; i < to->n; i++)
		if (str_eq(to->party[i], party))
			return true;
	return to->type != AUDIENCE_PARTIES;
}

static void
put_id(struct js_make *m, struct js *in, enum field f, bool has,
    const struct id *id)
{
	if (has)
		js_put_hex(m, in, field[f].name, id->b, sizeof(id->b));
}

int
act_write(const struct act *act, struct arena *a, struct str *ret,
    struct err *err)
{
	struct js_make m = {.a = a};
	struct js *j = js_map(&m), *after;
	char at[WHEN_TEXT];

	when_write(act->at_us, at);
	js_put_int(&m, j, field[F_COMITY].name, 1);
	js_put_str(&m, j, field[F_KIND].name, act->kind);
	js_put_str(&m, j, field[F_PARTY].name, act->party);
	put_id(&m, j, F_MATTER, !act->opens, &act->matter);
	put_id(&m, j, F_PROCEDURE, act->has_procedure, &act->procedure_id);
	put_id(&m, j, F_CONFERENCE, act->has_conference, &act->conference);
	act_audience_put(&m, j, field[F_TO].name, &act->to);
	js_put_z(&m, j, field[F_AT].name, at);
	if (act->n_after > 0) {
		after = js_put_list(&m, j, field[F_AFTER].name);
		for (size_t i = 0; i < act->n_after; i++)
			js_put_hex(&m, after, NULL, act->after[i].b, 32);
	}
	put_id(&m, j, F_ANSWERS, act->has_answers, &act->answers);
	put_id(&m, j, F_AMENDS, act->has_amends, &act->amends);
	js_put(&m, j, field[F_BODY].name, act->body);
	js_put_hex(&m, j, field[F_SALT].name, act->salt, sizeof(act->salt));
	return js_text(&m, j, JS_COMPACT, ret, err);
}
