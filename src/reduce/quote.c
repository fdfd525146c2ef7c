/* quote.c - reduce: see quote.h. */
#include "config.h"

#include "reduce/quote.h"

static bool is_sound(struct span text, size_t limit, const char *without)
{
	uint32_t code;
	size_t n;
	if (!text.n || text.n > limit)
		return false;
	for (; text.n; text = span_from(text, n)) {
		n = utf8_take(text, &code);
		if (!n || !utf8_visible(code) || (code < 0x80 && strchr(without, (int)code)))
			return false;
	}
	return true;
}

bool table_sound(const char *name)
{
	struct span rest = span_of(name);
	size_t parts = 0;
	if (!is_sound(rest, LIMIT_TABLE_NAME, "\"'`\\; \t"))
		return false;
	while (rest.p) {
		struct span part = span_cut(&rest, '.');
		if (!part.n || ++parts > 3)
			return false;
	}
	return true;
}

bool place_sound(const char *place)
{
	return is_sound(span_of(place), LIMIT_PLACE, "\"'`\\");
}

bool s3_place_sound(const char *place)
{
	struct span text = span_of(place);
	return is_sound(text, LIMIT_PLACE, "\"'`\\*?{}[] ") &&
	       span_starts(text, SPAN_LIT("s3://")) && text.n > 5 && text.p[5] != '/';
}

static void add_doubled(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'')
			buf_add_char(out, '\'');
		buf_add_char(out, text.p[i]);
	}
}

bool add_literal(struct span text, struct buf *out)
{
	buf_add_char(out, '\'');
	add_doubled(text, out);
	return buf_add_char(out, '\'');
}

bool add_event_literal(struct span source, struct span event, struct buf *out)
{
	buf_add_char(out, '\'');
	add_doubled(source, out);
	buf_add_char(out, '/');
	add_doubled(event, out);
	return buf_add_char(out, '\'');
}

bool add_table(struct span name, char quote, struct buf *out)
{
	bool first = true;
	while (name.p) {
		struct span part = span_cut(&name, '.');
		if (!first)
			buf_add_char(out, '.');
		buf_add_char(out, quote);
		buf_add_span(out, part);
		buf_add_char(out, quote);
		first = false;
	}
	return !out->full;
}
