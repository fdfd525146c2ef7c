/* policy-kind.h - app: what a file is that was given for a policy and is none. */
#ifndef APP_POLICY_KIND_H
#define APP_POLICY_KIND_H

#include "base/span.h"

#include <jansson.h>

/* "a CloudFormation template", "a log of CloudTrail"; NULL where it is not known, or may be a policy.
 * Constant. */
const char *policy_kind_of_json(const json_t *j);
/* The same of a text that is no JSON: "Terraform (HCL)". */
const char *policy_kind_of_text(struct span text);

#endif
