#include "rules/form_int.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "rules/fault.h"

enum {
	TEXT_MAX = 1000,
	LONGTEXT_MAX = 100 * 1000,
	TEXTS_TEXT_MAX = 1000 * 1000,
	OFFICER_MAX = 200,
	LIST_MAX = 1000,
	NAMES_MAX = 100,
	TEXTS_MAX = 100
};
/* Degrees, and metres: half the Earth's girth; from the deepest bore to beyond
 * the orbits of satellites. */
#define LAT_MAX 90
#define LON_MAX 180
#define RADIUS_MAX 20040000
#define HEIGHT_MIN (-12000)
#define HEIGHT_MAX 50000000

struct test {
	const struct rule_field *f;
	struct arena *a;
	bool *is_out;
};

static bool
is_in(char c, const char *set_lower_upper_digit_more, bool lower, bool upper,
    bool digit)
{
	const char *more = set_lower_upper_digit_more;

	if ((lower && c >= 'a' && c <= 'z') ||
	    (upper && c >= 'A' && c <= 'Z') || (digit && c >= '0' && c <= '9'))
		return true;
	for (; *more != '\0'; more++)
		if (c == *more)
			return true;
	return false;
}

static bool
is_code(const struct js *v)
{
	return js_type(v) == JS_TEXT && act_is_party(js_str(v));
}

static bool
is_digest(const struct js *v)
{
	struct str s = js_str(v);

	for (size_t i = 0; i < s.n; i++)
		if (!is_in(s.p[i], "abcdef", false, false, true))
			return false;
	return s.n == 64;
}

/* [a-z]{2,3}(-[A-Za-z0-9]{2,8})* */
static bool
is_lang(struct str s)
{
	size_t i = 0;

	while (i < s.n && is_in(s.p[i], "", true, false, false))
		i++;
	if (i < 2 || i > 3)
		return false;
	while (i < s.n) {
		size_t from = i + 1;

		if (s.p[i] != '-')
			return false;
		for (i++; i < s.n && is_in(s.p[i], "", true, true, true);)
			i++;
		if (i - from < 2 || i - from > 8)
			return false;
	}
	return true;
}

/* [a-z0-9.+-]+/[a-z0-9.+-]+ */
static bool
is_media(const struct js *v)
{
	struct str s = js_str(v);
	size_t slash = str_find(s, '/', 0);

	for (size_t i = 0; i < s.n; i++)
		if (i != slash && !is_in(s.p[i], ".+-", true, false, true))
			return false;
	return slash > 0 && slash + 1 < s.n;
}

static bool
is_number(const struct js *v, int64_t low, int64_t high)
{
	low = low < -ACT_INT_MAX ? -ACT_INT_MAX : low;
	high = high > ACT_INT_MAX ? ACT_INT_MAX : high;
	if (js_type(v) == JS_INT)
		return js_int(v) >= low && js_int(v) <= high;
	if (js_type(v) != JS_REAL || !isfinite(js_real(v)))
		return false;
	/* a bound beyond the other end fits nothing; its rounding is harmless
	 */
	return js_real(v) >= (double)low && js_real(v) <= (double)high;
}

static int64_t
least(const struct rule_field *f)
{
	return f->has_min ? f->min : -ACT_INT_MAX;
}

static int64_t
most(const struct rule_field *f)
{
	return f->has_max ? f->max : ACT_INT_MAX;
}

/* No key but these (n of them, the first `must` needed). */
static bool
has_shape(const struct js *v, const char *const *key, size_t must, size_t n)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		bool has = js_get(v, key[i]) != NULL;

		if (i < must && !has)
			return false;
		known += has;
	}
	return js_type(v) == JS_MAP && js_len(v) == known;
}

static int
by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* A list of 1 to `max` different texts: those at `key` of each, or the
 * elements. */
static bool
is_distinct(const struct test *t, const struct js *v, const char *key,
    size_t max)
{
	size_t n = js_len(v);
	struct str *s;

	if (js_type(v) != JS_LIST || n == 0 || n > max)
		return false;
	if ((s = arena_array(t->a, n, struct str)) == NULL) {
		*t->is_out = true;
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		const struct js *x = js_at(v, i);

		x = key == NULL ? x : js_get(x, key);
		if (js_type(x) != JS_TEXT)
			return false;
		s[i] = js_str(x);
	}
	qsort(s, n, sizeof(*s), by_bytes);
	for (size_t i = 1; i < n; i++)
		if (str_eq(s[i - 1], s[i]))
			return false;
	return true;
}

static bool
fits_text(const struct test *t, const struct js *v)
{
	bool is_long = t->f->type == FIELD_LONGTEXT;
	int64_t max = t->f->has_max ? t->f->max
	              : is_long     ? LONGTEXT_MAX
	                            : TEXT_MAX;

	return max > 0 && fault_is_text(v, (size_t)max, is_long);
}

