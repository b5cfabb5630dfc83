#include "record/dsse.h"

#include <limits.h>
#include <string.h>

#include "base/js.h"
#include "record/encode.h"

int
dsse_pae(struct str type, struct span payload, struct arena *a,
    struct span *ret, struct err *err)
{
	struct buf b;
	struct str s;

	buf_init(&b, a);
	buf_fmt(&b, "DSSEv1 %zu ", type.n);
	buf_str(&b, type);
	buf_fmt(&b, " %zu ", payload.n);
	buf_add(&b, payload.p, payload.n);
	if (buf_done(&b, &s, err) != 0)
		return -1;
	*ret = span_of(s);
	return 0;
}

/* One of "signatures"; a length that is not Ed25519's adds nothing. */
static int
parse_signature(const struct js *j, struct arena *a, struct dsse *d,
    struct err *err)
{
	const struct js *keyid = js_get(j, "keyid"), *sig = js_get(j, "sig");
	struct dsse_signature *s = &d->signature[d->n];
	struct span bytes;

	if (js_type(sig) != JS_TEXT)
		return err_set(err, ERR_INPUT, "it has no text \"sig\"");
	if (keyid != NULL && js_type(keyid) != JS_TEXT)
		return err_set(err, ERR_INPUT, "its \"keyid\" is not a text");
	if (encode_parse_b64_any(js_str(sig), a, &bytes, err) != 0)
		return err_in(err, "sig: ");
	if (bytes.n != sizeof(s->sig.b))
		return 0;
	s->keyid = js_str(keyid);
	memcpy(s->sig.b, bytes.p, bytes.n);
	d->n++;
	return 0;
}

static int
parse_signatures(const struct js *list, struct arena *a, struct dsse *d,
    struct err *err)
{
	if (js_type(list) != JS_LIST)
		return err_set(err, ERR_INPUT,
		    "an envelope needs a list \"signatures\"");
	if (js_len(list) > DSSE_SIGNATURES_MAX)
		return err_set(err, ERR_INPUT,
		    "an envelope has %zu signatures, the limit is %d",
		    js_len(list), DSSE_SIGNATURES_MAX);
	for (size_t i = 0; i < js_len(list); i++)
		if (parse_signature(js_at(list, i), a, d, err) != 0)
			return err_in(err,
			    "signature %zu of an envelope: ", i + 1);
	return 0;
}

/* ---- the form that dsse_text() writes ---- */

/*
 * Nearly every envelope comes in the bytes that dsse_text() writes, and to
 * recognise them costs a tenth of what JSON costs.  Whatever differs from them,
 * in a space or in a fault, is left to the JSON reader: the two agree on all
 * that this one takes.
 */
static bool
is_next(struct str *rest, struct str want)
{
	if (!str_starts(*rest, want))
		return false;
	*rest = str_sub(*rest, want.n, rest->n);
	return true;
}

/* Printed ASCII up to a quotation mark, which is eaten: in JSON it stands for
 * itself. */
static bool
is_plain(struct str *rest, struct str *ret)
{
	for (size_t i = 0; i < rest->n; i++) {
		char c = rest->p[i];

		if (c == '"') {
			*ret = str_sub(*rest, 0, i);
			*rest = str_sub(*rest, i + 1, rest->n);
			return true;
		}
		if (c < ' ' || c > '~' || c == '\\')
			return false;
	}
	return false;
}

static bool
is_usual_signature(struct str *rest, struct arena *a, struct dsse *d)
{
	struct dsse_signature *s = &d->signature[d->n];
	struct str text, keyid = STR("");

	if (is_next(rest, STR("{\"keyid\":\""))) {
		if (!is_plain(rest, &keyid) || !is_next(rest, STR(",")))
			return false;
	} else if (!is_next(rest, STR("{"))) {
		return false;
	}
	if (!is_next(rest, STR("\"sig\":\"")) || !is_plain(rest, &text) ||
	    !encode_is_b64(text, s->sig.b, sizeof(s->sig.b)) ||
	    (s->keyid = str_copy(a, keyid)).p == NULL)
		return false;
	d->n++;
	return is_next(rest, STR("}"));
}

static bool
is_usual(struct str rest, struct arena *a, struct dsse *d)
{
	struct err err; /* the JSON reader says it better */
	struct str payload, type;

	if (!is_next(&rest, STR("{\"payload\":\"")))
		return false;
	payload = str_sub(rest, 0, str_find(rest, '"', 0));
	rest = str_sub(rest, payload.n, rest.n);
	if (!is_next(&rest, STR("\",\"payloadType\":\"")) ||
	    !is_plain(&rest, &type) ||
	    !is_next(&rest, STR(",\"signatures\":[")) ||
	    encode_parse_b64_any(payload, a, &d->payload, &err) != 0 ||
	    (d->type = str_copy(a, type)).p == NULL)
		return false;
	while (d->n < DSSE_SIGNATURES_MAX) {
		if (!is_usual_signature(&rest, a, d))
			return false;
		if (!is_next(&rest, STR(",")))
			break;
	}
	return str_is(rest, "]}");
}

