#include "record/age.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/num.h"
#include "record/age_int.h"

#define HRP_BOX STR("age")
#define HRP_IDENTITY STR("AGE-SECRET-KEY-")

struct box
age_box(const struct secret *identity)
{
	struct box box;

	(void)crypto_scalarmult_base(box.b, key_secret_bytes(identity));
	return box;
}

bool
age_box_is_canonical(const struct box *box)
{
	bool high = box->b[31] == 0x7f; /* 2^255-19 is ed ff .. ff 7f */

	for (size_t i = 30; i > 0; i--)
		high = high && box->b[i] == 0xff;
	return (box->b[31] & 0x80) == 0 && !(high && box->b[0] >= 0xed);
}

struct str
age_box_text(struct arena *a, const struct box *box)
{
	return age_bech32(a, HRP_BOX, box->b);
}

int
age_box_parse(struct str s, struct box *ret, struct err *err)
{
	struct box box;

	if (!age_bech32_is_parsed(s, HRP_BOX, box.b))
		return err_set(err, ERR_INPUT,
		    "\"%.*s\" is not an age recipient in its one form (age1 "
		    "and 58 characters)",
		    STR_ARG(s));
	if (!age_box_is_canonical(&box))
		return err_set(err, ERR_INPUT,
		    "\"%.*s\" is a box key in a form that is not canonical",
		    STR_ARG(s));
	*ret = box;
	return 0;
}

int
age_identity_parse(struct str s, struct secret **ret, struct err *err)
{
	struct secret *secret;
	uint8_t b[32];

	if (!age_bech32_is_parsed(s, HRP_IDENTITY, b))
		return err_set(err, ERR_INPUT,
		    "this is not an age identity in its one form "
		    "(AGE-SECRET-KEY-1 and 58 characters)");
	secret = key_secret(b);
	sodium_memzero(b, sizeof(b));
	if (secret == NULL)
		return err_nomem(err, "a secret");
	*ret = secret;
	return 0;
}

struct str
age_identity_text(struct arena *a, const struct secret *identity)
{
	return age_bech32(a, HRP_IDENTITY, key_secret_bytes(identity));
}

static void
own_random(void *ctx, void *p, size_t n)
{
	(void)ctx;
	key_random(p, n);
}

/* Where the next byte of the file goes; its size was computed before. */
struct out {
	uint8_t *p;
};

static void
put(struct out *o, const void *p, size_t n)
{
	memcpy(o->p, p, n);
	o->p += n;
}

