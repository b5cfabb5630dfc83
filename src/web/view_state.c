/* What a node says of itself: health, metrics, status, board, logs. */
#include "base/num.h"
#include "base/when.h"
#include "record/hash.h"
#include "web/view.h"

#define VERSION "0.1.0"
enum { BOARD_MAX = 500 };

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

static void
put_names(struct view *v, struct js *in, const struct member *m)
{
	js_put(&v->make, in, "names",
	    js_get(mandate_body(m->mandate), "names"));
}

int
view_status(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct note_key key = mandate_log_key(n->own->mandate, UINT64_MAX);
	struct id root = log_root(&n->own->log);
	struct store_fork *fork;
	struct js *list, *j;
	size_t forks;
	int64_t acts;

	if (store_act_count(v->q.s, &acts, err) != 0 ||
	    store_fork_list(v->q.s, v->q.a, &fork, &forks, err) != 0)
		return -1;
	js_put_z(&v->make, v->model, "party", n->own->code);
	put_names(v, v->model, n->own);
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
	list = js_put_list(&v->make, v->model, "forks");
	for (size_t i = 0; i < forks; i++) {
		struct member *m = node_member_by_no(n, fork[i].party);

		j = js_put_map(&v->make, list, NULL);
		js_put_z(&v->make, j, "party", m == NULL ? "?" : m->code);
		view_time(v, j, "found", true, fork[i].found_us);
		js_put_str(&v->make, j, "first", span_str(fork[i].note_a));
		js_put_str(&v->make, j, "second", span_str(fork[i].note_b));
	}
	return 0;
}

static void
put_owed(struct view *v, struct js *list, const struct store_owed *o)
{
	static const char *const kind[] = {"duty", "right", "alarm"};
	const struct procedure *p =
	    node_procedure(v->q.n, &o->matter.procedure);
	struct js *j = js_put_map(&v->make, list, NULL);
	struct js_make *m = &v->make;

	js_put_hex(m, j, "matter", o->matter.id.b, 32);
	js_put_str(m, j, "cite",
	    query_cite(&v->q, o->matter.party, o->matter.idx));
	js_put_str(m, j, "procedure", p == NULL ? STR("?") : procedure_name(p));
	view_title(v, j, "procedure_title", p, NULL, STR(""));
	js_put_str(m, j, "subject", o->matter.subject);
	js_put_str(m, j, "state", o->matter.state);
	view_title(v, j, "state_title", p, "states", o->matter.state);
	js_put_str(m, j, "term", o->term.name);
	view_title(v, j, "term_title", p, "terms", o->term.name);
	js_put_str(m, j, "party", o->term.party);
	js_put_z(m, j, "kind",
	    o->term.kind >= 0 && o->term.kind < 3 ? kind[o->term.kind] : "?");
	view_time(v, j, "begun", true, o->term.begun_us);
	view_time(v, j, "due", o->term.has_due, o->term.due_us);
	js_put_int(m, j, "left_us",
	    o->term.has_due ? o->term.due_us - v->q.now_us : 0);
	js_put_z(m, j, "status",
	    fold_status_name((enum fold_status)o->term.status));
}

static void
put_lines(struct view *v)
{
	struct js *list = js_put_list(&v->make, v->model, "lines");
	struct node *n = v->q.n;

	for (size_t i = 0; i < n->n_members; i++) {
		struct line_state s;
		struct js *j;

		if (n->member[i]->own)
			continue;
		j = js_put_map(&v->make, list, NULL);
		js_put_z(&v->make, j, "party", n->member[i]->code);
		if (n->member[i]->line == NULL) {
			js_put_z(&v->make, j, "state", "stopped");
			continue;
		}
		line_state(n->member[i]->line, n->own->log.size, &s);
		js_put_z(&v->make, j, "address", s.address);
		js_put_bool(&v->make, j, "reachable", s.reachable);
		js_put_z(&v->make, j, "via", s.via[0] == '\0' ? NULL : s.via);
		js_put_z(&v->make, j, "state",
		    s.address[0] == '\0' ? "no address"
		    : s.reachable        ? "up"
		    : s.tried_us == 0    ? "not tried yet"
					 : "down");
		view_time(v, j, "heard", s.heard_us != 0, s.heard_us);
		js_put_int(&v->make, j, "size",
		    (int64_t)n->member[i]->log.size); /* below 2^63 */
		js_put_int(&v->make, j, "waiting",
		    (int64_t)s.waiting); /* below 2^63 */
		js_put_z(&v->make, j, "error",
		    s.error[0] == '\0' ? NULL : s.error);
	}
}

int
view_board(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct store_owed *owed;
	struct js *ours, *theirs;
	size_t count;

	if (store_owed_list(v->q.s, BOARD_MAX, v->q.a, &owed, &count, err) != 0)
		return -1;
	js_put_z(&v->make, v->model, "party", n->own->code);
	view_time(v, v->model, "now", true, v->q.now_us);
	ours = js_put_list(&v->make, v->model, "owed_by_us");
	theirs = js_put_list(&v->make, v->model, "owed_to_us");
	for (size_t i = 0; i < count; i++) {
		const struct store_term *t = &owed[i].term;

		if (t->kind == FOLD_RIGHT && t->status != FOLD_OPEN)
			continue; /* nobody owes the use of a right */
		put_owed(v, str_is(t->party, n->own->code) ? ours : theirs,
		    &owed[i]);
	}
	put_lines(v);
	return 0;
}
