/* Enrolment of keys, and who may sign what. */
#include <qrencode.h>
#include <string.h>

#include "base/num.h"
#include "record/words.h"
#include "web/enrol.h"
#include "web/view.h"

static int
need(struct view *v, struct err *err)
{
	return v->w->enrolments != NULL
	           ? 0
	           : err_set(err, ERR_ABSENT,
			 "no key waits in a folder: 'comity serve' runs its "
			 "node");
}

static int
key_of_hex(struct str hex, struct pubkey *ret, struct err *err)
{
	if (!hex_is_parsed(hex, ret->b, sizeof(ret->b)))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no key: 64 hexadecimal digits", STR_ARG(hex));
	return 0;
}

/* ---- a key's standing: whoever has the key may ask ---- */

/* The latest grant to a key; a newer one with the same name ends an older. */
static const struct mandate_officer *
grant_of(struct view *v, const struct pubkey *key)
{
	const struct mandate_officer *o, *ret = NULL;
	size_t n = mandate_officers(v->q.n->own->mandate, &o);

	for (size_t i = 0; i < n; i++)
		if (key_eq(&o[i].key, key) &&
		    (ret == NULL || o[i].until >= ret->until))
			ret = &o[i];
	return ret;
}

static int
put_standing(struct view *v, const struct pubkey *key, struct err *err)
{
	const struct mandate_officer *o = grant_of(v, key);
	struct enrol_wish wish;
	bool waits = enrol_find(v->w->enrolments, key, v->q.now_us, &wish);
	bool granted = o != NULL && o->until == UINT64_MAX;
	struct str words;

	if (words_of_key(key, v->q.a, &words, err) != 0)
		return -1;
	js_put_hex(&v->make, v->model, "key", key->b, sizeof(key->b));
	js_put_str(&v->make, v->model, "words", words);
	js_put_z(&v->make, v->model, "state",
	    granted     ? "granted"
	    : waits     ? "waiting"
	    : o != NULL ? "ended"
			: "unknown");
	if (o == NULL)
		js_put_null(&v->make, v->model, "officer");
	else
		js_put_str(&v->make, v->model, "officer", o->name);
	v->ans.caching = "no-store"; /* a wish is no change of the record */
	return 0;
}

int
view_enrolment(struct view *v, struct err *err)
{
	struct pubkey key;

	if (need(v, err) != 0 || key_of_hex(v->part[0], &key, err) != 0)
		return -1;
	return put_standing(v, &key, err);
}

int
view_enrolment_add(struct view *v, struct err *err)
{
	const struct js *body;
	struct pubkey key;

	if (need(v, err) != 0 || view_json(v, &body, err) != 0 ||
	    key_of_hex(js_str(js_get(body, "key")), &key, err) != 0)
		return -1;
	if (enrol_add(v->w->enrolments, &key, js_str(js_get(body, "name")),
		v->request->address, v->q.now_us, err) != 0)
		return -1;
	v->ans.status = 201;
	return put_standing(v, &key, err);
}

int
view_enrolment_remove(struct view *v, struct err *err)
{
	struct pubkey key;

	if (need(v, err) != 0 || key_of_hex(v->part[0], &key, err) != 0)
		return -1;
	enrol_remove(v->w->enrolments, &key);
	js_put_hex(&v->make, v->model, "key", key.b, sizeof(key.b));
	return 0;
}

int
view_enrol(struct view *v, struct err *err)
{
	(void)err; /* the common form */
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	return 0;
}

/* ---- officers ---- */

/* When an act of the party's file was logged; nothing where it is not held. */
static void
put_granted(struct view *v, struct js *j, const char *key,
    const struct member *m, uint64_t idx)
{
	struct store_act stored;
	const struct act *act;
	struct err err;
	bool found = false;

	if (idx != UINT64_MAX &&
	    store_act_by_entry(v->q.s, m->no, idx, v->q.a, &found, &stored,
		&err) == 0 &&
	    found && act_parse(stored.payload, v->q.a, &act, &err) == 0)
		view_time(v, j, key, true, act->at_us);
	else
		js_put_null(&v->make, j, key);
}

