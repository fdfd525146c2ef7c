/* test_ground.c - spans, buffers, arenas, hashes and errors. */
#include "unit.h"

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/vec.h"

#include <stdlib.h>

static void glob_matches_as_iam_does(void **state)
{
	struct {
		const char *text, *pattern;
		bool want;
	} cases[] = {
	        {"", "", true},           {"", "*", true},          {"a", "", false},
	        {"abc", "a*c", true},     {"abc", "a?c", true},     {"ac", "a?c", false},
	        {"a/b:c", "a*c", true},   {"abcabc", "*abc", true}, {"abcab", "*abc", false},
	        {"aXbXc", "a*b*c", true}, {"ab", "ab**", true},     {"ab", "a*b?", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(
		        span_glob(span_of(cases[i].text), span_of(cases[i].pattern), false),
		        cases[i].want);
	assert_true(span_glob(SPAN_LIT("S3:GETobject"), SPAN_LIT("s3:Get*"), true));
	assert_false(span_glob(SPAN_LIT("S3:GETobject"), SPAN_LIT("s3:Get*"), false));
}

static void utf8_is_checked(void **state)
{
	assert_true(span_utf8(SPAN_LIT("gr\xc3\xbc\xc3\x9f")));
	assert_true(span_utf8(SPAN_LIT("\xf0\x9f\x98\x80")));
	assert_false(span_utf8(SPAN_LIT("\xc3")));
	assert_false(span_utf8(SPAN_LIT("\xc0\x80")));
	assert_false(span_utf8(SPAN_LIT("\xed\xa0\x80")));
	assert_false(span_utf8(SPAN_LIT("\xf5\x80\x80\x80")));
}

static void numbers_do_not_overflow(void **state)
{
	uint64_t v = 7;
	assert_true(span_to_u64(SPAN_LIT("18446744073709551615"), &v));
	assert_true(v == UINT64_MAX);
	v = 7;
	assert_false(span_to_u64(SPAN_LIT("18446744073709551616"), &v));
	assert_false(span_to_u64(SPAN_LIT("-1"), &v));
	assert_false(span_to_u64(SPAN_LIT(""), &v));
	assert_true(v == 7);
}

static void buffer_stops_at_its_ceiling(void **state)
{
	struct buf b;
	buf_init(&b, 5);
	assert_true(buf_add_str(&b, "abc"));
	assert_false(buf_add_str(&b, "def"));
	assert_true(b.full);
	assert_string_equal(buf_str(&b), "abc");
	assert_false(buf_add_json(&b, SPAN_LIT("x")));
	assert_string_equal(buf_str(&b), "abc");
	assert_true(buf_addf(&b, "%d", 42));
	buf_drop(&b, 2);
	assert_string_equal(buf_str(&b), "c42");
	buf_release(&b);
}

static void what_was_reserved_ends_in_a_nul(void **state)
{
	struct buf b;
	buf_init(&b, 1000);
	assert_true(buf_reserve(&b, 100));
	memset(b.p, 'x', 101);
	b.n += 3;
	assert_string_equal(buf_str(&b), "xxx");
	b.p[3] = 'x';
	char *taken = buf_take(&b);
	assert_string_equal(taken, "xxx");
	free(taken);
}

static void json_text_is_escaped(void **state)
{
	struct buf b;
	buf_init(&b, 1000);
	buf_add_json(&b, SPAN_LIT("a\"\\\n\x01\xc3\xbc\xff"));
	assert_string_equal(buf_str(&b), "\"a\\\"\\\\\\n\\u0001\xc3\xbc\\ufffd\"");
	buf_release(&b);
}

static void base64_is_decoded(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} c[] = {{"", ""},        {"aGk=", "hi"},  {"aGk", "hi"},  {"+/+/", "\xfb\xff\xbf"},
	         {"aG k=", NULL}, {"aGk==", NULL}, {"a", NULL},    {"aGk=aGk=", NULL},
	         {"-_-_", NULL},  {"=", NULL},     {"aGl=", NULL}, {"aGk\\", NULL}};
	for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
		struct buf b;
		buf_init(&b, 100);
		buf_add_char(&b, '>');
		assert_int_equal(base64_decode(span_of(c[i].text), &b), c[i].want != NULL);
		assert_string_equal(buf_str(&b) + 1, c[i].want ? c[i].want : "");
		buf_release(&b);
	}
	struct buf small;
	buf_init(&small, 2);
	assert_false(base64_decode(SPAN_LIT("aGhoaGho"), &small));
	buf_release(&small);
}

