/* statement.h - builder: puts actions with their resources into statements. Actions share a
 * statement only if every other element is equal, so that a statement allows no pair that was not
 * asked for. */
#ifndef BUILDER_STATEMENT_H
#define BUILDER_STATEMENT_H

#include "base/hash.h"
#include "mapping/mapping.h"
#include "builder/event-conditions.h"
#include "policy/policy.h"

/* One action of one kind of statement with all of its resource patterns. */
struct entry {
	enum statement_origin origin;
	struct span via;       /* set only where calls through services stand apart */
	struct span passed_to; /* set only where these stand apart */
	struct span action;
	struct span service;
	enum access_level level;
	struct span type;       /* of its resources; SPAN_NONE: none, or several */
	struct span *resources; /* sorted, none covered by another */
	size_t n_resources;
	struct hash128 hash;      /* of the resources */
	size_t first_use, n_uses; /* rows behind it, in the builder's order */
};

/* A statement in the making. */
struct draft {
	struct policy_statement s;
	enum access_level lowest; /* of its actions */
	const struct entry **entries; /* n_entries of them, in the order of s.actions */
	size_t n_entries;
	struct hash128 resources;  /* hash of s.resources */
	struct hash128 conditions; /* hash of s.conditions */
};

struct drafts {
	struct draft *d;
	size_t n;
};

/* Statements by origin, service and access level, one for each set of resources. Everything lives
 * in arena. entries is reordered. */
struct drafts drafts_form(struct entry *entries, size_t n, struct arena *arena);

enum drafts_merging {
	MERGE_EQUAL,  /* within a service, whatever the access level: the fewest statements */
	MERGE_TO_FIT, /* whatever the service, too: the fewest characters */
};

/* The same meaning in less: statements with equal resources and conditions become one, and where
 * that is less, resources with equal actions share a statement instead. */
struct drafts drafts_merge(struct drafts in, enum drafts_merging merging, struct arena *arena);

/* Computes d->conditions again after its conditions were changed. */
void draft_hash(struct draft *d);

/* Gives each statement its Sid: from its own content alone, so that it stays when others come and
 * go. */
void drafts_name(struct drafts *d, struct arena *arena);
/* Makes Sids differ that are equal by chance, by a piece of the statement's hash. */
void sids_distinguish(struct policy_statement *s, size_t n, struct arena *arena);
/* "dynamodb-accelerator" as "DynamodbAccelerator"; letters and digits only. */
struct span camel_case(struct span s, struct arena *arena);

#endif
