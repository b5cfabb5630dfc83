/* An answer as bytes: headers, files, compression, ready answers. */
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/uri.h"
#include "record/hash.h"
#include "web/serve_int.h"

enum {
	ZIP_FROM = 1024, /* smaller ones gain nothing */
	ZIP_MOST = 16 * 1024 * 1024,
	ZIP_LEVEL = 5,
	ZIP_GZIP = 15 + 16, /* zlib: the largest window, gzip's frame */
	RETRY_S = 5,
	/* Who takes an answer has this time, and more for each KiB. */
	TAKE_S = 60,
	TAKE_KIB_S = 4
};

/* What a browser may do with what we send.  A page runs our own script and
 * style alone and talks to this node alone; anything else is no page. */
static const struct {
	bool page, other, tls;
	const char *name, *value;
} always[] = {
    {true, true, false, "X-Content-Type-Options", "nosniff"},
    {true, true, false, "Cross-Origin-Resource-Policy", "same-origin"},
    {true, true, false, "Referrer-Policy", "same-origin"},
    {true, false, false, "Content-Security-Policy",
	"default-src 'none'; script-src 'self'; style-src 'self'; "
	"img-src 'self' blob:; connect-src 'self'; form-action 'self'; "
	"frame-ancestors 'none'; base-uri 'none'"},
    {true, false, false, "Cross-Origin-Opener-Policy", "same-origin"},
    {true, false, false, "Permissions-Policy",
	"camera=(), display-capture=(), geolocation=(), microphone=(), "
	"payment=(), usb=()"},
    {false, true, false, "Content-Security-Policy",
	"default-src 'none'; frame-ancestors 'none'; sandbox"},
    {false, false, true, "Strict-Transport-Security", "max-age=31536000"},
};

static bool
is_type(const struct web_answer *ans, const char *type)
{
	return ans->type != NULL && strncmp(ans->type, type, strlen(type)) == 0;
}

/* The name of a file to save (RFC 6266): plain for old readers, and as it is.
 */
static void
put_name(struct MHD_Response *r, struct str name, struct arena *a)
{
	struct buf b;
	struct str line;
	struct err err;

	buf_init(&b, a);
	buf_z(&b, "attachment; filename=\"");
	for (size_t i = 0; i < name.n && i < 200; i++) {
		char c = name.p[i];

		buf_char(&b, c < ' ' || c > '~' || strchr("\"\\/%;", c) != NULL
				 ? '_'
				 : c);
	}
	buf_z(&b, "\"; filename*=UTF-8''");
	uri_encode(&b, name, NULL);
	if (buf_done(&b, &line, &err) == 0)
		(void)MHD_add_response_header(r, "Content-Disposition", line.p);
}

void
reply_head(struct call *c, struct MHD_Response *r, const struct web_answer *ans)
{
	bool page = is_type(ans, "text/html");

	(void)MHD_add_response_header(r, "Content-Type",
	    ans->type == NULL ? "application/octet-stream" : ans->type);
	(void)MHD_add_response_header(r, "Cache-Control",
	    ans->caching == NULL ? "no-store" : ans->caching);
	for (size_t i = 0; i < COUNT(always); i++)
		if ((page && always[i].page) || (!page && always[i].other) ||
		    (c->door->tls && always[i].tls))
			(void)MHD_add_response_header(r, always[i].name,
			    always[i].value);
	if (ans->cookie.p != NULL)
		(void)MHD_add_response_header(r, "Set-Cookie", ans->cookie.p);
	if (ans->location.p != NULL)
		(void)MHD_add_response_header(r, "Location", ans->location.p);
	if (ans->name.p != NULL)
		put_name(r, ans->name, &c->arena);
}

/* How long who asked may take for so many bytes. */
static void
set_taking(struct call *c, uint64_t size)
{
	/* A size: far below 2^50. */
	int64_t most_s = TAKE_S + (int64_t)(size / 1024 / TAKE_KIB_S);

	if (c->visit != NULL)
		atomic_store(&c->visit->due_us,
		    clock_mono_us() + most_s * 1000000);
}

