/* har.h - app: an HTTP archive (HAR) of AWS traffic as captured calls: each entry goes through the
 * recognition of the proxy and the allow-list of the capture file, and what that would have written
 * is the event. Nothing else of the archive, which holds signatures, session tokens and bodies, is
 * kept or told.
 *
 * Source: HTTP Archive (HAR) format 1.2, as browsers and proxies export it. */
#ifndef APP_HAR_H
#define APP_HAR_H

#include "events/decoder.h"
#include "mapping/mapping.h"

/* What entries share: an index over the mapping, which is borrowed. Of one thread. */
struct har *har_new(const struct mapping *m);
void har_free(struct har *h);

/* state: a struct har, which outlives it; nothing is held back. An entry to a host that is no API
 * of AWS, and a browser's OPTIONS, are "no-api" things; one without Authorization, of a call that
 * needs one, is lost with reason "no-signature"; "bad-har": no entry with a request. */
extern const struct decoder decoder_har;

#endif
