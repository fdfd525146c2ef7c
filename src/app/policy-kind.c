/* policy-kind.c - app: see policy-kind.h. The members are those that the tools' own files have. */
#include "config.h"

#include "app/policy-kind.h"

const char *policy_kind_of_json(const json_t *j)
{
	static const struct {
		const char *member, *kind;
	} kinds[] = {
	        {"AWSTemplateFormatVersion", "a CloudFormation template; --format json writes the policy"},
	        {"Resources", "a CloudFormation template; --format json writes the policy"},
	        {"terraform_version", "a plan or state of Terraform"},
	        {"data", "Terraform in JSON; --format json writes the policy"},
	        {"resource", "Terraform in JSON; --format json writes the policy"},
	        {"Records", "a log of CloudTrail: ingest reads it"},
	        {"Events", "a list of events: ingest reads it"},
	        {"eventVersion", "an event of CloudTrail: ingest reads it"},
	        {"RoleDetailList", "the details of an account: --account-details takes it"},
	        {"UserDetailList", "the details of an account: --account-details takes it"},
	        {"ServicesLastAccessed", "Access Advisor's answer: --last-accessed takes it"},
	        {"policies", "the index of a folder of policies: give the folder"},
	        {"Role", "what 'aws iam get-role' prints: get-role-policy and get-policy-version "
	                 "print policies"},
	        {"Policy", "what 'aws iam get-policy' prints: get-policy-version prints the policy"},
	        {"AttachedPolicies", "a list of policies' names: get-policy-version prints a policy"},
	        {"PolicyNames", "a list of policies' names: get-role-policy prints a policy"},
	};
	if (!json_is_object(j) || json_object_get(j, "Statement"))
		return NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (json_object_get(j, kinds[i].member))
			return kinds[i].kind;
	return NULL;
}

const char *policy_kind_of_text(struct span text)
{
	static const struct {
		const char *begins, *kind;
	} kinds[] = {
	        {"---", "YAML; policies are read as JSON"},
	        {"AWSTemplateFormatVersion", "a CloudFormation template in YAML; --format json writes the policy"},
	        {"Resources:", "a CloudFormation template in YAML; --format json writes the policy"},
	        {"Version:", "YAML; policies are read as JSON"},
	        {"Statement:", "YAML; policies are read as JSON"},
	        {"data \"", "Terraform (HCL); --format json writes the policy"},
	        {"resource \"", "Terraform (HCL); --format json writes the policy"},
	        {"import ", "TypeScript; --format json writes the policy"},
	        {"SQLite format 3", "a database: --db takes it"},
	        {"\x1f\x8b", "a gzip file: ingest reads logs in it"},
	        {"<", "XML or HTML"},
	};
	text = span_trim(text);
	if (!text.n)
		return "empty";
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (span_starts(text, span_of(kinds[i].begins)))
			return kinds[i].kind;
	return NULL;
}
