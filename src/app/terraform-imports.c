/* terraform-imports.c - app: see terraform-imports.h. A block has no provider of its own: Terraform
 * takes that of the resource that it is for. */
#include "config.h"

#include "app/terraform-imports.h"

#include "base/json-file.h"
#include "base/limits.h"
#include "call/arn.h"

#include <stdlib.h>

void terraform_imports_init(struct terraform_imports *t)
{
	*t = (struct terraform_imports){.n = 0};
	arena_init(&t->arena);
	buf_init(&t->text, LIMIT_JSON_FILE);
}

void terraform_imports_release(struct terraform_imports *t)
{
	vec_release(&t->policies);
	vec_release(&t->attachments);
	buf_release(&t->text);
	arena_release(&t->arena);
}

/* ---- what is there */

static void take_attachments(struct terraform_imports *t, const json_t *principals)
{
	for (size_t i = 0; i < json_array_size(principals); i++) {
		const json_t *one = json_array_get(principals, i);
		const json_t *list = json_object_get(one, "AttachedManagedPolicies");
		struct span arn = json_text_of(&t->arena, one, "Arn");
		for (size_t k = 0; arn.n && k < json_array_size(list); k++)
			*vec_add(&t->attachments) = (struct attachment){
			        arn, json_text_of(&t->arena, json_array_get(list, k), "PolicyArn")};
	}
}

static int by_both(const void *a, const void *b)
{
	const struct attachment *x = a, *y = b;
	int c = span_cmp(x->principal, y->principal);
	return c ? c : span_cmp(x->policy, y->policy);
}

enum status terraform_imports_read(struct terraform_imports *t, const char *path, struct err *err)
{
	json_t *j;
	enum status status = json_file_read(path, &j, err);
	const json_t *policies = json_object_get(j, "Policies");
	if (status == STATUS_OK && !json_is_array(policies))
		status = err_set(err, STATUS_FILE, "bad-input",
		                 "no account details: there is no list Policies");
	if (status != STATUS_OK)
		err_at_file(err, path);
	for (size_t i = 0; i < json_array_size(policies); i++)
		*vec_add(&t->policies) =
		        json_text_of(&t->arena, json_array_get(policies, i), "Arn");
	take_attachments(t, json_object_get(j, "RoleDetailList"));
	take_attachments(t, json_object_get(j, "UserDetailList"));
	sort_items(t->policies.v, t->policies.n, sizeof *t->policies.v, span_order);
	sort_items(t->attachments.v, t->attachments.n, sizeof *t->attachments.v, by_both);
	json_decref(j);
	return status;
}

/* ---- the blocks */

/* What IAM takes in names and ARNs: no quote, and nothing that begins a template. */
static bool is_plain(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alpha(s.p[i]) && !ascii_digit(s.p[i]) && !strchr("+=,.@_-/:", s.p[i]))
			return false;
	return s.n > 0;
}

static bool add_block(struct terraform_imports *t, const char *type, struct span label,
                      struct span id)
{
	t->n++;
	return buf_addf(&t->text, "%simport {\n  to = %s.%.*s\n  id = \"%.*s\"\n}\n",
	                t->text.n ? "\n" : "", type, SPAN_ARG(label), SPAN_ARG(id));
}

bool terraform_imports_add(struct terraform_imports *t, const struct subject *who,
                           struct span label)
{
	struct arn arn;
	if (who->n > 1 || !arn_parse(who->name, &arn))
		return true;
	struct span policy =
	        arena_printf(&t->arena, "arn:%.*s:iam::%.*s:policy/%.*s", SPAN_ARG(arn.partition),
	                     SPAN_ARG(arn.account), SPAN_ARG(label));
	struct attachment key = {who->name, policy};
	if (!t->policies.n || !is_plain(policy) ||
	    !bsearch(&policy, t->policies.v, t->policies.n, sizeof policy, span_order))
		return true;
	bool ok = add_block(t, "aws_iam_policy", label, policy);
	bool is_user = who->type == PRINCIPAL_USER;
	if ((!is_user && who->type != PRINCIPAL_ROLE) || !t->attachments.n ||
	    !is_plain(who->short_name) ||
	    !bsearch(&key, t->attachments.v, t->attachments.n, sizeof key, by_both))
		return ok;
	return ok && add_block(t,
	                       is_user ? "aws_iam_user_policy_attachment"
	                               : "aws_iam_role_policy_attachment",
	                       label,
	                       arena_printf(&t->arena, "%.*s/%.*s", SPAN_ARG(who->short_name),
	                                    SPAN_ARG(policy)));
}
