/* test_logs.c - the mapping against real CloudTrail logs (not part of the project; skipped without
 * them): ARNs built from parameters alone beside those that AWS wrote into resources[], and the
 * actions that denial messages name beside those that the mapping gives. */
#include "unit.h"

#include "events/decoder.h"
#include "normalise/denial.h"
#include "normalise/normalise.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

enum { LIMIT_LOG = 64 << 20 };

struct tally {
	const struct mapping *m;
	struct normaliser *normaliser;
	struct arena arena;
	struct span error_message;
	size_t events, compared, equal, wider_key, wider, different, denials, named;
};

static char *read_gz(const char *path, size_t *n)
{
	gzFile f = gzopen(path, "rb");
	char *text = malloc(LIMIT_LOG);
	int got = f && text ? gzread(f, text, LIMIT_LOG - 1) : -1;
	if (f)
		gzclose(f);
	*n = got > 0 ? (size_t)got : 0;
	if (text)
		text[*n] = '\0';
	return text;
}

static bool same_kind(const struct access *a, const struct access *b)
{
	return span_eq(a->action, b->action) && span_eq(a->type, b->type);
}

/* '*' in policy text as a wildcard, "${*}" as itself. */
static bool covers(struct span pattern, struct span text)
{
	return span_glob(text, pattern, false);
}

static void compare_arns(struct tally *t, const struct call *call)
{
	struct call alone = *call;
	struct access *given, *built;
	size_t n_given, n_built;
	alone.n_resources = 0;
	alone.outcome = OUTCOME_ALLOWED;
	resolve_call(t->m, call, NULL, &t->arena, &given, &n_given);
	resolve_call(t->m, &alone, NULL, &t->arena, &built, &n_built);
	for (size_t i = 0; i < n_given; i++) {
		bool equal = false, wider = false;
		if (given[i].origin != ORIGIN_RESOURCES)
			continue;
		for (size_t k = 0; k < n_built; k++) {
			bool any = span_eq(given[i].action, built[k].action) &&
			           span_is(built[k].resource, "*");
			if (!any && !same_kind(&given[i], &built[k]))
				continue;
			equal |= span_eq(given[i].resource, built[k].resource);
			wider |= covers(built[k].resource, given[i].resource);
		}
		t->compared++;
		t->equal += equal;
		bool key = span_is(given[i].type, "key") &&
		           span_starts(given[i].action, SPAN_LIT("kms:"));
		t->wider_key += !equal && wider && key;
		t->wider += !equal && wider && !key;
		t->different += !equal && !wider;
		/* KMS logs the alias that a caller gave, or of Decrypt nothing, while a policy
		 * must name the key. */
		if (equal || (wider && key))
			continue;
		print_message("%s %.*s:%.*s %.*s %.*s\n", wider ? "wider" : "DIFFERENT",
		              SPAN_ARG(call->source), SPAN_ARG(call->name),
		              SPAN_ARG(given[i].action), SPAN_ARG(given[i].type));
		for (size_t k = 0; !wider && k < n_built; k++)
			if (same_kind(&given[i], &built[k]))
				print_message("  %.*s but %.*s\n", SPAN_ARG(built[k].resource),
				              SPAN_ARG(given[i].resource));
	}
}

static void check_denial(struct tally *t, const struct call *call)
{
	struct resolve_env env = {.dependents = true};
	struct call asked = *call;
	struct access *rows;
	size_t n;
	/* Some of the published texts are invented: "iam:Action". */
	if (!sar_action(t->m, call->denial.action))
		return;
	asked.outcome = OUTCOME_ALLOWED;
	resolve_call(t->m, &asked, &env, &t->arena, &rows, &n);
	t->denials++;
	for (size_t i = 0; i < n; i++)
		if (span_eq_ci(rows[i].action, call->denial.action)) {
			t->named++;
			return;
		}
	print_message("NOT GIVEN: %.*s:%.*s %.*s\n", SPAN_ARG(call->source), SPAN_ARG(call->name),
	              SPAN_ARG(call->denial.action));
}

