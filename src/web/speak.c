#include "web/speak.h"

#include <string.h>

#include "base/num.h"
#include "base/when.h"

const struct str lang_code[LANGS] = {
    [LANG_EN] = {"en", 2},
    [LANG_JA] = {"ja", 2},
    [LANG_ZH] = {"zh", 2},
    [LANG_KO] = {"ko", 2},
};

bool
lang_find(struct str code, enum lang *ret)
{
	for (size_t i = 0; i < LANGS; i++)
		if (str_eq(code, lang_code[i])) {
			*ret = (enum lang)i;
			return true;
		}
	return false;
}

static struct str
trim(struct str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_sub(s, 1, s.n);
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* "0.8" in thousandths; 1000 where it is no weight (RFC 9110 12.4.2). */
static int
weight(struct str s)
{
	int q = 0, unit = 1000;

	if (!str_starts(s, STR("q=")))
		return 1000;
	for (size_t i = 2; i < s.n && unit > 0; i++) {
		if (s.p[i] == '.')
			continue;
		if (s.p[i] < '0' || s.p[i] > '9')
			return 1000;
		q += (s.p[i] - '0') * unit;
		unit /= 10;
	}
	return q;
}

enum lang
lang_best(struct str accept)
{
	enum lang best = LANG_EN, lang;
	int most = 0;

	for (size_t at = 0; at < accept.n;) {
		size_t end = str_find(accept, ',', at);
		struct str one = str_sub(accept, at, end);
		size_t semi = str_find(one, ';', 0);
		int q = weight(trim(str_sub(one, semi + 1, one.n)));
		struct str tag = trim(str_sub(one, 0, semi));

		tag = str_sub(tag, 0, str_find(tag, '-', 0)); /* zh-CN: zh */
		if (lang_find(tag, &lang) && q > most) {
			best = lang;
			most = q;
		}
		at = end + 1;
	}
	return best;
}

/* ---- times ---- */

static const char *const month_en[] = {"January", "February", "March", "April",
    "May", "June", "July", "August", "September", "October", "November",
    "December"};

struct parts { /* of a time's text, as far as it goes */
	struct str year, month, day, clock;
};

/* The text is RFC 3339 in UTC, perhaps cut. */
static bool
split(struct str s, struct parts *ret)
{
	int64_t us;
	size_t end = str_find(s, 'Z', 0), dot;

	if (!when_is_time(s, WHEN_YEAR, &us))
		return false;
	*ret = (struct parts){.year = str_sub(s, 0, 4),
	    .month = str_sub(s, 5, 7),
	    .day = str_sub(s, 8, 10),
	    .clock = str_sub(s, 11, end)};
	dot = str_find(ret->clock, '.', 0); /* no reader wants microseconds */
	ret->clock = str_sub(ret->clock, 0, dot);
	return true;
}

static int
small(struct str s)
{
	int n = 0;

	for (size_t i = 0; i < s.n; i++)
		n = n * 10 + (s.p[i] - '0'); /* two digits, checked */
	return n;
}

static void
put_day(struct buf *b, enum lang lang, const struct parts *t)
{
	int month = small(t->month), day = small(t->day);

	if (lang == LANG_EN) {
		if (day > 0)
			buf_fmt(b, "%d ", day);
		if (month > 0)
			buf_fmt(b, "%s ", month_en[month - 1]);
		buf_str(b, t->year);
		return;
	}
	buf_str(b, t->year);
	buf_z(b, lang == LANG_KO ? "년" : "年");
	if (month > 0)
		buf_fmt(b, lang == LANG_KO ? " %d월" : "%d月", month);
	if (day > 0)
		buf_fmt(b, lang == LANG_KO ? " %d일" : "%d日", day);
}

static bool
when(enum lang lang, struct str s, bool day, bool clock, struct buf *b)
{
	struct parts t;

	if (!split(s, &t))
		return false;
	if (day)
		put_day(b, lang, &t);
	if (!clock || t.clock.n == 0)
		return true;
	if (day)
		buf_z(b, lang == LANG_EN ? ", " : " ");
	buf_str(b, t.clock);
	buf_z(b, " UTC");
	return true;
}

/* ---- spans ---- */

enum { DAY, HOUR, MINUTE, SECOND, UNITS };
static const int64_t unit_us[UNITS] = {INT64_C(86400000000),
    INT64_C(3600000000), 60000000, 1000000};
static const char *const unit_name[LANGS][UNITS] = {
    [LANG_EN] = {" d", " h", " min", " s"},
    [LANG_JA] = {"日", "時間", "分", "秒"},
    [LANG_ZH] = {"天", "小时", "分钟", "秒"},
    [LANG_KO] = {"일", "시간", "분", "초"},
};

/* The two largest units. */
static void
span(enum lang lang, int64_t us, struct buf *b)
{
	uint64_t left = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	const char *gap = lang == LANG_EN || lang == LANG_KO ? " " : "";
	size_t i = DAY;

	while (i < SECOND && left < (uint64_t)unit_us[i])
		i++;
	buf_fmt(b, "%llu%s", (unsigned long long)(left / (uint64_t)unit_us[i]),
	    unit_name[lang][i]);
	left %= (uint64_t)unit_us[i];
	if (++i < UNITS && left >= (uint64_t)unit_us[i])
		buf_fmt(b, "%s%llu%s", gap,
		    (unsigned long long)(left / (uint64_t)unit_us[i]),
		    unit_name[lang][i]);
}

/* ---- numbers ---- */

static void
number(int64_t n, struct buf *b)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu",
	    n < 0 ? 0 - (unsigned long long)n : (unsigned long long)n);

	if (n < 0)
		buf_z(b, "\xe2\x88\x92"); /* U+2212, minus */
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_char(b, ',');
		buf_char(b, digits[i]);
	}
}

