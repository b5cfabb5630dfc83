#include "node/settings.h"

#include <ini.h>
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "node/keydir.h"
#include "record/note.h"

enum { FILE_MAX = 1024 * 1024 };
#define AT(field) offsetof(struct settings, field)

static const struct settings_row row[] = {
    {"node", "listen", SETTING_LISTEN, AT(listen), 0, 0, 0, "127.0.0.1:7474",
	"where the node listens: host:port"},
    {"node", "address", SETTING_URL, AT(address), 0, 0, 0, "",
	"the URL at which peers reach it; empty: http(s):// and listen"},
    {"node", "threads", SETTING_NUMBER, AT(threads), 1, 64, 2, NULL,
	"threads that answer requests, 1 to 64"},
    {"node", "plain", SETTING_YES, AT(plain), 0, 0, 0, "no",
	"yes: without TLS also where others could read along; behind a proxy"},
    {"exchange", "heads_s", SETTING_NUMBER, AT(heads_s), 5, 3600, 60, NULL,
	"seconds between exchanges of heads with a quiet peer, 5 to 3600"},
    {"exchange", "timeout_ms", SETTING_NUMBER, AT(timeout_ms), 1000, 600000,
	30000, NULL, "milliseconds that one exchange may take"},
    {"exchange", "batch_acts", SETTING_NUMBER, AT(batch_acts), 1, 10000, 1000,
	NULL, "acts in one bundle to a peer, 1 to 10000"},
    {"exchange", "authorities", SETTING_TEXT, AT(authorities), 0, 0, 0, "",
	"path of further certificates (PEM) that peers' ones may be signed "
	"with"},
    {"witness", "logs", SETTING_LIST, AT(logs), 0, 0, 0, "",
	"verifier key of a foreign log to witness; may stand several times"},
    {"witness", "submit", SETTING_TEXT, AT(submit), 0, 0, 0, "",
	"addresses of outside witnesses that our charter names, with spaces"},
    {"tls", "certificate", SETTING_TEXT, AT(certificate), 0, 0, 0, "",
	"path of the certificate (PEM), its chain behind it; empty: no TLS"},
    {"tls", "key", SETTING_TEXT, AT(key), 0, 0, 0, "",
	"path of the certificate's key (PEM)"},
    {"limits", "page_s", SETTING_NUMBER, AT(page_s), 0, 100000, 100, NULL,
	"pages a second for one address or officer; 0: any number"},
    {"limits", "public_s", SETTING_NUMBER, AT(public_s), 0, 100000, 2000, NULL,
	"pages a second for all strangers together; 0: any number"},
    {"limits", "act_s", SETTING_NUMBER, AT(act_s), 0, 100000, 10, NULL,
	"refused acts a second, before an address comes last; 0: any number"},
    {"limits", "attempt_min", SETTING_NUMBER, AT(attempt_min), 0, 100000, 10,
	NULL, "sign-ins and comments a minute for one address; 0: any number"},
    {"limits", "connections", SETTING_NUMBER, AT(connections), 0, 4096, 256,
	NULL, "connections of one address at once; 0: any number"},
    {"alert", "rule", SETTING_ALERT, AT(alerts), 0, 0, 0, "",
	"PROCEDURES HOW-SOON REPEAT mail:ADDRESS|hook:URL|run:PATH; several"},
    {"alert", "server", SETTING_TEXT, AT(alert_server), 0, 0, 0, "",
	"mail server of alerts: smtp://host:port or smtps://host:port"},
    {"alert", "from", SETTING_TEXT, AT(alert_from), 0, 0, 0, "",
	"mail address that alerts come from"},
    {"alert", "user", SETTING_TEXT, AT(alert_user), 0, 0, 0, "",
	"name at the mail server; empty: without"},
    {"alert", "password", SETTING_TEXT, AT(alert_password), 0, 0, 0, "",
	"path of a file with the password at the mail server"},
    {"alert", "languages", SETTING_TEXT, AT(alert_languages), 0, 0, 0, "en",
	"languages of alerts, with spaces: en ja zh ko"},
    {"alert", "tells", SETTING_YES, AT(alert_tells), 0, 0, 0, "no",
	"yes: an alert says what waits, too"},
};

