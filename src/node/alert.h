/*
 * alert: tells officers who are away from the screen that something waits for
 * their party: by mail, by a web hook, or by a command of the operator's.  One
 * rule (a setting) says which kinds of matter, how soon, how often again until
 * it is done, and whom.  Unless told otherwise an alert says that something
 * waits, not what.  A rule has a thread: a slow mail server holds up no other.
 */
#ifndef NODE_ALERT_H
#define NODE_ALERT_H

#include "base/text.h"

struct node;
enum { ALERT_RULES_MAX = 16 };
enum alert_way { ALERT_MAIL, ALERT_HOOK, ALERT_RUN };

struct alert_rule { /* "message,crisis PT0S PT5M mail:watch@example.org" */
	struct str procedures;       /* names with commas; "*": all */
	int64_t after_us, repeat_us; /* repeat 0: once */
	enum alert_way way;
	struct str to; /* addresses with commas; a URL; a path */
};
const char *alert_way_name(enum alert_way way); /* "mail", "hook", "run" */
int alert_parse(struct str text, struct alert_rule *ret, struct err *err);

/* What one alert says. */
struct alert {
	size_t n; /* that wait */
	bool has_due;
	int64_t due_us;  /* of the first */
	struct str list; /* one line each: only where settings tell what */
	bool is_test;
};
/* Send one by a rule now. */
int alert_send(struct node *n, const struct alert_rule *r,
    const struct alert *alert, struct arena *a, struct err *err);

/* Threads of the rules of n->settings: start, and end with the node. */
struct alerts;
int alerts_start(struct node *n, struct alerts **ret, struct err *err);
void alerts_stop(struct alerts *s); /* the node is stopping already */

#endif
