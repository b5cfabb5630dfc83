#include "web/page.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/num.h"
#include "node/keydir.h"
#include "web/mustache.h"

enum { PAGES_ARENA = 256 * 1024 * 1024, TEMPLATE_MAX = 1024 * 1024 };
static const struct str suffix = {".mustache", 9};

struct named { /* a template or a word */
	struct str name, text;
	const struct mustache *t;
};
struct shelf { /* sorted by name */
	struct named *at;
	size_t n, cap;
};
struct pages {
	struct arena a;
	struct shelf templates, words[LANGS];
};

static int
by_name(const void *x, const void *y)
{
	const struct named *a = x, *b = y;

	return str_cmp(a->name, b->name);
}

static const struct named *
shelf_find(const struct shelf *s, struct str name)
{
	struct named want = {.name = name};

	return s->n == 0 ? NULL
	                 : bsearch(&want, s->at, s->n, sizeof(*s->at), by_name);
}

static int
shelf_add(struct pages *p, struct shelf *s, struct str name, struct str text,
    struct err *err)
{
	struct mustache_options o = {.raw = false};
	struct named *x;

	if (arena_grow(&p->a, &s->at, &s->cap, s->n + 1, sizeof(*s->at)) != 0)
		return err_nomem(err, "templates");
	x = &s->at[s->n];
	x->name = name;
	x->text = text;
	if (mustache_compile(name, text, &o, &p->a, &x->t, err) != 0)
		return -1;
	s->n++;
	return 0;
}

/* ---- words: lang/NAME.json: {"board.title": {"en": "", ...}} ---- */

static int
add_words(struct pages *p, const char *file, struct span text, struct err *err)
{
	const struct js *all;

	if (js_parse(text, &p->a, &all, err) != 0)
		return err_in(err, "%s: ", file);
	for (struct js_each e = {0}; js_next(all, &e);)
		for (size_t i = 0; i < LANGS; i++) {
			const struct js *word =
			    js_get_at(e.value, lang_code[i]);

			if (js_type(word) != JS_TEXT)
				return err_set(err, ERR_INPUT,
				    "%s: '%.*s' has no text in '%s'", file,
				    STR_ARG(e.key), lang_code[i].p);
			if (shelf_add(p, &p->words[i], e.key, js_str(word),
				err) != 0)
				return err_in(err, "%s: ", file);
		}
	return 0;
}

/* ---- templates ---- */

/* One of the folder stands for ours of its name. */
static int
own_or_theirs(struct pages *p, const char *folder, const struct embed *e,
    struct str *ret, struct err *err)
{
	const char *path;

	*ret = (struct str){(const char *)e->data, e->size};
	if (folder == NULL)
		return 0;
	path = str_fmt(&p->a, "%s/%s", folder, e->name).p;
	if (path == NULL)
		return err_nomem(err, "templates");
	if (keydir_load(path, TEMPLATE_MAX, &p->a, ret, err) == 0) {
		if (!text_is_utf8(span_of(*ret)))
			return err_set(err, ERR_INPUT, "%s is not UTF-8", path);
		return 0;
	}
	return err->code == ERR_ABSENT ? 0 : -1;
}

static int
add_templates(struct pages *p, const char *folder, struct err *err)
{
	for (const struct embed *e = embed_templates; e->name != NULL; e++) {
		struct str name = str_of(e->name), text;
		struct err bad = {.code = ERR_NONE};

		if (own_or_theirs(p, folder, e, &text, &bad) != 0) {
			*err = bad;
			return -1;
		}
		name = str_sub(name, 0, name.n - suffix.n);
		if (shelf_add(p, &p->templates, name, text, err) != 0)
			return -1;
	}
	return 0;
}

