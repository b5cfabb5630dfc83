#include "web/web.h"

#include <string.h>

#include "base/diag.h"
#include "base/num.h"
#include "base/uri.h"
#include "base/when.h"
#include "web/enrol.h"
#include "web/sheet.h"
#include "web/shelf.h"
#include "web/view.h"

/*
 * One row a route.  {} stands for one part of a path, {*} for all the rest.
 * `page`: the template for people; NULL: the answer is for programs alone.
 * `free`: the view takes the node itself, without a look at it open (it waits
 * for the committer, who must not wait for a look).
 */
static const struct route {
	const char *method, *path;
	enum web_reader reader;
	bool free;
	const char *page;
	view_fn *view;
} route[] = {
    {"GET", "/", WEB_PUBLIC, false, "front", view_front},
    {"GET", "/sessions", WEB_PUBLIC, false, "sessions", view_meetings},
    {"GET", "/sessions/{}", WEB_PUBLIC, false, "session", view_meeting},
    {"GET", "/reviews", WEB_PUBLIC, false, "reviews", view_reviews},
    {"GET", "/reviews/{}", WEB_PUBLIC, false, "review", view_review},
    {"GET", "/agreements", WEB_PUBLIC, false, "agreements", view_agreements},
    {"GET", "/directory", WEB_OFFICER, false, "directory", view_directory},
    {"GET", "/health", WEB_PUBLIC, true, NULL, view_health},
    {"GET", "/metrics", WEB_PUBLIC, false, NULL, view_metrics},
    {"GET", "/charter", WEB_PUBLIC, false, NULL, view_charter},
    {"GET", "/openapi.json", WEB_PUBLIC, true, NULL, view_openapi},
    {"GET", "/assets/{}", WEB_PUBLIC, true, NULL, view_asset},
    {"GET", "/events", WEB_OFFICER, true, NULL, view_events},
    {"POST", "/acts", WEB_PUBLIC, true, NULL, view_post},
    {"POST", "/exchange", WEB_PUBLIC, true, NULL, view_exchange},
    {"POST", "/relay/{}", WEB_PUBLIC, true, NULL, view_relay},
    {"GET", "/recover/{}", WEB_PUBLIC, false, NULL, view_recover},
    {"POST", "/add-checkpoint", WEB_PUBLIC, true, NULL, view_add_checkpoint},
    {"GET", "/logs", WEB_PUBLIC, false, "logs", view_logs},
    {"GET", "/logs/{}", WEB_PUBLIC, false, "log", view_log},
    {"GET", "/logs/{}/{*}", WEB_PUBLIC, false, NULL, view_tiles},
    {"GET", "/archive", WEB_PUBLIC, false, "archive", view_archive},
    {"GET", "/archive.tar", WEB_PUBLIC, false, NULL, view_archive_file},
    {"GET", "/feed.atom", WEB_PUBLIC, false, NULL, view_feed},
    {"GET", "/calendar", WEB_PUBLIC, false, "calendar", view_calendar},
    {"GET", "/calendar.ics", WEB_PUBLIC, false, NULL, view_calendar_file},
    {"GET", "/audit", WEB_OFFICER, false, "audit", view_audit},
    {"GET", "/procedures", WEB_PUBLIC, false, "procedures", view_procedures},
    {"GET", "/procedures/{}", WEB_PUBLIC, false, "procedure", view_procedure},
    {"GET", "/status", WEB_OPERATOR, false, NULL, view_status},
    {"GET", "/board", WEB_OFFICER, false, "board", view_board},
    {"GET", "/waiting", WEB_OFFICER, false, NULL, view_waiting},
    {"GET", "/matters", WEB_PUBLIC, false, "matters", view_matters},
    {"GET", "/matters/{}", WEB_PUBLIC, false, "matter", view_matter},
    {"GET", "/acts/{}", WEB_PUBLIC, false, "act", view_act},
    {"POST", "/files", WEB_OFFICER, true, NULL, view_file_add},
    {"GET", "/files/{}", WEB_PUBLIC, true, NULL, view_file},
    {"GET", "/draft", WEB_OFFICER, false, NULL, view_draft},
    {"GET", "/new", WEB_OFFICER, false, "new", view_new},
    {"GET", "/new/{}/{}", WEB_OFFICER, false, "form", view_new_form},
    {"GET", "/matters/{}/comments", WEB_PUBLIC, false, "comments",
	view_comments},
    {"POST", "/matters/{}/comments", WEB_PUBLIC, true, "comments",
	view_comment_add},
    {"GET", "/comments", WEB_OFFICER, false, "held", view_held},
    {"GET", "/comments/{}", WEB_OFFICER, false, "held_one", view_held_one},
    {"POST", "/comments/{}", WEB_OFFICER, true, NULL, view_held_remove},
    {"DELETE", "/comments/{}", WEB_OFFICER, true, NULL, view_held_remove},
    {"GET", "/matters/{}/do/{}", WEB_OFFICER, false, "form", view_do},
    {"GET", "/peers", WEB_OFFICER, false, NULL, view_peers},
    {"POST", "/peers/look", WEB_OPERATOR, true, NULL, view_peer_look},
    {"POST", "/peers", WEB_OPERATOR, true, NULL, view_peer_add},
    {"POST", "/peers/{}", WEB_OPERATOR, true, NULL, view_peer_set},
    {"DELETE", "/peers/{}", WEB_OPERATOR, true, NULL, view_peer_remove},
    {"GET", "/officers", WEB_OFFICER, false, "officers", view_officers},
    {"GET", "/sign-in", WEB_PUBLIC, false, "sign-in", view_sign_in},
    {"GET", "/challenge", WEB_PUBLIC, false, NULL, view_challenge},
    {"POST", "/session", WEB_PUBLIC, false, NULL, view_session_open},
    {"DELETE", "/session", WEB_PUBLIC, true, NULL, view_session_close},
    {"GET", "/enrol", WEB_PUBLIC, false, "enrol", view_enrol},
    {"POST", "/enrolments", WEB_PUBLIC, false, NULL, view_enrolment_add},
    {"GET", "/enrolments/{}", WEB_PUBLIC, false, NULL, view_enrolment},
    {"DELETE", "/enrolments/{}", WEB_OFFICER, true, NULL,
	view_enrolment_remove},
    {"GET", "/qr/{}", WEB_PUBLIC, true, NULL, view_qr},
    {"GET", "/releases", WEB_OFFICER, false, "releases", view_releases},
    {"POST", "/releases", WEB_OFFICER, true, NULL, view_release_add},
    {"GET", "/releases/{}", WEB_OFFICER, false, "release", view_release},
    {"POST", "/releases/{}", WEB_OFFICER, true, NULL, view_release_sign},
    {"DELETE", "/releases/{}", WEB_OFFICER, true, NULL, view_release_withdraw},
    {"GET", "/proof/{}", WEB_OFFICER, false, NULL, view_proof},
    {"GET", "/bundle", WEB_OPERATOR, false, NULL, view_export},
    {"POST", "/bundle", WEB_OPERATOR, true, NULL, view_import},
    {"POST", "/rebuild", WEB_OPERATOR, true, NULL, view_rebuild},
    {"POST", "/check", WEB_OPERATOR, true, NULL, view_check},
    {"POST", "/alerts/test", WEB_OPERATOR, true, NULL, view_alert_test},
    {"GET", "/{}/checkpoint", WEB_PUBLIC, false, NULL, view_witnessed},
};

