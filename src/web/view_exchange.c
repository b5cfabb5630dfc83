/* What other programs send and fetch: acts, bundles, checkpoints, tiles. */
#include <string.h>

#include "base/num.h"
#include "record/hash.h"
#include "web/view.h"

enum { RELAYS_MAX = 8, RECOVERIES_MAX = 4 };

void
view_posted(struct view *v, const struct node_receipt *r)
{
	v->ans.status = 201;
	js_put_hex(&v->make, v->model, "id", r->id.b, 32);
	js_put_str(&v->make, v->model, "cite",
	    str_fmt(v->q.a, "%s-%llu", v->q.n->own->code,
		(unsigned long long)r->idx));
	js_put_hex(&v->make, v->model, "matter", r->matter.b, 32);
	js_put_z(&v->make, v->model, "state", r->state);
	js_put_bool(&v->make, v->model, "was_known", r->was_known);
}

static void
on_posted(void *ctx, const struct node_receipt *r, const struct err *err)
{
	struct web_later *l = ctx;

	l->failed = err != NULL;
	if (err != NULL)
		l->err = *err;
	else
		l->receipt = *r;
	l->ready(l);
}

int
view_post(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct node_receipt r;

	if (v->request->later != NULL && node_posts_at_once(n)) {
		v->later = true;
		return node_post_later(n, v->request->body, on_posted,
		    v->request->later, err);
	}
	if (node_post(n, v->request->body, &r, err) != 0)
		return -1;
	view_posted(v, &r);
	return 0;
}

/* A sender that starts too far is told where to start: "size". */
static int
say_size(struct view *v, const struct err *why)
{
	struct node *n = v->q.n;
	struct err err;
	struct str text;
	struct id charter;
	struct str hex = view_param(v, "log");
	struct member *m = NULL;

	if (!hex_is_parsed(hex, charter.b, sizeof(charter.b)))
		return -1;
	(void)pthread_rwlock_rdlock(&n->state);
	m = node_member_by_charter(n, &charter);
	if (m != NULL)
		js_put_int(&v->make, v->model, "size",
		    (int64_t)m->log.size); /* below 2^63 */
	(void)pthread_rwlock_unlock(&n->state);
	js_put_z(&v->make, v->model, "error", why->text);
	js_put_z(&v->make, v->model, "code", err_name(why->code));
	if (m == NULL ||
	    js_text(&v->make, v->model, JS_COMPACT, &text, &err) != 0)
		return -1;
	v->ans.status = 409;
	v->ans.type = "application/json";
	v->ans.body = span_of(text);
	return 0;
}

int
view_exchange(struct view *v, struct err *err)
{
	struct node_taken t;

	if (node_take(v->q.n, v->request->body, true, v->q.a, &t, err) != 0)
		return err->code == ERR_CONFLICT ? say_size(v, err) : -1;
	v->ans.body = t.receipt.n > 0 ? span_of(t.receipt) : span_of(STR("{}"));
	v->ans.type = "application/json";
	return 0;
}

static int
relay(struct view *v, const struct id *to, const struct id *log,
    struct err *err)
{
	struct node *n = v->q.n;
	struct str hex = hex_str(v->q.a, log->b, sizeof(log->b));
	int rc;

	if (hex.p == NULL)
		return err_nomem(err, "a relay");
	if (!node_enter(n, &n->relays, RELAYS_MAX))
		return err_set(err, ERR_BUSY,
		    "%d bundles are being relayed already: try again",
		    RELAYS_MAX);
	rc = line_relay(n, to, hex, v->request->body, v->q.a, &v->ans.status,
	    &v->ans.body, err);
	node_leave(n, &n->relays);
	if (rc != 0)
		v->ans.status = err->code == ERR_ABSENT ? 404 : 502;
	return rc;
}

/* A bundle for a peer of ours, which its sender cannot reach: only between
 * parties that we know. */
int
view_relay(struct view *v, struct err *err)
{
	struct id to, log;
	struct node *n = v->q.n;
	bool known;

	if (!hex_is_parsed(v->part[0], to.b, sizeof(to.b)))
		return err_set(err, ERR_INPUT, "no charter's id: '%.*s'",
		    STR_ARG(v->part[0]));
	if (!hex_is_parsed(view_param(v, "log"), log.b, sizeof(log.b)))
		return err_set(err, ERR_INPUT,
		    "'log' is no charter's id: 64 hexadecimal digits");
	(void)pthread_rwlock_rdlock(&n->state);
	known = node_member_by_charter(n, &log) != NULL;
	(void)pthread_rwlock_unlock(&n->state);
	if (!known)
		return err_set(err, ERR_DENIED,
		    "the bundle is of a party that this node was not "
		    "introduced to");
	if (relay(v, &to, &log, err) != 0)
		return -1;
	v->ans.type = "application/json";
	return 0;
}

/* What a party lost of its own log and shared with us. */
int
view_recover(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct member *m;
	struct id charter;
	int64_t from;
	int rc;

	if (view_number(v, "from", 1, INT64_MAX, 1, &from, err) != 0)
		return -1;
	if (!hex_is_parsed(v->part[0], charter.b, sizeof(charter.b)) ||
	    (m = node_member_by_charter(n, &charter)) == NULL || m->own)
		return err_set(err, ERR_ABSENT, "no such party here");
	if (!node_enter(n, &n->recoveries, RECOVERIES_MAX))
		return err_set(err, ERR_BUSY,
		    "%d recoveries are under way already: try again",
		    RECOVERIES_MAX);
	rc = export_lost(n, v->q.s, m, (uint64_t)from, v->q.a, &v->ans.body,
	    err);
	node_leave(n, &n->recoveries);
	v->ans.type = "application/x-tar";
	return rc;
}

