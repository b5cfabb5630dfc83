/* What has a date: meetings, activities that were notified; to officers also
 * what is due.  As a page, and as a calendar that others read (RFC 5545). */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "web/ical.h"
#include "web/seen.h"

enum {
	CALENDAR_EACH = 100, /* matters of a procedure */
	CALENDAR_PAST = 50,  /* of what is over, the newest */
	CALENDAR_DUE = 100   /* terms of a party */
};

struct event {
	const struct matter_view *mv;
	const struct act *act; /* that gave the dates */
	struct str start, end; /* as they were written */
	int64_t start_us, end_us;
	bool is_day;
	int64_t changes; /* how often they were given anew */
};
struct calendar {
	size_t n, cap, n_due, cap_due;
	struct event *event;
	struct store_owed *due;
};

/* ---- what takes place ---- */

/* Does what opens a matter of this procedure say from when to when? */
static bool
is_dated(const struct procedure *p)
{
	static const char *const name[] = {"start", "end"};
	const struct js *fields = js_get(procedure_json(p), "fields");

	for (size_t i = 0; i < COUNT(name); i++)
		if (!js_is_str(js_get(js_get(fields, name[i]), "type"), "time"))
			return false;
	for (struct js_each e = {0};
	     js_next(js_get(procedure_json(p), "acts"), &e);) {
		const struct js *form = js_get(e.value, "form");
		size_t has = 0;

		if (!js_bool(js_get(e.value, "opens")))
			continue;
		for (size_t i = 0; i < js_len(form); i++)
			has += js_is_str(js_at(form, i), "start") ||
			       js_is_str(js_at(form, i), "end");
		return has == COUNT(name);
	}
	return false;
}

/* The dates of the last act that gave some and stands. */
static bool
is_event(const struct matter_view *mv, struct event *ret)
{
	const struct fold_act_result *r;
	bool found = false;

	*ret = (struct event){.mv = mv};
	for (size_t i = 0; seen_next(mv, NULL, &i, &r);) {
		struct str start = js_str(js_get(r->act->body, "start"));
		struct str end = js_str(js_get(r->act->body, "end"));
		int64_t from_us, to_us;

		if (!when_is_time(start, WHEN_DATE, &from_us) ||
		    !when_is_time(end, WHEN_DATE, &to_us))
			continue;
		ret->changes += found;
		found = true;
		ret->act = r->act;
		ret->start = start;
		ret->end = end;
		ret->start_us = from_us;
		ret->end_us = to_us;
		ret->is_day = str_find(start, 'T', 0) == start.n;
	}
	return found;
}

static int
by_start(const void *x, const void *y)
{
	const struct event *a = x, *b = y;

	return a->start_us != b->start_us
	           ? (a->start_us > b->start_us) - (a->start_us < b->start_us)
	           : id_cmp(&a->mv->row.id, &b->mv->row.id);
}

static int
load_events(struct view *v, struct calendar *c, struct err *err)
{
	struct node *n = v->q.n;
	struct seen_list list;

	for (size_t i = 0; i < n->n_loaded; i++) {
		const char *name =
		    str_z(v->q.a, procedure_name(n->loaded[i].p));

		if (name == NULL)
			return err_nomem(err, "the calendar");
		/* Of a procedure with several versions, the first stands for
		 * all. */
		if (!is_dated(n->loaded[i].p) ||
		    view_procedure_named(n, str_of(name)) != n->loaded[i].p)
			continue;
		if (seen_list(v, name, CALENDAR_EACH, &list, err) != 0)
			return -1;
		if (arena_grow(v->q.a, &c->event, &c->cap, c->n + list.n,
			sizeof(*c->event)) != 0)
			return err_nomem(err, "the calendar");
		for (size_t k = 0; k < list.n; k++)
			c->n += is_event(&list.at[k], &c->event[c->n]);
	}
	if (c->n > 1)
		qsort(c->event, c->n, sizeof(*c->event), by_start);
	return 0;
}

