/*
 * settings: comity.ini in a node's folder.  One const table names them all; a
 * name that it does not have and a value out of bounds are refused with file
 * and line, so that a slip of the pen never runs as a default.
 */
#ifndef NODE_SETTINGS_H
#define NODE_SETTINGS_H

#include "base/text.h"
#include "node/alert.h"

enum { SETTINGS_LOGS_MAX = 1000, SETTINGS_LINE_MAX = 199 };

struct settings {
	struct str listen; /* host:port; [host]:port where host has colons */
	struct str host;   /* of listen */
	int64_t port;      /* of listen; 0: any free one */
	struct str
	    address;     /* the URL that peers are told; of listen if unset */
	int64_t threads; /* 1 to 64 */
	bool plain;      /* no TLS, wherever it listens */
	int64_t heads_s; /* 5 to 3600 */
	int64_t timeout_ms; /* of one exchange: 1000 to 600000 */
	int64_t batch_acts; /* in one bundle to a peer: 1 to 10000 */
	size_t n_logs;      /* verifier keys of foreign logs to witness */
	const struct str *logs;
	struct str submit; /* addresses of outside witnesses, with spaces */
	struct str certificate, key; /* paths; empty: no TLS */
	struct str authorities;      /* path; empty: the system's alone */
	/* Of one address; 0: any number. */
	int64_t page_s, act_s, attempt_min, connections;
	int64_t public_s; /* of all strangers together */
	size_t n_alerts;
	const struct alert_rule *alerts;
	struct str alert_server, alert_from, alert_user;
	struct str alert_password;  /* path of a file that holds it */
	struct str alert_languages; /* with spaces */
	bool alert_tells;           /* what waits, not only that */
};

enum settings_kind {
	SETTING_TEXT,
	SETTING_NUMBER,
	SETTING_LISTEN,
	SETTING_URL,
	SETTING_YES,  /* yes or no */
	SETTING_LIST, /* verifier keys; may stand several times */
	SETTING_ALERT /* rules; may stand several times */
};
struct settings_row { /* for help, and for writing a first file */
	const char *section, *name;
	enum settings_kind kind;
	size_t offset; /* in struct settings */
	int64_t lo, hi, usual;
	const char *text; /* the usual text */
	const char *help; /* one line */
};
size_t settings_rows(const struct settings_row **ret);

/* Read folder/comity.ini; where there is none, all is as usual.  Texts live in
 * the arena and have a NUL behind them.  ERR_INPUT: file, line, what to do. */
int settings_load(const char *folder, struct arena *a, struct settings *ret,
    struct err *err);

/* A path of a setting, which starts at the folder where it is relative.  .p
 * NULL: no memory. */
struct str settings_path(const char *folder, struct str path, struct arena *a);

/* A value that a first file has instead of the usual one. */
struct settings_value {
	const char *section, *name;
	struct str value;
};
/* Write folder/comity.ini with each setting and its help.  ERR_INPUT: a value
 * that would not be read back; ERR_CONFLICT: there is such a file. */
int settings_write_default(const char *folder, const struct settings_value *v,
    size_t n, struct err *err);

#endif
