/* csv.c - report: the report as CSV for a sheet: one row for each action of each principal, used or not. */
#include "config.h"

#include "report/format.h"

#include "base/csv.h"
#include "base/when.h"
#include "policy/policy.h"

#include <inttypes.h>

static void begin_row_of(struct buf *b, struct span account, struct span name, const char *state,
                         struct span action)
{
	csv_text(b, account.p ? account : SPAN_LIT(""));
	buf_add_char(b, ',');
	csv_text(b, name);
	buf_addf(b, ",%s,", state);
	csv_text(b, action);
	buf_add_char(b, ',');
}

static void begin_row(struct buf *b, const struct report_principal *p, const char *state,
                      struct span action)
{
	begin_row_of(b, p->account, p->name, state, action);
}

static void used(struct buf *b, const struct report_principal *p, const struct report_permission *q)
{
	char first[WHEN_SIZE], last[WHEN_SIZE];
	begin_row(b, p, "used", q->action);
	buf_addf(b, "%s,%s,", risk_name(q->risk), level_name(q->level));
	struct buf patterns;
	buf_init(&patterns, LIMIT_REPORT_TEXT);
	for (size_t i = 0; i < q->n_patterns; i++) {
		buf_add_str(&patterns, i ? " " : "");
		buf_add_span(&patterns, q->patterns[i]);
	}
	csv_text(b, buf_span(&patterns));
	buf_release(&patterns);
	buf_addf(b, ",%" PRIu64 ",%zu,%s,%s,", q->events, q->days,
	         q->events ? when_format_day(q->first, first) : "",
	         q->events ? when_format_day(q->last, last) : "");
	csv_text(b, q->sample_id.p ? q->sample_id : SPAN_LIT(""));
	buf_add_str(b, "\r\n");
}

/* No action: what stands in its place is the credential. */
static void inactive(struct buf *b, const struct report_inactive *one)
{
	char last[WHEN_SIZE];
	begin_row_of(b, one->account, one->name, "inactive", span_of(one->what));
	buf_addf(b, ",,,,,,%s,\r\n",
	         one->last != INT64_MIN ? when_format_day(one->last, last) : "");
}

bool report_csv(const struct report *r, struct buf *out)
{
	buf_add_str(out, "account,principal,state,action,risk,level,resources,events,days,first,last,"
	                 "sample_event\r\n");
	for (size_t i = 0; i < r->principals.n; i++) {
		const struct report_principal *p = &r->principals.v[i];
		for (size_t k = 0; k < p->n_permissions; k++)
			used(out, p, &p->permissions[k]);
		for (size_t k = 0; k < p->denials.n; k++) {
			begin_row(out, p, "denied", p->denials.v[k].text);
			buf_addf(out, ",,,%" PRIu64 ",,,,\r\n", p->denials.v[k].events);
		}
	}
	for (size_t i = 0; i < r->findings.n; i++) {
		const struct report_finding *f = &r->findings.v[i];
		if (f->why == FINDING_USED)
			continue;
		begin_row(out, &r->principals.v[f->principal], finding_why_text(f->why), f->action);
		buf_addf(out, "%s,,", risk_name(f->risk));
		csv_text(out, f->wide ? f->wide->granted : SPAN_LIT(""));
		buf_add_str(out, ",,,,,\r\n");
	}
	for (size_t i = 0; i < r->inactive.n; i++)
		inactive(out, &r->inactive.v[i]);
	return !out->full;
}
