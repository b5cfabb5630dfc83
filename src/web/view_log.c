/* Logs: who keeps which history, who has witnessed it, who shows two. */
#include "web/view.h"

int
view_logs(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct js *list = js_put_list(&v->make, v->model, "logs");

	for (size_t i = 0; i < n->n_members; i++) {
		const struct member *m = n->member[i];
		struct js *j = js_put_map(&v->make, list, NULL);
		struct note_key key = mandate_log_key(m->mandate, m->log.size);
		struct id root = log_root(&m->log);
		struct store_head head;
		bool found;

		if (store_head(v->q.s, m->no, v->q.a, &found, &head, err) != 0)
			return -1;
		js_put_z(&v->make, j, "party", m->code);
		js_put(&v->make, j, "names", view_names(m));
		js_put_str(&v->make, j, "origin", mandate_origin(m->mandate));
		js_put_str(&v->make, j, "vkey", note_key_text(v->q.a, &key));
		key = mandate_witness_key(m->mandate);
		js_put_str(&v->make, j, "witness", note_key_text(v->q.a, &key));
		js_put_int(&v->make, j, "size",
		    (int64_t)m->log.size); /* below 2^63 */
		js_put_hex(&v->make, j, "root", root.b, 32);
		view_time(v, j, "heard", found, found ? head.heard_us : 0);
	}
	return 0;
}
