/* store.h - store: one SQLite database with what was recorded; the only layer that knows SQLite.
 * Four levels: events; the distinct calls, contexts and sessions they point to; and access, derived
 * from the calls. Evidence is only ever added. Access is derived inside the store when a function
 * here first answers by it, for the principals that are asked about, and again when the mapping
 * changes: on disk where the file may be written and no other process writes it, else in memory for
 * as long as the store is open. iamreplay-db(5) describes the tables and views.
 *
 * A store is used by one thread at a time. Every function that returns enum status answers
 * STATUS_OK, or STATUS_STOP with err set (database missing, not ours, newer, damaged, locked,
 * read-only, disk full). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "base/hash.h"
#include "bytes/file-identity.h"
#include "normalise/normalise.h"

#include <stdatomic.h>

struct store;

enum store_mode {
	STORE_READ,  /* must exist; works in read-only folders and on read-only files */
	STORE_TAKE,  /* the same, to be taken into another: what was recorded is read, the file is
	                not  changed, an older schema is migrated in a temporary copy */
	STORE_WRITE, /* created (0600) where it does not exist */
};

struct store_options {
	enum store_mode mode;
	const struct mapping *mapping; /* what access is derived with; borrowed until store_close */
};

/* Once at the program's start, before a store is opened: SQLite counts no memory, which takes
 * a lock for each piece of it. Without it all is slower. */
void store_start(void);

/* Opens path, or ":memory:" (STORE_WRITE). Migrates an older schema and forgets the access that
 * another mapping derived. */
enum status store_open(const char *path, const struct store_options *options, struct store **out,
                       struct err *err);
/* Whether what the calls need is derived anew, because another mapping had derived it before the
 * store was opened. */
bool store_derived_anew(const struct store *st);
/* Commits what is pending, leaves the file readable in a read-only folder, frees st whatever it
 * returns. NULL is fine. Changes that were not committed because of an error are rolled back. */
enum status store_close(struct store *st, struct err *err);

/* ---- writing */

struct store_window { /* seconds since 1970 UTC, since <= t < until */
	int64_t since, until;
};
#define STORE_WINDOW_ALL ((struct store_window){INT64_MIN, INT64_MAX})

/* What happened to the records of one source, or of several. */
struct store_counts {
	uint64_t records; /* = stored + duplicates + ignored + skipped */
	uint64_t stored;
	uint64_t duplicates; /* the same event was there already */
	/* Of duplicates: copies of an event with other content, one of which counts (the one that
	 * says more). Of stored: events of another operation or principal with the eventID of
	 * another one of the same stream and second; both count. */
	uint64_t conflicts;
	uint64_t ignored, skipped;
	/* Of skipped: records of days that are held as counts, and reduced rows of days that are
	 * held as events; store_source_refused names the days. */
	uint64_t reduced_day, raw_day;
};

enum source_state {
	SOURCE_NEW,
	SOURCE_PARTIAL, /* an earlier run was stopped in it */
	SOURCE_DONE,    /* read to its end, with a window that covers this one */
};

/* Whether a source need be read. Answers from what was there when the store was opened: any thread
 * may ask, at any time until store_close. SOURCE_PARTIAL: the first *resume records are known and
 * must be passed over without being put again. */
enum source_state store_source_lookup(const struct store *st, const struct hash128 *content,
                                      const struct store_window *window, uint64_t *resume);

/* Whether a file was read to its end or known by its content, when its folder said the same of it
 * as now; then *content is its hash. As store_source_lookup, any thread may ask. */
bool store_file_lookup(const struct store *st, const struct file_identity *file,
                       struct hash128 *content);
/* Notes that a file has this content; it was settled when it was opened. */
enum status store_file_note(struct store *st, const struct file_identity *file,
                            const struct hash128 *content, struct err *err);

/* One source being read: a file, an object, stdin. One at a time. */
struct store_source;

