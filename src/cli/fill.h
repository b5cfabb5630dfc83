/*
 * fill: the body of an act from what a person gives: "field=value" on the
 * command line, or answers at a terminal, typed by the procedure's form.
 *
 *   subject=Text                text, choice, time, duration, party, officer
 *   reply_by=+PT4H              a time from now
 *   parties=JPN,CHN             lists; a field that is many may be given again
 *   message=en:Text             texts: language, "*" behind it: authentic
 *   note=@note.txt              long texts from a file
 *   period=2026-03-01/2026-04   start and end
 *   casualties=2,10,4           range: low, high, best
 *   place=35.1,139.2,500        latitude, longitude, radius in metres
 *   files=report.pdf            a file, attached: its hash, name, type, size
 *   ref=JPN-57                  an act or a matter
 *   brackets.1.passage=Text     the first of several groups
 * A value that starts with "{" or "[" is JSON.
 */
#ifndef CLI_FILL_H
#define CLI_FILL_H

#include "base/js.h"
#include "cli/say.h"

/* "JPN-57" to the hex id of the act, or of its matter. */
typedef int fill_find_fn(void *ctx, struct str ref, bool matter,
    struct str *ret_hex, struct err *err);
/* Give a file to the node; *ret is the field's value. */
typedef int fill_attach_fn(void *ctx, struct str path, const struct js **ret,
    struct err *err);
struct fill_item {
	struct str path, value;
	bool used;
};
struct fill { /* set the upper part; the rest is fill's own */
	const struct js *fields; /* of the procedure, by name */
	const struct js *form;   /* [{"name", "optional"}] */
	enum say_lang lang;
	int64_t now_us;
	fill_find_fn *find;
	fill_attach_fn *attach; /* NULL: files are only measured */
	void *ctx;
	struct arena *a;

	size_t n, cap;
	struct fill_item *item;
};
/* "field=value".  ERR_INPUT where there is no "=". */
int fill_add(struct fill *f, struct str assignment, struct err *err);
/* Ask for each field of the form at the terminal. */
int fill_ask(struct fill *f, struct err *err);
/* The body.  ERR_INPUT: no such field (with the nearest), or a value that does
 * not fit its type. */
int fill_body(struct fill *f, struct js_make *make, struct js **ret,
    struct err *err);
/* By the end of a file's name. */
struct str fill_media_type(struct str name);
/* What a value of this field looks like, for hints and errors. */
struct str fill_hint(const struct js *field, struct arena *a);

#endif