static void
put_event(struct view *v, struct js *list, const struct event *e)
{
	struct js *j = js_put_map(&v->make, list, NULL);

	seen_put_row(v, j, &e->mv->row);
	js_put_str(&v->make, j, "start", e->start);
	js_put_str(&v->make, j, "end", e->end);
	js_put_bool(&v->make, j, "day", e->is_day);
	js_put_bool(&v->make, j, "now",
	    e->start_us <= v->q.now_us && v->q.now_us < e->end_us);
	js_put_bool(&v->make, j, "cancelled", seen_is_in(e->mv, "cancelled"));
}

/* ---- what is due ---- */

static int
by_due(const void *x, const void *y)
{
	const struct store_owed *a = x, *b = y;

	return a->term.due_us != b->term.due_us
	           ? (a->term.due_us > b->term.due_us) -
	                 (a->term.due_us < b->term.due_us)
	           : id_cmp(&a->matter.id, &b->matter.id);
}

static int
load_due_of(struct view *v, struct calendar *c, struct str party,
    struct err *err)
{
	struct store_due *d;
	size_t n;
	bool found;

	if (store_due_list(v->q.s, party, STORE_DUE_NEXT, v->q.now_us,
		CALENDAR_DUE, v->q.a, &d, &n, err) != 0)
		return -1;
	if (arena_grow(v->q.a, &c->due, &c->cap_due, c->n_due + n,
		sizeof(*c->due)) != 0)
		return err_nomem(err, "the calendar");
	for (size_t i = 0; i < n; i++) {
		if (store_owed_at(v->q.s, &d[i], v->q.a, &found,
			&c->due[c->n_due], err) != 0)
			return -1;
		c->n_due += found;
	}
	return 0;
}

static int
load_due(struct view *v, struct calendar *c, struct err *err)
{
	struct node *n = v->q.n;

	if (v->reader == WEB_PUBLIC)
		return 0;
	for (size_t i = 0; i < n->n_members; i++)
		if (load_due_of(v, c, str_of(n->member[i]->code), err) != 0)
			return -1;
	if (load_due_of(v, c, STR(""), err) != 0) /* alarms */
		return -1;
	if (c->n_due > 1)
		qsort(c->due, c->n_due, sizeof(*c->due), by_due);
	return 0;
}

static void
put_due(struct view *v, struct js *list, const struct store_owed *o)
{
	const struct procedure *p =
	    node_procedure(v->q.n, &o->matter.procedure);
	struct js *j = js_put_map(&v->make, list, NULL);

	seen_put_row(v, j, &o->matter);
	js_put_str(&v->make, j, "term", o->term.name);
	view_title(v, j, "term_title", p, "terms", o->term.name);
	js_put_some(&v->make, j, "by", o->term.party);
	view_time(v, j, "due", true, o->term.due_us);
}

/* ---- the page ---- */

int
view_calendar(struct view *v, struct err *err)
{
	struct js_make *m = &v->make;
	struct js *coming = js_put_list(m, v->model, "coming");
	struct js *past = js_put_list(m, v->model, "past");
	struct js *due = js_put_list(m, v->model, "due");
	struct calendar c = {.n = 0};

	if (load_events(v, &c, err) != 0 || load_due(v, &c, err) != 0)
		return -1;
	for (size_t i = 0; i < c.n; i++)
		if (c.event[i].end_us >= v->q.now_us)
			put_event(v, coming, &c.event[i]);
	for (size_t i = c.n; i-- > 0 && js_len(past) < CALENDAR_PAST;)
		if (c.event[i].end_us < v->q.now_us)
			put_event(v, past, &c.event[i]);
	for (size_t i = 0; i < c.n_due; i++)
		put_due(v, due, &c.due[i]);
	js_put_bool(m, v->model, "any_coming", js_len(coming) > 0);
	js_put_bool(m, v->model, "any_past", js_len(past) > 0);
	js_put_bool(m, v->model, "any_due", js_len(due) > 0);
	view_time(v, v->model, "now", true, v->q.now_us);
	return 0;
}

