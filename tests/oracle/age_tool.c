/*
 * age_tool: our sealing and opening as a command, for age.sh.
 *   age_tool seal RECIPIENT... <plain >sealed
 *   age_tool open IDENTITY     <sealed >plain
 *   age_tool box IDENTITY      prints the recipient
 * Ends with err_exit() of the error's code.
 */
#include <stdio.h>
#include <string.h>

#include "record/age.h"

enum { MEMORY = 64 << 20, TO_MAX = 16 };

static int
read_all(struct arena *a, struct span *ret, struct err *err)
{
	char part[4096];
	struct buf b;
	struct str s;
	size_t n;

	buf_init(&b, a);
	while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
		buf_add(&b, part, n);
	if (buf_done(&b, &s, err) != 0)
		return -1;
	*ret = span_of(s);
	return 0;
}

static int
seal(char *const *to, size_t n, struct arena *a, struct span *ret,
    struct err *err)
{
	struct box box[TO_MAX];
	struct span in;

	if (n > TO_MAX)
		return err_set(err, ERR_INPUT, "too many recipients");
	for (size_t i = 0; i < n; i++)
		if (age_box_parse(str_of(to[i]), &box[i], err) != 0)
			return -1;
	if (read_all(a, &in, err) != 0)
		return -1;
	return age_seal(in, box, n, NULL, NULL, a, ret, err);
}

static int
with_identity(const char *what, const char *identity, struct arena *a,
    struct span *ret, struct err *err)
{
	struct secret *s;
	struct span in;
	struct box box;
	int rc;

	if (age_identity_parse(str_of(identity), &s, err) != 0)
		return -1;
	if (strcmp(what, "box") == 0) {
		box = age_box(s);
		*ret = span_of(age_box_text(a, &box));
		rc = 0;
	} else if ((rc = read_all(a, &in, err)) == 0) {
		rc = age_open(in, s, a, ret, err);
	}
	key_secret_free(s);
	return rc;
}

int
main(int argc, char **argv)
{
	struct err err = {0};
	struct span out = {NULL, 0};
	struct arena a;
	int rc;

	if (argc < 3)
		return 2;
	arena_init(&a, MEMORY);
	rc = key_start(&err);
	if (rc == 0 && strcmp(argv[1], "seal") == 0)
		rc = seal(argv + 2, (size_t)argc - 2, &a, &out, &err);
	else if (rc == 0)
		rc = with_identity(argv[1], argv[2], &a, &out, &err);
	if (rc == 0 && out.n > 0 && fwrite(out.p, 1, out.n, stdout) != out.n)
		rc = err_set(&err, ERR_IO, "the output cannot be written");
	if (rc != 0)
		(void)fprintf(stderr, "age_tool: %s\n", err.text);
	arena_release(&a);
	return rc == 0 ? 0 : err_exit(err.code);
}
