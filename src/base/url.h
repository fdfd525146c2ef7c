/* url.h - base: percent-encoded text (RFC 3986, section 2.1). */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/arena.h"

/* %XX decoded, '+' as a space if plus (forms); a malformed escape stays as it is. Lives in arena,
 * or is s where nothing was to be decoded. */
struct span url_decode(struct arena *arena, struct span s, bool plus);

#endif
