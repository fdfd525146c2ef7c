/* base64.h - base: base64 decoding (RFC 4648 section 4), by libsodium. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/attributes.h"
#include "base/buf.h"

/* Adds the bytes that text stands for to out. Padding may be missing as a whole. False, and out as
 * it was, if text is not base64 (white space is not either) or out's ceiling is reached. */
bool base64_decode(struct span text, struct buf *out) MUST_CHECK;

#endif