struct store_source_info {
	struct span name;              /* as the user named it */
	const struct hash128 *content; /* of its bytes; NULL if known only at its end (stdin) */
	struct store_window window;    /* what was asked for */
	bool resume; /* store_source_lookup said SOURCE_PARTIAL and what is known will be passed
	                over */
};

/* *out is freed by store_source_finish, store_source_leave or store_close. */
enum status store_source_begin(struct store *st, const struct store_source_info *info,
                               struct store_source **out, struct err *err);

/* Records that gave no fact. */
struct store_reason {
	bool skipped; /* else ignored */
	const char
	        *word; /* the kind that was ignored ("digest") or why it was skipped ("bad-json") */
	uint64_t n;
	uint64_t record;    /* ordinal of the first of them, 0 if unknown */
	const char *sample; /* skipped: what was wrong with the first, one line, or NULL */
};

struct store_batch {
	const struct fact *facts; /* n_facts of them, in the source's order */
	size_t n_facts;
	const struct store_reason *reasons; /* what was ignored and skipped since the last batch */
	size_t n_reasons;
	uint64_t reached; /* ordinal of the last record that facts and reasons cover, from 1, rising
	                   */
	const uint64_t *ordinals; /* of the facts' records, for evidence; NULL if unknown */
};

/* Adds a batch. All of it is borrowed for the call. Commits by itself every STORE_BATCH records.
 * *counts (may be NULL) is what became of this batch. On failure nothing is kept of what was put since
 * the last commit, and st is only to be closed. */
enum status store_put(struct store *st, struct store_source *src, const struct store_batch *batch,
                      struct store_counts *counts, struct err *err);
/* The source's end was reached. Frees src. */
struct store_source_end {
	const struct hash128 *content; /* NULL: as at the beginning */
	uint64_t size;                 /* bytes */
	const char *format;            /* "records", "cloudwatch-export"... or NULL */
	const char *damage;            /* why its rest could not be read, one line, or NULL */
};
enum status store_source_finish(struct store *st, struct store_source *src,
                                const struct store_source_end *end, struct store_counts *counts,
                                struct err *err);
/* A day of which records of a source were refused, since it is held in the other way already. */
struct store_refused {
	struct span account, region; /* SPAN_NONE: further days, which are not told one by one */
	int64_t day;                 /* UTC, seconds since 1970 / 86400 */
	bool events; /* it is held as events, and reduced rows were refused; else it is held as
	                counts */
	uint64_t records;
	/* store's own */
	uint64_t first,
	        told; /* ordinal of the first of them; how many are in the source's reasons */
};
/* The days of which records of this source were refused so far, in the order in which they were
 * met; n of them. Borrowed until the source is finished or left. */
const struct store_refused *store_source_refused(const struct store_source *src, size_t *n);

/* The source was given up (interrupt): what was put stays, the next run goes on from there. Frees
 * src. */
void store_source_leave(struct store *st, struct store_source *src);
/* Makes all that was put durable, and joins what belongs together (access keys to principals,
 * owners' twins, captured calls to CloudTrail's). store_close does it too. */
enum status store_flush(struct store *st, struct err *err);
/* Replaces the events of CloudTrail's days before this one (seconds since 1970 / 86400), of all
 * streams, by their counts per call and context, and closes these days and those made of reduced
 * rows: nothing more is taken in for them. *days is how many had events. Copies of events can't be
 * told any more, so that everything of a day should be there before. What was committed when stop
 * becomes true (or when it fails) stays: each day goes whole. Gives the space back. */
enum status store_close_days(struct store *st, int64_t before, const atomic_bool *stop,
                             uint64_t *days, struct err *err);
/* Nothing is kept of what was put since the last commit; st is only to be closed. */
void store_abandon(struct store *st);
/* The user says whose key this is; principal: an ARN. */
enum status store_assign_key(struct store *st, struct span access_key, struct span principal,
                             struct err *err);

#define STORE_BATCH 50000

/* ---- whole databases */

