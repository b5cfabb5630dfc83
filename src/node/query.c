#include "node/query.h"

#include "base/clock.h"
#include "base/num.h"

int
query_open(struct node *n, struct arena *a, struct query *ret, struct err *err)
{
	struct store *s = node_reader(n, err);

	if (s == NULL)
		return -1;
	(void)pthread_rwlock_rdlock(&n->state);
	*ret = (struct query){n, s, a, clock_utc_us()};
	return 0;
}

void
query_close(struct query *q)
{
	(void)pthread_rwlock_unlock(&q->n->state);
	node_reader_done(q->n, q->s);
}

int
query_act(struct query *q, struct str ref, struct store_act *ret,
    struct err *err)
{
	size_t dash = ref.n;
	struct member *m;
	struct id id;
	int64_t idx;
	bool found = false;

	if (hex_is_parsed(ref, id.b, sizeof(id.b))) {
		if (store_act_by_id(q->s, &id, q->a, &found, ret, err) != 0)
			return -1;
		return found ? 0
		             : err_set(err, ERR_ABSENT,
				   "no act with the id %.*s is held here",
				   STR_ARG(ref));
	}
	while (dash > 0 && ref.p[dash - 1] != '-')
		dash--;
	m = dash < 2 ? NULL : node_member(q->n, str_sub(ref, 0, dash - 1));
	if (m == NULL ||
	    num_parse(str_sub(ref, dash, ref.n), 0, INT64_MAX, &idx, err) != 0)
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no citation (such as %s-57) and no id",
		    STR_ARG(ref), q->n->own->code);
	if (store_act_by_entry(q->s, m->no, (uint64_t)idx, q->a, &found, ret,
		err) != 0)
		return -1;
	return found ? 0
	             : err_set(err, ERR_ABSENT, "%.*s is not held here",
			   STR_ARG(ref));
}

int
query_matter(struct query *q, struct str ref, struct store_matter *ret,
    struct err *err)
{
	struct store_act act;
	struct id id;
	bool found;

	if (hex_is_parsed(ref, id.b, sizeof(id.b))) {
		if (store_matter_by_id(q->s, &id, q->a, &found, ret, err) != 0)
			return -1;
		if (found)
			return 0;
	}
	if (query_act(q, ref, &act, err) != 0 ||
	    store_matter_by_entry(q->s, act.party, act.idx, q->a, &found, ret,
		err) != 0)
		return -1;
	return found ? 0
	             : err_set(err, ERR_ABSENT,
			   "%.*s is an act of a party's own file, of no matter",
			   STR_ARG(ref));
}

struct str
query_cite(struct query *q, int64_t party, uint64_t idx)
{
	struct member *m = node_member_by_no(q->n, party);

	return str_fmt(q->a, "%s-%llu", m == NULL ? "?" : m->code,
	    (unsigned long long)idx);
}

struct str
query_cite_of(struct query *q, const struct id *id)
{
	struct store_act act;
	struct err err;
	bool found;

	if (store_act_by_id(q->s, id, q->a, &found, &act, &err) != 0 || !found)
		return STR("");
	return query_cite(q, act.party, act.idx);
}
