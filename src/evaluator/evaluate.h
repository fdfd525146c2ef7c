/* evaluate.h - evaluator: the decision of AWS on one request under several policies: an explicit
 * deny in any layer, else an allow in every layer, else an implicit deny. Pure: no clock, no input,
 * no output.
 *
 * Resource-based policies, known by their Principal, stand in the identity layer: within one
 * account either kind allows. One that names the account only lets the account's own policies
 * allow; one that names the user or the session, or everyone on condition of aws:PrincipalArn, is
 * not limited by what a boundary or a session's policy does not allow. The policy of a key of KMS,
 * and the trust policy of a role that is assumed, must allow if there is one, which is known by
 * what it allows: what only denies may be a resource control policy. Across accounts both sides
 * must: an identity-based policy, and one of the resource's that names the caller or its account.
 *
 * Sources: IAM user guide, "Policy evaluation logic", "Cross-account policy evaluation logic", "IAM
 * role principals"; AWS Organizations user guide, "SCP evaluation" (each level must allow),
 * "Resource control policies" (they grant nothing). */
#ifndef EVALUATOR_EVALUATE_H
#define EVALUATOR_EVALUATE_H

#include "policy/compile.h"

/* In the order in which a missing Allow is reported. */
enum layer {
	LAYER_SCP,
	LAYER_IDENTITY,
	LAYER_BOUNDARY,
	LAYER_SESSION,
	LAYER_RESOURCE /* of verdicts: the resource's own policy, where that alone does not allow */
};

/* "scp", "identity", "boundary", "session", "resource". */
const char *layer_name(enum layer layer);

struct layered {
	enum layer layer;
	size_t level; /* of the organisation, with LAYER_SCP; else 0 */
	const struct document
	        *document; /* NULL: the layer (or level) is there and holds no policy */
};

enum decision {
	DECISION_ALLOWED,
	DECISION_IMPLICIT_DENY,
	DECISION_EXPLICIT_DENY,
	DECISION_DEPENDS
};

/* "allowed", "implicitDeny", "explicitDeny", "depends". */
const char *decision_name(enum decision decision);

struct request {
	struct span principal; /* ARN, service or provider name; SPAN_NONE: anonymous */
	struct span action;    /* "s3:GetObject" in any case */
	struct span resource;  /* ARN or "*" */
	/* resource holds PATTERN_UNKNOWN_RUN and PATTERN_UNKNOWN_CHAR where the log does not tell a
	 * part of it: what would not hold for all it may stand for makes the decision depend. */
	bool resource_partial;
	/* The policies are all there are, of both sides: a resource of another account needs its
	 * consent, and the root user no policy. Otherwise they are one side's, and judged as such. */
	bool complete;
	struct request_keys keys;
};

#define VERDICT_NO_POLICY ((size_t)-1)

/* The name under which an unknown part of the resource is listed in on. */
#define RESOURCE_KEY "resource"

struct verdict {
	enum decision decision;
	enum layer layer; /* which decided; of an implicit deny the first without an Allow */
	size_t level;
	size_t policy;         /* index in the evaluator's policies, or VERDICT_NO_POLICY */
	size_t statement;      /* index in the document, where there is a policy */
	const struct span *on; /* with DECISION_DEPENDS: the unknown keys that matter, sorted, as
	                        * the request spells them; else n_on is 0 */
	size_t n_on;
};

struct evaluator;

/* Compiles an index over n policies, which are borrowed. There is always an identity layer, even
 * without a policy; the others only where a policy names them. One evaluator is for one thread: it
 * remembers which statements an action concerns. */
struct evaluator *evaluator_new(const struct layered *policies, size_t n);
void evaluator_free(struct evaluator *e);

/* The decision. What the verdict points to lives in arena. */
void evaluate(struct evaluator *e, const struct request *request, struct arena *arena,
              struct verdict *out);

/* The condition keys and variables that the statements for this action and resource ask for and the
 * request does not have; sorted, lower case, no key twice; in arena. */
void evaluate_absent(struct evaluator *e, const struct request *request, struct arena *arena,
                     const struct span **keys, size_t *n);

/* All condition keys and variables that any statement asks for; sorted, lower case, no key twice;
 * in arena. */
void evaluator_keys(const struct evaluator *e, struct arena *arena, const struct span **keys,
                    size_t *n);

/* Whether a statement applies to a request whatever its effect; for those who look for evidence. */
enum truth statement_applies(const struct statement *s, const struct request *request);
/* The part of it that is the action element. action in lower case. */
bool statement_concerns(const struct statement *s, struct span action);

#endif
