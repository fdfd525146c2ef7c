/* consent.c - evaluator: see consent.h. */
#include "config.h"

#include "evaluator/consent.h"

#include "evaluator/evaluate-internal.h"

/* As statement_applies, but the account of the principal stands for it. */
static enum truth applies(const struct statement *s, struct span action, const struct request *r)
{
	if (s->text->n_principals == 0 || !statement_concerns(s, action) ||
	    principal_match(s, r->principal) == PRINCIPAL_OTHER)
		return TRUTH_NO;
	enum truth result = statement_resource(s, r);
	for (size_t i = 0; i < s->text->n_conditions && result != TRUTH_NO; i++) {
		enum truth one = test_evaluate(&s->tests[i], &r->keys);
		result = one < result ? one : result;
	}
	return result;
}

enum truth consent_of(const struct layered *policies, size_t n, const struct request *r)
{
	enum truth allow = TRUTH_NO, deny = TRUTH_NO;
	struct arena arena;
	arena_init(&arena);
	struct span action = lower_copy(&arena, r->action);
	for (size_t p = 0; p < n; p++) {
		const struct document *d = policies[p].document;
		for (size_t i = 0; d && i < d->n_statements; i++) {
			enum truth one = applies(&d->statements[i], action, r);
			enum truth *side = d->statements[i].text->deny ? &deny : &allow;
			*side = one > *side ? one : *side;
		}
	}
	arena_release(&arena);
	if (deny == TRUTH_YES || allow == TRUTH_NO)
		return TRUTH_NO;
	return deny == TRUTH_MAYBE ? TRUTH_MAYBE : allow;
}
