/*
 * routes: each route of the web side as t_audience knows it: who may ask, what
 * the public's answer may tell, and what is asked.
 */
#ifndef TESTS_ROUTES_H
#define TESTS_ROUTES_H

#include "web/web.h"

enum what {
	SAME,  /* the public's answer knows nothing but the public record */
	LOGS,  /* it tells of logs, whose sizes and hashes are for all */
	WRITES /* it is no question */
};
enum fill { NOTHING, REF, CODE, NAME, HEX, ACT, TILE, ASSET };

static const struct {
	const char *method, *path;
	enum web_reader reader;
	enum what what;
	enum fill fill, second;
} known[] = {
    {"GET", "/", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/sessions", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/sessions/{}", WEB_PUBLIC, SAME, REF, NOTHING},
    {"GET", "/reviews", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/reviews/{}", WEB_PUBLIC, SAME, REF, NOTHING},
    {"GET", "/agreements", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/directory", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"GET", "/health", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    /* Counters: docs/operate.md says to keep strangers from them. */
    {"GET", "/metrics", WEB_PUBLIC, LOGS, NOTHING, NOTHING},
    {"GET", "/charter", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/openapi.json", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/assets/{}", WEB_PUBLIC, SAME, ASSET, NOTHING},
    {"GET", "/events", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"POST", "/acts", WEB_PUBLIC, WRITES, NOTHING, NOTHING},
    {"POST", "/exchange", WEB_PUBLIC, WRITES, NOTHING, NOTHING},
    {"POST", "/relay/{}", WEB_PUBLIC, WRITES, HEX, NOTHING},
    {"GET", "/recover/{}", WEB_PUBLIC, LOGS, HEX, NOTHING},
    {"POST", "/add-checkpoint", WEB_PUBLIC, WRITES, NOTHING, NOTHING},
    {"GET", "/logs", WEB_PUBLIC, LOGS, NOTHING, NOTHING},
    {"GET", "/logs/{}", WEB_PUBLIC, LOGS, CODE, NOTHING},
    {"GET", "/logs/{}/{*}", WEB_PUBLIC, LOGS, CODE, TILE},
    {"GET", "/archive", WEB_PUBLIC, LOGS, NOTHING, NOTHING},
    {"GET", "/archive.tar", WEB_PUBLIC, LOGS, NOTHING, NOTHING},
    {"GET", "/feed.atom", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/calendar", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/calendar.ics", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/audit", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"GET", "/procedures", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/procedures/{}", WEB_PUBLIC, SAME, NAME, NOTHING},
    {"GET", "/status", WEB_OPERATOR, SAME, NOTHING, NOTHING},
    {"GET", "/board", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"GET", "/waiting", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"GET", "/matters", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/matters/{}", WEB_PUBLIC, SAME, REF, NOTHING},
    {"GET", "/acts/{}", WEB_PUBLIC, SAME, REF, NOTHING},
    {"POST", "/files", WEB_OFFICER, WRITES, NOTHING, NOTHING},
    {"GET", "/files/{}", WEB_PUBLIC, SAME, HEX, NOTHING},
    {"GET", "/draft", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"GET", "/new", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"GET", "/new/{}/{}", WEB_OFFICER, SAME, NAME, ACT},
    {"GET", "/matters/{}/comments", WEB_PUBLIC, SAME, REF, NOTHING},
    {"POST", "/matters/{}/comments", WEB_PUBLIC, WRITES, REF, NOTHING},
    {"GET", "/comments", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"GET", "/comments/{}", WEB_OFFICER, SAME, HEX, NOTHING},
    {"POST", "/comments/{}", WEB_OFFICER, WRITES, HEX, NOTHING},
    {"DELETE", "/comments/{}", WEB_OFFICER, WRITES, HEX, NOTHING},
    {"GET", "/matters/{}/do/{}", WEB_OFFICER, SAME, REF, ACT},
    {"GET", "/peers", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"POST", "/peers/look", WEB_OPERATOR, WRITES, NOTHING, NOTHING},
    {"POST", "/peers", WEB_OPERATOR, WRITES, NOTHING, NOTHING},
    {"POST", "/peers/{}", WEB_OPERATOR, WRITES, NAME, NOTHING},
    {"DELETE", "/peers/{}", WEB_OPERATOR, WRITES, NAME, NOTHING},
    {"GET", "/officers", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"GET", "/sign-in", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"GET", "/challenge", WEB_PUBLIC, LOGS, NOTHING, NOTHING}, /* chance */
    {"POST", "/session", WEB_PUBLIC, WRITES, NOTHING, NOTHING},
    {"DELETE", "/session", WEB_PUBLIC, WRITES, NOTHING, NOTHING},
    {"GET", "/enrol", WEB_PUBLIC, SAME, NOTHING, NOTHING},
    {"POST", "/enrolments", WEB_PUBLIC, WRITES, NOTHING, NOTHING},
    {"GET", "/enrolments/{}", WEB_PUBLIC, SAME, HEX, NOTHING},
    {"DELETE", "/enrolments/{}", WEB_OFFICER, WRITES, HEX, NOTHING},
    {"GET", "/qr/{}", WEB_PUBLIC, SAME, HEX, NOTHING},
    {"GET", "/releases", WEB_OFFICER, SAME, NOTHING, NOTHING},
    {"POST", "/releases", WEB_OFFICER, WRITES, NOTHING, NOTHING},
    {"GET", "/releases/{}", WEB_OFFICER, SAME, HEX, NOTHING},
    {"POST", "/releases/{}", WEB_OFFICER, WRITES, HEX, NOTHING},
    {"DELETE", "/releases/{}", WEB_OFFICER, WRITES, HEX, NOTHING},
    {"GET", "/proof/{}", WEB_OFFICER, SAME, REF, NOTHING},
    {"GET", "/bundle", WEB_OPERATOR, SAME, NOTHING, NOTHING},
    {"POST", "/bundle", WEB_OPERATOR, WRITES, NOTHING, NOTHING},
    {"POST", "/rebuild", WEB_OPERATOR, WRITES, NOTHING, NOTHING},
    {"POST", "/check", WEB_OPERATOR, WRITES, NOTHING, NOTHING},
    {"POST", "/alerts/test", WEB_OPERATOR, WRITES, NOTHING, NOTHING},
    {"GET", "/{}/checkpoint", WEB_PUBLIC, LOGS, HEX, NOTHING},
};

#endif
