/* mapping.h - mapping: the knowledge of which IAM actions and resource ARNs an API call needs, and
 * of the Service Authorization Reference (SAR). The built-in table is constant data in the binary;
 * another can be read from a folder of TSV files (mappings/README tells their format). Read-only
 * once made: any number of threads may use one. All spans returned live as long as the mapping. */
#ifndef MAPPING_MAPPING_H
#define MAPPING_MAPPING_H

#include "base/arena.h"
#include "base/err.h"
#include "call/access.h"

struct mapping;

/* The table compiled in; never fails, costs nothing, is never freed. */
const struct mapping *mapping_builtin(void);
void mapping_free(struct mapping *m); /* one that mapping_read made; NULL is fine */
/* Changes whenever the content does: "2026-11-22 botocore 1.43.11 iam-data 0.21.202609261
 * 0123abcd…". */
struct span mapping_version(const struct mapping *m);
/* The day that the version begins with, in seconds since 1970 UTC; 0 if it begins with none. */
int64_t mapping_since(const struct mapping *m);

/* ---- from a name to what it needs */

enum mapping_status {
	MAPPED = 1,
	MAPPED_NO_PERMISSION = 2, /* unauthenticated or permissionless: needs no grant */
	MAPPED_NOT_A_CALL = 3,    /* a CloudTrail event that is no API call */
	MAPPED_UNKNOWN = 4,       /* no answer: never invent an action */
};

/* One operation of the table, borrowed; NULL when unknown. */
struct operation;
/* By CloudTrail's eventSource and eventName ("s3.amazonaws.com", "ListObjects"). */
const struct operation *mapping_event(const struct mapping *m, struct span source,
                                      struct span name);
/* By service (CSM service id, botocore folder name or IAM prefix) and operation. */
const struct operation *mapping_operation(const struct mapping *m, struct span service,
                                          struct span operation);
enum mapping_status operation_status(const struct operation *op); /* NULL: MAPPED_UNKNOWN */

/* Of an operation, all borrowed from the mapping, SPAN_NONE where there is none: its name in the
 * API model or in the log, the model's folder ("s3"), and the reason and AWS document behind the
 * curated row that says what it needs, or why it needs no grant, is no call or cannot be answered.
 */
struct span operation_name(const struct operation *op);
struct span operation_service(const struct operation *op);
struct span operation_reason(const struct operation *op);
struct span operation_document(const struct operation *op);
/* How CloudTrail writes the call: eventSource ("s3.amazonaws.com") and eventName; mapping_event
 * finds the same operation by them. Where that source means another service's operation by the
 * name, the source is the model's folder with ".sdk" ("s3control.sdk"). Borrowed or in arena. */
struct span operation_event_source(const struct mapping *m, const struct operation *op,
                                   struct arena *arena);
struct span operation_event_name(const struct operation *op);
/* Whether the call passes roles that it does not name, which an earlier call may have told (those of
 * a task definition). */
bool operation_passes_unnamed(const struct operation *op);

/* ---- from a call to access */

/* Asked of iam_arns in place of a type: the roles that an instance profile of that name was seen to
 * hold, each as its ARN or, where only that is known, its name. */
#define IAM_ROLE_OF_PROFILE SPAN_LIT("role-of-instance-profile")

/* What else is known when a call is resolved; every function may be NULL. */
struct resolve_env {
	void *data;
	/* The path-qualified ARNs that an IAM name without path stands for ("role", "NAME",
	 * account): adds nothing if none is known. */
	void (*iam_arns)(void *data, struct span type, struct span name, struct span account,
	                 void (*add)(void *to, struct span arn), void *to);
	/* The account that owns the resource: the recipient of the owner's twin (sharedEventID), or
	 * none. */
	struct span owner_account;
	bool dependents; /* also SAR dependent actions, as NEED_DEPENDENT */
};

/* Changes with what resolve_call makes of the same call and mapping, so that what was derived
 * before is derived anew. */
enum { RESOLVE_VERSION = 7 };

/* The access that a call needs: every action, for each every required resource type, and optional
 * types that a parameter or resources[] names. *out and all its spans live in arena; sorted, no
 * duplicates. The return says why *n is 0, if it is. Pure: equal input, equal output. */
enum mapping_status resolve_call(const struct mapping *m, const struct call *call,
                                 const struct resolve_env *env, struct arena *arena,
                                 struct access **out, size_t *n);

/* Whether access that resolve_call gives for a call of this event, unless it was refused, may name a
 * resource whose ARN has that service ("s3") in its third field. False only if it never does. */
bool mapping_may_name(const struct mapping *m, struct span source, struct span name,
                      struct span service);

/* ---- the Service Authorization Reference */

/* Rows are opaque and are asked through functions, because the table in the binary is coded by
 * offsets: it needs no relocation and no work at start. A row pointer lives as long as its mapping;
 * equal rows are equal pointers. An index out of range gives NULL, SPAN_NONE or false. */
struct sar_action;
struct sar_type;

/* "s3:GetObject" in any case, or NULL. */
const struct sar_action *sar_action(const struct mapping *m, struct span action);
/* The first action of a prefix, sorted by name, *n of them (sar_action_at); NULL and 0 if there is
 * no such service. */
const struct sar_action *sar_service(const struct mapping *m, struct span prefix, size_t *n);
const struct sar_action *sar_action_at(const struct sar_action *first, size_t i);
/* All IAM prefixes, sorted: "access-analyzer", ... */
size_t sar_n_prefixes(const struct mapping *m);
struct span sar_prefix(const struct mapping *m, size_t i);

struct span sar_action_service(const struct sar_action *a); /* "s3" */
struct span sar_action_name(const struct sar_action *a);    /* "GetObject" */
/* "s3:GetObject", made in arena. */
struct span sar_action_full(const struct sar_action *a, struct arena *arena);
enum access_level sar_action_level(const struct sar_action *a);
/* The resource types that it takes; 0: only "*" is possible. */
size_t sar_action_n_types(const struct sar_action *a);
const struct sar_type *sar_action_type(const struct sar_action *a, size_t i);
bool sar_action_type_required(const struct sar_action *a, size_t i);
/* Dependent actions, "iam:PassRole". */
size_t sar_action_n_dependents(const struct sar_action *a);
struct span sar_action_dependent(const struct sar_action *a, size_t i);
/* Condition keys of the action itself, "s3:TlsVersion". */
size_t sar_action_n_keys(const struct sar_action *a);
struct span sar_action_key(const struct sar_action *a, size_t i);

/* A resource type of a service: ("s3", "bucket"), or NULL. */
const struct sar_type *sar_type(const struct mapping *m, struct span prefix, struct span type);
struct span sar_type_service(const struct sar_type *t); /* "s3" */
struct span sar_type_name(const struct sar_type *t);    /* "bucket" */
/* ARN patterns, "arn:${Partition}:s3:::${BucketName}". */
size_t sar_type_n_patterns(const struct sar_type *t);
struct span sar_type_pattern(const struct sar_type *t, size_t i);
size_t sar_type_n_keys(const struct sar_type *t);
struct span sar_type_key(const struct sar_type *t, size_t i);
/* True if arn can be a resource of the type: it fits a pattern, each ${Variable} standing for one
 * or more characters (of the account, region and partition fields: without ':'). */
bool sar_type_matches(const struct sar_type *t, struct span arn);

#endif
