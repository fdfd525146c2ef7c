/* container.h - records: what the members of a JSON object tell about it, as a table: whether it is
 * a record, an envelope around records, or something that is expected beside logs and holds none. A
 * further kind of container is a row here; one whose unwrapping needs code has a file of its own
 * with a function that the row names. Order of the rows does not matter: the first member, in the
 * object's order, that has a row decides. */
#ifndef RECORDS_CONTAINER_H
#define RECORDS_CONTAINER_H

#include "base/buf.h"
#include "records/scan.h"

/* Which decoder (events/decoder.h) reads a record. */
enum record_form {
	RECORD_NONE = 0,
	RECORD_CLOUDTRAIL = 1, /* one CloudTrail record */
	RECORD_CAPTURE = 2,    /* one line of a capture file, iamreplay-capture(5) */
	RECORD_CSM = 3,        /* one datagram of client-side monitoring */
};

enum container_act {
	ACT_RECORD, /* the object is a record of row->form */
	ACT_ENTER,  /* records lie in this member: in its array, or it is one itself */
	ACT_UNWRAP, /* row->unwrap gives a text in which records lie */
	ACT_IGNORE, /* the object holds no records; counted under row->name */
	ACT_PASS,   /* part of an envelope, counts for nothing */
};

struct container_row {
	const char *key;
	enum scan_kind kind; /* of the member's value; SCAN_BAD: any */
	const char *value;   /* the string it must be, or NULL */
	enum container_act act;
	const char *name; /* of the format, or the kind that is counted as ignored */
	enum record_form form;
	/* Adds the text inside the object (valid JSON) to out; member is the value that decided, as
	 * written. gzip is undone by the caller. False if there is no such text or out is full. */
	bool (*unwrap)(struct span object, struct span member, struct buf *out);
	bool message; /* the text may be any log line: what is no record in it is ignored, not lost
	               */
};

/* The row for a member of this key (raw) and kind, or NULL. value: the member as written. */
const struct container_row *container_row(struct span key, enum scan_kind kind, struct span value);
/* Whether a row of ACT_RECORD or ACT_ENTER has this key: what a record or an envelope may begin
 * with. */
bool container_key(struct span key);

/* A line outside any JSON. */
enum line_kind {
	LINE_UNKNOWN,
	LINE_IGNORE,  /* counted under name */
	LINE_MESSAGE, /* a stamp, and a message from *at on */
	LINE_STOP,    /* counted under name; nothing of this source is a log */
};
/* What a line (without its end) is. first: it is the source's first. */
enum line_kind container_line(struct span line, bool first, size_t *at, const char **name);

#endif
