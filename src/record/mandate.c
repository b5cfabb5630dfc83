#include "record/mandate.h"

#include "base/num.h"

enum { FILE_MAX = 256 * 1024 * 1024 };

struct demands { /* what the party demands from an entry on */
	uint64_t from;
	size_t n;
	const struct mandate_demand *demand;
};

struct mandate {
	struct arena arena; /* all that follows lives here */
	struct id charter;
	struct str party, origin, witness_name;
	struct pubkey root;
	const struct js *body;
	size_t n_keys, cap_keys, n_officers, cap_officers, n_demands,
	    cap_demands, n_witnesses;
	size_t n_acts, text; /* in effect, beside the charter; their bytes */
	struct mandate_keys *keys; /* latest last */
	struct mandate_officer *officer;
	struct demands *demands; /* latest last */
	struct note_key witness[MANDATE_WITNESSES_MAX];
};

/* Acts of a party's file: what each takes and what it does. */
typedef const char *check_fn(const struct mandate *m, const struct js *body,
    size_t *ret_text);
typedef int apply_fn(struct mandate *m, const struct act *act, uint64_t index,
    struct err *err);
static check_fn check_grant, check_revoke, check_keys, check_demand;
static apply_fn apply_grant, apply_revoke, apply_keys, apply_demand;
static const struct {
	struct str kind;
	bool root_only;
	check_fn *check; /* the rule that it breaks, or NULL */
	apply_fn *apply; /* after check */
} file_act[] = {
    {{"party/grant", 11}, false, check_grant, apply_grant},
    {{"party/revoke", 12}, false, check_revoke, apply_revoke},
    {{"party/keys", 10}, true, check_keys, apply_keys},
    {{"party/demand", 12}, false, check_demand, apply_demand},
};

static bool
has_signer(const struct mandate_signers *s, const struct pubkey *k)
{
	for (size_t i = 0; i < s->n; i++)
		if (key_eq(&s->key[i], k))
			return true;
	return false;
}

static bool
is_pubkey(const struct js *j, struct pubkey *ret)
{
	return hex_is_parsed(js_str(j), ret->b, sizeof(ret->b)) &&
	       key_is_usable(ret);
}

static bool
is_line(struct str s, size_t most)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ')
			return false;
	return s.n > 0 && s.n <= most;
}

/* A map's fields: all of `must`, none but `must` and `may`. */
static bool
has_fields(const struct js *j, const char *const *must, const char *const *may)
{
	size_t found = 0;

	if (js_type(j) != JS_MAP)
		return false;
	for (size_t i = 0; must[i] != NULL; i++, found++)
		if (js_get(j, must[i]) == NULL)
			return false;
	for (size_t i = 0; may[i] != NULL; i++)
		found += js_get(j, may[i]) != NULL;
	return found == js_len(j);
}

/* What a grant, or a list of demands, adds to the file's text. */
static size_t
officer_text(const struct js *j)
{
	const struct js *powers = js_get(j, "powers");
	size_t n = js_str(js_get(j, "officer")).n;

	for (size_t i = 0; i < js_len(powers); i++)
		n += js_str(js_at(powers, i)).n;
	return n;
}

static size_t
demands_text(const struct js *list)
{
	size_t n = 0;

	for (size_t i = 0; i < js_len(list); i++)
		n += js_str(js_get(js_at(list, i), "kind")).n;
	return n;
}

static bool
is_officer(const struct js *j)
{
	static const char *const must[] = {"officer", "key", "powers", NULL};
	static const char *const may[] = {"until", "note", NULL};
	const struct js *powers = js_get(j, "powers");
	struct pubkey key;

	if (!has_fields(j, must, may) ||
	    !is_line(js_str(js_get(j, "officer")), 200) ||
	    !is_pubkey(js_get(j, "key"), &key) || js_type(powers) != JS_LIST ||
	    js_len(powers) == 0 || js_len(powers) > MANDATE_POWERS_MAX)
		return false;
	for (size_t i = 0; i < js_len(powers); i++)
		if (!is_line(js_str(js_at(powers, i)), 100))
			return false;
	return true;
}

static bool
is_demands(const struct js *list)
{
	if (js_type(list) != JS_LIST || js_len(list) > MANDATE_POWERS_MAX)
		return false;
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *j = js_at(list, i);
		int64_t n = js_int(js_get(j, "signatures"));

		if (!is_line(js_str(js_get(j, "kind")), 100) || n < 1 ||
		    n > DSSE_SIGNATURES_MAX)
			return false;
	}
	return true;
}

