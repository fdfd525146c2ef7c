/* query.h - evaluator: one question of simulate, with its policies, read from one JSON object, and its
 * answer written as one:
 *
 *   {"policies":[DOC...],"boundary":DOC,"session":DOC,"scps":[[DOC...]...],"principal":ARN,"action":A,
 *    "resource":R,"context":{KEY:[VALUE...]},"unknown":[KEY...]}
 *   {"decision":...,"on":[KEY...],"layer":...,"policy":...,"statement":...}
 *
 * Only policies, action and resource are required. A level of scps is a list of documents, each
 * level must allow. Binary values are base64. */
#ifndef EVALUATOR_QUERY_H
#define EVALUATOR_QUERY_H

#include "base/json-writer.h"

#include "evaluator/evaluate.h"

struct query {
	struct arena arena;
	struct document **documents; /* owned */
	size_t n_documents;
	struct layered *policies;
	struct span *
	        names; /* of each of policies: "policies[0]", "boundary", "session", "scps[1][0]" */
	size_t n_policies;
	struct request request;
};

void query_init(struct query *q);
void query_release(struct query *q);

/* Whether it can be a request's resource: an ARN, or "*". A bare name would match no statement but
 * one on "*", and look like a judgement. */
bool query_is_resource(struct span text);

/* Fills q (initialised) from one JSON text of at most LIMIT_REQUEST_LINE. STATUS_OK, or STATUS_SKIP
 * and err with what is wrong; q is to be released either way. */
enum status query_parse(struct query *q, struct span text, struct err *err);

/* Adds a context key with its values (copied). For those who fill a query without JSON; then
 * query_close. */
void query_add_key(struct query *q, struct span key, const struct span *values, size_t n,
                   bool unknown);
/* Sorts the keys. STATUS_SKIP and err if one is there twice. A key that was given values and is
 * also unknown is unknown. */
enum status query_close(struct query *q, struct err *err);

/* Writes the answer as members of the object that is open. names[i] is what policies[i] is called.
 */
void verdict_write(struct json_writer *w, const struct verdict *v, const struct layered *policies,
                   const struct span *names);
/* "AllowRead" or, without a Sid, "Statement[2]" into arena. */
struct span statement_label(struct arena *arena, const struct document *d, size_t statement);

#endif
