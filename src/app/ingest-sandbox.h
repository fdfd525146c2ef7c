/* ingest-sandbox.h - app: before strangers' files are read, the process gives up all other files. */
#ifndef APP_INGEST_SANDBOX_H
#define APP_INGEST_SANDBOX_H

#include "app/ingest.h"

/* From now on the whole process can read q->names, what symbolic links in those folders lead to, and
 * the folders that shared libraries are loaded from; it can write in the database's folder alone,
 * and makes no network connection. For q without a feed, or with one that another process serves,
 * once the database is open and before a thread is started; q->database can be opened again. STATUS_OK: *version is that of the kernel's Landlock, 0 where it has none.
 * STATUS_STOP: the kernel has it and refused, err says why; the process is as it was. */
enum status ingest_confine(const struct ingest_request *q, int *version,
                           struct err *err) MUST_CHECK;

#endif