struct store_merged {
	uint64_t sources;
	uint64_t sources_known; /* of them: were read into both */
	uint64_t events;        /* that were not there */
	uint64_t duplicates;    /* that were there already */
	uint64_t conflicts;     /* as store_counts, beyond those that either has counted */
	/* Days of streams of which only counts are held that were not there, and how many events
	 * these count. Reduced rows of such days are among events, too. */
	uint64_t days, counted;
};
/* Takes from (STORE_TAKE) into st (STORE_WRITE): its content is then that of one ingest of the
 * sources of both. Any number of them may be taken in, one after another; store_merge_finish makes
 * all of it durable at once. Adds to *counts. STATUS_STOP: nothing of any of them is kept, and st
 * is only to be closed. */
enum status store_merge(struct store *st, struct store *from, struct store_merged *counts,
                        struct err *err);
enum status store_merge_finish(struct store *st, struct err *err);

/* What is to be taken away: of these principals (ids; n_principals of them), or, where there are
 * none, all that was recorded before a day (seconds since 1970 UTC / 86400). */
struct store_prune {
	const int64_t *principals;
	size_t n_principals;
	int64_t day;
};
/* Takes it away, all of it at once. *events is how many events went. STATUS_STOP: nothing did, and
 * st is only to be closed. */
enum status store_prune(struct store *st, const struct store_prune *what, uint64_t *events,
                        struct err *err);
/* Makes the file as small as what is in it. STATUS_STOP: it is as it was. */
enum status store_shrink(struct store *st, struct err *err);
/* Before which time (seconds since 1970 UTC) events were pruned, INT64_MIN if none were: what is
 * older is to be read only if it is asked for, which is to be noted. */
enum status store_pruned_before(struct store *st, int64_t *time, struct err *err);
enum status store_set_pruned_before(struct store *st, int64_t time, struct err *err);

/* ---- principals */

struct principal_row {
	int64_t id;
	struct principal principal; /* a permission set's roles each have their own row */
	uint64_t events;            /* all kinds */
	uint64_t calls;             /* API calls among them */
	uint64_t denied;
	int64_t first, last;
};

/* Callbacks return true to go on. Spans live until they return. */
typedef bool (*store_principal_fn)(void *data, const struct principal_row *row);

/* Sorted by ARN. account: 12 digits, or SPAN_NONE for all. */
enum status store_each_principal(struct store *st, struct span account, store_principal_fn each,
                                 void *data, struct err *err);
/* Those that name means: an ARN, role/NAME (any path), user/NAME, root, permission-set/NAME, an
 * access key id, access-key/ID, any other canonical name, or a glob over ARNs and these forms.
 * Sorted by ARN; none is no error. */
enum status store_find_principals(struct store *st, struct span name, struct span account,
                                  store_principal_fn each, void *data, struct err *err);

/* ---- what they did */

/* Questions that take single events (a window that begins or ends inside of a day, names of
 * sessions) have no answer on days of which only counts are held, and fail with STATUS_STOP and
 * this reason; the text names the days. */
extern const char store_only_counts[];

/* Which events count. All zero but the window, which must be set: everything. */
struct store_filter {
	const int64_t *principals; /* ids; n 0: all */
	size_t n_principals;
	struct store_window window;
	const struct span *accounts; /* recipient accounts; n 0: all */
	size_t n_accounts;
	/* Globs, case ignored; an event or access that fits one is left out. */
	const struct span *exclude_actions; /* "s3:Get*" */
	size_t n_exclude_actions;
	const struct span
	        *exclude_services; /* IAM prefix "s3" or event source "s3.amazonaws.com" */
	size_t n_exclude_services;
	const struct span *exclude_agents; /* agent family */
	size_t n_exclude_agents;
	const struct span *exclude_sessions; /* role session name */
	size_t n_exclude_sessions;
	/* The same; where any is given, an event or access counts only if it fits one. The service
	 * of iam:PassRole is also what the role is passed to. */
	const struct span *actions, *services, *agents, *sessions;
	size_t n_actions, n_services, n_agents, n_sessions;
	unsigned outcomes; /* bits 1u << enum outcome; 0: all */
	unsigned phases;   /* of failed calls: bits 1u << enum error_phase; 0: all */
	/* store_each_call only: what is known of the session tags of each call's events is wanted
	 * too, as context.session_tags (normalise/session-tags.h). Without keys: those that all its
	 * sessions have in common. With keys, in lower case: these alone, and a call in one context
	 * is answered once for each combination of their values. SPAN_NONE: nothing is known, of
	 * any of its sessions if all count. */
	bool tags;
	const struct span *tag_keys;
	size_t n_tag_keys;
};

