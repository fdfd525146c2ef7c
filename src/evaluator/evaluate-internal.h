/* evaluate-internal.h - evaluator: what the files of the evaluator share. */
#ifndef EVALUATOR_EVALUATE_INTERNAL_H
#define EVALUATOR_EVALUATE_INTERNAL_H

#include "evaluator/evaluate.h"

struct group { /* policies of which one must allow: a layer, or one level of SCPs */
	enum layer layer;
	size_t level;
};

struct ranked {
	const struct statement *statement;
	size_t group, policy, index;
};

struct concern {            /* which statements concern one action */
	struct span action; /* lower case */
	size_t *which;      /* in ranked; denies first */
	size_t n, denies;
};

struct evaluator {
	struct arena arena;
	struct layered *policies;
	size_t n_policies;
	struct group *groups;
	size_t n_groups;
	struct ranked *ranked;
	size_t n_ranked;
	struct concern **slots;
	size_t n_slots, n_concerns;
};

const struct concern *evaluator_concern(struct evaluator *e, struct span action);

/* Three-valued: "depends" wherever an unknown key is asked for and the rest does not decide; on is
 * empty. */
void evaluate_plain(const struct evaluator *e, const struct concern *c, const struct request *r,
                    struct verdict *v);

/* v is "depends": finds the keys that matter, or that none does and what is decided then. */
void evaluate_worlds(const struct evaluator *e, const struct concern *c, const struct request *r,
                     struct arena *arena, struct verdict *v);

/* Whether it hangs on what is not known of the request if the statement applies or, where it names the
 * account, consents. */
bool statement_hangs(const struct statement *s, const struct request *r);

enum truth statement_resource(const struct statement *s, const struct request *r);

/* How the Principal or NotPrincipal element takes in the principal. */
enum principal_match {
	PRINCIPAL_OTHER,      /* not at all */
	PRINCIPAL_OF_ACCOUNT, /* its account is named: that only lets the account grant it */
	PRINCIPAL_ANY,        /* everyone, its role, a service; or there is no such element */
	PRINCIPAL_NAMED,      /* the ARN of the user or of the session itself */
};

/* The key of a request that tells whose the resource is. */
#define OWNER_KEY "aws:resourceaccount"
/* Whether the request is to be judged across accounts: caller and owner are known and differ. MAYBE
 * where OWNER_KEY, which alone would tell the owner, is unknown. */
enum truth request_is_across(const struct request *r);
/* The account of the principal; SPAN_NONE if it has none. */
struct span request_account(const struct request *r);
/* Whether the resource is one whose own policy must allow, in the same account too: a key of KMS, a
 * role that is assumed. action in lower case. */
bool resource_policy_decides(struct span action, struct span resource);
/* The root user of an account, who needs no policy. */
bool principal_is_root(struct span principal);
/* A user, a role or a session of one. */
bool principal_may_have_boundary(struct span principal);

enum principal_match principal_match(const struct statement *s, struct span principal);

#endif
