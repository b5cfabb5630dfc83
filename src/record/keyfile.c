#include "record/keyfile.h"

#include <sodium.h>
#include <string.h>

#include "base/js.h"
#include "base/num.h"
#include "record/age.h"
#include "record/encode.h"

enum {
	VERSION = 1,
	HOLDER_MAX = 256,
	SALT = crypto_pwhash_argon2id_SALTBYTES,
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	BOX = 32 + crypto_aead_xchacha20poly1305_ietf_ABYTES,
	/* What a file may ask of its reader: libsodium's "sensitive". */
	OPS_MAX = crypto_pwhash_argon2id_OPSLIMIT_SENSITIVE,
	MEM_MIN = crypto_pwhash_argon2id_MEMLIMIT_MIN,
	MEM_MAX = crypto_pwhash_argon2id_MEMLIMIT_SENSITIVE
};
#define KDF "argon2id"

struct keyfile {
	struct str use, holder;
	struct pubkey pub; /* of "box": the X25519 public key */
	bool locked;
	int64_t ops, mem; /* passes, bytes */
	uint8_t salt[SALT], nonce[NONCE], box[BOX];
	struct str secret; /* plain: base64 */
};

static const char *const uses[] = {"root", "log", "witness", "box", "officer"};

static bool
is_use(struct str use)
{
	for (size_t i = 0; i < COUNT(uses); i++)
		if (str_is(use, uses[i]))
			return true;
	return false;
}

static struct pubkey
public_of(struct str use, const struct secret *s)
{
	struct pubkey k;
	struct box box;

	if (!str_is(use, "box"))
		return key_pub(s);
	box = age_box(s);
	memcpy(k.b, box.b, sizeof(k.b));
	return k;
}

/* What the box authenticates beside itself: the fields as they are read. */
static int
bound(const struct keyfile *f, struct arena *a, struct str *ret,
    struct err *err)
{
	struct buf b;

	buf_init(&b, a);
	buf_fmt(&b, "comity-key/%d\n", VERSION);
	buf_str(&b, f->use);
	buf_char(&b, '\n');
	buf_hex(&b, f->pub.b, sizeof(f->pub.b));
	buf_fmt(&b, "\n%s %lld %lld\n", KDF, (long long)f->ops,
	    (long long)f->mem);
	buf_str(&b, f->holder);
	return buf_done(&b, ret, err);
}

static int
derive(const struct keyfile *f, struct span passphrase, uint8_t key[32],
    struct err *err)
{
	if (crypto_pwhash(key, 32, (const char *)passphrase.p, passphrase.n,
		f->salt, (unsigned long long)f->ops, (size_t)f->mem,
		crypto_pwhash_ALG_ARGON2ID13) != 0)
		return err_set(err, ERR_NOMEM,
		    "no memory to derive a key from a passphrase (%lld bytes)",
		    (long long)f->mem);
	return 0;
}

static int
lock(struct keyfile *f, const struct secret *s, struct span passphrase,
    unsigned work, struct arena *a, struct err *err)
{
	uint8_t key[32];
	struct str ad;

	f->locked = true;
	f->ops = crypto_pwhash_argon2id_OPSLIMIT_MODERATE;
	f->mem = crypto_pwhash_argon2id_MEMLIMIT_MODERATE;
	if (work > 0) {
		f->ops = 1;
		f->mem = (int64_t)work * MEM_MIN;
	}
	if (f->mem > MEM_MAX)
		return err_set(err, ERR_INPUT,
		    "a work factor of %u is too large", work);
	key_random(f->salt, sizeof(f->salt));
	key_random(f->nonce, sizeof(f->nonce));
	if (bound(f, a, &ad, err) != 0 || derive(f, passphrase, key, err) != 0)
		return -1;
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(f->box, NULL,
	    key_secret_bytes(s), 32, (const uint8_t *)ad.p, ad.n, NULL,
	    f->nonce, key);
	sodium_memzero(key, sizeof(key));
	return 0;
}

