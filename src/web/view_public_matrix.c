/* Which pairs of parties have agreed on which topics, and what all of them have
 * in common: the ground for a framework of the whole conference. */
#include "web/view_public_int.h"

#include <assert.h>

#include "base/num.h"

enum {
	PARTIES_MAX = 16, /* 120 pairs: more is no table for people */
	TOPICS_MAX = 32
};

/* From nothing to most: of several agreements the best counts. */
enum standing { NOTHING, SIGNED, SUSPENDED, IN_FORCE, STANDINGS };
static const struct {
	const char *name, *state; /* of a matter, once both have signed */
} standing[] = {
    [NOTHING] = {"none", NULL},
    [SIGNED] = {"signed", "signed"},
    [SUSPENDED] = {"suspended", "suspended"},
    [IN_FORCE] = {"in_force", "in_force"},
};
static_assert(COUNT(standing) == STANDINGS, "each standing has a name");

struct paper { /* an agreement, by bits of parties and topics */
	const struct matter_view *mv;
	enum standing standing;
	uint32_t parties, topics;
};
struct matrix {
	size_t n_papers, n_topics;
	struct paper *paper;
	struct seen_codes parties;
	struct topic {
		const struct js *code, *title; /* NULL: none is stated */
	} topic[TOPICS_MAX];
};

static enum standing
standing_of(const struct matter_view *mv)
{
	for (size_t i = STANDINGS; i-- > SIGNED;)
		if (seen_is_in(mv, standing[i].state))
			return (enum standing)i;
	return seen_is_in(mv, "open") ? SIGNED : NOTHING;
}

/* Bit of a topic; it is added where it is new. */
static uint32_t
topic_bit(struct matrix *x, const struct procedure *p, const struct js *code)
{
	const struct js *codes = js_get(
	    js_get(js_get(procedure_json(p), "fields"), "topic"), "codes");

	for (size_t i = 0; i < x->n_topics; i++)
		if (code == NULL ? x->topic[i].code == NULL
				 : js_is_equal(x->topic[i].code, code))
			return UINT32_C(1) << i;
	if (x->n_topics == TOPICS_MAX)
		return 0;
	x->topic[x->n_topics] = (struct topic){.code = code};
	for (size_t i = 0; code != NULL && i < js_len(codes); i++)
		if (js_is_equal(js_get(js_at(codes, i), "code"), code))
			x->topic[x->n_topics].title =
			    js_get(js_at(codes, i), "title");
	return UINT32_C(1) << x->n_topics++;
}

static void
add_paper(struct matrix *x, const struct matter_view *mv)
{
	const struct js *body = seen_body(mv, "register");
	const struct js *clauses = js_get(body, "clauses");
	struct paper *p = &x->paper[x->n_papers];

	*p = (struct paper){.mv = mv, .standing = standing_of(mv)};
	if (p->standing == NOTHING)
		return;
	for (size_t i = 0; i < x->parties.n; i++)
		if (seen_last(mv, "sign", x->parties.code[i]) != NULL)
			p->parties |= UINT32_C(1) << i;
	for (size_t i = 0; i < js_len(clauses); i++)
		p->topics |= topic_bit(x, mv->procedure,
		    js_get(js_at(clauses, i), "topic"));
	if (js_len(clauses) == 0)
		p->topics = topic_bit(x, mv->procedure, NULL);
	x->n_papers++;
}

/* The members, and who has signed something. */
static struct seen_codes
all_parties(struct view *v, const struct seen_list *all,
    struct seen_codes members)
{
	struct str *code = arena_array(v->q.a, PARTIES_MAX, struct str);
	struct seen_codes out = {0, code};
	const struct fold_act_result *r;

	if (code == NULL)
		return out;
	for (size_t i = 0; i < members.n && out.n < PARTIES_MAX; i++)
		code[out.n++] = members.code[i];
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; seen_next(&all->at[i], "sign", &k, &r);)
			if (out.n < PARTIES_MAX &&
			    !seen_has(out, r->act->party))
				code[out.n++] = r->act->party;
	return seen_sorted(v, out);
}

