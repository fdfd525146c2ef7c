/* test_evaluate.c - every case of tests/data/evaluate: what it shows, the AWS document that says
 * so, a request and what is expected: a decision with, where it matters, the layer, policy,
 * statement and unknown keys; or a part of the error. Further what a JSON line cannot hold. */
#include "unit.h"

#include "policy/limits.h"
#include "evaluator/query.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static json_t *answer(const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	struct query q;
	struct err err;
	struct buf out;
	json_t *result;
	query_init(&q);
	err_clear(&err);
	buf_init(&out, (size_t)1 << 20);
	if (query_parse(&q, span_of(text), &err) == STATUS_OK) {
		struct verdict v;
		struct evaluator *e = evaluator_new(q.policies, q.n_policies);
		evaluate(e, &q.request, &q.arena, &v);
		struct json_writer w;
		json_to_buf(&w, &out, LAYOUT_COMPACT);
		json_begin_object(&w);
		verdict_write(&w, &v, q.policies, q.names);
		json_end_object(&w);
		assert_true(json_finish(&w));
		evaluator_free(e);
		result = json_loads(buf_str(&out), 0, NULL);
	} else {
		result = json_pack("{s:s}", "error", err.text);
	}
	query_release(&q);
	buf_release(&out);
	free(text);
	return result;
}

/* Each member of want is in got; of an error a part is enough. */
static bool agrees(const json_t *want, const json_t *got)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)want, key, value)
	{
		const json_t *other = json_object_get(got, key);
		if (strcmp(key, "error") == 0) {
			if (!other || !strstr(json_string_value(other), json_string_value(value)))
				return false;
		} else if (!json_equal(value, other)) {
			return false;
		}
	}
	return true;
}

static size_t run_file(const char *path, size_t *count)
{
	size_t failed = 0, number = 0;
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	char *line = NULL;
	size_t room = 0;
	while (getline(&line, &room, f) > 0) {
		json_t *c = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		number++;
		assert_non_null(c);
		assert_true(json_string_length(json_object_get(c, "shows")) > 0);
		assert_true(json_string_length(json_object_get(c, "source")) > 0);
		assert_true(json_object_size(json_object_get(c, "expect")) > 0);
		json_t *got = answer(json_object_get(c, "request"));
		if (!agrees(json_object_get(c, "expect"), got)) {
			char *text = json_dumps(got, JSON_COMPACT);
			char *want = json_dumps(json_object_get(c, "expect"), JSON_COMPACT);
			print_error("%s:%zu: %s: got %s, want %s\n", path, number,
			            json_string_value(json_object_get(c, "shows")), text, want);
			free(text);
			free(want);
			failed++;
		}
		json_decref(got);
		json_decref(c);
	}
	*count += number;
	free(line);
	fclose(f);
	return failed;
}

static void every_case_is_decided_as_documented(void **state)
{
	const char *top = getenv("top_srcdir");
	char folder[4096], path[8192];
	size_t count = 0, failed = 0;
	snprintf(folder, sizeof folder, "%s/tests/data/evaluate", top ? top : ".");
	DIR *d = opendir(folder);
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (!strstr(e->d_name, ".jsonl"))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		failed += run_file(path, &count);
	}
	closedir(d);
	print_message("# %zu cases\n", count);
	assert_int_equal(failed, 0);
	assert_true(count >= 400);
}

