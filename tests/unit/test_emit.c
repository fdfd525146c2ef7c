/* test_emit.c - the output syntaxes with hostile names: each text must be valid and mean the
 * document. What a parser of the syntax makes of it is compared with the document itself; HCL has
 * no parser here and is compared with what its specification says (tests/live asks Terraform). With
 * EMIT_DIR set the texts are left there. */
#include "config.h"

#include "unit.h"

#include "emit/emit.h"
#include "emit/inert.h"
#include "policy/iam-text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define ARN "arn:aws:s3:::b/"

static struct span hostile[] = {
        SPAN_LIT(ARN "plain"),
        SPAN_LIT(ARN "quote\"and'"),
        SPAN_LIT(ARN "back\\slash\\"),
        SPAN_LIT(ARN "line\nfeed\r\ttab"),
        SPAN_LIT(ARN "${*}${?}${$}{aws:username}"),
        SPAN_LIT(ARN "$${$${x"),
        SPAN_LIT(ARN "%{ if true }%%{x"),
        SPAN_LIT(ARN "caf\xc3\xa9\xc2\x85\xc2\xa0"),
        SPAN_LIT(ARN "- : # | > ' @ ` ! & * ? [x] {y}, "),
        SPAN_LIT(ARN "</script><!--"),
        SPAN_LIT(ARN "|x|\\|y`z`"),
        SPAN_LIT(ARN " leading and trailing "),
};

static struct span actions[] = {SPAN_LIT("s3:GetObject"), SPAN_LIT("s3:PutObject")};
static const struct span regions[] = {SPAN_LIT("eu-west-1"), SPAN_LIT("us-east-1")};
static const struct span yes[] = {SPAN_LIT("true")};
static const struct policy_condition conditions[] = {
        {SPAN_LIT("Bool"), SPAN_LIT("aws:SecureTransport"), yes, 1},
        {SPAN_LIT("StringEquals"), SPAN_LIT("aws:PrincipalTag/team \"x\""), yes, 1},
        {SPAN_LIT("StringEquals"), SPAN_LIT("aws:RequestedRegion"), regions, 2},
};

static struct span ampersand[] = {SPAN_LIT(ARN "&{aws:username}${*}$${x")};

static struct policy_statement statements[] = {
        {.sid = SPAN_LIT("S3ReadGetObject"),
         .origin = STATEMENT_OBSERVED,
         .actions = actions,
         .n_actions = 2,
         .resources = hostile,
         .n_resources = sizeof hostile / sizeof *hostile,
         .conditions = conditions,
         .n_conditions = 3,
         .service = SPAN_LIT("s3"),
         .level = LEVEL_READ},
        {.origin = STATEMENT_KEPT,
         .deny = true,
         .not_action = true,
         .not_resource = true,
         .actions = actions,
         .n_actions = 1,
         .resources = hostile,
         .n_resources = 1},
        {.sid = SPAN_LIT("S3ReadAmpersand"),
         .origin = STATEMENT_OBSERVED,
         .actions = actions,
         .n_actions = 1,
         .resources = ampersand,
         .n_resources = 1},
};
static const struct policy_document document = {
        .version = SPAN_LIT("2012-10-17"), .statements = statements, .n_statements = 3};

static const struct emit_options options = {.name = SPAN_LIT("9 ci/\"x\""),
                                            .subject =
                                                    SPAN_LIT("arn:aws:iam::111122223333:role/ci"),
                                            .attach = ATTACH_ROLE,
                                            .attach_name = SPAN_LIT("ci\"${x}"),
                                            .tf_resource = true};

static void leave(const char *name, const char *suffix, struct span text)
{
	const char *dir = getenv("EMIT_DIR");
	char path[512];
	if (!dir)
		return;
	snprintf(path, sizeof path, "%s/%s%s", dir, name, suffix);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fwrite(text.p, 1, text.n, f);
	fclose(f);
}

static char *text_in(const char *format)
{
	struct buf b;
	const struct emitter *e = emitters;
	while (e->name && strcmp(e->name, format) != 0)
		e++;
	buf_init(&b, 1 << 20);
	assert_non_null(e);
	assert_true(e->emit(&document, &options, &b));
	leave("hostile", e->suffix, buf_span(&b));
	return buf_take(&b);
}

