#include "record/words.h"

#include <assert.h>
#include <string.h>

#include "base/embed.h"
#include "base/num.h"
#include "record/hash.h"

enum { LIST_N = 2048, BITS = 11, LETTERS = 8, ENOUGH = 4 };

static struct str
list(void)
{
	return (
	    struct str){(const char *)embed_words[0].data, embed_words[0].size};
}

static struct str
line(struct str all, size_t n)
{
	size_t at = 0;

	while (n-- > 0)
		at = str_find(all, '\n', at) + 1;
	return str_sub(all, at, str_find(all, '\n', at));
}

/* 16 bytes and the first four bits of their hash: 12 numbers. */
static void
numbers(const uint8_t bytes[WORDS_BYTES], unsigned ret[WORDS_N])
{
	struct id h = hash_of((struct span){bytes, WORDS_BYTES});
	uint8_t all[WORDS_BYTES + 1];

	memcpy(all, bytes, WORDS_BYTES);
	all[WORDS_BYTES] = h.b[0];
	for (size_t i = 0; i < WORDS_N; i++) {
		ret[i] = 0;
		for (size_t k = i * BITS; k < (i + 1) * BITS; k++)
			ret[i] = ret[i] << 1 |
			         ((unsigned)all[k / 8] >> (7 - k % 8) & 1u);
	}
}

int
words_write(const uint8_t bytes[WORDS_BYTES], struct arena *a, struct str *ret,
    struct err *err)
{
	unsigned n[WORDS_N];
	struct buf b;

	numbers(bytes, n);
	buf_init(&b, a);
	for (size_t i = 0; i < WORDS_N; i++) {
		if (i > 0)
			buf_char(&b, ' ');
		buf_str(&b, line(list(), n[i]));
	}
	return buf_done(&b, ret, err);
}

int
words_of_key(const struct pubkey *k, struct arena *a, struct str *ret,
    struct err *err)
{
	struct id h = hash_of((struct span){k->b, sizeof(k->b)});

	return words_write(h.b, a, ret, err);
}

bool
words_is_of(const uint8_t bytes[WORDS_BYTES], const struct pubkey *k)
{
	struct id h = hash_of((struct span){k->b, sizeof(k->b)});

	return memcmp(h.b, bytes, WORDS_BYTES) == 0;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word in small letters; empty at the end. */
static struct str
next(struct str s, size_t *at, char word[LETTERS + 1])
{
	size_t n = 0;

	while (*at < s.n && is_space(s.p[*at]))
		(*at)++;
	for (; *at < s.n && !is_space(s.p[*at]); (*at)++) {
		char c = s.p[*at];

		if (n <= LETTERS) /* one more: too long to be one */
			word[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	return (struct str){word, n};
}

static bool
number_of(struct str word, unsigned *ret)
{
	struct str all = list();
	size_t at = 0;

	for (unsigned i = 0; i < LIST_N; i++) {
		struct str one = str_sub(all, at, str_find(all, '\n', at));

		if (str_eq(one, word) ||
		    (word.n >= ENOUGH && str_starts(one, word))) {
			*ret = i;
			return true;
		}
		at += one.n + 1;
	}
	return false;
}

int
words_parse(struct str s, uint8_t ret[WORDS_BYTES], struct err *err)
{
	uint8_t bytes[WORDS_BYTES + 1] = {0};
	char text[LETTERS + 1];
	struct str word;
	unsigned n, want[WORDS_N], last = 0;
	size_t at = 0, count = 0;

	for (; (word = next(s, &at, text)).n > 0; count++) {
		if (count == WORDS_N || !number_of(word, &n))
			return err_set(err, ERR_INPUT,
			    count == WORDS_N
				? "a key has %d words, there are more: the "
				  "first too many is '%.*s'"
				: "word %d of a key, '%.*s', is not in the "
				  "list: listen again",
			    count == WORDS_N ? WORDS_N : (int)count + 1,
			    STR_ARG(word));
		for (size_t k = 0; k < BITS; k++)
			if ((n >> (BITS - 1 - k) & 1u) != 0)
				bytes[(count * BITS + k) / 8] |=
				    (uint8_t)(0x80u >> (count * BITS + k) % 8);
		last = n;
	}
	if (count != WORDS_N)
		return err_set(err, ERR_INPUT,
		    "a key has %d words, here are %zu", WORDS_N, count);
	numbers(bytes, want);
	if (want[WORDS_N - 1] != last)
		return err_set(err, ERR_INPUT,
		    "these words do not fit each other: one was misheard, or "
		    "two changed places");
	memcpy(ret, bytes, WORDS_BYTES);
	return 0;
}
