#include "cli/sign.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "cli/ask.h"
#include "cli/option.h"
#include "node/keydir.h"
#include "record/dsse.h"

enum { OFFICERS_MAX = 1000 };

int
sign_officers(struct cli *c, struct str **ret, size_t *ret_n, struct err *err)
{
	const char *folder = str_fmt(c->a, "%s/officers", c->folder).p;
	DIR *d = folder == NULL ? NULL : opendir(folder);
	struct str *list = NULL;
	size_t n = 0, cap = 0;
	struct dirent *e;
	int rc = 0;

	while (d != NULL && rc == 0 && (e = readdir(d)) != NULL) {
		struct str name = str_of(e->d_name);

		if (!str_ends(name, STR(".key")) || n >= OFFICERS_MAX)
			continue;
		if (arena_grow(c->a, &list, &cap, n + 1, sizeof(*list)) != 0 ||
		    (list[n] = str_copy(c->a, str_sub(name, 0, name.n - 4)))
			    .p == NULL)
			rc = err_nomem(err, "officers");
		else
			n++;
	}
	if (d != NULL)
		(void)closedir(d);
	*ret = list;
	*ret_n = n;
	return rc;
}

static int
add_key(struct cli *c, struct sign_keys *k, const char *path, const char *use,
    struct err *err)
{
	struct span pass = {NULL, 0};
	bool locked;

	if (path == NULL)
		return err_nomem(err, "a path");
	if (k->n == SIGN_KEYS_MAX)
		return err_set(err, ERR_INPUT, "more than %d signatures",
		    SIGN_KEYS_MAX);
	if (keydir_is_locked(path, &locked, err) != 0)
		return -1;
	if (locked && prompt_passphrase(c, false, &pass, err) != 0)
		return -1;
	if (keydir_read(path, use, pass, &k->key[k->n], err) != 0)
		return -1;
	k->n++;
	return 0;
}

static int
add_officer(struct cli *c, struct sign_keys *k, struct str name,
    struct err *err)
{
	if (name.n == 0 || name.p[0] == '.' || str_find(name, '/', 0) < name.n)
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no name of an officer's key file",
		    STR_ARG(name));
	return add_key(c, k,
	    str_fmt(c->a, "%s/officers/%.*s.key", c->folder, STR_ARG(name)).p,
	    "officer", err);
}

static int
add_only(struct cli *c, struct sign_keys *k, struct err *err)
{
	struct str *name;
	size_t n;

	if (sign_officers(c, &name, &n, err) != 0)
		return -1;
	if (n == 0)
		return err_set(err, ERR_ABSENT,
		    "there is no key in %s/officers: 'comity officer enrol "
		    "NAME' makes one",
		    c->folder);
	if (n > 1)
		return err_set(err, ERR_INPUT,
		    "%s/officers has %zu keys: say by --officer who signs, as "
		    "--officer %.*s",
		    c->folder, n, STR_ARG(name[0]));
	return add_officer(c, k, name[0], err);
}

static int
open_keys(struct cli *c, struct sign_keys *k, struct err *err)
{
	struct str root = option_get(c, OPTION_ROOT);
	size_t n = option_count(c, OPTION_OFFICER);

	if (root.p != NULL && add_key(c, k, root.p, "root", err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_officer(c, k, option_at(c, OPTION_OFFICER, i), err) !=
		    0)
			return -1;
	return k->n > 0 ? 0 : add_only(c, k, err);
}

int
sign_open(struct cli *c, struct sign_keys *ret, struct err *err)
{
	struct sign_keys k = {.n = 0};

	if (key_start(err) != 0)
		return -1;
	if (open_keys(c, &k, err) != 0) {
		sign_close(&k);
		return -1;
	}
	*ret = k;
	return 0;
}

void
sign_close(struct sign_keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		key_secret_free(k->key[i]);
	k->n = 0;
}

int
sign_payload(struct cli *c, struct str payload, const struct sign_keys *k,
    struct str *ret, struct err *err)
{
	struct dsse d = {.type = DSSE_ACT_TYPE,
	    .payload = span_of(payload),
	    .n = k->n};

	static_assert((int)SIGN_KEYS_MAX == (int)DSSE_SIGNATURES_MAX,
	    "an envelope holds all signatures");
	for (size_t i = 0; i < k->n; i++)
		if (dsse_sign(d.type, d.payload, k->key[i], c->a,
			&d.signature[i], err) != 0)
			return -1;
	return dsse_text(&d, c->a, ret, err);
}

int
sign_post(struct cli *c, struct act *act, const struct js **ret,
    struct err *err)
{
	struct sign_keys k;
	struct str payload, envelope;
	struct ask_answer ans;
	int rc;

	if (sign_open(c, &k, err) != 0)
		return -1;
	key_random(act->salt, sizeof(act->salt));
	rc = act_write(act, c->a, &payload, err);
	if (rc == 0)
		rc = sign_payload(c, payload, &k, &envelope, err);
	sign_close(&k);
	if (rc != 0 ||
	    ask_send(c, "POST", STR("/acts"), STR("application/json"),
		span_of(envelope), &ans, err) != 0)
		return -1;
	*ret = ans.json;
	return 0;
}