static void json_that_repeats_a_key_is_refused(void **state)
{
	static const char *const texts[] = {
	        "{\"Statement\":[],\"Statement\":[]}",
	        "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Effect\":"
	        "\"Deny\","
	        "\"Action\":\"*\",\"Resource\":\"*\"}}",
	        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
	        "\"Condition\":"
	        "{\"StringEquals\":{\"a:b\":\"c\"},\"StringEquals\":{\"a:b\":\"d\"}}}}",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct document *d = NULL;
		struct err err;
		err_clear(&err);
		assert_int_equal(document_parse(span_of(texts[i]), &d, &err), STATUS_FILE);
		assert_null(d);
		assert_non_null(strstr(err.text, "duplicate"));
	}
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const texts[] = {"",
	                                    "{",
	                                    "[]",
	                                    "nul",
	                                    "\"x\"",
	                                    "{\"Statement\":\"\\ud800\"}",
	                                    "{\"Statement\":\"\\u0000\"}",
	                                    "{\"Statement\":[}",
	                                    "{\"Statement\":\"\xff\"}"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct document *d = NULL;
		struct err err;
		err_clear(&err);
		assert_int_equal(document_parse(span_of(texts[i]), &d, &err), STATUS_FILE);
		assert_true(err_is_set(&err));
	}
	assert_int_equal(document_parse(SPAN_NONE, &(struct document *){NULL}, NULL), STATUS_FILE);
}

static void nesting_is_bounded(void **state)
{
	size_t n = 100000;
	char *text = malloc(n + 1);
	assert_non_null(text);
	memset(text, '[', n);
	text[n] = '\0';
	struct document *d = NULL;
	struct err err;
	err_clear(&err);
	assert_int_equal(document_parse(span_of(text), &d, &err), STATUS_FILE);
	free(text);
}

/* n entries "PREFIXi SUFFIX" with commas between. */
static void add_entries(struct buf *b, const char *prefix, size_t n, const char *suffix)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s%s%zu%s", i ? "," : "", prefix, i, suffix);
}

#define ALLOW "{\"Effect\":\"Allow\",\"Action\":"

static const struct {
	const char *before, *entry, *end, *after;
	size_t bound;
	const char *error;
} bounded[] = {
        {"", "{\"Sid\":\"S", "\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}", "",
         LIMIT_POLICY_STATEMENTS, "Statement: more than 5000 statements in one policy"},
        {ALLOW "\"*\",\"Resource\":\"*\"}," ALLOW "[", "\"s3:a", "\"", "],\"Resource\":\"*\"}",
         LIMIT_POLICY_ACTIONS - 1, "Statement[1].Action: more than 10000 actions in one policy"},
        {ALLOW "\"*\",\"Resource\":\"*\"}," ALLOW "\"*\",\"Resource\":[", "\"arn:aws:s3:::b", "\"",
         "]}", LIMIT_POLICY_RESOURCES - 1,
         "Statement[1].Resource: more than 200000 resources in one policy"},
        {ALLOW "\"*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{", "\"a:b", "\":\"c\"",
         "}}}", LIMIT_POLICY_CONDITIONS,
         "Statement[0].Condition: more than 20000 condition keys in one policy"},
        {ALLOW "\"*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"a:b\":[", "\"", "\"",
         "]}}}", LIMIT_POLICY_OPERANDS,
         "Statement[0].Condition.StringEquals.a:b: more than 200000 values of conditions in one "
         "policy"},
        {ALLOW "\"*\",\"Principal\":{\"AWS\":[", "\"arn:aws:iam::", ":root\"", "]}}",
         LIMIT_POLICY_PRINCIPALS, "Statement[0].Principal: more than 100000 principals in one policy"},
};

/* As many as there may be are read, one more is refused before anything is made of it. */
static void sizes_are_bounded(void **state)
{
	struct buf b;
	buf_init(&b, LIMIT_POLICY_BYTES);
	for (size_t i = 0; i < sizeof bounded / sizeof bounded[0]; i++) {
		for (size_t more = 0; more < 2; more++) {
			struct document *d = NULL;
			struct err err;
			err_clear(&err);
			buf_reset(&b);
			buf_addf(&b, "{\"Version\":\"2012-10-17\",\"Statement\":[%s",
			         bounded[i].before);
			add_entries(&b, bounded[i].entry, bounded[i].bound + more, bounded[i].end);
			assert_true(buf_addf(&b, "%s]}", bounded[i].after));
			enum status status = document_parse(buf_span(&b), &d, &err);
			assert_int_equal(status, more ? STATUS_FILE : STATUS_OK);
			assert_string_equal(err.text, more ? bounded[i].error : "");
			document_free(d);
		}
	}
	buf_release(&b);
}

