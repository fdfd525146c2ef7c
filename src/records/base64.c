/* base64.c - records: see base64.h. */
#include "config.h"

#include "records/base64.h"

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct span text, struct buf *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t i;
	if (!buf_reserve(out, text.n / 4 * 3 + 3))
		return false;
	for (i = 0; i < text.n && text.p[i] != '='; i++) {
		if (text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '/')
			continue;
		int v = value_of(text.p[i]);
		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out->p[out->n++] = (char)(bits >> have & 0xff);
		}
	}
	for (; i < text.n; i++)
		if (text.p[i] != '=')
			return false;
	return true;
}