/* A file of the folder that replaces nothing is a slip of the pen. */
static int
check_folder(const struct pages *p, const char *folder, struct err *err)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	int rc = 0;

	if (d == NULL)
		return err_set(err, ERR_ABSENT, "no folder of templates: %s",
		    folder);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		struct str name = str_of(e->d_name);

		if (!str_ends(name, suffix))
			continue;
		name = str_sub(name, 0, name.n - suffix.n);
		if (shelf_find(&p->templates, name) == NULL)
			rc = err_set(err, ERR_INPUT,
			    "%s/%s replaces no template: there is none of "
			    "this name",
			    folder, e->d_name);
	}
	(void)closedir(d);
	return rc;
}

static void
sort(struct shelf *s)
{
	if (s->n > 0)
		qsort(s->at, s->n, sizeof(*s->at), by_name);
}

int
pages_open(const char *folder, struct pages **ret, struct err *err)
{
	struct pages *p = mem_alloc(1, sizeof(*p));

	if (p == NULL)
		return err_nomem(err, "pages");
	arena_init(&p->a, PAGES_ARENA);
	if (add_templates(p, folder, err) != 0)
		goto bad;
	for (const struct embed *e = embed_lang; e->name != NULL; e++)
		if (add_words(p, e->name, (struct span){e->data, e->size},
			err) != 0)
			goto bad;
	sort(&p->templates);
	for (size_t i = 0; i < LANGS; i++)
		sort(&p->words[i]);
	if (folder != NULL && check_folder(p, folder, err) != 0)
		goto bad;
	*ret = p;
	return 0;
bad:
	pages_close(p);
	return -1;
}

void
pages_close(struct pages *p)
{
	if (p == NULL)
		return;
	arena_release(&p->a);
	mem_free(p);
}

bool
page_is_known(const struct pages *p, const char *name)
{
	return shelf_find(&p->templates, str_of(name)) != NULL;
}

/* ---- what rendering asks ---- */

struct look {
	const struct pages *pages;
	const struct page *page;
};

static const struct mustache *
partial(void *ctx, struct str name)
{
	const struct look *l = ctx;
	const struct named *x =
	    str_find(name, '.', 0) < name.n
		? shelf_find(&l->pages->words[l->page->lang], name)
		: shelf_find(&l->pages->templates, name);

	return x == NULL ? NULL : x->t;
}

/* The text of a map by language: the reader's, English, or what is there. */
static bool
text(void *ctx, const struct js *map, struct str *ret)
{
	const struct look *l = ctx;
	const struct js *j = js_get_at(map, lang_code[l->page->lang]);
	struct js_each e = {0};

	if (js_type(j) != JS_TEXT)
		j = js_get(map, "en");
	if (js_type(j) != JS_TEXT && js_next(map, &e))
		j = e.value;
	*ret = js_str(j);
	return js_type(j) == JS_TEXT;
}

static bool
format(void *ctx, const struct js *value, struct str way, struct arena *a,
    struct str *ret)
{
	const struct look *l = ctx;
	const struct js *names;
	const struct named *word;

	if (speak(l->page->lang, value, way, a, ret))
		return true;
	if (js_type(value) != JS_TEXT)
		return false;
	if (str_is(way, "name")) {
		names = js_get_at(l->page->parties, js_str(value));
		if (names == NULL || !text(ctx, names, ret))
			*ret = js_str(value);
		return true;
	}
	word = shelf_find(&l->pages->words[l->page->lang],
	    str_fmt(a, "%.*s.%.*s", STR_ARG(way), STR_ARG(js_str(value))));
	if (word == NULL)
		return false;
	*ret = word->text;
	return true;
}

int
page_render(const struct pages *pages, const struct page *page, struct arena *a,
    struct str *ret, struct err *err)
{
	const struct named *t =
	    shelf_find(&pages->templates, str_of(page->name));
	struct look l = {pages, page};
	const struct mustache_world w = {.ctx = &l,
	    .partial = partial,
	    .format = format,
	    .text = text};
	const struct js *context[] = {page->around, page->model};

	if (t == NULL)
		return err_set(err, ERR_ABSENT, "no template '%s'", page->name);
	return mustache_render(t->t, &w, context, COUNT(context), a, ret, err);
}
