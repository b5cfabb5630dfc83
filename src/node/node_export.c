/* Bundles that go out: to a peer, to a courier, to an archive. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/node_int.h"
#include "node/word.h"
#include "record/bundle.h"

enum { BUNDLE_BYTES = 4 * 1024 * 1024, PASS_MAX = 500, ENTRIES_MAX = 500000 };

struct out {
	struct node *n;
	struct store *s;
	struct arena *a;
	struct bundle_writer *w, *inner; /* inner: what will be sealed */
	/* Of one act, then used again: the pages of some thousand acts, each
	 * touched once, cost more than all that is done with them. */
	struct arena one;
	struct id looked_up; /* the last procedure */
};

static struct str
log_name(struct out *o, const struct member *m, const char *rest)
{
	return str_fmt(o->a, "log/%.*s/%s",
	    STR_ARG(hex_str(o->a, m->charter.b, 32)), rest);
}

static int
add(struct bundle_writer *w, struct str name, struct span data, struct err *err)
{
	if (name.p == NULL)
		return err_nomem(err, "a bundle");
	return bundle_write_add(w, name, data, err);
}

int
node_envelope(const struct store_act *act, struct arena *a, struct str *ret,
    struct err *err)
{
	struct dsse d;

	return node_stored_dsse(act, a, &d, err) != 0
	           ? -1
	           : dsse_text(&d, a, ret, err);
}

static int
add_act(struct out *o, const struct member *m, const struct store_act *act,
    bool plain, struct err *err)
{
	struct str text;

	if (!plain && o->inner == NULL &&
	    bundle_write_open(o->a, &o->inner, err) != 0)
		return -1;
	if (node_envelope(act, &o->one, &text, err) != 0)
		return -1;
	return add(plain ? o->w : o->inner,
	    str_fmt(&o->one, "act/%.*s/%llu",
		STR_ARG(hex_str(&o->one, m->charter.b, 32)),
		(unsigned long long)act->idx),
	    span_of(text), err);
}

/* Procedures that are not of the catalogue go with the matters of them; one
 * look suffices for many matters of one procedure. */
