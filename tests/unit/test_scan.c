/* test_scan.c - the pull scanner: what it accepts, rejects and gives. */
#include "unit.h"

#include "records/scan.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static bool valid(struct span text)
{
	struct scan j;
	scan_init(&j, text);
	return scan_skip(&j) && scan_end(&j);
}

static bool jansson_accepts(struct span text)
{
	json_error_t error;
	json_t *v = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	json_decref(v);
	return v != NULL;
}

static void agrees_with_jansson(void **state)
{
	static const char *const texts[] = {
	        "{}",
	        "[]",
	        "null",
	        "true",
	        "false",
	        "0",
	        "-0",
	        "1.5e+10",
	        "1E5",
	        "\"\"",
	        " [ 1 , 2 ] ",
	        "{\"a\":{\"b\":[{},[],\"\"]}}",
	        "\"\\u0041\\n\\\"\\\\\\/\"",
	        "\"\\ud83d\\ude00\"",
	        "\"\\u0000\"",
	        "{\"a\":1,\"a\":2}",
	        "\"\xc3\xa4\"",
	        "\"\xf0\x9f\x98\x80\"",
	        "",
	        " ",
	        "{",
	        "[",
	        "{\"a\"",
	        "{\"a\":",
	        "{\"a\":1",
	        "{\"a\":1,",
	        "{\"a\":1,}",
	        "[1,]",
	        "[,1]",
	        "[1 2]",
	        "{\"a\" 1}",
	        "{a:1}",
	        "{1:1}",
	        "{,}",
	        "[}",
	        "{]",
	        "]",
	        "}",
	        ",",
	        ":",
	        "01",
	        "-",
	        "+1",
	        "1.",
	        ".5",
	        "1e",
	        "1e+",
	        "tru",
	        "trux",
	        "nul",
	        "nulll",
	        "\"",
	        "\"\\",
	        "\"\\x\"",
	        "\"\\u12\"",
	        "\"\\u12g4\"",
	        "\"\x01\"",
	        "\"\n\"",
	        "\"\x80\"",
	        "\"\xc0\x80\"",
	        "\"\xed\xa0\x80\"",
	        "\"\xf4\x90\x80\x80\"",
	        "\"\xc3\"",
	        "\"\xe2\x82\"",
	        "1 2",
	        "{} {}",
	        "[1]x",
	        "\xef\xbb\xbf{}",
	        "'a'",
	        "[1,,2]",
	        "NaN",
	        "Infinity",
	        "[\"a\",\"a\\\"b\",\"0123456789abcdef\"]",
	        "\"0123456789abcde\xc3\xa4\"",
	        "\"0123456789abcdef\\u00e4 and more text behind it\"",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct span text = span_of(texts[i]);
		if (valid(text) != jansson_accepts(text)) {
			print_message("differs: %s\n", texts[i]);
			fail();
		}
	}
	assert_false(valid(span_make("\"a\0b\"", 5)));
}

/* jansson refuses them; here they cost a character. */
static void half_a_pair_is_a_character(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"\"\\ud800\"", "\xef\xbf\xbd"},
	        {"\"\\udc00x\"", "\xef\xbf\xbdx"},
	        {"\"\\ud800\\u0041\"", "\xef\xbf\xbd" "A"},
	        {"\"\\ud800\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
	        {"\"\\ud83d\\n\"", "\xef\xbf\xbd\n"},
	};
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scan j;
		struct span text;
		scan_init(&j, span_of(cases[i].text));
		assert_true(scan_take_text(&j, &arena, &text) && scan_end(&j));
		assert_true(span_is(text, cases[i].want));
	}
	arena_release(&arena);
}

/* Each prefix of a sound text is no error but a text that was cut; no byte behind the end is read.
 */
static void tells_cut_from_bad(void **state)
{
	static const char text[] = "{\"a\": [1.5e3, true, null, "
	                           "\"x\\u00e4\\ud83d\\ude00y\xc3\xa4\"], \"b\": {\"c\": \"d\"}}";
	for (size_t n = 0; n < sizeof text - 1; n++) {
		char *copy = malloc(n + 1);
		memcpy(copy, text, n);
		struct scan j;
		scan_init(&j, span_make(copy, n));
		bool whole = scan_skip(&j) && scan_end(&j);
		/* "1.5e" and a half UTF-8 sequence end in the middle of a token. */
		assert_false(whole);
		assert_true(j.cut);
		assert_int_equal(scan_frame(span_make(copy, n ? n : 0)), 0);
		free(copy);
	}
	assert_int_equal(scan_frame(span_of(text)), sizeof text - 1);
	struct scan j;
	scan_init(&j, SPAN_LIT("{\"a\" 1}"));
	assert_false(scan_skip(&j));
	assert_false(j.cut);
	assert_int_equal(j.at - j.start, 5);
}

