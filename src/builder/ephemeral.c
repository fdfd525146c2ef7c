/* ephemeral.c - builder: see ephemeral.h. */
#include "config.h"

#include "builder/ephemeral.h"

#include "builder/date-shape.h"
#include "builder/fixed-width.h"

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

size_t uuid_at(struct span s, size_t at)
{
	bool is = shaped(s, at, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	return is && (at + UUID_SIZE == s.n || !ascii_alnum(s.p[at + UUID_SIZE])) ? UUID_SIZE : 0;
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

/* 128 bits in base 32 of small letters: the end of a session's id of Systems Manager. */
static bool is_small_base32(struct span w, size_t digits)
{
	enum { BASE32_OF_128 = 26 };
	for (size_t i = 0; i < w.n; i++)
		if (!(w.p[i] >= 'a' && w.p[i] <= 'z') && !(w.p[i] >= '2' && w.p[i] <= '7'))
			return false;
	return w.n == BASE32_OF_128 && digits > 0;
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
	if ((hex == w.n && w.n >= 32) || is_small_base32(w, digits))
		return true;
	/* CloudFormation's suffix of physical names: 12 or 13 capitals and digits */
	return upper + digits == w.n && w.n >= 12 && digits >= 2 && upper >= 2;
}

/* What of the text at s[at], where a word begins, another run spells otherwise. */
struct ephemeral {
	size_t n; /* its length; 0: nothing is known of it */
	bool passing, fixed, date; /* it comes and goes; has always the same length; is a date */
};

static struct ephemeral ephemeral_at(struct span s, size_t at, bool made)
{
	struct ephemeral e = {.passing = true};
	if (segment_start(s, at) && (e.n = aws_id_at(s, at, &e.passing)) > 0) {
		e.passing |= made;
		return e;
	}
	e.fixed = true;
	if ((e.n = uuid_at(s, at)) > 0)
		return e;
	e.date = true;
	if ((e.n = iso_date_at(s, at)) > 0)
		return e;
	while (at + e.n < s.n && ascii_alnum(s.p[at + e.n]))
		e.n++;
	struct span word = span_sub(s, at, e.n);
	e.date = false;
	e.fixed = is_id_shaped(word);
	e.passing = ephemeral_word(word, segment_start(s, at) && segment_end(s, at + e.n));
	return e;
}

struct span without_ephemeral(struct span s, bool made, bool any_width, struct arena *arena)
{
	char *out = NULL;
	size_t n = 0;
	for (size_t at = 0; at < s.n;) {
		struct ephemeral e = {.n = 0};
		if ((at == 0 || !ascii_alnum(s.p[at - 1])) && ascii_alnum(s.p[at]))
			e = ephemeral_at(s, at, made);
		size_t step = e.n ? e.n : 1;
		if (e.n && e.passing && !out) {
			out = arena_alloc(arena, s.n + 1);
			memcpy(out, s.p, at);
			n = at;
		}
		struct span part = span_sub(s, at, step);
		if (out && e.n && e.passing) {
			if (!e.fixed || any_width)
				out[n++] = '*';
			else
				n += e.date ? width_of_date(part, false, out + n)
				            : width_of_id(part, out + n);
		} else if (out) {
			memcpy(out + n, part.p, step);
			n += step;
		}
		at += step;
	}
	return out ? span_make(out, n) : s;
}

/* ---- by their history */

static bool ends_word(struct span s, size_t at)
{
	return at >= s.n || !ascii_alnum(s.p[at]);
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

enum { HEX_OF_LETTERS = 32 }; /* as long as an MD5: an id, though it has no digit */

bool is_id_shaped(struct span w)
{
	size_t digits = 0, hex = 0, upper = 0;
	if (w.n == UUID_SIZE && uuid_at(w, 0))
		return true;
	for (size_t i = 0; i < w.n; i++) {
		if (!ascii_alnum(w.p[i]))
			return false;
		digits += ascii_digit(w.p[i]);
		hex += is_hex(w.p[i]);
		upper += w.p[i] >= 'A' && w.p[i] <= 'Z';
	}
	if (hex == w.n && w.n >= 7)
		return (digits > 0 && digits < w.n) || w.n >= HEX_OF_LETTERS;
	/* base 32: CloudFormation's suffixes, ULIDs */
	bool capitals = upper + digits == w.n && w.n >= 12 && digits >= 2 && upper >= 2;
	return capitals || is_mixed(w) || is_small_base32(w, digits);
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

bool has_aws_id(struct span resource)
{
	size_t at = resource.n;
	while (at > 0 && resource.p[at - 1] != '/' && resource.p[at - 1] != ':')
		at--;
	return own_id_at(resource, at) > 0;
}

/* A part of a name that has a shape. */
struct shaped {
	size_t n; /* its length; 0: none */
	bool date, partition, own;
};

static struct shaped id_shape_at(struct span s, size_t at, unsigned shapes)
{
	size_t n = own_id_at(s, at), word = 0;
	if (n)
		return (struct shaped){.n = shapes & EPHEMERAL_AWS_IDS ? n : 0, .own = true};
	if (!(shapes & EPHEMERAL_IDS))
		return (struct shaped){.n = 0};
	n = uuid_at(s, at);
	while (!n && !ends_word(s, at + word))
		word++;
	return (struct shaped){.n = n ? n : is_id_shaped(span_sub(s, at, word)) ? word : 0};
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

static struct shaped shape_at(struct span s, size_t at, unsigned shapes, unsigned year)
{
	size_t date = shapes & (EPHEMERAL_DATES | EPHEMERAL_DATES_OF_YEAR) ? date_shape_at(s, at) : 0;
	if (date && !(shapes & EPHEMERAL_DATES) && !is_of_year(span_sub(s, at, date), year))
		date = 0;
	if (!date)
		return id_shape_at(s, at, shapes);
	return (struct shaped){.n = date, .date = true, .partition = at && s.p[at - 1] == '='};
}

/* Its pattern at out; returns how long that is. */
static size_t shape_pattern(struct span part, struct shaped shape, unsigned shapes, char *out)
{
	if (shape.own || shapes & EPHEMERAL_ANY_WIDTH) {
		*out = '*';
		return 1;
	}
	if (!shape.date)
		return width_of_id(part, out);
	return width_of_date(part, shape.partition && shapes & EPHEMERAL_UNPADDED, out);
}

struct span without_shapes(struct span s, unsigned shapes, unsigned year, struct arena *arena)
{
	char *out = NULL;
	size_t n = 0;
	if (s.n < HEX_OF_LETTERS && !span_has_digit(s))
		return s; /* none of the shapes is of letters alone */
	for (size_t at = 0; at < s.n;) {
		bool start = (at == 0 || !ascii_alnum(s.p[at - 1])) && ascii_alnum(s.p[at]);
		struct shaped fold = {.n = 0};
		if (start)
			fold = shape_at(s, at, shapes, year);
		size_t step = fold.n ? fold.n : start ? kept_at(s, at) : 1;
		if (fold.n && !out) {
			out = arena_alloc(arena, s.n + 1);
			memcpy(out, s.p, at);
			n = at;
		}
		if (fold.n) {
			n += shape_pattern(span_sub(s, at, step), fold, shapes, out + n);
		} else if (out) {
			memcpy(out + n, s.p + at, step);
			n += step;
		}
		at += step;
	}
	if (!out)
		return s;
	out[n] = '\0';
	return span_make(out, n);
}

enum { SECRET_SUFFIX = 6 };

/* How many characters that are no small letters a secret's suffix has; -1: it has no suffix. */
static int suffix_kind(const struct sar_type *type, struct span value)
{
	int others = 0;
	if (!type || !span_is(sar_type_service(type), "secretsmanager") ||
	    value.n <= SECRET_SUFFIX + 1 || value.p[value.n - SECRET_SUFFIX - 1] != '-')
		return -1;
	for (size_t i = value.n - SECRET_SUFFIX; i < value.n; i++) {
		if (!ascii_alnum(value.p[i]))
			return -1;
		others += !(value.p[i] >= 'a' && value.p[i] <= 'z');
	}
	return others;
}

struct span without_secret_suffix(const struct sar_type *type, struct span value,
                                  struct arena *arena)
{
	if (suffix_kind(type, value) <= 0)
		return value;
	return arena_printf(arena, "%.*s??????", (int)(value.n - SECRET_SUFFIX), value.p);
}

bool secret_suffix_unclear(const struct sar_type *type, struct span value)
{
	return suffix_kind(type, value) == 0;
}
