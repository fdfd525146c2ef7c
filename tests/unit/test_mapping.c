/* test_mapping.c - the tables: what the binary holds, what a folder gives, names found in them. */
#include "mapping/compile/compile.h"
#include "unit.h"

#include "mapping/image.h"
#include "mapping/members.h"
#include "mapping/name-fold.h"
#include "mapping/partiql.h"

#include <stdio.h>
#include <stdlib.h>

static const char *tables(void)
{
	static char dir[4096];
	const char *top = getenv("top_srcdir");
	snprintf(dir, sizeof dir, "%s/mappings", top ? top : ".");
	return dir;
}

static void folder_reads_as_the_binary_holds(void **state)
{
	const struct mapping *built = mapping_builtin();
	struct mapping *read = NULL;
	struct err err;
	err_clear(&err);
	assert_int_equal(mapping_read(tables(), &read, &err), STATUS_OK);
	assert_int_equal(read->bytes, built->bytes);
	assert_memory_equal(read, built, built->bytes);
	assert_true(built->bytes < 3300000);
	mapping_free(read);
}

static void assert_op(const struct operation *op, const char *service, const char *name)
{
	assert_non_null(op);
	assert_true(span_is(operation_service(op), service));
	assert_true(span_is(operation_name(op), name));
}

static const struct operation *event(const char *source, const char *name)
{
	return mapping_event(mapping_builtin(), span_of(source), span_of(name));
}

static const struct operation *sdk(const char *service, const char *name)
{
	return mapping_operation(mapping_builtin(), span_of(service), span_of(name));
}

static void names_are_found(void **state)
{
	assert_op(event("s3.amazonaws.com", "ListObjects"), "s3", "ListObjects");
	assert_op(event("ec2.amazonaws.com.cn", "RunInstances"), "ec2", "RunInstances");
	assert_op(sdk("CloudWatch Logs", "FilterLogEvents"), "logs", "FilterLogEvents");
	assert_op(sdk("cloudwatch logs", "FilterLogEvents"), "logs", "FilterLogEvents");
	assert_op(sdk("logs", "FilterLogEvents"), "logs", "FilterLogEvents");
	assert_op(sdk("iot-data", "Publish"), "iot-data", "Publish");
	assert_op(sdk("IoT Data Plane", "Publish"), "iot-data", "Publish");
	assert_null(event("nosuch.amazonaws.com", "ListObjects"));
	assert_null(event("s3.amazonaws.com", "NoSuchThing"));
	assert_null(event("s3.amazonaws.com", ""));
	assert_null(event("", "ListObjects"));
	assert_null(event(".amazonaws.com", "ListObjects"));
	assert_null(sdk("", ""));
}

static void curated_rows_tell_their_reason(void **state)
{
	assert_true(span_starts(operation_document(event("s3.amazonaws.com", "ListObjects")),
	                        SPAN_LIT("https://docs.aws.amazon.com/")));
	assert_true(operation_reason(event("s3.amazonaws.com", "ListObjects")).n > 0);
	assert_true(operation_reason(event("sts.amazonaws.com", "GetCallerIdentity")).n > 0);
	assert_null(operation_reason(event("sqs.amazonaws.com", "SendMessage")).p);
}

static void dates_are_cut_only_where_that_helps(void **state)
{
	assert_op(event("lambda.amazonaws.com", "CreateFunction20150331"), "lambda",
	          "CreateFunction");
	assert_op(event("lambda.amazonaws.com", "UpdateFunctionConfiguration20150331v2"), "lambda",
	          "UpdateFunctionConfiguration");
	assert_op(event("cloudfront.amazonaws.com", "UpdateDistribution2020_05_31"), "cloudfront",
	          "UpdateDistribution");
	assert_null(event("lambda.amazonaws.com", "NoSuch20150331"));
	assert_int_equal(fold_undated(SPAN_LIT("CreateEnvironmentEC2")), 20);
	assert_int_equal(fold_undated(SPAN_LIT("ListObjectsV2")), 13);
	assert_int_equal(fold_undated(SPAN_LIT("Invoke20150331")), 6);
	assert_int_equal(fold_undated(SPAN_LIT("20150331")), 8);
	assert_int_equal(fold_undated(SPAN_LIT("X99990331")), 9);
}

static void every_operation_is_found_under_its_own_names(void **state)
{
	const struct mapping *m = mapping_builtin();
	size_t n, lost = 0;
	struct arena arena;
	arena_init(&arena);
	const struct image_service *s = image_list(&m->services, &n);
	for (size_t i = 0; i < n; i++) {
		const struct operation *op = image_row(&s[i].operations);
		for (size_t k = 0; k < s[i].n_operations; k++) {
			struct span source = operation_event_source(m, &op[k], &arena);
			struct span name = operation_event_name(&op[k]);
			if (!(image_flags(&op[k]) & OP_ACTION_ONLY) &&
			    mapping_event(m, source, name) != &op[k])
				lost++;
			arena_reset(&arena);
		}
	}
	assert_int_equal(lost, 0);
	arena_release(&arena);
}

