/* database.h - app: the database and the mapping that a command works with, by its --db and
 * --mappings. */
#ifndef APP_DATABASE_H
#define APP_DATABASE_H

#include "store/store.h"

/* What a user names; NULL where not. */
struct database_request {
	const char *db, *mappings;
};

struct database {
	struct store *store;
	const struct mapping *mapping;
	struct mapping *own_mapping; /* internal: to be freed */
};

/* --db, else $IAMREPLAY_DB, else iamreplay.db; borrowed. */
const char *database_path(const char *db);
/* STATUS_OK: database_close is to be called. STATUS_STOP: err tells, nothing is to be closed. */
enum status database_open(struct database *d, const struct database_request *q,
                          enum store_mode mode, struct err *err);
enum status database_close(struct database *d, struct err *err);

#endif
