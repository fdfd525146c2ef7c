/* verify.h - review: would what was recorded still work under these policies, and is every part of
 * them needed? */
#ifndef REVIEW_VERIFY_H
#define REVIEW_VERIFY_H

#include "app/policy-folder.h"
#include "evaluator/mutate.h"
#include "review/replay.h"

struct verify_options {
	const struct policy_request *request;
	const struct policy_files *given; /* policies, boundary and SCPs; lives as long as the
	                                     result */
	const struct policy_files *resource_policies; /* NULL: not known */
	bool has_policy; /* given has the identity-based policies; else what would be generated for
	                    each subject is judged */
	const struct policy_folder *folder; /* each subject is judged by its files of this folder;
	                                       NULL: by given, or by what would be generated */
	bool mutate; /* also look for parts of the policies that nothing recorded needs */
	/* Told after each subject; may be NULL. */
	void (*progress)(void *data, size_t done, size_t all);
	void *data;
};

/* What can be left out of the policies of one subject. */
struct mutants {
	struct mutation mutation;
	size_t folded; /* survivors that are as wide as the folds of a policy made now */
	struct span principal;
	const struct policy_files *files;
};

struct verification {
	struct replay replay;
	struct mutants *mutants;    /* one a subject that was judged */
	struct policy_files *files; /* of each */
	size_t n;
	struct span *empty; /* subjects that nothing is to be granted to: not judged */
	size_t n_empty;
	/* With a folder: subjects that it has no policy of, judged by none; and those that were not
	 * judged because a file of theirs cannot be read, with the reason. */
	struct names unlisted, refused;
};

/* STATUS_OK, or STATUS_STOP with err; what was found so far is in out. Always to be released. */
enum status verify_subjects(const struct verify_options *o, struct policy_source *s,
                            const struct subjects *subjects, struct verification *out,
                            struct err *err);
void verification_release(struct verification *v);

#endif
