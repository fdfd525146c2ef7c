/* policy-folder.c - app: see policy-folder.h. */
#include "config.h"

#include "app/policy-folder.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json-file.h"
#include "base/limits.h"
#include "base/read-file.h"
#include "emit/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium/utils.h>
#include <sys/stat.h>
#include <unistd.h>

bool is_folder_name(const char *path)
{
	struct stat st;
	size_t n = path ? strlen(path) : 0;
	return n && (path[n - 1] == '/' || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)));
}

void policy_folder_init(struct policy_folder *f)
{
	*f = (struct policy_folder){.path = NULL};
	arena_init(&f->arena);
}

void policy_folder_release(struct policy_folder *f)
{
	vec_release(f);
	arena_release(&f->arena);
}

const char *policy_folder_path(struct arena *arena, const char *folder, struct span file)
{
	size_t n = strlen(folder);
	return arena_printf(arena, "%s%s%.*s", folder, n && folder[n - 1] == '/' ? "" : "/",
	                    SPAN_ARG(file))
	        .p;
}

/* ---- the index */

/* A name below the folder: no part of it is empty, "." or "..". */
static bool is_inside(struct span file)
{
	struct span rest = file;
	if (!file.n || memchr(file.p, '\0', file.n))
		return false;
	while (rest.p) {
		struct span part = span_cut(&rest, '/');
		if (!part.n || span_is(part, ".") || span_is(part, ".."))
			return false;
	}
	return true;
}

static enum status bad_index(struct err *err, const char *what)
{
	return err_set(err, STATUS_FILE, "bad-index",
	               "%s; 'iamreplay policy --all -o DIR/' writes it", what);
}

static enum status read_written(struct policy_folder *f, const json_t *file,
                                struct folder_written *out, struct err *err)
{
	const json_t *documents = json_object_get(file, "documents");
	out->hash = json_text_of(&f->arena, file, "hash");
	out->n = json_array_size(documents);
	out->documents = arena_calloc(&f->arena, out->n + 1, sizeof *out->documents);
	for (size_t i = 0; i < out->n; i++) {
		char *text = json_dumps(json_array_get(documents, i), JSON_COMPACT);
		if (!text)
			return bad_index(err, "a document that is no JSON object");
		out->documents[i] = arena_span(&f->arena, span_of(text));
		free(text);
	}
	return STATUS_OK;
}

static enum status read_entry(struct policy_folder *f, const json_t *j, bool stale, struct err *err)
{
	const json_t *files = json_object_get(j, "files");
	struct folder_entry e = {.principal = json_text_of(&f->arena, j, "principal"),
	                         .n = json_array_size(files),
	                         .stale = stale};
	if (!e.principal.n || !json_is_array(files))
		return bad_index(err, "an entry without principal or files");
	e.files = arena_calloc(&f->arena, e.n + 1, sizeof *e.files);
	e.written = arena_calloc(&f->arena, e.n + 1, sizeof *e.written);
	for (size_t i = 0; i < e.n; i++) {
		const json_t *one = json_array_get(files, i);
		e.files[i] = json_text_of(&f->arena, one, "file");
		if (!is_inside(e.files[i]))
			return bad_index(err, "a file that is not inside of the folder");
		enum status status = read_written(f, one, &e.written[i], err);
		if (status != STATUS_OK)
			return status;
	}
	*vec_add(f) = e;
	return STATUS_OK;
}

static enum status read_list(struct policy_folder *f, const json_t *list, bool stale,
                             struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < json_array_size(list) && status == STATUS_OK; i++) {
		status = read_entry(f, json_array_get(list, i), stale, err);
		if (status != STATUS_OK)
			err_at_record(err, i + 1);
	}
	return status;
}

static int by_principal(const void *a, const void *b)
{
	const struct folder_entry *x = a, *y = b;
	if (x->stale != y->stale)
		return x->stale ? 1 : -1;
	return span_cmp(x->principal, y->principal);
}

