#include "web/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "web/sheet_int.h"

struct sheets {
	pthread_mutex_t lock; /* all below, and each sheet's readers and use */
	size_t n, bytes;
	int64_t uses;
	struct sheet_kept *at[SHEETS_MAX];
};

/* ---- parties, places ---- */

static void
add_lane(struct sheet *s, const struct member *m, enum lang lang)
{
	size_t i = s->n_lanes;

	if (m == NULL)
		return;
	for (size_t k = 0; k < s->n_lanes; k++)
		if (s->lane[k] == m)
			return;
	for (; i > 0 &&
	       str_cmp(view_name(m, lang), view_name(s->lane[i - 1], lang)) < 0;
	     i--)
		s->lane[i] = s->lane[i - 1];
	s->lane[i] = m;
	s->n_lanes++;
}

static int
by_id(const void *x, const void *y)
{
	const struct sheet_place *a = x, *b = y;

	return id_cmp(&a->id, &b->id);
}

const struct sheet_place *
sheet_place(const struct sheet_kept *k, const struct id *id)
{
	struct sheet_place want = {.id = *id};

	return k->n_places == 0 ? NULL
	                        : bsearch(&want, k->place, k->n_places,
				      sizeof(*k->place), by_id);
}

/* ---- making ---- */

static int
index_places(struct view *v, struct sheet_kept *k, struct err *err)
{
	struct matter_view *mv = &k->sheet->mv;

	k->place = arena_array(&k->a, mv->n_acts + 1, struct sheet_place);
	if (k->place == NULL)
		return err_nomem(err, "a matter");
	for (size_t i = 0; i < mv->n_acts; i++) {
		const struct store_act *x = &mv->stored[i].act;

		k->place[i] = (struct sheet_place){x->id, x->party, x->idx};
		k->cost += SHEET_ACT + 6 * x->payload.n;
		add_lane(k->sheet, node_member_by_no(v->q.n, x->party),
		    k->lang);
	}
	k->n_places = mv->n_acts;
	qsort(k->place, k->n_places, sizeof(*k->place), by_id);
	return 0;
}

static int
fold(struct view *v, const struct store_matter *row, struct sheet_kept *k,
    struct err *err)
{
	struct matter_view *mv = &k->sheet->mv;
	struct store_matter own;
	bool found;

	/* The row's texts belong to the request. */
	if (store_matter_by_no(v->q.s, row->no, &k->a, &found, &own, err) != 0)
		return -1;
	if (!found)
		return err_set(err, ERR_ABSENT, "the matter is gone");
	if (!k->only_public)
		return matter_fold(v->q.n, v->q.s, &own, NULL, v->q.now_us,
		    &k->a, mv, err);
	if (matter_fold_public(v->q.n, v->q.s, &own, v->q.now_us, &k->a, mv,
		err) != 0)
		return -1;
	for (size_t i = 0; i < mv->n_acts; i++)
		if (mv->acts[i].act->opens)
			return 0;
	return err_set(err, ERR_ABSENT, "nothing of this matter is public");
}

static void
release(struct sheet_kept *k)
{
	arena_release(&k->a);
	mem_free(k);
}

static int
make(struct view *v, const struct store_matter *row, struct sheet_kept **ret,
    struct err *err)
{
	struct sheet_kept *k = mem_alloc(1, sizeof(*k));
	size_t members = v->q.n->n_members;

	if (k == NULL)
		return err_nomem(err, "a matter");
	arena_init(&k->a, ARENA_REQUEST);
	k->only_public = v->reader == WEB_PUBLIC;
	k->lang = v->lang;
	k->n_members = members;
	k->made_us = v->q.now_us;
	k->readers = 1;
	k->sheet = arena_alloc(&k->a, 1,
	    sizeof(*k->sheet) + (members + 1) * sizeof(k->sheet->lane[0]));
	if (k->sheet != NULL)
		k->sheet->kept = k;
	if (k->sheet == NULL)
		(void)err_nomem(err, "a matter");
	else if (fold(v, row, k, err) == 0 && index_places(v, k, err) == 0 &&
		 sheet_put_acts(v, k, err) == 0) {
		*ret = k;
		return 0;
	}
	release(k);
	return -1;
}

/* ---- what is kept ---- */

