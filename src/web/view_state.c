/* What a node says of itself: health, metrics, status. */
#include "base/num.h"
#include "base/when.h"
#include "record/hash.h"
#include "web/view.h"

#define VERSION "0.1.0"

int
view_health(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	bool sick;

	(void)err; /* the common form of views */
	(void)pthread_mutex_lock(&n->queue);
	sick = n->sick || n->stopping;
	(void)pthread_mutex_unlock(&n->queue);
	v->ans.status = sick ? 503 : 200;
	js_put_z(&v->make, v->model, "status", sick ? "failing" : "ok");
	js_put_z(&v->make, v->model, "party", n->own->code);
	return 0;
}

static void
metric(struct buf *b, const char *name, const char *type, const char *help,
    uint64_t value)
{
	buf_fmt(b, "# HELP comity_%s %s\n# TYPE comity_%s %s\ncomity_%s %llu\n",
	    name, help, name, type, name, (unsigned long long)value);
}

static void
line_metrics(struct view *v, struct buf *b)
{
	struct node *n = v->q.n;

	buf_z(b, "# HELP comity_line_up 1 while the line works\n"
		 "# TYPE comity_line_up gauge\n");
	for (size_t i = 0; i < n->n_members; i++) {
		struct line_state s;

		if (n->member[i]->line == NULL)
			continue;
		line_state(n->member[i]->line, n->own->log.size, &s);
		buf_fmt(b, "comity_line_up{party=\"%s\"} %d\n", s.party,
		    s.reachable);
		buf_fmt(b, "comity_line_waiting{party=\"%s\"} %llu\n", s.party,
		    (unsigned long long)s.waiting);
	}
}

int
view_metrics(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct store_fork *fork;
	struct buf b;
	struct str text;
	int64_t acts;
	size_t forks;

	if (store_act_count(v->q.s, &acts, err) != 0 ||
	    store_fork_list(v->q.s, v->q.a, &fork, &forks, err) != 0)
		return -1;
	buf_init(&b, v->q.a);
	metric(&b, "log_size", "gauge", "entries of our log", n->own->log.size);
	metric(&b, "acts", "gauge", "acts held", (uint64_t)acts);
	metric(&b, "forks", "gauge", "logs with two histories", forks);
	(void)pthread_mutex_lock(&n->queue);
	metric(&b, "commits_total", "counter", "transactions", n->commits);
	metric(&b, "commit_microseconds_total", "counter",
	    "time in transactions", n->commit_us);
	metric(&b, "posted_total", "counter", "acts of our own", n->posted);
	metric(&b, "taken_total", "counter", "acts of others", n->taken);
	metric(&b, "refused_total", "counter", "input that was refused",
	    n->refused);
	(void)pthread_mutex_unlock(&n->queue);
	line_metrics(v, &b);
	if (buf_done(&b, &text, err) != 0)
		return -1;
	v->ans.body = span_of(text);
	v->ans.type = "text/plain; version=0.0.4; charset=utf-8";
	v->ans.caching = "no-store"; /* counters, not the record */
	return 0;
}

int
view_charter(struct view *v, struct err *err)
{
	struct store_act act;
	struct str text;
	bool found;

	if (store_act_by_entry(v->q.s, v->q.n->own->no, 0, v->q.a, &found, &act,
		err) != 0)
		return -1;
	if (!found)
		return err_set(err, ERR_CORRUPT, "our charter is missing");
	if (node_envelope(&act, v->q.a, &text, err) != 0)
		return -1;
	v->ans.body = span_of(text);
	v->ans.type = "application/json";
	return 0;
}

int
view_status(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct note_key key = mandate_log_key(n->own->mandate, UINT64_MAX);
	struct id root = log_root(&n->own->log);
	struct store_fork *fork;
	size_t forks;
	int64_t acts;

	if (store_act_count(v->q.s, &acts, err) != 0 ||
	    store_fork_list(v->q.s, v->q.a, &fork, &forks, err) != 0)
		return -1;
	js_put_z(&v->make, v->model, "party", n->own->code);
	js_put(&v->make, v->model, "names", view_names(n->own));
	js_put_hex(&v->make, v->model, "charter", n->own->charter.b, 32);
	js_put_hex(&v->make, v->model, "fingerprint", n->own->charter.b, 32);
	js_put_str(&v->make, v->model, "origin",
	    mandate_origin(n->own->mandate));
	js_put_str(&v->make, v->model, "vkey", note_key_text(v->q.a, &key));
	js_put_int(&v->make, v->model, "size",
	    (int64_t)n->own->log.size); /* below 2^63 */
	js_put_hex(&v->make, v->model, "root", root.b, 32);
	js_put_int(&v->make, v->model, "acts", acts);
	js_put_z(&v->make, v->model, "version", VERSION);
	js_put_bool(&v->make, v->model, "running", n->serving);
	view_time(v, v->model, "now", true, v->q.now_us);
	js_put_str(&v->make, v->model, "address", n->settings.address);
	view_forks(v, v->model, fork, forks, 0);
	return 0;
}
