/* reader.h - records: from the decoded text of a source to the records in it, whatever they are
 * wrapped in. Containers are told by content: {"Records":[...]} with its members in any order,
 * arrays, single objects, lines, values back to back, log lines with a stamp, envelopes that hold
 * the record as a string or as compressed base64 (container.h has the table). What is broken is
 * passed over and the next record found. */
#ifndef RECORDS_READER_H
#define RECORDS_READER_H

#include "base/attributes.h"
#include "bytes/stream.h"
#include "records/container.h"

struct record {
	struct span text; /* JSON by its brackets, not checked yet; borrowed until the next call */
	enum record_form form;
	const char
	        *ignored; /* instead of a text: nothing is to be decoded, and this is what it was */
	uint64_t ordinal; /* from 1; ignored and lost ones count too */
	bool open;        /* text goes on behind the record, or ends inside it: see reader_leave_open */
};

enum { READER_PATH = 160 }; /* bytes of reader_path with its NUL; a longer one is cut */

struct reader;

struct reader *reader_new(void);
void reader_free(struct reader *r);
/* From the stream's beginning; it is borrowed until the last reader_next. */
void reader_begin(struct reader *r, struct stream *s);
/* STATUS_OK: *rec is the next record or ignored thing. STATUS_SKIP: one was lost, err has reason
 * ("bad-json", "bad-row", "truncated", "damaged", "too-large", "too-deep", "not-cloudtrail",
 * "unknown-format"), text, record and offset; rec->ordinal is set; go on. STATUS_END: no more.
 * err's file is left as it is. */
enum status reader_next(struct reader *r, struct record *rec, struct err *err) MUST_CHECK;
/* From now on the end of a record of CloudTrail's form is not looked for, since who decodes it finds it
 * anyway. Of each that is open, reader_ends_at or reader_close must be called before the next. */
void reader_leave_open(struct reader *r);
/* The open record that was given last is a whole object of n bytes. */
void reader_ends_at(struct reader *r, struct record *rec, size_t n);
/* Looks for the end of the open record that was given last, as if it had not been left open: answers as
 * reader_next. */
enum status reader_close(struct reader *r, struct record *rec, struct err *err) MUST_CHECK;
/* The record that reader_next gave last is no JSON from byte at of its text on: if another record
 * begins behind that place, inside what was taken for this one, it comes next. */
void reader_reject(struct reader *r, size_t at);
/* The outermost container, "cloudtrail"; "unknown" if nothing was recognised. */
const char *reader_format(const struct reader *r);
/* After STATUS_END: the members under which the records lie, "Sns.Message > detail", as those of the first
 * one; "" if they lie as CloudTrail writes them. Borrowed until the next reader_begin. */
const char *reader_path(const struct reader *r);
/* After STATUS_END: what the source does not tell and a user should know, one line, or NULL: "has no
 * request parameters...". A constant. */
const char *reader_remark(const struct reader *r);
/* After STATUS_END: an array or object that holds records does not end, though no record was cut.
 */
bool reader_unclosed(const struct reader *r);

#endif
