/* Alerts: is each way open? */
#include "node/alert.h"
#include "web/view.h"

int
view_alert_test(struct view *v, struct err *err)
{
	const struct settings *s = &v->q.n->settings;
	const struct alert alert = {.is_test = true};
	struct js *list = js_put_list(&v->make, v->model, "alerts");

	(void)err; /* a way that is closed is an answer */
	for (size_t i = 0; i < s->n_alerts; i++) {
		const struct alert_rule *r = &s->alerts[i];
		struct js *j = js_put_map(&v->make, list, NULL);
		struct err bad;

		js_put_str(&v->make, j, "procedures", r->procedures);
		js_put_z(&v->make, j, "way", alert_way_name(r->way));
		js_put_str(&v->make, j, "to", r->to);
		js_put_z(&v->make, j, "error",
		    alert_send(v->q.n, r, &alert, v->q.a, &bad) == 0
			? NULL
			: bad.text);
	}
	return 0;
}
