/* page.h - report, internal: the parts of the HTML report. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report/html.h"
#include "report/report.h"

/* style.css and script.js, embedded by a rule of sources.am. */
extern const char report_style[], report_script[];

/* Where the part on a principal is. */
enum page_links {
	LINKS_WITHIN, /* "#p1" */
	LINKS_BESIDE, /* "p1.html" */
};

struct page {
	const struct report *r;
	struct buf *out;
	enum page_links links;
};

/* The link to the i-th principal: its whole name, or what follows the account in it, with the account
 * where the report has several. */
void page_link(const struct page *p, size_t i);
void page_short_link(const struct page *p, size_t i);
/* "2026-09-01", or "never". */
void page_day(struct buf *out, int64_t t, bool ever);

/* The parts, in the order in which they stand. */
void page_overview(const struct page *p);
void page_coverage(const struct page *p);
void page_risks(const struct page *p);
void page_inactive(const struct page *p);
void page_ranking(const struct page *p);
void page_principal(const struct page *p, size_t i);
/* The same in some lines: what it used, without the policy and its evidence. */
void page_principal_brief(const struct page *p, size_t i);

/* Calls a day as bars, days without any marked; and principals by services. */
void chart_days(const struct page *p);
void chart_services(const struct page *p);

#endif
