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

/* Of failed calls: the phases whose errors count. */
static unsigned phases_of(enum request_outcomes outcomes)
{
	return outcomes == OUTCOMES_ANY ? 1u << ERROR_AFTER | 1u << ERROR_UNDECIDED
	                                : 1u << ERROR_AFTER;
}

bool policy_request_counts(const struct policy_request *r, const struct mapping *m,
                           const struct call *call, enum error_phase *phase)
{
	enum error_phase p = ERROR_UNDECIDED;
	if (call->outcome == OUTCOME_FAILED)
		p = mapping_error(m, call->source, call->name, call->error).phase;
	if (phase)
		*phase = p;
	switch (call->outcome) {
	case OUTCOME_ALLOWED: return true;
	case OUTCOME_FAILED:
		return r->outcomes != OUTCOMES_ALLOWED && phases_of(r->outcomes) >> p & 1;
	case OUTCOME_UNKNOWN: return r->outcomes == OUTCOMES_ANY;
	case OUTCOME_DENIED:
	case OUTCOME_UNAUTHENTICATED: break;
	}
	return false;
}

void policy_request_filter(const struct policy_request *r, struct store_filter *f)
{
	f->outcomes = 1u << OUTCOME_ALLOWED;
	f->phases = phases_of(r->outcomes);
	if (r->outcomes != OUTCOMES_ALLOWED)
		f->outcomes |= 1u << OUTCOME_FAILED;
	if (r->outcomes == OUTCOMES_ANY)
		f->outcomes |= 1u << OUTCOME_UNKNOWN;
}

void policy_request_for(const struct policy_request *r, struct span principal, struct arena *arena,
                        struct policy_request *own)
{
	*own = *r;
	if (r->settings)
		r->settings->apply(r->settings, principal, own, arena);
}