/* The file keeps copies of what counts, for acts die with their arena. */
static int
add_officer(struct mandate *m, const struct js *j, const struct act *act,
    uint64_t index, struct err *err)
{
	const struct js *powers = js_get(j, "powers");
	struct mandate_officer o = {.from = index, .until = UINT64_MAX};
	struct str *power;

	o.name = str_copy(&m->arena, js_str(js_get(j, "officer")));
	o.n = js_len(powers);
	(void)is_pubkey(js_get(j, "key"), &o.key); /* is_officer() looked */
	power = arena_array(&m->arena, o.n, struct str);
	if (o.name.p == NULL || power == NULL ||
	    arena_grow(&m->arena, &m->officer, &m->cap_officers,
		m->n_officers + 1, sizeof(*m->officer)) != 0)
		return err_nomem(err, "a mandate");
	for (size_t i = 0; i < o.n; i++) {
		power[i] = str_copy(&m->arena, js_str(js_at(powers, i)));
		if (power[i].p == NULL)
			return err_nomem(err, "a mandate");
	}
	/* A new grant to a name takes the place of the one before. */
	for (size_t i = 0; i < m->n_officers; i++)
		if (str_eq(m->officer[i].name, o.name) &&
		    m->officer[i].until == UINT64_MAX)
			m->officer[i].until = index;
	o.power = power;
	o.granted = act->id;
	m->officer[m->n_officers++] = o;
	m->text += officer_text(j);
	return 0;
}

static int
set_demands(struct mandate *m, const struct js *list, uint64_t index,
    struct err *err)
{
	size_t n = js_len(list);
	struct mandate_demand *d =
	    arena_array(&m->arena, n + 1, struct mandate_demand);

	if (d == NULL)
		return err_nomem(err, "a mandate");
	for (size_t i = 0; i < n; i++) {
		const struct js *j = js_at(list, i);

		d[i].kind = str_copy(&m->arena, js_str(js_get(j, "kind")));
		d[i].signatures = js_int(js_get(j, "signatures"));
		if (d[i].kind.p == NULL)
			return err_nomem(err, "a mandate");
	}
	if (arena_grow(&m->arena, &m->demands, &m->cap_demands,
		m->n_demands + 1, sizeof(*m->demands)) != 0)
		return err_nomem(err, "a mandate");
	m->demands[m->n_demands++] = (struct demands){index, n, d};
	m->text += demands_text(list);
	return 0;
}

static int
keep_body(struct mandate *m, const struct js *body, const struct js **ret,
    struct err *err)
{
	struct js_make make = {.a = &m->arena};
	struct str text;

	return js_text(&make, body, JS_COMPACT, &text, err) != 0
	           ? -1
	           : js_parse(span_of(text), &m->arena, ret, err);
}

static int
read_names(struct mandate *m, const struct act *charter, struct err *err)
{
	const struct js *names = js_get(m->body, "names");
	struct str party = str_copy(&m->arena, charter->party), text;

	m->origin = js_str(js_get(m->body, "origin"));
	if (js_type(names) != JS_MAP || js_len(names) == 0)
		return err_set(err, ERR_INPUT,
		    "charter: 'names' must be an object of texts by language");
	for (struct js_each e = {0}; js_next(names, &e);)
		if (!is_line(js_str(e.value), 1000))
			return err_set(err, ERR_INPUT,
			    "charter: 'names' has no text for '%.*s'",
			    STR_ARG(e.key));
	text = str_fmt(&m->arena, "%.*s/witness", STR_ARG(m->origin));
	if (party.p == NULL || text.p == NULL)
		return err_nomem(err, "a charter");
	if (!note_is_name(m->origin) || m->origin.n > 200)
		return err_set(err, ERR_INPUT,
		    "charter: 'origin' is no name of a log");
	m->party = party;
	m->witness_name = text;
	return 0;
}

static int
read_keys(struct mandate *m, const struct mandate_signers *signers,
    struct err *err)
{
	struct mandate_keys k = {0};

	if (!is_pubkey(js_get(m->body, "root"), &m->root) ||
	    !is_pubkey(js_get(m->body, "log"), &k.log) ||
	    !is_pubkey(js_get(m->body, "witness"), &k.witness))
		return err_set(err, ERR_INPUT,
		    "charter: 'root', 'log' and "
		    "'witness' must be Ed25519 "
		    "keys in hexadecimal");
	if (key_eq(&k.log, &k.witness) || key_eq(&k.log, &m->root) ||
	    key_eq(&k.witness, &m->root))
		return err_set(err, ERR_INPUT,
		    "charter: one key serves two roles");
	if (age_box_parse(js_str(js_get(m->body, "box")), &k.box, err) != 0)
		return err_in(err, "charter: 'box': ");
	if (!has_signer(signers, &m->root))
		return err_set(err, ERR_INPUT,
		    "charter: not signed by the root key that it names");
	if (arena_grow(&m->arena, &m->keys, &m->cap_keys, 1, sizeof(k)) != 0)
		return err_nomem(err, "a charter");
	m->keys[m->n_keys++] = k;
	return 0;
}