static void keys_that_differ_by_case_alone_are_refused(void **state)
{
	struct document *d = NULL;
	struct err err;
	err_clear(&err);
	assert_int_equal(
	        document_parse(SPAN_LIT("{\"Statement\":" ALLOW
	                                "\"*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{"
	                                "\"b:c\":true,\"a:b\":true},\"StringLike\":{"
	                                "\"b:c\":\"x\",\"d:e\":\"x\",\"A:b\":\"x\",\"B:C\":"
	                                "\"x\",\"a:B\":\"y\"}}}}"),
	                       &d, &err),
	        STATUS_FILE);
	assert_string_equal(err.text, "Statement[0].Condition.StringLike.B:C: the key is there "
	                              "twice, in another case");
}

/* ---- what is read is what is written */

static void spans_equal(const struct span *a, size_t n_a, const struct span *b, size_t n_b)
{
	assert_int_equal(n_a, n_b);
	for (size_t i = 0; i < n_a; i++)
		assert_true(span_eq(a[i], b[i]));
}

static void absent_alike(struct span a, struct span b)
{
	assert_true(span_eq(a, b) && !a.p == !b.p);
}

static void statements_equal(const struct policy_statement *a, const struct policy_statement *b)
{
	absent_alike(a->sid, b->sid);
	assert_true(a->deny == b->deny && a->not_action == b->not_action &&
	            a->not_resource == b->not_resource && a->not_principal == b->not_principal);
	spans_equal(a->actions, a->n_actions, b->actions, b->n_actions);
	spans_equal(a->resources, a->n_resources, b->resources, b->n_resources);
	assert_int_equal(a->n_principals, b->n_principals);
	for (size_t i = 0; i < a->n_principals; i++) {
		assert_true(span_eq(a->principals[i].kind, b->principals[i].kind));
		spans_equal(a->principals[i].values, a->principals[i].n_values,
		            b->principals[i].values, b->principals[i].n_values);
	}
	assert_int_equal(a->n_conditions, b->n_conditions);
	for (size_t i = 0; i < a->n_conditions; i++) {
		assert_true(span_eq(a->conditions[i].operator, b->conditions[i].operator));
		assert_true(span_eq(a->conditions[i].key, b->conditions[i].key));
		spans_equal(a->conditions[i].values, a->conditions[i].n_values,
		            b->conditions[i].values, b->conditions[i].n_values);
	}
}

static void documents_equal(const struct policy_document *a, const struct policy_document *b)
{
	absent_alike(a->version, b->version);
	absent_alike(a->id, b->id);
	assert_int_equal(a->n_statements, b->n_statements);
	for (size_t i = 0; i < a->n_statements; i++)
		statements_equal(&a->statements[i], &b->statements[i]);
}

static const char *const round_trips[] = {
        "{\"Version\":\"2012-10-17\",\"Id\":\"x\",\"Statement\":[{\"Sid\":\"A\",\"Effect\":"
        "\"Allow\",\"Action\":[\"s3:Get*\",\"s3:List*\"],\"Resource\":\"arn:aws:s3:::b/"
        "${aws:username}\",\"Condition\":{\"StringEquals\":{\"aws:username\":[\"bob\"],"
        "\"a:b\":\"c\"},\"NumericLessThan\":{\"s3:max-keys\":5},\"Bool\":{"
        "\"aws:SecureTransport\":true}}},{\"Effect\":\"Deny\",\"NotAction\":\"s3:*\","
        "\"NotResource\":[\"*\"],\"Principal\":{\"AWS\":[\"111122223333\"],\"Service\":"
        "\"ec2.amazonaws.com\"}},{\"Effect\":\"Deny\",\"Action\":\"*\",\"NotPrincipal\":"
        "\"*\"}]}",
        /* no version, one statement, an empty Sid, an operand without values */
        "{\"Statement\":{\"Sid\":\"\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
        "\"Condition\":{\"StringLike\":{\"a:b\":[]},\"Null\":{\"a:b\":\"true\"}}}}",
        /* kinds without a value, and the characters that JSON escapes */
        "{\"Version\":\"2008-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{"
        "\"CanonicalUser\":\"79a5\",\"AWS\":[],\"Federated\":[\"accounts.google.com\",\"b\"]},"
        "\"Action\":\"sts:AssumeRoleWithWebIdentity\",\"Condition\":{\"StringEquals\":{"
        "\"a:b\":\"\\\"\\\\\\u0001\\t\\u00e9\\u007f${x}\"}}}}"};

