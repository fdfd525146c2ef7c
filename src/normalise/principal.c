/* principal.c - normalise: see principal.h. */
#include "config.h"

#include "normalise/principal.h"

#include "base/limits.h"
#include "call/access-key.h"
#include "call/arn.h"
#include "normalise/params.h"

/* What CloudTrail writes in place of a user name that may be a mistyped password. */
static bool is_hidden(struct span s)
{
	return span_is(s, "HIDDEN_DUE_TO_SECURITY_REASONS");
}

/* "aws" where the region says nothing: the partition that events without a region come from. */
static struct span region_partition(const struct event *e)
{
	struct span p = arn_partition(e->region);
	return p.n ? p : SPAN_LIT("aws");
}

/* Principals of a redacted log stay apart, too. */
static bool tells_account(struct span s)
{
	return arn_is_account(s) || arn_is_masked_account(s);
}

static bool usable(struct span s)
{
	return s.n > 0 && !is_hidden(s);
}

static struct span last_part(struct span path)
{
	ptrdiff_t slash = span_rchr(path, '/');
	return slash < 0 ? path : span_from(path, (size_t)slash + 1);
}

/* NAME of AWSReservedSSO_NAME_<16 hex digits> (IAM Identity Center user guide, "permission sets").
 */
static struct span permission_set_of(struct span role_name)
{
	if (!span_starts(role_name, SPAN_LIT("AWSReservedSSO_")))
		return SPAN_NONE;
	struct span rest = span_from(role_name, strlen("AWSReservedSSO_"));
	ptrdiff_t end = span_rchr(rest, '_');
	if (end <= 0)
		return SPAN_NONE;
	return span_sub(rest, 0, (size_t)end);
}

/* path_and_name: what follows "role/". Roles under aws-service-role/ belong to a service and cannot
 * be changed; those that Identity Center makes are changed through their permission set. */
static void describe_role(struct span path_and_name, struct principal *p)
{
	struct span name = last_part(path_and_name);
	p->type = PRINCIPAL_ROLE;
	p->editable = true;
	p->permission_set = SPAN_NONE;
	if (span_starts(path_and_name, SPAN_LIT("aws-service-role/")) ||
	    (p->path_unknown && span_starts(name, SPAN_LIT("AWSServiceRoleFor"))))
		p->editable = false;
	else if (span_starts(path_and_name, SPAN_LIT("aws-reserved/sso.amazonaws.com/")) ||
	         (p->path_unknown && span_starts(name, SPAN_LIT("AWSReservedSSO_"))))
		p->permission_set = permission_set_of(name);
	else if (span_starts(path_and_name, SPAN_LIT("aws-reserved/")))
		p->editable = false;
}

static bool iam_principal(struct span text, const struct arn *a, struct principal *p)
{
	struct span r = a->rest;
	if (span_starts(r, SPAN_LIT("role/")) && r.n > 5) {
		describe_role(span_from(r, 5), p);
	} else if (span_starts(r, SPAN_LIT("user/")) && r.n > 5 && !is_hidden(last_part(r))) {
		p->type = PRINCIPAL_USER;
		p->editable = true;
	} else if (span_is(r, "root")) {
		p->type = PRINCIPAL_ROOT;
	} else {
		return false;
	}
	p->arn = text;
	return true;
}

static bool sts_principal(const struct arn *a, struct arena *arena, struct principal *p,
                          struct span *session, struct span text)
{
	struct span rest = a->rest;
	struct span kind = span_cut(&rest, '/');
	if (span_is(kind, "assumed-role")) {
		struct span name = span_cut(&rest, '/');
		if (!name.n)
			return false;
		p->path_unknown = true;
		describe_role(name, p);
		p->arn = arena_printf(arena, "arn:%.*s:iam::%.*s:role/%.*s", SPAN_ARG(a->partition),
		                      SPAN_ARG(a->account), SPAN_ARG(name));
		if (p->permission_set.p) /* name is borrowed from text, which may not last */
			p->permission_set = arena_span(arena, p->permission_set);
		*session = rest;
		return true;
	}
	if (span_is(kind, "federated-user") && rest.n) {
		p->type = PRINCIPAL_FEDERATED;
		p->arn = text;
		*session = rest;
		return true;
	}
	return false;
}