static int
read_witnesses(struct mandate *m, struct err *err)
{
	const struct js *list = js_get(m->body, "witnesses");

	if (list != NULL && js_type(list) != JS_LIST)
		return err_set(err, ERR_INPUT,
		    "charter: 'witnesses' must be a list");
	if (list != NULL && js_type(list) != JS_LIST)
		return err_set(err, ERR_INPUT,
		    "charter: 'witnesses' is no "
		    "list");
	m->n_witnesses = js_len(list);
	if (m->n_witnesses > MANDATE_WITNESSES_MAX)
		return err_set(err, ERR_INPUT,
		    "charter: more than %d witnesses", MANDATE_WITNESSES_MAX);
	for (size_t i = 0; i < m->n_witnesses; i++) {
		if (note_key_parse(js_str(js_at(list, i)), &m->witness[i],
			err) != 0)
			return err_in(err, "charter: witness %zu: ", i + 1);
		if (m->witness[i].type != NOTE_COSIGNATURE)
			return err_set(err, ERR_INPUT,
			    "charter: witness %zu is no key for cosignatures",
			    i + 1);
	}
	return 0;
}

static int
read_officers(struct mandate *m, const struct act *charter, struct err *err)
{
	const struct js *officers = js_get(m->body, "officers");
	const struct js *demands = js_get(m->body, "demands");

	if (js_type(officers) != JS_LIST ||
	    js_len(officers) > MANDATE_OFFICERS_MAX)
		return err_set(err, ERR_INPUT,
		    "charter: 'officers' is no list, or has more than %d",
		    MANDATE_OFFICERS_MAX);
	if (demands != NULL && !is_demands(demands))
		return err_set(err, ERR_INPUT,
		    "charter: its officers or demands are malformed");
	for (size_t i = 0; i < js_len(officers); i++) {
		if (!is_officer(js_at(officers, i)))
			return err_set(err, ERR_INPUT,
			    "charter: its officers or demands are malformed: "
			    "officer %zu",
			    i + 1);
		if (add_officer(m, js_at(officers, i), charter, 0, err) != 0)
			return -1;
	}
	return demands == NULL ? 0 : set_demands(m, demands, 0, err);
}

static int
read_charter(struct mandate *m, const struct act *charter,
    const struct mandate_signers *signers, struct err *err)
{
	static const char *const must[] = {"names", "origin", "root", "log",
	    "witness", "box", "officers", NULL};
	static const char *const may[] = {"demands", "witnesses", "addresses",
	    NULL};

	if (!str_is(charter->kind, "party/charter") || !charter->opens ||
	    charter->to.type != AUDIENCE_PUBLIC || charter->has_procedure)
		return err_set(err, ERR_INPUT,
		    "charter: kind must be "
		    "party/charter, to public, "
		    "without a procedure");
	if (keep_body(m, charter->body, &m->body, err) != 0)
		return -1;
	if (!has_fields(m->body, must, may))
		return err_set(err, ERR_INPUT,
		    "charter: its body lacks a field or has an unknown one");
	m->charter = charter->id;
	if (read_names(m, charter, err) != 0 ||
	    read_keys(m, signers, err) != 0 || read_witnesses(m, err) != 0)
		return -1;
	return read_officers(m, charter, err);
}

int
mandate_new(const struct act *charter, const struct mandate_signers *signers,
    struct mandate **ret, struct err *err)
{
	struct mandate *m = mem_alloc(1, sizeof(*m));

	if (m == NULL)
		return err_nomem(err, "a charter");
	arena_init(&m->arena, FILE_MAX);
	if (read_charter(m, charter, signers, err) != 0) {
		mandate_free(m);
		return -1;
	}
	*ret = m;
	return 0;
}

void
mandate_free(struct mandate *m)
{
	if (m != NULL)
		arena_release(&m->arena);
	mem_free(m);
}

struct str
mandate_party(const struct mandate *m)
{
	return m->party;
}

struct str
mandate_origin(const struct mandate *m)
{
	return m->origin;
}

