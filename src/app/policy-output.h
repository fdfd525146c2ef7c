/* policy-output.h - app: the policies of subjects in the syntax asked for, as text or as files with
 * an index. */
#ifndef APP_POLICY_OUTPUT_H
#define APP_POLICY_OUTPUT_H

#include "app/policy-changes.h"
#include "app/policy-folder.h"
#include "app/subjects.h"
#include "app/terraform-imports.h"
#include "app/terraform-module.h"
#include "base/text-list.h"
#include "emit/emit.h"

struct index_entry;

struct policy_output_options {
	const struct emitter *emitter;
	enum policy_use use;
	bool tf_resource, cfn_inline;
	bool tf_module;    /* hcl: one root module, a file for each subject; with a folder */
	struct terraform_imports *imports; /* with tf_module: what is there already; NULL: not known */
	bool tf_variables; /* hcl: variables in the place of partition, region and account */
	const char *folder; /* of policy_output_files; NULL: texts only */
	bool all;           /* of the folder's principals none but those that are written stay */
	bool prune;         /* with all: files of the others are removed */
	const struct text_list *accounts; /* with all: the others' files are left alone; may be empty */
};

struct policy_output {
	const struct policy_output_options *options; /* borrowed */
	const struct emitter *emitter; /* of the next policy; the options' at first */
	size_t n_subjects, n_documents;              /* written */
	size_t n_new, n_changed, n_same;             /* files of them */
	struct terraform_module module; /* with tf_module or tf_variables */
	struct policy_folder before; /* what an earlier run left in the folder */
	struct policy_changes changes;
	struct {
		VEC_OF(const struct folder_entry *);
	} stale; /* of before: what nobody needs any more; still there, unless pruned */
	size_t n_pruned; /* files */
	size_t n_inert; /* characters of names that became '?' (emit/inert.h) */
	bool has_changes; /* CHANGES.md was written */
	/* internal */
	struct arena arena;
	struct {
		VEC_OF(struct index_entry);
	} index;
};

void policy_output_init(struct policy_output *o, const struct policy_output_options *options);
void policy_output_release(struct policy_output *o);
/* For the subjects of the run: reads what an earlier run left in the folder, if anything. STATUS_OK, or STATUS_FILE with err: the
 * index there cannot be read; it will be replaced, and nothing is known of the files. */
enum status policy_output_begin(struct policy_output *o, const struct subjects *subjects,
                                struct err *err);

/* Adds the text of p's first document. STATUS_OK; STATUS_STOP: it is longer than text may be. */
enum status policy_output_text(struct policy_output *o, const struct subject *who,
                               const struct policy *p, struct buf *text, struct err *err);
/* Writes each document of p to a file of its own: "FOLDER/ACCOUNT/role/ci.json", "...ci~2.json".
 * g is what p was built from. STATUS_OK, or STATUS_STOP with err: not all of them are there. */
enum status policy_output_files(struct policy_output *o, const struct subject *who,
                                const struct policy *p, const struct gathered *g, struct err *err);
/* Leaves the files of an earlier run as they are: who's policy could not be made. */
void policy_output_keep(struct policy_output *o, const struct subject *who);
/* Writes FOLDER/index.json: which principals have which files, and which files are stale; and, if
 * anything changed, FOLDER/CHANGES.md. STATUS_OK or STATUS_STOP. With prune a file that cannot be
 * removed is STATUS_FILE, and stays in the index. */
enum status policy_output_finish(struct policy_output *o, struct err *err);

#endif
