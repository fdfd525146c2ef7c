/* diff.h - review: what each principal is granted beside what it used. */
#ifndef REVIEW_DIFF_H
#define REVIEW_DIFF_H

#include "app/gather.h"
#include "app/policy-folder.h"
#include "review/diff-input.h"
#include "review/width.h"

struct diff_options {
	const struct policy_request *request;
	const struct policy_files *given;   /* the policies of the subjects, without details */
	const struct policy_folder *folder; /* each subject's own, instead of given; NULL: none */
	const char *details; /* file of account details: its principals and their policies; NULL:
	                        none */
	const char *last_accessed; /* file of further evidence; NULL: none */
	const char *out; /* folder for the policies that would replace what is there; NULL: none */
	uint64_t unused_days; /* with has_unused_days only who was not used for as long */
	bool has_unused_days;
	bool width; /* also look for grants on more than was used */
	/* Told after each principal; may be NULL. */
	void (*progress)(void *data, size_t done, size_t all);
	void *data;
};

struct diff_subject {
	struct span principal;
	const struct policy_files *files;
	struct grant_comparison comparison;
	uint64_t events;
	int64_t first, last; /* of its events; INT64_MAX and INT64_MIN if none */
	int64_t last_known; /* the latest of log, RoleLastUsed and Access Advisor; INT64_MIN if none
	                     */
	bool editable;
	bool idle;                    /* never used, or not for as long as was asked */
	struct wide_grants wide;      /* with width */
	struct span *unused_services; /* prefixes granted without any use */
	size_t n_unused_services;
};

struct diff {
	struct diff_subject *subjects;
	size_t n;
	int64_t since, until;    /* of all that was recorded, as far as the request asks for it */
	int64_t now;             /* what ages are counted to */
	struct names unreplaced; /* with out: who used nothing, so that nothing was written */
	/* With details or a folder: why a principal was left out, one of whose policies cannot be
	 * read. What the others grant is not all that it has. */
	struct names refused;
	struct names unlisted; /* with a folder: who has no policy there; compared with none */
	/* internal */
	struct last_accessed advisor;
	struct account_details account;
	struct policy_files *files; /* of each subject, with a folder */
	size_t n_files;
	struct arena arena;
	struct known_everybody known; /* with width */
};

/* subjects: those of the request; not looked at with details, where the request's principals are
 * globs over the account's. STATUS_OK (n may be 0), or STATUS_STOP with err. Always to be released;
 * what it refers to of options, source and subjects must outlive it. */
enum status diff_run(const struct diff_options *o, struct policy_source *s,
                     const struct subjects *subjects, struct diff *out, struct err *err);
void diff_release(struct diff *d);
/* Whether anything was granted and not used, used and not granted, or granted on too much. */
bool diff_found(const struct diff *d);

#endif
