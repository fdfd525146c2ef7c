/* simulate.h - app: what AWS would decide, asked by a line of JSON. */
#ifndef APP_SIMULATE_H
#define APP_SIMULATE_H

#include "base/buf.h"

/* line: a question with its policies, as query_parse takes it; number: its place in the file,
 * from 1. Adds the verdict, or {"error":"line 7: ..."}, as one JSON object without a newline.
 * False: the line was no question, or the answer does not fit. */
bool simulate_line(struct span line, uint64_t number, struct buf *out);

#endif
