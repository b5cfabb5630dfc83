#include "node/mail.h"

#include <curl/curl.h>
#include <string.h>

#include "base/when.h"
#include "record/encode.h"
#include "record/key.h"

enum { ADDRESS_MAX_BYTES = 254, WORD_BYTES = 42, LINE = 76 };

bool
mail_is_address(struct str s)
{
	size_t at = str_find(s, '@', 0);

	if (at == 0 || at + 1 >= s.n || s.n > ADDRESS_MAX_BYTES ||
	    str_find(s, '@', at + 1) < s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' ||
		    strchr("<>()[]\\,;:\"", s.p[i]) != NULL)
			return false;
	return true;
}

/* A header's text as encoded words (RFC 2047), each of whole characters. */
static void
put_words(struct buf *b, struct arena *a, struct str s)
{
	for (size_t from = 0, to; from < s.n; from = to) {
		struct str word;

		to = from + WORD_BYTES < s.n ? from + WORD_BYTES : s.n;
		while (to < s.n && ((unsigned char)s.p[to] & 0xC0) == 0x80)
			to--;
		word = encode_b64(a, span_of(str_sub(s, from, to)));
		buf_z(b, from == 0 ? "=?utf-8?B?" : "\r\n =?utf-8?B?");
		buf_str(b, word);
		buf_z(b, "?=");
	}
}

/* "Wed, 25 Nov 2026 04:31:49 +0000" (RFC 5322 3.3). */
static void
put_date(struct buf *b, struct arena *a, int64_t us)
{
	static const char *const day[] = {"Thu", "Fri", "Sat", "Sun", "Mon",
	    "Tue", "Wed"};
	static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct str t = when_str(a, us);
	int64_t days = us / WHEN_DAY; /* since a Thursday */
	size_t m;

	if (t.n < 19)
		return;
	m = (size_t)((t.p[5] - '0') * 10 + (t.p[6] - '0') - 1);
	buf_fmt(b, "%s, %.2s %.3s %.4s %.8s +0000", day[days % 7], t.p + 8,
	    month + 3 * m, t.p, t.p + 11);
}

static int
write_message(const struct mail *m, struct arena *a, struct str *ret,
    struct err *err)
{
	struct str body = encode_b64(a, span_of(m->text));
	uint8_t once[12];
	struct buf b;

	key_random(once, sizeof(once));
	buf_init(&b, a);
	buf_z(&b, "Date: ");
	put_date(&b, a, m->now_us);
	buf_z(&b, "\r\nFrom: <");
	buf_str(&b, m->from);
	buf_z(&b, ">");
	for (size_t i = 0; i < m->n_to; i++) {
		buf_z(&b, i == 0 ? "\r\nTo: <" : ",\r\n <");
		buf_str(&b, m->to[i]);
		buf_z(&b, ">");
	}
	buf_z(&b, "\r\nMessage-ID: <");
	buf_hex(&b, once, sizeof(once));
	buf_str(&b, str_sub(m->from, str_find(m->from, '@', 0), m->from.n));
	buf_z(&b, ">\r\nSubject: ");
	put_words(&b, a, m->subject);
	buf_z(&b, "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0"
		  "\r\nContent-Type: text/plain; charset=utf-8"
		  "\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	for (size_t i = 0; i < body.n; i += LINE) {
		buf_str(&b, str_sub(body, i, i + LINE));
		buf_z(&b, "\r\n");
	}
	return buf_done(&b, ret, err);
}

struct reader {
	struct str left;
};

/* libcurl's form: what is sent next. */
static size_t
on_read(char *out, size_t size, size_t n, void *ctx)
{
	struct reader *r = ctx;

	n *= size;
	if (n > r->left.n)
		n = r->left.n;
	if (n > 0)
		memcpy(out, r->left.p, n);
	r->left = str_sub(r->left, n, r->left.n);
	return n;
}

