/* limits.h - base: every bound on a size or depth that comes from outside, with its reason.
 * A length is compared with its limit before it allocates, loops or recurses. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* One log record. CloudTrail caps an event at 256 KB (record contents, since 1.05); wrapped as
 * a string inside one or two envelopes each quote may double. 16 MiB leaves room for both and
 * still bounds a worker's memory. */
#define LIMIT_RECORD_BYTES ((size_t)16 << 20)

/* Nesting of one JSON text. AWS's deepest request models stay below 40 levels; jansson's own
 * default is 2,048, and the scanner keeps one bit a level. */
#define LIMIT_JSON_DEPTH 512

/* A JSON file read whole with jansson (policies, account details). The account details of a
 * large account are tens of megabytes. */
#define LIMIT_JSON_FILE ((size_t)512 << 20)

/* gzip inside gzip inside gzip: Firehose compresses what is already compressed; a third layer
 * was never observed. */
#define LIMIT_GZIP_LAYERS 3

/* Arrays and objects around records that are entered; CloudTrail has two, Logs Insights four. */
#define LIMIT_FRAMES 12

/* Texts inside texts: base64 in a Lambda event, an envelope in it, a record as a string in that, and one more. */
#define LIMIT_ENVELOPES 5

/* Events that one reduced row, or all of one call in one context on one day, may count: twelve zeros. The
 * largest trails have 10^10 a day in all; so many counts of this size stay below 2^63 in sum. */
#define LIMIT_COUNTED_EVENTS ((uint64_t)1 << 40)

/* Columns of a CSV file. CloudTrail's record has 40 members; the widest table that a tool makes of it,
 * with a column a member of userIdentity and of requests, was below 200. */
#define LIMIT_COLUMNS 512

/* Entries of one archive: a day of a large organisation's trail has about 100,000 files. */
#define LIMIT_ENTRIES 1000000

/* A 7z archive, which can't be read in a stream and is held in memory. */
#define LIMIT_7Z ((size_t)256 << 20)

/* Archives in archives: a zip of a day's tar files. */
#define LIMIT_ARCHIVES 2

/* Folders inside folders on a walk; CloudTrail's own layout has ten. */
#define LIMIT_FOLDER_DEPTH 64

/* Files, folders and links in them that ingest may read in its sandbox; links past it are told as
 * unreadable. */
#define LIMIT_SANDBOX_PATHS ((size_t)1 << 20)

/* A path that a walk builds; more than Linux's own PATH_MAX can't be opened. */
#define LIMIT_PATH ((size_t)4096)

/* Items of one array in memory. What is bounded otherwise stays far below; at two billion items of a
 * pointer's size a bug or an attack would take 16 GiB. */
#define LIMIT_ITEMS ((size_t)1 << 31)

/* One identifying parameter's value (an S3 key may have 1,024 bytes, an ARN 2,048). */
#define LIMIT_PARAM_VALUE 2048

/* Identifying parameters kept of one call; a BatchGet may name hundreds of keys. */
#define LIMIT_PARAMS ((size_t)512)

/* Entries of resources[] kept of one call. */
#define LIMIT_RESOURCES ((size_t)256)

#endif
