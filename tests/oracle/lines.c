#include "lines.h"

#include <stdio.h>

#include "base/num.h"
#include "base/when.h"
#include "record/hash.h"

#define ONE "{\"lang\": \"en\", \"text\": \"one\"}"

enum { FILE_LIMIT = 64 * 1024 * 1024 };

int
lines_file(const char *path, struct arena *a, struct span *ret, struct err *err)
{
	FILE *in = fopen(path, "rb");
	char part[8192];
	struct buf b;
	struct str s;
	size_t n;

	if (in == NULL)
		return err_set(err, ERR_IO, "%s cannot be opened", path);
	buf_init(&b, a);
	while ((n = fread(part, 1, sizeof(part), in)) > 0 && b.n < FILE_LIMIT)
		buf_add(&b, part, n);
	(void)fclose(in); /* it was only read */
	if (buf_done(&b, &s, err) != 0)
		return -1;
	*ret = span_of(s);
	return 0;
}

int
lines_procedure(const char *root, struct str name, struct arena *a,
    const struct procedure **ret, struct err *err)
{
	static const char *const folder[] = {"procedures",
	    "tests/vectors/laboratory"};
	char path[1000];
	struct span file;

	for (size_t i = 0; i < COUNT(folder); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s/%.*s.json", root,
		    folder[i], STR_ARG(name)); /* a cut name is not found */
		if (lines_file(path, a, &file, err) == 0)
			return procedure_load(file, name, a, ret, err);
	}
	return -1;
}

static int
id_of(const struct js *j, struct id *ret, struct err *err)
{
	if (!hex_is_parsed(js_str(j), ret->b, sizeof(ret->b)))
		return err_set(err, ERR_INPUT, "no id: '%.*s'",
		    STR_ARG(js_str(j)));
	return 0;
}

static int
names_of(const struct js *j, struct arena *a, const struct str **ret,
    size_t *ret_n, struct err *err)
{
	size_t n = js_len(j);
	struct str *s = arena_array(a, n + 1, struct str);

	if (s == NULL)
		return err_nomem(err, "names");
	for (size_t i = 0; i < n; i++)
		s[i] = js_str(js_at(j, i));
	*ret = s;
	*ret_n = n;
	return 0;
}

static bool
has(const struct js *map, const char *key)
{
	enum js_type t = js_type(js_get(map, key));

	return t != JS_NONE && t != JS_NULL;
}

static int
act_of(const struct js *j, struct arena *a, struct act *act, struct err *err)
{
	const struct js *after = js_get(j, "after"), *to = js_get(j, "to");
	struct id *ids = arena_array(a, js_len(after) + 1, struct id);

	if (ids == NULL)
		return err_nomem(err, "an act");
	act->name = act->kind = js_str(js_get(j, "kind"));
	act->party = js_str(js_get(j, "party"));
	act->at_us = js_int(js_get(j, "at"));
	act->body = js_get(j, "body");
	act->has_answers = has(j, "answers");
	act->has_amends = has(j, "amends");
	if (js_is_str(to, "public"))
		act->to.type = AUDIENCE_PUBLIC;
	else if (js_is_str(to, "members"))
		act->to.type = AUDIENCE_MEMBERS;
	else if (names_of(to, a, &act->to.party, &act->to.n, err) != 0)
		return -1;
	for (size_t i = 0; i < js_len(after); i++)
		if (id_of(js_at(after, i), &ids[i], err) != 0)
			return -1;
	act->after = ids;
	act->n_after = js_len(after);
	if (id_of(js_get(j, "id"), &act->id, err) != 0 ||
	    (act->has_answers &&
		id_of(js_get(j, "answers"), &act->answers, err) != 0) ||
	    (act->has_amends &&
		id_of(js_get(j, "amends"), &act->amends, err) != 0))
		return -1;
	return 0;
}

static int
acts_of(const struct js *j, struct arena *a, struct fold_input *ret,
    struct err *err)
{
	size_t n = js_len(j);
	struct fold_act *acts = arena_array(a, n + 1, struct fold_act);
	struct act *act = arena_array(a, n + 1, struct act);

	if (acts == NULL || act == NULL)
		return err_nomem(err, "acts");
	for (size_t i = 0; i < n; i++) {
		const struct js *x = js_at(j, i);

		if (act_of(x, a, &act[i], err) != 0)
			return err_in(err, "act %zu: ", i);
		acts[i].act = &act[i];
		acts[i].index = (uint64_t)js_int(js_get(x, "index"));
		acts[i].has_not_before = has(x, "not_before");
		acts[i].has_not_after = has(x, "not_after");
		acts[i].not_before_us = js_int(js_get(x, "not_before"));
		acts[i].not_after_us = js_int(js_get(x, "not_after"));
		if (has(x, "fault"))
			acts[i].fault = js_is_str(js_get(x, "fault"), "denied")
			                    ? FOLD_DENIED
			                    : FOLD_NO_MANDATE;
	}
	ret->acts = acts;
	ret->n_acts = n;
	return 0;
}

int
lines_input(const struct js *j, struct arena *a, struct fold_input *ret,
    struct err *err)
{
	const struct js *members = js_get(j, "members");
	const struct js *heard = js_get(j, "heard");
	struct fold_members *m =
	    arena_array(a, js_len(members) + 1, struct fold_members);
	struct fold_heard *h =
	    arena_array(a, js_len(heard) + 1, struct fold_heard);
	size_t i = 0;

