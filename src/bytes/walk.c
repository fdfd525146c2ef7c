/* walk.c - bytes: see walk.h. */
#include "config.h"

#include "bytes/walk.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

struct folder {
	VEC_OF(char *); /* names, sorted */
	size_t next;
	size_t path_n; /* length of the path up to and with its slash */
};

struct walk {
	char *const *names;
	size_t n, next;
	bool links; /* only links to files are told */
	struct folder folders[LIMIT_FOLDER_DEPTH];
	size_t depth;
	struct buf path;
};

struct walk *walk_new(char *const *names, size_t n)
{
	struct walk *w = xcalloc(1, sizeof *w);
	w->names = names;
	w->n = n;
	buf_init(&w->path, LIMIT_PATH);
	return w;
}

struct walk *walk_new_links(char *const *names, size_t n)
{
	struct walk *w = walk_new(names, n);
	w->links = true;
	return w;
}

static void close_folder(struct walk *w)
{
	struct folder *f = &w->folders[--w->depth];
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i]);
	vec_release(f);
}

void walk_free(struct walk *w)
{
	if (!w)
		return;
	while (w->depth)
		close_folder(w);
	buf_release(&w->path);
	free(w);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum status lost(struct walk *w, struct err *err, const char *why)
{
	err_clear(err);
	err_at_file(err, buf_str(&w->path));
	return err_set(err, STATUS_FILE, "unreadable", "%s", why);
}

/* Reads the folder at w->path and makes it the one being walked. */
static enum status open_folder(struct walk *w, struct err *err)
{
	if (w->depth == LIMIT_FOLDER_DEPTH)
		return lost(w, err, "folders are nested too deep");
	DIR *dir = opendir(buf_str(&w->path));
	if (!dir)
		return lost(w, err, strerror(errno));
	if (w->path.p[w->path.n - 1] != '/' && !buf_add_char(&w->path, '/')) {
		closedir(dir);
		return lost(w, err, "the path is too long");
	}
	struct folder *f = &w->folders[w->depth++];
	*f = (struct folder){.path_n = w->path.n};
	struct dirent *entry;
	for (errno = 0; (entry = readdir(dir)); errno = 0) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		/* most file systems tell here what needs no second look */
		if (w->links && entry->d_type == DT_REG)
			continue;
		*vec_add(f) = xstrdup(entry->d_name);
	}
	int error = errno;
	closedir(dir);
	sort_items(f->v, f->n, sizeof *f->v, by_name);
	return error ? lost(w, err, strerror(error)) : STATUS_OK;
}

/* w->path is an entry of a folder or a name the user gave. STATUS_SKIP: nothing to read by itself.
 */
static enum status look_at(struct walk *w, bool named, struct err *err)
{
	struct stat st, link;
	const char *path = buf_str(&w->path);
	if (stat(path, &st) != 0 || lstat(path, &link) != 0)
		return lost(w, err, strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		if (!named && S_ISLNK(link.st_mode))
			return STATUS_SKIP;
		enum status status = open_folder(w, err);
		return status == STATUS_OK ? STATUS_SKIP : status;
	}
	if (!named && !S_ISREG(st.st_mode))
		return STATUS_SKIP;
	if (w->links && !S_ISLNK(link.st_mode))
		return STATUS_SKIP;
	return STATUS_OK;
}

enum status walk_next(struct walk *w, const char **path, bool *named, struct err *err)
{
	for (;;) {
		bool fits;
		*named = w->depth == 0;
		if (w->depth) {
			struct folder *f = &w->folders[w->depth - 1];
			if (f->next == f->n) {
				close_folder(w);
				continue;
			}
			w->path.n = f->path_n;
			fits = buf_add_str(&w->path, f->v[f->next++]);
		} else {
			if (w->next == w->n)
				return STATUS_END;
			buf_reset(&w->path);
			fits = buf_add_str(&w->path, w->names[w->next++]);
		}
		if (!fits || w->path.n == 0)
			return lost(w, err, fits ? "a name is empty" : "the path is too long");
		*path = buf_str(&w->path);
		if (*named && strcmp(*path, "-") == 0)
			return STATUS_OK;
		enum status status = look_at(w, *named, err);
		if (status == STATUS_SKIP)
			continue;
		*path = buf_str(&w->path);
		return status;
	}
}
