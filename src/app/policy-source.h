/* policy-source.h - app: what a policy is made from: the database and the mapping that a request
 * names, and the policy that is to be kept (--merge). */
#ifndef APP_POLICY_SOURCE_H
#define APP_POLICY_SOURCE_H

#include "app/database.h"
#include "app/policy-request.h"
#include "builder/history.h"
#include "mapping/observable.h"

struct policy_source {
	struct database database;
	struct store *store; /* of it */
	const struct mapping *mapping;
	struct arena arena; /* lives as long as the source: subjects, the policy to be kept */
	struct policy_document existing; /* --merge */
	bool has_existing;
	/* Which uses of others count, once policy_source_used said so; for policy_build. */
	struct store_filter used_filter;
	struct hash128 used_hash; /* of that */
	struct used_resources used;
	struct span
	        *used_list; /* n_used of them once they were read; sorted, none twice; in arena */
	size_t n_used;
	bool used_read;
	struct err used_err;
	enum status used_status;
	struct observable *observable; /* NULL until it is asked for: it walks all operations */
};

/* Opens what the request names, for reading. STATUS_OK (policy_source_close), or STATUS_STOP with
 * err, and nothing is open. */
enum status policy_source_open(const struct policy_request *r, struct policy_source *out,
                               struct err *err);
/* What others used is what the filter lets through: the one by which the subject is looked at whose
 * policy is built next, lest what it used outside of it be taken for somebody else's. It is read
 * when policy_build asks for it, and once as long as the filter stays the same. The filter's texts
 * are borrowed until the next call, or until the source is closed. */
void policy_source_used(struct policy_source *s, const struct store_filter *filter);
/* For policy_input.used: NULL before policy_source_used. Borrowed until the source is closed; s
 * must stay where it is. */
const struct used_resources *policy_source_others(const struct policy_source *s);
/* After policy_build: STATUS_OK, or STATUS_STOP with err if something of it could not be read. */
enum status policy_source_failed(const struct policy_source *s, struct err *err);
/* What of the mapping can show in a log. Borrowed until the source is closed. */
const struct observable *policy_source_observable(struct policy_source *s);
void policy_source_close(struct policy_source *s);

#endif
