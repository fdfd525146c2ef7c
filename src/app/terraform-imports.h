/* terraform-imports.h - app: what of a module's policies an account has already, by "aws iam
 * get-account-authorization-details", and the import blocks with which Terraform takes it over
 * instead of failing to make it again.
 *
 * Sources: Terraform language, "Import: import blocks" (1.5 and later); the AWS provider's "Import" of
 * aws_iam_policy, aws_iam_role_policy_attachment and aws_iam_user_policy_attachment; IAM API
 * reference, GetAccountAuthorizationDetails. */
#ifndef APP_TERRAFORM_IMPORTS_H
#define APP_TERRAFORM_IMPORTS_H

#include "app/subjects.h"
#include "base/buf.h"
#include "base/vec.h"

struct attachment {
	struct span principal, policy; /* ARNs */
};

struct terraform_imports {
	struct arena arena;
	struct {
		VEC_OF(struct span);
	} policies; /* ARNs of the account's own managed policies, sorted */
	struct {
		VEC_OF(struct attachment);
	} attachments;   /* sorted */
	struct buf text; /* the blocks so far */
	size_t n;        /* of them */
};

void terraform_imports_init(struct terraform_imports *t);
void terraform_imports_release(struct terraform_imports *t);
/* Reads account details. STATUS_OK, or STATUS_FILE and err. */
enum status terraform_imports_read(struct terraform_imports *t, const char *path, struct err *err);
/* Adds the blocks for the policy with that label, which is its name, and for what binds it to who, a
 * role or user, as far as they are there. False past the ceiling. */
bool terraform_imports_add(struct terraform_imports *t, const struct subject *who,
                           struct span label);

#endif