struct str
mandate_witness_name(const struct mandate *m)
{
	return m->witness_name;
}

const struct pubkey *
mandate_root(const struct mandate *m)
{
	return &m->root;
}

const struct js *
mandate_body(const struct mandate *m)
{
	return m->body;
}

const struct mandate_keys *
mandate_keys_at(const struct mandate *m, uint64_t size)
{
	size_t i = m->n_keys - 1;

	while (i > 0 && m->keys[i].from >= size)
		i--;
	return &m->keys[i];
}

struct note_key
mandate_log_key(const struct mandate *m, uint64_t size)
{
	return note_key_of(m->origin, NOTE_ED25519,
	    &mandate_keys_at(m, size)->log);
}

struct note_key
mandate_witness_key(const struct mandate *m)
{
	return note_key_of(m->witness_name, NOTE_COSIGNATURE,
	    &m->keys[m->n_keys - 1].witness);
}

size_t
mandate_keys(const struct mandate *m, const struct mandate_keys **ret)
{
	*ret = m->keys;
	return m->n_keys;
}

size_t
mandate_witnesses(const struct mandate *m, const struct note_key **ret)
{
	*ret = m->witness;
	return m->n_witnesses;
}

size_t
mandate_officers(const struct mandate *m, const struct mandate_officer **ret)
{
	*ret = m->officer;
	return m->n_officers;
}

size_t
mandate_demands(const struct mandate *m, const struct mandate_demand **ret)
{
	const struct demands *d =
	    m->n_demands == 0 ? NULL : &m->demands[m->n_demands - 1];

	*ret = d == NULL ? NULL : d->demand;
	return d == NULL ? 0 : d->n;
}

bool
mandate_is_kind(struct str kind)
{
	return str_starts(kind, STR("party/"));
}

static bool
has_power(const struct mandate_officer *o, struct str kind)
{
	for (size_t i = 0; i < o->n; i++)
		if (text_is_match(o->power[i], kind))
			return true;
	return false;
}

int64_t
mandate_wanted(const struct mandate *m, struct str kind, uint64_t index)
{
	const struct demands *d = NULL;
	int64_t want = 1;

	for (size_t i = 0; i < m->n_demands; i++)
		if (m->demands[i].from < index) /* M1 */
			d = &m->demands[i];
	for (size_t i = 0; d != NULL && i < d->n; i++)
		if (text_is_match(d->demand[i].kind, kind) &&
		    d->demand[i].signatures > want)
			want = d->demand[i].signatures;
	return want;
}

const char *
mandate_broken(const struct mandate *m, struct str kind, uint64_t index,
    const struct mandate_signers *signers)
{
	int64_t want, have = 0;

	for (size_t i = 0; i < COUNT(file_act); i++)
		if (str_eq(kind, file_act[i].kind) && file_act[i].root_only)
			return has_signer(signers, &m->root) ? NULL
			                                     : "no-mandate";
	if (mandate_is_kind(kind) && has_signer(signers, &m->root))
		return NULL;
	want = mandate_wanted(m, kind, index);
	for (size_t s = 0; s < signers->n; s++) {
		bool good = false;

		for (size_t i = 0; i < m->n_officers && !good; i++) {
			const struct mandate_officer *o = &m->officer[i];
			good = key_eq(&o->key, &signers->key[s]) &&
			       o->from < index && index <= o->until && /* M1 */
			       has_power(o, kind);
		}
		have += good;
	}
	return have >= want ? NULL
	       : have == 0  ? "no-mandate"
	                    : "too-few-signatures";
}

const char *
mandate_broken_alone(const struct mandate *m, struct str kind, uint64_t index,
    const struct pubkey *key)
{
	struct mandate_signers one = {.n = 1, .key[0] = *key};

	return mandate_broken(m, kind, index, &one);
}

/* ---- acts of the file: what breaks a rule, then what it does ---- */

static const char *
check_grant(const struct mandate *m, const struct js *body, size_t *ret_text)
{
	if (!is_officer(body))
		return "bad-form";
	*ret_text = officer_text(body);
	return m->n_officers < MANDATE_OFFICERS_MAX ? NULL : "file-full";
}

static int
apply_grant(struct mandate *m, const struct act *act, uint64_t index,
    struct err *err)
{
	return add_officer(m, act->body, act, index, err);
}

