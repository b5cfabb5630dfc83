/*
 * What the committer writes for an act: its entry, the act, its place in a
 * matter or in its party's file.  One path for every act, whoever wrote it
 * (N3).
 */
#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/file.h"
#include "node/held.h"
#include "record/hash.h"

enum { SIGNATURE_BYTES = 32 + 64 }; /* key and signature, as stored */

int
node_judged_of(const struct dsse *d, struct arena *a, struct judged *ret,
    struct err *err)
{
	struct judged j = {.payload = d->payload};
	uint8_t *p;

	if (mandate_open_act(d, a, &j.act, &j.signers, err) != 0)
		return -1;
	/* Only signatures that verify are kept: the rest proves nothing. */
	p = arena_array(a, j.signers.n * SIGNATURE_BYTES, uint8_t);
	if (p == NULL)
		return err_nomem(err, "signatures");
	j.signatures = (struct span){p, j.signers.n * SIGNATURE_BYTES};
	for (size_t k = 0; k < j.signers.n; k++, p += SIGNATURE_BYTES) {
		memcpy(p, j.signers.key[k].b, 32);
		memcpy(p + 32, j.signers.sig[k].b, 64);
	}
	*ret = j;
	return 0;
}

int
node_open_envelope(struct span envelope, struct arena *a, struct judged *ret,
    struct err *err)
{
	struct dsse d;

	return dsse_parse(envelope, a, &d, err) != 0
	           ? -1
	           : node_judged_of(&d, a, ret, err);
}

/* The envelope of a stored act, for those who get it from us. */
int
node_stored_dsse(const struct store_act *act, struct arena *a, struct dsse *ret,
    struct err *err)
{
	size_t n = act->signatures.n / SIGNATURE_BYTES;

	*ret = (struct dsse){.type = DSSE_ACT_TYPE, .payload = act->payload};
	if (n > DSSE_SIGNATURES_MAX || n * SIGNATURE_BYTES != act->signatures.n)
		return err_set(err, ERR_CORRUPT,
		    "the signatures of a stored act are damaged");
	ret->n = n;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = act->signatures.p + i * SIGNATURE_BYTES;

		ret->signature[i].keyid = hex_str(a, p, 32);
		if (ret->signature[i].keyid.p == NULL)
			return err_nomem(err, "an envelope");
		memcpy(ret->signature[i].sig.b, p + 32, 64);
	}
	return 0;
}

/* Verify a stored act again, as if it came in now. */
int
node_stored_envelope(const struct store_act *act, struct arena *a,
    struct judged *ret, struct err *err)
{
	struct dsse d;

	if (node_stored_dsse(act, a, &d, err) != 0)
		return -1;
	if (node_judged_of(&d, a, ret, err) != 0) {
		err->code = err->code == ERR_INPUT ? ERR_CORRUPT : err->code;
		return err_in(err, "stored act: ");
	}
	return 0;
}

struct keep {
	struct node *n;
	int64_t party;
};

static int
keep_tile(void *ctx, unsigned level, uint64_t index, const struct id *hash,
    struct err *err)
{
	struct keep *k = ctx;
	struct id root = log_tile_root(hash);

	return store_tile_add(k->n->writer, k->party, level, index, &root, hash,
	    err);
}

int
node_append_tile(struct node *n, int64_t party, struct log *log,
    const struct entry *e, struct err *err)
{
	struct keep k = {n, party};
	struct id leaf = label_entry_leaf(e);

	return log_append(log, &leaf, keep_tile, &k, err);
}

int
node_append(struct node *n, struct member *m, const struct entry *e,
    struct err *err)
{
	m->dirty = true;
	if (store_entry_add(n->writer, m->no, m->log.size, e, err) != 0)
		return -1;
	return node_append_tile(n, m->no, &m->log, e, err);
}

