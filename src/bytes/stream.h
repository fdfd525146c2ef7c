/* stream.h - bytes: one source (file, pipe, stdin, memory) as decoded text in a view that moves:
 * gzip is told by content, whatever the name, and decompressed, also in layers. Small files are in
 * view as a whole; of others only as much as the reader of records needs at once, so that memory
 * does not depend on a file's size or on how far it expands. */
#ifndef BYTES_STREAM_H
#define BYTES_STREAM_H

#include "base/attributes.h"
#include "base/err.h"
#include "base/hash.h"
#include "bytes/file-identity.h"

#include <stdatomic.h>

struct stream;

/* One may read any number of sources after another; its memory is kept between them. stop (may be
 * NULL) is borrowed: once it is true a pipe that has nothing to give is no longer waited for, and
 * ends. */
struct stream *stream_new(const atomic_bool *stop);
void stream_free(struct stream *s);

/* Opens path ("-" with named: stdin). named: the user gave this name himself, so that pipes and
 * devices are read too; else regular files only. STATUS_FILE if it can't be read, with err. */
enum status stream_open(struct stream *s, const char *path, bool named, struct err *err)
        MUST_CHECK;
/* Text in memory, borrowed until stream_close. */
void stream_open_memory(struct stream *s, struct span bytes);
/* What read gives: the next bytes, at most n, into p; their number, 0 at the end or with err set, whose
 * reason says what stream_damage will: "damaged", or what makes stream_broken. Its bytes are hashed as they
 * come, as a pipe's. name is for messages. data is borrowed until stream_close. */
typedef size_t (*stream_read_fn)(void *data, void *p, size_t n, struct err *err);
void stream_open_source(struct stream *s, stream_read_fn read, void *data, const char *name);
void stream_close(struct stream *s);

/* Hash of the source's bytes as they lie on the disk: what comes into view was made of bytes that
 * went into it. Of pipes it is known only at the end: then NULL until stream_more returned STREAM_END,
 * and for good if the pipe could not be read to its end. */
const struct hash128 *stream_content(const struct stream *s);
/* Bytes on disk: the file's size, of a pipe those read so far. */
uint64_t stream_size(const struct stream *s);
/* Of a regular file, what its folder said of it when it was opened; else NULL. Lives until the next
 * stream_open*. */
const struct file_identity *stream_identity(const struct stream *s);
/* Bytes on disk that were read so far, for a progress display. */
uint64_t stream_read(const struct stream *s);

enum stream_more { STREAM_MORE, STREAM_END, STREAM_FULL };

/* What is in view (at first, the text's beginning, which is inflated by now); borrowed until the next stream_more, stream_open* or stream_close. */
struct span stream_view(struct stream *s);
/* Drops the view's first n bytes. */
void stream_take(struct stream *s, size_t n);
/* Brings more into view behind what is there, which may move. STREAM_END: there is no more.
 * STREAM_FULL: the view has more than LIMIT_RECORD_BYTES, something must be taken first. */
enum stream_more stream_more(struct stream *s);
/* Offset of the view's first byte in the decoded text. */
uint64_t stream_offset(const struct stream *s);
/* After STREAM_END: what ended the text before its time (reason "truncated", "damaged", "unreadable"
 * or "changed"), or NULL. Lives until the next stream_open*. */
const struct err *stream_damage(const struct stream *s);
/* The same if the source itself ("unreadable": an error while reading; "changed": other bytes than
 * those of its hash) was the reason, else NULL. All that was in view before STREAM_END was returned
 * belongs to the source; that there is no more says nothing about it. */
const struct err *stream_broken(const struct stream *s);

#endif
