#include "node/alert.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "base/when.h"
#include "node/query.h"

enum {
	TICK_US = 250000,
	OWED_MAX = 1000,
	KEPT_MAX = 4096,
	AGAIN_US = 60 * 1000000, /* after a failure */
	ARENA_ALERT = 32 * 1024 * 1024
};
/* What has waited for longer is for the board. */
#define OLDEST_US (7 * WHEN_DAY)

static const char *const way_name[] =
    {[ALERT_MAIL] = "mail", [ALERT_HOOK] = "hook", [ALERT_RUN] = "run"};

const char *
alert_way_name(enum alert_way way)
{
	return way_name[way];
}

static struct str
next_word(struct str s, size_t *at)
{
	size_t end;
	struct str word;

	while (*at < s.n && s.p[*at] == ' ')
		(*at)++;
	end = str_find(s, ' ', *at);
	word = str_sub(s, *at, end);
	*at = end;
	return word;
}

static int
parse_span(struct str s, const char *what, int64_t *ret_us, struct err *err)
{
	if (str_is(s, "PT0S")) {
		*ret_us = 0;
		return 0;
	}
	if (!when_is_duration(s, ret_us) || *ret_us < 0)
		return err_set(err, ERR_INPUT,
		    "'%.*s' (%s) is no span of time such as PT5M", STR_ARG(s),
		    what);
	return 0;
}

int
alert_parse(struct str text, struct alert_rule *ret, struct err *err)
{
	struct alert_rule r = {.to = {NULL, 0}};
	size_t at = 0, colon;
	struct str how;

	r.procedures = next_word(text, &at);
	if (r.procedures.n == 0 ||
	    parse_span(next_word(text, &at), "how soon", &r.after_us, err) != 0)
		return r.procedures.n > 0
		           ? -1
		           : err_set(err, ERR_INPUT,
				 "a rule is: PROCEDURES HOW-SOON "
				 "REPEAT WAY, such as message,"
				 "crisis PT0S PT5M mail:ADDRESS");
	if (parse_span(next_word(text, &at), "repeat", &r.repeat_us, err) != 0)
		return -1;
	how = next_word(text, &at);
	colon = str_find(how, ':', 0);
	for (size_t i = 0; i < COUNT(way_name); i++)
		if (str_is(str_sub(how, 0, colon), way_name[i])) {
			r.way = (enum alert_way)i;
			r.to = str_sub(how, colon + 1, how.n);
		}
	if (r.to.n == 0 || next_word(text, &at).n > 0)
		return err_set(err, ERR_INPUT,
		    "'%.*s': after both spans comes one of mail:ADDRESS, "
		    "hook:URL, run:PATH",
		    STR_ARG(how));
	*ret = r;
	return 0;
}

/* ---- what waits ---- */

static bool
is_of(const struct alert_rule *r, struct str procedure)
{
	for (size_t at = 0; at < r->procedures.n;) {
		size_t end = str_find(r->procedures, ',', at);
		struct str one = str_sub(r->procedures, at, end);

		if (str_is(one, "*") || str_eq(one, procedure))
			return true;
		at = end + 1;
	}
	return false;
}

struct kept { /* what was told, and when */
	int64_t matter, told_us;
	struct id origin;
};
struct ruler { /* one rule at work */
	struct node *n;
	struct alert_rule rule;
	pthread_t thread;
	size_t n_kept;
	struct kept kept[KEPT_MAX];
	int64_t not_before_us; /* after a failure */
	bool failing;
};
struct alerts {
	size_t n;
	struct ruler *ruler[ALERT_RULES_MAX];
};

static bool
is_same(const struct kept *k, const struct store_owed *o)
{
	return k->matter == o->matter.no && id_eq(&k->origin, &o->term.origin);
}

static struct kept *
find(struct ruler *r, const struct store_owed *o)
{
	for (size_t i = 0; i < r->n_kept; i++)
		if (is_same(&r->kept[i], o))
			return &r->kept[i];
	return NULL;
}

/* Forget what waits no longer. */
static void
sweep(struct ruler *r, const struct store_owed *o, size_t n)
{
	for (size_t i = 0; i < r->n_kept;) {
		bool waits = false;

		for (size_t k = 0; k < n && !waits; k++)
			waits = is_same(&r->kept[i], &o[k]);
		if (waits)
			i++;
		else
			r->kept[i] = r->kept[--r->n_kept];
	}
}

static void
put_line(struct ruler *r, struct query *q, const struct store_owed *o,
    struct buf *b)
{
	const struct procedure *p = node_procedure(r->n, &o->matter.procedure);
	struct str cite = query_cite(q, o->matter.party, o->matter.idx);