static void walks_and_decodes(void **state)
{
	static const char text[] =
	        "{\"name\":\"a\\u00e4\\ud83d\\ude00\\n\",\"n\":9007199254740993,\"flag\":true,"
	        "\"list\":[1,[2],{\"x\":3}],\"none\":null,\"obj\":{\"k\":\"v\"}}";
	struct arena arena;
	struct scan j;
	struct span key, v[6];
	size_t n = 0, items = 0;
	arena_init(&arena);
	scan_init(&j, span_of(text));
	assert_true(scan_enter(&j, SCAN_OBJECT));
	while (scan_next_key(&j, &key)) {
		if (span_is(key, "list")) {
			assert_true(scan_enter(&j, SCAN_ARRAY));
			for (; scan_next_item(&j); items++)
				assert_true(scan_skip(&j));
		} else if (span_is(key, "obj")) {
			assert_true(scan_take_raw(&j, &v[n++]));
		} else {
			assert_true(scan_take_text(&j, &arena, &v[n++]));
		}
	}
	assert_true(scan_end(&j));
	assert_int_equal(items, 3);
	assert_true(span_is(v[0], "a\xc3\xa4\xf0\x9f\x98\x80\n"));
	assert_true(span_is(v[1], "9007199254740993"));
	assert_true(span_is(v[2], "true"));
	assert_null(v[3].p);
	assert_true(span_is(v[4], "{\"k\":\"v\"}"));
	arena_release(&arena);
}

static void depth_is_bounded(void **state)
{
	char text[4 * LIMIT_JSON_DEPTH];
	for (size_t depth = LIMIT_JSON_DEPTH; depth <= LIMIT_JSON_DEPTH + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(valid(span_make(text, 2 * depth)), depth <= LIMIT_JSON_DEPTH);
		assert_int_equal(scan_frame(span_make(text, 2 * depth)), 2 * depth);
	}
}

/* Random texts of the bytes that matter: the wide path must find the same end as counting one by
 * one. */
static void frames_end_where_brackets_balance(void **state)
{
	static const char bytes[] = "{}[]\"\\ax,{}[]aaaaaaaaaaaaaaaaaaaa\"";
	uint64_t seed = 42;
	char text[400];
	for (int round = 0; round < 20000; round++) {
		size_t n = 1 + (size_t)(seed >> 33) % sizeof text;
		for (size_t i = 0; i < n; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			text[i] = bytes[(seed >> 33) % (sizeof bytes - 1)];
		}
		text[0] = '{';
		size_t depth = 0, want = 0;
		bool in = false;
		for (size_t i = 0; i < n && !want; i++) {
			if (in && text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in = !in;
			else if (!in && (text[i] == '{' || text[i] == '['))
				depth++;
			else if (!in && (text[i] == '}' || text[i] == ']') && --depth == 0)
				want = i + 1;
		}
		assert_int_equal(scan_frame(span_make(text, n)), want);
	}
}

static struct hash128 hash(const char *text)
{
	struct hasher h;
	hash_begin(&h);
	scan_hash_text(&h, span_of(text));
	return hash_end(&h);
}

static void printing_does_not_change_the_hash(void **state)
{
	struct hash128 a = hash("{\"a\":[1,\"x y\\\" z\"]}"),
	               b = hash(" {\n \"a\" : [ 1,\t\"x y\\\" z\" ]\r\n}"),
	               c = hash("{\"a\":[1,\"xy\\\" z\"]}");
	assert_true(hash_eq(&a, &b));
	assert_false(hash_eq(&a, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(agrees_with_jansson),
	        cmocka_unit_test(half_a_pair_is_a_character),
	        cmocka_unit_test(tells_cut_from_bad),
	        cmocka_unit_test(walks_and_decodes),
	        cmocka_unit_test(depth_is_bounded),
	        cmocka_unit_test(frames_end_where_brackets_balance),
	        cmocka_unit_test(printing_does_not_change_the_hash),
	};
	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
