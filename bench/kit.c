#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/embed.h"
#include "base/num.h"
#include "node/keydir.h"
#include "node/node.h"
#include "node/settings.h"
#include "record/act.h"
#include "record/age.h"
#include "record/dsse.h"
#include "record/hash.h"

enum { KEYS = 4 };
static const char *const use[KEYS] = {"root", "log", "witness", "box"};

static int
sign(struct str payload, const struct secret *key, struct arena *a,
    struct str *ret, struct err *err)
{
	struct dsse d = {.type = DSSE_ACT_TYPE,
	    .payload = span_of(payload),
	    .n = 1};

	if (dsse_sign(d.type, d.payload, key, a, &d.signature[0], err) != 0)
		return -1;
	return dsse_text(&d, a, ret, err);
}

static int
charter(const char *code, struct secret *const *key, const uint8_t *seeds,
    size_t n, struct arena *a, struct str *ret, struct err *err)
{
	struct js_make m = {.a = a};
	struct js *body = js_map(&m), *list, *officer;
	struct act act = {.kind = STR("party/charter"),
	    .party = str_of(code),
	    .opens = true,
	    .to = {.type = AUDIENCE_PUBLIC},
	    .at_us = clock_utc_us()};
	struct box box = age_box(key[3]);
	struct pubkey k;
	struct str payload;

	js_put_z(&m, js_put_map(&m, body, "names"), "en", code);
	js_put_str(&m, body, "origin", str_fmt(a, "bench.invalid/%s", code));
	for (size_t i = 0; i < KEYS - 1; i++) {
		k = key_pub(key[i]);
		js_put_hex(&m, body, use[i], k.b, sizeof(k.b));
	}
	js_put_str(&m, body, "box", age_box_text(a, &box));
	list = js_put_list(&m, body, "officers");
	for (size_t i = 0; i < n; i++) {
		struct secret *s = key_secret(seeds + 32 * i);

		if (s == NULL)
			return err_nomem(err, "an officer's key");
		k = key_pub(s);
		key_secret_free(s);
		officer = js_put_map(&m, list, NULL);
		js_put_str(&m, officer, "officer", str_fmt(a, "duty-%zu", i));
		js_put_hex(&m, officer, "key", k.b, sizeof(k.b));
		js_put_z(&m, js_put_list(&m, officer, "powers"), NULL, "*");
	}
	act.body = body;
	key_random(act.salt, sizeof(act.salt));
	if (m.failed)
		return err_nomem(err, "a charter");
	return act_write(&act, a, &payload, err) != 0
	           ? -1
	           : sign(payload, key[0], a, ret, err);
}

static int
keys_write(const char *folder, const char *code, struct secret **key,
    struct arena *a, struct err *err)
{
	for (size_t i = 0; i < KEYS; i++) {
		if ((key[i] = key_secret_random()) == NULL)
			return err_nomem(err, "a key");
		if (keydir_write(str_fmt(a, "%s/keys/%s.key", folder, use[i]).p,
			use[i], str_of(code), key[i], (struct span){NULL, 0},
			err) != 0)
			return -1;
	}
	return 0;
}

int
kit_found(const char *folder, const char *code, int port, size_t n,
    struct err *err)
{
	uint8_t seeds[32 * KIT_OFFICERS_MAX];
	struct secret *key[KEYS] = {NULL};
	struct arena a;
	struct str envelope;
	FILE *f = NULL;
	int rc = -1;

	arena_init(&a, 64 * 1024 * 1024);
	key_random(seeds, 32 * n);
	if (mkdir(folder, 0700) != 0 ||
	    mkdir(str_fmt(&a, "%s/keys", folder).p, 0700) != 0) {
		(void)err_set(err, ERR_IO, "%s cannot be made", folder);
		goto out;
	}
	f = fopen(str_fmt(&a, "%s/officers", folder).p, "wb");
	if (f == NULL || fwrite(seeds, 32, n, f) != n) {
		(void)err_set(err, ERR_IO, "officers cannot be written");
		goto out;
	}
	if (keys_write(folder, code, key, &a, err) != 0 ||
	    charter(code, key, seeds, n, &a, &envelope, err) != 0 ||
	    keydir_save(str_fmt(&a, "%s/comity.ini", folder).p,
		str_fmt(&a, "[node]\nlisten = 127.0.0.1:%d\n", port), false,
		err) != 0)
		goto out;
	rc = node_found(folder, span_of(envelope), false, clock_utc_us(), err);
out:
	if (f != NULL && fclose(f) != 0 && rc == 0)
		rc = err_set(err, ERR_IO, "officers cannot be written");
	for (size_t i = 0; i < KEYS; i++)
		key_secret_free(key[i]);
	arena_release(&a);
	return rc;
}