static void fields_keep_their_borders(void **state)
{
	struct hasher h;
	hash_begin(&h);
	hash_field(&h, SPAN_LIT("ab"));
	hash_field(&h, SPAN_LIT("c"));
	struct hash128 one = hash_end(&h);
	hash_begin(&h);
	hash_field(&h, SPAN_LIT("a"));
	hash_field(&h, SPAN_LIT("bc"));
	struct hash128 two = hash_end(&h);
	hash_begin(&h);
	hash_field(&h, SPAN_LIT("ab"));
	hash_field(&h, SPAN_LIT("c"));
	struct hash128 again = hash_end(&h);
	assert_false(hash_eq(&one, &two));
	assert_true(hash_eq(&one, &again));
}

static void arena_keeps_large_and_small(void **state)
{
	struct arena a;
	arena_init(&a);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1000; i++)
			memset(arena_alloc(&a, (size_t)(i * 37 % 500)), round,
			       (size_t)(i * 37 % 500));
		memset(arena_alloc(&a, 300000), 1, 300000);
		struct span s = arena_printf(&a, "%s-%d", "x", 5);
		assert_true(span_is(s, "x-5"));
		arena_reset(&a);
	}
	arena_release(&a);
}

static void error_line_has_position_first(void **state)
{
	struct err e;
	char line[2000];
	err_clear(&e);
	err_at_file(&e, "a.json.gz");
	err_at_record(&e, 17);
	assert_int_equal(err_set(&e, STATUS_SKIP, "bad-time", "'%s' is not a time", "x\x1b[2J"),
	                 STATUS_SKIP);
	assert_string_equal(err_line(&e, line, sizeof line), "a.json.gz:17: 'x?[2J' is not a time");
}

struct item {
	int key, place;
};

static int by_key(const void *a, const void *b)
{
	return ((const struct item *)a)->key - ((const struct item *)b)->key;
}

/* Few are sorted in another way than many. */
static void items_are_sorted_once_each(void **state)
{
	struct item v[40];
	for (size_t n = 1; n < 40; n++) {
		for (size_t i = 0; i < n; i++)
			v[i] = (struct item){(int)(i * 7 % 5), (int)i};
		sort_items(v, n, sizeof *v, by_key);
		size_t places = 0;
		for (size_t i = 0; i < n; i++) {
			assert_true(i == 0 || v[i - 1].key <= v[i].key);
			assert_int_equal(v[i].key, v[i].place * 7 % 5);
			places += (size_t)v[i].place;
		}
		assert_int_equal(places, n * (n - 1) / 2);
		for (size_t i = 0; i < n; i++)
			v[i] = (struct item){(int)(i * 7 % 5), 0};
		assert_int_equal(sort_unique(v, n, sizeof *v, by_key), n < 5 ? n : 5);
		for (size_t i = 1; i < n && i < 5; i++)
			assert_true(v[i - 1].key < v[i].key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(glob_matches_as_iam_does),
	        cmocka_unit_test(utf8_is_checked),
	        cmocka_unit_test(numbers_do_not_overflow),
	        cmocka_unit_test(buffer_stops_at_its_ceiling),
	        cmocka_unit_test(what_was_reserved_ends_in_a_nul),
	        cmocka_unit_test(json_text_is_escaped),
	        cmocka_unit_test(base64_is_decoded),
	        cmocka_unit_test(fields_keep_their_borders),
	        cmocka_unit_test(arena_keeps_large_and_small),
	        cmocka_unit_test(error_line_has_position_first),
	        cmocka_unit_test(items_are_sorted_once_each),
	};
	return cmocka_run_group_tests_name("ground", tests, NULL, NULL);
}