/* Loopback needs no TLS: nobody is in between. */
static bool
is_loopback(struct str url)
{
	struct str host = str_sub(url, str_find(url, ':', 0) + 3, url.n);

	return str_starts(host, STR("127.")) ||
	       str_starts(host, STR("[::1]")) ||
	       str_starts(host, STR("localhost:")) || str_is(host, "localhost");
}

static bool
is_set(CURL *h, const struct mail *m, struct arena *a, struct reader *r,
    struct curl_slist *to, char *why)
{
	const char *from = str_fmt(a, "<%.*s>", STR_ARG(m->from)).p;
	const char *url = str_z(a, m->server);
	long ssl = is_loopback(m->server) ? (long)CURLUSESSL_TRY
	                                  : (long)CURLUSESSL_ALL;
	const char *user = str_z(a, m->user), *password = str_z(a, m->password);

	return from != NULL && url != NULL && user != NULL &&
	       password != NULL &&
	       curl_easy_setopt(h, CURLOPT_ERRORBUFFER, why) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps") ==
	           CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_USE_SSL, ssl) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)MAIL_TIMEOUT_MS) ==
	           CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_MAIL_FROM, from) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_READDATA, r) == CURLE_OK &&
	       (m->user.n == 0 ||
		   (curl_easy_setopt(h, CURLOPT_USERNAME, user) == CURLE_OK &&
		       curl_easy_setopt(h, CURLOPT_PASSWORD, password) ==
			   CURLE_OK));
}

static int
check(const struct mail *m, struct err *err)
{
	if (!str_starts(m->server, STR("smtp://")) &&
	    !str_starts(m->server, STR("smtps://")))
		return err_set(err, ERR_INPUT,
		    "'%.*s' is no mail server: smtp://host:port or "
		    "smtps://host:port",
		    STR_ARG(m->server));
	if (!mail_is_address(m->from))
		return err_set(err, ERR_INPUT,
		    "'%.*s' (from) is no mail address", STR_ARG(m->from));
	if (m->n_to == 0 || m->n_to > MAIL_TO_MAX)
		return err_set(err, ERR_INPUT,
		    "a mail goes to 1 to %d addresses, not %zu", MAIL_TO_MAX,
		    m->n_to);
	for (size_t i = 0; i < m->n_to; i++)
		if (!mail_is_address(m->to[i]))
			return err_set(err, ERR_INPUT,
			    "'%.*s' is no mail address", STR_ARG(m->to[i]));
	return 0;
}

static bool
add_to(const struct mail *m, struct arena *a, struct curl_slist **list)
{
	for (size_t i = 0; i < m->n_to; i++) {
		const char *one = str_fmt(a, "<%.*s>", STR_ARG(m->to[i])).p;
		struct curl_slist *more =
		    one == NULL ? NULL : curl_slist_append(*list, one);

		if (more == NULL)
			return false;
		*list = more;
	}
	return true;
}

int
mail_send(const struct mail *m, struct arena *a, struct err *err)
{
	char why[CURL_ERROR_SIZE] = "";
	struct curl_slist *to = NULL;
	struct reader r;
	CURL *h;
	CURLcode rc;
	int out = -1;

	if (check(m, err) != 0 || write_message(m, a, &r.left, err) != 0)
		return -1;
	if ((h = curl_easy_init()) == NULL)
		return err_nomem(err, "a mail");
	if (!add_to(m, a, &to) || !is_set(h, m, a, &r, to, why))
		(void)err_set(err, ERR_IO, "%.*s: libcurl refuses the mail",
		    STR_ARG(m->server));
	else if ((rc = curl_easy_perform(h)) != CURLE_OK)
		(void)err_set(err, ERR_IO, "%.*s: %s", STR_ARG(m->server),
		    why[0] != '\0' ? why : curl_easy_strerror(rc));
	else
		out = 0;
	curl_slist_free_all(to);
	curl_easy_cleanup(h);
	return out;
}
