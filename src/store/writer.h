/* writer.h - store, internal: the state of a store that is being written. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "meaning/arn.h"
#include "store/bloom.h"
#include "store/db.h"

struct day_count {
	int64_t call, context, day; /* call 0: empty */
	int64_t events, first, last;
};

/* Counts per call, context and day of the transaction, written in one go. */
struct days {
	struct day_count *slot;
	size_t n;
};

void days_init(struct days *d);
void days_release(struct days *d);
enum status days_add(struct store *st, int64_t call, int64_t context, int64_t time,
                     struct err *err);
enum status days_flush(struct store *st, struct err *err);

struct store_source {
	int64_t id;
};

struct writer {
	bool in_transaction;
	uint64_t pending; /* records since it began */
	struct cache calls, contexts, sessions, principals, streams;
	struct groups *groups;
	struct days days;
	bool has_captured;           /* the database holds captured calls */
	struct store_source *source; /* the one being read, or NULL */

	/* What need not be asked of the database, as long as no other program writes to it. */
	bool known;          /* the following were filled */
	int64_t version;     /* of the data, as SQLite counts others' changes */
	struct bloom hashes; /* of all calls */
	int64_t first, last; /* times of the events that were there */
	struct bloom events; /* stream, time and eventID of those that were added */
};

enum key_origin { KEY_ASSIGNED = 1, KEY_ISSUED = 2 };

struct sample { /* the evidence of a call: its smallest event by (time, id) */
	int64_t time;
	struct hash128 id;
	struct span event_id;
	int64_t source, ordinal;
};

struct call_marks { /* columns of a call that are no part of its identity */
	enum tristate read_only, management;
	bool owner_side, folded;
	struct sample sample;
	const struct fact *fact; /* that the call is of as it stands, or NULL */
};

/* All of these inside a transaction. */
enum status writer_principal(struct store *st, const struct principal *p, int64_t *id,
                             struct err *err);
enum status writer_call(struct store *st, const struct call *c, const struct hash128 *hash,
                        const struct call_marks *marks, int64_t *id, struct err *err);
/* *out NULL if there is none; valid until the next call is looked up. */
enum status writer_find_call(struct store *st, const struct hash128 *hash, struct cache_entry **out,
                             struct err *err);
/* A call that was just inserted with this sample. */
struct cache_entry *writer_remember(struct store *st, const struct hash128 *hash, int64_t id,
                                    const struct sample *sample);
/* The entry of a call, or of the one that stands for it, inserted if it is new. */
enum status writer_any_call(struct store *st, const struct call *c, const struct hash128 *hash,
                            const struct call_marks *marks, struct cache_entry **out,
                            struct err *err);
/* Remembers an IAM ARN with a path; others are passed over. */
enum status writer_iam_name(struct store *st, struct span arn, struct err *err);

/* fold.c: whether calls like it may be folded, and the call that stands for a new one of them. */
struct groups *groups_new(void);
void groups_free(struct groups *g);
/* Before each commit. */
enum status groups_flush(struct store *st, struct err *err);
bool fold_applies(const struct call *c);
enum status fold_call(struct store *st, const struct call *c, const struct hash128 *hash,
                      const struct call_marks *marks, struct cache_entry **out, struct err *err);

/* captured.c: whether there are captured calls; a stored event of a request id; all joins. */
enum status captured_begin(struct store *st, struct err *err);
enum status captured_add(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                         int64_t context, struct err *err);

#endif
