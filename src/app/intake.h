/* intake.h - app: from one source to batches of facts: opens it, finds its records, decodes
 * and normalises them. What a worker does with a file; knows nothing of other files, threads or the
 * database's contents. */
#ifndef APP_INTAKE_H
#define APP_INTAKE_H

#include "base/limits.h"
#include "bytes/stream.h"
#include "records/reader.h"
#include "store/store.h"

#include <stdatomic.h>

enum {
	BATCH_FACTS = 256,
	BATCH_REASONS = 32,
	BATCH_NOTES = 8,
	BATCH_BYTES =
	        2 << 20, /* of facts; a batch that has more is handed on though it is not full */
};

/* Of an entry of an archive, which is a source of its own inside the archive's: lives in the batch.
 */
struct batch_mark {
	const char *name; /* "logs.zip!a/b.json" */
	struct intake_end *end;
};

/* What came out of some records of one source, in their order. */
struct batch {
	struct batch_mark *opens;  /* these are the first records of this entry; end is not set */
	struct batch_mark *closes; /* and the last of this one */
	struct arena arena;        /* all that the facts point to */
	struct fact *facts;
	uint64_t *ordinals; /* of the facts' records */
	size_t n_facts;
	struct store_reason reasons[BATCH_REASONS];
	size_t n_reasons;
	struct err notes[BATCH_NOTES]; /* the first lost records, to be told to the user */
	size_t n_notes;
	uint64_t records; /* that end in this batch */
	uint64_t reached;
	struct batch *next; /* the holder's */
};

struct batch *batch_new(void);
void batch_free(struct batch *b);
void batch_reset(struct batch *b);
/* Bytes held by it. */
size_t batch_size(const struct batch *b);

/* A source that is not there yet when its turn comes. */
struct intake_remote {
	struct hash128 content; /* stands for its bytes before they are there: of an object in S3,
	                         * of bucket, key and ETag. One that is known is not brought */
	uint64_t size;
	/* Brings it, all of it: *bytes, or *file (a path) where that is not NULL afterwards; both
	 * are borrowed until the next call with this data. STATUS_OK; STATUS_FILE with err;
	 * STATUS_STOP with err: nothing more can be brought, or the run is to end. */
	enum status (*bring)(void *data, struct span *bytes, const char **file, struct err *err);
	void *data;
};

struct intake_source {
	const char *path;                   /* borrowed for the call */
	bool named;                         /* the user typed it: "-" is stdin, pipes are read */
	const struct intake_remote *remote; /* NULL: path is a file; else its name for messages */
};

struct intake_end {
	enum {
		INTAKE_UNREADABLE,
		INTAKE_UNCHANGED,
		INTAKE_PASSED,
		INTAKE_READ,
		INTAKE_BROKEN,
		INTAKE_ARCHIVE,
		INTAKE_STOPPED
	} how;
	/* INTAKE_ARCHIVE: all its entries were handed on, each with marks. */
	/* INTAKE_BROKEN: reading failed on the way, or the file changed meanwhile. What was handed
	 * on is sound and is the beginning of what content names, so the next run goes on behind
	 * it; the source must not count as done. */
	/* INTAKE_PASSED: met on a walk, and no log at all (a licence, a script): counts for
	 * nothing. */
	struct err err; /* INTAKE_UNREADABLE, INTAKE_BROKEN: why; INTAKE_PASSED: what it is */
	bool fatal;     /* INTAKE_UNREADABLE: so would be all others */
	bool has_content;
	struct hash128 content;
	bool settled; /* file holds what the folder said of a file of this content: see
	                 file_identity_settled */
	struct file_identity file;
	uint64_t size; /* bytes on disk */
	const char *format;
	char path[READER_PATH]; /* as reader_path */
	const char *remark;     /* as reader_remark */
	struct err damage;      /* set if the source's rest could not be read, or it does not end */
};

/* Where batches go. Functions return false to stop the source. */
struct intake_sink {
	void *data;
	/* The source is read and its first batch is full. content: NULL if not known yet. resume:
	 * an earlier run was stopped in it, what it took in is passed over. archive: it is none
	 * itself; its batches have marks. */
	bool (*begin)(void *data, const struct hash128 *content, bool resume, bool archive);
	/* An empty batch; the intake owns it until it hands it over. */
	struct batch *(*fresh)(void *data);
	bool (*full)(void *data, struct batch *b);
	/* Bytes of the source read since the last call. */
	void (*progress)(void *data, uint64_t bytes);
};

struct intake;

struct intake_options {
	const struct mapping *mapping;
	struct store *store; /* asked, from any thread, what is known; NULL: nothing is */
	struct store_window window;
	const atomic_bool *stop; /* becomes true when the run is to end */
	bool rehash;             /* files are opened though their folder says that they are known */
};

/* options is borrowed until intake_free. One source at a time, any number after another. */
struct intake *intake_new(const struct intake_options *options);
void intake_free(struct intake *in);
void intake_read(struct intake *in, const struct intake_source *source,
                 const struct intake_sink *sink, struct intake_end *end);

#endif
