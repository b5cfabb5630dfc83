#include <stdalign.h>
#include <string.h>

#include "cases.h"

static void
test_alloc(void **state)
{
	static const size_t size[] = {0, 1, 7, 8, 15, 16, 17, 100, 4079, 4080,
	    4096, 5000, 16319, 16320, 16321, 40000, 3};
	unsigned char *p[COUNT(size)];
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < COUNT(size); i++) {
		p[i] = arena_alloc(&a, size[i], 1);
		CASE_TRUE(i, p[i] != NULL);
		CASE_TRUE(i, (uintptr_t)p[i] % alignof(max_align_t) == 0);
		for (size_t k = 0; k < size[i]; k++)
			CASE_TRUE(i, p[i][k] == 0);
		memset(p[i], (int)i + 1, size[i]);
	}
	for (size_t i = 0; i < COUNT(size); i++)
		for (size_t k = 0; k < size[i]; k++)
			CASE_TRUE(i, p[i][k] == i + 1);
	arena_release(&a);
	assert_int_equal(a.used, 0);
	assert_int_equal(a.limit, 1 << 20);
	assert_non_null(arena_alloc(&a, 1, 1)); /* it may serve again */
	arena_release(&a);
}

/* A2: the sum of all allocations never exceeds the limit. */
static void
test_limit(void **state)
{
	struct arena a;
	size_t n = 0;

	(void)state;
	arena_init(&a, 1000);
	while (arena_alloc(&a, 3, 5) != NULL)
		n++;
	assert_in_range(n, 1000 / 32, 1000 / 15);
	assert_true(a.used <= a.limit);
	arena_release(&a);
	arena_init(&a, 0);
	assert_null(arena_alloc(&a, 1, 1));
	assert_null(arena_copy(&a, "x", 1));
	arena_release(&a);
}

static void
test_sizes_beyond(void **state)
{
	static const struct {
		size_t n, size;
	} row[] = {
	    {SIZE_MAX, 1},
	    {1, SIZE_MAX},
	    {SIZE_MAX / 2, 3},
	    {SIZE_MAX / 16 + 1, 16},
	    {SIZE_MAX - 20, 1},
	    {SIZE_MAX - 40, 1},
	};
	struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	for (size_t i = 0; i < COUNT(row); i++) {
		volatile size_t n = row[i].n; /* no warning before the run */
		CASE_TRUE(i, arena_alloc(&a, n, row[i].size) == NULL);
	}
	assert_null(arena_copy(&a, "", SIZE_MAX));
	assert_int_equal(a.used, 0);
	arena_release(&a);
}

static void
test_fail_at(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	a.fail_at = 3;
	assert_non_null(arena_alloc(&a, 1, 1));
	assert_non_null(arena_alloc(&a, 1, 1));
	assert_null(arena_alloc(&a, 1, 1));
	assert_non_null(arena_alloc(&a, 1, 1));
	arena_release(&a);
}

static void
test_grow(void **state)
{
	struct arena a;
	uint32_t *p = NULL, *old;
	size_t cap = 0, before;

	(void)state;
	arena_init(&a, 1 << 16);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(
		    arena_grow(&a, &p, &cap, (size_t)i + 1, sizeof(*p)), 0);
		assert_true(cap > i);
		p[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], i);
	before = cap;
	old = p;
	assert_int_equal(arena_grow(&a, &p, &cap, 1 << 20, sizeof(*p)), -1);
	assert_int_equal(arena_grow(&a, &p, &cap, SIZE_MAX, sizeof(*p)), -1);
	assert_int_equal(arena_grow(&a, &p, &cap, SIZE_MAX / 2, 4), -1);
	assert_true(p == old && cap == before); /* nothing changed */
	arena_release(&a);
}

static void
note_down(void *p)
{
	struct buf *b = p;

	b->p[b->n++] = 'x';
}

static void
note_other(void *p)
{
	struct buf *b = p;

	b->p[b->n++] = 'y';
}

static void
test_defer(void **state)
{
	char text[8] = "";
	struct buf b = {.p = text};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	assert_int_equal(arena_defer(&a, note_down, &b), 0);
	assert_int_equal(arena_defer(&a, note_other, &b), 0);
	assert_string_equal(text, "");
	arena_release(&a);
	assert_string_equal(text, "yx"); /* latest first */
	arena_release(&a);
	assert_string_equal(text, "yx"); /* once */
	a.fail_at = 1;
	assert_int_equal(arena_defer(&a, note_down, &b), -1);
	assert_string_equal(text, "yxx"); /* at once, for it cannot wait */
	arena_release(&a);
	assert_string_equal(text, "yxx");
}

static void
test_copy(void **state)
{
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a, 1 << 16);
	assert_non_null(p = arena_copy(&a, "a\0b", 3));
	assert_memory_equal(p, "a\0b\0", 4);
	assert_non_null(p = arena_copy(&a, NULL, 0));
	assert_string_equal(p, "");
	arena_release(&a);
	assert_non_null(p = mem_alloc(3, 5));
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(p[i], 0);
	mem_free(p);
	mem_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_alloc),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_sizes_beyond),
	    cmocka_unit_test(test_fail_at),
	    cmocka_unit_test(test_grow),
	    cmocka_unit_test(test_defer),
	    cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
