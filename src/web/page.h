/*
 * page: a view's model made into a page.  Templates (templates/) and words
 * (lang/) are part of the program; a folder may replace templates.
 *
 * A template sees the model and, around it, what every page has: `lang`,
 * `languages`, `officer`, `own`, `path`, `nav`, `now`.  A partial whose name
 * has a dot is a word of lang/ ({{>board.title}}): itself a template, rendered
 * where it stands.  A name asked of a value is a way to write it
 * ({{due.when}}): speak.h, or a word ({{status.term}}: "term.open"). P1  pages
 * are const once opened; threads share them.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "base/js.h"
#include "web/speak.h"

struct pages;
/* ERR_INPUT: a template that does not compile, with its name and line. */
int pages_open(const char *folder, struct pages **ret, struct err *err);
void pages_close(struct pages *p);
bool page_is_known(const struct pages *p, const char *name);

struct page {             /* one that is asked for */
	const char *name; /* of its template */
	enum lang lang;
	const struct js *around; /* what every page has */
	const struct js *model;
	const struct js *parties; /* code to its names in languages */
};
int page_render(const struct pages *pages, const struct page *page,
    struct arena *a, struct str *ret, struct err *err);

#endif
