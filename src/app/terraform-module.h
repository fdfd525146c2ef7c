/* terraform-module.h - app: the policies of many principals as one root module of Terraform: a file
 * for each, all in one folder, with names that do not meet, and the provider of each account. */
#ifndef APP_TERRAFORM_MODULE_H
#define APP_TERRAFORM_MODULE_H

#include "app/subjects.h"
#include "base/buf.h"
#include "emit/variables.h"

struct module_name {
	struct span principal; /* a subject's name */
	struct span label;     /* of its blocks and its file: "role_service_orders_api" */
};

struct terraform_module {
	struct arena arena;
	struct module_name *names; /* n of them, by principal */
	size_t n;
	struct span *accounts; /* of the subjects, sorted, none twice */
	size_t n_accounts;
	struct emit_variables variables;
};

/* For the subjects of a run. */
void terraform_module_init(struct terraform_module *m, const struct subjects *subjects);
void terraform_module_release(struct terraform_module *m);
/* The label of a subject of the run. */
struct span terraform_module_label(const struct terraform_module *m, const struct subject *who);
/* "aws.account_111122223333", where the subjects are of several accounts and this one is of one;
 * SPAN_NONE: the default provider. In m's arena. */
struct span terraform_module_provider(struct terraform_module *m, const struct subject *who);
/* Adds what versions.tf holds: the versions that are needed, and a provider for each account where
 * they are several. False past the ceiling. */
bool terraform_module_text(const struct terraform_module *m, struct buf *b);

#endif
