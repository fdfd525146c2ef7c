/* ingest-sandbox.c - app: see ingest-sandbox.h. */
#include "config.h"

#include "app/ingest-sandbox.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/vec.h"
#include "bytes/walk.h"
#include "capture/sandbox.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

/* Where the loader looks for libarchive, which is loaded when the first archive is met. */
static const char *const library_folders[] = {"/lib",       "/lib64",         "/usr/lib",
                                              "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"};

struct paths {
	VEC_OF(char *);
};

static void add(struct paths *p, const char *path)
{
	char **entry = vec_push(p, LIMIT_SANDBOX_PATHS);
	if (entry)
		*entry = xstrdup(path);
}

static void release(struct paths *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i]);
	vec_release(p);
}

/* A link in a log folder is followed, so what it leads to must stay readable. Links that can't be
 * looked at are told when they are read. */
static void add_links(struct paths *p, const struct ingest_request *q)
{
	struct walk *w = walk_new_links(q->names, q->n_names);
	struct err passed_over;
	const char *path;
	bool named;
	enum status status;
	while ((status = walk_next(w, &path, &named, &passed_over)) != STATUS_END)
		if (status == STATUS_OK)
			add(p, path);
	walk_free(w);
}

/* The folder in which SQLite makes the files beside the database: where the link leads to, if its
 * name is one. To be freed; NULL without memory or database. */
static char *database_folder(const struct ingest_request *q)
{
	char *file = realpath(database_path(q->database.db), NULL);
	char *folder = file ? xstrdup(dirname(file)) : NULL;
	free(file);
	return folder;
}

enum status ingest_confine(const struct ingest_request *q, int *version, struct err *err)
{
	struct paths readable = {0};
	char *folder = database_folder(q);
	enum status status = STATUS_OK;
	int known = sandbox_version();
	*version = known < 0 ? 0 : known;
	if (known > 0 && folder) {
		for (size_t i = 0; i < sizeof library_folders / sizeof *library_folders; i++)
			add(&readable, library_folders[i]);
		for (size_t i = 0; i < q->n_names; i++)
			if (strcmp(q->names[i], "-") != 0)
				add(&readable, q->names[i]);
		add_links(&readable, q);
		if (q->database.mappings)
			add(&readable, q->database.mappings);
		const struct sandbox sandbox = {.readable = (const char *const *)readable.v,
		                                .n_readable = readable.n,
		                                .writable = (const char *const[]){folder},
		                                .n_writable = 1};
		status = sandbox_enter(&sandbox, err);
	}
	release(&readable);
	free(folder);
	return status;
}
