#include <string.h>

#include "base/num.h"
#include "node/take_int.h"
#include "record/bundle.h"
#include "record/hash.h"

enum { VERIFY_SLICE = 64, TAKEN_MAX = 200000, VERIFIERS_MAX = 4 };

/* ---- opening ---- */

static struct taken_log *
log_for(struct take *t, const struct id *charter)
{
	for (size_t i = 0; i < t->n_logs; i++)
		if (id_eq(&t->logs[i].charter, charter))
			return &t->logs[i];
	if (arena_grow(t->a, &t->logs, &t->cap_logs, t->n_logs + 1,
		sizeof(*t->logs)) != 0)
		return NULL;
	t->logs[t->n_logs] = (struct taken_log){.charter = *charter};
	return &t->logs[t->n_logs++];
}

static int
copy_span(struct arena *a, struct span s, struct span *ret, struct err *err)
{
	char *p = arena_copy(a, s.p, s.n);

	if (p == NULL)
		return err_nomem(err, "a bundle");
	*ret = (struct span){(const uint8_t *)p, s.n};
	return 0;
}

/* "log/<charter>/<rest>" and "act/<charter>/<index>". */
static bool
is_path(struct str name, struct str head, struct id *charter,
    struct str *ret_rest)
{
	struct str hex;

	if (!str_starts(name, head) || name.n < head.n + 65)
		return false;
	hex = str_sub(name, head.n, head.n + 64);
	*ret_rest = str_sub(name, head.n + 65, name.n);
	return name.p[head.n + 64] == '/' &&
	       hex_is_parsed(hex, charter->b, sizeof(charter->b));
}

static int
visit_log(struct take *t, const struct bundle_member *m,
    const struct id *charter, struct str rest, struct err *err)
{
	struct taken_log *log = log_for(t, charter);
	int64_t from;

	if (log == NULL)
		return err_nomem(err, "a bundle");
	if (str_is(rest, "checkpoint"))
		return copy_span(t->a, m->data, &log->note, err);
	if (str_starts(rest, STR("cosigned/"))) {
		if (arena_grow(t->a, &log->notes, &log->cap_notes,
			log->n_notes + 1, sizeof(struct span)) != 0)
			return err_nomem(err, "a bundle");
		return copy_span(t->a, m->data, &log->notes[log->n_notes++],
		    err);
	}
	if (!str_starts(rest, STR("entries/")) ||
	    num_parse(str_sub(rest, 8, rest.n), 0, INT64_MAX - 1, &from, err) !=
		0 ||
	    m->data.n % ENTRY_BYTES != 0 || log->has_entries)
		return err_set(err, ERR_INPUT,
		    "bundle: '%.*s' is no part of a log", STR_ARG(m->name));
	log->from = (uint64_t)from;
	log->has_entries = true;
	return copy_span(t->a, m->data, &log->entries, err);
}

static int
visit_act(struct take *t, const struct bundle_member *m,
    const struct id *charter, struct str rest, struct err *err)
{
	struct taken_act act = {.charter = *charter};
	int64_t idx;

	if (num_parse(rest, 0, INT64_MAX - 1, &idx, err) != 0)
		return err_in(err, "bundle: '%.*s': ", STR_ARG(m->name));
	act.idx = (uint64_t)idx;
	if (t->n_acts >= TAKEN_MAX)
		return err_set(err, ERR_INPUT,
		    "bundle: more than %d acts: send it in parts", TAKEN_MAX);
	if (copy_span(t->a, m->data, &act.envelope, err) != 0)
		return -1;
	if (arena_grow(t->a, &t->acts, &t->cap_acts, t->n_acts + 1,
		sizeof(act)) != 0)
		return err_nomem(err, "a bundle");
	t->acts[t->n_acts++] = act;
	return 0;
}

static int
visit_procedure(struct take *t, const struct bundle_member *m, struct err *err)
{
	struct id named, is = hash_of(m->data);

	if (!hex_is_parsed(str_sub(m->name, 10, m->name.n), named.b,
		sizeof(named.b)) ||
	    !id_eq(&named, &is))
		return err_set(err, ERR_INPUT,
		    "bundle: '%.*s' is not the file of that SHA-256",
		    STR_ARG(m->name));
	if (arena_grow(t->a, &t->files, &t->cap_files, t->n_files + 1,
		sizeof(struct span)) != 0)
		return err_nomem(err, "a bundle");
	return copy_span(t->a, m->data, &t->files[t->n_files++], err);
}

static int visit(void *ctx, const struct bundle_member *m, struct err *err);

/* Sealed to our box key, or to the one before, or after, a change. */
static int
open_sealed(struct take *t, struct span sealed, struct span *ret,
    struct err *err)
{
	const struct secret *key[2];

