/*
 * bench_verify bare COUNT: how many signatures of acts libsodium alone checks
 * in a second, all cores at once: the yardstick.
 * bench_verify file PATH: how long verify_file() takes for an archive.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "kit.h"
#include "node/http.h"
#include "node/verify.h"

enum { CORES_MAX = 256, DISTINCT = 512, MESSAGE = 900 };

struct signed_message {
	uint8_t text[MESSAGE], key[32], sig[64];
};
struct core {
	pthread_t thread;
	const struct signed_message *message;
	size_t from, count, bad;
};

static void *
check(void *ctx)
{
	struct core *c = ctx;

	for (size_t i = 0; i < c->count; i++) {
		const struct signed_message *m =
		    &c->message[(c->from + i) % DISTINCT];

		c->bad += crypto_sign_verify_detached(m->sig, m->text,
			      sizeof(m->text), m->key) != 0;
	}
	return NULL;
}

static void
bare(size_t count)
{
	static struct signed_message message[DISTINCT];
	static struct core core[CORES_MAX];
	size_t n = (size_t)sysconf(_SC_NPROCESSORS_ONLN), bad = 0;
	int64_t begun_us, took_us;

	n = n > CORES_MAX ? CORES_MAX : n;
	for (size_t i = 0; i < DISTINCT; i++) {
		uint8_t secret[64];

		key_random(message[i].text, MESSAGE);
		(void)crypto_sign_keypair(message[i].key, secret);
		(void)crypto_sign_detached(message[i].sig, NULL,
		    message[i].text, MESSAGE, secret); /* always 0 */
	}
	begun_us = clock_mono_us();
	for (size_t i = 0; i < n; i++) {
		core[i] = (struct core){.message = message,
		    .from = i * 7,
		    .count = count / n};
		if (pthread_create(&core[i].thread, NULL, check, &core[i]) != 0)
			return;
	}
	for (size_t i = 0; i < n; i++) {
		(void)pthread_join(core[i].thread, NULL);
		bad += core[i].bad;
	}
	took_us = clock_mono_us() - begun_us;
	printf("{\"count\":%zu,\"bad\":%zu,\"cores\":%zu,\"seconds\":%.3f,"
	       "\"rate\":%.1f}\n",
	    count / n * n, bad, n, (double)took_us / 1e6,
	    (double)(count / n * n) * 1e6 / (double)took_us);
}

static void
file(const char *path)
{
	struct verify_options o = {.path = path};
	struct arena a;
	struct js_make m = {.a = &a};
	struct js *j;
	struct err err;
	int64_t begun_us = clock_mono_us(), took_us;
	double acts;

	arena_init(&a, (size_t)4 << 30);
	kit_must(verify_file(&o, &m, &j, &err), &err);
	took_us = clock_mono_us() - begun_us;
	acts = (double)js_int(js_get(j, "acts"));
	printf("{\"count\":%.0f,\"seconds\":%.3f,\"rate\":%.1f}\n", acts,
	    (double)took_us / 1e6, acts * 1e6 / (double)took_us);
	arena_release(&a);
}

int
main(int argc, char **argv)
{
	struct err err;

	mem_start();
	kit_must(key_start(&err), &err);
	kit_must(http_start(&err), &err);
	if (argc == 3 && strcmp(argv[1], "bare") == 0) {
		bare((size_t)kit_number(argv[2], 1, 100000000));
	} else if (argc == 3 && strcmp(argv[1], "file") == 0) {
		file(argv[2]);
	} else {
		(void)fprintf(stderr,
		    "usage: bench_verify bare COUNT | file PATH\n");
		return 2;
	}
	return 0;
}
