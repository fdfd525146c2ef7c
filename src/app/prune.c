/* prune.c - app: see prune.h. */
#include "config.h"

#include "app/prune.h"

#include "app/subjects.h"
#include "base/vec.h"

#include <sys/stat.h>

struct chosen {
	VEC_OF(int64_t);
	struct arena arena;
	struct span first, second; /* the first two ARNs */
};

static bool choose(void *data, const struct principal_row *row)
{
	struct chosen *c = data;
	*(int64_t *)vec_add(c) = row->id;
	if (c->n <= 2)
		*(c->n == 1 ? &c->first : &c->second) = arena_span(&c->arena, row->principal.arn);
	return true;
}

static bool is_glob(const char *name)
{
	return strpbrk(name, "*?") != NULL;
}

/* What is taken away does not come back, so that of a name that means several nothing is guessed.
 */
static enum status find(struct store *st, const struct prune_request *q, struct chosen *c,
                        struct err *err)
{
	if (store_find_principals(st, span_of(q->principal), span_of(q->account), choose, c, err) !=
	    STATUS_OK)
		return STATUS_STOP;
	if (!c->n)
		return subjects_unknown(st, span_of(q->principal), &c->arena, err);
	if (c->n > 1 && !is_glob(q->principal) &&
	    !span_starts(span_of(q->principal), SPAN_LIT("permission-set/")))
		return err_set(err, STATUS_SKIP, "ambiguous",
		               "'%s' means several, as %.*s and %.*s: name one by its ARN",
		               q->principal, SPAN_ARG(c->first), SPAN_ARG(c->second));
	return STATUS_OK;
}

static uint64_t size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static enum status prune(struct store *st, const struct prune_request *q, struct prune_result *out,
                         struct err *err)
{
	struct chosen c = {.n = 0};
	enum status status = STATUS_OK;
	arena_init(&c.arena);
	if (q->principal)
		status = find(st, q, &c, err);
	if (status == STATUS_OK) {
		const struct store_prune what = {
		        .principals = c.v, .n_principals = c.n, .day = q->principal ? 0 : q->day};
		out->principals = c.n;
		status = store_prune(st, &what, &out->events, err);
	}
	if (status == STATUS_OK)
		store_shrink(st, &out->not_shrunk);
	vec_release(&c);
	arena_release(&c.arena);
	return status;
}

enum status prune_database(const struct prune_request *q, struct prune_result *out, struct err *err)
{
	const char *path = database_path(q->database.db);
	struct database db;
	struct err close_err;
	*out = (struct prune_result){.size_before = size_of(path)};
	err_clear(&out->not_shrunk);
	err_clear(&close_err);
	/* One that is not there is not made. */
	if (database_open(&db, &q->database, STORE_READ, err) != STATUS_OK)
		return STATUS_STOP;
	database_close(&db, NULL);
	if (database_open(&db, &q->database, STORE_WRITE, err) != STATUS_OK)
		return STATUS_STOP;
	enum status status = prune(db.store, q, out, err);
	if (database_close(&db, &close_err) != STATUS_OK && status == STATUS_OK) {
		*err = close_err;
		status = STATUS_STOP;
	}
	out->size = size_of(path);
	return status;
}
