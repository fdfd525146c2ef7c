/* policy-files.h - app: the policy files that simulate and verify name on their command line, in
 * layers. */
#ifndef APP_POLICY_FILES_H
#define APP_POLICY_FILES_H

#include "base/err.h"
#include "evaluator/evaluate.h"
#include "policy/policy.h"

struct policy_files {
	struct arena arena; /* names */
	struct layered *policies;
	struct span *names; /* of each: the file, with "[2]" where the file holds a list */
	size_t n;
	struct document *
	        *owned; /* owned[i] is policies[i].document, or NULL where it is borrowed */
	size_t levels;  /* of SCPs so far */
};

void policy_files_init(struct policy_files *p);
void policy_files_release(struct policy_files *p);

/* Reads a document, or a JSON list of documents, into the layer. With LAYER_SCP each file is one
 * level of the organisation. Also takes what "aws iam get-policy-version", "get-role-policy" and
 * their kin print, where the document is a member. STATUS_OK, or STATUS_FILE and err with the
 * file's name. */
enum status policy_files_add(struct policy_files *p, enum layer layer, const char *path,
                             struct err *err);
/* The first of them with a statement that names a Principal, which a policy of an identity has none
 * of: a resource's policy, or a role's trust policy; p->n: none. (IAM user guide, "AWS JSON policy
 * elements: Principal".) */
size_t policy_files_of_resource(const struct policy_files *p);
/* Takes a document (which p then owns) under a name (copied). */
void policy_files_take(struct policy_files *p, enum layer layer, struct document *d,
                       const char *name);
/* Takes what the builder made, printed and read again, as "generated", "generated~2". STATUS_OK,
 * STATUS_STOP or STATUS_FILE with err. */
enum status policy_files_take_policy(struct policy_files *p, const struct policy *policy,
                                     struct err *err);
/* Takes a policy of another set without owning its document. */
void policy_files_borrow(struct policy_files *p, const struct layered *policy, struct span name);

#endif