bool principal_of_arn(struct span text, struct arena *arena, struct principal *out,
                      struct span *session)
{
	struct arn a;
	struct principal p = {0};
	struct span name = SPAN_NONE;
	if (!arn_parse(text, &a) || !tells_account(a.account))
		return false;
	p.account = arn_is_account(a.account) ? a.account : SPAN_NONE;
	if (!(span_is(a.service, "iam") && iam_principal(text, &a, &p)) &&
	    !(span_is(a.service, "sts") && sts_principal(&a, arena, &p, &name, text)))
		return false;
	*out = p;
	if (session)
		*session = name;
	return true;
}

struct span session_of_arn(struct span text)
{
	struct arn a;
	if (!arn_parse(text, &a) || !span_is(a.service, "sts") || !tells_account(a.account))
		return SPAN_NONE;
	struct span rest = a.rest, kind = span_cut(&rest, '/');
	if (span_is(kind, "assumed-role"))
		return span_cut(&rest, '/').n ? rest : SPAN_NONE;
	return span_is(kind, "federated-user") && rest.n ? rest : SPAN_NONE;
}

bool principal_short(struct span arn, struct span *kind, struct span *name)
{
	struct arn a;
	if (!arn_parse(arn, &a) || !span_is(a.service, "iam"))
		return false;
	ptrdiff_t slash = span_chr(a.rest, '/');
	if (slash <= 0)
		return false;
	struct span k = span_sub(a.rest, 0, (size_t)slash);
	if (!span_is(k, "role") && !span_is(k, "user"))
		return false;
	*kind = k;
	*name = last_part(a.rest);
	return name->n > 0;
}

/* Names of one segment: what comes from outside must not look like another form's separator. */
static struct span named(struct arena *arena, const char *form, struct span first,
                         struct span second)
{
	if (!second.p)
		return arena_printf(arena, "%s/%.*s", form, SPAN_ARG(first));
	return arena_printf(arena, "%s/%.*s/%.*s", form, SPAN_ARG(first), SPAN_ARG(second));
}

static bool service_principal(const struct event *e, struct principal *p)
{
	const struct event_identity *id = &e->identity;
	if (usable(id->invoked_by))
		p->arn = id->invoked_by;
	else if (span_ends(e->source_ip, SPAN_LIT(".amazonaws.com")))
		p->arn = e->source_ip;
	else
		p->arn = SPAN_LIT("AWS Internal");
	p->type = PRINCIPAL_SERVICE;
	p->account = SPAN_NONE;
	return true;
}

static bool account_principal(const struct event *e, struct arena *arena, struct principal *p)
{
	const struct event_identity *id = &e->identity;
	if (span_is(id->account, "ANONYMOUS_PRINCIPAL") || span_is(id->account, "anonymous") ||
	    (!id->account.n && !id->principal_id.n)) {
		p->arn = SPAN_LIT("anonymous");
		p->type = PRINCIPAL_ANONYMOUS;
		return true;
	}
	if (!arn_is_account(id->account))
		return false;
	p->arn = named(arena, "account", id->account, SPAN_NONE);
	p->type = PRINCIPAL_ACCOUNT;
	p->account = id->account;
	return true;
}

/* arn:aws:identitystore::ACCOUNT:identitystore/d-0123 -> d-0123 */
static bool identity_center_principal(const struct event *e, struct arena *arena,
                                      struct principal *p)
{
	const struct event_identity *id = &e->identity;
	if (!id->on_behalf_of_user.n)
		return false;
	p->arn = named(arena, "identity-center", last_part(id->identity_store_arn),
	               id->on_behalf_of_user);
	p->type = PRINCIPAL_IDENTITY_CENTER;
	struct arn a;
	if (arn_parse(id->identity_store_arn, &a) && arn_is_account(a.account))
		p->account = a.account;
	return true;
}

