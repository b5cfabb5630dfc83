/* The model as it is wanted: JSON for programs, a page for people. */
#include <string.h>

#include "base/uri.h"
#include "base/when.h"
#include "web/asset.h"
#include "web/view.h"

/* Browsers ask for text/html by name. */
static bool
accepts_html(struct str accept)
{
	for (size_t at = 0; at < accept.n; at++)
		if (str_starts(str_sub(accept, at, accept.n), STR("text/html")))
			return true;
	return false;
}

bool
show_is_page(struct view *v)
{
	struct str format;

	if (v->w->pages == NULL || v->page == NULL ||
	    v->reader == WEB_OPERATOR || !page_is_known(v->w->pages, v->page))
		return false;
	format = view_param(v, "format");
	if (format.p != NULL)
		return str_is(format, "html");
	return accepts_html(v->request->accept);
}

enum lang
show_lang(struct view *v)
{
	enum lang lang = lang_best(v->request->language);

	(void)lang_find(view_cookie(v, "lang"), &lang);
	(void)lang_find(view_param(v, "lang"), &lang);
	return lang;
}

size_t
web_key(struct web *w, const struct web_request *r, char *out, size_t room)
{
	struct view v = {.w = w, .request = r};
	enum lang lang = lang_best(r->language);
	struct id word;
	size_t n = r->path.n + r->query.n + 3;

	if (r->reader != WEB_PUBLIC || n > room ||
	    (!str_is(r->method, "GET") && !str_is(r->method, "HEAD")) ||
	    session_is_borne(r->cookie, &word))
		return 0;
	(void)lang_find(view_cookie(&v, "lang"), &lang);
	out[0] = (char)('0' + (int)lang); /* few */
	out[1] = accepts_html(r->accept) ? 'h' : 'j';
	memcpy(out + 2, r->path.p, r->path.n);
	out[2 + r->path.n] = '?';
	memcpy(out + 3 + r->path.n, r->query.p, r->query.n);
	return n;
}

/* Path and query, without a language: where the reader is. */
static struct str
here(struct view *v)
{
	struct str query = v->request->query;
	struct buf b;
	struct str ret;
	struct err err;
	char mark = '?';

	buf_init(&b, v->q.a);
	buf_str(&b, v->request->path);
	for (size_t at = 0; at < query.n;) {
		size_t end = str_find(query, '&', at);
		struct str pair = str_sub(query, at, end);

		at = end + 1;
		if (str_starts(pair, STR("lang=")) || pair.n == 0)
			continue;
		buf_char(&b, mark);
		buf_str(&b, pair);
		mark = '&';
	}
	return buf_done(&b, &ret, &err) == 0 ? ret : STR("/");
}

static void
put_languages(struct view *v, struct js *in)
{
	struct js *list = js_put_list(&v->make, in, "languages");
	struct str at = here(v);
	char mark = str_find(at, '?', 0) < at.n ? '&' : '?';

	for (size_t i = 0; i < LANGS; i++) {
		struct js *j = js_put_map(&v->make, list, NULL);

		js_put_str(&v->make, j, "code", lang_code[i]);
		js_put_bool(&v->make, j, "current", i == v->lang);
		js_put_str(&v->make, j, "href",
		    str_fmt(v->q.a, "%.*s%clang=%s", STR_ARG(at), mark,
			lang_code[i].p));
	}
}

static void
put_officer(struct view *v, struct js *in)
{
	struct js *j;

	if (v->reader != WEB_OFFICER) {
		js_put_bool(&v->make, in, "officer", false);
		return;
	}
	j = js_put_map(&v->make, in, "officer");
	js_put_str(&v->make, j, "name", v->officer.officer);
	js_put_hex(&v->make, j, "key", v->officer.key.b, 32);
}

/* What every page has.  The caller holds the state for reading. */
static struct js *
around(struct view *v, struct js **ret_parties)
{
	struct node *n = v->q.n;
	struct js_make *m = &v->make;
	struct js *all = js_map(m), *j;

	*ret_parties = js_map(m);
	for (size_t i = 0; i < n->n_members; i++)
		js_put(m, *ret_parties, n->member[i]->code,
		    view_names(n->member[i]));
	js_put_str(m, all, "lang", lang_code[v->lang]);
	put_languages(v, all);
	put_officer(v, all);
	j = js_put_map(m, all, "own");
	js_put_z(m, j, "party", n->own->code);
	js_put(m, j, "names", view_names(n->own));
	j = js_put_map(m, all, "at");
	js_put_bool(m, j, v->page, true);
	js_put_str(m, all, "path", v->request->path);
	js_put_str(m, all, "here", here(v));
	view_time(v, all, "now", true, v->q.now_us);
	asset_put(m, all, "assets");
	return all;
}

int
show_render(struct view *v, struct str *ret, struct err *err)
{
	struct page page = {.name = v->page,
	    .lang = v->lang,
	    .model = v->model};
	struct js *parties;

	page.around = around(v, &parties);
	page.parties = parties;
	if (v->make.failed)
		return err_nomem(err, "a page");
	return page_render(v->w->pages, &page, v->q.a, ret, err);
}

int
show_model(struct view *v, bool is_open, struct err *err)
{
	struct str text, chosen;
	enum lang lang;
	bool opened = false;
	int rc;

	if (!show_is_page(v)) {
		v->ans.type = "application/json";
		rc = js_text(&v->make, v->model, JS_COMPACT, &text, err);
		v->ans.body = span_of(text);
		return rc;
	}
	if (!is_open) {
		if (query_open(v->q.n, v->q.a, &v->q, err) != 0)
			return -1;
		opened = true;
	}
	rc = show_render(v, &text, err);
	if (opened)
		query_close(&v->q);
	if (rc != 0)
		return -1;
	chosen = view_param(v, "lang");
	if (lang_find(chosen, &lang)) /* and from now on */
		v->ans.cookie = str_fmt(v->q.a,
		    "lang=%s; Path=/; Max-Age=31536000; SameSite=Lax",
		    lang_code[lang].p);
	v->ans.type = "text/html; charset=utf-8";
	v->ans.body = span_of(text);
	return 0;
}

bool
show_error(struct view *v, int status, const struct err *why, struct str *ret)
{
	struct err err;
	bool ok;

	v->page = "error";
	v->make = (struct js_make){.a = v->q.a};
	v->model = js_map(&v->make);
	if (!show_is_page(v) || query_open(v->q.n, v->q.a, &v->q, &err) != 0)
		return false;
	js_put_int(&v->make, v->model, "status", status);
	js_put_z(&v->make, v->model, "code", err_name(why->code));
	js_put_z(&v->make, v->model, "error", why->text);
	ok = show_render(v, ret, &err) == 0;
	query_close(&v->q);
	return ok;
}

struct str
show_sign_in(struct view *v)
{
	struct buf b;
	struct str ret;
	struct err err;

	buf_init(&b, v->q.a);
	buf_z(&b, "/sign-in?to=");
	uri_encode(&b, here(v), "/");
	return buf_done(&b, &ret, &err) == 0 ? ret : (struct str){NULL, 0};
}
