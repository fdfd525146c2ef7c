/* errors.h - mapping: whether a failed call had passed authorization, which its error code tells if
 * anything does (mappings/errors.tsv). */
#ifndef MAPPING_ERRORS_H
#define MAPPING_ERRORS_H

#include "mapping/mapping.h"

/* When the service found the error. Reports and the store name them by number: never renumber. */
enum error_phase {
	ERROR_BEFORE = 1,    /* before authorization: the call proves no permission */
	ERROR_AFTER = 2,     /* after it: the caller had the permissions */
	ERROR_UNDECIDED = 3, /* the service does not say, or the table does not have it */
};

struct error_rule {
	enum error_phase phase;
	struct span reason, document; /* of the row; SPAN_NONE where no row has the code */
};

/* For a call of CloudTrail's eventSource and eventName that failed with the code, spelled in any of
 * its forms. A whole code comes before a pattern; then a row of the operation before one of its
 * service, that before one of all services; of several patterns the one that proves least. Of an
 * operation that the tables lack, what proves least in any service of the source. Without a code:
 * undecided. */
struct error_rule mapping_error(const struct mapping *m, struct span source, struct span name,
                                struct span code);

/* "before", "after", "undecided". */
const char *error_phase_name(enum error_phase phase);

#endif
