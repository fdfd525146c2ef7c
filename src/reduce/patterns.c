/* patterns.c - reduce: see patterns.h. */
#include "config.h"

#include "reduce/patterns.h"

#include "normalise/denial.h"

/* Adds s with what means something in a pattern made to mean itself. */
static void add_plain(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] && strchr(".$|()[]{}*+?^\\", s.p[i]))
			buf_add_char(out, '\\');
		buf_add_char(out, s.p[i]);
	}
}

static void add_either(struct words words, struct buf *out)
{
	for (size_t i = 0; i < words.n; i++) {
		if (i)
			buf_add_char(out, '|');
		add_plain(words.v[i], out);
	}
}

/* Whole names in any case, in the singular or the plural. */
static void add_names(struct words words, struct buf *out)
{
	buf_add_str(out, "(?i:^(");
	add_either(words, out);
	buf_add_str(out, ")s?$)");
}

static bool ends_in(struct words words, struct span name)
{
	for (size_t i = 0; i < words.n; i++)
		if (span_ends(name, words.v[i]))
			return true;
	return false;
}

static bool holds_any(struct words words, struct span name)
{
	for (size_t i = 0; i < words.n; i++)
		if (span_find(name, words.v[i]) >= 0)
			return true;
	return false;
}

/* Whether pattern_naming finds the name, and pattern_never does not. */
static bool is_naming(const struct member_words *w, struct span name)
{
	return ends_in(w->naming, name) && !span_ends(name, SPAN_LIT("key")) &&
	       !holds_any(w->secret, name) && !holds_any(w->never, name);
}

void pattern_asked(const struct member_words *w, struct buf *out)
{
	bool first = true;
	buf_add_str(out, "(?i)^(");
	for (size_t i = 0; i < w->asked.n; i++) {
		if (is_naming(w, w->asked.v[i]))
			continue;
		if (!first)
			buf_add_char(out, '|');
		add_plain(w->asked.v[i], out);
		first = false;
	}
	buf_add_str(out, ")s?$");
}

void pattern_naming(const struct member_words *w, struct buf *out)
{
	bool first = true;
	buf_add_str(out, "(?i)((");
	for (size_t i = 0; i < w->naming.n; i++) {
		if (span_is(w->naming.v[i], "key"))
			continue;
		if (!first)
			buf_add_char(out, '|');
		add_plain(w->naming.v[i], out);
		first = false;
	}
	buf_add_str(out, ")s?|(^|");
	add_either(w->keys_of, out);
	buf_add_str(out, ")[-_ ]*keys?)[-_ ]*$");
}

/* Words of a name are parted by a change to upper case, '-', '_' and blanks. */
void pattern_never(const struct member_words *w, struct buf *out)
{
	buf_add_str(out, "((^|[-_ ])(");
	add_either(w->secret, out);
	buf_add_str(out, ")|(^|[-_ a-z0-9])(");
	for (size_t i = 0; i < w->secret.n; i++) {
		struct span word = w->secret.v[i];
		if (i)
			buf_add_char(out, '|');
		buf_add_char(out, (char)(word.p[0] - 'a' + 'A'));
		add_plain(span_from(word, 1), out);
	}
	buf_add_str(out, "))s?([-_ A-Z]|$)|");
	add_names(w->never, out);
}

void pattern_marks(const struct member_words *w, struct buf *out)
{
	add_names(w->marks, out);
}

void pattern_presence(const struct member_words *w, struct buf *out)
{
	add_names(w->presence, out);
}

void pattern_closed(const struct member_words *w, struct buf *out)
{
	add_names(w->closed, out);
}

void pattern_refusal(const char *words, struct buf *out)
{
	buf_add_str(out, "(?s)^.*?(");
	add_plain(span_of(words), out);
	buf_add_str(out, "( action)?:.*?)( *" DENIAL_ENCODED " [^ \"]*)?$");
}

void pattern_encoded(struct buf *out)
{
	buf_addf(out, "(?s)^[^\"]*" DENIAL_ENCODED " [-_A-Za-z0-9]{%d,}$", DENIAL_ENCODED_LEAST);
}

void pattern_before_refusal(const char *words, struct buf *out)
{
	buf_add_str(out, "(?s)^(.*?)");
	add_plain(span_of(words), out);
	buf_add_str(out, "(?: action)?:");
}
