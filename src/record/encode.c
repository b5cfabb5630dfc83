#include "record/encode.h"

#include <sodium.h>

/*
 * libsodium's decoder is nearly the strict one: it skips nothing unless told
 * to, wants the padding of its variant exactly, and refuses unused bits that
 * are not zero.  But 1.0.18 takes every byte from 80 to ff for the alphabet's
 * last character, so those are refused before.
 */
static bool
is_decoded(struct str s, int variant, uint8_t *out, size_t cap, size_t *n)
{
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] > 0x7f)
			return false;
	return sodium_base642bin(out, cap, s.p, s.n, NULL, n, NULL, variant) ==
	       0;
}

static struct str
write_b64(struct arena *a, struct span s, int variant)
{
	size_t n;
	char *p;

	if (s.n > SIZE_MAX / 4)
		return (struct str){NULL, 0};
	n = sodium_base64_encoded_len(s.n, variant); /* with its NUL */
	if ((p = arena_alloc(a, n, 1)) == NULL)
		return (struct str){NULL, 0};
	(void)sodium_bin2base64(p, n, s.p, s.n, variant); /* it fits */
	return (struct str){p, n - 1};
}

struct str
encode_b64(struct arena *a, struct span s)
{
	return write_b64(a, s, sodium_base64_VARIANT_ORIGINAL);
}

struct str
encode_b64_bare(struct arena *a, struct span s)
{
	return write_b64(a, s, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

static int
read_b64(struct str s, int variant, struct arena *a, struct span *ret,
    struct err *err)
{
	size_t cap = s.n / 4 * 3 + 2, n = 0;
	uint8_t *p = arena_alloc(a, cap, 1);

	if (p == NULL)
		return err_nomem(err, "base64");
	if (!is_decoded(s, variant, p, cap, &n))
		return err_set(err, ERR_INPUT,
		    "%zu characters are not base64 in its one form", s.n);
	*ret = (struct span){p, n};
	return 0;
}

int
encode_parse_b64(struct str s, bool bare, struct arena *a, struct span *ret,
    struct err *err)
{
	return read_b64(s,
	    bare ? sodium_base64_VARIANT_ORIGINAL_NO_PADDING
		 : sodium_base64_VARIANT_ORIGINAL,
	    a, ret, err);
}

bool
encode_is_b64(struct str s, uint8_t *out, size_t n)
{
	size_t got = 0;

	return s.n == (n + 2) / 3 * 4 &&
	       is_decoded(s, sodium_base64_VARIANT_ORIGINAL, out, n, &got) &&
	       got == n;
}

bool
encode_is_b64_bare(struct str s, uint8_t *out, size_t n)
{
	size_t got = 0;

	return s.n / 4 * 3 + s.n % 4 * 3 / 4 == n &&
	       is_decoded(s, sodium_base64_VARIANT_ORIGINAL_NO_PADDING, out, n,
		   &got) &&
	       got == n;
}

/* A field of the other alphabet shows it by one of its two characters. */
int
encode_parse_b64_any(struct str s, struct arena *a, struct span *ret,
    struct err *err)
{
	bool url = str_find(s, '-', 0) < s.n || str_find(s, '_', 0) < s.n;

	return read_b64(s,
	    url ? sodium_base64_VARIANT_URLSAFE
		: sodium_base64_VARIANT_ORIGINAL,
	    a, ret, err);
}