/* What the grant says of its end: for people alone (docs/format/charter.md). */
static void
put_intended(struct view *v, struct js *j, const struct mandate_officer *o)
{
	struct store_act stored;
	const struct act *act;
	const struct js *until = NULL;
	struct err err;
	bool found = false;

	if (store_act_by_id(v->q.s, &o->granted, v->q.a, &found, &stored,
		&err) == 0 &&
	    found && act_parse(stored.payload, v->q.a, &act, &err) == 0)
		until = js_get(act->body, "until");
	if (js_type(until) == JS_TEXT)
		js_put_str(&v->make, j, "ends", js_str(until));
	else
		js_put_null(&v->make, j, "ends");
}

void
view_mandate(struct view *v, struct js *j, const struct member *m,
    const struct mandate_officer *o)
{
	struct js *powers;
	struct str words;
	struct err err;

	js_put_str(&v->make, j, "officer", o->name);
	js_put_hex(&v->make, j, "key", o->key.b, sizeof(o->key.b));
	if (words_of_key(&o->key, v->q.a, &words, &err) == 0)
		js_put_str(&v->make, j, "words", words);
	powers = js_put_list(&v->make, j, "powers");
	for (size_t k = 0; k < o->n; k++)
		js_put_str(&v->make, powers, NULL, o->power[k]);
	js_put_str(&v->make, j, "from", query_cite(&v->q, m->no, o->from));
	put_granted(v, j, "granted", m, o->from);
	put_intended(v, j, o);
	js_put_bool(&v->make, j, "in_force", o->until == UINT64_MAX);
	if (o->until == UINT64_MAX)
		js_put_null(&v->make, j, "until");
	else
		js_put_str(&v->make, j, "until",
		    query_cite(&v->q, m->no, o->until));
}

static int
put_waiting(struct view *v, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "waiting");
	struct enrol_wish *w =
	    arena_array(v->q.a, ENROL_MAX, struct enrol_wish);
	size_t n;

	if (w == NULL)
		return err_nomem(err, "enrolments");
	n = v->w->enrolments == NULL || v->reader == WEB_PUBLIC
	        ? 0
	        : enrol_list(v->w->enrolments, v->q.now_us, w);
	for (size_t i = 0; i < n; i++) {
		const struct mandate_officer *o = grant_of(v, &w[i].key);
		struct js *j;
		struct str words;

		if (o != NULL && o->until == UINT64_MAX)
			continue; /* its wish was granted */
		if (words_of_key(&w[i].key, v->q.a, &words, err) != 0)
			return -1;
		j = js_put_map(&v->make, list, NULL);
		js_put_z(&v->make, j, "name", w[i].name);
		js_put_hex(&v->make, j, "key", w[i].key.b, 32);
		js_put_str(&v->make, j, "words", words);
		view_time(v, j, "at", true, w[i].at_us);
		view_time(v, j, "until", true,
		    w[i].at_us + ENROL_S * INT64_C(1000000));
	}
	return 0;
}

static void
put_demands(struct view *v, const struct member *m)
{
	struct js *list = js_put_list(&v->make, v->model, "demands");
	const struct mandate_demand *d;
	size_t n = mandate_demands(m->mandate, &d);

	for (size_t i = 0; i < n; i++) {
		struct js *j = js_put_map(&v->make, list, NULL);

		js_put_str(&v->make, j, "kind", d[i].kind);
		js_put_int(&v->make, j, "signatures", d[i].signatures);
	}
}

/* What a mandate or a demand can be for: all of a procedure, by its title. */
static void
put_kinds(struct view *v)
{
	struct js *list = js_put_list(&v->make, v->model, "procedures");
	struct node *n = v->q.n;

	for (size_t i = 0; i < n->n_loaded; i++) {
		const struct procedure *p = n->loaded[i].p;
		struct js *j;

		if (view_procedure_named(n, procedure_name(p)) != p)
			continue;
		j = js_put_map(&v->make, list, NULL);
		js_put_str(&v->make, j, "power",
		    str_fmt(v->q.a, "%.*s/*", STR_ARG(procedure_name(p))));
		view_title(v, j, "title", p, NULL, procedure_name(p));
	}
}

static void
put_may(struct view *v)
{
	static const char *const act[] = {"grant", "revoke", "demand"};
	const struct member *own = v->q.n->own;
	struct js *may = js_put_map(&v->make, v->model, "may");

	for (size_t i = 0; i < COUNT(act); i++) {
		const char *broken = "no-mandate";

		if (v->reader == WEB_OFFICER)
			broken = mandate_broken_alone(own->mandate,
			    str_fmt(v->q.a, "party/%s", act[i]), own->log.size,
			    &v->officer.key);
		js_put_bool(&v->make, may, act[i],
		    broken == NULL || strcmp(broken, "no-mandate") != 0);
	}
}

