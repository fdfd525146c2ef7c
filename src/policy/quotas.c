/* quotas.c - policy: see quotas.h. */
#include "config.h"

#include "policy/quotas.h"

#define IAM_QUOTAS "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
#define SSO_QUOTAS "https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html"
#define ORG_QUOTAS \
	"https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html"

/* Inline limits are for all inline policies of a role, user or group together, so that a second
 * document gains nothing. The documents of a managed policy are how many one role can have attached
 * by default. SCPs: the smaller of the numbers that AWS's pages have named (5,120; newer ones say
 * 10,240), white space included unless the console saves it; five can be attached to one account.
 */
static const struct policy_quota table[] = {
        {"managed", 6144, 10, false, "customer managed policy", IAM_QUOTAS, "2023-06"},
        {"role-inline", 10240, 1, false, "all inline policies of a role", IAM_QUOTAS, "2023-06"},
        {"user-inline", 2048, 1, false, "all inline policies of a user", IAM_QUOTAS, "2023-06"},
        {"group-inline", 5120, 1, false, "all inline policies of a group", IAM_QUOTAS, "2023-06"},
        {"permission-set", 32768, 1, false, "inline policy of a permission set", SSO_QUOTAS,
         "2023-06"},
        {"scp", 5120, 5, true, "service control policy", ORG_QUOTAS, "2025-09"},
        {"trust", 2048, 1, false, "role trust policy", IAM_QUOTAS, "2023-06"},
        {NULL, 0, 0, false, NULL, NULL, NULL},
};

const struct policy_quota *policy_quota(struct span name)
{
	for (const struct policy_quota *l = table; l->name; l++)
		if (span_is(name, l->name))
			return l;
	return NULL;
}
