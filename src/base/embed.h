/*
 * embed: files that are part of the program (SQL, procedures, pages), as tables
 * made by tools/embed.py.  A row without a name ends a table.
 */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include <stddef.h>

struct embed {
	const char *name;          /* without its folder */
	const unsigned char *data; /* a NUL behind it */
	size_t size;
};

extern const struct embed embed_sql[];
extern const struct embed embed_procedures[];
extern const struct embed embed_templates[];
extern const struct embed embed_lang[];
extern const struct embed embed_assets[];
extern const struct embed embed_words[];
extern const struct embed embed_openapi[];

#endif