static void a_document_survives_writing(void **state)
{
	for (size_t i = 0; i < sizeof round_trips / sizeof round_trips[0]; i++) {
		struct policy_document one, two;
		struct arena arena;
		struct buf text;
		arena_init(&arena);
		for (int pretty = 0; pretty < 2; pretty++) {
			buf_init(&text, (size_t)1 << 16);
			assert_int_equal(
			        document_read(span_of(round_trips[i]), &arena, &one, NULL),
			        STATUS_OK);
			assert_true(document_write(&one, pretty, &text));
			assert_int_equal(document_read(buf_span(&text), &arena, &two, NULL),
			                 STATUS_OK);
			documents_equal(&one, &two);
			buf_release(&text);
		}
		arena_release(&arena);
	}
}

/* What a lenient reader would pass over, and grant more than was written. */
static const struct {
	const char *statement, *error;
} refused[] = {
        {"{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Conditions\":{}}",
         "Statement[0]: no such element: 'Conditions'"},
        {"{\"Effect\":\"deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}",
         "Statement[0].Effect: is neither Allow nor Deny"},
        {"{\"effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}",
         "Statement[0]: no such element: 'effect'"},
        {"{\"Effect\":\"Deny\",\"action\":\"s3:*\",\"Resource\":\"*\"}",
         "Statement[0]: no such element: 'action'"},
        {"{\"Effect\":\"Deny\",\"Action\":{},\"Resource\":\"*\"}",
         "Statement[0].Action: is not a string or a list of strings"},
        {"{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":null}",
         "Statement[0].Resource: is not a string or a list of strings"},
        {"{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"NotAction\":\"s3:*\",\"Resource\":\"*\"}",
         "Statement[0].Action: Action and NotAction exclude each other"},
        {"{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{"
         "\"stringEquals\":{\"a:b\":\"c\"}}}",
         "Statement[0].Condition.stringEquals: no such condition operator"},
        {"{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{"
         "\"a:b\":\"yes\"}}}",
         "Statement[0].Condition.Bool.a:b: 'yes' is not true or false"},
        {"{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Principal\":{\"aws\":\"*\"}}",
         "Statement[0].Principal: no such kind of principal: 'aws'"},
        {"{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Principal\":{\"*\":[]}}",
         "Statement[0].Principal: names no principal"},
};

static void what_is_unknown_is_refused(void **state)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct policy_document d = {.n_statements = 7};
		struct arena arena;
		struct buf text;
		struct err err;
		arena_init(&arena);
		err_clear(&err);
		buf_init(&text, 4096);
		assert_true(buf_addf(&text, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}",
		                     refused[i].statement));
		assert_int_equal(document_read(buf_span(&text), &arena, &d, &err), STATUS_FILE);
		assert_string_equal(err.text, refused[i].error);
		assert_int_equal(d.n_statements, 7);
		buf_release(&text);
		arena_release(&arena);
	}
}

static void partial(const char *pattern, const char *text, enum truth want)
{
	struct arena arena;
	struct policy_text t;
	struct request_keys none = {NULL, 0};
	arena_init(&arena);
	assert_true(policy_text_compile(&arena, span_of(pattern), TEXT_RESOURCE, true, &t));
	assert_int_equal(policy_text_meet(&t, &none, span_of(text)), want);
	arena_release(&arena);
}

