/* partiql.h - mapping: what a PartiQL statement names (Amazon DynamoDB developer guide, PartiQL
 * reference): its verb, table and index; nothing else of it, since the rest may be the user's data.
 */
#ifndef MAPPING_PARTIQL_H
#define MAPPING_PARTIQL_H

#include "base/arena.h"

struct partiql {
	struct span verb;  /* SELECT, INSERT, UPDATE, DELETE as written */
	struct span table; /* without quotes */
	struct span index; /* or SPAN_NONE */
};

/* False if it is no such statement. The spans borrow from statement. */
bool partiql_parse(struct span statement, struct partiql *out);
/* The same statement with its verb, table and index alone: SELECT FROM "Music"."ByArtist";
 * SPAN_NONE if it is none. partiql_parse reads it alike. Lives in arena. */
struct span partiql_reduce(struct span statement, struct arena *arena);

#endif
