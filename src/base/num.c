#include "base/num.h"

int
num_parse(struct str s, int64_t lo, int64_t hi, int64_t *ret, struct err *err)
{
	int64_t v = 0;
	size_t i = 0;
	bool minus = s.n > 0 && s.p[0] == '-';

	if (minus)
		i = 1;
	if (s.n == i || (s.p[i] == '0' && s.n > i + (minus ? 0 : 1)))
		goto bad;
	for (; i < s.n; i++) {
		int d = s.p[i] - '0';
		if (d < 0 || d > 9 || ckd_mul(&v, v, 10) ||
		    (minus ? ckd_sub(&v, v, d) : ckd_add(&v, v, d)))
			goto bad;
	}
	if (v < lo || v > hi)
		return err_set(err, ERR_INPUT,
		    "%lld is not between %lld and %lld", (long long)v,
		    (long long)lo, (long long)hi);
	*ret = v;
	return 0;
bad:
	return err_set(err, ERR_INPUT, "'%.*s' is no whole number", STR_ARG(s));
}

void
num_put32(uint8_t *p, uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)(v & 0xff); /* one byte fits */
}

void
num_put64(uint8_t *p, uint64_t v)
{
	num_put32(p, (uint32_t)(v >> 32)); /* upper half fits */
	num_put32(p + 4, (uint32_t)(v & 0xffffffffU));
}

uint32_t
num_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

uint64_t
num_get64(const uint8_t *p)
{
	return (uint64_t)num_get32(p) << 32 | num_get32(p + 4);
}
