/* db.h - store, internal: the open database, its statements by name, and how values go in and come
 * out. Inputs are bound by name; results are read by column number. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/buf.h"
#include "base/vec.h"
#include "store/cache.h"
#include "store/sql.h"
#include "store/store.h"

#include <sqlite3.h>

/* "IAMR": what PRAGMA application_id says of our files. */
#define STORE_APPLICATION_ID 0x49414d52

/* Another ingest may hold the lock for a batch, a copy of a large database for a little longer. */
enum { DB_BUSY_MS = 15000 };

struct stmt {                 /* prepared */
	sqlite3_stmt *s;      /* NULL until it is used */
	uint32_t all, bound;  /* inputs that it has, and that were bound: bits by position */
	uint8_t at[IN_COUNT]; /* position of each input from 1, 0: it has none of that name */
	bool of_events;       /* it asks for events */
	bool altered;         /* a column of a row held what the store never writes */
};

/* Of a row of source: the database's word 'source'. */
enum { SOURCE_STATE_PARTIAL = 1, SOURCE_STATE_DONE = 2 };

struct source_known {
	struct hash128 content;
	struct store_window window;
	int state;
	uint64_t reached;
	size_t row; /* its place among all, by which those of one content are ordered */
};

struct file_known {
	struct file_identity file;
	struct hash128 content;
};

struct totals;
struct named;
struct writer;

struct store {
	sqlite3 *db;
	char *path;
	bool writable;
	bool discard; /* on closing, if it is empty */ /* the file is */
	bool derived_in_memory;                        /* access shadows the file's */
	bool derived_anew; /* on opening, since other tables had derived it */
	bool all_derived;  /* nothing was left to derive at derived_version of the data */
	int64_t derived_version;
	const struct mapping *mapping;
	struct stmt stmt[SQL_COUNT];
	struct source_known *known; /* sorted by content */
	size_t n_known;
	struct {
		VEC_OF(struct file_known); /* by device and inode */
	} files;
	bool meets_events;          /* the statement that is being prepared asks for events */
	struct totals *totals;      /* NULL until they are asked for */
	struct named *named;        /* the same */
	struct writer *writer;      /* NULL when opened for reading */
	struct store_counts counts; /* added by this handle */
	struct {                    /* temp.call_tags holds the answer to this question */
		bool gathered, all; /* all: of all principals, whoever was asked for */
		int64_t version;    /* of the data */
		struct hash128 question, principals;
	} tags;
	struct { /* temp.used holds what counts under these conditions */
		bool gathered;
		int64_t version; /* of the data */
		struct hash128 conditions;
	} used;
	struct arena arena; /* scratch of one operation */
};

/* Sets err from SQLite's error; where: the file. doing: what failed in words for users, told unless
 * the error says all. Returns STATUS_STOP. */
enum status db_fail(struct store *st, struct err *err, const char *doing);
/* The statement of that name, reset; all of its inputs must be bound. NULL with err set. Owned by
 * st. */
struct stmt *db_stmt(struct store *st, enum sql name, struct err *err);
/* Prepares another text and finds its inputs, which may stay NULL. db_finish frees it. */
enum status db_prepare(struct store *st, const char *text, struct stmt *out, struct err *err);
void db_finish(struct stmt *s);
void db_reset(struct stmt *s);
/* The number that a PRAGMA answers. */
enum status db_pragma(struct store *st, const char *pragma, int64_t *out, struct err *err);
/* Whether the file's schema is that of this version, by what the migrations make. STATUS_OK; STATUS_STOP with err that names
 * the first table, index or view that is another. */
enum status schema_check(struct store *st, int64_t version, struct err *err);
/* Whether it is known to be that of the newest version without comparing; hex: its hash. */
bool schema_is_newest(struct store *st, char hex[2 * HASH_BYTES + 1]);
/* A number that changes when another program has changed the database. */
enum status db_data_version(struct store *st, int64_t *version, struct err *err);
/* Runs all statements of a section that is a script. */
enum status db_script(struct store *st, enum sql name, struct err *err);
/* Runs "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK" or a PRAGMA. */
enum status db_exec(struct store *st, const char *what, struct err *err);
/* BEGIN IMMEDIATE; who only reads does not wait long for one that writes: what is asked can be made
 * in memory. */
enum status db_begin_briefly(struct store *st, struct err *err);
/* Ends a transaction that may have ended itself. */
void db_roll_back(struct store *st);
/* Whether what could not be written is to be held in memory. */
bool db_may_use_memory(const struct store *st, const struct err *why);
/* Statements are bound to the tables that they found: before others of the same names are made. */
void db_forget_statements(struct store *st);
/* Writes the file anew without what is free in it, beside it and then in its place: with that much
 * room on the disk, not in memory. Outside of a transaction; temporary tables go. */
enum status db_vacuum(struct store *st, struct err *err);
/* The same if much of the file is free. */
enum status db_give_back(struct store *st, struct err *err);
/* The statement must have the input. Text and hash are borrowed until db_run or the last db_row; an
 * absent span and a NULL hash are NULL. */
void bind_int(struct stmt *s, enum sql_input input, int64_t value);
void bind_text(struct stmt *s, enum sql_input input, struct span value);
void bind_hash(struct stmt *s, enum sql_input input, const struct hash128 *value);
void bind_null(struct stmt *s, enum sql_input input);
/* Steps to the end and resets. */
enum status db_run(struct store *st, struct stmt *s, struct err *err);
/* db_run of an INSERT; *id is the new row's. */
enum status db_insert(struct store *st, struct stmt *s, int64_t *id, struct err *err);
/* 1: a row is there; 0: none left; -1: err is set. The statement is reset after 0 and -1. */
int db_row(struct store *st, struct stmt *s, struct err *err);
/* A column of the row. */
int64_t column_int(struct stmt *s, int column);
/* One of an enum's numbers. Another one is taken for least, and the next db_row fails: the database
 * was altered. */
