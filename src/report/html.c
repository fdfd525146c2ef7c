/* html.c - report: see html.h. */
#include "config.h"

#include "report/html.h"

#include "base/span.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static void add_char(struct buf *b, uint32_t code, struct span bytes, bool lines)
{
	switch (code) {
	case '&': buf_add_str(b, "&amp;"); return;
	case '<': buf_add_str(b, "&lt;"); return;
	case '>': buf_add_str(b, "&gt;"); return;
	case '"': buf_add_str(b, "&quot;"); return;
	case '\'': buf_add_str(b, "&#39;"); return;
	default: break;
	}
	if (utf8_visible(code) || (lines && code == '\n'))
		buf_add_span(b, bytes);
	else
		buf_addf(b, "[U+%04" PRIX32 "]", code);
}

static void add_text(struct buf *b, struct span s, bool lines)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t code = 0;
		n = utf8_take(span_from(s, i), &code);
		if (n)
			add_char(b, code, span_sub(s, i, n), lines);
		else
			buf_add_str(b, "\xef\xbf\xbd");
		n += n == 0;
	}
}

void html_text(struct buf *b, struct span s)
{
	add_text(b, s, false);
}

void html_lines(struct buf *b, struct span s)
{
	add_text(b, s, true);
}

void html_number(struct buf *b, uint64_t n)
{
	char digits[32];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			buf_add_char(b, ',');
		buf_add_char(b, digits[i]);
	}
}

/* The directive behind a '%'; returns how long it is. */
static size_t add_directive(struct buf *b, const char *at, va_list *args)
{
	switch (at[0]) {
	case 's': buf_add_str(b, va_arg(*args, const char *)); return 1;
	case 'S': html_text(b, *va_arg(*args, const struct span *)); return 1;
	case 'd': buf_addf(b, "%d", va_arg(*args, int)); return 1;
	case 'u': buf_addf(b, "%u", va_arg(*args, unsigned)); return 1;
	case '%': buf_add_char(b, '%'); return 1;
	case 'z': html_number(b, va_arg(*args, size_t)); return 2;
	default:
		assert(at[0] == 'l' && at[1] == 'l' && at[2] == 'u');
		html_number(b, va_arg(*args, unsigned long long));
		return 3;
	}
}

void html_addf(struct buf *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	for (const char *at = format; *at;) {
		size_t plain = strcspn(at, "%");
		buf_add(b, at, plain);
		at += plain;
		if (*at == '%')
			at += 1 + add_directive(b, at + 1, &args);
	}
	va_end(args);
}
