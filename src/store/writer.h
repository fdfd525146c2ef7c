/* writer.h - store, internal: the state of a store that is being written. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "base/memo.h"
#include "call/arn.h"
#include "store/bloom.h"
#include "store/db.h"
#include "store/dictionary.h"

struct day_count {
	int64_t call, context, day; /* call 0: empty */
	int64_t events, first, last;
	bool uneven; /* not of counted events alone: one was taken away, or a time was only seen */
};

/* Counts per call, context and day of the transaction, written in one go. */
struct days {
	struct day_count *slot;
	size_t n;
};

void days_init(struct days *d);
void days_release(struct days *d);
/* events: 1, -1 for one that was counted, 0 for one that is only seen: first and last tell of it.
 */
enum status days_add(struct store *st, int64_t call, int64_t context, int64_t time, int events,
                     struct err *err);
/* The same of many events of one day, from first to last. */
enum status days_add_many(struct store *st, int64_t call, int64_t context, uint64_t events,
                          int64_t first, int64_t last, struct err *err);
enum status days_flush(struct store *st, struct err *err);

/* Days of which records of one source were refused that are told one by one. A source that spans
 * more is an archive of years. */
enum { LIMIT_REFUSED = 64 };

struct store_source {
	int64_t id;
	struct store_refused refused[LIMIT_REFUSED + 1]; /* the last: all further days */
	int64_t refused_stream[LIMIT_REFUSED];
	size_t n_refused;
	struct arena names; /* their accounts and regions */
};

/* How a day of a stream is held. */
enum day_state {
	DAY_EVENTS, /* as events, or there is nothing of it */
	DAY_COUNTS, /* as counts, and more reduced rows may come */
	DAY_CLOSED, /* as counts */
};

enum { DAY_STATES = 64 };

struct day_states { /* those asked for lately */
	bool any;   /* some day is held as counts */
	struct {
		int64_t stream, day; /* stream 0: empty */
		enum day_state state;
	} slot[DAY_STATES];
};

/* A row of event. */
struct new_event {
	int64_t stream, time, call, context, session, request;
	struct hash128 id;
};

struct writer {
	bool in_transaction;
	bool abandoned;   /* nothing more is written: what was put is rolled back */
	uint64_t pending; /* records since it began */
	struct cache calls, contexts, sessions, principals, streams;
	struct memo *names; /* hashes of principals' names */
	struct groups *groups;
	struct days days;
	struct day_states states;
	bool has_captured;           /* the database holds captured calls */
	bool has_partial;            /* and events of records that do not tell all */
	struct store_source *source; /* the one being read, or NULL */

	struct {
		struct new_event *events; /* PUT_ROWS of them at most, which are not stored yet */
		size_t n_events;
		bool busy;                    /* they are being inserted */
		const struct day_count *days; /* that are being added */
		size_t n_days;
		bool alone; /* of the event put last: no other of its eventID may be there */
	} put;

	/* What need not be asked of the database, as long as no other program writes to it. */
	bool checked;              /* in this transaction */
	bool known;                /* the following were filled, other than of calls */
	bool calls_known;          /* and of calls */
	bool unindexed;            /* the indices of calls are still to be made */
	int64_t version;           /* of the data, as SQLite counts others' changes */
	struct bloom hashes;       /* of all calls */
	struct dictionary numbers; /* their rows, as long as all_numbers */
	bool all_numbers;
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
};

/* All that follows inside a transaction. */

/* rows.c: the row that a fact's part or a value has, inserted if it is new. */
enum status row_stream(struct store *st, const struct fact *f, int64_t *id, struct err *err);
enum status row_context(struct store *st, const struct fact *f, int64_t *id, struct err *err);
enum status row_session(struct store *st, const struct fact *f, int64_t *id, struct err *err);
enum status row_principal(struct store *st, const struct principal *p, int64_t *id,
                          struct err *err);
/* The same of an ARN; one that names no principal is passed over. */
enum status row_principal_of(struct store *st, struct span arn, struct err *err);
/* What a name of IAM stands for, as the table has it. told: when a record told it. */
struct iam_name {
	struct span account, type, name, arn;
	int64_t told;
};
/* In place of a time: what calls tell by the names in them, and what is kept for good. */
#define TOLD_BY_CALLS INT64_MIN
#define TOLD_FOR_GOOD INT64_MAX
enum status row_iam_name_of(struct store *st, const struct iam_name *name, struct err *err);
/* Which role an instance profile holds; nothing where a text is empty. */
enum status row_profile_role(struct store *st, struct span account, struct span profile,
                             struct span role, int64_t told, struct err *err);
/* Remembers an IAM ARN with a path; others are passed over. */
enum status row_iam_name(struct store *st, struct span arn, int64_t told, struct err *err);
/* The same of all that a call names. */
enum status row_iam_names_in(struct store *st, const struct call *c, struct err *err);
/* What a call told of a resource, for later calls that do not. */
enum status row_known(struct store *st, struct span account, const struct known_fact *known,
                      int64_t told, struct err *err);
/* A call that has no row yet. */
enum status row_new_call(struct store *st, const struct call *c, const struct hash128 *hash,
                         const struct call_marks *marks, int64_t *id, struct err *err);
/* Makes the indices of calls, if they were left out, before something is to be looked up by them.
 */
