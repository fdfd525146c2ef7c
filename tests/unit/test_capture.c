/* test_capture.c - the capture file: whole lines, private, only what may pass. */
#include "unit.h"

#include "capture/capture-line.h"
#include "capture/capture.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static char path[96];

static int set_up(void **state)
{
	strcpy(dir, "/tmp/iamreplay-test.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/c.jsonl", dir);
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	return rmdir(dir);
}

static size_t read_lines(json_t **lines, size_t most)
{
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	char line[4096];
	size_t n = 0;
	while (n < most && fgets(line, sizeof line, f)) {
		lines[n] = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(lines[n]);
		n++;
	}
	fclose(f);
	return n;
}

static void writes_what_may_pass(void **state)
{
	struct capture *c = NULL;
	struct err err = {0};
	struct capture_options o = {.path = path, .mode = "proxy", .mapping = mapping_builtin()};
	struct param params[] = {
	        {SPAN_LIT("Filters[].Values[].Name"), SPAN_LIT("b"), PARAM_VALUE},
	        {SPAN_LIT("InstanceId[]"), SPAN_LIT("i-2"), PARAM_VALUE},
	        {SPAN_LIT("InstanceId[]"), SPAN_LIT("i-1"), PARAM_VALUE},
	        {SPAN_LIT("InstanceId[]"), SPAN_LIT("i-1"), PARAM_VALUE},
	        {SPAN_LIT("Vpc.VpcId"), SPAN_LIT("vpc-1"), PARAM_VALUE},
	        {SPAN_LIT("Vpc.GroupName"), SPAN_LIT("g"), PARAM_VALUE},
	        {SPAN_LIT("SecretId"), SPAN_LIT("tomato"), PARAM_VALUE},
	        {SPAN_LIT("Password"), SPAN_LIT("tomato"), PARAM_VALUE},
	        {SPAN_LIT("Tags"), SPAN_NONE, PARAM_PRESENT},
	};
	struct captured_call call = {
	        .observer = OBSERVED_PROXY,
	        .time_ms = 1700000000123,
	        .source = SPAN_LIT("ec2.amazonaws.com"),
	        .name = SPAN_LIT("DescribeInstances"),
	        .status = 200,
	        .params = params,
	        .n_params = sizeof params / sizeof params[0],
	};
	assert_int_equal(capture_open(&o, &c, &err), STATUS_OK);
	assert_int_equal(capture_write(c, &call, &err), STATUS_OK);
	assert_int_equal(capture_close(c, &err), STATUS_OK);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	json_t *lines[4];
	assert_int_equal(read_lines(lines, 4), 2);
	assert_string_equal(json_string_value(json_object_get(lines[0], "mode")), "proxy");
	assert_int_equal(strlen(json_string_value(json_object_get(lines[0], "capture"))), 32);
	assert_string_equal(json_string_value(json_object_get(lines[1], "time")),
	                    "2023-11-14T22:13:20.123Z");
	char *got = json_dumps(json_object_get(lines[1], "params"), JSON_SORT_KEYS | JSON_COMPACT);
	assert_string_equal(got, "{\"InstanceId\":[\"i-1\",\"i-2\"],"
	                         "\"Tags\":{\"...\":\"...\"},"
	                         "\"Vpc\":{\"GroupName\":\"g\",\"VpcId\":\"vpc-1\"}}");
	free(got);
	json_decref(lines[0]);
	json_decref(lines[1]);
}

/* What is inside one element stays together where the mapping looks at elements one by one, and
 * only there. */
static void an_identity_without_owner_is_not_written(void **state)
{
	static const struct {
		struct captured_identity id;
		bool written;
	} cases[] = {
	        {{.access_key = SPAN_LIT("ASIAEXAMPLEEXAMPLE1"),
	          .arn = SPAN_LIT("arn:aws:sts::111122223333:assumed-role/ci/run")},
	         true},
	        {{.access_key = SPAN_LIT("ASIAEXAMPLEEXAMPLE1"),
	          .parent_key = SPAN_LIT("AKIAIOSFODNN7EXAMPLE")},
	         true},
	        {{.access_key = SPAN_LIT("ASIAEXAMPLEEXAMPLE1"),
	          .arn = SPAN_LIT("no ARN"),
	          .role_arn = SPAN_LIT("arn:aws:iam::111122223333:role/team/ci")},
	         false},
	        {{.arn = SPAN_LIT("arn:aws:sts::111122223333:assumed-role/ci/run")}, false},
	};
	struct capture_options o = {.path = path, .mode = "proxy", .mapping = mapping_builtin()};
	uint64_t written = 0;
	struct capture *c = NULL;
	struct capture_counts counts;
	struct err err = {0};
	json_t *lines[8];
	assert_int_equal(capture_open(&o, &c, &err), STATUS_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(capture_write_identity(c, &cases[i].id, &err), STATUS_OK);
		capture_counts(c, &counts);
		assert_int_equal(counts.identities, written += cases[i].written);
	}
	assert_int_equal(capture_close(c, &err), STATUS_OK);
	assert_int_equal(read_lines(lines, 8), 3);
	for (size_t i = 0; i < 3; i++)
		json_decref(lines[i]);
}