static enum standing
best_of(const struct matrix *x, uint32_t pair, uint32_t topic)
{
	enum standing best = NOTHING;

	for (size_t i = 0; i < x->n_papers; i++)
		if ((x->paper[i].parties & pair) == pair &&
		    (x->paper[i].topics & topic) != 0 &&
		    x->paper[i].standing > best)
			best = x->paper[i].standing;
	return best;
}

static void
put_topic(struct view *v, struct js *j, const struct topic *t)
{
	js_put(&v->make, j, "topic", t->code);
	js_put(&v->make, j, "topic_title", t->title);
}

static void
put_cell(struct view *v, struct js *list, const struct matrix *x, uint32_t pair,
    size_t topic)
{
	enum standing best = best_of(x, pair, UINT32_C(1) << topic);
	struct js *j = js_put_map(&v->make, list, NULL), *cites;

	put_topic(v, j, &x->topic[topic]);
	js_put_z(&v->make, j, "standing", standing[best].name);
	js_put_bool(&v->make, js_put_map(&v->make, j, "is"),
	    standing[best].name, true);
	cites = js_put_list(&v->make, j, "agreements");
	for (size_t i = 0; best != NOTHING && i < x->n_papers; i++) {
		const struct store_matter *m = &x->paper[i].mv->row;

		if (x->paper[i].standing == best &&
		    (x->paper[i].parties & pair) == pair &&
		    (x->paper[i].topics & UINT32_C(1) << topic) != 0)
			js_put_str(&v->make, cites, NULL,
			    query_cite(&v->q, m->party, m->idx));
	}
}

/* Topics on which each pair of the members has something in force. */
static void
put_common(struct view *v, struct js *j, const struct matrix *x,
    struct seen_codes members)
{
	struct js *list = js_put_list(&v->make, j, "common");

	for (size_t t = 0; members.n > 1 && t < x->n_topics; t++) {
		bool all = x->topic[t].code != NULL;

		for (size_t a = 0; all && a < x->parties.n; a++)
			for (size_t b = a + 1; all && b < x->parties.n; b++) {
				uint32_t pair = UINT32_C(1) << a | UINT32_C(1)
				                                       << b;

				all = !seen_has(members, x->parties.code[a]) ||
				      !seen_has(members, x->parties.code[b]) ||
				      best_of(x, pair, UINT32_C(1) << t) ==
				          IN_FORCE;
			}
		if (all)
			put_topic(v, js_put_map(&v->make, list, NULL),
			    &x->topic[t]);
	}
	js_put_bool(&v->make, j, "any_common", js_len(list) > 0);
}

void
public_put_matrix(struct view *v, const struct seen_list *agreements,
    struct seen_codes members)
{
	struct matrix x = {.n_papers = 0};
	struct js *j = js_put_map(&v->make, v->model, "matrix"), *list;

	x.parties = all_parties(v, agreements, members);
	x.paper = arena_array(v->q.a, agreements->n + 1, struct paper);
	for (size_t i = 0; x.paper != NULL && i < agreements->n; i++)
		add_paper(&x, &agreements->at[i]);
	list = js_put_list(&v->make, j, "topics");
	for (size_t i = 0; i < x.n_topics; i++)
		put_topic(v, js_put_map(&v->make, list, NULL), &x.topic[i]);
	js_put_bool(&v->make, j, "any", x.n_topics > 0 && x.parties.n > 1);
	list = js_put_list(&v->make, j, "pairs");
	for (size_t a = 0; x.n_topics > 0 && a < x.parties.n; a++)
		for (size_t b = a + 1; b < x.parties.n; b++) {
			struct js *pair = js_put_map(&v->make, list, NULL);
			struct js *cells;

			js_put_str(&v->make, pair, "one", x.parties.code[a]);
			js_put_str(&v->make, pair, "two", x.parties.code[b]);
			cells = js_put_list(&v->make, pair, "cells");
			for (size_t t = 0; t < x.n_topics; t++)
				put_cell(v, cells, &x,
				    UINT32_C(1) << a | UINT32_C(1) << b, t);
		}
	put_common(v, j, &x, members);
}
