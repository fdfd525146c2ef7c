/* ingest.c - app: see ingest.h. */
#include "config.h"

#include "app/ingest.h"

#include "app/ingest-sandbox.h"
#include "base/when.h"
#include "bytes/walk.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Days of which something could not be read stay open, unless the user insists: the file may be
 * sound another time. */
static enum status close_days(const struct ingest_request *q, const atomic_bool *stop,
                              struct store *store, struct pipeline_totals *totals, struct err *err)
{
	if (q->close_before == CLOSE_NONE || (stop && atomic_load(stop)))
		return STATUS_OK;
	totals->not_closed = totals->failed && !q->close_anyway;
	if (totals->not_closed)
		return STATUS_OK;
	return store_close_days(store, q->close_before, stop, &totals->closed_days, err);
}

/* Whether the files may be read. */
static bool check_digests(const struct ingest_request *q, const atomic_bool *stop)
{
	if (!q->digests)
		return true;
	struct digest_check check = *q->digests;
	check.names = q->names;
	check.n_names = q->n_names;
	check.stop = stop;
	digest_check_run(&check, q->digest_totals);
	return q->digest_totals->findings == 0;
}

/* Whether something went wrong and nothing was taken in. */
static bool in_vain(const struct pipeline_totals *t)
{
	return t->stored == 0 && t->duplicates == 0 &&
	       (t->failed || t->read == 0 || tally_sum(&t->skipped));
}

/* What was pruned is read again only if it is asked for, from then on too. */
static enum status set_window(const struct ingest_request *q, struct store *store,
                              struct store_window *out, struct err *err)
{
	int64_t pruned;
	*out = q->window;
	if (store_pruned_before(store, &pruned, err) != STATUS_OK)
		return STATUS_STOP;
	if (out->since >= pruned)
		return STATUS_OK;
	if (out->since != STORE_WINDOW_ALL.since)
		return store_set_pruned_before(store, out->since, err);
	out->since = pruned;
	return STATUS_OK;
}

enum status ingest_run(const struct ingest_request *q, const struct ingest_callbacks *callbacks,
                       struct pipeline_totals *totals, struct err *err)
{
	struct database db;
	struct err close_err;
	bool made = access(database_path(q->database.db), F_OK) != 0;
	if (database_open(&db, &q->database, STORE_WRITE, err) != STATUS_OK)
		return STATUS_STOP;
	struct pipeline_options options = {
	        .feed = q->feed,
	        .store = db.store,
	        .mapping = db.mapping,
	        .jobs = q->jobs,
	        .rehash = q->rehash,
	        .stop = callbacks->stop,
	        .data = callbacks->data,
	        .problem = callbacks->problem,
	        .progress = callbacks->progress,
	};
	int sandbox = 0;
	enum status status = set_window(q, db.store, &options.window, err);
	if (status == STATUS_OK && (!q->feed || q->confine))
		status = ingest_confine(q, &sandbox, err);
	bool sound = status == STATUS_OK && check_digests(q, callbacks->stop);
	if (status == STATUS_OK && sound)
		status = pipeline_run(&options, q->names, q->n_names, totals, err);
	totals->sandbox = sandbox;
	if (status == STATUS_OK && sound)
		status = close_days(q, callbacks->stop, db.store, totals, err);
	totals->no_sources = !q->feed && q->n_names == 0;
	totals->derived_anew = store_derived_anew(db.store);
	totals->tables_since = mapping_since(db.mapping);
	if (made && in_vain(totals))
		store_discard_if_empty(db.store);
	err_clear(&close_err);
	if (database_close(&db, &close_err) != STATUS_OK && status == STATUS_OK) {
		*err = close_err;
		status = STATUS_STOP;
	}
	return status;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool ingest_measure(const struct ingest_request *q, double seconds, uint64_t *files,
                    uint64_t *bytes)
{
	struct walk *w = walk_new(q->names, q->n_names);
	const char *path;
	bool named;
	struct err err;
	struct stat st;
	enum status status;
	double end = now() + seconds;
	*files = *bytes = 0;
	while ((status = walk_next(w, &path, &named, &err)) != STATUS_END) {
		if (now() > end || (status == STATUS_OK && strcmp(path, "-") == 0))
			break;
		(*files)++;
		if (status == STATUS_OK && stat(path, &st) == 0)
			*bytes += (uint64_t)st.st_size;
	}
	walk_free(w);
	return status == STATUS_END;
}
