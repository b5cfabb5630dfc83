/*
 * body: an act's body as people read it: its fields in the order of the form,
 * by their titles, each value in parts that a page can write.  What does not
 * fit its form (a void act may hold anything) is given as JSON text.
 *
 * FIELD  {"name", "title", "type", "is": {TYPE: true}, "values": [VALUE]};
 *        TYPE is one of procedures.md section 4, or "raw"; `is` has its sort
 *        too: "said", "coded", "rest", or none.  A value of
 * `choices` or `parties` is one VALUE a code or party; of `texts`, one a
 * language. VALUE  by its type, absent parts null: text, longtext, officer,
 * digest, raw   {"text"} choice, choices    {"code", "title"} integer, decimal
 * {"number", "unit"} range              {"low", "high", "best", "unit"} boolean
 * {"yes"} time               {"time"} period             {"start", "end"}
 *   duration           {"duration", "us"}
 *   place              {"lat", "lon", "radius", "names": [NAME]}
 *   area               {"circle": {"lat", "lon", "radius"}, "polygon":
 *                      [{"lat", "lon"}], "lower", "upper", "names": [NAME]}
 *   party, parties     {"party"}
 *   matter, act        {"cite", "ref"}
 *   file               {"sha256", "name", "type", "size", "href", "here",
 *                      "small", "large"}: a picture that is here and small is
 *                      shown, a large one when it is asked for
 *   texts              {"lang", "text", "authentic"}
 *   group              {"fields": [FIELD]}
 * NAME   {"key", "tongue", "text"}: the key is a language tag (tongue), or else
 *        a party.
 */
#ifndef WEB_BODY_H
#define WEB_BODY_H

#include "base/js.h"
#include "rules/procedure.h"

struct body_look {
	struct js_make *make;
	const struct procedure *p; /* NULL: not known here */
	void *ctx;
	/* A citation of what has this id (hex); the hex where there is none. */
	struct str (*cite)(void *ctx, struct str hex);
	/* Would this reader be given the file of this SHA-256? */
	bool (*has_file)(void *ctx, const struct id *sha256);
};
void body_put(const struct body_look *l, struct js *in, const char *key,
    struct str act, const struct js *body);

#endif