static void
bytes(int64_t n, struct buf *b)
{
	static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	int64_t whole = n < 0 ? 0 : n, rest = 0;
	size_t i = 0;

	while (whole >= 1024 && i + 1 < COUNT(unit)) {
		rest = whole % 1024 * 10 / 1024;
		whole /= 1024;
		i++;
	}
	if (i > 0 && whole < 10)
		buf_fmt(b, "%lld.%lld %s", (long long)whole, (long long)rest,
		    unit[i]);
	else
		buf_fmt(b, "%lld %s", (long long)whole, unit[i]);
}

static void
hex(struct str s, struct buf *b)
{
	for (size_t i = 0; i < s.n; i++) {
		if (i > 0 && i % 4 == 0)
			buf_char(b, ' ');
		buf_char(b, s.p[i]);
	}
}

/* Each language by its own name. */
static const struct {
	const char *tag, *name;
} tongue[] = {{"en", "English"}, {"ja", "日本語"}, {"zh", "中文"},
    {"zh-Hans", "中文（简体）"}, {"zh-Hant", "中文（繁體）"}, {"ko", "한국어"},
    {"ru", "Русский"}, {"mn", "Монгол"}, {"fr", "Français"}, {"es", "Español"},
    {"de", "Deutsch"}};

static void
put_tongue(struct str tag, struct buf *b)
{
	for (size_t i = 0; i < COUNT(tongue); i++)
		if (str_is(tag, tongue[i].tag)) {
			buf_z(b, tongue[i].name);
			return;
		}
	buf_str(b, tag);
}

static bool
speak_text(enum lang lang, struct str s, struct str way, struct buf *b)
{
	if (str_is(way, "when"))
		return when(lang, s, true, true, b);
	if (str_is(way, "day"))
		return when(lang, s, true, false, b);
	if (str_is(way, "hour"))
		return when(lang, s, false, true, b);
	if (str_is(way, "hex"))
		hex(s, b);
	else if (str_is(way, "short"))
		buf_str(b, str_sub(s, 0, 8));
	else if (str_is(way, "tongue"))
		put_tongue(s, b);
	else
		return false;
	return true;
}

bool
speak(enum lang lang, const struct js *value, struct str way, struct arena *a,
    struct str *ret)
{
	bool fits = true;
	struct buf b;
	struct err err;

	buf_init(&b, a);
	if (js_type(value) == JS_TEXT)
		fits = speak_text(lang, js_str(value), way, &b);
	else if (js_type(value) != JS_INT)
		fits = false;
	else if (str_is(way, "span"))
		span(lang, js_int(value), &b);
	else if (str_is(way, "number"))
		number(js_int(value), &b);
	else if (str_is(way, "bytes"))
		bytes(js_int(value), &b);
	else
		fits = false;
	return fits && buf_done(&b, ret, &err) == 0;
}
