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

/* What a spreadsheet may pass over before it looks whether a cell is a formula: blanks of all kinds
 * and what cannot be seen. */
static bool is_passed(uint32_t c)
{
	return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	       c == 0x202f || c == 0x205f || c == 0x3000 || !utf8_visible(c);
}

/* '=', '+', '-', '@', in full width, too (U+FF1D and so on), or any control character. */
static bool is_formula(struct span s)
{
	static const uint32_t begins[] = {'=', '+', '-', '@', 0xff1d, 0xff0b, 0xff0d, 0xff20};
	uint32_t c = 0;
	for (size_t n = utf8_take(s, &c); n && is_passed(c); n = utf8_take(s, &c)) {
		if (c < 0x20)
			return true;
		s = span_from(s, n);
		c = 0;
	}
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (c == begins[i])
			return true;
	return false;
}

void csv_text(struct buf *b, struct span s)
{
	bool formula = is_formula(s);
	if (s.n && !formula && !has_any(s, "\",;\t\r\n")) {
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
