/* format.h - report: a gathered report as a text for people: one HTML page without anything outside
 * of itself, Markdown for a pull request, CSV for a sheet. Same report, same bytes. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "base/attributes.h"
#include "report/report.h"

/* A report of a thousand principals has below 2 MB. */
enum { LIMIT_REPORT_TEXT = 1 << 30 };

struct report_format {
	const char *name;   /* of --format */
	const char *suffix; /* ".html" */
	/* Adds the text. False if the buffer's ceiling was met. */
	bool (*write)(const struct report *r, struct buf *out);
};

/* Ended by a NULL name. */
extern const struct report_format report_formats[];

bool report_html(const struct report *r, struct buf *out) MUST_CHECK;
bool report_markdown(const struct report *r, struct buf *out) MUST_CHECK;
bool report_csv(const struct report *r, struct buf *out) MUST_CHECK;

/* The same as several pages: an overview that links to "p1.html", "p2.html"..., one for each
 * principal in the report's order. */
bool report_html_index(const struct report *r, struct buf *out) MUST_CHECK;
bool report_html_principal(const struct report *r, size_t i, struct buf *out) MUST_CHECK;

#endif
