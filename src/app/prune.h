/* prune.h - app: takes away what a database should not hold any longer. */
#ifndef APP_PRUNE_H
#define APP_PRUNE_H

#include "app/database.h"
#include "base/attributes.h"

#define PRUNE_NO_DAY INT64_MIN

struct prune_request {
	struct database_request database;
	int64_t day;           /* all before it (seconds since 1970 UTC / 86400), or PRUNE_NO_DAY */
	const char *principal; /* as store_find_principals, or NULL */
	const char *account;   /* of the principal, or NULL */
};

struct prune_result {
	uint64_t events, principals;
	uint64_t size_before, size; /* bytes of the file */
	struct err not_shrunk;      /* why the space was not given back, or clear */
};

/* STATUS_OK: it is done. STATUS_END: there is no such principal. STATUS_SKIP: principals of several
 * accounts have this name, err names one of each of two. STATUS_STOP with err: nothing was taken
 * away. */
enum status prune_database(const struct prune_request *q, struct prune_result *out,
                           struct err *err) MUST_CHECK;

#endif
