/* check.h - digest: whether the log files among some files are those that CloudTrail delivered, by
 * the digests that lie among them: each file's SHA-256, the chain of the digests, their signatures.
 * A file is known by its name alone: CloudTrail's names are unique, and folders may have been
 * moved.
 *
 * A digest's signature stands in the one after it; that of the newest is in the metadata of its
 * object in S3, so the newest of each chain can't be checked here.
 *
 * Source: "CloudTrail digest file structure", "Custom implementations of CloudTrail log file
 * integrity validation" (CloudTrail user guide). */
#ifndef DIGEST_CHECK_H
#define DIGEST_CHECK_H

#include "base/attributes.h"
#include "base/err.h"
#include "digest/keys.h"

#include <stdatomic.h>

struct digest_check {
	char *const *names; /* n_names of them, as walk_new */
	size_t n_names;
	const struct digest_keys *keys; /* NULL: signatures are not checked */
	const atomic_bool *stop;        /* may be NULL */
	void *data;
	/* Something is not as it was delivered: file and text say what. Reasons: "changed-file",
	 * "missing-file", "unlisted-file", "unreadable", "bad-digest", "changed-digest",
	 * "bad-signature", "unknown-key", "missing-hours", "no-digests". */
	void (*finding)(void *data, const struct err *what);
};

struct digest_totals {
	size_t findings;
	size_t digests, chains;
	size_t logs;     /* that a digest lists and that are as listed */
	size_t newer;    /* files delivered after the last digest: no digest can list them yet */
	size_t verified; /* digests whose signature was checked and is valid */
};

/* Reads all files once. Findings come in the order of names, then of chains. */
void digest_check_run(const struct digest_check *c, struct digest_totals *totals);

#endif
