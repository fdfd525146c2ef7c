/* policy-folder.h - app: the folder that "policy --all -o DIR/" writes, read again: which
 * principals have which files, by its index.json, and which of them nobody needs any more.
 *
 * The index is input like any other (somebody may have edited it, or proposes to): a file outside
 * of the folder is refused, and what is removed is removed without following a symbolic link. */
#ifndef APP_POLICY_FOLDER_H
#define APP_POLICY_FOLDER_H

#include "app/policy-files.h"
#include "app/subjects.h"
#include "base/vec.h"

/* Of a file in a syntax that is not read again: what was written to it. */
struct folder_written {
	struct span hash;       /* policy_folder_hash() of the file then; SPAN_NONE: not told */
	struct span *documents; /* n of them, as JSON */
	size_t n;
};

struct folder_entry {
	struct span principal; /* ARN or "permission-set/NAME" */
	struct span *files;    /* n of them, relative to the folder: "111122223333/role/ci.json" */
	struct folder_written *written; /* of each file */
	size_t n;
	bool stale; /* told by the index to be nobody's policy any more */
	bool former; /* stale, and its principal has a policy, in other files */
};

struct policy_folder {
	const char *path; /* borrowed */
	struct arena arena;
	VEC_OF(struct folder_entry); /* by principal, stale ones behind the others */
};

/* Whether path names a folder, or would ("policies/"). */
bool is_folder_name(const char *path);

void policy_folder_init(struct policy_folder *f);
void policy_folder_release(struct policy_folder *f);
/* Reads the index of the folder. STATUS_OK; STATUS_END: there is none; STATUS_FILE and err naming
 * what is wrong. */
enum status policy_folder_read(struct policy_folder *f, const char *path, struct err *err);
/* The entry of a principal, or NULL; entries that are told to be stale are not looked at. */
const struct folder_entry *policy_folder_find(const struct policy_folder *f, struct span principal);
/* The principals that the folder has policies of and that are none of the subjects: gone, or without
 * a call in what was looked at. *out, n of them, in arena; also former files, and those that the index
 * calls stale. */
size_t policy_folder_stale(const struct policy_folder *f, const struct subjects *subjects,
                           struct arena *arena, const struct folder_entry ***out);
/* Whether a file of that name holds a policy as JSON, as --format json and minified write it. */
bool policy_folder_readable(struct span file);
/* What the index keeps of a file's bytes, in arena: 32 hexadecimal digits. */
struct span policy_folder_hash(struct arena *arena, struct span text);
/* The documents in the entry's i-th file, as JSON texts in arena: the file's own text where that is
 * read; else those that the index tells, if the file still is what was written then. For what
 * compares runs: whoever changes a file can change the index, too. STATUS_OK, or STATUS_FILE with err. */
enum status policy_folder_texts(const struct policy_folder *f, const struct folder_entry *e,
                                size_t i, struct arena *arena, struct span **out, size_t *n,
                                struct err *err);
/* Adds the policies in the entry's files. STATUS_OK, or STATUS_FILE with err naming the file: not
 * there, no policy, or of a syntax that is not read again (Terraform, say). */
enum status policy_folder_policies(const struct policy_folder *f, const struct folder_entry *e,
                                   struct policy_files *out, struct err *err);
/* Removes a file of the folder, and the folders below it that are empty then. STATUS_OK, also where
 * it is not there; STATUS_FILE and err: it is no regular file, or cannot be removed. */
enum status policy_folder_remove(const struct policy_folder *f, struct span file, struct err *err);
/* FOLDER/FILE, in arena. */
const char *policy_folder_path(struct arena *arena, const char *folder, struct span file);

#endif
