/* What an officer checks now and then: acts that the rules found wanting, logs
 * with two histories, what was refused. */
#include "base/clock.h"
#include "base/num.h"
#include "web/sheet.h"

enum {
	AUDIT_ACTS = 50,     /* of a page, at least, where there are more */
	AUDIT_LOOKED = 1000, /* matters that a page looks through, at most */
	AUDIT_EACH = 50      /* at a time */
};

static bool
is_remarked(const struct fold_act_result *r)
{
	return r->verdict == FOLD_VOID || r->time_corrected != 0 ||
	       r->witnesses_disagree != 0 || r->late != 0;
}

/* The acts of a matter that are remarkable, the newest first. */
static int
put_matter(struct view *v, struct js *list, const struct store_matter *row,
    struct err *err)
{
	const struct sheet *s;
	struct matter_view mv;
	bool any = false;

	if (matter_fold(v->q.n, v->q.s, row, NULL, v->q.now_us, v->q.a, &mv,
		err) != 0)
		return -1;
	for (size_t i = 0; mv.result != NULL && i < mv.result->n_acts; i++)
		any = any || is_remarked(&mv.result->acts[i]);
	if (!any)
		return 0;
	if (sheet_open(v, row, &s, err) != 0)
		return -1;
	for (size_t i = js_len(s->acts); i-- > 0;) {
		const struct js *act = js_at(s->acts, i);
		struct js *j;

		if (!is_remarked(&s->mv.result->acts[i])) /* in this order */
			continue;
		j = js_put_map(&v->make, list, NULL);
		js_put_str(&v->make, j, "matter",
		    query_cite(&v->q, row->party, row->idx));
		view_title(v, j, "procedure_title", s->mv.procedure, NULL,
		    STR("?"));
		js_put_str(&v->make, j, "subject", row->subject);
		js_put(&v->make, j, "act", act);
	}
	return 0;
}

/* *before: from which matter on; then from which the next page begins, 0: there
 * is none. */
static int
put_acts(struct view *v, int64_t *before, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "acts");
	struct store_matter_filter f = {.before = *before, .n = AUDIT_EACH};
	struct store_matter *row;
	size_t n = AUDIT_EACH;

	for (size_t looked = 0; looked < AUDIT_LOOKED && n == AUDIT_EACH &&
				js_len(list) < AUDIT_ACTS;
	     looked += n) {
		if (store_matter_list(v->q.s, &f, v->q.a, &row, &n, err) != 0)
			return -1;
		for (size_t i = 0; i < n && js_len(list) < AUDIT_ACTS; i++) {
			if (put_matter(v, list, &row[i], err) != 0)
				return -1;
			f.before = row[i].no;
		}
	}
	*before = js_len(list) < AUDIT_ACTS && n < AUDIT_EACH ? 0 : f.before;
	return 0;
}

/* What is counted since the node was started, and not kept. */
static void
put_counts(struct view *v)
{
	struct node *n = v->q.n;
	int64_t ago_us = clock_mono_us() - n->started_us;
	uint64_t refused;

	(void)pthread_mutex_lock(&n->queue);
	refused = n->refused;
	(void)pthread_mutex_unlock(&n->queue);
	js_put_int(&v->make, v->model, "refused",
	    (int64_t)refused); /* < 2^63 */
	view_time(v, v->model, "since", true, v->q.now_us - ago_us);
}

int
view_audit(struct view *v, struct err *err)
{
	struct js_make *m = &v->make;
	struct store_fork *fork;
	int64_t before;
	size_t forks;
	bool any;

	if (view_number(v, "before", 1, INT64_MAX, 0, &before, err) != 0 ||
	    put_acts(v, &before, err) != 0 ||
	    store_fork_list(v->q.s, v->q.a, &fork, &forks, err) != 0)
		return -1;
	view_forks(v, v->model, fork, forks, 0);
	put_counts(v);
	any = js_len(js_get(v->model, "acts")) > 0;
	js_put_bool(m, js_put_map(m, v->model, "lead"),
	    forks > 0 ? "forked"
	    : any     ? "acts"
		      : "nothing",
	    true);
	if (before > 0) {
		js_put_int(m, v->model, "before", before);
		js_put_str(m, v->model, "older",
		    str_fmt(v->q.a, "/audit?before=%lld", (long long)before));
	} else {
		js_put_null(m, v->model, "before");
		js_put_null(m, v->model, "older");
	}
	v->ans.caching = "no-store"; /* it counts */
	return 0;
}