static bool federation_principal(const struct event *e, struct arena *arena, const char *form,
                                 enum principal_type type, struct principal *p)
{
	const struct event_identity *id = &e->identity;
	struct span user = usable(id->user_name) ? id->user_name : id->principal_id;
	if (!user.n && !id->identity_provider.n)
		return false;
	p->arn = named(arena, form, id->identity_provider, user.p ? user : SPAN_LIT(""));
	p->type = type;
	return true;
}

static bool directory_principal(const struct event *e, struct arena *arena, struct principal *p)
{
	const struct event_identity *id = &e->identity;
	struct span user = usable(id->user_name) ? id->user_name : id->principal_id;
	if (!user.n)
		return false;
	p->arn = named(arena, "directory", id->account, user);
	p->type = PRINCIPAL_DIRECTORY;
	return true;
}

/* A user of whom the log holds no ARN. */
static bool user_by_name(const struct event *e, struct arena *arena, struct principal *p)
{
	const struct event_identity *id = &e->identity;
	if (is_hidden(id->user_name)) {
		p->arn = named(arena, "hidden-user", id->account, SPAN_NONE);
		p->type = PRINCIPAL_UNKNOWN;
		return true;
	}
	if (!tells_account(id->account) || !usable(id->user_name))
		return false;
	p->arn = arena_printf(arena, "arn:%.*s:iam::%.*s:user/%.*s", SPAN_ARG(region_partition(e)),
	                      SPAN_ARG(id->account), SPAN_ARG(id->user_name));
	p->type = PRINCIPAL_USER;
	p->editable = true;
	return true;
}

/* A role session without a usable ARN: the issuer's name, else what an odd ARN says behind
 * "assumed-role/". */
static bool role_by_name(const struct event *e, struct arena *arena, struct principal *p)
{
	const struct event_identity *id = &e->identity;
	struct span account = tells_account(id->account) ? id->account : id->issuer.account;
	struct span name = id->issuer.user_name;
	ptrdiff_t at = span_find(id->arn, SPAN_LIT(":assumed-role/"));
	if (!usable(name) && at >= 0) {
		struct span rest = span_from(id->arn, (size_t)at + strlen(":assumed-role/"));
		name = span_cut(&rest, '/');
	}
	if (!tells_account(account) || !usable(name) || span_chr(name, '/') >= 0)
		return false;
	p->path_unknown = true;
	describe_role(name, p);
	p->account = arn_is_account(account) ? account : SPAN_NONE;
	p->arn = arena_printf(arena, "arn:%.*s:iam::%.*s:role/%.*s", SPAN_ARG(region_partition(e)),
	                      SPAN_ARG(account), SPAN_ARG(name));
	return true;
}

static bool root_by_account(const struct event *e, struct arena *arena, struct principal *p)
{
	if (!tells_account(e->identity.account))
		return false;
	p->arn = arena_printf(arena, "arn:%.*s:iam::%.*s:root", SPAN_ARG(region_partition(e)),
	                      SPAN_ARG(e->identity.account));
	p->type = PRINCIPAL_ROOT;
	return true;
}

void principal_of_key(struct span id, struct arena *arena, struct principal *out)
{
	*out = (struct principal){.type = PRINCIPAL_ACCESS_KEY,
	                          .arn = named(arena, "access-key", id, SPAN_NONE),
	                          .account = account_of_access_key(id, arena)};
}

