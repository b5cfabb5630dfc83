/* Logs: who keeps which history, who has witnessed it, who shows two. */
#include "base/num.h"
#include "web/view.h"

/* What is known to all logs' rows. */
struct logs {
	size_t n_forks, n_witnesses;
	struct store_fork *fork;
	struct store_witness *witness;
};

static int
load(struct view *v, struct logs *ret, struct err *err)
{
	return store_fork_list(v->q.s, v->q.a, &ret->fork, &ret->n_forks,
		   err) != 0 ||
	               store_witness_list(v->q.s, v->q.a, &ret->witness,
			   &ret->n_witnesses, err) != 0
	           ? -1
	           : 0;
}

void
view_forks(struct view *v, struct js *in, const struct store_fork *fork,
    size_t n, int64_t party)
{
	struct js *list = js_put_list(&v->make, in, "forks");

	for (size_t i = 0; i < n; i++) {
		struct member *m = node_member_by_no(v->q.n, fork[i].party);
		struct js *j;

		if (party != 0 && fork[i].party != party)
			continue;
		j = js_put_map(&v->make, list, NULL);
		js_put_z(&v->make, j, "party", m == NULL ? "?" : m->code);
		view_time(v, j, "found", true, fork[i].found_us);
		js_put_str(&v->make, j, "first", span_str(fork[i].note_a));
		js_put_str(&v->make, j, "second", span_str(fork[i].note_b));
	}
}

/* One witness: the newest head of the log that it cosigned, and when. */
static int
put_witness(struct view *v, struct js *list, const struct member *m,
    const struct store_witness *w, uint64_t head, struct err *err)
{
	struct member *who = node_member_by_no(v->q.n, w->party);
	struct store_cosignature c;
	struct note_key key;
	struct js *j;
	bool found;

	if (store_cosignature_upto(v->q.s, m->no, w->no, INT64_MAX, &found, &c,
		err) != 0)
		return -1;
	if (!found)
		return 0;
	j = js_put_map(&v->make, list, NULL);
	js_put_z(&v->make, j, "party", who == NULL ? NULL : who->code);
	if (who != NULL) /* of a member the store has the name alone */
		key = mandate_witness_key(who->mandate);
	else if (note_key_parse(w->vkey, &key, err) != 0)
		return -1;
	js_put_str(&v->make, j, "name", key.name);
	js_put_str(&v->make, j, "vkey", note_key_text(v->q.a, &key));
	js_put_int(&v->make, j, "size", (int64_t)c.size); /* below 2^63 */
	js_put_bool(&v->make, j, "newest", c.size >= head);
	view_time(v, j, "first", true, (int64_t)c.first.time_s * 1000000);
	view_time(v, j, "last", true, (int64_t)c.last.time_s * 1000000);
	return 0;
}

static int
put_witnesses(struct view *v, struct js *in, const struct logs *l,
    const struct member *m, uint64_t head, struct err *err)
{
	struct js *list = js_put_list(&v->make, in, "witnesses");
	int64_t newest = 0;

	for (size_t i = 0; i < l->n_witnesses; i++)
		if (put_witness(v, list, m, &l->witness[i], head, err) != 0)
			return -1;
	for (size_t i = 0; i < js_len(list); i++)
		newest += js_bool(js_get(js_at(list, i), "newest"));
	js_put_int(&v->make, in, "n_witnesses",
	    (int64_t)js_len(list)); /* few */
	js_put_int(&v->make, in, "n_newest", newest);
	js_put_bool(&v->make, in, "witnessed", js_len(list) > 0);
	return 0;
}

static int
put_log(struct view *v, struct js *in, const struct logs *l,
    const struct member *m, struct err *err)
{
	struct note_key log = mandate_log_key(m->mandate, m->log.size);
	struct note_key witness = mandate_witness_key(m->mandate);
	struct id root = log_root(&m->log);
	struct store_head head;
	bool found;

	if (store_head(v->q.s, m->no, v->q.a, &found, &head, err) != 0)
		return -1;
	js_put_z(&v->make, in, "party", m->code);
	js_put(&v->make, in, "names", view_names(m));
	js_put_bool(&v->make, in, "ours", m->own);
	js_put_hex(&v->make, in, "charter", m->charter.b, 32);
	js_put_str(&v->make, in, "origin", mandate_origin(m->mandate));
	js_put_hex(&v->make, in, "key", log.pub.b, 32);
	js_put_str(&v->make, in, "vkey", note_key_text(v->q.a, &log));
	js_put_str(&v->make, in, "witness", note_key_text(v->q.a, &witness));
	js_put_int(&v->make, in, "size", (int64_t)m->log.size); /* < 2^63 */
	js_put_hex(&v->make, in, "root", root.b, 32);
	view_time(v, in, "heard", found, found ? head.heard_us : 0);
	view_forks(v, in, l->fork, l->n_forks, m->no);
	js_put_bool(&v->make, in, "forked", js_len(js_get(in, "forks")) > 0);
	js_put_int(&v->make, in, "head", found ? (int64_t)head.size : 0);
	return put_witnesses(v, in, l, m, found ? head.size : m->log.size, err);
}

int
view_logs(struct view *v, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "logs");
	const struct member **m;
	struct logs l;
	size_t n;

	if (load(v, &l, err) != 0 || view_parties(v, &m, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_log(v, js_put_map(&v->make, list, NULL), &l, m[i],
			err) != 0)
			return -1;
	js_put_bool(&v->make, v->model, "forked", l.n_forks > 0);
	view_time(v, v->model, "now", true, v->q.now_us);
	return 0;
}

int
view_log(struct view *v, struct err *err)
{
	const struct member *m = node_member(v->q.n, v->part[0]);
	struct logs l;

	if (m == NULL)
		return err_set(err, ERR_ABSENT, "no log of '%.*s' here",
		    STR_ARG(v->part[0]));
	if (load(v, &l, err) != 0 || put_log(v, v->model, &l, m, err) != 0)
		return -1;
	js_put_str(&v->make, v->model, "address", v->q.n->settings.address);
	view_time(v, v->model, "now", true, v->q.now_us);
	return 0;
}
