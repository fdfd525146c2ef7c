/* observed.c - evaluator: see observed.h. One row a key; what has no row is unknown. */
#include "config.h"

#include "evaluator/observed.h"

#include "base/when.h"
#include "call/arn.h"
#include "call/region.h"
#include "normalise/session-tags.h"
#include "policy/operand.h"

enum shown { SHOWN, ABSENT, UNSHOWN };

typedef enum shown (*show_fn)(const struct observation *o, struct span key, struct arena *arena,
                              struct span *value);

static enum shown show_text(struct span text, struct span *value)
{
	*value = text;
	return text.n ? SHOWN : UNSHOWN;
}

static enum shown show_tristate(enum tristate t, struct span *value)
{
	if (t != TRI_YES && t != TRI_NO)
		return UNSHOWN;
	*value = t == TRI_YES ? SPAN_LIT("true") : SPAN_LIT("false");
	return SHOWN;
}

static enum shown show_region(const struct observation *o, struct span key, struct arena *arena,
                              struct span *value)
{
	return show_text(region_told(o->call->region), value);
}

/* An IPv4 address as it is, the first address of an IPv6 network (the store keeps /64). */
static bool address_of(struct span network, struct span *value)
{
	struct ip_range ip;
	ptrdiff_t slash = span_chr(network, '/');
	*value = slash < 0 ? network : span_sub(network, 0, (size_t)slash);
	return ip_address_parse(*value, &ip);
}

/* "The aws:SourceIp key is present except when the requester uses a VPC endpoint"; a service that
 * calls on somebody's behalf shows its own address. */
static enum shown show_source_ip(const struct observation *o, struct span key, struct arena *arena,
                                 struct span *value)
{
	if (o->context->vpc_endpoint.n)
		return ABSENT;
	if (o->context->invoked_by.n)
		return UNSHOWN;
	return address_of(o->context->source_network, value) ? SHOWN : UNSHOWN;
}

static enum shown show_vpc_source_ip(const struct observation *o, struct span key,
                                     struct arena *arena, struct span *value)
{
	if (!o->context->vpc_endpoint.n)
		return o->context->source_network.n ? ABSENT : UNSHOWN;
	return address_of(o->context->source_network, value) ? SHOWN : UNSHOWN;
}

/* A log that shows where a call came from shows the endpoint too; captured calls show neither. */
static enum shown show_vpce(const struct observation *o, struct span key, struct arena *arena,
                            struct span *value)
{
	if (o->context->vpc_endpoint.n)
		return show_text(o->context->vpc_endpoint, value);
	return o->context->source_network.n ? ABSENT : UNSHOWN;
}

static enum shown show_vpc(const struct observation *o, struct span key, struct arena *arena,
                           struct span *value)
{
	return !o->context->vpc_endpoint.n && o->context->source_network.n ? ABSENT : UNSHOWN;
}

static enum shown show_mfa(const struct observation *o, struct span key, struct arena *arena,
                           struct span *value)
{
	return show_tristate(o->context->mfa, value);
}

static enum shown show_mfa_age(const struct observation *o, struct span key, struct arena *arena,
                               struct span *value)
{
	return o->context->mfa == TRI_NO ? ABSENT : UNSHOWN;
}

static enum shown show_tls(const struct observation *o, struct span key, struct arena *arena,
                           struct span *value)
{
	return show_tristate(o->context->tls, value);
}

static enum shown show_called_via(const struct observation *o, struct span key, struct arena *arena,
                                  struct span *value)
{
	if (!o->context->invoked_by.n)
		return ABSENT;
	return show_text(o->context->invoked_by, value);
}

/* Of a chain of services the log names the last. */
static enum shown show_called_first(const struct observation *o, struct span key,
                                    struct arena *arena, struct span *value)
{
	return o->context->invoked_by.n ? UNSHOWN : ABSENT;
}

static enum shown show_via_service(const struct observation *o, struct span key,
                                   struct arena *arena, struct span *value)
{
	*value = o->context->invoked_by.n ? SPAN_LIT("true") : SPAN_LIT("false");
	return SHOWN;
}

static enum shown show_kms_via(const struct observation *o, struct span key, struct arena *arena,
                               struct span *value)
{
	struct span rest = o->context->invoked_by;
	if (o->access->need == NEED_UNRECORDED && o->access->passed_to.n)
		return show_text(o->access->passed_to, value);
	if (!rest.n)
		return ABSENT;
	struct span service = span_cut(&rest, '.');
	if (!rest.n || !region_told(o->call->region).n)
		return UNSHOWN;
	*value = arena_printf(arena, "%.*s.%.*s.%.*s", SPAN_ARG(service), SPAN_ARG(o->call->region),
	                      SPAN_ARG(rest));
	return SHOWN;
}