/* Does a path fit a pattern?  The parts are the {}s. */
static bool
is_path(struct str path, const char *pattern, struct str *part)
{
	size_t at = 0, n = 0;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '{') {
			if (at >= path.n || path.p[at] != *pattern)
				return false;
			at++;
			continue;
		}
		if (pattern[1] == '*') {
			part[n] = str_sub(path, at, path.n);
			return part[n].n > 0;
		}
		part[n] = str_sub(path, at, str_find(path, '/', at));
		if (part[n].n == 0)
			return false;
		at += part[n++].n;
		pattern++;
	}
	return at == path.n;
}

static int
find(const struct web_request *r, struct view *v, const struct route **ret,
    struct err *err)
{
	bool other = false;

	for (size_t i = 0; i < COUNT(route); i++) {
		if (!is_path(r->path, route[i].path, v->part))
			continue;
		if (str_is(r->method, route[i].method) ||
		    (str_is(r->method, "HEAD") &&
			strcmp(route[i].method, "GET") == 0)) {
			*ret = &route[i];
			return 0;
		}
		other = true;
	}
	v->ans.status = other ? 405 : 404;
	return err_set(err, other ? ERR_INPUT : ERR_ABSENT,
	    other ? "%.*s does not take this method" : "nothing at %.*s",
	    STR_ARG(r->path));
}

/* Did the request come from a page of ours?  Browsers say so (Origin) whenever
 * a page sends something; a cookie alone proves nothing (CSRF). */
