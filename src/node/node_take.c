/*
 * Bundles from other nodes, couriers and files.  Opening and verifying
 * signatures need no lock and happen in the caller's thread (and helpers of
 * it); judging and storing is the committer's.
 * Members of a bundle: docs/format/bundle.md.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "node/take_int.h"
#include "node/word.h"
#include "record/hash.h"

enum { STRETCH = 64 }; /* acts whose entries are read at once */

static int
append_entries(struct node *n, struct take *t, struct member *m,
    struct taken_log *log, struct err *err)
{
	uint64_t count = log->entries.n / ENTRY_BYTES;

	log->appended = 0; /* a batch that failed is run again */
	log->held = m->log.size;
	if (!log->has_entries)
		return 0;
	if (log->from > m->log.size)
		return err_set(err, ERR_CONFLICT,
		    "%s: entries from %llu, but %llu are held here: send from "
		    "there",
		    m->code, (unsigned long long)log->from,
		    (unsigned long long)m->log.size);
	for (uint64_t i = m->log.size - log->from; i < count; i++) {
		struct entry e =
		    label_entry_read(log->entries.p + i * ENTRY_BYTES);

		if (m->own && node_is_checked(n))
			return err_set(err, ERR_CONFLICT,
			    "entries of our own log that we do not hold: the "
			    "folder lost some; restart the node, it takes "
			    "them back");
		if (node_append(n, m, &e, err) != 0)
			return -1;
		t->ret.entries++;
		log->appended++;
	}
	return 0;
}

/* The first act of a party's own file that its log has and we do not hold:
 * it may take away the mandate that an act above it rests on. */
static int
find_missing(struct node *n, const struct member *m, uint64_t *ret,
    struct err *err)
{
	uint64_t held, at;
	bool found = true, here = true;

	if (store_act_file_count(n->writer, m->no, &held, err) != 0)
		return -1;
	/* One with a wrong label is here and counts for nothing. */
	for (uint64_t k = held; found && here; k++) {
		struct label next = label_of(&m->charter, &m->charter,
		    (uint32_t)k); /* a file has few acts */

		if (store_entry_find(n->writer, m->no, &next, &found, &at,
			err) != 0 ||
		    (found &&
			store_act_is_at(n->writer, m->no, at, &here, err) != 0))
			return -1;
	}
	*ret = found ? at : UINT64_MAX;
	return 0;
}

static int
check_file(struct node *n, struct taking *g, const struct member *m,
    uint64_t idx, struct err *err)
{
	if (g->file_of != m && find_missing(n, m, &g->missing, err) != 0)
		return -1;
	g->file_of = m;
	return g->missing >= idx ? 0
	                         : err_set(err, ERR_CONFLICT,
				       "%s: the act of its own file at entry "
				       "%llu is not here: send it first",
				       m->code, (unsigned long long)g->missing);
}

/*
 * The entry of an act.  Acts come sorted, and mostly without gaps: where the
 * next ones lie close together, their entries are read with it.  NULL: the log
 * does not go so far.
 */
static int
entry_of(struct node *n, struct take *t, size_t i, const struct member *m,
    const struct entry **ret, struct err *err)
{
	struct taking *g = &t->taking;
	uint64_t idx = t->acts[i].idx;
	size_t last = i + STRETCH < t->n_acts ? i + STRETCH : t->n_acts - 1;
	size_t count = 1;

	*ret = NULL;
	if (g->of != m || idx < g->from || idx - g->from >= g->n_entries) {
		if (id_eq(&t->acts[last].charter, &t->acts[i].charter) &&
		    t->acts[last].idx - idx < STRETCH * 2)
			count = (size_t)(t->acts[last].idx - idx) + 1;
		g->of = NULL;
		if (store_entry_list(n->writer, m->no, idx, count, &n->batch,
			&g->entries, &g->n_entries, err) != 0)
			return -1;
		g->of = m;
		g->from = idx;
	}
	if (g->n_entries > 0)
		*ret = &g->entries[idx - g->from];
	return 0;
}

