/* What is published, newest first, as Atom (RFC 4287). */
#include "base/num.h"
#include "base/when.h"
#include "web/sheet.h"

enum { FEED = 50 };

struct str
view_uuid(struct view *v, const struct id *id)
{
	struct id u = *id;
	const char *hex;

	u.b[6] = (uint8_t)(0x80 | (u.b[6] & 0x0f));
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
	hex = hex_str(v->q.a, u.b, 16).p;
	return hex == NULL ? STR("")
	                   : str_fmt(v->q.a, "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
				 hex + 8, hex + 12, hex + 16, hex + 20);
}

static struct str
urn_of(struct view *v, const struct id *id)
{
	return str_fmt(v->q.a, "urn:uuid:%.*s", STR_ARG(view_uuid(v, id)));
}

/* XML has no room for most control characters, not even escaped (XML 1.0, 2.2);
 * the first line of a text is enough for a title. */
static struct str
plain(struct view *v, struct str s)
{
	struct buf b;
	struct str ret;
	struct err err;

	buf_init(&b, v->q.a);
	for (size_t i = 0; i < s.n; i++)
		buf_char(&b, (unsigned char)s.p[i] < ' ' ? ' ' : s.p[i]);
	return buf_done(&b, &ret, &err) == 0 ? ret : STR("");
}

/* What is public of the matter: its subject, where its opening is. */
static int
put_subject(struct view *v, struct js *j, const struct store_matter *row,
    struct err *err)
{
	struct store_act opening;
	const struct act *act;
	bool found, open = false;

	if (store_act_by_id(v->q.s, &row->id, v->q.a, &found, &opening, err) !=
	    0)
		return -1;
	if (found) {
		if (act_parse(opening.payload, v->q.a, &act, err) != 0)
			return -1;
		open = act->to.type == AUDIENCE_PUBLIC;
	}
	js_put_str(&v->make, j, "subject",
	    open ? plain(v, row->subject) : STR(""));
	return 0;
}

static int
put_entry(struct view *v, struct js *list, const struct store_act *x,
    int64_t *newest_us, struct err *err)
{
	const struct procedure *p = NULL;
	struct member *m = node_member_by_no(v->q.n, x->party);
	struct store_matter row;
	const struct act *act;
	struct js *j;
	bool found;

	if (act_parse(x->payload, v->q.a, &act, err) != 0 ||
	    store_matter_by_entry(v->q.s, x->party, x->idx, v->q.a, &found,
		&row, err) != 0)
		return -1;
	if (m == NULL || !found || act->to.type != AUDIENCE_PUBLIC)
		return 0;
	p = node_procedure(v->q.n, &row.procedure);
	j = js_put_map(&v->make, list, NULL);
	js_put_str(&v->make, j, "id", urn_of(v, &x->id));
	js_put_str(&v->make, j, "cite", query_cite(&v->q, x->party, x->idx));
	js_put_z(&v->make, j, "party", m->code);
	js_put_str(&v->make, j, "kind", act->kind);
	view_title(v, j, "procedure_title", p, NULL, act->kind);
	view_title(v, j, "title", p, "acts", act->name);
	view_time(v, j, "at", true, act->at_us);
	*newest_us = act->at_us > *newest_us ? act->at_us : *newest_us;
	return put_subject(v, j, &row, err);
}

int
view_feed(struct view *v, struct err *err)
{
	struct js *list = js_put_list(&v->make, v->model, "entries");
	struct js_make *m = &v->make;
	struct store_act *x;
	struct str text;
	int64_t newest_us = 0;
	size_t n;

	if (store_act_published(v->q.s, INT64_MAX, FEED, v->q.a, &x, &n, err) !=
	    0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (put_entry(v, list, &x[i], &newest_us, err) != 0)
			return -1;
	}
	js_put_z(m, v->model, "party", v->q.n->own->code);
	js_put_str(m, v->model, "id", urn_of(v, &v->q.n->own->charter));
	js_put_str(m, v->model, "address", v->q.n->settings.address);
	view_time(v, v->model, "updated", true, newest_us);
	if (str_is(view_param(v, "format"), "json") || v->w->pages == NULL)
		return 0;
	v->page = "feed";
	if (show_render(v, &text, err) != 0)
		return -1;
	view_bytes(v, "application/atom+xml; charset=utf-8", span_of(text));
	return 0;
}