enum status row_index_calls(struct store *st, struct err *err);
/* The entry of a call's row, or of what stands for it; *out NULL if there is none. Valid until the
 * next call is looked up. */
enum status row_find_call(struct store *st, const struct hash128 *hash, struct cache_entry **out,
                          struct err *err);
/* The entry of a call that was just inserted with this sample. */
struct cache_entry *row_remember_call(struct store *st, const struct hash128 *hash, int64_t id,
                                      const struct sample *sample);

/* fold.c: the entry of a call, or of the one that stands for it, inserted if it is new. */
enum status fold_any_call(struct store *st, const struct call *c, const struct hash128 *hash,
                          const struct call_marks *marks, struct cache_entry **out,
                          struct err *err);
/* The group that names of such calls are folded in; false if there is none. */
bool fold_group_of(const struct call *c, struct hash128 *hash);
/* Folds the names of the group of c at least as far as level says. */
enum status fold_at_most(struct store *st, const struct call *c, int level, struct err *err);
/* The same as fold_any_call of a call whose names were folded to this level before it came here, so
 * that its group is folded as far at least. */
enum status fold_cut_call(struct store *st, const struct call *c, int level,
                          const struct call_marks *marks, struct cache_entry **out,
                          struct err *err);
struct groups *groups_new(void);
void groups_free(struct groups *g);
/* Before each commit. */
enum status groups_flush(struct store *st, struct err *err);

/* write.c: fills what need not be asked of the database, before calls are looked up. */
enum status writer_know(struct store *st, struct err *err);

/* copies.c: a record of which the event is there already. */
enum copy_kind {
	COPY_EQUAL,    /* equal content */
	COPY_LESS,     /* it only lacks what a copy that is there has */
	COPY_MORE,     /* the copy that counted only lacks what this one has, which counts now */
	COPY_CONFLICT, /* other content; the copy that counted says more */
	COPY_CONFLICT_COUNTS, /* other content; this one counts now */
};
/* *counted: this copy counts, and the event was not taken out of the counts by a join. */
enum status copy_put(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                     int64_t context, int64_t session, enum copy_kind *kind, bool *counted,
                     struct err *err);

/* slices.c: forgets what is remembered of days; asks whether any is held as counts. */
enum status slices_begin(struct store *st, struct err *err);
/* Whether the record may go to its day; if not it is remembered with src and counted as skipped.
 * f->observer is CloudTrail. */
enum status slices_admit(struct store *st, struct store_source *src, const struct fact *f,
                         int64_t stream, uint64_t ordinal, bool *admitted, struct store_counts *n,
                         struct err *err);
/* Takes in a reduced row (f->count) that was admitted. *fresh: it was not there. Its call and
 * context are added by slices_count. */
enum status slices_row(struct store *st, const struct fact *f, int64_t stream, bool *fresh,
                       struct err *err);
enum status slices_count(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                         int64_t context, struct err *err);
/* How a day of a stream is held; whether it has events; an account that owns the resource of a
 * call, which is kept if it is the least. */
enum status slices_state(struct store *st, int64_t stream, int64_t day, enum day_state *out,
                         struct err *err);
enum status slices_has_events(struct store *st, int64_t stream, int64_t day, bool *out,
                              struct err *err);
enum status slices_owner(struct store *st, int64_t call, struct span owner, struct err *err);
/* Adds what was refused since the last call to the source's reasons. */
enum status slices_tell(struct store *st, struct store_source *src, struct err *err);

/* write.c: an event of which all rows are there. */
enum event_fate {
	EVENT_STORED,   /* event_new is to count it */
	EVENT_REPLACES, /* the same, in place of events of records that told less */
	EVENT_LESS,     /* a record of it that tells more is there */
	EVENT_COPY,     /* it is there; event_copy is to settle which copy counts */
};
enum status event_put(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                      int64_t context, int64_t session, enum event_fate *fate, struct err *err);
enum status event_new(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                      int64_t context, struct err *err);
enum status event_copy(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                       int64_t context, int64_t session, enum copy_kind *kind, struct err *err);
/* Adds to n->conflicts if another event of its stream and second has its eventID. */
enum status event_conflict(struct store *st, const struct fact *f, int64_t stream,
                           struct store_counts *n, struct err *err);
/* The event is evidence of a call, if it is smaller than the one that is, by time, id and name. */
enum status sample_least(struct store *st, const struct sample *sample, struct cache_entry *call,
                         struct err *err);
/* One side of a call across accounts, f->shared; counted: as the table's column. */
enum status shared_keep(struct store *st, const struct fact *f, int64_t call, int64_t context,
                        bool counted, struct err *err);

/* captured.c: whether there are captured calls; a stored event of a request id; all joins. */
enum status captured_begin(struct store *st, struct err *err);
enum status captured_add(struct store *st, const struct fact *f, int64_t stream, int64_t call,
                         int64_t context, struct err *err);

/* partial.c: whether there are events of records that do not tell all; whether there is a record
 * that tells more than a fact does; takes the events away that tell less; notes that a fact's
 * event, which was stored, is one. */
enum status partial_begin(struct store *st, struct err *err);
enum status partial_has_better(struct store *st, const struct fact *f, bool *better,
                               struct err *err);
enum status partial_replace(struct store *st, const struct fact *f, bool *replaced,
                            struct err *err);
enum status partial_add(struct store *st, const struct fact *f, int64_t stream, struct err *err);

#endif
