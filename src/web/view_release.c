/* Acts that wait for a second officer. */
#include "base/num.h"
#include "record/encode.h"
#include "web/body.h"
#include "web/view.h"

struct release { /* one that waits, opened */
	const struct act *act;
	struct dsse d;
	struct mandate_signers signers;
	int64_t added_us;
	const struct procedure *p; /* NULL: of the party's file, or unknown */
	bool found;                /* its matter is here */
	struct store_matter row;
};

static int
open_release(struct view *v, const struct store_waiting *w, struct release *ret,
    struct err *err)
{
	struct release r = {.added_us = w->added_us};

	if (dsse_parse(w->envelope, v->q.a, &r.d, err) != 0 ||
	    mandate_open_act(&r.d, v->q.a, &r.act, &r.signers, err) != 0)
		return err_in(err, "stored release: ");
	if (!r.act->opens && store_matter_by_id(v->q.s, &r.act->matter, v->q.a,
				 &r.found, &r.row, err) != 0)
		return -1;
	if (r.act->has_procedure)
		r.p = node_procedure(v->q.n, &r.act->procedure_id);
	else if (r.found)
		r.p = node_procedure(v->q.n, &r.row.procedure);
	*ret = r;
	return 0;
}

static bool
has_signed(const struct release *r, const struct pubkey *key)
{
	for (size_t i = 0; i < r->signers.n; i++)
		if (key_eq(&r->signers.key[i], key))
			return true;
	return false;
}

/* May this officer sign it, were it not signed by this officer already? */
static bool
has_power(struct view *v, const struct release *r)
{
	const struct member *own = v->q.n->own;
	const char *broken;

	if (v->reader != WEB_OFFICER)
		return false;
	broken = mandate_broken_alone(own->mandate, r->act->kind, own->log.size,
	    &v->officer.key);
	return broken == NULL || !str_is(str_of(broken), "no-mandate");
}

/* By what name a key is known, at this moment or the last time. */
static struct str
name_of(struct view *v, const struct pubkey *key)
{
	const struct mandate_officer *o;
	size_t n = mandate_officers(v->q.n->own->mandate, &o);
	struct str name = hex_str(v->q.a, key->b, sizeof(key->b));

	for (size_t i = 0; i < n; i++)
		if (key_eq(&o[i].key, key))
			name = o[i].name;
	return name;
}

static void
put_signers(struct view *v, struct js *j, const struct release *r)
{
	struct js *list = js_put_list(&v->make, j, "signed"), *one;

	for (size_t i = 0; i < r->signers.n; i++) {
		one = js_put_map(&v->make, list, NULL);
		js_put_str(&v->make, one, "officer",
		    name_of(v, &r->signers.key[i]));
		js_put_hex(&v->make, one, "key", r->signers.key[i].b, 32);
	}
}

static void
put_release(struct view *v, struct js *j, const struct release *r)
{
	const struct member *own = v->q.n->own;
	struct js_make *m = &v->make;
	int64_t ends_us = r->act->at_us + NODE_RELEASE_S * INT64_C(1000000);
	int64_t have = (int64_t)r->signers.n; /* at most 16 */
	int64_t want =
	    mandate_wanted(own->mandate, r->act->kind, own->log.size);

	js_put_hex(m, j, "release", r->act->id.b, 32);
	js_put_str(m, j, "kind", r->act->kind);
	js_put_str(m, j, "act", r->act->name);
	js_put_bool(m, j, "own_file", mandate_is_kind(r->act->kind));
	view_title(v, j, "title", r->p, "acts",
	    r->p == NULL ? r->act->kind : r->act->name);
	view_title(v, j, "procedure_title", r->p, NULL, r->act->procedure);
	if (r->found) {
		js_put_str(m, j, "cite",
		    query_cite(&v->q, r->row.party, r->row.idx));
		js_put_str(m, j, "subject", r->row.subject);
	} else {
		js_put_null(m, j, "cite");
		js_put_null(m, j, "subject");
	}
	view_time(v, j, "at", true, r->act->at_us);
	view_time(v, j, "added", true, r->added_us);
	view_time(v, j, "until", true, ends_us);
	js_put_int(m, j, "left_us", ends_us - v->q.now_us);
	js_put_bool(m, j, "over", ends_us < v->q.now_us);
	js_put_int(m, j, "have", have);
	js_put_int(m, j, "want", want);
	js_put_int(m, j, "lacks", want > have ? want - have : 0);
	put_signers(v, j, r);
	js_put_bool(m, j, "mine",
	    v->reader == WEB_OFFICER && has_signed(r, &v->officer.key));
	js_put_bool(m, j, "may_sign",
	    ends_us >= v->q.now_us && has_power(v, r) &&
		!has_signed(r, &v->officer.key));
}

int
view_releases_put(struct view *v, struct js *in, const char *key,
    struct err *err)
{
	struct js *list = js_put_list(&v->make, in, key);
	struct store_waiting *w;
	size_t n;

