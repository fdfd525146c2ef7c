/* params.h - normalise: the identifying parameters of a call, taken from its request as members.h
 * rules. */
#ifndef NORMALISE_PARAMS_H
#define NORMALISE_PARAMS_H

#include "base/buf.h"
#include "base/memo.h"
#include "call/call.h"
#include "mapping/mapping.h"

/* Members nested deeper than this are not looked into; AWS's own identifiers sit within 8 levels.
 */
#define LIMIT_PARAM_DEPTH 16
/* A member's path, "a.b[].c"; the longest of the API models has some 300 characters. */
#define LIMIT_PARAM_PATH ((size_t)1024)

struct params {
	struct param *param; /* sorted by path, value, state; no duplicates; in arena */
	size_t n;
	bool cut; /* more than LIMIT_PARAMS, or the text is no whole JSON object */
};

/* What the reading of parameters needs of a thread. */
struct params_scratch {
	struct buf path;    /* of the parameter being looked at */
	struct memo *rules; /* what the mapping said, by source, path and container */
};

void params_scratch_init(struct params_scratch *s);
void params_scratch_release(struct params_scratch *s);

/* request: raw JSON, or SPAN_NONE. scratch is used with one mapping only. Spans in *out live in
 * arena. */
void params_read(const struct mapping *m, struct span source, struct span request,
                 struct params_scratch *scratch, struct arena *arena, struct params *out);

/* Text from a log as it is kept: at most limit bytes, cut at a character; NUL and what is no UTF-8
 * become U+FFFD. An absent span stays absent. Copied to arena. */
struct span clean_text(struct span s, size_t limit, struct arena *arena);

#endif
