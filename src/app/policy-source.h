/* policy-source.h - app: what a policy is made from: the database and the mapping that a request
 * names, and the policy that is to be kept (--merge). */
#ifndef APP_POLICY_SOURCE_H
#define APP_POLICY_SOURCE_H

#include "app/database.h"
#include "app/policy-request.h"
#include "mapping/observable.h"

struct policy_source {
	struct database database;
	struct store *store; /* of it */
	const struct mapping *mapping;
	struct arena arena; /* lives as long as the source: subjects, the policy to be kept */
	struct policy_document existing; /* --merge */
	bool has_existing;
	/* Resources that anybody used, once they were asked for; sorted, none twice; in arena. */
	struct span *used;
	size_t n_used;
	bool used_known;
	struct observable *observable; /* NULL until it is asked for: it walks all operations */
};

/* Opens what the request names, for reading. STATUS_OK (policy_source_close), or STATUS_STOP with
 * err, and nothing is open. */
enum status policy_source_open(const struct policy_request *r, struct policy_source *out,
                               struct err *err);
/* Reads what anybody used of what the filter lets through, the first time: the filter by which a
 * subject is looked at, lest what it used outside of it be taken for somebody else's. STATUS_OK or
 * STATUS_STOP. */
enum status policy_source_used(struct policy_source *s, const struct store_filter *filter,
                               struct err *err);
/* What of the mapping can show in a log. Borrowed until the source is closed. */
const struct observable *policy_source_observable(struct policy_source *s);
void policy_source_close(struct policy_source *s);

#endif
