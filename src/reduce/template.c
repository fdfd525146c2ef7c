/* template.c - reduce: see template.h. */
#include "config.h"

#include "reduce/template.h"

#include <assert.h>

/* Words inside words, and names inside names. */
enum { LIMIT_DEPTH = 16, LIMIT_ARGUMENTS = 2 };
/* One argument: all of the words and names in it. */
#define LIMIT_ARGUMENT ((size_t)256 << 10)

static void fill(struct span text, const struct template_values *values, unsigned depth,
                 struct buf *out);

/* Where the literal at the beginning of text ends. */
static size_t literal_end(struct span text)
{
	for (size_t i = 1; i < text.n; i++) {
		if (text.p[i] != '\'')
			continue;
		if (i + 1 == text.n || text.p[i + 1] != '\'')
			return i + 1;
		i++;
	}
	assert(false); /* a literal does not end */
	return text.n;
}

/* A literal as the dialect writes it; quotes in it are doubled already. */
static void fill_literal(struct span literal, const struct dialect *d, struct buf *out)
{
	for (size_t i = 0; i < literal.n; i++) {
		if (d->backslash && literal.p[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, literal.p[i]);
	}
}

/* The arguments between the parentheses at the beginning of text; returns what they take. */
static size_t split_arguments(struct span text, struct span argument[LIMIT_ARGUMENTS])
{
	size_t n = 0, start = 1, deep = 0;
	for (size_t i = 0; i < LIMIT_ARGUMENTS; i++)
		argument[i] = SPAN_LIT("");
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '\'') {
			i += literal_end(span_from(text, i)) - 1;
		} else if (c == '(') {
			deep++;
		} else if ((c == ')' && --deep == 0) || (c == ',' && deep == 1)) {
			assert(n < LIMIT_ARGUMENTS);
			argument[n++] = span_trim(span_sub(text, start, i - start));
			start = i + 1;
			if (c == ')')
				return i + 1;
		}
	}
	assert(false); /* a word does not end */
	return text.n;
}

static void fill_word(const char *pattern, const struct span argument[LIMIT_ARGUMENTS],
                      const struct template_values *values, unsigned depth, struct buf *out)
{
	struct buf filled[LIMIT_ARGUMENTS];
	for (size_t i = 0; i < LIMIT_ARGUMENTS; i++) {
		buf_init(&filled[i], LIMIT_ARGUMENT);
		fill(argument[i], values, depth, &filled[i]);
	}
	for (const char *p = pattern; *p; p++) {
		if (p[0] == '%' && p[1] >= '1' && p[1] < '1' + LIMIT_ARGUMENTS)
			buf_add_span(out, buf_span(&filled[*++p - '1']));
		else
			buf_add_char(out, *p);
	}
	for (size_t i = 0; i < LIMIT_ARGUMENTS; i++)
		buf_release(&filled[i]);
}

static void fill_name(struct span name, const struct template_values *values, unsigned depth,
                      struct buf *out)
{
	struct buf text;
	buf_init(&text, LIMIT_ARGUMENT);
	bool known = values->add(values->data, name, &text);
	assert(known && !text.full);
	if (known)
		fill(buf_span(&text), values, depth, out);
	buf_release(&text);
}

/* What begins with '@' at the beginning of text; returns what it takes. */
static size_t fill_marked(struct span text, const struct template_values *values, unsigned depth,
                          struct buf *out)
{
	struct span argument[LIMIT_ARGUMENTS];
	size_t n = 1;
	assert(depth < LIMIT_DEPTH);
	if (text.n > 1 && text.p[1] == '{') {
		ptrdiff_t end = span_chr(text, '}');
		assert(end > 0);
		fill_name(span_sub(text, 2, (size_t)end - 2), values, depth + 1, out);
		return (size_t)end + 1;
	}
	while (n < text.n && (ascii_alpha(text.p[n]) || text.p[n] == '_'))
		n++;
	const char *pattern = dialect_word(values->dialect, span_sub(text, 1, n - 1));
	assert(pattern);
	size_t taken = split_arguments(span_from(text, n), argument);
	fill_word(pattern, argument, values, depth + 1, out);
	return n + taken;
}

static void fill(struct span text, const struct template_values *values, unsigned depth,
                 struct buf *out)
{
	for (size_t i = 0; i < text.n;) {
		struct span rest = span_from(text, i);
		if (rest.p[0] == '\'') {
			size_t n = literal_end(rest);
			fill_literal(span_sub(rest, 0, n), values->dialect, out);
			i += n;
		} else if (rest.p[0] == '"' || rest.p[0] == '`') { /* a quoted name */
			ptrdiff_t end = span_chr(span_from(rest, 1), rest.p[0]);
			assert(end >= 0);
			buf_add_span(out, span_sub(rest, 0, (size_t)end + 2));
			i += (size_t)end + 2;
		} else if (rest.p[0] == '@') {
			i += fill_marked(rest, values, depth, out);
		} else {
			buf_add_char(out, rest.p[0]);
			i++;
		}
	}
}

struct span template_text(const char *text)
{
	struct span rest = span_of(text);
	while (span_starts(rest, SPAN_LIT("--")))
		span_cut(&rest, '\n');
	while (rest.n && rest.p[rest.n - 1] == '\n')
		rest.n--;
	return rest;
}

void template_fill(const char *text, const struct template_values *values, struct buf *out)
{
	fill(template_text(text), values, 0, out);
}
