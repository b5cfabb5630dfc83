#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/embed.h"
#include "node/keydir.h"
#include "record/hash.h"

const char forge_hello[] =
    "{\"precedence\":\"priority\",\"subject\":\"Vessel\",\"message\":"
    "[{\"lang\":\"en\",\"text\":\"Please confirm.\",\"authentic\":true}]}";

static void
must(int rc, const struct err *err)
{
	if (rc != 0)
		fail_msg("%s", err->text);
}

static struct secret *
key_of(const struct world_node *p, const char *use)
{
	struct secret *key = NULL;
	struct err err;
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/keys/%s.key", p->folder, use);
	must(keydir_read(path, use, (struct span){NULL, 0}, &key, &err), &err);
	return key;
}

void
forge_open(struct forge *f, struct world *w, size_t who)
{
	struct judged j;
	struct err err;

	*f = (struct forge){.w = w, .who = who, .n = 1};
	f->log_key = key_of(&w->at[who], "log");
	f->witness_key = key_of(&w->at[who], "witness");
	must(node_open_envelope(span_of(w->at[who].charter), &w->arena, &j,
		 &err),
	    &err);
	f->charter = j.act->id;
	must(mandate_new(j.act, &j.signers, &f->mandate, &err), &err);
	f->entry[0].act = f->charter;
	f->entry[0].label = label_of(&f->charter, &f->charter, 0);
	f->envelope[0] = w->at[who].charter;
}

void
forge_close(struct forge *f)
{
	key_secret_free(f->log_key);
	key_secret_free(f->witness_key);
	mandate_free(f->mandate);
}

static struct id
procedure_of(const char *kind)
{
	char name[100];

	(void)snprintf(name, sizeof(name), "%.*s.json", (int)strcspn(kind, "/"),
	    kind);
	for (const struct embed *e = embed_procedures; e->name != NULL; e++)
		if (strcmp(e->name, name) == 0)
			return hash_of((struct span){e->data, e->size});
	fail_msg("no procedure %s", name);
	return (struct id){{0}};
}

struct id
forge_act(struct forge *f, const char *kind, const struct id *matter,
    const char *to, const char *body, int64_t at_us, struct str *ret)
{
	struct arena *a = &f->w->arena;
	struct act act = {.kind = str_of(kind),
	    .party = str_of(f->w->at[f->who].code),
	    .opens = matter == NULL,
	    .at_us = at_us};
	struct dsse d = {.type = DSSE_ACT_TYPE, .n = 1};
	const struct js *j;
	struct err err;
	struct str payload;

	must(js_parse(span_of(str_of(body)), a, &act.body, &err), &err);
	must(js_parse(span_of(str_of(to)), a, &j, &err), &err);
	must(act_audience_parse(j, a, &act.to, &err), &err);
	if (matter != NULL)
		act.matter = *matter;
	act.has_procedure = act.opens && !mandate_is_kind(act.kind);
	if (act.has_procedure)
		act.procedure_id = procedure_of(kind);
	key_random(act.salt, sizeof(act.salt));
	must(act_write(&act, a, &payload, &err), &err);
	d.payload = span_of(payload);
	must(dsse_sign(d.type, d.payload, f->w->at[f->who].officer, a,
		 &d.signature[0], &err),
	    &err);
	must(dsse_text(&d, a, ret, &err), &err);
	return hash_of(d.payload);
}

void
forge_log(struct forge *f, const struct id *act, const struct id *matter,
    uint32_t k, struct str envelope)
{
	assert_true(f->n < FORGE_MAX);
	f->entry[f->n].act = *act;
	f->entry[f->n].label = label_of(matter, &f->charter, k);
	f->envelope[f->n++] = envelope;
}

struct id
forge_message(struct forge *f, const char *to, struct str *ret)
{
	struct str envelope;
	struct id id = forge_act(f, "message/send", NULL, to, forge_hello,
	    clock_utc_us(), &envelope);

	forge_log(f, &id, &id, 0, envelope);
	if (ret != NULL)
		*ret = envelope;
	return id;
}

struct id
forge_root(const struct forge *f, size_t size)
{
	struct log log;
	struct err err;
	struct id root;

	log_init(&log);
	for (size_t i = 0; i < size; i++) {
		struct id leaf = label_entry_leaf(&f->entry[i]);

		must(log_append(&log, &leaf, NULL, NULL, &err), &err);
	}
	root = log_root(&log);
	log_release(&log);
	return root;
}