static int
add_procedure(struct out *o, const struct act *act, struct err *err)
{
	struct store_procedure *p;
	size_t count;

	if (!act->opens || !act->has_procedure ||
	    id_eq(&act->procedure_id, &o->looked_up))
		return 0;
	o->looked_up = act->procedure_id;
	if (store_procedure_list(o->s, o->a, &p, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (id_eq(&p[i].id, &act->procedure_id))
			return add(o->inner == NULL ? o->w : o->inner,
			    str_fmt(o->a, "procedure/%.*s",
				STR_ARG(hex_str(o->a, p[i].id.b, 32))),
			    p[i].file, err);
	return 0;
}

/* May this party read a stored act?  The act comes back parsed. */
static int
reads(struct out *o, const struct store_act *stored, struct str code, bool *ret,
    const struct act **ret_act, struct err *err)
{
	struct store_matter row = {.audience = STR("[]")};
	bool found = true;

	if (act_parse(stored->payload, &o->one, ret_act, err) != 0)
		return -1;
	if ((*ret_act)->to.type == AUDIENCE_MEMBERS &&
	    store_matter_by_id(o->s, &(*ret_act)->matter, &o->one, &found, &row,
		err) != 0)
		return -1;
	return matter_reads(o->n, o->s, *ret_act, &row, code, &o->one, ret,
	    err);
}

/* The acts of our own file go with the entries that hold them, before all that
 * may rest on them. */
static int
add_own_file(struct out *o, const struct export_batch *b, struct err *err)
{
	struct store_act *act;
	size_t count;

	if (store_act_file(o->s, o->n->own->no, o->a, &act, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (act[i].idx >= b->from && act[i].idx < b->to &&
		    add_act(o, o->n->own, &act[i], true, err) != 0)
			return -1;
	return 0;
}

static int
add_own_acts(struct out *o, struct member *to, struct export_batch *b,
    size_t most, struct err *err)
{
	struct store_act *act;
	size_t count, bytes = 0;

	b->give = b->to;
	if (store_act_list(o->s, o->n->own->no, b->given, most, o->a, &act,
		&count, err) != 0)
		return -1;
	for (size_t i = 0; i < count && act[i].idx < b->to; i++) {
		const struct act *parsed;
		bool may;

		arena_release(&o->one);
		bytes += act[i].payload.n * 2;
		if (bytes > BUNDLE_BYTES && act[i].idx > b->given) {
			b->give = act[i].idx;
			return 0;
		}
		if (act[i].file == 1 && act[i].idx >= b->from)
			continue; /* gone along already */
		if (reads(o, &act[i], str_of(to->code), &may, &parsed, err) !=
		    0)
			return -1;
		if (!may)
			continue;
		if (add_act(o, o->n->own, &act[i],
			parsed->to.type == AUDIENCE_PUBLIC, err) != 0 ||
		    add_procedure(o, parsed, err) != 0)
			return -1;
		b->n_acts++;
	}
	if (count == most && act[count - 1].idx + 1 < b->to)
		b->give = act[count - 1].idx + 1;
	return 0;
}

static int
add_handed(struct out *o, struct member *to, struct export_batch *b,
    struct err *err)
{
	struct store_act *act;
	size_t got;

	if (store_handed_list(o->s, to->no, PASS_MAX, o->a, &b->handed,
		&b->n_handed, err) != 0)
		return -1;
	for (size_t i = 0; i < b->n_handed; i++) {
		struct member *m;

		if (store_act_walk(o->s, b->handed[i], 1, o->a, &act, &got,
			err) != 0)
			return -1;
		m = got == 0 ? NULL : node_member_by_no(o->n, act->party);
		if (m != NULL && add_act(o, m, act, false, err) != 0)
			return -1;
	}
	return 0;
}

static int
add_entries(struct out *o, const struct member *m, uint64_t from, uint64_t to,
    struct err *err)
{
	struct entry *e;
	struct buf b;
	struct str text;
	size_t count;
	uint8_t bytes[ENTRY_BYTES];

	if (from >= to)
		return 0;
	if (store_entry_list(o->s, m->no, from, to - from, o->a, &e, &count,
		err) != 0)
		return -1;
	buf_init(&b, o->a);
	for (size_t i = 0; i < count; i++) {
		label_entry_write(&e[i], bytes);
		buf_add(&b, bytes, sizeof(bytes));
	}
	if (buf_done(&b, &text, err) != 0)
		return -1;
	return add(o->w,
	    log_name(o, m,
		str_fmt(o->a, "entries/%llu", (unsigned long long)from).p),
	    span_of(text), err);
}

/* Of a party's keys ever, the one that made this cosignature. */
static struct note_key
key_of(const struct member *m, struct str text, const struct cosignature *c)
{
	const struct mandate_keys *keys;
	size_t n = mandate_keys(m->mandate, &keys);
	struct note_key key = mandate_witness_key(m->mandate);

	for (size_t i = 0; n > 1 && i < n; i++) {
		struct note_key old =
		    note_key_of(mandate_witness_name(m->mandate),
			NOTE_COSIGNATURE, &keys[i].witness);

		if (checkpoint_is_cosigned(text, &old, c))
			return old;
	}
	return key;
}

/* The key of a witness by its number: a party's node, or an outside one. */
static bool
witness_key(struct out *o, const struct store_witness *w, size_t n, int64_t no,
    struct str text, const struct cosignature *c, struct note_key *ret)
{
	struct err err;

	for (size_t i = 0; i < o->n->n_members; i++)
		if (o->n->member[i]->witness == no) {
			*ret = key_of(o->n->member[i], text, c);
			return true;
		}
	for (size_t i = 0; i < n; i++)
		if (w[i].no == no)
			return note_key_parse(w[i].vkey, ret, &err) == 0;
	return false;
}

/* A checkpoint's note with lines of cosignatures behind it. */
static int
cosigned_note(struct out *o, const struct store_cosignature *c, size_t n,
    struct span note, struct str *ret, struct err *err)
{
	struct store_witness *w;
	struct note_key key;
	struct note parsed;
	struct buf b;
	size_t count;

	if (store_witness_list(o->s, o->a, &w, &count, err) != 0 ||
	    note_parse(note, o->a, &parsed, err) != 0)
		return -1;
	buf_init(&b, o->a);
	buf_str(&b, parsed.text);
	buf_char(&b, '\n');
	buf_str(&b, note_line_text(o->a, parsed.line[0].name, parsed.line[0].id,
			parsed.line[0].sig));
	for (size_t i = 0; i < n; i++) {
		if (!witness_key(o, w, count, c[i].witness, parsed.text,
			&c[i].first, &key))
			continue;
		buf_str(&b,
		    checkpoint_cosignature_line(o->a, &key, &c[i].first));
		if (c[i].last.time_s != c[i].first.time_s)
			buf_str(&b, checkpoint_cosignature_line(o->a, &key,
					&c[i].last));
	}
	return buf_done(&b, ret, err);
}

int
node_cosigned_note(struct node *n, struct store *s,
    const struct store_cosignature *c, size_t count, struct span note,
    struct arena *a, struct str *ret, struct err *err)
{
	struct out o = {.n = n, .s = s, .a = a};

	return cosigned_note(&o, c, count, note, ret, err);
}

/* Cosignatures that the others are to be told of. */
static int
add_passed(struct out *o, int64_t told, struct export_batch *b, struct err *err)
{
	struct store_cosignature *c;
	size_t count;

	if (store_cosignature_changes(o->s, told, PASS_MAX, o->a, &c, &count,
		err) != 0)
		return -1;
	b->told = told;
	for (size_t i = 0; i < count; i++) {
		struct member *m = node_member_by_no(o->n, c[i].party);
		struct span note;
		struct str text;
		bool found;

		b->told = c[i].change;
		if (m == NULL)
			continue;
		if (store_checkpoint(o->s, m->no, c[i].size, o->a, &found,
			&note, err) != 0)
			return -1;
		if (!found)
			continue;
		if (cosigned_note(o, &c[i], 1, note, &text, err) != 0 ||
		    add(o->w,
			log_name(o, m,
			    str_fmt(o->a, "cosigned/%llu-%lld",
				(unsigned long long)c[i].size,
				(long long)c[i].change)
				.p),
			span_of(text), err) != 0)
			return -1;
	}
	return 0;
}

/* Our signed head at a size: kept, since others will cosign it. */
static int
add_head(struct out *o, uint64_t size, struct err *err)
{
	struct id root;
	struct str note;

	if (node_root_at(o->s, o->n->own, size, &root, err) != 0)
		return -1;
	note = checkpoint_sign(o->a, mandate_origin(o->n->own->mandate), size,
	    &root, node_log_key(o->n, size));
	if (note.p == NULL)
		return err_nomem(err, "a checkpoint");
	return add(o->w, log_name(o, o->n->own, "checkpoint"), span_of(note),
	    err);
}

/* That we ask now: fresh, and for this peer alone. */
static int
add_heads(struct out *o, const struct member *to, uint64_t size,
    struct err *err)
{
	struct str text =
	    word_heads(o->a, o->n->own, size, evidence_now_s(), to);
	struct str line;
	struct buf b;

	if (text.p == NULL)
		return err_nomem(err, "a bundle");
	line = note_sign(o->a, text, mandate_origin(o->n->own->mandate),
	    node_log_key(o->n, UINT64_MAX));
	buf_init(&b, o->a);
	buf_str(&b, text);
	buf_char(&b, '\n');
	buf_str(&b, line);
	if (buf_done(&b, &text, err) != 0)
		return -1;
	return add(o->w, STR("heads"), span_of(text), err);
}

static int
seal_inner(struct out *o, struct member *to, struct err *err)
{
	const struct mandate_keys *k;
	struct span plain, sealed;

	if (o->inner == NULL)
		return 0;
	k = mandate_keys_at(to->mandate, UINT64_MAX);
	if (bundle_write_close(o->inner, &plain, err) != 0 ||
	    age_seal(plain, &k->box, 1, NULL, NULL, o->a, &sealed, err) != 0)
		return -1;
	o->inner = NULL;
	return add(o->w,
	    str_fmt(o->a, "sealed/%.*s",
		STR_ARG(hex_str(o->a, to->charter.b, 32))),
	    sealed, err);
}

static int
fill_for(struct out *o, struct member *to, struct export_batch *b, size_t most,
    struct span *ret, struct err *err)
{
	if (b->to - b->from > ENTRIES_MAX)
		b->to = b->from + ENTRIES_MAX;
	if (bundle_write_open(o->a, &o->w, err) != 0)
		return -1;
	if (b->heads && add_heads(o, to, b->to, err) != 0)
		return -1;
	if (add_own_file(o, b, err) != 0 ||
	    add_own_acts(o, to, b, most, err) != 0 ||
	    add_entries(o, o->n->own, b->from, b->to, err) != 0)
		return -1;
	if (!b->acts_alone && (add_handed(o, to, b, err) != 0 ||
				  add_passed(o, b->told, b, err) != 0))
		return -1;
	if ((b->heads || b->to > b->from) && add_head(o, b->to, err) != 0)
		return -1;
	if (seal_inner(o, to, err) != 0)
		return -1;
	return bundle_write_close(o->w, ret, err);
}

/*
 * What a peer is to get: our log's entries from b->from to b->to, our acts from
 * b->given on that it may read, as far as they fit (b->give), handed acts, and
 * cosignatures that it was not told of.
 */
int
export_for(struct node *n, struct store *s, struct member *to,
    struct export_batch *b, size_t most, struct arena *a, struct span *ret,
    struct err *err)
{
	struct out o = {.n = n, .s = s, .a = a};
	int rc;

	arena_init(&o.one, ARENA_REQUEST);
	rc = fill_for(&o, to, b, most, ret, err);
	arena_release(&o.one);
	return rc;
}

enum { LOST_ENTRIES = 2000 }; /* at a time: their acts come with them */

static int
fill_lost(struct out *o, struct member *to, uint64_t from, struct span *ret,
    struct err *err)
{
	struct node *n = o->n;
	struct store *s = o->s;
	struct arena *a = o->a;
	struct store_cosignature c;
	struct store_act *act;
	struct span note;
	struct str text;
	uint64_t size;
	size_t count;
	bool found;

	/* Up to the newest head that we cosigned, or an older one. */
	if (store_checkpoint_last(s, to->no, from + LOST_ENTRIES, &found, &size,
		err) != 0)
		return -1;
	if (!found || size <= from)
		return err_set(err, ERR_ABSENT, "no head beyond that entry");
	if (bundle_write_open(a, &o->w, err) != 0 ||
	    store_checkpoint(s, to->no, size, a, &found, &note, err) != 0 ||
	    store_cosignature_upto(s, to->no, n->own->witness, size, &found, &c,
		err) != 0 ||
	    cosigned_note(o, &c, found && c.size == size ? 1 : 0, note, &text,
		err) != 0 ||
	    add(o->w, log_name(o, to, "checkpoint"), span_of(text), err) != 0 ||
	    add_entries(o, to, from, size, err) != 0 ||
	    store_act_list(s, to->no, from, LOST_ENTRIES, a, &act, &count,
		err) != 0)
		return -1;
	for (size_t i = 0; i < count && act[i].idx < size; i++)
		if (add_act(o, to, &act[i], false, err) != 0)
			return -1;
	if (seal_inner(o, to, err) != 0)
		return -1;
	return bundle_write_close(o->w, ret, err);
}

int
export_lost(struct node *n, struct store *s, struct member *to, uint64_t from,
    struct arena *a, struct span *ret, struct err *err)
{
	struct out o = {.n = n, .s = s, .a = a};
	int rc;

	arena_init(&o.one, ARENA_REQUEST);
	rc = fill_lost(&o, to, from, ret, err);
	arena_release(&o.one);
	return rc;
}
