/* err.h - base: what a library function says when it could not do all of its work. The status
 * tells the caller what may happen next, the error object tells the user where and what. Only
 * commands print. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/span.h"

enum status {
	STATUS_OK,   /* done; go on */
	STATUS_END,  /* nothing more to come; not an error */
	STATUS_SKIP, /* this record is lost, the next one may be sound */
	STATUS_FILE, /* this file is done for, others may be sound */
	STATUS_STOP, /* nothing further can be done (store broken, disk full) */
};

struct err {
	char where[512]; /* file or other source as the user named it, "" if none */
	uint64_t record; /* 1-based ordinal inside it, 0 if none */
	uint64_t offset; /* byte offset in the decoded text; meaningful with has_offset */
	bool has_offset;
	const char *reason; /* a short constant word for counting ("bad-json"), or NULL */
	char text[1024];    /* what is wrong, one line, no position; cut at the array's end */
};

/* All empty. */
void err_clear(struct err *e);
bool err_is_set(const struct err *e);
/* Sets reason (a string constant) and text; position stays. e may be NULL. Control characters and
 * bytes that are no UTF-8 are written as '?', so that a hostile log cannot drive the terminal.
 * Returns status. */
enum status err_set(struct err *e, enum status status, const char *reason, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void err_at_file(struct err *e, const char *where);
void err_at_record(struct err *e, uint64_t record);
void err_at_offset(struct err *e, uint64_t offset);
/* "a.json.gz:17: text" into out (NUL-terminated, cut); returns out. */
const char *err_line(const struct err *e, char *out, size_t size);

#endif
