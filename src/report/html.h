/* html.h - report: text for an HTML document. Names from logs and policies can hold anything; they
 * reach the page through html_text alone, which lets them be text and nothing else. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "base/buf.h"

#include <stdint.h>

/* Adds s as text, fit for content and for an attribute's value in double quotes: & < > " ' as
 * references; a character that does not show as itself (utf8_visible) as "[U+202E]", but for a
 * newline where lines is true; U+FFFD for each byte that is no UTF-8. */
void html_text(struct buf *b, struct span s);
void html_lines(struct buf *b, struct span s);
/* Adds a format in which each %s is HTML of our own and %S (a const struct span *) is text that is
 * escaped; also %zu, %llu (unsigned long long), %d, %u and %%. Nothing else. */
void html_addf(struct buf *b, const char *format, ...);
/* 1234567 as "1,234,567". */
void html_number(struct buf *b, uint64_t n);

#endif
