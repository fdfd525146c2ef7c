/* when.c - base: see when.h. The calendar is computed here because timegm and strptime are not in
 * POSIX 2008 and are slow for a hundred thousand records. */
#include "config.h"

#include "base/when.h"

#include <stdio.h>
#include <time.h>

/* Days from 1970-01-01, month 1 to 12. Years begin in March so that the leap day is the last. */
static int64_t days_of(int64_t year, int month, int day)
{
	if (month <= 2) {
		year--;
		month += 12;
	}
	int64_t era = year / 400, of_era = year % 400;
	int64_t of_year = (153 * (month - 3) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
	static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Exactly n digits at *s, which moves behind them. */
static bool take_digits(struct span *s, size_t n, int *value)
{
	if (s->n < n)
		return false;
	int v = 0;
	for (size_t i = 0; i < n; i++) {
		if (!ascii_digit(s->p[i]))
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	*value = v;
	*s = span_from(*s, n);
	return true;
}

static bool take_char(struct span *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = span_from(*s, 1);
	return true;
}

/* "-02-03": month and day of a year. */
static bool take_month_day(struct span *s, int year, int *month, int *day)
{
	return take_char(s, '-') && take_digits(s, 2, month) && *month >= 1 && *month <= 12 &&
	       take_char(s, '-') && take_digits(s, 2, day) && *day >= 1 &&
	       *day <= days_in(year, *month);
}

static bool take_zone(struct span *s, int *seconds)
{
	int hours, minutes, sign;
	*seconds = 0;
	if (!s->n || take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	sign = s->p[0] == '-' ? -1 : 1;
	if (!take_char(s, '+') && !take_char(s, '-'))
		return false;
	if (!take_digits(s, 2, &hours) || hours > 23)
		return false;
	take_char(s, ':');
	if (!take_digits(s, 2, &minutes) || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* "03:04[:05[.678]]" and the zone, to the end of s. */
static bool take_clock(struct span *s, bool need_seconds, int64_t *seconds)
{
	int hour, minute, second = 0, zone;
	if (!take_digits(s, 2, &hour) || hour > 23 || !take_char(s, ':') ||
	    !take_digits(s, 2, &minute) || minute > 59)
		return false;
	if (take_char(s, ':')) {
		if (!take_digits(s, 2, &second) || second > 60)
			return false;
		if (take_char(s, '.') || take_char(s, ',')) {
			int digit;
			if (!take_digits(s, 1, &digit))
				return false;
			while (take_digits(s, 1, &digit))
				continue;
		}
	} else if (need_seconds) {
		return false;
	}
	if (!take_zone(s, &zone) || s->n)
		return false;
	*seconds = hour * 3600 + minute * 60 + second - zone;
	return true;
}

static bool parse_instant(struct span s, bool need_seconds, int64_t *out)
{
	int year, month, day;
	int64_t clock;
	if (!take_digits(&s, 4, &year) || year < 1 || !take_month_day(&s, year, &month, &day))
		return false;
	if (!take_char(&s, 'T') && !take_char(&s, ' ') && !take_char(&s, 't'))
		return false;
	if (!take_clock(&s, need_seconds, &clock))
		return false;
	*out = days_of(year, month, day) * WHEN_DAY_SECONDS + clock;
	return true;
}

bool when_parse(struct span s, int64_t *out)
{
	return parse_instant(s, true, out);
}

bool when_parse_bound(struct span s, bool end, int64_t *out)
{
	if (parse_instant(s, false, out))
		return true;
	int year, month = 1, day = 1;
	int64_t last;
	if (!take_digits(&s, 4, &year) || year < 1)
		return false;
	if (s.n == 0) {
		last = days_of(year + 1, 1, 1);
	} else if (s.n == 3) {
		if (!take_char(&s, '-') || !take_digits(&s, 2, &month) || month < 1 || month > 12)
			return false;
		last = month == 12 ? days_of(year + 1, 1, 1) : days_of(year, month + 1, 1);
	} else {
		if (!take_month_day(&s, year, &month, &day) || s.n)
			return false;
		last = days_of(year, month, day) + 1;
	}
	*out = end ? last * WHEN_DAY_SECONDS - 1 : days_of(year, month, day) * WHEN_DAY_SECONDS;
	return true;
}

bool when_parse_duration(struct span s, int64_t *seconds)
{
	static const struct {
		char letter;
		uint64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	const uint64_t most = UINT64_C(1000) * 366 * WHEN_DAY_SECONDS;
	uint64_t n;
	if (s.n < 2 || !span_to_u64(span_sub(s, 0, s.n - 1), &n) || n == 0)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (s.p[s.n - 1] == units[i].letter) {
			if (n > most / units[i].seconds)
				return false;
			*seconds = (int64_t)(n * units[i].seconds);
			return true;
		}
	return false;
}

int64_t when_day(int64_t t)
{
	int64_t day = t / WHEN_DAY_SECONDS;
	return day - (t % WHEN_DAY_SECONDS < 0);
}

static int64_t inside(int64_t t)
{
	int64_t first = days_of(1, 1, 1) * WHEN_DAY_SECONDS;
	int64_t last = days_of(10000, 1, 1) * WHEN_DAY_SECONDS - 1;
	return t < first ? first : t > last ? last : t;
}

static void civil_of(int64_t days, int *year, int *month, int *day)
{
	days += 719468;
	int64_t era = days / 146097, of_era = days % 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;
	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

const char *when_format_day(int64_t t, char out[WHEN_SIZE])
{
	int year, month, day;
	civil_of(when_day(inside(t)), &year, &month, &day);
	snprintf(out, WHEN_SIZE, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
	         (unsigned)day % 100);
	return out;
}

const char *when_format(int64_t t, char out[WHEN_SIZE])
{
	t = inside(t);
	unsigned clock = (unsigned)(t - when_day(t) * WHEN_DAY_SECONDS);
	when_format_day(t, out);
	snprintf(out + 10, WHEN_SIZE - 10, "T%02u:%02u:%02uZ", clock / 3600 % 24, clock / 60 % 60,
	         clock % 60);
	return out;
}

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t when_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t when_steady_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}
