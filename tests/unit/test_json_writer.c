/* test_json_writer.c - what the JSON writer prints: commas, layouts, escapes, errors that stick. */
#define _GNU_SOURCE
#include "unit.h"

#include "base/json-writer.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

/* One text with all kinds of values, objects and arrays in each other. */
static void put_sample(struct json_writer *w)
{
	json_begin_object(w);
	json_member_text(w, "action", SPAN_LIT("s3:GetObject"));
	json_key(w, "on");
	json_begin_array(w);
	json_put_str(w, "a");
	json_put_null(w);
	json_begin_object(w);
	json_member_u64(w, "n", UINT64_MAX);
	json_end_object(w);
	json_end_array(w);
	json_key(w, "none");
	json_begin_array(w);
	json_end_array(w);
	json_member_bool(w, "last", true);
	json_end_object(w);
}

static char *sample_in(enum json_layout layout)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, 4096);
	json_to_buf(&w, &b, layout);
	put_sample(&w);
	assert_true(json_finish(&w));
	return buf_take(&b);
}

static void layouts_differ_in_white_space_only(void **state)
{
	const struct {
		enum json_layout layout;
		const char *want;
	} cases[] = {
	        {LAYOUT_COMPACT, "{\"action\":\"s3:GetObject\",\"on\":[\"a\",null,"
	                         "{\"n\":18446744073709551615}],\"none\":[],\"last\":true}"},
	        {LAYOUT_LINE, "{\"action\": \"s3:GetObject\", \"on\": [\"a\", null, "
	                      "{\"n\": 18446744073709551615}], \"none\": [], \"last\": true}"},
	        {LAYOUT_INDENT, "{\n  \"action\": \"s3:GetObject\",\n  \"on\": [\n    \"a\",\n"
	                        "    null,\n    {\n      \"n\": 18446744073709551615\n    }\n  ],\n"
	                        "  \"none\": [],\n  \"last\": true\n}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *got = sample_in(cases[i].layout);
		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

static void a_level_may_stand_otherwise(void **state)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, 4096);
	json_to_buf(&w, &b, LAYOUT_INDENT);
	json_begin_object(&w);
	json_key(&w, "policies");
	json_begin_array(&w);
	for (unsigned i = 0; i < 2; i++) {
		json_begin_object_as(&w, LAYOUT_LINE);
		json_member_u64(&w, "a", i);
		json_member_if(&w, "absent", SPAN_NONE);
		json_member_if(&w, "b", SPAN_LIT("x"));
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	assert_true(json_finish(&w));
	assert_string_equal(buf_str(&b), "{\n  \"policies\": [\n    {\"a\": 0, \"b\": \"x\"},\n"
	                                 "    {\"a\": 1, \"b\": \"x\"}\n  ]\n}");
	buf_reset(&b);
	json_to_buf(&w, &b, LAYOUT_ROWS);
	json_begin_array(&w);
	for (unsigned i = 0; i < 2; i++) {
		json_begin_object(&w);
		json_member_u64(&w, "a", i);
		json_member_null(&w, "b");
		json_end_object(&w);
	}
	json_end_array(&w);
	assert_true(json_finish(&w));
	assert_string_equal(buf_str(&b), "[\n{\"a\":0,\"b\":null},\n{\"a\":1,\"b\":null}\n]");
	buf_release(&b);
}

static void hostile_texts_are_escaped(void **state)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, 4096);
	json_to_buf(&w, &b, LAYOUT_COMPACT);
	json_begin_object(&w);
	json_key_span(&w, SPAN_LIT("k\"\\\n"));
	json_put_text(&w, SPAN_LIT("\x1b[2J\0</script>\xff"));
	json_key(&w, "f");
	json_put_textf(&w, "%s:%d", "a\"", 7);
	json_key(&w, "empty");
	json_put_text(&w, SPAN_LIT(""));
	json_key(&w, "absent");
	json_put_text(&w, SPAN_NONE);
	json_key(&w, "i");
	json_put_i64(&w, INT64_MIN);
	json_key(&w, "r");
	json_put_real(&w, 0.5);
	json_key(&w, "nan");
	json_put_real(&w, NAN);
	json_key(&w, "raw");
	json_put_raw(&w, SPAN_LIT("[1]"));
	json_end_object(&w);
	assert_true(json_finish(&w));
	assert_string_equal(buf_str(&b), "{\"k\\\"\\\\\\n\":\"\\u001b[2J\\u0000</script>\\ufffd\","
	                                 "\"f\":\"a\\\":7\",\"empty\":\"\",\"absent\":null,"
	                                 "\"i\":-9223372036854775808,\"r\":0.5,\"nan\":null,"
	                                 "\"raw\":[1]}");
	json_t *j = json_loadb(b.p, b.n, JSON_ALLOW_NUL, NULL);
	assert_non_null(j);
	assert_int_equal(json_object_size(j), 8);
	json_decref(j);
	buf_release(&b);
}

/* At every length of the buffer the writer tells that something is missing. */
static void a_full_buffer_is_told(void **state)
{
	char *whole = sample_in(LAYOUT_COMPACT);
	size_t n = strlen(whole);
	for (size_t ceiling = 0; ceiling <= n; ceiling++) {
		struct buf b;
		struct json_writer w;
		buf_init(&b, ceiling);
		json_to_buf(&w, &b, LAYOUT_COMPACT);
		put_sample(&w);
		assert_int_equal(json_finish(&w), ceiling == n);
		buf_release(&b);
	}
	free(whole);
}

static void too_deep_is_told(void **state)
{
	for (unsigned deep = JSON_WRITER_DEPTH; deep <= JSON_WRITER_DEPTH + 1; deep++) {
		struct buf b;
		struct json_writer w;
		buf_init(&b, 4096);
		json_to_buf(&w, &b, LAYOUT_COMPACT);
		for (unsigned i = 0; i < deep; i++)
			json_begin_array(&w);
		for (unsigned i = 0; i < deep; i++)
			json_end_array(&w);
		assert_int_equal(json_finish(&w), deep == JSON_WRITER_DEPTH);
		buf_release(&b);
	}
}

static void a_file_gets_the_same_bytes(void **state)
{
	char *want = sample_in(LAYOUT_INDENT), *got = NULL;
	size_t n;
	struct json_writer w;
	FILE *f = open_memstream(&got, &n);
	json_to_file(&w, f, LAYOUT_INDENT);
	put_sample(&w);
	assert_true(json_finish(&w));
	fclose(f);
	assert_string_equal(got, want);
	free(got);
	free(want);
}

static void a_failed_write_is_told(void **state)
{
	struct json_writer w;
	FILE *f = fopen("/dev/full", "w");
	if (!f)
		skip();
	setvbuf(f, NULL, _IONBF, 0);
	json_to_file(&w, f, LAYOUT_COMPACT);
	json_begin_array(&w);
	for (int i = 0; i < 100000; i++)
		json_put_str(&w, "much more than is held back");
	json_end_array(&w);
	assert_false(json_finish(&w));
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(layouts_differ_in_white_space_only),
	        cmocka_unit_test(a_level_may_stand_otherwise),
	        cmocka_unit_test(hostile_texts_are_escaped),
	        cmocka_unit_test(a_full_buffer_is_told),
	        cmocka_unit_test(too_deep_is_told),
	        cmocka_unit_test(a_file_gets_the_same_bytes),
	        cmocka_unit_test(a_failed_write_is_told),
	};
	return cmocka_run_group_tests_name("json writer", tests, NULL, NULL);
}