/* ---- for other programs ---- */

static struct str
title_in(struct view *v, const struct procedure *p, const char *section,
    struct str name)
{
	struct js *j = js_map(&v->make);

	view_title(v, j, "title", p, section, name);
	return js_str(js_get_at(js_get(j, "title"), lang_code[v->lang]));
}

static void
put_common(struct view *v, struct buf *b, const struct store_matter *row,
    struct str uid, struct str summary, int64_t stamp_us)
{
	struct node *n = v->q.n;

	buf_z(b, "BEGIN:VEVENT\r\n");
	ical_put(b, "UID", uid);
	ical_time(b, "DTSTAMP", stamp_us, false);
	ical_text(b, "SUMMARY", summary);
	ical_put(b, "URL",
	    str_fmt(v->q.a, "%.*s/matters/%.*s", STR_ARG(n->settings.address),
		STR_ARG(query_cite(&v->q, row->party, row->idx))));
}

static void
put_vevent(struct view *v, struct buf *b, const struct event *e)
{
	const struct store_matter *row = &e->mv->row;
	struct str title = title_in(v, e->mv->procedure, NULL, STR("?"));

	put_common(v, b, row, view_uuid(v, &row->id),
	    str_fmt(v->q.a, "%.*s: %.*s", STR_ARG(title),
		STR_ARG(row->subject)),
	    e->act->at_us);
	ical_time(b, "DTSTART", e->start_us, e->is_day);
	/* A day's end is the day after it (RFC 5545 3.6.1). */
	ical_time(b, "DTEND", e->end_us + (e->is_day ? WHEN_DAY : 0),
	    e->is_day);
	buf_fmt(b, "SEQUENCE:%lld\r\nSTATUS:%s\r\nEND:VEVENT\r\n",
	    (long long)e->changes,
	    seen_is_in(e->mv, "cancelled") ? "CANCELLED" : "CONFIRMED");
}

static void
put_deadline(struct view *v, struct buf *b, const struct store_owed *o)
{
	const struct procedure *p =
	    node_procedure(v->q.n, &o->matter.procedure);
	struct member *m = node_member(v->q.n, o->term.party);
	struct str who = m == NULL ? STR("") : view_name(m, v->lang);
	struct str title = title_in(v, p, "terms", o->term.name);

	put_common(v, b, &o->matter,
	    str_fmt(v->q.a, "%.*s-%.*s-%.*s",
		STR_ARG(view_uuid(v, &o->term.origin)), STR_ARG(o->term.name),
		STR_ARG(o->term.party)),
	    str_fmt(v->q.a, "%.*s%s%.*s: %.*s", STR_ARG(who),
		who.n > 0 ? ": " : "", STR_ARG(title),
		STR_ARG(o->matter.subject)),
	    o->term.begun_us);
	ical_time(b, "DTSTART", o->term.due_us, false);
	buf_z(b, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
}

int
view_calendar_file(struct view *v, struct err *err)
{
	struct calendar c = {.n = 0};
	struct str text;
	struct buf b;

	if (load_events(v, &c, err) != 0 || load_due(v, &c, err) != 0)
		return -1;
	buf_init(&b, v->q.a);
	buf_z(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
		  "PRODID:-//Comity//Comity//EN\r\n");
	for (size_t i = 0; i < c.n; i++)
		put_vevent(v, &b, &c.event[i]);
	for (size_t i = 0; i < c.n_due; i++)
		put_deadline(v, &b, &c.due[i]);
	buf_z(&b, "END:VCALENDAR\r\n");
	if (buf_done(&b, &text, err) != 0)
		return -1;
	view_bytes(v, "text/calendar; charset=utf-8", span_of(text));
	return 0;
}