/*
 * Is this the right label, and for which k?  The log alone decides, whatever we
 * hold of it and in whatever order it came (docs/format/act.md): it is right
 * for k if the first entry with it is this one, and those of 0 to k-1 first
 * stand at lower entries.  `held` acts with right labels, 0 to held-1 without a
 * gap and all below this entry, spare the walk.
 */
static int
label_is_right(struct node *n, const struct member *m, const struct id *matter,
    uint64_t held, uint64_t idx, const struct label *label, bool *ret,
    uint64_t *ret_k, struct err *err)
{
	*ret = false;
	for (uint64_t k = held; k < UINT32_MAX; k++) {
		struct label want =
		    label_of(matter, &m->charter, (uint32_t)k); /* fits */
		uint64_t at;
		bool found;

		if (store_entry_find(n->writer, m->no, &want, &found, &at,
			err) != 0)
			return -1;
		*ret = found && at == idx && label_eq(&want, label);
		*ret_k = k;
		if (*ret || !found || at >= idx)
			break;
	}
	return 0;
}

int
node_next_label(struct node *n, const struct member *m, const struct id *matter,
    uint64_t held, struct label *ret, struct err *err)
{
	bool found = true;
	uint64_t at;

	for (uint64_t k = held; found; k++) {
		*ret = label_of(matter, &m->charter, (uint32_t)k); /* fits */
		if (store_entry_find(n->writer, m->no, ret, &found, &at, err) !=
		    0)
			return -1;
	}
	return 0;
}

/* The right acts of a party in a matter: their number where they are 0 to n-1
 * and all below this entry; else 0, and all labels are walked. */
static int
held_below(struct node *n, int64_t matter, int64_t party, uint64_t idx,
    uint64_t *ret, struct err *err)
{
	struct store_labels l;

	if (store_matter_labels(n->writer, matter, party, &l, err) != 0)
		return -1;
	*ret = l.n > 0 && l.n == l.max_k + 1 && l.max_idx < idx ? l.n : 0;
	return 0;
}

static int
record_file(struct node *n, struct member *m, const struct judged *j,
    struct store_act *act, const struct label *label, struct err *err)
{
	const char *broken = NULL;
	uint64_t k;
	bool right;
	int64_t seq;

	if (label_is_right(n, m, &m->charter, 0, act->idx, label, &right, &k,
		err) != 0)
		return -1;
	act->file = right ? 1 : 2;
	if (store_act_add(n->writer, act, &seq, err) != 0)
		return -1;
	if (!right || act->idx == 0)
		return 0;
	m->dirty = true;
	return mandate_apply(m->mandate, j->act, act->idx, &j->signers, &broken,
	    err);
}

static int
audience_text(const struct act *act, struct arena *a, struct str *ret,
    struct err *err)
{
	struct js_make make = {.a = a};
	struct js *map = js_map(&make);

	act_audience_put(&make, map, "to", &act->to);
	return js_text(&make, js_get(map, "to"), JS_COMPACT, ret, err);
}

/* What a list shows of a matter: the first short text of its opening act. */
static struct str
subject_of(const struct act *act)
{
	static const char *const field[] = {"subject", "title", "name",
	    "designation", "summary", "topic", "what", "commitment", "office"};
	struct str s = STR("");

	for (size_t i = 0; i < COUNT(field) && s.n == 0; i++)
		s = js_str(js_get(act->body, field[i]));
	for (struct js_each e = {0}; s.n == 0 && js_next(act->body, &e);)
		if (js_type(e.value) == JS_TEXT && js_str(e.value).n > 0 &&
		    js_str(e.value).n <= 200)
			s = js_str(e.value);
	return s;
}

static int
open_matter(struct node *n, struct member *m, const struct judged *j,
    uint64_t idx, int64_t now_us, struct store_matter *row, bool found,
    struct err *err)
{
	row->id = j->act->matter;
	row->procedure = j->act->procedure_id;
	row->has_conference = j->act->has_conference;
	row->conference = j->act->conference;
	row->party = m->no;
	row->idx = idx;
	row->opened_us = j->act->at_us;
	row->changed_us = now_us;
	row->subject = subject_of(j->act);
	if (audience_text(j->act, &n->batch, &row->audience, err) != 0)
		return -1;
	return found ? store_matter_open(n->writer, row, err)
	             : store_matter_add(n->writer, row, &row->no, err);
}

