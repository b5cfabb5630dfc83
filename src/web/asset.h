/*
 * asset: the files that pages ask for: one style, one script, icons.  Built
 * from assets/ into the program.  Their addresses carry a hash of what is in
 * them, so that browsers keep them for ever.
 */
#ifndef WEB_ASSET_H
#define WEB_ASSET_H

#include "base/js.h"

/* {"style.css": "/assets/style.css?v=...", ...} without the dots' endings:
 * `style`, `app`, `icon`. */
void asset_put(struct js_make *m, struct js *in, const char *key);

#endif
