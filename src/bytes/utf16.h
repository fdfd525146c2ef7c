/* utf16.h - bytes: UTF-16 with a byte order mark, as PowerShell's ">" writes it, as UTF-8. What is no
 * character, such as half of a pair, becomes U+FFFD, one for each. */
#ifndef BYTES_UTF16_H
#define BYTES_UTF16_H

#include "base/span.h"

struct utf16 { /* 0-initialised: not in use */
	bool used, big;
	bool has_odd;
	unsigned char odd; /* the first byte of a unit whose second has not come yet */
	uint32_t high;     /* the first of a pair whose second has not come yet, or 0 */
};

/* Whether text begins with a mark, of 2 bytes; sets *u for what follows it. */
bool utf16_begins(struct span text, struct utf16 *u);
/* Room that n bytes more may take in UTF-8. */
size_t utf16_room(size_t n);
/* The next n bytes, as UTF-8 to out; the number of bytes written. */
size_t utf16_decode(struct utf16 *u, const char *in, size_t n, char *out);
/* There are no more: what is left of a unit or a pair. */
size_t utf16_end(struct utf16 *u, char *out);

#endif
