/* test_wire.c - members read from XML and JSON: paths, lists, cuts anywhere, hostile texts. */
#include "unit.h"

#include "base/buf.h"
#include "base/limits.h"
#include "recognise/wire.h"

#include <stdlib.h>

/* "path=value path=value", hidden values as "?"; with " +" where there was more. */
static char *members_of(bool (*read)(struct wire *, struct span), struct span text, bool *well)
{
	struct arena arena;
	struct wire w;
	struct buf b;
	arena_init(&arena);
	wire_init(&w, &arena);
	buf_init(&b, 1 << 20);
	*well = read(&w, text);
	for (size_t i = 0; i < w.n; i++)
		buf_addf(&b, "%s%.*s=%.*s", i ? " " : "", SPAN_ARG(w.items[i].path),
		         SPAN_ARG(w.items[i].state == PARAM_VALUE ? w.items[i].value
		                                                  : SPAN_LIT("?")));
	if (w.cut)
		buf_add_str(&b, " +");
	arena_release(&arena);
	return buf_take(&b);
}

struct case_of_text {
	const char *text, *want;
	bool well;
};

static void check(bool (*read)(struct wire *, struct span), const struct case_of_text *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool well;
		char *got = members_of(read, span_of(c[i].text), &well);
		assert_string_equal(got, c[i].want);
		assert_int_equal(well, c[i].well);
		free(got);
	}
}

static void xml_members_have_paths(void **state)
{
	static const struct case_of_text c[] = {
	        {"<?xml version=\"1.0\"?>\n<TagRequest xmlns=\"urn:x\"><A>1</A><B><C>2</C></B>"
	         "</TagRequest>",
	         "A=1 B.C=2", true},
	        {"<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object>"
	         "<Object><Key>d</Key></Object><Quiet>true</Quiet></Delete>",
	         "Delete.Object[0].Key=a&b Delete.Object[1].Key=c Delete.Object[2].Key=d "
	         "Delete.Quiet=true",
	         true},
	        {"<R><s:A xmlns:s='u' x='>'>&#65;&#x42;&lt;</s:A><B/><C></C></R>",
	         "R.A=AB< R.C=", true},
	        {"<R><A><![CDATA[<x>&amp;]]></A><!-- <B>no</B> --><?pi <C>no</C>?></R>",
	         "R.A=<x>&amp;", true},
	        {"<R>text<A>1</A>text</R>", "R.A=1", true},
	        {"", "", false},
	        {"no xml", "", false},
	        {"<R><A>1</A></S>", "R.A=1", false},
	        {"<R><A>1</A><B>2<", "R.A=1", false},
	};
	check(wire_xml, c, sizeof c / sizeof c[0]);
}

static void xml_entities_are_not_defined(void **state)
{
	static const struct case_of_text c[] = {
	        {"<!DOCTYPE r [<!ENTITY a \"x\">]><r><A>&a;</A></r>", "", false},
	        {"<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r><A>1</A></r>", "", false},
	        {"<r><A>1</A><B>&a;</B></r>", "r.A=1", false},
	        {"<r><A>&#0;</A></r>", "", false},
	        {"<r><A>\xff</A></r>", "", false},
	};
	check(wire_xml, c, sizeof c / sizeof c[0]);
}

/* Whatever is missing at the end, what was told before stays, and nothing half is told. */
static void cut_xml_tells_what_is_whole(void **state)
{
	static const char text[] = "<R><A>one</A><L><m>1</m><m>2</m></L><Z>&amp;</Z></R>";
	static const char *const may[] = {"", "R.A=one", "R.A=one R.L.m=1",
	                                  "R.A=one R.L.m[0]=1 R.L.m[1]=2",
	                                  "R.A=one R.L.m[0]=1 R.L.m[1]=2 R.Z=&"};
	size_t reached = 0;
	for (size_t n = 0; n < sizeof text; n++) {
		bool well;
		char *got = members_of(wire_xml, span_make(text, n), &well);
		if (strcmp(got, may[reached]) != 0)
			reached++;
		assert_string_equal(got, may[reached]);
		assert_int_equal(well, n == sizeof text - 1);
		free(got);
	}
	assert_int_equal(reached, 4);
}

