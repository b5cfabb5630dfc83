/*
 * when_tool: answers when_oracle.py.  A line "t PRECISION TEXT" or "d TEXT",
 * tabs between; the answer is a line of microseconds, or "-".
 */
#include <stdio.h>
#include <string.h>

#include "base/when.h"

int
main(void)
{
	char line[1024];
	int64_t us;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct str s = str_sub(str_of(line), 0, strlen(line) - 1);
		size_t tab = str_find(s, '\t', 0);
		size_t next = str_find(s, '\t', tab + 1);
		enum when_precision p;
		bool is_good;

		if (str_is(str_sub(s, 0, tab), "d"))
			is_good =
			    when_is_duration(str_sub(s, tab + 1, s.n), &us);
		else if (when_is_precision(str_sub(s, tab + 1, next), &p))
			is_good =
			    when_is_time(str_sub(s, next + 1, s.n), p, &us);
		else
			return 1;
		if (is_good)
			(void)printf("%lld\n", (long long)us);
		else
			(void)printf("-\n");
	}
	return 0;
}
