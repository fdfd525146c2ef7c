/* foreign.h - records: what a text seems to be that is no log with records, so that nothing is passed over
 * without a word: other logs of AWS, other formats, pictures, programs. Told by its beginning, or by the
 * members of an object. Pure. */
#ifndef RECORDS_FOREIGN_H
#define RECORDS_FOREIGN_H

#include "base/span.h"

struct foreign {
	const char *what;   /* "a zip archive", to stand behind "is" or "seems to be" */
	const char *advice; /* what to do, or NULL */
	bool binary;        /* what follows are no lines */
};

/* text: the beginning of a source, with its first line if that is not longer than a record. NULL: it can't
 * be told. */
const struct foreign *foreign_text(struct span text);
/* object: JSON, valid. */
const struct foreign *foreign_object(struct span object);
/* "seems to be an ELB access log: it tells no API calls" into out; returns out. */
const char *foreign_line(const struct foreign *f, char *out, size_t size);

#endif
