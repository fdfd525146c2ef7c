/* date-shape.c - builder: see date-shape.h. Years are 1900 to 2099, months and days have two digits:
 * what is looser is as often a version or a count. */
#include "config.h"

#include "builder/date-shape.h"

static char char_at(struct span s, size_t at)
{
	return at < s.n ? s.p[at] : '\0';
}

static size_t digits_at(struct span s, size_t at)
{
	size_t n = 0;
	while (ascii_digit(char_at(s, at + n)))
		n++;
	return n;
}

static bool segment_end(struct span s, size_t at)
{
	return at >= s.n || s.p[at] == '/' || s.p[at] == ':';
}

static bool word_end(struct span s, size_t at)
{
	return at >= s.n || !ascii_alnum(s.p[at]);
}

static bool is_year(struct span s, size_t at)
{
	return at + 4 <= s.n && (span_is(span_sub(s, at, 2), "20") || span_is(span_sub(s, at, 2), "19")) &&
	       ascii_digit(s.p[at + 2]) && ascii_digit(s.p[at + 3]);
}

static bool two_digits(struct span s, size_t at, unsigned least, unsigned most)
{
	if (at + 2 > s.n || !ascii_digit(s.p[at]) || !ascii_digit(s.p[at + 1]))
		return false;
	unsigned v = (unsigned)(s.p[at] - '0') * 10 + (unsigned)(s.p[at + 1] - '0');
	return v >= least && v <= most;
}

static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == '.';
}

/* "T13:05:09Z" behind a date: its length. */
static size_t iso_time_at(struct span s, size_t at)
{
	size_t n = 0;
	if ((char_at(s, at) != 'T' && char_at(s, at) != 't') || digits_at(s, at + 1) < 2)
		return 0;
	for (n = 3; at + n < s.n; n++)
		if (!ascii_digit(s.p[at + n]) && !strchr(":.-", s.p[at + n]))
			break;
	return n + (char_at(s, at + n) == 'Z' || char_at(s, at + n) == 'z');
}

size_t iso_date_at(struct span s, size_t at)
{
	char sep = char_at(s, at + 4);
	if ((sep != '-' && sep != '_') || digits_at(s, at) != 4 || digits_at(s, at + 5) != 2 ||
	    char_at(s, at + 7) != sep || digits_at(s, at + 8) < 2)
		return 0;
	size_t n = 10 + iso_time_at(s, at + 10);
	return word_end(s, at + n) ? n : 0;
}

/* Hours, minutes, seconds and less behind a day, all with the same separator: "-03-05", "-030509",
 * "-03-05-09-123". */
static size_t time_behind(struct span s, size_t at)
{
	char sep = char_at(s, at);
	if (!is_separator(sep) || !two_digits(s, at + 1, 0, 23))
		return 0;
	size_t joined = digits_at(s, at + 1);
	if (joined == 4 || joined == 6)
		return two_digits(s, at + 3, 0, 59) && word_end(s, at + 1 + joined) ? 1 + joined : 0;
	if (joined != 2 || char_at(s, at + 3) != sep || !two_digits(s, at + 4, 0, 59) ||
	    digits_at(s, at + 4) != 2)
		return 0;
	size_t n = 6;
	if (char_at(s, at + n) == sep && two_digits(s, at + n + 1, 0, 59) &&
	    digits_at(s, at + n + 1) == 2) {
		n += 3;
		if (char_at(s, at + n) == sep && digits_at(s, at + n + 1) >= 3 &&
		    digits_at(s, at + n + 1) <= 6)
			n += 1 + digits_at(s, at + n + 1);
	}
	return word_end(s, at + n) ? n : 0;
}

/* "2026.08.21", "21.08.2026", "08-21-2026". */
static size_t day_at(struct span s, size_t at)
{
	size_t year = digits_at(s, at);
	char sep = char_at(s, at + year);
	if (!is_separator(sep))
		return 0;
	bool first = year == 4 && is_year(s, at) && two_digits(s, at + 5, 1, 12) &&
	             digits_at(s, at + 5) == 2 && char_at(s, at + 7) == sep &&
	             two_digits(s, at + 8, 1, 31) && word_end(s, at + 10);
	bool last = year == 2 && two_digits(s, at, 1, 31) && two_digits(s, at + 3, 1, 31) &&
	            digits_at(s, at + 3) == 2 && char_at(s, at + 5) == sep && is_year(s, at + 6) &&
	            word_end(s, at + 10);
	return first || last ? 10 : 0;
}

/* "2026/08", "2026/08/21", "2026/08/21/13"; the last may go on as a name: "2026/08_report". */
static size_t path_date_at(struct span s, size_t at)
{
	static const struct {
		unsigned least, most;
	} field[] = {{1, 12}, {1, 31}, {0, 23}};
	if (!is_year(s, at))
		return 0;
	size_t n = 4, fields = 0;
	while (fields < 3 && char_at(s, at + n) == '/' &&
	       two_digits(s, at + n + 1, field[fields].least, field[fields].most) &&
	       word_end(s, at + n + 3)) {
		n += 3;
		fields++;
	}
	return fields ? n : 0;
}

static bool is_quarter(char c)
{
	return c >= '1' && c <= '4';
}

