/* inactive.c - report: see inactive.h. */
#include "config.h"

#include "report/inactive.h"

#include "base/when.h"
#include "call/arn.h"
#include "review/credential-report.h"

/* The end of what was looked at: ages are counted to it, so that a log's report does not depend on
 * the day on which it is made. */
static int64_t end_of_log(const struct report *r)
{
	return r->days.n ? (r->days.v[r->days.n - 1].day + 1) * WHEN_DAY_SECONDS : INT64_MIN;
}

/* Long ago, or never; what is new is no sign of anything. */
static bool is_inactive(int64_t end, int64_t last, int64_t made)
{
	int64_t limit = end - (int64_t)REPORT_INACTIVE_DAYS * WHEN_DAY_SECONDS;
	return last < limit && made < limit;
}

static const struct account_principal *account_principal_of(const struct report *r, struct span arn)
{
	size_t lo = 0, hi = r->has_grants ? r->diff.account.n : 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = span_cmp(r->diff.account.principals[mid].arn, arn);
		if (c == 0)
			return &r->diff.account.principals[mid];
		lo = c < 0 ? mid + 1 : lo;
		hi = c < 0 ? hi : mid;
	}
	return NULL;
}

static const char *kind_of(struct span arn)
{
	struct arn parts;
	bool is_user = arn_parse(arn, &parts) && span_starts(parts.rest, SPAN_LIT("user/"));
	return is_user ? "user" : "role";
}

static void find_identities(struct report *r, int64_t end)
{
	for (size_t i = 0; i < r->principals.n; i++) {
		const struct report_principal *p = &r->principals.v[i];
		const struct account_principal *a = account_principal_of(r, p->name);
		int64_t seen = p->events ? p->last : INT64_MIN;
		int64_t told = a ? a->last_used : INT64_MIN;
		int64_t last = seen > told ? seen : told;
		if (!p->editable || !is_inactive(end, last, a ? a->made : INT64_MIN))
			continue;
		*vec_add(&r->inactive) = (struct report_inactive){
		        .name = p->name,
		        .account = p->account,
		        .what = kind_of(p->name),
		        .last = last,
		        .by = last == INT64_MIN ? "nothing" : seen >= told ? "the log" : "RoleLastUsed",
		        .made = a ? a->made : INT64_MIN,
		        .principal = i};
	}
}

static size_t index_of(const struct report *r, struct span arn)
{
	for (size_t i = 0; i < r->principals.n; i++)
		if (span_eq(r->principals.v[i].name, arn))
			return i;
	return REPORT_NO_PRINCIPAL;
}

static void find_credentials(struct report *r, const struct credential_report *c, int64_t end)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct credential *one = &c->v[i];
		struct arn arn;
		if (!is_inactive(end, one->last_used, one->changed) || !arn_parse(one->arn, &arn))
			continue;
		struct span name = arena_span(&r->arena, one->arn);
		*vec_add(&r->inactive) = (struct report_inactive){
		        .name = name,
		        .account = arena_span(&r->arena, arn.account),
		        .what = one->what,
		        .last = one->last_used,
		        .by = "the credential report",
		        .made = one->changed,
		        .principal = index_of(r, name)};
	}
}

static int by_name(const void *a, const void *b)
{
	const struct report_inactive *x = a, *y = b;
	int c = span_cmp(x->name, y->name);
	return c ? c : strcmp(y->what, x->what); /* the user before its keys and password */
}

enum status report_find_inactive(const struct report_options *o, struct report *r, struct err *err)
{
	struct credential_report credentials;
	enum status status = STATUS_OK;
	int64_t end = end_of_log(r);
	credential_report_init(&credentials);
	r->has_credentials = o->credentials != NULL;
	if (o->credentials)
		status = credential_report_read(&credentials, o->credentials, err);
	if (status == STATUS_OK && end != INT64_MIN) {
		find_identities(r, end);
		find_credentials(r, &credentials, end);
	}
	sort_items(r->inactive.v, r->inactive.n, sizeof *r->inactive.v, by_name);
	credential_report_release(&credentials);
	return status;
}