/* Nothing above fitted: the best name there is. */
static void last_resort(const struct event *e, struct arena *arena, struct principal *p)
{
	const struct event_identity *id = &e->identity;
	p->type = PRINCIPAL_UNKNOWN;
	if (is_access_key_id(id->access_key)) {
		struct span account = p->account;
		principal_of_key(id->access_key, arena, p);
		if (account.p)
			p->account = account;
	} else if (id->principal_id.n) {
		/* "AROAEXAMPLE:session" of a role: sessions fold. */
		struct span rest = id->principal_id;
		struct span own = span_cut(&rest, ':');
		p->arn = named(arena, "principal-id",
		               span_starts(own, SPAN_LIT("AROA")) ? own : id->principal_id,
		               SPAN_NONE);
	} else if (e->observer == OBSERVED_PROXY) {
		p->arn =
		        SPAN_LIT("anonymous"); /* the proxy saw the whole head: it was not signed */
		p->type = PRINCIPAL_ANONYMOUS;
	} else {
		p->arn = SPAN_LIT("unknown");
	}
}

/* A session's issuer wins over the session: only it has the role's path. It is empty for a user's
 * own session. */
static bool by_arns(const struct event_identity *id, struct arena *arena, struct principal *p)
{
	struct principal issuer;
	if (principal_of_arn(id->issuer.arn, arena, &issuer, NULL) && !issuer.path_unknown) {
		*p = issuer;
		return true;
	}
	return principal_of_arn(id->arn, arena, p, NULL);
}

static bool by_type(const struct event *e, struct arena *arena, struct principal *p)
{
	struct span type = e->identity.type;
	if (span_is(type, "AWSService"))
		return service_principal(e, p);
	if (span_is(type, "AWSAccount"))
		return account_principal(e, arena, p);
	if (span_is(type, "IdentityCenterUser"))
		return identity_center_principal(e, arena, p);
	if (span_is(type, "SAMLUser"))
		return federation_principal(e, arena, "saml", PRINCIPAL_SAML, p);
	if (span_is(type, "WebIdentityUser"))
		return federation_principal(e, arena, "web-identity", PRINCIPAL_WEB_IDENTITY, p);
	if (span_is(type, "Directory"))
		return directory_principal(e, arena, p);
	if (by_arns(&e->identity, arena, p))
		return true;
	if (span_is(type, "IAMUser"))
		return user_by_name(e, arena, p);
	if (span_is(type, "AssumedRole"))
		return role_by_name(e, arena, p);
	if (span_is(type, "Root"))
		return root_by_account(e, arena, p);
	/* An identity without type or ARN, made by a service for itself. */
	if (!type.n && usable(e->identity.invoked_by) && !e->identity.access_key.n)
		return service_principal(e, p);
	return false;
}

/* Formats end at a NUL: a name with one would become another's. No name of AWS has any. */
static void without_nul(struct event *e, struct arena *arena)
{
	struct event_identity *id = &e->identity;
	struct span *const text[] = {
	        &id->type,       &id->principal_id,      &id->arn,
	        &id->account,    &id->user_name,         &id->invoked_by,
	        &id->issuer.arn, &id->issuer.user_name,  &id->issuer.account,
	        &id->access_key, &id->identity_provider, &id->identity_store_arn,
	        &e->source_ip,   &id->on_behalf_of_user, &id->issuer.principal_id};
	for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
		if (span_chr(*text[i], '\0') >= 0)
			*text[i] = clean_text(*text[i], LIMIT_PARAM_VALUE, arena);
}

void principal_of_event(const struct event *event, struct arena *arena, struct principal *out)
{
	struct principal p = {0};
	struct event own = *event, *e = &own;
	without_nul(e, arena);
	if (arn_is_account(e->identity.account))
		p.account = e->identity.account;
	struct principal plain = p;
	if (!by_type(e, arena, &p)) {
		p = plain;
		last_resort(e, arena, &p);
	}
	p.arn = arena_span(arena, p.arn);
	p.account = arena_span(arena, p.account);
	p.permission_set = arena_span(arena, p.permission_set);
	*out = p;
}
