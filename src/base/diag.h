/*
 * diag: what a running program says to its operator, one line a thing on
 * standard error, with the time.  Never a secret.  ("Log" means a party's log.)
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

void diag_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void diag_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
