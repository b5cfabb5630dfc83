/* Labels and entries, against numbers that Python's hashlib gave. [D4.2] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/num.h"
#include "record/label.h"
#include "record/log.h"

/*
 * matter = bytes 0 to 31, charter = bytes 32 to 63:
 * sha256(b"comity/label/1\0" + matter + charter + k.to_bytes(4, "big"))[:16]
 */
static const struct {
	uint32_t k;
	const char *hex;
} labels[] = {
    {0, "597d9fa99111bb4ae9353c9bde8d5e5f"},
    {1, "58cbde266b98075fb1758d5be4e992c8"},
    {258, "5feb2020e95e124537710ea8efb272b6"},
    {UINT32_MAX, "436ec70a248a0acdbebaab05ac35d955"},
};

static void
count_up(uint8_t *p, size_t n, uint8_t from)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(from + i); /* below 256 */
}

static void
test_labels(void **state)
{
	struct id matter, charter;

	(void)state;
	count_up(matter.b, 32, 0);
	count_up(charter.b, 32, 32);
	for (size_t i = 0; i < COUNT(labels); i++) {
		struct label l = label_of(&matter, &charter, labels[i].k);
		struct label same = l;
		char hex[2 * LABEL_BYTES + 1];

		hex_write(l.b, sizeof(l.b), hex);
		assert_string_equal(hex, labels[i].hex);
		assert_true(label_eq(&l, &same));
		same.b[LABEL_BYTES - 1] ^= 1;
		assert_false(label_eq(&l, &same));
	}
}

/* Each part counts. */
static void
test_parts(void **state)
{
	struct id matter, charter, other;
	struct label l, m;

	(void)state;
	count_up(matter.b, 32, 0);
	count_up(charter.b, 32, 32);
	l = label_of(&matter, &charter, 7);
	other = matter;
	other.b[31] ^= 1;
	m = label_of(&other, &charter, 7);
	assert_false(label_eq(&l, &m));
	m = label_of(&matter, &other, 7);
	assert_false(label_eq(&l, &m));
	m = label_of(&charter, &matter, 7);
	assert_false(label_eq(&l, &m));
	m = label_of(&matter, &charter, 8);
	assert_false(label_eq(&l, &m));
}

static void
test_entries(void **state)
{
	uint8_t bytes[ENTRY_BYTES], again[ENTRY_BYTES];
	struct entry e;
	struct id leaf, same;
	char hex[65];

	(void)state;
	count_up(bytes, sizeof(bytes), 0);
	e = label_entry_read(bytes);
	assert_memory_equal(e.act.b, bytes, 32);
	assert_memory_equal(e.label.b, bytes + 32, 16);
	label_entry_write(&e, again);
	assert_memory_equal(bytes, again, sizeof(bytes));
	/* sha256(b"\0" + bytes(range(48))) */
	leaf = label_entry_leaf(&e);
	hex_write(leaf.b, sizeof(leaf.b), hex);
	assert_string_equal(hex, "a635c52c894341ef64972f03efe55f46"
				 "a297d0b4dcefffd0a249eaf014dce0c1");
	same = log_leaf((struct span){bytes, sizeof(bytes)});
	assert_true(id_eq(&leaf, &same));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_labels),
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
