/* gather.h - app: what a subject did, read from the store as the builder takes it, with what a
 * policy of it leaves out. */
#ifndef APP_GATHER_H
#define APP_GATHER_H

#include "app/names.h"
#include "base/vec.h"
#include "app/subjects.h"

/* Whose a resource is that does not say so itself ("arn:aws:s3:::logs"). */
struct resource_owner {
	struct span resource, account;
};

/* What a call of likely_missing may have lacked, by the text there; resource: SPAN_NONE if none is known. */
struct lacking {
	struct span text, action, resource;
};

/* By resource; for qsort and bsearch. */
int resource_owner_order(const void *a, const void *b);

/* Everything that a policy is made of, and what it leaves out. */
struct gathered {
	struct arena arena;
	struct policy_request request; /* as it holds for the subject */
	struct access_use *uses;
	struct use_context *contexts; /* with conditions; else NULL */
	size_t n_uses, room;
	VEC(struct resource_owner) owners; /* other accounts'; sorted by resource, none twice */
	uint64_t failed;   /* events that are in although they failed or had no answer */
	uint64_t unproven; /* such that are not in, as it is not known what they prove */
	uint64_t never; /* such that failed before authorization, or name no resource: never in */
	uint64_t unauthenticated;
	uint64_t denied;             /* events that asked for a grant and did not get one here */
	struct names denied_actions; /* those, by action or event name */
	/* Denials of which the log states no reason. An explicit deny is stated as such, so that
	 * an allow is likely missing: events, by "ACTION on RESOURCE". */
	struct names likely_missing;
	VEC(struct lacking) lacking; /* sorted by text, none twice */
	struct names refused; /* denials that no grant would change: "s3:GetObject by a service
	                         control policy" */
	struct names unknown; /* events without a known action: "x.amazonaws.com:Foo" */
	uint64_t folded;      /* calls whose names the store folded */
};

/* Nothing gathered. */
void gathered_init(struct gathered *g);
void gathered_release(struct gathered *g);

/* The filter of a request and subject (NULL: everybody): spans borrowed from both. */
struct store_filter gather_filter(const struct policy_request *r, const struct subject *who);
/* Asks for the session tags that are among the n condition keys which policies ask for (in lower
 * case); in arena. */
void gather_filter_tags(struct store_filter *f, const struct span *asked, size_t n,
                        struct arena *arena);
/* Adds the accesses that the filter lets through, and nothing else. STATUS_OK or STATUS_STOP. */
enum status gather_access(struct store *store, struct store_filter *filter, struct gathered *g,
                          struct err *err);
/* Fills g, which was initialised: STATUS_OK or STATUS_STOP with err. */
enum status gather_subject(const struct policy_request *r, struct policy_source *s,
                           const struct subject *who, struct gathered *g, struct err *err);
/* Builds the policy from what gather_subject gathered. As policy_build. */
enum status gather_policy(struct policy_source *s, const struct gathered *g,
                          struct policy *out, struct err *err);
/* Moves from likely_missing to refused that of which the policy grants all without a condition: such
 * calls were proven at another time, and one more allow would not have helped this one. */
void gather_judge_denials(struct gathered *g, const struct policy *p);
/* Builds the trust policy of a role from who assumed it. As policy_build; STATUS_END: nobody did.
 * g, initialised and nothing more, holds what *out refers to. */
enum status gather_trust(const struct policy_request *r, struct policy_source *s,
                         const struct subject *who, struct gathered *g, struct policy *out,
                         struct err *err);

#endif
