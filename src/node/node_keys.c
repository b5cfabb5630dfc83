/*
 * The node's secret keys.  A change of keys is an act that the root key signs
 * (party/keys); the new key files lie ready as keys/USE.next.key before it is
 * posted, so that the node can sign the very head that holds it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "node/keydir.h"
#include "node/node_int.h"

static const char *const use[NODE_KEYS] = {"log", "witness", "box"};

static struct str
path(struct node *n, struct arena *a, enum node_key k, const char *which)
{
	return str_fmt(a, "%s/keys/%s%s.key", n->folder, use[k], which);
}

static int
load(struct node *n, enum node_key k, const char *which, struct span passphrase,
    struct secret **ret, struct err *err)
{
	struct arena a;
	struct str file;
	int rc;

	arena_init(&a, 65536);
	file = path(n, &a, k, which);
	rc = file.p == NULL ? err_nomem(err, "a path")
	                    : keydir_read(file.p, use[k], passphrase, ret, err);
	arena_release(&a);
	return rc;
}

static bool
has_next(struct node *n, enum node_key k)
{
	struct arena a;
	struct str file;
	bool has;

	arena_init(&a, 65536);
	file = path(n, &a, k, ".next");
	has = file.p != NULL && access(file.p, F_OK) == 0;
	arena_release(&a);
	return has;
}

int
node_keys_load(struct node *n, struct span passphrase, struct err *err)
{
	for (int k = 0; k < NODE_KEYS; k++) {
		if (load(n, (enum node_key)k, "", passphrase, &n->key[k][0],
			err) != 0)
			return -1;
		if (has_next(n, (enum node_key)k) &&
		    load(n, (enum node_key)k, ".next", passphrase,
			&n->key[k][1], err) != 0)
			return -1;
	}
	return 0;
}

void
node_keys_free(struct node *n)
{
	for (int k = 0; k < NODE_KEYS; k++)
		for (int i = 0; i < 2; i++)
			key_secret_free(n->key[k][i]);
}

/* Is this the secret key that our file names from this size on? */
static bool
is_named(const struct mandate_keys *keys, int k, const struct secret *s)
{
	struct pubkey pub;
	struct box box;

	if (s == NULL)
		return false;
	if (k == NODE_BOX) {
		box = age_box(s);
		return memcmp(box.b, keys->box.b, sizeof(box.b)) == 0;
	}
	pub = key_pub(s);
	return key_eq(&pub, k == NODE_LOG ? &keys->log : &keys->witness);
}

static const struct secret *
choose(struct node *n, int k, uint64_t size)
{
	const struct mandate_keys *keys =
	    mandate_keys_at(n->own->mandate, size);

	return is_named(keys, k, n->key[k][1]) ? n->key[k][1] : n->key[k][0];
}

const struct secret *
node_log_key(struct node *n, uint64_t size)
{
	return choose(n, NODE_LOG, size);
}

const struct secret *
node_witness_key(struct node *n)
{
	return choose(n, NODE_WITNESS, UINT64_MAX);
}

/* The new file takes the old one's place, which stays beside it. */
static void
turn(struct node *n, enum node_key k)
{
	struct str now, old, next;
	struct secret *s = n->key[k][0];
	struct arena a;

	n->key[k][0] = n->key[k][1];
	n->key[k][1] = s;
	arena_init(&a, 65536);
	now = path(n, &a, k, "");
	old = path(n, &a, k, ".old");
	next = path(n, &a, k, ".next");
	if (now.p == NULL || old.p == NULL || next.p == NULL ||
	    rename(now.p, old.p) != 0 || rename(next.p, now.p) != 0)
		diag_warn("%s could not be put in the place of the key before",
		    next.p == NULL ? "a key file" : next.p);
	arena_release(&a);
}

int
node_keys_settle(struct node *n, struct err *err)
{
	const struct mandate_keys *keys =
	    mandate_keys_at(n->own->mandate, UINT64_MAX);

	for (int k = 0; k < NODE_KEYS; k++) {
		if (is_named(keys, k, n->key[k][0]))
			continue;
		if (!is_named(keys, k, n->key[k][1]))
			return err_set(err, ERR_CONFLICT,
			    "keys/%s.key is not the key that the charter and "
			    "key changes of %s name",
			    use[k], n->own->code);
		turn(n, (enum node_key)k);
	}
	return 0;
}

int
node_keys_await(struct node *n, const struct js *body, struct err *err)
{
	for (int k = 0; k < NODE_KEYS; k++) {
		struct mandate_keys want = {.from = 0};
		const struct js *j = js_get(body, use[k]);
		struct secret *s;

		if (j == NULL)
			continue;
		if (k == NODE_BOX) {
			if (age_box_parse(js_str(j), &want.box, err) != 0)
				return -1;
		} else if (!hex_is_parsed(js_str(j),
			       k == NODE_LOG ? want.log.b : want.witness.b,
			       32)) {
			return err_set(err, ERR_INPUT,
			    "'%s' is no key in hexadecimal", use[k]);
		}
		if (load(n, (enum node_key)k, ".next", (struct span){NULL, 0},
			&s, err) != 0)
			return err_in(err,
			    "the new %s key must lie ready, plain, as "
			    "keys/%s.next.key: ",
			    use[k], use[k]);
		if (!is_named(&want, k, s)) {
			key_secret_free(s);
			return err_set(err, ERR_INPUT,
			    "keys/%s.next.key is another key than the act "
			    "names",
			    use[k]);
		}
		if (n->key[k][1] == NULL) {
			n->key[k][1] = s;
			continue;
		}
		/* Another thread may be using the one that waits. */
		key_secret_free(s);
		if (!is_named(&want, k, n->key[k][1]))
			return err_set(err, ERR_CONFLICT,
			    "another %s key waits already: restart the node, "
			    "which reads keys/%s.next.key again",
			    use[k], use[k]);
	}
	return 0;
}