struct sheets *
sheets_new(void)
{
	struct sheets *s = mem_alloc(1, sizeof(*s));

	if (s != NULL)
		(void)pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
sheets_free(struct sheets *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		release(s->at[i]);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

/* H3, as far as memory knows. */
static bool
is_same(const struct view *v, const struct store_matter *row,
    const struct sheet_kept *k)
{
	const struct matter_view *mv = &k->sheet->mv;
	const struct fold_result *r = mv->result;

	return id_eq(&mv->row.id, &row->id) && mv->row.no == row->no &&
	       mv->row.changed_us == row->changed_us &&
	       mv->row.acts == row->acts && k->lang == v->lang &&
	       k->only_public == (v->reader == WEB_PUBLIC) &&
	       k->n_members == v->q.n->n_members &&
	       v->q.now_us - k->made_us < SHEET_S * INT64_C(1000000) &&
	       v->q.now_us >= k->made_us &&
	       (r == NULL || !r->has_next || v->q.now_us < r->next_us);
}

/* Has a witness cosigned since what it had not? */
static int
is_complete(struct view *v, const struct sheet_kept *k, bool *ret,
    struct err *err)
{
	struct store_cosignature c;
	bool found = false;

	for (size_t i = 0; i < k->n_gaps && !found; i++)
		if (store_cosignature_beyond(v->q.s, k->gap[i].party,
			k->gap[i].witness, k->gap[i].from, &found, &c,
			err) != 0)
			return -1;
	*ret = !found;
	return 0;
}

static struct sheet_kept *
take(struct sheets *s, const struct view *v, const struct store_matter *row)
{
	struct sheet_kept *found = NULL;

	(void)pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n && found == NULL; i++)
		if (is_same(v, row, s->at[i]))
			found = s->at[i];
	if (found != NULL) {
		found->readers++;
		found->use = ++s->uses;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return found;
}

/* The caller holds the lock. */
static void
drop(struct sheets *s, size_t i)
{
	struct sheet_kept *k = s->at[i];

	s->bytes -= k->cost;
	s->at[i] = s->at[--s->n];
	k->old = true;
	if (k->readers == 0)
		release(k);
}

static bool
is_of(const struct sheet_kept *a, const struct sheet_kept *b)
{
	return a->lang == b->lang && a->only_public == b->only_public &&
	       id_eq(&a->sheet->mv.row.id, &b->sheet->mv.row.id);
}

static void
keep(struct sheets *s, struct sheet_kept *k)
{
	(void)pthread_mutex_lock(&s->lock);
	for (size_t i = s->n; i > 0; i--)
		if (is_of(s->at[i - 1], k))
			drop(s, i - 1);
	while (s->n > 0 &&
	       (s->n == SHEETS_MAX || s->bytes + k->cost > SHEETS_BYTES)) {
		size_t oldest = 0;

		for (size_t i = 1; i < s->n; i++)
			if (s->at[i]->use < s->at[oldest]->use)
				oldest = i;
		drop(s, oldest);
	}
	k->old = k->cost > SHEETS_BYTES;
	if (!k->old) {
		k->use = ++s->uses;
		s->bytes += k->cost;
		s->at[s->n++] = k;
	}
	(void)pthread_mutex_unlock(&s->lock);
}

/* A request's hold on a sheet, until its arena goes. */
struct hold {
	struct sheets *from; /* NULL: nothing is kept */
	struct sheet_kept *k;
};

static void
let_go(void *hold)
{
	struct hold *h = hold;
	bool last;

	if (h->from != NULL)
		(void)pthread_mutex_lock(&h->from->lock);
	last = --h->k->readers == 0 && h->k->old;
	if (h->from != NULL)
		(void)pthread_mutex_unlock(&h->from->lock);
	if (last)
		release(h->k);
}

static int
hold(struct view *v, struct sheet_kept *k, const struct sheet **ret,
    struct err *err)
{
	struct hold *h = arena_new(v->q.a, struct hold);
	struct hold here = {v->w->sheets, k};

	if (h == NULL) {
		let_go(&here);
		return err_nomem(err, "a matter");
	}
	*h = here;
	if (arena_defer(v->q.a, let_go, h) != 0)
		return err_nomem(err, "a matter");
	*ret = k->sheet;
	return 0;
}

int
sheet_open(struct view *v, const struct store_matter *row,
    const struct sheet **ret, struct err *err)
{
	struct sheets *s = v->w->sheets;
	struct sheet_kept *k = s == NULL ? NULL : take(s, v, row);
	struct hold old = {s, k};
	bool same = false;

	if (k != NULL && is_complete(v, k, &same, err) != 0) {
		let_go(&old);
		return -1;
	}
	if (k != NULL && !same)
		let_go(&old);
	if (!same) {
		if (make(v, row, &k, err) != 0)
			return -1;
		k->old = s == NULL;
		if (s != NULL)
			keep(s, k);
	}
	return hold(v, k, ret, err);
}
