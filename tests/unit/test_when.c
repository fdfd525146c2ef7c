/* test_when.c - times and durations as text. */
#include "unit.h"

#include "base/when.h"

static void formats_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} good[] = {
	        {"1970-01-01T00:00:00Z", 0},
	        {"2026-01-02T03:04:05Z", 1767323045},
	        {"2026-01-02T03:04:05.123Z", 1767323045},
	        {"2026-01-02 03:04:05.00000", 1767323045},
	        {"2026-01-02T04:04:05+01:00", 1767323045},
	        {"2026-01-01T22:34:05-0430", 1767323045},
	        {"2024-02-29T00:00:00Z", 1709164800},
	        {"1969-12-31T23:59:59Z", -1},
	        {"2016-12-31T23:59:60Z", 1483228800},
	        {"0001-01-01T00:00:00Z", -62135596800},
	        {"9999-12-31T23:59:59Z", 253402300799},
	};
	static const char *const bad[] = {
	        "",
	        "redacted",
	        "2026-01-02",
	        "2026-01-02T03:04",
	        "2025-02-29T00:00:00Z",
	        "2026-13-01T00:00:00Z",
	        "2026-00-01T00:00:00Z",
	        "2026-01-02T24:00:00Z",
	        "2026-01-02T03:04:05ZZ",
	        "2026-01-02T03:04:05.Z",
	        "2026-01-02T03:04:05+25:00",
	        "0000-01-01T00:00:00Z",
	        "2026-1-2T03:04:05Z",
	        " 2026-01-02T03:04:05Z",
	};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		int64_t t = 42;
		assert_true(when_parse(span_of(good[i].text), &t));
		assert_int_equal(t, good[i].want);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int64_t t = 42;
		assert_false(when_parse(span_of(bad[i]), &t));
		assert_int_equal(t, 42);
	}
}

static void bounds_take_days_and_months(void **state)
{
	int64_t t;
	char text[WHEN_SIZE];
	assert_true(when_parse_bound(SPAN_LIT("2026-01-02"), false, &t));
	assert_string_equal(when_format(t, text), "2026-01-02T00:00:00Z");
	assert_true(when_parse_bound(SPAN_LIT("2026-01-02"), true, &t));
	assert_string_equal(when_format(t, text), "2026-01-02T23:59:59Z");
	assert_true(when_parse_bound(SPAN_LIT("2024-02"), true, &t));
	assert_string_equal(when_format(t, text), "2024-02-29T23:59:59Z");
	assert_true(when_parse_bound(SPAN_LIT("2025-12"), true, &t));
	assert_string_equal(when_format(t, text), "2025-12-31T23:59:59Z");
	assert_true(when_parse_bound(SPAN_LIT("2025"), false, &t));
	assert_string_equal(when_format(t, text), "2025-01-01T00:00:00Z");
	assert_true(when_parse_bound(SPAN_LIT("2026-01-02T03:04"), true, &t));
	assert_string_equal(when_format(t, text), "2026-01-02T03:04:00Z");
	assert_false(when_parse_bound(SPAN_LIT("2026-02-30"), true, &t));
	assert_false(when_parse_bound(SPAN_LIT("yesterday"), false, &t));
	assert_false(when_parse_bound(SPAN_LIT("2026-01-"), false, &t));
}

static void durations_do_not_overflow(void **state)
{
	int64_t s = 7;
	assert_true(when_parse_duration(SPAN_LIT("90d"), &s));
	assert_int_equal(s, 90 * 86400);
	assert_true(when_parse_duration(SPAN_LIT("2w"), &s));
	assert_int_equal(s, 14 * 86400);
	assert_false(when_parse_duration(SPAN_LIT("0d"), &s));
	assert_false(when_parse_duration(SPAN_LIT("d"), &s));
	assert_false(when_parse_duration(SPAN_LIT("90"), &s));
	assert_false(when_parse_duration(SPAN_LIT("-1d"), &s));
	assert_false(when_parse_duration(SPAN_LIT("18446744073709551615w"), &s));
	assert_false(when_parse_duration(SPAN_LIT("99999999d"), &s));
}

static void every_day_comes_back(void **state)
{
	char text[WHEN_SIZE];
	for (int64_t day = -719162; day < 2932896; day += 13) {
		int64_t t = day * 86400 + 45296, back;
		assert_true(when_parse(span_of(when_format(t, text)), &back));
		assert_int_equal(back, t);
		assert_int_equal(when_day(t), day);
	}
	assert_int_equal(when_day(-1), -1);
	assert_string_equal(when_format(INT64_MAX, text), "9999-12-31T23:59:59Z");
	assert_string_equal(when_format(INT64_MIN, text), "0001-01-01T00:00:00Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(formats_are_read),
	        cmocka_unit_test(bounds_take_days_and_months),
	        cmocka_unit_test(durations_do_not_overflow),
	        cmocka_unit_test(every_day_comes_back),
	};
	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