static void
put_b64(struct js_make *m, struct js *in, const char *key, const uint8_t *p,
    size_t n)
{
	struct str s = encode_b64(m->a, (struct span){p, n});

	if (s.p == NULL)
		m->failed = true;
	else
		js_put_str(m, in, key, s);
}

static int
text_of(const struct keyfile *f, const struct secret *s, struct arena *a,
    struct str *ret, struct err *err)
{
	struct js_make m = {.a = a};
	struct js *j = js_map(&m);

	js_put_int(&m, j, "comity-key", VERSION);
	js_put_str(&m, j, "use", f->use);
	js_put_str(&m, j, "holder", f->holder);
	js_put_hex(&m, j, "public", f->pub.b, sizeof(f->pub.b));
	if (f->locked) {
		js_put_z(&m, j, "kdf", KDF);
		put_b64(&m, j, "salt", f->salt, sizeof(f->salt));
		js_put_int(&m, j, "ops", f->ops);
		js_put_int(&m, j, "mem", f->mem);
		put_b64(&m, j, "nonce", f->nonce, sizeof(f->nonce));
		put_b64(&m, j, "box", f->box, sizeof(f->box));
	} else {
		put_b64(&m, j, "secret", key_secret_bytes(s), 32);
	}
	return js_text(&m, j, JS_PRETTY, ret, err);
}

int
keyfile_write(struct str use, struct str holder, const struct secret *s,
    struct span passphrase, unsigned work, struct arena *a, struct str *ret,
    struct err *err)
{
	struct keyfile f = {.use = use, .holder = holder};

	if (!is_use(use))
		return err_set(err, ERR_INPUT, "a key has no use \"%.*s\"",
		    STR_ARG(use));
	if (holder.n > HOLDER_MAX || !text_is_utf8(span_of(holder)))
		return err_set(err, ERR_INPUT,
		    "the holder of a key is a text of at most %d bytes",
		    HOLDER_MAX);
	f.pub = public_of(use, s);
	if (passphrase.n > 0 && lock(&f, s, passphrase, work, a, err) != 0)
		return -1;
	return text_of(&f, s, a, ret, err);
}

static int
parse_lock(const struct js *j, struct keyfile *f, struct err *err)
{
	const struct js *ops = js_get(j, "ops"), *mem = js_get(j, "mem");

	f->locked = true;
	if (!js_is_str(js_get(j, "kdf"), KDF))
		return err_set(err, ERR_INPUT,
		    "a locked key file has \"kdf\": \"%s\"", KDF);
	if (js_type(ops) != JS_INT || js_type(mem) != JS_INT ||
	    js_int(ops) < 1 || js_int(ops) > OPS_MAX || js_int(mem) < MEM_MIN ||
	    js_int(mem) > MEM_MAX)
		return err_set(err, ERR_INPUT,
		    "a key file has \"ops\" of 1 to %d and \"mem\" of %d to %d "
		    "bytes",
		    OPS_MAX, MEM_MIN, MEM_MAX);
	f->ops = js_int(ops);
	f->mem = js_int(mem);
	if (!encode_is_b64(js_str(js_get(j, "salt")), f->salt, SALT) ||
	    !encode_is_b64(js_str(js_get(j, "nonce")), f->nonce, NONCE) ||
	    !encode_is_b64(js_str(js_get(j, "box")), f->box, BOX))
		return err_set(err, ERR_INPUT,
		    "a key file has \"salt\", \"nonce\" and \"box\" in base64 "
		    "of %d, %d and %d bytes",
		    SALT, NONCE, BOX);
	return 0;
}

