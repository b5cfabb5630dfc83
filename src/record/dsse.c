#include "record/dsse.h"

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

int
dsse_parse(struct span s, struct arena *a, struct dsse *ret, struct err *err)
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
dsse_text(const struct dsse *d, struct arena *a, struct str *ret,
    struct err *err)
{
	struct str payload = encode_b64(a, d->payload), sig;
	struct js_make m = {.a = a};
	struct js *map = js_map(&m), *list, *one;

	if (payload.p == NULL)
		return err_nomem(err, "an envelope");
	js_put_str(&m, map, "payload", payload);
	js_put_str(&m, map, "payloadType", d->type);
	list = js_put_list(&m, map, "signatures");
	for (size_t i = 0; i < d->n; i++) {
		const struct dsse_signature *s = &d->signature[i];

		sig = encode_b64(a, (struct span){s->sig.b, sizeof(s->sig.b)});
		if (sig.p == NULL)
			return err_nomem(err, "an envelope");
		one = js_put_map(&m, list, NULL);
		if (s->keyid.n > 0) /* absent and empty are one */
			js_put_str(&m, one, "keyid", s->keyid);
		js_put_str(&m, one, "sig", sig);
	}
	return js_text(&m, map, JS_COMPACT, ret, err);
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
