#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#undef err_set
#undef err_in

static const struct {
	int http, exit;
	const char *name;
} outcome[] = {
    [ERR_NONE] = {200, 0, "ok"},
    [ERR_INPUT] = {400, 2, "input"},
    [ERR_DENIED] = {403, 3, "denied"},
    [ERR_ABSENT] = {404, 4, "absent"},
    [ERR_CONFLICT] = {409, 5, "conflict"},
    [ERR_BUSY] = {503, 6, "busy"},
    [ERR_NOMEM] = {503, 7, "nomem"},
    [ERR_IO] = {500, 8, "io"},
    [ERR_CORRUPT] = {500, 9, "corrupt"},
};
static_assert(COUNT(outcome) == ERR_CODES, "each error code has an outcome");

int
err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	char text[sizeof(err->text)]; /* the arguments may point into err */
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* may cut */
	va_end(ap);
	text_clean(text);
	memcpy(err->text, text, sizeof(text));
	err->rule[0] = err->where[0] = '\0';
	err->code = code;
	return -1;
}

int
err_rule(struct err *err, const char *rule, struct str where)
{
	(void)snprintf(err->rule, sizeof(err->rule), "%s", rule);
	(void)snprintf(err->where, sizeof(err->where), "%.*s", STR_ARG(where));
	text_clean(err->where); /* what was cut may end inside a letter */
	return -1;
}

int
err_in(struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(text))
		(void)snprintf(text + n, sizeof(text) - (size_t)n, "%s",
		    err->text); /* may cut */
	text_clean(text);
	memcpy(err->text, text, sizeof(text));
	return -1;
}

int
err_http(enum err_code code)
{
	return outcome[code].http;
}

int
err_exit(enum err_code code)
{
	return outcome[code].exit;
}

const char *
err_name(enum err_code code)
{
	return outcome[code].name;
}

enum err_code
err_named(const char *name)
{
	for (size_t i = 0; i < COUNT(outcome); i++)
		if (strcmp(outcome[i].name, name) == 0)
			return (enum err_code)i;
	return ERR_IO;
}