	buf_str(b, cite);
	buf_z(b, "  ");
	if (p != NULL)
		buf_str(b, procedure_title(p, NULL, STR(""), STR("en")));
	buf_z(b, ": ");
	buf_str(b, o->matter.subject);
	if (o->term.has_due) {
		buf_z(b, "  ");
		buf_str(b, when_str(q->a, o->term.due_us));
	}
	buf_char(b, '\n');
}

/* What waits by this rule; *ret_news: some of it is to be told now. */
static int
look(struct ruler *r, struct query *q, struct store_owed **ret, size_t *ret_n,
    bool *ret_news, struct err *err)
{
	struct store_owed *o;
	size_t n, kept = 0;

	if (store_owed_begun(q->s, str_of(r->n->own->code),
		q->now_us - OLDEST_US, OWED_MAX, q->a, &o, &n, err) != 0)
		return -1;
	*ret_news = false;
	for (size_t i = 0; i < n; i++) {
		const struct procedure *p =
		    node_procedure(r->n, &o[i].matter.procedure);
		const struct kept *k = find(r, &o[i]);

		if (p == NULL || !is_of(&r->rule, procedure_name(p)) ||
		    o[i].term.begun_us + r->rule.after_us > q->now_us)
			continue;
		*ret_news = *ret_news || k == NULL ||
		            (r->rule.repeat_us > 0 &&
				k->told_us + r->rule.repeat_us <= q->now_us);
		o[kept++] = o[i];
	}
	*ret = o;
	*ret_n = kept;
	return 0;
}

static void
keep(struct ruler *r, const struct store_owed *o, size_t n, int64_t now_us)
{
	for (size_t i = 0; i < n; i++) {
		struct kept *k = find(r, &o[i]);

		if (k == NULL && r->n_kept < KEPT_MAX)
			k = &r->kept[r->n_kept++];
		if (k != NULL)
			*k = (struct kept){o[i].matter.no, now_us,
			    o[i].term.origin};
	}
}

static int
describe(struct ruler *r, struct query *q, const struct store_owed *o, size_t n,
    struct alert *ret, struct err *err)
{
	struct buf b;

	buf_init(&b, q->a);
	*ret = (struct alert){.n = n};
	for (size_t i = 0; i < n; i++) {
		if (o[i].term.has_due &&
		    (!ret->has_due || o[i].term.due_us < ret->due_us)) {
			ret->has_due = true;
			ret->due_us = o[i].term.due_us;
		}
		if (r->n->settings.alert_tells)
			put_line(r, q, &o[i], &b);
	}
	return buf_done(&b, &ret->list, err);
}

static void
tick(struct ruler *r, struct arena *a)
{
	struct query q;
	struct store_owed *o = NULL;
	struct alert alert;
	struct err err;
	size_t n = 0;
	bool news = false;
	int rc;

	if (query_open(r->n, a, &q, &err) != 0)
		return;
	rc = look(r, &q, &o, &n, &news, &err);
	if (rc == 0) {
		sweep(r, o, n);
		news = news && clock_mono_us() >= r->not_before_us;
	}
	if (rc == 0 && news)
		rc = describe(r, &q, o, n, &alert, &err);
	query_close(&q); /* a mail may take long */
	if (rc != 0 || !news)
		return;
	if (alert_send(r->n, &r->rule, &alert, a, &err) != 0) {
		diag_warn("an alert is not sent: %s", err.text);
		r->failing = true;
		r->not_before_us = clock_mono_us() + AGAIN_US;
		return;
	}
	if (r->failing)
		diag_info("alerts are sent again");
	r->failing = false;
	keep(r, o, n, q.now_us);
}

static void *
rule_thread(void *ctx)
{
	struct ruler *r = ctx;

	do {
		struct arena a;

		arena_init(&a, ARENA_ALERT);
		tick(r, &a);
		arena_release(&a);
	} while (node_rest(r->n, TICK_US));
	return NULL;
}

int
alerts_start(struct node *n, struct alerts **ret, struct err *err)
{
	struct alerts *s = mem_alloc(1, sizeof(*s));

	if (s == NULL)
		return err_nomem(err, "alerts");
	*ret = s;
	for (size_t i = 0; i < n->settings.n_alerts; i++) {
		struct ruler *r = mem_alloc(1, sizeof(*r));

		if (r == NULL)
			return err_nomem(err, "alerts");
		r->n = n;
		r->rule = n->settings.alerts[i];
		if (pthread_create(&r->thread, NULL, rule_thread, r) != 0) {
			mem_free(r);
			return err_set(err, ERR_IO, "no thread for alerts");
		}
		s->ruler[s->n++] = r;
	}
	return 0;
}

void
alerts_stop(struct alerts *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++) {
		(void)pthread_join(s->ruler[i]->thread, NULL);
		mem_free(s->ruler[i]);
	}
	mem_free(s);
}
