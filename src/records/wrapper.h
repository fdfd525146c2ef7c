/* wrapper.h - records: the one table of members under which exports and shippers put records: by path,
 * as an object, as a text, or as base64. A record is found there and nowhere else, so that a text which
 * somebody got into a log does not become a record: not in the fields of a record, not in an ordinary
 * log line that quotes one, not in an unknown object. A further kind of export is a row here. Pure. */
#ifndef RECORDS_WRAPPER_H
#define RECORDS_WRAPPER_H

#include "base/buf.h"
#include "records/scan.h"

enum wrapper_form {
	WRAPPED_TEXT,   /* a string whose text holds it */
	WRAPPED_OBJECT, /* an object that is it */
	WRAPPED_BASE64, /* a string: base64 of a text, which may be gzip */
};

struct wrapper {
	const char *path; /* members from the object down, '/' between them; names are exact */
	enum wrapper_form form;
	/* "a|b": one of these must be a member of the object, too. "a=text": with this value. NULL: no. */
	const char *sign;
	const char *name; /* of the format */
	/* What the inside counts as, ignored, if it is no record: any log line or message may stand there.
	 * NULL: it is lost. */
	const char *other;
	bool deeper; /* the inside may be an envelope again; else it is a record or nothing */
	bool first;  /* counts before members that a record may have */
	bool line;   /* not in an object that looks like a line of an application's own log */
	bool quoted; /* also inside a text that may be any log line */
};

struct wrapped {
	const struct wrapper *row;
	struct span value; /* as written */
};

/* Whether a row's path begins with this key (raw). */
bool wrapper_key(struct span key);
/* Whether the key (raw) is one that lines of an application's own log have. */
bool wrapper_log_key(struct span key);
/* The first row whose members the object (valid JSON) has; text: the object stands in a text that may be
 * any log line. False if there is none. */
bool wrapper_find(struct span object, bool text, struct wrapped *out);
/* Adds the text inside to out. False if there is none, or out is full. */
bool wrapper_unwrap(const struct wrapped *w, struct buf *out);
/* "result/_raw" as people write it: "result._raw"; returns out. */
const char *wrapper_path(const struct wrapper *row, char *out, size_t size);

#endif
