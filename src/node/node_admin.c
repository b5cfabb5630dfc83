/* What an operator does: founding a folder, introducing peers, rebuilding. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "node/node_int.h"

enum { WALK = 1000 };

/* A party's charter as entry 0 of its log: known from its introduction. */
static int
add_charter(struct store *s, const struct judged *j, bool own,
    struct str address, int64_t now_us, struct store_party *ret,
    struct err *err)
{
	struct store_act act = {.id = j->act->id,
	    .payload = j->payload,
	    .signatures = j->signatures,
	    .received_us = now_us,
	    .file = 1};
	struct entry e = {.act = j->act->id,
	    .label = label_of(&j->act->id, &j->act->id, 0)};
	int64_t seq;

	*ret = (struct store_party){.charter = j->act->id,
	    .code = j->act->party,
	    .address = address,
	    .own = own,
	    .added_us = now_us};
	if (store_party_add(s, ret, &ret->no, err) != 0)
		return -1;
	act.party = ret->no;
	if (store_entry_add(s, ret->no, 0, &e, err) != 0)
		return -1;
	return store_act_add(s, &act, &seq, err);
}

int
node_found(const char *folder, struct span charter_envelope, bool anew,
    int64_t now_us, struct err *err)
{
	struct store_options o = {.create = true};
	struct store *s = NULL;
	struct store_party p;
	struct mandate *m = NULL;
	struct arena a;
	struct judged j;
	int rc = -1;

	if (key_start(err) != 0)
		return -1;
	arena_init(&a, 16 * 1024 * 1024);
	o.path = str_fmt(&a, "%s/record.db", folder).p;
	if (node_open_envelope(charter_envelope, &a, &j, err) != 0 ||
	    mandate_new(j.act, &j.signers, &m, err) != 0 ||
	    store_open(&o, &s, err) != 0 || store_begin(s, err) != 0)
		goto out;
	if (add_charter(s, &j, true, STR(""), now_us, &p, err) != 0 ||
	    store_set_setting(s, "made_anew", anew ? STR("1") : STR("0"),
		err) != 0 ||
	    store_commit(s, err) != 0)
		store_rollback(s);
	else
		rc = 0;
out:
	mandate_free(m);
	store_close(s);
	arena_release(&a);
	return rc;
}

struct peer {
	struct job job; /* first */
	struct judged judged;
	struct str address;
	struct store_party party;
	const struct mandate *mandate; /* of the charter */
	struct member *m;
	bool known; /* its line runs already */
};

static int
check_address(struct str address, struct err *err)
{
	if (address.n == 0)
		return 0;
	if (address.n >= ADDRESS_MAX ||
	    (!str_starts(address, STR("http://")) &&
		!str_starts(address, STR("https://"))))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no address: it starts with http:// or https://",
		    STR_ARG(address));
	return 0;
}

static bool
has_key(const struct mandate *m, const struct pubkey *k)
{
	const struct mandate_keys *keys;
	size_t n = mandate_keys(m, &keys);

	if (key_eq(mandate_root(m), k))
		return true;
	for (size_t i = 0; i < n; i++)
		if (key_eq(&keys[i].log, k) || key_eq(&keys[i].witness, k))
			return true;
	return false;
}

static bool
has_box(const struct mandate *m, const struct box *box)
{
	const struct mandate_keys *keys;
	size_t n = mandate_keys(m, &keys);

	for (size_t i = 0; i < n; i++)
		if (memcmp(keys[i].box.b, box->b, sizeof(box->b)) == 0)
			return true;
	return false;
}

/* What names a party names no other: a log is found by its origin, a witness
 * counted by its name, a signer known by its key. */