static enum status read_index(struct policy_folder *f, const char *path, struct err *err)
{
	json_t *j;
	enum status status = json_file_read(path, &j, err);
	if (status == STATUS_OK && !json_is_array(json_object_get(j, "policies")))
		status = bad_index(err, "it has no list \"policies\"");
	if (status == STATUS_OK)
		status = read_list(f, json_object_get(j, "policies"), false, err);
	if (status == STATUS_OK)
		status = read_list(f, json_object_get(j, "stale"), true, err);
	json_decref(j);
	return status;
}

enum status policy_folder_read(struct policy_folder *f, const char *path, struct err *err)
{
	const char *index = policy_folder_path(&f->arena, path, SPAN_LIT("index.json"));
	f->path = path;
	if (access(index, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return STATUS_END;
	enum status status = read_index(f, index, err);
	if (status != STATUS_OK)
		err_at_file(err, index);
	sort_items(f->v, f->n, sizeof *f->v, by_principal);
	for (size_t i = 0; i < f->n; i++)
		f->v[i].former = f->v[i].stale && policy_folder_find(f, f->v[i].principal);
	return status;
}

const struct folder_entry *policy_folder_find(const struct policy_folder *f, struct span principal)
{
	const struct folder_entry key = {.principal = principal};
	return f->n ? bsearch(&key, f->v, f->n, sizeof key, by_principal) : NULL;
}

static int by_name(const void *a, const void *b)
{
	return span_cmp(((const struct subject *)a)->name, ((const struct subject *)b)->name);
}

size_t policy_folder_stale(const struct policy_folder *f, const struct subjects *subjects,
                           struct arena *arena, const struct folder_entry ***out)
{
	size_t n = 0;
	struct subject *sorted = arena_alloc(arena, (subjects->n + 1) * sizeof *sorted);
	*out = arena_alloc(arena, (f->n + 1) * sizeof **out);
	if (subjects->n)
		memcpy(sorted, subjects->s, subjects->n * sizeof *sorted);
	sort_items(sorted, subjects->n, sizeof *sorted, by_name);
	for (size_t i = 0; i < f->n; i++) {
		const struct subject key = {.name = f->v[i].principal};
		if (f->v[i].former || !subjects->n ||
		    !bsearch(&key, sorted, subjects->n, sizeof key, by_name))
			(*out)[n++] = &f->v[i];
	}
	return n;
}

bool policy_folder_readable(struct span file)
{
	return span_ends(file, SPAN_LIT(".json")) && !span_ends(file, SPAN_LIT(".tf.json")) &&
	       !span_ends(file, SPAN_LIT(".cfn.json"));
}

struct span policy_folder_hash(struct arena *arena, struct span text)
{
	struct hash128 hash = hash_of(text);
	char hex[2 * HASH_BYTES + 1];
	sodium_bin2hex(hex, sizeof hex, hash.b, HASH_BYTES);
	return arena_span(arena, span_of(hex));
}

static enum status told_by_index(const struct folder_written *w, struct arena *arena,
                                 struct span text, struct span **out, size_t *n, struct err *err)
{
	if (!w->hash.p || !w->n)
		return err_set(err, STATUS_FILE, "bad-input",
		               "the index does not tell what it granted: see the file's own "
		               "difference");
	if (!span_eq(w->hash, policy_folder_hash(arena, text)))
		return err_set(err, STATUS_FILE, "bad-input",
		               "it was changed since it was written: see the file's own difference");
	*out = w->documents;
	*n = w->n;
	return STATUS_OK;
}

enum status policy_folder_texts(const struct policy_folder *f, const struct folder_entry *e,
                                size_t i, struct arena *arena, struct span **out, size_t *n,
                                struct err *err)
{
	struct buf text;
	buf_init(&text, LIMIT_JSON_FILE);
	enum status status = file_read(policy_folder_path(arena, f->path, e->files[i]), &text, err);
	if (status == STATUS_OK && policy_folder_readable(e->files[i])) {
		*out = arena_alloc(arena, sizeof **out);
		**out = arena_span(arena, buf_span(&text));
		*n = 1;
	} else if (status == STATUS_OK) {
		status = told_by_index(&e->written[i], arena, buf_span(&text), out, n, err);
	}
	buf_release(&text);
	return status;
}

enum status policy_folder_policies(const struct policy_folder *f, const struct folder_entry *e,
                                   struct policy_files *out, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < e->n && status == STATUS_OK; i++) {
		const char *path = policy_folder_path(&out->arena, f->path, e->files[i]);
		if (!policy_folder_readable(e->files[i])) {
			err_at_file(err, path);
			return err_set(err, STATUS_FILE, "bad-input",
			               "only policies as JSON are read again: write the folder "
			               "with --format json");
		}
		status = policy_files_add(out, LAYER_IDENTITY, path, err);
	}
	return status;
}

/* ---- removing */

static enum status cannot_remove(struct err *err, const char *path, const char *why)
{
	err_at_file(err, path);
	return err_set(err, STATUS_FILE, "remove", "not removed: %s", why);
}

/* The folder that the last part of file is in, by parts, none of them a symbolic link; -1 with
 * errno. *last is that part. */
static int open_parent(int top, struct arena *arena, struct span file, const char **last)
{
	int fd = dup(top);
	struct span rest = file;
	for (;;) {
		struct span part = span_cut(&rest, '/');
		*last = arena_str(arena, part);
		if (!rest.p || fd < 0)
			return fd;
		int next = openat(fd, *last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int e = errno;
		close(fd);
		errno = e;
		fd = next;
	}
}

static bool remove_file(int top, struct arena *arena, struct span file, const char **why)
{
	struct stat st;
	const char *last;
	int fd = open_parent(top, arena, file, &last);
	bool there = fd >= 0 && fstatat(fd, last, &st, AT_SYMLINK_NOFOLLOW) == 0;
	*why = NULL;
	if (!there && errno != ENOENT)
		*why = strerror(errno);
	else if (there && !S_ISREG(st.st_mode))
		*why = "it is no regular file";
	else if (there && unlinkat(fd, last, 0) != 0)
		*why = strerror(errno);
	if (fd >= 0)
		close(fd);
	return !*why;
}

/* The folders above it, from the inmost, as long as they are empty. */
static void remove_empty(int top, struct arena *arena, struct span file)
{
	ptrdiff_t slash;
	while ((slash = span_rchr(file, '/')) > 0) {
		const char *last;
		file = span_sub(file, 0, (size_t)slash);
		int fd = open_parent(top, arena, file, &last);
		bool gone = fd >= 0 && unlinkat(fd, last, AT_REMOVEDIR) == 0;
		if (fd >= 0)
			close(fd);
		if (!gone)
			return;
	}
}

/* Whether a file of that name can be one that a policy was written to: the index may have been made
 * to name others. */
static bool can_be_ours(struct span file)
{
	struct span rest = file;
	while (rest.p)
		if (span_starts(span_cut(&rest, '/'), SPAN_LIT(".")))
			return false;
	if (span_is(file, "index.json") || span_is(file, "CHANGES.md"))
		return false;
	for (size_t i = 0; emitters[i].name; i++)
		if (span_ends(file, span_of(emitters[i].suffix)))
			return true;
	return false;
}

enum status policy_folder_remove(const struct policy_folder *f, struct span file, struct err *err)
{
	struct arena arena;
	const char *why = NULL;
	enum status status = STATUS_OK;
	arena_init(&arena);
	const char *path = policy_folder_path(&arena, f->path, file);
	int top = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!is_inside(file))
		status = cannot_remove(err, path, "it is not inside of the folder");
	else if (!can_be_ours(file))
		status = cannot_remove(err, path, "it is not named as a policy is");
	else if (top < 0)
		status = cannot_remove(err, path, strerror(errno));
	else if (!remove_file(top, &arena, file, &why))
		status = cannot_remove(err, path, why);
	else
		remove_empty(top, &arena, file);
	if (top >= 0)
		close(top);
	arena_release(&arena);
	return status;
}
