/* csv.c - base: see csv.h. By hand: two rules of quoting are less than the interface of a library.
 */
#include "config.h"

#include "base/csv.h"

static bool has_any(struct span s, const char *characters)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] && strchr(characters, s.p[i]))
			return true;
	return false;
}

void csv_text(struct buf *b, struct span s)
{
	bool formula = s.n && has_any(span_sub(s, 0, 1), "=+-@\t\r");
	if (s.n && !formula && !has_any(s, "\",\r\n")) {
		buf_add_span(b, s);
		return;
	}
	buf_add_str(b, formula ? "\"'" : "\"");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_add_char(b, '"');
		buf_add_char(b, s.p[i]);
	}
	buf_add_char(b, '"');
}
