/* Lists of matters. */
#include "store/store_int.h"

struct want { /* a filter, as it is bound */
	const struct store_matter_filter *f;
	struct id procedure;
	const struct id *by_procedure, *by_conference; /* NULL: any */
};

#define LIST(first)                                                            \
	"SELECT " MATTER_COLUMNS " FROM matter m WHERE " first                 \
	" AND (?1 IS NULL OR m.procedure = ?1) AND (?2 = '' OR m.state = ?2)"  \
	" AND (?3 IS NULL OR m.conference = ?3) AND (?4 = 0 OR m.final = 0)"   \
	" AND (?5 = 0 OR m.audience = '\"public\"') AND m.no < ?6"             \
	" AND (?8 = 0 OR m.party = ?8)"                                        \
	" AND (?9 = '' OR instr(lower(m.subject), lower(?9)) > 0)"             \
	" ORDER BY m.no DESC LIMIT ?7"

/* What narrows most comes first: derived.sql has an index of each. */
static const char *
list_sql(const struct want *w)
{
	if (w->by_conference != NULL)
		return LIST("m.conference = ?3");
	if (w->by_procedure != NULL && w->f->is_public)
		return LIST("m.procedure = ?1 AND m.audience = '\"public\"'");
	if (w->by_procedure != NULL && w->f->state.n > 0)
		return LIST("m.procedure = ?1 AND m.state = ?2");
	if (w->by_procedure != NULL)
		return LIST("m.procedure = ?1");
	if (w->f->live)
		return LIST("m.final = 0");
	if (w->f->party != 0)
		return LIST("m.party = ?8");
	if (w->f->is_public)
		return LIST("m.audience = '\"public\"'");
	return LIST("1");
}

int
store_matter_list(struct store *s, const struct store_matter_filter *f,
    struct arena *a, struct store_matter **ret, size_t *ret_n, struct err *err)
{
	struct want w = {.f = f,
	    .by_conference = f->has_conference ? &f->conference : NULL};

	if (f->procedure.n > 0) {
		w.by_procedure = &w.procedure;
		if (!hex_is_parsed(f->procedure, w.procedure.b,
			sizeof(w.procedure.b))) {
			*ret = NULL; /* none has such a procedure */
			*ret_n = 0;
			return 0;
		}
	}
	return store_rows(s,
	    store_query(s, err, list_sql(&w), "dtdiiiuit", w.by_procedure,
		f->state, w.by_conference, (int64_t)f->live,
		(int64_t)f->is_public, f->before > 0 ? f->before : INT64_MAX,
		(uint64_t)f->n, f->party, f->text),
	    store_read_matter, sizeof(**ret), a, ret, ret_n, err);
}
