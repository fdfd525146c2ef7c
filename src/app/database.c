/* database.c - app: see database.h. */
#include "config.h"

#include "app/database.h"

#include "mapping/compile/compile.h"
#include <stdlib.h>

static const char *or_environment(const char *value, const char *name)
{
	if (value)
		return value;
	value = getenv(name);
	return value && *value ? value : NULL;
}

const char *database_path(const char *db)
{
	db = or_environment(db, "IAMREPLAY_DB");
	return db ? db : "iamreplay.db";
}

enum status database_open(struct database *d, const struct database_request *q,
                          enum store_mode mode, struct err *err)
{
	enum status status = STATUS_OK;
	*d = (struct database){.mapping = NULL};
	const char *mappings = or_environment(q->mappings, "IAMREPLAY_MAPPINGS");
	if (mappings)
		status = mapping_read(mappings, &d->own_mapping, err);
	if (status != STATUS_OK)
		return status;
	d->mapping = d->own_mapping ? d->own_mapping : mapping_builtin();
	struct store_options options = {mode, d->mapping};
	status = store_open(database_path(q->db), &options, &d->store, err);
	if (status != STATUS_OK)
		mapping_free(d->own_mapping);
	return status;
}

enum status database_close(struct database *d, struct err *err)
{
	enum status status = store_close(d->store, err);
	mapping_free(d->own_mapping);
	*d = (struct database){.mapping = NULL};
	return status;
}
