/* policy-request.c - app: see policy-request.h. */
#include "config.h"

#include "app/policy-request.h"

void policy_request_init(struct policy_request *r)
{
	*r = (struct policy_request){.window = STORE_WINDOW_ALL, .options = POLICY_DEFAULTS};
}

void policy_request_limit(struct policy_request *r, const struct policy_quota *quota,
                          size_t characters)
{
	r->options.limit = characters ? characters : quota ? quota->characters : 0;
	r->options.limit_white_space = quota && quota->white_space;
	r->options.max_documents = r->max_documents ? r->max_documents : 10;
	if (quota && r->options.max_documents > quota->documents)
		r->options.max_documents = quota->documents;
}

bool policy_request_excludes(const struct policy_request *r, struct span action)
{
	struct span service = action;
	service = span_cut(&service, ':');
	for (size_t i = 0; i < r->exclude_actions.n; i++)
		if (span_glob(action, r->exclude_actions.v[i], true))
			return true;
	for (size_t i = 0; i < r->exclude_services.n; i++)
		if (span_glob(service, r->exclude_services.v[i], true))
			return true;
	return false;
}