/* Derives at once what the calls of n principals (ids) need and is not derived yet: quicker than one by
 * one, for who is about to ask of each. */
enum status store_derive(struct store *st, const int64_t *principals, size_t n, struct err *err);

/* Each distinct (principal, access, outcome, denial, via) of API calls, in that order;
 * NEED_DEPENDENT rows included. access_use.events counts events, .call is a call to ask evidence
 * of. */
typedef bool (*store_access_fn)(void *data, const struct access_use *use);
enum status store_each_access(struct store *st, const struct store_filter *filter,
                              store_access_fn each, void *data, struct err *err);

/* Each distinct resource of those that begins with head, each once, in any order. Many times faster,
 * where nothing else is asked; and without looking at everybody's calls where store_finds_by_head,
 * or by an index, unless the filter has conditions other than outcomes and phases. The filter has no
 * principals. */
typedef bool (*store_resource_fn)(void *data, struct span resource);
enum status store_each_resource(struct store *st, const struct store_filter *filter,
                                struct span head, store_resource_fn each, void *data,
                                struct err *err);
/* Whether resources that begin so are found under whatever conditions without gathering all that
 * there is: not those of IAM and STS. */
bool store_finds_by_head(const struct store *st, struct span head);
bool store_has_conditions(const struct store_filter *filter);
/* Of all that a filter says but which outcomes and phases count: two that let through the same for
 * whatever outcomes have one hash. */
struct hash128 store_filter_hash(const struct store_filter *filter);
/* Each distinct (action, type, resource, origin, need) of those accesses whose resource begins with
 * head, by an index: of everybody's, under no conditions but outcomes and phases. Nothing else of
 * the row is told. */
enum status store_each_named(struct store *st, const struct store_filter *filter, struct span head,
                             store_access_fn each, void *data, struct err *err);

struct call_use {   /* a call in one context */
	int64_t id; /* of the call */
	struct call call;
	struct context context;
	enum mapping_status mapped;
	bool folded; /* stands for many: names past STORE_FOLD_CALLS were folded */
	uint64_t folded_calls; /* at least so many distinct ones */
	enum tristate read_only, management;
	uint64_t events;
	int64_t first, last;
	struct span owner_account; /* as for resolve_env, or SPAN_NONE */
};
/* Each call x context, ordered by principal, source, name, content. API calls only. */
typedef bool (*store_call_fn)(void *data, const struct call_use *use);
enum status store_each_call(struct store *st, const struct store_filter *filter, store_call_fn each,
                            void *data, struct err *err);
/* What resolve_call was given when call id was derived: fills *env (functions answer from the
 * store). */
void store_resolve_env(struct store *st, const struct call_use *use, struct resolve_env *env);

/* Past so many distinct calls of one principal, operation and bucket (or log group), object keys
 * (log stream names) are folded to their first two segments, then one, then none. Past as many of one
 * principal and operation that name neither, names are folded by call/shape.h: ids, then numbers, then all
 * behind the first word. Many times what a policy lists. */
#define STORE_FOLD_CALLS 1000

struct evidence {
	int64_t call;
	int64_t time;
	struct span event_id; /* of the call's earliest event */
	struct span source;   /* the file it was first seen in: least name of those that hold it is
	                         not known */
	uint64_t ordinal;     /* of the record in it */
	struct span region;
};
/* The sample of a call: its smallest (time, id). STATUS_END if there is none. Spans live in arena.
 */
