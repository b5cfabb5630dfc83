#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/num.h"
#include "record/age_int.h"

enum { NONCE = crypto_aead_chacha20poly1305_IETF_NPUBBYTES };
static_assert(NONCE == 12, "an 11-byte counter and the last-flag");

static size_t
count_chunks(size_t plain)
{
	return plain == 0 ? 1 : (plain - 1) / AGE_PART + 1;
}

/* The counter is 11 bytes; no span has 2^64 chunks. */
static void
set_nonce(uint8_t nonce[NONCE], uint64_t counter, bool last)
{
	nonce[0] = nonce[1] = nonce[2] = 0;
	num_put64(nonce + 3, counter);
	nonce[11] = last ? 1 : 0;
}

bool
age_stream_size(size_t plain, size_t *ret)
{
	return !ckd_add(ret, plain, count_chunks(plain) * AGE_TAG);
}

struct age_stream
age_stream_of(const uint8_t file_key[AGE_FILE_KEY],
    const uint8_t nonce[AGE_NONCE])
{
	struct age_key k = age_payload_key(file_key, nonce);
	struct age_stream s = {.n = 0};

	memcpy(s.key, k.b, sizeof(s.key));
	sodium_memzero(&k, sizeof(k));
	return s;
}

void
age_stream_end(struct age_stream *s)
{
	sodium_memzero(s, sizeof(*s));
}

void
age_seal_part(struct age_stream *s, struct span plain, bool last, uint8_t *out)
{
	uint8_t nonce[NONCE];

	assert(plain.n <= AGE_PART && (last || plain.n == AGE_PART));
	set_nonce(nonce, s->n++, last);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL,
	    plain.n == 0 ? out : plain.p, plain.n, NULL, 0, NULL, nonce,
	    s->key);
}

void
age_stream_seal(struct age_stream *s, struct span plain, uint8_t *out)
{
	size_t chunks = count_chunks(plain.n), from, n;

	for (size_t i = 0; i < chunks; i++) {
		from = i * AGE_PART;
		n = i + 1 == chunks ? plain.n - from : AGE_PART;
		age_seal_part(s,
		    (struct span){n == 0 ? plain.p : plain.p + from, n},
		    i + 1 == chunks, out);
		out += n + AGE_TAG;
	}
}

/*
 * Only the size says which chunk is the last, and the last-flag in its nonce
 * proves it: a cut between two chunks makes another one the last.
 */
int
age_open_part(struct age_stream *s, struct span sealed, bool last, uint8_t *out,
    struct err *err)
{
	uint8_t nonce[NONCE];

	if (sealed.n < AGE_TAG || sealed.n > AGE_PART + AGE_TAG ||
	    (!last && sealed.n < AGE_PART + AGE_TAG) ||
	    (sealed.n == AGE_TAG && s->n > 0))
		return err_set(err, ERR_INPUT,
		    "a sealed file ends with a chunk of %zu bytes", sealed.n);
	set_nonce(nonce, s->n++, last);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.p,
		sealed.n, NULL, 0, nonce, s->key) != 0)
		return err_set(err, ERR_INPUT,
		    "chunk %llu of a sealed file is damaged, or the file is "
		    "cut",
		    (unsigned long long)s->n);
	return 0;
}

int
age_stream_open(struct age_stream *s, struct span sealed, struct arena *a,
    struct span *ret, struct err *err)
{
	size_t full = AGE_PART + AGE_TAG, n;
	size_t chunks = sealed.n == 0 ? 1 : (sealed.n - 1) / full + 1;
	size_t last = sealed.n - (chunks - 1) * full, size;
	uint8_t *out;

	/* A cut file is refused before anything is opened for it. */
	if (last < AGE_TAG || (last == AGE_TAG && chunks > 1))
		return err_set(err, ERR_INPUT,
		    "a sealed file ends with a chunk of %zu bytes", last);
	size = sealed.n - chunks * AGE_TAG;
	if ((out = arena_alloc(a, size, 1)) == NULL)
		return err_nomem(err, "an opened file");
	for (size_t i = 0; i < chunks; i++) {
		n = i + 1 == chunks ? last : full;
		if (age_open_part(s, (struct span){sealed.p + i * full, n},
			i + 1 == chunks, out + i * AGE_PART, err) != 0) {
			sodium_memzero(out, size);
			return -1;
		}
	}
	*ret = (struct span){out, size};
	return 0;
}
