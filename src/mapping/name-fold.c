/* name-fold.c - mapping: see name-fold.h. */
#include "config.h"

#include "mapping/name-fold.h"

size_t fold_list_mark(struct span path)
{
	size_t n = path.n;
	if (n < 2 || path.p[n - 1] != ']')
		return 0;
	for (n--; n && ascii_digit(path.p[n - 1]);)
		n--;
	return n && path.p[n - 1] == '[' ? path.n - n + 1 : 0;
}

struct span fold_segment(struct span s, char *out, size_t size)
{
	if (s.n > 2)
		s.n -= fold_list_mark(s);
	if (s.n > size)
		s.n = size;
	for (size_t i = 0; i < s.n; i++)
		out[i] = ascii_lower(s.p[i]);
	if (s.n > 3 && out[s.n - 1] == 's' && out[s.n - 2] != 's')
		s.n--;
	return span_make(out, s.n);
}

static bool is_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_filler(struct span segment)
{
	struct span s = segment;
	s.n -= fold_list_mark(s);
	return span_eq_ci(s, SPAN_LIT("items")) || span_eq_ci(s, SPAN_LIT("item")) ||
	       span_eq_ci(s, SPAN_LIT("member")) || span_eq_ci(s, SPAN_LIT("entry")) ||
	       is_digits(s);
}

/* A list's element that was XML with attributes: {"tag": 1, "content": "fl-..."} (EC2). */
static bool is_content(struct span segment)
{
	return span_eq_ci(segment, SPAN_LIT("content"));
}

/* The one object that EC2 and API Gateway wrap a request's body in: "CreateFleetRequest",
 * "putIntegrationInput". */
static bool is_wrapper(struct span first, struct span operation)
{
	struct span tail = SPAN_LIT("request"), other = SPAN_LIT("input");
	return span_starts_ci(first, operation) &&
	       (span_eq_ci(span_from(first, operation.n), tail) ||
	        span_eq_ci(span_from(first, operation.n), other));
}

/* Adds one segment to out[*n], behind a dot if something is there. */
static void add_segment(struct span s, bool before_items, char *out, size_t *n)
{
	size_t at = *n;
	ptrdiff_t brace = span_chr(s, '{');
	struct span mark = SPAN_NONE;
	if (brace > 0) {
		mark = span_from(s, (size_t)brace);
		s.n = (size_t)brace;
	}
	if (at + s.n + mark.n + 2 > FOLD_MAX)
		return;
	if (at)
		out[at++] = '.';
	struct span text = fold_segment(s, out + at, FOLD_MAX - at);
	if (before_items && text.n > 3 && span_ends(text, SPAN_LIT("set"))) {
		text.n -= 3;
		if (text.n > 3 && text.p[text.n - 1] == 's' && text.p[text.n - 2] != 's')
			text.n--;
	}
	at += text.n;
	if (mark.n > 2 && mark.p[1] != '*') {
		/* X{key}: a member named key */
		ptrdiff_t close = span_chr(mark, '}');
		struct span key = span_sub(mark, 1, close > 0 ? (size_t)close - 1 : mark.n - 1);
		out[at++] = '.';
		at += fold_segment(key, out + at, FOLD_MAX - at).n;
	} else if (mark.n) {
		while (mark.n && mark.p[mark.n - 1] != '}')
			mark.n--;
		memcpy(out + at, mark.p, mark.n);
		at += mark.n;
	}
	*n = at;
}

struct folded fold_path(struct span path, struct span operation, char out[FOLD_MAX])
{
	struct folded f = {SPAN_NONE, false};
	size_t n = 0;
	bool first = true;
	struct span rest = path;
	while (rest.p) {
		struct span s = span_cut(&rest, '.');
		bool wrapper = first && rest.p && operation.n && is_wrapper(s, operation);
		first = false;
		if (wrapper || (is_filler(s) && (rest.p || n)) || (is_content(s) && !rest.p && n))
			continue;
		struct span peek = rest;
		struct span next = rest.p ? span_cut(&peek, '.') : SPAN_NONE;
		bool before_items = next.n >= 5 && span_starts_ci(next, SPAN_LIT("items"));
		if (before_items && span_ends_ci(s, SPAN_LIT("set")))
			f.through_set = true;
		add_segment(s, before_items, out, &n);
	}
	f.path = span_make(out, n);
	return f;
}

struct span fold_leaf(struct span folded)
{
	ptrdiff_t dot = span_rchr(folded, '.');
	return dot < 0 ? folded : span_from(folded, (size_t)dot + 1);
}

struct span fold_service(struct span name, char out[FOLD_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < name.n && n < FOLD_MAX; i++)
		if (name.p[i] != ' ' && name.p[i] != '-' && name.p[i] != '_')
			out[n++] = ascii_lower(name.p[i]);
	return span_make(out, n);
}

/* Whether s ends in a date of the form 20150331 or 2020_05_31; *n is the date's length. */
static bool ends_in_date(struct span s, size_t *n)
{
	static const char *const forms[] = {"dddddddd", "dddd_dd_dd"};
	for (size_t f = 0; f < 2; f++) {
		size_t len = strlen(forms[f]);
		bool fits = s.n > len && !ascii_digit(s.p[s.n - len - 1]);
		for (size_t i = 0; fits && i < len; i++) {
			char c = s.p[s.n - len + i];
			fits = forms[f][i] == 'd' ? ascii_digit(c) : c == '_';
		}
		if (fits && (s.p[s.n - len] == '1' || s.p[s.n - len] == '2')) {
			*n = len;
			return true;
		}
	}
	return false;
}

size_t fold_undated(struct span name)
{
	struct span s = name;
	size_t digits = 0, len;
	while (digits < s.n && ascii_digit(s.p[s.n - 1 - digits]))
		digits++;
	if (digits && digits <= 2 && s.n > digits + 1 && s.p[s.n - 1 - digits] == 'v')
		s.n -= digits + 1;
	return ends_in_date(s, &len) ? s.n - len : name.n;
}