static int
take_act(struct node *n, struct take *t, size_t i, struct err *err)
{
	const struct taken_act *x = &t->acts[i];
	struct taking *g = &t->taking;
	struct member *m = node_member_by_charter(n, &x->charter);
	struct recorded *r = &g->recorded[g->n_recorded];
	const struct entry *e;
	bool held;

	if (m == NULL)
		return 0; /* of a party that we were not introduced to */
	if (store_act_is_held(n->writer, &x->judged->act->id, &held, err) != 0)
		return -1;
	if (held) {
		t->ret.known++;
		return 0;
	}
	if (entry_of(n, t, i, m, &e, err) != 0)
		return -1;
	if (e == NULL || !id_eq(&e->act, &x->judged->act->id) ||
	    !str_is(x->judged->act->party, m->code))
		return err_set(err, ERR_INPUT,
		    "bundle: an act is not the one at entry %llu of %s",
		    (unsigned long long)x->idx, m->code);
	if (check_file(n, g, m, x->idx, err) != 0 ||
	    node_record(n, m, x->judged, x->idx, &e->label, g->now_us, r,
		err) != 0)
		return -1;
	if (r->matter == 0)
		g->file_of = NULL; /* look again */
	else
		g->n_recorded++;
	t->ret.acts++;
	return 0;
}

/* ---- two histories ---- */

/* Evidence outlives the bundle that is refused for it. */
static int
run_forked(struct node *n, struct job *job, struct err *err)
{
	struct forked *w = (struct forked *)job;
	struct store_fork f = {.party = w->m->no,
	    .note_b = w->note,
	    .found_us = clock_utc_us()};
	struct store_head head;
	bool found;

	if (store_checkpoint(n->writer, w->m->no, w->size, &n->batch, &found,
		&f.note_a, err) != 0)
		return -1;
	if (!found) {
		if (store_head(n->writer, w->m->no, &n->batch, &found, &head,
			err) != 0)
			return -1;
		f.note_a = head.note;
	}
	if (!found)
		return 0;
	diag_warn("%s signed two histories: the evidence is kept", w->m->code);
	return store_fork_add(n->writer, &f, err);
}

/* Cosignatures by this key on a verified head: first and last stand there.  A
 * line that does not verify proves nothing, and takes nothing from the rest. */
static int
take_cosignature(struct node *n, struct take *t, struct member *m,
    const struct checkpoint *c, const struct note *note,
    const struct note_key *key, int64_t witness, struct err *err)
{
	uint64_t soon = (uint64_t)evidence_now_s() + 60; /* after 1970 */
	struct cosignature sig;
	struct str vkey;
	bool is_new;

	for (size_t i = 0; i < note->n; i++) {
		const struct note_line *line = &note->line[i];

		if (!note_is_line_of(line, key) ||
		    line->sig.n != 8 + sizeof(sig.sig.b))
			continue;
		sig.time_s = num_get64(line->sig.p);
		memcpy(sig.sig.b, line->sig.p + 8, sizeof(sig.sig.b));
		if (sig.time_s > soon ||
		    !checkpoint_is_cosigned(c->text, key, &sig))
			continue;
		if (witness == 0) { /* an outside one gets its number now */
			vkey = note_key_text(&n->batch, key);
			if (vkey.p == NULL)
				return err_nomem(err, "a witness");
			if (store_witness_no(n->writer, vkey, 0, &witness,
				err) != 0)
				return -1;
		}
		if (evidence_keep(n, m, witness, c->size, &sig, false, &is_new,
			err) != 0)
			return -1;
		t->ret.cosignatures += is_new;
	}
	return 0;
}

/* Does an outside key stand for a member's node?  That one counts already. */
static bool
is_node_key(struct node *n, const struct note_key *key)
{
	for (size_t i = 0; i < n->n_members; i++)
		if (str_eq(mandate_witness_name(n->member[i]->mandate),
			key->name))
			return true;
	return false;
}

/* The cosignatures on a verified head, by all witnesses that we know: members'
 * nodes, and outside ones that charters name. */
static int
take_cosignatures(struct node *n, struct take *t, struct member *m,
    const struct checkpoint *c, const struct note *note, struct err *err)
{
	for (size_t i = 0; i < n->n_members; i++) {
		const struct member *w = n->member[i];
		const struct note_key *outside;
		const struct mandate_keys *keys;
		size_t n_keys = mandate_keys(w->mandate, &keys);
		size_t n_outside = mandate_witnesses(w->mandate, &outside);

		for (size_t k = 0; k < n_keys && w != m; k++) {
			struct note_key key =
			    note_key_of(mandate_witness_name(w->mandate),
				NOTE_COSIGNATURE, &keys[k].witness);

			if (take_cosignature(n, t, m, c, note, &key, w->witness,
				err) != 0)
				return -1;
		}
		for (size_t k = 0; k < n_outside; k++)
			if (!is_node_key(n, &outside[k]) &&
			    take_cosignature(n, t, m, c, note, &outside[k], 0,
				err) != 0)
				return -1;
	}
	return 0;
}

