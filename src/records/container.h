/* container.h - records: what the members of a JSON object tell about it, as a table: whether it is
 * a record, a list of records, or something that is expected beside logs and holds none. Members
 * under which a record itself lies are wrapper.h's. Order of the rows does not matter. */
#ifndef RECORDS_CONTAINER_H
#define RECORDS_CONTAINER_H

#include "records/scan.h"

/* Which decoder (events/decoder.h) reads a record. */
enum record_form {
	RECORD_NONE = 0,
	RECORD_CLOUDTRAIL = 1, /* one CloudTrail record */
	RECORD_CAPTURE = 2,    /* one line of a capture file, iamreplay-capture(5) */
	RECORD_CSM = 3,        /* one datagram of client-side monitoring */
	RECORD_OCSF = 4,       /* one event of the Open Cybersecurity Schema Framework */
	RECORD_S3_ACCESS = 5,  /* one line of an S3 server access log */
	RECORD_HAR = 6,        /* one entry of an HTTP archive */
	RECORD_REDUCED = 7,    /* an object with a row of counts, iamreplay-reduced(5) */
};

enum container_act {
	ACT_RECORD, /* the object is a record of row->form */
	ACT_ENTER,  /* records, or envelopes of one each, lie in this array; or in an object inside
	               it */
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
	bool whole;  /* a list that files of records have: an object with it may begin one after
	                damage */
	bool quoted; /* ACT_ENTER: also in a text that may be any line of a log */
	bool rows;   /* ACT_ENTER: an array in it is a row of objects, one a column */
};

/* The row for a member of this key (raw) and kind, or NULL. value: a string as written, else
 * SPAN_NONE. */
const struct container_row *container_row(struct span key, enum scan_kind kind, struct span value);
/* The same of the members of an HTTP archive, which have no meaning elsewhere. */
const struct container_row *container_har_row(struct span key, enum scan_kind kind);
/* Whether a source begins as an HTTP archive; *at: where its "log" object begins. */
bool container_har_begins(struct span text, size_t *at);
/* Whether the column's name is the one that makes a row a reduced one, in any case. */
bool container_is_reduced(struct span column);
/* Whether the key is one that a record or a file of records begins with. */
bool container_key(struct span key);

/* A line outside any JSON. */
enum line_kind {
	LINE_UNKNOWN,
	LINE_IGNORE,  /* counted under name */
	LINE_MESSAGE, /* a stamp, perhaps a log stream's name, and a message from *at on */
};
/* What a line (without its end) is. */
enum line_kind container_line(struct span line, size_t *at, const char **name);

/* Whether a source that begins so is a database of this program. */
bool container_own_database(struct span text);

#endif