static void reference_answers(void **state)
{
	const struct mapping *m = mapping_builtin();
	const struct sar_action *a = sar_action(m, SPAN_LIT("S3:getobject"));
	assert_non_null(a);
	assert_true(span_is(sar_action_name(a), "GetObject"));
	assert_true(span_is(sar_action_service(a), "s3"));
	assert_int_equal(sar_action_level(a), LEVEL_READ);
	assert_null(sar_action(m, SPAN_LIT("s3:NoSuch")));
	assert_null(sar_action(m, SPAN_LIT("s3")));
	assert_null(sar_action(m, SPAN_LIT(":")));
	assert_null(sar_action(m, SPAN_NONE));
	const struct sar_type *t = sar_type(m, SPAN_LIT("s3"), SPAN_LIT("object"));
	assert_non_null(t);
	assert_true(sar_type_matches(t, SPAN_LIT("arn:aws:s3:::b/k/l")));
	assert_false(sar_type_matches(t, SPAN_LIT("arn:aws:s3:::b")));
	assert_false(sar_type_matches(t, SPAN_LIT("arn:aws:s3")));
	assert_null(sar_type(m, SPAN_LIT("s3"), SPAN_LIT("nosuch")));
	assert_null(sar_action_type(a, 1000));
	size_t n, sorted = 0;
	const struct sar_action *first = sar_service(m, SPAN_LIT("ec2"), &n);
	assert_true(n > 500);
	for (size_t i = 1; i < n; i++)
		sorted += span_cmp_ci(sar_action_name(sar_action_at(first, i - 1)),
		                      sar_action_name(sar_action_at(first, i))) < 0;
	assert_int_equal(sorted, n - 1);
}

static struct span folded(const char *path, const char *operation)
{
	static char buffer[FOLD_MAX];
	return fold_path(span_of(path), span_of(operation), buffer).path;
}

static void members_fold_alike(void **state)
{
	const struct {
		const char *logged, *model;
	} same[] = {
	        {"instancesSet.items[].instanceId", "Instances[].InstanceId"},
	        {"dBInstanceIdentifier", "DBInstanceIdentifier"},
	        {"subnetIds[]", "SubnetId"},
	        {"RunInstancesRequest.SubnetId", "SubnetId"},
	        {"aliases.items[]", "Aliases"},
	        {"attributes.DeliveryRole", "Attributes{DeliveryRole}"},
	};
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		char a[FOLD_MAX];
		struct span x =
		        fold_path(span_of(same[i].logged), SPAN_LIT("RunInstances"), a).path;
		assert_true(span_eq(x, folded(same[i].model, NULL)));
	}
	assert_false(span_eq(folded("a.name", NULL), SPAN_LIT("name")));
	assert_true(span_is(folded("items", NULL), "item"));
	char longest[4096];
	memset(longest, 'a', sizeof longest);
	char out[FOLD_MAX];
	assert_true(fold_path(span_make(longest, sizeof longest), SPAN_NONE, out).path.n <=
	            FOLD_MAX);
	memset(longest, '.', sizeof longest);
	assert_true(fold_path(span_make(longest, sizeof longest), SPAN_NONE, out).path.n <=
	            FOLD_MAX);
}

static enum param_keep keep(const char *source, const char *path, bool container)
{
	return mapping_keep(mapping_builtin(), span_of(source), span_of(path), container);
}

static void what_names_something_is_kept(void **state)
{
	assert_int_equal(keep("s3.amazonaws.com", "bucketName", false), KEEP_VALUE);
	assert_int_equal(keep("s3.amazonaws.com", "key", false), KEEP_VALUE);
	assert_int_equal(keep("ec2.amazonaws.com", "instancesSet.items[].imageId", false),
	                 KEEP_VALUE);
	assert_int_equal(keep("rds.amazonaws.com", "dBInstanceIdentifier", false), KEEP_VALUE);
	assert_int_equal(keep("rds.amazonaws.com", "masterUserPassword", false), KEEP_NOTHING);
	assert_int_equal(keep("sts.amazonaws.com", "roleSessionName", false), KEEP_NOTHING);
	assert_int_equal(keep("x.amazonaws.com", "nextToken", false), KEEP_NOTHING);
	assert_int_equal(keep("x.amazonaws.com", "secretArn", false), KEEP_NOTHING);
	assert_int_equal(keep("ec2.amazonaws.com", "tagSpecificationSet", true), KEEP_BOTH);
	assert_int_equal(keep("ec2.amazonaws.com", "tagSpecificationSet.items[].tags", true),
	                 KEEP_PRESENT);
	assert_int_equal(keep("sns.amazonaws.com", "tags", true), KEEP_PRESENT);
	assert_int_equal(keep("lambda.amazonaws.com", "environment", true), KEEP_NOTHING);
	assert_int_equal(keep("ec2.amazonaws.com", "filterSet", true), KEEP_NOTHING);
	assert_int_equal(keep("dynamodb.amazonaws.com", "key", true), KEEP_NOTHING);
	assert_int_equal(keep("dynamodb.amazonaws.com", "tableName", false), KEEP_VALUE);
}

