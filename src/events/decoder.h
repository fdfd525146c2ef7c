/* decoder.h - events: the table of decoders, one for each form of record (records/container.h). A
 * source's records go through its decoder in order; one that must see several records before it
 * knows an event keeps a state. A further form is one file and one row in decoder.c. */
#ifndef EVENTS_DECODER_H
#define EVENTS_DECODER_H

#include "base/arena.h"
#include "base/err.h"
#include "events/event.h"
#include "records/reader.h"

/* Where a decoder puts what became of the records: each one ends as exactly one event, ignored
 * thing or loss, now or later. Events live until event() returns. An event of a kind that is no
 * call (identities) is counted as ignored by the receiver. */
struct event_sink {
	void *data;
	void (*event)(void *data, const struct event *e);
	void (*ignored)(void *data, const char *kind);
	void (*lost)(void *data, const struct err *err);
};

struct decoder {
	enum record_form form;
	/* What a source's records share; source is borrowed until end(). Both NULL if nothing. */
	void *(*begin)(struct span source);
	/* Hands on what is still held, and frees state. */
	void (*end)(void *state, const struct event_sink *sink);
	/* arena is empty and is reset after the call. STATUS_OK: the record is taken and whatever
	 * was to be told is told. STATUS_SKIP: it is lost, err has reason and text and is not given
	 * to the sink; with reason "bad-json" the text is no JSON from byte err->offset of
	 * rec->text on. */
	enum status (*decode)(void *state, const struct record *rec, struct arena *arena,
	                      const struct event_sink *sink, struct err *err);
	/* The same of an open record (records/reader.h), or NULL. *n becomes the length of the
	 * record; 0 if it is no whole object of sound JSON: then nothing was told. */
	enum status (*decode_open)(void *state, const struct record *rec, struct arena *arena,
	                           const struct event_sink *sink, size_t *n, struct err *err);
};

/* NULL for RECORD_NONE. */
const struct decoder *decoder_for(enum record_form form);

extern const struct decoder decoder_cloudtrail;
extern const struct decoder decoder_capture;
extern const struct decoder decoder_csm;
extern const struct decoder decoder_ocsf;
extern const struct decoder decoder_reduced;
extern const struct decoder decoder_s3_access;

#endif
