/* when.h - base: instants as seconds since 1970 UTC, read from and written as text, whatever the
 * time zone and locale of the machine. Years 1 to 9999 of the Gregorian calendar; a leap second
 * counts as the next minute's first second. */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/span.h"

/* No bound: what --since and --until are when they are not given. */
#define WHEN_FIRST INT64_MIN
#define WHEN_LAST INT64_MAX

/* The first second that is not written: that of the year 10000. */
#define WHEN_SECONDS_MOST INT64_C(253402300800)

enum { WHEN_SIZE = 24, WHEN_DAY_SECONDS = 86400 };

/* "2026-01-02T03:04:05Z" as ISO 8601 and RFC 3339 have it: also a blank for the 'T', any number of
 * fraction digits (cut off), "+01:00" and "+0100" for the 'Z', and no zone at all, which means UTC.
 * The whole of s must be the time; otherwise false and *out is untouched. */
bool when_parse(struct span s, int64_t *out);

/* What a user may type after --since and --until: all that when_parse takes, the same without
 * seconds, a day "2026-01-02", a month "2026-01" or a year "2026". A day, month or year as an end
 * (end is true) means its last second, everywhere else its first. False if it is none of these. */
bool when_parse_bound(struct span s, bool end, int64_t *out);

/* "90d", "12h", "30m", "45s", "2w": a positive number of seconds, at most 1000 years. */
bool when_parse_duration(struct span s, int64_t *seconds);

/* "2026-01-02T03:04:05Z" into out; returns out. Times outside the years 1 to 9999 are written as
 * the nearest one that is inside. */
const char *when_format(int64_t t, char out[WHEN_SIZE]);
/* "2026-01-02". */
const char *when_format_day(int64_t t, char out[WHEN_SIZE]);

/* Days since 1970-01-01, rounded down. */
int64_t when_day(int64_t t);

/* Milliseconds since 1970 by the clock on the wall, which may be set; and of one that nobody sets,
 * to measure with. */
int64_t when_wall_ms(void);
int64_t when_steady_ms(void);

#endif