/* An act whose opening act is not here yet: a place for both. */
static int
await_matter(struct node *n, struct member *m, const struct judged *j,
    uint64_t idx, int64_t now_us, struct store_matter *row, struct err *err)
{
	*row = (struct store_matter){.id = j->act->matter,
	    .party = m->no,
	    .idx = idx,
	    .opened_us = j->act->at_us,
	    .changed_us = now_us,
	    .audience = STR("[]"),
	    .subject = STR("")};
	return store_matter_add(n->writer, row, &row->no, err);
}

/* Find or make its matter, and what is wrong with the act before the fold. */
static int
file_act(struct node *n, struct member *m, const struct judged *j, uint64_t idx,
    const struct label *label, int64_t now_us, struct recorded *ret,
    struct err *err)
{
	struct store_matter row;
	uint64_t held = 0, k = 0;
	bool found, right;

	if (store_matter_by_id(n->writer, &j->act->matter, &n->batch, &found,
		&row, err) != 0)
		return -1;
	if (j->act->opens) {
		if (open_matter(n, m, j, idx, now_us, &row, found, err) != 0)
			return -1;
	} else if (!found &&
		   await_matter(n, m, j, idx, now_us, &row, err) != 0) {
		return -1;
	}
	if ((found && held_below(n, row.no, m->no, idx, &held, err) != 0) ||
	    label_is_right(n, m, &j->act->matter, held, idx, label, &right, &k,
		err) != 0)
		return -1;
	ret->matter = row.no;
	ret->begins = !found;
	ret->act = j->act;
	ret->stored.k = (int64_t)k; /* below 2^32 */
	ret->stored.open = j->act->to.type == AUDIENCE_PUBLIC;
	ret->stored.fault = FOLD_SOUND;
	if (!right)
		ret->stored.fault = FOLD_DENIED;
	else if (mandate_broken(m->mandate, j->act->kind, idx, &j->signers) !=
		 NULL)
		ret->stored.fault = FOLD_NO_MANDATE;
	return 0;
}

int
node_refile(struct node *n, struct member *m, const struct judged *j,
    const struct store_act *act, const struct label *label, struct err *err)
{
	struct recorded r = {.matter = 0};

	if (file_act(n, m, j, act->idx, label, act->received_us, &r, err) != 0)
		return -1;
	r.stored.act = *act;
	return store_matter_act_add(n->writer, r.matter, &r.stored,
		   j->act->at_us, err) != 0
	           ? -1
	           : file_name(n, j->act, act->seq, err);
}

int
node_record(struct node *n, struct member *m, const struct judged *j,
    uint64_t idx, const struct label *label, int64_t now_us,
    struct recorded *ret, struct err *err)
{
	struct store_act act = {.id = j->act->id,
	    .party = m->no,
	    .idx = idx,
	    .payload = j->payload,
	    .signatures = j->signatures,
	    .received_us = now_us};

	*ret = (struct recorded){.matter = 0};
	if (mandate_is_kind(j->act->kind) &&
	    id_eq(&j->act->matter, &m->charter))
		return record_file(n, m, j, &act, label, err);
	if (file_act(n, m, j, idx, label, now_us, ret, err) != 0 ||
	    store_act_add(n->writer, &act, &act.seq, err) != 0)
		return -1;
	ret->stored.act = act;
	if (store_matter_act_add(n->writer, ret->matter, &ret->stored,
		j->act->at_us, err) != 0 ||
	    file_name(n, j->act, act.seq, err) != 0)
		return -1;
	return m->own ? held_accepted(n, j->act, err) : 0;
}