/* "2026-08", and no further digits behind; "2026-W36", "2026Q3", "Q3-2026". */
static size_t month_at(struct span s, size_t at)
{
	char sep = char_at(s, at + 4);
	bool apart = is_separator(sep), month = is_year(s, at) && (sep == '-' || sep == '_') &&
	                                        two_digits(s, at + 5, 1, 12) && word_end(s, at + 7);
	if (month && !(char_at(s, at + 7) == sep && ascii_digit(char_at(s, at + 8))))
		return 7;
	size_t mark = at + 4 + apart;
	char c = char_at(s, mark);
	if (is_year(s, at) && (c == 'Q' || c == 'q') && is_quarter(char_at(s, mark + 1)) &&
	    word_end(s, mark + 2))
		return mark + 2 - at;
	if (is_year(s, at) && (c == 'W' || c == 'w') && two_digits(s, mark + 1, 1, 53) &&
	    word_end(s, mark + 3))
		return mark + 3 - at;
	c = char_at(s, at);
	mark = at + 2 + is_separator(char_at(s, at + 2));
	if ((c == 'Q' || c == 'q') && is_quarter(char_at(s, at + 1)) && is_year(s, mark) &&
	    word_end(s, mark + 4))
		return mark + 4 - at;
	return 0;
}

/* The name of a month at s[at], whole or its first three letters: its length. */
static size_t month_name_at(struct span s, size_t at)
{
	static const char *const months[] = {"january",   "february", "march",    "april",
	                                     "may",       "june",     "july",     "august",
	                                     "september", "october",  "november", "december"};
	size_t letters = 0;
	while (letters < 10 && ascii_alpha(char_at(s, at + letters)))
		letters++;
	if (letters < 3 || letters > 9)
		return 0;
	for (size_t i = 0; i < sizeof months / sizeof *months; i++)
		if ((letters == 3 || letters == strlen(months[i])) &&
		    span_eq_ci(span_sub(s, at, letters), span_sub(span_of(months[i]), 0, letters)))
			return letters;
	return 0;
}

/* "Aug2026", "august-2026", "Aug-21-2026", "21-Aug-2026", "2026-Aug-21". */
static size_t named_month_at(struct span s, size_t at)
{
	size_t n = 0, day = 0;
	bool year = is_year(s, at);
	if (year)
		n = 4;
	else if (two_digits(s, at, 1, 31))
		n = 2;
	if (n)
		n += is_separator(char_at(s, at + n));
	size_t name = month_name_at(s, at + n);
	if (!name)
		return 0;
	n += name;
	bool apart = is_separator(char_at(s, at + n));
	if (apart && two_digits(s, at + n + 1, 1, 31) && digits_at(s, at + n + 1) == 2)
		day = 3;
	if (year)
		return word_end(s, at + n + day) ? n + day : 0;
	n += day;
	n += is_separator(char_at(s, at + n));
	return is_year(s, at + n) && word_end(s, at + n + 4) ? n + 4 : 0;
}

/* "202608", "20260821", "21082026", with a time behind: "2026082113", "20260821T130509Z". */
static bool is_date_word(struct span w)
{
	size_t digits = digits_at(w, 0);
	bool day = is_year(w, 0) && two_digits(w, 4, 1, 12) && two_digits(w, 6, 1, 31);
	bool day_first = digits == 8 && two_digits(w, 0, 1, 31) && two_digits(w, 2, 1, 12) &&
	                 is_year(w, 4);
	if (digits == w.n)
		return (digits == 6 && is_year(w, 0) && two_digits(w, 4, 1, 12)) || day_first ||
		       (day && (digits == 8 || digits == 10 || digits == 12 || digits == 14));
	return day && digits == 8 && (w.p[8] == 'T' || w.p[8] == 't') && w.n >= 11 &&
	       ascii_digit(w.p[9]);
}

/* Seconds or milliseconds since 1970, of this and the next years. */
static bool is_epoch(struct span w)
{
	return digits_at(w, 0) == w.n && (w.n == 10 || w.n == 13) && w.p[0] == '1' && w.p[1] >= '5';
}

/* Keys of hive partitions whose values are dates or counters of time. */
static bool is_date_key(struct span key)
{
	static const char *const keys[] = {"year", "month",  "day",  "dt", "date",
	                                   "hour", "minute", "week", "hr", "yyyy",
	                                   "mm",   "dd",     "hh",   "ds"};
	/* "p_day", "event_date": the last word says it */
	ptrdiff_t word = span_rchr(key, '_');
	struct span last = span_from(key, (size_t)(word + 1));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (span_eq_ci(last, span_of(keys[i])))
			return true;
	return false;
}

/* The value of "year=2026" at s[at]: its length, to the segment's end; 0 if it is none. */
static size_t partition_at(struct span s, size_t at)
{
	size_t from = at ? at - 1 : 0, n = 0;
	if (at < 2 || s.p[at - 1] != '=')
		return 0;
	while (from > 0 && (ascii_alnum(s.p[from - 1]) || s.p[from - 1] == '_'))
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

bool date_is_unpadded(struct span s)
{
	for (size_t at = 1; at < s.n; at++)
		if (s.p[at - 1] == '=' && partition_at(s, at) == 1)
			return true;
	return false;
}

/* Digits, the initials of months and of "quarter", and all values of partitions. */
static bool may_begin(struct span s, size_t at)
{
	return ascii_digit(s.p[at]) || (at && s.p[at - 1] == '=') ||
	       strchr("adfjmnoqsADFJMNOQS", s.p[at]);
}

size_t date_shape_at(struct span s, size_t at)
{
	if (!may_begin(s, at))
		return 0;
	size_t n = iso_date_at(s, at), word = 0;
	n = n ? n : day_at(s, at);
	if (n)
		return n + time_behind(s, at + n);
	n = path_date_at(s, at);
	n = n ? n : month_at(s, at);
	n = n ? n : named_month_at(s, at);
	n = n ? n : partition_at(s, at);
	if (n)
		return n;
	while (!word_end(s, at + word))
		word++;
	struct span w = span_sub(s, at, word);
	if (is_date_word(w))
		return word + (word == 8 ? time_behind(s, at + word) : 0);
	return is_epoch(w) ? word : 0;
}
