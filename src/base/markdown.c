/* markdown.c - base: see markdown.h. */
#include "config.h"

#include "base/markdown.h"

void markdown_code(struct buf *b, struct span s)
{
	size_t longest = 0, run = 0;
	for (size_t i = 0; i < s.n; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		buf_add_char(b, '`');
	if (longest)
		buf_add_char(b, ' ');
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t c = 0;
		n = utf8_take(span_from(s, i), &c);
		if (n == 0 || !utf8_visible(c))
			buf_add_char(b, '?');
		else if (c == '|')
			buf_add_str(b, "\\|");
		else
			buf_add_span(b, span_sub(s, i, n));
		n += n == 0;
	}
	if (longest)
		buf_add_char(b, ' ');
	for (size_t i = 0; i <= longest; i++)
		buf_add_char(b, '`');
}