static enum MHD_Result
send_off(struct call *c, int status, struct MHD_Response *r, uint64_t size)
{
	enum MHD_Result rc;

	set_taking(c, size);
	rc = MHD_queue_response(c->c, (unsigned)status, r); /* 200 to 503 */
	MHD_destroy_response(r);
	return rc;
}

static struct MHD_Response *
of_bytes(struct span s, bool lasts)
{
	union {
		const uint8_t *p;
		void *q;
	} body = {.p = s.p}; /* MHD's type lacks const */

	return MHD_create_response_from_buffer(s.n, body.q,
	    lasts ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
}

enum MHD_Result
reply(struct call *c, const struct web_answer *ans)
{
	struct MHD_Response *r;
	char retry[24];

	if (ans->is_file) /* it closes the file */
		r = MHD_create_response_from_fd64(ans->size, ans->file);
	else
		r = of_bytes(ans->body, true); /* the call's, which lasts */
	if (r == NULL) {
		if (ans->is_file)
			(void)close(ans->file);
		return MHD_NO;
	}
	reply_head(c, r, ans);
	if (c->is_zipped)
		(void)MHD_add_response_header(r, "Content-Encoding", "gzip");
	if (ans->status == 503 || ans->status == 429) {
		(void)snprintf(retry, sizeof(retry), "%lld",
		    c->retry_s > 0 ? (long long)c->retry_s : RETRY_S);
		(void)MHD_add_response_header(r, "Retry-After", retry);
	}
	return send_off(c, ans->status, r,
	    ans->is_file ? ans->size : ans->body.n);
}

enum MHD_Result
reply_error(struct call *c, int status, const char *code, const char *text)
{
	struct web_answer ans = {.status = status, .type = "application/json"};
	struct str body = str_fmt(&c->arena,
	    "{\"error\":\"%s\",\"code\":\"%s\"}", text, code);

	if (body.p == NULL)
		return MHD_NO;
	ans.body = span_of(body);
	return reply(c, &ans);
}

/* ---- compression ---- */

static bool
is_text(const struct web_answer *ans)
{
	return is_type(ans, "text/") || is_type(ans, "application/json") ||
	       is_type(ans, "application/geo+json") ||
	       is_type(ans, "application/atom+xml") ||
	       is_type(ans, "image/svg+xml");
}

/* .p NULL: not worth it, or not possible. */
static struct span
zipped(const struct web_answer *ans, struct arena *a)
{
	struct span none = {NULL, 0};
	z_stream z = {.next_in = NULL};
	uint8_t *out;
	size_t room;

	if (ans->body.n < ZIP_FROM || ans->body.n > ZIP_MOST || !is_text(ans))
		return none;
	if (deflateInit2(&z, ZIP_LEVEL, Z_DEFLATED, ZIP_GZIP, 8,
		Z_DEFAULT_STRATEGY) != Z_OK)
		return none;
	room = deflateBound(&z, ans->body.n);
	out = arena_alloc(a, room, 1);
	if (out != NULL) {
		union {
			const uint8_t *p;
			uint8_t *q;
		} in = {.p = ans->body.p}; /* zlib's type lacks const */

		z.next_in = in.q;
		z.avail_in = (unsigned)ans->body.n; /* to ZIP_MOST */
		z.next_out = out;
		z.avail_out = (unsigned)room;
		if (deflate(&z, Z_FINISH) != Z_STREAM_END)
			out = NULL;
	}
	(void)deflateEnd(&z);
	return out == NULL || z.total_out >= ans->body.n
	           ? none
	           : (struct span){out, z.total_out};
}

/* ---- ready answers ---- */

void
reply_drop(struct cache_item *item)
{
	for (size_t i = 0; i < 2; i++)
		if (item->answer[i] != NULL)
			MHD_destroy_response(item->answer[i]);
}

static struct MHD_Response *
ready(struct call *c, struct span body, const char *etag, bool zip)
{
	struct MHD_Response *r = of_bytes(body, false);

	if (r == NULL)
		return NULL;
	reply_head(c, r, &c->ans);
	(void)MHD_add_response_header(r, "ETag", etag);
	(void)MHD_add_response_header(r, "Vary",
	    "Accept, Accept-Encoding, Accept-Language, Cookie");
	if (zip)
		(void)MHD_add_response_header(r, "Content-Encoding", "gzip");
	return r;
}

/* May all who ask so have the same? */
static bool
is_shared(const struct call *c)
{
	const char *caching = c->ans.caching;

	/* What is made at once may change at any moment, too. */
	if (caching == NULL ? c->pace == WEB_AT_ONCE
			    : strstr(caching, "no-store") != NULL)
		return false;
	return c->n_key > 0 && c->ans.status == 200 && !c->ans.is_file &&
	       !c->ans.events && c->ans.cookie.p == NULL &&
	       c->ans.location.p == NULL;
}

static void
keep(struct call *c, struct span zip)
{
	struct cache_item item = {.changes = c->changes,
	    .made_us = c->begun_us,
	    .cost_us = clock_mono_us() - c->begun_us};
	struct id hash = hash_of(c->ans.body);
	char hex[33];

	hex_write(hash.b, 16, hex);
	/* Weak: the same in any encoding. */
	(void)snprintf(item.etag, sizeof(item.etag), "W/\"%.28s\"", hex);
	if (c->ans.caching == NULL)
		c->ans.caching = "no-cache";
	item.lasting = strstr(c->ans.caching, "immutable") != NULL;
	item.patient = is_type(&c->ans, "text/html");
	item.answer[0] = ready(c, c->ans.body, item.etag, false);
	if (zip.p != NULL)
		item.answer[1] = ready(c, zip, item.etag, true);
	item.bytes = c->ans.body.n + zip.n + 4096; /* headers and all */
	if (item.answer[0] == NULL || (zip.p != NULL && item.answer[1] == NULL))
		reply_drop(&item);
	else
		cache_put(c->door->s->cache, (struct str){c->key, c->n_key},
		    &item);
}

void
reply_prepare(struct call *c)
{
	struct span zip = {NULL, 0};
	bool shared = is_shared(c);

	if (c->ans.is_file || c->ans.events || (!shared && !c->takes_gzip))
		return;
	zip = zipped(&c->ans, &c->arena);
	if (shared)
		keep(c, zip);
	if (zip.p != NULL && c->takes_gzip) {
		c->ans.body = zip;
		c->is_zipped = true;
	}
}

struct taking {
	struct call *c;
	enum MHD_Result rc;
};

static void
take_ready(void *ctx, const struct cache_item *item)
{
	struct taking *t = ctx;
	struct call *c = t->c;
	struct MHD_Response *r;

	if (c->r.etag.n > 0 &&
	    str_eq(c->r.etag, str_of(item->etag))) { /* it has it */
		r = of_bytes(span_of(STR("")), true);
		if (r != NULL) {
			(void)MHD_add_response_header(r, "ETag", item->etag);
			t->rc = send_off(c, MHD_HTTP_NOT_MODIFIED, r, 0);
		}
		return;
	}
	r = item->answer[c->takes_gzip && item->answer[1] != NULL];
	set_taking(c, item->bytes);
	t->rc = MHD_queue_response(c->c, MHD_HTTP_OK, r);
}

static void
only_look(void *ctx, const struct cache_item *item)
{
	(void)ctx, (void)item; /* the cache's form */
}

bool
reply_is_ready(struct call *c)
{
	return c->n_key > 0 &&
	       cache_use(c->door->s->cache, (struct str){c->key, c->n_key},
		   event_changes(c->door->s->n), clock_mono_us(), only_look,
		   NULL);
}

bool
reply_ready(struct call *c, enum MHD_Result *ret)
{
	struct taking t = {c, MHD_NO};

	if (c->n_key == 0 ||
	    !cache_use(c->door->s->cache, (struct str){c->key, c->n_key},
		event_changes(c->door->s->n), clock_mono_us(), take_ready, &t))
		return false;
	*ret = t.rc;
	return true;
}