/* The mark alone decides: the same names are kept of services whose models do not mark them. */
static void what_models_mark_sensitive_is_not_kept(void **state)
{
	static const struct {
		const char *source, *path;
	} marked[] = {
	        {"connect.amazonaws.com", "lastName"},
	        {"connect.amazonaws.com", "LastName"},
	        {"connect.amazonaws.com", "x.items[].customerId"},
	        {"ec2.amazonaws.com", "importManifestUrl"},
	        {"amplifybackend.amazonaws.com", "google.appName"},
	        {"amplifybackend.amazonaws.com", "resourceConfig.google.oauth[].clientName"},
	};
	for (size_t i = 0; i < sizeof marked / sizeof marked[0]; i++) {
		assert_int_equal(keep(marked[i].source, marked[i].path, false), KEEP_NOTHING);
		assert_int_equal(keep("x.amazonaws.com", marked[i].path, false), KEEP_VALUE);
	}
}

static struct span reduce(struct arena *a, const char *source, const char *path, const char *value)
{
	enum param_form form = mapping_form(mapping_builtin(), span_of(source), span_of(path));
	return mapping_reduce(form, span_of(value), a);
}

static void values_lose_what_is_no_name(void **state)
{
	struct arena a;
	arena_init(&a);
	assert_true(span_is(reduce(&a, "cloudformation.amazonaws.com", "templateURL",
	                           "https://b.s3.amazonaws.com/t?X-Amz-Signature=00"),
	                    "https://b.s3.amazonaws.com/t"));
	assert_null(reduce(&a, "x.amazonaws.com", "url", "https://me:secret@host/x").p);
	assert_true(span_is(reduce(&a, "x.amazonaws.com", "url", "https://host/x@y"),
	                    "https://host/x@y"));
	assert_true(mapping_hidden(SPAN_LIT("HIDDEN_DUE_TO_SECURITY_REASONS")));
	assert_true(mapping_hidden(SPAN_LIT("...")));
	assert_true(mapping_hidden(SPAN_LIT("***")));
	assert_true(mapping_hidden(SPAN_LIT("")));
	assert_false(mapping_hidden(SPAN_LIT("*")));
	arena_release(&a);
}

static void statements_give_their_table_alone(void **state)
{
	const struct {
		const char *statement, *reduced;
	} cases[] = {
	        {"SELECT * FROM \"Music\".\"ByArtist\" WHERE Artist='x'",
	         "SELECT FROM \"Music\".\"ByArtist\""},
	        {"select a, b from Music where c = 'FROM Secret'", "SELECT FROM \"Music\""},
	        {"INSERT INTO \"Mu-sic\" value {'ssn': '1'}", "INSERT INTO \"Mu-sic\""},
	        {"UPDATE Music SET a='b'", "UPDATE \"Music\""},
	        {"DELETE  FROM\n Music", "DELETE FROM \"Music\""},
	        {"SELECT 'from Hidden' FROM Music", "SELECT FROM \"Music\""},
	        {"SELECT * FROM \"Mu*sic\"", NULL},
	        {"SELECT * FROM", NULL},
	        {"SELECT", NULL},
	        {"EXEC Music", NULL},
	        {"", NULL},
	        {"SELECT * FROM \"unclosed", NULL},
	};
	struct arena a;
	arena_init(&a);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span got = partiql_reduce(span_of(cases[i].statement), &a);
		assert_int_equal(got.p != NULL, cases[i].reduced != NULL);
		if (got.p) {
			assert_true(span_is(got, cases[i].reduced));
			assert_true(span_eq(partiql_reduce(got, &a), got));
		}
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(folder_reads_as_the_binary_holds),
	        cmocka_unit_test(names_are_found),
	        cmocka_unit_test(curated_rows_tell_their_reason),
	        cmocka_unit_test(dates_are_cut_only_where_that_helps),
	        cmocka_unit_test(every_operation_is_found_under_its_own_names),
	        cmocka_unit_test(reference_answers),
	        cmocka_unit_test(members_fold_alike),
	        cmocka_unit_test(what_names_something_is_kept),
	        cmocka_unit_test(what_models_mark_sensitive_is_not_kept),
	        cmocka_unit_test(values_lose_what_is_no_name),
	        cmocka_unit_test(statements_give_their_table_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
