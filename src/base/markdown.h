/* markdown.h - base: names in Markdown (CommonMark with GitHub's tables). */
#ifndef BASE_MARKDOWN_H
#define BASE_MARKDOWN_H

#include "base/buf.h"

/* Adds s as a code span, in which nothing of it is markup: the fence is longer than any run of
 * backticks in it (CommonMark 6.1), '|' is kept from ending a table's cell (GFM, tables), and what
 * does not show as itself is '?'. */
void markdown_code(struct buf *b, struct span s);

#endif