static enum shown show_principal_arn(const struct observation *o, struct span key,
                                     struct arena *arena, struct span *value)
{
	return span_starts(o->call->principal.arn, SPAN_LIT("arn:"))
	               ? show_text(o->call->principal.arn, value)
	               : UNSHOWN;
}

static enum shown show_principal_account(const struct observation *o, struct span key,
                                         struct arena *arena, struct span *value)
{
	return show_text(o->call->principal.account, value);
}

static enum shown show_principal_type(const struct observation *o, struct span key,
                                      struct arena *arena, struct span *value)
{
	switch (o->call->principal.type) {
	case PRINCIPAL_ROLE: return show_text(SPAN_LIT("AssumedRole"), value);
	case PRINCIPAL_USER: return show_text(SPAN_LIT("User"), value);
	case PRINCIPAL_ROOT: return show_text(SPAN_LIT("Account"), value);
	case PRINCIPAL_FEDERATED: return show_text(SPAN_LIT("FederatedUser"), value);
	case PRINCIPAL_ANONYMOUS: return show_text(SPAN_LIT("Anonymous"), value);
	default: return UNSHOWN;
	}
}

static enum shown show_username(const struct observation *o, struct span key, struct arena *arena,
                                struct span *value)
{
	struct span arn = o->call->principal.arn;
	if (o->call->principal.type != PRINCIPAL_USER)
		return o->call->principal.type == PRINCIPAL_UNKNOWN ||
		                       o->call->principal.type == PRINCIPAL_ACCESS_KEY
		               ? UNSHOWN
		               : ABSENT;
	ptrdiff_t slash = span_rchr(arn, '/');
	return slash < 0 ? UNSHOWN : show_text(span_from(arn, (size_t)slash + 1), value);
}

/* "aws:principaltag/KEY": a session's tag is over one of the role's or user's own, of which the log
 * tells nothing, so a key that the session was not given may be there all the same. */
static enum shown show_principal_tag(const struct observation *o, struct span key,
                                     struct arena *arena, struct span *value)
{
	struct session_tags tags;
	struct span name = key;
	span_cut(&name, '/');
	if (!session_tags_read(o->context->session_tags, arena, &tags))
		return UNSHOWN;
	const struct session_tag *tag = session_tags_find(&tags, name);
	if (!tag)
		return UNSHOWN;
	*value = arena_span(arena, tag->value);
	return SHOWN;
}

static enum shown show_time(const struct observation *o, struct span key, struct arena *arena,
                            struct span *value)
{
	char text[WHEN_SIZE];
	*value = arena_printf(arena, "%s", when_format(o->time, text));
	return SHOWN;
}

static enum shown show_resource_account(const struct observation *o, struct span key,
                                        struct arena *arena, struct span *value)
{
	struct arn arn;
	if (!arn_parse(o->access->resource, &arn) || !arn_is_account(arn.account))
		return UNSHOWN;
	return show_text(arn.account, value);
}

static enum shown show_absent(const struct observation *o, struct span key, struct arena *arena,
                              struct span *value)
{
	return ABSENT;
}

static enum shown show_false(const struct observation *o, struct span key, struct arena *arena,
                             struct span *value)
{
	return show_text(SPAN_LIT("false"), value);
}

static enum shown show_passed_to(const struct observation *o, struct span key, struct arena *arena,
                                 struct span *value)
{
	struct span services = o->access->passed_to;
	return show_text(span_cut(&services, ','), value); /* which of several, no record tells */
}

static const struct {
	const char *key;
	show_fn show;
} rows[] = {
        {"aws:calledvia", show_called_via},
        {"aws:calledviafirst", show_called_first},
        {"aws:calledvialast", show_called_via},
        {"aws:currenttime", show_time},
        {"aws:epochtime", show_time},
        {"aws:multifactorauthage", show_mfa_age},
        {"aws:multifactorauthpresent", show_mfa},
        {"aws:principalaccount", show_principal_account},
        {"aws:principalarn", show_principal_arn},
        {"aws:principalisawsservice", show_false},
        {"aws:principalservicename", show_absent},
        {"aws:principaltype", show_principal_type},
        {"aws:requestedregion", show_region},
        {"aws:resourceaccount", show_resource_account},
        {"aws:securetransport", show_tls},
        {"aws:sourceip", show_source_ip},
        {"aws:sourcevpc", show_vpc},
        {"aws:sourcevpce", show_vpce},
        {"aws:username", show_username},
        {"aws:viaawsservice", show_via_service},
        {"aws:vpcsourceip", show_vpc_source_ip},
        {"ec2:region", show_region},
        {"iam:passedtoservice", show_passed_to},
        {"kms:calleraccount", show_principal_account},
        {"kms:viaservice", show_kms_via},
};

/* Service keys that take their value from one member of the request (Service Authorization
 * Reference, condition keys of each service). A member that was not recorded proves nothing. */
