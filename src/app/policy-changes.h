/* policy-changes.h - app: what a new run of "policy --all" changes in the folder of an earlier one,
 * as Markdown for whoever reviews it: who was added, whose policy grants more or less than before and
 * by what evidence, who is gone. */
#ifndef APP_POLICY_CHANGES_H
#define APP_POLICY_CHANGES_H

#include "app/gather.h"
#include "app/policy-folder.h"

/* One effect, action and resource of a statement with its conditions, as text. */
struct grant {
	bool deny;
	struct span action, resource; /* "not s3:*" for NotAction; SPAN_NONE where there is none */
	struct span condition;        /* "StringEquals aws:RequestedRegion eu-west-1", or empty */
	/* Of a new one: what was seen of it. */
	uint64_t events;
	size_t n_resources;
	int64_t first, last;
};

enum change_kind {
	CHANGE_WIDENED, /* grants what it did not, or denies less */
	CHANGE_UNKNOWN, /* the old files cannot be compared by what they grant */
	CHANGE_ADDED,
	CHANGE_NARROWED,
	CHANGE_GONE,
	CHANGE_SPELLING, /* other bytes that grant the same */
	CHANGE_NONE,
};

struct policy_change {
	enum change_kind kind;
	struct span principal;
	const struct span *files; /* n of them */
	size_t n_files;
	struct grant *added, *gone; /* with CHANGE_ADDED: all that is granted, as added */
	size_t n_added, n_gone;
	struct span why; /* CHANGE_UNKNOWN: what is wrong with the old files; CHANGE_GONE: why */
};

struct policy_changes {
	struct arena arena;
	VEC_OF(struct policy_change);
};

void policy_changes_init(struct policy_changes *c);
void policy_changes_release(struct policy_changes *c);

/* Compares what is in before (the entry of who in folder; NULL: none) with p, and adds what came of
 * it; to be called before p's files are written. g is what p was built from. The result's files and
 * whether bytes differ are the caller's to fill in. */
struct policy_change *policy_changes_compare(struct policy_changes *c,
                                             const struct policy_folder *folder,
                                             const struct folder_entry *before,
                                             const struct subject *who, const struct policy *p,
                                             const struct gathered *g);
/* Adds one whose policy is not made any more. */
void policy_changes_gone(struct policy_changes *c, const struct folder_entry *e, const char *why);
/* Adds the whole text. False if nothing changed, and nothing was added. */
bool policy_changes_text(struct policy_changes *c, struct buf *out);

#endif
