#include "node/held.h"

#include <assert.h>
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

static bool
has_control(struct str s, const char *but)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == 0x7f || s.p[i] == '\0' ||
		    ((uint8_t)s.p[i] < ' ' && strchr(but, s.p[i]) == NULL))
			return true;
	return false;
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

static enum held_fault
fault_of(const struct store_held *h)
{
	if (has_control(h->name, "") || has_control(h->affiliation, "") ||
	    has_control(h->text, "\n\t"))
		return HELD_LETTERS;
	if (h->name.n == 0)
		return HELD_NO_NAME;
	if (count_letters(h->name) > HELD_NAME_MAX)
		return HELD_LONG_NAME;
	if (count_letters(h->affiliation) > HELD_NAME_MAX)
		return HELD_LONG_AFFILIATION;
	if (h->text.n == 0)
		return HELD_NO_TEXT;
	if (count_letters(h->text) > HELD_TEXT_MAX)
		return HELD_LONG_TEXT;
	return is_tag(h->lang) ? HELD_FINE : HELD_NO_LANGUAGE;
}

const char *
held_fault_name(enum held_fault f)
{
	static const char *const name[] = {
	    [HELD_FINE] = "fine",
	    [HELD_NO_NAME] = "no_name",
	    [HELD_LONG_NAME] = "long_name",
	    [HELD_LONG_AFFILIATION] = "long_affiliation",
	    [HELD_NO_TEXT] = "no_text",
	    [HELD_LONG_TEXT] = "long_text",
	    [HELD_LETTERS] = "letters",
	    [HELD_NO_LANGUAGE] = "no_language",
	    [HELD_FULL] = "full",
	    [HELD_OFTEN] = "often",
	};
	static_assert(COUNT(name) == HELD_FAULTS, "each fault has its name");

	return name[f];
}

/* ---- coming in ---- */

struct adding {
	struct job job; /* first */
	struct store_held held;
	struct str from;
	enum held_fault fault;
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

	x->fault = HELD_FINE;
	if (store_held_count(n->writer, &count, err) != 0)
		return -1;
	if (count >= HELD_MAX) {
		x->fault = HELD_FULL;
		return err_set(err, ERR_BUSY, "too many comments wait");
	}
	if (source_of(n, x->from, &source, err) != 0 ||
	    store_held_from(n->writer, &source, now_us - DAY_US, now_us, &count,
		err) != 0)
		return -1;
	if (count >= HELD_DAY) {
		x->fault = HELD_OFTEN; /* and it counts no more: undone */
		return err_set(err, ERR_BUSY, "too many from one address");
	}
	if (store_held_time(n->writer, &x->held.about, now_us,
		&x->held.received_us, err) != 0)
		return -1;
	return store_held_add(n->writer, &x->held, &x->held.no, err);
}

int
held_add(struct node *n, const struct store_held *h, struct str from,
    enum held_fault *ret, int64_t *ret_no, struct err *err)
{
	struct adding x = {.job = {.run = run_add, .marked = true},
	    .held = *h,
	    .from = from};

	if ((*ret = fault_of(h)) != HELD_FINE)
		return 0;
	if (node_run(n, &x.job, err) != 0) {
		*ret = x.fault;
		return x.fault != HELD_FINE ? 0 : -1;
	}
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