static int
parse_json(struct span s, struct arena *a, struct dsse *ret, struct err *err)
{
	const struct js *j, *type, *payload;
	struct dsse d = {.n = 0};

	if (js_parse(s, a, &j, err) != 0)
		return err_in(err, "envelope: ");
	if (js_type(j) != JS_MAP)
		return err_set(err, ERR_INPUT, "an envelope is a JSON object");
	type = js_get(j, "payloadType");
	payload = js_get(j, "payload");
	if (js_type(type) != JS_TEXT || js_type(payload) != JS_TEXT)
		return err_set(err, ERR_INPUT,
		    "an envelope needs the texts \"payloadType\" and "
		    "\"payload\"");
	d.type = js_str(type);
	if (encode_parse_b64_any(js_str(payload), a, &d.payload, err) != 0)
		return err_in(err, "payload of an envelope: ");
	if (parse_signatures(js_get(j, "signatures"), a, &d, err) != 0)
		return -1;
	*ret = d;
	return 0;
}

int
dsse_parse(struct span s, struct arena *a, struct dsse *ret, struct err *err)
{
	struct dsse d = {.n = 0};

	if (!is_usual(span_str(s), a, &d))
		return parse_json(s, a, ret, err);
	*ret = d;
	return 0;
}

/* A text in JSON.  Types and key ids are plain ASCII, unless a stranger chose
 * them. */
static int
quote(struct str s, struct arena *a, struct str *ret, struct err *err)
{
	struct js_make m = {.a = a};
	struct js *list;
	bool plain = true;

	for (size_t i = 0; i < s.n; i++)
		plain = plain && s.p[i] >= ' ' && s.p[i] <= '~' &&
		        s.p[i] != '"' && s.p[i] != '\\';
	if (plain) {
		*ret = str_fmt(a, "\"%.*s\"", (int)(s.n & INT_MAX), s.p);
		return ret->p == NULL ? err_nomem(err, "an envelope") : 0;
	}
	list = js_list(&m);
	js_put_str(&m, list, NULL, s);
	return js_text(&m, js_at(list, 0), JS_COMPACT, ret, err);
}

int
dsse_text(const struct dsse *d, struct arena *a, struct str *ret,
    struct err *err)
{
	struct str payload = encode_b64(a, d->payload), text;
	struct buf b;

	buf_init(&b, a);
	if (payload.p == NULL)
		return err_nomem(err, "an envelope");
	if (quote(d->type, a, &text, err) != 0)
		return -1;
	/* once, and not again for each doubling */
	buf_room(&b, payload.n + text.n + 64 + d->n * 256);
	buf_z(&b, "{\"payload\":\"");
	buf_str(&b, payload);
	buf_z(&b, "\",\"payloadType\":");
	buf_str(&b, text);
	buf_z(&b, ",\"signatures\":[");
	for (size_t i = 0; i < d->n; i++) {
		const struct dsse_signature *s = &d->signature[i];
		struct str sig =
		    encode_b64(a, (struct span){s->sig.b, sizeof(s->sig.b)});

		if (sig.p == NULL)
			return err_nomem(err, "an envelope");
		buf_z(&b, i == 0 ? "{" : ",{");
		if (s->keyid.n > 0) { /* absent and empty are one */
			if (quote(s->keyid, a, &text, err) != 0)
				return -1;
			buf_z(&b, "\"keyid\":");
			buf_str(&b, text);
			buf_z(&b, ",");
		}
		buf_z(&b, "\"sig\":\"");
		buf_str(&b, sig);
		buf_z(&b, "\"}");
	}
	buf_z(&b, "]}");
	return buf_done(&b, ret, err);
}

int
dsse_sign(struct str type, struct span payload, const struct secret *seed,
    struct arena *a, struct dsse_signature *ret, struct err *err)
{
	struct pubkey k = key_pub(seed);
	struct str keyid = hex_str(a, k.b, sizeof(k.b));
	struct span pae;

	if (keyid.p == NULL)
		return err_nomem(err, "a signature");
	if (dsse_pae(type, payload, a, &pae, err) != 0)
		return -1;
	ret->keyid = keyid;
	ret->sig = key_sign(seed, pae);
	return 0;
}
