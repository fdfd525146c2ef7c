/* arn.c - call: see arn.h. */
#include "config.h"

#include "call/arn.h"

bool arn_parse(struct span s, struct arn *out)
{
	struct span rest = s, field[5];
	for (size_t i = 0; i < 5; i++) {
		if (!rest.p)
			return false;
		field[i] = span_cut(&rest, ':');
	}
	if (!rest.p || !span_is(field[0], "arn"))
		return false;
	*out = (struct arn){field[1], field[2], field[3], field[4], rest};
	return true;
}

bool arn_is_account(struct span s)
{
	if (s.n != 12)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return true;
}

bool arn_is_masked_account(struct span s)
{
	static const char *const words[] = {"aws", "amazon", "anonymous", "ANONYMOUS_PRINCIPAL",
	                                    "*"};
	enum { LIMIT_MASK = 64 }; /* longer than any mask that was seen */
	if (s.n == 0 || s.n > LIMIT_MASK || arn_is_account(s))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_is(s, words[i]))
			return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || strchr(":/\\\"", s.p[i]))
			return false;
	return true;
}

bool arn_is_role(struct span s)
{
	struct arn a;
	return arn_parse(s, &a) && span_starts(a.partition, SPAN_LIT("aws")) &&
	       span_is(a.service, "iam") && a.region.n == 0 && arn_is_account(a.account) &&
	       span_starts(a.rest, SPAN_LIT("role/")) && a.rest.n > 5;
}

struct span arn_piece(struct span *pattern, bool *variable)
{
	struct span s = *pattern;
	size_t n = 0;
	*variable = false;
	if (!s.n) {
		*pattern = SPAN_NONE;
		return SPAN_NONE;
	}
	if (s.n > 2 && s.p[0] == '$' && s.p[1] == '{') {
		for (n = 2; n < s.n && s.p[n] != '}';)
			n++;
		if (n < s.n) {
			*variable = true;
			*pattern = span_from(s, n + 1);
			return span_sub(s, 2, n - 2);
		}
	}
	while (n < s.n && (s.p[n] != '$' || n + 1 == s.n || s.p[n + 1] != '{'))
		n++;
	*pattern = span_from(s, n);
	return span_sub(s, 0, n);
}

size_t arn_literals(struct span pattern)
{
	size_t n = 0;
	bool variable;
	struct span piece;
	while ((piece = arn_piece(&pattern, &variable)).p)
		n += variable ? 0 : piece.n;
	return n;
}

/* One field of a pattern, or its last: linear in pattern x text at worst, like span_glob. */
static bool field_matches(struct span pattern, struct span text)
{
	struct span retry = SPAN_NONE; /* the pattern behind the last variable */
	size_t at = 0, retry_at = 0;   /* where its text goes on */
	while (at < text.n || pattern.n) {
		if (span_starts(pattern, SPAN_LIT("${")) && span_chr(pattern, '}') > 0) {
			pattern = span_from(pattern, (size_t)span_chr(pattern, '}') + 1);
			if (at < text.n) {
				retry = pattern;
				retry_at = ++at;
				continue;
			}
		} else if (pattern.n && pattern.p[0] == '*') {
			pattern = span_from(pattern, 1);
			retry = pattern;
			retry_at = at;
			continue;
		} else if (pattern.n && at < text.n && pattern.p[0] == text.p[at]) {
			pattern = span_from(pattern, 1);
			at++;
			continue;
		}
		if (!retry.p || retry_at >= text.n)
			return false;
		pattern = retry;
		at = ++retry_at;
	}
	return true;
}

bool arn_matches(struct span pattern, struct span arn)
{
	for (int field = 0; field < 5; field++) {
		if (!pattern.p || !arn.p)
			return false;
		struct span p = span_cut(&pattern, ':'), a = span_cut(&arn, ':');
		if (!field_matches(p, a))
			return false;
	}
	return pattern.p && arn.p && field_matches(pattern, arn);
}

struct span arn_partition(struct span region)
{
	/* IAM user guide (ARN format) and the SDKs' partition tables. */
	static const struct {
		const char *start, *partition;
	} table[] = {
	        {"cn-", "aws-cn"},
	        {"us-gov-", "aws-us-gov"},
	        {"us-isob-", "aws-iso-b"},
	        {"eu-isoe-", "aws-iso-e"},
	        {"us-isof-", "aws-iso-f"},
	        {"us-iso-", "aws-iso"},
	        {"eusc-", "aws-eusc"},
	        {"aws-cn-", "aws-cn"},
	        {"aws-us-gov-", "aws-us-gov"},
	        {"aws-iso-b-", "aws-iso-b"},
	        {"aws-iso-e-", "aws-iso-e"},
	        {"aws-iso-f-", "aws-iso-f"},
	        {"aws-iso-", "aws-iso"},
	        {"aws-eusc-", "aws-eusc"},
	};
	if (!region.n)
		return SPAN_NONE;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (span_starts(region, span_of(table[i].start)))
			return span_of(table[i].partition);
	return SPAN_LIT("aws");
}

/* The length of the well-formed UTF-8 character at s, with its code; 0 if there is none. */
static size_t character(struct span s, uint32_t *code)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (n > s.n || !span_utf8(span_sub(s, 0, n)))
		return 0;
	*code = n == 1 ? c : n == 2 ? (uint32_t)(c & 0x1f) << 6 | (s.p[1] & 0x3f) : 0x100;
	return n;
}

static bool is_plain(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f || s.p[i] == '*' || s.p[i] == '?' ||
		    s.p[i] == '$')
			return false;
	return true;
}

struct span arn_escape(struct span s, struct arena *arena, unsigned *replaced)
{
	if (is_plain(s))
		return s;
	char *out = arena_alloc(arena, 4 * s.n + 1), *o = out;
	for (size_t i = 0; i < s.n;) {
		uint32_t code = 0;
		size_t n = character(span_from(s, i), &code);
		char c = s.p[i];
		bool fine =
		        n && code <= 0xff && (code >= 0x20 || c == '\t' || c == '\n' || c == '\r');
		if (n == 1 && (c == '*' || c == '?' || c == '$')) {
			*o++ = '$';
			*o++ = '{';
			*o++ = c;
			*o++ = '}';
		} else if (fine) {
			memcpy(o, s.p + i, n);
			o += n;
		} else {
			*o++ = '?';
			++*replaced;
		}
		i += n ? n : 1;
	}
	*o = '\0';
	return span_make(out, (size_t)(o - out));
}
