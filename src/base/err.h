/*
 * err: the one error convention.  A function that can fail returns 0 or -1 and
 * takes `struct err *err` last; err is never NULL and untouched on success.
 * Programs branch on the code, people read the sentence.  An err owns no
 * memory, so that "out of memory" can be said too.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct str;

enum err_code {
	ERR_NONE,
	ERR_INPUT,    /* what came in is wrong: say where and why */
	ERR_DENIED,   /* not allowed to this officer, party or reader */
	ERR_ABSENT,   /* no such thing here */
	ERR_CONFLICT, /* it contradicts what is already recorded */
	ERR_BUSY,     /* not now: try again */
	ERR_NOMEM,    /* the operation's memory limit, or the machine's */
	ERR_IO,       /* disk, network */
	ERR_CORRUPT,  /* a stored thing fails verification */
	ERR_CODES
};

struct err {
	enum err_code code;
	char rule[24];   /* the rule that it would break; "": none */
	char where[104]; /* that rule's JSON pointer into the act; may be cut */
	char text[400];  /* one English sentence, without its full stop */
};

/*
 * Set code and sentence.  Always returns -1, so: return err_set(...).  The
 * arguments may point into err itself.  What comes out is one line of UTF-8,
 * whatever the arguments hold: control characters and bytes that are no UTF-8
 * become "?".  It names no rule: err_rule() does, after it.
 */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Name the rule of an err that was just set, and where it is broken (.p NULL:
 * nowhere in particular).  Always -1. */
int err_rule(struct err *err, const char *rule, struct str where);
/* Put a prefix ("entry 57 of JPN: ") in front of the sentence.  Always -1. */
int err_in(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * The compiler is told of the -1, so that it follows `if (f(&x, err) != 0)
 * return -1;` and does not fear an x without a value.
 */
static inline int
err_minus_one(int rc)
{
	(void)rc;
	return -1;
}
#define err_set(...) err_minus_one(err_set(__VA_ARGS__))
#define err_in(...) err_minus_one(err_in(__VA_ARGS__))
/* The HTTP status, the exit code and the short name of an outcome. */
int err_http(enum err_code code);
int err_exit(enum err_code code);
const char *err_name(enum err_code code);
/* The code that has this name; ERR_IO where none has. */
enum err_code err_named(const char *name);

#endif