static void elements_stay_apart(void **state)
{
	static const struct {
		const char *source, *name, *path[4], *want;
	} cases[] = {
	        {"events.amazonaws.com",
	         "PutEvents",
	         {"Entries[0].Source", "Entries[1].EventBusName", "Entries[1].Source",
	          "Entries[2].Detail"},
	         "{\"Entries\":[{},{\"EventBusName\":\"v\"},{}]}"},
	        {"s3.amazonaws.com",
	         "DeleteObjects",
	         {"Delete.Object[0].Key", "Delete.Object[1].Key", "Delete.Object[1].VersionId"},
	         "{\"Delete\":{\"Object\":[{\"Key\":\"v\"},{\"Key\":\"v\",\"VersionId\":\"...\"}]}"
	         "}"},
	        {"ec2.amazonaws.com",
	         "DescribeInstances",
	         {"InstanceId[1]", "InstanceId[2]"},
	         "{\"InstanceId\":[\"v\"]}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct capture_filter f = {.mapping = mapping_builtin()};
		struct param params[4];
		struct captured_call call = {.observer = OBSERVED_PROXY,
		                             .source = span_of(cases[i].source),
		                             .name = span_of(cases[i].name),
		                             .params = params};
		struct arena arena;
		struct buf line;
		arena_init(&arena);
		buf_init(&line, 1 << 16);
		f.arena = &arena;
		for (; call.n_params < 4 && cases[i].path[call.n_params]; call.n_params++)
			params[call.n_params] = (struct param){
			        span_of(cases[i].path[call.n_params]), SPAN_LIT("v"), PARAM_VALUE};
		capture_line_call(&line, &f, &call);
		if (span_find(buf_span(&line), span_of(cases[i].want)) < 0)
			fail_msg("%.*s, want %s", SPAN_ARG(buf_span(&line)), cases[i].want);
		buf_release(&line);
		arena_release(&arena);
	}
}

static void never_overwrites(void **state)
{
	struct capture *c = NULL;
	struct err err = {0};
	struct capture_options o = {.path = path, .mode = "csm", .mapping = mapping_builtin()};
	assert_int_equal(capture_open(&o, &c, &err), STATUS_OK);
	assert_int_equal(capture_close(c, &err), STATUS_OK);
	assert_int_equal(capture_open(&o, &c, &err), STATUS_STOP);
	assert_non_null(strstr(err.text, "--append"));
	o.append = true;
	assert_int_equal(capture_open(&o, &c, &err), STATUS_OK);
	assert_int_equal(capture_close(c, &err), STATUS_OK);
	json_t *lines[4];
	assert_int_equal(read_lines(lines, 4), 2);
	assert_string_not_equal(json_string_value(json_object_get(lines[0], "capture")),
	                        json_string_value(json_object_get(lines[1], "capture")));
	json_decref(lines[0]);
	json_decref(lines[1]);
}

/* Who put the file there could read what is added to it. */
static void anothers_file_is_not_added_to(void **state)
{
	struct capture *c = NULL;
	struct capture_options o = {
	        .path = path, .mode = "proxy", .append = true, .mapping = mapping_builtin()};
	static const struct {
		mode_t folder;
		uid_t owner;
		enum status want;
	} cases[] = {{01777, 2002, STATUS_STOP},
	             {0777, 2002, STATUS_STOP},
	             {02770, 2002, STATUS_OK},
	             {01777, 0, STATUS_OK}};
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = {0};
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		fclose(f);
		assert_int_equal(chmod(dir, cases[i].folder), 0);
		assert_int_equal(chown(path, cases[i].owner, 0), 0);
		assert_int_equal(capture_open(&o, &c, &err), cases[i].want);
		if (cases[i].want == STATUS_OK)
			assert_int_equal(capture_close(c, &err), STATUS_OK);
		else
			assert_string_equal(err.reason, "owner");
		unlink(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(writes_what_may_pass, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(an_identity_without_owner_is_not_written, set_up,
	                                        tear_down),
	        cmocka_unit_test(elements_stay_apart),
	        cmocka_unit_test_setup_teardown(never_overwrites, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(anothers_file_is_not_added_to, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