int column_enum(struct stmt *s, int column, int least, int most);
bool column_is_null(struct stmt *s, int column);
/* NULL gives SPAN_NONE. Borrowed until the next step or reset. */
struct span column_text(struct stmt *s, int column);
/* A blob of HASH_BYTES, zeros if it has another size. */
struct hash128 column_hash(struct stmt *s, int column);

enum status db_meta_get(struct store *st, const char *key, struct buf *value, struct err *err);
enum status db_meta_set(struct store *st, const char *key, struct span value, struct err *err);

/* A number under a key; 0 if there is none. */
enum status db_get_count(struct store *st, const char *key, bool *any, int64_t *n, struct err *err);
enum status db_set_count(struct store *st, const char *key, int64_t n, struct err *err);
enum status db_add_to_count(struct store *st, const char *key, int64_t n, struct err *err);

/* ---- parts of the store (see their files) */
/* db-file.c: makes an empty database (0600) where there is no file. */
enum status db_file_make(const char *path, struct err *err);
/* A file may be opened: it is there, and no other user could have put it there. */
enum status db_file_check(const char *path, bool *empty, struct err *err);
/* derive.c: whose access is wanted; all zero: everybody's */
struct derive_for {
	const int64_t *principals; /* ids of what they turned out to be; n of them */
	size_t n;
	struct span name; /* n 0: as name_means; SPAN_NONE: all */
	bool nobody;      /* only what was derived and must be again */
};
/* Before access, mapped or lookup is read: derives what the calls of these need and is not derived
 * yet. Not while a statement of st is being read. */
enum status derive_for(struct store *st, const struct derive_for *who, struct err *err);
/* The same of nobody: only what was derived and must be again. *nothing: nothing else is left to be
 * derived; else *after: everybody's calls up to this number are. */
enum status derive_stale_only(struct store *st, bool *nothing, int64_t *after, struct err *err);
/* What a call needs, without keeping it. In st->arena. */
enum status derive_resolve(struct store *st, const struct call_use *use, struct access **access,
                           size_t *n, struct err *err);
/* On opening: forgets what another mapping derived. */
enum status derive_check(struct store *st, struct err *err);
/* named.c: as store_each_resource, where store_finds_by_head */
enum status named_each(struct store *st, const struct store_filter *f, struct span head,
                       store_resource_fn each, void *data, struct err *err);
/* A question about the names behind head of which this is true. */
struct stmt *named_range(struct store *st, enum sql sql, const struct store_filter *f,
                         struct span head, struct err *err);
bool named_has_end(struct span head);
/* mapping_may_name by the store's mapping. */
bool named_may(struct store *st, struct span service, struct span source, struct span name);
/* Tables that were read are hidden by others from now on. */
void named_forget(struct store *st);
void named_free(struct store *st);
/* join.c: inside a transaction */
enum status join_all(struct store *st, struct err *err);
/* captured.c: inside a transaction, no counts pending */
enum status captured_join(struct store *st, struct err *err);
/* write.c */
struct writer *writer_new(void);
void writer_free(struct writer *w);
enum status writer_begin(struct store *st, struct err *err);
enum status writer_commit(struct store *st, struct err *err);
void writer_rollback(struct store *st);
/* filter.c: makes and empties the tables that questions are asked of; puts the conditions into
 * them, and what counts, once for questions that differ in their outcomes only */
enum status filter_begin(struct store *st, struct err *err);
enum status filter_add(struct store *st, const struct store_filter *f, struct err *err);
enum status filter_gather(struct store *st, const struct store_filter *f, struct err *err);
/* What a filter's window is made of: whole days, from and to included, of which counts tell; and at
 * most two parts of which single events must. */
struct filter_pieces {
	struct store_window part[2];
	size_t n;
	bool days;
	int64_t from, to;
};
void filter_pieces(const struct store_filter *f, struct filter_pieces *out);
/* The days that are held as counts, with events of the filter's principals, which are in the
 * tables: of times since <= t < until. What needs single events fails on them. */
struct stmt *filter_ask_reduced(struct store *st, const struct store_filter *f, int64_t since,
                                int64_t until, struct err *err);
enum status filter_need_events(struct store *st, const struct store_filter *f, int64_t since,
                               int64_t until, struct err *err);
/* A question that the sums of all days answer; NULL with err when it can't be asked. */
struct stmt *filter_ask_totals(struct store *st, enum sql sql, struct err *err);
/* tags.c: makes temp.call_tags what the filter asks of session tags; temp.filter is filled */
enum status tags_gather(struct store *st, const struct store_filter *filter, struct err *err);
/* session-use.c: makes temp.session_use how often each session was used */
enum status session_use_gather(struct store *st, struct err *err);
/* reduced.c: fails with store_only_counts if s, a question like slice-of-principals, names days;
 * what: what is not known of them. Resets s. */
enum status reduced_refuse(struct store *st, struct stmt *s, const char *what, struct err *err);
/* files.c: fills st->files */
enum status files_load(struct store *st, struct err *err);
/* functions.c: what the SQL texts call beyond SQLite's own functions */
void functions_add(struct store *st);
/* Whether a name as users type it (an ARN, role/NAME of any path, user/NAME, root,
 * permission-set/NAME, or a glob) means this principal. */
bool name_means(struct span name, struct span arn, struct arena *arena);
/* call-row.c: a row of call-get's columns, from column at */
void call_from_row(struct stmt *s, int at, struct arena *arena, struct call_use *out);

#endif