	*ret = (struct fold_input){.now_us = js_int(js_get(j, "now"))};
	if (m == NULL || h == NULL)
		return err_nomem(err, "members");
	if (id_of(js_get(j, "matter"), &ret->matter, err) != 0 ||
	    acts_of(js_get(j, "acts"), a, ret, err) != 0)
		return -1;
	for (i = 0; i < js_len(members); i++) {
		m[i].from_us = js_int(js_at(js_at(members, i), 0));
		if (names_of(js_at(js_at(members, i), 1), a, &m[i].party,
			&m[i].n, err) != 0)
			return -1;
	}
	i = 0;
	for (struct js_each e = {0}; js_next(heard, &e); i++)
		h[i] = (struct fold_heard){e.key, js_int(e.value)};
	ret->has_members = js_type(members) == JS_LIST;
	ret->members = m;
	ret->n_members = js_len(members);
	ret->heard = h;
	ret->n_heard = i;
	return 0;
}

int
lines_fold(const struct procedure *p, const struct fold_input *in,
    struct arena *a, const struct js **ret, struct err *err)
{
	struct js_make m = {.a = a};
	struct js *root = js_map(&m);
	const struct fold_result *r;

	if (fold_matter(p, in, a, &r, err) != 0)
		return -1;
	fold_put(&m, root, "result", r);
	if (m.failed)
		return err_nomem(err, "a result");
	*ret = js_get(root, "result");
	return 0;
}

bool
lines_differ(const struct js *want, const struct js *got, struct buf *at)
{
	size_t n = at->n;

	if (js_is_equal(want, got))
		return false;
	if (js_type(want) != js_type(got))
		return true;
	for (struct js_each e = {0}; js_next(want, &e);) {
		buf_char(at, '/');
		buf_str(at, e.key);
		if (lines_differ(e.value, js_get_at(got, e.key), at))
			return true;
		at->n = n;
	}
	for (size_t i = 0; js_type(want) == JS_LIST && i < js_len(want); i++) {
		buf_fmt(at, "/%zu", i);
		if (lines_differ(js_at(want, i), js_at(got, i), at))
			return true;
		at->n = n;
	}
	return true;
}

/* Act i of a big matter, after the one before. */
static int
big_act(struct act *act, size_t i, size_t n_parties, const struct str *party,
    const struct id *last_text, const struct js *const *body, struct arena *a,
    struct err *err)
{
	static const char *const kind[] = {"bracket", "propose", "consent"};
	struct str *to = arena_array(a, n_parties, struct str);
	bool revises = i % 50 == 49;
	struct span s = {(const uint8_t *)&i, sizeof(i)};

	if (to == NULL)
		return err_nomem(err, "a big matter");
	for (size_t k = 0; k < n_parties; k++)
		to[k] = party[k];
	act->id = hash_of(s);
	act->name = act->kind = str_of(i == 0    ? "draft"
				       : revises ? "revise"
						 : kind[i % 3]);
	act->party = party[i == 0 || revises ? 0 : i / 3 % n_parties];
	act->to.party = to;
	act->to.n = n_parties;
	act->at_us = INT64_C(1767225600000000) + (int64_t)i * WHEN_MINUTE;
	act->body = body[i == 0 ? 0 : revises ? 1 : 2 + i % 3];
	act->opens = i == 0;
	if (i == 0)
		return 0;
	act->after = &(act - 1)->id;
	act->n_after = 1;
	act->has_answers = !revises;
	act->answers = *last_text;
	return 0;
}

int
lines_big(size_t n_acts, size_t n_parties, struct arena *a,
    struct fold_input *ret, struct err *err)
{
	static const char *const text[] = {
	    "{\"title\": \"t\", \"kind\": \"statement\", \"texts\": [" ONE "]}",
	    "{\"texts\": [" ONE "]}",
	    "{\"passage\": \"1\"}",
	    "{\"passage\": \"1\", \"wording\": \"2\"}",
	    "{}",
	};
	const struct js *body[COUNT(text)];
	struct act *act = arena_array(a, n_acts, struct act);
	struct fold_act *acts = arena_array(a, n_acts, struct fold_act);
	struct str *party = arena_array(a, n_parties, struct str);
	struct fold_heard *heard = arena_array(a, n_parties, struct fold_heard);
	uint64_t *next = arena_array(a, n_parties, uint64_t);
	const struct id *last_text = NULL;

	if (act == NULL || acts == NULL || party == NULL || next == NULL ||
	    heard == NULL)
		return err_nomem(err, "a big matter");
	for (size_t i = 0; i < COUNT(text); i++)
		if (js_parse(span_of(str_of(text[i])), a, &body[i], err) != 0)
			return -1;
	for (size_t i = 0; i < n_parties; i++) {
		if ((party[i] = str_fmt(a, "P%04zu", i)).p == NULL)
			return err_nomem(err, "a big matter");
		heard[i] =
		    (struct fold_heard){party[i], INT64_C(1767225600000000)};
	}
	for (size_t i = 0; i < n_acts; i++) {
		size_t p = i == 0 || i % 50 == 49 ? 0 : i / 3 % n_parties;

		if (big_act(&act[i], i, n_parties, party, last_text, body, a,
			err) != 0)
			return -1;
		if (i == 0 || i % 50 == 49)
			last_text = &act[i].id;
		acts[i] = (struct fold_act){.act = &act[i],
		    .index = next[p]++,
		    .has_not_before = true,
		    .not_before_us = act[i].at_us - 1,
		    .has_not_after = true,
		    .not_after_us = act[i].at_us + 1};
	}
	*ret = (struct fold_input){.matter = act[0].id,
	    .n_acts = n_acts,
	    .acts = acts,
	    .n_heard = n_parties,
	    .heard = heard,
	    .now_us = act[n_acts - 1].at_us + WHEN_DAY};
	return 0;
}
