/* fold.h - reduce: what sql/engine/fold.sql asks for: the rule by which ingest folds names
 * (call/shape.h) as patterns and words of a statement. */
#ifndef REDUCE_FOLD_H
#define REDUCE_FOLD_H

#include "base/buf.h"
#include "mapping/member-words.h"

struct fold_request {
	unsigned most; /* requests of one caller and operation that are not folded; 0: none is */
	bool sessions;
	const struct mapping *mapping;
	const struct member_words *words;
	int level; /* which text is being written; set by fold_value */
};

/* Adds what stands for a name of reduce.sql, fold.sql or the texts that these are made of; false:
 * it is none of fold's. */
bool fold_value(struct fold_request *q, struct span name, struct buf *out);

#endif