static const char *
check_revoke(const struct mandate *m, const struct js *body, size_t *ret_text)
{
	static const char *const must[] = {"officer", NULL};
	static const char *const may[] = {"reason", NULL};
	struct str name = js_str(js_get(body, "officer"));

	(void)ret_text; /* the table's common form */
	if (!has_fields(body, must, may))
		return "bad-form";
	for (size_t i = 0; i < m->n_officers; i++)
		if (str_eq(m->officer[i].name, name) &&
		    m->officer[i].until == UINT64_MAX)
			return NULL;
	return "nothing-to-undo";
}

static int
apply_revoke(struct mandate *m, const struct act *act, uint64_t index,
    struct err *err)
{
	struct str name = js_str(js_get(act->body, "officer"));

	(void)err; /* the table's common form */
	for (size_t i = 0; i < m->n_officers; i++) {
		struct mandate_officer *o = &m->officer[i];

		if (str_eq(o->name, name) && o->until == UINT64_MAX)
			o->until = index;
	}
	return 0;
}

static bool
has_new_keys(const struct mandate *m, const struct js *body,
    struct mandate_keys *ret)
{
	struct mandate_keys k = m->keys[m->n_keys - 1];
	struct err bad;

	if ((js_get(body, "log") != NULL &&
		!is_pubkey(js_get(body, "log"), &k.log)) ||
	    (js_get(body, "witness") != NULL &&
		!is_pubkey(js_get(body, "witness"), &k.witness)) ||
	    (js_get(body, "box") != NULL &&
		age_box_parse(js_str(js_get(body, "box")), &k.box, &bad) !=
		    0) ||
	    key_eq(&k.log, &k.witness) || key_eq(&k.log, &m->root) ||
	    key_eq(&k.witness, &m->root))
		return false;
	*ret = k;
	return true;
}

static const char *
check_keys(const struct mandate *m, const struct js *body, size_t *ret_text)
{
	static const char *const must[] = {NULL};
	static const char *const may[] = {"log", "witness", "box", NULL};
	struct mandate_keys k;

	(void)ret_text; /* the table's common form */
	return has_fields(body, must, may) && js_len(body) > 0 &&
	               has_new_keys(m, body, &k)
	           ? NULL
	           : "bad-form";
}

static int
apply_keys(struct mandate *m, const struct act *act, uint64_t index,
    struct err *err)
{
	struct mandate_keys k = m->keys[m->n_keys - 1];

	(void)has_new_keys(m, act->body, &k); /* check_keys() looked */
	if (arena_grow(&m->arena, &m->keys, &m->cap_keys, m->n_keys + 1,
		sizeof(k)) != 0)
		return err_nomem(err, "a mandate");
	k.from = index;
	m->keys[m->n_keys++] = k;
	return 0;
}

static const char *
check_demand(const struct mandate *m, const struct js *body, size_t *ret_text)
{
	static const char *const must[] = {"demands", NULL};
	static const char *const may[] = {NULL};

	(void)m; /* the table's common form */
	if (!has_fields(body, must, may) ||
	    !is_demands(js_get(body, "demands")))
		return "bad-form";
	*ret_text = demands_text(js_get(body, "demands"));
	return NULL;
}

static int
apply_demand(struct mandate *m, const struct act *act, uint64_t index,
    struct err *err)
{
	return set_demands(m, js_get(act->body, "demands"), index, err);
}

static size_t
row_of(struct str kind)
{
	size_t i = 0;

	while (i < COUNT(file_act) && !str_eq(kind, file_act[i].kind))
		i++;
	return i;
}

const char *
mandate_try(const struct mandate *m, const struct act *act, uint64_t index,
    const struct mandate_signers *signers)
{
	const char *broken = mandate_broken(m, act->kind, index, signers);
	size_t i = row_of(act->kind), text = 0;

	if (broken != NULL)
		return broken;
	if (i == COUNT(file_act))
		return "unknown-act";
	if (act->to.type != AUDIENCE_PUBLIC)
		return "narrow-audience"; /* whoever verifies must read it */
	if ((broken = file_act[i].check(m, act->body, &text)) != NULL)
		return broken;
	return m->n_acts < MANDATE_ACTS_MAX && text <= MANDATE_TEXT_MAX &&
	               m->text <= MANDATE_TEXT_MAX - text
	           ? NULL
	           : "file-full";
}

int
mandate_apply(struct mandate *m, const struct act *act, uint64_t index,
    const struct mandate_signers *signers, const char **ret_broken,
    struct err *err)
{
	const char *broken = mandate_try(m, act, index, signers);

	if (broken == NULL &&
	    file_act[row_of(act->kind)].apply(m, act, index, err) != 0)
		return -1;
	m->n_acts += broken == NULL;
	*ret_broken = broken;
	return 0;
}
