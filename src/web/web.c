#include "web/web.h"

#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "web/view.h"

/*
 * One row a route.  {} stands for one part of a path, {*} for all the rest.
 * `free`: the view takes the node itself, without a look at it open (it waits
 * for the committer, who must not wait for a look).
 */
static const struct {
	const char *method, *path;
	enum web_reader reader;
	bool free;
	view_fn *view;
} route[] = {
    {"GET", "/health", WEB_PUBLIC, true, view_health},
    {"GET", "/metrics", WEB_PUBLIC, false, view_metrics},
    {"GET", "/charter", WEB_PUBLIC, false, view_charter},
    {"POST", "/acts", WEB_PUBLIC, true, view_post},
    {"POST", "/exchange", WEB_PUBLIC, true, view_exchange},
    {"POST", "/relay/{}", WEB_PUBLIC, true, view_relay},
    {"GET", "/recover/{}", WEB_PUBLIC, false, view_recover},
    {"POST", "/add-checkpoint", WEB_PUBLIC, true, view_add_checkpoint},
    {"GET", "/logs", WEB_PUBLIC, false, view_logs},
    {"GET", "/logs/{}/{*}", WEB_PUBLIC, false, view_tiles},
    {"GET", "/procedures", WEB_PUBLIC, false, view_procedures},
    {"GET", "/procedures/{}", WEB_PUBLIC, false, view_procedure},
    {"GET", "/status", WEB_OPERATOR, false, view_status},
    {"GET", "/board", WEB_OPERATOR, false, view_board},
    {"GET", "/matters", WEB_OPERATOR, false, view_matters},
    {"GET", "/matters/{}", WEB_OPERATOR, false, view_matter},
    {"GET", "/acts/{}", WEB_OPERATOR, false, view_act},
    {"GET", "/draft", WEB_OPERATOR, false, view_draft},
    {"GET", "/peers", WEB_OPERATOR, false, view_peers},
    {"POST", "/peers/look", WEB_OPERATOR, true, view_peer_look},
    {"POST", "/peers", WEB_OPERATOR, true, view_peer_add},
    {"POST", "/peers/{}", WEB_OPERATOR, true, view_peer_set},
    {"DELETE", "/peers/{}", WEB_OPERATOR, true, view_peer_remove},
    {"GET", "/officers", WEB_OPERATOR, false, view_officers},
    {"GET", "/proof/{}", WEB_OPERATOR, false, view_proof},
    {"GET", "/bundle", WEB_OPERATOR, false, view_export},
    {"POST", "/bundle", WEB_OPERATOR, true, view_import},
    {"POST", "/rebuild", WEB_OPERATOR, true, view_rebuild},
    {"POST", "/check", WEB_OPERATOR, true, view_check},
    {"GET", "/{}/checkpoint", WEB_PUBLIC, false, view_witnessed},
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
find(const struct web_request *r, struct view *v, size_t *ret, struct err *err)
{
	bool other = false;

	for (size_t i = 0; i < COUNT(route); i++) {
		if (!is_path(r->path, route[i].path, v->part))
			continue;
		if (!str_is(r->method, route[i].method) &&
		    !(str_is(r->method, "HEAD") &&
			strcmp(route[i].method, "GET") == 0)) {
			other = true;
			continue;
		}
		if (r->reader < route[i].reader)
			return err_set(err, ERR_DENIED,
			    "%.*s is for the operator: use the folder's socket",
			    STR_ARG(r->path));
		*ret = i;
		return 0;
	}
	v->status = other ? 405 : 404;
	return err_set(err, other ? ERR_INPUT : ERR_ABSENT,
	    other ? "%.*s does not take this method" : "nothing at %.*s",
	    STR_ARG(r->path));
}

static void
failed(struct arena *a, int status, const struct err *why,
    struct web_answer *ret)
{
	struct js_make make = {.a = a};
	struct js *j = js_map(&make);
	struct str text;
	struct err err;

	js_put_z(&make, j, "error", why->text);
	js_put_z(&make, j, "code", err_name(why->code));
	if (js_text(&make, j, JS_COMPACT, &text, &err) != 0)
		text = STR("{\"error\":\"no memory\",\"code\":\"nomem\"}");
	*ret = (struct web_answer){
	    .status = status >= 400 ? status : err_http(why->code),
	    .type = "application/json",
	    .body = span_of(text)};
}

void
web_answer(struct node *n, const struct web_request *r, struct arena *a,
    struct web_answer *ret)
{
	struct view v = {.request = r, .status = 0};
	struct err err = {.code = ERR_NONE};
	struct str text;
	size_t i;
	int rc;

	v.q = (struct query){.n = n, .a = a};
	v.make.a = a;
	if (find(r, &v, &i, &err) != 0) {
		failed(a, v.status, &err, ret);
		return;
	}
	v.model = js_map(&v.make);
	if (route[i].free) {
		rc = route[i].view(&v, &err);
	} else if ((rc = query_open(n, a, &v.q, &err)) == 0) {
		rc = route[i].view(&v, &err);
		query_close(&v.q);
	}
	if (rc == 0 && v.body.p == NULL) {
		rc = js_text(&v.make, v.model, JS_COMPACT, &text, &err);
		v.body = span_of(text);
		v.type = "application/json";
	}
	if (a->failed) { /* no half of an answer */
		v.status = 0;
		rc = err_nomem(&err, "an answer");
	}
	if (rc != 0) {
		failed(a, v.status, &err, ret);
		return;
	}
	*ret = (struct web_answer){.status = v.status == 0 ? 200 : v.status,
	    .type = v.type,
	    .caching = v.caching,
	    .body = v.body};
}

/* ---- what views share ---- */

static int
hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

/* Percent-decoding (RFC 3986 2.1), "+" as a space as forms write it. */
static struct str
decode(struct arena *a, struct str s)
{
	struct buf b;
	struct str out;
	struct err err;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++) {
		int hi = -1, lo = -1;

		if (s.p[i] == '%' && i + 2 < s.n + 0) {
			hi = hex_value(s.p[i + 1]);
			lo = hex_value(s.p[i + 2]);
		}
		if (hi >= 0 && lo >= 0) {
			buf_char(&b, (char)(hi << 4 | lo)); /* a byte */
			i += 2;
		} else {
			buf_char(&b, s.p[i] == '+' ? ' ' : s.p[i]);
		}
	}
	if (buf_done(&b, &out, &err) != 0 || !text_is_utf8(span_of(out)))
		return (struct str){NULL, 0};
	return out.p == NULL ? STR("") : out;
}

struct str
view_param(struct view *v, const char *name)
{
	struct str query = v->request->query;

	for (size_t at = 0; at < query.n;) {
		size_t end = str_find(query, '&', at);
		struct str pair = str_sub(query, at, end);
		size_t eq = str_find(pair, '=', 0);

		if (str_is(str_sub(pair, 0, eq), name))
			return decode(v->q.a,
			    eq < pair.n ? str_sub(pair, eq + 1, pair.n)
					: STR(""));
		at = end + 1;
	}
	return (struct str){NULL, 0};
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

void
view_title(struct view *v, struct js *in, const char *key,
    const struct procedure *p, const char *section, struct str name)
{
	static const struct str lang[] = {{"en", 2}, {"ja", 2}, {"zh", 2},
	    {"ko", 2}};
	struct js *map = js_put_map(&v->make, in, key);

	for (size_t i = 0; i < COUNT(lang); i++) {
		struct str title =
		    p == NULL ? name
			      : procedure_title(p, section, name, lang[i]);

		js_put_str(&v->make, map, lang[i].p,
		    title.n > 0 ? title : name);
	}
}