struct reader { /* of one file */
	const char *path;
	const char *p, *end;
	int line;
	bool seen[COUNT(row)];
	struct settings *s;
	struct str *logs;
	struct alert_rule *alerts;
	size_t cap_logs, cap_alerts;
	struct arena *a;
	struct err *err;
	int rc;
};

size_t
settings_rows(const struct settings_row **ret)
{
	*ret = row;
	return COUNT(row);
}

static void *
field(struct settings *s, const struct settings_row *r)
{
	return (char *)s + r->offset;
}

/* host:port, or [host]:port. */
static int
parse_listen(struct str v, struct arena *a, struct settings *s, struct err *err)
{
	size_t colon = v.n;
	struct str host;

	while (colon > 0 && v.p[colon - 1] != ':')
		colon--;
	if (colon < 2)
		return err_set(err, ERR_INPUT,
		    "'%.*s' is not of the form host:port", STR_ARG(v));
	host = str_sub(v, 0, colon - 1);
	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		host = str_sub(host, 1, host.n - 1);
	else if (str_find(host, ':', 0) < host.n)
		return err_set(err, ERR_INPUT,
		    "'%.*s': write an IPv6 address as [host]:port", STR_ARG(v));
	if (host.n == 0)
		return err_set(err, ERR_INPUT, "'%.*s' has no host",
		    STR_ARG(v));
	if (num_parse(str_sub(v, colon, v.n), 0, 65535, &s->port, err) != 0)
		return err_in(err, "port: ");
	s->host = str_copy(a, host);
	return s->host.p == NULL ? err_nomem(err, "a setting") : 0;
}

static int
check_url(struct str v, struct err *err)
{
	if (v.n == 0 || str_starts(v, STR("http://")) ||
	    str_starts(v, STR("https://")))
		return 0;
	return err_set(err, ERR_INPUT,
	    "'%.*s' does not start with http:// or https://", STR_ARG(v));
}

static int
add_log(struct reader *r, struct str v, struct err *err)
{
	struct note_key key;

	if (v.n == 0)
		return 0;
	if (note_key_parse(v, &key, err) != 0)
		return -1;
	if (r->s->n_logs >= SETTINGS_LOGS_MAX)
		return err_set(err, ERR_INPUT, "more than %d logs",
		    SETTINGS_LOGS_MAX);
	if (arena_grow(r->a, &r->logs, &r->cap_logs, r->s->n_logs + 1,
		sizeof(*r->logs)) != 0)
		return err_nomem(err, "settings");
	r->logs[r->s->n_logs++] = v;
	r->s->logs = r->logs;
	return 0;
}

static int
add_alert(struct reader *r, struct str v, struct err *err)
{
	struct alert_rule rule;

	if (v.n == 0)
		return 0;
	if (alert_parse(v, &rule, err) != 0)
		return -1;
	if (r->s->n_alerts >= ALERT_RULES_MAX)
		return err_set(err, ERR_INPUT, "more than %d rules",
		    ALERT_RULES_MAX);
	if (arena_grow(r->a, &r->alerts, &r->cap_alerts, r->s->n_alerts + 1,
		sizeof(*r->alerts)) != 0)
		return err_nomem(err, "settings");
	r->alerts[r->s->n_alerts++] = rule;
	r->s->alerts = r->alerts;
	return 0;
}

static int
put_yes(bool *place, struct str v, struct err *err)
{
	if (!str_is(v, "yes") && !str_is(v, "no"))
		return err_set(err, ERR_INPUT, "'%.*s' is neither yes nor no",
		    STR_ARG(v));
	*place = str_is(v, "yes");
	return 0;
}

