/* generalise.h - builder: folds the resources of one action and resource type into fewer patterns.
 * What another run of the same program would spell otherwise becomes '*', and more than so many
 * siblings fold at their common delimiter. Never across partition, service, account or resource
 * type: only what an ARN pattern of the Service Authorization Reference leaves variable is ever
 * folded. */
#ifndef BUILDER_GENERALISE_H
#define BUILDER_GENERALISE_H

#include "mapping/mapping.h"
#include "policy/policy.h"

enum resources_mode {
	RESOURCES_GROUPED,
	RESOURCES_PREFIX, /* the same, but S3 objects by the folder that those of a bucket share */
	RESOURCES_EXACT,
	RESOURCES_ANY
};
/* Whether patterns are made of what looks alike. */
static inline bool resources_fold(enum resources_mode mode)
{
	return mode == RESOURCES_GROUPED || mode == RESOURCES_PREFIX;
}

/* A resource as it was seen, or a pattern that stands for several. */
struct member {
	struct span pattern;     /* policy text */
	size_t arns;             /* that it stands for */
	struct span example;     /* the least of them */
	enum fold_reason reason; /* 0: as it was seen */
	struct span where;       /* of FOLD_SETTINGS */
	bool own;                /* folded by history, of a set that the principal creates itself */
	bool once; /* exact only because it was written once; else it would have folded */
};

/* The user's own word: what of the type fits the pattern is granted as the pattern. */
struct fold_rule {
	struct span service, type;
	struct span pattern; /* policy text */
	struct span where;   /* "FILE:LINE" */
};

struct generalise_options {
	enum resources_mode mode;
	bool folded; /* the members were folded by their history: nothing more is known by shape */
	unsigned max_siblings;   /* more than these fold */
	unsigned asked_siblings; /* what the user asked for; lower: folded to fit */
	bool any_region;         /* two regions or more fold */
	bool any_width;          /* '*' where '?' could stand for each character */
	/* Patterns of the type that stand for what the principal creates itself: an id that AWS
	 * made up and that one of them covers is another one the next time. */
	const struct span *made;
	size_t n_made;
};

struct fold_list {
	struct policy_fold *folds; /* free() */
	size_t n, room;
};

/* members: n of them, sorted by pattern, none twice. *out gets the patterns, sorted and without one
 * that another covers, in arena; returns how many. Adds to list (may be NULL) what was folded.
 * Grouped patterns stand for every member that was given; exact ones for nothing more. */
size_t generalise(const struct generalise_options *options, struct span action,
                  const struct sar_type *type, const struct member *members, size_t n,
                  struct arena *arena, struct span **out, struct fold_list *list);

#endif
