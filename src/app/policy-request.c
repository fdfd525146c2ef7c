/* policy-request.c - app: see policy-request.h. */
#include "config.h"

#include "app/policy-request.h"

#include <stdio.h>

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

static bool fits_any(const struct text_list *globs, struct span text)
{
	for (size_t i = 0; i < globs->n; i++)
		if (span_glob(text, globs->v[i], true))
			return true;
	return false;
}

static struct span service_of(struct span action)
{
	return span_cut(&action, ':');
}

static bool is_picked(const struct policy_request *r, struct span action)
{
	return (!r->actions.n || fits_any(&r->actions, action)) &&
	       (!r->services.n || fits_any(&r->services, service_of(action)));
}

static bool is_excluded(const struct policy_request *r, struct span action)
{
	return fits_any(&r->exclude_actions, action) ||
	       fits_any(&r->exclude_services, service_of(action));
}

bool policy_request_takes(const struct policy_request *r, struct span action)
{
	return is_picked(r, action) && !is_excluded(r, action);
}

bool policy_request_takes_access(const struct policy_request *r, const struct access *all, size_t n,
                                 size_t at)
{
	struct span action = all[at].action;
	bool picked = is_picked(r, action);
	if (!picked && span_is(action, "iam:PassRole") && r->services.n &&
	    (!r->actions.n || fits_any(&r->actions, action)))
		for (size_t i = 0; i < n && !picked; i++)
			picked = fits_any(&r->services, service_of(all[i].action));
	return picked && !is_excluded(r, action);
}

bool policy_request_takes_event(const struct policy_request *r, struct span source, struct span name)
{
	struct span rest = source, label = span_cut(&rest, '.');
	char text[512];
	int n = snprintf(text, sizeof text, "%.*s:%.*s", SPAN_ARG(label), SPAN_ARG(name));
	struct span action = span_make(text, n > 0 && (size_t)n < sizeof text ? (size_t)n : 0);
	return (!r->services.n || fits_any(&r->services, label) || fits_any(&r->services, source)) &&
	       (!r->actions.n || fits_any(&r->actions, action));
}

const char *policy_request_filter_at(const struct policy_request *r, size_t i)
{
	const struct {
		const struct text_list *list;
		const char *name;
	} filters[] = {{&r->sessions, "session"},
	               {&r->agents, "agent"},
	               {&r->actions, "action"},
	               {&r->services, "service"},
	               {&r->exclude_sessions, "exclude-session"},
	               {&r->exclude_agents, "exclude-agent"},
	               {&r->exclude_actions, "exclude-action"},
	               {&r->exclude_services, "exclude-service"}};
	for (size_t k = 0; k < sizeof filters / sizeof filters[0]; k++)
		if (filters[k].list->n && i-- == 0)
			return filters[k].name;
	return NULL;
}

bool policy_request_picks_actions(const struct policy_request *r)
{
	return r->actions.n || r->services.n;
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
