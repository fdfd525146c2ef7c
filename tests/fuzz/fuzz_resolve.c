/* fuzz_resolve.c - any call: lines with source, event, region, account, error message, ARNs of
 * resources[] (comma list), then the request as JSON. Whatever comes in, each row is sound. */
#include "fuzz.h"

#include "call/arn.h"
#include "normalise/denial.h"
#include "normalise/params.h"

#include <stdio.h>
#include <stdlib.h>

static void demand(bool holds, const char *what, const struct access *row)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %.*s %.*s %.*s\n", what, SPAN_ARG(row->action), SPAN_ARG(row->type),
	        SPAN_ARG(row->resource));
	abort();
}

static void check_row(const struct mapping *m, const struct access *row)
{
	const struct sar_action *a = sar_action(m, row->action);
	const struct sar_type *t = a ? sar_type(m, sar_action_service(a), row->type) : NULL;
	demand(row->action.n && row->resource.n, "empty", row);
	demand(span_utf8(row->resource), "no UTF-8", row);
	demand(row->need && row->origin && row->rule, "not said why", row);
	demand(row->type.n || span_is(row->resource, "*"), "an ARN without a type", row);
	demand(!row->type.n || !span_is(row->resource, "*"), "* of a type", row);
	demand(!t || sar_type_matches(t, row->resource), "does not fit its type", row);
	demand(!span_starts(row->type, SPAN_LIT("arn:")) || arn_matches(row->type, row->resource),
	       "does not fit its pattern", row);
}

static size_t read_resources(struct span list, struct event_resource *out, size_t max)
{
	size_t n = 0;
	while (list.n && n < max) {
		struct span arn = span_cut(&list, ',');
		bool prefix = arn.n && arn.p[0] == '^';
		out[n++] = (struct event_resource){.arn = prefix ? span_from(arn, 1) : arn,
		                                   .prefix = prefix};
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mapping *m = mapping_builtin();
	struct span rest = span_make((const char *)data, size), line[6];
	struct event_resource resources[16];
	struct params_scratch scratch;
	struct params params;
	struct arena arena;
	struct access *rows, *again;
	struct resolve_env env = {.dependents = size & 1};
	size_t n, k;
	for (size_t i = 0; i < 6; i++)
		line[i] = rest.p ? span_cut(&rest, '\n') : SPAN_LIT("");
	struct call call = {.kind = EVENT_CALL,
	                    .source = line[0],
	                    .name = line[1],
	                    .region = line[2],
	                    .account = line[3],
	                    .outcome = OUTCOME_ALLOWED,
	                    .resources = resources};
	call.principal.account = line[3];
	if (denial_parse(line[4], DENIAL_MESSAGE_CUT, &call.denial))
		call.outcome = OUTCOME_DENIED;
	call.n_resources = read_resources(line[5], resources, 16);
	arena_init(&arena);
	params_scratch_init(&scratch);
	params_read(m, call.source, rest, &scratch, &arena, &params);
	call.params = params.param;
	call.n_params = params.n;
	resolve_call(m, &call, &env, &arena, &rows, &n);
	resolve_call(m, &call, &env, &arena, &again, &k);
	if (n != k)
		abort();
	for (size_t i = 0; i < n; i++) {
		check_row(m, &rows[i]);
		demand(span_eq(rows[i].resource, again[i].resource), "not the same twice",
		       &rows[i]);
	}
	params_scratch_release(&scratch);
	arena_release(&arena);
	return 0;
}
