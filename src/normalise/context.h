/* context.h - normalise: where a call came from and with what tool, folded so that calls under
 * the same circumstances share one row. */
#ifndef NORMALISE_CONTEXT_H
#define NORMALISE_CONTEXT_H

#include "base/arena.h"
#include "base/memo.h"
#include "call/call.h"

/* sourceIPAddress: an IPv4 address as it is (a /32: conditions on aws:SourceIp need it whole), an
 * IPv6 address as its /64
 * ("2001:db8:1:2::/64", what one host or site holds), the name of an AWS service as it is;
 * SPAN_NONE if absent, "other" for anything else. */
struct span source_network(struct span source_ip, struct arena *arena);

/* "aws-cli/2", "terraform", "boto3", "console"...; the service's name where a service calls;
 * "other" for what no row of the table knows; SPAN_NONE if absent. Borrowed from the table or from
 * the arguments. memo (of struct span, may be NULL) remembers what the table said. */
struct span agent_family(struct span user_agent, struct span source_ip, struct memo *memo);

/* What agent_family looks for: the first row whose text is in the user agent, or whose family is the
 * user agent, decides; "other" where none does. Ended by a NULL text. */
struct agent_word {
	const char *text, *family;
};
extern const struct agent_word agent_words[];

#endif
