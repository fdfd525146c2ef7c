/* policy-output.h - app: the policies of subjects in the syntax asked for, as text or as files with
 * an index. */
#ifndef APP_POLICY_OUTPUT_H
#define APP_POLICY_OUTPUT_H

#include "app/subjects.h"
#include "base/json-writer.h"
#include "emit/emit.h"

struct policy_output_options {
	const struct emitter *emitter;
	enum policy_use use;
	bool tf_resource, cfn_inline;
	const char *folder; /* of policy_output_files; NULL: texts only */
};

struct policy_output {
	const struct policy_output_options *options; /* borrowed */
	size_t n_subjects, n_documents;              /* written */
	/* internal */
	struct arena arena;
	struct buf index;
	struct json_writer json; /* to index */
};

void policy_output_init(struct policy_output *o, const struct policy_output_options *options);
void policy_output_release(struct policy_output *o);

/* Adds the text of p's first document. STATUS_OK; STATUS_STOP: it is longer than text may be. */
enum status policy_output_text(struct policy_output *o, const struct subject *who,
                               const struct policy *p, struct buf *text, struct err *err);
/* Writes each document of p to a file of its own: "FOLDER/ACCOUNT/role/ci.json", "...ci~2.json".
 * STATUS_OK, or STATUS_STOP with err: not all of them are there. */
enum status policy_output_files(struct policy_output *o, const struct subject *who,
                                const struct policy *p, struct err *err);
/* Writes FOLDER/index.json: which principals have which files. STATUS_OK or STATUS_STOP. */
enum status policy_output_index(struct policy_output *o, struct err *err);

#endif