/* For templates, which ask no lengths. */
static void
put_counts(struct view *v, const struct mandate_officer *o, size_t n)
{
	const struct js *m = v->model;
	size_t in_force = 0;

	for (size_t i = 0; i < n; i++)
		in_force += o[i].until == UINT64_MAX;
	js_put_int(&v->make, v->model, "waiting_count",
	    (int64_t)js_len(js_get(m, "waiting"))); /* few */
	js_put_bool(&v->make, v->model, "has_waiting",
	    js_len(js_get(m, "waiting")) > 0);
	js_put_bool(&v->make, v->model, "has_demands",
	    js_len(js_get(m, "demands")) > 0);
	js_put_bool(&v->make, v->model, "has_officers", in_force > 0);
	js_put_bool(&v->make, v->model, "has_past", in_force < n);
	js_put_str(&v->make, v->model, "address",
	    v->request->host.n == 0
		? STR("/enrol")
		: str_fmt(v->q.a, "%.*s/enrol", STR_ARG(v->request->host)));
}

int
view_officers(struct view *v, struct err *err)
{
	struct str code = view_param(v, "party");
	struct member *m =
	    code.p == NULL ? v->q.n->own : node_member(v->q.n, code);
	const struct mandate_officer *o;
	struct js *list;
	size_t count;

	if (m == NULL)
		return err_set(err, ERR_ABSENT, "no party '%.*s' here",
		    STR_ARG(code));
	count = mandate_officers(m->mandate, &o);
	js_put_z(&v->make, v->model, "party", m->code);
	js_put_hex(&v->make, v->model, "charter", m->charter.b, 32);
	js_put_bool(&v->make, v->model, "own_file", m->own);
	list = js_put_list(&v->make, v->model, "officers");
	for (size_t i = 0; i < count; i++)
		view_mandate(v, js_put_map(&v->make, list, NULL), m, &o[i]);
	put_demands(v, m);
	put_kinds(v);
	put_may(v);
	if (put_waiting(v, err) != 0)
		return -1;
	put_counts(v, o, count);
	return 0;
}

/* ---- a code to scan ---- */

enum { QUIET = 4 }; /* modules around it (ISO/IEC 18004) */

static int
svg(struct view *v, const QRcode *qr, struct str *ret, struct err *err)
{
	size_t w = (size_t)qr->width; /* 177 at most */
	struct buf b;

	buf_init(&b, v->q.a);
	buf_fmt(&b,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %zu %zu\" "
	    "shape-rendering=\"crispEdges\"><path fill=\"#fff\" "
	    "d=\"M0 0h%zuv%zuH0z\"/><path d=\"",
	    w + 2 * QUIET, w + 2 * QUIET, w + 2 * QUIET, w + 2 * QUIET);
	for (size_t i = 0; i < w * w; i++)
		if ((qr->data[i] & 1) != 0)
			buf_fmt(&b, "M%zu %zuh1v1h-1z", i % w + QUIET,
			    i / w + QUIET);
	buf_z(&b, "\"/></svg>");
	return buf_done(&b, ret, err);
}

/* The 64 digits alone, in capitals: a code holds those tighter. */
int
view_qr(struct view *v, struct err *err)
{
	struct pubkey key;
	struct str text;
	char upper[65] = {0};
	QRcode *qr;
	int rc;

	if (key_of_hex(v->part[0], &key, err) != 0)
		return -1;
	for (size_t i = 0; i < 64; i++) {
		char c = v->part[0].p[i];

		upper[i] = (char)(c >= 'a' ? c - 32 : c);
	}
	qr = QRcode_encodeString(upper, 0, QR_ECLEVEL_M, QR_MODE_8, 0);
	if (qr == NULL)
		return err_nomem(err, "a code");
	rc = svg(v, qr, &text, err);
	QRcode_free(qr);
	if (rc != 0)
		return -1;
	view_bytes(v, "image/svg+xml", span_of(text));
	v->ans.caching = "public, max-age=86400, immutable";
	return 0;
}
