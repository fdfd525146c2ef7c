/* url.c - base: see url.h. */
#include "config.h"

#include "base/url.h"

static int hex_value(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct span url_decode(struct arena *arena, struct span s, bool plus)
{
	if (span_chr(s, '%') < 0 && (!plus || span_chr(s, '+') < 0))
		return s;
	char *out = arena_alloc(arena, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int high, low;
		if (s.p[i] == '%' && i + 2 < s.n && (high = hex_value(s.p[i + 1])) >= 0 &&
		    (low = hex_value(s.p[i + 2])) >= 0) {
			out[n++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = plus && s.p[i] == '+' ? ' ' : s.p[i];
		}
	}
	out[n] = '\0';
	return span_make(out, n);
}
