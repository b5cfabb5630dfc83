/*
 * cases: what the tests of base share: cmocka with the headers that it wants
 * before it, and an arena a test.
 */
#ifndef TESTS_CASES_H
#define TESTS_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"
#include "base/text.h"

/* A failure names the row of its table. */
#define CASE_TRUE(row, what)                                                   \
	do {                                                                   \
		if (!(what))                                                   \
			fail_msg("row %zu: %s", (size_t)(row), #what);         \
	} while (0)

#endif
