/* archive.h - bytes: archives (zip, tar, 7z) and the compressions other than gzip (bzip2, xz, zstd, lz4),
 * alone or of a tar, through libarchive: the entries one after another, read out of a stream. libarchive is
 * loaded when the first archive is met, since loading it costs more than a small run takes; it is told to
 * use what it has built in and never to run other programs. */
#ifndef BYTES_ARCHIVE_H
#define BYTES_ARCHIVE_H

#include "bytes/stream.h"

/* Whether a text begins as one of these. At least 512 bytes of it should be in view, if there are so many.
 * False always where the program was built without libarchive. */
bool archive_begins(struct span text);

struct archive_entries;

/* s is open, is read from its view on, and borrowed until archive_close. STATUS_FILE with err, whose
 * position stays: reason "unreadable" (no libarchive, or too large a 7z) or "damaged". */
enum status archive_open(struct stream *s, struct archive_entries **out, struct err *err);
void archive_close(struct archive_entries *a);
/* The next regular file in it. STATUS_OK: *name is its name, borrowed until the next call; absent if there
 * is but one and it has none, as of trail.json.bz2. STATUS_SKIP: an entry can't be read (encrypted), err
 * says which and why; go on. STATUS_END. STATUS_FILE: it is damaged from here on. */
enum status archive_next(struct archive_entries *a, struct span *name, struct err *err);
/* Opens the entry as a stream, which must be closed before the next archive_next. */
void archive_open_entry(struct archive_entries *a, struct stream *entry, const char *name);

#endif