static void unknown_parts_of_a_resource(void **state)
{
	partial("arn:aws:s3:::b/*", "arn:aws:s3:::b/\xff", TRUTH_YES);
	partial("*", "arn:aws:s3:::b/\xff", TRUTH_YES);
	partial("arn:aws:s3:::b/k*", "arn:aws:s3:::b/\xff", TRUTH_MAYBE);
	partial("arn:aws:s3:::b/key", "arn:aws:s3:::b/\xff", TRUTH_MAYBE);
	partial("arn:aws:s3:::c/key", "arn:aws:s3:::b/\xff", TRUTH_NO);
	partial("arn:aws:s3:::b/*/x", "arn:aws:s3:::b/\xff/x", TRUTH_YES);
	partial("arn:aws:s3:::b/*/y", "arn:aws:s3:::b/\xff/x", TRUTH_NO);
	partial("arn:aws:s3:::b/a??", "arn:aws:s3:::b/a\xfe\xfe", TRUTH_YES);
	partial("arn:aws:s3:::b/abc", "arn:aws:s3:::b/a\xfe\xfe", TRUTH_MAYBE);
	partial("arn:aws:s3:::b/a?", "arn:aws:s3:::b/a\xfe\xfe", TRUTH_NO);
	partial("arn:aws:s3:::b/?*", "arn:aws:s3:::b/\xff", TRUTH_MAYBE);
}

/* ---- patterns against a reference that is slow and plain */

/* Whether text from j on matches pattern from i on. In a resource, wildcards before the fifth colon
 * of the pattern take no colon, but for a star that ends a segment. */
