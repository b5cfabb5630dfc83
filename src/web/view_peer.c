/* Peers. */
#include <string.h>

#include "base/num.h"
#include "node/http.h"
#include "web/view.h"

enum { CHARTER_MAX = 1024 * 1024 };

int
view_peers(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct js *list = js_put_list(&v->make, v->model, "peers");
	struct store_party *p;
	size_t count;

	if (store_party_list(v->q.s, v->q.a, &p, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct member *m = node_member_by_no(n, p[i].no);
		struct js *j;

		if (m == NULL)
			continue;
		j = js_put_map(&v->make, list, NULL);
		js_put_z(&v->make, j, "party", m->code);
		js_put(&v->make, j, "names", view_names(m));
		js_put_hex(&v->make, j, "charter", m->charter.b, 32);
		js_put_hex(&v->make, j, "fingerprint", m->charter.b, 32);
		js_put_str(&v->make, j, "address", p[i].address);
		js_put_bool(&v->make, j, "own", m->own);
		js_put_int(&v->make, j, "size",
		    (int64_t)m->log.size); /* below 2^63 */
	}
	return 0;
}

/* Ask an address for its charter. */
static int
fetch_charter(struct view *v, struct str address, struct span *ret,
    struct err *err)
{
	struct http_request q = {.method = "GET",
	    .timeout_ms = 10000,
	    .answer_max = CHARTER_MAX};
	struct http_answer ans;
	struct http_client *c;
	int rc;

	if (address.n == 0)
		return err_set(err, ERR_INPUT, "request: lacks 'address'");
	q.url = str_fmt(v->q.a, "%.*s/charter", STR_ARG(address));
	if (http_open(v->q.n->settings.authorities.p, &c, err) != 0)
		return -1;
	rc = http_ask(c, &q, v->q.a, &ans, err);
	http_close(c);
	if (rc != 0)
		return -1;
	if (ans.status != 200)
		return err_set(err, ERR_IO,
		    "%.*s answers %d: no Comity node is there",
		    STR_ARG(address), ans.status);
	*ret = ans.body;
	return 0;
}

static int
open_charter(struct view *v, struct span envelope, struct judged *j,
    struct err *err)
{
	struct mandate *m;

	if (node_open_envelope(envelope, v->q.a, j, err) != 0 ||
	    mandate_new(j->act, &j->signers, &m, err) != 0)
		return -1;
	mandate_free(m);
	return 0;
}

int
view_peer_look(struct view *v, struct err *err)
{
	const struct js *body;
	struct str address;
	struct span envelope;
	struct judged j;
	bool known;

	if (view_json(v, &body, err) != 0)
		return -1;
	address = js_str(js_get(body, "address"));
	if (fetch_charter(v, address, &envelope, err) != 0 ||
	    open_charter(v, envelope, &j, err) != 0)
		return -1;
	(void)pthread_rwlock_rdlock(&v->q.n->state);
	known = node_member_by_charter(v->q.n, &j.act->id) != NULL;
	(void)pthread_rwlock_unlock(&v->q.n->state);
	js_put_str(&v->make, v->model, "party", j.act->party);
	js_put(&v->make, v->model, "names", js_get(j.act->body, "names"));
	js_put_hex(&v->make, v->model, "charter", j.act->id.b, 32);
	js_put_hex(&v->make, v->model, "fingerprint", j.act->id.b, 32);
	js_put_str(&v->make, v->model, "address", address);
	js_put_bool(&v->make, v->model, "known", known);
	return 0;
}

/* By address, with the charter id that was compared; or by its envelope. */
int
view_peer_add(struct view *v, struct err *err)
{
	const struct js *body, *env;
	struct span envelope;
	struct str address, text;
	struct judged j;
	struct id want;

	if (view_json(v, &body, err) != 0)
		return -1;
	address = js_str(js_get(body, "address"));
	env = js_get(body, "envelope");
	if (env != NULL) {
		if (js_text(&v->make, env, JS_COMPACT, &text, err) != 0)
			return -1;
		envelope = span_of(text);
	} else if (fetch_charter(v, address, &envelope, err) != 0) {
		return -1;
	}
	if (open_charter(v, envelope, &j, err) != 0)
		return -1;
	if (env == NULL &&
	    (!hex_is_parsed(js_str(js_get(body, "charter")), want.b, 32) ||
		!id_eq(&want, &j.act->id)))
		return err_set(err, ERR_CONFLICT,
		    "%.*s answers with another identity than the one that was "
		    "compared: do not go on before you know why",
		    STR_ARG(address));
	if (node_peer_add(v->q.n, envelope, address, err) != 0)
		return -1;
	v->ans.status = 201;
	js_put_str(&v->make, v->model, "party", j.act->party);
	js_put_hex(&v->make, v->model, "charter", j.act->id.b, 32);
	js_put_str(&v->make, v->model, "address", address);
	return 0;
}

int
view_peer_set(struct view *v, struct err *err)
{
	const struct js *body;
	struct str address;

	if (view_json(v, &body, err) != 0)
		return -1;
	address = js_str(js_get(body, "address"));
	if (node_peer_address(v->q.n, v->part[0], address, err) != 0)
		return -1;
	js_put_str(&v->make, v->model, "party", v->part[0]);
	js_put_str(&v->make, v->model, "address", address);
	return 0;
}

int
view_peer_remove(struct view *v, struct err *err)
{
	if (node_peer_remove(v->q.n, v->part[0], err) != 0)
		return -1;
	js_put_str(&v->make, v->model, "party", v->part[0]);
	return 0;
}
