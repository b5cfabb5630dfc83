/*
 * Envelopes in the bytes that dsse_text() writes are read without JSON.  A
 * space in front sends the same envelope to the JSON reader: the two must agree
 * on whatever a stranger makes of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "record/dsse.h"
#include "shared.h"

enum { CHANGES = 20000, LONGEST = 2000 };

static void
same(const struct dsse *a, const struct dsse *b)
{
	assert_true(str_eq(a->type, b->type));
	assert_true(span_eq(a->payload, b->payload));
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		assert_true(
		    str_eq(a->signature[i].keyid, b->signature[i].keyid));
		assert_memory_equal(a->signature[i].sig.b,
		    b->signature[i].sig.b, 64);
	}
}

/* Both readers, of bytes that may be anything. */
static bool
agree(const char *text, size_t n)
{
	char spaced[LONGEST + 1];
	struct dsse usual, json;
	struct err err, json_err;
	struct arena a;
	int rc;

	spaced[0] = ' ';
	memcpy(spaced + 1, text, n);
	arena_init(&a, 1 << 20);
	rc = dsse_parse((struct span){(const uint8_t *)text, n}, &a, &usual,
	    &err);
	assert_int_equal(rc,
	    dsse_parse((struct span){(const uint8_t *)spaced, n + 1}, &a, &json,
		&json_err));
	if (rc == 0)
		same(&usual, &json);
	else
		assert_int_equal(err.code, json_err.code);
	arena_release(&a);
	return rc == 0;
}

static const char *const forms[] = {
    "{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[]}",
    "{\"payload\":\"aGk=\",\"payloadType\":\"a/b\",\"signatures\":[]}",
    "{\"payload\":\"aGk\",\"payloadType\":\"a/b\",\"signatures\":[]}",
    "{\"payload\":\"_-k=\",\"payloadType\":\"a/b\",\"signatures\":[]}",
    "{\"payload\":\"_/k=\",\"payloadType\":\"a/b\",\"signatures\":[]}",
    "{\"payload\":\"\",\"payloadType\":\"a\\u0041\",\"signatures\":[]}",
    "{\"payload\":\"\",\"payloadType\":\"a\x7f\",\"signatures\":[]}",
    "{\"payload\":\"\",\"payloadType\":\"\xe5\xb9\xb3\",\"signatures\":[]}",
    "{\"payload\":\"\",\"payloadType\":\"\xe5\xb9\",\"signatures\":[]}",
    "{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[{}]}",
    "{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[{\"sig\":\"\"}]}",
    "{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[]}}",
    "{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[]",
    "{\"payload\":\"\",\"payload\":\"\",\"payloadType\":\"\"}",
    "{\"payload\":\"",
    "",
};

static void
test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++)
		(void)agree(forms[i], strlen(forms[i]));
}

/* Keys and types that a stranger chose, from none to one too many. */
static const struct {
	const char *type, *keyid;
	size_t n;
} written[] = {
    {"application/vnd.comity.act+json", "", 0},
    {"application/vnd.comity.act+json", "", 1},
    {"application/vnd.comity.act+json", "00ff", 1},
    {"application/vnd.comity.act+json", "00ff", 2},
    {"a \"type\"\\", "a\tkey", 3},
    {"\xe5\xb9\xb3\xe5\x92\x8c", "\xe5\x92\x8c", 1},
    {"", "k", DSSE_SIGNATURES_MAX},
};

static void
make(size_t i, size_t payload, struct arena *a, struct dsse *ret,
    struct str *ret_text)
{
	struct err err;

	*ret = (struct dsse){.type = str_of(written[i].type),
	    .payload = {arena_array(a, payload + 1, uint8_t), payload},
	    .n = written[i].n};
	for (size_t k = 0; k < ret->n; k++) {
		ret->signature[k].keyid = str_of(written[i].keyid);
		memset(ret->signature[k].sig.b, (int)(200 + k), 64);
	}
	assert_int_equal(dsse_text(ret, a, ret_text, &err), 0);
}

static void
test_round(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(written); i++)
		for (size_t n = 0; n < 7; n++) {
			struct arena a;
			struct dsse d, back;
			struct str text;
			struct err err;

			arena_init(&a, 1 << 20);
			make(i, n, &a, &d, &text);
			assert_int_equal(
			    dsse_parse(span_of(text), &a, &back, &err), 0);
			same(&d, &back);
			if (text.n <= LONGEST)
				assert_true(agree(text.p, text.n));
			arena_release(&a);
		}
}

/* A byte changed, dropped or doubled, anywhere. */
static void
test_changed(void **state)
{
	static const char bytes[] = "\"\\{}[],: =+/-_Aa0\n\x01\x7f\xe5\xff";
	size_t parsed = 0;
	struct arena a;
	struct dsse d;
	struct str text;

	(void)state;
	arena_init(&a, 1 << 20);
	make(3, 5, &a, &d, &text);
	srandom(7); /* the same changes each time */
	for (size_t i = 0; i < CHANGES; i++) {
		size_t at = (size_t)random() % text.n, n = text.n;
		char changed[LONGEST];

		memcpy(changed, text.p, n);
		switch (random() % 3) {
		case 0:
			changed[at] = bytes[(size_t)random() % sizeof(bytes)];
			break;
		case 1:
			memmove(changed + at, text.p + at + 1, n - at - 1);
			n--;
			break;
		case 2:
			memmove(changed + at + 1, text.p + at, n - at);
			n++;
			break;
		}
		parsed += agree(changed, n);
	}
	assert_true(parsed > 0 && parsed < CHANGES);
	arena_release(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_round),
	    cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