static int
check_identity(struct node *n, const struct mandate *new, struct err *err)
{
	const struct mandate_keys *k = mandate_keys_at(new, 0);

	for (size_t i = 0; i < n->n_members; i++) {
		const struct member *m = n->member[i];
		const char *same = NULL;

		if (str_eq(mandate_origin(m->mandate), mandate_origin(new)))
			same = "origin";
		else if (has_key(m->mandate, mandate_root(new)))
			same = "root key";
		else if (has_key(m->mandate, &k->log))
			same = "log key";
		else if (has_key(m->mandate, &k->witness))
			same = "witness key";
		else if (has_box(m->mandate, &k->box))
			same = "box key";
		if (same != NULL)
			return err_set(err, ERR_CONFLICT,
			    "the charter of %.*s has the %s of %s: two parties "
			    "share none",
			    STR_ARG(mandate_party(new)), same, m->code);
	}
	return 0;
}

static int
run_add(struct node *n, struct job *job, struct err *err)
{
	struct peer *p = (struct peer *)job;
	const struct act *charter = p->judged.act;
	struct member *m = node_member_by_charter(n, &charter->id);

	if (m != NULL && m->own)
		return err_set(err, ERR_CONFLICT,
		    "that is our own charter: the address leads to ourselves");
	if (m != NULL) {
		p->m = m;
		p->known = m->line != NULL;
		return store_party_set_address(n->writer, m->no, p->address,
		    err);
	}
	if (node_member(n, charter->party) != NULL)
		return err_set(err, ERR_CONFLICT,
		    "%.*s is known here with another charter: a party's "
		    "identity cannot change",
		    STR_ARG(charter->party));
	if (check_identity(n, p->mandate, err) != 0)
		return -1;
	if (add_charter(n->writer, &p->judged, false, p->address,
		clock_utc_us(), &p->party, err) != 0 ||
	    node_add_member(n, n->writer, &p->party, err) != 0)
		return -1;
	p->m = n->member[n->n_members - 1];
	return 0;
}

int
node_peer_add(struct node *n, struct span charter_envelope, struct str address,
    struct err *err)
{
	struct peer p = {.address = address};
	struct mandate *m = NULL;
	struct arena a;
	int rc = -1;

	arena_init(&a, 16 * 1024 * 1024);
	if (check_address(address, err) != 0 ||
	    node_open_envelope(charter_envelope, &a, &p.judged, err) != 0 ||
	    mandate_new(p.judged.act, &p.judged.signers, &m, err) != 0)
		goto out;
	p.mandate = m;
	p.job.run = run_add;
	p.job.marked = true;
	if (node_run(n, &p.job, err) != 0)
		goto out;
	rc = 0;
	if (!n->serving)
		goto out;
	if (p.known)
		line_set_address(p.m->line, address);
	else
		rc = line_start(n, p.m, &p.party, err);
out:
	mandate_free(m);
	arena_release(&a);
	return rc;
}

struct readdress {
	struct job job; /* first */
	int64_t no;
	struct str address;
};

static int
run_address(struct node *n, struct job *job, struct err *err)
{
	struct readdress *r = (struct readdress *)job;

	return store_party_set_address(n->writer, r->no, r->address, err);
}

int
node_peer_address(struct node *n, struct str code, struct str address,
    struct err *err)
{
	struct readdress r = {.job = {.run = run_address}, .address = address};
	struct member *m;

	if (check_address(address, err) != 0)
		return -1;
	(void)pthread_rwlock_rdlock(&n->state);
	m = node_member(n, code);
	(void)pthread_rwlock_unlock(&n->state);
	if (m == NULL || m->own)
		return err_set(err, ERR_ABSENT, "no peer '%.*s' here",
		    STR_ARG(code));
	r.no = m->no;
	if (node_run(n, &r.job, err) != 0)
		return -1;
	if (m->line != NULL)
		line_set_address(m->line, address);
	return 0;
}

/* What a party did stays on record; it is only spoken to no longer. */
int
node_peer_remove(struct node *n, struct str code, struct err *err)
{
	return node_peer_address(n, code, STR(""), err);
}

/* ---- rebuilding ---- */

