/*
 * view: what the views of the routes share: the request's look at the node,
 * and the model that a view builds.
 */
#ifndef WEB_VIEW_H
#define WEB_VIEW_H

#include "node/query.h"
#include "web/page.h"
#include "web/session.h"
#include "web/web.h"

struct web {
	struct node *n;
	struct pages *pages;           /* NULL: JSON alone */
	struct sessions *sessions;     /* NULL with it */
	struct sheets *sheets;         /* NULL: none are kept */
	struct enrolments *enrolments; /* NULL with sessions */
	struct shelf *shelf;           /* NULL: no archive is kept */
};

struct view {
	struct web *w;
	struct query q;
	const struct web_request *request;
	enum web_reader reader;
	struct session officer; /* who it is, where reader is WEB_OFFICER */
	enum lang lang;         /* of the reader; for lists in its order alone:
	                         * a model has all languages */
	struct str part[4];     /* what stood for {} in the route's path */
	struct js_make make;
	struct js *model;      /* what is answered, unless body is set */
	struct web_answer ans; /* status 0: 200; body, where it is no model */
	bool later;            /* nothing to answer yet: request->later */
	const char *page;      /* the route's; a view may choose another */
};
typedef int view_fn(struct view *v, struct err *err);

/* A cookie of the request; .p NULL where it is absent. */
struct str view_cookie(struct view *v, const char *name);
/* A parameter of the query, decoded; .p NULL where it is absent. */
struct str view_param(struct view *v, const char *name);
/* Number of a parameter within bounds; `usual` where absent. */
int view_number(struct view *v, const char *name, int64_t lo, int64_t hi,
    int64_t usual, int64_t *ret, struct err *err);
/* The request's body as a JSON object. */
int view_json(struct view *v, const struct js **ret, struct err *err);
/* A field of a form that a page without scripts sends
 * (application/x-www-form-urlencoded); .p NULL where it is absent. */
struct str view_field(struct view *v, const char *name);
void view_time(struct view *v, struct js *in, const char *key, bool has,
    int64_t us);
/* {"en","ja","zh","ko"} of a thing of a procedure; of one without titles, the
 * name. */
void view_title(struct view *v, struct js *in, const char *key,
    const struct procedure *p, const char *section, struct str name);
/* Of an act: its citation, or its id where it is not held; nothing without
 * `has`. */
void view_cite(struct view *v, struct js *in, const char *key, bool has,
    const struct id *id);
/* The first procedure of a name; NULL: there is none. */
const struct procedure *view_procedure_named(struct node *n, struct str name);
/* A party's names in languages; its name in one, or its code where it has
 * none. */
const struct js *view_names(const struct member *m);
struct str view_name(const struct member *m, enum lang lang);
/* All parties in the reader's order of names: none stands first for good. */
int view_parties(struct view *v, const struct member ***ret, size_t *ret_n,
    struct err *err);
/* "to", and "to_is" for templates: {"public", "members", "parties"}. */
void view_audience(struct js_make *make, struct js *in,
    const struct audience *to);
/* Answer with bytes instead of a model. */
void view_bytes(struct view *v, const char *type, struct span body);
/* Answer with 303 to another page, after a form. */
void view_go(struct view *v, struct str to);

/* show.c: is a page wanted, and in which language; the model as it is wanted.
 */
bool show_is_page(struct view *v);
enum lang show_lang(struct view *v);
/* The model by the page's template; the look at the node is open. */
int show_render(struct view *v, struct str *ret, struct err *err);
/* `is_open`: the look at the node is open. */
int show_model(struct view *v, bool is_open, struct err *err);
/* false: JSON is wanted. */
bool show_error(struct view *v, int status, const struct err *why,
    struct str *ret);
struct str show_sign_in(struct view *v);

/* What a post came to (view_post, perhaps later). */
void view_posted(struct view *v, const struct node_receipt *r);

/* view_state.c */
extern view_fn view_health, view_metrics, view_charter, view_status;
/* view_log.c */
extern view_fn view_logs, view_log;
/* "forks": [{"party","found","first","second"}], of one party or (0) of all. */
void view_forks(struct view *v, struct js *in, const struct store_fork *fork,
    size_t n, int64_t party);
/* view_archive.c */
extern view_fn view_archive, view_archive_file;
/* view_feed.c */
extern view_fn view_feed;
/* A name of an act's hash alone, the same at every node: a UUID of version 8
 * (RFC 9562 5.8). */
struct str view_uuid(struct view *v, const struct id *id);
/* view_calendar.c */
extern view_fn view_calendar, view_calendar_file;
/* view_audit.c */
extern view_fn view_audit;
/* view_board.c */
extern view_fn view_board, view_waiting;
/* view_list.c */
extern view_fn view_matters;
/* view_matter.c */
struct sheet;
/* The matter that a reference leads to, by its opening or any act; for a public
 * reader, by any that is public.  What is not public is answered as what is not
 * held. */
int view_sheet(struct view *v, struct str ref, const struct sheet **ret,
    struct err *err);
extern view_fn view_matter, view_act;
/* view_procedure.c */
extern view_fn view_procedures, view_procedure;
/* view_public*.c: the conference's pages */
extern view_fn view_front, view_meetings, view_meeting, view_reviews,
    view_review, view_agreements;
/* view_directory.c */
extern view_fn view_directory;
/* view_draft.c, view_new.c */
extern view_fn view_draft, view_new_form, view_do, view_new;
/* view_peer.c */
extern view_fn view_peers, view_peer_look, view_peer_add, view_peer_set,
    view_peer_remove;
/* view_session.c */
extern view_fn view_challenge, view_session_open, view_session_close,
    view_sign_in;
/* view_enrol.c */
extern view_fn view_enrol, view_enrolment, view_enrolment_add,
    view_enrolment_remove, view_officers, view_qr;
/* A mandate's row. */
void view_mandate(struct view *v, struct js *j, const struct member *m,
    const struct mandate_officer *o);
/* view_release.c */
extern view_fn view_releases, view_release, view_release_add, view_release_sign,
    view_release_withdraw;
/* The list of what waits for signatures of ours. */
int view_releases_put(struct view *v, struct js *in, const char *key,
    struct err *err);
/* view_exchange.c */
extern view_fn view_post, view_exchange, view_add_checkpoint, view_witnessed,
    view_tiles, view_import, view_recover, view_relay;
/* events.c */
extern view_fn view_events;
/* view_proof.c */
extern view_fn view_proof, view_export, view_rebuild, view_check;
/* view_alert.c */
extern view_fn view_alert_test;
/* view_file.c */
extern view_fn view_file, view_file_add;
/* Would this reader be given it?  The look at the node is open. */
bool view_has_file(struct view *v, const struct id *sha256);
/* view_comment.c */
extern view_fn view_comments, view_comment_add;
/* The comments on a matter, and the form for one more, for pages that have
 * {{>comments}}; null where it takes none. */
int view_comments_put(struct view *v, struct js *in, const char *key,
    const struct store_matter *row, struct err *err);
/* view_held.c */
extern view_fn view_held, view_held_one, view_held_remove;
/* How many wait for who may decide on them; null: none, or for others. */
int view_held_count(struct view *v, struct js *in, const char *key,
    struct err *err);
/* "prefill": the body that accepts the comment ?held=; null without it. */
int view_held_prefill(struct view *v, struct err *err);
/* view_asset.c */
extern view_fn view_asset, view_openapi;

#endif
