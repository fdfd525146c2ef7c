/* ephemeral.c - builder: see ephemeral.h. */
#include "config.h"

#include "builder/ephemeral.h"

#include <stdio.h>

/* Types whose id AWS makes up once for something that lives long: as good as a name. */
static const struct {
	const char *service, *type;
} durable[] = {
        {"acm", "certificate"},
        {"apigateway", NULL},
        {"appsync", NULL},
        {"cloudfront", NULL},
        {"cognito-identity", NULL},
        {"kms", "key"},
        {"lambda", "eventSourceMapping"},
        {"organizations", NULL},
        {"route53", NULL},
        {"s3", "bucket"},
        {"sso", NULL},
        {"wafv2", NULL},
};

bool type_is_durable(const struct sar_type *type)
{
	for (size_t i = 0; type && i < sizeof durable / sizeof *durable; i++)
		if (span_is(sar_type_service(type), durable[i].service) &&
		    (!durable[i].type || span_is(sar_type_name(type), durable[i].type)))
			return true;
	return false;
}

/* Ids of the form PREFIX-HEX that come and go with each run; all others (vpc-, subnet-, sg-,
 * fs-...) stand for what stays. */
static const char *const passing_ids[] = {
        "i",     "vol", "snap",     "eni",      "r",          "sir",         "sfr",
        "fleet", "mi",  "eipassoc", "import-i", "import-ami", "import-snap", "export-i"};

