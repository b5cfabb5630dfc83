/*
 * mail: one message to a mail server (SMTP, RFC 5321), by libcurl: plain text
 * in UTF-8.  TLS: smtps:// from the first byte; smtp:// asks for it (STARTTLS)
 * and, unless the server is on loopback, sends nothing without.
 */
#ifndef NODE_MAIL_H
#define NODE_MAIL_H

#include "base/text.h"

enum { MAIL_TO_MAX = 50, MAIL_TIMEOUT_MS = 30000 };

struct mail {
	struct str server;         /* smtp://host:port, smtps://host:port */
	struct str user, password; /* empty: without */
	struct str from;
	size_t n_to;
	const struct str *to;
	struct str subject, text;
	int64_t now_us;
};
/* Is it one address (local@domain), of ASCII that no header or command can be
 * made from? */
bool mail_is_address(struct str s);
/* ERR_INPUT: an address or the server's URL; ERR_IO: the server's refusal, in
 * its words. */
int mail_send(const struct mail *m, struct arena *a, struct err *err);

#endif
