#include <assert.h>
#include <sodium.h>

#include "base/num.h"
#include "record/age_int.h"

enum { NONCE = crypto_aead_chacha20poly1305_IETF_NPUBBYTES };
static_assert(NONCE == 12, "an 11-byte counter and the last-flag");

static size_t
count_chunks(size_t plain)
{
	return plain == 0 ? 1 : (plain - 1) / AGE_CHUNK + 1;
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

void
age_stream_seal(const struct age_key *k, struct span plain, uint8_t *out)
{
	size_t chunks = count_chunks(plain.n), from, n;
	uint8_t nonce[NONCE];

	for (size_t i = 0; i < chunks; i++) {
		from = i * AGE_CHUNK;
		n = i + 1 == chunks ? plain.n - from : AGE_CHUNK;
		set_nonce(nonce, i, i + 1 == chunks);
		(void)crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL,
		    n == 0 ? out : plain.p + from, n, NULL, 0, NULL, nonce,
		    k->b);
		out += n + AGE_TAG;
	}
}

/*
 * Only the size says which chunk is the last, and the last-flag in its nonce
 * proves it: a cut between two chunks makes another one the last.
 */
int
age_stream_open(const struct age_key *k, struct span s, struct arena *a,
    struct span *ret, struct err *err)
{
	size_t full = AGE_CHUNK + AGE_TAG, n;
	size_t chunks = s.n == 0 ? 0 : (s.n - 1) / full + 1;
	size_t last = chunks == 0 ? 0 : s.n - (chunks - 1) * full;
	uint8_t nonce[NONCE], *out;

	if (last < AGE_TAG || (last == AGE_TAG && chunks > 1))
		return err_set(err, ERR_INPUT,
		    "a sealed file ends with a chunk of %zu bytes", last);
	if ((out = arena_alloc(a, s.n - chunks * AGE_TAG, 1)) == NULL)
		return err_nomem(err, "an opened file");
	for (size_t i = 0; i < chunks; i++) {
		n = i + 1 == chunks ? last : full;
		set_nonce(nonce, i, i + 1 == chunks);
		if (crypto_aead_chacha20poly1305_ietf_decrypt(
			out + i * AGE_CHUNK, NULL, NULL, s.p + i * full, n,
			NULL, 0, nonce, k->b) != 0) {
			sodium_memzero(out, s.n - chunks * AGE_TAG);
			return err_set(err, ERR_INPUT,
			    "chunk %zu of %zu of a sealed file is damaged, or "
			    "the file is cut",
			    i + 1, chunks);
		}
	}
	*ret = (struct span){out, s.n - chunks * AGE_TAG};
	return 0;
}
