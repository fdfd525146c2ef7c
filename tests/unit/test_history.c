/* test_history.c - folding by when resources were seen: what grows, what is closed, what is a date,
 * an id or a name, and what is somebody else's. */
#include "config.h"

#include "unit.h"

#include "builder/ephemeral.h"
#include "builder/history.h"

#include <stdlib.h>

#define ACCOUNT "111122223333"
#define BUCKET "arn:aws:s3:::"
#define ROLE "arn:aws:iam::" ACCOUNT ":role/"
#define TABLE "arn:aws:dynamodb:eu-west-1:" ACCOUNT ":table/"
#define JOB "arn:aws:batch:eu-west-1:" ACCOUNT ":job/"
#define SECRET "arn:aws:secretsmanager:eu-west-1:" ACCOUNT ":secret:"
#define SINCE ((int64_t)1786924800) /* 2026-08-17 */
#define DAY ((int64_t)86400)

/* '#' is '?' in what is expected: two of those would begin a trigraph. */
static struct span expected(struct span text, struct arena *a)
{
	char *out = arena_alloc(a, text.n + 1);
	for (size_t i = 0; i < text.n; i++)
		out[i] = text.p[i] == '#' ? '?' : text.p[i];
	return span_make(out, text.n);
}

/* ---- shapes */

static const struct {
	unsigned shapes;
	const char *in, *out;
} shaped[] = {
        {EPHEMERAL_DATES, "daily/2026/08/21/sales.csv", "daily/20##/##/##/sales.csv"},
        {EPHEMERAL_DATES, "2026/08/21/13/x", "20##/##/##/##/x"},
        {EPHEMERAL_DATES, "y/2026/08/x", "y/20##/##/x"},
        {EPHEMERAL_DATES, "2026/13/x", "2026/13/x"},
        {EPHEMERAL_DATES, "year=2026/month=8/day=21/part", "year=20##/month=*/day=##/part"},
        {EPHEMERAL_DATES, "dt=2026-08-21/x", "dt=20##-##-##/x"},
        {EPHEMERAL_DATES, "shard=12/x", "shard=12/x"},
        {EPHEMERAL_DATES, "out-2026-08.csv", "out-20##-##.csv"},
        {EPHEMERAL_DATES, "out-2026-08-21T13:05:09Z.csv", "out-20##-##-##T##:##:##Z.csv"},
        {EPHEMERAL_DATES, "202608/x/20260821/20260821T130509Z", "20####/x/20######/20######T######Z"},
        {EPHEMERAL_DATES, "Aug2026-report", "###20##-report"},
        {EPHEMERAL_DATES, "closing-october-2026/Sep-21-2026/21-sep-2026", "closing-*-20##/###-##-20##/##-###-20##"},
        {EPHEMERAL_DATES, "tag/21.08.2026_x 08-21-2026 2026.08.21", "tag/##.##.20##_x ##-##-20## 20##.##.##"},
        {EPHEMERAL_DATES, "1.2.2026 44.08.2026 21.08.26", "1.2.2026 44.08.2026 21.08.26"},
        {EPHEMERAL_DATES, "2026Q3/2026-Q4/Q1-2026/2026Q5", "20##Q*/20##-Q*/Q*-20##/2026Q5"},
        {EPHEMERAL_DATES, "2026-W36/2026W01/2026-W60", "20##-W##/20##W##/2026-W60"},
        {EPHEMERAL_DATES, "run-21082026.csv", "run-####20##.csv"},
        {EPHEMERAL_DATES, "a/2026/08_x/2026/21-y", "a/20##/##_x/2026/21-y"},
        {EPHEMERAL_DATES, "xgb-2026-08-21-13-05-09-123", "xgb-20##-##-##-##-##-##-###"},
        {EPHEMERAL_DATES, "xgb-2026-08-21-99-05", "xgb-20##-##-##-99-05"},
        {EPHEMERAL_DATES, "db-20260821-1305.gz/20260821-130509", "db-20######-####.gz/20######-######"},
        {EPHEMERAL_DATES, "march/mayor-2026x/Q3/2026Q", "march/mayor-2026x/Q3/2026Q"},
        {EPHEMERAL_DATES, "log-1786924800.gz", "log-##########.gz"},
        {EPHEMERAL_DATES, "settings-2019.json", "settings-2019.json"},
        {EPHEMERAL_DATES, "1.4.2/v2/123456", "1.4.2/v2/123456"},
        {EPHEMERAL_DATES, "a1b2c3d4", "a1b2c3d4"},
        {EPHEMERAL_DATES_OF_YEAR, "2026-08/2012-10-17", "20##-##/2012-10-17"},
        {EPHEMERAL_IDS, "builds/a1b2c3d/app.zip", "builds/#######/app.zip"},
        {EPHEMERAL_IDS, "550e8400-e29b-41d4-a716-446655440000.jpg", "########-####-####-####-############.jpg"},
        {EPHEMERAL_IDS, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "##########################"},
        {EPHEMERAL_IDS, "aZ3kQ9xB2m", "##########"},
        {EPHEMERAL_IDS, "ann-bkqs75qpcrtlxk5paaytrydm2e", "ann-##########################"},
        {EPHEMERAL_IDS, "ann-bkqs75qpcrtlxk5paaytrydm28", "ann-bkqs75qpcrtlxk5paaytrydm28"},
        {EPHEMERAL_IDS, "defaced/decade/1234567", "defaced/decade/1234567"},
        {EPHEMERAL_IDS, "OrderService2024", "OrderService2024"},
        {EPHEMERAL_IDS, "vpc-0123456789abcdef0", "vpc-0123456789abcdef0"},
        {EPHEMERAL_IDS | EPHEMERAL_AWS_IDS, "vpc-0123456789abcdef0", "*"},
        {EPHEMERAL_IDS | EPHEMERAL_DATES, "x/${*}/2026-08-21", "x/${*}/20##-##-##"},
        {EPHEMERAL_IDS | EPHEMERAL_DATES, "", ""},
};