static bool
fits_choice(const struct test *t, const struct js *v)
{
	struct str s = js_str(v);

	return js_type(v) == JS_TEXT && t->f->n_codes > 0 &&
	       bsearch(&s, t->f->code, t->f->n_codes, sizeof(s), by_bytes) !=
	           NULL;
}

static bool
fits_choices(const struct test *t, const struct js *v)
{
	if (!is_distinct(t, v, NULL, LIST_MAX))
		return false;
	for (size_t i = 0; i < js_len(v); i++)
		if (!fits_choice(t, js_at(v, i)))
			return false;
	return true;
}

static bool
fits_integer(const struct test *t, const struct js *v)
{
	return js_type(v) == JS_INT && is_number(v, least(t->f), most(t->f));
}

static bool
fits_decimal(const struct test *t, const struct js *v)
{
	return is_number(v, least(t->f), most(t->f));
}

static bool
fits_range(const struct test *t, const struct js *v)
{
	static const char *const key[] = {"low", "high", "best"};
	double low = js_real(js_get(v, "low")),
	       high = js_real(js_get(v, "high"));
	double best = low;

	if (!has_shape(v, key, 2, COUNT(key)))
		return false;
	for (size_t i = 0; i < COUNT(key); i++)
		if (js_get(v, key[i]) != NULL &&
		    !fits_decimal(t, js_get(v, key[i])))
			return false;
	if (js_get(v, "best") != NULL)
		best = js_real(js_get(v, "best"));
	return low <= best && best <= high && low <= high;
}

static bool
fits_boolean(const struct test *t, const struct js *v)
{
	(void)t; /* nothing of the field matters */
	return js_type(v) == JS_BOOL;
}

static bool
is_point(const struct test *t, const struct js *v, int64_t *ret_us)
{
	return js_type(v) == JS_TEXT &&
	       when_is_time(js_str(v), t->f->precision, ret_us);
}

static bool
fits_time(const struct test *t, const struct js *v)
{
	int64_t us;

	return is_point(t, v, &us);
}

static bool
fits_period(const struct test *t, const struct js *v)
{
	static const char *const key[] = {"start", "end"};
	int64_t start, end;

	return has_shape(v, key, 2, COUNT(key)) &&
	       is_point(t, js_get(v, "start"), &start) &&
	       is_point(t, js_get(v, "end"), &end) && start <= end;
}

static bool
fits_duration(const struct test *t, const struct js *v)
{
	int64_t us;

	(void)t; /* nothing of the field matters */
	return js_type(v) == JS_TEXT && when_is_duration(js_str(v), &us) &&
	       us > 0;
}

/* Names by language tag or by party code: no name stands above another. */
static bool
is_names(const struct js *v)
{
	if (js_type(v) != JS_MAP || js_len(v) == 0 || js_len(v) > NAMES_MAX)
		return false;
	for (struct js_each e = {0}; js_next(v, &e);)
		if ((!is_lang(e.key) && !act_is_party(e.key)) ||
		    !fault_is_text(e.value, TEXT_MAX, false))
			return false;
	return true;
}

static bool
is_lat_lon(const struct js *lat, const struct js *lon)
{
	return is_number(lat, -LAT_MAX, LAT_MAX) &&
	       is_number(lon, -LON_MAX, LON_MAX);
}

static bool
fits_place(const struct test *t, const struct js *v)
{
	static const char *const key[] = {"lat", "lon", "radius", "names"};
	const struct js *radius = js_get(v, "radius"),
			*names = js_get(v, "names");

	(void)t; /* nothing of the field matters */
	return has_shape(v, key, 2, COUNT(key)) &&
	       is_lat_lon(js_get(v, "lat"), js_get(v, "lon")) &&
	       (radius == NULL || is_number(radius, 0, RADIUS_MAX)) &&
	       (names == NULL || is_names(names));
}

static bool
is_circle(const struct js *v)
{
	static const char *const key[] = {"lat", "lon", "radius"};

	return has_shape(v, key, 3, COUNT(key)) &&
	       is_lat_lon(js_get(v, "lat"), js_get(v, "lon")) &&
	       is_number(js_get(v, "radius"), 0, RADIUS_MAX);
}

static bool
is_polygon(const struct js *v)
{
	if (js_type(v) != JS_LIST || js_len(v) < 3 || js_len(v) > LIST_MAX)
		return false;
	for (size_t i = 0; i < js_len(v); i++) {
		const struct js *p = js_at(v, i);

		if (js_type(p) != JS_LIST || js_len(p) != 2 ||
		    !is_lat_lon(js_at(p, 0), js_at(p, 1)))
			return false;
	}
	return true;
}

