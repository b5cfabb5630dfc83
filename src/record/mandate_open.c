/* An act with the keys that truly signed it. */
#include "record/mandate.h"

int
mandate_open_act(const struct dsse *d, struct arena *a, const struct act **ret,
    struct mandate_signers *ret_signers, struct err *err)
{
	struct mandate_signers s = {0};
	struct span pae;

	if (!str_eq(d->type, DSSE_ACT_TYPE))
		return err_set(err, ERR_INPUT,
		    "envelope: payload type '%.*s' is not an act",
		    STR_ARG(d->type));
	if (dsse_pae(d->type, d->payload, a, &pae, err) != 0)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		struct pubkey k;
		bool twice = false;

		if (!hex_is_parsed(d->signature[i].keyid, k.b, sizeof(k.b)))
			continue; /* a key nobody named cannot be mandated */
		for (size_t n = 0; n < s.n; n++)
			twice = twice || key_eq(&s.key[n], &k);
		if (!twice && key_is_signed(&k, pae, &d->signature[i].sig)) {
			s.key[s.n] = k;
			s.sig[s.n++] = d->signature[i].sig;
		}
	}
	if (s.n == 0)
		return err_set(err, ERR_INPUT,
		    "envelope: none of its %zu signatures verifies", d->n);
	if (act_parse(d->payload, a, ret, err) != 0)
		return -1;
	*ret_signers = s;
	return 0;
}
