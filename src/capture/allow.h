/* allow.h - capture: what of a call may leave the proxy, be it for the capture file or for a screen:
 * an allow-list. A field passes in the form that it has where it is what it says; what looks
 * otherwise is left out, for it may be anything. Parameters pass by the mapping's rule. */
#ifndef CAPTURE_ALLOW_H
#define CAPTURE_ALLOW_H

#include "base/memo.h"
#include "capture/capture.h"

/* Takes away what may not be written or shown. Two things stay and are to be asked for: the
 * parameters (allow_param) and user_agent (allow_agent). */
void allow_call(struct captured_call *call);
void allow_identity(struct captured_identity *id);

/* The family of a client ("aws-cli/2", "other") in place of what it says of itself. Borrowed from a
 * table. memo (of struct span, may be NULL) remembers families. */
struct span allow_agent(struct span user_agent, struct memo *memo);

struct capture_filter {
	const struct mapping *mapping;
	struct arena *arena; /* what is made of values lives here; the caller resets it */
	struct memo *agents; /* of allow_agent */
};

/* What of the parameter may pass, in *out; false if nothing. */
bool allow_param(const struct capture_filter *f, struct span source, const struct param *p,
                 struct param *out);
/* Whether it may be told that an element of a list is there; path ends in its number. */
bool allow_element(const struct capture_filter *f, struct span source, struct span path);

#endif
