#include "node/word.h"

#include "base/num.h"

struct str
word_heads(struct arena *a, const struct member *from, uint64_t size,
    int64_t time_s, const struct member *to)
{
	return str_fmt(a, "comity/heads/1\n%.*s\n%llu\n%lld\n%.*s\n",
	    STR_ARG(hex_str(a, from->charter.b, 32)), (unsigned long long)size,
	    (long long)time_s, STR_ARG(hex_str(a, to->charter.b, 32)));
}

int64_t
word_heads_time(struct str text)
{
	struct err err;
	size_t from = 0, to;
	int64_t time_s;

	for (int line = 0; line < 3; line++)
		from = str_find(text, '\n', from) + 1;
	to = str_find(text, '\n', from);
	if (from >= text.n || num_parse(str_sub(text, from, to), 0, INT64_MAX,
				  &time_s, &err) != 0)
		return -1;
	return time_s;
}

struct str
word_receipt(struct arena *a, const struct id *bundle, const struct member *by)
{
	return str_fmt(a, "comity/receipt/1\n%.*s\n%.*s\n",
	    STR_ARG(hex_str(a, by->charter.b, 32)),
	    STR_ARG(hex_str(a, bundle->b, 32)));
}
