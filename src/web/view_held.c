/* Comments that wait for a secretary: shown to officers, accepted by an act or
 * declined. */
#include "base/num.h"
#include "node/held.h"
#include "web/view_draft_int.h"

enum { PAGE = 50 };
#define KIND STR("comment/accept")

/* Officers with the power to accept one also decline. */
static bool
may_decide(struct view *v)
{
	const struct member *own = v->q.n->own;

	return v->reader == WEB_OPERATOR ||
	       (v->reader == WEB_OFFICER &&
		   mandate_broken_alone(own->mandate, KIND, own->log.size,
		       &v->officer.key) == NULL);
}

static void
put_accept(struct view *v, struct js *j, int64_t no,
    const struct store_matter *about)
{
	struct str in = about == NULL || !about->has_conference
	                    ? STR("")
	                    : query_cite_of(&v->q, &about->conference);

	js_put_str(&v->make, j, "accept",
	    str_fmt(v->q.a, "/new/comment/accept?held=%lld%s%.*s",
		(long long)no, in.n > 0 ? "&in=" : "", STR_ARG(in)));
}

static int
put_held(struct view *v, struct js *j, const struct store_held *h,
    struct err *err)
{
	struct js_make *m = &v->make;
	struct store_matter row;
	bool found;

	if (store_matter_by_id(v->q.s, &h->about, v->q.a, &found, &row, err) !=
	    0)
		return -1;
	js_put_int(m, j, "no", h->no);
	view_cite(v, j, "about", true, &h->about);
	js_put_str(m, j, "subject", found ? row.subject : STR(""));
	js_put_str(m, j, "name", h->name);
	js_put_some(m, j, "affiliation", h->affiliation);
	js_put_str(m, j, "lang", h->lang);
	js_put_str(m, j, "text", h->text);
	view_time(v, j, "received", true, h->received_us);
	put_accept(v, j, h->no, found ? &row : NULL);
	return 0;
}

/* GET /comments?after= */
int
view_held(struct view *v, struct err *err)
{
	struct js_make *m = &v->make;
	struct js *list = js_put_list(m, v->model, "comments");
	struct store_held *h;
	int64_t after, count;
	size_t n;

	if (view_number(v, "after", 0, INT64_MAX, 0, &after, err) != 0 ||
	    store_held_count(v->q.s, &count, err) != 0 ||
	    store_held_list(v->q.s, after, PAGE + 1, v->q.a, &h, &n, err) != 0)
		return -1;
	js_put_int(m, v->model, "count", count);
	js_put_bool(m, v->model, "any", count > 0);
	for (size_t i = 0; i < n && i < PAGE; i++)
		if (put_held(v, js_put_map(m, list, NULL), &h[i], err) != 0)
			return -1;
	if (n > PAGE)
		js_put_int(m, v->model, "more", h[PAGE - 1].no);
	else
		js_put_null(m, v->model, "more");
	draft_put_power(v, v->model, KIND);
	return 0;
}

static int
find(struct view *v, struct str no, struct store_held *ret, struct err *err)
{
	int64_t n = 0;
	bool found;

	if (num_parse(no, 1, INT64_MAX, &n, err) != 0)
		return err_in(err, "a comment's number: ");
	if (store_held(v->q.s, n, v->q.a, &found, ret, err) != 0)
		return -1;
	return found ? 0
	             : err_set(err, ERR_ABSENT,
			   "no comment of this number waits here: another "
			   "officer may have decided on it");
}

/* GET /comments/NO: shall it be declined? */
int
view_held_one(struct view *v, struct err *err)
{
	struct store_held h;

	if (find(v, v->part[0], &h, err) != 0)
		return -1;
	draft_put_power(v, v->model, KIND);
	return put_held(v, v->model, &h, err);
}

/* POST (a form) or DELETE /comments/NO: it is declined, and gone. */
int
view_held_remove(struct view *v, struct err *err)
{
	int64_t no;
	bool may;

	if (num_parse(v->part[0], 1, INT64_MAX, &no, err) != 0)
		return err_in(err, "a comment's number: ");
	(void)pthread_rwlock_rdlock(&v->q.n->state);
	may = may_decide(v);
	(void)pthread_rwlock_unlock(&v->q.n->state);
	if (!may)
		return err_set(err, ERR_DENIED,
		    "who declines a comment needs the power to accept one "
		    "(comment/accept)");
	if (held_remove(v->q.n, no, err) != 0)
		return -1;
	js_put_int(&v->make, v->model, "removed", no);
	if (str_is(v->request->method, "POST"))
		view_go(v, STR("/comments"));
	return 0;
}

int
view_held_count(struct view *v, struct js *in, const char *key, struct err *err)
{
	int64_t count = 0;

	if (may_decide(v) && store_held_count(v->q.s, &count, err) != 0)
		return -1;
	if (count > 0)
		js_put_int(&v->make, in, key, count);
	else
		js_put_null(&v->make, in, key);
	return 0;
}

int
view_held_prefill(struct view *v, struct err *err)
{
	struct str no = view_param(v, "held");
	struct js_make *m = &v->make;
	struct store_held h;
	struct js *j, *text;

	if (no.p == NULL) {
		js_put_null(m, v->model, "prefill");
		return 0;
	}
	if (find(v, no, &h, err) != 0)
		return -1;
	j = js_put_map(m, v->model, "prefill");
	js_put_str(m, j, "name", h.name);
	if (h.affiliation.n > 0)
		js_put_str(m, j, "affiliation", h.affiliation);
	text = js_put_map(m, js_put_list(m, j, "comment"), NULL);
	js_put_str(m, text, "lang", h.lang);
	js_put_str(m, text, "text", h.text);
	view_time(v, j, "received", true, h.received_us);
	js_put_hex(m, j, "about", h.about.b, sizeof(h.about.b));
	return 0;
}