/* A signed head: does it fit the log as we hold it?  *ret_fits false: it is
 * beyond what we hold.  A fork is refused, and its evidence kept. */
static int
take_note(struct node *n, struct take *t, struct member *m,
    const struct taken_log *log, struct span bytes, bool *ret_fits,
    struct checkpoint *ret, struct err *err)
{
	struct note note;
	struct note_key key;
	struct id root;

	*ret_fits = false;
	if (note_parse(bytes, &n->batch, &note, err) != 0 ||
	    checkpoint_parse(note.text, ret, err) != 0)
		return err_in(err, "%s: checkpoint: ", m->code);
	key = mandate_log_key(m->mandate, ret->size);
	if (!str_eq(ret->origin, mandate_origin(m->mandate)) ||
	    note_verify(&note, &key, err) != 0)
		return err_set(err, ERR_INPUT,
		    "%s: a checkpoint is not signed by its log key", m->code);
	if (ret->size > m->log.size)
		return 0;
	if (node_root_at(n->writer, m, ret->size, &root, err) != 0)
		return -1;
	/* The entries of a bundle are anybody's word until a head vouches for
	 * them: a courier who garbles them must not make a forger of their
	 * party. */
	if (!id_eq(&root, &ret->root) && ret->size > log->held)
		return err_set(err, ERR_INPUT,
		    "%s: the entries do not lead to the signed head of %llu",
		    m->code, (unsigned long long)ret->size);
	if (!id_eq(&root, &ret->root)) {
		t->forked =
		    (struct forked){.m = m, .note = bytes, .size = ret->size};
		return err_set(err, ERR_CONFLICT,
		    "%s signed a history of %llu entries that is not the one "
		    "it signed before",
		    m->code, (unsigned long long)ret->size);
	}
	*ret_fits = true;
	if (store_checkpoint_add(n->writer, m->no, ret->size, bytes, err) != 0)
		return -1;
	return take_cosignatures(n, t, m, ret, &note, err);
}

/*
 * What a peer is answered: the cosignature on its head, and our word, signed
 * with our log key, that this very bundle is stored here, acts and all.
 */
static int
receipt(struct node *n, struct take *t, const struct checkpoint *c,
    const struct cosignature *sig, struct err *err)
{
	struct note_key key = mandate_witness_key(n->own->mandate);
	struct js_make make = {.a = t->a};
	struct js *j = js_map(&make);
	struct str text = word_receipt(t->a, &t->hash, n->own);

	if (text.p == NULL)
		return err_nomem(err, "a receipt");
	if (c != NULL) {
		js_put_int(&make, j, "size", (int64_t)c->size); /* < 2^63 */
		js_put_str(&make, j, "cosignature",
		    checkpoint_cosignature_line(t->a, &key, sig));
	}
	js_put_str(&make, j, "receipt",
	    note_sign(t->a, text, mandate_origin(n->own->mandate),
		node_log_key(n, UINT64_MAX)));
	return js_text(&make, j, JS_COMPACT, &t->ret.receipt, err);
}

/* Cosign what extends what we have cosigned. */
static int
cosign(struct node *n, struct take *t, struct member *m,
    const struct checkpoint *c, struct err *err)
{
	struct cosignature sig = checkpoint_cosign(c->text,
	    (uint64_t)evidence_now_s(), node_witness_key(n)); /* after 1970 */
	bool is_new;

	if (evidence_keep(n, m, n->own->witness, c->size, &sig, true, &is_new,
		err) != 0)
		return -1;
	return receipt(n, t, c, &sig, err);
}

static int
behind(const struct member *m, uint64_t size, uint64_t held, struct err *err)
{
	return err_set(err, ERR_CONFLICT,
	    "%s: a checkpoint of %llu entries, but %llu are held here: send "
	    "from there",
	    m->code, (unsigned long long)size, (unsigned long long)held);
}

static bool
is_own_fault(const struct err *err)
{
	return err->code != ERR_IO && err->code != ERR_NOMEM &&
	       err->code != ERR_CORRUPT;
}

/* Heads that others pass on: one that is wrong, or a fork, is left out alone,
 * and one beyond what we hold is kept until the log arrives. */