/* Put a value, whose text lives in the arena, into its place. */
static int
put(struct reader *r, const struct settings_row *w, struct str v,
    struct err *err)
{
	switch (w->kind) {
	case SETTING_NUMBER:
		return num_parse(v, w->lo, w->hi, field(r->s, w), err);
	case SETTING_LIST:
		return add_log(r, v, err);
	case SETTING_ALERT:
		return add_alert(r, v, err);
	case SETTING_YES:
		return put_yes(field(r->s, w), v, err);
	case SETTING_LISTEN:
		if (parse_listen(v, r->a, r->s, err) != 0)
			return -1;
		break;
	case SETTING_URL:
		if (check_url(v, err) != 0)
			return -1;
		break;
	case SETTING_TEXT:
		break;
	}
	*(struct str *)field(r->s, w) = v;
	return 0;
}

static int
take(struct reader *r, const char *section, const char *name, const char *value)
{
	struct str v = str_copy(r->a, str_of(value));
	size_t i = 0;

	while (i < COUNT(row) && (strcmp(section, row[i].section) != 0 ||
				     strcmp(name, row[i].name) != 0))
		i++;
	if (i == COUNT(row))
		return err_set(r->err, ERR_INPUT,
		    "there is no setting '%s' in a section [%s]; 'comity help "
		    "settings' lists them",
		    name, section);
	if (r->seen[i] && row[i].kind != SETTING_LIST &&
	    row[i].kind != SETTING_ALERT)
		return err_set(r->err, ERR_INPUT,
		    "'%s' stands twice: remove one", name);
	r->seen[i] = true;
	if (v.p == NULL)
		return err_nomem(r->err, "settings");
	if (!text_is_utf8(span_of(v)))
		return err_set(r->err, ERR_INPUT, "'%s' is not UTF-8", name);
	return put(r, &row[i], v, r->err) != 0
	           ? err_in(r->err, "'%s' (%s): ", name, row[i].help)
	           : 0;
}

/* inih's form: 1 is good.  After a first fault the rest is only read over. */
static int
on_value(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;

	if (r->rc != 0)
		return 1;
	r->rc = take(r, section, name, value == NULL ? "" : value);
	if (r->rc != 0)
		(void)err_in(r->err, "%s, line %d: ", r->path, r->line);
	return 1;
}

/* inih's form of fgets(); it counts the lines, and a line that inih would cut
 * in two is a fault. */
static char *
next_line(char *out, int room, void *stream)
{
	struct reader *r = stream;
	size_t n = 0;

	if (r->p == r->end || r->rc != 0)
		return NULL;
	while (r->p + n < r->end && r->p[n] != '\n')
		n++;
	r->line++;
	if (n > SETTINGS_LINE_MAX - 1 || n + 2 > (size_t)room ||
	    memchr(r->p, '\0', n) != NULL) {
		r->rc = err_set(r->err, ERR_INPUT,
		    "%s, line %d: more than %d bytes, or no text", r->path,
		    r->line, SETTINGS_LINE_MAX - 1);
		return NULL;
	}
	memcpy(out, r->p, n);
	out[n] = '\n';
	out[n + 1] = '\0';
	r->p += n < (size_t)(r->end - r->p) ? n + 1 : n;
	return out;
}

static int
put_usual(struct reader *r, struct err *err)
{
	for (size_t i = 0; i < COUNT(row); i++) {
		if (row[i].kind == SETTING_NUMBER)
			*(int64_t *)field(r->s, &row[i]) = row[i].usual;
		else if (put(r, &row[i], str_of(row[i].text), err) != 0)
			return -1;
	}
	return 0;
}