static void large_xml_is_bounded(void **state)
{
	struct buf b;
	bool well;
	buf_init(&b, 1 << 20);
	buf_add_str(&b, "<R><A>");
	for (size_t i = 0; i < LIMIT_PARAM_VALUE; i++)
		buf_add_char(&b, 'x');
	buf_add_str(&b, "</A><B>");
	for (size_t i = 0; i <= LIMIT_PARAM_VALUE; i++)
		buf_add_char(&b, 'x');
	buf_add_str(&b, "</B></R>");
	char *got = members_of(wire_xml, buf_span(&b), &well);
	assert_true(well);
	assert_true(span_starts(span_of(got), SPAN_LIT("R.A=xxx")));
	assert_true(span_ends(span_of(got), SPAN_LIT("x R.B=?")));
	free(got);
	for (unsigned deep = LIMIT_WIRE_DEPTH; deep <= LIMIT_WIRE_DEPTH + 1; deep++) {
		buf_reset(&b);
		for (unsigned i = 0; i < deep; i++)
			buf_add_str(&b, "<a>");
		for (unsigned i = 0; i < deep; i++)
			buf_add_str(&b, "</a>");
		got = members_of(wire_xml, buf_span(&b), &well);
		assert_int_equal(well, deep == LIMIT_WIRE_DEPTH);
		assert_int_equal(strchr(got, '+') != NULL, deep != LIMIT_WIRE_DEPTH);
		free(got);
	}
	buf_release(&b);
}

static void single_texts_are_found(void **state)
{
	struct arena arena;
	struct xml_text t[] = {{"Error", "Code", SPAN_NONE},
	                       {"Error", "Message", SPAN_NONE},
	                       {NULL, "RequestId", SPAN_NONE},
	                       {NULL, "Absent", SPAN_NONE}};
	arena_init(&arena);
	wire_xml_texts(SPAN_LIT("<R><Code>no</Code><x:Error xmlns:x='u'><Code>yes</Code>"
	                        "<Message>a &lt; b</Message></x:Error><Error><Code>late</Code>"
	                        "</Error><RequestId>r</RequestId><Absent>cut"),
	               &arena, t, 4);
	assert_true(span_is(t[0].text, "yes"));
	assert_true(span_is(t[1].text, "a < b"));
	assert_true(span_is(t[2].text, "r"));
	assert_null(t[3].text.p);
	arena_release(&arena);
}

static void json_members_have_paths(void **state)
{
	static const struct case_of_text c[] = {
	        {"{\"A\":\"x\",\"B\":{\"C\":[1,{\"D\":true}],\"E\":null}}",
	         "A=x B{}=C B.C[0]=1 B.C[1].D=true B{}=E", true},
	        {" {\"\\u0041\" : \"\\ud83d\\ude00\\n\\/\"} ", "A=\xf0\x9f\x98\x80\n/", true},
	        {"{\"A\":\"x\",\"B\":\"cut", "A=x", false},
	        {"{\"A\":12", "", false},
	        {"{\"A\":12,", "A=12", false},
	        {"{\"A\":[[1],[2]]}", "A[0]=1 A[1]=2", true},
	        {"{\"A\":1} x", "A=1", false},
	        {"{\"A\":1,\"B\":\"\xff\",\"C\":1}", "A=1", false},
	        {"", "", false},
	};
	check(wire_json, c, sizeof c / sizeof c[0]);
	bool well;
	char text[200] = "";
	for (unsigned i = 0; i <= LIMIT_WIRE_DEPTH; i++)
		text[i] = '[';
	char *got = members_of(wire_json, span_make(text, LIMIT_WIRE_DEPTH + 1), &well);
	assert_string_equal(got, " +");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(xml_members_have_paths),
	        cmocka_unit_test(xml_entities_are_not_defined),
	        cmocka_unit_test(cut_xml_tells_what_is_whole),
	        cmocka_unit_test(large_xml_is_bounded),
	        cmocka_unit_test(single_texts_are_found),
	        cmocka_unit_test(json_members_have_paths),
	};
	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