static int
take_passed(struct node *n, struct take *t, struct member *m,
    struct taken_log *log, struct err *err)
{
	struct store_early *early;
	struct checkpoint c;
	struct err bad;
	bool fits;
	size_t count;

	for (size_t i = 0; i < log->n_notes; i++) {
		if (take_note(n, t, m, log, log->notes[i], &fits, &c, &bad) !=
		    0) {
			if (is_own_fault(&bad))
				continue;
			*err = bad;
			return -1;
		}
		if (!fits && store_early_add(n->writer, m->no, c.size,
				 log->notes[i], err) != 0)
			return -1;
	}
	if (log->appended == 0)
		return 0;
	if (store_early_take(n->writer, m->no, m->log.size, &n->batch, &early,
		&count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (take_note(n, t, m, log, early[i].note, &fits, &c, &bad) !=
			0 &&
		    !is_own_fault(&bad)) {
			*err = bad;
			return -1;
		}
	return 0;
}

/* The sender's word that it asks now, with this head: signed with its log key,
 * for us, and fresh.  Without it an unchanged head gets no new cosignature, for
 * that would say that its party was heard. */
static bool
is_asked(struct node *n, struct take *t, const struct member *m, uint64_t size)
{
	struct note_key key = mandate_log_key(m->mandate, size);
	struct note note;
	struct err bad;
	int64_t time_s, off;

	if (t->heads.n == 0 ||
	    note_parse(t->heads, &n->batch, &note, &bad) != 0 ||
	    note_verify(&note, &key, &bad) != 0)
		return false;
	time_s = word_heads_time(note.text);
	off = time_s - evidence_now_s();
	return time_s >= 0 && off <= CLOCK_SLACK_S && off >= -CLOCK_SLACK_S &&
	       str_eq(note.text,
		   word_heads(&n->batch, m, size, time_s, n->own));
}

static int
take_head(struct node *n, struct take *t, struct member *m,
    struct taken_log *log, int64_t now_us, struct err *err)
{
	struct store_head head = {.note = log->note, .heard_us = now_us}, old;
	struct store_cosignature last;
	struct checkpoint c;
	bool fits, found;

	if (take_passed(n, t, m, log, err) != 0)
		return -1;
	if (log->note.n == 0)
		return log->has_entries && log->appended > 0
		           ? err_set(err, ERR_INPUT,
				 "%s: entries without a signed head", m->code)
		           : 0;
	if (take_note(n, t, m, log, log->note, &fits, &c, err) != 0)
		return -1;
	if (fits && !m->own && c.size < m->log.size && !t->from_peer)
		return 0; /* an archive may be older than what we hold */
	if (!fits || (!m->own && c.size < m->log.size))
		return behind(m, c.size, m->log.size, err);
	if (store_head(n->writer, m->no, &n->batch, &found, &old, err) != 0)
		return -1;
	head.size = c.size;
	if ((!found || old.size <= c.size) &&
	    store_set_head(n->writer, m->no, &head, err) != 0)
		return -1;
	if (m->own) { /* taken back: nobody cosigns itself */
		t->ret.own_size = c.size;
		return 0;
	}
	if (store_cosignature_upto(n->writer, m->no, n->own->witness, INT64_MAX,
		&found, &last, err) != 0)
		return -1;
	/* Never a size below one that we cosigned. */
	if (found && last.size > c.size)
		return behind(m, c.size, last.size, err);
	if (found && last.size == c.size && !is_asked(n, t, m, c.size))
		return receipt(n, t, &c, &last.last, err);
	return cosign(n, t, m, &c, err);
}

static int
by_matter(const void *a, const void *b)
{
	const struct recorded *x = a, *y = b;

	return x->matter != y->matter
	           ? (x->matter > y->matter) - (x->matter < y->matter)
	           : (x->stored.act.seq > y->stored.act.seq) -
	                 (x->stored.act.seq < y->stored.act.seq);
}

/* A matter is folded once, after its last act of the bundle. */
static int
refold_taken(struct node *n, struct taking *g, struct err *err)
{
	struct recorded *r = g->recorded;

	if (g->n_recorded > 0)
		qsort(r, g->n_recorded, sizeof(*r), by_matter);
	for (size_t i = 0, k; i < g->n_recorded; i = k) {
		for (k = i + 1; k < g->n_recorded; k++)
			if (r[k].matter != r[i].matter)
				break;
		if (matter_refold_recorded(n, &r[i], k - i, g->now_us, err) !=
		    0)
			return -1;
	}
	return 0;
}

/* Does an opening act of the bundle name this procedure? */
static bool
is_named(const struct take *t, const struct id *procedure)
{
	for (size_t i = 0; i < t->n_acts; i++)
		if (t->acts[i].judged->act->has_procedure &&
		    id_eq(&t->acts[i].judged->act->procedure_id, procedure))
			return true;
	return false;
}

/* By log and entry, so that what an act rests on is recorded before it. */
static int
by_entry(const void *a, const void *b)
{
	const struct taken_act *x = a, *y = b;
	int c = id_cmp(&x->charter, &y->charter);

	return c != 0 ? c : (x->idx > y->idx) - (x->idx < y->idx);
}

static int
run_take(struct node *n, struct job *job, struct err *err)
{
	struct take *t = (struct take *)job;
	int64_t now_us = clock_utc_us();

	t->ret = (struct node_taken){.acts = 0};
	/* from nothing: a batch that failed is run again */
	t->taking = (struct taking){.now_us = now_us,
	    .recorded = arena_array(&n->batch, t->n_acts + 1, struct recorded)};
	if (t->taking.recorded == NULL)
		return err_nomem(err, "a bundle");
	for (size_t i = 0; i < t->n_files; i++) {
		struct store_procedure p = {.file = t->files[i],
		    .id = hash_of(t->files[i])};

		if (node_procedure(n, &p.id) != NULL || !is_named(t, &p.id))
			continue;
		if (node_learn_procedure(n, p.file, err) != 0)
			return -1;
		p.name = procedure_name(node_procedure(n, &p.id));
		if (store_procedure_add(n->writer, &p, err) != 0)
			return -1;
		t->ret.procedures++;
	}
	for (size_t i = 0; i < t->n_logs; i++) {
		struct member *m =
		    node_member_by_charter(n, &t->logs[i].charter);

		if (m == NULL && t->n_logs == 1)
			return err_set(err, ERR_DENIED,
			    "the bundle is of a party that this node was not "
			    "introduced to");
		if (m != NULL && append_entries(n, t, m, &t->logs[i], err) != 0)
			return -1;
	}
	for (size_t i = 0; i < t->n_acts; i++)
		if (take_act(n, t, i, err) != 0)
			return -1;
	for (size_t i = 0; i < t->n_logs; i++) {
		struct member *m =
		    node_member_by_charter(n, &t->logs[i].charter);

		if (m != NULL &&
		    take_head(n, t, m, &t->logs[i], now_us, err) != 0)
			return -1;
	}
	n->taken += t->ret.acts;
	if (t->ret.receipt.n == 0 && receipt(n, t, NULL, NULL, err) != 0)
		return -1;
	return refold_taken(n, &t->taking, err);
}

int
node_take(struct node *n, struct span bundle, bool from_peer, struct arena *a,
    struct node_taken *ret, struct err *err)
{
	struct take *t = arena_new(a, struct take);
	struct err also;
	int rc;

	if (t == NULL)
		return err_nomem(err, "a bundle");
	t->n = n;
	t->a = a;
	t->from_peer = from_peer;
	t->hash = hash_of(bundle);
	t->job.run = run_take;
	t->job.marked = true;
	if (node_take_open(t, bundle, err) != 0 ||
	    node_take_verify(t, err) != 0)
		return -1;
	if (t->n_acts > 0)
		qsort(t->acts, t->n_acts, sizeof(*t->acts), by_entry);
	for (size_t i = 0; i < t->n_acts && !t->job.urgent; i++)
		t->job.urgent = node_is_urgent(t->acts[i].judged->act);
	rc = node_run(n, &t->job, err);
	t->forked.job.run = run_forked;
	if (t->forked.m != NULL && node_run(n, &t->forked.job, &also) != 0)
		diag_warn("evidence of a fork was not kept: %s", also.text);
	if (rc != 0)
		return -1;
	for (size_t i = 0; i < t->n_logs; i++) {
		struct member *m;

		(void)pthread_rwlock_rdlock(&n->state);
		m = node_member_by_charter(n, &t->logs[i].charter);
		if (m != NULL && m->line != NULL && t->logs[i].note.n > 0)
			line_kick(m->line);
		(void)pthread_rwlock_unlock(&n->state);
	}
	*ret = t->ret;
	return 0;
}
