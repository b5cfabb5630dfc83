/* The public record as one file that stands alone. */
#include "web/shelf.h"
#include "web/view.h"

static int
need_shelf(struct view *v, struct err *err)
{
	return v->w->shelf != NULL
	           ? 0
	           : err_set(err, ERR_CONFLICT,
			 "a running node alone keeps the archive ready: "
			 "'comity export --public' writes it here");
}

int
view_archive(struct view *v, struct err *err)
{
	struct shelf_file f;

	if (need_shelf(v, err) != 0 ||
	    shelf_take(v->w->shelf, &v->q, false, &f, err) != 0)
		return -1;
	js_put_z(&v->make, v->model, "party", v->q.n->own->code);
	js_put_hex(&v->make, v->model, "charter", v->q.n->own->charter.b, 32);
	js_put_str(&v->make, v->model, "address", v->q.n->settings.address);
	js_put_int(&v->make, v->model, "size", (int64_t)f.size); /* < 2^63 */
	js_put_hex(&v->make, v->model, "sha256", f.hash.b, 32);
	view_time(v, v->model, "made", true, f.made_us);
	js_put_int(&v->make, v->model, "acts", (int64_t)f.count.acts);
	js_put_int(&v->make, v->model, "logs", (int64_t)f.count.logs);
	js_put_int(&v->make, v->model, "procedures",
	    (int64_t)f.count.procedures);
	v->ans.caching = "no-store"; /* it is made anew without a change */
	return 0;
}

int
view_archive_file(struct view *v, struct err *err)
{
	struct shelf_file f;

	if (need_shelf(v, err) != 0 ||
	    shelf_take(v->w->shelf, &v->q, true, &f, err) != 0)
		return -1;
	v->ans.is_file = true;
	v->ans.file = f.fd;
	v->ans.size = f.size;
	v->ans.type = "application/x-tar";
	v->ans.caching = "public, max-age=60";
	v->ans.name = str_fmt(v->q.a, "%s-archive.tar", v->q.n->own->code);
	return 0;
}