static void on_event(void *data, const struct event *e)
{
	struct tally *t = data;
	struct fact fact;
	normalise(t->normaliser, e, &t->arena, &fact);
	if (fact.call.kind != EVENT_CALL)
		return;
	t->events++;
	compare_arns(t, &fact.call);
	check_denial(t, &fact.call);
}

static void on_ignored(void *data, const char *kind)
{
}

static void on_lost(void *data, const struct err *err)
{
}

static void record(struct tally *t, const json_t *json)
{
	struct event_sink sink = {t, on_event, on_ignored, on_lost};
	struct arena arena;
	struct err err;
	char *text = json_dumps(json, JSON_COMPACT);
	struct record rec = {.form = RECORD_CLOUDTRAIL, .text = span_of(text)};
	arena_init(&arena);
	decoder_cloudtrail.decode(NULL, &rec, &arena, &sink, &err);
	arena_release(&arena);
	arena_reset(&t->arena);
	free(text);
}

static void records_in(struct tally *t, const json_t *json)
{
	size_t i;
	const json_t *entry, *list = json_is_array(json) ? json : json_object_get(json, "Records");
	if (json_object_get(json, "eventSource")) {
		record(t, json);
		return;
	}
	json_array_foreach(list, i, entry) record(t, entry);
}

static const char *folder_path(const char *set, char *out, size_t size)
{
	const char *shared = getenv("IAMREPLAY_TEST_DATA"), *top = getenv("top_srcdir");
	if (shared)
		snprintf(out, size, "%s/%s", shared, set);
	else
		snprintf(out, size, "%s/../shared/data/%s", top ? top : ".", set);
	return out;
}

static void file(struct tally *t, const char *path)
{
	size_t n, at = 0;
	char *text = read_gz(path, &n);
	while (at < n) {
		json_error_t error;
		json_t *json = json_loadb(text + at, n - at, JSON_DISABLE_EOF_CHECK, &error);
		if (!json)
			break;
		records_in(t, json);
		json_decref(json);
		at += (size_t)error.position;
	}
	free(text);
}

static void folder(struct tally *t, const char *set)
{
	char dir[4096], path[8192];
	struct dirent *e;
	DIR *d = opendir(folder_path(set, dir, sizeof dir));
	assert_non_null(d);
	while ((e = readdir(d))) {
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (span_ends(span_of(e->d_name), SPAN_LIT(".gz")))
			file(t, path);
	}
	closedir(d);
}

static void begin(struct tally *t)
{
	*t = (struct tally){.m = mapping_builtin()};
	t->normaliser = normaliser_new(t->m);
	arena_init(&t->arena);
}

static void finish(struct tally *t)
{
	print_message(
	        "%zu calls; of %zu ARNs in resources[] %zu equal, %zu wider (keys that are not "
	        "logged), %zu wider, %zu different; %zu of %zu denied actions given\n",
	        t->events, t->compared, t->equal, t->wider_key, t->wider, t->different, t->named,
	        t->denials);
	normaliser_free(t->normaliser);
	arena_release(&t->arena);
}

static void parameters_give_what_aws_wrote(void **state)
{
	struct tally t;
	begin(&t);
	folder(&t, "invictus");
	folder(&t, "grycap");
	finish(&t);
	assert_true(t.compared > 700);
	assert_int_equal(t.different, 0);
	assert_int_equal(t.wider, 0);
}

static void denials_name_what_the_mapping_gives(void **state)
{
	struct tally t;
	begin(&t);
	folder(&t, "invictus");
	folder(&t, "stratus");
	folder(&t, "panther");
	finish(&t);
	assert_true(t.denials > 50);
	assert_int_equal(t.named, t.denials);
}

int main(void)
{
	static const char *const sets[] = {"invictus", "grycap", "stratus", "panther"};
	char path[4096];
	for (size_t i = 0; i < 4; i++)
		if (access(folder_path(sets[i], path, sizeof path), R_OK) != 0) {
			printf("1..0 # SKIP real logs are not here: %s\n", path);
			return 0;
		}
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(parameters_give_what_aws_wrote),
	        cmocka_unit_test(denials_name_what_the_mapping_gives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
