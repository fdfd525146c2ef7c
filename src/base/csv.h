/* csv.h - base: fields of CSV (RFC 4180) that a spreadsheet takes for text. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buf.h"

/* Adds s as one field, quoted where it must be, and where it is empty, which tells it from nothing.
 * A text that begins with
 * '=', '+', '-' or '@', in full width, too, behind blanks or invisible characters, too, or with a
 * tab or line end would be a formula to a spreadsheet (OWASP, CSV Injection): an apostrophe is put
 * before it. */
void csv_text(struct buf *b, struct span s);

#endif
