/* encode.h - store, internal: parameters and resources of a call as JSON text, in which users' own
 * SQL can look with json_each. */
#ifndef STORE_ENCODE_H
#define STORE_ENCODE_H

#include "base/arena.h"
#include "call/call.h"

/* [[path, value, state], ...]; value is null unless the state has one. SPAN_NONE if there are none.
 * Lives in arena. */
struct span encode_params(const struct call *c, struct arena *arena);
/* [[arn, type, account, prefix], ...] with null for what is absent, prefix 0 or 1. */
struct span encode_resources(const struct call *c, struct arena *arena);
/* The other way; what is damaged ends the list. */
void decode_params(struct span json, struct arena *arena, struct call *c);
void decode_resources(struct span json, struct arena *arena, struct call *c);

#endif