static json_t *parsed(const char *text)
{
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("line %d: %s", error.line, error.text);
	return root;
}

/* The document as JSON built by hand, beside the writer under test. */
static void check_document(json_t *root)
{
	const json_t *s = json_array_get(json_object_get(root, "Statement"), 0);
	const json_t *r = json_object_get(s, "Resource");
	assert_string_equal(json_string_value(json_object_get(root, "Version")), "2012-10-17");
	assert_string_equal(json_string_value(json_object_get(s, "Sid")), "S3ReadGetObject");
	assert_string_equal(json_string_value(json_object_get(s, "Effect")), "Allow");
	assert_int_equal(json_array_size(r), sizeof hostile / sizeof *hostile);
	for (size_t i = 0; i < json_array_size(r); i++)
		assert_string_equal(json_string_value(json_array_get(r, i)), hostile[i].p);
	const json_t *c = json_object_get(s, "Condition");
	assert_int_equal(json_object_size(c), 2);
	assert_int_equal(json_array_size(json_object_get(json_object_get(c, "StringEquals"),
	                                                 "aws:RequestedRegion")),
	                 2);
	const json_t *d = json_array_get(json_object_get(root, "Statement"), 1);
	assert_null(json_object_get(d, "Sid"));
	assert_string_equal(json_string_value(json_object_get(d, "Effect")), "Deny");
	assert_int_equal(json_array_size(json_object_get(d, "NotAction")), 1);
	assert_int_equal(json_array_size(json_object_get(d, "NotResource")), 1);
	json_decref(root);
}

static void test_json(void **state)
{
	char *pretty = text_in("json"), *minified = text_in("minified");
	check_document(parsed(pretty));
	check_document(parsed(minified));
	assert_int_equal(document_size(&document, true), iam_characters(span_of(pretty)));
	assert_int_equal(document_size(&document, false), iam_characters(span_of(minified)) - 1);
	assert_null(strchr(minified, '\t'));
	free(pretty);
	free(minified);
}

/* A statement and its values add up to the document's size. */
static void test_size(void **state)
{
	struct policy_document none = document;
	none.n_statements = 0;
	for (int pretty = 0; pretty < 2; pretty++) {
		size_t sum = document_size(&none, pretty), items = 0;
		for (size_t i = 0; i < document.n_statements; i++)
			sum += statement_size(&statements[i], pretty);
		size_t whole = document_size(&document, pretty);
		/* no comma behind the last statement; the bracket's own line where it is pretty */
		assert_true(whole <= sum + 10 && whole + 10 >= sum);
		struct policy_statement one = statements[0];
		one.n_resources = 1;
		for (size_t i = 1; i < statements[0].n_resources; i++)
			items += value_size(hostile[i], pretty);
		assert_int_equal(statement_size(&one, pretty) + items,
		                 statement_size(&statements[0], pretty));
	}
}

static void test_cfn(void **state)
{
	char *json = text_in("cfn-json"), *yaml = text_in("cfn-yaml");
	json_t *root = parsed(json);
	json_t *r = json_object_get(json_object_get(root, "Resources"), "P9CiXPolicy");
	assert_non_null(r);
	assert_string_equal(json_string_value(json_object_get(r, "Type")),
	                    "AWS::IAM::ManagedPolicy");
	json_t *d = json_object_get(json_object_get(r, "Properties"), "PolicyDocument");
	check_document(json_incref(d));
	json_decref(root);
	assert_non_null(strstr(yaml, "- \"arn:aws:s3:::b/line\\x0afeed\\x0d\\x09tab\"\n"));
	assert_non_null(strstr(yaml, "caf\xc3\xa9\\x85\\xa0\""));
	assert_null(strstr(yaml, "Fn::Sub"));
	free(json);
	free(yaml);
}

/* ---- names that deploying would replace */

static const struct emitter *emitter_named(const char *name)
{
	for (size_t i = 0; emitters[i].name; i++)
		if (strcmp(emitters[i].name, name) == 0)
			return &emitters[i];
	fail();
	return NULL;
}

