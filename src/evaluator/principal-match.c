/* principal-match.c - evaluator: the Principal and NotPrincipal elements.
 *
 * Source: IAM user guide, "AWS JSON policy elements: Principal" and "NotPrincipal". Part of a name
 * cannot be a wildcard there; "*" alone is everyone. */
#include "config.h"

#include "evaluator/evaluate-internal.h"

#include "call/arn.h"

/* The account that "123456789012" or "arn:aws:iam::123456789012:root" delegates to, or SPAN_NONE.
 */
static struct span delegated_account(struct span id)
{
	struct arn a;
	if (arn_is_account(id))
		return id;
	if (arn_parse(id, &a) && span_is(a.service, "iam") && span_is(a.rest, "root"))
		return a.account;
	return SPAN_NONE;
}

/* Whether role (an IAM role's ARN, with its path) is the one behind the session; a session's ARN
 * has lost the path (IAM user guide, ARN forms). */
static bool is_role_of_session(const struct arn *role, const struct arn *session)
{
	if (!span_is(role->service, "iam") || !span_starts(role->rest, SPAN_LIT("role/")) ||
	    !span_is(session->service, "sts") ||
	    !span_starts(session->rest, SPAN_LIT("assumed-role/")) ||
	    !span_eq(role->account, session->account) ||
	    !span_eq(role->partition, session->partition))
		return false;
	ptrdiff_t slash = span_rchr(role->rest, '/');
	struct span name = span_from(role->rest, (size_t)slash + 1);
	struct span rest = span_from(session->rest, strlen("assumed-role/"));
	return span_eq(span_cut(&rest, '/'), name);
}

static bool is_same(struct span id, struct span principal)
{
	struct arn a, b;
	if (span_eq(id, principal))
		return true;
	return arn_parse(id, &a) && arn_parse(principal, &b) && is_role_of_session(&a, &b);
}

static bool id_matches(const struct principal_id *id, struct span principal, bool accounts)
{
	struct arn a;
	if (id->kind != ID_AWS)
		return span_eq(id->text, principal);
	if (span_is(id->text, "*") || is_same(id->text, principal))
		return true;
	struct span account = delegated_account(id->text);
	if (!account.p || !arn_parse(principal, &a) || !span_eq(account, a.account))
		return false;
	/* Deny with NotPrincipal must list the account beside the user: the account's entry spares
	 * the account itself, not everyone in it. */
	return accounts || span_is(a.rest, "root");
}

bool principal_matches(const struct statement *s, struct span principal)
{
	if (s->text->n_principals == 0)
		return true;
	bool in = !s->text->not_principal, found = s->everyone;
	for (size_t i = 0; i < s->n_principals && !found; i++) {
		const struct principal_id *id = &s->principals[i];
		found = principal.p ? id_matches(id, principal, in)
		                    : id->kind == ID_AWS && span_is(id->text, "*");
	}
	return found == in;
}