static int
find_procedure(struct id *ret, struct err *err)
{
	for (const struct embed *e = embed_procedures; e->name != NULL; e++)
		if (strcmp(e->name, "message.json") == 0) {
			*ret = hash_of((struct span){e->data, e->size});
			return 0;
		}
	return err_set(err, ERR_ABSENT, "the catalogue has no message.json");
}

int
kit_author(const char *folder, const char *party, const char *to,
    struct kit_author *ret, struct err *err)
{
	struct kit_author w = {.party = str_of(party), .to = str_of(to)};
	char path[1000];
	uint8_t seed[32];
	FILE *f;

	if (key_start(err) != 0 || find_procedure(&w.procedure, err) != 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/officers", folder);
	if ((f = fopen(path, "rb")) == NULL)
		return err_set(err, ERR_IO, "%s cannot be read", path);
	while (w.n < KIT_OFFICERS_MAX && fread(seed, 32, 1, f) == 1)
		w.key[w.n++] = key_secret(seed); /* NULL: sign() would fail */
	(void)fclose(f);                         /* it was only read */
	*ret = w;
	return w.n > 0 ? 0 : err_set(err, ERR_INPUT, "%s is empty", path);
}

void
kit_author_end(struct kit_author *w)
{
	for (size_t i = 0; i < w->n; i++)
		key_secret_free(w->key[i]);
}

int
kit_payload(const struct kit_author *w, struct arena *a, struct str *ret,
    struct err *err)
{
	static const char body[] =
	    "{\"precedence\":\"priority\",\"subject\":\"Vessel\",\"message\":"
	    "[{\"lang\":\"en\",\"text\":\"%.*s\",\"authentic\":true}]}";
	struct act act = {.kind = STR("message/send"),
	    .party = w->party,
	    .opens = true,
	    .has_procedure = true,
	    .procedure_id = w->procedure,
	    .to = {.type = AUDIENCE_PARTIES, .n = 1, .party = &w->to},
	    .at_us = clock_utc_us()};
	char text[KIT_TEXT];

	memset(text, 'x', sizeof(text));
	if (js_parse(span_of(str_fmt(a, body, KIT_TEXT, text)), a, &act.body,
		err) != 0)
		return -1;
	key_random(act.salt, sizeof(act.salt));
	return act_write(&act, a, ret, err);
}

int
kit_envelope(const struct kit_author *w, size_t officer, struct arena *a,
    struct str *ret, struct err *err)
{
	struct str payload;

	if (kit_payload(w, a, &payload, err) != 0)
		return -1;
	return sign(payload, w->key[officer % w->n], a, ret, err);
}

void
kit_must(int rc, const struct err *err)
{
	if (rc == 0)
		return;
	(void)fprintf(stderr, "%s\n", err->text);
	exit(1);
}

int64_t
kit_number(const char *z, int64_t lo, int64_t hi)
{
	struct err err;
	int64_t n = 0;

	kit_must(num_parse(str_of(z), lo, hi, &n, &err), &err);
	return n;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

void
kit_report(int64_t *latency_us, size_t n, int64_t took_us, const char *also)
{
	qsort(latency_us, n, sizeof(*latency_us), by_size);
	printf("{\"count\":%zu,\"seconds\":%.3f,\"rate\":%.1f,\"p50_us\":%lld,"
	       "\"p95_us\":%lld,\"p99_us\":%lld,\"max_us\":%lld%s}\n",
	    n, (double)took_us / 1e6, (double)n / ((double)took_us / 1e6),
	    (long long)latency_us[n / 2], (long long)latency_us[n * 95 / 100],
	    (long long)latency_us[n * 99 / 100], (long long)latency_us[n - 1],
	    also);
}