static void shapes_are_known(void **state)
{
	struct arena a;
	arena_init(&a);
	for (size_t i = 0; i < sizeof shaped / sizeof *shaped; i++) {
		struct span out = without_shapes(span_of(shaped[i].in), shaped[i].shapes, 2026, &a);
		if (!span_eq(out, expected(span_of(shaped[i].out), &a)))
			fail_msg("%s: %.*s", shaped[i].in, SPAN_ARG(out));
	}
	arena_release(&a);
}

/* ---- histories of 21 days: "RESOURCE@FIRST-LAST", marks behind: 'm' made, 'c' created,
 * 'w' written once */

static const struct {
	const char *service, *type, *in;
	const char *used; /* by anybody else */
	const char *out;
} cases[] = {
        /* pull requests: one word folds, what is around it stays */
        {"s3", "object",
         BUCKET "b/env:/pr-7/app.tfstate@1-2 " BUCKET "b/env:/pr-9/app.tfstate@8-9 " BUCKET
                "b/env:/pr-12/app.tfstate@15-16",
         "", BUCKET "b/env:/pr-*/app.tfstate"},
        {"iam", "role",
         ROLE "app-pr-7@1-3 " ROLE "app-pr-9@8-9 " ROLE "app-pr-12@15-16 " ROLE "app-deploy@0-20",
         "", ROLE "app-deploy " ROLE "app-pr-*"},
        /* a list that stopped growing, however long it is used */
        {"dynamodb", "table",
         TABLE "shard-1@0-20 " TABLE "shard-2@0-19 " TABLE "shard-3@1-20 " TABLE "shard-7@4-12", "",
         TABLE "shard-1 " TABLE "shard-2 " TABLE "shard-3 " TABLE "shard-7"},
        /* names: newcomers on three days of the later half */
        {"s3", "object",
         BUCKET "b/tenants/ann/in@0-20 " BUCKET "b/tenants/bob/in@1-20 " BUCKET
                "b/tenants/cid/in@12-20 " BUCKET "b/tenants/dan/in@15-20 " BUCKET
                "b/tenants/eve/in@18-20",
         "", BUCKET "b/tenants/*/in"},
        {"s3", "object",
         BUCKET "b/tenants/ann/in@0-20 " BUCKET "b/tenants/bob/in@1-20 " BUCKET
                "b/tenants/cid/in@12-20",
         "", BUCKET "b/tenants/ann/in " BUCKET "b/tenants/bob/in " BUCKET "b/tenants/cid/in"},
        /* the tail stays: -prod */
        {"dynamodb", "table",
         TABLE "ann-prod@1-20 " TABLE "bob-prod@12-20 " TABLE "cid-prod@14-20 " TABLE
               "dan-prod@17-20",
         TABLE "ann-dev " TABLE "bob-dev", TABLE "*-prod"},
        /* what others use is not taken in */
        {"dynamodb", "table",
         TABLE "t-ann@1-20 " TABLE "t-bob@12-20 " TABLE "t-cid@14-20 " TABLE "t-dan@17-20",
         TABLE "t-eve " TABLE "t-fay " TABLE "t-gus",
         TABLE "t-ann " TABLE "t-bob " TABLE "t-cid " TABLE "t-dan"},
        /* a day is another tomorrow, seen once or not; a name that lasts is none */
        {"s3", "object", BUCKET "b/out/2026-08-21.csv@4-4w", "", BUCKET "b/out/20##-##-##.csv"},
        {"s3", "object", BUCKET "b/2012-10-17/a1b2c3d4@0-20", "", BUCKET "b/2012-10-17/a1b2c3d4"},
        {"s3", "object", BUCKET "b/2026-08/x@0-14", "", BUCKET "b/20##-##/x"},
        /* ids: what was written once stays, what one makes does not */
        {"iam", "role", ROLE "deploy-a1b2c3d4@3-3w", "", ROLE "deploy-a1b2c3d4"},
        {"iam", "role", ROLE "deploy-a1b2c3d4@3-3", "", ROLE "deploy-########"},
        {"ec2", "vpc", "arn:aws:ec2:eu-west-1:" ACCOUNT ":vpc/vpc-0123456789abcdef0@3-4m", "",
         "arn:aws:ec2:eu-west-1:" ACCOUNT ":vpc/*"},
        {"ec2", "vpc", "arn:aws:ec2:eu-west-1:" ACCOUNT ":vpc/vpc-0123456789abcdef0@3-4", "",
         "arn:aws:ec2:eu-west-1:" ACCOUNT ":vpc/vpc-0123456789abcdef0"},
        /* several words vary, of which one may have more; production came with the first */
        {"s3", "object",
         BUCKET "b/ws/feat_a_b/s@1-20 " BUCKET "b/ws/feat_c/s@12-20 " BUCKET
                "b/ws/feat_d_e_f/s@14-20 " BUCKET "b/ws/feat_g_h/s@17-20 " BUCKET "b/ws/prod/s@0-20",
         "", BUCKET "b/ws/feat_*/s " BUCKET "b/ws/prod/s"},
        /* but nothing is left of a whole name */
        {"dynamodb", "table",
         TABLE "a-b@1-20 " TABLE "c-d@12-20 " TABLE "e-f@14-20 " TABLE "g-h@17-20", "",
         TABLE "a-b " TABLE "c-d " TABLE "e-f " TABLE "g-h"},
        /* a UUID is one word */
        {"batch", "job",
         JOB "550e8400-e29b-41d4-a716-446655440000@1-1w " JOB
             "650e8400-e29b-42d4-a716-446655440000@9-9w " JOB
             "750e8400-e29b-43d4-a716-446655440000@15-15w",
         "", JOB "*"},
        /* what the principal creates needs less */
        {"iam", "role", ROLE "x-ann@1-20c " ROLE "x-bob@12-20c " ROLE "x-cid@15-20c", "",
         ROLE "x-*"},
        {"iam", "role", ROLE "x-ann@1-20 " ROLE "x-bob@12-20 " ROLE "x-cid@15-20", "",
         ROLE "x-ann " ROLE "x-bob " ROLE "x-cid"},
        {"iam", "role", ROLE "x-ann@1-2c " ROLE "x-bob@5-7c " ROLE "x-cid@15-16c", "", ROLE "x-*"},
        {"iam", "role", ROLE "x-ann@1-2 " ROLE "x-bob@5-7 " ROLE "x-cid@15-16", "",
         ROLE "x-ann " ROLE "x-bob " ROLE "x-cid"},
        {"iam", "role", ROLE "x-ann@1-20c " ROLE "x-bob@5-20c " ROLE "x-cid@15-20c", "",
         ROLE "x-ann " ROLE "x-bob " ROLE "x-cid"},
        /* of three, on three days */
        {"iam", "role", ROLE "x-ann@1-2c " ROLE "x-bob@1-2c " ROLE "x-cid@15-16c", "",
         ROLE "x-ann " ROLE "x-bob " ROLE "x-cid"},
        {"iam", "role", ROLE "x-ann@12-13c " ROLE "x-bob@15-16c", "", ROLE "x-ann " ROLE "x-bob"},
        /* a numbered few among names */
        {"s3", "bucket",
         BUCKET "app-new3@3-20 " BUCKET "app-new8@8-20 " BUCKET "app-new13@13-20 " BUCKET
                "app-logs@0-20 " BUCKET "app-web@0-20",
         "", BUCKET "app-logs " BUCKET "app-new* " BUCKET "app-web"},
        {"s3", "object", "*@0-20", "", "*"},
        /* rising numbers of two lengths: at least as many digits as the shortest; "prod" has none */
        {"s3", "bucket",
         BUCKET "pr95-web@1-2 " BUCKET "pr99-web@8-9 " BUCKET "pr103-web@15-16 " BUCKET
                "prod-web@0-20",
         "", BUCKET "pr##*-web " BUCKET "prod-web"},
        /* of one length, with room to rise; and without */
        {"s3", "object",
         BUCKET "b/n-400.x@1-2 " BUCKET "b/n-410.x@8-9 " BUCKET "b/n-420.x@15-16", "",
         BUCKET "b/n-###.x"},
        {"s3", "object",
         BUCKET "b/n-800.x@1-2 " BUCKET "b/n-880.x@8-9 " BUCKET "b/n-960.x@15-16", "",
         BUCKET "b/n-###*.x"},
        {"s3", "object",
         BUCKET "b/n-00800.x@1-2 " BUCKET "b/n-88000.x@8-9 " BUCKET "b/n-96000.x@15-16", "",
         BUCKET "b/n-#####.x"},
        /* numbers in no order may be shorter again */
        {"s3", "object",
         BUCKET "b/n-400.x@1-2 " BUCKET "b/n-12.x@8-9 " BUCKET "b/n-99.x@15-16", "",
         BUCKET "b/n-*.x"},
        /* random names of one length */
        {"s3", "object",
         BUCKET "b/a7fxk2q@1-1 " BUCKET "b/zz81mpa@4-4 " BUCKET "b/qwertyu@8-8 " BUCKET
                "b/1x2y3zo@11-11 " BUCKET "b/ppq9k8a@14-14 " BUCKET "b/4hk2laq@17-17",
         "", BUCKET "b/#######"},
        /* '?' is a character, whatever its bytes; what stands for '$' has more than one */
        {"s3", "object",
         BUCKET "b/b\u00e41x2y@1-1 " BUCKET "b/c\u00f63y4z@4-4 " BUCKET "b/d\u00fc5x6w@8-8 " BUCKET
                "b/e\u00e97k8v@11-11 " BUCKET "b/f\u00ea9m0u@14-14 " BUCKET "b/gg1n2t@17-17",
         "", BUCKET "b/######"},
        {"s3", "object",
         BUCKET "b/a7${$}k2qw@1-1 " BUCKET "b/zz81${$}mp@4-4 " BUCKET "b/q${$}ertyu@8-8 " BUCKET
                "b/1x2${$}y3z@11-11 " BUCKET "b/ppq9${$}8a@14-14 " BUCKET "b/${$}4hk2la@17-17",
         "", BUCKET "b/*"},
        /* ids of one length that are written otherwise, and of several lengths */
        {"iam", "role",
         ROLE "q-550e8400-e29b-41d4-a716-446655440000-x@1-1w " ROLE
              "q-650e8400a29b041d40a7160446655440000a-x@9-9w " ROLE
              "q-750e8400-e29b-41d4-a716-446655440000-x@15-15w",
         "", ROLE "q-####################################-x"},
        {"iam", "role",
         ROLE "q-650e8400a29b041d40a7160446655440000a-x@1-1w " ROLE
              "q-550e8400-e29b-41d4-a716-446655440000-x@9-9w " ROLE "q-a1b2c3d-x@15-15w",
         "", ROLE "q-#######*-x"},
        {"iam", "role",
         ROLE "q-1ABCDEFGH2JKL-x@1-1w " ROLE "q-1ZBCDEFGH2JK-x@9-9w " ROLE
              "q-1YBCDEFGH2JKL-x@15-15w",
         "", ROLE "q-###########*-x"},
        /* names of one make keep what they share; too few do not tell */
        {"s3", "object",
         BUCKET "b/ws/ann-OPS101/s@1-2 " BUCKET "b/ws/bob-OPS104/s@5-6 " BUCKET
                "b/ws/cid-OPS109/s@11-12 " BUCKET "b/ws/eve-OPS113/s@14-15 " BUCKET
                "b/ws/dan-OPS118/s@18-19",
         "", BUCKET "b/ws/*-OPS###/s"},
        {"s3", "object",
         BUCKET "b/ws/ann-OPS101/s@1-2 " BUCKET "b/ws/cid-OPS109/s@11-12 " BUCKET
                "b/ws/eve-OPS113/s@14-15 " BUCKET "b/ws/dan-OPS118/s@18-19",
         "", BUCKET "b/ws/*/s"},
        /* partitions that are not padded */
        {"s3", "object", BUCKET "b/p_day=9/x@3-3 " BUCKET "b/p_day=10/x@4-4", "",
         BUCKET "b/p_day=*/x"},
        {"s3", "object", BUCKET "b/p_day=09/x@3-3 " BUCKET "b/p_day=10/x@4-4", "",
         BUCKET "b/p_day=##/x"},
        /* which says nothing of other buckets, nor of dates that are no partitions */
        {"s3", "object", BUCKET "b/out/2026-08-21.csv@4-4 " BUCKET "c/t/day=7/x@3-3", "",
         BUCKET "b/out/20##-##-##.csv " BUCKET "c/t/day=*/x"},
        {"s3", "object", BUCKET "b/t/day=17/x@4-4 " BUCKET "c/t/day=7/x@3-3", "",
         BUCKET "b/t/day=##/x " BUCKET "c/t/day=*/x"},
        {"s3", "object",
         BUCKET "b/out/2026-08-21.csv@4-4 " BUCKET "b/t/day=7/hr=12@3-3 " BUCKET
                "b/t/day=8/hr=11@4-4",
         "", BUCKET "b/out/20##-##-##.csv " BUCKET "b/t/day=*/hr=*"},
        /* one at a time for three weeks */
        {"s3", "object",
         BUCKET "b/t/ann/in@0-20 " BUCKET "b/t/bob/in@4-20 " BUCKET "b/t/cid/in@8-20 " BUCKET
                "b/t/dan/in@12-20 " BUCKET "b/t/eve/in@16-20",
         "", BUCKET "b/t/*/in"},
        {"s3", "object",
         BUCKET "b/t/ann/in@0-20 " BUCKET "b/t/bob/in@4-20 " BUCKET "b/t/cid/in@5-20 " BUCKET
                "b/t/fay/in@6-20 " BUCKET "b/t/gus/in@7-20 " BUCKET "b/t/hal/in@8-20 " BUCKET
                "b/t/dan/in@12-20 " BUCKET "b/t/eve/in@16-20",
         "", BUCKET "b/t/ann/in " BUCKET "b/t/bob/in " BUCKET "b/t/cid/in " BUCKET "b/t/dan/in " BUCKET
                    "b/t/eve/in " BUCKET "b/t/fay/in " BUCKET "b/t/gus/in " BUCKET "b/t/hal/in"},
        /* six small letters behind a secret's name: proven by a name, by another suffix; or not */
        {"secretsmanager", "Secret", SECRET "db-abcdef@0-20", SECRET "db-######",
         SECRET "db-######"},
        {"secretsmanager", "Secret", SECRET "db-abcdef@0-20", SECRET "db-aB3dE1", SECRET "db-######"},
        {"secretsmanager", "Secret", SECRET "db-abcdef@0-20", SECRET "dbx-######", SECRET "db-abcdef"},
        {"secretsmanager", "Secret", SECRET "db-abcdef@0-20",
         SECRET "db-###### " SECRET "db-abcdef-######", SECRET "db-abcdef"},
};

