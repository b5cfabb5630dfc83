#include "node/held.h"

#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/when.h"
#include "record/hash.h"

#define DAY_US (24 * 3600 * INT64_C(1000000))
enum { SALT = 32 };

/* ---- what a comment may be ---- */

static size_t
count_letters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((uint8_t)s.p[i] & 0xc0) != 0x80; /* UTF-8 */
	return n;
}

static int
check_text(const char *what, struct str s, size_t most, bool lines,
    struct err *err)
{
	size_t n = count_letters(s);

	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if ((c < 0x20 && !(lines && (c == '\n' || c == '\t'))) ||
		    c == 0x7f)
			return err_set(err, ERR_INPUT,
			    "the %s holds a control character", what);
	}
	return n <= most ? 0
	                 : err_set(err, ERR_INPUT,
			       "the %s has %zu letters, the limit is %zu", what,
			       n, most);
}

static bool
is_letter(char c, bool any)
{
	return (c >= 'a' && c <= 'z') ||
	       (any && ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')));
}

/* As the form of the act that accepts it wants a language (procedures.md). */
static bool
is_tag(struct str s)
{
	for (size_t at = 0; at <= s.n;) {
		size_t end = str_find(s, '-', at), n = end - at;

		if (n < 2 || n > (at == 0 ? 3 : 8))
			return false;
		for (; at < end; at++)
			if (!is_letter(s.p[at], n < end))
				return false;
		at = end + 1;
	}
	return s.n <= 35;
}

int
held_check(const struct store_held *h, struct err *err)
{
	if (h->name.n == 0)
		return err_set(err, ERR_INPUT, "the name is missing");
	if (h->text.n == 0)
		return err_set(err, ERR_INPUT, "the text is missing");
	if (!is_tag(h->lang))
		return err_set(err, ERR_INPUT, "the language is no tag");
	if (check_text("name", h->name, HELD_NAME_MAX, false, err) != 0 ||
	    check_text("affiliation", h->affiliation, HELD_NAME_MAX, false,
		err) != 0)
		return -1;
	return check_text("text", h->text, HELD_TEXT_MAX, true, err);
}

/* ---- coming in ---- */

struct adding {
	struct job job; /* first */
	struct store_held held;
	struct str from;
};

/* The salt is made once: without it the hash of an address is the address. */
static int
source_of(struct node *n, struct str from, struct id *ret, struct err *err)
{
	uint8_t salt[SALT];
	struct span part[2] = {{salt, sizeof(salt)}, span_of(from)};
	struct str hex;

	if (store_setting(n->writer, "held_salt", &n->batch, &hex, err) != 0)
		return -1;
	if (!hex_is_parsed(hex, salt, sizeof(salt))) {
		key_random(salt, sizeof(salt));
		hex = hex_str(&n->batch, salt, sizeof(salt));
		if (hex.p == NULL)
			return err_nomem(err, "a salt");
		if (store_set_setting(n->writer, "held_salt", hex, err) != 0)
			return -1;
	}
	*ret = hash_parts(part, COUNT(part));
	return 0;
}

static int
run_add(struct node *n, struct job *job, struct err *err)
{
	struct adding *x = (struct adding *)job;
	int64_t count, now_us = clock_utc_us();
	struct id source;

	if (store_held_count(n->writer, &count, err) != 0)
		return -1;
	if (count >= HELD_MAX)
		return err_set(err, ERR_BUSY,
		    "%d comments wait for the secretary already: try again "
		    "on another day",
		    HELD_MAX);
	if (source_of(n, x->from, &source, err) != 0 ||
	    store_held_from(n->writer, &source, now_us - DAY_US, now_us, &count,
		err) != 0)
		return -1;
	if (count >= HELD_DAY)
		return err_set(err, ERR_CONFLICT,
		    "%d comments came from this address today, and no more "
		    "are taken: try again tomorrow",
		    HELD_DAY);
	if (store_held_time(n->writer, now_us, &x->held.received_us, err) != 0)
		return -1;
	return store_held_add(n->writer, &x->held, &x->held.no, err);
}

int
held_add(struct node *n, const struct store_held *h, struct str from,
    int64_t *ret_no, struct err *err)
{
	struct adding x = {.job = {.run = run_add, .marked = true},
	    .held = *h,
	    .from = from};

	if (held_check(h, err) != 0 || node_run(n, &x.job, err) != 0)
		return -1;
	*ret_no = x.held.no;
	return 0;
}

/* ---- going ---- */

struct removing {
	struct job job; /* first */
	int64_t no;
};

static int
run_remove(struct node *n, struct job *job, struct err *err)
{
	bool found;

	if (store_held_remove(n->writer, ((struct removing *)job)->no, &found,
		err) != 0)
		return -1;
	return found ? 0
	             : err_set(err, ERR_ABSENT,
			   "no comment of this number waits here");
}

int
held_remove(struct node *n, int64_t no, struct err *err)
{
	struct removing r = {.job = {.run = run_remove}, .no = no};

	return node_run(n, &r.job, err);
}

int
held_accepted(struct node *n, const struct act *act, struct err *err)
{
	struct id about;
	int64_t us;

	if (!act->opens || !str_is(act->kind, "comment/accept") ||
	    !hex_is_parsed(js_str(js_get(act->body, "about")), about.b,
		sizeof(about.b)) ||
	    !when_is_time(js_str(js_get(act->body, "received")), WHEN_SECOND,
		&us))
		return 0;
	return store_held_accept(n->writer, &about, us, err);
}
