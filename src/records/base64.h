/* base64.h - records: base64 (RFC 4648) undone. */
#ifndef RECORDS_BASE64_H
#define RECORDS_BASE64_H

#include "base/buf.h"

/* Adds what text stands for to out; JSON's "\/" counts as "/". False if it is not base64 or out is
 * full. */
bool base64_decode(struct span text, struct buf *out);

#endif