static bool
is_from_us(const struct web_request *r)
{
	struct str origin = r->origin;
	size_t colon = str_find(origin, ':', 0);

	if (origin.p == NULL || r->host.p == NULL ||
	    !str_starts(str_sub(origin, colon, origin.n), STR("://")))
		return false;
	return str_eq(str_sub(origin, colon + 3, origin.n), r->host);
}

/* Who asks, and may it?  W1 */
static int
admit(struct view *v, const struct route *to, struct err *err)
{
	const struct web_request *r = v->request;

	v->reader = r->reader;
	if (v->reader == WEB_PUBLIC && v->w->sessions != NULL &&
	    r->cookie.n > 0 &&
	    session_find(v->w->sessions, &v->q, r->cookie, v->q.a, &v->officer))
		v->reader = WEB_OFFICER;
	if (v->reader < to->reader && to->reader == WEB_OPERATOR)
		return err_set(err, ERR_DENIED,
		    "%.*s is for the operator: use the folder's socket",
		    STR_ARG(r->path));
	if (v->reader < to->reader) {
		v->ans.status = 401;
		return err_set(err, ERR_DENIED,
		    "%.*s is for officers of this party: sign in first",
		    STR_ARG(r->path));
	}
	if (v->reader == WEB_OFFICER && !str_is(r->method, "GET") &&
	    !str_is(r->method, "HEAD") && !is_from_us(r))
		return err_set(err, ERR_DENIED,
		    "the request does not come from a page of this node "
		    "(Origin)");
	return 0;
}

static int
run(struct view *v, struct err *err)
{
	const struct route *to;
	bool is_open = false;
	int rc = -1;

	if (find(v->request, v, &to, err) != 0)
		return -1;
	if (!to->free || v->request->cookie.n > 0) {
		if (query_open(v->q.n, v->q.a, &v->q, err) != 0)
			return -1;
		is_open = true;
	}
	if (admit(v, to, err) == 0) {
		if (to->free && is_open) {
			query_close(&v->q);
			is_open = false;
		}
		v->page = to->page;
		rc = to->view(v, err);
	}
	if (rc == 0 && !v->later && v->ans.body.p == NULL && !v->ans.is_file &&
	    !v->ans.events && v->ans.location.p == NULL)
		rc = show_model(v, is_open, err);
	if (is_open)
		query_close(&v->q);
	return rc;
}

static void
failed(struct view *v, const struct err *why, struct web_answer *ret)
{
	struct str text;
	struct err err;
	int status = v->ans.status >= 400 ? v->ans.status : err_http(why->code);
	bool is_page = show_error(v, status, why, &text);

	if (!is_page) {
		struct js_make make = {.a = v->q.a};
		struct js *j = js_map(&make);

		js_put_z(&make, j, "error", why->text);
		js_put_z(&make, j, "code", err_name(why->code));
		js_put_some(&make, j, "rule", str_of(why->rule));
		js_put_some(&make, j, "where", str_of(why->where));
		if (js_text(&make, j, JS_COMPACT, &text, &err) != 0)
			text = STR("{\"error\":\"no memory\","
				   "\"code\":\"nomem\"}");
	}
	*ret = (struct web_answer){.status = status,
	    .type = is_page ? "text/html; charset=utf-8" : "application/json",
	    .body = span_of(text)};
	if (status == 401 && is_page) /* sign in, and come back */
		ret->location = show_sign_in(v);
	if (ret->location.p != NULL)
		ret->status = 303;
}

static void
begin(struct web *w, const struct web_request *r, struct arena *a,
    struct view *v)
{
	*v = (struct view){.w = w, .request = r, .ans = {.file = -1}};
	v->q = (struct query){.n = w->n, .a = a};
	v->make.a = a;
	v->lang = show_lang(v);
	v->model = js_map(&v->make);
}

void
web_later_answer(struct web *w, const struct web_request *r, struct arena *a,
    struct web_answer *ret)
{
	struct err err = {.code = ERR_NONE};
	struct view v;

	begin(w, r, a, &v);
	if (r->later->failed) {
		failed(&v, &r->later->err, ret);
		return;
	}
	view_posted(&v, &r->later->receipt);
	if (show_model(&v, false, &err) != 0 || a->failed)
		failed(&v, &err, ret);
	else
		*ret = v.ans;
}

bool
web_is_admitted(struct web *w, const struct web_request *r, struct arena *a,
    struct web_answer *ret)
{
	struct err err = {.code = ERR_NONE};
	const struct route *to;
	struct view v;
	int rc = -1;

	begin(w, r, a, &v);
	if (find(r, &v, &to, &err) == 0 &&
	    query_open(w->n, a, &v.q, &err) == 0) {
		rc = admit(&v, to, &err);
		query_close(&v.q);
	}
	if (rc != 0)
		failed(&v, &err, ret);
	return rc == 0;
}

