/* buf.c - base: see buf.h. */
#include "config.h"

#include "base/buf.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *b, size_t ceiling)
{
	*b = (struct buf){.ceiling = ceiling};
}

void buf_release(struct buf *b)
{
	free(b->p);
	buf_init(b, b->ceiling);
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->full = false;
	if (b->p)
		b->p[0] = '\0';
}

bool buf_reserve(struct buf *b, size_t n)
{
	if (n > b->ceiling || b->n > b->ceiling - n) {
		b->full = true;
		return false;
	}
	size_t need = b->n + n + 1;
	if (need > b->room) {
		size_t room = b->room ? b->room : 64;
		while (room < need)
			room = room > SIZE_MAX / 2 ? need : room * 2;
		if (room > b->ceiling + 1)
			room = b->ceiling + 1;
		b->p = xreallocarray(b->p, room, 1);
		b->room = room;
	}
	return true;
}

bool buf_add(struct buf *b, const void *p, size_t n)
{
	if (!buf_reserve(b, n))
		return false;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
	return true;
}

bool buf_add_span(struct buf *b, struct span s)
{
	return buf_add(b, s.p, s.n);
}

bool buf_add_str(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

bool buf_add_char(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

bool buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || !buf_reserve(b, (size_t)n))
		return false;
	va_start(args, format);
	vsnprintf(b->p + b->n, (size_t)n + 1, format, args);
	va_end(args);
	b->n += (size_t)n;
	return true;
}

void buf_drop(struct buf *b, size_t n)
{
	if (n >= b->n) {
		b->n = 0;
	} else {
		memmove(b->p, b->p + n, b->n - n);
		b->n -= n;
	}
	if (b->p)
		b->p[b->n] = '\0';
}

char *buf_take(struct buf *b)
{
	char *p = b->p ? b->p : xstrdup("");
	p[b->n] = '\0';
	b->p = NULL;
	buf_init(b, b->ceiling);
	return p;
}

/* How many bytes from at on go into a JSON string as they are: nearly all there are. */
static size_t plain_run(struct span s, size_t at)
{
	size_t i = at;
	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			break;
		i++;
	}
	return i - at;
}

size_t json_escape(struct span s, char out[JSON_ESCAPE_SIZE])
{
	uint32_t c = 0;
	size_t n = utf8_take(s, &c);
	if (n == 0)
		strcpy(out, "\\ufffd");
	else if (c == '"' || c == '\\')
		snprintf(out, JSON_ESCAPE_SIZE, "\\%c", (char)c);
	else if (c == '\n' || c == '\t' || c == '\r')
		snprintf(out, JSON_ESCAPE_SIZE, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
	else if (utf8_visible(c))
		snprintf(out, JSON_ESCAPE_SIZE, "%.*s", (int)n, s.p);
	else if (c < 0x10000)
		snprintf(out, JSON_ESCAPE_SIZE, "\\u%04x", (unsigned)c);
	else
		snprintf(out, JSON_ESCAPE_SIZE, "\\u%04x\\u%04x",
		         0xd800 + (unsigned)((c - 0x10000) >> 10),
		         0xdc00 + (unsigned)((c - 0x10000) & 0x3ff));
	return n ? n : 1;
}

size_t json_characters(struct span s)
{
	size_t characters = 0, plain;
	char out[JSON_ESCAPE_SIZE];
	for (size_t i = 0; i < s.n;) {
		characters += plain = plain_run(s, i);
		i += plain;
		if (i == s.n)
			break;
		i += json_escape(span_from(s, i), out);
		for (const char *p = out; *p; p++)
			characters += (*p & 0xc0) != 0x80;
	}
	return characters;
}

bool buf_add_json(struct buf *b, struct span s)
{
	char out[JSON_ESCAPE_SIZE];
	size_t before = b->n;
	if (plain_run(s, 0) == s.n && buf_reserve(b, s.n + 2)) {
		char *to = b->p + b->n;
		to[0] = to[s.n + 1] = '"';
		if (s.n)
			memcpy(to + 1, s.p, s.n);
		b->n += s.n + 2;
		b->p[b->n] = '\0';
		return true;
	}
	bool fits = buf_add_char(b, '"');
	for (size_t i = 0; fits && i < s.n;) {
		size_t plain = plain_run(s, i);
		if (plain) {
			fits = buf_add(b, s.p + i, plain);
			i += plain;
			continue;
		}
		i += json_escape(span_from(s, i), out);
		fits = buf_add_str(b, out);
	}
	fits = fits && buf_add_char(b, '"');
	if (!fits) {
		b->n = before;
		if (b->p)
			b->p[before] = '\0';
	}
	return fits;
}
