/* markdown.c - report: the report as GitHub-flavoured Markdown, for a pull request. Names stand in code
 * spans, in which nothing of them is markup. */
#include "config.h"

#include "report/format.h"

#include "base/markdown.h"
#include "base/when.h"
#include "policy/policy.h"

#include <inttypes.h>

enum { NAMES_A_FINDING = 8 };

static void overview(const struct report *r, struct buf *b)
{
	char first[WHEN_SIZE], last[WHEN_SIZE];
	buf_addf(b, "# Access report\n\n%zu principal%s, %" PRIu64 " events of theirs, %" PRIu64 " denied",
	         r->principals.n, r->principals.n == 1 ? "" : "s", r->events, r->denied);
	if (r->days.n) {
		int64_t from = r->days.v[0].day, to = r->days.v[r->days.n - 1].day;
		size_t gaps = (size_t)(to - from) + 1 - r->days.n;
		buf_addf(b, "; log from %s to %s",
		         when_format_day(from * WHEN_DAY_SECONDS, first),
		         when_format_day(to * WHEN_DAY_SECONDS, last));
		if (gaps)
			buf_addf(b, ", of which %zu day%s without any event", gaps,
			         gaps == 1 ? " is" : "s are");
	}
	buf_add_str(b, ".\n");
	for (size_t i = 0; i < r->refused.n; i++) {
		buf_add_str(b, "\nNot compared, since a policy of it cannot be read: ");
		markdown_code(b, r->refused.v[i].text);
		buf_add_char(b, '\n');
	}
}

static void finding(const struct report *r, size_t from, size_t to, struct buf *b)
{
	const struct report_finding *f = &r->findings.v[from];
	buf_add_str(b, "| ");
	markdown_code(b, f->action);
	buf_addf(b, " | %s | %zu | ", finding_why_text(f->why), to - from);
	for (size_t i = from; i < to && i < from + NAMES_A_FINDING; i++) {
		buf_add_str(b, i > from ? ", " : "");
		markdown_code(b, r->principals.v[r->findings.v[i].principal].name);
		if (f->why == FINDING_WIDE) {
			buf_add_str(b, " on ");
			markdown_code(b, r->findings.v[i].wide->granted);
			buf_addf(b, ", used on %zu", r->findings.v[i].wide->used_on);
		}
	}
	if (to - from > NAMES_A_FINDING)
		buf_addf(b, " and %zu more", to - from - NAMES_A_FINDING);
	buf_add_str(b, " |\n");
}

static void findings(const struct report *r, struct buf *b)
{
	enum risk risk = RISK_NONE;
	for (size_t at = 0, to; at < r->findings.n; at = to) {
		const struct report_finding *f = &r->findings.v[at];
		to = report_findings_end(r, at);
		if (f->risk != risk)
			buf_addf(b, "\n## %s\n\n| action | granted and | principals | which |\n"
			            "| --- | --- | ---: | --- |\n",
			         risk_title(f->risk));
		risk = f->risk;
		finding(r, at, to, b);
	}
}

static void inactive(const struct report *r, struct buf *b)
{
	char day[WHEN_SIZE];
	if (r->inactive.n)
		buf_addf(b,
		         "\n## Inactive\n\nNot used in the %d days before the log ends, as far as anything "
		         "tells.\n\n| whose | what | last used | told by | made or changed |\n| --- | "
		         "--- | --- | --- | --- |\n",
		         REPORT_INACTIVE_DAYS);
	for (size_t i = 0; i < r->inactive.n; i++) {
		const struct report_inactive *one = &r->inactive.v[i];
		bool ever = one->last != INT64_MIN;
		buf_add_str(b, "| ");
		markdown_code(b, one->name);
		buf_addf(b, " | %s | %s | %s | ", one->what,
		         ever ? when_format_day(one->last, day) : "not known to be used",
		         ever ? one->by : "");
		buf_addf(b, "%s |\n",
		         one->made != INT64_MIN ? when_format_day(one->made, day) : "");
	}
}

static void ranking(const struct report *r, struct buf *b)
{
	char day[WHEN_SIZE];
	buf_add_str(b, "\n## Principals\n\n| principal | events | last used | actions used |");
	buf_add_str(b, r->has_grants ? " granted | unused | weight |\n| --- | ---: | --- | ---: | ---: | "
	                               "---: | ---: |\n"
	                             : "\n| --- | ---: | --- | ---: |\n");
	for (size_t i = 0; i < r->principals.n; i++) {
		const struct report_principal *p = &r->principals.v[i];
		buf_add_str(b, "| ");
		markdown_code(b, p->name);
		buf_addf(b, " | %" PRIu64 " | %s | %zu |", p->events,
		         p->events ? when_format_day(p->last, day) : "not in this log",
		         p->has_grants ? p->used : p->n_actions);
		if (r->has_grants)
			buf_addf(b, " %zu | %zu | %zu |", p->granted, p->n_unused, p->weight);
		buf_add_char(b, '\n');
	}
}

static void permission(const struct report_permission *q, struct buf *b)
{
	char first[WHEN_SIZE], last[WHEN_SIZE];
	buf_add_str(b, "| ");
	markdown_code(b, q->action);
	buf_addf(b, " | %s | ", level_name(q->level));
	for (size_t i = 0; i < q->n_patterns; i++) {
		buf_add_str(b, i ? ", " : "");
		markdown_code(b, q->patterns[i]);
	}
	buf_addf(b, " | %" PRIu64 " | ", q->events);
	if (q->events)
		buf_addf(b, "%s to %s", when_format_day(q->first, first),
		         when_format_day(q->last, last));
	buf_add_str(b, " | ");
	if (q->sample_id.n)
		markdown_code(b, q->sample_id);
	buf_add_str(b, " |\n");
}

static void principal(const struct report_principal *p, struct buf *b)
{
	buf_add_str(b, "\n## ");
	markdown_code(b, p->name);
	buf_add_char(b, '\n');
	if (p->n_permissions)
		buf_add_str(b, "\n| action | level | granted on | events | seen | sample event |\n"
		               "| --- | --- | --- | ---: | --- | --- |\n");
	for (size_t i = 0; i < p->n_permissions; i++)
		permission(&p->permissions[i], b);
	if (p->n_unused_names) {
		buf_add_str(b, "\nGranted and not used: ");
		for (size_t i = 0; i < p->n_unused_names; i++) {
			buf_add_str(b, i ? ", " : "");
			markdown_code(b, p->unused_names[i]);
		}
		if (p->n_unused > p->n_unused_names)
			buf_addf(b, " and %zu more", p->n_unused - p->n_unused_names);
		buf_add_str(b, ".\n");
	}
	if (p->denials.n)
		buf_add_str(b, "\nDenied:\n\n");
	for (size_t i = 0; i < p->denials.n; i++) {
		buf_add_str(b, "- ");
		markdown_code(b, p->denials.v[i].text);
		buf_addf(b, ": %" PRIu64 "\n", p->denials.v[i].events);
	}
}

bool report_markdown(const struct report *r, struct buf *out)
{
	overview(r, out);
	findings(r, out);
	inactive(r, out);
	ranking(r, out);
	for (size_t i = 0; i < r->principals.n; i++)
		principal(&r->principals.v[i], out);
	return !out->full;
}
