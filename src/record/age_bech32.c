#include <sodium.h>
#include <string.h>

#include "base/num.h"
#include "record/age_int.h"

/* BIP 173, constant 1, without its length limit.  32 bytes are 52 groups of
 * five bits, the last with four zero bits, and six groups are the checksum. */
enum { GROUPS = 52, CHECK = 6 };
static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool
is_upper(struct str hrp)
{
	return hrp.p[0] >= 'A' && hrp.p[0] <= 'Z';
}

static uint32_t
step(uint32_t sum, unsigned v)
{
	static const uint32_t gen[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
	    0x3d4233dd, 0x2a1462b3};
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ v;
	for (unsigned i = 0; i < 5; i++)
		sum ^= (top >> i & 1) != 0 ? gen[i] : 0;
	return sum;
}

/* The checksum is over the lower-case form, whichever is written. */
static uint32_t
checksum(struct str hrp, const uint8_t *group, size_t n)
{
	uint32_t sum = 1;

	for (size_t i = 0; i < hrp.n; i++)
		sum = step(sum, (uint8_t)lower(hrp.p[i]) >> 5);
	sum = step(sum, 0);
	for (size_t i = 0; i < hrp.n; i++)
		sum = step(sum, (uint8_t)lower(hrp.p[i]) & 31);
	for (size_t i = 0; i < n; i++)
		sum = step(sum, group[i]);
	return sum;
}

static bool
read_groups(struct str s, bool up, uint8_t group[GROUPS + CHECK])
{
	const char *at;
	char c;

	if (s.n != GROUPS + CHECK)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		c = up ? lower(s.p[i]) : s.p[i];
		if (c == '\0' || (up && c == s.p[i] && c > '9') ||
		    (at = strchr(digits, c)) == NULL)
			return false;
		group[i] = (uint8_t)(at - digits);
	}
	return true;
}

bool
age_bech32_is_parsed(struct str s, struct str hrp, uint8_t ret[32])
{
	uint8_t group[GROUPS + CHECK];
	uint32_t bits = 0;
	unsigned n = 0;
	size_t at = 0;

	if (!str_starts(s, hrp) || s.n <= hrp.n || s.p[hrp.n] != '1' ||
	    !read_groups(str_sub(s, hrp.n + 1, s.n), is_upper(hrp), group) ||
	    checksum(hrp, group, COUNT(group)) != 1 ||
	    (group[GROUPS - 1] & 15) != 0)
		return false;
	for (size_t i = 0; i < GROUPS; i++) {
		bits = bits << 5 | group[i];
		if ((n += 5) >= 8) {
			n -= 8;
			ret[at++] = (uint8_t)(bits >> n);
		}
	}
	sodium_memzero(group, sizeof(group));
	return true;
}

struct str
age_bech32(struct arena *a, struct str hrp, const uint8_t b[32])
{
	uint8_t group[GROUPS + CHECK] = {0};
	size_t n = hrp.n + 1 + COUNT(group);
	char *p = arena_alloc(a, n + 1, 1), c;
	uint32_t sum;

	if (p == NULL)
		return (struct str){NULL, 0};
	for (size_t i = 0; i < 256; i++)
		if ((b[i / 8] >> (7 - i % 8) & 1) != 0)
			group[i / 5] |= (uint8_t)(16U >> i % 5);
	sum = checksum(hrp, group, COUNT(group)) ^ 1;
	for (size_t i = 0; i < CHECK; i++)
		group[GROUPS + i] = (uint8_t)(sum >> 5 * (CHECK - 1 - i) & 31);
	memcpy(p, hrp.p, hrp.n);
	p[hrp.n] = '1';
	for (size_t i = 0; i < COUNT(group); i++) {
		c = digits[group[i]];
		p[hrp.n + 1 + i] = is_upper(hrp) ? upper(c) : c;
	}
	sodium_memzero(group, sizeof(group));
	return (struct str){p, n};
}
