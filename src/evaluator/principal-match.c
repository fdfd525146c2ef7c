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

static bool is_root(const struct arn *a)
{
	return span_is(a->service, "iam") && span_is(a->rest, "root");
}

static bool is_user_or_session(const struct arn *a)
{
	return (span_is(a->service, "iam") && span_starts(a->rest, SPAN_LIT("user/"))) ||
	       span_is(a->service, "sts");
}

static enum principal_match match_id(const struct principal_id *id, struct span principal)
{
	struct arn named, who;
	bool same = span_eq(id->text, principal);
	if (id->kind != ID_AWS)
		return same ? PRINCIPAL_ANY : PRINCIPAL_OTHER;
	bool is_arn = arn_parse(principal, &who);
	if (same && is_arn && is_user_or_session(&who))
		return PRINCIPAL_NAMED;
	if (same || span_is(id->text, "*"))
		return PRINCIPAL_ANY;
	if (is_arn && arn_parse(id->text, &named) && is_role_of_session(&named, &who))
		return PRINCIPAL_ANY;
	struct span account = delegated_account(id->text);
	if (!account.p || !is_arn || !span_eq(account, who.account))
		return PRINCIPAL_OTHER;
	return is_root(&who) ? PRINCIPAL_ANY : PRINCIPAL_OF_ACCOUNT;
}

static bool anonymous_is(const struct principal_id *id)
{
	return id->kind == ID_AWS && span_is(id->text, "*");
}

/* "You must also specify the account ARN of the not-denied principal", and of a session its role:
 * who is listed without them is denied with its account. */
static bool is_spared(const struct statement *s, struct span principal)
{
	struct arn who, listed;
	bool itself = false, role = false, account = false;
	if (s->everyone)
		return true;
	bool is_arn = principal.p && arn_parse(principal, &who);
	for (size_t i = 0; i < s->n_principals; i++) {
		const struct principal_id *id = &s->principals[i];
		if (anonymous_is(id))
			return true;
		itself = itself || (principal.p && span_eq(id->text, principal));
		if (!is_arn)
			continue;
		account = account || span_eq(delegated_account(id->text), who.account);
		role = role ||
		       (arn_parse(id->text, &listed) && is_role_of_session(&listed, &who));
	}
	if (!is_arn)
		return itself;
	if (is_root(&who))
		return account;
	bool session = span_starts(who.rest, SPAN_LIT("assumed-role/"));
	return itself && account && (role || !session);
}

static bool is_listed(const struct statement *s, struct span principal)
{
	for (size_t i = 0; i < s->n_principals; i++)
		if (principal.p ? match_id(&s->principals[i], principal) != PRINCIPAL_OTHER
		                : anonymous_is(&s->principals[i]))
			return true;
	return s->everyone;
}

enum principal_match principal_match(const struct statement *s, struct span principal)
{
	enum principal_match best = s->everyone ? PRINCIPAL_ANY : PRINCIPAL_OTHER;
	if (s->text->n_principals == 0)
		return PRINCIPAL_ANY;
	if (s->text->not_principal) {
		bool out = s->text->deny ? is_spared(s, principal) : is_listed(s, principal);
		return out ? PRINCIPAL_OTHER : PRINCIPAL_ANY;
	}
	for (size_t i = 0; i < s->n_principals; i++) {
		enum principal_match one = principal.p ? match_id(&s->principals[i], principal)
		                           : anonymous_is(&s->principals[i]) ? PRINCIPAL_ANY
		                                                             : PRINCIPAL_OTHER;
		best = one > best ? one : best;
	}
	return best;
}
