/* call.h - call: what one or many events have in common: the same principal made the same call with the
 * same identifying parameters and the same outcome. This is what the store keeps once per distinct call,
 * what the mapping turns into access, and what verify replays. Spans are borrowed from whoever fills it
 * (the normaliser's arena, or the store's row until its next step). */
#ifndef CALL_CALL_H
#define CALL_CALL_H

#include "events/event.h"

/* The numbers are stored: never renumber. */
enum principal_type {
	PRINCIPAL_ROLE = 1,          /* arn:P:iam::A:role/PATH/NAME */
	PRINCIPAL_USER = 2,          /* arn:P:iam::A:user/PATH/NAME */
	PRINCIPAL_ROOT = 3,          /* arn:P:iam::A:root */
	PRINCIPAL_FEDERATED = 4,     /* arn:P:sts::A:federated-user/NAME, where no issuer is known */
	PRINCIPAL_SAML = 5,          /* a SAML subject calling AssumeRoleWithSAML */
	PRINCIPAL_WEB_IDENTITY = 6,  /* a web identity calling AssumeRoleWithWebIdentity */
	PRINCIPAL_IDENTITY_CENTER = 7, /* an Identity Center user without a role */
	PRINCIPAL_SERVICE = 8,       /* an AWS service, "ec2.amazonaws.com" */
	PRINCIPAL_ACCOUNT = 9,       /* another account, seen from the recipient: "account/ID" */
	PRINCIPAL_DIRECTORY = 10,    /* a Directory Service identity */
	PRINCIPAL_ACCESS_KEY = 11,   /* a captured call whose key is not resolved: "access-key/AKIA..." */
	PRINCIPAL_ANONYMOUS = 12,    /* unsigned */
	PRINCIPAL_UNKNOWN = 13,
};

struct principal {
	struct span arn; /* the canonical name: an ARN with the path for roles, or the forms above */
	enum principal_type type;
	struct span account; /* 12 digits, or SPAN_NONE */
	bool editable;       /* false for service-linked roles, root, services, foreign accounts... */
	struct span permission_set; /* NAME of an AWSReservedSSO_NAME_hash role, or SPAN_NONE */
	bool path_unknown; /* a role seen only by its session's ARN, which has lost the role's path */
};

/* What came of it. The numbers are stored: never renumber. */
enum outcome {
	OUTCOME_ALLOWED = 1,         /* no error, or one that only an authorised caller gets */
	OUTCOME_FAILED = 2,          /* another error: mapping/errors.h tells what it proves */
	OUTCOME_DENIED = 3,          /* refused by a policy */
	OUTCOME_UNAUTHENTICATED = 4, /* never reached authorisation: bad or expired credentials */
	OUTCOME_UNKNOWN = 5,         /* the log does not say */
};

/* Which policy refused, from the message (troubleshoot access denied, IAM user guide). Stored. */
enum denial_by {
	DENIAL_UNSTATED = 0,
	DENIAL_IDENTITY = 1, /* no identity-based policy allows: the only one that calls for a grant */
	DENIAL_RESOURCE = 2,
	DENIAL_SESSION = 3,
	DENIAL_BOUNDARY = 4,
	DENIAL_SCP = 5,
	DENIAL_RCP = 6,
	DENIAL_VPC_ENDPOINT = 7,
	DENIAL_TRUST = 8,
	DENIAL_OTHER = 9,
	DENIAL_SETTING = 10, /* no policy: a setting of the account, or rights of another system */
};

struct denial {
	enum denial_by by;
	bool explicit_deny;
	struct span action;   /* "s3:GetObject" as the message names it, or SPAN_NONE */
	struct span resource; /* without quotes, or SPAN_NONE */
	struct span policy;   /* ARN of the deciding policy where the message names it */
};

/* What of a parameter is known. The numbers are stored. */
enum param_state {
	PARAM_VALUE = 0,   /* value is the scalar's text */
	PARAM_PRESENT = 1, /* the member was there, its value is not kept (tags, bodies, large texts) */
	PARAM_HIDDEN = 2,  /* HIDDEN_DUE_TO_SECURITY_REASONS, "..." or cut: no identifier */
	PARAM_PREFIX = 3,  /* value is what many values begin with: the store folded them */
	PARAM_PATTERN = 4, /* the same; '*' in it stands for any text */
};

struct param {
	struct span path;  /* as the source spells it, "instancesSet.items[].instanceId" */
	struct span value; /* decoded text; numbers and booleans as written */
	enum param_state state;
};

struct call {
	struct principal principal;
	enum event_kind kind;
	struct span source; /* "s3.amazonaws.com" */
	struct span name;
	struct span region;
	struct span account;         /* recipient account */
	const struct param *params;  /* sorted by path, then value; no duplicates */
	size_t n_params;
	bool params_cut; /* more than LIMIT_PARAMS, or the log had them cut */
	const struct event_resource *resources; /* sorted; no duplicates */
	size_t n_resources;
	enum outcome outcome;
	struct span error; /* errorCode or SPAN_NONE */
	struct denial denial;
};

/* Under which circumstances; kept once per distinct combination. */
struct context {
	struct span source_network; /* IPv4 /32 or IPv6 /64 as text, or a service's name; see normalise.h */
	struct span vpc_endpoint;
	enum tristate mfa, tls; /* tls: the call came over TLS */
	struct span tls_version;
	struct span invoked_by; /* the service that called on the principal's behalf, or SPAN_NONE */
	struct span agent;      /* family of the user agent: "aws-cli/2", "terraform", "console"... */
	struct span session_tags; /* see normalise/session-tags.h; no event has them, a reader of the store may ask */
};

struct session {
	struct span access_key;
	struct span name; /* role session name, or SPAN_NONE */
	struct span source_identity;
	struct span issuer_id; /* principalId of the issuer: a re-created role differs */
};

/* Total orders of struct param and struct event_resource, for qsort: by path, value, state; by ARN,
 * type, account and the rest. */
int param_order(const void *a, const void *b);
int event_resource_order(const void *a, const void *b);

#endif
