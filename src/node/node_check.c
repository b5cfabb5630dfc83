/* Verifying all that is kept, while the node runs: what a database cannot see
 * of itself, the signatures and the trees do. */
#include "base/num.h"
#include "node/file.h"

enum { CHECK_ENTRIES = 4096, CHECK_ACTS = 200, CHECK_ARENA = 1 << 28 };

/* A party's entries lead to the root that is held in memory. */
static int
check_entries(struct store *s, const struct member *m, uint64_t size,
    const struct id *root, struct err *err)
{
	struct arena a;
	struct entry *e;
	struct log log;
	struct id leaf, got;
	size_t count = 1;
	int rc = 0;

	log_init(&log);
	while (rc == 0 && log.size < size && count > 0) {
		arena_init(&a, CHECK_ARENA);
		rc = store_entry_list(s, m->no, log.size,
		    size - log.size < CHECK_ENTRIES ? (size_t)(size - log.size)
						    : CHECK_ENTRIES,
		    &a, &e, &count, err);
		for (size_t i = 0; rc == 0 && i < count; i++) {
			leaf = label_entry_leaf(&e[i]);
			rc = log_append(&log, &leaf, NULL, NULL, err);
		}
		arena_release(&a);
	}
	got = log_root(&log);
	if (rc == 0 && (log.size != size || !id_eq(&got, root)))
		rc = err_set(err, ERR_CORRUPT,
		    "%s: the entries are not those of its log: restore a "
		    "backup, or take the record back from the other parties",
		    m->code);
	log_release(&log);
	return rc;
}

/* The signed head is one of this log. */
static int
check_head(struct node *n, struct store *s, const struct member *m,
    struct err *err)
{
	struct store_head head;
	struct checkpoint c;
	struct note_key key;
	struct note note;
	struct arena a;
	struct id root;
	bool found;
	int rc;

	arena_init(&a, CHECK_ARENA);
	rc = store_head(s, m->no, &a, &found, &head, err);
	if (rc == 0 && found) {
		(void)pthread_rwlock_rdlock(&n->state);
		key = mandate_log_key(m->mandate, head.size);
		rc = checkpoint_open(head.note, &key, &a, &c, &note, err) != 0
		         ? -1
		         : node_root_at(s, m, c.size, &root, err);
		if (rc == 0 && !id_eq(&root, &c.root))
			rc = err_set(err, ERR_CORRUPT,
			    "the signed head is not one of this log");
		(void)pthread_rwlock_unlock(&n->state);
		if (rc != 0) {
			err->code =
			    err->code == ERR_NOMEM ? ERR_NOMEM : ERR_CORRUPT;
			(void)err_in(err, "%s: ", m->code);
		}
	}
	arena_release(&a);
	return rc;
}

static int
check_act(struct store *s, const struct store_act *act, struct arena *a,
    struct err *err)
{
	struct judged j;
	struct entry *e;
	size_t count;

	if (node_stored_envelope(act, a, &j, err) != 0 ||
	    store_entry_list(s, act->party, act->idx, 1, a, &e, &count, err) !=
		0)
		return -1;
	return count == 1 && id_eq(&e->act, &act->id) &&
	               id_eq(&j.act->id, &act->id)
	           ? 0
	           : err_set(err, ERR_CORRUPT,
			 "it is not the act that was logged there");
}

static int
check_acts(struct store *s, struct err *err)
{
	struct store_act *act;
	int64_t from = 0;
	size_t count = 1;
	int rc = 0;

	while (rc == 0 && count > 0) {
		struct arena a;

		arena_init(&a, CHECK_ARENA);
		rc = store_act_walk(s, from, CHECK_ACTS, &a, &act, &count, err);
		for (size_t i = 0; rc == 0 && i < count; i++) {
			from = act[i].seq + 1;
			if (check_act(s, &act[i], &a, err) != 0)
				rc = err_in(err, "act at entry %llu: ",
				    (unsigned long long)act[i].idx);
		}
		arena_release(&a);
	}
	return rc;
}

int
node_check(struct node *n, struct err *err)
{
	struct store *s = node_reader(n, err);
	int rc;

	if (s == NULL)
		return -1;
	rc = store_check(s, err);
	for (size_t i = 0; rc == 0; i++) {
		struct member *m = NULL;
		struct id root;
		uint64_t size;

		/* A moment's look: the committer is not to wait for us. */
		(void)pthread_rwlock_rdlock(&n->state);
		if (i < n->n_members) {
			m = n->member[i];
			size = m->log.size;
			root = log_root(&m->log);
			rc = log_check(&m->log, err);
		}
		(void)pthread_rwlock_unlock(&n->state);
		if (m == NULL)
			break;
		if (rc == 0 && (check_entries(s, m, size, &root, err) != 0 ||
				   check_head(n, s, m, err) != 0))
			rc = -1;
	}
	if (rc == 0)
		rc = check_acts(s, err);
	if (rc == 0)
		rc = file_check(n, s, err);
	node_reader_done(n, s);
	return rc;
}
