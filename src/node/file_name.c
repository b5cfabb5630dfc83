/* What acts name: files, and of accepted comments the matter. */
#include <string.h>

#include "base/num.h"
#include "node/file.h"

enum { WALK = 500, WALK_ARENA = 64 * 1024 * 1024 };

struct naming {
	struct node *n;
	int64_t seq;
	size_t count;
};

/* As procedures.md has a value of the type `file`. */
static bool
is_file(const struct js *v, struct id *sha256, bool *wanted)
{
	const struct js *size = js_get(v, "size");

	if (js_len(v) != 4 || js_type(size) != JS_INT ||
	    js_type(js_get(v, "name")) != JS_TEXT ||
	    js_type(js_get(v, "type")) != JS_TEXT ||
	    !hex_is_parsed(js_str(js_get(v, "sha256")), sha256->b,
		sizeof(sha256->b)))
		return false;
	*wanted = js_int(size) > 0 && js_int(size) <= FILE_MAX;
	return true;
}

/* By its shape, wherever it stands: the form of an act whose opening is not
 * here yet is not known.  js_parse() bounds the depth. */
static int
name_in(struct naming *x, const struct js *v, struct err *err)
{
	struct id sha256;
	bool wanted;

	if (js_type(v) == JS_LIST) {
		for (size_t i = 0; i < js_len(v); i++)
			if (name_in(x, js_at(v, i), err) != 0)
				return -1;
		return 0;
	}
	if (js_type(v) != JS_MAP)
		return 0;
	if (is_file(v, &sha256, &wanted))
		return x->count++ >= FILE_NAMES_MAX
		           ? 0
		           : store_file_name(x->n->writer, &sha256, x->seq,
				 wanted, err);
	for (struct js_each e = {0}; js_next(v, &e);)
		if (name_in(x, e.value, err) != 0)
			return -1;
	return 0;
}

int
file_name(struct node *n, const struct act *act, int64_t seq, struct err *err)
{
	struct naming x = {.n = n, .seq = seq};
	struct id about;

	if (name_in(&x, act->body, err) != 0)
		return -1;
	if (!act->opens || !str_is(act->kind, "comment/accept") ||
	    !hex_is_parsed(js_str(js_get(act->body, "about")), about.b,
		sizeof(about.b)))
		return 0;
	return store_comment_name(n->writer, &about, seq, err);
}

/* ---- acts of an older program ---- */

static int
name_page(struct node *n, int64_t *from, size_t *count, struct err *err)
{
	struct store_act *stored;
	struct arena a;
	int rc;

	arena_init(&a, WALK_ARENA);
	rc = store_act_walk(n->writer, *from, WALK, &a, &stored, count, err);
	for (size_t i = 0; rc == 0 && i < *count; i++) {
		const struct act *act;

		*from = stored[i].seq + 1;
		if (stored[i].file != 0)
			continue;
		rc = act_parse(stored[i].payload, &a, &act, err);
		if (rc == 0)
			rc = file_name(n, act, stored[i].seq, err);
	}
	arena_release(&a);
	return rc;
}

int
file_name_all(struct node *n, struct err *err)
{
	struct arena a;
	struct str s;
	int64_t from = 1;
	size_t count = 1;
	int rc;

	arena_init(&a, 65536);
	rc = store_setting(n->writer, "unnamed", &a, &s, err);
	if (rc != 0 || !str_is(s, "1")) {
		arena_release(&a);
		return rc;
	}
	arena_release(&a);
	if (store_begin(n->writer, err) != 0)
		return -1;
	while (rc == 0 && count > 0)
		rc = name_page(n, &from, &count, err);
	if (rc == 0)
		rc = store_set_setting(n->writer, "unnamed", STR("0"), err);
	if (rc == 0)
		return store_commit(n->writer, err);
	store_rollback(n->writer);
	return -1;
}

/* ---- who may read ---- */

/* Does this act open the file to the reader?  F2 */
static int
opens_to(struct node *n, struct store *s, const struct store_naming *x,
    struct str code, struct arena *a, bool *ret, struct err *err)
{
	const struct act *act;
	struct store_matter row;
	bool found;

	if (act_parse(x->act.payload, a, &act, err) != 0)
		return err_in(err, "stored act: ");
	*ret = act->to.type == AUDIENCE_PUBLIC;
	if (*ret || code.n == 0)
		return 0;
	if (store_matter_by_no(s, x->matter, a, &found, &row, err) != 0)
		return -1;
	return found ? matter_reads(n, s, act, &row, code, a, ret, err) : 0;
}

int
file_is_open_to(struct node *n, struct store *s, const struct id *sha256,
    struct str code, const struct id *by, struct arena *a, bool *ret,
    struct err *err)
{
	struct store_naming *x;
	struct store_file f;
	size_t count = 0;
	bool found;

	*ret = false;
	if (store_file(s, sha256, &found, &f, err) != 0)
		return -1;
	if (found &&
	    store_file_acts(s, sha256, FILE_NAMES_MAX, a, &x, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count && !*ret; i++)
		if ((by == NULL || id_eq(by, &x[i].act.id)) &&
		    (x[i].act.party == n->own->no ||
			x[i].act.party == f.giver) &&
		    opens_to(n, s, &x[i], code, a, ret, err) != 0)
			return -1;
	return 0;
}