static bool slow_match(const char *pattern, size_t i, size_t colons, const char *text,
                       enum text_use use)
{
	char c = pattern[i];
	if (!c)
		return !*text;
	bool inside = use != TEXT_LIKE && colons < 5;
	if (c == '*') {
		size_t next = i + 1;
		while (pattern[next] == '*')
			next++;
		bool ends = !pattern[next] || pattern[next] == ':';
		bool part = inside && !(use == TEXT_RESOURCE && ends);
		for (;; text++) {
			if (slow_match(pattern, next, colons, text, use))
				return true;
			if (!*text || (part && *text == ':'))
				return false;
		}
	}
	if (c == '?')
		return *text && !(inside && *text == ':') &&
		       slow_match(pattern, i + 1, colons, text + 1, use);
	return *text == c && slow_match(pattern, i + 1, colons + (c == ':'), text + 1, use);
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static void random_text(uint64_t *state, const char *alphabet, size_t n, char *out,
                        const char *prefix)
{
	size_t k = strlen(prefix);
	memcpy(out, prefix, k);
	for (size_t i = 0; i < n; i++)
		out[k++] = alphabet[next_random(state) % strlen(alphabet)];
	out[k] = '\0';
}

static void patterns_match_as_the_reference_does(void **state)
{
	static const enum text_use uses[] = {TEXT_LIKE, TEXT_RESOURCE, TEXT_ARN};
	struct request_keys none = {NULL, 0};
	uint64_t seed = 7;
	size_t matched = 0;
	for (int i = 0; i < 60000; i++) {
		struct arena arena;
		struct policy_text t;
		char pattern[32], text[32];
		enum text_use use = uses[i % 3];
		const char *prefix = use == TEXT_LIKE ? "" : "arn:";
		random_text(&seed, "aab:*?", next_random(&seed) % 12, pattern, prefix);
		random_text(&seed, "aab:", next_random(&seed) % 14, text, prefix);
		size_t colons = 0;
		for (const char *c = pattern; *c; c++)
			colons += *c == ':';
		bool want =
		        slow_match(pattern, 0, 0, text, use) && (use != TEXT_ARN || colons >= 5);
		arena_init(&arena);
		assert_true(policy_text_compile(&arena, span_of(pattern), use, false, &t));
		enum truth got = policy_text_match(&t, &none, span_of(text));
		if ((got == TRUTH_YES) != want)
			print_error("use %d, pattern %s, text %s: want %d\n", (int)use, pattern,
			            text, want);
		assert_int_equal(got == TRUTH_YES, want);
		matched += want;
		arena_release(&arena);
	}
	assert_true(matched > 1000);
}

/* Whatever an unknown part stands for, a sure answer holds. */
static void unknown_parts_never_lie(void **state)
{
	struct request_keys none = {NULL, 0};
	uint64_t seed = 11;
	size_t sure = 0;
	for (int i = 0; i < 20000; i++) {
		struct arena arena;
		struct policy_text t;
		char pattern[32], text[40], filled[64];
		random_text(&seed, "aab*?", next_random(&seed) % 8, pattern, "arn:aws:x:::");
		random_text(&seed, "aab\xff\xfe", next_random(&seed) % 7, text, "arn:aws:x:::");
		arena_init(&arena);
		assert_true(
		        policy_text_compile(&arena, span_of(pattern), TEXT_RESOURCE, false, &t));
		enum truth before = policy_text_meet(&t, &none, span_of(text));
		for (int k = 0; k < 4; k++) {
			size_t n = 0;
			for (const char *c = text; *c; c++) {
				size_t many = *c == '\xff' ? next_random(&seed) % 3 : 1;
				for (size_t m = 0; m < many; m++)
					filled[n++] = *c == '\xff' || *c == '\xfe'
					                      ? "ab/"[next_random(&seed) % 3]
					                      : *c;
			}
			enum truth after =
			        policy_text_match(&t, &none, span_make(filled, n));
			assert_true(before == TRUTH_MAYBE || before == after);
		}
		sure += before != TRUTH_MAYBE;
		arena_release(&arena);
	}
	assert_true(sure > 1000);
}

/* 100,000 distinct requests against 500 statements take well under a second; ten times that is left
 * for machines under load and for sanitizers. */
static void many_requests_are_quick(void **state)
{
	struct buf b;
	struct document *d;
	struct arena arena;
	struct verdict v;
	size_t allowed = 0;
	buf_init(&b, (size_t)1 << 22);
	buf_add_str(&b, "{\"Version\":\"2012-10-17\",\"Statement\":[");
	for (int i = 0; i < 500; i++)
		buf_addf(&b,
		         "%s{\"Effect\":\"Allow\",\"Action\":[\"svc%d:Get*\",\"svc%d:Put%d\"],"
		         "\"Resource\":"
		         "[\"arn:aws:s3:::bucket-%d/*\",\"arn:aws:s3:::bucket-%d\"]}",
		         i ? "," : "", i % 10, i % 10, i, i, i);
	buf_add_str(&b, "]}");
	assert_int_equal(document_parse(buf_span(&b), &d, NULL), STATUS_OK);
	struct layered policy = {LAYER_IDENTITY, 0, d};
	struct evaluator *e = evaluator_new(&policy, 1);
	arena_init(&arena);
	clock_t begin = clock();
	for (int i = 0; i < 100000; i++) {
		char action[40], resource[80];
		snprintf(action, sizeof action, "svc%d:Get%d", i % 10, i % 40);
		snprintf(resource, sizeof resource, "arn:aws:s3:::bucket-%d/%d", i % 500, i);
		struct request r = {.action = span_of(action), .resource = span_of(resource)};
		evaluate(e, &r, &arena, &v);
		allowed += v.decision == DECISION_ALLOWED;
	}
	double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
	print_message("# 100000 requests, 500 statements: %.3f s\n", seconds);
	assert_int_equal(allowed, 100000);
	assert_true(seconds < 10);
	arena_release(&arena);
	evaluator_free(e);
	document_free(d);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_case_is_decided_as_documented),
	        cmocka_unit_test(json_that_repeats_a_key_is_refused),
	        cmocka_unit_test(what_is_no_json_is_refused),
	        cmocka_unit_test(nesting_is_bounded),
	        cmocka_unit_test(sizes_are_bounded),
	        cmocka_unit_test(keys_that_differ_by_case_alone_are_refused),
	        cmocka_unit_test(a_document_survives_writing),
	        cmocka_unit_test(what_is_unknown_is_refused),
	        cmocka_unit_test(unknown_parts_of_a_resource),
	        cmocka_unit_test(patterns_match_as_the_reference_does),
	        cmocka_unit_test(unknown_parts_never_lie),
	        cmocka_unit_test(many_requests_are_quick),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
