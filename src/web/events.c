#include "web/events.h"

#include <string.h>

#include "base/num.h"
#include "web/view.h"

int
view_events(struct view *v, struct err *err)
{
	(void)err; /* the common form of views */
	v->ans.events = true;
	v->ans.type = "text/event-stream; charset=utf-8";
	return 0;
}

/* Names this run of the node. */
static uint64_t
start_of(const struct node *n)
{
	return (uint64_t)n->started_us; /* not negative */
}

uint64_t
events_from(struct node *n, struct str last, bool *ret_lost)
{
	size_t dash = str_find(last, '-', 0);
	int64_t start, seq;
	struct err err;
	struct event e;

	*ret_lost = false;
	if (last.p == NULL)
		return event_last(n);
	*ret_lost = dash == last.n ||
	            num_parse(str_sub(last, 0, dash), 0, INT64_MAX, &start,
			&err) != 0 ||
	            num_parse(str_sub(last, dash + 1, last.n), 0, INT64_MAX,
			&seq, &err) != 0 ||
	            (uint64_t)start != start_of(n);
	if (!*ret_lost) /* a number that was parsed from 0 on */
		(void)event_read(n, (uint64_t)seq, &e, 0, ret_lost);
	return *ret_lost ? event_last(n) : (uint64_t)seq;
}

static size_t
put_id(struct node *n, uint64_t seq, char *out)
{
	int len = snprintf(out, EVENTS_ID + 8, "id: %llu-%llu\n",
	    (unsigned long long)start_of(n), (unsigned long long)seq);

	return (size_t)len; /* two numbers: it fits */
}

size_t
events_text(struct node *n, const struct event *e, char *out)
{
	char hex[65];
	size_t at = put_id(n, e->seq, out), room = EVENTS_TEXT - at;
	int len = 0;

	/* Names and codes hold nothing that JSON would have to escape. */
	switch (e->kind) {
	case EVENT_MATTER:
		hex_write(e->id.b, sizeof(e->id.b), hex);
		len = snprintf(out + at, room,
		    "event: matter\ndata: {\"cite\":\"%s\",\"id\":\"%s\","
		    "\"procedure\":\"%s\",\"state\":\"%s\",\"urgent\":%s}\n\n",
		    e->cite, hex, e->procedure, e->state,
		    e->urgent ? "true" : "false");
		break;
	case EVENT_LINE:
		len = snprintf(out + at, room,
		    "event: line\ndata: {\"party\":\"%s\",\"state\":\"%s\"}"
		    "\n\n",
		    e->party, e->state);
		break;
	case EVENT_ALL:
		len = snprintf(out + at, room, "event: reload\ndata: {}\n\n");
		break;
	}
	return at + (size_t)len;
}

size_t
events_hello(struct node *n, uint64_t at, bool lost, char *out)
{
	int len = snprintf(out, EVENTS_TEXT, "retry: 2000\n");
	size_t to = (size_t)len; /* short */

	to += put_id(n, at, out + to);
	len = snprintf(out + to, EVENTS_TEXT - to, "%s\n",
	    lost ? "event: reload\ndata: {}\n" : ": here we go on\n");
	return to + (size_t)len;
}

size_t
events_alive(char *out)
{
	static const char text[] = ": alive\n\n";

	memcpy(out, text, sizeof(text));
	return sizeof(text) - 1;
}