enum status store_evidence(struct store *st, int64_t call, struct arena *arena,
                           struct evidence *out, struct err *err);

/* Days (UTC, seconds since 1970 / 86400) with events of this filter, rising, with the number of
 * events and of accesses (action, resource) that were new on it. */
typedef bool (*store_day_fn)(void *data, int64_t day, uint64_t events, uint64_t new_access);
enum status store_each_day(struct store *st, const struct store_filter *filter, store_day_fn each,
                           void *data, struct err *err);

/* A day of a stream of which only counts are held. */
struct reduced_day {
	struct span account, region;
	int64_t day;
	bool closed;
};
typedef bool (*store_reduced_day_fn)(void *data, const struct reduced_day *d);
/* Those of the filter's window with events of its principals (its other conditions do not matter),
 * by day, account, region. */
enum status store_each_reduced_day(struct store *st, const struct store_filter *filter,
                                   store_reduced_day_fn each, void *data, struct err *err);

/* The days of the log in a window, rising, with their events; new_access is 0. days_only: of a
 * first or last day that the window has a part of, events may be 1 for any number of them. */
enum status store_each_log_day(struct store *st, const struct store_window *window, bool days_only,
                               store_day_fn each, void *data, struct err *err);
/* On closing, removes the file again if no event is in it and no other process has it open: for one
 * that this run made, and found nothing to put into. */
void store_discard_if_empty(struct store *st);
/* Times of the first and the last event; since INT64_MAX and until INT64_MIN if there are none. */
enum status store_log_window(struct store *st, struct store_window *out, struct err *err);

/* Each call's days (UTC, seconds since 1970 / 86400) with its events of this filter, by call, day.
 */
typedef bool (*store_call_day_fn)(void *data, int64_t call, int64_t day, uint64_t events);
enum status store_each_call_day(struct store *st, const struct store_filter *filter,
                                store_call_day_fn each, void *data, struct err *err);

struct event_name_row {           /* what the mapping has no answer for, or one service's share */
	struct span source, name; /* name SPAN_NONE in store_each_service */
	struct span principal;    /* SPAN_NONE in store_each_service */
	uint64_t events, data_events, management_events;
	bool captured; /* a capture saw the service, whose calls of all kinds it tells alike */
	int64_t first, last;
};
typedef bool (*store_name_fn)(void *data, const struct event_name_row *row);
/* API calls that MAPPED_UNKNOWN was the answer for, by principal, source, name. */
enum status store_each_unknown(struct store *st, const struct store_filter *filter,
                               store_name_fn each, void *data, struct err *err);
/* By event source: whether this log records the service's data events at all. */
enum status store_each_service(struct store *st, const struct store_filter *filter,
                               store_name_fn each, void *data, struct err *err);

/* ---- reports */

/* A report: sql/report/NAME.sql. Spans are constants. */
struct store_report {
	struct span name;
	struct span summary; /* one line */
	struct span inputs;  /* "since, until, principal", or SPAN_NONE */
};
/* The i-th by name; false if there are not so many. */
bool store_report_at(size_t i, struct store_report *out);

enum cell_kind { CELL_NULL, CELL_NUMBER, CELL_REAL, CELL_TEXT, CELL_JSON };
struct cell {
	enum cell_kind kind;
	int64_t number;
	double real;
	struct span text; /* until the callback returns */
};
struct store_row_fn {
	void *data;
	/* Called once, before the rows. */
	bool (*head)(void *data, const char *const *names, size_t n);
	bool (*row)(void *data, const struct cell *cells, size_t n);
};
struct store_param {
	const char *name, *value;
};
/* STATUS_SKIP if there is no such report or parameter (err says which). */
enum status store_report(struct store *st, const char *name, const struct store_param *params,
                         size_t n_params, const struct store_row_fn *fn, struct err *err);

#endif