static int
rebuild_tiles(struct node *n, struct member *m, struct err *err)
{
	struct log log;
	struct entry *e;
	uint64_t size = m->log.size;
	size_t got;
	int rc = 0;

	log_init(&log);
	for (uint64_t at = 0; rc == 0 && at < size; at += got) {
		struct arena a;

		arena_init(&a, 1 << 20);
		rc = store_entry_list(n->writer, m->no, at, WALK, &a, &e, &got,
		    err);
		if (rc == 0 && got == 0)
			rc = err_set(err, ERR_CORRUPT, "an entry is missing");
		for (size_t i = 0; rc == 0 && i < got; i++)
			rc = node_append_tile(n, m->no, &log, &e[i], err);
		arena_release(&a);
	}
	if (rc == 0) {
		struct id was = log_root(&m->log), is = log_root(&log);

		if (!id_eq(&was, &is))
			rc = err_set(err, ERR_CORRUPT,
			    "the entries of %s do not give its root", m->code);
	}
	log_release(&log);
	return rc;
}

/* File each act under its matter again, as when it came. */
static int
refile(struct node *n, const struct store_act *act, struct arena *a,
    struct err *err)
{
	struct member *m = node_member_by_no(n, act->party);
	struct entry *e;
	struct judged j;
	size_t got;

	if (m == NULL || act->file != 0)
		return 0;
	if (node_stored_envelope(act, a, &j, err) != 0 ||
	    store_entry_list(n->writer, m->no, act->idx, 1, a, &e, &got, err) !=
		0)
		return -1;
	if (got == 0 || !id_eq(&e->act, &act->id))
		return err_set(err, ERR_CORRUPT,
		    "an act is not the one at its entry of %s", m->code);
	return node_refile(n, m, &j, act, &e->label, err);
}

static int
refold_all(struct node *n, struct err *err)
{
	int64_t now_us = clock_utc_us();
	bool found = true;
	int rc = 0;

	for (int64_t no = 1; rc == 0 && found; no++) {
		struct store_matter row;
		struct arena a;

		arena_init(&a, ARENA_REQUEST);
		rc = store_matter_by_no(n->writer, no, &a, &found, &row, err);
		if (rc == 0 && found)
			rc = matter_refold(n, n->writer, no, now_us, err);
		arena_release(&a);
		arena_release(&n->batch);
	}
	return rc;
}

static int
rebuild_matters(struct node *n, struct err *err)
{
	int64_t from = 1;
	struct store_act *act;
	struct arena a;
	size_t got = 1;
	int rc = 0;

	while (rc == 0 && got > 0) {
		arena_init(&a, ARENA_REQUEST);
		rc = store_act_walk(n->writer, from, WALK, &a, &act, &got, err);
		for (size_t i = 0; rc == 0 && i < got; i++)
			rc = refile(n, &act[i], &a, err);
		if (rc == 0 && got > 0)
			from = act[got - 1].seq + 1;
		arena_release(&a);
		arena_release(&n->batch);
	}
	return rc != 0 ? -1 : refold_all(n, err);
}

struct rebuild {
	struct job job; /* first */
	bool same;
};

static int
rebuild(struct node *n, struct rebuild *r, struct err *err)
{
	struct id before, after;

	/* Folded at the same moment, so that time alone makes no difference. */
	if (refold_all(n, err) != 0 ||
	    store_derived_digest(n->writer, &before, err) != 0 ||
	    store_drop_derived(n->writer, err) != 0)
		return -1;
	for (size_t i = 0; i < n->n_members; i++)
		if (rebuild_tiles(n, n->member[i], err) != 0)
			return -1;
	if (rebuild_matters(n, err) != 0 ||
	    store_derived_digest(n->writer, &after, err) != 0)
		return -1;
	r->same = id_eq(&before, &after);
	return 0;
}

/* It lets go of the batch's memory as it goes: not of what other jobs of the
 * same batch have there. */
static int
run_rebuild(struct node *n, struct job *job, struct err *err)
{
	struct arena others = n->batch;
	int rc;

	arena_init(&n->batch, ARENA_REQUEST);
	rc = rebuild(n, (struct rebuild *)job, err);
	arena_release(&n->batch);
	n->batch = others;
	return rc;
}

int
node_rebuild(struct node *n, bool *ret_same, struct err *err)
{
	struct rebuild r = {.job = {.run = run_rebuild}};

	if (node_run(n, &r.job, err) != 0)
		return -1;
	*ret_same = r.same;
	return 0;
}