	(void)pthread_rwlock_rdlock(&t->n->state);
	key[0] = t->n->key[NODE_BOX][0];
	key[1] = t->n->key[NODE_BOX][1];
	(void)pthread_rwlock_unlock(&t->n->state);
	if (age_open(sealed, key[0], t->a, ret, err) == 0)
		return 0;
	return err->code == ERR_DENIED && key[1] != NULL
	           ? age_open(sealed, key[1], t->a, ret, err)
	           : -1;
}

static int
visit_sealed(struct take *t, const struct bundle_member *m, struct err *err)
{
	struct span inner;
	int rc;

	if (t->inside) /* or the stack is a stranger's to use up */
		return err_set(err, ERR_INPUT,
		    "bundle: '%.*s' lies in another sealed part",
		    STR_ARG(m->name));
	if (open_sealed(t, m->data, &inner, err) != 0)
		return err->code == ERR_DENIED
		           ? 0 /* for somebody else: we carry it, or leave it */
		           : err_in(err, "bundle: '%.*s': ", STR_ARG(m->name));
	t->inside = true;
	rc = bundle_read(inner, t->a, visit, t, err);
	t->inside = false;
	return rc;
}

static int
visit(void *ctx, const struct bundle_member *m, struct err *err)
{
	struct take *t = ctx;
	struct id charter;
	struct str rest;

	if (is_path(m->name, STR("log/"), &charter, &rest))
		return visit_log(t, m, &charter, rest, err);
	if (is_path(m->name, STR("act/"), &charter, &rest))
		return visit_act(t, m, &charter, rest, err);
	if (str_starts(m->name, STR("sealed/")))
		return visit_sealed(t, m, err);
	if (str_starts(m->name, STR("procedure/")))
		return visit_procedure(t, m, err);
	if (str_is(m->name, "heads"))
		return copy_span(t->a, m->data, &t->heads, err);
	return 0; /* newer programs may put more into a bundle */
}

/* ---- verifying, in several threads ---- */

struct slice {
	struct take *t;
	size_t from, to, bad; /* bad: the first that failed, or `to` */
	struct err err;       /* of that one */
	struct arena arena;
	pthread_t thread;
	bool started;
};

static void *
verify_slice(void *ctx)
{
	struct slice *s = ctx;

	for (s->bad = s->from; s->bad < s->to; s->bad++) {
		struct taken_act *x = &s->t->acts[s->bad];
		struct judged *j = arena_new(&s->arena, struct judged);

		if (j == NULL) {
			(void)err_nomem(&s->err, "an act");
			break;
		}
		if (node_open_envelope(x->envelope, &s->arena, j, &s->err) != 0)
			break;
		x->judged = j;
	}
	return NULL;
}

static void
release_slices(void *p)
{
	struct slice *s = p;

	for (size_t i = 0; i < VERIFIERS_MAX; i++)
		arena_release(&s[i].arena);
	mem_free(s);
}

int
node_take_verify(struct take *t, struct err *err)
{
	size_t n = t->n_acts / VERIFY_SLICE + 1, part;
	struct slice *s = mem_alloc(VERIFIERS_MAX, sizeof(*s));

	if (s == NULL)
		return err_nomem(err, "a bundle");
	n = n > (size_t)t->n->settings.threads ? (size_t)t->n->settings.threads
	                                       : n; /* 1 to 64 */
	n = n > VERIFIERS_MAX ? VERIFIERS_MAX : n;
	part = (t->n_acts + n - 1) / n;
	for (size_t i = 0; i < VERIFIERS_MAX; i++)
		arena_init(&s[i].arena, ARENA_REQUEST);
	for (size_t i = 0; i < n; i++) {
		s[i].t = t;
		s[i].from = i * part;
		s[i].to =
		    (i + 1) * part < t->n_acts ? (i + 1) * part : t->n_acts;
		if (i > 0)
			s[i].started = pthread_create(&s[i].thread, NULL,
					   verify_slice, &s[i]) == 0;
		if (i > 0 && !s[i].started)
			(void)verify_slice(&s[i]);
	}
	(void)verify_slice(&s[0]);
	for (size_t i = 1; i < n; i++)
		if (s[i].started)
			(void)pthread_join(s[i].thread, NULL);
	if (arena_defer(t->a, release_slices, s) != 0)
		return err_nomem(err, "a bundle");
	for (size_t i = 0; i < n; i++)
		if (s[i].bad < s[i].to) {
			*err = s[i].err;
			return err_in(err, "bundle: act %zu: ", s[i].bad + 1);
		}
	return 0;
}

int
node_take_open(struct take *t, struct span bundle, struct err *err)
{
	return bundle_read(bundle, t->a, visit, t, err);
}
