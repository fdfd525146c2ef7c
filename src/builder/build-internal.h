/* build-internal.h - builder: what the files of build.h share. */
#ifndef BUILDER_BUILD_INTERNAL_H
#define BUILDER_BUILD_INTERNAL_H

#include "builder/build.h"
#include "builder/fit.h"
#include "builder/history.h"
#include "builder/rows.h"
#include "builder/statement.h"

/* What the principal creates: any VPC, by ec2:CreateVpc. */
struct made {
	struct span service, type, pattern;
};

/* A resource of a type, as all actions of the principal saw it. */
struct seen {
	struct span service, type;
	struct sighting sighting;
	uint64_t events;
	bool writes;       /* some action on it writes, tags or changes permissions */
	bool metadata;     /* some action reads metadata */
	bool else_too;     /* some other action is called on it */
	struct member to;  /* what it folds to; without by_history only sets of what is created do */
	struct span wide;  /* of what is scanned: all of the type; else SPAN_NONE */
};

struct builder {
	const struct policy_input *in;
	const struct policy_options *options;
	struct policy *out;
	struct row *rows; /* sorted */
	size_t n_rows;
	struct row *siblings; /* rows of STATEMENT_SIBLING, sorted */
	size_t n_siblings;
	struct made *made;
	size_t n_made;
	struct history history;
	bool by_history;   /* it is long enough to fold by */
	struct seen *seen; /* sorted by service, type, resource; NULL if resources do not fold */
	size_t n_seen;
	struct fold_list folds;
	struct wildcard_list wildcards;
	unsigned refused, supported; /* bits of condition kinds */
	struct span *notes;
	size_t n_notes, notes_room;
};

/* Adds a line for the user; its text must live as long as the policy. */
void builder_note(struct builder *b, struct span text);

/* Whether statements are kept apart by what the condition tells: it was asked for, or is the rule. */
bool builder_stands_apart(const struct builder *b, enum condition_kind kind);
/* Whether the condition was not asked for, so that a statement may lack it. */
bool builder_by_default(const struct builder *b, enum condition_kind kind);

/* The service of an action that the row asks for: "s3". */
struct span builder_service(const struct row *r);

/* Fills made, history, by_history and seen from the rows. */
void builder_look_back(struct builder *b);
/* Folds anew, for a policy that is too large otherwise: patterns with '*' in the place of many '?'. */
void builder_fold_any_width(struct builder *b);
/* The patterns of what the principal makes of one type, at out, which has room for n_made; their
 * number. */
size_t builder_made_of(const struct builder *b, struct span service, struct span type,
                       struct span *out);
/* What was done with the row's resource; NULL: nothing, or resources do not fold. */
const struct seen *builder_seen(const struct builder *b, const struct row *r);
/* Whether n rows of one action and type are one event that wrote, tagged or changed permissions. */
bool builder_was_once(const struct builder *b, const struct row *r, size_t n);
/* Whether such a resource does not fold with others: another event of the kind may never follow.
 * What belongs to a set that the principal creates itself folds with it. */
bool builder_stays_exact(const struct seen *s);
/* A line for the user on what is granted on one resource alone for that reason. */
void builder_tell_once(struct builder *b);
/* The same of secrets whose ARN may end in a name or in what was added to it. */
void builder_tell_unclear_secrets(struct builder *b);

/* Makes b->siblings of what was written. */
void builder_siblings(struct builder *b);
/* Adds the conditions that the events of each statement support. STATUS_OK; STATUS_STOP with err: one
 * that was asked for is supported by none. */
enum status builder_conditions(struct builder *b, struct drafts *d, struct err *err);

#endif
