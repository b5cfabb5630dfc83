/*
 * view: what the views of the routes share: the request's look at the node,
 * and the model that a view builds.
 */
#ifndef WEB_VIEW_H
#define WEB_VIEW_H

#include "node/query.h"
#include "web/web.h"

struct view {
	struct query q;
	const struct web_request *request;
	struct str part[4]; /* what stood for {} in the route's path */
	struct js_make make;
	struct js *model; /* what is answered, unless body is set */
	int status;
	struct span body;
	const char *type, *caching;
};
typedef int view_fn(struct view *v, struct err *err);

/* A parameter of the query, decoded; .p NULL where it is absent. */
struct str view_param(struct view *v, const char *name);
/* Number of a parameter within bounds; `usual` where absent. */
int view_number(struct view *v, const char *name, int64_t lo, int64_t hi,
    int64_t usual, int64_t *ret, struct err *err);
/* The request's body as a JSON object. */
int view_json(struct view *v, const struct js **ret, struct err *err);
void view_time(struct view *v, struct js *in, const char *key, bool has,
    int64_t us);
/* {"en","ja","zh","ko"} of a thing of a procedure; of one without titles, the
 * name. */
void view_title(struct view *v, struct js *in, const char *key,
    const struct procedure *p, const char *section, struct str name);

extern view_fn view_health, view_metrics, view_charter, view_status, view_board,
    view_matters, view_matter, view_act, view_draft, view_post, view_procedures,
    view_procedure, view_peers, view_peer_look, view_peer_add, view_peer_set,
    view_peer_remove, view_officers, view_exchange, view_add_checkpoint,
    view_witnessed, view_logs, view_tiles, view_import, view_export, view_proof,
    view_rebuild, view_check, view_recover, view_relay;

#endif
