#include "web/asset.h"

#include <string.h>

#include "base/embed.h"
#include "base/num.h"
#include "record/hash.h"
#include "web/view.h"

#define FOR_EVER "public, max-age=31536000, immutable"
static const struct {
	const char *ending, *type;
} kind[] = {
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

void
asset_put(struct js_make *m, struct js *in, const char *key)
{
	struct js *j = js_put_map(m, in, key);

	for (const struct embed *e = embed_assets; e->name != NULL; e++) {
		struct str name = str_of(e->name);
		struct id h = hash_of((struct span){e->data, e->size});
		char hex[17];

		hex_write(h.b, 8, hex);
		js_put_str(m, j,
		    str_z(m->a, str_sub(name, 0, str_find(name, '.', 0))),
		    str_fmt(m->a, "/assets/%s?v=%s", e->name, hex));
	}
}

int
view_openapi(struct view *v, struct err *err)
{
	(void)err; /* the common form of views */
	view_bytes(v, "application/json",
	    (struct span){embed_openapi[0].data, embed_openapi[0].size});
	v->ans.caching = "public, max-age=3600";
	return 0;
}

int
view_asset(struct view *v, struct err *err)
{
	const struct embed *e = embed_assets;

	while (e->name != NULL && !str_is(v->part[0], e->name))
		e++;
	if (e->name == NULL)
		return err_set(err, ERR_ABSENT, "no asset '%.*s'",
		    STR_ARG(v->part[0]));
	for (size_t i = 0; i < COUNT(kind); i++)
		if (str_ends(v->part[0], str_of(kind[i].ending)))
			view_bytes(v, kind[i].type,
			    (struct span){e->data, e->size});
	v->ans.caching = FOR_EVER;
	return 0;
}