static bool is_hex(char c)
{
	return ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_alnum(char c)
{
	return ascii_digit(c) || ascii_alpha(c);
}

static bool segment_end(struct span s, size_t at)
{
	return at >= s.n || s.p[at] == '/' || s.p[at] == ':';
}

static bool segment_start(struct span s, size_t at)
{
	return at == 0 || s.p[at - 1] == '/' || s.p[at - 1] == ':';
}

/* Whether the text at s[at] has the shape: 'd' a digit, 'x' a hex digit, else the character itself.
 */
static bool shaped(struct span s, size_t at, const char *shape)
{
	size_t n = strlen(shape);
	if (at + n > s.n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.p[at + i];
		bool ok = shape[i] == 'd'   ? ascii_digit(c)
		          : shape[i] == 'x' ? is_hex(c)
		                            : shape[i] == c;
		if (!ok)
			return false;
	}
	return true;
}

static size_t uuid_at(struct span s, size_t at)
{
	bool is = shaped(s, at, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	return is && (at + 36 == s.n || !is_alnum(s.p[at + 36])) ? 36 : 0;
}

/* "2026-01-02", "2026_01_02", with a time behind it where there is one. */
static size_t date_at(struct span s, size_t at)
{
	if (!shaped(s, at, "dddd-dd-dd") && !shaped(s, at, "dddd_dd_dd"))
		return 0;
	size_t n = 10;
	if (shaped(s, at + n, "Tdd") || shaped(s, at + n, "tdd")) {
		n += 3;
		while (at + n < s.n && (ascii_digit(s.p[at + n]) || s.p[at + n] == ':' ||
		                        s.p[at + n] == '.' || s.p[at + n] == '-'))
			n++;
		if (at + n < s.n && (s.p[at + n] == 'Z' || s.p[at + n] == 'z'))
			n++;
	}
	return at + n == s.n || !is_alnum(s.p[at + n]) ? n : 0;
}

static bool listed(struct span prefix)
{
	for (size_t i = 0; i < sizeof passing_ids / sizeof *passing_ids; i++)
		if (span_is(prefix, passing_ids[i]))
			return true;
	return false;
}

/* A whole segment "PREFIX-8 or 17 hex digits": its length; *passing if it comes and goes. */
static size_t aws_id_at(struct span s, size_t at, bool *passing)
{
	size_t end = at;
	while (!segment_end(s, end))
		end++;
	struct span segment = span_sub(s, at, end - at);
	ptrdiff_t dash = span_rchr(segment, '-');
	if (dash <= 0 || dash > 12)
		return 0;
	struct span prefix = span_sub(segment, 0, (size_t)dash);
	struct span id = span_from(segment, (size_t)dash + 1);
	if (id.n != 8 && id.n != 17)
		return 0;
	for (size_t i = 0; i < id.n; i++)
		if (!is_hex(id.p[i]))
			return 0;
	for (size_t i = 0; i < prefix.n; i++)
		if (prefix.p[i] != '-' && !(prefix.p[i] >= 'a' && prefix.p[i] <= 'z'))
			return 0;
	*passing = listed(prefix);
	return segment.n;
}

/* A run number, hash or generated suffix: letters and digits only. An account number (12 digits) is
 * none. */
static bool ephemeral_word(struct span w, bool whole_segment)
{
	size_t digits = 0, hex = 0, upper = 0;
	for (size_t i = 0; i < w.n; i++) {
		digits += ascii_digit(w.p[i]);
		hex += is_hex(w.p[i]);
		upper += w.p[i] >= 'A' && w.p[i] <= 'Z';
	}
	size_t letters = w.n - digits;
	if (letters == 0)
		return w.n != 12 && (whole_segment || w.n >= 4);
	if (hex == w.n && digits >= 2 && (w.n >= 8 && letters >= 2))
		return true;
	if (hex == w.n && w.n >= 32)
		return true;
	/* CloudFormation's suffix of physical names: 12 or 13 capitals and digits */
	return upper + digits == w.n && w.n >= 12 && digits >= 2 && upper >= 2;
}

struct span without_ephemeral(struct span s, bool made, struct arena *arena)
{
	char *out = NULL;
	size_t n = 0;
	for (size_t at = 0; at < s.n;) {
		bool token_start = at == 0 || !is_alnum(s.p[at - 1]), passing = true;
		size_t len = 0;
		if (token_start && is_alnum(s.p[at])) {
			if (segment_start(s, at))
				len = aws_id_at(s, at, &passing);
			passing |= made;
			if (len == 0)
				len = uuid_at(s, at);
			if (len == 0)
				len = date_at(s, at);
			if (len == 0) {
				while (at + len < s.n && is_alnum(s.p[at + len]))
					len++;
				passing = ephemeral_word(span_sub(s, at, len),
				                         segment_start(s, at) &&
				                                 segment_end(s, at + len));
			}
		}
		if (len && passing && !out) {
			out = arena_alloc(arena, s.n + 1);
			memcpy(out, s.p, at);
			n = at;
		}
		size_t step = len ? len : 1;
		if (out && len && passing) {
			out[n++] = '*';
		} else if (out) {
			memcpy(out + n, s.p + at, step);
			n += step;
		}
		at += step;
	}
	return out ? span_make(out, n) : s;
}

/* ---- by their history */

static bool is_year(struct span s, size_t at)
{
	return shaped(s, at, "20dd") || shaped(s, at, "19dd");
}

static bool two_digits(struct span s, size_t at, unsigned least, unsigned most)
{
	if (!shaped(s, at, "dd"))
		return false;
	unsigned v = (unsigned)(s.p[at] - '0') * 10 + (unsigned)(s.p[at + 1] - '0');
	return v >= least && v <= most;
}

static bool ends_word(struct span s, size_t at)
{
	return at >= s.n || !is_alnum(s.p[at]);
}

/* "2026/08", "2026/08/21", "2026/08/21/13", each of whole segments. */
static size_t path_date_at(struct span s, size_t at)
{
	static const struct {
		unsigned least, most;
	} field[] = {{1, 12}, {1, 31}, {0, 23}};
	if (!is_year(s, at))
		return 0;
	size_t n = 4, fields = 0;
	while (fields < 3 && at + n < s.n && s.p[at + n] == '/' &&
	       two_digits(s, at + n + 1, field[fields].least, field[fields].most) &&
	       segment_end(s, at + n + 3)) {
		n += 3;
		fields++;
	}
	return fields ? n : 0;
}

/* "2026-08", and no further digits behind. */
static size_t month_at(struct span s, size_t at)
{
	bool is = is_year(s, at) && at + 4 < s.n && (s.p[at + 4] == '-' || s.p[at + 4] == '_') &&
	          two_digits(s, at + 5, 1, 12) && ends_word(s, at + 7);
	bool more = at + 8 < s.n && s.p[at + 7] == s.p[at + 4] && ascii_digit(s.p[at + 8]);
	return is && !more ? 7 : 0;
}

/* "202608", "20260821", with a time behind: "2026082113", "20260821T130509Z". */
static bool is_date_word(struct span w)
{
	size_t digits = 0;
	while (digits < w.n && ascii_digit(w.p[digits]))
		digits++;
	bool day = is_year(w, 0) && two_digits(w, 4, 1, 12) && two_digits(w, 6, 1, 31);
	if (digits == w.n)
		return (digits == 6 && is_year(w, 0) && two_digits(w, 4, 1, 12)) ||
		       (day && (digits == 8 || digits == 10 || digits == 12 || digits == 14));
	return day && digits == 8 && (w.p[8] == 'T' || w.p[8] == 't') && w.n >= 11 &&
	       ascii_digit(w.p[9]);
}

/* "Aug2026". */
static bool is_month_word(struct span w)
{
	static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
	                                     "jul", "aug", "sep", "oct", "nov", "dec"};
	for (size_t i = 0; i < sizeof months / sizeof *months; i++)
		if (w.n == 7 && span_eq_ci(span_sub(w, 0, 3), span_of(months[i])))
			return is_year(w, 3);
	return false;
}

/* Seconds or milliseconds since 1970, of this and the next years. */
static bool is_epoch(struct span w)
{
	for (size_t i = 0; i < w.n; i++)
		if (!ascii_digit(w.p[i]))
			return false;
	return (w.n == 10 || w.n == 13) && w.p[0] == '1' && w.p[1] >= '5';
}

/* Keys of hive partitions whose values are dates or counters of time. */
static bool is_date_key(struct span key)
{
	static const char *const keys[] = {"year", "month",  "day",  "dt", "date",
	                                   "hour", "minute", "week", "hr", "yyyy",
	                                   "mm",   "dd",     "hh",   "ds", "p_date"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (span_eq_ci(key, span_of(keys[i])))
			return true;
	return false;
}

/* The value of "year=2026" at s[at]: its length, to the segment's end; 0 if it is none. */
static size_t partition_at(struct span s, size_t at)
{
	size_t from = at ? at - 1 : 0, n = 0;
	if (at < 2 || s.p[at - 1] != '=')
		return 0;
	while (from > 0 && (is_alnum(s.p[from - 1]) || s.p[from - 1] == '_'))
		from--;
	if (!is_date_key(span_sub(s, from, at - 1 - from)))
		return 0;
	while (!segment_end(s, at + n)) {
		if (!ascii_digit(s.p[at + n]) && !strchr("-_.T", s.p[at + n]))
			return 0;
		n++;
	}
	return n;
}

/* Letters of both cases and digits in turn, as no name has them. */
static bool is_mixed(struct span w)
{
	size_t turns = 0, digits = 0;
	for (size_t i = 0; i < w.n; i++) {
		int kind = ascii_digit(w.p[i]) ? 0 : w.p[i] >= 'a' ? 1 : 2;
		int before = i == 0                    ? kind
		             : ascii_digit(w.p[i - 1]) ? 0
		             : w.p[i - 1] >= 'a'       ? 1
		                                       : 2;
		turns += kind != before;
		digits += kind == 0;
	}
	return w.n >= 10 && digits >= 1 && digits < w.n && 5 * turns >= 2 * w.n;
}

bool is_id_shaped(struct span w)
{
	size_t digits = 0, hex = 0, upper = 0;
	for (size_t i = 0; i < w.n; i++) {
		if (!is_alnum(w.p[i]))
			return false;
		digits += ascii_digit(w.p[i]);
		hex += is_hex(w.p[i]);
		upper += w.p[i] >= 'A' && w.p[i] <= 'Z';
	}
	if (hex == w.n && w.n >= 7)
		return (digits > 0 && digits < w.n) || w.n >= 32;
	/* base 32: CloudFormation's suffixes, ULIDs */
	bool capitals = upper + digits == w.n && w.n >= 12 && digits >= 2 && upper >= 2;
	return capitals || is_mixed(w);
}

static size_t date_shape_at(struct span s, size_t at)
{
	size_t n = date_at(s, at), word = 0;
	n = n ? n : path_date_at(s, at);
	n = n ? n : month_at(s, at);
	n = n ? n : partition_at(s, at);
	if (n)
		return n;
	while (!ends_word(s, at + word))
		word++;
	struct span w = span_sub(s, at, word);
	return is_date_word(w) || is_month_word(w) || is_epoch(w) ? word : 0;
}

/* An id of AWS's own at the start of a segment. Of eight digits only with the prefixes of the time
 * when they were that short: people, too, put a word before a hash. */
static size_t own_id_at(struct span s, size_t at)
{
	static const char *const old[] = {"i",   "vol", "snap", "ami", "eni", "vpc",  "subnet",
	                                  "sg",  "rtb", "acl",  "igw", "nat", "dopt", "eipalloc",
	                                  "pcx", "vgw", "cgw",  "fs",  "r"};
	bool passing;
	size_t n = segment_start(s, at) ? aws_id_at(s, at, &passing) : 0;
	if (n == 0 || s.p[at + n - 9] != '-')
		return n;
	for (size_t i = 0; i < sizeof old / sizeof *old; i++)
		if (span_is(span_sub(s, at, n - 9), old[i]))
			return n;
	return 0;
}

static size_t id_shape_at(struct span s, size_t at, unsigned shapes)
{
	size_t n = own_id_at(s, at), word = 0;
	if (n)
		return shapes & SHAPE_AWS_IDS ? n : 0;
	if (!(shapes & SHAPE_IDS))
		return 0;
	n = uuid_at(s, at);
	while (!n && !ends_word(s, at + word))
		word++;
	return n ? n : is_id_shaped(span_sub(s, at, word)) ? word : 0;
}

/* An AWS id that stays: passed over whole, lest its hex digits be taken for an id of their own. */
static size_t kept_at(struct span s, size_t at)
{
	size_t n = own_id_at(s, at);
	return n ? n : 1;
}

/* Whether the date at s[at] is of that year: it begins with it, or ends with it ("Aug2026"). */
static bool is_of_year(struct span date, unsigned year)
{
	char text[8];
	snprintf(text, sizeof text, "%u", year);
	return span_find(date, span_of(text)) >= 0 || date.n <= 2;
}

static size_t shape_at(struct span s, size_t at, unsigned shapes, unsigned year)
{
	size_t date = shapes & (SHAPE_DATES | SHAPE_DATES_OF_YEAR) ? date_shape_at(s, at) : 0;
	if (date && !(shapes & SHAPE_DATES) && !is_of_year(span_sub(s, at, date), year))
		date = 0;
	return date ? date : id_shape_at(s, at, shapes);
}

struct span without_shapes(struct span s, unsigned shapes, unsigned year, struct arena *arena)
{
	char *out = arena_alloc(arena, s.n + 1);
	size_t n = 0;
	for (size_t at = 0; at < s.n;) {
		bool start = (at == 0 || !is_alnum(s.p[at - 1])) && is_alnum(s.p[at]);
		size_t fold = start ? shape_at(s, at, shapes, year) : 0;
		if (fold) {
			out[n++] = '*';
			at += fold;
			continue;
		}
		size_t keep = start ? kept_at(s, at) : 1;
		memcpy(out + n, s.p + at, keep);
		n += keep;
		at += keep;
	}
	out[n] = '\0';
	return span_make(out, n);
}

/* Six letters alone may be the end of a name that was called without the suffix. */
struct span without_secret_suffix(const struct sar_type *type, struct span value,
                                  struct arena *arena)
{
	enum { SUFFIX = 6 };
	bool made = false;
	if (!type || !span_is(sar_type_service(type), "secretsmanager") || value.n <= SUFFIX + 1 ||
	    value.p[value.n - SUFFIX - 1] != '-')
		return value;
	struct span suffix = span_from(value, value.n - SUFFIX);
	for (size_t i = 0; i < SUFFIX; i++) {
		if (!is_alnum(suffix.p[i]))
			return value;
		made = made || !(suffix.p[i] >= 'a' && suffix.p[i] <= 'z');
	}
	if (!made)
		return value;
	return arena_printf(arena, "%.*s??????", (int)(value.n - SUFFIX), value.p);
}
