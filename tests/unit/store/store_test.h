/* What the tests of the store share: a database in a folder of its own. */
#ifndef TESTS_STORE_H
#define TESTS_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "store/store.h"

struct test {
	char folder[40], path[64];
	struct store *s;
	struct arena a;
	int64_t party; /* one that is there */
	struct err err;
};

#define OK(call)                                                               \
	do {                                                                   \
		if ((call) != 0)                                               \
			fail_msg("line %d: %s", __LINE__, t->err.text);        \
	} while (0)
#define FAILS(call, with)                                                      \
	do {                                                                   \
		t->err.code = ERR_NONE;                                        \
		assert_int_equal((call), -1);                                  \
		if (t->err.code != (with) || t->err.text[0] == '\0')           \
			fail_msg("line %d: %d: %s", __LINE__,                  \
			    (int)t->err.code, t->err.text);                    \
	} while (0)

static inline struct id
id_of(unsigned n)
{
	struct id id = {{(uint8_t)(n >> 8), (uint8_t)n, 7}}; /* two bytes */

	return id;
}

static inline struct span
bytes_of(const char *z)
{
	return span_of(str_of(z));
}

static inline int
store_setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));
	struct store_party p = {.charter = id_of(1),
	    .code = STR("JPN"),
	    .address = STR(""),
	    .own = true,
	    .added_us = 5};
	struct store_options o = {.create = true};

	if (t == NULL)
		return -1;
	*state = t;
	(void)snprintf(t->folder, sizeof(t->folder), "store-XXXXXX");
	if (mkdtemp(t->folder) == NULL)
		return -1;
	(void)snprintf(t->path, sizeof(t->path), "%s/record.db", t->folder);
	arena_init(&t->a, 1 << 26);
	o.path = t->path;
	if (store_open(&o, &t->s, &t->err) != 0)
		return -1;
	return store_party_add(t->s, &p, &t->party, &t->err);
}

static inline int
store_teardown(void **state)
{
	static const char *const end[] = {"", "-wal", "-shm"};
	struct test *t = *state;
	char path[80];

	store_close(t->s);
	for (size_t i = 0; i < COUNT(end); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", t->path, end[i]);
		(void)unlink(path);
	}
	(void)rmdir(t->folder);
	arena_release(&t->a);
	free(t);
	return 0;
}

static inline void
store_again(struct test *t)
{
	struct store_options o = {.path = t->path};

	store_close(t->s);
	t->s = NULL;
	OK(store_open(&o, &t->s, &t->err));
}

/* An act at an entry of a party's log; its seq. */
static inline int64_t
act_at(struct test *t, int64_t party, uint64_t idx, unsigned id, int64_t file)
{
	struct store_act act = {.party = party,
	    .idx = idx,
	    .id = id_of(id),
	    .payload = bytes_of("{}"),
	    .signatures = bytes_of("sig"),
	    .received_us = 99,
	    .file = file};
	int64_t seq;

	OK(store_act_add(t->s, &act, &seq, &t->err));
	return seq;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, store_setup, store_teardown)

#endif
