/* spool.h - fetch: what is being received: in memory while it is small, else in a temporary file
 * that has no name, so that memory does not depend on the size of an object. */
#ifndef FETCH_SPOOL_H
#define FETCH_SPOOL_H

#include "base/buf.h"
#include "base/err.h"

/* CloudTrail's files have some hundred KB; each thread may hold as much as this. */
#define SPOOL_MEMORY ((size_t)4 << 20)

struct spool {
	struct buf memory;
	int fd;        /* of the file, -1: none */
	char path[32]; /* under which it can be opened as long as it is the spool's */
	int error;     /* of writing the file, 0: none */
};

void spool_init(struct spool *s);
void spool_release(struct spool *s);
/* Nothing was received yet. */
void spool_begin(struct spool *s);
/* False if the temporary file (in $TMPDIR, else /tmp) can't be written; s->error tells why. */
bool spool_add(struct spool *s, const char *p, size_t n);
/* What was received: *file (a path), or *bytes where that is NULL; borrowed until the next
 * spool_begin. */
void spool_end(struct spool *s, struct span *bytes, const char **file);

#endif
