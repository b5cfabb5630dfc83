#include "rules/procedure.h"

#include "base/num.h"
#include "record/hash.h"
#include "rules/fault.h"

static void
fault_all(struct faults *c, struct str stem)
{
	const struct js *f = c->file;

	c->roles = js_get(f, "roles");
	c->states = js_get(f, "states");
	c->acts = js_get(f, "acts");
	c->fields = js_get(f, "fields");
	c->terms = js_get(f, "terms");
	c->moves = js_get(f, "moves");
	fault_shape(c);
	if (stem.n > 0 && js_type(f) == JS_MAP &&
	    !str_eq(js_str(js_get(f, "procedure")), stem))
		fault_say(c, STR("/procedure"),
		    "must be named '%.*s', as its file is", STR_ARG(stem));
	if (c->n > 0 || c->is_out)
		return;
	fault_fields(c);
	fault_roles(c);
	fault_acts(c);
	fault_terms(c);
	fault_moves(c);
	if (c->n == 0 && !c->is_out)
		fault_reach(c);
}

static int
find_faults(struct faults *c, struct span file, struct str stem,
    struct err *err)
{
	if (file.n > PROCEDURE_MAX)
		return err_set(err, ERR_INPUT,
		    "procedure file has %zu bytes, the limit is %d", file.n,
		    PROCEDURE_MAX);
	if (js_parse(file, c->a, &c->file, err) != 0)
		return err_in(err, "procedure file: ");
	fault_all(c, stem);
	return c->is_out ? err_nomem(err, "the faults of a procedure") : 0;
}

int
procedure_faults(struct span file, struct str stem, struct arena *a,
    struct str **ret, size_t *ret_n, struct err *err)
{
	struct faults c = {.a = a};

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
	struct faults c = {.a = a};
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
