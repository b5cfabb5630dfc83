#include "base/when.h"

#include <assert.h>
#include <stdio.h>

#include "base/num.h"

/* Days since 1970-01-01 of a Gregorian date; counts from 1 March of year 0, so
 * that the leap day ends a year. */
static int64_t
days_of(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
date_of(int64_t days, int *y, int *m, int *d)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*d = (int)(doy - (153 * mp + 2) / 5 + 1); /* 1 to 31 */
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);    /* 1 to 12 */
	*y = (int)(yoe + era * 400 + (*m <= 2));  /* -9999 to 9999 */
}

static bool
is_digits(struct str s, size_t *at, size_t n, int64_t *ret)
{
	int64_t v = 0;

	if (s.n - *at < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.p[*at + i];
		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	*at += n;
	*ret = v;
	return true;
}

/* A fraction of 1 to 6 digits as microseconds. */
static bool
is_fraction(struct str s, size_t *at, int64_t *ret)
{
	int64_t v = 0;
	size_t n = 0;

	while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && n < 6) {
		v = v * 10 + (s.p[*at] - '0');
		(*at)++;
		n++;
	}
	if (n == 0)
		return false;
	for (; n < 6; n++)
		v *= 10;
	*ret = v;
	return true;
}

static bool
is_at(struct str s, size_t *at, char c)
{
	if (*at >= s.n || s.p[*at] != c)
		return false;
	(*at)++;
	return true;
}

bool
when_is_time(struct str s, enum when_precision coarsest, int64_t *ret_us)
{
	static const char before[] = {0, '-', '-', 'T', ':', ':'};
	static const size_t digits[] = {4, 2, 2, 2, 2, 2};
	static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31};
	int64_t part[] = {1, 1, 1, 0, 0, 0}, us = 0;
	size_t at = 0;
	int n = 0, last;

	for (; n < WHEN_PRECISIONS; n++) {
		if (n > 0 && !is_at(s, &at, before[n]))
			break;
		if (!is_digits(s, &at, digits[n], &part[n]))
			return false;
	}
	if (n == WHEN_PRECISIONS && is_at(s, &at, '.') &&
	    !is_fraction(s, &at, &us))
		return false;
	if (n > WHEN_HOUR && !is_at(s, &at, 'Z'))
		return false;
	if (at != s.n || n <= (int)coarsest || part[0] < 1 || part[1] < 1 ||
	    part[1] > 12 || part[3] > 23 || part[4] > 59 || part[5] > 59)
		return false;
	last = month_days[part[1] - 1];
	if (part[1] == 2 &&
	    (part[0] % 400 == 0 || (part[0] % 4 == 0 && part[0] % 100 != 0)))
		last = 29;
	if (part[2] < 1 || part[2] > last)
		return false;
	*ret_us = ((days_of(part[0], part[1], part[2]) * 24 + part[3]) * 3600 +
		      part[4] * 60 + part[5]) *
	              1000000 +
	          us;
	return true;
}

bool
when_is_duration(struct str s, int64_t *ret_us)
{
	static const struct {
		char unit;
		size_t most;
		int64_t us;
	} part[] = {{'D', 5, WHEN_DAY}, {'H', 6, 60 * WHEN_MINUTE},
	    {'M', 6, WHEN_MINUTE}, {'S', 6, 1000000}};
	size_t at = 0, digits = 0, i = 0;
	int64_t sum = 0, v, us;
	bool minus = is_at(s, &at, '-'), any = false, in_time = false;

	if (!is_at(s, &at, 'P'))
		return false;
	while (at < s.n) {
		if (!in_time && is_at(s, &at, 'T')) {
			in_time = true;
			i = i < 1 ? 1 : i;
			any = false;
			continue;
		}
		v = us = 0;
		for (digits = 0; at < s.n && s.p[at] >= '0' && s.p[at] <= '9' &&
				 digits <= 6;
		     at++, digits++)
			v = v * 10 + (s.p[at] - '0');
		if (digits == 0)
			return false;
		if (is_at(s, &at, '.')) {
			if (!is_fraction(s, &at, &us) || at >= s.n ||
			    s.p[at] != 'S')
				return false;
		}
		while (i < COUNT(part) && at < s.n && part[i].unit != s.p[at])
			i++;
		if (i >= COUNT(part) || at >= s.n)
			return false;
		if (digits > part[i].most || (part[i].unit == 'D') == in_time)
			return false;
		sum += v * part[i].us + us;
		i++;
		at++;
		any = true;
	}
	if (!any)
		return false;
	*ret_us = minus ? -sum : sum;
	return true;
}

bool
when_is_precision(struct str s, enum when_precision *ret)
{
	static const char *const name[] = {"year", "month", "day", "hour",
	    "minute", "second"};

	static_assert(COUNT(name) == WHEN_PRECISIONS, "each has a name");
	for (size_t i = 0; i < COUNT(name); i++) {
		if (str_is(s, name[i])) {
			*ret = (enum when_precision)i;
			return true;
		}
	}
	return false;
}

void
when_write(int64_t us, char out[WHEN_TEXT])
{
	int64_t days = us / WHEN_DAY, rest = us % WHEN_DAY, s;
	int y, m, d;

	if (rest < 0) {
		rest += WHEN_DAY;
		days--;
	}
	date_of(days, &y, &m, &d);
	s = rest / 1000000;
	if (rest % 1000000 == 0)
		(void)snprintf(out, WHEN_TEXT, /* fits */
		    "%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d, (int)(s / 3600),
		    (int)(s / 60 % 60), (int)(s % 60));
	else
		(void)snprintf(out, WHEN_TEXT, /* fits */
		    "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", y, m, d,
		    (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60),
		    (int)(rest % 1000000));
}

struct str
when_str(struct arena *a, int64_t us)
{
	char out[WHEN_TEXT];

	when_write(us, out);
	return str_copy(a, str_of(out));
}

struct str
when_span(struct arena *a, int64_t us)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} unit[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	int64_t s = us / 1000000, rest;
	const char *minus = s < 0 ? "-" : "";
	size_t i = 0;

	s = s < 0 ? -s : s; /* a division by a million leaves room for it */
	while (i + 1 < COUNT(unit) && s < unit[i].seconds)
		i++;
	rest =
	    i + 1 < COUNT(unit) ? s % unit[i].seconds / unit[i + 1].seconds : 0;
	if (rest == 0)
		return str_fmt(a, "%s%lld %s", minus,
		    (long long)(s / unit[i].seconds), unit[i].name);
	return str_fmt(a, "%s%lld %s %lld %s", minus,
	    (long long)(s / unit[i].seconds), unit[i].name, (long long)rest,
	    unit[i + 1].name);
}