static void
put_b64_32(struct out *o, const uint8_t b[32])
{
	char text[AGE_B64_32 + 1];

	(void)sodium_bin2base64(text, sizeof(text), b, 32,
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	put(o, text, AGE_B64_32);
}

static int
put_stanza(struct out *o, const uint8_t file_key[AGE_FILE_KEY],
    const uint8_t scalar[32], const struct box *to, struct err *err)
{
	struct age_stanza s;

	if (!age_box_is_canonical(to) || !age_wrap(file_key, scalar, to, &s))
		return err_set(err, ERR_INPUT,
		    "anyone could open what is sealed to it: it is of small "
		    "order or not canonical");
	put(o, "-> X25519 ", 10);
	put_b64_32(o, s.share);
	put(o, "\n", 1);
	put_b64_32(o, s.body);
	put(o, "\n", 1);
	return 0;
}

static void
put_mac(struct out *o, const uint8_t *start,
    const uint8_t file_key[AGE_FILE_KEY])
{
	uint8_t mac[32];

	put(o, "---", 3);
	age_mac(file_key, (struct span){start, (size_t)(o->p - start)}, mac);
	put(o, " ", 1);
	put_b64_32(o, mac);
	put(o, "\n", 1);
}

static size_t
head_size(size_t n)
{
	return AGE_HEADER_TEXT + n * AGE_STANZA_TEXT + AGE_NONCE;
}

/* Randomness is drawn in the file's order: file key, a scalar for each
 * recipient, nonce. */
static int
put_head(struct out *o, const struct box *to, size_t n, age_random_fn *random,
    void *ctx, struct age_stream *ret, struct err *err)
{
	uint8_t file_key[AGE_FILE_KEY], scalar[32], nonce[AGE_NONCE];
	const uint8_t *start = o->p;
	int rc = -1;

	random(ctx, file_key, sizeof(file_key));
	put(o, AGE_VERSION.p, AGE_VERSION.n);
	put(o, "\n", 1);
	for (size_t i = 0; i < n; i++) {
		random(ctx, scalar, sizeof(scalar));
		if (put_stanza(o, file_key, scalar, &to[i], err) != 0) {
			err_in(err, "box key %zu of %zu: ", i + 1, n);
			goto out;
		}
	}
	put_mac(o, start, file_key);
	random(ctx, nonce, sizeof(nonce));
	put(o, nonce, sizeof(nonce));
	*ret = age_stream_of(file_key, nonce);
	rc = 0;
out:
	sodium_memzero(file_key, sizeof(file_key));
	sodium_memzero(scalar, sizeof(scalar));
	return rc;
}

static int
check_count(size_t n, struct err *err)
{
	static_assert(AGE_HEADER_TEXT + AGE_STANZAS_MAX * AGE_STANZA_TEXT <=
			  AGE_HEADER_MAX,
	    "age_open reads what age_seal writes");
	return n > 0 && n <= AGE_STANZAS_MAX
	           ? 0
	           : err_set(err, ERR_INPUT,
			 "sealing to %zu box keys, between 1 and %d are "
			 "possible",
			 n, AGE_STANZAS_MAX);
}

int
age_seal_begin(const struct box *to, size_t n, age_random_fn *random, void *ctx,
    struct arena *a, struct age_stream *ret, struct span *ret_head,
    struct err *err)
{
	uint8_t *p;
	struct out o;

	if (check_count(n, err) != 0)
		return -1;
	if ((p = arena_alloc(a, head_size(n), 1)) == NULL)
		return err_nomem(err, "a sealed file");
	o = (struct out){p};
	if (put_head(&o, to, n, random == NULL ? own_random : random, ctx, ret,
		err) != 0)
		return -1;
	*ret_head = (struct span){p, head_size(n)};
	return 0;
}

int
age_seal(struct span plain, const struct box *to, size_t n,
    age_random_fn *random, void *ctx, struct arena *a, struct span *ret,
    struct err *err)
{
	struct age_stream s;
	struct out o;
	size_t size;
	uint8_t *p;

	if (check_count(n, err) != 0)
		return -1;
	if (!age_stream_size(plain.n, &size) ||
	    ckd_add(&size, size, head_size(n)) ||
	    (p = arena_alloc(a, size, 1)) == NULL)
		return err_nomem(err, "a sealed file");
	o = (struct out){p};
	if (put_head(&o, to, n, random == NULL ? own_random : random, ctx, &s,
		err) != 0)
		return -1;
	age_stream_seal(&s, plain, o.p);
	age_stream_end(&s);
	*ret = (struct span){p, size};
	return 0;
}

/* The whole header was parsed: the form of a stanza behind the one that opens
 * is no less strict. */
static int
find_file_key(const struct age_header *h, const struct secret *identity,
    uint8_t ret[AGE_FILE_KEY], struct err *err)
{
	struct box own = age_box(identity);
	int opened;

	for (size_t i = 0; i < h->n; i++) {
		opened = age_unwrap(&h->stanza[i], identity, &own, ret);
		if (opened < 0)
			return err_set(err, ERR_INPUT,
			    "X25519 stanza %zu of a sealed file has a share of "
			    "small order",
			    i + 1);
		if (opened > 0)
			return 0;
	}
	return err_set(err, ERR_DENIED,
	    "this file is not sealed to the identity at hand");
}

int
age_open_begin(struct span start, const struct secret *identity,
    struct arena *a, struct age_stream *ret, size_t *ret_used, struct err *err)
{
	struct age_header *h = arena_new(a, struct age_header);
	uint8_t file_key[AGE_FILE_KEY], mac[32];
	int rc = -1;

	if (h == NULL)
		return err_nomem(err, "a sealed file's header");
	if (age_header_parse(start, h, err) != 0)
		return -1;
	if (start.n - h->size < AGE_NONCE)
		return err_set(err, ERR_INPUT,
		    "a sealed file is cut behind its header");
	if (find_file_key(h, identity, file_key, err) != 0)
		return -1;
	age_mac(file_key, h->signed_part, mac);
	if (sodium_memcmp(mac, h->mac, sizeof(mac)) != 0) {
		err_set(err, ERR_INPUT,
		    "the header of a sealed file was changed: its MAC differs");
		goto out;
	}
	*ret = age_stream_of(file_key, start.p + h->size);
	*ret_used = h->size + AGE_NONCE;
	rc = 0;
out:
	sodium_memzero(file_key, sizeof(file_key));
	return rc;
}

int
age_open(struct span sealed, const struct secret *identity, struct arena *a,
    struct span *ret, struct err *err)
{
	struct age_stream s;
	size_t used;
	int rc;

	if (age_open_begin(sealed, identity, a, &s, &used, err) != 0)
		return -1;
	rc = age_stream_open(&s,
	    (struct span){sealed.p + used, sealed.n - used}, a, ret, err);
	age_stream_end(&s);
	return rc;
}
