#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/when.h"

static void line(const char *level, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
line(const char *level, const char *fmt, va_list ap)
{
	char text[600], now[WHEN_TEXT];

	when_write(clock_utc_us() / 1000000 * 1000000, now);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* may cut */
	text_clean(text); /* a forged line break would forge a line */
	(void)fprintf(stderr, "%s %s: %s\n", now, level, text);
}

void
diag_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("info", fmt, ap);
	va_end(ap);
}

void
diag_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("warning", fmt, ap);
	va_end(ap);
}
