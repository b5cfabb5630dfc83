/*
 * bench_steps COUNT: what one act costs, step by step, in one thread and in
 * memory: where an act's time goes before the disk.  {"step":microseconds}.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/embed.h"
#include "base/num.h"
#include "kit.h"
#include "record/dsse.h"
#include "record/encode.h"
#include "record/hash.h"
#include "record/mandate.h"
#include "rules/fold.h"
#include "rules/form.h"

enum { COUNT_MAX = 100000 };

struct steps {
	struct kit_author author;
	const struct procedure *message;
	struct str envelope, payload, b64;
	struct dsse dsse; /* views the envelope */
	struct span pae;
	struct pubkey key;
	const struct act *act;
	struct arena keep;
};
typedef int step_fn(struct steps *s, struct arena *a, struct err *err);

static int
step_hash(struct steps *s, struct arena *a, struct err *err)
{
	struct id id = hash_of(span_of(s->payload));

	(void)a, (void)err; /* the common form of steps */
	return id.b[0] == 0 && id.b[1] == 0 && id.b[2] == 0 && id.b[3] == 0;
}

static int
step_signature(struct steps *s, struct arena *a, struct err *err)
{
	(void)a;
	return key_is_signed(&s->key, s->pae, &s->dsse.signature[0].sig)
	           ? 0
	           : err_set(err, ERR_INPUT, "not signed");
}

static int
step_b64(struct steps *s, struct arena *a, struct err *err)
{
	struct span out;

	return encode_parse_b64_any(s->b64, a, &out, err);
}

static int
step_dsse_parse(struct steps *s, struct arena *a, struct err *err)
{
	struct dsse d;

	return dsse_parse(span_of(s->envelope), a, &d, err);
}

static int
step_dsse_text(struct steps *s, struct arena *a, struct err *err)
{
	struct str text;

	return dsse_text(&s->dsse, a, &text, err);
}

static int
step_js(struct steps *s, struct arena *a, struct err *err)
{
	const struct js *j;

	return js_parse(span_of(s->payload), a, &j, err);
}

static int
step_act(struct steps *s, struct arena *a, struct err *err)
{
	const struct act *act;

	return act_parse(span_of(s->payload), a, &act, err);
}

static int
step_open(struct steps *s, struct arena *a, struct err *err)
{
	const struct act *act;
	struct mandate_signers signers;

	return mandate_open_act(&s->dsse, a, &act, &signers, err);
}

static int
step_form(struct steps *s, struct arena *a, struct err *err)
{
	struct str pointer;
	bool bad;

	return form_check(s->message, s->act->name, s->act->body, a, &bad,
	    &pointer, err);
}

static int
step_fold(struct steps *s, struct arena *a, struct err *err)
{
	struct fold_act x = {.act = s->act, .index = 1};
	struct fold_input in = {.matter = s->act->id,
	    .n_acts = 1,
	    .acts = &x,
	    .now_us = s->act->at_us};
	const struct fold_result *r;

	return fold_matter(s->message, &in, a, &r, err);
}

static int
step_arena(struct steps *s, struct arena *a, struct err *err)
{
	(void)s;
	return arena_alloc(a, 1, 64) == NULL ? err_nomem(err, "a step") : 0;
}

static const struct {
	const char *name;
	step_fn *run;
} step[] = {
    {"an arena, made and released", step_arena},
    {"hash of the payload", step_hash},
    {"signature checked", step_signature},
    {"base64 of the payload decoded", step_b64},
    {"dsse_parse", step_dsse_parse},
    {"dsse_text", step_dsse_text},
    {"js_parse of the payload", step_js},
    {"act_parse", step_act},
    {"mandate_open_act", step_open},
    {"form_check", step_form},
    {"fold_matter of a new message", step_fold},
};

static int
make(struct steps *s, const char *folder, struct err *err)
{
	struct arena *a = &s->keep;

	for (const struct embed *e = embed_procedures; e->name != NULL; e++)
		if (str_is(str_of(e->name), "message.json") &&
		    procedure_load((struct span){e->data, e->size},
			STR("message"), a, &s->message, err) != 0)
			return -1;
	if (kit_author(folder, "AAA", "BBB", &s->author, err) != 0 ||
	    kit_envelope(&s->author, 0, a, &s->envelope, err) != 0 ||
	    dsse_parse(span_of(s->envelope), a, &s->dsse, err) != 0 ||
	    act_parse(s->dsse.payload, a, &s->act, err) != 0 ||
	    dsse_pae(s->dsse.type, s->dsse.payload, a, &s->pae, err) != 0)
		return -1;
	s->payload = span_str(s->dsse.payload);
	s->b64 = encode_b64(a, s->dsse.payload);
	s->key = key_pub(s->author.key[0]);
	return 0;
}

int
main(int argc, char **argv)
{
	struct steps s = {.message = NULL};
	struct err err;
	int64_t begun_us, count;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: bench_steps COUNT FOLDER\n");
		return 2;
	}
	count = kit_number(argv[1], 1, COUNT_MAX);
	arena_init(&s.keep, 64 * 1024 * 1024);
	kit_must(key_start(&err), &err);
	kit_must(make(&s, argv[2], &err), &err);
	for (size_t i = 0; i < COUNT(step); i++) {
		begun_us = clock_mono_us();
		for (int64_t k = 0; k < count; k++) {
			struct arena a;

			arena_init(&a, 16 * 1024 * 1024);
			kit_must(step[i].run(&s, &a, &err), &err);
			arena_release(&a);
		}
		printf("%s\"%s\":%.2f", i == 0 ? "{" : ",", step[i].name,
		    (double)(clock_mono_us() - begun_us) / (double)count);
	}
	printf("}\n");
	kit_author_end(&s.author);
	arena_release(&s.keep);
	return 0;
}
