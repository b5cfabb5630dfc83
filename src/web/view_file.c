/* Attachments: taken from officers, given to whoever may read an act that names
 * them. */
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "node/file.h"
#include "web/view.h"

enum { NAME_MAX_BYTES = 200, SEALINGS_MAX = 4 };
#define BYTES "application/octet-stream"

/* ---- coming in ---- */

/* The last part of a path, without what no file's name holds. */
static struct str
name_of(struct view *v)
{
	struct str name = view_param(v, "name");

	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '/' || name.p[i - 1] == '\\') {
			name = str_sub(name, i, name.n);
			break;
		}
	for (size_t i = 0; i < name.n; i++)
		if ((uint8_t)name.p[i] < ' ' || name.p[i] == 0x7f)
			return STR("file");
	return name.n == 0 || name.n > NAME_MAX_BYTES ? STR("file") : name;
}

static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    (i == 0 || strchr("!#$&-^_.+", s.p[i]) == NULL))
			return false;
	return s.n > 0 && s.n <= 127;
}

/* What the bytes are where they say so, else what the sender says; but no
 * picture that is none. */
static struct str
type_of(struct view *v, int fd)
{
	const char *picture = file_picture(fd);
	struct str said = v->request->type;
	size_t slash;

	if (picture != NULL)
		return str_of(picture);
	said = str_sub(said, 0, str_find(said, ';', 0));
	while (said.n > 0 && said.p[said.n - 1] == ' ')
		said.n--;
	slash = str_find(said, '/', 0);
	return !is_token(str_sub(said, 0, slash)) ||
	               !is_token(str_sub(said, slash + 1, said.n)) ||
	               str_starts(said, STR("image/"))
	           ? STR(BYTES)
	           : said;
}

/* POST /files?name=: the value of a field of the type `file` */
int
view_file_add(struct view *v, struct err *err)
{
	struct node *n = v->q.n;
	struct str name = name_of(v), type;
	struct store_file f;
	int fd = v->request->file;

	if (fd <= 0)
		return err_set(err, ERR_INPUT, "the request brings no file");
	type = type_of(v, fd);
	if (file_keep(n, fd, n->own->no, NULL, &f, err) != 0)
		return -1;
	js_put_hex(&v->make, v->model, "sha256", f.sha256.b, 32);
	js_put_str(&v->make, v->model, "name", name);
	js_put_str(&v->make, v->model, "type", type);
	js_put_int(&v->make, v->model, "size", (int64_t)f.size); /* FILE_MAX */
	v->ans.status = 201;
	return 0;
}

/* ---- going out ---- */

struct asked {
	struct id sha256, act;
	struct str code; /* empty: nobody in particular */
	struct box box;  /* of that party */
};

static int
absent(struct view *v, struct err *err)
{
	return err_set(err, ERR_ABSENT, "no file for you at %.*s",
	    STR_ARG(v->request->path));
}

/* ?for=CODE&act=ID: whom a peer asks for, and on the strength of which act. */
static int
read_asked(struct view *v, struct asked *q, struct err *err)
{
	const struct member *m;
	struct str code = view_param(v, "for");

	*q = (struct asked){.code = STR("")};
	if (!hex_is_parsed(v->part[0], q->sha256.b, sizeof(q->sha256.b)))
		return absent(v, err);
	if (code.p == NULL)
		return 0;
	if (!hex_is_parsed(view_param(v, "act"), q->act.b, sizeof(q->act.b)))
		return err_set(err, ERR_INPUT,
		    "'act' is no id of an act: 64 hexadecimal digits");
	m = node_member(v->q.n, code);
	if (m == NULL || m->own)
		return absent(v, err);
	q->code = code;
	q->box = mandate_keys_at(m->mandate, UINT64_MAX)->box;
	return 0;
}

/* Officers read all that their party holds.  The look at the node is open. */
static int
open_it(struct view *v, struct asked *q, bool *ret_public, int *ret_fd,
    uint64_t *ret_size, struct err *err)
{
	bool open;

	if (read_asked(v, q, err) != 0 ||
	    file_is_open_to(v->q.n, v->q.s, &q->sha256, q->code,
		q->code.n > 0 ? &q->act : NULL, v->q.a, &open, err) != 0)
		return -1;
	if (!open && (v->reader == WEB_PUBLIC || q->code.n > 0))
		return absent(v, err);
	*ret_public = open && q->code.n == 0;
	return file_open(v->q.n, v->q.s, &q->sha256, ret_fd, ret_size, err);
}

static int
seal(struct view *v, const struct asked *q, int *fd, uint64_t *size,
    struct err *err)
{
	struct node *n = v->q.n;
	int sealed, rc;

	if (!node_enter(n, &n->sealings, SEALINGS_MAX))
		return err_set(err, ERR_BUSY,
		    "%d files are being sealed already: try again",
		    SEALINGS_MAX);
	rc = file_seal(n, *fd, &q->box, &sealed, size, err);
	node_leave(n, &n->sealings);
	if (rc != 0)
		return -1;
	(void)close(*fd); /* it was only read */
	*fd = sealed;
	return lseek(*fd, 0, SEEK_SET) == 0
	           ? 0
	           : err_set(err, ERR_IO, "a sealed file cannot be read");
}

bool
view_has_file(struct view *v, const struct id *sha256)
{
	struct store_file f;
	struct err err;
	bool has = false;
	int rc = v->reader == WEB_PUBLIC
	             ? file_is_open_to(v->q.n, v->q.s, sha256, STR(""), NULL,
			   v->q.a, &has, &err)
	             : store_file(v->q.s, sha256, &has, &f, &err);

	return rc == 0 && has;
}

/* GET /files/SHA256: the bytes.  A browser runs and shows none of them, but
 * for pictures. */
int
view_file(struct view *v, struct err *err)
{
	struct web_answer *ans = &v->ans;
	struct asked q;
	const char *picture;
	bool open = false;
	int fd, rc;

	if (query_open(v->q.n, v->q.a, &v->q, err) != 0)
		return -1;
	rc = open_it(v, &q, &open, &fd, &ans->size, err);
	query_close(&v->q); /* bytes move without the state's lock */
	if (rc != 0)
		return -1;
	if (q.code.n > 0 && seal(v, &q, &fd, &ans->size, err) != 0) {
		(void)close(fd); /* it was only read */
		return -1;
	}
	picture = q.code.n > 0 ? NULL : file_picture(fd);
	ans->type = picture == NULL ? BYTES : picture;
	ans->name = view_param(v, "name");
	if (picture == NULL && ans->name.n == 0)
		ans->name = v->part[0];
	ans->caching = open ? "public, max-age=31536000, immutable" : NULL;
	ans->file = fd;
	ans->is_file = true;
	return 0;
}