static bool
fits_area(const struct test *t, const struct js *v)
{
	static const char *const key[] = {"circle", "polygon", "lower", "upper",
	    "names"};
	const struct js *circle = js_get(v, "circle"),
			*poly = js_get(v, "polygon");
	const struct js *lower = js_get(v, "lower"),
			*upper = js_get(v, "upper");
	const struct js *names = js_get(v, "names");

	(void)t; /* nothing of the field matters */
	if (!has_shape(v, key, 0, COUNT(key)) ||
	    (circle == NULL) == (poly == NULL))
		return false;
	if ((circle != NULL && !is_circle(circle)) ||
	    (poly != NULL && !is_polygon(poly)) ||
	    (names != NULL && !is_names(names)) ||
	    (lower != NULL && !is_number(lower, HEIGHT_MIN, HEIGHT_MAX)) ||
	    (upper != NULL && !is_number(upper, HEIGHT_MIN, HEIGHT_MAX)))
		return false;
	return lower == NULL || upper == NULL ||
	       js_real(lower) <= js_real(upper);
}

static bool
fits_party(const struct test *t, const struct js *v)
{
	(void)t; /* nothing of the field matters */
	return is_code(v);
}

static bool
fits_parties(const struct test *t, const struct js *v)
{
	if (!is_distinct(t, v, NULL, LIST_MAX))
		return false;
	for (size_t i = 0; i < js_len(v); i++)
		if (!is_code(js_at(v, i)))
			return false;
	return true;
}

static bool
fits_officer(const struct test *t, const struct js *v)
{
	(void)t; /* nothing of the field matters */
	return fault_is_text(v, OFFICER_MAX, false);
}

static bool
fits_digest(const struct test *t, const struct js *v)
{
	(void)t; /* nothing of the field matters */
	return js_type(v) == JS_TEXT && is_digest(v);
}

static bool
fits_file(const struct test *t, const struct js *v)
{
	static const char *const key[] = {"sha256", "name", "type", "size"};
	const struct js *size = js_get(v, "size");

	(void)t; /* nothing of the field matters */
	return has_shape(v, key, 4, COUNT(key)) &&
	       is_digest(js_get(v, "sha256")) &&
	       fault_is_text(js_get(v, "name"), TEXT_MAX, false) &&
	       is_media(js_get(v, "type")) && js_type(size) == JS_INT &&
	       is_number(size, 0, ACT_INT_MAX);
}

static bool
fits_texts(const struct test *t, const struct js *v)
{
	static const char *const key[] = {"lang", "text", "authentic"};

	if (js_type(v) != JS_LIST || js_len(v) == 0 || js_len(v) > TEXTS_MAX)
		return false;
	for (size_t i = 0; i < js_len(v); i++) {
		const struct js *x = js_at(v, i),
				*auth = js_get(x, "authentic");

		if (!has_shape(x, key, 2, COUNT(key)) ||
		    !is_lang(js_str(js_get(x, "lang"))) ||
		    !fault_is_text(js_get(x, "text"), TEXTS_TEXT_MAX, true) ||
		    (auth != NULL && js_type(auth) != JS_BOOL))
			return false;
	}
	return is_distinct(t, v, "lang", TEXTS_MAX);
}

static bool (*const fits[])(const struct test *, const struct js *) = {
    [FIELD_TEXT] = fits_text,
    [FIELD_LONGTEXT] = fits_text,
    [FIELD_CHOICE] = fits_choice,
    [FIELD_CHOICES] = fits_choices,
    [FIELD_INTEGER] = fits_integer,
    [FIELD_DECIMAL] = fits_decimal,
    [FIELD_RANGE] = fits_range,
    [FIELD_BOOLEAN] = fits_boolean,
    [FIELD_TIME] = fits_time,
    [FIELD_PERIOD] = fits_period,
    [FIELD_DURATION] = fits_duration,
    [FIELD_PLACE] = fits_place,
    [FIELD_AREA] = fits_area,
    [FIELD_PARTY] = fits_party,
    [FIELD_PARTIES] = fits_parties,
    [FIELD_OFFICER] = fits_officer,
    [FIELD_MATTER] = fits_digest,
    [FIELD_ACT] = fits_digest,
    [FIELD_DIGEST] = fits_digest,
    [FIELD_FILE] = fits_file,
    [FIELD_TEXTS] = fits_texts,
};
static_assert(COUNT(fits) == FIELD_GROUP, "each type but a group has its test");

bool
form_fits(const struct rule_field *f, const struct js *v, struct arena *a,
    bool *ret_out)
{
	const struct test t = {f, a, ret_out};

	return fits[f->type](&t, v);
}
