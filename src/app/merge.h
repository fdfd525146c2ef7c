/* merge.h - app: databases made on several machines or days become one. */
#ifndef APP_MERGE_H
#define APP_MERGE_H

#include "base/attributes.h"
#include "store/store.h"

struct merge_request {
	const char *into;
	char *const *from; /* n_from of them */
	size_t n_from;
};

/* Takes all of them in, or, with STATUS_STOP and err, none: then into is as it was. It is made
 * where it is not there. */
enum status merge_databases(const struct merge_request *q, struct store_merged *counts,
                            struct err *err) MUST_CHECK;

#endif