enum web_pace
web_pace(struct web *w, const struct web_request *r)
{
	struct view v = {.w = w, .request = r};
	const struct route *to;
	struct err err;

	if (find(r, &v, &to, &err) != 0)
		return WEB_SHOWS; /* a page that says so */
	if (to->view == view_post && r->cookie.n == 0)
		return node_posts_at_once(w->n) ? WEB_LATER : WEB_WAITS;
	if (to->view == view_file)
		return WEB_READS;
	if (!to->free)
		return to->page != NULL ? WEB_SHOWS : WEB_READS;
	return strcmp(to->method, "GET") == 0 && r->cookie.n == 0 ? WEB_AT_ONCE
	                                                          : WEB_WAITS;
}

void
web_answer(struct web *w, const struct web_request *r, struct arena *a,
    struct web_answer *ret)
{
	struct err err = {.code = ERR_NONE};
	struct view v;
	int rc;

	begin(w, r, a, &v);
	rc = run(&v, &err);
	if (rc == 0 && v.later) {
		ret->status = 0; /* nothing else: it may be answered by now */
		return;
	}
	if (a->failed) { /* no half of an answer, and no other reason */
		v.ans.status = 0;
		rc = err_nomem(&err, "an answer");
	}
	if (rc != 0) {
		failed(&v, &err, ret);
		return;
	}
	*ret = v.ans;
	ret->officer = v.reader == WEB_OFFICER;
	if (ret->status == 0)
		ret->status = 200;
}

bool
web_route(size_t i, struct web_route *ret)
{
	if (i >= COUNT(route))
		return false;
	*ret = (struct web_route){.method = route[i].method,
	    .path = route[i].path,
	    .reader = route[i].reader,
	    .is_page = route[i].page != NULL};
	return true;
}

void
web_ask(struct node *n, const struct web_request *r, struct arena *a,
    struct web_answer *ret)
{
	struct web w = {.n = n};

	web_answer(&w, r, a, ret);
}

int
web_open(struct node *n, const char *templates, struct web **ret,
    struct err *err)
{
	struct web *w = mem_alloc(1, sizeof(*w));

	if (w == NULL)
		return err_nomem(err, "the web side");
	w->n = n;
	w->sessions = sessions_new();
	w->sheets = sheets_new();
	w->enrolments = enrol_new();
	w->shelf = shelf_new();
	if (w->sessions == NULL || w->sheets == NULL || w->enrolments == NULL ||
	    w->shelf == NULL) {
		(void)err_nomem(err, "sessions");
	} else if (pages_open(templates, &w->pages, err) == 0) {
		*ret = w;
		return 0;
	}
	web_close(w);
	return -1;
}

void
web_close(struct web *w)
{
	if (w == NULL)
		return;
	pages_close(w->pages);
	sessions_free(w->sessions);
	sheets_free(w->sheets);
	enrol_free(w->enrolments);
	shelf_free(w->shelf);
	mem_free(w);
}

/* ---- what views share ---- */

struct str
view_cookie(struct view *v, const char *name)
{
	struct str all = v->request->cookie;

	for (size_t at = 0; at < all.n;) {
		size_t end = str_find(all, ';', at), eq;
		struct str one = str_sub(all, at, end);

		while (one.n > 0 && one.p[0] == ' ')
			one = str_sub(one, 1, one.n);
		eq = str_find(one, '=', 0);
		if (eq < one.n && str_is(str_sub(one, 0, eq), name))
			return str_sub(one, eq + 1, one.n);
		at = end + 1;
	}
	return (struct str){NULL, 0};
}

/* A value of "name=value&..." text, decoded. */
static struct str
pair_of(struct view *v, struct str query, const char *name)
{
	for (size_t at = 0; at < query.n;) {
		size_t end = str_find(query, '&', at);
		struct str pair = str_sub(query, at, end);
		size_t eq = str_find(pair, '=', 0);

		if (str_is(str_sub(pair, 0, eq), name))
			return uri_decode(v->q.a,
			    eq < pair.n ? str_sub(pair, eq + 1, pair.n)
					: STR(""));
		at = end + 1;
	}
	return (struct str){NULL, 0};
}

struct str
view_param(struct view *v, const char *name)
{
	return pair_of(v, v->request->query, name);
}

struct str
view_field(struct view *v, const char *name)
{
	return pair_of(v, span_str(v->request->body), name);
}