static int
read_text(struct reader *r, struct str text, struct err *err)
{
	int line;

	r->p = text.p;
	r->end = text.p + text.n;
	line = ini_parse_stream(next_line, r, on_value, r);
	if (r->rc != 0)
		return -1;
	if (line != 0)
		return err_set(err, ERR_INPUT,
		    "%s, line %d: neither [section] nor name = value", r->path,
		    line < 0 ? 1 : line);
	if ((r->s->certificate.n == 0) != (r->s->key.n == 0))
		return err_set(err, ERR_INPUT,
		    "%s: [tls] needs both certificate and key, or neither",
		    r->path);
	for (size_t i = 0; i < r->s->n_alerts; i++)
		if (r->s->alerts[i].way == ALERT_MAIL &&
		    (r->s->alert_server.n == 0 || r->s->alert_from.n == 0))
			return err_set(err, ERR_INPUT,
			    "%s: [alert] mail needs 'server' and 'from'",
			    r->path);
	if (r->s->address.n == 0)
		r->s->address = str_fmt(r->a, "%s://%.*s",
		    r->s->certificate.n > 0 ? "https" : "http",
		    STR_ARG(r->s->listen));
	return r->s->address.p == NULL ? err_nomem(err, "settings") : 0;
}

struct str
settings_path(const char *folder, struct str path, struct arena *a)
{
	return path.n == 0 || str_starts(path, STR("/"))
	           ? str_copy(a, path)
	           : str_fmt(a, "%s/%.*s", folder, STR_ARG(path));
}

int
settings_load(const char *folder, struct arena *a, struct settings *ret,
    struct err *err)
{
	struct settings s = {.port = 0};
	struct err bad;
	struct reader r = {.s = &s, .a = a, .err = &bad};
	struct str text = STR("");

	r.path = str_fmt(a, "%s/comity.ini", folder).p;
	if (r.path == NULL)
		return err_nomem(err, "settings");
	if (keydir_load(r.path, FILE_MAX, a, &text, &bad) != 0) {
		if (bad.code != ERR_ABSENT)
			goto failed;
		text = STR("");
	}
	if (put_usual(&r, &bad) != 0 || read_text(&r, text, &bad) != 0)
		goto failed;
	*ret = s;
	return 0;
failed:
	*err = bad;
	return -1;
}

static bool
is_written(struct buf *b, const struct settings_row *w,
    const struct settings_value *v, size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(v[i].section, w->section) != 0 ||
		    strcmp(v[i].name, w->name) != 0)
			continue;
		buf_fmt(b, "%s = ", w->name);
		buf_str(b, v[i].value);
		buf_char(b, '\n');
		found = true;
	}
	return found;
}

static void
write_rows(struct buf *b, const struct settings_value *v, size_t n)
{
	const char *section = "";

	for (size_t i = 0; i < COUNT(row); i++) {
		const struct settings_row *w = &row[i];

		if (strcmp(section, w->section) != 0)
			buf_fmt(b, "%s[%s]\n", i == 0 ? "" : "\n", w->section);
		section = w->section;
		buf_fmt(b, "; %s\n", w->help);
		if (is_written(b, w, v, n))
			continue;
		if (w->kind == SETTING_NUMBER)
			buf_fmt(b, "; %s = %lld\n", w->name,
			    (long long)w->usual);
		else
			buf_fmt(b, "; %s = %s\n", w->name, w->text);
	}
}

int
settings_write_default(const char *folder, const struct settings_value *v,
    size_t n, struct err *err)
{
	struct settings s = {.port = 0};
	struct arena a;
	struct reader r = {.s = &s, .a = &a, .err = err};
	struct buf b;
	struct str text;
	int rc = -1;

	arena_init(&a, 4 * FILE_MAX);
	r.path = str_fmt(&a, "%s/comity.ini", folder).p;
	buf_init(&b, &a);
	write_rows(&b, v, n);
	if (r.path == NULL)
		(void)err_nomem(err, "settings");
	else if (buf_done(&b, &text, err) == 0 && put_usual(&r, err) == 0 &&
		 read_text(&r, text, err) == 0)
		rc = keydir_save(r.path, text, false, err);
	arena_release(&a);
	return rc;
}