static size_t sightings_of(char *list, struct sighting *s)
{
	size_t n = 0;
	for (char *save, *one = strtok_r(list, " ", &save); one;
	     one = strtok_r(NULL, " ", &save), n++) {
		char *at = strchr(one, '@'), *end;
		s[n] = (struct sighting){.resource = span_make(one, (size_t)(at - one))};
		s[n].first = SINCE + DAY * strtol(at + 1, &end, 10);
		s[n].last = SINCE + DAY * strtol(end + 1, &end, 10);
		s[n].made = *end == 'm';
		s[n].written_once = *end == 'w';
		s[n].created = *end == 'c';
	}
	return n;
}

static int by_sighting(const void *a, const void *b)
{
	return span_cmp(((const struct sighting *)a)->resource,
	                ((const struct sighting *)b)->resource);
}

struct names_used {
	const struct span *v;
	size_t n;
};

static void each_used(void *data, struct span head, bool (*take)(void *to, struct span resource),
                      void *to)
{
	const struct names_used *u = data;
	for (size_t i = 0; i < u->n; i++)
		if (span_starts(u->v[i], head) && !take(to, u->v[i]))
			break;
}

static void sets_grow_or_are_closed(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sighting s[8];
		struct member m[8];
		struct span got[8], used[16], rest = span_of(cases[i].used);
		struct arena a;
		size_t n_used = 0;
		char *list = strdup(cases[i].in);
		arena_init(&a);
		size_t n = sightings_of(list, s);
		qsort(s, n, sizeof *s, by_sighting);
		while (rest.n)
			used[n_used++] = expected(span_cut(&rest, ' '), &a);
		for (size_t k = 0; k < n; k++)
			used[n_used++] = s[k].resource;
		n_used = spans_sort_unique(used, n_used);
		struct names_used names = {used, n_used};
		struct used_resources by = {&names, each_used, i % 2 ? each_used : NULL};
		struct history h = {.since = SINCE, .until = SINCE + 21 * DAY, .used = &by};
		assert_true(history_tells(&h));
		history_fold(&h,
		             sar_type(mapping_builtin(), span_of(cases[i].service),
		                      span_of(cases[i].type)),
		             s, n, &a, m);
		for (size_t k = 0; k < n; k++)
			got[k] = m[k].pattern;
		n = spans_sort_unique(got, n);
		rest = span_of(cases[i].out);
		for (size_t k = 0; k < n; k++) {
			struct span want = expected(span_cut(&rest, ' '), &a);
			if (!span_eq(got[k], want))
				fail_msg("case %zu: got %.*s, not %.*s", i, SPAN_ARG(got[k]),
				         SPAN_ARG(want));
		}
		assert_null(rest.p);
		arena_release(&a);
		free(list);
	}
}

static void short_histories_tell_nothing(void **state)
{
	struct history h = {.since = SINCE, .until = SINCE + 3 * DAY - 1};
	assert_false(history_tells(&h));
	h.until++;
	assert_true(history_tells(&h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(shapes_are_known),
	        cmocka_unit_test(sets_grow_or_are_closed),
	        cmocka_unit_test(short_histories_tell_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