int
view_number(struct view *v, const char *name, int64_t lo, int64_t hi,
    int64_t usual, int64_t *ret, struct err *err)
{
	struct str s = view_param(v, name);

	if (s.p == NULL || s.n == 0) {
		*ret = usual;
		return 0;
	}
	return num_parse(s, lo, hi, ret, err) != 0 ? err_in(err, "'%s': ", name)
	                                           : 0;
}

int
view_json(struct view *v, const struct js **ret, struct err *err)
{
	if (js_parse(v->request->body, v->q.a, ret, err) != 0)
		return err_in(err, "request: ");
	return js_type(*ret) == JS_MAP
	           ? 0
	           : err_set(err, ERR_INPUT, "request: no JSON object");
}

void
view_time(struct view *v, struct js *in, const char *key, bool has, int64_t us)
{
	char text[WHEN_TEXT];

	when_write(us, text);
	js_put_z(&v->make, in, key, has ? text : NULL);
}

const struct js *
view_names(const struct member *m)
{
	return js_get(mandate_body(m->mandate), "names");
}

struct str
view_name(const struct member *m, enum lang lang)
{
	struct str name = js_str(js_get_at(view_names(m), lang_code[lang]));

	return name.n > 0 ? name : str_of(m->code);
}

int
view_parties(struct view *v, const struct member ***ret, size_t *ret_n,
    struct err *err)
{
	struct node *n = v->q.n;
	const struct member **m =
	    arena_array(v->q.a, n->n_members + 1, const struct member *);

	if (m == NULL)
		return err_nomem(err, "parties");
	for (size_t i = 0; i < n->n_members; i++) {
		struct str name = view_name(n->member[i], v->lang);
		size_t at = i;

		for (;
		     at > 0 && str_cmp(view_name(m[at - 1], v->lang), name) > 0;
		     at--)
			m[at] = m[at - 1];
		m[at] = n->member[i];
	}
	*ret = m;
	*ret_n = n->n_members;
	return 0;
}

void
view_audience(struct js_make *make, struct js *in, const struct audience *to)
{
	struct js *is, *list;

	act_audience_put(make, in, "to", to);
	is = js_put_map(make, in, "to_is");
	js_put_bool(make, is, "public", to->type == AUDIENCE_PUBLIC);
	js_put_bool(make, is, "members", to->type == AUDIENCE_MEMBERS);
	list = js_put_list(make, is, "parties");
	for (size_t i = 0; to->type == AUDIENCE_PARTIES && i < to->n; i++)
		js_put_str(make, list, NULL, to->party[i]);
}

void
view_bytes(struct view *v, const char *type, struct span body)
{
	v->ans.type = type;
	v->ans.body = body.p == NULL ? span_of(STR("")) : body;
}

void
view_go(struct view *v, struct str to)
{
	v->ans.status = 303;
	v->ans.type = "text/plain";
	v->ans.location = to;
}

/* The titles as the procedure's file has them, where it has them all; they are
 * shared then, not copied. */
static const struct js *
titles_of(const struct procedure *p, const char *section, struct str name)
{
	const struct js *file = p == NULL ? NULL : procedure_json(p), *titles;

	titles = js_get(
	    section == NULL ? file : js_get_at(js_get(file, section), name),
	    "title");
	for (size_t i = 0; i < LANGS; i++)
		if (js_str(js_get_at(titles, lang_code[i])).n == 0)
			return NULL;
	return titles;
}

void
view_title(struct view *v, struct js *in, const char *key,
    const struct procedure *p, const char *section, struct str name)
{
	const struct js *titles = titles_of(p, section, name);
	struct js *map;

	if (titles != NULL) {
		js_put(&v->make, in, key, titles);
		return;
	}
	map = js_put_map(&v->make, in, key);
	for (size_t i = 0; i < LANGS; i++) {
		struct str title =
		    p == NULL ? name
			      : procedure_title(p, section, name, lang_code[i]);

		js_put_str(&v->make, map, lang_code[i].p,
		    title.n > 0 ? title : name);
	}
}

void
view_cite(struct view *v, struct js *in, const char *key, bool has,
    const struct id *id)
{
	struct str cite;

	if (!has)
		return;
	cite = query_cite_of(&v->q, id);
	js_put_str(&v->make, in, key,
	    cite.n > 0 ? cite : hex_str(v->q.a, id->b, 32));
}

const struct procedure *
view_procedure_named(struct node *n, struct str name)
{
	for (size_t i = 0; i < n->n_loaded; i++)
		if (str_eq(procedure_name(n->loaded[i].p), name))
			return n->loaded[i].p;
	return NULL;
}
