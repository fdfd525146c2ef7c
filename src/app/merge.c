/* merge.c - app: see merge.h. */
#include "config.h"

#include "app/merge.h"

#include "app/database.h"

#include <sys/stat.h>
#include <unistd.h>

/* Two names of one file; a file that is not there is told by the store. */
static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static enum status refuse(struct err *err, const char *path, const char *text)
{
	err_set(err, STATUS_STOP, "same-database", "%s", text);
	err_at_file(err, path);
	return STATUS_STOP;
}

static enum status check_names(const struct merge_request *q, struct err *err)
{
	for (size_t i = 0; i < q->n_from; i++) {
		if (is_same_file(q->from[i], q->into))
			return refuse(err, q->from[i],
			              "this is the database that the others are merged into");
		for (size_t k = 0; k < i; k++)
			if (is_same_file(q->from[i], q->from[k]))
				return refuse(err, q->from[i], "this database is named twice");
	}
	return STATUS_OK;
}

static enum status take(struct database *into, const char *path, struct store_merged *counts,
                        struct err *err)
{
	const struct store_options options = {STORE_TAKE, into->mapping};
	struct store *from;
	if (store_open(path, &options, &from, err) != STATUS_OK)
		return STATUS_STOP;
	enum status status = store_merge(into->store, from, counts, err);
	store_close(from, NULL);
	return status;
}

static enum status take_all(struct database *into, const struct merge_request *q,
                            struct store_merged *counts, struct err *err)
{
	for (size_t i = 0; i < q->n_from; i++)
		if (take(into, q->from[i], counts, err) != STATUS_OK) {
			store_abandon(into->store);
			return STATUS_STOP;
		}
	return store_merge_finish(into->store, err);
}

enum status merge_databases(const struct merge_request *q, struct store_merged *counts,
                            struct err *err)
{
	const struct database_request request = {q->into, NULL};
	struct database into;
	struct err close_err;
	*counts = (struct store_merged){0};
	err_clear(&close_err);
	if (check_names(q, err) != STATUS_OK)
		return STATUS_STOP;
	bool made = access(q->into, F_OK) != 0;
	if (database_open(&into, &request, STORE_WRITE, err) != STATUS_OK)
		return STATUS_STOP;
	enum status status = take_all(&into, q, counts, err);
	if (database_close(&into, &close_err) != STATUS_OK && status == STATUS_OK) {
		*err = close_err;
		status = STATUS_STOP;
	}
	if (status != STATUS_OK && made)
		unlink(q->into);
	return status;
}