static int
parse_fields(const struct js *j, struct keyfile *f, struct err *err)
{
	const struct js *version = js_get(j, "comity-key");
	const struct js *secret = js_get(j, "secret");
	const struct js *holder = js_get(j, "holder");
	size_t fields = secret != NULL ? 5 : 10;

	if (js_type(version) != JS_INT || js_int(version) != VERSION)
		return err_set(err, ERR_INPUT,
		    "a key file begins with \"comity-key\": %d", VERSION);
	f->use = js_str(js_get(j, "use"));
	f->holder = js_str(holder);
	if (!is_use(f->use) || js_type(holder) != JS_TEXT ||
	    f->holder.n > HOLDER_MAX ||
	    !hex_is_parsed(js_str(js_get(j, "public")), f->pub.b,
		sizeof(f->pub.b)))
		return err_set(err, ERR_INPUT,
		    "a key file has \"use\", \"holder\" and \"public\" in 64 "
		    "hex digits");
	if (js_len(j) != fields) /* all are needed, so none is unknown */
		return err_set(err, ERR_INPUT,
		    "this key file has %zu fields, not %zu", js_len(j), fields);
	if (secret == NULL)
		return parse_lock(j, f, err);
	f->secret = js_str(secret);
	return 0;
}

static int
parse(struct str text, struct arena *a, struct keyfile *ret, struct err *err)
{
	struct keyfile f = {.locked = false};
	const struct js *j;

	if (text.n > KEYFILE_MAX)
		return err_set(err, ERR_INPUT,
		    "a key file has at most %d bytes, not %zu", KEYFILE_MAX,
		    text.n);
	if (js_parse(span_of(text), a, &j, err) != 0)
		return err_in(err, "key file: ");
	if (parse_fields(j, &f, err) != 0)
		return -1;
	*ret = f;
	return 0;
}

int
keyfile_is_locked(struct str text, bool *ret, struct err *err)
{
	struct keyfile f;
	struct arena a;
	int rc;

	arena_init(&a, 16 * KEYFILE_MAX);
	if ((rc = parse(text, &a, &f, err)) == 0)
		*ret = f.locked;
	arena_release(&a);
	return rc;
}

static int
unlock(const struct keyfile *f, struct span passphrase, struct arena *a,
    uint8_t ret[32], struct err *err)
{
	uint8_t key[32];
	struct str ad;
	int rc;

	if (passphrase.n == 0)
		return err_set(err, ERR_DENIED,
		    "this key file needs its passphrase");
	if (bound(f, a, &ad, err) != 0 || derive(f, passphrase, key, err) != 0)
		return -1;
	rc = crypto_aead_xchacha20poly1305_ietf_decrypt(ret, NULL, NULL, f->box,
	    BOX, (const uint8_t *)ad.p, ad.n, f->nonce, key);
	sodium_memzero(key, sizeof(key));
	if (rc != 0)
		return err_set(err, ERR_DENIED,
		    "the passphrase is wrong, or the key file is damaged");
	return 0;
}

/* The public key shows damage that a plain file's secret could not. */
static int
open_secret(const struct keyfile *f, const uint8_t bytes[32],
    struct secret **ret, struct err *err)
{
	struct secret *s = key_secret(bytes);
	struct pubkey pub;

	if (s == NULL)
		return err_nomem(err, "a secret");
	pub = public_of(f->use, s);
	if (!key_eq(&pub, &f->pub)) {
		key_secret_free(s);
		return err_set(err, ERR_DENIED,
		    "the key file is damaged: secret and public key differ");
	}
	*ret = s;
	return 0;
}

int
keyfile_read(struct str text, struct str use, struct span passphrase,
    struct arena *a, struct secret **ret, struct str *ret_holder,
    struct err *err)
{
	struct keyfile f;
	uint8_t bytes[32];
	int rc;

	if (parse(text, a, &f, err) != 0)
		return -1;
	if (!str_eq(f.use, use))
		return err_set(err, ERR_INPUT,
		    "this is a key of use \"%.*s\", not \"%.*s\"",
		    STR_ARG(f.use), STR_ARG(use));
	if (f.locked)
		rc = unlock(&f, passphrase, a, bytes, err);
	else if (encode_is_b64(f.secret, bytes, sizeof(bytes)))
		rc = 0;
	else
		rc = err_set(err, ERR_INPUT,
		    "a plain key file has \"secret\" in base64 of 32 bytes");
	if (rc == 0 && (rc = open_secret(&f, bytes, ret, err)) == 0)
		*ret_holder = f.holder;
	sodium_memzero(bytes, sizeof(bytes));
	return rc;
}