static const struct {
	const char *key, *member;
} members[] = {
        {"autoscaling:launchconfigurationname", "launchConfigurationName"},
        {"cloudformation:changesetname", "changeSetName"},
        {"cloudformation:rolearn", "roleARN"},
        {"cloudformation:templateurl", "templateURL"},
        {"ec2:instancetype", "instanceType"},
        {"ecs:cluster", "cluster"},
        {"ecs:task-definition", "taskDefinition"},
        {"events:source", "source"},
        {"iam:awsservicename", "aWSServiceName"},
        {"iam:permissionsboundary", "permissionsBoundary"},
        {"iam:policyarn", "policyArn"},
        {"kms:keyspec", "keySpec"},
        {"kms:keyusage", "keyUsage"},
        {"lambda:functionarn", "functionArn"},
        {"rds:databaseengine", "engine"},
        {"s3:delimiter", "delimiter"},
        {"s3:max-keys", "max-keys"},
        {"s3:prefix", "prefix"},
        {"s3:versionid", "versionId"},
        {"s3:x-amz-acl", "x-amz-acl"},
        {"s3:x-amz-server-side-encryption", "x-amz-server-side-encryption"},
        {"s3:x-amz-storage-class", "x-amz-storage-class"},
        {"secretsmanager:name", "name"},
        {"secretsmanager:versionstage", "versionStage"},
        {"sns:endpoint", "endpoint"},
        {"sns:protocol", "protocol"},
        {"ssm:documenttype", "documentType"},
        {"sts:externalid", "externalId"},
        {"sts:rolesessionname", "roleSessionName"},
        {"sts:sourceidentity", "sourceIdentity"},
};

static struct span leaf_of(struct span path)
{
	ptrdiff_t dot = span_rchr(path, '.');
	return dot < 0 ? path : span_from(path, (size_t)dot + 1);
}

static enum shown show_member(const struct observation *o, const char *member, struct span *value)
{
	enum shown result = UNSHOWN;
	for (size_t i = 0; i < o->call->n_params; i++) {
		const struct param *p = &o->call->params[i];
		if (!span_eq_ci(leaf_of(p->path), span_of(member)) || p->state != PARAM_VALUE)
			continue;
		if (result == SHOWN && !span_eq(*value, p->value))
			return UNSHOWN;
		*value = p->value;
		result = SHOWN;
	}
	return result;
}

static enum shown show_key(const struct observation *o, struct span key, struct arena *arena,
                           struct span *value)
{
	if (span_starts(key, SPAN_LIT("aws:principaltag/")))
		return show_principal_tag(o, key, arena, value);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (span_is(key, rows[i].key))
			return rows[i].show(o, key, arena, value);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (span_is(key, members[i].key))
			return show_member(o, members[i].member, value);
	return UNSHOWN;
}

void observed_keys(const struct observation *o, const struct span *asked, size_t n,
                   struct arena *arena, struct request_keys *out)
{
	struct request_key *keys = arena_alloc(arena, (n + 1) * sizeof *keys);
	out->v = keys;
	out->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct span *value = arena_calloc(arena, 1, sizeof *value);
		enum shown shown = show_key(o, asked[i], arena, value);
		if (shown == ABSENT)
			continue;
		keys[out->n++] = (struct request_key){asked[i], asked[i], value, shown == SHOWN,
		                                      shown != SHOWN};
	}
}

bool observed_ask_time(const struct span *asked, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(asked[i], "aws:currenttime") || span_is(asked[i], "aws:epochtime"))
			return true;
	return false;
}

struct span observed_resource(struct span text, struct arena *arena, bool *partial)
{
	char *p = arena_alloc(arena, text.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		bool escaped = i + 3 < text.n && text.p[i] == '$' && text.p[i + 1] == '{' &&
		               text.p[i + 3] == '}' && memchr("*?$", text.p[i + 2], 3);
		if (escaped) {
			p[n++] = text.p[i + 2];
			i += 3;
		} else if (text.p[i] == '*' || text.p[i] == '?') {
			p[n++] = text.p[i] == '*' ? PATTERN_UNKNOWN_RUN : PATTERN_UNKNOWN_CHAR;
			*partial = true;
		} else {
			p[n++] = text.p[i];
		}
	}
	p[n] = '\0';
	return span_make(p, n);
}

void observed_request(const struct observation *o, const struct span *asked, size_t n,
                      struct arena *arena, struct request *out)
{
	*out = (struct request){.principal = o->call->principal.arn, .action = o->access->action};
	/* an action without resources asks for "*" itself, not for something unknown */
	if (o->access->origin == ORIGIN_NONE)
		out->resource = o->access->resource;
	else
		out->resource =
		        observed_resource(o->access->resource, arena, &out->resource_partial);
	observed_keys(o, asked, n, arena, &out->keys);
}
