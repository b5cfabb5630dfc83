/*
 * say: what a person reads: text and tables on standard output, aligned by the
 * width of characters on a terminal (a Han character takes two columns).  Text
 * from others never reaches the terminal raw: control characters, and those
 * that turn the writing's direction, become U+FFFD.  Colour is for terminals
 * only and never alone carries a meaning; NO_COLOR ends it.
 */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include "base/js.h"
#include "base/text.h"

enum say_lang { SAY_EN, SAY_JA, SAY_ZH, SAY_KO, SAY_LANGS };
const char *say_lang_name(enum say_lang lang); /* "en" */
/* "ja", "ja_JP.UTF-8"; false where it is none of ours. */
bool say_is_lang(struct str s, enum say_lang *ret);
/* By LC_ALL, LC_MESSAGES, LANG; English otherwise. */
enum say_lang say_lang(void);
/* {"en": ..., "ja": ...} in this language, else in English, else any. */
struct str say_title(const struct js *titles, enum say_lang lang);

/* One of our own few words; itself where it has no other form. */
struct str say_word(struct str english, enum say_lang lang);

/* Columns on a terminal; needs a UTF-8 locale (command_main sets one). */
size_t say_width(struct str s);
/* Its beginning that fits into so many columns. */
struct str say_cut(struct str s, size_t columns);

/* One line of anyone's that a terminal may show, for prompts. */
struct str say_clean(struct arena *a, struct str s);

enum say_style { SAY_PLAIN, SAY_BOLD, SAY_FAINT, SAY_GOOD, SAY_BAD };
struct say { /* gathered, then written at once */
	struct buf b;
	bool color;
};
void say_begin(struct say *s, struct arena *a);
void say_fmt(struct say *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));     /* our own words */
void say_text(struct say *s, struct str text); /* one line of anyone's */
void say_block(struct say *s, struct str text, unsigned indent); /* lines */
void say_style(struct say *s, enum say_style style, struct str text);
int say_end(struct say *s, struct err *err);

struct say_table {
	struct arena *a;
	size_t columns, n, cap; /* n cells */
	struct str *cell;
	bool failed;
};
void say_table_begin(struct say_table *t, struct arena *a, size_t columns,
    const struct str *head);
void say_table_row(struct say_table *t, const struct str *cell);
/* The same with a head of our own words. */
void say_table_heads(struct say_table *t, struct arena *a, enum say_lang lang,
    size_t columns, const char *const *head);
/* Columns that a narrow terminal has no room for go on below, indented. */
void say_table_end(struct say_table *t, struct say *s);

/* "2026-03-02 09:00:00 UTC" of an RFC 3339 time; "-" of null. */
struct str say_time(struct arena *a, const struct js *time);
/* "3 d 4 h left", "12 min over"; "-" of null. */
struct str say_left(struct arena *a, const struct js *due, int64_t left_us);
struct str say_left_in(struct arena *a, enum say_lang lang,
    const struct js *due, int64_t left_us);
/* 64 hex digits in groups of four, for reading aloud. */
struct str say_fingerprint(struct arena *a, struct str hex);
/* "JPN, CHN" of a list; a text as it is. */
struct str say_list(struct arena *a, const struct js *list);

#endif