int
view_import(struct view *v, struct err *err)
{
	struct node_taken t;

	if (node_take(v->q.n, v->request->body, false, v->q.a, &t, err) != 0)
		return -1;
	js_put_int(&v->make, v->model, "acts", (int64_t)t.acts);
	js_put_int(&v->make, v->model, "known", (int64_t)t.known);
	js_put_int(&v->make, v->model, "entries", (int64_t)t.entries);
	js_put_int(&v->make, v->model, "cosignatures", (int64_t)t.cosignatures);
	js_put_int(&v->make, v->model, "procedures", (int64_t)t.procedures);
	js_put_int(&v->make, v->model, "forks", (int64_t)t.forks);
	return 0; /* all are counts */
}

int
view_add_checkpoint(struct view *v, struct err *err)
{
	struct str body;

	if (node_add_checkpoint(v->q.n, v->request->body, v->q.a,
		&v->ans.status, &body, err) != 0)
		return -1;
	v->ans.type = v->ans.status == 409 ? "text/x.tlog.size"
	                                   : "text/plain; charset=utf-8";
	v->ans.body = span_of(body);
	return 0;
}

static struct member *
member_of_hash(struct node *n, const struct id *hash)
{
	for (size_t i = 0; i < n->n_members; i++) {
		struct id h =
		    hash_of(span_of(mandate_origin(n->member[i]->mandate)));

		if (id_eq(&h, hash))
			return n->member[i];
	}
	return NULL;
}

/* The newest checkpoint of a log that we cosigned (tlog-witness). */
int
view_witnessed(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct member *m;
	struct id hash;
	struct store_cosignature c;
	struct str text;
	struct span note;
	bool found = false;

	if (!hex_is_parsed(v->part[0], hash.b, sizeof(hash.b)) ||
	    (m = member_of_hash(n, &hash)) == NULL)
		return err_set(err, ERR_ABSENT, "no such log is witnessed");
	if (store_cosignature_upto(v->q.s, m->no, n->own->witness, INT64_MAX,
		&found, &c, err) != 0)
		return -1;
	if (found && store_checkpoint(v->q.s, m->no, c.size, v->q.a, &found,
			 &note, err) != 0)
		return -1;
	if (!found)
		return err_set(err, ERR_ABSENT,
		    "no checkpoint of it was cosigned yet");
	if (node_cosigned_note(n, v->q.s, &c, 1, note, v->q.a, &text, err) != 0)
		return -1;
	v->ans.body = span_of(text);
	v->ans.type = "text/plain; charset=utf-8";
	return 0;
}

/* Our own head is signed fresh at the served size; others' as they came; all
 * with the cosignatures that are held. */
static int
checkpoint_of(struct view *v, const struct member *m, struct err *err)
{
	struct store_cosignature *c;
	struct store_head head;
	struct span kept;
	struct str text;
	size_t count;
	bool found;

	if (store_head(v->q.s, m->no, v->q.a, &found, &head, err) != 0)
		return -1;
	if (!found)
		return err_set(err, ERR_ABSENT, "no checkpoint of %s yet",
		    m->code);
	if (store_cosignature_list(v->q.s, m->no, head.size, v->q.a, &c, &count,
		err) != 0 ||
	    store_checkpoint(v->q.s, m->no, head.size, v->q.a, &found, &kept,
		err) != 0)
		return -1;
	if (node_cosigned_note(v->q.n, v->q.s, c, count,
		found ? kept : head.note, v->q.a, &text, err) != 0)
		return -1;
	v->ans.body = span_of(text);
	v->ans.type = "text/plain; charset=utf-8";
	v->ans.caching = "no-cache";
	return 0;
}

int
view_tiles(struct view *v, struct err *err)
{
	struct member *m = node_member(v->q.n, v->part[0]);
	struct log_tile t;
	struct str text;
	uint64_t have;

	if (m == NULL)
		return err_set(err, ERR_ABSENT, "no log of '%.*s' here",
		    STR_ARG(v->part[0]));
	if (str_is(v->part[1], "checkpoint"))
		return checkpoint_of(v, m, err);
	if (!log_tile_is_path(v->part[1], &t))
		return err_set(err, ERR_ABSENT, "no such tile");
	have = m->log.size;
	for (int l = 0; l < t.level; l++)
		have /= LOG_TILE;
	if (t.index > have / LOG_TILE || t.index * LOG_TILE + t.width > have)
		return err_set(err, ERR_ABSENT, "no such tile yet");
	v->ans.type = "application/octet-stream";
	v->ans.caching = "public, max-age=31536000, immutable";
	if (node_tile_bytes(v->q.s, m, &t, v->q.a, &text, err) != 0)
		return -1;
	v->ans.body = span_of(text);
	return 0;
}

int
view_rebuild(struct view *v, struct err *err)
{
	bool same;

	if (node_rebuild(v->q.n, &same, err) != 0)
		return -1;
	js_put_bool(&v->make, v->model, "same", same);
	return 0;
}

int
view_check(struct view *v, struct err *err)
{
	if (node_check(v->q.n, err) != 0)
		return -1;
	js_put_bool(&v->make, v->model, "sound", true);
	return 0;
}