	if (store_waiting_list(v->q.s, v->q.a, &w, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct release r;

		if (open_release(v, &w[i], &r, err) != 0)
			return -1;
		put_release(v, js_put_map(&v->make, list, NULL), &r);
	}
	return 0;
}

int
view_releases(struct view *v, struct err *err)
{
	if (view_releases_put(v, v->model, "releases", err) != 0)
		return -1;
	js_put_int(&v->make, v->model, "count",
	    (int64_t)js_len(js_get(v->model, "releases")));
	return 0;
}

/* ---- one ---- */

static int
id_of(struct view *v, struct id *ret, struct err *err)
{
	if (!hex_is_parsed(v->part[0], ret->b, sizeof(ret->b)))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no act's id: 64 hexadecimal digits",
		    STR_ARG(v->part[0]));
	return 0;
}

static int
find_release(struct view *v, struct release *ret, struct err *err)
{
	struct store_waiting w;
	struct id id;
	bool found;

	if (id_of(v, &id, err) != 0 ||
	    store_waiting(v->q.s, &id, v->q.a, &found, &w, err) != 0)
		return -1;
	if (!found)
		return err_set(err, ERR_ABSENT,
		    "no act with this id waits for signatures here: it was "
		    "released or withdrawn");
	return open_release(v, &w, ret, err);
}

static struct str
cite_hex(void *ctx, struct str hex)
{
	struct view *v = ctx;
	struct id id;
	struct str cite = {NULL, 0};

	if (hex_is_parsed(hex, id.b, sizeof(id.b)))
		cite = query_cite_of(&v->q, &id);
	return cite.n > 0 ? cite : hex;
}

static bool
has_file(void *ctx, const struct id *sha256)
{
	return view_has_file(ctx, sha256);
}

int
view_release(struct view *v, struct err *err)
{
	struct body_look look = {.make = &v->make,
	    .ctx = v,
	    .cite = cite_hex,
	    .has_file = has_file};
	struct release r;

	if (find_release(v, &r, err) != 0)
		return -1;
	look.p = r.p;
	put_release(v, v->model, &r);
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	view_audience(&v->make, v->model, &r.act->to);
	view_cite(v, v->model, "answers", r.act->has_answers, &r.act->answers);
	view_cite(v, v->model, "amends", r.act->has_amends, &r.act->amends);
	body_put(&look, v->model, "fields", r.act->name, r.act->body);
	js_put_str(&v->make, v->model, "payload", span_str(r.d.payload));
	return 0;
}

/* ---- what changes them ---- */

static void
put_done(struct view *v, const struct node_release *r)
{
	if (!r->waits) {
		view_posted(v, &r->receipt);
	} else {
		v->ans.status = 202;
		js_put_hex(&v->make, v->model, "id", r->act.b, 32);
		js_put_null(&v->make, v->model, "cite");
		js_put_null(&v->make, v->model, "matter");
		js_put_null(&v->make, v->model, "state");
		js_put_bool(&v->make, v->model, "was_known", false);
	}
	js_put_hex(&v->make, v->model, "release", r->act.b, 32);
	js_put_bool(&v->make, v->model, "waits", r->waits);
	js_put_int(&v->make, v->model, "have", r->have);
	js_put_int(&v->make, v->model, "want", r->want);
}

int
view_release_add(struct view *v, struct err *err)
{
	struct node_release r;

	if (node_release(v->q.n, v->request->body, &r, err) != 0)
		return -1;
	put_done(v, &r);
	return 0;
}

int
view_release_sign(struct view *v, struct err *err)
{
	struct dsse_signature sig;
	struct node_release r;
	const struct js *body;
	struct id id;

	if (id_of(v, &id, err) != 0 || view_json(v, &body, err) != 0)
		return -1;
	sig.keyid = js_str(js_get(body, "keyid"));
	if (!encode_is_b64(js_str(js_get(body, "sig")), sig.sig.b,
		sizeof(sig.sig.b)))
		return err_set(err, ERR_INPUT,
		    "request: wants 'keyid' (the key, 64 hexadecimal digits) "
		    "and 'sig' (base64 of 64 bytes)");
	if (node_release_sign(v->q.n, &id, &sig, &r, err) != 0)
		return -1;
	put_done(v, &r);
	return 0;
}

int
view_release_withdraw(struct view *v, struct err *err)
{
	struct query look = v->q;
	struct release r;
	bool may;
	struct id id;
	int rc;

	if (id_of(v, &id, err) != 0 ||
	    query_open(v->q.n, v->q.a, &v->q, err) != 0)
		return -1;
	rc = find_release(v, &r, err);
	may = rc == 0 && (v->reader == WEB_OPERATOR || has_power(v, &r) ||
			     has_signed(&r, &v->officer.key));
	query_close(&v->q);
	v->q = look;
	if (rc != 0)
		return -1;
	if (!may)
		return err_set(err, ERR_DENIED,
		    "who has the power to sign this kind withdraws it");
	if (node_release_withdraw(v->q.n, &id, err) != 0)
		return -1;
	js_put_hex(&v->make, v->model, "release", id.b, 32);
	return 0;
}
