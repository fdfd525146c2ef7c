/* utf16.c - bytes: see utf16.h. Its own few lines, since iconv's state and errors would need as
 * many. */
#include "config.h"

#include "bytes/utf16.h"

enum { REPLACEMENT = 0xfffd };

bool utf16_begins(struct span text, struct utf16 *u)
{
	bool little = span_starts(text, SPAN_LIT("\xff\xfe")),
	     big = span_starts(text, SPAN_LIT("\xfe\xff"));
	if (little || big)
		*u = (struct utf16){.used = true, .big = big};
	return little || big;
}

size_t utf16_room(size_t n)
{
	/* Three bytes a unit at most, and what was left before. */
	return n / 2 * 3 + 8;
}

static size_t put_unit(struct utf16 *u, uint32_t unit, char *out)
{
	bool low = unit >= 0xdc00 && unit <= 0xdfff;
	size_t n = 0;
	if (u->high && low) {
		unit = 0x10000 + ((u->high & 0x3ff) << 10) + (unit & 0x3ff);
	} else {
		if (u->high)
			n = utf8_put(out, REPLACEMENT);
		if (low)
			unit = REPLACEMENT;
	}
	u->high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
	return u->high ? n : n + utf8_put(out + n, unit);
}

size_t utf16_decode(struct utf16 *u, const char *in, size_t n, char *out)
{
	size_t written = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)in[i];
		if (!u->has_odd) {
			u->odd = c;
			u->has_odd = true;
			continue;
		}
		u->has_odd = false;
		written +=
		        put_unit(u, u->big ? (uint32_t)u->odd << 8 | c : (uint32_t)c << 8 | u->odd,
		                 out + written);
	}
	return written;
}

size_t utf16_end(struct utf16 *u, char *out)
{
	size_t n = u->high || u->has_odd ? utf8_put(out, REPLACEMENT) : 0;
	u->high = 0;
	u->has_odd = false;
	return n;
}
