/* Files that leave: bundles, archives, proofs. */
#include "node/archive.h"
#include "node/proof.h"
#include "web/view.h"

static int
write_archive(struct view *v, const struct archive_options *o, struct err *err)
{
	struct archive_count count;

	if (archive_write(v->q.n, v->q.s, o, v->q.a, &v->ans.body, &count,
		err) != 0)
		return -1;
	v->ans.type = "application/x-tar";
	return 0;
}

int
view_export(struct view *v, struct err *err)
{
	struct archive_options o = {.matter = view_param(v, "matter"),
	    .reader = view_param(v, "for"),
	    .everything = str_is(view_param(v, "all"), "1")};

	o.tiles = str_is(view_param(v, "public"), "1");
	if (o.matter.n == 0 && o.reader.n == 0 && !o.everything && !o.tiles)
		return err_set(err, ERR_INPUT,
		    "say what to export: matter=REF, public=1, for=PARTY or "
		    "all=1");
	if (o.matter.n > 0 && query_matter(&v->q, o.matter, &o.row, err) != 0)
		return -1;
	if (o.reader.n > 0 && node_member(v->q.n, o.reader) == NULL)
		return err_set(err, ERR_ABSENT, "no party '%.*s' here",
		    STR_ARG(o.reader));
	return write_archive(v, &o, err);
}

/* A matter with all that proves a claim of it: a bundle that stands alone. */
int
view_proof(struct view *v, struct err *err)
{
	struct str claim = view_param(v, "claim");

	if (proof_write(&v->q, v->part[0], claim.p == NULL ? STR("") : claim,
		&v->ans.body, err) != 0)
		return -1;
	v->ans.type = "application/x-tar";
	return 0;
}
