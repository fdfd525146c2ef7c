/* merge.h - builder: adds to a policy that people wrote. Its statements stay as they are, and only
 * what they do not allow already is added. */
#ifndef BUILDER_MERGE_H
#define BUILDER_MERGE_H

#include "base/err.h"
#include "policy/policy.h"
#include "builder/statement.h"

/* Reads a policy document (document_read) into statements to be kept, as a document of version
 * 2012-10-17 that means the same. In arena. STATUS_OK, or STATUS_FILE and err. */
enum status merge_read(struct span text, struct arena *arena, struct policy_document *out,
                       struct err *err);

/* True if a statement of existing allows the action on every resource that the pattern stands for,
 * whatever the circumstances: an Allow without conditions. */
bool merge_allows(const struct policy_document *existing, struct span action, struct span resource);

/* The Deny statement of existing that refuses all of it whatever the circumstances, or NULL. */
const struct policy_statement *merge_denies(const struct policy_document *existing,
                                            struct span action, struct span resource);

/* Drops of each entry what existing allows, and entries of which nothing is left; returns how many
 * are. */
size_t merge_subtract(const struct policy_document *existing, struct entry *e, size_t n);

#endif