struct str
forge_head_of(const struct forge *f, struct str origin, size_t size,
    const struct id *root, const struct secret *key)
{
	struct str s = checkpoint_sign(&f->w->arena, origin, size, root, key);

	assert_non_null(s.p);
	return s;
}

struct str
forge_head(const struct forge *f, size_t size)
{
	struct id root = forge_root(f, size);

	return forge_head_of(f, mandate_origin(f->mandate), size, &root,
	    f->log_key);
}

struct str
forge_cosigned(const struct forge *f, struct str head,
    const struct forge *witness, uint64_t time_s)
{
	struct arena *a = &f->w->arena;
	struct note_key key = mandate_witness_key(witness->mandate);
	struct cosignature c;
	struct note note;
	struct err err;

	must(note_parse(span_of(head), a, &note, &err), &err);
	c = checkpoint_cosign(note.text, time_s, witness->witness_key);
	return str_fmt(a, "%.*s%.*s", (int)head.n, head.p,
	    STR_ARG(checkpoint_cosignature_line(a, &key, &c)));
}

/* ---- bundles ---- */

void
parts_open(struct parts *p, struct forge *f)
{
	struct err err;

	p->f = f;
	must(bundle_write_open(&f->w->arena, &p->w, &err), &err);
}

void
parts_add(struct parts *p, const char *name, struct span data)
{
	struct err err;

	must(bundle_write_add(p->w, str_of(name), data, &err), &err);
}

static const char *
name_of(struct parts *p, const char *head, const char *rest)
{
	return str_fmt(&p->f->w->arena, "%s/%s/%s", head,
	    world_hex(p->f->w, &p->f->charter), rest)
	    .p;
}

void
parts_entries(struct parts *p, size_t from, size_t to)
{
	uint8_t *b = arena_alloc(&p->f->w->arena, to - from + 1, ENTRY_BYTES);
	char rest[40];

	assert_non_null(b);
	for (size_t i = from; i < to; i++)
		label_entry_write(&p->f->entry[i],
		    b + (i - from) * ENTRY_BYTES);
	(void)snprintf(rest, sizeof(rest), "entries/%zu", from);
	parts_add(p, name_of(p, "log", rest),
	    (struct span){b, (to - from) * ENTRY_BYTES});
}

void
parts_act(struct parts *p, size_t idx)
{
	char rest[40];

	(void)snprintf(rest, sizeof(rest), "%zu", idx);
	parts_add(p, name_of(p, "act", rest), span_of(p->f->envelope[idx]));
}

void
parts_head(struct parts *p, struct str note)
{
	parts_add(p, name_of(p, "log", "checkpoint"), span_of(note));
}

struct span
parts_close(struct parts *p)
{
	struct err err;
	struct span s;

	must(bundle_write_close(p->w, &s, &err), &err);
	return s;
}

struct span
forge_bundle(struct forge *f, size_t from, size_t size)
{
	struct parts p;

	parts_open(&p, f);
	if (from < size)
		parts_entries(&p, from, size);
	for (size_t i = from; i < size; i++)
		if (f->envelope[i].n > 0)
			parts_act(&p, i);
	parts_head(&p, forge_head(f, size));
	return parts_close(&p);
}

enum err_code
forge_give(struct world *w, size_t to, struct span bundle,
    struct node_taken *ret, struct err *err)
{
	*err = (struct err){.code = ERR_NONE};
	if (node_take(w->at[to].node, bundle, true, &w->arena, ret, err) == 0)
		return ERR_NONE;
	assert_true(err->code != ERR_NONE && err->text[0] != '\0');
	return err->code;
}

static void
check_log(struct node *n, struct member *m, struct arena *a)
{
	struct log log;
	struct entry *e;
	struct id root, held = log_root(&m->log);
	struct err err;
	size_t count;

	must(log_check(&m->log, &err), &err);
	must(store_entry_list(n->writer, m->no, 0, m->log.size + 1, a, &e,
		 &count, &err),
	    &err);
	assert_int_equal(count, m->log.size);
	log_init(&log);
	for (size_t i = 0; i < count; i++) {
		struct id leaf = label_entry_leaf(&e[i]);

		must(log_append(&log, &leaf, NULL, NULL, &err), &err);
	}
	root = log_root(&log);
	log_release(&log);
	assert_true(id_eq(&root, &held));
}

void
forge_check(struct world *w, size_t i)
{
	struct node *n = w->at[i].node;
	struct arena a;
	struct err err;

	arena_init(&a, 1 << 26);
	must(store_check(n->writer, &err), &err);
	for (size_t k = 0; k < n->n_members; k++)
		check_log(n, n->member[k], &a);
	arena_release(&a);
}
