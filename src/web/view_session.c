/* Officers sign in and out. */
#include <string.h>

#include "base/num.h"
#include "web/view.h"

/* The address that the browser shows: a proxy in front may have ended its TLS,
 * so the page says which scheme it came by; the host is the request's. */
static int
origin_of(struct view *v, struct str said, struct str *ret, struct err *err)
{
	struct str host = v->request->host, rest;

	if (host.p == NULL || host.n == 0 || host.n > 260)
		return err_set(err, ERR_INPUT,
		    "the request does not say which host it is for");
	if (said.p == NULL || said.n == 0)
		said = str_fmt(v->q.a, "%s://%.*s",
		    v->request->tls ? "https" : "http", STR_ARG(host));
	rest = str_starts(said, STR("https://"))  ? str_sub(said, 8, said.n)
	       : str_starts(said, STR("http://")) ? str_sub(said, 7, said.n)
	                                          : STR("");
	if (!str_eq(rest, host))
		return err_set(err, ERR_DENIED,
		    "'%.*s' is not the address of this node (%.*s)",
		    STR_ARG(said), STR_ARG(host));
	*ret = said;
	return 0;
}

static int
need_sessions(struct view *v, struct err *err)
{
	return v->w->sessions != NULL
	           ? 0
	           : err_set(err, ERR_ABSENT,
			 "nobody signs in to a folder: 'comity serve' runs "
			 "its node");
}

int
view_challenge(struct view *v, struct err *err)
{
	struct str origin, text;

	if (need_sessions(v, err) != 0 ||
	    origin_of(v, view_param(v, "origin"), &origin, err) != 0 ||
	    session_challenge(v->w->sessions, &v->q, origin, v->q.a, &text,
		err) != 0)
		return -1;
	js_put_str(&v->make, v->model, "challenge", text);
	js_put_int(&v->make, v->model, "seconds", CHALLENGE_S);
	v->ans.caching = "no-store"; /* good once: never a ready answer */
	return 0;
}

int
view_session_open(struct view *v, struct err *err)
{
	struct str origin = {NULL, 0};
	const struct js *body;
	struct pubkey key;
	struct sig sig;
	bool tls;

	/* From a page of ours, or from a program that names no page: nobody
	 * else's page may sign a browser in (as somebody whom it chose). */
	if (need_sessions(v, err) != 0 || view_json(v, &body, err) != 0 ||
	    origin_of(v, v->request->origin, &origin, err) != 0)
		return -1;
	tls = v->request->tls || str_starts(origin, STR("https://"));
	if (!hex_is_parsed(js_str(js_get(body, "key")), key.b, sizeof(key.b)) ||
	    !hex_is_parsed(js_str(js_get(body, "signature")), sig.b,
		sizeof(sig.b)))
		return err_set(err, ERR_INPUT,
		    "request: wants 'key' (64 hexadecimal digits), "
		    "'challenge' and 'signature' (128)");
	if (session_open(v->w->sessions, &v->q,
		&(struct session_proof){.origin = origin,
		    .challenge = js_str(js_get(body, "challenge")),
		    .key = &key,
		    .sig = &sig,
		    .tls = tls},
		v->q.a, &v->ans.cookie, err) != 0)
		return -1;
	v->ans.status = 201;
	js_put_hex(&v->make, v->model, "key", key.b, sizeof(key.b));
	return 0;
}

int
view_session_close(struct view *v, struct err *err)
{
	struct str all = view_param(v, "all");

	if (need_sessions(v, err) != 0)
		return -1;
	session_close(v->w->sessions, v->request->cookie, str_is(all, "1"),
	    v->q.a, &v->ans.cookie);
	js_put_bool(&v->make, v->model, "closed", true);
	return 0;
}

int
view_sign_in(struct view *v, struct err *err)
{
	const struct mandate_officer *o;
	struct js *j;
	size_t n;

	(void)err; /* the common form */
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	if (v->reader != WEB_OFFICER) {
		js_put_null(&v->make, v->model, "mandate");
		return 0;
	}
	n = mandate_officers(v->q.n->own->mandate, &o);
	j = js_put_map(&v->make, v->model, "mandate");
	for (size_t i = n; i-- > 0;)
		if (key_eq(&o[i].key, &v->officer.key) &&
		    str_eq(o[i].name, v->officer.officer)) {
			view_mandate(v, j, v->q.n->own, &o[i]);
			break;
		}
	return 0;
}