static void test_inert_text(void **state)
{
	static const struct {
		const char *emitter, *text, *want;
		size_t replaced;
	} cases[] = {
	        {"cfn-yaml", "{{resolve:ssm:x}}", "{?resolve:ssm:x}}", 1},
	        {"cfn-json", "a{{{resolve:ssm:x}}", "a{??resolve:ssm:x}}", 2},
	        {"cdk-ts", "a/{{resolve:ssm:x}}", "a/{?resolve:ssm:x}}", 1},
	        {"cdk-ts", "#{Token[TOKEN.1]}", "#?Token[TOKEN.1]}", 1},
	        {"cdk-ts", "${Token[AWS.AccountId.3]}", "$?Token[AWS.AccountId.3]}", 1},
	        {"cdk-ts", "${aws:username}#{x}{Token[1]}", "${aws:username}#{x}{Token[1]}", 0},
	        {"cfn-yaml", "#{Token[TOKEN.1]}${*}{a}", "#{Token[TOKEN.1]}${*}{a}", 0},
	        {"json", "{{resolve:ssm:x}}", "{{resolve:ssm:x}}", 0},
	        {"hcl", "{{resolve:ssm:x}}", "{{resolve:ssm:x}}", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena arena;
		size_t replaced = 0;
		arena_init(&arena);
		struct span got = emit_inert_text(emitter_named(cases[i].emitter),
		                                  span_of(cases[i].text), &arena, &replaced);
		assert_int_equal(got.n, strlen(cases[i].want));
		assert_memory_equal(got.p, cases[i].want, got.n);
		assert_int_equal(replaced, cases[i].replaced);
		arena_release(&arena);
	}
}

static void test_inert(void **state)
{
	static const struct span reference[] = {SPAN_LIT(ARN "{{resolve:ssm:x}}")}, any[] = {SPAN_LIT("*")},
	                         value[] = {SPAN_LIT("{{resolve:ssm:x}}")}, plain[] = {SPAN_LIT("x")};
	const struct policy_condition tag = {SPAN_LIT("StringEquals"), SPAN_LIT("aws:PrincipalTag/a"),
	                                     value, 1},
	                              ref = {SPAN_LIT("StringEquals"), SPAN_LIT("Ref"), plain, 1},
	                              function = {SPAN_LIT("StringEquals"), SPAN_LIT("Fn::Sub"), plain, 1};
	const struct {
		struct policy_statement s;
		const char *holds; /* NULL: refused */
	} cases[] = {
	        {{.resources = reference, .n_resources = 1}, "{?resolve:ssm:x}}"},
	        {{.resources = reference, .n_resources = 1, .deny = true}, NULL},
	        {{.resources = reference, .n_resources = 1, .not_resource = true}, NULL},
	        {{.resources = any, .n_resources = 1, .conditions = &tag, .n_conditions = 1}, NULL},
	        {{.resources = any, .n_resources = 1, .conditions = &ref, .n_conditions = 1}, "\"ref\""},
	        {{.resources = any, .n_resources = 1, .conditions = &function, .n_conditions = 1},
	         "\"fn::Sub\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct policy_statement s = cases[i].s;
		s.actions = actions;
		s.n_actions = 1;
		struct policy_document d = {.version = SPAN_LIT("2012-10-17"),
		                            .statements = &s,
		                            .n_statements = 1},
		                       made;
		struct arena arena;
		struct buf text;
		struct err err;
		size_t replaced;
		arena_init(&arena);
		err_clear(&err);
		enum status status =
		        emit_inert(emitter_named("cfn-json"), &d, &arena, &made, &replaced, &err);
		assert_int_equal(status, cases[i].holds ? STATUS_OK : STATUS_STOP);
		buf_init(&text, 1 << 16);
		if (status == STATUS_OK) {
			assert_true(emit_cfn_json(&made, &options, &text));
			assert_non_null(strstr(buf_str(&text), cases[i].holds));
			assert_null(strstr(buf_str(&text), "{{"));
			assert_null(strstr(buf_str(&text), "\"Ref\""));
		} else {
			assert_non_null(strstr(err.text, "Statement[0]"));
		}
		buf_release(&text);
		arena_release(&arena);
	}
}

static void test_hcl(void **state)
{
	char *hcl = text_in("hcl");
	static const char *const want[] = {
	        "\"arn:aws:s3:::b/quote\\\"and'\",\n",
	        "\"arn:aws:s3:::b/back\\\\slash\\\\\",\n",
	        "\"arn:aws:s3:::b/line\\nfeed\\r\\ttab\",\n",
	        "\"arn:aws:s3:::b/$${*}$${?}$${$}{aws:username}\",\n",
	        "\"arn:aws:s3:::b/\\u0024$${\\u0024$${x\",\n",
	        "\"arn:aws:s3:::b/%%{ if true }\\u0025%%{x\",\n",
	        "data \"aws_iam_policy_document\" \"_9_ci__x_\" {\n",
	        "    not_actions = [\n",
	        "  role       = \"ci\\\"$${x}\"\n",
	};
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		if (!strstr(hcl, want[i]))
			fail_msg("no %s in:\n%s", want[i], hcl);
	/* the provider would make a variable of it: the statement goes in as JSON */
	assert_non_null(strstr(hcl, "source_policy_documents = [\n"));
	assert_null(strstr(hcl, "    sid    = \"S3ReadAmpersand\""));
	free(hcl);
}

/* Of HCL's JSON strings: undoes the template escapes as the specification has them. */
static void test_hcl_json(void **state)
{
	char *text = text_in("hcl-json");
	json_t *root = parsed(text);
	json_t *d = json_object_get(
	        json_object_get(json_object_get(root, "data"), "aws_iam_policy_document"),
	        "_9_ci__x_");
	const char *source =
	        json_string_value(json_array_get(json_object_get(d, "source_policy_documents"), 0));
	assert_non_null(source);
	assert_non_null(strstr(source, "&{aws:username}"));
	assert_non_null(strstr(source, "&{aws:username}$${*}${\"$\"}$${x"));
	const json_t *r =
	        json_object_get(json_array_get(json_object_get(d, "statement"), 0), "resources");
	assert_string_equal(json_string_value(json_array_get(r, 4)),
	                    ARN "$${*}$${?}$${$}{aws:username}");
	json_decref(root);
	free(text);
}

static void test_others(void **state)
{
	char *cdk = text_in("cdk-ts"), *table = text_in("table"), *md = text_in("markdown");
	assert_non_null(strstr(cdk, "\"arn:aws:s3:::b/quote\\\"and'\""));
	assert_non_null(strstr(cdk, "notResources: ["));
	assert_null(strchr(table, '\r'));
	assert_null(strchr(table, '\t'));
	/* a name opens no cell, no code and no tag */
	assert_null(strstr(md, "|x|"));
	assert_null(strchr(md, '`'));
	assert_null(strstr(md, "</script>"));
	free(cdk);
	free(table);
	free(md);
}

static const struct span services[] = {SPAN_LIT("ec2.amazonaws.com")};
static const struct policy_principal principal = {SPAN_LIT("Service"), services, 1};
static struct span assume[] = {SPAN_LIT("sts:AssumeRole")};

/* A trust policy has principals and no resources. */
static void test_trust(void **state)
{
	struct policy_statement s = {.sid = SPAN_LIT("T"),
	                             .actions = assume,
	                             .n_actions = 1,
	                             .principals = &principal,
	                             .n_principals = 1};
	struct policy_document d = {
	        .version = SPAN_LIT("2012-10-17"), .statements = &s, .n_statements = 1};
	struct emit_options o = {.name = SPAN_LIT("ci"), .use = USE_TRUST};
	for (const struct emitter *e = emitters; e->name; e++) {
		struct buf b;
		buf_init(&b, 1 << 16);
		assert_true(e->emit(&d, &o, &b));
		leave("trust", e->suffix, buf_span(&b));
		assert_non_null(strstr(b.p, "ec2.amazonaws.com"));
		assert_null(strstr(b.p, "Resource\":"));
		buf_release(&b);
	}
}

/* Past its ceiling an emitter says so. */
static void test_ceiling(void **state)
{
	for (const struct emitter *e = emitters; e->name; e++) {
		struct buf b;
		buf_init(&b, 300);
		assert_false(e->emit(&document, &options, &b));
		buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_json),     cmocka_unit_test(test_size),
	        cmocka_unit_test(test_cfn),      cmocka_unit_test(test_inert_text),
	        cmocka_unit_test(test_inert),       cmocka_unit_test(test_hcl),
	        cmocka_unit_test(test_hcl_json), cmocka_unit_test(test_others),
	        cmocka_unit_test(test_trust),    cmocka_unit_test(test_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
